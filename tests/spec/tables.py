"""Tables of the specifications: a heading, then one row a line, cells between bars."""

from __future__ import annotations


def table(text: str) -> list[dict[str, str]]:
    """The rows of a table, each by its headings; cells without the blanks around them.

    Empty lines are left out. A row with more or fewer cells than the heading is an error: a
    missing bar must not shift a specification.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    heading, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    return [dict(zip(heading, row, strict=True)) for row in rows]
