"""The rows of a register kept aside, and put into an empty one again: quicker than to record them anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection


@dataclass(frozen=True)
class RegisterCopy:
    """Table -> its columns and rows, as the database itself gives and takes them."""

    tables: dict[str, tuple[str, Any]]

    def put_back(self) -> None:
        """Write all rows; foreign keys are looked at when the transaction ends."""
        with connection.cursor() as cursor:
            for table, (columns, rows) in self.tables.items():
                _write(cursor, table, columns, rows)


def copy_of_register() -> RegisterCopy:
    """All rows of the tables that are empty in a new database."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.label in _FILLED or model._meta.proxy or not model._meta.managed:
                continue
            names = ", ".join(f'"{field.column}"' for field in model._meta.local_concrete_fields)
            if rows := _read(cursor, model._meta.db_table, names):
                found[model._meta.db_table] = (names, rows)
    return RegisterCopy(found)


# What migrations fill themselves.
_FILLED = frozenset({"contenttypes.ContentType", "auth.Permission"})


def _read(cursor: Any, table: str, columns: str) -> Any:
    if connection.vendor == "sqlite":
        return cursor.execute(f'SELECT {columns} FROM "{table}"').fetchall()
    with cursor.copy(f'COPY "{table}" ({columns}) TO STDOUT') as out:
        return b"".join(bytes(portion) for portion in out)


def _write(cursor: Any, table: str, columns: str, rows: Any) -> None:
    if connection.vendor == "sqlite":
        places = ", ".join(["?"] * len(rows[0]))
        cursor.connection.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', rows)
        return
    with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as into:
        into.write(rows)
