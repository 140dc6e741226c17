"""A figure is a recipe, not a number.

In: a recipe and the findings as they stood on the recipe's day. Out: minimum, best and maximum of
persons and of incidents, and for every incident whether it counts and why. The same code counts
for every party; nothing here knows one.

An incident whose date only may lie in the window counts in the maximum, in the best figure where
its best day lies in the window, and not in the minimum. Bounds are summed as bounds (R-10).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from ..assess import Tier
from ..base import BadInput, Overlap, Window, overlap

UNKNOWN = "unknown"


class Unit(StrEnum):
    """What is counted. Units are never added to each other (R-03)."""

    PERSONS = "persons"
    INCIDENTS = "incidents"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides a figure.

    Empty text in a part of the scope means any. `as_of` is the instant of knowledge, written as
    RFC 3339 text; `methodology` its version. Raises BadInput where the victims' party or the
    series is missing: a figure without them cannot be read.
    """

    victim_party: str
    window: Window
    tier: Tier
    as_of: str
    methodology: str
    series: str
    perpetrator_party: str = ""
    status: str = ""
    manner: str = ""
    region: str = ""

    def __post_init__(self) -> None:
        if not self.victim_party or not self.series:
            raise BadInput("A figure needs the party of the victims and the series: name both.")
        if self.tier is Tier.DISCOUNTED:
            raise BadInput(
                "A figure counts from the tier “alleged” upward: discounted incidents never count."
            )


class CountedFinding(NamedTuple):
    """What a figure needs to know of one finding; one for each incident.

    `merged_into` names the incident that this one was judged to be the same as.
    """

    incident: str
    tier: int
    earliest: date
    latest: date
    best_day: date
    killed_min: int
    killed_best: int | None
    killed_max: int | None
    victim_party: str
    perpetrator_party: str
    series: str
    status: str
    manner: str
    region: str
    merged_into: str = ""


class Bounds(NamedTuple):
    """Minimum, best and maximum of one unit."""

    min: int
    best: int
    max: int

    def plus(self, other: Bounds) -> Bounds:
        """The sum, bound by bound."""
        return Bounds(self.min + other.min, self.best + other.best, self.max + other.max)

    def minus(self, other: Bounds) -> Bounds:
        """The difference, bound by bound; may be negative."""
        return Bounds(self.min - other.min, self.best - other.best, self.max - other.max)


ZERO = Bounds(0, 0, 0)


class Ground(StrEnum):
    """Why an incident counts as it does; the words are in `GROUND_WORDS`."""

    CERTAIN = "certain"
    DATE_POSSIBLE = "date_possible"
    KILLING_POSSIBLE = "killing_possible"
    OUTSIDE_WINDOW = "outside_window"
    BELOW_TIER = "below_tier"
    DISCOUNTED = "discounted"
    MERGED = "merged"
    OTHER_SCOPE = "other_scope"
    NO_KILLING = "no_killing"


GROUND_WORDS: Mapping[Ground, str] = {
    Ground.CERTAIN: "every day of its date, {earliest} to {latest}, lies in the window; tier {tier}",
    Ground.DATE_POSSIBLE: "its date, {earliest} to {latest}, may lie in the window; "
    "for the best figure it is taken on {best_day}; tier {tier}",
    Ground.KILLING_POSSIBLE: "in the window, but no number of persons killed is established; tier {tier}",
    Ground.OUTSIDE_WINDOW: "its date, {earliest} to {latest}, lies outside the window",
    Ground.BELOW_TIER: "tier {tier} is below the tier asked for",
    Ground.DISCOUNTED: "discounted: examined, and it does not meet the definition or is refuted",
    Ground.MERGED: "judged to be the same as {merged_into}, whose finding decides",
    Ground.OTHER_SCOPE: "outside the scope asked for",
    Ground.NO_KILLING: "in the window, but nobody was killed",
}
# What stands in a difference where there is no finding to give a reason.
NOT_KNOWN_THEN = "not in the register"
NO_FINDING = "no finding"


class Decision(NamedTuple):
    """How one finding counts: its overlap with the figure, its ground, and what it adds."""

    counts: Overlap
    ground: Ground
    victims: Bounds
    incidents: Bounds


