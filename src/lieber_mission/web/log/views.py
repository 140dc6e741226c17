"""The log: its head, its signed checkpoint, an entry with its proof."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lieber.base import BadInput

from ...policies.permissions import Deed, Viewer, check_may
from ...queries import log
from .. import filters
from ..viewer import viewer_of


def head(request: HttpRequest) -> HttpResponse:
    """The head of the log; a number or an id in the search leads to its entry."""
    check_may(viewer_of(request), Deed.READ_LOG)
    asked = filters.text(request, "entry")
    if asked:
        return redirect("entry", index=_index_of(asked, viewer_of(request)))
    context = {"head": log.head(), "checkpoint": log.last_checkpoint()}
    return render(request, "log/head.html", context)


def entry(request: HttpRequest, index: int) -> HttpResponse:
    """One entry, its commitment and its inclusion proof."""
    check_may(viewer_of(request), Deed.READ_LOG)
    # The log's numbers are those of a signed 64-bit column.
    viewer = viewer_of(request)
    detail = log.entry_detail(index, viewer=viewer) if index < 2**63 else None
    if detail is None:
        raise Http404(f"The log has no entry {index}.")
    context = {"entry": detail, "all_entries": log.entries_of(detail.thing, viewer=viewer)}
    return render(request, "log/entry.html", context)


def _index_of(asked: str, viewer: Viewer) -> int:
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        return int(asked)
    entries = log.entries_of(asked.upper(), viewer=viewer)
    if not entries:
        raise BadInput("The log has no entry of that: search a number, or the id of a thing.")
    return entries[-1]
