"""CSV: what a file must be, what is noted of its rows, and what becomes of the notes."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import tracemalloc
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from lieber.base import BadInput
from lieber.collect import (
    FORMS,
    MOST_PROBLEMS,
    Code,
    Span,
    UnusableFile,
    error_file,
    read_form,
    read_table,
    shipped_form,
    write_csv,
)

EXAMPLE = Path(str(resources.files("lieber_mission"))) / "example"

# id, day, whole number, text with lines, list
SMALL = read_form("""
form = "small"
title = "A small table"
[columns]
id = { kind = "id", required = true }
day = { kind = "day" }
n = { kind = "integer" }
note = { kind = "text", lines = true }
tags = { kind = "keys", optional = true }
""")
HEADER = b"id,day,n,note\n"


def sentence(content: bytes, **options) -> str:
    """The one sentence with which the file is refused."""
    with pytest.raises(UnusableFile) as refused:
        read_table(content, SMALL, name="small.csv", **options)
    return str(refused.value)


# ------------------------------------------------------------------ the example


@pytest.mark.parametrize(
    ("name", "rows", "digest"),
    [
        ("reports", 271, "be690671320e1512a1fead1a5956af7f1e4bfa22c6b534d142a11fbc2135aadf"),
        ("incidents", 48, "b41c41fc5e81c3fbac75d017d0d8c2df474c94292228dd5798ee0a81b39f2364"),
        ("tallies", 171, "4d9f01108675cb3156f4c6a898452e39578c959641ac93ed2041467538e1c6da"),
        ("statements", 96, "a040a52cdfa06fab489c407148a66d9a9341ad6ea5c3167605386256051a6139"),
    ],
)
def test_the_example_is_read_without_a_problem(name, rows, digest):
    path = EXAMPLE / f"{name}.csv"
    table = read_table(path, shipped_form(name))
    assert (table.problems, table.more_problems, table.refused) == ([], 0, [])
    assert (table.count, len(table.rows), table.blank, table.normalised) == (rows, rows, 0, 0)
    assert table.digest == digest
    assert table.name == path.name
    assert table.read_as == "utf-8"


def test_raw_is_what_stands_in_the_file():
    with (EXAMPLE / "reports.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert [row.raw for row in read_table(EXAMPLE / "reports.csv", shipped_form("reports")).rows] == expected


def test_values_are_typed():
    rows = {
        row.values["report_id"]: row
        for row in read_table(EXAMPLE / "reports.csv", shipped_form("reports")).rows
    }
    values = rows["R0002"].values
    assert rows["R0002"].line == 3
    assert values["published_on"] == date(2022, 4, 6)
    assert values["published_month"] == Span(date(2022, 4, 1), date(2022, 4, 30))
    assert (values["lat"], values["lon"]) == (50.459, 30.17)
    assert (values["victims_killed_min"], values["victims_killed_max"]) == (1, 4)
    assert values["victim_status"] == ("in_custody", "wounded")
    assert values["alleged_unit_as_stated"] is None


@pytest.mark.parametrize("name", FORMS)
def test_written_values_read_back_equal(name):
    table = read_table(EXAMPLE / f"{name}.csv", shipped_form(name))
    again = read_table(write_csv(table.form, [row.values for row in table.rows]).encode(), table.form)
    assert [row.values for row in again.rows] == [row.values for row in table.rows]


# ------------------------------------------------------------------ the header


def test_columns_may_stand_in_any_order():
    table = read_table(b"note,n,id,day\nx,1,a,2024-03-02\n", SMALL)
    assert table.rows[0].values == {"tags": (), "id": "a", "day": date(2024, 3, 2), "n": 1, "note": "x"}


def test_wrong_columns_are_named():
    assert sentence(b"id,date,n,Note\na,,,\n") == (
        "A header with the columns of the form “small” was expected: small.csv lacks day, note and has "
        "columns the form does not know: date, Note; add, rename or delete these columns."
    )


def test_repeated_and_nameless_columns_are_named():
    assert "has n more than once and has no name for column 6;" in sentence(b"id,day,n,note,n,\na,,,,,\n")


def test_many_wrong_columns_are_not_all_listed():
    header = ",".join(f"x{number}" for number in range(500)).encode()
    assert "x11 and 488 more;" in sentence(HEADER.strip() + b"," + header + b"\n1\n")


def test_names_of_columns_cannot_reach_the_terminal():
    assert "<U+001B>[31mred" in sentence(b"id,day,n,note,\x1b[31mred\na,,,,\n")


@pytest.mark.parametrize(
    ("delimiter", "words"), [(b";", "semicolons"), (b"\t", "tabulators"), (b"|", "vertical bars")]
)
def test_another_delimiter_is_named(delimiter, words):
    content = (HEADER + b"a,2024-03-02,1,x\n").replace(b",", delimiter)
    assert sentence(content) == (
        f"Cells with commas between them were expected: those of small.csv have {words}; save it as "
        "“CSV UTF-8” with commas."
    )


def test_a_label_for_tests_may_be_missing_from_reports():
    table = read_table(EXAMPLE / "reports.csv", shipped_form("reports"))
    kept = [name for name in table.form.columns if name not in {"incident_key", "label_confidence"}]
    text = io.StringIO()
    writer = csv.DictWriter(text, kept, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(row.raw for row in table.rows)
    without = read_table(text.getvalue().encode(), table.form)
    assert len(without.rows) == 271
    assert {row.values["incident_key"] for row in without.rows} == {None}


# ------------------------------------------------------------------ the file


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "A table with a header and rows was expected: small.csv is empty."),
        (b" \r\n\n", "A table with a header and rows was expected: small.csv is empty."),
        (codecs.BOM_UTF8, "A table with a header and rows was expected: small.csv is empty."),
        (HEADER, "Rows were expected under the header: small.csv has none; name the file with the rows."),
        (
            HEADER + b"\n,,,\n",
            "Rows were expected under the header: small.csv has none; name the file with the rows.",
        ),
    ],
)
def test_empty_file(content, expected):
    assert sentence(content) == expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\n...", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff\xe0..JFIF", "a JPEG image"),
        (b"\x1f\x8b\x08\0", "a gzip archive"),
        (b"\0\0\0\x20ftypisom", "a video or HEIC file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls) or one locked with a password"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "a web page"),
        (b"<?xml version='1.0'?>", "an XML document"),
        (b'{"rows": []}', "a JSON document"),
    ],
)
def test_binary_file(content, words):
    assert sentence(content) == (
        f"CSV or an XLSX workbook was expected: small.csv is {words}; save the table as XLSX or “CSV UTF-8”."
    )


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UnusableFile, match=r"none\.csv cannot be opened \(No such file or directory\)"):
        read_table(tmp_path / "none.csv", SMALL)
    with pytest.raises(UnusableFile, match="name the CSV or XLSX file itself"):
        read_table(tmp_path, SMALL)
    with pytest.raises(UnusableFile, match="cannot be opened"):
        read_table("a\0b", SMALL)


def test_nul_bytes():
    assert sentence(HEADER + b"a,,1,x\0y\n") == (
        "Text was expected: found a NUL byte at offset 20 of small.csv, so that it is a binary file or "
        "UTF-16 without its mark; save it as “CSV UTF-8”."
    )
    far = HEADER + b"".join(b"a%d,,1,x\n" % number for number in range(1000)) + b"b,,1,\0\n"
    assert "found a NUL byte at line 1002 of small.csv" in sentence(far)


def test_utf_16_without_its_mark():
    assert "UTF-16 without its mark" in sentence((HEADER + b"a,,1,x\n").decode().encode("utf-16-le"))


# ------------------------------------------------------------------ encodings

CYRILLIC = "id,day,n,note\na,,1,Київ\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-with-mark"])
def test_marked_encodings_are_recognised(encoding):
    content = (
        codecs.BOM_UTF16_BE + CYRILLIC.encode("utf-16-be")
        if encoding == "utf-16-be-with-mark"
        else CYRILLIC.encode(encoding)
    )
    table = read_table(content, SMALL)
    assert table.rows[0].values["note"] == "Київ"
    assert table.read_as == ("utf-8" if "8" in encoding else "utf-16")
    assert table.digest == hashlib.sha256(content).hexdigest()


def test_cp1251_is_not_guessed():
    assert sentence(CYRILLIC.encode("cp1251")) == (
        "Text encoded as UTF-8 was expected: found byte 0xCA at offset 19 (line 2) of small.csv; save it as "
        "“CSV UTF-8”, or name its encoding, for example --encoding cp1251."
    )


def test_latin_1_is_not_guessed():
    content = HEADER + b"a,,1,x\n" * 3 + "b,,2,Besançon\n".encode("latin-1")
    assert "found byte 0xE7 at offset 45 (line 5) of small.csv" in sentence(content)


def test_the_undecodable_byte_is_found_across_pieces():
    rows = b"".join(b"a%d,,1,%s\n" % (number, b"x" * 100) for number in range(30_000))
    content = HEADER + rows + "b,,2,ні\n".encode() + b"c,,3,\xd0\n"
    offset = content.index(b"c,,3") + 5
    assert f"found byte 0xD0 at offset {offset:,} (line 30,003)" in sentence(content)


def test_a_character_cut_off_at_the_end():
    assert "found byte 0xD0 at offset 19 (line 2)" in sentence(HEADER + b"a,,1,\xd0")


def test_a_named_encoding_is_used_strictly():
    table = read_table(CYRILLIC.encode("cp1251"), SMALL, encoding="cp1251")
    assert table.rows[0].values["note"] == "Київ"
    assert table.read_as == "cp1251"
    assert "encoded as CP1251 was expected: found byte 0x98" in sentence(
        HEADER + b"a,,1,\x98\n", encoding="cp1251"
    )
    assert "encoded as ASCII was expected" in sentence(CYRILLIC.encode(), encoding="ascii")


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "zlib", "idna", "unicode_escape", "a\0b", "", "é"])
def test_an_encoding_that_is_none(encoding):
    assert sentence(HEADER + b"a,,1,x\n", encoding=encoding).startswith(
        "The name of an encoding was expected"
    )


def test_a_named_encoding_that_the_mark_contradicts():
    assert sentence(codecs.BOM_UTF8 + HEADER, encoding="cp1251") == (
        "One encoding was expected: small.csv begins with the mark of UTF-8 and was said to be cp1251; leave "
        "the encoding out."
    )
    assert "small.csv is UTF-32" in sentence(CYRILLIC.encode("utf-32"))
    assert "name utf-16-le or utf-16-be" in sentence(CYRILLIC.encode("utf-16-le"), encoding="utf-16")


def test_a_sheet_of_a_csv_file():
    assert "small.csv is CSV, which has no sheets; leave out “May”" in sentence(HEADER, sheet="May")


# ------------------------------------------------------------------ lines and quotes


def test_cells_with_line_ends_and_lines_are_counted_as_in_the_file():
    table = read_table(HEADER + b'a,,1,"one\ntwo ""three"""\n\nb,,x,\n', SMALL)
    assert table.rows[0].values["note"] == 'one\ntwo "three"'
    assert [(problem.line, problem.column) for problem in table.problems] == [(5, "n")]
    assert table.blank == 1


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end(end):
    content = (HEADER + b"a,,1,x\nb,,2,y").replace(b"\n", end)
    assert [row.values["n"] for row in read_table(content, SMALL).rows] == [1, 2]


