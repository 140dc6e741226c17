"""CSV, record by record: encoding, quoting and the marks of a file that is none.

UTF-8, and UTF-16 with a byte order mark, are recognised by what they are. Anything else is read
only under the encoding that a person names, and then strictly: text guessed wrongly is a place
name or a person's words spoilt for good.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from .files import HEAD, Digested, UnusableFile, shown

LONGEST_LINE = 1_000_000
LONGEST_CELL = 131_072
MOST_LINES_OF_RECORD = 10_000
_CHUNK = 1 << 20
_CURE = "save it as “CSV UTF-8”, or name its encoding, for example --encoding cp1251"
_MARKS: tuple[tuple[bytes, str], ...] = (
    # The marks of UTF-32 come first: one of them begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Codecs of Python that are no encodings of files.
_NO_ENCODINGS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"})


class Delimited:
    """The records of a CSV file. `name` is what sentences call it.

    `delimiter` stands between two cells. `encoding` is the one it is read under; `blank` counts the
    empty records passed over.
    Raises UnusableFile where the encoding is not certain.
    """

    def __init__(self, stream: BinaryIO, *, name: str, encoding: str | None, delimiter: str = ",") -> None:
        self.name = name
        self.delimiter = delimiter
        self.blank = 0
        self._stream = stream
        self._begins = 1
        head = stream.read(HEAD)
        stream.seek(0)
        if not head.strip():
            raise UnusableFile(f"A table with a header and rows was expected: {name} is empty.")
        self.encoding = _settled(head, name, encoding)
        self._bytes = Digested(stream)

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the bytes read so far: of the file, once `records` has ended."""
        return self._bytes.digest

    def check_size(self, most: int) -> None:
        """Raises UnusableFile where there are more than `most` rows under the header.

        Counts line ends first and parses only where there are too many of these, as a cell may
        hold line ends of its own; holds one line in memory.
        """
        if self._line_ends() > most:
            again = Delimited(self._stream, name=self.name, encoding=self.encoding, delimiter=self.delimiter)
            for count, _ in enumerate(again.records()):  # the header is number 0
                if count > most:
                    raise too_many_rows(self.name, most)
        self._stream.seek(0)

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Line on which each record begins, and its cells; blank records are passed over.

        Raises UnusableFile for undecodable bytes, NUL, endless lines and quotes left open.
        """
        text = io.TextIOWrapper(
            io.BufferedReader(self._bytes, _CHUNK), encoding=self.encoding, errors="strict", newline=""
        )
        reader = csv.reader(self._lines(text), strict=True, delimiter=self.delimiter)
        while True:
            self._begins = begins = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise self._misquoted(str(error), reader.line_num) from error
            except UnicodeError as error:
                raise self._undecodable() from error
            # Python's own limit holds for the whole process, and others may need longer cells.
            if max(map(len, cells), default=0) > LONGEST_CELL:
                raise self._left_open()
            if any(map(str.strip, cells)):
                yield begins, cells
            else:
                self.blank += 1

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        number = 0
        while line := text.readline(LONGEST_LINE + 1):
            number += 1
            if number == 1:
                line = line.removeprefix("\ufeff")
            if len(line) > LONGEST_LINE:
                raise UnusableFile(
                    f"A line of at most {LONGEST_LINE:,} characters was expected: line {number} of "
                    f"{self.name} is longer; check that it is a CSV file with line ends."
                )
            if "\0" in line:
                raise _nul(self.name, f"line {number}")
            if number - self._begins > MOST_LINES_OF_RECORD:
                raise self._left_open()
            yield line

    def _line_ends(self) -> int:
        """At least as many as there are lines: LF and CR, of which a pair counts once."""
        count = 0
        while piece := self._stream.read(_CHUNK):
            count += piece.count(b"\n") + piece.count(b"\r") - piece.count(b"\r\n")
        self._stream.seek(0)
        return count

    def _misquoted(self, error: str, line: int) -> UnusableFile:
        """The sentence for what Python's reader found wrong with the quotes."""
        if "field larger" in error or "unexpected end" in error:
            return self._left_open()
        between = "A semicolon" if self.delimiter == ";" else "A comma"
        return UnusableFile(
            f'{between} or the end of the line was expected after a closing quote ("): found other text on '
            f"line {line} of {self.name}; double the quotes inside the text."
        )

    def _left_open(self) -> UnusableFile:
        return UnusableFile(
            f"Quotes in pairs and cells of at most {LONGEST_CELL:,} characters were expected: the "
            f'record on line {self._begins} of {self.name} opens a quote (") that is not closed where it '
            "should be; close it, and double the quotes inside the text."
        )

    def _undecodable(self) -> UnusableFile:
        """The sentence for the first byte that the encoding does not have: reads the file again."""
        offset, line, found = _first_undecodable(self._stream, self.encoding)
        return UnusableFile(
            f"Text encoded as {self.encoding.upper()} was expected: found {found} at offset {offset:,} "
            f"(line {line:,}) of {self.name}; {_CURE}."
        )


