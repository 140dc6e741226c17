"""One bit changed anywhere in the storage is found and named, and its item is frozen (R-27)."""

from __future__ import annotations

import random
from datetime import date

import pytest

from evidence_cast import Somebody
from factories import at
from lieber.base import BadInput
from lieber_mission import place
from lieber_mission.actions.fixity import check_bytes, keep_item, settle_mismatch
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.actions.record import VersionConflict
from lieber_mission.models import CustodyEvent, Exhibit, FixityRound, Keeping
from lieber_mission.outside.storage import FolderStorage
from lieber_mission.policies.permissions import NotAllowed
from lieber_mission.queries.exhibits import is_frozen

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(kept, files, monitor, clock):
    """Four files taken in, as three exhibits."""
    found = offered_in([files], refuse=lambda *_: None)
    take_in(found, circumstances=Circumstances(), by=monitor, clock=clock)
    return kept / "storage" / "originals"


def every_file(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def flip(path, chance):
    raw = bytearray(path.read_bytes())
    if raw:
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    else:
        raw = bytearray(b"x")
    path.write_bytes(raw)


def test_nothing_changed_nothing_found(held, monitor, clock):
    checked = check_bytes(by=monitor, clock=clock)
    assert (checked.exhibits, checked.mismatches, checked.problems) == (3, [], [])
    assert FixityRound.objects.get().exhibits == 3


@pytest.mark.parametrize("algorithm", ["blake3", "sha256", "sha512"])
def test_one_bit_anywhere_in_the_storage_is_found_and_named(held, monitor, clock, algorithm):
    chance, missed = random.Random(algorithm), []
    for path in every_file(held):
        before = path.read_bytes()
        flip(path, chance)
        checked = check_bytes(by=monitor, clock=clock, algorithm=algorithm)
        named = [one.found for one in checked.mismatches] + checked.problems
        if len(named) != 1:
            missed.append((path.relative_to(held).as_posix(), named))
        path.write_bytes(before)
    assert len(every_file(held)) == 3 * 6 + 3
    assert not missed


def test_a_file_that_is_missing_or_one_too_many_is_found(held, monitor, clock):
    first, second, _ = Exhibit.objects.order_by("entry")
    lies = FolderStorage(place.storage_folder()).place_of(first.root, first.stored, first.path)
    lies.unlink()
    beside = (
        FolderStorage(place.storage_folder())
        .place_of(second.root, second.stored, second.path)
        .with_name("beside")
    )
    beside.write_bytes(b"")
    checked = check_bytes(by=monitor, clock=clock)
    assert {one.exhibit for one in checked.mismatches} == {first.thing, second.thing}


def test_a_mismatch_is_an_incident_and_freezes_its_item_once(held, monitor, clock):
    row = Exhibit.objects.get(media_type="image/jpeg")
    flip(FolderStorage(place.storage_folder()).place_of(row.root, row.stored, row.path), random.Random(1))
    for _ in range(2):
        check_bytes(by=monitor, clock=clock)
    event = CustodyEvent.objects.get(what="incident")
    assert event.exhibit == row.thing
    assert "blake3" in event.note
    assert is_frozen(row.item)
    assert not is_frozen(Exhibit.objects.exclude(thing=row.thing).first().item)
    assert [len(one.mismatches) for one in FixityRound.objects.order_by("entry")] == [1, 1]


def test_an_item_is_thawed_when_its_bytes_are_back_and_not_before(held, monitor, clock):
    row = Exhibit.objects.get(media_type="image/jpeg")
    lies = FolderStorage(place.storage_folder()).place_of(row.root, row.stored, row.path)
    before = lies.read_bytes()
    flip(lies, random.Random(1))
    check_bytes(by=monitor, clock=clock)
    with pytest.raises(BadInput, match="stays frozen"):
        settle_mismatch(
            item=row.item, reason="Put back from the backup", on_version=1, by=monitor, at=clock()
        )
    lies.write_bytes(before)
    with pytest.raises(BadInput, match="for a reason"):
        settle_mismatch(item=row.item, reason=" ", on_version=1, by=monitor, at=clock())
    with pytest.raises(VersionConflict):
        settle_mismatch(item=row.item, reason="Put back", on_version=7, by=monitor, at=clock())
    settle_mismatch(item=row.item, reason="Put back from the backup", on_version=1, by=monitor, at=clock())
    assert not is_frozen(row.item)
    assert CustodyEvent.objects.filter(exhibit=row.thing, what="fixity_checked").count() == 1


def test_a_round_goes_on_where_the_last_one_ended(held, monitor, clock):
    first = check_bytes(by=monitor, clock=clock, most=2)
    rest = check_bytes(by=monitor, clock=clock, after=first.last_entry)
    assert (first.exhibits, rest.exhibits) == (2, 1)


def test_a_legal_hold_is_an_event_of_custody_when_it_is_set_and_lifted(held, monitor, clock):
    row = Exhibit.objects.get(media_type="image/jpeg")
    said = {
        "item": row.item,
        "reason": "Asked for by a prosecutor",
        "authority": "court_request",
        "by": monitor,
    }
    keep_item(**said, retention_until=date(2040, 1, 1), legal_hold=True, on_version=0, at=clock())
    keep_item(**said, retention_until=date(2050, 1, 1), legal_hold=True, on_version=1, at=clock())
    keep_item(**said, retention_until=None, legal_hold=False, on_version=2, at=clock())
    events = CustodyEvent.objects.filter(exhibit=row.thing).exclude(what="received").order_by("entry")
    assert [event.what for event in events if event.what != "collected"] == [
        "legal_hold_set",
        "legal_hold_lifted",
    ]
    assert Keeping.objects.as_of(None).get().retention_until is None


def test_who_collects_does_not_decide_how_long_it_is_kept(held):
    row = Exhibit.objects.first()
    with pytest.raises(NotAllowed):
        keep_item(
            item=row.item,
            retention_until=None,
            legal_hold=True,
            reason="x",
            authority="review",
            on_version=0,
            by=Somebody(roles=frozenset({"monitor"})),
            at=at(99),
        )
