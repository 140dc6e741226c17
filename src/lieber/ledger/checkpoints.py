"""The signed head of the log: C2SP checkpoints (tlog-checkpoint) as signed notes (signed-note).

A checkpoint says: the log of this origin has this many leaves and this root. The log signs it with
Ed25519; cosigners may add a signature with an instant (cosignature/v1), so that a log cannot show
two histories to two people. A log never signs two checkpoints of which one does not continue the
other; `verify_consistency` is the check to make before signing.

BadInput
├── NoteError       the text is no signed note or no checkpoint
└── KeyTextError    the text is no verifier key
LieberError
└── SignatureError  the signatures do not suffice
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ..base import BadInput, LieberError
from .tree import HASH_BYTES

# signed-note: at least 16 signatures must be accepted, and a limit should stand above.
MOST_SIGNATURES = 100

_KEY_ID_BYTES = 4
_PUBLIC_KEY_BYTES = 32
_TIME_BYTES = 8
_DASH = "— "
# Ascii decimals without leading zeroes, and no longer than any number of leaves.
DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
# Python's \s holds every character of Unicode's property White_Space.
_KEY_NAME = re.compile(r"[^\s+]+")


class NoteError(BadInput):
    """The text is no signed note, or its body no checkpoint."""


class KeyTextError(BadInput):
    """The text is no verifier key of a kind that is used here."""


class SignatureError(LieberError):
    """A signature is wrong, or too few of those that are needed are there."""


class KeyKind(IntEnum):
    """What a key signs, by the identifier bytes of signed-note."""

    NOTE = 0x01
    """Ed25519 over the text of a note."""
    COSIGNATURE = 0x04
    """Ed25519 over an instant and a checkpoint (tlog-cosignature, cosignature/v1)."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under its name, as an outsider is given it.

    Raises KeyTextError for a name with spaces or plus signs, and for another length than 32 bytes.
    """

    name: str
    public: bytes
    kind: KeyKind = KeyKind.NOTE

    def __post_init__(self) -> None:
        if not _KEY_NAME.fullmatch(self.name) or _CONTROL.search(self.name):
            raise KeyTextError(f"The name of a key has neither spaces nor “+”: found {self.name!r}.")
        if len(self.public) != _PUBLIC_KEY_BYTES:
            raise KeyTextError(f"An Ed25519 key has {_PUBLIC_KEY_BYTES} bytes: found {len(self.public)}.")

    @property
    def key_id(self) -> bytes:
        """Four bytes that name the key in a signature line; no fingerprint to trust."""
        identified = self.name.encode() + b"\n" + self._encoded
        return hashlib.sha256(identified).digest()[:_KEY_ID_BYTES]

    @property
    def vkey(self) -> str:
        """The key as text, `name+id+base64`; `read_vkey` reads it back."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(self._encoded).decode()}"

    @property
    def _encoded(self) -> bytes:
        return bytes([self.kind]) + self.public


class NoteSignature(NamedTuple):
    """One signature line: the key's name and id, and what the key made of the note."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures; `text` ends in a newline. Nothing is verified yet."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"


class VerifiedSignature(NamedTuple):
    """A signature that verifies: the key, and the instant of a cosignature in seconds since 1970."""

    key: VerifierKey
    cosigned_at: int | None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its origin, its number of leaves, its root hash of 32 bytes.

    `extensions` are lines that other logs add; this project writes none, since no one can check them.
    Raises NoteError where no note could be written of it.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if not all(lines) or any("\n" in line or _CONTROL.search(line) for line in lines):
            raise NoteError(f"The lines of a checkpoint hold text and no control characters: found {lines}.")
        if self.size < 0 or len(self.root) != HASH_BYTES:
            raise NoteError(
                f"A checkpoint has a size from 0 and a root of {HASH_BYTES} bytes: found size {self.size} "
                f"and a root of {len(self.root)}."
            )

    @property
    def text(self) -> str:
        """The text of the note, which is what is signed (tlog-checkpoint, “Note text”)."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


class VerifiedCheckpoint(NamedTuple):
    """A checkpoint that its log signed, with every signature that was verified."""

    checkpoint: Checkpoint
    signatures: tuple[VerifiedSignature, ...]


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in the text of a note, unverified; `verify` gives it verified.

    Raises NoteError for anything but origin, size, root and non-empty extension lines.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not DECIMAL.fullmatch(lines[1]):
        raise NoteError(f"A checkpoint has the lines origin, size and root: found {shown(text)}.")
    origin, size, root, *extensions = lines
    return Checkpoint(origin, int(size), decode_base64(root), tuple(extensions))


def read_note(data: str | bytes) -> Note:
    """The text and the signatures of a signed note, unverified.

    Raises NoteError where the form of signed-note is broken, or above 100 signatures.
    """
    written = decode_utf8(data)
    text, blank, lines = written.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or _CONTROL.search(written):
        raise NoteError(
            "A signed note is UTF-8 text, a blank line and signature lines, each ended by a newline: "
            f"found {shown(written)}."
        )
    signatures = lines.removesuffix("\n").split("\n")
    if len(signatures) > MOST_SIGNATURES:
        raise NoteError(f"A note has at most {MOST_SIGNATURES} signatures: found {len(signatures)}.")
    return Note(text + "\n", tuple(_signature(line) for line in signatures))


