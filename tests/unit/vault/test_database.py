"""One small SQL module for SQLite and PostgreSQL: all or nothing, one writer, failures as sentences."""

import re
import stat
import threading
from contextlib import closing

import pytest

from lieber_vault import CommitUnknown, VaultUnavailable
from lieber_vault.database import Taken, connect

INSERT = "INSERT INTO vault_settings (name, sealed) VALUES (?, ?)"
SELECT = "SELECT name, sealed FROM vault_settings"


@pytest.fixture
def database(place):
    opened = connect(place.address, make=True)
    with opened.write():
        opened.make_schema()
    yield opened
    opened.close()


def names(database):
    return {bytes(name).decode() if isinstance(name, bytes) else name for name, _ in database.rows(SELECT)}


def test_bytes_come_back_as_they_were(database):
    database.change(INSERT, "all", bytes(range(256)))
    assert database.rows("SELECT sealed FROM vault_settings WHERE name = ?", "all") == [(bytes(range(256)),)]


def test_a_new_database_has_no_tables(place):
    opened = connect(place.address, make=True)
    assert not opened.has_schema()
    with opened.write():
        opened.make_schema()
    assert opened.has_schema()
    opened.close()


def test_what_fails_leaves_nothing(database):
    def failing():
        with database.write():
            database.change(INSERT, "one", b"1")
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert not names(database)


def test_a_tag_that_is_there_is_taken_and_nothing_is_left(database):
    database.change(INSERT, "one", b"1")

    def second():
        with database.write():
            database.change(INSERT, "two", b"2")
            database.change(INSERT, "one", b"1")

    with pytest.raises(Taken, match="Another writer was first"):
        second()
    assert names(database) == {"one"}


def test_a_schema_that_fails_midway_leaves_no_table(place):
    opened = connect(place.address, make=True)

    def twice():
        with opened.write():
            opened.make_schema()
            opened.change("CREATE TABLE vault_settings (again INTEGER)")

    with pytest.raises(VaultUnavailable):
        twice()
    assert not opened.has_schema()
    opened.close()


def test_one_writer_waits_for_another(place, database):
    """What a deed has read stays so until it is done: no count is lost."""
    database.change(INSERT, "count", b"\0")

    def add():
        own = connect(place.address)
        for _ in range(10):
            with own.write():
                ((value,),) = own.rows("SELECT sealed FROM vault_settings WHERE name = ?", "count")
                own.change("UPDATE vault_settings SET sealed = ?", bytes([value[0] + 1]))
        own.close()

    threads = [threading.Thread(target=add) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.rows("SELECT sealed FROM vault_settings") == [(bytes([30]),)]


def test_a_wrong_statement_is_one_sentence(database):
    with pytest.raises(VaultUnavailable, match="cannot be used") as refused:
        database.rows("SELECT nothing FROM nowhere")
    assert "\n" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert database.rows(SELECT) == []


def test_a_failure_at_the_very_end_is_told_apart(database, monkeypatch):
    change = database.change

    def failing(statement, *values):
        if statement == "COMMIT":
            raise VaultUnavailable("The disk is full.")
        return change(statement, *values)

    monkeypatch.setattr(database, "change", failing)
    with pytest.raises(CommitUnknown), database.write():
        database.change(INSERT, "one", b"1")
    monkeypatch.undo()
    assert not names(database)


def test_only_the_owner_reads_a_file_and_what_lies_beside_it(sqlite_place):
    opened = connect(sqlite_place.address, make=True)
    with opened.write():
        opened.make_schema()
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in sqlite_place.folder.iterdir()}
    opened.close()
    assert found == dict.fromkeys(["vault.sqlite3", "vault.sqlite3-wal", "vault.sqlite3-shm"], 0o600)
    assert stat.S_IMODE(sqlite_place.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [None, b"no database at all, but long enough to be looked at" * 100])
def test_a_file_that_is_no_database_is_one_sentence(tmp_path, content):
    path = tmp_path / "vault.sqlite3"
    if content:
        path.write_bytes(content)
    with pytest.raises(VaultUnavailable, match=r"vault\.sqlite3 cannot be used"):
        connect(path)


def test_a_server_that_does_not_answer_is_one_sentence_without_the_password():
    with pytest.raises(
        VaultUnavailable, match=r"postgresql://127\.0\.0\.1:1/vault cannot be used"
    ) as refused:
        connect("postgresql://vault:very-secret@127.0.0.1:1/vault")
    assert "very-secret" not in str(refused.value)


@pytest.mark.postgres
def test_a_wrong_password_is_one_sentence_without_it(postgresql_place):
    host = postgresql_place.address.rpartition("@")[2]
    with pytest.raises(VaultUnavailable) as refused:
        connect(f"postgresql://mission:very-secret@{host}")
    assert "very-secret" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://vault:very-secret#x@127.0.0.1:1/vault",
        "postgresql://vault:very-secret?x@127.0.0.1:1/vault",
        "postgresql://vault:very/secret@127.0.0.1:1/vault",
        "postgresql://vault:12/very-secret@127.0.0.1:1/vault",
        "postgresql://vault:pass@very-secret@127.0.0.1:1/vault",
        "postgresql://vault:very%secret@127.0.0.1:1/vault",
        "postgresql://127.0.0.1:1/vault?password=very-secret",
        "postgresql://127.0.0.1:1/vault?passwrd=very-secret",
        "POSTGRESQL://vault:very-secret@127.0.0.1:1/vault",
        "host=127.0.0.1 port=1 dbname=vault password=very-secret",
    ],
)
def test_no_spelling_of_an_address_shows_its_password(address):
    with pytest.raises(VaultUnavailable) as refused:
        connect(address)
    assert not re.search("very|secret|passwrd", str(refused.value))
    assert refused.value.__cause__ is None


@pytest.mark.postgres
def test_what_the_server_takes_for_granted_changes_nothing(postgresql_place):
    """A server may be set up to let transactions see the database as it was when they began."""
    with closing(connect(postgresql_place.address)) as first:
        ((name,),) = first.rows("SELECT current_database()")
        first.change(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
    with closing(connect(postgresql_place.address)) as database, database.write():
        assert database.rows("SELECT current_setting('transaction_isolation')") == [("read committed",)]
    with closing(connect(postgresql_place.address)) as database:
        assert database.rows("SELECT current_setting('transaction_isolation')") == [("read committed",)]
