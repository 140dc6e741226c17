"""What may be judged about incidents."""

from __future__ import annotations

from lieber.base import LieberError, check_id

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


def check_one_incident(*, account: str, incident: str, standing: str | None) -> None:
    """An account belongs to one incident at a time."""
    if standing not in {None, incident}:
        raise JudgementRefused(
            f"{account} is judged to be of {standing} already: judge it different from that one first."
        )
