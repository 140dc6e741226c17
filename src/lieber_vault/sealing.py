"""Sealing in age's format (age-encryption.org/v1) to X25519 keys.

A sealed file has a head and a body. The head wraps the file's own key to each recipient; the body is the
payload under that key. They are kept apart: once the small head is destroyed, the body is unreadable for
ever, even where it lies in old backups (R-19). Joined, they are a plain file that the `age` command opens.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import pyrage

from lieber.base import BadInput, LieberError

_FIRST_LINE = b"age-encryption.org/v1\n"
# The last line of a head holds its MAC: 32 bytes in base64 without padding.
_LAST_LINE = b"\n--- "
_MAC_LENGTH = 43
# Room for some ten thousand recipients; beyond that it is no head.
_LARGEST_HEAD = 2**20


class BadRecipient(BadInput):
    """A recipient is no age X25519 public key, or there is none."""


class BadIdentity(BadInput):
    """A text is no age X25519 identity."""


class SealDamaged(LieberError):
    """What was sealed is damaged, cut off, or no sealed file at all."""


class SealedToOthers(LieberError):
    """The identity is none of those that the file was sealed to."""


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


class Writable(Protocol):
    """What bytes are written to."""

    def write(self, data: bytes, /) -> object:
        """Take all the bytes."""


class Identity:
    """The secret half of a key. Its text is given only when asked for, never by `repr` or `str`.

    Raises BadIdentity for any text but an age X25519 identity.
    """

    __slots__ = ("_secret",)

    def __init__(self, text: str) -> None:
        try:
            self._secret = pyrage.x25519.Identity.from_str(text.strip())
        except (pyrage.IdentityError, ValueError):
            raise BadIdentity(
                "An age identity begins with AGE-SECRET-KEY-1 and has its own checksum: found another text "
                "or a mistyped one; compare it with the printed one."
            ) from None

    def __repr__(self) -> str:
        return f"Identity({self.recipient})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and hmac.compare_digest(self.text(), other.text())

    def __hash__(self) -> int:
        return hash(self.recipient)

    @property
    def recipient(self) -> str:
        """The public half, to which is sealed: `age1…`."""
        return str(self._secret.to_public())

    def text(self) -> str:
        """The secret text `AGE-SECRET-KEY-1…`, as `age -i` reads it."""
        return str(self._secret)


class Parts(NamedTuple):
    """A sealed file, taken apart."""

    head: bytes
    body: bytes


class Digest(NamedTuple):
    """What a plaintext is known by: its SHA-256 in hexadecimal digits, and its length."""

    sha256: str
    length: int


class Digesting:
    """A reader or a writer that takes the digest of all that passes."""

    def __init__(self, reader: Readable | None = None, writer: Writable | None = None) -> None:
        self._reader, self._writer = reader, writer
        self._hash, self._length = hashlib.sha256(), 0

    def read(self, size: int, /) -> bytes:
        """What the reader gives."""
        data = self._reader.read(size) if self._reader else b""
        self._take(data)
        return data

    def write(self, data: bytes, /) -> int:
        """Hand on to the writer, where there is one."""
        if self._writer:
            self._writer.write(data)
        self._take(data)
        return len(data)

    def _take(self, data: bytes) -> None:
        self._hash.update(data)
        self._length += len(data)

    @property
    def digest(self) -> Digest:
        """The digest of what has passed."""
        return Digest(self._hash.hexdigest(), self._length)


class Joined:
    """Head and body read one after the other, as the plain age file that they are."""

    def __init__(self, head: bytes, body: Readable) -> None:
        self._head, self._body = head, body

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""
        if not self._head:
            return self._body.read(size)
        data, self._head = self._head[:size], self._head[size:]
        return data


def new_identity() -> Identity:
    """A new key."""
    return Identity(str(pyrage.x25519.Identity.generate()))


def check_recipients(recipients: Sequence[str]) -> tuple[str, ...]:
    """The recipients, each once and in order. Raises BadRecipient where there is none or one is mistyped."""
    once = tuple(dict.fromkeys(recipients))
    _public_keys(once)
    return once


def seal(plaintext: bytes, recipients: Sequence[str]) -> bytes:
    """The plaintext as an age file that each of the recipients opens.

    Raises BadRecipient where there is no recipient or one is no age X25519 public key.
    """
    return bytes(pyrage.encrypt(plaintext, _public_keys(recipients)))


def open_sealed(sealed: bytes, identity: Identity) -> bytes:
    """The plaintext of an age file.

    Raises SealedToOthers for another identity, SealDamaged for anything but the file as it was sealed.
    """
    try:
        return bytes(pyrage.decrypt(sealed, [identity._secret]))  # noqa: SLF001  # the class is this module's
    except pyrage.DecryptError as error:
        raise _cause(error) from None


def seal_stream(reader: Readable, writer: Writable, *, recipients: Sequence[str]) -> None:
    """Seal all that the reader gives, in constant memory. Raises as `seal` does, and what the two raise."""
    public = _public_keys(recipients)
    guarded = _Guarded(reader, writer)
    try:
        pyrage.encrypt_io(guarded, guarded, public)
    except (pyrage.EncryptError, OSError) as error:
        raise guarded.failure or error from None
    if guarded.failure:
        # pyrage says nothing where the last bytes cannot be written.
        raise guarded.failure


def open_stream(reader: Readable, writer: Writable, *, identity: Identity) -> None:
    """Open what the reader gives, in constant memory.

    Every piece is verified before it is written; that the end is missing shows only at the end. Raises as
    `open_sealed` does, and what the two raise: then what was written is to be thrown away.
    """
    guarded = _Guarded(reader, writer)
    try:
        pyrage.decrypt_io(guarded, guarded, [identity._secret])  # noqa: SLF001  # the class is this module's
    except (pyrage.DecryptError, OSError) as error:
        raise guarded.failure or _cause(error) from None
    if guarded.failure:
        raise guarded.failure


def seal_apart(reader: Readable, body: Writable, *, recipients: Sequence[str]) -> bytes:
    """Seal all that the reader gives: the body is written, the head returned. Raises as `seal_stream`."""
    parting = _Parting(body)
    seal_stream(reader, parting, recipients=recipients)
    return parting.head


def seal_anew(
    sealed: Readable, body: Writable, *, identity: Identity, recipients: Sequence[str]
) -> tuple[bytes, Digest]:
    """Seal what is sealed already under a new file key: the body is written, head and digest returned.

    The plaintext goes through a pipe and touches no disk. Raises as `open_stream` and `seal_stream` do.
    """
    public = check_recipients(recipients)
    ours, theirs = os.pipe()
    failures: list[Exception] = []

    def pour() -> None:
        try:
            with os.fdopen(theirs, "wb") as plaintext:
                open_stream(sealed, plaintext, identity=identity)
        except Exception as error:  # noqa: BLE001  # raised again where the thread is awaited
            failures.append(error)

    opening = threading.Thread(target=pour, daemon=True)
    opening.start()
    try:
        with os.fdopen(ours, "rb") as plaintext:
            passing = Digesting(plaintext)
            head = seal_apart(passing, body, recipients=public)
    finally:
        opening.join()
    if failures:
        raise failures[0]
    return head, passing.digest


def split(sealed: bytes) -> Parts:
    """The head and the body of an age file. Raises SealDamaged where it is none."""
    end = _end_of_head(sealed)
    if end is None:
        raise SealDamaged(
            "A file in age's format was expected, which begins with age-encryption.org/v1 and a head: found "
            f"{len(sealed)} bytes without them; take the file as it was sealed."
        )
    return Parts(sealed[:end], sealed[end:])


def join(head: bytes, body: bytes) -> bytes:
    """The plain age file of a head and its body."""
    return head + body


def _end_of_head(data: bytes) -> int | None:
    """Where the body begins; None where no whole head is there.

    A line of base64 holds no hyphen, hence the first line that begins with hyphens is the last one.
    """
    if not data.startswith(_FIRST_LINE):
        return None
    mac = data.find(_LAST_LINE, 0, _LARGEST_HEAD)
    end = mac + len(_LAST_LINE) + _MAC_LENGTH
    return end + 1 if mac >= 0 and data[end : end + 1] == b"\n" else None


def _public_keys(recipients: Sequence[str]) -> list[pyrage.x25519.Recipient]:
    if not recipients:
        raise BadRecipient("Something is sealed to at least one recipient: found none; name a key.")
    return [_public_key(text) for text in recipients]


def _public_key(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except (pyrage.RecipientError, ValueError):
        # What was given may be a secret that was taken for its public half: it is not repeated.
        raise BadRecipient(
            "A recipient is an age public key of 62 characters that begins with age1: found "
            f"{len(text)} characters that are none; take it from the key again."
        ) from None


def _cause(error: Exception) -> LieberError:
    if "No matching keys" in str(error):
        return SealedToOthers(
            "This key is none of those that the file was sealed to, or the file's head is damaged: take "
            "another key, or ask who is a recipient."
        )
    return SealDamaged(
        "A sealed file must be whole and unchanged: found it damaged or cut off; take it from a backup."
    )


class _Parting:
    """A writer that keeps the head and hands on the body."""

    def __init__(self, body: Writable) -> None:
        self._body, self._parted = body, False
        self.head = b""

    def write(self, data: bytes, /) -> int:
        if self._parted:
            self._body.write(data)
            return len(data)
        self.head += data
        end = _end_of_head(self.head)
        if end is not None:
            self._parted = True
            self.head, rest = self.head[:end], self.head[end:]
            self._body.write(rest)
        return len(data)


class _Guarded:
    """Reader and writer for pyrage, which tells of their failures and of its own by the same error."""

    def __init__(self, reader: Readable, writer: Writable) -> None:
        self._reader, self._writer = reader, writer
        self.failure: Exception | None = None

    def read(self, size: int, /) -> bytes:
        try:
            return self._reader.read(size)
        except Exception as error:
            self.failure = error
            raise

    def write(self, data: bytes, /) -> int:
        try:
            self._writer.write(data)
        except Exception as error:
            self.failure = error
            raise
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""
