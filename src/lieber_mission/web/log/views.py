"""The log: its head, its signed checkpoint, entries by kind, day and officer, an entry with its proof."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lieber.base import BadInput

from ...policies.permissions import Deed, Viewer, check_may, may
from ...queries import log, log_search
from ...queries.exhibits import stamps_of_checkpoint
from ...queries.officers import titles
from .. import filters
from ..languages import said
from ..viewer import viewer_of


def head(request: HttpRequest) -> HttpResponse:
    """The head of the log, and its entries; a number or an id in the search leads to its entry."""
    viewer = viewer_of(request)
    check_may(viewer, Deed.READ_LOG)
    wanted = filters.text(request, "entry")
    if wanted:
        return redirect("entry", index=_index_of(wanted, viewer))
    asked = {"kind": filters.text(request, "kind"), "officer": filters.text(request, "officer")}
    day = filters.day(request, "day")
    page = log_search.entries(viewer=viewer, day=day, page=filters.page_number(request), **asked)
    last = log.last_checkpoint()
    context = {
        "head": log.head(),
        "checkpoint": last,
        "stamps": stamps_of_checkpoint(last.size, viewer=viewer) if last else [],
        "page": page,
        "asked": asked,
        "day": day,
        "kinds": [(kind, said(kind.replace("_", " "))) for kind in log_search.kinds()],
        "officers": titles(),
        "reach": log_search.REACH,
    }
    return render(request, "log/head.html", context)


def entry(request: HttpRequest, index: int) -> HttpResponse:
    """One entry, its commitment and its inclusion proof."""
    viewer = viewer_of(request)
    check_may(viewer, Deed.READ_LOG)
    # The log's numbers are those of a signed 64-bit column.
    detail = log.entry_detail(index, viewer=viewer) if index < 2**63 else None
    if detail is None:
        raise Http404(f"The log has no entry {index}.")
    entries = log.entries_of(detail.thing, viewer=viewer)
    context = {
        "entry": detail,
        "kind": said(detail.kind.replace("_", " ")),
        "all_entries": entries,
        "supersedes": entries[detail.version - 2] if detail.version > 1 and entries else None,
        "checkpoint": log.last_checkpoint(),
        "address": _address_of(detail.thing) if may(viewer, Deed.READ_REGISTER) else "",
    }
    return render(request, "log/entry.html", context)


# How the ids of things begin that have a page, and its route.
PAGES = {
    "INC": "incident",
    "ITM": "item",
    "ACC": "account",
    "PST": "statement",
    "TLY": "tally",
    "FUP": "follow-up",
}


def _address_of(thing: str) -> str:
    return PAGES.get(thing[:3], "")


def proof(request: HttpRequest, index: int) -> HttpResponse:
    """The inclusion proof of an entry as a file."""
    if index >= 2**63:
        raise Http404(f"The log has no entry {index}.")
    text = log_search.proof_file(index, viewer=viewer_of(request))
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="entry-{index}.tlog-proof"'
    return response


def _index_of(asked: str, viewer: Viewer) -> int:
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        return int(asked)
    entries = log.entries_of(asked.upper(), viewer=viewer)
    if not entries:
        raise BadInput("The log has no entry of that: search a number, or the id of a thing.")
    return entries[-1]
