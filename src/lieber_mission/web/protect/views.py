"""The desk of protection: persons by pseudonym, interviews, consent, sealed texts, deeds of two."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from allauth.core import ratelimit
from django import forms as django_forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lieber.base import LieberError
from lieber.code.field_forms import interview_form, write_xlsx

from ...actions.protect import founding, withdrawals
from ...actions.protect import openings as deeds
from ...actions.protect import persons as people
from ...actions.protect.files import seal_file
from ...actions.protect.interviews import Held, Said, hold_interview
from ...actions.protect.submissions import by_name, read_uploaded, take_submissions
from ...policies.permissions import Deed, may
from ...policies.protect import check_attempts
from ...queries import protect as known
from ...queries.officers import titles
from ..viewer import note_shown, viewer_of
from . import forms
from .files import BINARY, opened_file, too_much

# The cookie that holds the token of an unlocked key; the vault alone has the other half.
COOKIE = "lieber_key"
PATH = "/protect/"
# Under which name a session knows what it unlocked: the cookie's path is not that of the page that logs out.
UNLOCKED = "key_unlocked_in"
# The rate in the settings, for each officer whatever the browser.
ATTEMPTS = "unlock_failed"


def persons(request: HttpRequest) -> HttpResponse:
    """The protected persons of one's compartments."""
    viewer = viewer_of(request)
    listed = known.person_list(viewer=viewer)
    context = {
        "persons": listed,
        "compartments": dict(known.my_compartments(viewer)),
        "may_record": may(viewer, Deed.RECORD_INTERVIEW),
        "may_hold": may(viewer, Deed.HOLD_IDENTITIES),
    }
    note_shown(request, listed)
    return render(request, "protect/persons.html", context)


def new_person(request: HttpRequest) -> HttpResponse:
    """Give a person a pseudonym and seal who they are."""
    viewer = viewer_of(request)
    form = forms.NewPerson(request.POST or None, compartments=known.my_compartments(viewer))
    if request.method == "POST" and form.is_valid():
        try:
            thing = people.open_person(
                compartment=form.cleaned_data["compartment"],
                subject=form.cleaned_data["subject"],
                identity=form.identity,
                by=viewer,
                at=datetime.now(UTC),
            )
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            return redirect("person", thing=thing)
    context = {"form": form, "compartments": known.my_compartments(viewer)}
    return render(request, "protect/new.html", context, status=_status(form))


@dataclass(frozen=True, slots=True)
class _Do:
    """A deed of the person's page: its form, and what it does with what was typed."""

    form: type[django_forms.Form]
    do: Callable[[str, Mapping[str, Any], HttpRequest], str]


def _risk(thing: str, typed: Mapping[str, Any], request: HttpRequest) -> str:
    threats = [{"threat": typed["threat"], "mitigation": typed["mitigation"]}] if typed["threat"] else []
    people.assess_risk(
        pseudonym=thing,
        threats=threats,
        decision=typed["decision"],
        reasons=typed["reasons"],
        review_by=typed["review_by"],
        by=viewer_of(request),
        at=datetime.now(UTC),
    )
    return _("The assessment of risk is recorded.")


def _plan(thing: str, typed: Mapping[str, Any], request: HttpRequest) -> str:
    people.plan_interview(
        pseudonym=thing,
        planned_for=typed["planned_for"],
        medium=typed["medium"],
        language=typed["language"],
        earlier=[(typed["earlier_by"], typed["earlier_when"])] if typed["earlier_by"] else [],
        repeat_reason=typed["repeat_reason"],
        by=viewer_of(request),
        at=datetime.now(UTC),
    )
    return _("The interview is planned.")


def _hold(_thing: str, typed: Mapping[str, Any], request: HttpRequest) -> str:
    held = {name: typed[name] for name in Held.__slots__}
    said = {name: typed[name] for name in Said.__slots__}
    hold_interview(
        interview=typed["interview"],
        held=Held(**held),
        said=Said(**said | {"manners": tuple(said["manners"])}),
        by=viewer_of(request),
        at=datetime.now(UTC),
    )
    return _("The interview is written down; what was said is sealed.")


