"""The incidents under a filter: as pages of lines, as points of a map, as all of them.

Read from the overview, so that each is a few queries whatever the size of the register and whatever is
asked. What lies in compartments is not in it: of an account there, a member is told on the incident.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from django.db.models import Avg, Count, F, FloatField, IntegerField, Max, Q, Value
from django.db.models.functions import Cast, Coalesce, StrIndex
from django.db.models.lookups import GreaterThanOrEqual

from lieber.assess import Tier
from lieber.base import BadInput, DatePrecision

from ..models import Account, Judgement, Overview
from ..models.overview import OverviewQuerySet
from ..policies.permissions import OPERATOR, Deed, Viewer, check_may
from .compartments import hidden_from
from .erasures import not_erased
from .lists import Page
from .remembered import values
from .standing import folded

PAGE = 50
# Totals are counted this far; beyond, the page says that there are more. Nobody reads page 200, and a
# count of everything would cost more than the page.
MOST_COUNTED = 10_000
# Beyond this number of incidents in view a map shows how many lie in each cell.
MOST_POINTS = 1_000
MOST_CELLS = 2_000
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which incidents are asked for; empty text and None mean any.

    `since` and `until` take what may have occurred in the period: without a date, nothing can be said,
    and `dateless` counts those. `finding` is yes or no; `contested` and `merged` likewise.
    """

    party: str = ""
    perpetrator: str = ""
    tier: Tier | None = None
    contested: str = ""
    since: date | None = None
    until: date | None = None
    place: str = ""
    region: str = ""
    manner: str = ""
    finding: str = ""
    accounts: int | None = None
    text: str = ""
    dated: str = ""
    located: str = ""
    # Those judged to be the same as another are listed under that one, unless they are asked for.
    merged: str = NO

    @property
    def empty(self) -> bool:
        """True where every incident fits."""
        return self == Filter()


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident in a list; the finding's parts are None or empty where there is none yet.

    `accounts` are those of no compartment, `closed` those in the viewer's own.
    """

    thing: str
    title: str
    tier: Tier | None
    contested: bool
    series: str
    earliest: date | None
    latest: date | None
    best_day: date | None
    precision: str
    place: str
    region: str
    country: str
    latitude: float | None
    longitude: float | None
    place_precision: str
    killed_min: int | None
    killed_best: int | None
    killed_max: int | None
    victim_party: str
    perpetrator_party: str
    status: str
    manner: str
    accounts: int
    closed: int
    merged_into: str
    changed: int

    @property
    def dated(self) -> bool:
        """Whether anything is known of when it occurred."""
        return self.earliest is not None and self.precision != DatePrecision.UNKNOWN.value

    @property
    def located(self) -> bool:
        """Whether it can stand on a map."""
        return self.latitude is not None and self.longitude is not None


@dataclass(frozen=True, slots=True)
class Beside:
    """What a list, map or timeline cannot place: how many of the incidents have no date, and no point.

    None where there are more incidents than are counted.
    """

    undated: int | None
    unlocated: int | None
    # Left out by the period alone, since nothing is known of when they occurred.
    dateless: int


@dataclass(frozen=True, slots=True)
class Point:
    """One incident on a map, or how many lie in one cell."""

    latitude: float
    longitude: float
    number: int
    thing: str = ""
    title: str = ""
    tier: Tier | None = None
    precision: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the world that a map shows, in degrees, and its zoom."""

    west: float = -180.0
    south: float = -90.0
    east: float = 180.0
    north: float = 90.0
    zoom: int = 0


