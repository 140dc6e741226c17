"""The time line of an incident: when it occurred, when it was published and when it was recorded, apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ...queries.incidents import AccountLine, IncidentDetail

WIDTH, MARGIN = 1_000, 10


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of days on a lane: where it stands in the drawing, and what it is of."""

    first: date
    last: date
    of: str
    name: str
    x: int = 0
    width: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of day, with the marks on it and the accounts that give no such day."""

    key: str
    marks: tuple[Mark, ...]
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Three lanes over one span of days."""

    first: date
    last: date
    lanes: tuple[Lane, ...]


def timeline(detail: IncidentDetail) -> Timeline | None:
    """The lanes of an incident; None where no day is known at all."""
    lanes = [
        Lane("occurred", tuple(_occurred(detail)), tuple(_without_day(detail.accounts))),
        Lane("published", tuple(_published(detail.accounts)), tuple(_unpublished(detail.accounts))),
        Lane("recorded", tuple(_recorded(detail)), ()),
    ]
    days = [day for lane in lanes for mark in lane.marks for day in (mark.first, mark.last)]
    if not days:
        return None
    first, last = min(days), max(days) + timedelta(days=1)
    return Timeline(first, last, tuple(_drawn(lane, first, last) for lane in lanes))


def _occurred(detail: IncidentDetail) -> list[Mark]:
    finding = detail.finding
    concluded = [Mark(finding.earliest, finding.latest, finding.thing, "")] if finding else []
    said = [
        Mark(
            account.occurred[0],
            account.occurred[1] or account.occurred[0],
            account.thing,
            account.source_name,
        )
        for account in detail.accounts
        if account.occurred[0]
    ]
    return [*concluded, *said]


def _without_day(accounts: Sequence[AccountLine]) -> list[str]:
    return [account.source_name for account in accounts if not account.occurred[0]]


def _published(accounts: Sequence[AccountLine]) -> list[Mark]:
    return [
        Mark(
            account.published[0],
            account.published[1] or account.published[0],
            account.thing,
            account.source_name,
        )
        for account in accounts
        if account.published[0]
    ]


def _unpublished(accounts: Sequence[AccountLine]) -> list[str]:
    return [account.source_name for account in accounts if not account.published[0]]


def _recorded(detail: IncidentDetail) -> list[Mark]:
    accounts = [(each.recorded_at.date(), each.thing, each.source_name) for each in detail.accounts]
    findings = [(each.recorded_at.date(), each.thing, "") for each in detail.findings]
    opened = (detail.opened_at.date(), detail.thing, detail.title)
    return [Mark(day, day, thing, name) for day, thing, name in (opened, *accounts, *findings)]


def _drawn(lane: Lane, first: date, last: date) -> Lane:
    whole = max(1, (last - first).days)

    def place(day: date) -> int:
        return MARGIN + (WIDTH - 2 * MARGIN) * (day - first).days // whole

    marks = tuple(
        Mark(
            mark.first,
            mark.last,
            mark.of,
            mark.name,
            place(mark.first),
            max(6, place(mark.last + timedelta(days=1)) - place(mark.first)),
        )
        for mark in sorted(lane.marks, key=lambda mark: (mark.first, mark.last, mark.of))
    )
    return Lane(lane.key, marks, lane.without)
