"""Coding beside the item: a new account, an account anew, a passage again; what waits; how coders agree."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lieber.base import BadInput, LieberError
from lieber.code.agreement import COMPARED, FEWEST_PAIRS, RELIABLE, TENTATIVE

from ...actions import code as deeds
from ...actions.record import VersionConflict
from ...policies.permissions import Deed, may
from ...queries import coding, items
from ...queries.desk import SECOND, KeptDraft, blind_to, draft_of
from ...queries.officers import titles
from .. import filters
from ..drafted import LISTS, address_of
from ..moment import moment_of
from ..viewer import note_shown, viewer_of
from .forms import AccountForm, Asked
from .words import GROUPS, LABELS, Words, shown

_MOST_FIELDS = 120


@dataclass(frozen=True, slots=True)
class Beside:
    """One field as two have it."""

    label: Words
    left: str
    right: str
    differs: bool


def desk(request: HttpRequest) -> HttpResponse:
    """What waits for coders: items to code, and passages for a second coder."""
    viewer = viewer_of(request)
    page = coding.for_second_coder(viewer=viewer, page=filters.page_number(request))
    note_shown(request, page.lines)
    context = {
        "page": page,
        "to_code": coding.count_items_to_code(viewer=viewer),
        "next": coding.next_to_code(viewer=viewer),
        "most": coding.MOST_WAITING,
    }
    return render(request, "coding/desk.html", context)


def next_item(request: HttpRequest) -> HttpResponse:
    """On to the item that waits longest to be coded."""
    waiting = coding.next_to_code(viewer=viewer_of(request), after=filters.text(request, "after"))
    return redirect("item-code", thing=waiting) if waiting else redirect("coding")


def new_account(request: HttpRequest, thing: str) -> HttpResponse:
    """A further account of an item."""
    viewer = viewer_of(request)
    detail = items.item_detail(thing, viewer=viewer, position=None)
    kept = draft_of("account", thing, viewer=viewer)
    form = _form(request, kept)
    if request.method == "POST" and form.is_valid():
        try:
            account = deeds.record_account(
                item=thing,
                typed=form.typed,
                once=form.cleaned_data["once"],
                last_of_item="another" not in request.POST,
                by=viewer,
                at=datetime.now(UTC),
            )
        except LieberError as error:
            _blame(form, error)
        else:
            messages.success(request, _("The account %(id)s was recorded.") % {"id": account})
            return redirect("item-code" if "another" in request.POST else "item", thing=thing)
    own = {"heading": _("A new account"), "drafted": "account", "about": thing, "another": True}
    return _beside_item(request, detail, form, kept, own)


def account_anew(request: HttpRequest, thing: str) -> HttpResponse:
    """An account anew: a version on top of the one that stands; both are shown where they conflict."""
    viewer = viewer_of(request)
    standing = coding.coded_account(thing, viewer=viewer)
    if thing in blind_to(viewer):
        return redirect("account-again", thing=thing)
    detail = items.item_detail(standing.item, viewer=viewer, position=None)
    kept = draft_of("account-version", thing, viewer=viewer)
    form = _form(request, kept, standing)
    conflict = kept is not None and kept.on_version != standing.version and request.method == "GET"
    if request.method == "POST" and form.is_valid():
        try:
            deeds.supersede_account(
                account=thing,
                typed=form.typed,
                on_version=form.cleaned_data["on_version"],
                by=viewer,
                at=datetime.now(UTC),
            )
        except VersionConflict:
            conflict, standing = True, coding.coded_account(thing, viewer=viewer)
        except LieberError as error:
            _blame(form, error)
        else:
            messages.success(request, _("Recorded."))
            return redirect("account", thing=thing)
    own = {"heading": _("Account anew"), "drafted": "account-version", "about": thing, "account": standing}
    if conflict:
        own["theirs"] = standing
        own["conflict"] = _compare(standing.typed, _typed_in(form))
        form = _on_top(form, standing.version)
    return _beside_item(request, detail, form, kept, own, status=409 if conflict else 200)


def _typed_in(form: AccountForm) -> dict[str, Any]:
    """What the form holds, sent or begun."""
    return {name: form[name].value() for name in form.fields}


def _on_top(form: AccountForm, version: int) -> AccountForm:
    """The same form, to be recorded on top of the version that stands now."""
    typed = _typed_in(form) | {"on_version": version}
    return AccountForm(initial={name: value for name, value in typed.items() if value is not None})


def account_again(request: HttpRequest, thing: str) -> HttpResponse:
    """A passage coded a second time, by somebody who is not shown the first coding meanwhile."""
    viewer = viewer_of(request)
    first = coding.coded_account(thing, viewer=viewer)
    if coding.has_coded_again(thing, viewer=viewer):
        return redirect("account-codings", thing=thing)
    detail = items.item_detail(first.item, viewer=viewer, position=None)
    begun = thing in blind_to(viewer)
    if request.method == "POST" and request.POST.get("step") in {"begin", "leave"}:
        step = deeds.begin_second_coding if request.POST["step"] == "begin" else deeds.leave_second_coding
        step(account=thing, by=viewer, at=datetime.now(UTC))
        return redirect("account-again" if request.POST["step"] == "begin" else "account", thing=thing)
    if not begun:
        note_shown(request, [first])
        context = {"account": first, "item": detail, "left": coding.has_left(thing, viewer=viewer)}
        return render(request, "coding/begin.html", context)
    kept = draft_of(SECOND, thing, viewer=viewer)
    form = _form(request, kept)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.record_second_coding(account=thing, typed=form.typed, by=viewer, at=datetime.now(UTC))
        except LieberError as error:
            _blame(form, error)
        else:
            messages.success(request, _("Recorded: the two codings are now beside each other."))
            return redirect("account-codings", thing=thing)
    asked = titles().get(coding.asked_by(thing, viewer=viewer), "")
    own = {
        "heading": _("The same passage again"),
        "drafted": SECOND,
        "about": thing,
        "second": True,
        "asked_by": asked,
        "places": coding.passages_of(first),
    }
    return _beside_item(request, detail, form, kept if kept and _typed_something(kept) else None, own)


def _typed_something(kept: KeptDraft) -> bool:
    return any(value for name, value in kept.fields.items() if name != "asked_by")


def _form(
    request: HttpRequest, kept: KeptDraft | None, standing: coding.CodedAccount | None = None
) -> AccountForm:
    if request.method == "POST":
        return AccountForm(request.POST)
    initial: dict[str, Any] = {"killed_quantifier": "unknown", "once": secrets.token_urlsafe(18)}
    if standing:
        initial |= _for_form(standing.typed) | {"on_version": standing.version}
    if kept:
        initial |= dict(kept.fields) | {"on_version": kept.on_version}
    return AccountForm(initial=initial)


def _for_form(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are typed: what is joined stands in one field."""
    return {**typed, "announced_by": "; ".join(typed["announced_by"])}


