"""What may be done with officers' accounts."""

from __future__ import annotations

from collections.abc import Collection

from lieber.base import LieberError

from .permissions import Viewer


class OfficerRefused(LieberError):
    """The account is one's own, has no reason beside it, or is closed."""


def check_not_oneself(*, officer_id: str, by: Viewer) -> None:
    """Nobody gives roles, compartments or teams to themselves."""
    if officer_id == by.officer_id:
        raise OfficerRefused("Nobody changes their own roles, compartments or teams: ask another officer.")


def check_not_own_team(*, team: str, teams: Collection[str]) -> None:
    """Nobody lets a team into a compartment, or out of it, in which they are themselves."""
    if team in teams:
        raise OfficerRefused(
            "Nobody lets their own team into a compartment or out of it: ask another officer."
        )


def check_reason(reason: str) -> None:
    """What changes who may see what is written down with its reason."""
    if not reason.strip():
        raise OfficerRefused("A change of what an officer may do needs its reason in words; write why.")


def check_active(*, active: bool) -> None:
    """An account that was closed is opened by a new appointment first."""
    if not active:
        raise OfficerRefused("The officer has left: appoint them again first.")
