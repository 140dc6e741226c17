"""A drafted finding goes past reviewers into the register, by two different people (R-17)."""

from __future__ import annotations

import pytest

import factories
from lieber.assess import Decision, NotOnThisCourse, PickedClaim, Tier
from lieber.base import BadInput
from lieber.link import Verdict
from lieber_mission.actions import review
from lieber_mission.actions.link import record_judgement
from lieber_mission.actions.record import VersionConflict, record
from lieber_mission.models import Compartment, Finding, Proposal, Review
from lieber_mission.policies.assess import FindingRefused, FindingSuperseded
from lieber_mission.policies.permissions import NotAllowed
from lieber_mission.queries.incidents import NotInRegister
from lieber_mission.queries.proposals import proposal_detail, proposal_list

from .conftest import account, conclusion

pytestmark = pytest.mark.django_db


class Desk:
    """The deeds of a test, one a minute, by the names of the officers."""

    def __init__(self, officers, minutes, case):
        self.officers, self.minutes, self.incident = officers, minutes, case["incident"]

    def now(self):
        return factories.at(next(self.minutes))

    def submit(self, what=None, *, by="author", on_version=0, reviewers=1, once="form"):
        return review.submit_proposal(
            incident=self.incident,
            conclusion=what or conclusion(Tier.VERIFIED),
            on_version=on_version,
            reviewers=reviewers,
            once=once,
            by=self.officers[by],
            at=self.now(),
        )

    def again(self, proposal, what=None, *, version=1, by="author", on_version=0):
        return review.submit_again(
            proposal=proposal,
            version=version,
            conclusion=what or conclusion(Tier.VERIFIED, reasons="mended"),
            on_version=on_version,
            reviewers=1,
            by=self.officers[by],
            at=self.now(),
        )

    def speak(self, proposal, decision="approve", *, by="reviewer", version=1, comments="looked at"):
        return review.review_proposal(
            proposal=proposal,
            of_version=version,
            decision=Decision(decision),
            comments=comments,
            by=self.officers[by],
            at=self.now(),
        )

    def record(self, proposal, *, by="author"):
        return review.record_proposal(proposal=proposal, by=self.officers[by], at=self.now())

    def directly(self, what, *, by="author", on_version=0):
        return review.record_directly(
            incident=self.incident,
            conclusion=what,
            on_version=on_version,
            by=self.officers[by],
            at=self.now(),
        )

    def seen(self, proposal, by):
        return proposal_detail(proposal, viewer=self.officers[by])


@pytest.fixture
def desk(officers, minutes, case):
    return Desk(officers, minutes, case)


@pytest.mark.parametrize("recorder", ["author", "colleague"])
def test_an_agreed_finding_is_recorded_with_its_reviewer_and_proposal(desk, recorder):
    proposal = desk.submit()
    assert desk.seen(proposal, "head").state == "submitted"
    desk.speak(proposal)
    assert desk.seen(proposal, "head").state == "agreed"
    desk.record(proposal, by=recorder)
    row = Finding.objects.get()
    assert (row.tier, row.reviewed_by, row.recorded_by, row.proposal) == (
        3,
        "OFF-REVIEWER",
        f"OFF-{recorder.upper()}",
        proposal,
    )
    assert "independent_review" in row.facts
    assert "alternatives_considered" in row.facts
    assert desk.seen(proposal, "head").state == "recorded"


@pytest.mark.parametrize(
    ("officer", "refused"), [("author", NotAllowed), ("monitor", NotAllowed), ("colleague", NotAllowed)]
)
def test_only_reviewers_review(desk, officer, refused):
    proposal = desk.submit()
    with pytest.raises(refused):
        desk.speak(proposal, by=officer)
    assert not Review.objects.exists()


def test_whoever_holds_both_roles_is_still_one_person(desk):
    proposal = desk.submit(by="both")
    with pytest.raises(NotOnThisCourse, match="Nobody reviews what they wrote"):
        desk.speak(proposal, by="both")
    of_another = desk.submit(once="other form")
    desk.speak(of_another, by="both")
    with pytest.raises(NotOnThisCourse, match="Whoever agreed"):
        desk.record(of_another, by="both")
    desk.record(of_another)
    assert Finding.objects.get().reviewed_by == "OFF-BOTH"


