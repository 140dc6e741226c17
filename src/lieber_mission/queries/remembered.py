"""Figures that were counted already: what was known after an entry of the log never changes.

A figure rests on the findings and on the judgements between incidents alone. Each process remembers a few
figures; where findings were recorded since, only the incidents that they are of are decided anew. What is
remembered is of one log: the hash of the leaf of the last finding looked at says so.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import Min

from lieber.assess import shipped_methodology
from lieber.base import BadInput
from lieber.publish import (
    GROUPINGS,
    ZERO,
    Bounds,
    Contribution,
    CountedFinding,
    Decision,
    Difference,
    Figure,
    Part,
    Recipe,
    compute,
    difference,
)

from ..models import Entry, Finding
from ..models.register import instant_text
from ..policies.permissions import Deed, Viewer, check_may
from . import log
from .figures import Question, counted_findings
from .link import merges

# So many figures a process remembers: a page asks for one of each party.
_KEPT = 6
# With more findings changed than this between two days, every finding is looked at.
_FEW = 5_000
UNKNOWN = "unknown"
_Pair = tuple[CountedFinding, Decision]


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a figure rests on: a number of entries, the last finding among them, what is merged."""

    position: int
    leaf: bytes
    merged: frozenset[tuple[str, str]]


def _party_and_month(finding: CountedFinding) -> Hashable:
    return finding.perpetrator_party or UNKNOWN, GROUPINGS["month"](finding)


_GROUPED: Mapping[str, Callable[[CountedFinding], Hashable]] = {
    **GROUPINGS,
    "party and month": _party_and_month,
}


