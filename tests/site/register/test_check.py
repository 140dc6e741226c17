"""Whatever is changed behind the triggers' back is named, by table and id."""

import os

import pytest
from django.db import connection

import factories
from lieber_mission import place
from lieber_mission.actions.checkpoint import make_key, sign_checkpoint, verifier_key
from lieber_mission.actions.record import record
from lieber_mission.models import register_models
from lieber_mission.queries import log
from lieber_mission.queries.check import check_register

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    make_key()
    made = factories.one_of_each()
    sign_checkpoint(at=factories.at(1))
    return made


def check():
    return check_register(key=verifier_key())


def problems():
    return {(problem.code, problem.table, problem.row) for problem in check().problems}


def behind_its_back(table: str, *statements: str) -> None:
    """Do what somebody with the database's password can do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            for verb in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
        for statement in statements:
            cursor.execute(statement)


def test_an_honest_register_fits_its_log(rows):
    checked = check()
    assert (checked.problems, checked.entries, checked.rows, checked.checkpoints) == ([], 5, 5, 1)


def test_a_changed_number_is_named(rows):
    finding = rows["finding"]
    behind_its_back("register_finding", "UPDATE register_finding SET killed_max = 30, killed_best = 30")
    assert problems() == {("L01", "register_finding", finding.thing)}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE mission_overview SET killed_max = 30",
        "UPDATE mission_overview SET accounts = 9",
        "DELETE FROM mission_overview",
    ],
)
def test_a_list_that_says_something_else_than_the_register_is_named(rows, change):
    assert problems() == set()
    with connection.cursor() as cursor:
        cursor.execute(change)
    assert problems() == {("L11", "mission_overview", rows["incident"].thing)}


@pytest.mark.parametrize("name", ["source", "item", "account", "incident", "finding"])
def test_a_change_of_the_author_is_named_in_every_table(rows, name):
    table = rows[name]._meta.db_table
    behind_its_back(table, f"UPDATE {table} SET recorded_by = 'OFF-OTHER'")
    assert problems() == {("L01", table, rows[name].thing)}


def test_a_changed_instant_is_named(rows):
    behind_its_back(
        "register_incident", "UPDATE register_incident SET recorded_at = '2024-01-01 00:00:00+00:00'"
    )
    assert problems() == {("L01", "register_incident", rows["incident"].thing)}


def test_a_deleted_row_is_named(rows):
    behind_its_back("register_finding", "DELETE FROM register_finding")
    assert problems() == {("L02", "register_finding", rows["finding"].thing)}


def test_a_row_that_nobody_recorded_is_named(rows):
    columns = ", ".join(
        field.column for field in rows["incident"]._meta.concrete_fields if field.column != "row_id"
    )
    values = columns.replace("thing", "'INC-SMUGGLED'", 1).replace("entry", "99")
    behind_its_back(
        "register_incident",
        f"INSERT INTO register_incident ({columns}) SELECT {values} FROM register_incident",
    )
    assert problems() == {("L03", "register_incident", "INC-SMUGGLED")}


def test_a_row_that_took_the_place_of_another_is_named(rows):
    behind_its_back("register_incident", "UPDATE register_incident SET thing = 'INC-SWAPPED'")
    assert {code for code, _, _ in problems()} == {"L02", "L03", "L07"}


def test_a_changed_entry_is_named(rows):
    entry = rows["account"].entry
    behind_its_back("register_entry")
    with connection.cursor() as cursor:
        cursor.execute('UPDATE register_entry SET nodes = %s WHERE "index" = %s', [os.urandom(32), entry])
    found = problems()
    assert ("L01", "register_account", rows["account"].thing) in found
    assert ("L06", "register_checkpoint", "5") in found


def test_a_whole_log_rewritten_is_betrayed_by_its_checkpoint(rows):
    """Somebody who changes a row and recomputes all hashes lacks the key."""
    from lieber.ledger import Frontier, commit, leaf_hash
    from lieber_mission.models import Entry, Salt
    from lieber_mission.models.register import instant_text

    behind_its_back("register_entry")
    behind_its_back("register_incident", "UPDATE register_incident SET title = 'Nothing happened'")
    by_entry = {row.entry: row for model in register_models() for row in model.objects.all()}
    tree = Frontier()
    for index in range(5):
        row = by_entry[index]
        leaf = commit(
            type=row.kind,
            thing=row.thing,
            version=row.version,
            recorded_at=instant_text(row.recorded_at),
            fields=row.committed_values(),
            secret=bytes(Salt.objects.get(entry=index).secret),
        )
        Entry.objects.filter(index=index).update(nodes=b"".join(tree.append(leaf_hash(leaf))))
    assert problems() == {("L06", "register_checkpoint", "5")}


def test_a_forgotten_salt_is_named(rows):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM register_salt WHERE entry = %s", [rows["item"].entry])
    assert problems() == {("L05", "register_item", rows["item"].thing)}


def test_a_lost_last_entry_is_betrayed(rows):
    last = rows["finding"].entry
    behind_its_back("register_entry", f'DELETE FROM register_entry WHERE "index" = {last}')
    assert {code for code, _, _ in problems()} == {"L03", "L06"}


def test_a_lost_middle_entry_is_named(rows):
    behind_its_back("register_entry", 'DELETE FROM register_entry WHERE "index" = 2')
    assert ("L08", "register_entry", "2") in problems()


def test_a_checkpoint_of_another_key_is_named(rows, tmp_path, monkeypatch):
    """The other key lies elsewhere: the tests that run beside this one share a folder."""
    monkeypatch.setattr(place, "key_file", lambda: tmp_path / "log.pem")
    make_key()
    assert problems() == {("L06", "register_checkpoint", "5")}


def test_a_growing_register_keeps_fitting(rows):
    for minute in range(2, 6):
        record([factories.incident()], by=factories.AUTHOR, at=factories.at(minute))
        sign_checkpoint(at=factories.at(minute))
    assert check().problems == []


def test_what_is_signed_while_the_check_runs_is_left_to_the_next(monkeypatch):
    factories.one_of_each()
    make_key()
    length = log.size

    def size_and_then_another_signs(*instant):
        found = length(*instant)
        monkeypatch.setattr(log, "size", length)
        record([factories.incident()], by=factories.AUTHOR, at=factories.at(9))
        sign_checkpoint(at=factories.at(9))
        return found

    monkeypatch.setattr(log, "size", size_and_then_another_signs)
    assert check_register(key=verifier_key()).problems == []
    assert check_register(key=verifier_key()).problems == []
