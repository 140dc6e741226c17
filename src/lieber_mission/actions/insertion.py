"""Rows into their tables, as the database driver takes them.

Django's `bulk_create` compiles a statement for each batch and asks every field for every value,
which is half the time of an import. Here the statement is made once for a table and only the
kinds of column that need it are converted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from django.db import connection, models
from django.db.models import AutoField, BinaryField, DateField, JSONField

Convert = Callable[[Any], Any]


def insert(rows: Sequence[models.Model]) -> None:
    """Insert rows of one table in one go, each as it stands. Raises IntegrityError as Django does."""
    if not rows:
        return
    statement, columns = _statement(type(rows[0]), connection.alias, connection.vendor)
    with connection.cursor() as cursor:
        cursor.executemany(statement, _values(rows, columns))


def insert_values(model: type[models.Model], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows that are given as values in the order of the table's columns."""
    if not rows:
        return
    statement, columns = _statement(model, connection.alias, connection.vendor)
    converting = [(place, convert) for place, (_, convert) in enumerate(columns) if convert is not None]
    converted = []
    for row in rows:
        values = list(row)
        for place, convert in converting:
            values[place] = convert(values[place])
        converted.append(values)
    with connection.cursor() as cursor:
        cursor.executemany(statement, converted)


def _values(
    rows: Iterable[models.Model], columns: Sequence[tuple[str, Convert | None]]
) -> list[tuple[Any, ...]]:
    return [
        tuple(
            [
                value if convert is None or value is None else convert(value)
                for value, convert in ((getattr(row, name), convert) for name, convert in columns)
            ]
        )
        for row in rows
    ]


@cache
def _statement(
    model: type[models.Model], _alias: str, _vendor: str
) -> tuple[str, tuple[tuple[str, Convert | None], ...]]:
    """The INSERT of a table, and for each of its columns the attribute and how it is converted."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"  # noqa: S608  # names of our own tables, quoted
    return statement, tuple((field.attname, _conversion(field)) for field in fields)


def _conversion(field: models.Field[Any, Any]) -> Convert | None:
    """How a column's value becomes the driver's; None where it is taken as it is."""
    if isinstance(field, DateField):
        # The rows of one deed share their instant, and those of a table many of their days.
        return lru_cache(4_096)(lambda value: field.get_db_prep_save(value, connection))
    if isinstance(field, JSONField | BinaryField):
        return lambda value: field.get_db_prep_save(value, connection)
    return None
