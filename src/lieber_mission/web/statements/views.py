"""The register of public statements: utterances, their reports, and what stands near incidents."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lieber.assess import Tier
from lieber.base import BadInput, LieberError, Window
from lieber.code import vocabulary

from ...actions.record import VersionConflict
from ...actions.statements import Utterance, associate, record_statement, withdraw_association
from ...policies.permissions import Deed, may
from ...policies.statements import UtteranceRefused
from ...queries import follow_up as follow_ups
from ...queries import statements as known
from ...queries.incidents import NotInRegister, titles
from ...queries.officers import titles as officers
from .. import filters
from ..components import label
from ..drafted import draft, sent, to_send_on, version_sent
from ..drawings import TwoSided, above_and_below
from ..exports import csv_response
from ..moment import Moment, moment_of
from ..protect.forms import terms
from ..saving import beside, once_of
from ..viewer import note_shown_of, viewer_of
from .forms import Near, Said, Withdrawn

_FILTERS = ("party", "act", "relation", "text", "incident")
# So many months are drawn where the address names no window.
_MONTHS_DRAWN = 36
_LONGEST_YEARS = 15


def statements(request: HttpRequest) -> HttpResponse:
    """Utterances under the filter in the address, each with its reports beneath."""
    moment, viewer = moment_of(request), viewer_of(request)
    asked = {name: filters.text(request, name) for name in _FILTERS}
    page = known.utterance_list(
        viewer=viewer, position=moment.position, page=filters.page_number(request), **asked
    )
    note_shown_of(request, "statement", [told.thing for line in page.lines for told in line.told])
    context = {
        "page": page,
        "moment": moment,
        "asked": asked,
        "choices": known.choices(viewer=viewer, position=moment.position),
        "near": titles([asked["incident"]], moment.position).get(asked["incident"], ""),
        "may_record": may(viewer, Deed.RECORD_STATEMENT),
    }
    return render(request, "statements/list.html", context)


_EXPORTED = (
    "thing", "utterance", "made_on", "speaker_office", "speaker_name", "speaker_party", "speaker_role",
    "command_relation", "speech_act", "contents", "audience", "platform", "reported_by", "party_reaction",
    "retracted_on", "language", "literal_text", "translation", "summary", "item", "address", "entry",
)  # fmt: skip


def export(request: HttpRequest) -> HttpResponse:
    """The reports of the list's utterances as CSV, under the same filter."""
    moment, viewer = moment_of(request), viewer_of(request)
    asked = {name: filters.text(request, name) for name in _FILTERS}

    def rows() -> list[list[object]]:
        found: list[list[object]] = []
        number = pages = 1
        while number <= pages:
            page = known.utterance_list(viewer=viewer, position=moment.position, page=number, **asked)
            found += [
                [getattr(told, name) for name in _EXPORTED] for line in page.lines for told in line.told
            ]
            note_shown_of(request, "statement", [told.thing for line in page.lines for told in line.told])
            number, pages = number + 1, page.pages
        return found

    about = f"public statements; {_filter_words(asked)}; known as of {moment.instant.isoformat()}"
    return csv_response("statements", _EXPORTED, rows(), about=about)


def _filter_words(asked: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in asked.items() if value) or "no filter"


def statement(request: HttpRequest, thing: str) -> HttpResponse:
    """One utterance: the report asked for, the others, what stands near, what came of it."""
    moment, viewer = moment_of(request), viewer_of(request)
    detail = known.utterance(thing, viewer=viewer, position=moment.position)
    things = [told.thing for told in detail.line.told]
    note_shown_of(request, "statement", things)
    context = {
        "detail": detail,
        "told": detail.asked,
        "moment": moment,
        "officers": officers(),
        "follow_ups": follow_ups.about_things(
            things, viewer=viewer, position=moment.position, today=moment.instant.date()
        ),
        "may_record": may(viewer, Deed.RECORD_STATEMENT) and not moment.day,
        "may_follow_up": may(viewer, Deed.FOLLOW_UP) and not moment.day,
    }
    return render(request, "statements/detail.html", context)


def new_statement(request: HttpRequest) -> HttpResponse:
    """Record what an item says of an utterance."""
    first = {name: filters.text(request, name) for name in ("item", "utterance")}
    begun = draft(request, "statement")
    form = Said(request.POST or None, initial=begun.led_by(first))
    once = once_of(request)
    if request.method == "POST" and form.is_valid():
        try:
            thing = record_statement(
                said=Utterance(**form.values), by=viewer_of(request), at=datetime.now(UTC), once=once
            )
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            sent(request, "statement")
            messages.success(request, _("The statement is recorded."))
            return redirect("statement", thing=thing)
    context = {"form": form, "once": once, **begun.context}
    return render(request, "statements/form.html", context, status=_status(form))


