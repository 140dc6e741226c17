"""What may be judged about incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lieber.base import LieberError, check_id
from lieber.link import Contradiction, Verdict

from .permissions import Deed, Viewer, check_may


class JudgementRefused(LieberError):
    """The judgement cannot stand beside those already recorded, or lacks a second officer."""


def check_judgement(*, left: str, right: str, reason: str) -> None:
    """A judgement is of an account or an incident with another incident, and says why."""
    check_id(left)
    check_id(right, "INC")
    if left[:3] not in {"ACC", "INC"} or left == right:
        raise JudgementRefused(
            f"A judgement sets an account or an incident beside another incident: found {left} and {right}."
        )
    if not reason.strip():
        raise JudgementRefused("A judgement needs its reason in words; write why.")


def check_merge(*, by: Viewer, agreed_by: Viewer | None) -> None:
    """Two incidents become one only where a second officer agrees (R-17)."""
    if agreed_by is None or agreed_by.officer_id == by.officer_id:
        raise JudgementRefused(
            "Two incidents are judged to be the same by two officers: a reviewer other than the "
            "author must agree."
        )
    check_may(agreed_by, Deed.AGREE_TO_MERGE)


def check_asked(*, asks: str, verdict: str, asked_by: str) -> None:
    """It can be asked once that two incidents become one, and not where they are one already."""
    if verdict == Verdict.SAME:
        raise JudgementRefused(
            "These two incidents are judged to be the same already; there is nothing to ask."
        )
    if asks:
        raise JudgementRefused(
            f"It was asked already that these two incidents become one, by {asked_by}: answer that first."
        )


def check_answer(*, asks: str, asked_by: str, by: Viewer, agrees: bool) -> None:
    """What was asked is agreed to by a reviewer who did not ask; whoever may judge may decline it."""
    if not asks:
        raise JudgementRefused("Nothing is asked about these two incidents any more; look at what stands.")
    if not agrees:
        return check_may(by, Deed.JUDGE)
    check_may(by, Deed.AGREE_TO_MERGE)
    if asked_by == by.officer_id:
        raise JudgementRefused("Whoever asked cannot agree: another officer who is a reviewer must.")
    return None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a finding says that decides whether and where its incident is counted."""

    tier: int
    victim_party: str
    series: str


def check_no_contradiction(contradictions: Sequence[Contradiction]) -> None:
    """A judgement that the others keep from taking effect is not recorded."""
    if contradictions:
        same, different = contradictions[0].same, contradictions[0].different
        raise JudgementRefused(
            f"{same.left} and {same.right} cannot be one while {different.left} and {different.right} are "
            "judged to be different: judge one of the two pairs anew first."
        )


def check_leader(leader: str, concluded: Mapping[str, Conclusion]) -> None:
    """Of incidents that become one, the finding of the one opened first decides: it must be there, and
    conclude no less than any of the others, or persons would vanish from the figures (R-06)."""
    others = {incident: conclusion for incident, conclusion in concluded.items() if incident != leader}
    decides = concluded.get(leader)
    if not others:
        return
    if decides is None:
        raise JudgementRefused(
            f"Together they are known as {leader}, which has no finding: record the finding of the whole "
            "there first."
        )
    for incident, conclusion in others.items():
        alike = (conclusion.victim_party, conclusion.series) == (decides.victim_party, decides.series)
        if conclusion.tier and (not alike or conclusion.tier > decides.tier):
            raise JudgementRefused(
                f"Together they are known as {leader}, whose finding says less than that of {incident} or "
                "is on other victims: record the finding of the whole there first."
            )


def check_one_incident(*, account: str, incident: str, standing: str | None) -> None:
    """An account belongs to one incident at a time."""
    if standing not in {None, incident}:
        raise JudgementRefused(
            f"{account} is judged to be of {standing} already: judge it different from that one first."
        )


MOST_JUDGED_AT_ONCE = 12


def check_several(number: int) -> None:
    """Incidents are judged beside each other in small numbers: each pair is a judgement of its own."""
    if not 2 <= number <= MOST_JUDGED_AT_ONCE:
        raise JudgementRefused(
            f"Select 2 to {MOST_JUDGED_AT_ONCE} incidents to judge them different: found {number}."
        )