def _first_undecodable(stream: BinaryIO, encoding: str) -> tuple[int, int, str]:
    """Offset, line and wording of the first byte that the encoding does not have."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    taken, line, piece = 0, 1, b" "
    while piece:
        piece = stream.read(_CHUNK)
        taken += len(piece)
        try:
            line += decoder.decode(piece, final=not piece).count("\n")
        except UnicodeDecodeError as error:
            # The decoder joins what it kept of the piece before, so that what it stumbles over ends
            # where the piece ends and may begin before it.
            seen = error.object
            line += seen[: error.start].decode(encoding, "ignore").count("\n")
            return taken - len(seen) + error.start, line, f"byte 0x{seen[error.start]:02X}"
    return taken, line, "an incomplete character"


def too_many_rows(name: str, most: int) -> UnusableFile:
    """The refusal of a table with more than `most` rows."""
    return UnusableFile(
        f"A table of at most {most:,} rows was expected: {name} has more; split it into several files."
    )


def _settled(head: bytes, name: str, encoding: str | None) -> str:
    """The encoding that the file has by its mark, by its owner's word, or UTF-8."""
    marked = next((label for mark, label in _MARKS if head.startswith(mark)), None)
    if marked == "utf-32":
        raise UnusableFile(f"Text encoded as UTF-8 or UTF-16 was expected: {name} is UTF-32; {_CURE}.")
    named = _known(encoding) if encoding is not None else None
    if marked and named and not named.startswith(marked):
        raise UnusableFile(
            f"One encoding was expected: {name} begins with the mark of {marked.upper()} and was said to be "
            f"{encoding}; leave the encoding out."
        )
    if marked:
        return marked
    if named is None and b"\0" in head:
        raise _nul(name, f"offset {head.index(0):,}")
    if named == "utf-16":
        raise UnusableFile(
            f"UTF-16 with a byte order mark was expected: {name} has none; name utf-16-le or utf-16-be."
        )
    return named or "utf-8"


def _known(encoding: str) -> str:
    """The encoding's usual name. Raises UnusableFile where there is none of this name."""
    with suppress(LookupError, ValueError):
        codec = codecs.lookup(encoding)
        # A codec of text, and not one such as rot13 or zlib.
        if codec.name not in _NO_ENCODINGS and b"a,b\n".decode(codec.name) is not None:
            return codec.name
    raise UnusableFile(
        f"The name of an encoding was expected, such as utf-8 or cp1251: found “{shown(encoding)}”; "
        "correct it."
    )


def _nul(name: str, where: str) -> UnusableFile:
    return UnusableFile(
        f"Text was expected: found a NUL byte at {where} of {name}, so that it is a binary file or UTF-16 "
        "without its mark; save it as “CSV UTF-8”."
    )