def test_one_reviewer_is_not_two(desk):
    proposal = desk.submit(reviewers=2)
    desk.speak(proposal)
    with pytest.raises(NotOnThisCourse, match="given once"):
        desk.speak(proposal, "return", comments="other words")
    with pytest.raises(NotOnThisCourse):
        desk.record(proposal)
    desk.speak(proposal, by="second")
    desk.record(proposal)


def test_reviewers_are_blind_to_each_other_until_both_have_spoken(desk):
    proposal = desk.submit(reviewers=2)
    desk.speak(proposal, "return", comments="the date is open")
    assert [answer.comments for answer in desk.seen(proposal, "reviewer").answers] == ["the date is open"]
    for officer in ("second", "author", "colleague", "head", "both"):
        assert not desk.seen(proposal, officer).answers
        assert desk.seen(proposal, officer).spoken == 1
    desk.speak(proposal, by="second", comments="it is sound")
    for officer in ("reviewer", "second", "author", "head"):
        assert len(desk.seen(proposal, officer).answers) == 2
    assert desk.seen(proposal, "author").state == "returned"


def test_a_returned_finding_comes_back_as_a_further_version(desk):
    proposal = desk.submit()
    desk.speak(proposal, "return", comments="the date is open")
    with pytest.raises(NotOnThisCourse):
        desk.again(proposal, by="colleague")
    desk.again(proposal)
    found = desk.seen(proposal, "reviewer")
    assert (found.version, found.state, found.conclusion.reasons) == (2, "submitted", "mended")
    assert [answer.comments for answer in found.answers] == ["the date is open"]
    with pytest.raises(FindingRefused, match="version 2"):
        desk.speak(proposal, version=1, comments="late")
    desk.speak(proposal, version=2)
    assert desk.seen(proposal, "author").state == "agreed"


def test_to_return_or_reject_takes_words(desk):
    proposal = desk.submit()
    for decision in ("return", "reject"):
        with pytest.raises(FindingRefused, match="write what is missing"):
            desk.speak(proposal, decision, comments=" ")
    desk.speak(proposal, "reject", comments="it is the same as another incident")
    with pytest.raises(NotOnThisCourse):
        desk.again(proposal)


def test_a_form_that_is_sent_twice_is_one_row(desk):
    proposal = desk.submit()
    assert desk.submit() == proposal
    desk.speak(proposal, "return", comments="mend")
    desk.speak(proposal, "return", comments="mend")
    desk.again(proposal)
    desk.again(proposal)
    desk.speak(proposal, version=2)
    desk.record(proposal)
    desk.record(proposal)
    assert (Proposal.objects.count(), Review.objects.count(), Finding.objects.count()) == (2, 2, 1)
    below = conclusion(reasons="weighed anew")
    desk.directly(below, on_version=1)
    desk.directly(below, on_version=1)
    assert Finding.objects.count() == 2


def test_a_further_version_that_is_there_already_is_not_overwritten(desk):
    proposal = desk.submit()
    desk.speak(proposal, "return", comments="mend")
    desk.again(proposal)
    desk.speak(proposal, "return", comments="again", version=2)
    with pytest.raises(VersionConflict):
        desk.again(proposal, conclusion(Tier.VERIFIED, reasons="from an old page"))


def test_what_the_register_overtook_is_not_recorded_on_top(desk):
    proposal = desk.submit()
    desk.speak(proposal)
    desk.directly(conclusion(), by="colleague")
    assert desk.seen(proposal, "author").conflicts
    with pytest.raises(FindingSuperseded, match="compare the two"):
        desk.record(proposal)
    desk.again(proposal, on_version=1)
    desk.speak(proposal, version=2)
    desk.record(proposal)
    assert Finding.objects.as_of(None).get().version == 2
    with pytest.raises(FindingSuperseded):
        desk.submit(once="third form")


def test_verified_is_never_recorded_directly(desk):
    for tier in (Tier.VERIFIED, Tier.ADJUDICATED):
        with pytest.raises(FindingRefused, match="past reviewers"):
            desk.directly(conclusion(tier))
    desk.directly(conclusion())
    assert Finding.objects.get().reviewed_by == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tier_reason": " "}, "write the reason"),
        ({"alternatives": {"staged": "No."}}, "each alternative answered"),
        ({"reasons": ""}, "reasons in words"),
        ({"victim_party": ""}, "whose victims"),
        ({"series": "all of them"}, "one series"),
        ({"facts": ("invented",)}, "knows no fact"),
    ],
)
def test_what_lacks_a_part_is_not_put_before_reviewers(desk, changes, words):
    with pytest.raises(FindingRefused, match=words):
        desk.submit(conclusion(Tier.VERIFIED, **changes))
    assert not Proposal.objects.exists()


