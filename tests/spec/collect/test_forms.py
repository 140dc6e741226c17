"""The shipped forms, cell by cell and row by row: the tables `cells.txt` and `rows.txt` beside this file."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from lieber.collect import CellRefused, Span, read_table, shipped_form, write_csv
from lieber.collect.cells import ColumnReader

HERE = Path(__file__).parent
REQUIRED = {
    "reports": {"report_id": "R1", "url": "https://example.org", "outlet": "Example"},
    "incidents": {"incident_key": "I1", "title": "Title"},
    "tallies": {
        "tally_id": "T1", "url": "https://example.org", "authority": "Body", "scope": "Scope",
        "unit": "victims", "value": "1", "bound": "exact",
    },
}  # fmt: skip


def table(name: str) -> list[list[str]]:
    """The lines of an ASCII table, without comments, blank lines, header and rule."""
    lines = [line for line in (HERE / name).read_text("utf-8").splitlines() if line and line[0] != "#"]
    return [[cell.strip() for cell in line.split("|")] for line in lines[2:]]


def unescaped(text: str) -> str:
    return re.sub(r"<U\+([0-9A-F]{4})>", lambda match: chr(int(match[1], 16)), text)


def written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Span):
        return f"{value.first}..{value.last}"
    if isinstance(value, tuple):
        return "+".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)


@pytest.mark.parametrize(("column", "cell", "value", "code", "expected"), table("cells.txt"))
def test_cell(*, column: str, cell: str, value: str, code: str, expected: str) -> None:
    form, name = column.split(".")
    reader = ColumnReader(shipped_form(form).columns[name])
    if code:
        with pytest.raises(CellRefused) as refused:
            reader.read(unescaped(cell))
        assert (refused.value.code, refused.value.expected) == (code, expected)
    else:
        assert written(reader.read(unescaped(cell)).value) == unescaped(value)


@pytest.mark.parametrize(("form", "cells", "column", "expected"), table("rows.txt"))
def test_row(*, form: str, cells: str, column: str, expected: str) -> None:
    row = {**REQUIRED[form], **dict(cell.split("=") for cell in cells.split())}
    read = read_table(write_csv(shipped_form(form), [row]).encode(), shipped_form(form))
    found = [(problem.column, problem.expected) for problem in read.problems]
    assert found == ([(column, expected)] if column else [])
    assert len(read.rows) == (0 if column else 1)
