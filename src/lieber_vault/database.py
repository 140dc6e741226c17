"""The vault's own database: a file of SQLite, or PostgreSQL at an address. The same statements run on both.

One transaction writes at a time, on both: what a deed has read stays so until it is done.
"""

from __future__ import annotations

import os
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from lieber.base import LieberError

from .folders import make_private

# How long one waits for another who writes.
_PATIENCE_SECONDS = 20
_SCHEMES = ("postgresql://", "postgres://")
# What begins with a scheme, or names the parts of a server's address, is no path of a file.
_NO_FILE = re.compile(r"[A-Za-z][\w+.-]*://|.*\b(host|hostaddr|user|password|dbname)\s*=", re.DOTALL)
# Parts of an address that are shown. With an @ in them they are pieces of a password that holds @ or a slash.
_SHOWN = {"host": "[^@]*", "port": "[0-9,]*", "dbname": "[^@]*"}
# Any number that no other program takes: it names the vault's lock among those of the server.
_LOCK = 7_213_466_511
_PAGE = 200
_SCHEMA = (
    "CREATE TABLE vault_settings (name TEXT PRIMARY KEY, sealed BLOB NOT NULL)",
    """CREATE TABLE vault_headers (row_id BLOB PRIMARY KEY, pseudonym BLOB NOT NULL, record BLOB NOT NULL,
    slot BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL)""",
    "CREATE INDEX vault_headers_pseudonym ON vault_headers (pseudonym)",
    "CREATE INDEX vault_headers_record ON vault_headers (record)",
    """CREATE TABLE vault_heads (row_id BLOB PRIMARY KEY, sealing BLOB NOT NULL, sealed BLOB NOT NULL,
    proof BLOB NOT NULL)""",
    "CREATE TABLE vault_bodies (row_id BLOB PRIMARY KEY, body BLOB)",
    "CREATE TABLE vault_keys (row_id BLOB PRIMARY KEY, active BLOB UNIQUE, sealed BLOB NOT NULL)",
    "CREATE TABLE vault_unlocked (session BLOB PRIMARY KEY, officer BLOB NOT NULL, sealed BLOB NOT NULL)",
)

Value: TypeAlias = bytes | str | int | None


class VaultUnavailable(LieberError):
    """The vault's database cannot be reached, read or written."""


class CommitUnknown(VaultUnavailable):
    """The database failed while it made a deed lasting: whether it did is not known."""


class Taken(VaultUnavailable):
    """A row with the same tag is there already."""


class Database(ABC):
    """A connection for one thread at a time."""

    def __init__(self, place: str) -> None:
        self.place = place

    @contextmanager
    def write(self) -> Iterator[None]:
        """All or nothing of what is written inside.

        Raises CommitUnknown where the database fails at the very end.
        """
        try:
            self._begin()
            yield
        except BaseException:
            self._roll_back()
            raise
        try:
            self.change("COMMIT")
        except VaultUnavailable as error:
            self._roll_back()
            raise CommitUnknown(str(error)) from None
        except BaseException:
            # A signal before or after it: a transaction that is still open must not stay so.
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        with suppress(VaultUnavailable):
            self.change("ROLLBACK")

    def make_schema(self) -> None:
        """The tables, inside a transaction."""
        for statement in _SCHEMA:
            self.change(statement)

    def paged(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """The rows that a statement finds, a page at a time.

        It takes the name of the last row, orders by the names, which come first, and takes how many.
        """
        last: Value = b""
        while True:
            page = self.rows(statement, last, _PAGE)
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1][0]

    @abstractmethod
    def rows(self, statement: str, *values: Value) -> list[tuple[Any, ...]]:
        """The rows that a statement finds. Raises VaultUnavailable."""

    @abstractmethod
    def change(self, statement: str, *values: Value) -> int:
        """How many rows a statement changed. Raises VaultUnavailable, and Taken for a tag that is there."""

    @abstractmethod
    def has_schema(self) -> bool:
        """Whether the vault's tables are there."""

    @abstractmethod
    def scrub(self) -> bool:
        """Take the bytes of deleted rows out of the database's files; False where somebody delays it.

        A PostgreSQL server's write-ahead log, its archive and its replicas are not reached, nor are copies.
        """

    @abstractmethod
    def close(self) -> None:
        """End the connection."""

    @abstractmethod
    def _begin(self) -> None:
        """Begin to write, after those who do."""


def connect(address: str | Path, *, make: bool = False) -> Database:
    """The database at a PostgreSQL address or in a SQLite file; `make` makes the file where there is none.

    Raises VaultUnavailable.
    """
    path = sqlite_file(address)
    return _Sqlite(path, make=make) if path else _Postgresql(str(address))


def sqlite_file(address: str | Path) -> Path | None:
    """The file of SQLite at an address; None where it is PostgreSQL's.

    Raises VaultUnavailable for an address of another form, which may hold a password and is not repeated.
    """
    if isinstance(address, Path):
        return address
    if address.startswith(_SCHEMES):
        return None
    if _NO_FILE.match(address):
        raise VaultUnavailable(
            "A vault is a path of a file, or an address that begins with postgresql://: found an address of "
            "another form; write it so."
        )
    return Path(address)


