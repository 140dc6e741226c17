"""The first page, the inbox, and the queues that have no desk of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lieber.base import BadInput

from ...actions.desk import note_visit
from ...actions.protect.withdrawals import lower_where_consent_ended
from ...policies.permissions import Deed, may
from ...queries import inbox as waits
from ...queries import log
from ...queries.changes import changes_since_visit
from ...queries.headlines import HeadlineFigures, headline_figures
from ...queries.officers import titles
from .. import filters
from ..figures.chart import UNKNOWN, month_rows
from ..viewer import viewer_of
from .queues import queues_of
from .unfinished import unfinished

_ROUTES_OF = {
    "INC": "incident",
    "ACC": "account",
    "ITM": "item",
    "PST": "statement",
    "PRP": "proposal",
    "TAL": "tally",
}


def home(request: HttpRequest) -> HttpResponse:
    """Figures, what waits, what changed. Whoever may not read the register is led to what they may do."""
    viewer, now = viewer_of(request), datetime.now(UTC)
    if not may(viewer, Deed.READ_REGISTER):
        for deed, route in ((Deed.MANAGE_OFFICERS, "officers"), (Deed.READ_LOG, "log")):
            if may(viewer, deed):
                return redirect(route)
        return render(request, "people/no_role.html")
    context = {
        **_figures(request, now, at_once=False),
        "queues": [
            each for each in queues_of(viewer, on=now.date()) if each.number.n or not each.number.whole
        ],
        "changes": changes_since_visit(viewer=viewer, at=now),
        "drafts": unfinished(viewer=viewer)[:5],
        "officers": titles(),
    }
    return render(request, "home/home.html", context)


def home_figures(request: HttpRequest) -> HttpResponse:
    """The figures of the first page alone: they are counted now, however long that takes."""
    shown = _figures(request, datetime.now(UTC), at_once=True)
    alone = "home/figures.html" if "HX-Request" in request.headers else "home/figures_alone.html"
    return render(request, alone, shown)


def _figures(request: HttpRequest, now: datetime, *, at_once: bool) -> dict[str, object]:
    try:
        figures = headline_figures(viewer=viewer_of(request), at=now, at_once=at_once)
    except BadInput as error:
        return {"problem": str(error)}
    if figures is None:
        return {"uncounted": True}
    shown = [_shown(each) for each in figures if each.values]
    return {"headlines": shown, "empty": not shown}


def _shown(figures: HeadlineFigures) -> dict[str, object]:
    window = figures.headline.window
    days = {name: str(day) for name, day in (("since", window.since), ("until", window.until)) if day}
    rows = month_rows(figures.months, window)
    tier = {"tier": figures.month_tier.word}
    return {
        "figures": figures,
        "parties": [
            (
                party,
                [
                    (value, urlencode({"victims": party, "tier": value.tier.word} | days))
                    for value in figures.values
                    if value.party == party
                ],
            )
            for party in figures.parties
        ],
        "rows": rows,
        "undrawn": [
            (party, part)
            for party, parts in figures.months.items()
            for part in parts
            if part.group == UNKNOWN and part.incidents.max
        ],
        "chart": urlencode({"victims": figures.parties[0]} | tier | days),
    }


def seen(request: HttpRequest) -> HttpResponse:
    """Remember that the officer has seen what changed."""
    if request.method == "POST":
        size = request.POST.get("size", "")
        known = log.size()
        if not (size.isascii() and size.isdigit()) or not 0 <= int(size[:18]) <= known:
            raise BadInput(f"What was seen is a length of the log up to {known}: found {size[:20]!r}.")
        note_visit(size=int(size), by=viewer_of(request), at=datetime.now(UTC))
        messages.success(request, _("From now on the page shows what changes after this."))
    return redirect("home")


def inbox(request: HttpRequest) -> HttpResponse:
    """Every queue of the officer with its number."""
    viewer = viewer_of(request)
    queues = list(queues_of(viewer, on=datetime.now(UTC).date()))
    return render(request, "inbox/inbox.html", {"queues": queues, "drafts": unfinished(viewer=viewer)})


def unassessed(request: HttpRequest) -> HttpResponse:
    """Incidents without a finding."""
    page, whole = waits.unassessed(viewer=viewer_of(request), page=filters.page_number(request))
    return render(request, "inbox/unassessed.html", {"page": page, "whole": whole})


def calls(request: HttpRequest) -> HttpResponse:
    """Comments that call the officer."""
    page = waits.calls(viewer=viewer_of(request), page=filters.page_number(request))
    names = waits.names_of([call.about for call in page.lines])
    lines = [(call, _ROUTES_OF.get(call.about[:3], ""), names.get(call.about, "")) for call in page.lines]
    return render(request, "inbox/calls.html", {"page": page, "lines": lines, "officers": titles()})


def consents(request: HttpRequest) -> HttpResponse:
    """Consents that ended or end soon; what rested on those that ended is lowered by a form."""
    if request.method == "POST":
        fallen = lower_where_consent_ended(by=viewer_of(request), at=datetime.now(UTC))
        if fallen:
            messages.warning(request, _("Findings that fell: %(ids)s.") % {"ids": ", ".join(fallen)})
        else:
            messages.success(request, _("No finding rests on what may not be used any more."))
        return redirect("consents")
    page = waits.consents(
        viewer=viewer_of(request), on=datetime.now(UTC).date(), page=filters.page_number(request)
    )
    may_lower = may(viewer_of(request), Deed.RECORD_INTERVIEW)
    return render(request, "inbox/consents.html", {"page": page, "may_lower": may_lower})
