"""Deeds of two: who asks, who agrees, who does it, and from which state.

An opening, a disclosure or an erasure is asked for by a protection officer of the compartment, agreed to by
another officer, and done once by whoever asked (R-16, R-17).
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lieber.base import LieberError
from lieber_mission.policies import protect
from lieber_mission.policies.permissions import ALLOWED, Deed, Role
from spec.tables import table

# Officers of the compartment: P and Q are protection officers, H the head of the mission, A an analyst.
STEPS = table("""
state   | asked by | agreed by | step  | by | compartment opens to | may
asked   | P        |           | agree | P  | two                  | no
asked   | P        |           | agree | Q  | two                  | yes
asked   | P        |           | agree | H  | two                  | yes
asked   | P        |           | agree | A  | two                  | no
agreed  | P        | Q         | agree | H  | two                  | no
refused | P        |           | agree | Q  | two                  | no
opened  | P        | Q         | agree | H  | two                  | no
asked   | P        |           | open  | P  | two                  | no
asked   | P        |           | open  | P  | one                  | yes
agreed  | P        | Q         | open  | P  | two                  | yes
agreed  | P        | Q         | open  | Q  | two                  | no
agreed  | H        | Q         | open  | H  | two                  | no
opened  | P        | Q         | open  | P  | two                  | no
""")

SENSITIVE = table("""
deed                                          | monitor | analyst | reviewer | legal officer | protection officer | data officer | head of mission | administrator
read interviews and consent                   | yes     | yes     |          |               | yes                |              |                 |
record interviews, risk and consent           | yes     |         |          |               | yes                |              |                 |
hold identities                               |         |         |          |               | yes                |              |                 |
agree to an opening, a disclosure or an erasure |       |         |          |               | yes                |              | yes             |
manage compartments and teams                 |         |         |          |               | yes                |              | yes             |
read the access log                           |         |         |          |               | yes                |              | yes             |
manage officers                               |         |         |          |               |                    |              |                 | yes
review a finding                              |         |         | yes      |               |                    |              |                 |
""")

ROLES = {
    "P": Role.PROTECTION_OFFICER,
    "Q": Role.PROTECTION_OFFICER,
    "H": Role.HEAD_OF_MISSION,
    "A": Role.ANALYST,
}


@dataclass(frozen=True)
class Someone:
    """One of the officers of the table."""

    officer_id: str

    @property
    def roles(self) -> list[str]:
        return [ROLES[self.officer_id].value]

    @property
    def compartments(self) -> list[str]:
        return ["CMP-1"]


def step(row):
    by = Someone(row["by"])
    if row["step"] == "agree":
        protect.check_agreement(asked_by=row["asked by"], by=by)
        protect.check_transition(before=row["state"], after=protect.OpeningState.AGREED)
        return
    second = row["compartment opens to"] == "two"
    protect.check_may_open(asked_by=row["asked by"], agreed_by=row["agreed by"], second_officer=second, by=by)
    before = "agreed" if not second and row["state"] == "asked" else row["state"]
    protect.check_transition(before=before, after=protect.OpeningState.OPENED)


@pytest.mark.parametrize("row", STEPS, ids=lambda row: f"{row['state']} {row['step']} {row['by']}")
def test_a_step_is_taken_by_who_may(row):
    if row["may"] == "yes":
        step(row)
    else:
        with pytest.raises(LieberError):
            step(row)


@pytest.mark.parametrize("row", SENSITIVE, ids=lambda row: row["deed"])
def test_a_sensitive_deed_is_for_these_roles(row):
    deed = next(deed for deed in Deed if deed.value == row["deed"])
    held = {role for role in Role if row[role.value.replace("_", " ")] == "yes"}
    assert ALLOWED[deed] == held
