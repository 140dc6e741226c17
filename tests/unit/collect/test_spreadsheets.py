"""XLSX: what a workbook is allowed to be, and what its cells are taken for."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.formula import ArrayFormula

from lieber.collect import FORMS, Code, Span, UnusableFile, read_form, read_table, shipped_form
from lieber.collect.cells import KINDS, Typed

EXAMPLE = Path(str(resources.files("lieber_mission"))) / "example"
SMALL = read_form("""
form = "small"
title = "A small table"
[columns]
id = { kind = "id", required = true }
day = { kind = "day" }
month = { kind = "month" }
date = { kind = "partial_date" }
n = { kind = "integer" }
lat = { kind = "decimal", least = -90, most = 90 }
note = { kind = "text", lines = true }
""")
HEADER = list(SMALL.columns)


def saved(workbook: Workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def workbook_of(*rows: list[Any], header: list[Any] = HEADER) -> Workbook:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (header, *rows):
        sheet.append(row)
    return workbook


def changed(content: bytes, parts: dict[str, bytes]) -> bytes:
    """The workbook with these parts of its container added or replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            if part.filename not in parts:
                new.writestr(part, old.read(part))
        for name, text in parts.items():
            new.writestr(name, text)
    return stream.getvalue()


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as container:
        return container.read(name)


