"""Candidates: pairs that may be of one incident, proposed to people for judgement.

Plain and transparent: a pair is looked at where the victims' party is the same and the days on which
it can have happened come near each other; date, place and number each give points, and the
reasons say which. Nothing is ever joined here, and a pair that nobody judged stays apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from ..base import BadInput, UncertainPlace
from .grouping import Answer, Episode, compare_dates, compare_parties, compare_places, numbers_can_agree

# Days between the act and the day on which it became public, where the act has no date: of 27
# incidents of the example with both days the longest delay was 66.
REACH_DAYS = 66
# Two dated acts are still looked at where their dates are this far apart: pages print the day of
# publication as the day of the act.
SLACK_DAYS = 3

# Points by what the comparison of a field ends in; the mean of the three is the strength.
_AGREES, _CAN_AGREE, _NOT_KNOWN, _DIFFERS = 1.0, 0.6, 0.4, 0.0


@dataclass(frozen=True, slots=True)
class Described:
    """A thing to compare, an account or an incident: its id, what it tells, and when it was public."""

    id: str
    episode: Episode
    public: date | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair for review: how strongly it is proposed, from 0 to 1, and why. No probability."""

    left: str
    right: str
    strength: float
    reasons: tuple[str, ...]


def propose_candidates(
    things: Iterable[Described],
    *,
    at_least: float = 0.4,
    reach_days: int = REACH_DAYS,
    slack_days: int = SLACK_DAYS,
) -> tuple[Candidate, ...]:
    """The pairs of at least this strength, the strongest first and then in alphabetical order.

    `reach_days` is how long before its publication an undated thing can have happened, and
    `slack_days` how far apart two spans may be. Raises BadInput where an id is given twice.
    """
    by_party: dict[str, list[Described]] = {}
    for thing in sorted(things, key=lambda each: each.id):
        by_party.setdefault(thing.episode.victim_party, []).append(thing)
    found = (
        candidate
        for block in by_party.values()
        for left, right in _near_in_time(block, reach_days, slack_days)
        if (candidate := _compare(left, right)) and candidate.strength >= at_least
    )
    return tuple(sorted(found, key=lambda each: (-each.strength, each.left, each.right)))


def _near_in_time(
    block: list[Described], reach_days: int, slack_days: int
) -> Iterator[tuple[Described, Described]]:
    """Pairs whose spans come within the slack; a thing without any day is near to all."""
    if len({thing.id for thing in block}) < len(block):
        raise BadInput("Each thing is compared once: found an id twice; remove one.")
    slack = timedelta(days=slack_days)
    dated = [(span, thing) for thing in block if (span := _span(thing, reach_days))]
    dated.sort(key=lambda each: (each[0], each[1].id))
    for place, ((_, until), thing) in enumerate(dated):
        for (since, _), other in dated[place + 1 :]:
            if since - slack > until:
                break
            yield thing, other
    undated = [thing for thing in block if _span(thing, reach_days) is None]
    yield from combinations(undated, 2)
    yield from ((thing, other) for thing in undated for _, other in dated)


def _span(thing: Described, reach_days: int) -> tuple[date, date] | None:
    """The days on which it can have happened, as far as its date or its publication says."""
    if thing.episode.date is not None:
        return thing.episode.date.earliest, thing.episode.date.latest
    return None if thing.public is None else (thing.public - timedelta(days=reach_days), thing.public)


def _compare(one: Described, other: Described) -> Candidate | None:
    """The pair with its strength and reasons; None where those who are blamed differ."""
    first, second = sorted((one, other), key=lambda each: each.id)
    a, b = first.episode, second.episode
    if compare_parties(a, b)[0] is Answer.DIFFERENT:
        return None
    compared = (_dates(a, b), _places(a, b), _numbers(a, b))
    strength = sum(points for points, _ in compared) / len(compared)
    return Candidate(first.id, second.id, round(strength, 3), tuple(reason for _, reason in compared))


def _dates(a: Episode, b: Episode) -> tuple[float, str]:
    answer, reason = compare_dates(a, b)
    if answer is Answer.OPEN:
        return (_NOT_KNOWN if a.date is None or b.date is None else _CAN_AGREE), reason
    return (_AGREES if answer is Answer.SAME else _DIFFERS), reason


def _places(a: Episode, b: Episode) -> tuple[float, str]:
    answer, reason = compare_places(a, b)
    if answer is not Answer.OPEN:
        return (_AGREES if answer is Answer.SAME else _DIFFERS), reason
    if _share_an_area(a.place, b.place):
        return _CAN_AGREE, "both lie in the same region as far as they are known"
    return _NOT_KNOWN, reason


def _share_an_area(a: UncertainPlace, b: UncertainPlace) -> bool:
    return bool(a.region) and a.region.casefold() == b.region.casefold()


def _numbers(a: Episode, b: Episode) -> tuple[float, str]:
    if a.killed is None or b.killed is None:
        return _NOT_KNOWN, "a number of persons killed is not known"
    if a.killed == b.killed:
        return _AGREES, f"the number of persons killed is the same: {a.killed.min}"
    if numbers_can_agree(a.killed, b.killed):
        return _CAN_AGREE, "the numbers of persons killed can be the same"
    return _DIFFERS, "the numbers of persons killed differ"
