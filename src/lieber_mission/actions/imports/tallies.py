"""Tallies: other bodies' published numbers, as pages give them."""

from __future__ import annotations

from datetime import date

from ...models import Tally
from .material import Taking, Values, settle_bare_pages
from .settle import Settled, settle

_NEITHER = (None, None)


def settle_tallies(rows: list[Values], taking: Taking) -> Settled:
    """Sources, items and tallies of the rows."""
    settled = Settled()
    published: dict[str, date | None] = {}
    for values in rows:
        # Of several rows on one page the first that gives a day decides.
        published[values["url"]] = published.get(values["url"]) or values["published_on"]
    items = settle_bare_pages(published, settled, taking)
    settled.add(settle([_tally(values, items[values["url"]], taking) for values in rows]))
    return settled


def _tally(values: Values, item: str, taking: Taking) -> Tally:
    as_of = values["as_of"] or _NEITHER
    start, end = values["period_start"] or _NEITHER, values["period_end"] or _NEITHER
    return Tally(
        external_key=taking.key("tallies", values["tally_id"]),
        item=item,
        authority=values["authority"],
        as_of_earliest=as_of[0],
        as_of_latest=as_of[1],
        period_start_earliest=start[0],
        period_start_latest=start[1],
        period_end_earliest=end[0],
        period_end_latest=end[1],
        scope=values["scope"],
        unit=values["unit"],
        value=values["value"],
        bound=values["bound"],
        notes=values["notes"],
    )
