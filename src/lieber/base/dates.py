"""Uncertain dates, and how they stand to a window.

A date is a triple (earliest, latest, precision), as in the HURIDOCS Events Standard Formats and
the requirements of every record of this project. An incident whose span crosses the edge of a
window is possibly inside it: a minimum leaves it out and a maximum takes it in.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from .errors import BadInput


class DatePrecision(StrEnum):
    """How exactly a date is known. The value is stored; the words are in the manual."""

    DAY = "day"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"
    UNKNOWN = "unknown"


# The longest span, in days from first to last, that each precision allows. `day` holds a night
# that runs over midnight; `season` is the coding rule's "up to 100 days".
LONGEST_SPAN = {
    DatePrecision.DAY: 1,
    DatePrecision.MONTH: 31,
    DatePrecision.SEASON: 100,
    DatePrecision.YEAR: 366,
}


class Overlap(StrEnum):
    """How an uncertain date stands to a window."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    OUTSIDE = "no"


@dataclass(frozen=True, slots=True)
class Window:
    """A span of days, both ends included; `since` or `until` may be open (None).

    Raises BadInput where `since` is after `until`.
    """

    since: date | None
    until: date | None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise BadInput(
                f"A window must end on or after its first day: found {self.since} to {self.until}; "
                "exchange the two dates."
            )

    def holds(self, day: date) -> bool:
        """True where the day lies in the window."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @property
    def days(self) -> int | None:
        """Number of days, both ends counted; None where an end is open."""
        if self.since is None or self.until is None:
            return None
        return (self.until - self.since).days + 1

    def __str__(self) -> str:
        if self.since and self.until:
            return f"{self.since} to {self.until}"
        if self.since:
            return f"since {self.since}"
        return f"until {self.until}" if self.until else "all days"


@dataclass(frozen=True, slots=True)
class UncertainDate:
    """The days between which something happened, and the day taken for the best figure.

    `best` is the assessed day; where none was assessed it is the middle of the span, so that of
    several windows that follow each other exactly one holds it.
    Raises BadInput where the days are out of order or the span is longer than its precision.
    """

    earliest: date
    latest: date
    precision: DatePrecision = DatePrecision.DAY
    best: date | None = None

    def __post_init__(self) -> None:
        if self.earliest > self.latest:
            raise BadInput(
                f"A date must not end before it begins: found {self.earliest} to {self.latest}; "
                "exchange the two days."
            )
        longest = LONGEST_SPAN.get(self.precision)
        if longest is not None and (self.latest - self.earliest).days > longest:
            raise BadInput(
                f"A date known to the {self.precision.value} spans at most {longest} days: found "
                f"{self.earliest} to {self.latest}; name a coarser precision."
            )
        if self.best is not None and not self.earliest <= self.best <= self.latest:
            raise BadInput(
                f"The best day must lie in the span {self.earliest} to {self.latest}: found {self.best}."
            )

    @property
    def best_day(self) -> date:
        """The day that decides in which window the best figure counts."""
        return self.best or self.earliest + timedelta(days=(self.latest - self.earliest).days // 2)

    def within(self, window: Window) -> Overlap:
        """Certain where every day of the span lies in the window, possible where one may."""
        return overlap(self.earliest, self.latest, window)


def precision_of(earliest: date, latest: date, said: DatePrecision) -> DatePrecision:
    """The precision said, or the next coarser one that such a long span of days has."""
    days = (latest - earliest).days
    order = list(DatePrecision)
    return next(
        word for word in order[order.index(said) :] if word not in LONGEST_SPAN or days <= LONGEST_SPAN[word]
    )


def overlap(earliest: date, latest: date, window: Window) -> Overlap:
    """How the span of days `earliest` to `latest`, both included, stands to the window."""
    since, until = window.since, window.until
    if (since is not None and latest < since) or (until is not None and earliest > until):
        return Overlap.OUTSIDE
    if (since is None or earliest >= since) and (until is None or latest <= until):
        return Overlap.CERTAIN
    return Overlap.POSSIBLE


def undated(*, known_by: date, reach_days: int, not_before: date = date.min) -> UncertainDate:
    """The date of something of which only is known that it was public on `known_by`.

    It can have happened on any day of the `reach_days` before, though not before the first day
    that the methodology covers; the best figure takes the day on which it became public. The
    reach is the methodology's (`dates.undated_reach_days`).
    """
    earliest = min(known_by, max(not_before, known_by - timedelta(days=reach_days)))
    return UncertainDate(earliest, known_by, DatePrecision.UNKNOWN, known_by)


_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


def parse_partial(text: str) -> tuple[date, date]:
    """First and last day of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.

    Raises BadInput for anything else, and for days that no calendar has.
    """
    match = _PARTIAL.fullmatch(text)
    try:
        if match:
            return _days_of(*(int(part) if part else None for part in match.groups()))
    except ValueError:  # a month or day that the calendar lacks
        pass
    raise BadInput(f"A date is written YYYY-MM-DD, YYYY-MM or YYYY: found {text!r}.")


def _days_of(year: int | None, month: int | None, day: int | None) -> tuple[date, date]:
    assert year is not None
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, day), date(year, month, day)


def parse_day(text: str) -> date:
    """The day written `YYYY-MM-DD`. Raises BadInput for anything else."""
    first, last = parse_partial(text)
    if first != last:
        raise BadInput(f"A day is written YYYY-MM-DD: found {text!r}.")
    return first
