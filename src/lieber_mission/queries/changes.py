"""What was recorded since an officer last said that they had seen what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from lieber.assess import Tier

from ..models import Finding, Incident, Judgement, Tally, Visit
from ..policies.permissions import Deed, Viewer, check_may
from . import log
from .incidents import titles

# Whoever was never here sees the last days; of a long absence, the newest entries.
FIRST_DAYS = 7
MOST_ENTRIES = 50_000
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed: a finding with its tiers before and after, an incident, a merge, a tally."""

    thing: str
    incident: str
    title: str
    at: datetime
    by: str
    tier: Tier | None = None
    tier_before: Tier | None = None
    killed: tuple[int | None, int | None, int | None] = (None, None, None)
    killed_before: tuple[int | None, int | None, int | None] = (None, None, None)
    other: str = ""
    other_title: str = ""


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Changes of one kind, latest first; `number` counts those that are not shown too."""

    kind: str
    changes: tuple[Change, ...]
    number: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.number - len(self.changes)


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed between two lengths of the log; `since` is None for whoever never said they had seen."""

    since: datetime | None
    first: int
    size: int
    shortened: bool
    groups: tuple[ChangeGroup, ...]


def changes_since_visit(*, viewer: Viewer, at: datetime) -> Changes:
    """What changed since the viewer's last visit. Raises NotAllowed."""
    check_may(viewer, Deed.READ_REGISTER)
    visit = Visit.objects.filter(officer__officer_id=viewer.officer_id).first()
    size = log.size()
    since = visit.size if visit else log.size(at - timedelta(days=FIRST_DAYS))
    first = max(min(since, size), size - MOST_ENTRIES)
    groups = (_findings(first), _incidents(first), _merges(first), _tallies(first))
    return Changes(
        since=visit.at if visit else None,
        first=first,
        size=size,
        shortened=first > since,
        groups=tuple(group for group in groups if group.number),
    )


def _findings(first: int) -> ChangeGroup:
    rows = Finding.objects.filter(entry__gte=first)
    shown = _newest(rows)
    before = {
        (row.thing, row.version): row
        for row in Finding.objects.filter(
            thing__in=[row.thing for row in shown], version__in={row.version - 1 for row in shown}
        )
    }
    names = titles({row.incident for row in shown}, None)
    return ChangeGroup(
        "findings",
        tuple(
            _finding(row, before.get((row.thing, row.version - 1)), names.get(row.incident, ""))
            for row in shown
        ),
        rows.count(),
    )


def _finding(row: Finding, before: Finding | None, title: str) -> Change:
    return Change(
        thing=row.thing,
        incident=row.incident,
        title=title,
        at=row.recorded_at,
        by=row.recorded_by,
        tier=Tier(row.tier),
        tier_before=Tier(before.tier) if before else None,
        killed=(row.killed_min, row.killed_best, row.killed_max),
        killed_before=(before.killed_min, before.killed_best, before.killed_max)
        if before
        else (None, None, None),
    )


def _incidents(first: int) -> ChangeGroup:
    rows = Incident.objects.filter(entry__gte=first, version=1)
    return ChangeGroup(
        "incidents",
        tuple(
            Change(row.thing, row.thing, row.title, row.recorded_at, row.recorded_by) for row in _newest(rows)
        ),
        rows.count(),
    )


def _merges(first: int) -> ChangeGroup:
    rows = Judgement.objects.filter(entry__gte=first, of_incidents=True, verdict="same")
    shown = _newest(rows)
    names = titles({thing for row in shown for thing in (row.left, row.right)}, None)
    return ChangeGroup(
        "merges",
        tuple(
            Change(
                thing=row.thing,
                incident=row.left,
                title=names.get(row.left, ""),
                at=row.recorded_at,
                by=row.recorded_by,
                other=row.right,
                other_title=names.get(row.right, ""),
            )
            for row in shown
        ),
        rows.count(),
    )


def _tallies(first: int) -> ChangeGroup:
    rows = Tally.objects.filter(entry__gte=first)
    return ChangeGroup("tallies", tuple(_tally(row) for row in _newest(rows)), rows.count())


def _tally(row: Tally) -> Change:
    return Change(
        thing=row.thing,
        incident="",
        title=row.authority,
        at=row.recorded_at,
        by=row.recorded_by,
        killed=(row.value, row.value, row.value),
        other=row.unit,
    )


def _newest(rows: QuerySet[Any]) -> Sequence[Any]:
    return list(rows.order_by("-entry")[:SHOWN])
