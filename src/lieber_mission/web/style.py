"""Every component in every state, for whoever builds pages."""

from __future__ import annotations

from datetime import date

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from lieber.assess import Tier

from .components import STATE_ICONS


class Sample(forms.Form):
    """A form with each kind of field, wrong on purpose."""

    title = forms.CharField(label=_("Title"), help_text=_("Without names of private persons"), max_length=20)
    day = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label=_("Kind"), choices=[("a", _("one")), ("b", _("another"))])
    several = forms.MultipleChoiceField(
        label=_("Several"),
        choices=[("a", _("one")), ("b", _("another"))],
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(label=_("Reasons"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


def style(request: HttpRequest) -> HttpResponse:
    """The components; nothing on this page is of the register."""
    context = {
        "tiers": (*Tier, None),
        "states": sorted(STATE_ICONS),
        "counted": ("certain", "possible", "no"),
        "sample": Sample({"title": "x" * 30, "day": "yesterday"}),
        "fresh": Sample(prefix="fresh"),
        "days": [
            (date(2024, 10, 10), date(2024, 10, 10), "day"),
            (date(2024, 10, 1), date(2024, 10, 31), "month"),
            (date(2024, 1, 1), date(2024, 12, 31), "unknown"),
            (None, None, ""),
        ],
        "hostile": "abc\u202edcba\u200b<script>alert(1)</script>",
        "page": {"total": 120, "number": 2, "pages": 3, "before": 1, "after": 3},
    }
    return render(request, "style.html", context)
