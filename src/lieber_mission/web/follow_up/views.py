"""Follow-ups: requests and investigations with deadline, answer or silence; alike for each party."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lieber.assess import FollowUpState
from lieber.base import LieberError

from ...actions.follow_up import Came, Request, record_follow_up, record_response
from ...actions.record import VersionConflict
from ...policies.permissions import Deed, may
from ...queries import follow_up as known
from ...queries.incidents import NotInRegister
from ...queries.officers import titles
from .. import filters
from ..drafted import draft, sent, to_send_on, version_sent
from ..exports import csv_response
from ..moment import moment_of
from ..protect.forms import terms
from ..saving import beside, once_of
from ..viewer import note_shown_of, viewer_of
from . import forms

# State -> its words, and the badge that shows it.
STATES: dict[FollowUpState, tuple[str | Promise, str]] = {
    FollowUpState.OVERDUE: (gettext_lazy("overdue"), "overdue"),
    FollowUpState.DUE_SOON: (gettext_lazy("due soon"), "waiting"),
    FollowUpState.OPEN: (gettext_lazy("open"), "open"),
    FollowUpState.ANSWERED: (gettext_lazy("answered"), "done"),
    FollowUpState.SILENT: (gettext_lazy("silent"), "refused"),
    FollowUpState.CLOSED: (gettext_lazy("closed"), "closed"),
}


def follow_ups(request: HttpRequest) -> HttpResponse:
    """Follow-ups under the filter in the address, the nearest deadline first."""
    moment, viewer = moment_of(request), viewer_of(request)
    asked, states = _asked(request)
    today = moment.instant.date() if moment.day else datetime.now(UTC).date()
    page = known.follow_up_list(
        viewer=viewer,
        position=moment.position,
        today=today,
        states=states,
        page=filters.page_number(request),
        **asked,
    )
    note_shown_of(request, "follow-up", [line.thing for line in page.lines])
    counts = known.state_counts(viewer=viewer, position=moment.position, today=today)
    context = {
        "page": page,
        "lines": [(line, *STATES[line.state]) for line in page.lines],
        "moment": moment,
        "asked": asked,
        "state": filters.text(request, "state") if states else "",
        "today": today,
        "states": [
            (each.value, words, counts[each], states == (each,)) for each, (words, _icon) in STATES.items()
        ],
        "everything": sum(counts.values()),
        "kinds": terms("follow_up"),
        "parties": known.parties(viewer=viewer, position=moment.position),
        "may_follow_up": may(viewer, Deed.FOLLOW_UP),
    }
    return render(request, "follow_up/list.html", context)


_EXPORTED = (
    "thing", "kind", "about", "about_title", "party", "addressee", "subject", "sent_on", "due_on", "state",
    "closed_on", "closed_why", "words", "item", "entry",
)  # fmt: skip


def export(request: HttpRequest) -> HttpResponse:
    """The follow-ups of the list as CSV, under the same filter."""
    moment, viewer = moment_of(request), viewer_of(request)
    asked, states = _asked(request)
    today = moment.instant.date() if moment.day else datetime.now(UTC).date()
    rows: list[list[object]] = []
    number = pages = 1
    while number <= pages:
        page = known.follow_up_list(
            viewer=viewer, position=moment.position, today=today, states=states, page=number, **asked
        )
        rows += [[getattr(line, name) for name in _EXPORTED] for line in page.lines]
        note_shown_of(request, "follow-up", [line.thing for line in page.lines])
        number, pages = number + 1, page.pages
    return csv_response("follow-up", _EXPORTED, rows, about=f"follow-ups on {today}")


def _asked(request: HttpRequest) -> tuple[dict[str, str], tuple[FollowUpState, ...]]:
    asked = {name: filters.text(request, name) for name in ("kind", "party", "about", "text")}
    word = filters.text(request, "state")
    if word == "due":
        return asked, known.DUE
    return asked, (FollowUpState(word),) if word in set(FollowUpState) else ()


def follow_up(request: HttpRequest, thing: str) -> HttpResponse:
    """One follow-up with what came back, its history, and what a public text says of it."""
    moment, viewer = moment_of(request), viewer_of(request)
    today = moment.instant.date() if moment.day else datetime.now(UTC).date()
    detail = known.follow_up(thing, viewer=viewer, position=moment.position, today=today)
    note_shown_of(request, "follow-up", [thing])
    words, badge = STATES[detail.line.state]
    context = {
        "detail": detail,
        "line": detail.line,
        "state_words": words,
        "badge": badge,
        "moment": moment,
        "today": today,
        "officers": titles(),
        "may_follow_up": may(viewer, Deed.FOLLOW_UP) and not moment.day,
    }
    return render(request, "follow_up/detail.html", context)


def new_follow_up(request: HttpRequest) -> HttpResponse:
    """Record what was asked of whom."""
    first = {name: filters.text(request, name) for name in ("about", "party", "addressee")}
    begun = draft(request, "follow-up")
    form = forms.Asked(request.POST or None, initial=begun.led_by(first))
    once = once_of(request)
    if request.method == "POST" and form.is_valid():
        try:
            thing = record_follow_up(
                request=Request(**form.cleaned_data), by=viewer_of(request), at=datetime.now(UTC), once=once
            )
        except LieberError as error:
            _tell(form, error, "about")
        else:
            sent(request, "follow-up")
            messages.success(request, _("The follow-up is recorded."))
            return redirect("follow-up", thing=thing)
    context = {"form": form, "once": once, **begun.context}
    return render(request, "follow_up/form.html", context, status=_status(form))


def change_follow_up(request: HttpRequest, thing: str) -> HttpResponse:
    """Record the next version of a follow-up, such as another deadline, or that it is closed."""
    viewer, today = viewer_of(request), datetime.now(UTC).date()
    detail = known.follow_up(thing, viewer=viewer, position=None, today=today)
    line = detail.line
    current = {
        field.name: getattr(line, "kind" if field.name == "follow_up_kind" else field.name)
        for field in fields(Request)
    }
    begun = draft(request, "follow-up-version", thing)
    form = forms.AskedAgain(request.POST or None, initial=begun.begins_with(current))
    conflict, differing = False, []
    if request.method == "POST" and form.is_valid():
        try:
            record_follow_up(
                request=Request(**form.cleaned_data),
                by=viewer,
                at=datetime.now(UTC),
                thing=thing,
                on_version=version_sent(request),
            )
        except VersionConflict:
            conflict, differing = True, beside(form, current)
        except LieberError as error:
            _tell(form, error, "about")
        else:
            sent(request, "follow-up-version", thing)
            messages.success(request, _("The next version is recorded; the earlier ones stay."))
            return redirect("follow-up", thing=thing)
    context = {
        "form": form,
        "line": line,
        "last": detail.versions[0],
        "on_version": to_send_on(request, line.version, begun, conflict=conflict),
        "conflict": conflict,
        "differing": differing,
        "officers": titles(),
        **begun.context,
    }
    return render(request, "follow_up/form.html", context, status=409 if conflict else _status(form))


def answer_follow_up(request: HttpRequest, thing: str) -> HttpResponse:
    """Record what came back, or that nothing did by the deadline."""
    viewer, today = viewer_of(request), datetime.now(UTC).date()
    detail = known.follow_up(thing, viewer=viewer, position=None, today=today)
    begun = draft(request, "response", thing)
    form = forms.Came(request.POST or None, initial=begun.begins_with({}))
    once = once_of(request)
    if request.method == "POST" and form.is_valid():
        try:
            record_response(
                follow_up=thing, came=Came(**form.cleaned_data), by=viewer, at=datetime.now(UTC), once=once
            )
        except LieberError as error:
            _tell(form, error, "item")
        else:
            sent(request, "response", thing)
            messages.success(request, _("The answer is recorded."))
            return redirect("follow-up", thing=thing)
    context = {"form": form, "line": detail.line, "once": once, **begun.context}
    return render(request, "follow_up/answer.html", context, status=_status(form))


def _tell(form: django_forms.Form, error: LieberError, field: str) -> None:
    """The sentence at the field that names what is not there, else above the form."""
    named: Any = field if isinstance(error, NotInRegister) and "No item" not in str(error) else None
    form.add_error("item" if isinstance(error, NotInRegister) and named is None else named, str(error))


def _status(form: django_forms.Form) -> int:
    return 400 if form.errors else 200