def change_statement(request: HttpRequest, thing: str) -> HttpResponse:
    """Record the next version of what an item says; a conflict shows both side by side."""
    viewer = viewer_of(request)
    told = known.utterance(thing, viewer=viewer, position=None).asked
    current = {field.name: getattr(told, field.name) for field in fields(Utterance)}
    begun = draft(request, "statement-version", thing)
    form = Said(request.POST or None, initial=begun.begins_with(current))
    differing: list[tuple[str, str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            record_statement(
                said=Utterance(**form.values),
                by=viewer,
                at=datetime.now(UTC),
                thing=thing,
                on_version=version_sent(request),
            )
        except VersionConflict:
            differing = beside(form, current)
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            sent(request, "statement-version", thing)
            messages.success(request, _("The next version is recorded; the earlier ones stay."))
            return redirect("statement", thing=thing)
    conflict = request.method == "POST" and form.is_valid()
    context = {
        "form": form,
        "told": told,
        "on_version": to_send_on(request, told.version, begun, conflict=conflict),
        "differing": differing,
        "conflict": conflict,
        "officers": officers(),
        **begun.context,
    }
    return render(request, "statements/form.html", context, status=409 if conflict else _status(form))


def associate_statement(request: HttpRequest, thing: str) -> HttpResponse:
    """Record that a statement stands near an incident: never that it led to it."""
    viewer = viewer_of(request)
    detail = known.utterance(thing, viewer=viewer, position=None)
    if "withdraw" in request.POST:
        taken_back = Withdrawn(request.POST)
        if not taken_back.is_valid():
            raise UtteranceRefused(
                " ".join(str(error) for each in taken_back.errors.values() for error in each)
            )
        withdraw_association(
            association=taken_back.cleaned_data["withdraw"],
            reason=taken_back.cleaned_data["reason"],
            by=viewer,
            at=datetime.now(UTC),
        )
        messages.success(request, _("The association is withdrawn; past days keep it as it was known."))
        return redirect("statement", thing=thing)
    form = Near(request.POST or None, initial={"incident": filters.text(request, "incident")})
    if request.method == "POST" and form.is_valid():
        try:
            associate(statement=thing, by=viewer, at=datetime.now(UTC), **form.cleaned_data)
        except LieberError as error:
            form.add_error("incident" if isinstance(error, NotInRegister) else None, str(error))
        else:
            messages.success(request, _("The association is recorded."))
            return redirect("statement", thing=thing)
    context = {"form": form, "detail": detail, "told": detail.asked}
    return render(request, "statements/associate.html", context, status=_status(form))


def time_line(request: HttpRequest) -> HttpResponse:
    """Statements over the time line of incidents, for each party by one rule: side by side, not linked."""
    moment, viewer = moment_of(request), viewer_of(request)
    tier = filters.tier(request) or Tier.CREDIBLE
    window = _window(request, moment)
    parties = known.statements_beside_incidents(window, viewer=viewer, as_of=moment.instant, tier=tier)
    drawn = [
        (
            party,
            above_and_below(
                [
                    TwoSided(month.month, month.against, month.protective, month.incidents)
                    for month in party.months
                ],
                above=_("statements"),
                below=_("incidents"),
                title=_("Statements by speakers of %(party)s and incidents attributed to %(party)s, by month")
                % {"party": party.party},
            ),
        )
        for party in parties
    ]
    context = {
        "drawn": drawn,
        "window": window,
        "moment": moment,
        "tier": tier,
        "tiers": [each for each in Tier if each is not Tier.DISCOUNTED],
        "associations": [
            (word, vocabulary("association").terms[word].means, words) for word, words in terms("association")
        ],
        "act_label": label,
    }
    return render(request, "statements/time_line.html", context)


def _window(request: HttpRequest, moment: Moment) -> Window:
    """The window of the address; without one, three years up to the last statement's day."""
    since, until = filters.day(request, "since"), filters.day(request, "until")
    known_days = known.days_of_all(viewer=viewer_of(request), position=moment.position)
    last = until or (known_days[1] if known_days else moment.instant.date())
    months = last.year * 12 + last.month - _MONTHS_DRAWN
    first = since or max(date(months // 12, months % 12 + 1, 1), date(1900, 1, 1))
    window = Window(min(first, last) if since is None else first, last)
    if window.days and window.days > _LONGEST_YEARS * 366:
        raise BadInput(
            f"At most {_LONGEST_YEARS} years are drawn: found {window}; choose a nearer first day."
        )
    return window


def _status(form: Said | Near) -> int:
    return 400 if form.errors else 200