class _Sqlite(Database):
    # FULL: an erasure that was told must not come undone when the power fails.
    PRAGMAS = (
        "PRAGMA secure_delete=ON",
        "PRAGMA temp_store=MEMORY",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
    )

    def __init__(self, path: Path, *, make: bool) -> None:
        super().__init__(str(path))
        with self._told():
            if make:
                make_private(path.parent)
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            address = f"file:{quote(str(path.absolute()))}?mode=rw"
            self._connection = sqlite3.connect(
                address, uri=True, isolation_level=None, timeout=_PATIENCE_SECONDS
            )
            # A damaged file may hold text that is no UTF-8.
            self._connection.text_factory = bytes
        try:
            for pragma in self.PRAGMAS:
                self.rows(pragma)
        except VaultUnavailable:
            self.close()
            raise

    def rows(self, statement: str, *values: Value) -> list[tuple[Any, ...]]:
        with self._told():
            return self._connection.execute(statement, values).fetchall()

    def change(self, statement: str, *values: Value) -> int:
        with self._told():
            return self._connection.execute(statement, values).rowcount

    def has_schema(self) -> bool:
        return bool(self.rows("SELECT 1 FROM sqlite_master WHERE name = 'vault_settings'"))

    def scrub(self) -> bool:
        # Pages are emptied by secure_delete; what they held stands in the write-ahead log until then.
        try:
            return not self.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]
        except VaultUnavailable:
            return False

    def close(self) -> None:
        self._connection.close()

    def _begin(self) -> None:
        self.change("BEGIN IMMEDIATE")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError:
            raise Taken(_taken(self.place)) from None
        except (sqlite3.Error, OSError, MemoryError, OverflowError, ValueError) as error:
            raise VaultUnavailable(_unusable(self.place, error)) from None


class _Postgresql(Database):
    # A default of the server's must not let a statement see the vault as it was before a lock was got.
    OPTIONS = rf"-c lock_timeout={_PATIENCE_SECONDS}s -c default_transaction_isolation=read\ committed"
    # Every one has a column `sealed` by which it is written anew.
    SCRUBBED = ("heads", "headers", "keys")

    def __init__(self, address: str) -> None:
        super().__init__(_shown(address))
        with self._told():
            self._connection = psycopg.connect(
                address, autocommit=True, connect_timeout=_PATIENCE_SECONDS, options=self.OPTIONS
            )

    def rows(self, statement: str, *values: Value) -> list[tuple[Any, ...]]:
        with self._told():
            return self._connection.execute(_dialect(statement), values or None).fetchall()

    def change(self, statement: str, *values: Value) -> int:
        with self._told():
            return self._connection.execute(_dialect(statement), values or None).rowcount

    def has_schema(self) -> bool:
        return self.rows("SELECT to_regclass('vault_settings') IS NOT NULL")[0][0] is True

    def scrub(self) -> bool:
        # VACUUM FULL would copy what was deleted and what somebody's old snapshot may still see. A column
        # that is computed anew makes the server write the table anew from its living rows only.
        try:
            for table in self.SCRUBBED:
                self.change(
                    f"ALTER TABLE vault_{table} ALTER COLUMN sealed TYPE BLOB USING sealed || ''::BLOB"
                )
            self.change("VACUUM vault_bodies")
        except VaultUnavailable:
            return False
        return True

    def close(self) -> None:
        self._connection.close()

    def _begin(self) -> None:
        self.change("BEGIN ISOLATION LEVEL READ COMMITTED")
        try:
            self.rows("SELECT pg_advisory_xact_lock(?)", _LOCK)
        except VaultUnavailable:
            self._roll_back()
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except psycopg.errors.UniqueViolation:
            raise Taken(_taken(self.place)) from None
        except (psycopg.Error, MemoryError, ValueError) as error:
            raise VaultUnavailable(_unusable(self.place, error)) from None


def _dialect(statement: str) -> bytes:
    return statement.replace("?", "%s").replace("BLOB", "BYTEA").encode()


def _shown(address: str) -> str:
    """What is told of an address: host, port and database.

    Raises VaultUnavailable where it cannot be taken apart. libpq takes a password apart at @ and / unless
    they are percent-encoded, asks the network for the pieces and repeats them in its messages.
    """
    try:
        parts = conninfo_to_dict(address)
    except (psycopg.Error, ValueError):
        parts = {"port": "unknown"}
    host, port, name = found = [str(parts.get(part) or "") for part in _SHOWN]
    if not all(re.fullmatch(shown, each) for shown, each in zip(_SHOWN.values(), found, strict=True)):
        raise VaultUnavailable(
            "An address of PostgreSQL is postgresql://user:password@host:port/database, with %40 for @ and "
            "%2F for a slash in the password: found one that cannot be taken apart; write it so."
        )
    return f"postgresql://{host}{port and ':'}{port}/{name}"


def _taken(place: str) -> str:
    return f"Another writer was first in the vault at {place}: read again what is there, then repeat."


def _unusable(place: str, error: Exception) -> str:
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
    return (
        f"The vault's database at {place} cannot be used ({reason}): check that it is there, whole and open "
        "to this account."
    )
