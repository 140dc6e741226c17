"""Items: lists under a filter, and one item with its source, its texts, its accounts and its screenings."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from lieber.code import Passage, passages

from ..models import Account, Item, ItemText, Screening, Source
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import seen_by
from .erasures import not_erased
from .incidents import NotInRegister
from .lists import Page, paged

# No index knows parts of an address, nor items without an account: those are looked for among so many items
# that were recorded last. A page that does so says it.
MOST_SEARCHED = 10_000
# Rows of sources that a search by name may lead to.
_MOST_SOURCES = 2_000
_FEW_SOURCES = 50
NOT_SCREENED = "none"
UNSAID = "unsaid"


def address_key(address: str) -> str:
    """The external key of the item of a page: its address may be too long for an index."""
    return f"address/{hashlib.sha256(address.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of items is filtered by; empty means any.

    `outcome` is a term of the vocabulary screening or "none", `coded` is "yes" or "no", and `graphic` a term
    of graphic_content or "unsaid" for what nobody looked at.
    """

    text: str = ""
    source: str = ""
    language: str = ""
    outcome: str = ""
    coded: str = ""
    graphic: str = ""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item in a list. `outcome` is that of its last screening; empty where nobody screened it."""

    thing: str
    address: str
    source: str
    source_name: str
    country: str
    item_kind: str
    language: str
    published_earliest: date | None
    published_latest: date | None
    graphic: str
    outcome: str
    accounts: int
    recorded_at: datetime
    compartment: str


@dataclass(frozen=True, slots=True)
class TextShown:
    """A text that was taken down, with its number among those of the item, in passages."""

    thing: str
    number: int
    text_kind: str
    language: str
    translates: str
    recorded_by: str
    recorded_at: datetime
    entry: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class ScreeningShown:
    """One decision on an item before coding."""

    version: int
    outcome: str
    reason: str
    recorded_by: str
    recorded_at: datetime
    entry: int


@dataclass(frozen=True, slots=True)
class ItemDetail:
    """An item opened: as a line, with what else is known of it."""

    line: ItemLine
    version: int
    entry: int
    recorded_by: str
    syndicated_from: str
    interview: str
    reliability: str
    reliability_reason: str
    texts: tuple[TextShown, ...]
    screenings: tuple[ScreeningShown, ...]

    @property
    def thing(self) -> str:
        """The item's id."""
        return self.line.thing

    @property
    def covered(self) -> bool:
        """Whether its words are shown only when asked for: unless somebody said that nothing is graphic."""
        return self.line.graphic != "none"


def item_list(
    *, viewer: Viewer, position: int | None, asked: Asked | None = None, page: int = 1
) -> Page[ItemLine]:
    """Items under a filter, latest first.

    `text` is a part of the name of the source, the id, the whole address, or, of the `MOST_SEARCHED` items
    recorded last, a part of it.
    """
    check_may(viewer, Deed.READ_REGISTER)
    rows = _asked_for(asked or Asked(), viewer, position)
    return paged(rows.order_by("-entry"), page, lambda part: _lines(part, position, viewer))


def _with_text(text: str) -> Q:
    """Items by a part of their source's name, their id, their address, or a part of it.

    What is found is named by its ids: so an index answers, however rare it is. Where many sources are meant
    the latest items are walked instead, and the first pages are soon full.
    """
    named = Source.objects.as_of(None).filter(name__icontains=text)
    sources = list(named.values_list("thing", flat=True)[:_MOST_SOURCES])
    exact = Item.objects.filter(external_key=address_key(text)).values_list("thing", flat=True)
    if len(sources) > _FEW_SOURCES:
        return Q(source__in=sources) | Q(address__icontains=text)
    latest = Item.objects.filter(entry__gte=searched_from(), address__icontains=text)
    things = {text.upper(), *exact, *latest.values_list("thing", flat=True)}
    return Q(thing__in=things) | Q(source__in=sources) if sources else Q(thing__in=things)


def searched_from() -> int:
    """The entry from which on addresses are searched by their parts; 0 where that is all of them."""
    entries = Item.objects.order_by("-entry").values_list("entry", flat=True)
    return entries[MOST_SEARCHED : MOST_SEARCHED + 1].first() or 0


def _asked_for(asked: Asked, viewer: Viewer, position: int | None) -> QuerySet[Item]:
    rows: QuerySet[Item] = seen_by(Item.objects.as_of(position), viewer)
    if asked.text:
        rows = rows.filter(_with_text(asked.text))
    for name, value in (("source", asked.source), ("language", asked.language)):
        if value:
            rows = rows.filter(**{name: value})
    if asked.graphic:
        rows = rows.filter(graphic="" if asked.graphic == UNSAID else asked.graphic)
    if asked.outcome == NOT_SCREENED:
        rows = rows.filter(~Exists(Screening.objects.filter(item=OuterRef("thing"))))
    elif asked.outcome:
        decided = Screening.objects.as_of(position).filter(outcome=asked.outcome)
        rows = rows.filter(thing__in=decided.values("item"))
    if asked.coded:
        held = Exists(Account.objects.filter(item=OuterRef("thing")))
        rows = rows.filter(held) if asked.coded == "yes" else rows.filter(~held, entry__gte=searched_from())
    return rows


