"""Roles and deeds as one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from lieber.base import LieberError


class NotAllowed(LieberError):
    """The officer's roles do not allow the deed."""


class Viewer(Protocol):
    """Whoever reads or does something: an officer, or the operator at the machine itself."""

    @property
    def officer_id(self) -> str:
        """The id that the register records."""
        ...

    @property
    def roles(self) -> Iterable[str]:
        """The names of the roles held."""
        ...

    @property
    def compartments(self) -> Iterable[str]:
        """The ids of the compartments whose things may be known."""
        ...


class Role(StrEnum):
    """The roles of a mission (design, "Who uses it")."""

    MONITOR = "monitor"
    ANALYST = "analyst"
    REVIEWER = "reviewer"
    LEGAL_OFFICER = "legal_officer"
    PROTECTION_OFFICER = "protection_officer"
    DATA_OFFICER = "data_officer"
    HEAD_OF_MISSION = "head_of_mission"
    ADMINISTRATOR = "administrator"


# What each role is, and who may hold it.
DESCRIPTIONS: Mapping[Role, str] = {
    Role.MONITOR: "collects and interviews",
    Role.ANALYST: "examines, codes, links and drafts findings",
    Role.REVIEWER: "reviews findings that others drafted",
    Role.LEGAL_OFFICER: "qualifies incidents under the law",
    Role.PROTECTION_OFFICER: "holds identities and consent",
    Role.DATA_OFFICER: "imports, analyses and exports",
    Role.HEAD_OF_MISSION: "approves and publishes",
    Role.ADMINISTRATOR: "runs the machine and the accounts; sees no content by that role",
}


# Who may hold it, as an institution reads it before it appoints.
HOLDERS: Mapping[Role, str] = {
    Role.MONITOR: "staff trained in interviewing and in doing no harm; may not review what they collected",
    Role.ANALYST: "staff trained in the mission's methodology; whoever drafted a finding does not review it",
    Role.REVIEWER: "an experienced analyst or the head of a team; never the author of what is reviewed",
    Role.LEGAL_OFFICER: "a lawyer who knows the law of armed conflict",
    Role.PROTECTION_OFFICER: "whoever answers for the safety of witnesses; at least two, so that one can "
    "agree to what the other asks",
    Role.DATA_OFFICER: "staff who take in tables and prepare figures and exports",
    Role.HEAD_OF_MISSION: "the head or the deputy: whoever answers in public for what is published",
    Role.ADMINISTRATOR: "technical staff, with no other role where the mission is large enough",
}


class Deed(StrEnum):
    """What may be done."""

    READ_REGISTER = "read the register"
    READ_LOG = "read the log"
    IMPORT = "import tables"
    COLLECT = "take in files and capture pages"
    KEEP = "decide how items are kept"
    EXAMINE = "examine items"
    CODE = "code items"
    RECORD_STATEMENT = "record public statements"
    JUDGE = "record a judgement"
    AGREE_TO_MERGE = "agree to a merge"
    RECORD_FINDING = "record a finding"
    REVIEW_FINDING = "review a finding"
    FOLLOW_UP = "record requests, investigations and answers"
    COMMENT = "comment"
    SIGN_CHECKPOINT = "sign a checkpoint"
    MANAGE_OFFICERS = "manage officers"
    MANAGE_COMPARTMENTS = "manage compartments and teams"
    READ_READINGS = "read the access log"
    READ_INTERVIEWS = "read interviews and consent"
    RECORD_INTERVIEW = "record interviews, risk and consent"
    HOLD_IDENTITIES = "hold identities"
    AGREE_TO_OPENING = "agree to an opening, a disclosure or an erasure"


_SUBSTANCE = frozenset(Role) - {Role.ADMINISTRATOR}
ALLOWED: Mapping[Deed, frozenset[Role]] = {
    Deed.READ_REGISTER: _SUBSTANCE,
    Deed.READ_LOG: frozenset(Role),
    Deed.IMPORT: frozenset({Role.DATA_OFFICER, Role.ANALYST}),
    Deed.COLLECT: frozenset({Role.MONITOR, Role.ANALYST, Role.DATA_OFFICER}),
    # Whoever collects does not decide alone what is let go.
    Deed.KEEP: frozenset({Role.LEGAL_OFFICER, Role.PROTECTION_OFFICER, Role.DATA_OFFICER}),
    Deed.EXAMINE: frozenset({Role.MONITOR, Role.ANALYST}),
    Deed.CODE: frozenset({Role.MONITOR, Role.ANALYST}),
    Deed.RECORD_STATEMENT: frozenset({Role.MONITOR, Role.ANALYST, Role.LEGAL_OFFICER}),
    Deed.JUDGE: frozenset({Role.ANALYST, Role.REVIEWER}),
    Deed.AGREE_TO_MERGE: frozenset({Role.REVIEWER}),
    Deed.RECORD_FINDING: frozenset({Role.ANALYST}),
    Deed.REVIEW_FINDING: frozenset({Role.REVIEWER}),
    Deed.FOLLOW_UP: frozenset({Role.ANALYST, Role.LEGAL_OFFICER, Role.HEAD_OF_MISSION}),
    Deed.COMMENT: _SUBSTANCE,
    Deed.SIGN_CHECKPOINT: frozenset({Role.DATA_OFFICER, Role.HEAD_OF_MISSION, Role.ADMINISTRATOR}),
    Deed.MANAGE_OFFICERS: frozenset({Role.ADMINISTRATOR}),
    # Need to know is not for whoever runs the machine to decide.
    Deed.MANAGE_COMPARTMENTS: frozenset({Role.PROTECTION_OFFICER, Role.HEAD_OF_MISSION}),
    Deed.READ_READINGS: frozenset({Role.PROTECTION_OFFICER, Role.HEAD_OF_MISSION}),
    # All within the compartments of which they are members.
    Deed.READ_INTERVIEWS: frozenset({Role.MONITOR, Role.ANALYST, Role.PROTECTION_OFFICER}),
    Deed.RECORD_INTERVIEW: frozenset({Role.MONITOR, Role.PROTECTION_OFFICER}),
    Deed.HOLD_IDENTITIES: frozenset({Role.PROTECTION_OFFICER}),
    Deed.AGREE_TO_OPENING: frozenset({Role.PROTECTION_OFFICER, Role.HEAD_OF_MISSION}),
}


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever runs a command at the machine: able to read the database, so reads are not refused.

    What lies in a compartment is not shown to them: they are a member of none.
    """

    officer_id: str = ""
    roles: frozenset[str] = frozenset(_SUBSTANCE)
    compartments: frozenset[str] = frozenset()


OPERATOR = Operator()
# What tools say is recorded as the machine's, apart from what persons decided.
MACHINE = Operator(officer_id="MACHINE")


def may(viewer: Viewer, deed: Deed) -> bool:
    """Whether one of the viewer's roles allows the deed. What is not allowed is refused."""
    return not ALLOWED[deed].isdisjoint(viewer.roles)


def check_may(viewer: Viewer, deed: Deed) -> None:
    """Raises NotAllowed with the sentence the officer reads."""
    if not may(viewer, deed):
        roles = " or ".join(sorted(role.value.replace("_", " ") for role in ALLOWED[deed]))
        raise NotAllowed(f"To {deed.value}, the role {roles} is needed; ask an administrator of the mission.")