def test_a_claim_of_another_incident_is_refused(desk):
    stranger = account("Outlet Three", next(desk.minutes))
    with pytest.raises(BadInput, match="not judged to be of it"):
        desk.directly(conclusion(claims_for=(PickedClaim(stranger.thing, "date"),)))


def test_what_reviewers_agreed_on_falls_with_the_accounts_it_rests_on(desk, case):
    """An account judged to be of another incident supports nothing any more."""
    proposal = desk.submit(conclusion(Tier.CREDIBLE))
    desk.speak(proposal)
    record_judgement(
        left=case["accounts"][1].thing,
        right=desk.incident,
        verdict=Verdict.DIFFERENT,
        reason="another day",
        by=desk.officers["colleague"],
        at=desk.now(),
    )
    with pytest.raises(FindingRefused, match="before reviewers again"):
        desk.record(proposal)


def test_a_withdrawn_proposal_stays_and_goes_nowhere(desk):
    proposal = desk.submit()
    review.withdraw_proposal(proposal=proposal, by=desk.officers["author"], at=desk.now())
    review.withdraw_proposal(proposal=proposal, by=desk.officers["author"], at=desk.now())
    assert desk.seen(proposal, "head").state == "withdrawn"
    with pytest.raises(NotOnThisCourse):
        desk.speak(proposal)
    assert Proposal.objects.count() == 2


def test_lists_hold_what_waits_for_whom(desk):
    proposal = desk.submit()

    def listed(which, by):
        return [line.thing for line in proposal_list(viewer=desk.officers[by], which=which).lines]

    assert listed("mine-to-review", "reviewer") == [proposal]
    assert listed("mine-to-review", "author") == listed("mine-to-mend", "author") == []
    desk.speak(proposal, "return", comments="mend")
    assert listed("mine-to-review", "reviewer") == []
    assert listed("mine-to-mend", "author") == [proposal]
    assert listed("mine-to-mend", "colleague") == []
    desk.again(proposal)
    desk.speak(proposal, version=2)
    assert listed("to-record", "author") == listed("to-record", "colleague") == [proposal]
    assert listed("to-record", "reviewer") == []
    desk.record(proposal)
    assert listed("open", "head") == []
    assert listed("all", "head") == listed("mine", "author") == [proposal]


def test_claims_on_what_lies_in_a_compartment_are_absent_for_others_and_kept(desk, case):
    circle = Compartment(name="circle")
    record([circle], by=factories.AUTHOR, at=desk.now())
    sealed = account("Interview", next(desk.minutes), compartment=circle.thing)
    member = desk.officers["colleague"]
    member.own_compartments = [circle.thing]
    record_judgement(
        left=sealed.thing,
        right=desk.incident,
        verdict=Verdict.SAME,
        reason="told so",
        by=member,
        at=desk.now(),
    )
    claim, open_claim = PickedClaim(sealed.thing, "date"), PickedClaim(case["accounts"][0].thing, "date")
    review.record_directly(
        incident=desk.incident,
        conclusion=conclusion(claims_for=(claim, open_claim)),
        on_version=0,
        by=member,
        at=desk.now(),
    )
    proposal = desk.submit(conclusion(claims_for=(open_claim,), reasons="anew"), on_version=1)
    assert desk.seen(proposal, "author").conclusion.claims_for == (open_claim,)
    assert desk.seen(proposal, "author").finding.claims_for == (open_claim,)
    assert set(proposal_detail(proposal, viewer=member).conclusion.claims_for) == {claim, open_claim}
    desk.speak(proposal)
    desk.record(proposal)
    assert Finding.objects.as_of(None).get().claims_for == sorted([str(claim), str(open_claim)])
    with pytest.raises(BadInput, match="not judged to be of it"):
        desk.directly(conclusion(claims_for=(claim,)), on_version=2)


def test_nothing_is_assessed_that_is_not_there(desk):
    desk.incident = "INC-000000000000-0"
    with pytest.raises(NotInRegister):
        desk.submit()
    with pytest.raises(NotInRegister):
        desk.seen("PRP-000000000000-0", "head")
    with pytest.raises(NotInRegister):
        desk.speak("PRP-000000000000-0")
