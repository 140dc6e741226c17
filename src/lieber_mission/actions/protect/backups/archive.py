"""The form of a backup: a tar whose last part is a signed manifest of all others, sealed with age on the way.

`age --decrypt --identity KEY FILE | tar x` opens it without this program. Nothing of it lies open on a disk
while it is made. age says that nobody but a holder of the key reads it, and not who made it: that is what the
signature of the log's key under the manifest is for.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lieber.base import BadInput, LieberError
from lieber.ledger import Note, NoteError, NoteSignature, VerifierKey, read_note, read_vkey, verify_note
from lieber_vault.folders import make_private
from lieber_vault.sealing import Identity, Readable, Writable, open_stream, seal_stream

BACKUP, ERASURES = "lieber-backup-1", "lieber-erasures-1"
MANIFEST = "manifest.note"
# What a backup may hold; every other name is refused, and with it every way out of the folder.
_NAMES = re.compile(
    r"register\.(sqlite3|pgdump)|mission\.toml|manifest\.note|keys/(log\.pem|vault\.credential)"
    r"|vault/vault\.(sqlite3|pgdump)|vault/objects/(\.vault|(?P<two>[0-9a-f]{2})/(?P=two)[0-9a-f]{30})"
)
_UNIT = tarfile.BLOCKSIZE
_AT_ONCE = 2**16
# Some hundred bytes a part: room for a million large bodies.
LONGEST_MANIFEST = 2**28


class BackupRefused(BadInput):
    """A file is no backup, or not one that may be written to a disk."""


class Part(NamedTuple):
    """One file in a backup, as the manifest names it."""

    name: str
    bytes: int
    sha256: str


class Packing:
    """Gives the bytes of a tar, part by part, and keeps what the manifest must say of them."""

    def __init__(self) -> None:
        self.parts: list[Part] = []

    def part(self, name: str, file: Readable, size: int) -> Iterator[bytes]:
        """A part of so many bytes. Raises LieberError where the file is shorter."""
        yield _head(name, size)
        digest, left = hashlib.sha256(), size
        while left:
            piece = file.read(min(left, _AT_ONCE))
            if not piece:
                raise LieberError(
                    f"{name} must have {size} bytes: found that it became shorter; do it again."
                )
            digest.update(piece)
            left -= len(piece)
            yield piece
        if size % _UNIT:
            yield bytes(-size % _UNIT)
        self.parts.append(Part(name, size, digest.hexdigest()))

    @staticmethod
    def end() -> bytes:
        """What ends a tar."""
        return bytes(2 * _UNIT)


class Unpacking:
    """Takes the bytes of a tar and writes its parts into a folder; believes nothing that the tar says.

    `most` is the length of the sealed file: nothing in it can be longer. Raises BackupRefused from `write`.
    """

    def __init__(self, folder: Path, *, most: int) -> None:
        self._folder, self._left_of_file = folder, most
        self.parts: dict[str, Part] = {}
        self._head, self._name, self._left, self._padding = b"", "", 0, 0
        self._file: BinaryIO | None = None
        self._digest, self._size, self._ended = hashlib.sha256(), 0, False

    def write(self, data: bytes, /) -> int:
        """Take more of the tar. Raises BackupRefused, or LieberError where the disk takes no more."""
        view = memoryview(data)
        while view:
            view = view[self._take(view) :]
        return len(data)

    def finish(self) -> None:
        """Raises BackupRefused where the tar did not come to its end."""
        if not self._ended or self._file:
            raise refused("its parts are cut off")

    def close(self) -> None:
        """Leave no file open."""
        if self._file:
            self._file.close()
            self._file = None

    def _take(self, view: memoryview) -> int:
        if self._file:
            taken = min(len(view), self._left)
            self._keep(view[:taken])
            return taken
        if self._padding:
            taken = min(len(view), self._padding)
            self._padding -= taken
            return taken
        taken = min(len(view), _UNIT - len(self._head))
        self._head += view[:taken]
        if len(self._head) == _UNIT:
            head, self._head = self._head, b""
            self._begin(head)
        return taken

    def _begin(self, head: bytes) -> None:
        if not any(head):
            self._ended = True
            return
        if self._ended:
            raise refused("something stands after its end")
        self._name, self._size = _read_head(head)
        if self._name in self.parts:
            raise refused(f"the part {self._name} is there twice")
        if self._size > self._left_of_file:
            raise refused(f"the part {self._name} says that it is longer than the whole file")
        self._left_of_file -= self._size
        path = self._folder / self._name
        with _writing(self._folder):
            make_private(path.parent)
            self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._left, self._padding, self._digest = self._size, -self._size % _UNIT, hashlib.sha256()
        self._keep(memoryview(b""))

    def _keep(self, piece: memoryview) -> None:
        assert self._file
        with _writing(self._folder):
            self._file.write(piece)
            self._digest.update(piece)
            self._left -= len(piece)
            if not self._left:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                self._file = None
                self.parts[self._name] = Part(self._name, self._size, self._digest.hexdigest())


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Tells in one sentence of a disk that takes no more."""
    try:
        yield
    except OSError as error:
        raise unwritable(place, error) from None