def _seal(thing: str, typed: Mapping[str, Any], request: HttpRequest) -> str:
    seal_file(
        pseudonym=thing,
        content=typed["file"].read(),
        file_kind=typed["kind"],
        interview=typed["interview"],
        by=viewer_of(request),
        at=datetime.now(UTC),
    )
    return _("The file is sealed; delete it from your device and from where it was downloaded.")


def _decide(thing: str, typed: Mapping[str, Any], request: HttpRequest) -> str:
    people.record_consents(
        pseudonym=thing,
        decided=[
            people.Decided(
                purpose=typed["purpose"],
                decision=typed["decision"],
                condition=typed["condition"],
                informed_of=tuple(typed["informed_of"]),
                given_by=typed["given_by"],
                form=typed["form"],
                valid_until=typed["valid_until"],
            )
        ],
        given_on=typed["given_on"],
        by=viewer_of(request),
        at=datetime.now(UTC),
    )
    return _("The decision is recorded.")


def _withdraw(thing: str, typed: Mapping[str, Any], request: HttpRequest) -> str:
    done = withdrawals.withdraw(
        pseudonym=thing,
        purposes=typed["purposes"],
        effect=typed["effect"],
        withdrawn_on=typed["withdrawn_on"],
        by=viewer_of(request),
        at=datetime.now(UTC),
    )
    told = [
        _("%(n)d consents were withdrawn.") % {"n": done.consents},
        _("Findings that fell: %(ids)s.") % {"ids": ", ".join(done.findings) or "0"},
    ]
    told += [
        _("Tell %(whom)s, who received something on %(day)s.")
        % {"whom": each.recipient, "day": each.disclosed_on}
        for each in done.to_tell
    ]
    if done.erase:
        told.append(_("The person asked for erasure: a protection officer asks for it below."))
    return " ".join(told)


def _ask(_thing: str, typed: Mapping[str, Any], request: HttpRequest) -> str:
    deeds.ask(sealed=typed["sealed"], purpose=typed["purpose"], by=viewer_of(request), at=datetime.now(UTC))
    return _("The opening is asked for: a second officer of the compartment agrees under Openings.")


def _of_two(thing: str, typed: Mapping[str, Any], request: HttpRequest) -> str:
    details = {}
    if typed["deed"] == deeds.DISCLOSE:
        details = {
            "purpose": typed["consent"],
            "recipient": typed["recipient"],
            "what": typed["what"],
            "disclosed_on": str(typed["disclosed_on"] or date.today()),  # noqa: DTZ011  # the officer's day
        }
    deeds.ask_deed(
        pseudonym=thing,
        deed=typed["deed"],
        purpose=typed["purpose"],
        details=details,
        by=viewer_of(request),
        at=datetime.now(UTC),
    )
    return _("It is asked for: a second officer of the compartment agrees under Openings.")


ON_A_PERSON: Mapping[str, _Do] = {
    "risk": _Do(forms.Risk, _risk),
    "plan": _Do(forms.Plan, _plan),
    "hold": _Do(forms.Held, _hold),
    "seal": _Do(forms.SealFile, _seal),
    "consent": _Do(forms.Decision, _decide),
    "withdraw": _Do(forms.Withdrawal, _withdraw),
    "open": _Do(forms.Purpose, _ask),
    "two": _Do(forms.DeedOfTwo, _of_two),
}


