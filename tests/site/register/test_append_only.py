"""Rows of the register are written once: the database itself refuses to change or delete them."""

import pytest
from django.db import DatabaseError, connection, transaction

import factories
from lieber_mission.actions.record import record
from lieber_mission.models import Entry, Incident, Salt, register_models

pytestmark = pytest.mark.django_db


def refuses(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "written once" in str(error)
    return False


def triggers_of(table: str) -> set[str]:
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass",
    }
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor], [table])
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.parametrize("model", [*register_models(), Entry], ids=lambda model: model.__name__)
@pytest.mark.parametrize("statement", ["UPDATE {table} SET version = version + 1", "DELETE FROM {table}"])
def test_the_database_refuses(model, statement):
    factories.one_of_each()
    factories.person()
    table = model._meta.db_table
    if not model.objects.exists():
        # A trigger for each row has no row to refuse: it must be there.
        assert {f"{table}_no_update", f"{table}_no_delete"} <= triggers_of(table)
        return
    assert refuses(statement.format(table=table))


def test_the_orm_cannot_go_round_it():
    row = Incident.objects.get(thing=factories.one_of_each()["incident"].thing)
    row.title = "Another title"
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        row.save()
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        Incident.objects.filter(thing=row.thing).update(title="Another title")
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        row.delete()
    assert Incident.objects.get(thing=row.thing).title == "Captives shot beside a road"


def test_a_salt_is_never_changed_and_may_be_forgotten():
    entry = factories.one_of_each()["account"].entry
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        Salt.objects.filter(entry=entry).update(secret=b"x" * 32)
    assert Salt.objects.filter(entry=entry).delete()[0] == 1


def test_a_row_that_a_person_gave_may_be_changed_when_its_salt_is_gone_and_not_before():
    for made in (factories.one_of_each()["account"], *factories.person()["rows"]):
        row = type(made).objects.get(thing=made.thing)
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            row.save(force_update=True)
        Salt.objects.filter(entry=row.entry).delete()
        row.save(force_update=True)
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            row.delete()


def test_a_version_is_unique_whatever_the_way_of_writing():
    row = factories.one_of_each()["incident"]
    twin = Incident(
        thing=row.thing, version=1, title="Twin", recorded_at=factories.at(1), recorded_by="x", entry=10_000
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        twin.save(force_insert=True)
    assert Incident.objects.filter(thing=row.thing).count() == 1


def test_a_finding_out_of_order_is_refused_by_the_database_too():
    of = factories.one_of_each()["incident"].thing
    other = factories.incident("Another")
    record([other], by=factories.AUTHOR, at=factories.at(1))
    assert of != other.thing
    for changes in (
        {"killed_min": 5},
        {"killed_max": 2},
        {"occurred_best": factories.START.date()},
        {"tier": 3},
        {"tier": 3, "reviewed_by": factories.AUTHOR},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            record([factories.finding(other.thing, **changes)], by=factories.AUTHOR, at=factories.at(2))
