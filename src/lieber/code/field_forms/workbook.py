"""An XLSForm as the bytes of an XLSX workbook: the same form, the same bytes.

The workbook is written by hand (ECMA-376, the parts that a workbook must have, texts in the cells
themselves) and packed without compression and without a clock, so that its digest can be published.
"""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

from .xlsform import Sheet, XlsForm

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# The first instant that a ZIP container can name.
_NO_CLOCK = (1980, 1, 1, 0, 0, 0)


def write_xlsx(form: XlsForm) -> bytes:
    """The form as an XLSX workbook with the sheets survey, choices and settings."""
    sheets = form.sheets
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _workbook(list(sheets)),
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", f"worksheets/sheet{number}.xml") for number in _numbers(len(sheets))]
        ),
    }
    for number, sheet in zip(_numbers(len(sheets)), sheets.values(), strict=True):
        parts[f"xl/worksheets/sheet{number}.xml"] = _worksheet(sheet)
    return _packed(parts)


def _packed(parts: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as container:
        for name, text in parts.items():
            part = zipfile.ZipInfo(name, _NO_CLOCK)
            part.create_system = 3  # else it would tell the system on which it was written
            container.writestr(part, text.encode())
    return stream.getvalue()


def _numbers(count: int) -> range:
    return range(1, count + 1)


def _content_types(sheets: int) -> str:
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in _numbers(sheets)
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{overrides}</Types>'
    )


def _relations(targets: list[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _workbook(names: list[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, start=1)
    )
    return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets></workbook>'


def _worksheet(sheet: Sheet) -> str:
    rows = "".join(
        f'<row r="{number}">{_cells(number, row)}</row>' for number, row in enumerate(sheet, start=1)
    )
    return f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def _cells(number: int, row: tuple[str, ...]) -> str:
    return "".join(_cell(number, column, text) for column, text in enumerate(row) if text)


def _cell(row: int, column: int, text: str) -> str:
    content = f'<is><t xml:space="preserve">{escape(text)}</t></is>'
    return f'<c r="{_letters(column)}{row}" t="inlineStr">{content}</c>'


def _letters(column: int) -> str:
    """The name of a column by its number from 0: A, B, …, Z, AA."""
    before, last = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)
