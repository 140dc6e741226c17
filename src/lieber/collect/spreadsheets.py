"""XLSX, row by row: what a workbook is allowed to be, and what its cells are.

A workbook is a ZIP container of XML, so that it is measured before it is unpacked. Nothing in it is
computed: a formula is not a value, a macro or a link to another workbook makes it no table.
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from .cells import Cell, Typed, TypedCell, decimal_text
from .files import UnusableFile, no_table, shown

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MOST_BYTES = 100 * 2**20
MOST_UNPACKED = 512 * 2**20
MOST_PARTS = 2_000
MOST_COLUMNS = 1_000
# Deflate packs at most about 1,032 to 1; tables pack about 5 to 30 to 1. Small parts may be regular.
MOST_RATIO = 200
_SMALL = 2**20
_CHUNK = 2**20

# Parts of a workbook that do something or fetch something: beginning of the name, words.
_REFUSED_PARTS: tuple[tuple[str, str], ...] = (
    ("xl/vbaproject", "macros"),
    ("xl/macrosheets/", "macros"),
    ("xl/dialogsheets/", "dialogues"),
    ("xl/externallinks/", "links to other workbooks"),
    ("xl/connections.xml", "connections to other data"),
    ("xl/querytables/", "connections to other data"),
    ("xl/embeddings/", "embedded objects"),
    ("xl/activex/", "active controls"),
)


class Spreadsheet:
    """The rows of one sheet of a workbook. `name` is what sentences call the file.

    `sheet` is the sheet's title (None takes the only visible one); `blank` counts the empty rows
    passed over. Raises UnusableFile where the file is no harmless XLSX workbook.
    """

    def __init__(self, stream: BinaryIO, *, name: str, sheet: str | None) -> None:
        content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise UnusableFile(
                f"A workbook of at most {MOST_BYTES // 2**20} MiB was expected: {name} is larger; save it as "
                "“CSV UTF-8”."
            )
        self.name = name
        self.sheet = sheet
        self.blank = 0
        self.digest = hashlib.sha256(content).hexdigest()
        self._content = content
        with self._sentences(), zipfile.ZipFile(io.BytesIO(content)) as container:
            _check_container(container, name)

    def records(self) -> Iterator[tuple[int, list[Cell]]]:
        """Number of each row, and its cells; empty rows are passed over.

        The first row ends with its last cell that is not empty; shorter rows are filled up to it.

        Raises UnusableFile where the sheet is not certain, has merged cells, or cannot be read.
        """
        with self._sentences(), self._workbook() as workbook:
            sheet = self._chosen(workbook)
            self._check_sheet(sheet)
            # The size a sheet declares of itself may be wrong and would cut rows off.
            sheet.reset_dimensions()
            width = 0
            for number, row in enumerate(sheet.iter_rows(), start=1):
                if len(row) > MOST_COLUMNS:
                    raise UnusableFile(
                        f"At most {MOST_COLUMNS:,} columns were expected: row {number} of {self.name} has "
                        f"{len(row):,}; delete the cells right of the table."
                    )
                cells = [_cell(cell) for cell in row]
                while cells and not str(cells[-1]).strip():
                    cells.pop()
                if not cells:
                    self.blank += 1
                    continue
                width = width or len(cells)
                yield number, cells + [""] * (width - len(cells))

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turns whatever a broken workbook raises in its readers into one sentence.

        The readers warn of what does not matter to a table (styles, validations), and raise nearly
        everything that Python has for XML and ZIP that is not what it should be.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except UnusableFile:
            raise
        except Exception as error:
            raise UnusableFile(
                f"An XLSX workbook was expected: {self.name} is damaged or none ({type(error).__name__}); "
                "open it in a spreadsheet program and save it again."
            ) from error

    @contextmanager
    def _workbook(self) -> Iterator[Workbook]:
        # openpyxl comes with the extra `mission` and is imported where a workbook is opened.
        from openpyxl import load_workbook  # noqa: PLC0415

        workbook = load_workbook(io.BytesIO(self._content), read_only=True, data_only=False, keep_links=False)
        try:
            yield workbook
        finally:
            workbook.close()

    def _chosen(self, workbook: Workbook) -> Any:
        """The sheet to read; openpyxl's types do not know its streaming sheets."""
        sheets = {sheet.title: sheet for sheet in workbook.worksheets}
        seen = [title for title, sheet in sheets.items() if sheet.sheet_state == "visible"]
        if self.sheet is None and len(seen) == 1:
            self.sheet = seen[0]
        if self.sheet is None or self.sheet not in sheets:
            found = (
                f"{len(seen)} visible sheets,"
                if self.sheet is None
                else f"no sheet “{shown(self.sheet)}” but"
            )
            raise UnusableFile(
                f"One sheet was expected: {self.name} has {found} {', '.join(map(shown, seen)) or 'none'}; "
                "say which with --sheet."
            )
        return sheets[self.sheet]

    def _check_sheet(self, sheet: Any) -> None:
        """Raises UnusableFile for merged cells and for rows out of order.

        The streaming reader would read a merged cell as empty, and would pass over a row that comes
        after a later one; both would lose what a person sees.
        """
        with zipfile.ZipFile(io.BytesIO(self._content)) as container:
            # openpyxl has no public name for the sheet's part in the container.
            part = vars(sheet)["_worksheet_path"]
            last = 0
            for found in _marks(container, part):
                if found["merged"]:
                    raise UnusableFile(
                        f"Cells of their own were expected: sheet {shown(sheet.title)} of {self.name} has "
                        f"merged cells ({shown(found['merged'].decode('ascii', 'replace'))}); unmerge them "
                        "and fill each."
                    )
                row = int(found["row"])
                if row <= last:
                    raise UnusableFile(
                        f"Rows in order were expected: row {row} of {self.name} comes after row {last}; open "
                        "it in a spreadsheet program and save it again."
                    )
                last = row


