"""What waits is found without asking for each thing, and is what asking for each would find."""

from __future__ import annotations

from datetime import date

import pytest

import factories
from lieber.link import Verdict
from lieber_mission.actions import review
from lieber_mission.actions.appraise import appraise
from lieber_mission.actions.link import open_incident, record_judgement
from lieber_mission.actions.protect import erasing
from lieber_mission.actions.record import record
from lieber_mission.actions.waiting import keep_what_waits
from lieber_mission.models import (
    Appraisal,
    Comment,
    Compartment,
    Consent,
    FollowUp,
    Incident,
    Item,
    Pseudonym,
    Response,
    Screening,
    Waited,
)
from lieber_mission.queries import inbox, waiting
from lieber_mission.queries.candidates import judging, unplaced
from lieber_mission.queries.incidents import NotInRegister

from .conftest import account, conclusion

pytestmark = pytest.mark.django_db
TODAY = date(2025, 6, 1)


def unplaced_things():
    return set(waiting.waiting(waiting.UNPLACED_ACCOUNTS).things)


def judge(row, incident, *, by, minute, verdict=Verdict.SAME):
    record_judgement(
        left=row.thing, right=incident, verdict=verdict, reason="read", by=by, at=factories.at(minute)
    )


def test_what_was_recorded_since_is_followed(case, officers):
    assert unplaced_things() == set()
    row = account("Outlet Three", 20)
    assert unplaced_things() == {row.thing}
    judge(row, case["incident"], by=officers["author"], minute=21)
    assert unplaced_things() == set()
    judge(row, case["incident"], by=officers["author"], minute=22, verdict=Verdict.DIFFERENT)
    assert unplaced_things() == {row.thing}


def test_a_page_goes_a_few_entries_further_until_it_knows_all(case, monkeypatch):
    rows = [account(f"Outlet {minute}", minute) for minute in range(20, 30)]
    monkeypatch.setattr(waiting, "NEAR", 9)
    waiting._MEMORIES.clear()
    first = waiting.waiting(waiting.UNPLACED_ACCOUNTS)
    assert not first.whole
    assert len(first.things) < len(rows)
    for _ in range(10):
        last = waiting.waiting(waiting.UNPLACED_ACCOUNTS)
    assert last.whole
    assert last.things == tuple(row.thing for row in reversed(rows))


def test_what_was_caught_up_with_is_where_another_process_begins(case, officers, monkeypatch):
    rows = [account(f"Outlet {minute}", minute) for minute in range(20, 30)]
    monkeypatch.setattr(waiting, "NEAR", 9)
    waiting._MEMORIES.clear()
    keep_what_waits()
    waiting._MEMORIES.clear()
    judge(rows[0], case["incident"], by=officers["author"], minute=31)
    found = waiting.waiting(waiting.UNPLACED_ACCOUNTS)
    assert found.whole
    assert found.things == tuple(row.thing for row in reversed(rows[1:]))


def test_what_was_kept_of_another_log_is_not_believed(case, monkeypatch):
    row = account("Outlet Three", 20)
    keep_what_waits()
    Waited.objects.filter(kind="accounts").update(mark=b"x" * 32, found={"ACC-OF-ANOTHER": 1})
    monkeypatch.setattr(waiting, "NEAR", 1)
    waiting._MEMORIES.clear()
    for _ in range(100):
        found = waiting.waiting(waiting.UNPLACED_ACCOUNTS)
    assert found == waiting.Waiting((row.thing,), whole=True)


@pytest.mark.parametrize("step", [1, 3, 1_000])
def test_catching_up_finds_the_same_whatever_the_step(case, monkeypatch, step):
    rows = [account(f"Outlet {minute}", minute) for minute in range(20, 30)]
    monkeypatch.setattr(waiting, "STEP", step)
    waiting._MEMORIES.clear()
    assert set(waiting.catch_up(waiting.UNPLACED_ACCOUNTS).found) == {row.thing for row in rows}


