"""What the accounts of one incident say beside each other, and where two of them contradict.

Accounts may say different things and all be right: “in October” and “on 3 October”, “at least two”
and “five”. Two accounts contradict on a point only where what they say cannot both be true: their
spans of days do not meet, no number fits the words of both (R-12), they name two parties, or two
places that are not one (R-04). A point that one of them leaves open contradicts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from ..base import DatePrecision, Quantifier, UncertainCount, UncertainDate, UncertainPlace, count_of
from .grouping import NOT_ATTRIBUTED, Answer, Episode, compare_places, numbers_can_agree

_NOWHERE = UncertainPlace()


class Point(StrEnum):
    """What accounts can contradict each other on: each has one answer for one incident."""

    OCCURRED = "occurred"
    PLACE = "place"
    KILLED = "killed"
    PRESENT = "persons_present"
    VICTIMS = "victim_party"
    PERPETRATORS = "perpetrator_party"


@dataclass(frozen=True, slots=True)
class Telling:
    """What one account says on these points; None and empty text mean that it does not say."""

    occurred: UncertainDate | None = None
    place: UncertainPlace = _NOWHERE
    killed: UncertainCount | None = None
    present: int | None = None
    victim_party: str = ""
    perpetrator_party: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two accounts that contradict each other on a point."""

    point: Point
    left: str
    right: str


def number_said(quantifier: Quantifier, n: int | None = None, m: int | None = None) -> UncertainCount | None:
    """The numbers that a source's words leave possible; None where it gives none.

    By the table of vague numbers (R-12), apart from “about”: whoever says it leaves open on which side
    of the number the right one lies, so that no other number of persons contradicts it.
    """
    if quantifier is Quantifier.UNKNOWN or (quantifier is Quantifier.EXACT and n is None):
        return None
    if quantifier is Quantifier.ABOUT:
        return UncertainCount(min(1, n or 0), None, None)
    return count_of(quantifier, n, m)


def conflicts(tellings: Mapping[str, Telling]) -> tuple[Conflict, ...]:
    """Every pair of accounts that contradict each other, by point and then in the order given."""
    return tuple(
        Conflict(point, left, right)
        for point in Point
        for left, right in combinations(tellings, 2)
        if not can_both_be_true(point, tellings[left], tellings[right])
    )


def can_both_be_true(point: Point, a: Telling, b: Telling) -> bool:
    """Whether what the two say on a point can both be true; symmetric in its two sides."""
    if point is Point.OCCURRED:
        return _days_meet(a.occurred, b.occurred)
    if point is Point.PLACE:
        return compare_places(_at(a.place), _at(b.place))[0] is not Answer.DIFFERENT
    if point is Point.KILLED:
        return a.killed is None or b.killed is None or numbers_can_agree(a.killed, b.killed)
    if point is Point.PRESENT:
        return a.present is None or b.present is None or a.present == b.present
    if point is Point.VICTIMS:
        return _may_be_one(a.victim_party, b.victim_party)
    return _may_be_one(a.perpetrator_party, b.perpetrator_party)


def _days_meet(a: UncertainDate | None, b: UncertainDate | None) -> bool:
    if a is None or b is None or DatePrecision.UNKNOWN in {a.precision, b.precision}:
        return True
    return a.earliest <= b.latest and b.earliest <= a.latest


def _may_be_one(a: str, b: str) -> bool:
    return a in NOT_ATTRIBUTED or b in NOT_ATTRIBUTED or a == b


def _at(place: UncertainPlace) -> Episode:
    return Episode(victim_party="", place=place)
