"""The file itself, before anything is read in it: what it is, and the digest of its bytes.

What a file is, its first bytes say and not its name: a login page saved as `reports.csv` is told
apart from a table here, and a workbook named `.csv` is still read as a workbook.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ..base import BadInput

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD = 4096
_LONGEST_SHOWN = 60


class UnusableFile(BadInput):
    """The file as a whole cannot be read as a table; its rows were not judged."""


# What the first bytes of a file betray: (offset, bytes, words for the sentence). ZIP is not among
# them: a workbook is one, and `spreadsheets` looks into it.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF", "a PDF document"),
    (0, b"\x89PNG", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF8", "a GIF image"),
    (0, b"II*\0", "a TIFF image"),
    (0, b"MM\0*", "a TIFF image"),
    (0, b"RIFF", "a sound, video or WebP file"),
    (0, b"OggS", "a sound or video file"),
    (0, b"ID3", "a sound file"),
    (4, b"ftyp", "a video or HEIC file"),
    (0, b"\x1aE\xdf\xa3", "a video file"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ", "an xz archive"),
    (0, b"(\xb5/\xfd", "a Zstandard archive"),
    (0, b"7z\xbc\xaf", "a 7z archive"),
    (0, b"Rar!", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or one locked with a password"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (0, b"PAR1", "a Parquet file"),
    (0, b"\x7fELF", "a program"),
    (0, b"{\\rtf", "an RTF document"),
    (0, b"-----BEGIN ", "a key or an encrypted message"),
    (0, b"age-encryption.org", "an encrypted file"),
)
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
    (b"{", "a JSON document"),
    (b"[", "a JSON document"),
)


def foreign_format(head: bytes) -> str | None:
    """Words for what the file is where it is surely no table; None where it may be one."""
    for offset, signature, words in _SIGNATURES:
        if head.startswith(signature, offset):
            return words
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next((words for signature, words in _MARKUP if text.startswith(signature)), None)


def no_table(name: str, words: str) -> UnusableFile:
    """The refusal of a file that is something else."""
    return UnusableFile(
        f"CSV or an XLSX workbook was expected: {name} is {words}; save the table as XLSX or “CSV UTF-8”."
    )


def is_zip(head: bytes) -> bool:
    """True where the file is a ZIP container, as each XLSX workbook is."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def shown(text: str, *, longest: int = _LONGEST_SHOWN) -> str:
    """The text as it may stand in a sentence: cut short, every hidden character made visible.

    What a file holds is printed on terminals and pages, so that no escape sequence and no
    reversal of the writing direction may pass.
    """
    cut = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return cut if cut.isprintable() else visible(cut)


def visible(text: str) -> str:
    """The text with each hidden character written as `<U+202E>`."""
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text)


@contextmanager
def opened(path_or_bytes: Path | str | bytes, *, name: str) -> Iterator[BinaryIO]:
    """The bytes as a seekable stream. Raises UnusableFile where there is no such file to read."""
    if isinstance(path_or_bytes, bytes):
        yield io.BytesIO(path_or_bytes)
        return
    try:
        path = Path(path_or_bytes)
        if path.exists() and not path.is_file():
            raise UnusableFile(f"A table is a file: {name} is none; name the CSV or XLSX file itself.")
        stream = path.open("rb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnusableFile(
            f"A table that can be read was expected: {name} cannot be opened ({reason})."
        ) from error
    with stream:
        yield stream


class Digested(io.RawIOBase):
    """Passes bytes on and keeps their SHA-256: the digest is of exactly the bytes that were read."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._sha256 = hashlib.sha256()

    def readable(self) -> bool:
        """Always true, as `io` asks for it."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer from the stream; returns the number of bytes, 0 at the end."""
        view = memoryview(buffer)
        piece = self._stream.read(len(view))
        view[: len(piece)] = piece
        self._sha256.update(piece)
        return len(piece)

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of what was read so far."""
        return self._sha256.hexdigest()