# The columns by which a list is sorted: how each is written in an address, and what it sorts by.
SORTS: Mapping[str, str] = {
    "changed": "changed",
    "title": "title",
    "tier": "tier",
    "day": "best_day",
    "place": "place",
    "killed": "killed",
    "accounts": "accounts",
}
DEFAULT_SORT = "-changed"


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of incidents, and how many of all under the filter cannot be placed."""

    page: Page[IncidentLine]
    beside: Beside

    @property
    def more(self) -> bool:
        """Whether there are more than are counted."""
        return self.page.total > MOST_COUNTED


def incident_page(
    asked: Filter, *, viewer: Viewer, position: int | None, sort: str = DEFAULT_SORT, page: int = 1
) -> Listing:
    """One page of the incidents under a filter. Raises NotAllowed, or BadInput for an unknown sort.

    The overview is read once, as it lies and no further than is counted. Few are put in order here; of
    many the first pages are read in the order of an index.
    """
    check_may(viewer, Deed.READ_REGISTER)
    rows, by, down = _under(asked, position), *_order(sort)
    found = list(rows.values_list("pk", "incident", by, *_PLACING)[: MOST_COUNTED + 1])
    pages = max(1, -(-min(len(found), MOST_COUNTED) // PAGE))
    number = min(max(1, page), pages)
    part = slice(PAGE * (number - 1), PAGE * number)
    many = len(found) > MOST_COUNTED
    if many:
        # Days in order, within a period: along the index they would be looked for from the first day of all.
        walked = not (by == "best_day" and (asked.since or asked.until))
        keys = list(_sorted(rows, sort, walked=walked).values_list("pk", flat=True)[part])
    else:
        keys = _in_order(found, down=down)[part]
    by_key = Overview.objects.in_bulk(keys)
    lines = _lines([by_key[key] for key in keys], position, viewer)
    undated, unplaced = (None, None) if many else _not_placed(found)
    beside = Beside(undated, unplaced, _dateless(asked, position))
    return Listing(Page(tuple(lines), number, pages, len(found)), beside)


_PLACING = ("earliest", "precision", "latitude")


def _in_order(found: Sequence[tuple[Any, ...]], *, down: bool) -> list[int]:
    """The keys of rows by what they are sorted by; what is not known comes last in either direction."""
    known = [row for row in found if row[2] is not None]
    known.sort(key=lambda row: (row[2], row[1]), reverse=down)
    unknown = sorted((row for row in found if row[2] is None), key=lambda row: row[1], reverse=down)
    return [row[0] for row in (*known, *unknown)]


def _not_placed(found: Sequence[tuple[Any, ...]]) -> tuple[int, int]:
    undated = sum(day is None or how == DatePrecision.UNKNOWN.value for *_, day, how, _point in found)
    return undated, sum(row[-1] is None for row in found)


def _dateless(asked: Filter, position: int | None) -> int:
    if not (asked.since or asked.until):
        return 0
    rows = _under(replace(asked, since=None, until=None), position).filter(earliest__isnull=True)
    return rows[: MOST_COUNTED + 1].count()


def every_incident(
    asked: Filter, *, viewer: Viewer, position: int | None, sort: str = DEFAULT_SORT
) -> Iterator[IncidentLine]:
    """All incidents under a filter, for an export. Raises NotAllowed, or BadInput for an unknown sort."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = _sorted(_under(asked, position), sort)
    part: list[Overview] = []
    for row in rows.iterator(chunk_size=2_000):
        part.append(row)
        if len(part) == 500:
            yield from _lines(part, position, viewer)
            part = []
    yield from _lines(part, position, viewer)


def lines_of(things: Sequence[str], *, viewer: Viewer, position: int | None) -> list[IncidentLine]:
    """The incidents of these ids, in this order; those that are not in the register are left out."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = {row.incident: row for row in Overview.objects.as_of(position).filter(incident__in=things)}
    return list(_lines([rows[thing] for thing in things if thing in rows], position, viewer))


def unlocated(asked: Filter, *, viewer: Viewer, position: int | None) -> list[IncidentLine]:
    """The first incidents under a filter that no map can show: they are listed beside it."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = _sorted(_under(asked, position).filter(latitude__isnull=True), DEFAULT_SORT)
    return list(_lines(list(rows[:PAGE]), position, viewer))


def points(asked: Filter, frame: Frame, *, viewer: Viewer, position: int | None) -> tuple[Point, ...]:
    """The incidents under a filter that lie in a frame: one by one, or where they are many by cell.

    The cells of a zoom are a sixteenth of its tiles wide, so that a bubble stands where they lie.
    Raises NotAllowed.
    """
    check_may(viewer, Deed.READ_REGISTER)
    rows = _under(asked, position).filter(
        latitude__range=(frame.south, frame.north), longitude__range=(frame.west, frame.east)
    )
    first = list(rows.order_by()[: MOST_POINTS + 1])
    if len(first) <= MOST_POINTS:
        return tuple(_point(row) for row in sorted(first, key=lambda row: row.incident))
    return _by_cell(rows, frame.zoom)


def _point(row: Overview) -> Point:
    tier = None if row.tier is None else Tier(row.tier)
    return Point(
        row.latitude or 0.0, row.longitude or 0.0, 1, row.incident, row.title, tier, row.place_precision
    )


def _by_cell(rows: OverviewQuerySet, zoom: int) -> tuple[Point, ...]:
    wide = 360 / 2 ** (max(0, zoom) + 4)
    cells = (
        rows.annotate(
            down=Cast((F("latitude") + 90.0) / Value(wide, FloatField()), IntegerField()),
            across=Cast((F("longitude") + 180.0) / Value(wide, FloatField()), IntegerField()),
        )
        .values("down", "across")
        .annotate(
            number=Count("pk"),
            latitude_mean=Avg("latitude"),
            longitude_mean=Avg("longitude"),
            highest=Max("tier"),
        )
        .order_by("-number")[:MOST_CELLS]
    )
    return tuple(
        Point(
            latitude=cell["latitude_mean"],
            longitude=cell["longitude_mean"],
            number=cell["number"],
            tier=None if cell["highest"] is None else Tier(cell["highest"]),
        )
        for cell in cells
    )