def test_a_quote_left_open():
    assert 'the record on line 3 of small.csv opens a quote (") that is not closed' in sentence(
        HEADER + b'a,,1,x\nb,,2,"y\nc,,3,z\n'
    )
    assert "the record on line 2 of small.csv opens a quote" in sentence(HEADER + b'a,,1,"y' + b"\n" * 20_000)


def test_a_record_without_end():
    assert "the record on line 2 of small.csv opens a quote" in sentence(HEADER + b'"\n",' * 20_000)


def test_text_after_a_closing_quote():
    assert "found other text on line 2 of small.csv" in sentence(HEADER + b'a,,1,"x"y\n')


def test_endless_cells_and_lines():
    assert "cells of at most 131,072 characters" in sentence(HEADER + b"a,,1," + b"x" * 200_000 + b"\n")
    assert "line 2 of small.csv is longer" in sentence(HEADER + b"," * 2_000_000)


def test_cells_are_no_longer_where_others_let_them_be():
    before = csv.field_size_limit(1_000_000)
    try:
        assert "cells of at most 131,072 characters" in sentence(HEADER + b"a,,1," + b"x" * 200_000 + b"\n")
    finally:
        csv.field_size_limit(before)


def test_too_few_or_too_many_cells_are_a_problem_of_the_row():
    table = read_table(HEADER + b"a,,1\nb,,2,y\nc,,3,x,z\n", SMALL)
    assert [str(problem) for problem in table.problems] == [
        "Line 2: expected 4 cells as in the header (is a quote or a comma missing?); found 3 cells.",
        "Line 4: expected 4 cells as in the header (is a quote or a comma missing?); found 5 cells.",
    ]
    assert [row.values["id"] for row in table.rows] == ["b"]
    assert table.refused[1].cells == ("c", "", "3", "x", "z")


