"""One incident or two: the rule R-04 put to two tellings or two acts.

An incident is one continuous episode, in one place, by one party: "a moment in time and space"
(Airwars), "armed force by an organised actor … at a specific place and date" (UCDP). Another day or
another position is another incident, even where one article tells of both; two acts of one
continuous episode are one incident with two acts.

The number of persons killed decides nothing: two acts of one episode kill different numbers, and
two tellings of one act name different numbers. It stands among the reasons, for people to weigh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt

from ..base import DatePrecision, PlacePrecision, UncertainCount, UncertainDate, UncertainPlace

_EARTH_METRES = 6_371_000
_NOWHERE = UncertainPlace()
# What stands where nobody is blamed, or the sources disagree on who is.
NOT_ATTRIBUTED = frozenset({"", "unknown", "disputed"})


class Answer(StrEnum):
    """Whether two tellings or acts are of one incident, as far as the rule can say."""

    SAME = "same"
    DIFFERENT = "different"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Episode:
    """What is known of an act or of an account's incident; None and empty text mean not known."""

    victim_party: str
    perpetrator_party: str = ""
    date: UncertainDate | None = None
    place: UncertainPlace = _NOWHERE
    killed: UncertainCount | None = None


@dataclass(frozen=True, slots=True)
class Grouping:
    """The rule's answer and its reasons in words."""

    answer: Answer
    reasons: tuple[str, ...]


_Compared = tuple[Answer, str]


def same_episode(a: Episode, b: Episode) -> Grouping:
    """Whether the two are of one incident (R-04); symmetric in its two sides.

    Different where days, positions or parties differ; the same where day, place and parties agree;
    open where anything of this is not known exactly enough.
    """
    compared = [rule(a, b) for rule in _RULES]
    answers = [answer for answer, _ in compared]
    if Answer.DIFFERENT in answers:
        reasons = [reason for answer, reason in compared if answer is Answer.DIFFERENT]
        return Grouping(Answer.DIFFERENT, tuple(reasons))
    found = Answer.OPEN if Answer.OPEN in answers else Answer.SAME
    return Grouping(found, (*(reason for _, reason in compared), _numbers_in_words(a.killed, b.killed)))


def incidents_of(acts: Mapping[str, Episode]) -> tuple[tuple[str, ...], ...]:
    """The acts by incident: an act belongs to an incident where it is the same as every act in it.

    Acts are taken in alphabetical order of their names, so the order of the mapping changes nothing.
    """
    incidents: list[list[str]] = []
    for name in sorted(acts):
        home = next((members for members in incidents if _fits(acts[name], members, acts)), None)
        if home is None:
            incidents.append([name])
        else:
            home.append(name)
    return tuple(tuple(members) for members in incidents)


def _fits(act: Episode, members: Iterable[str], acts: Mapping[str, Episode]) -> bool:
    return all(same_episode(act, acts[member]).answer is Answer.SAME for member in members)


def compare_parties(a: Episode, b: Episode) -> _Compared:
    """Another party of the victims or of those who are blamed is another incident."""
    for name, left, right in (
        ("the victims", a.victim_party, b.victim_party),
        ("those who are blamed", a.perpetrator_party, b.perpetrator_party),
    ):
        if left in NOT_ATTRIBUTED or right in NOT_ATTRIBUTED:
            return Answer.OPEN, f"the party of {name} is not known or disputed"
        if left != right:
            first, second = sorted((left, right))
            return Answer.DIFFERENT, f"the party of {name} differs: {first} and {second}"
    return Answer.SAME, "the parties are the same"


def compare_dates(a: Episode, b: Episode) -> _Compared:
    """Another day is another incident. A night over midnight is one date of two days."""
    if a.date is None or b.date is None:
        return Answer.OPEN, "a date is not known"
    if a.date.latest < b.date.earliest or b.date.latest < a.date.earliest:
        apart = max(a.date.earliest - b.date.latest, b.date.earliest - a.date.latest).days
        if apart == 1:
            return Answer.DIFFERENT, "the dates are 1 day apart"
        return Answer.DIFFERENT, f"the dates are {apart} days apart"
    if a.date.precision is DatePrecision.DAY and b.date.precision is DatePrecision.DAY:
        return Answer.SAME, "the day is the same"
    return Answer.OPEN, "the dates overlap, and one is not known to the day"


# From the widest part of a place to the narrowest that has a name.
_PARTS = ("country", "region", "district", "settlement")
_SPOT = frozenset({PlacePrecision.EXACT, PlacePrecision.VICINITY})
_EXACT_ENOUGH = _SPOT | {PlacePrecision.SETTLEMENT}


def compare_places(a: Episode, b: Episode) -> _Compared:
    """Another position is another incident.

    Names decide from the country down; two names whose points lie within reach of each other may be two
    spellings of one. The point of a settlement is its middle, so only two spots differ by their
    points where the names agree, and the point of a sector, a namesake town, decides nothing.
    """
    metres = _metres_between(a.place, b.place)
    near = metres is not None and metres <= (a.place.radius or 0) + (b.place.radius or 0)
    part = _first_part_that_differs(a.place, b.place)
    if part and near:
        return Answer.OPEN, f"the {part} differs by name, and the points are within reach of each other"
    if part:
        return Answer.DIFFERENT, f"the {part} differs"
    named = bool(a.place.settlement and b.place.settlement)
    spots = {a.place.precision, b.place.precision} <= _SPOT
    if metres is not None and not near and (spots or not named):
        return Answer.DIFFERENT, f"the positions are {metres / 1000:.1f} km apart"
    if near or (named and {a.place.precision, b.place.precision} <= _EXACT_ENOUGH):
        return Answer.SAME, "the place is the same as far as it is known"
    return Answer.OPEN, "a place is not known to the settlement"


def _first_part_that_differs(a: UncertainPlace, b: UncertainPlace) -> str:
    for part in _PARTS:
        left, right = (getattr(place, part).strip().casefold() for place in (a, b))
        if left and right and left != right:
            return part
    return ""


_RULES: tuple[Callable[[Episode, Episode], _Compared], ...] = (compare_parties, compare_dates, compare_places)


def _metres_between(a: UncertainPlace, b: UncertainPlace) -> float | None:
    """Great-circle distance (haversine), None where not both have a point exact enough."""
    if not {a.precision, b.precision} <= _EXACT_ENOUGH:
        return None
    if a.latitude is None or a.longitude is None or b.latitude is None or b.longitude is None:
        return None
    north, east = radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)
    part = sin(north / 2) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east / 2) ** 2
    return 2 * _EARTH_METRES * asin(sqrt(min(1.0, part)))


def _numbers_in_words(a: UncertainCount | None, b: UncertainCount | None) -> str:
    if a is None or b is None:
        return "a number of persons killed is not known"
    if numbers_can_agree(a, b):
        return "the numbers of persons killed can be the same"
    return "the numbers of persons killed differ: two acts, or two tellings"


def numbers_can_agree(a: UncertainCount, b: UncertainCount) -> bool:
    """True where one number lies within the bounds of both."""
    return (a.max is None or b.min <= a.max) and (b.max is None or a.min <= b.max)