def person(request: HttpRequest, thing: str) -> HttpResponse:
    """One protected person, and the deeds on them."""
    viewer = viewer_of(request)
    detail = known.person(thing, viewer=viewer)
    wanted = request.POST.get("deed_wanted", "")
    planned = [
        (row["thing"], f"{row['planned_for']} {row['thing']}")
        for row in detail.interviews
        if row["state"] == "planned"
    ]
    typed = {name: request.POST if name == wanted else None for name in ON_A_PERSON}
    filled = {
        name: deed.form(typed[name]) for name, deed in ON_A_PERSON.items() if name not in {"hold", "seal"}
    }
    filled["hold"] = forms.Held(typed["hold"], planned=planned)
    filled["seal"] = forms.SealFile(
        typed["seal"],
        request.FILES if wanted == "seal" else None,
        interviews=[(row["thing"], f"{_day_of(row)} {row['thing']}") for row in detail.interviews],
        too_much=too_much(request),
    )
    if wanted in ON_A_PERSON and filled[wanted].is_valid():
        try:
            messages.success(request, ON_A_PERSON[wanted].do(thing, filled[wanted].cleaned_data, request))
        except LieberError as error:
            filled[wanted].add_error(None, str(error))
        else:
            return redirect("person", thing=thing)
    note_shown(request, [detail])
    context = {
        "person": detail,
        "forms": filled,
        "planned": planned,
        "wanted": wanted,
        "titles": titles(),
        "may_record": may(viewer, Deed.RECORD_INTERVIEW),
        "may_hold": may(viewer, Deed.HOLD_IDENTITIES),
    }
    return render(request, "protect/person.html", context, status=_status(*filled.values()))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A deed of two on a page: it says of whom, why, and to whom something goes."""

    thing: str
    compartment: str


def _day_of(interview: Mapping[str, Any]) -> date | None:
    """The day on which an interview was held, or for which it is planned."""
    began: datetime | None = interview["started_at"]
    planned: date | None = interview["planned_for"]
    return began.date() if began else planned


def openings(request: HttpRequest) -> HttpResponse:
    """The deeds of two that wait."""
    waiting = known.waiting_openings(viewer=viewer_of(request))
    note_shown(request, [_Shown(row["thing"], row["compartment"]) for row in waiting])
    return render(request, "protect/openings.html", {"openings": waiting, "titles": titles()})


def opening(request: HttpRequest, thing: str) -> HttpResponse:
    """One deed of two: agree, refuse, or do it."""
    viewer = viewer_of(request)
    asked = known.opening(thing, viewer=viewer)
    shown, refused = "", ""
    if request.method == "POST":
        try:
            kind, content = _step(request, asked)
        except LieberError as error:
            refused = str(error)
        else:
            if kind in BINARY:
                note_shown(request, [_Shown(thing, asked["compartment"])])
                return opened_file(thing, content)
            shown = content.decode("utf-8", "replace")
    note_shown(request, [_Shown(thing, asked["compartment"])])
    context = {
        "opening": known.opening(thing, viewer=viewer),
        "asked_for": known.asked_for(thing, viewer=viewer),
        "binary": BINARY,
        "steps": known.opening_steps(thing, viewer=viewer),
        "titles": titles(),
        "shown": shown,
        "refused": refused,
        "own": viewer.officer_id,
        "unlocked": _is_unlocked(request),
    }
    return render(request, "protect/opening.html", context, status=422 if refused else 200)


def _step(request: HttpRequest, asked: Mapping[str, Any]) -> tuple[str, bytes]:
    """Do what the button says; returns the kind and the content of what was opened, to be shown this once."""
    by, at, thing = viewer_of(request), datetime.now(UTC), asked["thing"]
    step = request.POST.get("step", "")
    if step in {"agree", "refuse"}:
        deeds.agree(opening=thing, by=by, at=at, refuse=step == "refuse")
        messages.success(request, _("Recorded."))
    elif step == "open":
        header, content = deeds.open_sealed_text(opening=thing, key=_key_of(request), by=by, at=at)
        return header.kind.value, content
    elif step == "do":
        done = deeds.do_deed(opening=thing, by=by, at=at)
        messages.success(request, _("Done."))
        if not getattr(done, "scrubbed", True):
            messages.warning(
                request,
                _("Somebody reads the database now: what was erased stays in its journal for a while."),
            )
    return "", b""


def own_key(request: HttpRequest) -> HttpResponse:
    """One's own key: make it, unlock it for a quarter of an hour, lock it."""
    viewer = viewer_of(request)
    step = request.POST.get("step", "")
    make = forms.NewPassphrase(request.POST if step == "make" else None)
    unlock = forms.Passphrase(request.POST if step == "unlock" else None)
    try:
        if step == "make" and make.is_valid():
            passphrase = make.cleaned_data["passphrase"]
            founding.make_officer_key(passphrase=passphrase, by=viewer, at=datetime.now(UTC))
            messages.success(request, _("Your key is made."))
            return redirect("own-key")
        if step == "unlock" and unlock.is_valid():
            return _unlock(request, unlock.cleaned_data["passphrase"])
        if step == "lock":
            _lock(request)
            gone = redirect("own-key")
            gone.delete_cookie(COOKIE, path=PATH)
            return gone
    except LieberError as error:
        (make if step == "make" else unlock).add_error(None, str(error))
    context = {
        "make": make,
        "unlock": unlock,
        "has_key": viewer.officer_id in known.vault_keys(),
        "unlocked": _is_unlocked(request),
        "minutes": int(deeds.UNLOCKED_FOR.total_seconds() // 60),
    }
    return render(request, "protect/key.html", context, status=_status(make, unlock))


def _unlock(request: HttpRequest, passphrase: str) -> HttpResponse:
    check_attempts(left=ratelimit.consume(request, action=ATTEMPTS))
    token = deeds.unlock_for_session(
        passphrase=passphrase, session=_session(request), by=viewer_of(request), at=datetime.now(UTC)
    )
    ratelimit.clear(request, action=ATTEMPTS)
    request.session[UNLOCKED] = _session(request)
    messages.success(request, _("Your key is open in this browser for a quarter of an hour."))
    opened = redirect("openings")
    opened.set_cookie(
        COOKIE,
        base64.urlsafe_b64encode(token).decode(),
        max_age=int(deeds.UNLOCKED_FOR.total_seconds()),
        path=PATH,
        secure=settings.SECURE_COOKIES,
        httponly=True,
        samesite="Strict",
    )
    return opened


def submissions(request: HttpRequest) -> HttpResponse:
    """Take in submissions of the field form."""
    viewer = viewer_of(request)
    form = forms.Upload(
        request.POST or None,
        request.FILES or None,
        compartments=known.my_compartments(viewer),
        too_much=too_much(request),
    )
    problems: list[object] = []
    if request.method == "POST" and form.is_valid():
        try:
            attached = by_name(request.FILES.getlist("attachments"))
            read = read_uploaded(
                by_name(request.FILES.getlist("file")),
                attached,
                encoding=form.cleaned_data["encoding"] or None,
            )
            taken = take_submissions(
                read,
                compartment=form.cleaned_data["compartment"],
                file_of=lambda name: attached[name].read() if name in attached else None,
                by=viewer,
                at=datetime.now(UTC),
            )
        except LieberError as error:
            problems = list(getattr(error, "problems", ()))[:50]
            form.add_error(None, str(error))
        else:
            told = _("%(new)d interviews were taken in, %(known)d were known; %(sealed)d texts sealed.")
            counted = {"new": taken.interviews, "known": taken.known, "sealed": taken.sealed}
            messages.success(request, told % counted)
            return redirect("protect")
    context = {"form": form, "problems": problems, "compartments": known.my_compartments(viewer)}
    return render(request, "protect/submissions.html", context, status=_status(form))


def field_form(_request: HttpRequest) -> HttpResponse:
    """The interview form, as KoboToolbox and ODK take it."""
    form = interview_form()
    response = HttpResponse(
        write_xlsx(form),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = f'attachment; filename="{form.id}-{form.version}.xlsx"'
    return response


def _key_of(request: HttpRequest) -> deeds.Key:
    try:
        token = base64.urlsafe_b64decode(request.COOKIES.get(COOKIE, ""))
    except (binascii.Error, ValueError):
        token = b""
    return deeds.Key(_session(request), token)


def _session(request: HttpRequest) -> str:
    return request.session.session_key or ""


def _status(*shown: django_forms.Form) -> int:
    return 422 if any(form.is_bound and form.errors for form in shown) else 200


def _is_unlocked(request: HttpRequest) -> bool:
    """Whether the browser's cookie is of a key that was opened in its session; its time may have passed."""
    return COOKIE in request.COOKIES and request.session.get(UNLOCKED, "") == _session(request)


def _lock(request: HttpRequest) -> None:
    if unlocked_in := request.session.pop(UNLOCKED, ""):
        deeds.lock(session=unlocked_in)


def _lock_on_leaving(request: HttpRequest | None, **_signal: object) -> None:
    """Whoever logs out locks their key with it."""
    if request is not None:
        _lock(request)


user_logged_out.connect(_lock_on_leaving, dispatch_uid="lock-on-leaving")
