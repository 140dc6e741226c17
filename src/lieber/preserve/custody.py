"""The chain of custody: which custody events there are, what each must say, and how digests may change.

Source: ISO/IEC 27037 (chain of custody record), Berkeley Protocol 153 to 155 and 167.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lieber.base import BadInput

# What makes something else of an exhibit: the digest afterwards is that of what was made.
CHANGING = frozenset({"derived", "redacted"})
# A transfer has another side, who is named: both sides sign it.
TRANSFERS = frozenset({"transferred_out", "transferred_in", "returned", "disclosed"})
# Whoever does these says why and under whose authority.
WITH_AUTHORITY = frozenset(
    {
        "transferred_out",
        "disclosed",
        "returned",
        "legal_hold_set",
        "legal_hold_lifted",
        "disposed",
        "unsealed",
    }
)
# What a person writes down by hand; the others are recorded with the deed itself.
BY_HAND = (
    "sealed",
    "unsealed",
    "viewed",
    "copied",
    "transferred_out",
    "transferred_in",
    "moved_storage",
    "analysed",
    "returned",
    "disclosed",
    "incident",
)


@dataclass(frozen=True, slots=True)
class Custody:
    """What is said of one custody event, as plain values; `what` is a term of custody_said."""

    what: str
    happened_at: datetime
    sha256_before: str = ""
    sha256_after: str = ""
    counterparty: str = ""
    purpose: str = ""
    authority: str = ""
    note: str = ""


def check_custody(said: Custody, *, recorded_at: datetime) -> None:
    """Raises BadInput where a custody event does not say what its kind must say.

    Digests before and after are equal unless something was made of the exhibit; if they are not, what
    happened is an incident (ISO/IEC 27037: any unavoidable change is documented).
    """
    if said.happened_at > recorded_at:
        raise BadInput(
            "What happened in custody lies in the past: found an instant after the present one; compare it."
        )
    if said.what in TRANSFERS and not said.counterparty.strip():
        raise BadInput("A transfer has two sides: name the office or the pseudonym on the other side.")
    if said.what in WITH_AUTHORITY and not (said.purpose.strip() and said.authority):
        raise BadInput("This is done for a purpose and under an authority: write the one, choose the other.")
    if said.what == "incident" and not said.note.strip():
        raise BadInput("An incident of custody is told in words: write what happened and what was found.")
    if _differs(said) and said.what not in CHANGING | {"incident"}:
        raise BadInput(
            f"The digest of an exhibit does not change when it is {said.what.replace('_', ' ')}: found "
            "another one afterwards; record an incident of custody."
        )


def _differs(said: Custody) -> bool:
    return bool(said.sha256_before and said.sha256_after) and said.sha256_before != said.sha256_after
