"""The standing cast: who does what in every test, by plain handles and without personal names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lieber_mission.policies.permissions import Role


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast: the handle to log in with, the title that pages show, the roles held."""

    handle: str
    title: str
    roles: tuple[Role, ...]


MONITOR = Member("monitor", "Monitor", (Role.MONITOR,))
ANALYST = Member("analyst", "Analyst", (Role.ANALYST,))
REVIEWER_ONE = Member("reviewer-one", "First reviewer", (Role.REVIEWER,))
REVIEWER_TWO = Member("reviewer-two", "Second reviewer", (Role.REVIEWER,))
LEGAL_OFFICER = Member("legal-officer", "Legal officer", (Role.LEGAL_OFFICER,))
PROTECTION_OFFICER = Member("protection-officer", "Protection officer", (Role.PROTECTION_OFFICER,))
DATA_OFFICER = Member("data-officer", "Data officer", (Role.DATA_OFFICER,))
HEAD_OF_MISSION = Member("head-of-mission", "Head of mission", (Role.HEAD_OF_MISSION,))
ADMINISTRATOR = Member("administrator", "Administrator", (Role.ADMINISTRATOR,))
# Journalist, court, state, family: an account without a role must see nothing of the register.
OUTSIDER = Member("outsider", "Outsider", ())

CAST: Mapping[str, Member] = {
    member.handle: member
    for member in (
        MONITOR,
        ANALYST,
        REVIEWER_ONE,
        REVIEWER_TWO,
        LEGAL_OFFICER,
        PROTECTION_OFFICER,
        DATA_OFFICER,
        HEAD_OF_MISSION,
        ADMINISTRATOR,
        OUTSIDER,
    )
}
