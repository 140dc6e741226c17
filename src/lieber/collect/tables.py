"""Tables of others, read into typed rows by a form.

What is wrong with the file as a whole is raised (UnusableFile). What is wrong with a cell or a row
is noted, row by row, so that everything can be put right in one go; nothing is guessed, and the
rows that are right are there to be used.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from .cells import SPACES, Cell, CellRefused, Code, ColumnReader, cell_text
from .delimited import Delimited, too_many_rows
from .files import HEAD, UnusableFile, foreign_format, is_zip, no_table, opened, shown, visible
from .form import Form
from .rows import broken
from .spreadsheets import Spreadsheet

MOST_PROBLEMS = 10_000
MOST_ROWS = 500_000
_LONGEST_VALUE = 200
_MOST_LISTED = 12
# Characters of refused rows that are kept for the error file.
_MOST_KEPT = 20_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell (or, with an empty or the first column, with a row).

    `line` is the line of the file, or the row of the sheet; `value` is what was found, as it may be
    shown; `expected` completes “expected …”; `code` is a word for machines.
    """

    line: int
    column: str
    value: str
    expected: str
    code: Code

    def __str__(self) -> str:
        place = f"Line {self.line}, {self.column}" if self.column else f"Line {self.line}"
        return f"{place}: expected {self.expected}; found {self.value or 'nothing'}."


class Row(NamedTuple):
    """One row: its typed values by column, and its cells as they were written.

    A value is None where the cell is empty, and the empty tuple where several values may stand.
    """

    line: int
    values: dict[str, object]
    columns: tuple[str, ...]
    cells: tuple[str, ...]

    @property
    def raw(self) -> dict[str, str]:
        """The cells as they were written, by column, in the order of the file."""
        return dict(zip(self.columns, self.cells, strict=False))


@dataclass(slots=True)
class Table:
    """What was read of a file.

    `rows` are those without a problem, `refused` the others (as far as their problems are kept);
    `problems` are in the order of the file and at most `MOST_PROBLEMS`, `more_problems` counts the
    rest. `digest` is the SHA-256 of the file, `count` its rows, right or wrong, `blank` the empty
    rows passed over, `normalised` the cells trimmed or brought to Unicode's normal form C.
    `read_as` is the encoding, or the title of the sheet.
    """

    form: Form
    name: str
    columns: tuple[str, ...]
    read_as: str = ""
    digest: str = ""
    count: int = 0
    blank: int = 0
    normalised: int = 0
    rows: list[Row] = field(default_factory=list)
    refused: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    more_problems: int = 0


class _Records(Protocol):
    """A file that gives its records one after the other."""

    @property
    def digest(self) -> str: ...
    @property
    def blank(self) -> int: ...
    def records(self) -> Iterator[tuple[int, Sequence[Cell]]]: ...


def read_table(
    path_or_bytes: Path | str | bytes,
    form: Form,
    *,
    encoding: str | None = None,
    sheet: str | None = None,
    max_rows: int = MOST_ROWS,
    name: str | None = None,
) -> Table:
    """The table in a CSV file or an XLSX workbook, typed and checked by the form.

    `encoding` names the encoding of a CSV file that is neither UTF-8 nor marked UTF-16; `sheet` the
    sheet of a workbook; `max_rows` the most rows under the header; `name` is what sentences call the
    file (else the name of the path). The file is read as a stream and never as a whole in memory.
    Raises UnusableFile where the file as a whole is no such table; problems of rows are collected.
    """
    called = name or ("the file" if isinstance(path_or_bytes, bytes) else Path(path_or_bytes).name)
    called = shown(called, longest=120)
    with opened(path_or_bytes, name=called) as stream:
        if _is_workbook(stream, called):
            _refuse_option(encoding, called, "an XLSX workbook, which needs no encoding")
            workbook = Spreadsheet(stream, name=called, sheet=sheet)
            table = _read(workbook, form, called, max_rows)
            table.read_as = workbook.sheet or ""
        else:
            _refuse_option(sheet, called, "CSV, which has no sheets")
            text = Delimited(stream, name=called, encoding=encoding)
            text.check_size(max_rows)
            table = _read(text, form, called, max_rows)
            table.read_as = text.encoding
    return table


