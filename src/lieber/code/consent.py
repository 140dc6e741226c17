"""Consent: one decision for each purpose, asked at use and not at entry (R-18).

What a person said about one purpose says nothing about another: to let an account support a figure
is not to let it be published. Whatever was not asked is no.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from .vocabularies import vocabulary


class Answer(Enum):
    """Whether something may be used for a purpose on a day."""

    YES = "yes"
    # A person must look whether the condition is met, and say so.
    IF_THE_CONDITION_IS_MET = "if the condition is met"
    NO = "no"


@dataclass(frozen=True, slots=True)
class StandingConsent:
    """The last decision of a person on one purpose.

    Raises BadInput where purpose or decision are no terms of their vocabularies.
    """

    purpose: str
    decision: str
    condition: str = ""
    valid_until: date | None = None

    def __post_init__(self) -> None:
        vocabulary("consent_purpose").check(self.purpose)
        vocabulary("consent_decision").check(self.decision)


@dataclass(frozen=True, slots=True)
class Permission:
    """The answer, and the sentence that an officer reads."""

    answer: Answer
    sentence: str

    @property
    def given(self) -> bool:
        """True for a yes that needs nobody to look at a condition."""
        return self.answer is Answer.YES


# What each decision means for a use; what is missing here is no.
_ANSWERS = {"granted": Answer.YES, "conditional": Answer.IF_THE_CONDITION_IS_MET}


def may_use(consents: Iterable[StandingConsent], *, purpose: str, on: date) -> Permission:
    """Whether what a person gave may be used for a purpose on a day (R-18, default deny).

    `consents` are the standing decisions of that person, at most one for each purpose.
    Raises BadInput where there is no such purpose.
    """
    words = vocabulary("consent_purpose").check(purpose).replace("_", " ")
    decided = next((consent for consent in consents if consent.purpose == purpose), None)
    if decided is None:
        return Permission(Answer.NO, f"The person was not asked whether one may {words}.")
    answer = _ANSWERS.get(decided.decision, Answer.NO)
    if answer is Answer.NO:
        return Permission(Answer.NO, f"To {words}: {decided.decision.replace('_', ' ')} by the person.")
    if decided.valid_until is not None and on > decided.valid_until:
        return Permission(Answer.NO, f"The consent to {words} ended on {decided.valid_until}.")
    if answer is Answer.IF_THE_CONDITION_IS_MET:
        return Permission(answer, f"To {words}: only if {decided.condition}.")
    return Permission(answer, f"The person agreed to {words}.")