def read_vkey(text: str) -> VerifierKey:
    """The verifier key written as `name+id+base64` (signed-note, “Verifier keys”).

    Raises KeyTextError where it is mistyped or of a kind that is not used here.
    """
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        kind, *public = decode_base64(encoded)
        key = VerifierKey(name, bytes(public), KeyKind(kind))
    except (ValueError, NoteError):
        raise KeyTextError(
            f"A verifier key is written name+id+base64, of an Ed25519 key: found {shown(text)}."
        ) from None
    if key.key_id.hex() != key_id:
        raise KeyTextError(f"The verifier key {name} is mistyped: its id is {key.key_id.hex()}.")
    return key


def sign(checkpoint: Checkpoint, *, key: Ed25519PrivateKey, name: str | None = None) -> str:
    """The checkpoint as a note signed by the log. `name` is the key's name, else the origin.

    Raises KeyTextError for a name that cannot stand in a signature line.
    """
    verifier = VerifierKey(checkpoint.origin if name is None else name, key.public_key().public_bytes_raw())
    line = NoteSignature(verifier.name, verifier.key_id, key.sign(checkpoint.text.encode()))
    return str(Note(checkpoint.text, (line,)))


def verify(
    note: str | bytes, *, log: VerifierKey, cosigners: Sequence[VerifierKey] = (), quorum: int = 0
) -> VerifiedCheckpoint:
    """The checkpoint in a note that the log signed, and every signature verified.

    The key of a log stands under the log's origin. `quorum` is how many of the cosigners' keys must
    have signed; their instants are for the caller to judge.
    Raises NoteError where the note is malformed, SignatureError where the log's signature or the
    quorum is missing, a known signature is wrong, or the checkpoint is of another log.
    """
    signed = read_note(note)
    verified = verify_note(signed, [log, *cosigners])
    checkpoint = read_checkpoint(signed.text)
    if checkpoint.origin != log.name:
        raise SignatureError(f"A checkpoint of the log {log.name} was expected: found {checkpoint.origin!r}.")
    if log not in (signature.key for signature in verified):
        raise SignatureError(f"The checkpoint is not signed by its log {log.name}: only cosigners signed it.")
    # One key under two names is one cosigner: an Ed25519 cosignature does not hold the name.
    present = len({signature.key.public for signature in verified} - {log.public})
    if present < quorum:
        raise SignatureError(f"The checkpoint needs {quorum} known cosigners: found {present}; ask for more.")
    return VerifiedCheckpoint(checkpoint, verified)


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> tuple[VerifiedSignature, ...]:
    """The signatures of the note made by `keys`, in the note's order; those of other keys are ignored.

    Raises SignatureError where one of them is wrong or none is there (signed-note, “Signatures”).
    """
    known = _by_name_and_id(keys)
    lines = [line for line in note.signatures if (line.name, line.key_id) in known]
    if not lines:
        raise SignatureError(
            f"A signature by {', '.join(name for name, _ in known) or 'a known key'} was expected: found "
            f"{', '.join(line.name for line in note.signatures)}; get the right note or key."
        )
    signers = [known[line.name, line.key_id] for line in lines]
    return tuple(
        VerifiedSignature(key, _verified_at(line, key, note.text))
        for line, key in zip(lines, signers, strict=True)
    )


def _by_name_and_id(keys: Iterable[VerifierKey]) -> dict[tuple[str, bytes], VerifierKey]:
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise KeyTextError(f"Two keys share the name {key.name} and the id {key.key_id.hex()}; use one.")
    return known


def _verified_at(line: NoteSignature, key: VerifierKey, text: str) -> int | None:
    """The instant of a cosignature, None of a plain signature. Raises SignatureError where it is wrong."""
    at, message, signature = None, text.encode(), line.signature
    if key.kind is KeyKind.COSIGNATURE:
        # tlog-cosignature: u64 instant, then the signature over header, instant and the note's text.
        at = int.from_bytes(signature[:_TIME_BYTES], "big")
        message = f"cosignature/v1\ntime {at}\n{text}".encode()
        signature = signature[_TIME_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise SignatureError(
            f"The signature of {line.name} ({line.key_id.hex()}) is wrong: the note or the signature was "
            "changed; get the note again."
        ) from None
    if at is not None and at >= 2**63:
        raise SignatureError(f"The cosignature of {line.name} bears an instant beyond 2**63 - 1: found {at}.")
    return at


def decode_base64(text: str) -> bytes:
    """The bytes in base64 (RFC 4648 §4) written in the one right way.

    Raises NoteError where characters, padding or stray bits are wrong.
    """
    try:
        data = b64decode(text)
    except ValueError:
        data = b""
    # The decoder forgives strange characters and stray bits; only the writer knows the one right way.
    if b64encode(data).decode() != text:
        raise NoteError(f"Base64 with padding was expected: found {shown(text)}.")
    return data


def _signature(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not _KEY_NAME.fullmatch(name):
        raise NoteError(f"A signature line is written “— name base64”: found {shown(line)}.")
    data = decode_base64(encoded)
    if len(data) <= _KEY_ID_BYTES:
        raise NoteError(f"A signature line holds a key id and a signature: found {shown(line)}.")
    return NoteSignature(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])


def decode_utf8(data: str | bytes) -> str:
    """The text of a file. Raises NoteError where it is not UTF-8."""
    try:
        return data if isinstance(data, str) else data.decode()
    except UnicodeDecodeError as fault:
        raise NoteError(f"A note is written in UTF-8: found another byte at {fault.start}.") from None


def shown(text: str) -> str:
    """The beginning of a text that may be long or hostile."""
    return repr(text[:80]) + ("…" if len(text) > 80 else "")
