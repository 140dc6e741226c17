"""Captures: asking for pages, and what came of them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from lieber.base import LieberError

from ...actions.capture import ask_for_captures
from ...actions.intake import Circumstances
from ...policies.permissions import Deed, may
from ...queries import captures as known
from ...queries import compartments
from ...queries.officers import titles
from .. import filters
from ..viewer import note_shown, viewer_of
from .forms import CaptureAsked

STATUSES = ("complete", "incomplete", "failed")


def captures(request: HttpRequest) -> HttpResponse:
    """What was captured, and asking for more."""
    viewer = viewer_of(request)
    own = compartments.names(frozenset(viewer.compartments))
    form = CaptureAsked(
        request.POST or None,
        initial={"addresses": filters.address(request, "address")},
        compartments=sorted(own.items(), key=lambda pair: pair[1]),
    )
    if request.method == "POST" and form.is_valid() and _asked(request, form):
        return redirect("captures")
    status = filters.one_of(request, "status", STATUSES)
    page = known.capture_list(viewer=viewer, status=status, page=filters.page_number(request))
    note_shown(request, page.lines)
    may_collect = may(viewer, Deed.COLLECT)
    context = {
        "form": form,
        "page": page,
        "status": status,
        "statuses": STATUSES,
        "waiting": known.asked_captures(viewer=viewer) if may_collect else (),
        "officers": titles(),
        "may_collect": may_collect,
        "bookmark": f"javascript:location.href='{request.build_absolute_uri(request.path)}"
        "?address='+encodeURIComponent(location.href)",
    }
    return render(request, "held/captures.html", context, status=422 if form.errors else 200)


def _asked(request: HttpRequest, form: CaptureAsked) -> bool:
    typed = form.cleaned_data
    circumstances = Circumstances(
        language=typed["language"],
        graphic=typed["graphic"],
        compartment=typed["compartment"],
        what="collected",
    )
    try:
        number = ask_for_captures(
            typed["addresses"].split(),
            circumstances=circumstances,
            films=typed["films"],
            by=viewer_of(request),
            at=datetime.now(UTC),
        )
    except LieberError as error:
        form.add_error("addresses", str(error))
        return False
    messages.success(
        request,
        ngettext("%(n)d page waits for a worker.", "%(n)d pages wait for a worker.", number) % {"n": number},
    )
    return True
