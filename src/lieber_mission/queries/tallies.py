"""Other bodies' tallies beside a window, copies of one number shown as one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from lieber.analyse import Counted, Likeness, NotAlike, likeness
from lieber.base import Window

from ..models import Tally
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import seen_by

# How a bound is said; {n} is the number.
BOUND_WORDS = {"exact": "{n}", "at_least": "at least {n}", "about": "about {n}", "up_to": "up to {n}"}
# Of the wordings in which pages copy one number, the lowest here is shown.
CAUTION = {"about": 0, "up_to": 1, "at_least": 2, "exact": 3}


@dataclass(frozen=True, slots=True)
class TallyLine:
    """One published number, with the pages that carry it."""

    authority: str
    number: str
    unit: str
    scope: str
    period_start: date | None
    period_end: date | None
    as_of: date | None
    pages: int
    things: tuple[str, ...]
    bound: str


def tallies_beside(window: Window, *, viewer: Viewer, position: int | None) -> list[TallyLine]:
    """The tallies whose period begins with the window's first day, as far as their dates tell, and
    does not run past its last. They are set beside a figure and never added to it."""
    check_may(viewer, Deed.READ_REGISTER)
    known = seen_by(Tally.objects.as_of(position), viewer)
    rows = [row for row in known.order_by("entry") if _same_period(row, window)]
    groups: dict[tuple[object, ...], list[Tally]] = defaultdict(list)
    for row in rows:
        groups[row.authority, row.unit, row.value, *_period(row)].append(row)
    return [_line(group) for group in groups.values()]


def _same_period(row: Tally, window: Window) -> bool:
    start, end = row.period_start_earliest, row.period_end_latest
    if window.since is None or start is None or row.value is None:
        return False
    begins = start <= window.since <= row.period_start_latest
    return begins and (end is None or window.until is None or end <= window.until)


def _period(row: Tally) -> tuple[date | None, ...]:
    return (
        row.period_start_earliest,
        row.period_start_latest,
        row.period_end_earliest,
        row.period_end_latest,
    )


def _line(group: list[Tally]) -> TallyLine:
    """One line for all pages that carry the number for one period: the most cautious wording decides
    the bound, and every wording of the scope is kept, since one body's number may be on two things."""
    first = min(group, key=lambda row: (CAUTION.get(row.bound, 0), row.entry))
    return TallyLine(
        authority=first.authority,
        number=BOUND_WORDS.get(first.bound, "{n}").format(n=first.value),
        unit=first.unit,
        scope=" · ".join(dict.fromkeys(row.scope for row in [first, *group])),
        period_start=first.period_start_earliest,
        period_end=first.period_end_latest,
        as_of=first.as_of_latest,
        pages=len({row.item for row in group}),
        things=tuple(row.thing for row in group),
        bound=first.bound,
    )


# What a unit of a tally is called where it is set beside a figure.
_UNITS = {"victims": "persons", "incidents": "incidents"}


@dataclass(frozen=True, slots=True)
class Compared:
    """A published number beside a figure: how they may be shown together, or why not (R-15)."""

    line: TallyLine
    value: int
    unit: str
    shown: Likeness | None
    refusal: str
    their_rate: float | None
    our_rate: float | None


def compared(
    window: Window, *, persons: int, incidents: int, today: date, viewer: Viewer, position: int | None
) -> list[Compared]:
    """Every number of others beside the figure of a window: those over the same days first, then those
    that are comparable as rates, then those that are not comparable, with the reason.

    An open end of the figure's window means the day of knowledge. Whom a number counts stands in the words
    of its scope; no rule reads them. Raises NotAllowed.
    """
    check_may(viewer, Deed.READ_REGISTER)
    groups: dict[tuple[object, ...], list[Tally]] = defaultdict(list)
    for row in seen_by(Tally.objects.as_of(position), viewer).order_by("entry"):
        if row.value is not None:
            groups[row.authority, row.unit, row.value, *_period(row)].append(row)
    closed = Window(window.since, window.until or (max(today, window.since) if window.since else None))
    ours = {"persons": persons, "incidents": incidents}
    found = [_compared(group, closed, ours) for group in groups.values()]
    order = [Likeness.SAME_DAYS, Likeness.RATES_ONLY, None]
    return sorted(found, key=lambda each: (order.index(each.shown), each.unit not in ours))


def _compared(group: list[Tally], window: Window, ours: dict[str, int]) -> Compared:
    first = group[0]
    unit = _UNITS.get(first.unit, first.unit.replace("_", " "))
    theirs = Counted(first.value or 0, unit, _days_of(first, window))
    own = Counted(ours.get(unit, 0), unit if unit in ours else "persons and incidents", window)
    shown, refusal = None, ""
    try:
        shown = likeness(own, theirs)
    except NotAlike as error:
        refusal = str(error)
    rates = shown is Likeness.RATES_ONLY
    return Compared(
        line=_line(group),
        value=theirs.value,
        unit=unit,
        shown=shown,
        refusal=refusal,
        their_rate=theirs.a_month if rates else None,
        our_rate=own.a_month if rates else None,
    )


def _days_of(row: Tally, window: Window) -> Window:
    """The days that a number covers; an end known to the month is the window's own where that lies in it."""
    since = _end(row.period_start_earliest, row.period_start_latest, window.since, row.period_start_earliest)
    until = _end(row.period_end_earliest, row.period_end_latest, window.until, row.period_end_latest)
    until = until or _end(row.as_of_earliest, row.as_of_latest, window.until, row.as_of_latest)
    return Window(since, max(since, until) if since and until else until)


def _end(
    earliest: date | None, latest: date | None, wanted: date | None, otherwise: date | None
) -> date | None:
    if earliest and latest and wanted and earliest <= wanted <= latest:
        return wanted
    return otherwise
