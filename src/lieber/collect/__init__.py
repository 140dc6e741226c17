r"""Collecting: what others have written down, as typed rows.

In: the bytes of a CSV file or an XLSX workbook, and a form (columns and rules, as data). Out: rows
with typed values, and for each thing that is wrong its line, column, value and what was expected.

>>> table = read_table(b"x,y\n1,2\n1,nil\n", read_form('''
...     form = "pairs"
...     title = "Pairs of numbers"
...     [columns]
...     x = { kind = "integer" }
...     y = { kind = "integer" }
... '''))
>>> table.rows[0].values
{'x': 1, 'y': 2}
>>> print(table.problems[0])
Line 3, y: expected a whole number in digits only, without sign, separator, unit or word; found nil.
"""

from .cells import CellRefused, Code, Span, cell_text
from .columns import Column, RowRule
from .files import UnusableFile
from .form import FORMS, Form, read_form, shipped_form
from .tables import MOST_PROBLEMS, MOST_ROWS, Problem, Row, Table, error_file, harmless, read_table, write_csv

__all__ = [
    "FORMS",
    "MOST_PROBLEMS",
    "MOST_ROWS",
    "CellRefused",
    "Code",
    "Column",
    "Form",
    "Problem",
    "Row",
    "RowRule",
    "Span",
    "Table",
    "UnusableFile",
    "cell_text",
    "error_file",
    "harmless",
    "read_form",
    "read_table",
    "shipped_form",
    "write_csv",
]