def container_of(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as container:
        for name, text in parts.items():
            container.writestr(name, text)
    return stream.getvalue()


def sentence(content: bytes, **options) -> str:
    with pytest.raises(UnusableFile) as refused:
        read_table(content, SMALL, name="small.xlsx", **options)
    return str(refused.value)


SHEET = "xl/worksheets/sheet1.xml"
PLAIN = saved(workbook_of(["a", None, None, None, 1]))


# ------------------------------------------------------------------ the example


def spreadsheet_value(value: object) -> object:
    """The value as a person would have typed it into a spreadsheet."""
    if isinstance(value, Span):
        return value.first if value.first == value.last else str(value)
    return ";".join(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", FORMS)
def test_the_example_reads_the_same_from_a_workbook(name):
    table = read_table(EXAMPLE / f"{name}.csv", shipped_form(name))
    rows = [[spreadsheet_value(row.values[column]) for column in table.columns] for row in table.rows]
    again = read_table(saved(workbook_of(*rows, header=list(table.columns))), table.form)
    assert again.problems == []
    assert [row.values for row in again.rows] == [row.values for row in table.rows]
    assert again.read_as == "Sheet"
    assert again.count == table.count


def test_openpyxl_is_imported_for_workbooks_only():
    program = (
        "import sys; from lieber.collect import read_table, shipped_form;"
        f"read_table({str(EXAMPLE / 'tallies.csv')!r}, shipped_form('tallies'));"
        "print(sorted(name for name in sys.modules if name.startswith('openpyxl')))"
    )
    source = EXAMPLE.parents[1]
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=source
    )
    assert done.stdout == "[]\n"


# ------------------------------------------------------------------ cells

# Spreadsheets know no time zones.
MIDNIGHT = datetime(2024, 3, 2)  # noqa: DTZ001
HALF_PAST_TEN = datetime(2024, 3, 2, 10, 30)  # noqa: DTZ001
MONTH = "mmm-yy"
NO_YEAR = "d-mmm"
TYPE = Code.SPREADSHEET_TYPE


@pytest.mark.parametrize(
    ("column", "cell", "number_format", "value"),
    [
        ("day", date(2024, 3, 2), None, date(2024, 3, 2)),
        ("day", MIDNIGHT, "yyyy-mm-dd hh:mm:ss", date(2024, 3, 2)),
        ("day", date(2024, 3, 2), '[$-419]d mmmm yyyy" г.";@', date(2024, 3, 2)),
        ("day", "2024-03-02", None, date(2024, 3, 2)),
        ("date", date(2024, 3, 2), None, Span(date(2024, 3, 2), date(2024, 3, 2))),
        ("date", "2024-03", None, Span(date(2024, 3, 1), date(2024, 3, 31))),
        ("month", "2024-03", None, Span(date(2024, 3, 1), date(2024, 3, 31))),
        ("n", 3, None, 3),
        ("n", 3.0, "0.00", 3),
        ("n", "3", None, 3),
        ("lat", 50.459, None, 50.459),
        ("lat", 50, None, 50.0),
        ("lat", 0.00001, None, 0.00001),
        ("id", 1001, None, "1001"),
        ("id", 1001.0, None, "1001"),
        ("note", "one\ntwo", None, "one\ntwo"),
        ("note", "one_x000D_\ntwo", None, "one\r\ntwo"),
        ("note", None, None, None),
    ],
)
def test_cells_that_need_no_guess(*, column, cell, number_format, value):
    table = read_table(one_cell(column, cell, number_format), SMALL)
    assert table.problems == []
    assert table.rows[0].values[column] == value


@pytest.mark.parametrize(
    ("column", "cell", "number_format", "code", "found"),
    [
        ("day", HALF_PAST_TEN, None, TYPE, "day: a time of day or a date with one"),
        ("day", time(10, 30), None, TYPE, "day: a time of day or a date with one"),
        ("day", timedelta(hours=30), "[h]:mm", TYPE, "day: a time of day or a date with one"),
        (
            "day",
            45567,
            None,
            Code.EXCEL_DATE,
            "day: a number that looks like Excel's serial number of 2024-10-02",
        ),
        ("day", date(2024, 8, 1), MONTH, TYPE, "day: a date that does not show its day, month and year"),
        ("date", date(2024, 8, 1), MONTH, TYPE, "date: a date that does not show its day, month and year"),
        ("date", date(2024, 8, 1), NO_YEAR, TYPE, "date: a date that does not show its day, month and year"),
        (
            "date",
            date(2024, 8, 1),
            "dddd yyyy",
            TYPE,
            "date: a date that does not show its day, month and year",
        ),
        ("date", 2024, None, TYPE, "date: a number"),
        ("month", date(2024, 8, 1), None, TYPE, "month: a date"),
        ("id", date(2024, 3, 1), "d-mmm", TYPE, "id: a date that does not show its day, month and year"),
        ("note", date(2024, 3, 1), None, TYPE, "note: a date"),
        ("note", 12345678901234567, None, TYPE, f"note: {Typed.ROUNDED_NUMBER}"),
        ("note", True, None, TYPE, "note: a logical value"),
        ("note", "#N/A", None, TYPE, "note: an error value"),
        ("n", True, None, TYPE, "n: a logical value"),
    ],
)
def test_cells_of_another_type(*, column, cell, number_format, code, found):
    problem = only_problem(one_cell(column, cell, number_format))
    assert (problem.line, problem.column, problem.code) == (2, column, code)
    words = KINDS[SMALL.columns[column].kind].words
    assert problem.expected == (
        f"{words}, but the cell is {found.partition(': ')[2]}: format it as text and type it again"
    )


@pytest.mark.parametrize(
    ("column", "cell", "code", "expected"),
    [
        ("n", 3.5, Code.NUMBER, "a whole number in digits only"),
        ("n", -3, Code.BOUNDS, "a whole number from 0 upward"),
        ("n", "=1+1", Code.FORMULA, "a value and not a formula"),
        ("note", '=HYPERLINK("https://example.org")', Code.FORMULA, "a value and not a formula"),
        ("note", "a\u202eb", Code.HIDDEN_CHARACTER, "text without the hidden character U+202E"),
        ("note", "a_x001B_b", Code.HIDDEN_CHARACTER, "text without the hidden character U+001B"),
        ("lat", 91, Code.BOUNDS, "a number from -90 to 90"),
    ],
)
def test_cells_of_another_value(*, column, cell, code, expected):
    problem = only_problem(one_cell(column, cell, None))
    assert (problem.line, problem.column, problem.code) == (2, column, code)
    assert problem.expected.startswith(expected)


def one_cell(column: str, cell: Any, number_format: str | None) -> bytes:
    workbook = workbook_of([None if name != "id" else "a" for name in HEADER])
    sheet = workbook.active
    assert sheet is not None
    target = sheet.cell(2, HEADER.index(column) + 1)
    target.value = cell
    if number_format:
        target.number_format = number_format
    return saved(workbook)


def only_problem(content: bytes):
    (problem,) = read_table(content, SMALL).problems
    return problem


def test_an_array_formula():
    assert only_problem(one_cell("n", ArrayFormula("E2:E2", "=SUM(A1:A2)"), None)).code is Code.FORMULA


def test_a_text_that_begins_like_a_formula():
    workbook = workbook_of(["a"])
    sheet = workbook.active
    assert sheet is not None
    cell = sheet.cell(2, 7, "=1+1")
    cell.data_type = "s"
    assert only_problem(saved(workbook)).code is Code.FORMULA


def test_the_calendar_of_1904():
    workbook = workbook_of(["a", date(2024, 3, 2)])
    workbook.epoch = CALENDAR_MAC_1904
    assert read_table(saved(workbook), SMALL).rows[0].values["day"] == date(2024, 3, 2)


# ------------------------------------------------------------------ rows


def test_lines_are_rows_of_the_sheet_and_empty_ones_are_passed_over():
    workbook = workbook_of(["a"], [None, "  "], [], ["b", None, None, None, "x"])
    table = read_table(saved(workbook), SMALL)
    assert [(problem.line, problem.column) for problem in table.problems] == [(5, "n")]
    assert (table.count, table.blank) == (2, 2)


def test_cells_right_of_the_header_are_a_problem_of_the_row():
    problem = only_problem(saved(workbook_of(["a", None, None, None, None, None, None, None, "stray"])))
    assert (problem.code, problem.value) == (Code.CELLS, "9 cells")


def test_a_size_wrongly_declared_cuts_nothing_off():
    content = saved(workbook_of(["a"], ["b"], ["c"]))
    wrong = part(content, SHEET).replace(b'<dimension ref="A1:G4" />', b'<dimension ref="A1:B2" />')
    assert wrong != part(content, SHEET)
    assert [row.values["id"] for row in read_table(changed(content, {SHEET: wrong}), SMALL).rows] == [
        "a",
        "b",
        "c",
    ]


def test_rows_out_of_order_are_not_lost():
    content = saved(workbook_of(["a"], ["b"]))
    wrong = part(content, SHEET).replace(b'<row r="3"', b'<row r="2"').replace(b'r="A3"', b'r="A2"')
    assert "row 2 of small.xlsx comes after row 2" in sentence(changed(content, {SHEET: wrong}))


def test_far_columns_are_refused_at_once():
    workbook = workbook_of(["a"])
    sheet = workbook.active
    assert sheet is not None
    sheet.cell(2, 16_384, "x")
    assert "At most 1,000 columns were expected: row 2 of small.xlsx has 16,384" in sentence(saved(workbook))


def test_too_many_rows():
    content = saved(workbook_of(["a"], ["b"], ["c"]))
    assert len(read_table(content, SMALL, max_rows=3).rows) == 3
    assert sentence(content, max_rows=2) == (
        "A table of at most 2 rows was expected: small.xlsx has more; split it into several files."
    )


def test_empty_sheets():
    assert "small.xlsx is empty" in sentence(saved(Workbook()))
    assert "Rows were expected under the header: small.xlsx has none" in sentence(saved(workbook_of()))


def test_wrong_columns_are_named():
    assert (
        "small.xlsx lacks day, month, date, n, lat, note and has columns the form does not know: 2024-03-02;"
        in (sentence(saved(workbook_of(["a"], header=["id", MIDNIGHT]))))
    )


# ------------------------------------------------------------------ sheets


def two_sheets(state: str) -> Workbook:
    workbook = workbook_of(["a"])
    other = workbook.create_sheet("May")
    other.append(HEADER)
    other.append(["b"])
    other.sheet_state = state
    return workbook


def test_one_of_two_sheets_must_be_named():
    content = saved(two_sheets("visible"))
    assert sentence(content) == (
        "One sheet was expected: small.xlsx has 2 visible sheets, Sheet, May; say which with --sheet."
    )
    table = read_table(content, SMALL, sheet="May")
    assert (table.rows[0].values["id"], table.read_as) == ("b", "May")
    assert sentence(content, sheet="June") == (
        "One sheet was expected: small.xlsx has no sheet “June” but Sheet, May; say which with --sheet."
    )


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_are_passed_over(state):
    table = read_table(saved(two_sheets(state)), SMALL)
    assert (table.rows[0].values["id"], table.read_as) == ("a", "Sheet")


def test_merged_cells_are_refused():
    workbook = workbook_of(["a"], ["b"])
    sheet = workbook.active
    assert sheet is not None
    sheet.merge_cells("G2:G3")
    assert sentence(saved(workbook)) == (
        "Cells of their own were expected: sheet Sheet of small.xlsx has merged cells (G2:G3); unmerge "
        "them and fill each."
    )


def test_merged_cells_of_another_sheet_do_not_matter():
    workbook = two_sheets("visible")
    workbook["May"].merge_cells("A2:B2")
    assert len(read_table(saved(workbook), SMALL, sheet="Sheet").rows) == 1


def test_an_encoding_of_a_workbook():
    assert "small.xlsx is an XLSX workbook, which needs no encoding; leave out “cp1251”" in sentence(
        PLAIN, encoding="cp1251"
    )


# ------------------------------------------------------------------ containers


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("XL/VBAPROJECT.BIN", "macros"),
        ("xl/macrosheets/sheet1.xml", "macros"),
        ("xl/externalLinks/externalLink1.xml", "links to other workbooks"),
        ("xl/connections.xml", "connections to other data"),
        ("xl/embeddings/oleObject1.bin", "embedded objects"),
        ("xl/activeX/activeX1.xml", "active controls"),
    ],
)
def test_workbooks_that_do_or_fetch_something(name, words):
    assert sentence(changed(PLAIN, {name: b"x"})) == (
        f"A workbook of cells only was expected: small.xlsx has {words}; save the sheet as “CSV UTF-8”."
    )


