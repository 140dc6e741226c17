"""Items, the accounts they hold, and an account field by field."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lieber.base import LieberError

from ...actions import code as coding_deeds
from ...actions import collect as deeds
from ...actions.record import VersionConflict
from ...policies.permissions import Deed, Viewer, may
from ...queries import coding, compartments, lists
from ...queries import items as known
from ...queries.desk import KeptDraft, blind_to, draft_of
from ...queries.exhibits import originals_of
from ...queries.officers import titles
from ...queries.sources import source_names
from .. import filters
from ..coding.forms import Asked as AskedForm
from ..coding.words import LABELS, Words, shown
from ..moment import moment_of
from ..saving import beside
from ..viewer import note_shown, viewer_of
from .forms import NewItem, Screened, TakenDown, Told

OUTCOMES = ("none", "to_code", "later", "not_relevant", "coded")
GRAPHIC = ("unsaid", "none", "distressing", "severe")


def items(request: HttpRequest) -> HttpResponse:
    """Items under the filter in the address."""
    moment, viewer = moment_of(request), viewer_of(request)
    asked = known.Asked(
        text=filters.text(request, "text"),
        source=filters.text(request, "source"),
        language=filters.text(request, "language"),
        outcome=filters.one_of(request, "outcome", OUTCOMES),
        coded=filters.one_of(request, "coded", ("yes", "no")),
        graphic=filters.one_of(request, "graphic", GRAPHIC),
    )
    page = known.item_list(
        viewer=viewer, position=moment.position, asked=asked, page=filters.page_number(request)
    )
    note_shown(request, page.lines)
    context = {
        "page": page,
        "moment": moment,
        "asked": asked,
        "narrowed": bool(asked.text or asked.coded == "no") and known.searched_from() > 0,
        "most_searched": known.MOST_SEARCHED,
        "outcomes": OUTCOMES[1:],
        "graphic": GRAPHIC[1:],
        "may_code": may(viewer, Deed.CODE),
    }
    return render(request, "items/list.html", context)


def item(request: HttpRequest, thing: str) -> HttpResponse:
    """One item with its texts and all accounts it holds; screening it."""
    moment, viewer = moment_of(request), viewer_of(request)
    detail = known.item_detail(thing, viewer=viewer, position=moment.position)
    form = _screening_form(request, detail)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.screen_item(item=thing, **form.cleaned_data, by=viewer, at=datetime.now(UTC))
        except VersionConflict as error:
            form = Screened(form.cleaned_data | {"on_version": _version_of(detail)})
            form.is_valid()
            form.add_error(None, str(error))
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return redirect("item", thing=thing)
    page = lists.account_list(
        viewer=viewer, position=moment.position, item=thing, page=filters.page_number(request)
    )
    note_shown(request, [detail.line, *page.lines])
    context = {
        "item": detail,
        "held": originals_of(thing, viewer=viewer, position=moment.position),
        "page": page,
        "moment": moment,
        "form": form,
        "blind": blind_to(viewer),
        "officers": titles(),
        "may_code": may(viewer, Deed.CODE) and moment.position is None and not detail.interview,
    }
    return render(request, "items/detail.html", context, status=status_of(form))


def _version_of(detail: known.ItemDetail) -> int:
    return detail.screenings[0].version if detail.screenings else 0


def _screening_form(request: HttpRequest, detail: known.ItemDetail) -> Screened:
    last = detail.screenings[0] if detail.screenings else None
    initial = {
        "on_version": _version_of(detail),
        "outcome": last.outcome if last else "",
        "reason": last.reason if last else "",
        "graphic": detail.line.graphic,
    }
    return Screened(request.POST or None, initial=initial)


def new_item(request: HttpRequest) -> HttpResponse:
    """Record an item by hand."""
    viewer, kept = viewer_of(request), draft_of("item", "", viewer=viewer_of(request))
    own = compartments.names(frozenset(viewer.compartments))
    form = NewItem(
        request.POST or None,
        initial=fresh(kept),
        compartments=sorted(own.items(), key=lambda pair: pair[1]),
    )
    there = ""
    if request.method == "POST" and form.is_valid():
        try:
            thing = _record(form, viewer)
        except deeds.AlreadyThere as error:
            there = error.thing
            form.add_error("address", str(error))
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            coding_deeds.discard_draft(form="item", about="", by=viewer)
            messages.success(request, _("Recorded."))
            return redirect("item", thing=thing)
    context = {
        "form": form,
        "there": there,
        "kept": kept if request.method == "GET" else None,
        "sources": source_names(viewer=viewer),
    }
    return render(request, "items/new.html", context, status=status_of(form))


def _record(form: NewItem, viewer: Viewer) -> str:
    typed = form.cleaned_data
    return deeds.record_item(
        address=typed["address"],
        source=deeds.NewSource(typed["source_name"], typed["source_kind"], typed["country"]),
        item_kind=typed["item_kind"],
        language=typed["language"],
        published=(typed["published_earliest"], typed["published_latest"]),
        graphic=typed["graphic"],
        syndicated_from=typed["syndicated_from"],
        compartment=typed.get("compartment", ""),
        once=typed["once"],
        by=viewer,
        at=datetime.now(UTC),
    )


def tell_item(request: HttpRequest, thing: str) -> HttpResponse:
    """Say where an item comes from, after it was taken in."""
    viewer = viewer_of(request)
    detail = known.item_detail(thing, viewer=viewer, position=None)
    if detail.interview:
        raise Http404(thing)
    note_shown(request, [detail.line])
    filled = known.told_of(thing, viewer=viewer)
    form = Told(request.POST or None, initial=filled | {"on_version": detail.version})
    conflict, theirs = False, []
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            deeds.tell_item(
                item=thing,
                known=deeds.Known(
                    address=typed["address"],
                    source=deeds.NewSource(typed["source_name"], typed["source_kind"], typed["country"]),
                    item_kind=typed["item_kind"],
                    language=typed["language"],
                    published=(typed["published_earliest"], typed["published_latest"]),
                    syndicated_from=typed["syndicated_from"],
                ),
                on_version=typed["on_version"],
                by=viewer,
                at=datetime.now(UTC),
            )
        except VersionConflict:
            conflict, theirs = True, beside(form, filled)
            form = Told(request.POST.dict() | {"on_version": detail.version})
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return redirect("item", thing=thing)
    context = {
        "item": detail,
        "form": form,
        "conflict": conflict,
        "differing": theirs,
        "version": detail.version,
        "recorded_at": detail.line.recorded_at,
        "recorded_by": detail.recorded_by,
        "officers": titles(),
        "sources": source_names(viewer=viewer),
    }
    return render(request, "items/tell.html", context, status=status_of(form))


def fresh(kept: KeptDraft | None) -> dict[str, object]:
    """What a form begins with: its draft, and a key of its own, so that sent twice it is one row."""
    return {**(dict(kept.fields) if kept else {}), "once": secrets.token_urlsafe(18)}


def new_text(request: HttpRequest, thing: str) -> HttpResponse:
    """Take down words of an item."""
    viewer = viewer_of(request)
    detail = known.item_detail(thing, viewer=viewer, position=None)
    kept = draft_of("item-text", thing, viewer=viewer)
    texts = [
        (text.thing, _("text %(number)s") % {"number": text.number})
        for text in detail.texts
        if text.text_kind != "translation"
    ]
    initial = {"language": detail.line.language, **fresh(kept)}
    form = TakenDown(request.POST or None, initial=initial, texts=texts)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.take_down(item=thing, **form.cleaned_data, by=viewer, at=datetime.now(UTC))
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            coding_deeds.discard_draft(form="item-text", about=thing, by=viewer)
            messages.success(request, _("Recorded."))
            return redirect("item", thing=thing)
    note_shown(request, [detail.line])
    context = {"item": detail, "form": form, "kept": kept if request.method == "GET" else None}
    return render(request, "items/text.html", context, status=status_of(form))


def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts under the filter in the address."""
    moment, viewer = moment_of(request), viewer_of(request)
    asked = {"party": filters.text(request, "party"), "text": filters.text(request, "text")}
    page = lists.account_list(
        viewer=viewer, position=moment.position, page=filters.page_number(request), **asked
    )
    note_shown(request, page.lines)
    context = {
        "page": page,
        "moment": moment,
        "asked": asked,
        "blind": blind_to(viewer),
        "parties": coding.parties_known(viewer=viewer),
    }
    return render(request, "items/accounts.html", context)


