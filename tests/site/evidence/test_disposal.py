"""What need not be kept any more is destroyed by two officers; what was recorded of it stays."""

from __future__ import annotations

from datetime import date

import pytest

from evidence_cast import Somebody
from lieber.base import BadInput
from lieber_mission.actions.disposal import agree_to_dispose, ask_to_dispose, destroy_bytes
from lieber_mission.actions.fixity import check_bytes, keep_item
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.actions.reading_bytes import opened
from lieber_mission.actions.record import VersionConflict
from lieber_mission.actions.worker import work
from lieber_mission.management.command import now
from lieber_mission.models import CustodyEvent, Exhibit, Keeping, Officer, Work
from lieber_mission.outside.storage import storage
from lieber_mission.policies.permissions import NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
FIRST, SECOND = Somebody(officer_id="OFF-FIRST"), Somebody(officer_id="OFF-SECOND")
PAST, FUTURE = date(2020, 1, 1), date(2999, 1, 1)


@pytest.fixture
def row(kept, files, monitor):
    """An exhibit whose time is over."""
    take_in(
        offered_in([files / "a.jpg"], refuse=lambda *_: None),
        circumstances=Circumstances(),
        by=monitor,
        clock=now,
    )
    found = Exhibit.objects.get()
    told(found.item, until=PAST)
    return found


def told(item, *, until=PAST, hold=False):
    last = Keeping.objects.as_of(None).filter(item=item).first()
    return keep_item(
        item=item,
        retention_until=until,
        legal_hold=hold,
        reason="as the mission's rules say",
        authority="preservation",
        on_version=last.version if last else 0,
        by=FIRST,
        at=now(),
    )


def asked(item, *, version=1, by=FIRST):
    ask_to_dispose(
        item=item, reason="its time is over", authority="preservation", on_version=version, by=by, at=now()
    )


def agreed(item, *, version=2, by=SECOND, agrees=True):
    agree_to_dispose(item=item, agrees=agrees, on_version=version, by=by, at=now())


def worked():
    work("tests", clock=now, wait=lambda: False)


def test_two_officers_destroy_the_bytes_and_nothing_that_was_recorded(row):
    asked(row.item)
    with pytest.raises(NotAllowed):
        agreed(row.item, by=FIRST)
    agreed(row.item)
    Work.objects.filter(kind="examine").delete()
    worked()
    assert Work.objects.get(kind="dispose").state == "done"
    assert not storage().holds(row.root, row.stored)
    line = CustodyEvent.objects.get(what="disposed")
    assert (line.sha256_before, line.recorded_by, line.note) == (
        row.sha256,
        "OFF-SECOND",
        "asked by OFF-FIRST",
    )
    assert Exhibit.objects.get(thing=row.thing).sha256 == row.sha256
    with pytest.raises(BadInput, match="destroyed"):
        opened(row.thing, viewer=FIRST)
    # A round of fixity does not miss what was destroyed on purpose.
    checked = check_bytes(by=FIRST, clock=now)
    assert (checked.exhibits, checked.mismatches) == (0, [])
    assert destroy_bytes(row.item) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"until": FUTURE}, "kept until 2999"),
        ({"until": None}, "without an end"),
        ({"hold": True}, "legal hold"),
    ],
)
def test_what_must_be_kept_is_not_disposed_of(row, changes, words):
    told(row.item, **changes)
    with pytest.raises(BadInput, match=words):
        asked(row.item, version=2)


def test_a_hold_set_after_it_was_asked_stops_it(row):
    asked(row.item)
    told(row.item, hold=True)
    with pytest.raises(BadInput, match="legal hold"):
        agreed(row.item, version=3)
    assert storage().holds(row.root, row.stored)
    told(row.item)
    with pytest.raises(BadInput, match="Nobody asks"):
        agreed(row.item, version=4)


def test_declined_it_is_kept_and_an_older_page_is_a_conflict(row):
    asked(row.item)
    with pytest.raises(VersionConflict):
        agreed(row.item, version=1)
    agreed(row.item, agrees=False)
    assert Keeping.objects.as_of(None).get(item=row.item).disposal == ""
    worked()
    assert storage().holds(row.root, row.stored)


def test_bytes_of_two_items_stay_for_the_other_and_what_comes_again_is_a_new_item(
    row, files, monitor, tmp_path
):
    asked(row.item)
    agreed(row.item)
    (tmp_path / "again.jpg").write_bytes((files / "a.jpg").read_bytes())
    take_in(
        offered_in([tmp_path / "again.jpg"], refuse=lambda *_: None),
        circumstances=Circumstances(),
        by=monitor,
        clock=now,
    )
    other = Exhibit.objects.exclude(thing=row.thing).get(derived_from="")
    assert other.item != row.item
    assert destroy_bytes(row.item) == 0
    assert storage().holds(other.root, other.stored)
    _, file = opened(other.thing, viewer=FIRST)
    file.close()


def test_the_bench_asks_and_answers(example, row, client):
    page = f"/items/{row.item}/bench/"
    client.force_login(Officer.objects.get(handle="legal-officer"))
    assert "ask to destroy its bytes" in client.get(page).content.decode()
    sent = {"form": "dispose", "reason": "its time is over", "authority": "preservation", "on_version": "1"}
    assert client.post(page, sent).status_code == 302
    assert "A second officer answers" in client.get(page).content.decode()
    refused = client.post(page, {"form": "disposal", "agrees": "yes", "on_version": "2"})
    assert refused.status_code in {403, 422}
    assert Keeping.objects.as_of(None).get(item=row.item).disposal == "asked"
