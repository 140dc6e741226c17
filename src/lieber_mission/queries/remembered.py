"""Figures that were counted already: what was known after an entry of the log never changes.

A figure rests on the findings and on the judgements between incidents alone. Each process remembers a few
figures by the last finding (with the hash of its leaf, so that another log is another key) and by the
incidents that were merged; a comment or an account recorded since changes neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from lieber.assess import shipped_methodology
from lieber.base import BadInput
from lieber.publish import (
    Bounds,
    Contribution,
    CountedFinding,
    Difference,
    Figure,
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

# So many figures a process remembers: one page asks for one of each party.
_KEPT = 12
# With more findings changed than this between two days, every finding is looked at.
_FEW = 5_000


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a figure rests on: a number of entries, the last finding among them, what is merged."""

    position: int
    leaf: bytes
    merged: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Key:
    question: Question
    leaf: bytes
    merged: frozenset[tuple[str, str]]


_FIGURES: dict[_Key, Figure] = {}


def counted(question: Question, *, viewer: Viewer, as_of: datetime) -> Figure:
    """The figure that answers a question, with the incidents that count only; remembered.

    Raises NotAllowed where the viewer may not read the register.
    """
    check_may(viewer, Deed.READ_REGISTER)
    mark = _mark(log.size(as_of))
    key = _Key(question, mark.leaf, mark.merged)
    recipe = question.recipe(as_of=as_of, methodology=shipped_methodology())
    figure = _FIGURES.pop(key, None)
    if figure is None:
        figure = _count(recipe, mark.position)
    _FIGURES[key] = figure
    while len(_FIGURES) > _KEPT:
        _FIGURES.pop(next(iter(_FIGURES)), None)
    return replace(figure, recipe=recipe)


def _count(recipe: Recipe, position: int) -> Figure:
    findings = counted_findings(position, within=recipe)
    whole = compute(recipe, findings, killing_needed=shipped_methodology().killing_needed)
    return replace(whole, decisions=tuple(pair for pair in whole.decisions if pair[1].counts.value != "no"))


def _mark(position: int) -> _Mark:
    last = (
        Finding.objects.filter(entry__lt=position).order_by("-entry").values_list("entry", flat=True).first()
    )
    nodes = (
        Entry.objects.filter(index=last).values_list("nodes", flat=True).first() if last is not None else b""
    )
    return _Mark(position, bytes(nodes or b"")[:32], frozenset(merges(position).items()))


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
        compute(
            figure.recipe,
            _of(touched, mark.position),
            killing_needed=shipped_methodology().killing_needed,
        )
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


def _of(incidents: frozenset[str] | None, position: int) -> Iterable[CountedFinding]:
    if incidents is None:
        return counted_findings(position)
    return counted_findings(position, of=incidents)


def page_of(figure: Figure, *, number: int, size: int) -> tuple[list[Contribution], int, int, int]:
    """A page of what counts, in order of date: contributions, the page's number, all pages, all in all."""
    pairs = sorted(figure.decisions, key=lambda pair: (pair[0].best_day, pair[0].incident))
    pages = max(1, -(-len(pairs) // size))
    number = min(max(1, number), pages)
    part = [Contribution(*pair) for pair in pairs[size * (number - 1) : size * number]]
    return part, number, pages, len(pairs)
