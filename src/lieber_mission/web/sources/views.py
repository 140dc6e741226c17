"""A source: its reliability with the reason, and how it was judged over time."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lieber.base import LieberError

from ...actions import collect as deeds
from ...actions.record import VersionConflict
from ...policies.permissions import Deed, may
from ...queries.officers import titles
from ...queries.sources import source_detail
from ..items.forms import Judged
from ..items.views import status_of
from ..moment import moment_of
from ..viewer import viewer_of


def source(request: HttpRequest, thing: str) -> HttpResponse:
    """One source; judging it anew."""
    moment, viewer = moment_of(request), viewer_of(request)
    detail = source_detail(thing, viewer=viewer, position=moment.position)
    form = Judged(request.POST or None, initial={"on_version": detail.last.version})
    conflict = False
    if request.method == "POST" and form.is_valid():
        try:
            deeds.judge_source(source=thing, **form.cleaned_data, by=viewer, at=datetime.now(UTC))
        except VersionConflict as error:
            # theirs stands in the history on this page, beside what was typed
            conflict = True
            form = Judged(form.cleaned_data | {"on_version": detail.last.version})
            form.is_valid()
            form.add_error(None, str(error))
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return redirect("source", thing=thing)
    context = {
        "source": detail,
        "form": form,
        "moment": moment,
        "officers": titles(),
        "may_code": may(viewer, Deed.CODE) and moment.position is None,
    }
    return render(request, "sources/detail.html", context, status=409 if conflict else status_of(form))