def _blame(form: AccountForm, error: LieberError) -> None:
    if isinstance(error, deeds.NotCodable):
        form.blame(error.problems)
    else:
        form.add_error(None, str(error))


def _beside_item(  # noqa: PLR0917  # the parts of one page
    request: HttpRequest,
    detail: items.ItemDetail,
    form: AccountForm,
    kept: KeptDraft | None,
    own: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    viewer = viewer_of(request)
    note_shown(request, [detail.line])
    context = {
        "item": detail,
        "form": form,
        "kept": kept if request.method == "GET" else None,
        "parties": coding.parties_known(viewer=viewer),
        "officers": titles(),
        "open_texts": request.method == "POST" or not detail.covered,
        **own,
    }
    if form.is_bound and form.errors:
        status = 422
    return render(request, "coding/code.html", context, status=status)


def codings(request: HttpRequest, thing: str) -> HttpResponse:
    """The first coding and the second ones beside each other."""
    viewer = viewer_of(request)
    if thing in blind_to(viewer):
        return redirect("account-again", thing=thing)
    first = coding.coded_account(thing, viewer=viewer)
    seconds = coding.second_codings(thing, viewer=viewer)
    note_shown(request, [first, *seconds])
    pairs = [(second, _compare(second.first.fields, second.fields)) for second in seconds]
    context = {"account": first, "pairs": pairs, "officers": titles()}
    return render(request, "coding/codings.html", context)


def _compare(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[Beside]:
    """Two codings field by field; which fields differ is what coders are compared on, or the words."""
    rows = []
    for name in LABELS:
        one, other = (shown(name, _listed(name, side.get(name))) for side in (left, right))
        if one or other:
            rows.append(Beside(LABELS[name], one, other, one.casefold() != other.casefold()))
    return rows


def _listed(name: str, value: Any) -> Any:
    """Values that were typed joined, as those that are kept apart."""
    if name == "announced_by" and isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    if name in COMPARED and isinstance(value, list):
        return sorted(value)
    return value


def agreement(request: HttpRequest) -> HttpResponse:
    """How far coders agree, field by field."""
    moment = moment_of(request)
    found = coding.coder_agreement(viewer=viewer_of(request), position=moment.position)
    context = {
        "agreement": found,
        "rows": [(GROUPS[field.field], field) for field in found.fields],
        "moment": moment,
        "fewest": FEWEST_PAIRS,
        "reliable": RELIABLE,
        "tentative": TENTATIVE,
        "most": coding.MOST_PAIRS,
        "may_code": may(viewer_of(request), Deed.CODE),
    }
    return render(request, "coding/agreement.html", context)


def ask(request: HttpRequest, thing: str) -> HttpResponse:
    """Ask an officer to code a passage a second time."""
    viewer = viewer_of(request)
    if request.method != "POST":
        return redirect("account", thing=thing)
    coded = coding.coded_account(thing, viewer=viewer)
    form = Asked(request.POST, officers=coding.coders(viewer=viewer, account=coded))
    if not form.is_valid():
        raise BadInput(
            "A second coder is another officer who codes, may know of the item, and did not code it yet: "
            "choose one of those named."
        )
    deeds.ask_second_coder(
        account=thing, officer=form.cleaned_data["officer"], by=viewer, at=datetime.now(UTC)
    )
    messages.success(request, _("Asked. The account waits on their desk."))
    return redirect("account", thing=thing)


def draft(request: HttpRequest) -> HttpResponse:
    """Keep what is being typed, or throw it away. Only a POST changes anything."""
    viewer = viewer_of(request)
    if request.method != "POST":
        return redirect("home")
    form, about = (request.POST.get(name, "").replace("\x00", "�") for name in ("draft_form", "draft_about"))
    if "discard" in request.POST:
        deeds.discard_draft(form=form, about=about, by=viewer)
        return redirect(address_of(form, about))
    saved_at = datetime.now(UTC)
    deeds.keep_draft(
        form=form,
        about=about,
        on_version=_whole(request.POST.get("on_version", "0")),
        fields=_fields_of(request),
        by=viewer,
        at=saved_at,
    )
    return JsonResponse({"saved_at": saved_at.isoformat(timespec="seconds")})


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


_NOT_KEPT = frozenset(
    {"csrfmiddlewaretoken", "once", "on_version", "draft_form", "draft_about", "step", "another", "asked_by"}
)


def _fields_of(request: HttpRequest) -> dict[str, Any]:
    names = [name for name in request.POST if name not in _NOT_KEPT]
    if len(names) > _MOST_FIELDS or any(
        "\x00" in value for name in names for value in request.POST.getlist(name)
    ):
        raise BadInput("A draft holds the fields of its form: found others; load the page again.")
    return {name: _values(request.POST.getlist(name), name) for name in names}


def _values(values: Sequence[str], name: str) -> str | list[str]:
    return list(values) if name in LISTS else values[-1]
