"""Judgements, and the clusters that follow from them.

A judgement is a person's decision on two things: the same, different, or not sure. The clusters
are a pure function of the *set* of judgements: the order in which they are given changes nothing,
and nothing is stored that could disagree with them (as in nomenklatura's resolver). To split what
was put together is a later judgement on the same pair.

The rules, in this order:

1. Of several judgements on one pair the latest stands, by instant and then by id.
2. A standing UNSURE joins nothing and keeps nothing apart: it is pending.
3. A standing DIFFERENT keeps its two things apart, whatever else is judged.
4. The standing SAME are taken from the oldest to the newest. Each joins two clusters, unless that
   would put two things together that a standing DIFFERENT keeps apart: then it is not applied and
   a `Contradiction` names both judgements. People resolve it by judging one of the pairs again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import count
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from ..base import BadInput


class Verdict(StrEnum):
    """What a person decided on two things."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's decision on two things; the pair has no direction.

    `at` is the instant, with its time zone; `by` the officer; `reason` in their words.
    Raises BadInput where the two things are one, or the instant has no time zone.
    """

    left: str
    right: str
    verdict: Verdict
    at: datetime
    by: str
    id: str
    reason: str = ""

    def __post_init__(self) -> None:
        if self.left == self.right:
            raise BadInput(f"A judgement is on two things: {self.id} names {self.left} twice; name another.")
        if self.at.tzinfo is None:
            raise BadInput(f"The instant of a judgement needs a time zone: {self.id} has {self.at}; add it.")

    @property
    def pair(self) -> tuple[str, str]:
        """The two things in alphabetical order."""
        return (self.left, self.right) if self.left < self.right else (self.right, self.left)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A judgement SAME that is not applied, and the DIFFERENT that stands against it."""

    same: Judgement
    different: Judgement


@dataclass(frozen=True, slots=True)
class Clustering:
    """Which things are the same, as the judgements have it.

    A thing of which nobody judged anything is a cluster of its own, known here or not.
    """

    clusters: tuple[tuple[str, ...], ...]
    contradictions: tuple[Contradiction, ...]
    pending: tuple[Judgement, ...]
    _place: Mapping[str, int]

    def members(self, thing: str) -> tuple[str, ...]:
        """All things judged the same as this one, itself among them, in alphabetical order."""
        place = self._place.get(thing)
        return (thing,) if place is None else self.clusters[place]

    def key(self, thing: str) -> str:
        """One name for the whole cluster: its first member in alphabetical order."""
        return self.members(thing)[0]

    def together(self, left: str, right: str) -> bool:
        """True where the two are judged the same."""
        return left == right or right in self.members(left)

    def representative(self, thing: str, *, opened: Mapping[str, datetime]) -> str:
        """The id under which the cluster of this thing is known: the one that was opened first.

        `opened` says when each incident was opened; ids that are not in it (accounts) are never
        chosen. Of two opened at one instant the first in alphabetical order is taken.
        Raises BadInput where nothing of the cluster was opened.
        """
        ids = [member for member in self.members(thing) if member in opened]
        if not ids:
            raise BadInput(f"No incident was opened for {thing}: open one, or judge it the same as another.")
        return min(ids, key=lambda member: (opened[member], member))

    def redirects(self, *, opened: Mapping[str, datetime]) -> dict[str, str]:
        """For each opened id that another one now stands for, that other one (R-06)."""
        found = {}
        for members in self.clusters:
            ids = [member for member in members if member in opened]
            if len(ids) > 1:
                first = min(ids, key=lambda member: (opened[member], member))
                found.update({member: first for member in ids if member != first})
        return found


def clusters(judgements: Iterable[Judgement], *, things: Collection[str] = ()) -> Clustering:
    """The clusters that follow from these judgements, each of the `things` in exactly one.

    Nearly linear in the number of judgements. What SAME joins is found first; only where a DIFFERENT
    stands inside such a cluster does the order matter, and that cluster alone is built again, from the
    oldest SAME to the newest.
    """
    numbers, latest = _standing(judgements)
    for thing in things:
        numbers[thing]  # numbers it
    standing: dict[Verdict, list[_Standing]] = {verdict: [] for verdict in Verdict}
    for pair_and_judgement in latest.items():
        standing[pair_and_judgement[1].verdict].append(pair_and_judgement)
    union = _Union(len(numbers))
    for pair, _ in standing[Verdict.SAME]:
        union.join(pair >> _HALF, pair & _MASK)
    contradictions = _built_again(union, standing[Verdict.SAME], standing[Verdict.DIFFERENT])
    found, place_of = union.sets(numbers)
    return Clustering(
        clusters=found,
        contradictions=tuple(contradictions),
        pending=tuple(judgement for _, judgement in sorted(standing[Verdict.UNSURE], key=_oldest_first)),
        _place=MappingProxyType(place_of),
    )


