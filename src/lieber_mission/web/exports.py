"""Lists as CSV: one line about the file, the names of the columns, a line a row.

Only fields that a row's table declares public or internal are offered, and only rows that the viewer may
know of are asked for. A cell that a spreadsheet program would take for a formula gets an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from django.http import HttpResponse

from lieber.collect import harmless


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]], *, about: str) -> Iterator[str]:
    """The lines of a CSV file, its parts joined by semicolons where a cell holds several."""
    for cells in ([f"# {about}"], columns, *rows):
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow([harmless(_text(cell)) for cell in cells])
        yield line.getvalue()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return str(value)


def csv_response(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, about: str
) -> HttpResponse:
    """A file for downloading, with the day in its name."""
    response = HttpResponse(
        "".join(csv_text(columns, rows, about=about)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}-{datetime.now(UTC):%Y-%m-%d}.csv"'
    return response
