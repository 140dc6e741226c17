"""What the address of the incidents' list asks for: filter, order, columns, view, page.

The whole state is in the address, so that a link shows to others what it shows here. What an old or
mistyped address asks for and no list knows is left out or gets a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lieber.base import BadInput

from ...queries.overview import DEFAULT_SORT, NO, SORTS, YES, Filter
from .. import filters

VIEWS: Mapping[str, str | Promise] = {"table": _("Table"), "cards": _("Cards"), "map": _("Map")}
# The columns that can be shown beside the title: what each is called, and by which sort its head sorts.
COLUMNS: Mapping[str, tuple[str | Promise, str]] = {
    "tier": (_("Tier"), "tier"),
    "day": (_("Occurred"), "day"),
    "place": (_("Place"), "place"),
    "region": (_("Region"), ""),
    "victims": (_("Victims of"), ""),
    "perpetrators": (_("Attributed to"), ""),
    "killed": (_("Killed: min / best / max"), "killed"),
    "status": (_("Status"), ""),
    "manner": (_("Manner"), ""),
    "accounts": (_("Accounts"), "accounts"),
    "point": (_("Point"), ""),
    "changed": (_("Last entry"), "changed"),
}
SHOWN_FIRST = ("tier", "day", "place", "victims", "perpetrators", "killed", "accounts")
_TEXTS = ("party", "perpetrator", "place", "region", "manner", "text")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "contested": ("", YES, NO),
    "finding": ("", YES, NO),
    "dated": ("", YES, NO),
    "located": ("", YES, NO),
    "merged": (NO, YES),
}
_MOST_ACCOUNTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """The state of the list."""

    filter: Filter
    sort: str = DEFAULT_SORT
    columns: tuple[str, ...] = SHOWN_FIRST
    view: str = "table"
    page: int = 1
    as_of: str = ""

    def address(self, **changes: str) -> str:
        """The state as the query of an address, with some of it changed; its own order, nothing that is
        as it would be anyhow."""
        state = self.state() | changes
        return urlencode({name: value for name, value in state.items() if value})

    def state(self) -> dict[str, str]:
        """Every part of the state that is not as it would be anyhow, as text."""
        asked = self.filter
        return {
            "party": asked.party,
            "perpetrator": asked.perpetrator,
            "tier": asked.tier.word if asked.tier is not None else "",
            "contested": asked.contested,
            "since": str(asked.since or ""),
            "until": str(asked.until or ""),
            "place": asked.place,
            "region": asked.region,
            "manner": asked.manner,
            "finding": asked.finding,
            "dated": asked.dated,
            "located": asked.located,
            "accounts": "" if asked.accounts is None else str(asked.accounts),
            "text": asked.text,
            "merged": "" if asked.merged == NO else asked.merged,
            "sort": "" if self.sort == DEFAULT_SORT else self.sort,
            "columns": "" if self.columns == SHOWN_FIRST else ",".join(self.columns) or "-",
            "view": self.view,
            "as_of": self.as_of,
        }

    @property
    def narrowed(self) -> dict[str, str]:
        """The parts of the filter that leave incidents out."""
        kept = {"sort", "columns", "view", "as_of"}
        return {name: value for name, value in self.state().items() if value and name not in kept}


def asked_in(request: HttpRequest, *, view: str = "table") -> Asked:
    """The state that an address asks for; `view` is the one where it names none.

    Raises BadInput for what cannot be a day, a tier, a number or a page.
    """
    texts = {name: filters.text(request, name) for name in _TEXTS}
    choices = {name: _choice(request, name, known) for name, known in _CHOICES.items()}
    since, until = filters.day(request, "since"), filters.day(request, "until")
    if since and until and since > until:
        raise BadInput(f"A period ends on or after its first day: found {since} to {until}; exchange them.")
    asked = Filter(
        tier=filters.tier(request), since=since, until=until, accounts=_accounts(request), **texts, **choices
    )
    sort = filters.text(request, "sort")
    shown = filters.text(request, "view")
    return Asked(
        filter=asked,
        sort=sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT,
        columns=_columns(request),
        view=shown if shown in VIEWS else view,
        page=filters.page_number(request),
        as_of=request.GET.get("as_of", "").strip(),
    )


def _choice(request: HttpRequest, name: str, known: tuple[str, ...]) -> str:
    value = filters.text(request, name)
    return value if value in known else known[0]


def _accounts(request: HttpRequest) -> int | None:
    value = filters.text(request, "accounts")
    if not value:
        return None
    if not (value.isascii() and value.isdigit()) or len(value) > 7 or int(value) > _MOST_ACCOUNTS:
        raise BadInput(f"A number of accounts is one from 0 to {_MOST_ACCOUNTS}: found {value[:20]!r}.")
    return int(value)


def _columns(request: HttpRequest) -> tuple[str, ...]:
    """Columns by one comma list, as links have it, or one by one, as the form sends them."""
    named = [part for value in request.GET.getlist("columns") for part in value[:200].split(",")]
    if not any(named):
        return SHOWN_FIRST
    return tuple(name for name in COLUMNS if name in named)