def error_file(table: Table) -> str:
    """CSV text of the problems: line, column, value, expected, and the row as it was written.

    A cell that a spreadsheet program would take for a formula gets an apostrophe before it (OWASP,
    "CSV Injection"), and hidden characters are written out, so that the file can be opened safely.
    """
    rows = {row.line: row for row in table.refused}
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(map(harmless, ("line", "column", "value", "expected", *table.columns)))
    for problem in table.problems:
        cells = rows[problem.line].cells
        shown_cells = (str(problem.line), problem.column, problem.value, problem.expected, *cells)
        writer.writerow(map(harmless, shown_cells))
    return text.getvalue()


def write_csv(form: Form, rows: Iterable[Mapping[str, object]]) -> str:
    """CSV text with the columns of the form, that reads back as the same values.

    A value that the form does not admit is written all the same: reading it back names it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(form.columns)
    for values in rows:
        writer.writerow([cell_text(values.get(name)) for name in form.columns])
    return text.getvalue()


def _is_workbook(stream: BinaryIO, name: str) -> bool:
    """True for a ZIP container. Raises UnusableFile for what is neither text nor that."""
    head = stream.read(HEAD)
    stream.seek(0)
    words = foreign_format(head)
    if words is not None:
        raise no_table(name, words)
    return is_zip(head)


def _refuse_option(option: str | None, name: str, words: str) -> None:
    if option is not None:
        raise UnusableFile(f"No such choice was expected: {name} is {words}; leave out “{shown(option)}”.")


def _read(source: _Records, form: Form, name: str, max_rows: int) -> Table:
    records = source.records()
    first = next(records, None)
    if first is None:
        raise UnusableFile(f"A table with a header and rows was expected: {name} is empty.")
    columns = _header(first[1], form, name)
    reader = _Reader(Table(form=form, name=name, columns=columns))
    table = reader.table
    for line, cells in records:
        if table.count == max_rows:
            raise too_many_rows(name, max_rows)
        reader.take(line, cells)
    if not table.count:
        raise UnusableFile(
            f"Rows were expected under the header: {name} has none; name the file with the rows."
        )
    table.digest, table.blank = source.digest, source.blank
    table.normalised = sum(column.normalised for column in reader.readers)
    return table


class _Reader:
    """Reads row after row into a table."""

    def __init__(self, table: Table) -> None:
        columns = table.form.columns
        self.table = table
        self.readers = [ColumnReader(columns[name]) for name in table.columns]
        self._absent = {
            name: ColumnReader(columns[name]).kind.empty for name in columns if name not in table.columns
        }
        self._ids: dict[str, dict[object, int]] = {
            name: {} for name in table.columns if columns[name].kind == "id"
        }
        self._kept = 0

    def take(self, line: int, cells: Sequence[Cell]) -> None:
        """Type and check one row, and put it to the rows or to the refused ones."""
        table = self.table
        table.count += 1
        if len(cells) != len(self.readers):
            self._refuse(
                Row(line, {}, table.columns, tuple(map(str, cells))), [self._width_problem(line, cells)]
            )
            return
        values = dict(self._absent)
        texts: list[str] = []
        problems: list[Problem] = []
        for reader, cell in zip(self.readers, cells, strict=True):
            try:
                text, values[reader.name] = reader.known.get(cell) or reader.read(cell)
            except CellRefused as refused:
                text = str(cell)
                problems.append(
                    _problem(line, reader.name, text, expected=refused.expected, code=refused.code)
                )
            texts.append(text)
        problems += self._repeated(line, values)
        problems += self._broken(line, values)
        row = Row(line, values, table.columns, tuple(texts))
        if problems:
            self._refuse(row, problems)
        else:
            table.rows.append(row)

    def _refuse(self, row: Row, problems: list[Problem]) -> None:
        """Keep the row and its problems, up to the limits on their number and size."""
        table = self.table
        self._kept += sum(map(len, row.cells))
        room = MOST_PROBLEMS - len(table.problems) if self._kept <= _MOST_KEPT else 0
        if room:
            table.refused.append(row)
            table.problems += problems[:room]
        table.more_problems += len(problems[room:])

    def _width_problem(self, line: int, cells: Sequence[Cell]) -> Problem:
        expected = f"{len(self.readers)} cells as in the header (is a quote or a comma missing?)"
        return _problem(line, "", f"{len(cells)} cells", expected=expected, code=Code.CELLS)

    def _repeated(self, line: int, values: Mapping[str, object]) -> Iterator[Problem]:
        for name, lines in self._ids.items():
            value = values.get(name)
            if value is not None and (first := lines.setdefault(value, line)) != line:
                expected = f"an id of its own for each row (this one stands on line {first} too)"
                yield _problem(line, name, str(value), expected=expected, code=Code.REPEATED_ID)

    def _broken(self, line: int, values: Mapping[str, object]) -> Iterator[Problem]:
        """The broken rules among those whose cells could all be read."""
        complete = len(values) == len(self.table.form.columns)
        for rule in self.table.form.rules:
            if (complete or values.keys() >= set(rule.columns)) and broken(rule, values):
                known = [f"{name} {cell_text(values[name]) or 'empty'}" for name in rule.columns]
                yield _problem(
                    line, rule.columns[0], ", ".join(known), expected=rule.expected, code=Code.ROW_RULE
                )


def _problem(line: int, column: str, value: str, *, expected: str, code: Code) -> Problem:
    return Problem(line, column, shown(value, longest=_LONGEST_VALUE), expected, code)


def _header(cells: Sequence[Cell], form: Form, name: str) -> tuple[str, ...]:
    """The columns of the file. Raises UnusableFile where they are not those of the form."""
    columns = tuple(unicodedata.normalize("NFC", str(cell)[:_LONGEST_VALUE]).strip(SPACES) for cell in cells)
    missing = [column for column, spec in form.columns.items() if column not in columns and not spec.optional]
    if missing:
        _check_delimiter(columns, form, name)
    unknown = [column for column in columns if column and column not in form.columns]
    repeated = [column for column, count in Counter(columns).items() if column and count > 1]
    faults = [
        f"lacks {_listed(missing)}" if missing else "",
        f"has columns the form does not know: {_listed(unknown)}" if unknown else "",
        f"has {_listed(repeated)} more than once" if repeated else "",
        f"has no name for column {columns.index('') + 1}" if "" in columns else "",
    ]
    if any(faults):
        raise UnusableFile(
            f"A header with the columns of the form “{form.name}” was expected: {name} "
            f"{' and '.join(filter(None, faults))}; add, rename or delete these columns."
        )
    return columns


def _check_delimiter(columns: Sequence[str], form: Form, name: str) -> None:
    """Raises UnusableFile where the header would be right if commas were something else."""
    header = ",".join(columns)
    for delimiter, words in ((";", "semicolons"), ("\t", "tabulators"), ("|", "vertical bars")):
        parts = {part.strip(SPACES + '"') for part in header.split(delimiter)}
        if len(parts) > 1 and len(parts & set(form.columns)) > len(set(columns) & set(form.columns)):
            raise UnusableFile(
                f"Cells with commas between them were expected: those of {name} have {words}; save it as "
                "“CSV UTF-8” with commas."
            )


def _listed(names: Sequence[str]) -> str:
    some = ", ".join(shown(name) for name in names[:_MOST_LISTED])
    return some if len(names) <= _MOST_LISTED else f"{some} and {len(names) - _MOST_LISTED} more"


# What a spreadsheet program takes for the beginning of a formula; the wide forms count in
# East Asian settings.
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(text: str) -> str:
    """The cell as it may stand in a file that is opened with a spreadsheet program."""
    begins = text.startswith(_FORMULA_BEGINS) or text.lstrip().startswith(_FORMULA_BEGINS)
    plain = text if text.isprintable() else "\n".join(map(visible, text.replace("\r\n", "\n").split("\n")))
    return f"'{plain}" if begins else plain
