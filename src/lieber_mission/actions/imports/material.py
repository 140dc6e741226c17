"""Sources and items behind the rows of any table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from lieber.assess import Methodology
from lieber.link import Authorities

from ...models import Item, Source
from ...policies.permissions import Viewer
from ...queries.items import address_key
from ..record import batches
from .settle import Settled, settle

Values = Mapping[str, Any]


@dataclass(slots=True)
class Taking:
    """How a table is taken in: by whom, when, under which rules; and what is noted on the way.

    `collection` keeps the keys of different tables apart: "R0001" of one coder is not that of
    another.
    """

    by: Viewer
    at: datetime
    methodology: Methodology
    authorities: Authorities
    collection: str = ""
    replayed: bool = False
    notes: list[str] = field(default_factory=list)

    def key(self, form: str, name: str) -> str:
        """The external key of a row of this collection."""
        return f"{form}/{self.collection}/{name}"


@dataclass(frozen=True, slots=True)
class Page:
    """What a table says of one page: enough for a source and an item."""

    address: str
    outlet: str
    country: str = ""
    language: str = ""
    published_earliest: date | None = None
    published_latest: date | None = None
    syndicated_from: str = ""


def host_of(address: str) -> str:
    """The name under which an outlet is kept that no table names: its host."""
    return (urlsplit(address).hostname or address).removeprefix("www.")


def settle_pages(pages: Iterable[Page], settled: Settled, taking: Taking) -> dict[str, str]:
    """Address -> item id, with sources and items that are new or better known settled.

    Of several rows on one page the first that says something decides. What lies in another's compartment
    is left as it is.
    """
    by_address: dict[str, Page] = {}
    for page in pages:
        known = by_address.get(page.address)
        by_address[page.address] = _fuller(known, page) if known else page
    sources = _settle_sources(by_address.values(), settled)
    items = [
        Item(
            external_key=address_key(page.address),
            source=sources[page.outlet],
            item_kind="web_page",
            address=page.address,
            language=page.language,
            published_earliest=page.published_earliest,
            published_latest=page.published_latest,
            syndicated_from=page.syndicated_from,
        )
        for page in by_address.values()
    ]
    settled.add(
        settle(
            items,
            keep=(
                "source",
                "language",
                "published_earliest",
                "published_latest",
                "syndicated_from",
                "compartment",
            ),
            reconcile=partial(_reconcile, frozenset(taking.by.compartments)),
        )
    )
    return {item.address: item.thing for item in items}


def _reconcile(member_of: frozenset[str], item: Item, known: Item) -> None:
    if known.compartment and known.compartment not in member_of:
        for name in Item.committed():
            setattr(item, name, getattr(known, name))
    else:
        _keep_narrower_day(item, known)


def _keep_narrower_day(item: Item, known: Item) -> None:
    """A table that knows only the month of a page does not widen the day that another knows."""
    wide = item.published_earliest, item.published_latest
    narrow = known.published_earliest, known.published_latest
    if None not in (*wide, *narrow) and wide[0] <= narrow[0] and narrow[1] <= wide[1]:
        item.published_earliest, item.published_latest = narrow


def _settle_sources(pages: Iterable[Page], settled: Settled) -> dict[str, str]:
    outlets: dict[str, str] = {}
    for page in pages:
        outlets[page.outlet] = outlets.get(page.outlet) or page.country
    sources = [
        Source(
            external_key=f"outlet/{outlet[:250]}",
            source_kind="media_outlet",
            name=outlet,
            country=country,
            party_alignment="unknown",
            # F: reliability cannot be judged; it is not the worst, it is not known yet.
            reliability="F",
        )
        for outlet, country in outlets.items()
    ]
    settled.add(settle(sources, keep=("country",)))
    return {source.name: source.thing for source in sources}


def _fuller(known: Page, other: Page) -> Page:
    return Page(*(getattr(known, name) or getattr(other, name) for name in Page.__slots__))


def settle_bare_pages(pages: Mapping[str, date | None], settled: Settled, taking: Taking) -> dict[str, str]:
    """Items for pages of which a table gives the address and perhaps the day, and no outlet.

    A page that another table described keeps its outlet; a new one gets its host as outlet.
    """
    outlets = _known_outlets(pages)
    return settle_pages(
        [
            Page(
                address=address,
                outlet=outlets.get(address) or host_of(address),
                published_earliest=published,
                published_latest=published,
            )
            for address, published in pages.items()
        ],
        settled,
        taking,
    )


def _known_outlets(addresses: Iterable[str]) -> dict[str, str]:
    """Address -> the name of the source, for pages of which the register holds an item."""
    sources: dict[str, str] = {}
    for keys in batches(map(address_key, addresses)):
        items = Item.objects.as_of(None).filter(external_key__in=keys)
        sources.update(items.values_list("address", "source"))
    names: dict[str, str] = {}
    for things in batches(set(sources.values())):
        names.update(Source.objects.as_of(None).filter(thing__in=things).values_list("thing", "name"))
    return {address: names[source] for address, source in sources.items()}
