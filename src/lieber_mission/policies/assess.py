"""What may be recorded about an incident, and who leads a drafted finding on its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lieber.assess import Methodology, Proposal, Tier, missing_alternatives
from lieber.base import LieberError

from .permissions import Deed, Viewer, check_may, may


class FindingRefused(LieberError):
    """The finding lacks what its tier needs."""


class FindingSuperseded(LieberError):
    """A finding was recorded on the incident while this one was being written."""


def check_tier(*, tier: Tier, proposal: Proposal, reasons: str) -> None:
    """A tier other than the proposed one needs a written reason."""
    if tier is not proposal.tier and not reasons.strip():
        raise FindingRefused(
            f"The methodology proposes {proposal.tier.word} ({proposal.reasons[0]}): to record "
            f"{tier.word}, write the reason."
        )


def check_second_officer(*, tier: Tier, by: Viewer, reviewed_by: Viewer | None) -> None:
    """From *verified* upward a reviewer who is not the author must have agreed (R-17)."""
    if tier < Tier.VERIFIED:
        return
    if reviewed_by is None or reviewed_by.officer_id == by.officer_id:
        raise FindingRefused(
            f"The tier {tier.word} needs a reviewer who is not the author; ask a reviewer of the mission."
        )
    check_may(reviewed_by, Deed.REVIEW_FINDING)


def check_directly(*, tier: Tier, methodology: Methodology) -> None:
    """A tier for which the methodology asks reviewers is not recorded without them."""
    if tier >= Tier.VERIFIED or methodology.reviewers.get(tier.word, 0):
        raise FindingRefused(
            f"A finding of the tier {tier.word} goes past reviewers first: put it before them instead."
        )


def check_alternatives(*, tier: Tier, answers: Mapping[str, str]) -> None:
    """From *verified* upward each other explanation is answered in words (R-08)."""
    if missing := missing_alternatives(tier, answers):
        listed = ", ".join(each.label().lower() for each in missing)
        raise FindingRefused(f"The tier {tier.word} needs each alternative answered: {listed} is not yet.")


def check_words(*, reasons: str, victim_party: str) -> None:
    """A conclusion says on whom and why."""
    if not reasons.strip():
        raise FindingRefused("A finding needs its reasons in words; write what it rests on.")
    if not victim_party.strip():
        raise FindingRefused("A finding says whose victims it is on: choose the party, or unknown.")


def check_series(*, series: str, methodology: Methodology) -> None:
    """A finding is of one series of the methodology (R-01)."""
    known = (methodology.series, *methodology.other_series)
    if series not in known:
        raise FindingRefused(f"A finding is of one series, {', '.join(known)}: found {series!r}; choose one.")


def check_facts(*, facts: Iterable[str], methodology: Methodology) -> None:
    """Only facts that the methodology asks for are held to be met."""
    if unknown := sorted(set(facts) - set(methodology.facts)):
        raise FindingRefused(
            f"The methodology knows no fact {unknown[0]!r}: choose among {', '.join(methodology.facts)}."
        )


def check_on_top(*, on_version: int, stands: int) -> None:
    """What is recorded was written on top of the finding that stands."""
    if on_version != stands:
        raise FindingSuperseded(
            f"Version {stands} of the finding was recorded while this one was being written on version "
            f"{on_version}: compare the two and keep what holds."
        )


def check_grounds(*, agreed_on: Tier, now: Proposal) -> None:
    """What reviewers agreed to still rests on as much: no account fell away meanwhile (R-18)."""
    if now.tier < agreed_on:
        raise FindingRefused(
            f"The methodology proposed {agreed_on.word} when reviewers agreed and {now.tier.word} now: an "
            "account may not be used any more; put it before reviewers again."
        )


def check_comments(*, decision: str, comments: str) -> None:
    """Whoever returns or rejects says what is missing."""
    if decision != "approve" and not comments.strip():
        raise FindingRefused("To return or reject a finding, write what is missing or wrong.")


def check_version_spoken_of(*, of_version: int, last: int) -> None:
    """An answer is on the version that the reviewer read."""
    if of_version != last:
        raise FindingRefused(
            f"The author put version {last} before reviewers while you read version {of_version}: read it "
            "first."
        )


def check_grade(*, credibility: str, reason: str) -> None:
    """A grade says why."""
    if not credibility or not reason.strip():
        raise FindingRefused("A grade of information needs the grade and its reason in words; write both.")


def rights_on_course(viewer: Viewer) -> frozenset[str]:
    """What a viewer may be to a proposal: its author, an analyst who records, a reviewer."""
    found = {"author", "analyst"} if may(viewer, Deed.RECORD_FINDING) else set()
    return frozenset(found | ({"reviewer"} if may(viewer, Deed.REVIEW_FINDING) else set()))
