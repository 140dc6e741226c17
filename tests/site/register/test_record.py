"""The deed beneath all others: rows and entries in one transaction, conflicts instead of losses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

import factories
from lieber.ledger import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from lieber_mission.actions.record import ClockRunsBack, UnknownThing, VersionConflict, record
from lieber_mission.models import Entry, Finding, Incident, Item, Salt
from lieber_mission.queries import log

pytestmark = pytest.mark.django_db


def counts() -> tuple[int, int, int]:
    return Entry.objects.count(), Salt.objects.count(), Incident.objects.count()


def test_each_row_has_its_entry_and_its_salt():
    rows = factories.one_of_each()
    assert sorted(row.entry for row in rows.values()) == list(range(5))
    assert {(e.kind, e.thing, e.version) for e in Entry.objects.all()} == {
        (row.kind, row.thing, row.version) for row in rows.values()
    }
    assert Salt.objects.count() == 5
    assert len({bytes(salt.secret) for salt in Salt.objects.all()}) == 5


def test_ids_are_opaque_and_never_the_same():
    things = set()
    for minute in range(20):
        row = factories.incident()
        record([row], by=factories.AUTHOR, at=factories.at(minute))
        things.add(row.thing)
    assert len(things) == 20
    assert all(thing.startswith("INC-") for thing in things)


def test_a_later_version_supersedes_and_the_earlier_stays():
    row = factories.one_of_each()["incident"]
    later = Incident(thing=row.thing, version=2, title="Captives shot beside a river")
    record([later], by=factories.AUTHOR, at=factories.at(5))
    assert [r.title for r in Incident.objects.as_of(None)] == ["Captives shot beside a river"]
    assert [r.title for r in Incident.objects.as_of(later.entry)] == ["Captives shot beside a road"]
    assert Incident.objects.filter(thing=row.thing).count() == 2


@pytest.mark.parametrize("version", [2, 4])
def test_two_who_change_the_same_version_get_a_conflict(version):
    row = factories.one_of_each()["incident"]
    record([Incident(thing=row.thing, version=2, title="First")], by=factories.AUTHOR, at=factories.at(1))
    before = counts()
    with pytest.raises(VersionConflict, match="somebody else recorded"):
        record(
            [factories.incident("Also lost?"), Incident(thing=row.thing, version=version, title="Second")],
            by=factories.AUTHOR,
            at=factories.at(2),
        )
    assert counts() == before
    assert Incident.objects.as_of(None).get(thing=row.thing).title == "First"


def test_two_first_findings_on_one_incident_are_a_conflict():
    rows = factories.one_of_each()
    with pytest.raises(VersionConflict):
        record([factories.finding(rows["incident"].thing)], by=factories.AUTHOR, at=factories.at(1))
    assert Finding.objects.count() == 1


def test_a_row_may_only_point_to_what_is_recorded():
    before = counts()
    with pytest.raises(UnknownThing, match="SRC-"):
        record([Item(source="SRC-000000000000-0", address="x")], by=factories.AUTHOR, at=factories.at(0))
    assert counts() == before


def test_a_clock_that_runs_back_is_refused():
    factories.one_of_each(minutes=10)
    with pytest.raises(ClockRunsBack, match="clock of this machine"):
        record([factories.incident()], by=factories.AUTHOR, at=factories.at(9))


def test_a_deed_that_waited_for_another_is_recorded_with_it():
    factories.one_of_each(minutes=10)
    row = factories.incident()
    last = Entry.objects.order_by("index").last().recorded_at
    record([row], by=factories.AUTHOR, at=factories.at(10) - timedelta(seconds=5))
    assert row.recorded_at == last + timedelta(microseconds=1)
    assert Entry.objects.get(index=row.entry).recorded_at == row.recorded_at


def test_an_instant_is_a_position_in_the_log():
    for minute in (-1, 0, 3, 7):
        record([factories.incident()], by=factories.AUTHOR, at=factories.at(minute))
    assert [log.size(factories.at(minute)) for minute in (-2, 0, 2, 3, 6, 7, 100)] == [0, 2, 2, 3, 3, 4, 4]


def test_every_entry_is_proved_in_every_later_log():
    sizes = []
    for minute in range(4):
        factories.one_of_each(minute)
        sizes.append((log.size(), log.head().root))
    leaves = [bytes(nodes)[:32] for nodes in Entry.objects.order_by("index").values_list("nodes", flat=True)]
    for size, root in sizes:
        for index in range(size):
            proof = inclusion_proof(index, size, log.read_nodes)
            verify_inclusion(leaf_hash=leaves[index], index=index, size=size, proof=proof, root=root)
    (first, first_root), (last, last_root) = sizes[0], sizes[-1]
    proof = consistency_proof(first, last, log.read_nodes)
    verify_consistency(size1=first, root1=first_root, size2=last, root2=last_root, proof=proof)


def test_what_was_known_at_a_committed_entry_is_settled():
    """Whatever is written next is later, even in the same microsecond and after a wait for the lock."""
    record([factories.incident()], by=factories.AUTHOR, at=factories.at(0))
    settled = log.settled(factories.at(5))
    assert settled == factories.at(0)
    for seconds in (0, 0, -20):
        record([factories.incident()], by=factories.AUTHOR, at=factories.at(0) + timedelta(seconds=seconds))
    assert log.size(settled) == 1
    assert log.settled(factories.at(-1)) == factories.at(-1)


def test_a_row_points_to_the_kind_of_thing_that_is_meant():
    made = factories.one_of_each()
    with pytest.raises(UnknownThing, match="is the id of one of Incident"):
        record([factories.finding(made["account"].thing)], by=factories.AUTHOR, at=factories.at(1))


def test_a_refused_row_is_not_called_a_conflict():
    made = factories.one_of_each()
    row = factories.finding(made["incident"].thing, version=2, killed_min=9, reasons="a later version")
    with pytest.raises(IntegrityError):
        record([row], by=factories.AUTHOR, at=factories.at(1))
