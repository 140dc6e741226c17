"""Lists of the register: filtered, in pages, as of any instant.

Each list is a few queries whatever its length; things without a date or a place are never left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet

from ..models import Account, Finding, Tally
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import seen_by
from .erasures import not_erased
from .incidents import AccountLine, account_lines

PAGE = 50
# Beyond so many that a filter admits nobody pages, and counting them all would take longer than reading them.
MOST_COUNTED = 10_000
Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Page(Generic[Line]):
    """One page of a list, with the number of all that the filter admits; `more` says that they were not all
    counted."""

    lines: tuple[Line, ...]
    number: int
    pages: int
    total: int
    more: bool = False

    @property
    def before(self) -> int | None:
        """The page before, None on the first."""
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        """The page after, None on the last."""
        return self.number + 1 if self.number < self.pages else None


@dataclass(frozen=True, slots=True)
class PublishedTally:
    """Another body's number in a list."""

    thing: str
    authority: str
    value: int | None
    bound: str
    unit: str
    scope: str
    period_start: date | None
    period_end: date | None
    as_of: date | None
    notes: str
    item: str
    entry: int


def account_list(
    *, viewer: Viewer, position: int | None, party: str = "", text: str = "", item: str = "", page: int = 1
) -> Page[AccountLine]:
    """Accounts, latest first."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = not_erased(seen_by(Account.objects.as_of(position), viewer))
    if party:
        rows = rows.filter(victim_party=party)
    if item:
        rows = rows.filter(item=item)
    if text:
        rows = rows.filter(Q(summary__icontains=text) | Q(place_name__icontains=text))
    return paged(
        rows.order_by("-entry"), page, lambda part: account_lines([row.thing for row in part], position)
    )


def account(
    thing: str, *, viewer: Viewer, position: int | None
) -> tuple[AccountLine, Mapping[str, Any]] | None:
    """One account: as a line, and field by field as it was coded."""
    check_may(viewer, Deed.READ_REGISTER)
    row = not_erased(seen_by(Account.objects.as_of(position).filter(thing=thing), viewer)).first()
    if row is None:
        return None
    shown = Account.Sensitivity.public | Account.Sensitivity.internal
    fields = {name: value for name, value in row.content().items() if name in shown}
    return next(iter(account_lines([thing], position))), fields


def tally_list(
    *, viewer: Viewer, position: int | None, authority: str = "", unit: str = "", page: int = 1
) -> Page[PublishedTally]:
    """Other bodies' numbers, latest entry first."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = seen_by(Tally.objects.as_of(position), viewer)
    if authority:
        rows = rows.filter(authority__icontains=authority)
    if unit:
        rows = rows.filter(unit=unit)
    return paged(rows.order_by("-entry"), page, _tally_lines)


def tally(thing: str, *, viewer: Viewer, position: int | None) -> PublishedTally | None:
    """One tally, None where it is not in the register then."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = list(seen_by(Tally.objects.as_of(position).filter(thing=thing), viewer))
    return next(iter(_tally_lines(rows)), None)


def _tally_lines(rows: Sequence[Tally]) -> Iterable[PublishedTally]:
    for row in rows:
        yield PublishedTally(
            thing=row.thing,
            authority=row.authority,
            value=row.value,
            bound=row.bound,
            unit=row.unit,
            scope=row.scope,
            period_start=row.period_start_earliest,
            period_end=row.period_end_latest,
            as_of=row.as_of_latest,
            notes=row.notes,
            item=row.item,
            entry=row.entry,
        )


def choices(*, viewer: Viewer) -> dict[str, list[str]]:
    """What the filters of the lists offer, as far as the register holds it for this viewer."""
    tallies = seen_by(Tally.objects.all(), viewer)
    return {
        "parties": sorted(set(Finding.objects.values_list("victim_party", flat=True).distinct()) - {""}),
        "units": sorted(tallies.values_list("unit", flat=True).distinct()),
    }


def paged(rows: QuerySet[Any], number: int, lines: Callable[[Sequence[Any]], Iterable[Line]]) -> Page[Line]:
    """One page of rows, as lines; a number beyond the last page means the last.

    Of more than `MOST_COUNTED` the number is not told exactly, and no further page is shown.
    """
    counted = rows.order_by()[: MOST_COUNTED + 1].count()
    total = min(counted, MOST_COUNTED)
    pages = max(1, -(-total // PAGE))
    number = min(max(1, number), pages)
    part = list(rows[PAGE * (number - 1) : PAGE * number])
    return Page(tuple(lines(part)), number, pages, total, more=counted > MOST_COUNTED)
