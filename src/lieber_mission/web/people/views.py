"""The first page, officers, compartments and teams, and joining by an invitation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from allauth.account.signals import user_logged_in
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from lieber.base import LieberError

from ...actions import officers as deeds
from ...actions import teams as team_deeds
from ...policies.permissions import Deed, Role, Viewer, may
from ...queries import officers as known
from ...queries.compartments import compartment_list
from ...queries.readings import reading_list
from ...queries.teams import team_list, team_names
from .. import filters
from ..viewer import viewer_of
from .forms import Admitted, Appoint, Invite, Join, Member, NewCompartment, NewTeam, Reason


def home(request: HttpRequest) -> HttpResponse:
    """The figures are what people come for; whoever may not read them is led to what they may."""
    viewer = viewer_of(request)
    for deed, route in (
        (Deed.READ_REGISTER, "figures"),
        (Deed.MANAGE_OFFICERS, "officers"),
        (Deed.READ_LOG, "log"),
    ):
        if may(viewer, deed):
            return redirect(route)
    return render(request, "people/no_role.html")


def by_invitation(request: HttpRequest) -> HttpResponse:
    """Nobody makes an account of their own."""
    return render(request, "people/by_invitation.html", status=403)


def officers(request: HttpRequest) -> HttpResponse:
    """Every account."""
    return render(
        request, "people/officers.html", {"officers": known.officer_list(viewer=viewer_of(request))}
    )


def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody: the link is shown once."""
    form = Invite(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            invited, token = deeds.invite(
                handle=asked["handle"],
                title=asked["title"],
                roles=[Role(role) for role in asked["roles"]],
                by=viewer_of(request),
                at=datetime.now(UTC),
            )
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            return _link(request, invited.title, token)
    return render(request, "people/invite.html", {"form": form}, status=_status(form))


def officer(request: HttpRequest, officer_id: str) -> HttpResponse:
    """One account: what it may do, since when, and the deeds on it."""
    viewer = viewer_of(request)
    line = next(iter(known.officer_list(viewer=viewer, officer_id=officer_id)), None)
    if line is None:
        raise Http404(f"No officer has the id {officer_id}.")
    deed = request.POST.get("deed", "")
    form = Appoint(request.POST if deed in {"appoint", "leave"} else None, initial={"roles": line.roles})
    again = Reason(request.POST if deed == "again" else None)
    if request.method == "POST":
        try:
            if deed == "again" and again.is_valid():
                token = deeds.invite_again(
                    officer_id=officer_id,
                    reason=again.cleaned_data["reason"],
                    by=viewer,
                    at=datetime.now(UTC),
                )
                return _link(request, line.title, token)
            if deed in {"appoint", "leave"} and form.is_valid():
                deeds.appoint(
                    officer_id=officer_id,
                    roles=[Role(role) for role in form.cleaned_data["roles"]],
                    active=deed == "appoint",
                    reason=form.cleaned_data["reason"],
                    by=viewer,
                    at=datetime.now(UTC),
                )
                messages.success(request, _("Recorded."))
                return redirect("officer", officer_id=officer_id)
        except LieberError as error:
            (again if deed == "again" else form).add_error(None, str(error))
    context = {
        "officer": line,
        "form": form,
        "again": again,
        "appointments": known.appointments(officer_id, viewer=viewer),
        "titles": known.titles(),
        "oneself": officer_id == viewer.officer_id,
    }
    return render(request, "people/officer.html", context, status=_status(form, again))


def join(request: HttpRequest, token: str) -> HttpResponse:
    """Set the password of an account by the link of an invitation."""
    title = known.invited(token)
    if title is None:
        return render(request, "people/join_over.html", status=404)
    form = Join(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deeds.accept(token=token, password=form.cleaned_data["password"], at=datetime.now(UTC))
        except LieberError as error:
            form.add_error("password", str(error))
        else:
            messages.success(request, _("Your password is set. Log in with it."))
            return redirect("account_login")
    return render(request, "people/join.html", {"form": form, "title": title}, status=_status(form))


def compartments(request: HttpRequest) -> HttpResponse:
    """Every compartment, and a new one."""
    viewer = viewer_of(request)
    form = NewCompartment(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            thing = deeds.open_compartment(**form.cleaned_data, by=viewer, at=datetime.now(UTC))
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            return redirect("compartment", thing=thing)
    context = {"compartments": compartment_list(viewer=viewer), "form": form}
    return render(request, "people/compartments.html", context, status=_status(form))


def compartment(request: HttpRequest, thing: str) -> HttpResponse:
    """One compartment: who is in it and why, and letting officers and teams in and out."""
    viewer = viewer_of(request)
    line = next((line for line in compartment_list(viewer=viewer) if line.thing == thing), None)
    if line is None:
        raise Http404(f"No compartment {thing} is in the register.")
    form = (Admitted if "team" in request.POST else Member)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _let_in_or_out(thing, form.cleaned_data, by=viewer)
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return redirect("compartment", thing=thing)
    inside = {member.officer_id for member in line.members if member.by_themselves}
    admitted, own_teams = dict(line.teams), _own_teams(viewer)
    context = {
        "compartment": line,
        "outside": _others(inside, viewer),
        "teams_outside": [
            pair for pair in team_names().items() if pair[0] not in admitted and pair[0] not in own_teams
        ],
        "own_teams": own_teams,
        "form": form,
        "own": viewer.officer_id,
    }
    return render(request, "people/compartment.html", context, status=_status(form))


def _let_in_or_out(thing: str, typed: Mapping[str, Any], *, by: Viewer) -> None:
    if "team" in typed:
        team_deeds.admit_team(
            compartment=thing,
            team=typed["team"],
            admitted=typed["admitted"],
            reason=typed["reason"],
            by=by,
            at=datetime.now(UTC),
        )
    else:
        deeds.set_member(
            compartment=thing,
            officer_id=typed["officer"],
            member=typed["member"],
            reason=typed["reason"],
            by=by,
            at=datetime.now(UTC),
        )


def _others(inside: Collection[str], viewer: Viewer) -> list[tuple[str, str]]:
    """The officers who may be let in: active, not inside, and not whoever looks."""
    return [
        (officer_id, title)
        for officer_id, title in known.active_titles().items()
        if officer_id not in inside and officer_id != viewer.officer_id
    ]


def _own_teams(viewer: Viewer) -> frozenset[str]:
    """The teams of whoever looks: another officer lets them in and out."""
    return frozenset(
        line.thing for line in team_list(viewer=viewer) if viewer.officer_id in dict(line.members)
    )


def teams(request: HttpRequest) -> HttpResponse:
    """Every team, and a new one."""
    viewer = viewer_of(request)
    form = NewTeam(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            thing = team_deeds.open_team(**form.cleaned_data, by=viewer, at=datetime.now(UTC))
        except LieberError as error:
            form.add_error(None, str(error))
        else:
            return redirect("team", thing=thing)
    context = {"teams": team_list(viewer=viewer), "form": form}
    return render(request, "people/teams.html", context, status=_status(form))


def team(request: HttpRequest, thing: str) -> HttpResponse:
    """One team: its name, who is in it, and what that lets them know of."""
    viewer = viewer_of(request)
    line = next((line for line in team_list(viewer=viewer) if line.thing == thing), None)
    if line is None:
        raise Http404(f"No team {thing} is in the register.")
    moved = "officer" in request.POST
    form = Member(request.POST if moved else None)
    naming = NewTeam(
        None if moved else request.POST or None,
        initial={"name": line.name, "description": line.description},
    )
    sent = form if moved else naming
    if request.method == "POST" and sent.is_valid():
        try:
            _change_team(thing, sent.cleaned_data, by=viewer)
        except LieberError as error:
            sent.add_error(None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return redirect("team", thing=thing)
    context = {
        "team": line,
        "outside": _others({officer_id for officer_id, _title in line.members}, viewer),
        "form": form,
        "naming": naming,
        "own": viewer.officer_id,
    }
    return render(request, "people/team.html", context, status=_status(form, naming))


def _change_team(thing: str, typed: Mapping[str, Any], *, by: Viewer) -> None:
    if "officer" in typed:
        team_deeds.set_team_member(
            team=thing,
            officer_id=typed["officer"],
            member=typed["member"],
            reason=typed["reason"],
            by=by,
            at=datetime.now(UTC),
        )
    else:
        team_deeds.rename_team(team=thing, **typed, by=by, at=datetime.now(UTC))


def readings(request: HttpRequest) -> HttpResponse:
    """Who read what."""
    page = reading_list(viewer=viewer_of(request), page=filters.page_number(request))
    return render(request, "people/readings.html", {"page": page, "titles": known.titles()})


def _limit_sessions(user: Any, **_signal: object) -> None:
    """Whoever logs in once more than they may ends their oldest session."""
    deeds.keep_newest_sessions(user, at_most=settings.SESSIONS_AT_MOST)


# After allauth's own receiver, which notes the new session.
user_logged_in.connect(_limit_sessions, dispatch_uid="limit-sessions")


def _link(request: HttpRequest, title: str, token: str) -> HttpResponse:
    """The page that shows an invitation's link, once."""
    link = request.build_absolute_uri(reverse("join", args=[token]))
    return render(request, "people/link.html", {"title": title, "link": link})


def _status(*forms_shown: forms.Form) -> int:
    """422 where a form came back with errors, so that nothing takes the page for a success."""
    return 422 if any(form.is_bound and form.errors for form in forms_shown) else 200