def account(request: HttpRequest, thing: str) -> HttpResponse:
    """One account, each field as it was coded, with where in the item it stands."""
    moment, viewer = moment_of(request), viewer_of(request)
    coded = coding.coded_account(thing, viewer=viewer, position=moment.position)
    note_shown(request, [coded])
    if thing in blind_to(viewer):
        return render(request, "items/blind.html", {"account": coded, "moment": moment})
    found = lists.account(thing, viewer=viewer, position=moment.position)
    assert found is not None
    line, fields = found
    may_code = may(viewer, Deed.CODE) and moment.position is None
    coders = coding.coders(viewer=viewer, account=coded) if may_code and not coded.pseudonym else []
    context = {
        "account": line,
        "coded": coded,
        "rows": _rows(fields),
        "seconds": coding.second_codings(thing, viewer=viewer),
        "moment": moment,
        "officers": titles(),
        "may_code": may_code,
        "may_second": may_code
        and not coded.pseudonym
        and viewer.officer_id not in coding.coders_of(thing)
        and not coding.has_coded_again(thing, viewer=viewer)
        and not coding.has_left(thing, viewer=viewer),
        "form": AskedForm(officers=coders) if coders else None,
    }
    return render(request, "items/account.html", context)


_NAMED = (
    *LABELS,
    "filed_under",
    "filing_confidence",
)


def _rows(fields: Mapping[str, Any]) -> list[tuple[Words, str, str]]:
    """Label, value and place of each field."""
    locators = fields["locators"]
    whole = locators.get("*", "")
    labels = {
        **LABELS,
        "filed_under": _("Filed under (the coder's label)"),
        "filing_confidence": _("Whether the item itself ties it to that"),
    }
    return [
        (labels[name], shown(name, fields[name]), locators.get(name, whole))
        for name in _NAMED
        if name in fields
    ]


def status_of(*forms_shown: django_forms.Form) -> int:
    """422 where a form came back with errors, so that nothing takes the page for a success."""
    return 422 if any(form.is_bound and form.errors for form in forms_shown) else 200