def unwritable(place: Path, error: OSError) -> LieberError:
    """The sentence for a place that cannot be read or written."""
    return LieberError(
        f"All of it must be read and written: found that {error.filename or place} cannot be used "
        f"({error.strerror}); put that right, make room or name another place. Nothing of it was kept."
    )


def seal_chunks(chunks: Iterator[bytes], writer: Writable, *, recipients: list[str]) -> None:
    """Seal what an iterator gives, in constant memory. Raises what the iterator and the writer raise."""
    with _Passing(_Flow(chunks), writer) as passing:
        seal_stream(passing, passing, recipients=recipients)


def open_to(unpacking: Unpacking, file: Readable, *, identity: Identity) -> None:
    """Open a sealed file into its parts. Raises SealedToOthers, SealDamaged, BackupRefused."""
    with closing(unpacking), _Passing(file, unpacking) as passing:
        open_stream(passing, passing, identity=identity)
    unpacking.finish()


class _Flow:
    """An iterator as a reader."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._piece = chunks, memoryview(b"")

    def read(self, size: int, /) -> bytes:
        if not self._piece:
            self._piece = memoryview(next(self._chunks, b""))
        data, self._piece = self._piece[:size], self._piece[size:]
        return bytes(data)


class _Passing:
    """Reader and writer that keep what stopped them, also where that was somebody at the keyboard: age's
    library tells of all that by an error of its own."""

    def __init__(self, reader: Readable, writer: Writable) -> None:
        self._reader, self._writer = reader, writer
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._failure and error is not self._failure:
            raise self._failure from None

    def read(self, size: int, /) -> bytes:
        try:
            return self._reader.read(size)
        except BaseException as error:
            self._failure = self._failure or error
            raise

    def write(self, data: bytes, /) -> int:
        try:
            self._writer.write(data)
        except BaseException as error:
            self._failure = self._failure or error
            raise
        return len(data)


# ---------------------------------------------------------------- what is signed


def signed(form: str, members: dict[str, Any], *, key: Ed25519PrivateKey, name: str) -> bytes:
    """A form's name and its members as JSON, signed by the log's key as a C2SP note.

    Its second line is no decimal number, so that it can be taken for no checkpoint.
    """
    text = f"{form}\n{json.dumps(members, indent=1)}\n"
    verifier = VerifierKey(name, key.public_key().public_bytes_raw())
    signature = NoteSignature(verifier.name, verifier.key_id, key.sign(text.encode()))
    return str(Note(text, (signature,))).encode()


def read_signed(data: bytes, *, form: str, known: VerifierKey | None) -> tuple[dict[str, Any], VerifierKey]:
    """The members of what was signed, and the key that signed it.

    Without a known key, the one that stands in it is taken: then whoever reads compares it with the
    published one. Raises BackupRefused for another form, SignatureError for another key.
    """
    try:
        note = read_note(data)
    except NoteError:
        raise refused(f"there is no signed note of the form {form}") from None
    first, _, text = note.text.partition("\n")
    if first != form:
        raise refused(f"it is of the form {first[:40]!r} and not {form}")
    try:
        members = json.loads(text)
        own = read_vkey(members["log_key"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise refused("its manifest cannot be read") from None
    key = known or own
    verify_note(note, [key])
    return members, key


def _head(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.GNU_FORMAT, "ascii", "strict")


def _read_head(head: bytes) -> tuple[str, int]:
    """Name and size of a part. Raises BackupRefused for anything but a plain file of a name that is known."""
    try:
        info = tarfile.TarInfo.frombuf(head, "ascii", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        raise refused("its parts are damaged") from None
    if info.type != tarfile.REGTYPE or info.linkname or info.size < 0:
        raise refused(f"the part {info.name[:80]!r} is no plain file")
    if not _NAMES.fullmatch(info.name):
        raise refused(f"it holds a part {info.name[:80]!r}, which no backup has")
    if info.name == MANIFEST and info.size > LONGEST_MANIFEST:
        raise refused("its manifest is too long")
    return info.name, info.size


def refused(why: str) -> BackupRefused:
    """The sentence for what is no backup."""
    return BackupRefused(
        f"A backup must be as `mission backup` made it: found that {why}; take another backup. Nothing was "
        "written."
    )