def offered(*, viewer: Viewer) -> Mapping[str, tuple[str, ...]]:
    """What the filters offer: what findings have said. Raises NotAllowed."""
    check_may(viewer, Deed.READ_REGISTER)
    return {name: tuple(values(column, None)) for name, column in _OFFERED.items()}


_OFFERED = {
    "parties": "victim_party",
    "perpetrators": "perpetrator_party",
    "regions": "region",
    "manners": "manner",
}


def _under(asked: Filter, position: int | None) -> OverviewQuerySet:
    """The overview under a filter."""
    rows = Overview.objects.as_of(position).filter(*_conditions(asked))
    for column, text in (("title_words", asked.text), ("place_words", asked.place)):
        for word in folded(text).split():
            # Not LIKE: that of SQLite is ours and a hundred times slower (queries.text_search).
            rows = rows.alias(**{f"{column}_at": StrIndex(column, Value(word))}).filter(
                **{f"{column}_at__gt": 0}
            )
    return rows


_UNDATED = Q(earliest__isnull=True) | Q(precision=DatePrecision.UNKNOWN.value)


def _conditions(asked: Filter) -> Iterator[Q]:
    """What a filter asks for, apart from words: each part that asks anything."""
    exact = {
        "victim_party": asked.party,
        "perpetrator_party": asked.perpetrator,
        "region": asked.region,
        "manner": asked.manner,
    }
    yield from (Q(**{name: value}) for name, value in exact.items() if value)
    # The second is what holds where the answer is yes; where it is no, the opposite.
    for answer, holds in (
        (asked.contested, Q(contested=True)),
        (asked.finding, ~Q(series="")),
        (asked.dated, ~_UNDATED),
        (asked.located, Q(latitude__isnull=False)),
    ):
        if answer:
            yield holds if answer == YES else ~holds
    if asked.merged == NO:
        yield Q(merged_into="")
    if asked.tier is not None:
        yield _at_least("tier", int(asked.tier))
    if asked.accounts is not None:
        yield _at_least("accounts", asked.accounts)
    if asked.since:
        yield Q(latest__gte=asked.since)
    if asked.until:
        yield Q(earliest__lte=asked.until)


def _at_least(column: str, number: int) -> Q:
    """At least a number. Plus nothing: an index by which lists are sorted is no way to many rows."""
    return Q(GreaterThanOrEqual(F(column) + Value(0), number))


def _order(sort: str) -> tuple[str, bool]:
    """The column of an order, and whether it goes down. Raises BadInput for one that there is not."""
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise BadInput(f"Incidents are sorted by one of {', '.join(SORTS)}: found {name!r}.")
    return SORTS[name], sort.startswith("-")


def _sorted(rows: OverviewQuerySet, sort: str, *, walked: bool = True) -> OverviewQuerySet:
    """The rows in an order; not `walked` along its index, they are all found first and sorted then."""
    name, down = _order(sort)
    by = F(name) if walked else Coalesce(F(name), None)
    return rows.order_by(
        by.desc(nulls_last=True) if down else by.asc(nulls_last=True), "-incident" if down else "incident"
    )


def _lines(rows: Sequence[Overview], position: int | None, viewer: Viewer) -> Iterable[IncidentLine]:
    closed = _in_own_compartments([row.incident for row in rows], position, viewer)
    same = [part.name for part in fields(IncidentLine) if part.name not in {"thing", "tier", "closed"}]
    for row in rows:
        yield IncidentLine(
            thing=row.incident,
            tier=None if row.tier is None else Tier(row.tier),
            closed=closed[row.incident],
            **{name: getattr(row, name) for name in same},
        )


def _in_own_compartments(incidents: Sequence[str], position: int | None, viewer: Viewer) -> Counter[str]:
    """Incident -> its accounts in compartments of which the viewer is a member."""
    if not incidents or not list(viewer.compartments):
        return Counter()
    closed = Account.objects.as_of(None).filter(thing__in=hidden_from(OPERATOR, Account))
    closed = not_erased(closed.exclude(thing__in=hidden_from(viewer, Account)))
    judged = Judgement.objects.as_of(position).filter(
        right__in=incidents, of_incidents=False, verdict="same", left__in=closed.values("thing")
    )
    return Counter(judged.values_list("right", flat=True))


def exported(*, viewer: Viewer) -> frozenset[str]:
    """The fields of the overview that a file for this viewer may hold: never a protected one."""
    check_may(viewer, Deed.READ_REGISTER)
    return Overview.Sensitivity.public | Overview.Sensitivity.internal
