"""The accounts of an incident beside each other: by origin, field by field, with what contradicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from lieber.base import (
    DatePrecision,
    LieberError,
    PlacePrecision,
    Quantifier,
    UncertainCount,
    UncertainDate,
    UncertainPlace,
    precision_of,
)
from lieber.link import Origin, Point, Telling, conflicts, number_said

from ..models import Account, Item
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import seen_by
from .desk import blind_to
from .incidents import AccountLine, killed_words
from .origins import origins_of
from .standing import place_of

# What may be shown without being asked for: of everything else, and of what nobody looked at, the words
# stay covered.
_UNCOVERED = "none"


@dataclass(frozen=True, slots=True)
class Column:
    """One account: where it stands, and the number of its origin among those shown (0 for none)."""

    number: int
    thing: str
    source_name: str
    address: str
    item: str
    language: str
    published: tuple[date | None, date | None]
    recorded_at: datetime
    summary: str
    covered: bool
    compartment: str
    group: int
    other_origins: tuple[int, ...]
    filed_under: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What one account says on one field: words, or terms of a vocabulary; and with whom it contradicts."""

    text: str = ""
    terms: tuple[str, ...] = ()
    locator: str = ""
    against: tuple[int, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether the account says nothing of it."""
        return not (self.text or self.terms)


@dataclass(frozen=True, slots=True)
class Row:
    """One field of all accounts. `vocabulary` names where its terms have their labels."""

    field: str
    vocabulary: str
    cells: tuple[Cell, ...]
    columns: tuple[Column, ...]

    @property
    def pairs(self) -> list[tuple[Column, Cell]]:
        """Each account with what it says."""
        return list(zip(self.columns, self.cells, strict=True))

    @property
    def contradicts(self) -> bool:
        """Whether two of the accounts cannot both be right."""
        return any(cell.against for cell in self.cells)

    @property
    def differs(self) -> bool:
        """Whether those who say anything of it say different things."""
        return len({(cell.text, cell.terms) for cell in self.cells if not cell.silent}) > 1


@dataclass(frozen=True, slots=True)
class SidePlace:
    """A place that somebody says, with how exactly it is known."""

    thing: str
    source_name: str
    words: str
    precision: str
    latitude: float | None
    longitude: float | None
    radius_metres: int | None
    coordinates_from: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """All accounts that the viewer may know of, those of one origin beside each other."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    origins: tuple[Origin, ...]
    places: tuple[SidePlace, ...]

    @property
    def groups(self) -> list[tuple[int, Origin | None, int]]:
        """Each origin with its number and how many columns it spans, in their order."""
        spans: dict[int, int] = defaultdict(int)
        for column in self.columns:
            spans[column.group] += 1
        return [(group, self.origins[group - 1] if group else None, span) for group, span in spans.items()]

    @property
    def contradictions(self) -> list[str]:
        """The fields on which accounts contradict each other."""
        return [row.field for row in self.rows if row.contradicts]


def side_by_side(accounts: Sequence[AccountLine], *, viewer: Viewer, position: int | None) -> SideBySide:
    """The accounts of an incident field by field. A few queries whatever their number. Raises NotAllowed."""
    check_may(viewer, Deed.READ_REGISTER)
    lines = {line.thing: line for line in accounts}
    rows: dict[str, Account] = {}
    graphic: dict[str, str] = {}
    for part in _parts(lines):
        seen = seen_by(Account.objects.as_of(position), viewer).filter(thing__in=part)
        seen = seen.exclude(thing__in=blind_to(viewer))
        rows |= {row.thing: row for row in seen}
    for part in _parts({row.item for row in rows.values()}):
        found = Item.objects.as_of(None).filter(thing__in=part).values_list("thing", "graphic")
        graphic.update(found)
    origins = origins_of([line for line in accounts if line.thing in rows])
    groups = _groups(origins)
    order = sorted(rows, key=lambda thing: (min(groups[thing], default=len(origins) + 1), rows[thing].entry))
    columns = tuple(
        replace(_column(rows[thing], lines[thing], groups[thing], graphic), number=number)
        for number, thing in enumerate(order, 1)
    )
    return SideBySide(
        columns=columns,
        rows=tuple(_rows([rows[thing] for thing in order], columns)),
        origins=tuple(origin for origin, _ in origins),
        places=tuple(
            _place(rows[thing], lines[thing].source_name) for thing in order if _says_where(rows[thing])
        ),
    )


def _groups(origins: Sequence[tuple[Origin, Sequence[AccountLine]]]) -> Mapping[str, list[int]]:
    """Account -> the numbers of its origins, from 1."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, (_, group) in enumerate(origins, 1):
        for line in group:
            found[line.thing].append(number)
    return found


def _column(row: Account, line: AccountLine, groups: Sequence[int], graphic: Mapping[str, str]) -> Column:
    return Column(
        number=0,
        thing=row.thing,
        source_name=line.source_name,
        address=line.address,
        item=row.item,
        language=line.language,
        published=line.published,
        recorded_at=row.recorded_at,
        summary=row.summary,
        covered=graphic.get(row.item, "") != _UNCOVERED,
        compartment=row.compartment,
        group=groups[0] if groups else 0,
        other_origins=tuple(groups[1:]),
        filed_under=row.filed_under,
    )


# Field, vocabulary, point on which accounts can contradict; in the order of the page.
_FIELDS: tuple[tuple[str, str, Point | None], ...] = (
    ("occurred", "", Point.OCCURRED),
    ("place", "", Point.PLACE),
    ("killed", "", Point.KILLED),
    ("persons_present", "", Point.PRESENT),
    ("victim_party", "", Point.VICTIMS),
    ("victim_statuses", "status_fact", None),
    ("perpetrator_party", "", Point.PERPETRATORS),
    ("perpetrator_unit", "", None),
    ("manners", "manner", None),
    ("evidence_types", "evidence_type", None),
    ("announced_by", "", None),
    ("syndicated_from", "", None),
    ("follow_up", "", None),
)


def _rows(accounts: Sequence[Account], columns: tuple[Column, ...]) -> list[Row]:
    against: dict[tuple[Point, str], set[int]] = defaultdict(set)
    number = {row.thing: place for place, row in enumerate(accounts, 1)}
    for found in conflicts({row.thing: telling(row) for row in accounts}):
        against[found.point, found.left].add(number[found.right])
        against[found.point, found.right].add(number[found.left])
    rows = []
    for field, words, point in _FIELDS:
        cells = [
            _cell(row, field, tuple(sorted(against[point, row.thing])) if point else ()) for row in accounts
        ]
        if not all(cell.silent for cell in cells):
            rows.append(Row(field, words, tuple(cells), columns))
    return rows


def _cell(row: Account, field: str, against: tuple[int, ...]) -> Cell:
    locator = str(row.locators.get(field, row.locators.get("*", "")))
    if field == "occurred":
        return Cell(_days(row), (), locator, against)
    if field == "place":
        return Cell(row.place_name or place_of(row), (), locator, against)
    if field == "killed":
        said = row.killed_quantifier not in {"", Quantifier.UNKNOWN.value}
        return Cell(killed_words(row) if said else "", (), locator, against)
    value = getattr(row, field)
    if isinstance(value, list):
        return Cell("", tuple(map(str, value)), locator, against)
    return Cell("" if value is None else str(value), (), locator, against)


def _days(row: Account) -> str:
    first, last = row.occurred_earliest, row.occurred_latest
    if first is None:
        return ""
    return str(first) if last in {None, first} else f"{first} – {last}"


def telling(row: Account) -> Telling:
    """What an account says, as the method compares it with others."""
    return Telling(
        occurred=_date(row),
        place=_uncertain_place(row),
        killed=_number(row),
        present=row.persons_present,
        victim_party=row.victim_party,
        perpetrator_party=row.perpetrator_party,
    )


def _date(row: Account) -> UncertainDate | None:
    first, last = row.occurred_earliest, row.occurred_latest or row.occurred_earliest
    if first is None or last is None:
        return None
    said = row.occurred_precision or DatePrecision.DAY.value
    return UncertainDate(first, last, precision_of(first, last, DatePrecision(said)))


def _number(row: Account) -> UncertainCount | None:
    try:
        return number_said(Quantifier(row.killed_quantifier or "unknown"), row.killed_n, row.killed_m)
    except LieberError:
        # Words without the number that they need say nothing that could contradict.
        return None


def _uncertain_place(row: Account) -> UncertainPlace:
    return UncertainPlace(
        name=row.place_name,
        settlement=row.settlement,
        district=row.district,
        region=row.region,
        country=row.country,
        latitude=row.latitude,
        longitude=row.longitude,
        precision=PlacePrecision(row.place_precision or PlacePrecision.NONE),
    )


def _says_where(row: Account) -> bool:
    return bool(row.place_name or place_of(row) or row.latitude is not None)


def _place(row: Account, source_name: str) -> SidePlace:
    place = _uncertain_place(row)
    return SidePlace(
        thing=row.thing,
        source_name=source_name,
        words=row.place_name or place_of(row),
        precision=place.precision.value,
        latitude=row.latitude,
        longitude=row.longitude,
        radius_metres=place.radius,
        coordinates_from=row.coordinates_from,
    )


def _parts(things: Collection[str], size: int = 500) -> list[list[str]]:
    listed = list(things)
    return [listed[start : start + size] for start in range(0, len(listed), size)]
