"""What auto-archiver wrote down of its work: `db.csv` of its csv_db, one line for each address.

The cells are Python's own notation of dictionaries and lists with instants among them; they are read as
values, and nothing in them is ever run. What it says of a file (its digest, its PDQ hash) is compared with
the file, never trusted. Version 1.2.9; https://auto-archiver.readthedocs.io/

In: the text of db.csv. Out: addresses with their files.
"""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..base import BadInput

HEAD = ("status", "metadata", "media")
_PDQ_DIGITS = 64
_LONGEST_CELL = 16 << 20


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file that it stored: the name in its folder, and what it says of it; empty where it says nothing.

    `digest` is in lower case, `pdq` has 64 digits.
    """

    name: str
    algorithm: str
    digest: str
    pdq: str
    original_url: str


@dataclass(frozen=True, slots=True)
class Archived:
    """An address that it archived: what came of it, and the files; those it made of others are left out."""

    url: str
    title: str
    status: str
    published: datetime | None
    processed: datetime | None
    files: tuple[ArchivedFile, ...]

    @property
    def succeeded(self) -> bool:
        """Whether it says that it got something."""
        return "success" in self.status


def read_archived(text: str) -> Iterator[Archived]:
    """The lines of db.csv. Raises BadInput where it is none, or a line cannot be read."""
    csv.field_size_limit(_LONGEST_CELL)
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if tuple(rows.fieldnames or ()) != HEAD:
        raise BadInput(
            f"auto-archiver's db.csv has the columns {', '.join(HEAD)}: found "
            f"{', '.join(map(str, rows.fieldnames or ['none']))}."
        )
    try:
        for number, row in enumerate(rows, 2):
            yield _archived(row, number)
    except csv.Error as error:
        raise BadInput(f"db.csv cannot be read as CSV: {error}.") from None


def _archived(row: Mapping[str, Any], number: int) -> Archived:
    metadata, media = (_value(row[column] or "", number, column) for column in ("metadata", "media"))
    if not isinstance(metadata, dict) or not isinstance(media, list) or not metadata.get("url"):
        raise BadInput(f"Line {number} of db.csv names no address and files: correct it, or leave it out.")
    return Archived(
        url=str(metadata["url"]),
        title=str(metadata.get("title", "")),
        status=str(row["status"] or ""),
        published=_instant(metadata.get("timestamp")),
        processed=_instant(metadata.get("_processed_at")),
        files=tuple(_file(each) for each in media if isinstance(each, dict) and each.get("_key")),
    )


def _file(told: Mapping[str, Any]) -> ArchivedFile:
    known = told.get("properties")
    properties: Mapping[str, Any] = known if isinstance(known, dict) else {}
    algorithm, _, digest = str(properties.get("hash", "")).rpartition(":")
    return ArchivedFile(
        name=str(told["_key"]).replace("\\", "/").rpartition("/")[2],
        algorithm=algorithm,
        digest=digest.lower(),
        pdq=pdq_digits(str(properties.get("pdq_hash", ""))),
        original_url=str(properties.get("original_url") or properties.get("src") or ""),
    )


def pdq_digits(told: str) -> str:
    """A PDQ hash with all its 64 digits: auto-archiver writes it as a number, without leading zeros.

    What is no hash is left out.
    """
    digits = told.strip().lower().removeprefix("0x")
    if not digits or len(digits) > _PDQ_DIGITS or any(digit not in "0123456789abcdef" for digit in digits):
        return ""
    return digits.rjust(_PDQ_DIGITS, "0")


def _instant(value: object) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def _value(cell: str, number: int, column: str) -> Any:
    """A cell as a value. Only what is written out is read: no name is looked up and nothing is called."""
    try:
        return _node(ast.parse(cell, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError, OverflowError):
        raise BadInput(
            f"Line {number} of db.csv has in its column {column} no value of Python: was it changed? Leave "
            "the line out, and take its files in by themselves."
        ) from None


def _node(node: ast.expr) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Dict():
            return {
                _node(key): _node(value) for key, value in zip(node.keys, node.values, strict=True) if key
            }
        case ast.List() | ast.Tuple() | ast.Set():
            return [_node(each) for each in node.elts]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Call():
            return _called(node)
        case ast.Attribute() | ast.Name():
            return ast.unparse(node)
    raise ValueError("no value that is written out")


def _called(node: ast.Call) -> Any:
    """An instant, as `repr` writes it; its zone is UTC or that of the machine, which nobody knows now."""
    if ast.unparse(node.func) != "datetime.datetime":
        return None
    year, month, day, hour, minute, second, fraction = (
        *(int(_node(each)) for each in node.args), *(0 for _ in range(7 - len(node.args)))
    )  # fmt: skip
    zone = next((ast.unparse(each.value) for each in node.keywords if each.arg == "tzinfo"), "")
    known = UTC if "utc" in zone.lower() else None
    return datetime(year, month, day, hour, minute, second, fraction, tzinfo=known)
