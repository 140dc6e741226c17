"""Copies: exhibits that are like others, one family after the other, judged by people."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lieber.base import LieberError
from lieber.link import Verdict

from ...actions.likeness import judge_likeness
from ...policies.permissions import Deed, NotAllowed, may
from ...queries import likeness
from ...queries.incidents import NotInRegister
from ...queries.items import item_detail
from ...queries.officers import titles
from .. import filters
from ..moment import moment_of
from ..viewer import note_shown, note_shown_of, viewer_of


class Deciding(forms.Form):
    """A judgement on two exhibits."""

    one = forms.CharField(max_length=24, widget=forms.HiddenInput)
    other = forms.CharField(max_length=24, widget=forms.HiddenInput)
    on_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=[(verdict.value, verdict.value) for verdict in Verdict])
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


def copies(request: HttpRequest) -> HttpResponse:
    """Exhibits of which nobody judged yet whether they are copies."""
    page = likeness.copies_to_judge(viewer=viewer_of(request), page=filters.page_number(request))
    note_shown_of(request, "exhibit", [line.thing for line in page.lines])
    return render(request, "held/copies.html", {"page": page})


def family(request: HttpRequest, thing: str) -> HttpResponse:
    """What shows or sounds the same as an item, side by side, and judging it."""
    moment, viewer = moment_of(request), viewer_of(request)
    detail = item_detail(thing, viewer=viewer, position=moment.position)
    may_judge = may(viewer, Deed.EXAMINE) and moment.position is None
    deciding = Deciding(request.POST if request.method == "POST" else None)
    if request.method == "POST" and deciding.is_valid() and _judged(request, deciding):
        following = likeness.next_to_judge(viewer=viewer, but=[thing]) if may_judge else ""
        found = likeness.family_of(thing, viewer=viewer, position=None)
        return redirect("family", thing=thing if found.open or not following else following)
    unknown = ""
    beside = filters.text(request, "beside")
    asked = ("", beside) if beside else None
    if deciding.is_bound:
        # What was typed stands in the form of its pair, whatever became of that meanwhile.
        asked = (deciding.data.get("one", "")[:24], deciding.data.get("other", "")[:24])
    try:
        found = likeness.family_of(thing, viewer=viewer, position=moment.position, asked=asked)
    except NotInRegister as error:
        unknown = str(error)
        found = likeness.family_of(thing, viewer=viewer, position=moment.position)
    note_shown(request, [detail.line, *found.members])
    context = {
        "item": detail,
        "moment": moment,
        "family": found,
        "shown": [found.asked] if found.asked else found.open[:1],
        "rest": found.open if found.asked else found.open[1:],
        "deciding": deciding,
        "typed": deciding.data.get("reason", "") if deciding.is_bound else "",
        "typed_of": {deciding.data.get("one"), deciding.data.get("other")} if deciding.is_bound else set(),
        "beside": beside,
        "unknown": unknown,
        "may_judge": may_judge,
        "officers": titles(),
    }
    wrong = bool(unknown or (deciding.is_bound and deciding.errors))
    return render(request, "held/family.html", context, status=422 if wrong else 200)


def _judged(request: HttpRequest, form: Deciding) -> bool:
    said = form.cleaned_data
    try:
        judge_likeness(
            one=said["one"],
            other=said["other"],
            verdict=Verdict(said["verdict"]),
            reason=said["reason"],
            on_version=said["on_version"],
            by=viewer_of(request),
            at=datetime.now(UTC),
        )
    except NotAllowed:
        raise
    except LieberError as error:
        form.add_error(None, str(error))
        return False
    words = {
        Verdict.SAME: _("Judged to be the same footage: one origin."),
        Verdict.DIFFERENT: _("Judged to be different footage."),
        Verdict.UNSURE: _("Judged unsure."),
    }
    messages.success(request, words[Verdict(said["verdict"])])
    return True
