"""What may be done with what the vault holds, and with those whom it protects."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from lieber.base import LieberError
from lieber.code.consent import Permission

from .permissions import Deed, Viewer, check_may


class ProtectionRefused(LieberError):
    """The deed lacks a purpose, a second officer, an assessment of risk or the person's consent."""


class OpeningState(StrEnum):
    """Where an opening stands."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    OPENED = "opened"


# From which state an opening may go where; what is not here is refused.
TRANSITIONS = {
    OpeningState.ASKED: frozenset({OpeningState.AGREED, OpeningState.REFUSED}),
    OpeningState.AGREED: frozenset({OpeningState.OPENED, OpeningState.REFUSED}),
}


def check_member(*, compartment: str, by: Viewer) -> None:
    """What lies in a compartment is done by its members only. Says no more than that nothing is there."""
    if compartment not in set(by.compartments):
        raise ProtectionRefused("Nothing of this id is in the register, or not for you; compare the id.")


def check_purpose(purpose: str) -> None:
    """Nothing is opened without a stated purpose (R-16)."""
    if len(purpose.split()) < 3:
        raise ProtectionRefused("To open a sealed text, write the purpose in words: at least three.")


def check_deed(deed: str, deeds: Collection[str]) -> None:
    """Only what takes two officers is asked for so."""
    if deed not in deeds:
        raise ProtectionRefused(f"What is asked for is one of {', '.join(deeds)}: found {deed!r}.")


def check_transition(*, before: str, after: OpeningState) -> None:
    """An opening goes from asked to agreed to opened, once."""
    if after not in TRANSITIONS.get(OpeningState(before), frozenset()):
        raise ProtectionRefused(
            f"This opening is {before}: it cannot become {after.value}; ask for another opening."
        )


def check_agreement(*, asked_by: str, by: Viewer) -> None:
    """A second officer agrees, never whoever asked (R-16)."""
    check_may(by, Deed.AGREE_TO_OPENING)
    if asked_by == by.officer_id:
        raise ProtectionRefused("Whoever asked does not agree: a second officer of the compartment must.")


def check_attempts(*, left: bool) -> None:
    """Passphrases are not guessed: after some wrong ones even the right one waits."""
    if not left:
        raise ProtectionRefused(
            "Too many wrong passphrases were typed: wait a quarter of an hour, then type yours again."
        )


def check_may_open(*, asked_by: str, agreed_by: str, second_officer: bool, by: Viewer) -> None:
    """Who asked opens, and only after the second officer that the compartment demands."""
    check_may(by, Deed.HOLD_IDENTITIES)
    if asked_by != by.officer_id:
        raise ProtectionRefused("An opening is for the officer who asked for it.")
    if second_officer and agreed_by in {"", by.officer_id}:
        raise ProtectionRefused("This compartment opens to two officers: a second one has not agreed yet.")


def check_second(*, by: Viewer, agreed_by: Viewer | None, compartment: str, deed: str) -> None:
    """A deed of two is agreed to by a second officer, who could still agree when it is done (R-17)."""
    if agreed_by is None or agreed_by.officer_id == by.officer_id:
        raise ProtectionRefused(f"{deed} needs a second officer who agrees; ask one of the compartment.")
    check_may(agreed_by, Deed.AGREE_TO_OPENING)
    if compartment not in set(agreed_by.compartments):
        raise ProtectionRefused(
            f"{deed} needs a second officer of the compartment: whoever agreed is none; ask another one."
        )


def check_risk(decision: str | None) -> None:
    """No first contact without an assessment of risk, and none where it says stop. An erased one is none."""
    if not decision:
        raise ProtectionRefused(
            "Before an interview the risk is assessed: record the assessment for this person first."
        )
    if decision == "stop":
        raise ProtectionRefused("The risk assessment says stop: no interview is planned or held.")


def check_earlier(*, earlier: Collection[object], reason: str) -> None:
    """A person who was asked before is asked again only with a reason (R-22)."""
    if earlier and not reason.strip():
        raise ProtectionRefused(
            "This person was interviewed before: read what was recorded, and write why another interview is "
            "needed."
        )


def check_consent(permission: Permission) -> None:
    """A use without consent does not happen (R-18)."""
    if not permission.given:
        raise ProtectionRefused(permission.sentence)
