"""Consent, asked at use (R-18). Needs no vault: the register knows the decisions by pseudonym."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from lieber.code.consent import Permission, StandingConsent, may_use

from ..models import Consent

# What an account needs to support a finding and a figure.
FOR_FIGURES = ("internal_analysis", "include_in_count")


def consents_of(pseudonyms: Collection[str]) -> dict[str, list[StandingConsent]]:
    """Pseudonym -> standing decisions, for every one of these."""
    found: dict[str, list[StandingConsent]] = {pseudonym: [] for pseudonym in pseudonyms}
    for row in Consent.objects.as_of(None).filter(pseudonym__in=list(pseudonyms)):
        found[row.pseudonym].append(
            StandingConsent(row.purpose, row.decision, row.condition, row.valid_until)
        )
    return found


def permission(pseudonym: str, *, purpose: str, on: date) -> Permission:
    """Whether what this person gave may be used for a purpose on a day."""
    return may_use(consents_of([pseudonym])[pseudonym], purpose=purpose, on=on)


def usable_in_figures(pseudonyms: Collection[str], *, on: date) -> frozenset[str]:
    """Those of the persons whose accounts may support a finding and a figure on a day."""
    return frozenset(
        pseudonym
        for pseudonym, consents in consents_of(pseudonyms).items()
        if all(may_use(consents, purpose=purpose, on=on).given for purpose in FOR_FIGURES)
    )
