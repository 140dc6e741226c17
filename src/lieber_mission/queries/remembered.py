"""Figures as pages ask for them, on findings that this process remembers as columns (decision 0023).

What findings said up to an entry of the log never changes: only those recorded since the last look are read.
What is remembered is of one log: the hash of the leaf of the last finding looked at says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Min

from lieber.assess import shipped_methodology
from lieber.base import BadInput
from lieber.publish import (
    Bounds,
    Contribution,
    CountedFinding,
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
from .figures import Question, counted_columns, counted_findings
from .link import merges

if TYPE_CHECKING:
    from lieber.publish.columns import Columns, Counted, Version

# With more findings changed than this between two days, every finding is looked at.
_FEW = 5_000
# So many findings are not read while a page waits.
MANY = 20_000


@dataclass(frozen=True, slots=True)
class _Known:
    """The findings up to the last one looked at, and the hash of its entry's leaf."""

    columns: Columns
    last: int
    leaf: bytes


_KNOWN: list[_Known] = []


def get_ready() -> None:
    """Read what the first pages need, so that no officer waits for it."""
    _columns()
    _values_up_to_date()


def at_hand() -> bool:
    """Whether a figure can be counted without many findings being read first."""
    last = _KNOWN[0].last if _KNOWN else -1
    rows = Finding.objects.filter(entry__gt=last).order_by("entry").values_list("entry", flat=True)
    return not rows[MANY : MANY + 1]


def counted(question: Question, *, viewer: Viewer, as_of: datetime) -> Counted:
    """The figure that answers a question, as sums and as the rows that count.

    Raises NotAllowed where the viewer may not read the register.
    """
    from lieber.publish.columns import count  # noqa: PLC0415  # numpy loads where it is used

    check_may(viewer, Deed.READ_REGISTER)
    position, methodology = log.size(as_of), shipped_methodology()
    return count(
        question.recipe(as_of=as_of, methodology=methodology),
        _columns(),
        position=position,
        merged=merges(position),
        killing_needed=methodology.killing_needed,
    )


def grouped(question: Question, grouping: str, *, viewer: Viewer, as_of: datetime) -> tuple[Part, ...]:
    """The parts of a figure as `lieber.publish.group_by` gives them, the unknown ones last.

    Raises NotAllowed, or BadInput where the grouping is none.
    """
    return counted(question, viewer=viewer, as_of=as_of).group_by(grouping)


def attributed_by_month(question: Question, *, viewer: Viewer, as_of: datetime) -> dict[tuple[str, str], int]:
    """Party to which they are attributed and month -> incidents, best."""
    return counted(question, viewer=viewer, as_of=as_of).by_both("party", "month")


def _columns() -> Columns:
    """All findings as columns, with those recorded since the last look."""
    from lieber.publish.columns import columns_of, with_versions  # noqa: PLC0415

    known = _KNOWN[0] if _KNOWN and _leaf(_KNOWN[0].last) == _KNOWN[0].leaf else None
    newest = Finding.objects.order_by("-entry").values_list("entry", flat=True).first()
    if newest is None:
        return columns_of(())
    if known is None or known.last < newest:
        versions = _versions(known.last if known else -1, newest)
        columns = with_versions(known.columns, versions) if known else columns_of(versions)
        known = _Known(columns, newest, _leaf(newest))
        _KNOWN[:] = [known]
    return known.columns


def _versions(after: int, upto: int) -> Iterator[Version]:
    """The versions recorded in a span of the log, in its order."""
    from lieber.publish.columns import Version  # noqa: PLC0415

    rows = Finding.objects.filter(entry__gt=after, entry__lte=upto).order_by("entry")
    for thing, entry, *said in rows.values_list("thing", "entry", *counted_columns()).iterator(5_000):
        yield Version(thing, entry, CountedFinding._make((*said, "")))


def _compute(recipe: Recipe, findings: Iterator[CountedFinding]) -> Figure:
    return compute(recipe, findings, killing_needed=shipped_methodology().killing_needed)


def _leaf(entry: int) -> bytes:
    nodes = Entry.objects.filter(index=entry).values_list("nodes", flat=True).first()
    return bytes(nodes or b"")[:32]


@dataclass(frozen=True, slots=True)
class Way:
    """A figure at two instants and every step between them; the steps sum to the difference."""

    before: Counted
    after: Counted
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
    positions = log.size(before), log.size(after)
    touched = _touched(*positions, first.merged, second.merged)
    parts = [
        _compute(figure.recipe, counted_findings(position, of=touched))
        for figure, position in zip((first, second), positions, strict=True)
    ]
    steps = difference(*parts, killing_needed=shipped_methodology().killing_needed)
    return Way(first, second, steps)


def _touched(
    first: int, second: int, merged: Mapping[str, str], merged_then: Mapping[str, str]
) -> frozenset[str] | None:
    """The incidents that may count otherwise at the second position; None where they are many."""
    between = Finding.objects.filter(entry__gte=first, entry__lt=second)
    found = set(between.values_list("incident", flat=True)[: _FEW + 1])
    found |= {incident for incident, _ in merged.items() ^ merged_then.items()}
    return None if len(found) > _FEW else frozenset(found)


def page_of(counted_rows: Counted, *, number: int, size: int) -> tuple[list[Contribution], int, int, int]:
    """A page of what counts, in order of date: contributions, the page's number, all pages, all in all."""
    pages = max(1, -(-len(counted_rows) // size))
    number = min(max(1, number), pages)
    part = counted_rows.contributions(size * (number - 1), size * number)
    return part, number, pages, len(counted_rows)


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
