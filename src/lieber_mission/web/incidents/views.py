"""The list of incidents, and an incident opened down to its items."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from lieber.assess import Tier

from ...policies.permissions import Deed, may
from ...queries import lists
from ...queries.incidents import incident_detail
from ...queries.officers import titles
from ...queries.origins import origins_of
from .. import filters
from ..moment import moment_of
from ..viewer import note_shown, viewer_of


def incidents(request: HttpRequest) -> HttpResponse:
    """Incidents under the filter in the address."""
    moment = moment_of(request)
    asked = {"party": filters.text(request, "party"), "text": filters.text(request, "text")}
    page = lists.incident_list(
        viewer=viewer_of(request),
        position=moment.position,
        tier=filters.tier(request),
        page=filters.page_number(request),
        **asked,
    )
    context = {
        "page": page,
        "moment": moment,
        "asked": asked,
        "choices": lists.choices(viewer=viewer_of(request)),
        "tiers": list(Tier),
    }
    return render(request, "incidents/list.html", context)


def incident(request: HttpRequest, thing: str) -> HttpResponse:
    """One incident; a merged one leads to the incident that is counted."""
    moment = moment_of(request)
    detail = incident_detail(thing, viewer=viewer_of(request), position=moment.position)
    if detail.merged_into:
        address = reverse("incident", args=[detail.merged_into])
        return redirect(f"{address}?{moment.query}" if moment.query else address, permanent=False)
    note_shown(request, detail.accounts)
    context = {
        "detail": detail,
        "may_assess": may(viewer_of(request), Deed.RECORD_FINDING),
        "moment": moment,
        "officers": titles(),
        "origins": origins_of(detail.accounts),
        "killed_said": sorted({account.killed for account in detail.accounts}),
        "places_said": sorted({account.place for account in detail.accounts if account.place}),
        "days_said": sorted({str(account.occurred[0]) for account in detail.accounts if account.occurred[0]}),
    }
    return render(request, "incidents/detail.html", context)