def _check_container(container: zipfile.ZipFile, name: str) -> None:
    """Raises UnusableFile for a ZIP that is no workbook, is too large unpacked, or does something."""
    parts = container.infolist()
    names = [part.filename.lower() for part in parts]
    _check_format(container, names, name)
    for begin, words in _REFUSED_PARTS:
        if any(part.startswith(begin) for part in names):
            raise _with_parts(name, words)
    if b"macroenabled" in container.read("[Content_Types].xml").lower():
        raise _with_parts(name, "macros")


def _with_parts(name: str, words: str) -> UnusableFile:
    return UnusableFile(
        f"A workbook of cells only was expected: {name} has {words}; save the sheet as “CSV UTF-8”."
    )


_WORKBOOK = re.compile(r"xl/workbook\d*\.xml")


def _check_format(container: zipfile.ZipFile, names: list[str], name: str) -> None:
    words = ""
    if any(part.startswith("xl/workbook") and part.endswith(".bin") for part in names):
        words = "a binary workbook (.xlsb)"
    elif "mimetype" in names and "content.xml" in names:
        words = "an OpenDocument file"
    elif any(part.startswith("word/") for part in names):
        words = "a Word document"
    elif "[content_types].xml" not in names or not any(map(_WORKBOOK.fullmatch, names)):
        words = "a ZIP archive"
    if words:
        raise no_table(name, words)
    _check_size(container, name)


def _check_size(container: zipfile.ZipFile, name: str) -> None:
    """Raises UnusableFile for a ZIP bomb. The sizes are those declared: Python's reader stops at them."""
    parts = container.infolist()
    if len({part.filename for part in parts}) < len(parts) or any(part.flag_bits & 1 for part in parts):
        raise UnusableFile(
            f"A plain XLSX workbook was expected: {name} has parts that are locked or stand twice; "
            "save it again."
        )
    bomb = any(
        part.file_size > _SMALL and part.file_size > MOST_RATIO * max(part.compress_size, 1) for part in parts
    )
    if bomb or len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise UnusableFile(
            f"A workbook of at most {MOST_UNPACKED // 2**20} MiB unpacked was expected: {name} unpacks to "
            f"more, or more than {MOST_RATIO} to 1; save the sheet as “CSV UTF-8”."
        )


_MARK = re.compile(
    rb'<(?:\w+:)?(?:row\s[^<>]*?\br="(?P<row>[0-9]{1,9})"|mergeCell\s[^<>]*?\bref="(?P<merged>[^"<>]{1,40})")'
)


def _marks(container: zipfile.ZipFile, part: str) -> Iterator[re.Match[bytes]]:
    """Each row's number and each merged range in the XML of a sheet, read piece by piece."""
    with container.open(part) as stream:
        rest = b""
        while piece := stream.read(_CHUNK):
            text = rest + piece
            # A tag may be cut by the end of the piece: what follows the last “>” waits for the next.
            end = text.rfind(b">") + 1
            yield from _MARK.finditer(text, 0, end)
            rest = text[end:][-_CHUNK:]


def _cell(cell: Any) -> Cell:
    """The cell as text, or as what else it is."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return TypedCell(_formula(value), Typed.FORMULA)
    if cell.data_type == "e":
        return TypedCell(str(value), Typed.ERROR)
    if isinstance(value, str):
        return _CONTROL.sub(lambda match: chr(int(match[1], 16)), value) if "_x00" in value else value
    return _typed(value, cell.number_format or "")


# ECMA-376 part 1, 22.9.2.19 (ST_Xstring): how control characters are written inside XML.
_CONTROL = re.compile(r"_x(00[01][0-9A-Fa-f]|007F)_")


def _formula(value: object) -> str:
    text = value if isinstance(value, str) else getattr(value, "text", "") or ""
    return text if text.startswith("=") else f"={text}"


def _typed(value: object, number_format: str) -> TypedCell:
    if isinstance(value, bool):
        return TypedCell(str(value).upper(), Typed.LOGICAL)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime) and value.time() != time():
        return TypedCell(value.isoformat(" "), Typed.TIME)
    if isinstance(value, date):
        whole = _shows_day_and_year(number_format)
        return TypedCell(value.isoformat()[:10], Typed.DATE if whole else Typed.PART_OF_DATE)
    assert isinstance(value, time | timedelta), f"openpyxl gave a {type(value).__name__}"
    return TypedCell(str(value), Typed.TIME)


def _number(value: float) -> TypedCell:
    """3.0 is 3: spreadsheets know one kind of number and hold 15 digits of it."""
    if abs(value) >= 10**15:
        return TypedCell(str(value), Typed.ROUNDED_NUMBER)
    text = str(int(value)) if value == int(value) else decimal_text(float(value))
    return TypedCell(text, Typed.NUMBER)


def _shows_day_and_year(number_format: str) -> bool:
    """True where a date cell shows day, month and year.

    Who types “Aug 2024” gets 1 August shown as “Aug-24”, and who types “1 Aug” gets this year's:
    the part not shown was made up by the program.
    """
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", number_format.lower())
    return "y" in bare and re.search(r"(?<!d)d{1,2}(?!d)", bare) is not None
