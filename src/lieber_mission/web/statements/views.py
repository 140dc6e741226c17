"""The register of public statements."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ...queries import lists
from .. import filters
from ..moment import moment_of
from ..viewer import viewer_of


def statements(request: HttpRequest) -> HttpResponse:
    """Public statements under the filter in the address."""
    moment = moment_of(request)
    asked = {name: filters.text(request, name) for name in ("party", "kind", "text")}
    page = lists.statement_list(
        viewer=viewer_of(request), position=moment.position, page=filters.page_number(request), **asked
    )
    context = {
        "page": page,
        "moment": moment,
        "asked": asked,
        "choices": lists.choices(viewer=viewer_of(request)),
    }
    return render(request, "statements/list.html", context)


def statement(request: HttpRequest, thing: str) -> HttpResponse:
    """One public statement."""
    moment = moment_of(request)
    line = lists.statement(thing, viewer=viewer_of(request), position=moment.position)
    if line is None:
        raise Http404(f"No public statement {thing} is in the register at that time.")
    return render(request, "statements/detail.html", {"statement": line, "moment": moment})