# Group -> persons, incidents, and the number of findings.
_Sums = dict[Hashable, tuple[Bounds, Bounds, int]]


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A figure of what counts only, in order of date, and the sums of its groups that were asked for."""

    mark: _Mark
    figure: Figure
    sums: dict[str, _Sums] = field(default_factory=dict)

    def grouped(self, grouping: str) -> _Sums:
        """Group -> persons, incidents and the number of findings."""
        if grouping not in self.sums:
            sums: _Sums = {}
            _add(sums, grouping, self.figure.decisions, sign=1)
            self.sums[grouping] = sums
        return self.sums[grouping]

    def advanced(self, mark: _Mark, touched: frozenset[str], decided: Figure) -> _Remembered:
        """With the decisions of the incidents that were touched made anew, and no others."""
        before = [pair for pair in self.figure.decisions if pair[0].incident in touched]
        kept = [pair for pair in self.figure.decisions if pair[0].incident not in touched]
        after = _counting(decided)
        for pair in after:
            insort(kept, pair, key=_by_day)
        old, new = _totals(before), _totals(after)
        figure = replace(
            self.figure,
            victims=self.figure.victims.plus(new[0]).minus(old[0]),
            incidents=self.figure.incidents.plus(new[1]).minus(old[1]),
            open_maxima=self.figure.open_maxima + new[2] - old[2],
            decisions=tuple(kept),
        )
        # A new one, since another thread may be reading this one.
        later = _Remembered(mark, figure, {name: dict(sums) for name, sums in self.sums.items()})
        for grouping, sums in later.sums.items():
            _add(sums, grouping, before, sign=-1)
            _add(sums, grouping, after, sign=1)
            for empty in [group for group, (_, _, number) in sums.items() if not number]:
                del sums[empty]
        return later


def _add(sums: _Sums, grouping: str, pairs: Iterable[_Pair], *, sign: int) -> None:
    key = _GROUPED[grouping]
    for finding, decision in pairs:
        persons, incidents, number = sums.get(key(finding), (ZERO, ZERO, 0))
        parts = (_added(persons, decision.victims, sign), _added(incidents, decision.incidents, sign))
        sums[key(finding)] = (*parts, number + sign)


def _added(sums: Bounds, part: Bounds, sign: int) -> Bounds:
    return sums.plus(part) if sign > 0 else sums.minus(part)


def _totals(pairs: Sequence[_Pair]) -> tuple[Bounds, Bounds, int]:
    persons, incidents = ZERO, ZERO
    for _, decision in pairs:
        persons, incidents = persons.plus(decision.victims), incidents.plus(decision.incidents)
    return persons, incidents, sum(finding.killed_max is None for finding, _ in pairs)


def _by_day(pair: _Pair) -> tuple[date, str]:
    return pair[0].best_day, pair[0].incident


def _counting(figure: Figure) -> list[_Pair]:
    return sorted((pair for pair in figure.decisions if pair[1].counts.value != "no"), key=_by_day)


# Question and whether it is of now or of a past entry -> what is remembered, the longest unused first.
_FIGURES: dict[tuple[Question, bytes], _Remembered] = {}
_NOW = b"now"


def counted(question: Question, *, viewer: Viewer, as_of: datetime) -> Figure:
    """The figure that answers a question, with the incidents that count only, in order of date; remembered.

    Raises NotAllowed where the viewer may not read the register.
    """
    remembered = _remembered(question, viewer, as_of)
    return replace(remembered.figure, recipe=question.recipe(as_of=as_of, methodology=shipped_methodology()))


def grouped(question: Question, grouping: str, *, viewer: Viewer, as_of: datetime) -> tuple[Part, ...]:
    """The parts of a figure as `lieber.publish.group_by` gives them, the unknown ones last; remembered.

    Raises NotAllowed, or BadInput where the grouping is none.
    """
    if grouping not in GROUPINGS:
        raise BadInput(f"A figure is grouped by {', '.join(GROUPINGS)}: found {grouping!r}.")
    sums = _remembered(question, viewer, as_of).grouped(grouping)
    return tuple(
        Part(str(group), *sums[group][:2])
        for group in sorted(sums, key=lambda group: (group == UNKNOWN, str(group)))
    )


def attributed_by_month(question: Question, *, viewer: Viewer, as_of: datetime) -> dict[tuple[str, str], int]:
    """Party to which they are attributed and month -> incidents, best."""
    sums = _remembered(question, viewer, as_of).grouped("party and month")
    return {group: parts[1].best for group, parts in sums.items() if isinstance(group, tuple)}


def _remembered(question: Question, viewer: Viewer, as_of: datetime) -> _Remembered:
    check_may(viewer, Deed.READ_REGISTER)
    position = log.size(as_of)
    mark = _mark(position)
    key = (question, _NOW if position == log.size() else mark.leaf)
    recipe = question.recipe(as_of=as_of, methodology=shipped_methodology())
    kept = _FIGURES.pop(key, None)
    known = _brought_to(kept, mark, recipe) if kept else None
    if known is None:
        whole = _compute(recipe, counted_findings(position, within=recipe))
        known = _Remembered(mark, replace(whole, decisions=tuple(_counting(whole))))
    _FIGURES[key] = known
    while len(_FIGURES) > _KEPT:
        _FIGURES.pop(next(iter(_FIGURES)), None)
    return known


def _brought_to(known: _Remembered, mark: _Mark, recipe: Recipe) -> _Remembered | None:
    """What is remembered, at another mark; None where it is of another log or later, or too much changed."""
    before = known.mark
    if (before.leaf, before.merged) == (mark.leaf, mark.merged):
        return known
    if before.position > mark.position or _mark(before.position).leaf != before.leaf:
        return None
    touched = _touched(before, mark)
    if touched is None:
        return None
    return known.advanced(mark, touched, _compute(recipe, counted_findings(mark.position, of=touched)))


def _compute(recipe: Recipe, findings: Iterable[CountedFinding]) -> Figure:
    return compute(recipe, findings, killing_needed=shipped_methodology().killing_needed)


def _mark(position: int) -> _Mark:
    last = (
        Finding.objects.filter(entry__lt=position).order_by("-entry").values_list("entry", flat=True).first()
    )
    return _Mark(position, _leaf(last), frozenset(merges(position).items()))


def _leaf(entry: int | None) -> bytes:
    if entry is None:
        return b""
    nodes = Entry.objects.filter(index=entry).values_list("nodes", flat=True).first()
    return bytes(nodes or b"")[:32]


@dataclass(frozen=True, slots=True)
class Way:
    """A figure at two instants and every step between them; the steps sum to the difference."""

    before: Figure
    after: Figure
    steps: tuple[Difference, ...]

    @property
    def by_change(self) -> list[tuple[str, Bounds, Bounds, int]]:
        """The steps by their ground: persons, incidents, and how many incidents changed so."""
        found: dict[str, tuple[Bounds, Bounds, int]] = {}
        for step in self.steps:
            persons, incidents, number = found.get(step.change.value, (Bounds(0, 0, 0), Bounds(0, 0, 0), 0))
            found[step.change.value] = (
                persons.plus(step.victims),
                incidents.plus(step.incidents),
                number + 1,
            )
        return [(change, *parts) for change, parts in found.items()]


def way(question: Question, *, viewer: Viewer, before: datetime, after: datetime) -> Way:
    """A figure at two instants with the steps from the one to the other, of what changed between them only.

    Raises NotAllowed, or BadInput where the second instant lies before the first.
    """
    if after < before:
        raise BadInput(
            f"A figure changes from an earlier instant to a later one: found {instant_text(before)} before "
            f"{instant_text(after)}; exchange them."
        )
    first, second = (counted(question, viewer=viewer, as_of=instant) for instant in (before, after))
    marks = [_mark(log.size(instant)) for instant in (before, after)]
    touched = _touched(*marks)
    parts = [
        _compute(figure.recipe, counted_findings(mark.position, of=touched))
        for figure, mark in zip((first, second), marks, strict=True)
    ]
    steps = difference(*parts, killing_needed=shipped_methodology().killing_needed)
    return Way(first, second, steps)


def _touched(first: _Mark, second: _Mark) -> frozenset[str] | None:
    """The incidents that may count otherwise at the second mark; None where they are many."""
    between = Finding.objects.filter(entry__gte=first.position, entry__lt=second.position)
    found = set(between.values_list("incident", flat=True)[: _FEW + 1])
    found |= {incident for incident, _ in first.merged ^ second.merged}
    return None if len(found) > _FEW else frozenset(found)


def page_of(figure: Figure, *, number: int, size: int) -> tuple[list[Contribution], int, int, int]:
    """A page of what counts, in order of date: contributions, the page's number, all pages, all in all."""
    pairs = figure.decisions
    pages = max(1, -(-len(pairs) // size))
    number = min(max(1, number), pages)
    part = [Contribution(*pair) for pair in pairs[size * (number - 1) : size * number]]
    return part, number, pages, len(pairs)


# What findings have said in a column, with the entry at which it was said first.
_COLUMNS = ("victim_party", "perpetrator_party", "status", "manner", "region")


@dataclass
class _Said:
    """The values of the columns, up to the last finding looked at."""

    last: int | None = None
    leaf: bytes = b""
    first: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in _COLUMNS})


_SAID = _Said()


def values(column: str, position: int | None) -> list[str]:
    """The values that findings among the first `position` entries have said in a column, in order.

    Also what a finding said before another version of it: it is a choice of a filter and no count. Only
    findings recorded since the last look are looked at.
    """
    said = _values_up_to_date()
    return sorted(
        value
        for value, entry in said.first[column].items()
        if value and (position is None or entry < position)
    )


def _values_up_to_date() -> _Said:
    global _SAID  # noqa: PLW0603  # replaced as a whole, so that no reader sees half of it
    known = _SAID
    if known.last is not None and _leaf(known.last) != known.leaf:
        known = _Said()
    rows = Finding.objects.filter(entry__gt=known.last) if known.last is not None else Finding.objects.all()
    last = rows.order_by("-entry").values_list("entry", flat=True).first()
    if last is not None:
        first = {name: dict(known.first[name]) for name in _COLUMNS}
        found = rows.filter(entry__lte=last).order_by().values_list(*_COLUMNS).annotate(entry_of=Min("entry"))
        for *said, entry in found:
            for name, value in zip(_COLUMNS, said, strict=True):
                first[name][value] = min(entry, first[name].get(value, entry))
        known = _Said(last, _leaf(last), first)
    _SAID = known
    return known
