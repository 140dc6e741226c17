"""What workers do by themselves: all that is held is read again in its time, whatever comes meanwhile."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta
from itertools import pairwise

import pytest

from evidence_cast import Somebody
from lieber.base import BadInput
from lieber_mission.actions import duties, worker
from lieber_mission.actions.duties import ask_for_check_when_due
from lieber_mission.actions.fixity import check_bytes
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.actions.work import HELD, claim, finish, put_back
from lieber_mission.management.command import now
from lieber_mission.models import Exhibit, FixityRound, Keeping, Work

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def done_by_two(clock):
    """Two workers look: one of them has the piece."""
    piece = claim("first", clock=clock, kinds=["check"])
    assert piece is not None
    assert claim("second", clock=clock, kinds=["check"]) is None
    assert duties.check_portion(int(piece.about), clock=clock) > 0
    finish(piece, worker="first", at=clock())


class Calendar:
    """A clock that is put on by hand."""

    def __init__(self):
        self.at = now()

    def __call__(self):
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def calendar():
    return Calendar()


def one_more(folder, number, clock):
    path = folder / f"{number}.jpg"
    path.write_bytes(b"\xff\xd8\xff" + str(number).encode())
    take_in(
        offered_in([path], refuse=lambda *_: None), circumstances=Circumstances(), by=Somebody(), clock=clock
    )


def test_all_is_read_every_thirty_days_though_something_new_comes_each_week(kept, tmp_path, calendar):
    one_more(tmp_path, 0, calendar)
    first = Exhibit.objects.order_by("entry").first().entry
    for week in range(1, 22):
        calendar.at += timedelta(days=7)
        one_more(tmp_path, week, calendar)
        while ask_for_check_when_due(calendar()):
            done_by_two(calendar)
            calendar.at += duties.FIXITY_PAUSE
    began = list(
        FixityRound.objects.filter(first_entry__lte=first)
        .order_by("entry")
        .values_list("started_at", flat=True)
    )
    assert len(began) >= 4
    assert all(later - earlier <= timedelta(days=38) for earlier, later in pairwise(began))


def test_a_storage_that_is_not_there_freezes_nothing(kept, tmp_path, calendar):
    one_more(tmp_path, 0, calendar)
    shutil.move(kept / "storage", tmp_path / "elsewhere")
    with pytest.raises(BadInput, match="not mounted"):
        check_bytes(by=Somebody(), clock=calendar)
    assert not Keeping.objects.exists()
    assert not FixityRound.objects.exists()
    shutil.move(tmp_path / "elsewhere", kept / "storage")
    assert check_bytes(by=Somebody(), clock=calendar).mismatches == []


def test_one_portion_waits_at_a_time_and_one_that_failed_is_asked_for_later(kept, tmp_path, calendar):
    assert not ask_for_check_when_due(calendar())
    one_more(tmp_path, 0, calendar)
    assert ask_for_check_when_due(calendar())
    assert not ask_for_check_when_due(calendar())
    shutil.move(kept / "storage", tmp_path / "elsewhere")
    piece = claim("first", clock=calendar, kinds=["check"])
    assert piece is not None
    put_back(piece, worker="first", at=calendar(), reason="not mounted", for_good=True)
    assert not ask_for_check_when_due(calendar())
    calendar.at += duties.FIXITY_PAUSE
    assert ask_for_check_when_due(calendar())
    assert list(Work.objects.filter(kind="check").values_list("state", flat=True)) == ["waiting"]


@pytest.mark.one_database
@pytest.mark.django_db(transaction=True)
def test_a_long_piece_is_held_while_its_worker_lives(calendar, monkeypatch):
    monkeypatch.setattr(worker, "_SAID_EVERY_SECONDS", 0.02)
    Work.objects.create(kind="examine", about="EXH-X", asked_at=calendar(), due=calendar())
    piece = claim("first", clock=calendar, kinds=["examine"])
    assert piece is not None
    before = Work.objects.get().due
    with worker._held(piece, "first", calendar):
        for _ in range(200):
            calendar.at += timedelta(minutes=1)
            if Work.objects.get().due > before + HELD:
                break
            time.sleep(0.02)
        assert claim("second", clock=lambda: before + timedelta(minutes=1), kinds=["examine"]) is None
    put_back(piece, worker="first", at=calendar(), reason="")