def test_a_workbook_that_calls_itself_macro_enabled():
    types = part(PLAIN, "[Content_Types].xml").replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    assert "small.xlsx has macros" in sentence(changed(PLAIN, {"[Content_Types].xml": types}))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"readme.txt": b"x"}, "a ZIP archive"),
        ({}, "a ZIP archive"),
        (
            {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b""},
            "an OpenDocument file",
        ),
        ({"[Content_Types].xml": b"", "word/document.xml": b""}, "a Word document"),
        ({"[Content_Types].xml": b"", "xl/workbook.bin": b""}, "a binary workbook (.xlsb)"),
    ],
)
def test_containers_of_something_else(parts, words):
    assert sentence(container_of(**parts)) == (
        f"CSV or an XLSX workbook was expected: small.xlsx is {words}; save the table as XLSX or “CSV UTF-8”."
    )


def test_a_bomb_is_not_unpacked():
    assert "or more than 200 to 1;" in sentence(changed(PLAIN, {"xl/media/zeros.bin": bytes(4 * 2**20)}))


def test_a_bomb_of_many_parts():
    parts = {f"xl/media/{number}.bin": b"" for number in range(2_100)}
    assert "A workbook of at most 512 MiB unpacked was expected" in sentence(changed(PLAIN, parts))


