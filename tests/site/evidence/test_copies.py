"""Copies are found among all that is held, judged by people, and are one origin."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageOps

from evidence_cast import Somebody
from lieber.link import Verdict
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.actions.likeness import Finder, compare_exhibit, forget_prints, judge_likeness
from lieber_mission.actions.record import VersionConflict, record
from lieber_mission.actions.worker import work
from lieber_mission.management.command import now
from lieber_mission.models import (
    Account,
    Compartment,
    Examination,
    Exhibit,
    Item,
    Keeping,
    Likeness,
    LikenessJudgement,
    Officer,
    Print,
    Source,
    Work,
)
from lieber_mission.queries import likeness
from lieber_mission.queries.grounds import coded
from lieber_mission.queries.origins import authorities

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ANALYST = Somebody()


def scene(seed):
    """A picture with much to see, always the same for a number."""
    chance = np.random.default_rng(seed)
    picture = np.full((240, 320, 3), chance.integers(0, 255, 3), np.uint8)
    for _ in range(60):
        top, left = chance.integers(0, 240), chance.integers(0, 320)
        picture[top : top + chance.integers(5, 80), left : left + chance.integers(5, 80)] = chance.integers(
            0, 255, 3
        )
    return Image.fromarray(picture)


@pytest.fixture
def held(example, kept, tmp_path):
    """A picture that was taken in, by its exhibit."""

    def held(picture, name, **circumstances):
        picture.save(tmp_path / name)
        by = Somebody(compartments=frozenset(filter(None, [circumstances.get("compartment")])))
        take_in(
            offered_in([tmp_path / name], refuse=lambda *_: None),
            circumstances=Circumstances(**circumstances),
            by=by,
            clock=now,
        )
        return Exhibit.objects.get(original_name=str(tmp_path / name))

    return held


@pytest.fixture
def analyst(example, client):
    client.force_login(Officer.objects.get(handle="analyst"))
    return client


def compared(*rows):
    finder = Finder()
    return [compare_exhibit(row.thing, finder=finder, clock=now) for row in rows]


def judged(one, other, verdict=Verdict.SAME, **said):
    return judge_likeness(
        one=one.thing,
        other=other.thing,
        verdict=verdict,
        reason=said.pop("reason", "the same frames"),
        by=ANALYST,
        at=now(),
        **said,
    )


@pytest.fixture
def copies(held):
    """A picture, its mirrored copy, and a stranger; compared in this order."""
    rows = held(scene(1), "a.png"), held(ImageOps.mirror(scene(1)), "b.jpg"), held(scene(2), "c.png")
    compared(*rows)
    return rows


def test_a_copy_is_found_whatever_came_first_and_a_stranger_is_not(copies):
    first, copy, _ = copies
    (found,) = Likeness.objects.all()
    assert (found.left, found.right, found.kind) == (copy.thing, first.thing, "picture")
    assert "mirrored" in found.transform
    compared(first)
    (again,) = Likeness.objects.all()
    assert (again.left, again.right) == (first.thing, copy.thing)


def test_compared_again_nothing_more_is_recorded(copies):
    before = Examination.objects.filter(examination="likeness").count()
    assert before == 3
    assert compared(*copies) == [1, 1, 0]
    assert Examination.objects.filter(examination="likeness").count() == before
    assert Print.objects.count() == 3


def test_a_worker_that_reads_on_finds_what_others_made_meanwhile(held):
    finder = Finder()
    first = held(scene(1), "a.png")
    assert compare_exhibit(first.thing, finder=finder, clock=now) == 0
    compared(held(ImageOps.mirror(scene(1)), "b.png"))
    third = held(ImageOps.flip(scene(1)), "c.png")
    assert compare_exhibit(third.thing, finder=finder, clock=now) == 2


def test_examining_asks_for_comparing_and_a_worker_does_both(held):
    held(scene(1), "a.png")
    held(ImageOps.mirror(scene(1)), "b.png")
    waits = iter([False])
    work("test", clock=now, wait=lambda: next(waits))
    assert set(Work.objects.values_list("kind", "state")) == {("examine", "done"), ("compare", "done")}
    assert Likeness.objects.count() == 1


def test_a_file_that_cannot_be_read_is_said_to_be_refused(held):
    row = held(scene(1), "a.png")
    Exhibit.objects.filter(thing=row.thing).count()
    broken = held(Image.new("RGB", (4, 4)), "b.png")
    assert compared(broken) == [0]
    said = Examination.objects.get(exhibit=broken.thing, examination="likeness")
    assert said.outcome in {"refused", "nothing"}


# ------------------------------------------------------------------ judging


def test_a_judgement_has_one_chain_whichever_way_it_is_told(copies):
    first, copy, _ = copies
    thing = judged(first, copy)
    assert judged(copy, first) == thing
    assert LikenessJudgement.objects.count() == 1
    assert judged(copy, first, Verdict.UNSURE, on_version=1) == thing
    assert LikenessJudgement.objects.as_of(None).get(thing=thing).verdict == "unsure"
    with pytest.raises(VersionConflict):
        judged(copy, first, Verdict.DIFFERENT, on_version=1)


def test_the_family_is_led_by_the_earliest_publication(copies):
    first, copy, _ = copies
    item = Item.objects.get(thing=copy.item)
    told = Item(
        thing=item.thing, version=2, item_kind=item.item_kind, address=item.address,
        published_earliest=now().date(), published_latest=now().date(),
    )  # fmt: skip
    record([told], by="OFF-A", at=now())
    family = likeness.family_of(first.item, viewer=ANALYST, position=None)
    assert [member.thing for member in family.members] == [copy.thing, first.thing]
    assert [pair.left.thing for pair in family.open] == [copy.thing]
    assert not family.judged


def test_what_is_judged_waits_no_more_and_what_is_different_is_no_family(copies):
    first, copy, stranger = copies
    assert likeness.count_copies_to_judge(viewer=ANALYST) == 1
    assert [line.thing for line in likeness.copies_to_judge(viewer=ANALYST).lines] == [copy.thing]
    judged(first, copy, Verdict.DIFFERENT)
    assert likeness.count_copies_to_judge(viewer=ANALYST) == 0
    family = likeness.family_of(first.item, viewer=ANALYST, position=None)
    assert [member.thing for member in family.members] == [first.thing, copy.thing]
    assert not family.open
    assert [pair.verdict for pair in family.judged] == ["different"]
    judged(first, stranger)
    members = likeness.family_of(stranger.item, viewer=ANALYST, position=None).members
    assert {member.thing for member in members} == {first.thing, copy.thing, stranger.thing}


def test_what_is_like_two_others_waits_until_it_is_a_copy_or_both_were_judged(held):
    first = held(scene(1), "a.png")
    second = held(scene(1).resize((300, 225)), "b.png")
    third = held(ImageOps.mirror(scene(1)), "c.png")
    compared(first, second, third)
    judged(first, second)

    def waits():
        return [line.thing for line in likeness.copies_to_judge(viewer=ANALYST).lines]

    assert Likeness.objects.filter(left=third.thing).count() == 2
    assert waits() == [third.thing]
    judged(first, third, Verdict.UNSURE)
    assert waits() == [third.thing]
    judged(second, third, Verdict.DIFFERENT)
    assert waits() == []
    judged(second, third, Verdict.SAME, on_version=1)
    assert waits() == []


def test_a_copy_in_a_compartment_is_in_no_family_of_others(held, analyst):
    circle = Compartment(name="East")
    record([circle], by="OFF-HEAD", at=now())
    first = held(scene(1), "a.png")
    closed = held(ImageOps.mirror(scene(1)), "b.png", compartment=circle.thing)
    compared(first, closed)
    assert Likeness.objects.count() == 1
    assert likeness.count_copies_to_judge(viewer=ANALYST) == 0
    assert not likeness.copies_to_judge(viewer=ANALYST).lines
    family = likeness.family_of(first.item, viewer=ANALYST, position=None)
    assert [member.thing for member in family.members] == [first.thing]
    for address in (f"/items/{first.item}/family/", "/copies/", f"/items/{first.item}/bench/"):
        page = analyst.get(address).content.decode()
        assert closed.thing not in page
        assert f"E-{closed.entry:06d}" not in page
    assert analyst.get(f"/items/{closed.item}/family/").status_code == 404
    member = Somebody(compartments=frozenset([circle.thing]))
    assert len(likeness.family_of(first.item, viewer=member, position=None).members) == 2


def test_the_page_judges_and_leads_on(copies, analyst):
    first, copy, _ = copies
    page = f"/items/{copy.item}/family/"
    assert "data-viewer" in analyst.get(page).content.decode()
    typed = {"one": copy.thing, "other": first.thing, "on_version": "0", "verdict": "same"}
    answer = analyst.post(page, {**typed, "reason": " "})
    assert answer.status_code == 422
    assert not LikenessJudgement.objects.exists()
    answer = analyst.post(page, {**typed, "reason": "the same picture, mirrored"})
    assert answer.status_code == 302
    assert LikenessJudgement.objects.get().reason == "the same picture, mirrored"
    overtaken = analyst.post(page, {**typed, "verdict": "different", "reason": "no"})
    assert overtaken.status_code == 422
    assert "somebody else recorded" in overtaken.content.decode()
    assert ">no</textarea>" in overtaken.content.decode()


def test_any_two_exhibits_are_shown_side_by_side(copies, analyst):
    first, _, stranger = copies
    page = analyst.get(f"/items/{first.item}/family/", {"beside": f"e-{stranger.entry}"})
    assert page.status_code == 200
    assert "The comparison found nothing alike" in page.content.decode()
    missing = analyst.get(f"/items/{first.item}/family/", {"beside": "E-999999"})
    assert missing.status_code == 422


def test_a_frozen_item_is_not_compared_and_prints_can_be_let_go(copies):
    first, copy, _ = copies
    forget_prints([copy.thing])
    assert not Likeness.objects.exists()
    assert Print.objects.count() == 2
    record([Keeping(item=first.item, frozen=True, reason="its sha256 is another")], by="MACHINE", at=now())
    waits = iter([False])
    Work.objects.all().delete()
    Work.objects.create(kind="compare", about=first.thing, asked_at=now(), due=now())
    work("test", clock=now, wait=lambda: next(waits))
    assert Work.objects.get().state == "failed"


# ------------------------------------------------------------------ one origin


def test_two_recordings_are_two_origins_only_when_a_person_tells_them_apart(copies):
    first, copy, stranger = copies
    outlet = Source(source_kind="media_outlet", name="Outlet One", reliability="F")
    record([outlet], by="OFF-A", at=now())
    for row in Item.objects.filter(thing__in=[first.item, copy.item, stranger.item], version=1):
        told = Item(thing=row.thing, version=2, source=outlet.thing, item_kind="video", address=row.address)
        record([told], by="OFF-A", at=now())
    accounts = [
        Account(item=row.item, evidence_types=["video"], killed_quantifier="exact", killed_n=3)
        for row in copies
    ]
    record(accounts, by="OFF-A", at=now())

    def origins():
        found = coded({"INC-1": accounts}, authorities=authorities(), on=now().date())["INC-1"]
        return len({origin for account in found for origin in account.origins})

    assert origins() == 1
    judged(first, copy)
    assert origins() == 1
    judged(first, stranger, Verdict.DIFFERENT)
    assert origins() == 2
    judged(first, stranger, Verdict.UNSURE, on_version=1)
    assert origins() == 1