# A pair of things, numbered as they come, is kept as one integer: a million tuples would cost more.
_HALF = 32
_MASK = (1 << _HALF) - 1
_Standing = tuple[int, Judgement]
# Instant and id decide; the rest makes the orders total even where an id was used twice.
_whole = attrgetter("at", "id", "verdict", "left", "right", "by", "reason")
_sortable = attrgetter("at", "id", "left", "right")


def _oldest_first(standing: _Standing) -> Any:
    return _sortable(standing[1])


def _standing(judgements: Iterable[Judgement]) -> tuple[dict[str, int], dict[int, Judgement]]:
    """A number for each thing judged, and the standing judgement of each pair."""
    numbers: dict[str, int] = defaultdict(count().__next__)
    latest: dict[int, Judgement] = {}
    for judgement in judgements:
        left, right = numbers[judgement.left], numbers[judgement.right]
        pair = left << _HALF | right if left < right else right << _HALF | left
        other = latest.setdefault(pair, judgement)
        if other is not judgement and _whole(other) < _whole(judgement):
            latest[pair] = judgement
    return numbers, latest


def _built_again(
    union: _Union, same: Sequence[_Standing], different: Sequence[_Standing]
) -> list[Contradiction]:
    """Take apart the sets that hold a pair judged different, and join them again under that rule.

    Returns the judgements SAME that are not applied, the oldest first.
    """
    apart = [each for each in different if union.root(each[0] >> _HALF) == union.root(each[0] & _MASK)]
    disputed = {union.root(pair & _MASK) for pair, _ in apart}
    again = sorted((each for each in same if union.root(each[0] & _MASK) in disputed), key=_oldest_first)
    apart.sort(key=_oldest_first)
    for pair, _ in again:
        union.take_out(pair >> _HALF)
        union.take_out(pair & _MASK)
    for rank, (pair, _) in enumerate(apart):
        union.keep_apart(pair >> _HALF, pair & _MASK, rank)
    contradictions = []
    for pair, judgement in again:
        against = union.join(pair >> _HALF, pair & _MASK)
        if against is not None:
            contradictions.append(Contradiction(judgement, apart[against][1]))
    return contradictions


class _Union:
    """Disjoint sets of the numbers below `size` that know which other sets they must never join."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))
        self._weight = [1] * size
        # Root -> root that it is kept apart from -> the rank of the oldest judgement that says so.
        self._apart: dict[int, dict[int, int]] = {}

    def take_out(self, thing: int) -> None:
        """Make this a set of its own; every other member of its set must be taken out too."""
        self._parent[thing] = thing
        self._weight[thing] = 1

    def keep_apart(self, left: int, right: int, rank: int) -> None:
        """Note that these two, each still a set of its own, must never be together."""
        self._apart.setdefault(left, {})[right] = rank
        self._apart.setdefault(right, {})[left] = rank
        self._weight[left] += 1
        self._weight[right] += 1

    def root(self, thing: int) -> int:
        """The number that stands for the set; each visit halves the way to it."""
        parent = self._parent
        while (above := parent[thing]) != thing:
            parent[thing] = thing = parent[above]
        return thing

    def join(self, left: int, right: int) -> int | None:
        """Join the sets of the two, or return the rank of the judgement that keeps them apart."""
        left, right = self.root(left), self.root(right)
        if left == right:
            return None
        if (apart := self._apart.get(left)) and (against := apart.get(right)) is not None:
            return against
        weight = self._weight
        if weight[left] < weight[right]:
            left, right = right, left
        self._parent[right] = left
        weight[left] += weight[right]
        if right in self._apart:
            self._take_over(left, right)
        return None

    def _take_over(self, into: int, gone: int) -> None:
        """Let what was kept apart from `gone` be kept apart from `into`."""
        apart = self._apart
        kept = apart.setdefault(into, {})
        for other, rank in apart.pop(gone).items():
            oldest = min(rank, kept.get(other, rank))
            kept[other] = oldest
            del apart[other][gone]
            apart[other][into] = oldest

    def sets(self, numbers: Mapping[str, int]) -> tuple[tuple[tuple[str, ...], ...], dict[str, int]]:
        """All sets by name, each in alphabetical order and in the order of their first members, and for
        each name the place of its set."""
        found: list[list[str]] = []
        place_of_root: dict[int, int] = {}
        place_of: dict[str, int] = {}
        for name in sorted(numbers):
            place = place_of_root.setdefault(self.root(numbers[name]), len(found))
            if place == len(found):
                found.append([])
            found[place].append(name)
            place_of[name] = place
        return tuple(map(tuple, found)), place_of