def test_a_bomb_that_lies_about_its_size():
    # The declared size says 1 KiB: Python's reader stops there and finds the checksum wrong.
    bomb = changed(PLAIN, {SHEET: part(PLAIN, SHEET) + b" " * 2**20})
    at = bomb.index(b"PK\x01\x02", bomb.index(SHEET.encode()))
    while bomb[at + 46 : at + 46 + len(SHEET)] != SHEET.encode():
        at = bomb.index(b"PK\x01\x02", at + 4)
    lying = bomb[: at + 24] + (1024).to_bytes(4, "little") + bomb[at + 28 :]
    assert "small.xlsx is damaged or none (BadZipFile)" in sentence(lying)


def test_entities_are_not_expanded():
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    text = part(PLAIN, SHEET).decode()
    head = f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]>'
    bomb = text.replace("<v>1</v>", "<v>&e9;</v>")
    bomb = head + bomb if not bomb.startswith("<?") else bomb.replace("?>", f"?>{head}", 1)
    assert "small.xlsx is damaged or none (ValueError)" in sentence(changed(PLAIN, {SHEET: bomb.encode()}))


def test_locked_and_doubled_parts():
    locked = bytearray(PLAIN)
    at = locked.index(b"PK\x01\x02")
    locked[at + 8] |= 1
    assert "has parts that are locked or stand twice" in sentence(bytes(locked))


# Parts of a whole, since the length of a workbook differs from one writing to the next.
@pytest.mark.parametrize("part", [0.001, 0.01, 0.05, 0.5, 0.9999])
def test_a_workbook_cut_off(part):
    size = max(4, int(len(PLAIN) * part))
    assert "small.xlsx is damaged or none" in sentence(PLAIN[:size])


def test_a_part_that_is_missing():
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            if name != SHEET:
                new.writestr(name, old.read(name))
    # openpyxl passes over a sheet whose part is missing.
    assert "small.xlsx has 0 visible sheets, none;" in sentence(stream.getvalue())
