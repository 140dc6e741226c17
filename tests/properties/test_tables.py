"""Tables: what is written reads back equal, and no bytes at all break the reader."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from calendar import monthrange
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from lieber.collect import (
    Span,
    Table,
    UnusableFile,
    error_file,
    read_form,
    read_table,
    shipped_form,
    write_csv,
)
from lieber.collect.cells import SPACES

EXAMPLE = Path(str(resources.files("lieber_mission"))) / "example"
CSV = b"".join((EXAMPLE / "reports.csv").read_bytes().splitlines(keepends=True)[:8])
REPORTS = shipped_form("reports")

EVERY_KIND = read_form("""
form = "every_kind"
title = "One column of each kind"
[columns]
id = { kind = "id", required = true }
text = { kind = "text" }
lines = { kind = "text", lines = true }
key = { kind = "key" }
keys = { kind = "keys" }
url = { kind = "url" }
code = { kind = "code", also = ["disputed"] }
language = { kind = "language" }
choice = { kind = "choice", of = ["day", "month", "not known"] }
choices = { kind = "choices", of = ["shot", "blade", "other"] }
integer = { kind = "integer" }
decimal = { kind = "decimal" }
day = { kind = "day" }
month = { kind = "month" }
partial_date = { kind = "partial_date" }
""")


def _visible(text: str) -> bool:
    return (
        text.isprintable()
        and "\ufffd" not in text
        and text == unicodedata.normalize("NFC", text).strip(SPACES)
        and not text.startswith("=")
        and text != ""
    )


def _month(day: date) -> Span:
    return Span(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def _year(day: date) -> Span:
    return Span(date(day.year, 1, 1), date(day.year, 12, 31))


days = st.dates(date(1000, 1, 1), date(9999, 12, 31))
texts = st.text(min_size=1, max_size=40).filter(_visible)
keys = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,20}", fullmatch=True)
values = {
    "text": texts,
    "lines": st.lists(texts, min_size=1, max_size=3).map("\n".join),
    "key": keys,
    "url": st.from_regex(r"https?://[a-z0-9.-]{1,20}(/[a-zA-Z0-9%?=,;&\"'-]{0,20})?", fullmatch=True).filter(
        lambda url: '"' not in url
    ),
    "code": st.sampled_from(["UA", "RU", "PMC-1", "disputed"]),
    "language": st.sampled_from(["uk", "en", "zh-Hant"]),
    "choice": st.sampled_from(EVERY_KIND.columns["choice"].of),
    "integer": st.integers(0, 10**12 - 1),
    "decimal": st.floats(-180, 180).filter(lambda number: number == 0 or abs(number) > 1e-8),
    "day": days,
    "month": days.map(_month),
    "partial_date": st.one_of(
        days.map(lambda day: Span(day, day)),
        days.map(_month),
        days.map(_year),
    ),
}
lists = {
    "keys": st.lists(keys, unique=True, max_size=4).map(tuple),
    "choices": st.lists(st.sampled_from(EVERY_KIND.columns["choices"].of), unique=True).map(tuple),
}
row = st.fixed_dictionaries({**{name: st.none() | value for name, value in values.items()}, **lists})
tables = st.lists(row, min_size=1, max_size=4).map(
    lambda rows: [{"id": f"R{number}", **values} for number, values in enumerate(rows)]
)


@given(tables)
@settings(deadline=None, max_examples=50)
def test_csv_reads_back_equal(rows):
    table = read_table(write_csv(EVERY_KIND, rows).encode(), EVERY_KIND)
    assert table.problems == []
    assert [read.values for read in table.rows] == rows
    assert table.normalised == 0


@given(tables, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_the_order_of_columns_does_not_matter(rows, random):
    records = list(csv.reader(io.StringIO(write_csv(EVERY_KIND, rows), newline="")))
    order = random.sample(range(len(records[0])), len(records[0]))
    text = io.StringIO()
    csv.writer(text).writerows([record[place] for place in order] for record in records)
    assert [read.values for read in read_table(text.getvalue().encode("utf-16"), EVERY_KIND).rows] == rows


@pytest.mark.slow
@given(tables)
@settings(deadline=None, max_examples=100)
def test_xlsx_reads_back_equal(rows):
    rows = [{name: _as_spreadsheets_hold(value) for name, value in values.items()} for values in rows]
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(list(EVERY_KIND.columns))
    for number, values in enumerate(rows, start=2):
        for place, name in enumerate(EVERY_KIND.columns, start=1):
            cell = sheet.cell(number, place)
            typed = values[name]
            cell.value = _typed(typed)
            if isinstance(cell.value, str):
                cell.data_type = "s"
    content = io.BytesIO()
    workbook.save(content)
    table = read_table(content.getvalue(), EVERY_KIND)
    assert table.problems == []
    assert [read.values for read in table.rows] == rows


def _as_spreadsheets_hold(value: object) -> object:
    """Spreadsheets know no days before 1900, and 15 digits of a number."""
    if isinstance(value, date) and value.year < 1901:
        return None
    return float(f"{value:.15g}") if isinstance(value, float) else value


def _typed(value: Any) -> Any:
    if isinstance(value, Span):
        return str(value)
    return ";".join(value) if isinstance(value, tuple) else value


# ------------------------------------------------------------------ bytes that are no table


def judged(content: bytes) -> Table | None:
    """The table, with all that must hold of any; None where the file was refused in one sentence."""
    try:
        table = read_table(content, REPORTS, name="any.csv")
    except UnusableFile as refused:
        text = str(refused)
        assert text.isprintable()
        assert text.endswith(".")
        return None
    assert table.count > 0
    assert len(table.rows) + len(table.refused) == table.count
    assert {problem.line for problem in table.problems} == {refused.line for refused in table.refused}
    assert not {row.line for row in table.rows} & {row.line for row in table.refused}
    assert all(problem.value.isprintable() and problem.expected for problem in table.problems)
    lines = list(csv.reader(io.StringIO(error_file(table), newline="")))
    assert len(lines) == 1 + len(table.problems)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for line in lines for cell in line)
    return table


@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", CSV]))
@settings(deadline=None, max_examples=400)
def test_random_bytes_are_read_or_refused(content, head):
    judged(head + content)


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16"]))
@settings(deadline=None, max_examples=200)
def test_random_text_is_read_or_refused(text, encoding):
    header = CSV.decode().split("\n")[0]
    judged(f"{header}\n{text}".encode(encoding, "surrogatepass"))


# One change to a file: where (as a part of its length), how many bytes go, and what comes instead.
changes = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.binary(max_size=8)
        | st.sampled_from([b",", b'"', b"\n", b"=", b";", b"\xe2\x80\xae", b"-1", b"45567"]),
    ),
    min_size=1,
    max_size=6,
)


def mutated(content: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for where, gone, instead in changes:
        at = int(where * len(content))
        content = content[:at] + instead + content[at + gone :]
    return content


@given(changes)
@settings(deadline=None, max_examples=400)
def test_a_changed_csv_is_read_or_refused(changes):
    judged(mutated(CSV, changes))


def _workbook() -> bytes:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for record in csv.reader(io.StringIO(CSV.decode(), newline="")):
        sheet.append(record)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


XLSX = _workbook()


def test_the_files_that_are_changed_are_right():
    for content in (CSV, XLSX):
        table = judged(content)
        assert table is not None
        assert (len(table.rows), table.problems) == (7, [])


@given(changes)
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_a_changed_workbook_is_read_or_refused(changes):
    judged(mutated(XLSX, changes))


@pytest.mark.slow
@given(changes, st.integers(0, 20))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_a_workbook_with_a_changed_part_is_read_or_refused(changes, chosen):
    # A change inside the container is found by its checksum; these come before it is packed.
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(XLSX)) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        for name in names:
            text = old.read(name)
            new.writestr(name, mutated(text, changes) if name == names[chosen % len(names)] else text)
    judged(content.getvalue())
