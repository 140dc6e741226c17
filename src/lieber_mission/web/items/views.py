"""Items, the accounts they hold, and an account field by field."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ...queries import lists
from .. import filters
from ..moment import moment_of
from ..viewer import note_shown, viewer_of


def items(request: HttpRequest) -> HttpResponse:
    """Items under the filter in the address."""
    moment, text = moment_of(request), filters.text(request, "text")
    page = lists.item_list(
        viewer=viewer_of(request), position=moment.position, text=text, page=filters.page_number(request)
    )
    note_shown(request, page.lines)
    return render(request, "items/list.html", {"page": page, "moment": moment, "asked": {"text": text}})


def item(request: HttpRequest, thing: str) -> HttpResponse:
    """One item with all accounts it holds."""
    moment = moment_of(request)
    line = lists.item_line(thing, viewer=viewer_of(request), position=moment.position)
    if line is None:
        raise Http404(f"No item {thing} is in the register at that time.")
    page = lists.account_list(viewer=viewer_of(request), position=moment.position, item=thing)
    note_shown(request, [line, *page.lines])
    return render(request, "items/detail.html", {"item": line, "page": page, "moment": moment})


def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts under the filter in the address."""
    moment = moment_of(request)
    asked = {"party": filters.text(request, "party"), "text": filters.text(request, "text")}
    page = lists.account_list(
        viewer=viewer_of(request), position=moment.position, page=filters.page_number(request), **asked
    )
    note_shown(request, page.lines)
    context = {
        "page": page,
        "moment": moment,
        "asked": asked,
        "choices": lists.choices(viewer=viewer_of(request)),
    }
    return render(request, "items/accounts.html", context)


def account(request: HttpRequest, thing: str) -> HttpResponse:
    """One account, each field as it was coded, with where in the item it stands."""
    moment = moment_of(request)
    found = lists.account(thing, viewer=viewer_of(request), position=moment.position)
    if found is None:
        raise Http404(f"No account {thing} is in the register at that time.")
    line, fields = found
    note_shown(request, [line])
    whole = fields["locators"].get("*", "")
    rows = [
        (name.replace("_", " "), value, fields["locators"].get(name, whole))
        for name, value in fields.items()
        if name not in {"locators", "external_key"}
    ]
    return render(request, "items/account.html", {"account": line, "rows": rows, "moment": moment})
