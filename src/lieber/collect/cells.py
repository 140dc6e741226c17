"""The kinds of cells: how a text becomes a value, and the sentence where it does not.

A cell is trimmed and brought to Unicode's normal form C, which is counted; nothing else is changed
and nothing is guessed. `02/03/2024` is a day to a reader who knows the writer's country, and two
days to everybody else: it is refused with both.

>>> column = Column(name="published_on", kind="day")
>>> ColumnReader(column).read("2024-03-02").value
datetime.date(2024, 3, 2)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from ..base import BadInput, parse_partial
from .columns import Column


class Code(StrEnum):
    """What is wrong with a cell or a row: stable words for machines, beside the sentence."""

    BOUNDS = "bounds"
    CELLS = "cells"
    CHOICE = "choice"
    CODE = "code"
    DATE = "date"
    EXCEL_DATE = "excel_date"
    FORMULA = "formula"
    HIDDEN_CHARACTER = "hidden_character"
    ID = "id"
    LANGUAGE = "language"
    LENGTH = "length"
    LINE_BREAK = "line_break"
    NUMBER = "number"
    REPEATED_ID = "repeated_id"
    REQUIRED = "required"
    ROW_RULE = "row_rule"
    SPREADSHEET_TYPE = "spreadsheet_type"
    URL = "url"


class CellRefused(BadInput):
    """A cell is not what its column holds. `expected` completes “expected …”."""

    def __init__(self, code: Code, expected: str) -> None:
        super().__init__(f"Expected {expected}.")
        self.code = code
        self.expected = expected


class Span(NamedTuple):
    """First and last day of a month, a year or a single day, as they were written."""

    first: date
    last: date

    def __str__(self) -> str:
        first, last = self
        if first == last:
            return first.isoformat()
        return first.isoformat()[:7] if first.month == last.month else first.isoformat()[:4]


class Typed(StrEnum):
    """What a cell of a spreadsheet is where it is no text."""

    NUMBER = "a number"
    ROUNDED_NUMBER = "a number of more than 15 digits, which the spreadsheet has rounded"
    DATE = "a date"
    PART_OF_DATE = "a date that does not show its day, month and year"
    TIME = "a time of day or a date with one"
    LOGICAL = "a logical value"
    ERROR = "an error value"
    FORMULA = "a formula"


@dataclass(frozen=True, slots=True)
class TypedCell:
    """A cell of a spreadsheet that is no text: what it is, and how it is shown."""

    text: str
    typed: Typed

    def __str__(self) -> str:
        return self.text


Cell = str | TypedCell


class Reading(NamedTuple):
    """A cell as it was written and the value it has."""

    text: str
    value: object


@dataclass(frozen=True, slots=True)
class Kind:
    """How cells of a kind are read.

    `read` gives the value or raises CellRefused; `words` say what belongs there; `longest` is in
    characters; `admits` are the typed cells of a spreadsheet that need no guess.
    """

    read: Callable[[str, Column], object]
    words: str
    longest: int
    admits: frozenset[Typed] = frozenset({Typed.NUMBER})
    empty: object = None


class ColumnReader:
    """Reads the cells of one column and remembers the frequent ones.

    `normalised` counts the cells that were trimmed or brought to normal form C.
    """

    _MOST_REMEMBERED = 20_000

    def __init__(self, column: Column) -> None:
        self.column = column
        self.name = column.name
        self.kind = KINDS[column.kind]
        self.longest = column.longest or self.kind.longest
        self.normalised = 0
        self._remembers = column.kind != "id"
        self.known: dict[Cell, Reading] = {}
        if not column.required:
            self.known[""] = Reading("", self.kind.empty)

    def read(self, cell: Cell) -> Reading:
        """The value of the cell. Raises CellRefused where the column does not hold such a cell."""
        text = cell if isinstance(cell, str) else self._admitted(cell)
        clean = self._clean(text)
        if clean:
            _check_characters(clean, self.column)
            value = self.kind.read(clean, self.column)
        elif self.column.required:
            raise CellRefused(Code.REQUIRED, "a value, as this column must not be empty")
        else:
            value = self.kind.empty
        if clean != text:
            self.normalised += 1
            return Reading(text, value)
        reading = Reading(text, value)
        if self._remembers and len(self.known) < self._MOST_REMEMBERED:
            self.known[cell] = reading
        return reading

    def _clean(self, text: str) -> str:
        clean = text.strip(SPACES)
        # Long runs of combining marks make normalisation slow, so that the length comes first;
        # composing shortens a text to a third at most.
        if len(clean) <= 3 * self.longest:
            clean = clean if clean.isascii() else unicodedata.normalize("NFC", clean)
        if len(clean) > self.longest:
            raise CellRefused(
                Code.LENGTH, f"at most {self.longest:,} characters where there are {len(clean):,}"
            )
        return clean

    def _admitted(self, cell: TypedCell) -> str:
        if cell.typed is Typed.FORMULA:
            raise _formula()
        if cell.typed not in self.kind.admits:
            serial = _serial_day(cell.text) if cell.typed is Typed.NUMBER else None
            like = f" that looks like Excel's serial number of {serial}" if serial else ""
            code = Code.EXCEL_DATE if serial else Code.SPREADSHEET_TYPE
            raise CellRefused(
                code,
                f"{self.kind.words}, but the cell is {cell.typed}{like}: format it as text and type it again",
            )
        return cell.text


# Blanks that a cell may begin or end with: tabulator, line ends and all of Unicode's spaces.
SPACES = (
    " \t\r\n\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)

# Characters nobody can see, that turn the writing direction, or that stand for text lost before:
# controls, line and paragraph separators, bidirectional embeddings, overrides and isolates
# (Boucher and Anderson, "Trojan Source", 2021), zero-width spaces, half surrogates, U+FFFD,
# non-characters, tags. Joiners and the direction marks U+200E, U+200F and U+061C stay: Arabic,
# Hebrew, Persian and emoji need them.
_HIDDEN = re.compile(
    "[\\x00-\\x09\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u200b\\u2028-\\u202e\\u2060\\u2066-\\u2069"
    "\\ud800-\\udfff\\ufeff\\ufff9-\\ufffb\\ufffd-\\uffff\\U000e0000-\\U000e007f]|\\r(?!\\n)"
)


def _check_characters(text: str, column: Column) -> None:
    """Raises CellRefused for a formula, a hidden character, or a line break out of place."""
    if text[0] == "=":
        raise _formula()
    if text.isprintable() and "\ufffd" not in text:  # U+FFFD alone of them counts as printable
        return
    hidden = _HIDDEN.search(text)
    if hidden is not None:
        raise CellRefused(Code.HIDDEN_CHARACTER, f"text without {_character(hidden[0])}: delete it")
    if "\n" in text and not column.lines:
        raise CellRefused(Code.LINE_BREAK, "text on one line")


def _character(found: str) -> str:
    name = unicodedata.name(found, "control character" if found < "\xa0" else "half or unassigned character")
    return f"the hidden character U+{ord(found):04X} ({name})"


def _formula() -> CellRefused:
    return CellRefused(Code.FORMULA, "a value and not a formula: replace the formula by its result")


def _text(text: str, _column: Column) -> object:
    return text


_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")


def _id(text: str, _column: Column) -> object:
    if _ID.fullmatch(text) is None:
        raise CellRefused(Code.ID, "Latin letters, digits and . _ : - only, without a blank")
    return text


def _ids(text: str, column: Column) -> object:
    return tuple(_id(part, column) for part in _parts(text))


def _parts(text: str) -> list[str]:
    """The values that semicolons join. Blanks around one are refused, not taken away."""
    parts = text.split(";")
    if any(not part or part != part.strip(SPACES) for part in parts):
        raise CellRefused(Code.CHOICE, "values joined by “;” without blanks and without an empty one")
    if len(set(parts)) < len(parts):
        raise CellRefused(Code.CHOICE, "each value once")
    return parts


_URL = re.compile(r"https?://[^\s/?#@\[\]<>\"]+([/?#][^\s<>\"]*)?", re.IGNORECASE)


def _url(text: str, _column: Column) -> object:
    if _URL.fullmatch(text) is None:
        raise CellRefused(
            Code.URL, "an address that begins with http:// or https://, without blanks, user name or password"
        )
    return text


_CODE = re.compile(r"[A-Z]{2,}(-[A-Z0-9]+)*")


def _code(text: str, column: Column) -> object:
    if _CODE.fullmatch(text) is None and text not in column.also:
        words = f", or {' or '.join(column.also)}" if column.also else ""
        raise CellRefused(Code.CODE, f"a code of capital Latin letters such as AA{words}")
    return text


# BCP 47: an ISO 639 code, then script, region and variants.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _language(text: str, _column: Column) -> object:
    if _LANGUAGE.fullmatch(text) is None:
        raise CellRefused(Code.LANGUAGE, "a language code of ISO 639 such as en, fr or zh-Hant")
    return text


def _choice(text: str, column: Column) -> object:
    if text not in column.of:
        raise CellRefused(Code.CHOICE, f"one of {', '.join(column.of)}")
    return text


def _choices(text: str, column: Column) -> object:
    return tuple(_choice(part, column) for part in _parts(text))


_INTEGER = re.compile(r"[0-9]{1,12}")
_NEGATIVE = re.compile(r"-[0-9]{1,12}")


def _integer(text: str, column: Column) -> object:
    if _INTEGER.fullmatch(text) is None:
        if _NEGATIVE.fullmatch(text):
            raise CellRefused(Code.BOUNDS, "a whole number from 0 upward")
        raise CellRefused(Code.NUMBER, "a whole number in digits only, without sign, separator, unit or word")
    return _bounded(int(text), column)


_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,25})?")
_DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+")


def _decimal(text: str, column: Column) -> object:
    if _DECIMAL.fullmatch(text) is None:
        comma = " (this one has a decimal comma)" if _DECIMAL_COMMA.fullmatch(text) else ""
        raise CellRefused(Code.NUMBER, f"a number in digits with a decimal point, such as 50.459{comma}")
    return _bounded(float(text), column)


def _bounded(number: float, column: Column) -> float:
    least, most = column.least, column.most
    if (isinstance(least, int | float) and number < least) or (
        isinstance(most, int | float) and number > most
    ):
        raise CellRefused(Code.BOUNDS, f"a number {_bounds(least, most)}")
    return number


def _bounds(least: object, most: object) -> str:
    if least is None or most is None:
        return f"of at most {most}" if least is None else f"of at least {least}"
    return f"from {least} to {most}"


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_PARTIAL = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def _day(text: str, column: Column) -> object:
    if _DAY.fullmatch(text) is None:
        raise _no_date(text, column)
    return _span(text, column).first


def _span_of(shape: re.Pattern[str]) -> Callable[[str, Column], object]:
    def read(text: str, column: Column) -> object:
        if shape.fullmatch(text) is None:
            raise _no_date(text, column)
        return _span(text, column)

    return read


def _span(text: str, column: Column) -> Span:
    try:
        span = Span(*parse_partial(text))
    except BadInput:
        raise CellRefused(Code.DATE, f"{KINDS[column.kind].words} that the calendar has") from None
    least, most = column.least, column.most
    if (isinstance(least, date) and span.last < least) or (isinstance(most, date) and span.first > most):
        raise CellRefused(Code.BOUNDS, f"a date {_bounds(least, most)}")
    return span


def _no_date(text: str, column: Column) -> CellRefused:
    """The refusal of a text that is no date, with what it looks like."""
    for pattern, code, words in _LOOKS_LIKE:
        match = pattern.fullmatch(text)
        looks = words(match) if match else ""
        if looks:
            return CellRefused(code, f"{KINDS[column.kind].words} ({looks})")
    return CellRefused(Code.DATE, KINDS[column.kind].words)


def _serial(match: re.Match[str]) -> str:
    day = _serial_day(match[0])
    return f"this looks like Excel's serial number of {day}; format the column as text" if day else ""


# Excel counts days from 1899-12-30 (for days after February 1900). Numbers outside 1940 to 2099
# are more likely something else.
_SERIALS = range(14_611, 73_051)


def _serial_day(text: str) -> date | None:
    with suppress(ValueError):
        serial = int(float(text))
        if serial in _SERIALS:
            return date(1899, 12, 30) + timedelta(days=serial)
    return None


def _two_orders(match: re.Match[str]) -> str:
    """The days that 02/03/2024 may be: day first as in most of the world, month first as in the US."""
    one, two, year = (int(part) for part in match.groups())
    year += 0 if year > 99 else 2000
    days = []
    for month, day in ((two, one), (one, two)):
        with suppress(ValueError):
            days.append(date(year, month, day).isoformat())
    either = " or ".join(dict.fromkeys(days))
    return f"this looks like {either}; format the column as text" if either else ""


def _one_order(match: re.Match[str]) -> str:
    with suppress(ValueError):
        return f"this looks like {date(*(int(part) for part in match.groups()))}"
    return ""


_LOOKS_LIKE: tuple[tuple[re.Pattern[str], Code, Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"[0-9]{5}([.,][0-9]+)?"), Code.EXCEL_DATE, _serial),
    (re.compile(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4}|[0-9]{2})"), Code.EXCEL_DATE, _two_orders),
    (re.compile(r"([0-9]{4})[/. -]?([0-9]{1,2})[/. -]?([0-9]{1,2})"), Code.DATE, _one_order),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].*"), Code.DATE, lambda _: "this one has a time of day"),
    (re.compile(r"[0-9]{4}-[0-9]{2}"), Code.DATE, lambda _: "this one names no day"),
    (re.compile(r"[0-9]{4}"), Code.DATE, lambda _: "this one names a year only"),
    (re.compile(r".*[^\W\d_]{3}.*"), Code.DATE, lambda _: "this one has words in it"),
)

_NOTHING: frozenset[Typed] = frozenset()
_A_DATE = frozenset({Typed.DATE})

# Kind, reader, words for what belongs there, longest text, typed cells of a spreadsheet admitted.
# A bare number in a date column is never admitted: nobody can tell 2024 the year from the 2024th day.
KINDS: Mapping[str, Kind] = {
    "text": Kind(_text, "text", 4_000),
    "id": Kind(_id, "an id of its own for each row", 100),
    "key": Kind(_id, "an id", 100),
    "keys": Kind(_ids, "ids joined by “;”", 1_000, empty=()),
    "url": Kind(_url, "an address", 2_048),
    "code": Kind(_code, "a code of capital letters", 20),
    "language": Kind(_language, "a language code", 35),
    "choice": Kind(_choice, "a value of the list", 100),
    "choices": Kind(_choices, "values of the list joined by “;”", 1_000, empty=()),
    "integer": Kind(_integer, "a whole number", 12),
    "decimal": Kind(_decimal, "a number", 40),
    "day": Kind(_day, "a day written YYYY-MM-DD", 32, _A_DATE),
    "month": Kind(_span_of(_MONTH), "a month written YYYY-MM", 32, _NOTHING),
    "partial_date": Kind(_span_of(_PARTIAL), "a date written YYYY-MM-DD, YYYY-MM or YYYY", 32, _A_DATE),
}


def cell_text(value: object) -> str:
    """The text that reads back as this value: what to write into a CSV cell."""
    if value is None:
        return ""
    if isinstance(value, Span):
        return str(value)
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, float):
        return decimal_text(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def decimal_text(number: float) -> str:
    """The shortest digits that read back as this number, without an exponent."""
    return format(Decimal(repr(number)), "f")
