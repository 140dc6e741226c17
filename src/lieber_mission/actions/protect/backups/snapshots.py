"""Copies of a database as it is at one moment, while others write to it.

A snapshot is begun while nobody may write, which takes no time, and copied afterwards. The copy lies in a
file without a name: nothing of it is left when the process ends, however it ends.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lieber.base import BadInput, LieberError

_PATIENCE_SECONDS = 20
_PAGES_AT_ONCE = 5_000


class CopyFailed(LieberError):
    """A database cannot be copied or brought back."""


class Snapshot(Protocol):
    """A database at one moment."""

    # How its part is called: what stands behind the point.
    form: str

    def copy(self, folder: Path) -> BinaryIO:
        """The copy, in a file without a name on the disk of this folder. Raises CopyFailed."""

    def close(self) -> None:
        """Let the moment go."""


class SqliteSnapshot:
    """A file of SQLite as it is now, with what stands in its write-ahead log."""

    form = "sqlite3"

    def __init__(self, path: Path) -> None:
        self._path = path
        with _told(str(path)):
            address = f"file:{quote(str(path.absolute()))}?mode=rw"
            self._source = sqlite3.connect(address, uri=True, isolation_level=None, timeout=_PATIENCE_SECONDS)
            self._source.execute("BEGIN")
            # The moment is that of the first reading.
            self._source.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()

    def copy(self, folder: Path) -> BinaryIO:
        """By SQLite's online backup: the pages of this moment, whoever writes meanwhile."""
        path = folder / f".copy-{secrets.token_hex(8)}"
        with _told(str(folder)):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            try:
                copied = path.open("rb")
                target = sqlite3.connect(path)
                target.execute("PRAGMA journal_mode=OFF").fetchone()
                target.execute("PRAGMA synchronous=OFF")
                target.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
            finally:
                path.unlink()
            try:
                self._source.backup(target, pages=_PAGES_AT_ONCE, progress=lambda *_: None)
            except BaseException:
                copied.close()
                raise
            finally:
                target.close()
        return copied

    def close(self) -> None:
        """End the reading."""
        self._source.close()


class PostgresqlSnapshot:
    """A PostgreSQL database as it is now, for `pg_dump` in the same snapshot."""

    form = "pgdump"

    def __init__(self, address: str) -> None:
        self._address, self._program = address, program("pg_dump")
        with _told(shown(address)):
            self._source = psycopg.connect(address, autocommit=True, connect_timeout=_PATIENCE_SECONDS)
            self._source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            found = self._source.execute("SELECT pg_export_snapshot()").fetchone()
        assert found
        self._name = str(found[0])

    def copy(self, folder: Path) -> BinaryIO:
        """By `pg_dump`, in the custom format of PostgreSQL."""
        descriptor = os.open(folder / (name := f".copy-{secrets.token_hex(8)}"), _NEW, 0o600)
        (folder / name).unlink()
        copied = os.fdopen(descriptor, "w+b")
        try:
            _run(self._program, self._address, f"--snapshot={self._name}", "--format=custom", into=copied)
        except BaseException:
            copied.close()
            raise
        copied.seek(0)
        return copied

    def close(self) -> None:
        """End the reading."""
        self._source.close()


_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL


@contextmanager
def closing_all() -> Iterator[Closing]:
    """Snapshots that are closed at the end."""
    kept = Closing()
    try:
        yield kept
    finally:
        kept.close()


class Closing:
    """What is to be closed."""

    def __init__(self) -> None:
        self._snapshots: list[Snapshot] = []

    def of(self, address: str | Path) -> Snapshot:
        """A snapshot of the database at an address, closed with the others."""
        made: Snapshot = SqliteSnapshot(address) if isinstance(address, Path) else PostgresqlSnapshot(address)
        self._snapshots.append(made)
        return made

    def close(self) -> None:
        """Close them."""
        for snapshot in self._snapshots:
            snapshot.close()


def bring_back(copied: Path, address: str) -> None:
    """Fill an empty PostgreSQL database from a copy, all of it or nothing. Raises CopyFailed."""
    with copied.open("rb") as file:
        _run(program("pg_restore"), address, "--single-transaction", "--exit-on-error", source=file)


def check_empty(address: str) -> None:
    """Raises BadInput where a PostgreSQL database holds any table, CopyFailed where it cannot be reached."""
    with (
        _told(shown(address)),
        psycopg.connect(address, autocommit=True, connect_timeout=_PATIENCE_SECONDS) as connection,
    ):
        found = connection.execute(
            "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname NOT IN ('pg_catalog', "
            "'information_schema')"
        ).fetchone()
    if found and found[0]:
        raise BadInput(
            f"A backup is restored into an empty database: found {found[0]} tables in {shown(address)}; make "
            "a new database and name that. Nothing was written."
        )


def program(name: str) -> str:
    """Where a program of PostgreSQL is. Raises BadInput where it is not there."""
    found = shutil.which(name)
    if found is None:
        raise BadInput(
            f"A database of PostgreSQL is copied by its own program {name}: found none on this machine; "
            "install PostgreSQL's client programs."
        )
    return found


def address_of(settings: Mapping[str, Any]) -> str:
    """A Django database's settings as an address for psycopg and PostgreSQL's programs."""
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    parts = {part: str(settings[name]) for name, part in names.items() if settings[name]}
    return make_conninfo("", **parts)


def shown(address: str) -> str:
    """What is told of an address: never its password."""
    parts = conninfo_to_dict(address)
    return f"{parts.get('host', 'this machine')}:{parts.get('port', '5432')}/{parts.get('dbname', '')}"


def _run(
    command: str, address: str, *options: str, into: BinaryIO | None = None, source: BinaryIO | None = None
) -> None:
    """Run a program of PostgreSQL. Its password is in no list of processes."""
    parts = conninfo_to_dict(address)
    password = str(parts.pop("password", "") or "")
    done = subprocess.run(  # noqa: S603  # found on the path, its arguments are the mission's own settings
        [command, "--no-owner", "--no-privileges", *options, "--dbname", make_conninfo("", **parts)],
        env={**os.environ, **({"PGPASSWORD": password} if password else {})},
        stdin=source or subprocess.DEVNULL,
        stdout=into or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _failed(shown(address), next(iter(lines), f"exit code {done.returncode}"))


@contextmanager
def _told(place: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, psycopg.Error, OSError) as error:
        raise _failed(place, next(iter(str(error).strip().splitlines()), type(error).__name__)) from None


def _failed(place: str, reason: str) -> CopyFailed:
    return CopyFailed(
        f"The database at {place} must be whole and have room beside it for a copy: found that it cannot be "
        f"copied ({reason.rstrip('.')}); put that right and do it again. Nothing was kept."
    )
