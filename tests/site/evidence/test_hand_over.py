"""Exhibits are handed over whole or not at all, and everybody can check what they were given."""

from __future__ import annotations

import json
from functools import partial

import bagit
import pytest

from evidence_cast import Somebody
from lieber.base import BadInput
from lieber.preserve.bagit import check_bag
from lieber_mission import place
from lieber_mission.actions import hand_over as deeds
from lieber_mission.actions.hand_over import Handing, hand_over
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.actions.record import record
from lieber_mission.models import CustodyEvent, Exhibit, Keeping
from lieber_mission.outside.storage import FolderStorage
from lieber_mission.policies.permissions import NotAllowed
from lieber_mission.queries.incidents import NotInRegister

pytestmark = pytest.mark.django_db
HANDING = Handing(counterparty="Registry of the court", purpose="Asked for", authority="court_request")


@pytest.fixture
def items(kept, files, monitor, clock):
    take_in(
        offered_in([files], refuse=lambda *_: None), circumstances=Circumstances(), by=monitor, clock=clock
    )
    return list(Exhibit.objects.order_by("entry").values_list("item", flat=True))


def tree(top):
    files = {
        path.relative_to(top).as_posix(): partial(path.open, "rb")
        for path in top.rglob("*")
        if path.is_file()
    }
    return {
        "files": files,
        "folders": [path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_dir()],
    }


def test_a_bag_is_valid_for_everybody_and_its_custody_says_where_it_went(items, monitor, clock, tmp_path):
    done = hand_over(items, tmp_path / "bag", handing=HANDING, by=monitor, clock=clock)
    assert done.exhibits == 3
    assert bagit.Bag(str(tmp_path / "bag")).is_valid()
    assert not [problem for problem in check_bag(**tree(tmp_path / "bag")) if problem.error]
    lines = CustodyEvent.objects.filter(what="exported")
    assert {(line.counterparty, line.authority) for line in lines} == {
        ("Registry of the court", "court_request")
    }
    assert all(done.manifest_sha256 in line.note for line in lines)
    told = json.loads((tmp_path / "bag" / "metadata" / "exhibits.json").read_text("utf-8"))
    assert {one["sha256"] for one in told} == set(Exhibit.objects.values_list("sha256", flat=True))
    assert all((tmp_path / "bag" / one["path"]).is_file() for one in told)


def test_numbers_of_exhibits_are_text_and_nothing_says_who_a_person_is(items, monitor, clock, tmp_path):
    hand_over(items, tmp_path / "bag", handing=HANDING, by=monitor, clock=clock)
    graph = json.loads((tmp_path / "bag" / "metadata" / "case.jsonld").read_text("utf-8"))["@graph"]
    numbers = [
        one["case-investigation:exhibitNumber"] for one in graph if "case-investigation:exhibitNumber" in one
    ]
    assert len(numbers) == 3
    assert all(isinstance(number, str) and number.startswith("E-") for number in numbers)
    people = [one["uco-core:name"] for one in graph if one["@type"] == "uco-identity:Identity"]
    assert people == ["OFF-MONITOR"]


def test_bytes_that_are_not_what_was_recorded_are_not_handed_over(items, monitor, clock, tmp_path):
    row = Exhibit.objects.order_by("entry").last()
    FolderStorage(place.storage_folder()).place_of(row.root, row.stored, row.path).write_bytes(
        b"something else"
    )
    with pytest.raises(BadInput, match="not what was recorded"):
        hand_over(items, tmp_path / "bag", handing=HANDING, by=monitor, clock=clock)
    assert not [path for path in tmp_path.iterdir() if "bag" in path.name]
    assert not CustodyEvent.objects.filter(what="exported").exists()


def test_what_cannot_be_recorded_is_not_handed_over(items, monitor, clock, tmp_path, *, monkeypatch):
    monkeypatch.setattr(deeds, "record", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(Exception, match="disk of the storage is full"):
        hand_over(items, tmp_path / "bag", handing=HANDING, by=monitor, clock=clock)
    assert not [path for path in tmp_path.iterdir() if "bag" in path.name]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"counterparty": " "}, "to somebody and for a purpose"),
        ({"purpose": ""}, "to somebody and for a purpose"),
        ({"authority": "my own"}, "custody_authority"),
        ({"purpose": "a\nBag-Size: 1"}, "in one line"),
    ],
)
def test_what_is_not_said_is_refused(items, monitor, clock, tmp_path, *, changes, sentence):
    said = {"counterparty": "Court", "purpose": "Asked for", "authority": "court_request"} | changes
    with pytest.raises(BadInput, match=sentence):
        hand_over(items, tmp_path / "bag", handing=Handing(**said), by=monitor, clock=clock)


def test_a_frozen_item_is_not_handed_over(items, monitor, clock, tmp_path):
    record([Keeping(item=items[0], frozen=True, reason="x")], by="MACHINE", at=clock())
    with pytest.raises(BadInput, match="frozen"):
        hand_over(items, tmp_path / "bag", handing=HANDING, by=monitor, clock=clock)


def test_an_unknown_item_a_folder_that_is_there_and_another_role_are_refused(items, monitor, clock, tmp_path):
    with pytest.raises(NotInRegister):
        hand_over(["ITM-NONE"], tmp_path / "bag", handing=HANDING, by=monitor, clock=clock)
    with pytest.raises(BadInput, match="new folder"):
        hand_over(items, tmp_path, handing=HANDING, by=monitor, clock=clock)
    other = Somebody(roles=frozenset({"monitor"}))
    with pytest.raises(NotAllowed):
        hand_over(items, tmp_path / "bag", handing=HANDING, by=other, clock=clock)