# ------------------------------------------------------------------ size


@pytest.mark.slow
def test_a_million_rows_are_refused_without_being_held(tmp_path):
    path = tmp_path / "million.csv"
    with path.open("wb") as file:
        file.write(HEADER)
        file.writelines(b"a%d,2024-03-02,1,\n" % number for number in range(1_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(UnusableFile) as refused:
            read_table(path, SMALL)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert str(refused.value) == (
        "A table of at most 500,000 rows was expected: million.csv has more; split it into several files."
    )
    assert peak < 8 * 2**20


def test_the_limit_is_on_rows_and_not_on_lines():
    content = HEADER + b'a,,1,"x\n\n\ny"\n\n\nb,,2,\n'
    assert len(read_table(content, SMALL, max_rows=2).rows) == 2
    assert "at most 1 rows" in sentence(content, max_rows=1)


def test_problems_are_kept_up_to_a_limit_and_the_rest_counted():
    content = HEADER + b"".join(b"a%d,,x,\n" % number for number in range(MOST_PROBLEMS + 5)) + b"b,,1,\n"
    table = read_table(content, SMALL)
    assert (len(table.problems), table.more_problems) == (MOST_PROBLEMS, 5)
    assert (table.count, len(table.rows)) == (MOST_PROBLEMS + 6, 1)


def test_huge_refused_rows_are_not_all_kept():
    wide = b"," + b"x" * 100_000
    content = HEADER + b"".join(b"a%d,,1%s\n" % (number, wide * 9) for number in range(30))
    table = read_table(content, SMALL)
    assert len(table.problems) + table.more_problems == 30
    assert len(table.refused) == len(table.problems) == 22  # of 0.9 million characters each


# ------------------------------------------------------------------ rows


def test_repeated_ids():
    table = read_table(HEADER + b"a,,1,\nb,,2,\na,,3,\na ,,4,\n", SMALL)
    assert [str(problem) for problem in table.problems] == [
        "Line 4, id: expected an id of its own for each row (this one stands on line 2 too); found a.",
        "Line 5, id: expected an id of its own for each row (this one stands on line 2 too); found a.",
    ]
    assert {problem.code for problem in table.problems} == {Code.REPEATED_ID}
    assert table.normalised == 1


def test_every_problem_of_a_row_is_noted():
    table = read_table(HEADER + b"a b,45567,-1,=1+1\nb,,2,\n", SMALL)
    assert [problem.code for problem in table.problems] == [
        Code.ID,
        Code.EXCEL_DATE,
        Code.BOUNDS,
        Code.FORMULA,
    ]
    assert [row.values["id"] for row in table.rows] == ["b"]


def test_rules_are_tested_on_the_cells_that_could_be_read():
    form = shipped_form("incidents")
    row = {"incident_key": "I1", "title": "T", "killed_min": "3", "killed_max": "2", "lat": "91", "lon": "5"}
    table = read_table(write_csv(form, [row]).encode(), form)
    # The latitude is out of bounds: it is not also said to be missing beside the longitude.
    assert [(problem.column, problem.code) for problem in table.problems] == [
        ("lat", Code.BOUNDS),
        ("killed_min", Code.ROW_RULE),
    ]
    assert table.problems[1].value == "killed_min 3, killed_best empty, killed_max 2"


def test_normalisation_is_counted_and_changes_nothing_else():
    table = read_table(HEADER + "a,,1, Cafe\u0301 \u00a0\nb,,2,a  b\n".encode(), SMALL)
    assert [row.values["note"] for row in table.rows] == ["Café", "a  b"]
    assert table.rows[0].raw["note"] == " Cafe\u0301 \u00a0"
    assert table.normalised == 1


def test_values_in_sentences_are_cut_and_made_visible():
    table = read_table(HEADER + b"a,,\x1b]0;pwned\x07,\nb,," + b"9" * 5000 + b",\n", SMALL)
    assert table.problems[0].value == "<U+001B>]0;pwned<U+0007>"
    assert len(table.problems[1].value) == 200


def test_combining_marks_without_end_take_no_time():
    marks = "a" + "\u0301\u0316" * 60_000
    table = read_table(HEADER + f"a,,1,{marks}\n".encode(), SMALL)
    assert table.problems[0].expected == "at most 4,000 characters where there are 120,001"


# ------------------------------------------------------------------ the error file


def test_error_file_holds_the_problem_and_the_row():
    table = read_table(HEADER + b"a,02/03/2024,1,x\nb,,2,\nc,,3,\xe2\x80\xaey\n", SMALL)
    lines = list(csv.reader(io.StringIO(error_file(table), newline="")))
    assert lines == [
        ["line", "column", "value", "expected", "id", "day", "n", "note"],
        [
            "2", "day", "02/03/2024",
            "a day written YYYY-MM-DD (this looks like 2024-03-02 or 2024-02-03; format the column as text)",
            "a", "02/03/2024", "1", "x",
        ],
        [
            "4", "note", "<U+202E>y",
            "text without the hidden character U+202E (RIGHT-TO-LEFT OVERRIDE): delete it",
            "c", "", "3", "<U+202E>y",
        ],
    ]  # fmt: skip


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d"])
def test_error_file_cannot_carry_a_formula(begin):
    text = io.StringIO()
    csv.writer(text).writerows([["id", "day", "n", "note"], ["a", "x", "1", f"{begin}cmd|' /C calc'!A0"]])
    table = read_table(text.getvalue().encode(), SMALL)
    cells = list(csv.reader(io.StringIO(error_file(table), newline="")))[1]
    assert cells[-1].startswith("'")
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


# ------------------------------------------------------------------ forms


@pytest.mark.parametrize("name", FORMS)
def test_shipped_forms_have_exactly_the_columns_of_the_example(name):
    with (EXAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        assert list(shipped_form(name).columns) == next(csv.reader(file))


@pytest.mark.parametrize("name", FORMS)
def test_every_column_says_what_it_means(name):
    assert [column.name for column in shipped_form(name).columns.values() if not column.means] == []


def form_of(column: str, rule: str) -> str:
    return f'form = "x"\ntitle = "X"\n[columns]\na = {{ {column} }}\n[[rules]]\nexpected = "e"\n{rule}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("form = ", "A form is a TOML file: "),
        ('form = "x"', "The form lacks a part or has one that is not known: 'title'."),
        (
            form_of('kind = "text", size = 3', 'kind = "within"'),
            "The form lacks a part or has one that is not known",
        ),
        (
            form_of('kind = "text"', 'kind = "within"'),
            "The form lacks a part or has one that is not known: 'columns'.",
        ),
        (
            form_of('kind = "colour"', 'kind = "ordered"\ncolumns = ["a"]'),
            "Column a of the form x is of the kind 'colour': use one of text, id, ",
        ),
        (
            form_of('kind = "day"', 'kind = "equal"\ncolumns = ["a"]'),
            "A rule of the form x is of the kind 'equal': use one of ordered, ",
        ),
        (
            form_of('kind = "day"', 'kind = "within"\ncolumns = ["a", "b"]'),
            "A rule “within” of the form x must name columns of the form, as many as it compares: found a, b",
        ),
        (
            form_of('kind = "day"', 'kind = "span"\ncolumns = ["a"]'),
            "A rule “span” of the form x must name columns of the form, as many as it compares: found a.",
        ),
    ],
)
def test_a_form_that_is_none(text, expected):
    with pytest.raises(BadInput) as refused:
        read_form(text)
    assert str(refused.value).startswith(expected)


def test_a_form_that_does_not_ship():
    with pytest.raises(BadInput, match="incidents, reports, statements, tallies"):
        shipped_form("../reports")