def item_line(thing: str, *, viewer: Viewer, position: int | None) -> ItemLine | None:
    """One item as a line; None where it is not in the register then, or not for this viewer."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = list(seen_by(Item.objects.as_of(position).filter(thing=thing), viewer))
    return next(iter(_lines(rows, position, viewer)), None)


def item_detail(thing: str, *, viewer: Viewer, position: int | None) -> ItemDetail:
    """One item opened. Raises NotAllowed or NotInRegister."""
    check_may(viewer, Deed.READ_REGISTER)
    row = seen_by(Item.objects.as_of(position).filter(thing=thing), viewer).first()
    if row is None:
        raise NotInRegister(f"No item {thing} is in the register at that time; compare the id.")
    source = Source.objects.as_of(position).filter(thing=row.source).first()
    return ItemDetail(
        line=next(iter(_lines([row], position, viewer))),
        version=row.version,
        entry=row.entry,
        recorded_by=row.recorded_by,
        syndicated_from=row.syndicated_from,
        interview=row.interview,
        reliability=source.reliability if source else "",
        reliability_reason=source.reliability_reason if source else "",
        texts=tuple(item_texts(thing, viewer=viewer, position=position)),
        screenings=tuple(_screenings(thing, viewer, position)),
    )


def told_of(thing: str, *, viewer: Viewer) -> dict[str, object]:
    """What is known of where an item comes from, by the names of the form that tells it."""
    check_may(viewer, Deed.READ_REGISTER)
    row = seen_by(Item.objects.as_of(None).filter(thing=thing), viewer).first()
    if row is None:
        raise NotInRegister(f"No item {thing} is in the register; compare the id.")
    source = Source.objects.as_of(None).filter(thing=row.source).first()
    return {
        "address": row.address,
        "item_kind": row.item_kind,
        "source_name": source.name if source else "",
        "source_kind": source.source_kind if source else "",
        "country": source.country if source else "",
        "language": row.language,
        "published_earliest": row.published_earliest,
        "published_latest": row.published_latest,
        "syndicated_from": row.syndicated_from,
    }


def item_texts(thing: str, *, viewer: Viewer, position: int | None) -> Iterable[TextShown]:
    """The texts of an item in the order in which they were taken down: locators name their numbers."""
    rows = not_erased(seen_by(ItemText.objects.as_of(position).filter(item=thing), viewer))
    for number, row in enumerate(rows.order_by("entry"), 1):
        yield TextShown(
            thing=row.thing,
            number=number,
            text_kind=row.text_kind,
            language=row.language,
            translates=row.translates,
            recorded_by=row.recorded_by,
            recorded_at=row.recorded_at,
            entry=row.entry,
            passages=passages(row.text_kind, row.body),
        )


def _screenings(thing: str, viewer: Viewer, position: int | None) -> Iterable[ScreeningShown]:
    rows = not_erased(seen_by(Screening.objects.filter(item=thing), viewer))
    if position is not None:
        rows = rows.filter(entry__lt=position)
    for row in rows.order_by("-entry"):
        yield ScreeningShown(
            row.version, row.outcome, row.reason, row.recorded_by, row.recorded_at, row.entry
        )


def _lines(rows: Sequence[Item], position: int | None, viewer: Viewer) -> Iterable[ItemLine]:
    things = [row.thing for row in rows]
    sources = {
        source.thing: source
        for source in Source.objects.as_of(position).filter(thing__in={row.source for row in rows})
    }
    held = seen_by(Account.objects.as_of(position).filter(item__in=things), viewer)
    accounts = Counter(not_erased(held).values_list("item", flat=True))
    decided = Screening.objects.as_of(position).filter(item__in=things)
    outcomes = dict(not_erased(decided).values_list("item", "outcome"))
    for row in rows:
        source = sources.get(row.source)
        yield ItemLine(
            thing=row.thing,
            address=row.address,
            source=row.source,
            source_name=source.name if source else "",
            country=source.country if source else "",
            item_kind=row.item_kind,
            language=row.language,
            published_earliest=row.published_earliest,
            published_latest=row.published_latest,
            graphic=row.graphic,
            outcome=outcomes.get(row.thing, ""),
            accounts=accounts[row.thing],
            recorded_at=row.recorded_at,
            compartment=row.compartment,
        )