def test_of_very_many_the_newest_are_remembered_and_the_number_is_a_least_one(case, monkeypatch):
    rows = [account(f"Outlet {minute}", minute) for minute in range(20, 30)]
    monkeypatch.setattr(waiting, "MOST", 4)
    waiting._MEMORIES.clear()
    found = waiting.waiting(waiting.UNPLACED_ACCOUNTS)
    assert found.things == tuple(row.thing for row in reversed(rows[-4:]))
    assert not found.whole


def test_those_left_out_come_next_when_the_newest_are_done(case, officers, monkeypatch):
    rows = [account(f"Outlet {minute}", minute) for minute in range(20, 30)]
    monkeypatch.setattr(waiting, "MOST", 4)
    waiting._MEMORIES.clear()
    keep_what_waits()
    for minute, row in enumerate(rows[-3:], start=31):
        judge(row, case["incident"], by=officers["author"], minute=minute)
    found = waiting.waiting(waiting.UNPLACED_ACCOUNTS)
    assert (found.things, found.whole) == ((rows[-4].thing,), False)
    keep_what_waits()
    found = waiting.waiting(waiting.UNPLACED_ACCOUNTS)
    assert found.things == tuple(row.thing for row in reversed(rows[-7:-3]))


def test_what_another_register_held_is_not_remembered(case):
    """Rows of a test are rolled back: the next register is another, though it may be as long."""
    things = {row.thing for row in case["accounts"]}
    remembered = waiting._MEMORIES.get("accounts")
    assert remembered is None or things.isdisjoint(remembered.found)


def test_incidents_wait_until_they_have_a_finding_or_are_merged(case, officers):
    assert waiting.waiting(waiting.UNASSESSED_INCIDENTS).things == (case["incident"],)
    other = open_incident(title="Another", by=officers["author"], at=factories.at(20))
    assert inbox.incidents_without_finding(officers["author"], TODAY).n == 2
    record_judgement(
        left=case["incident"],
        right=other,
        verdict=Verdict.SAME,
        reason="one episode",
        by=officers["author"],
        at=factories.at(21),
        agreed_by=officers["reviewer"],
    )
    assert waiting.waiting(waiting.UNASSESSED_INCIDENTS).things == (case["incident"],)
    review.record_directly(
        incident=case["incident"],
        conclusion=conclusion(),
        on_version=0,
        by=officers["author"],
        at=factories.at(22),
    )
    assert waiting.waiting(waiting.UNASSESSED_INCIDENTS).things == ()
    assert Incident.objects.count() == 2


def test_what_lies_in_a_compartment_waits_for_its_members_only(case, officers):
    circle = Compartment(name="circle")
    record([circle], by=factories.AUTHOR, at=factories.at(20))
    row = account("Interview", 21, compartment=circle.thing)
    author, member = officers["author"], officers["colleague"]
    member.own_compartments = [circle.thing]
    assert [line.thing for line in unplaced(viewer=author).page.lines] == []
    assert inbox.candidates_to_judge(author, TODAY).n == 0
    assert inbox.candidates_to_judge(member, TODAY).n == 1
    assert judging(row.thing, viewer=member).account.thing == row.thing


def test_an_item_waits_to_be_screened_and_then_to_be_coded(case, officers):
    author = officers["author"]
    source = factories.one_of_each(30)["source"].thing
    lone = Item(source=source, item_kind="web_page", address="https://three.example/")

    def waits() -> tuple[int, int]:
        return inbox.items_to_screen(author, TODAY).n, inbox.items_to_code(author, TODAY).n

    screen, code = waits()
    record([lone], by=factories.AUTHOR, at=factories.at(31))
    assert waits() == (screen + 1, code)
    record([Screening(item=lone.thing, outcome="to_code")], by=factories.AUTHOR, at=factories.at(32))
    assert waits() == (screen, code + 1)