@dataclass(frozen=True, slots=True)
class Contribution:
    """One incident's part in a figure, with the reason in words."""

    finding: CountedFinding
    decision: Decision

    @property
    def incident(self) -> str:
        """The id of the incident."""
        return self.finding.incident

    @property
    def reason(self) -> str:
        """Why the incident counts as it does."""
        finding = self.finding
        return GROUND_WORDS[self.decision.ground].format(
            earliest=finding.earliest,
            latest=finding.latest,
            best_day=finding.best_day,
            tier=Tier(finding.tier).word,
            merged_into=finding.merged_into,
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """The value of a recipe: persons, incidents, and every incident that was looked at.

    `open_maxima` is the number of counted incidents whose number no source bounds from above:
    where it is not 0 the maximum of persons is a lower bound of the maximum.
    """

    recipe: Recipe
    victims: Bounds
    incidents: Bounds
    open_maxima: int
    decisions: tuple[tuple[CountedFinding, Decision], ...]

    @property
    def contributions(self) -> Iterator[Contribution]:
        """Every incident of the victims' party and series, counted or not, in order of date."""
        inside = (pair for pair in self.decisions if pair[1].ground is not Ground.OTHER_SCOPE)
        for finding, decision in sorted(inside, key=lambda pair: (pair[0].best_day, pair[0].incident)):
            yield Contribution(finding, decision)


def compute(recipe: Recipe, findings: Iterable[CountedFinding], *, killing_needed: int = 1) -> Figure:
    """The figure of a recipe over findings as they stood on the recipe's day.

    `findings` holds at most one finding for each incident; `killing_needed` is the methodology's
    number of persons from which an incident is certain. Linear in the number of findings.
    """
    decide = _decider(recipe, killing_needed)
    decisions = tuple([(finding, decide(finding)) for finding in findings])
    counted = [pair for pair in decisions if pair[1].counts is not Overlap.OUTSIDE]
    return Figure(
        recipe=recipe,
        victims=_sum(decision.victims for _, decision in counted),
        incidents=_sum(decision.incidents for _, decision in counted),
        open_maxima=sum(finding.killed_max is None for finding, _ in counted),
        decisions=decisions,
    )


# The four ways not to count are shared values: most findings of a large register end in one.
_NOT = {
    ground: Decision(Overlap.OUTSIDE, ground, ZERO, ZERO)
    for ground in (
        Ground.OTHER_SCOPE,
        Ground.MERGED,
        Ground.DISCOUNTED,
        Ground.BELOW_TIER,
        Ground.OUTSIDE_WINDOW,
        Ground.NO_KILLING,
    )
}


def _decider(recipe: Recipe, killing_needed: int) -> Callable[[CountedFinding], Decision]:
    """The rule of a recipe, with everything looked up that does not change from row to row."""
    window, threshold = recipe.window, int(recipe.tier)
    party, series = recipe.victim_party, recipe.series
    narrowed = [
        (position, wanted)
        for position, wanted in (
            (CountedFinding._fields.index("perpetrator_party"), recipe.perpetrator_party),
            (CountedFinding._fields.index("status"), recipe.status),
            (CountedFinding._fields.index("manner"), recipe.manner),
            (CountedFinding._fields.index("region"), recipe.region),
        )
        if wanted
    ]

    def decide(finding: CountedFinding) -> Decision:  # noqa: PLR0911  # one line for each ground
        if finding.victim_party != party or finding.series != series:
            return _NOT[Ground.OTHER_SCOPE]
        if narrowed and any(finding[position] != wanted for position, wanted in narrowed):
            return _NOT[Ground.OTHER_SCOPE]
        if finding.merged_into:
            return _NOT[Ground.MERGED]
        where = overlap(finding.earliest, finding.latest, window)
        if where is Overlap.OUTSIDE:
            return _NOT[Ground.OUTSIDE_WINDOW]
        if finding.tier < threshold:
            return _NOT[Ground.BELOW_TIER if finding.tier else Ground.DISCOUNTED]
        if finding.killed_max == 0:
            return _NOT[Ground.NO_KILLING]
        return _counted(finding, where, in_best=window.holds(finding.best_day), killing_needed=killing_needed)

    return decide


def _counted(finding: CountedFinding, where: Overlap, *, in_best: bool, killing_needed: int) -> Decision:
    low = finding.killed_min
    best = low if finding.killed_best is None else finding.killed_best
    high = best if finding.killed_max is None else finding.killed_max
    established = low >= killing_needed
    certain = where is Overlap.CERTAIN
    victims = Bounds(low if certain else 0, best if in_best else 0, high)
    incidents = Bounds(int(certain and established), int(in_best and best >= killing_needed), 1)
    if certain and established:
        return Decision(Overlap.CERTAIN, Ground.CERTAIN, victims, incidents)
    ground = Ground.KILLING_POSSIBLE if certain else Ground.DATE_POSSIBLE
    return Decision(Overlap.POSSIBLE, ground, victims, incidents)


def _sum(bounds: Iterable[Bounds]) -> Bounds:
    columns = list(zip(*bounds, strict=True))
    return Bounds(*(sum(column) for column in columns)) if columns else ZERO


# -- disaggregation ---------------------------------------------------------------------------


def _month(finding: CountedFinding) -> str:
    """The month where the whole date lies in one, else unknown: nothing is spread over months (R-13)."""
    first, last = finding.earliest, finding.latest
    return f"{first:%Y-%m}" if (first.year, first.month) == (last.year, last.month) else UNKNOWN


GROUPINGS: Mapping[str, Callable[[CountedFinding], str]] = {
    "month": _month,
    "party": lambda finding: finding.perpetrator_party or UNKNOWN,
    "status": lambda finding: finding.status or UNKNOWN,
    "manner": lambda finding: finding.manner or UNKNOWN,
    "region": lambda finding: finding.region or UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Part:
    """One group of a disaggregated figure."""

    group: str
    victims: Bounds
    incidents: Bounds


def group_by(figure: Figure, grouping: str) -> tuple[Part, ...]:
    """The parts of a figure, the unknown ones last; they sum to the figure (R-10).

    Raises BadInput where the grouping is not one of `GROUPINGS`.
    """
    try:
        key = GROUPINGS[grouping]
    except KeyError:
        raise BadInput(f"A figure is grouped by {', '.join(GROUPINGS)}: found {grouping!r}.") from None
    groups: dict[str, list[Decision]] = defaultdict(list)
    for finding, decision in figure.decisions:
        if decision.counts is not Overlap.OUTSIDE:
            groups[key(finding)].append(decision)
    return tuple(
        Part(
            group,
            _sum(decision.victims for decision in groups[group]),
            _sum(decision.incidents for decision in groups[group]),
        )
        for group in sorted(groups, key=lambda group: (group == UNKNOWN, group))
    )


# -- difference of two days -------------------------------------------------------------------


class Change(StrEnum):
    """Why an incident counts otherwise than before (R-26)."""

    NEW = "new"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    SPLIT = "split"
    RE_TIERED = "re-tiered"
    RE_DATED = "re-dated"
    RE_COUNTED = "re-counted"
    RE_SCOPED = "re-scoped"


# An incident that changed in several ways is taken through them one after the other, in this
# order, so that the parts of the difference sum to the whole.
STEPS: Sequence[tuple[Change, tuple[str, ...]]] = (
    (Change.MERGED, ("merged_into",)),
    (Change.RE_SCOPED, ("victim_party", "perpetrator_party", "series", "status", "manner", "region")),
    (Change.RE_TIERED, ("tier",)),
    (Change.RE_DATED, ("earliest", "latest", "best_day")),
    (Change.RE_COUNTED, ("killed_min", "killed_best", "killed_max")),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One step of the way from one figure to another."""

    incident: str
    change: Change
    victims: Bounds
    incidents: Bounds
    before: str
    after: str


def difference(earlier: Figure, later: Figure, *, killing_needed: int = 1) -> tuple[Difference, ...]:
    """Every unit of the difference between two figures of one recipe at two instants.

    The parts sum to `later` minus `earlier`, bound by bound. Raises BadInput where the recipes
    differ in more than the instant: such figures are not compared (R-15).
    """
    if replace(earlier.recipe, as_of="") != replace(later.recipe, as_of=""):
        raise BadInput("Two figures are compared at two instants of one recipe: these differ in more.")
    decide = _decider(earlier.recipe, killing_needed)
    before = {finding.incident: finding for finding, _ in earlier.decisions}
    after = {finding.incident: finding for finding, _ in later.decisions}
    steps: list[Difference] = []
    for incident in sorted(before.keys() | after.keys()):
        steps += _steps(before.get(incident), after.get(incident), decide)
    return tuple(step for step in steps if step.victims != ZERO or step.incidents != ZERO)


def _steps(
    old: CountedFinding | None, new: CountedFinding | None, decide: Callable[[CountedFinding], Decision]
) -> Iterator[Difference]:
    if old is None and new is not None:
        yield _step(Change.NEW, None, new, decide)
    elif old is not None and new is None:
        yield _step(Change.WITHDRAWN, old, None, decide)
    elif old is not None and new is not None and old != new:
        for change, fields in STEPS:
            nearer = old._replace(**{field: getattr(new, field) for field in fields})
            if nearer != old:
                yield _step(_refined(change, nearer), old, nearer, decide)
                old = nearer


def _refined(change: Change, new: CountedFinding) -> Change:
    """A merge undone is a split; a fall to the lowest tier is a withdrawal."""
    if change is Change.MERGED and not new.merged_into:
        return Change.SPLIT
    if change is Change.RE_TIERED and new.tier == Tier.DISCOUNTED:
        return Change.WITHDRAWN
    return change


def _step(
    change: Change,
    old: CountedFinding | None,
    new: CountedFinding | None,
    decide: Callable[[CountedFinding], Decision],
) -> Difference:
    was = decide(old) if old else _NOT[Ground.OTHER_SCOPE]
    now = decide(new) if new else _NOT[Ground.OTHER_SCOPE]
    known = new or old
    assert known is not None
    return Difference(
        incident=known.incident,
        change=change,
        victims=now.victims.minus(was.victims),
        incidents=now.incidents.minus(was.incidents),
        before=Contribution(old, was).reason if old else NOT_KNOWN_THEN,
        after=Contribution(new, now).reason if new else NO_FINDING,
    )
