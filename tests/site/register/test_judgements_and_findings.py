"""Who may judge and conclude, and when a second officer is needed (R-17)."""

import pytest

import factories
from lieber.assess import Proposal, Tier
from lieber.link import Verdict
from lieber_mission.actions.assess import record_finding
from lieber_mission.actions.link import open_incident, record_judgement
from lieber_mission.actions.record import record
from lieber_mission.models import Finding, Judgement
from lieber_mission.policies.assess import FindingRefused
from lieber_mission.policies.link import JudgementRefused
from lieber_mission.policies.permissions import NotAllowed, Operator, Role

pytestmark = pytest.mark.django_db
ANALYST = Operator("OFF-ANALYST", frozenset({Role.ANALYST}))
REVIEWER = Operator("OFF-REVIEWER", frozenset({Role.REVIEWER}))
MONITOR = Operator("OFF-MONITOR", frozenset({Role.MONITOR}))
PROPOSAL = Proposal(Tier.CREDIBLE, "two origins", ("two independent origins",))


def judge(left, right, verdict=Verdict.SAME, *, by=ANALYST, minute=1, agreed_by=None, reason="compared"):
    return record_judgement(
        left=left,
        right=right,
        verdict=verdict,
        reason=reason,
        by=by,
        at=factories.at(minute),
        agreed_by=agreed_by,
    )


@pytest.fixture
def pair():
    return [open_incident(title=f"Incident {n}", by=ANALYST, at=factories.at(0)) for n in range(2)]


@pytest.mark.parametrize("agreed_by", [None, ANALYST, MONITOR], ids=["nobody", "the author", "no reviewer"])
def test_a_merge_needs_a_second_officer_who_may(pair, agreed_by):
    with pytest.raises((JudgementRefused, NotAllowed)):
        judge(pair[0], pair[1], agreed_by=agreed_by)
    assert not Judgement.objects.exists()


def test_a_merge_agreed_to_is_recorded_whichever_stands_left(pair):
    first = judge(pair[0], pair[1], agreed_by=REVIEWER)
    second = judge(pair[1], pair[0], Verdict.DIFFERENT, minute=2)
    assert first == second
    assert [row.version for row in Judgement.objects.order_by("version")] == [1, 2]


def test_a_judgement_needs_a_reason_and_a_role(pair):
    with pytest.raises(JudgementRefused, match="reason"):
        judge(pair[0], pair[1], Verdict.UNSURE, reason="  ")
    with pytest.raises(NotAllowed, match="analyst or reviewer"):
        judge(pair[0], pair[1], Verdict.UNSURE, by=MONITOR)


def test_an_account_is_of_one_incident_at_a_time(pair):
    account = factories.one_of_each(1)["account"].thing
    judge(account, pair[0], minute=2)
    with pytest.raises(JudgementRefused, match=pair[0]):
        judge(account, pair[1], minute=3)
    judge(account, pair[0], Verdict.DIFFERENT, minute=4)
    judge(account, pair[1], minute=5)


def test_verified_needs_a_reviewer_who_is_not_the_author(pair):
    proposal = Proposal(Tier.VERIFIED, "two kinds", ("examined",))
    for reviewer in (None, ANALYST):
        with pytest.raises(FindingRefused, match="reviewer who is not the author"):
            record_finding(
                factories.finding(pair[0], tier=3),
                proposal=proposal,
                by=ANALYST,
                at=factories.at(1),
                reviewed_by=reviewer,
            )
    record_finding(
        factories.finding(pair[0], tier=3),
        proposal=proposal,
        by=ANALYST,
        at=factories.at(1),
        reviewed_by=REVIEWER,
    )
    assert Finding.objects.get().reviewed_by == REVIEWER.officer_id


def test_another_tier_than_the_proposed_one_needs_a_written_reason(pair):
    with pytest.raises(FindingRefused, match="proposes credible"):
        record_finding(
            factories.finding(pair[0], tier=1, reasons=" "), proposal=PROPOSAL, by=ANALYST, at=factories.at(1)
        )
    record_finding(
        factories.finding(pair[0], tier=1, reasons="the recording shows an exercise"),
        proposal=PROPOSAL,
        by=ANALYST,
        at=factories.at(1),
    )
    assert Finding.objects.get().tier == Tier.ALLEGED


def concluded(incidents, **changes):
    rows = [factories.finding(incident, **changes) for incident in incidents]
    record(rows, by="OFF-ANALYST", at=factories.at(1))


@pytest.mark.parametrize(
    ("leader", "words"),
    [(None, "has no finding"), ({"tier": 0}, "says less"), ({"victim_party": "B"}, "other victims")],
    ids=["no finding", "discounted", "other victims"],
)
def test_a_merge_makes_nobody_vanish(pair, leader, words):
    """The finding of the incident opened first decides for the whole."""
    if leader is not None:
        concluded(pair[:1], **leader)
    concluded(pair[1:])
    with pytest.raises(JudgementRefused, match=words):
        judge(pair[0], pair[1], agreed_by=REVIEWER, minute=2)
    assert not Judgement.objects.exists()


def test_a_judgement_that_others_keep_from_taking_effect_is_refused(pair):
    third = open_incident(title="Incident 3", by=ANALYST, at=factories.at(0))
    first, second = pair
    concluded([first, second, third])
    judge(first, second, agreed_by=REVIEWER, minute=2)
    judge(first, third, Verdict.UNSURE, minute=3)
    judge(second, third, agreed_by=REVIEWER, minute=4)
    with pytest.raises(JudgementRefused, match="cannot be one while"):
        judge(first, third, Verdict.DIFFERENT, minute=5)
    judge(second, third, Verdict.UNSURE, minute=6)
    judge(first, third, Verdict.DIFFERENT, minute=7)
    with pytest.raises(JudgementRefused, match="cannot be one while"):
        judge(second, third, agreed_by=REVIEWER, minute=8)
