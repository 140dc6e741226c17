"""Accounts moved, incidents made one by two officers, and what figures would change."""

from typing import Any

import pytest

from factories import at, finding, one_of_each
from lieber.assess import Tier
from lieber.base import Window
from lieber.link import Verdict
from lieber_mission.actions.link import (
    answer,
    ask_to_merge,
    judge_different,
    judgement_thing,
    move_account,
    record_judgement,
)
from lieber_mission.actions.record import record
from lieber_mission.models import Account, Compartment, Entry, Judgement
from lieber_mission.policies.link import JudgementRefused
from lieber_mission.policies.permissions import NotAllowed, Operator, Role
from lieber_mission.queries.figures import Question, figure
from lieber_mission.queries.incidents import NotInRegister
from lieber_mission.queries.link import asked_judgements, merges
from lieber_mission.queries.preview import preview

pytestmark = pytest.mark.django_db
ANALYST = Operator("OFF-ANALYST", frozenset({Role.ANALYST}))
REVIEWER = Operator("OFF-REVIEWER", frozenset({Role.REVIEWER}))
SECOND = Operator("OFF-SECOND", frozenset({Role.REVIEWER}))


@pytest.fixture
def pair(db):
    """Two incidents, the first with the higher tier, each with its account."""
    return one_of_each(0), one_of_each(1)


def ids(pair):
    return pair[0]["incident"].thing, pair[1]["incident"].thing


def latest(pair):
    return Judgement.objects.as_of(None).get(thing=judgement_thing(*sorted(ids(pair))))


def test_one_asks_and_another_who_is_a_reviewer_agrees(pair):
    first, second = ids(pair)
    asked = ask_to_merge(left=second, right=first, reason="one telling of it", by=ANALYST, at=at(5))
    assert merges(None) == {}
    assert [row.thing for row in asked_judgements(viewer=REVIEWER)] == [asked]
    answer(judgement=asked, agrees=True, by=REVIEWER, at=at(6))
    assert merges(None) == {second: first}
    row = latest(pair)
    assert (row.recorded_by, row.agreed_by, row.reason) == (
        "OFF-REVIEWER",
        "OFF-ANALYST",
        "one telling of it",
    )
    assert asked_judgements(viewer=REVIEWER) == []


def test_who_asked_cannot_agree_and_an_analyst_cannot(pair):
    first, second = ids(pair)
    asked = ask_to_merge(left=first, right=second, reason="one", by=REVIEWER, at=at(5))
    with pytest.raises(JudgementRefused, match="Whoever asked cannot agree"):
        answer(judgement=asked, agrees=True, by=REVIEWER, at=at(6))
    with pytest.raises(NotAllowed, match="agree to a merge"):
        answer(judgement=asked, agrees=True, by=ANALYST, at=at(6))
    answer(judgement=asked, agrees=True, by=SECOND, at=at(7))
    assert merges(None) == {second: first}


def test_what_is_declined_leaves_what_stood(pair):
    first, second = ids(pair)
    record_judgement(left=first, right=second, verdict=Verdict.DIFFERENT, reason="two", by=ANALYST, at=at(4))
    asked = ask_to_merge(left=first, right=second, reason="one after all", by=ANALYST, at=at(5))
    assert latest(pair).verdict == "different"
    answer(judgement=asked, agrees=False, by=ANALYST, at=at(6), reason="withdrawn")
    row = latest(pair)
    assert (row.verdict, row.asks, row.reason) == ("different", "", "withdrawn")
    with pytest.raises(JudgementRefused, match="Nothing is asked"):
        answer(judgement=asked, agrees=True, by=REVIEWER, at=at(7))


def test_it_is_asked_once_and_not_of_what_is_one(pair):
    first, second = ids(pair)
    asked = ask_to_merge(left=first, right=second, reason="one", by=ANALYST, at=at(5))
    with pytest.raises(JudgementRefused, match="asked already"):
        ask_to_merge(left=second, right=first, reason="one", by=REVIEWER, at=at(6))
    answer(judgement=asked, agrees=True, by=REVIEWER, at=at(7))
    with pytest.raises(JudgementRefused, match="the same already"):
        ask_to_merge(left=second, right=first, reason="one", by=ANALYST, at=at(8))


