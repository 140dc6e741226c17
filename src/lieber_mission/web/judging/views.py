"""Accounts that are of no incident yet, judged one by one: y same, n different, h unsure."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lieber.base import BadInput, LieberError
from lieber.link import Verdict

from ...actions.link import open_incident_with, record_judgement
from ...policies.permissions import NotAllowed
from ...queries.candidates import Judging, Pair, judging, unplaced
from ...queries.desk import blind_to
from ...queries.officers import titles
from .. import filters
from ..viewer import note_shown, owed_first, viewer_of


class Deciding(forms.Form):
    """A judgement on an account and an incident."""

    incident = forms.CharField(label=gettext_lazy("Incident"), max_length=24)
    verdict = forms.ChoiceField(choices=[(verdict.value, verdict.value) for verdict in Verdict])
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class Opening(forms.Form):
    """A new incident for an account."""

    title = forms.CharField(
        label=gettext_lazy("Title of a new incident"),
        max_length=300,
        help_text=gettext_lazy("Without names of private persons"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it is none of the others"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


def candidates(request: HttpRequest) -> HttpResponse:
    """The accounts that wait, the newest first."""
    found = unplaced(viewer=viewer_of(request), page=filters.page_number(request))
    note_shown(request, found.page.lines)
    context = {"page": found.page, "whole": found.whole, "blind": blind_to(viewer_of(request))}
    return render(request, "judging/list.html", context)


def candidate(request: HttpRequest, thing: str) -> HttpResponse:
    """One account with the incidents that it may be of, one of them beside it."""
    if back := owed_first(request, [thing]):
        return back
    viewer = viewer_of(request)
    deed = request.POST.get("deed", "")
    deciding = Deciding(request.POST if deed == "judge" else None)
    opening = Opening(request.POST if deed == "open" else None)
    if request.method == "POST":
        before = judging(thing, viewer=viewer)
        try:
            if deed == "judge" and deciding.is_valid():
                return _judged(request, before, deciding)
            if deed == "open" and opening.is_valid():
                incident = open_incident_with(
                    account=thing, **opening.cleaned_data, by=viewer, at=datetime.now(UTC)
                )
                messages.success(request, _("The incident %(id)s is opened.") % {"id": incident})
                return _next(before)
        except NotAllowed:
            raise
        except LieberError as error:
            (opening if deed == "open" else deciding).add_error(None, str(error))
    found = judging(thing, viewer=viewer)
    note_shown(request, [found.account])
    wanted = deciding.data.get("incident", "") or filters.text(request, "with")
    active = next((pair for pair in found.pairs if pair.incident == wanted), None)
    if active is None and not found.incident:
        active = next(iter(found.open_pairs), None)
    context = {
        "judging": found,
        "active": active,
        "deciding": deciding,
        "opening": opening,
        "officers": titles(),
        "reason": deciding.data.get("reason")
        or (active.reason or "; ".join(active.reasons) if active else ""),
    }
    status = 422 if deciding.errors or opening.errors else 200
    return render(request, "judging/candidate.html", context, status=status)


def _reason(pair: Pair | None) -> str:
    """What stands in the field of the reason beforehand: what was written, else what the comparison says."""
    if pair is None:
        return ""
    return pair.reason or "; ".join(pair.reasons)


def _judged(request: HttpRequest, before: Judging, form: Deciding) -> HttpResponse:
    """Record the judgement, and go on: to the next incident of the account, or to the next account."""
    said, account = form.cleaned_data, before.account.thing
    verdict = Verdict(said["verdict"])
    if said["incident"][:3] != "INC":
        raise BadInput(f"An account is judged beside an incident: found {said['incident']}; compare the id.")
    record_judgement(
        left=account,
        right=said["incident"],
        verdict=verdict,
        reason=said["reason"],
        by=viewer_of(request),
        at=datetime.now(UTC),
    )
    words = {
        Verdict.SAME: _("Judged to be of this incident: %(incident)s."),
        Verdict.DIFFERENT: _("Judged to be of another incident than %(incident)s."),
        Verdict.UNSURE: _("Judged unsure beside %(incident)s."),
    }
    messages.success(request, words[verdict] % {"incident": said["incident"]})
    # To take it back is to judge the pair anew: the next page leads there.
    request.session["judged"] = {"account": account, "incident": said["incident"], "verdict": verdict.value}
    left = [pair for pair in before.open_pairs if pair.incident != said["incident"]]
    if verdict is not Verdict.SAME and left:
        return redirect(f"{reverse('candidate', args=[account])}?with={left[0].incident}")
    if verdict is not Verdict.SAME and not before.incident:
        # Nothing is left to compare with: an incident may have to be opened for it.
        return redirect("candidate", thing=account)
    return _next(before)


def _next(before: Judging) -> HttpResponse:
    after = before.after or before.before
    return redirect("candidate", thing=after) if after else redirect("candidates")