def test_a_call_waits_until_it_is_answered(case, officers):
    called, caller = officers["reviewer"], officers["author"]
    row = Comment(about=case["incident"], body="please look", mentions=[called.officer_id])
    record([row], by=caller.officer_id, at=factories.at(20))
    assert [call.thing for call in inbox.calls(viewer=called).lines] == [row.thing]
    assert inbox.calls_to_answer(caller, TODAY).n == 0
    record([Comment(about=case["incident"], body="looked")], by=called.officer_id, at=factories.at(21))
    assert inbox.calls_to_answer(called, TODAY).n == 0


def test_a_call_on_what_one_may_not_know_of_is_absent(case, officers):
    circle = Compartment(name="circle")
    record([circle], by=factories.AUTHOR, at=factories.at(20))
    sealed = account("Interview", 21, compartment=circle.thing)
    called = officers["reviewer"]
    row = Comment(about=sealed.thing, body="x", mentions=[called.officer_id], compartment=circle.thing)
    record([row], by="OFF-AUTHOR", at=factories.at(22))
    assert inbox.calls_to_answer(called, TODAY).n == 0
    called.own_compartments = [circle.thing]
    assert inbox.calls_to_answer(called, TODAY).n == 1


def test_follow_up_is_due_until_answered_or_closed(case, officers):
    asked = FollowUp(follow_up_kind="request_for_comment", about=case["incident"], due_on=date(2025, 5, 1))
    later = FollowUp(follow_up_kind="referral", about=case["incident"], due_on=date(2025, 7, 1))
    record([asked, later], by=factories.AUTHOR, at=factories.at(20))
    assert inbox.follow_ups_due(officers["author"], TODAY).n == 1
    record([Response(follow_up=asked.thing, response="answer")], by=factories.AUTHOR, at=factories.at(21))
    assert inbox.follow_ups_due(officers["author"], TODAY).n == 0


def test_consents_that_end_are_shown_to_members_only(officers):
    circle = Compartment(name="circle")
    record([circle], by=factories.AUTHOR, at=factories.at(20))
    person = Pseudonym(compartment=circle.thing, subject="source")
    record([person], by=factories.AUTHOR, at=factories.at(21))
    until = {"store": date(2025, 5, 1), "internal_analysis": date(2025, 6, 20), "include_in_count": None}
    record(
        [
            Consent(
                compartment=circle.thing,
                pseudonym=person.thing,
                purpose=purpose,
                decision="granted",
                valid_until=day,
            )
            for purpose, day in until.items()
        ],
        by=factories.AUTHOR,
        at=factories.at(22),
    )
    keeper = officers["keeper"]
    assert inbox.consents(viewer=keeper, on=TODAY).total == 0
    keeper.own_compartments = [circle.thing]
    lines = inbox.consents(viewer=keeper, on=TODAY).lines
    assert [(line.purpose, line.ended) for line in lines] == [
        ("store", True),
        ("internal_analysis", False),
    ]


def test_what_officers_wrote_on_a_forgotten_account_is_forgotten_with_it(case, officers):
    circle = Compartment(name="circle")
    record([circle], by=factories.AUTHOR, at=factories.at(20))
    person = Pseudonym(compartment=circle.thing, subject="source")
    record([person], by=factories.AUTHOR, at=factories.at(21))
    told = account("Interview", 22, compartment=circle.thing, pseudonym=person.thing)
    member = officers["colleague"]
    member.own_compartments = [circle.thing]
    for grade, minute in (("3", 23), ("4", 24)):
        appraise(
            account=told.thing,
            credibility=grade,
            reason="as the person told it",
            on_version=minute - 23,
            by=member,
            at=factories.at(minute),
        )
    assert set(Appraisal.objects.values_list("compartment", flat=True)) == {circle.thing}
    with pytest.raises(NotInRegister):
        appraise(
            account=told.thing,
            credibility="1",
            reason="x",
            on_version=2,
            by=officers["author"],
            at=factories.at(25),
        )
    forgotten = erasing._rows_of(person.thing, accounts_too=True)
    assert sum(isinstance(row, Appraisal) for row in forgotten) == 2
    kept = erasing._rows_of(person.thing, accounts_too=False)
    assert not any(isinstance(row, Appraisal) for row in kept)