def test_it_cannot_be_asked_where_a_conclusion_would_vanish(pair):
    first, second = ids(pair)
    raised = finding(second, version=2, thing=pair[1]["finding"].thing, tier=3, reviewed_by="OFF-R")
    record([raised], by="OFF-A", at=at(4))
    with pytest.raises(JudgementRefused, match="says less than that of"):
        ask_to_merge(left=first, right=second, reason="one", by=ANALYST, at=at(5))


@pytest.mark.parametrize("step", ["merge", "split"])
def test_the_preview_is_what_the_figures_become(pair, step):
    first, second = ids(pair)
    if step == "split":
        asked = ask_to_merge(left=first, right=second, reason="one", by=ANALYST, at=at(5))
        answer(judgement=asked, agrees=True, by=REVIEWER, at=at(6))
    entries = Entry.objects.count()
    verdict = Verdict.SAME if step == "merge" else Verdict.DIFFERENT
    seen = preview(first, second, verdict, viewer=ANALYST)
    assert Entry.objects.count() == entries
    assert seen.refusal == ""
    assert seen.leads == ((second, first if step == "merge" else ""),)
    record_judgement(
        left=first, right=second, verdict=verdict, reason="so", by=ANALYST, at=at(9), agreed_by=REVIEWER
    )
    for changed in seen.figures:
        question = Question(changed.victim_party, Window(None, None), changed.tier)
        now = figure(question, viewer=ANALYST, as_of=at(60))
        assert (changed.victims[1], changed.incidents[1]) == (now.victims, now.incidents)
        assert changed.changes == (changed.tier <= Tier.CREDIBLE)
    assert {each.change.value for each in seen.steps} == {"merged" if step == "merge" else "split"}


def test_the_preview_says_why_a_judgement_would_be_refused(pair):
    first, second = ids(pair)
    raised = finding(second, version=2, thing=pair[1]["finding"].thing, tier=3, reviewed_by="OFF-R")
    record([raised], by="OFF-A", at=at(4))
    assert "says less" in preview(first, second, Verdict.SAME, viewer=ANALYST).refusal


def test_an_account_moves_in_one_transaction_or_not_at_all(pair):
    first, second = ids(pair)
    account = pair[0]["account"].thing
    judged: dict[str, Any] = {"reason": "another village", "leaves": Verdict.DIFFERENT, "by": ANALYST}
    move_account(account=account, out_of="", into=first, at=at(4), **judged)
    with pytest.raises(JudgementRefused, match="is judged to be of"):
        move_account(account=account, out_of="", into=second, at=at(5), **judged)
    entries = Entry.objects.count()
    with pytest.raises(JudgementRefused, match="needs its reason"):
        move_account(account=account, out_of=first, into=second, at=at(6), **(judged | {"reason": " "}))
    assert Entry.objects.count() == entries
    move_account(account=account, out_of=first, into=second, at=at(7), **judged)
    stands = Judgement.objects.as_of(None).filter(left=account).values_list("right", "verdict")
    assert dict(stands) == {first: "different", second: "same"}


def test_an_account_of_another_compartment_is_not_there_to_be_moved(pair):
    compartment = Compartment(name="circle")
    record([compartment], by="OFF-A", at=at(3))
    row = pair[0]["account"]
    closed = Account(thing=row.thing, version=2, item=row.item, compartment=compartment.thing)
    record([closed], by="OFF-A", at=at(4))
    with pytest.raises(NotInRegister):
        move_account(
            account=row.thing,
            out_of="",
            into=ids(pair)[0],
            reason="so",
            leaves=Verdict.DIFFERENT,
            by=ANALYST,
            at=at(5),
        )


def test_several_are_judged_different_all_or_none(pair):
    third = one_of_each(2)["incident"].thing
    first, second = ids(pair)
    assert (
        judge_different(incidents=[first, second, third], reason="three villages", by=ANALYST, at=at(5)) == 3
    )
    entries = Entry.objects.count()
    for wrong in ([first], [first, first], [first, "INC-NOWHERE"], ["ACC-X", first]):
        with pytest.raises(Exception, match=r"."):
            judge_different(incidents=wrong, reason="so", by=ANALYST, at=at(6))
    assert Entry.objects.count() == entries
    with pytest.raises(NotAllowed):
        judge_different(
            incidents=[first, second], reason="so", by=Operator("OFF-M", frozenset({Role.MONITOR})), at=at(7)
        )
