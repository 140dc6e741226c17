"""Sun and shadow at a place: what chronolocation by shadow rests on. Nothing of it is recorded by itself."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from lieber.base import BadInput
from lieber.examine.sun import Shadow, Sun, through_the_day, times_of_shadow

from ...queries import examined
from ...queries.items import item_detail
from ..moment import moment_of
from ..protect.forms import day
from ..viewer import note_shown, viewer_of


class Asked(forms.Form):
    """A place, a day, and what was read off a picture."""

    latitude = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90)
    longitude = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180)
    on = day(label=_("Day"))
    direction = forms.FloatField(
        label=_("Direction of a shadow"),
        required=False,
        help_text=_("Degrees clockwise from true north, read off an image of the place from above"),
    )
    length = forms.FloatField(
        label=_("Length of a shadow"),
        required=False,
        help_text=_("In heights of what casts it, on level ground: 1.5 is half as long again as it is high"),
    )


def sun(request: HttpRequest, thing: str) -> HttpResponse:
    """The sun through a day at a place, and when a shadow may have fallen as a picture shows it."""
    moment, viewer = moment_of(request), viewer_of(request)
    detail = item_detail(thing, viewer=viewer, position=moment.position)
    note_shown(request, [detail.line])
    placed = examined.placings_of(thing, viewer=viewer, position=moment.position)
    form = Asked(request.GET if "on" in request.GET else None, initial=_known(placed))
    hours: list[Sun] = []
    spans: tuple[tuple[datetime, datetime], ...] | None = None
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        where = {"latitude": typed["latitude"], "longitude": typed["longitude"]}
        hours = [each for each in through_the_day(**where, day=typed["on"]) if each.elevation > 0]
        spans = _spans(form, where, typed["on"])
    context = {"item": detail, "form": form, "hours": hours, "spans": spans, "moment": moment}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "held/sun.html", context, status=status)


def _spans(form: Asked, where: dict[str, float], on: date) -> tuple[tuple[datetime, datetime], ...] | None:
    direction, length = form.cleaned_data["direction"], form.cleaned_data["length"]
    if direction is None and length is None:
        return None
    try:
        return times_of_shadow(Shadow(direction=direction, length=length), **where, day=on)
    except BadInput as error:
        form.add_error("direction" if "direction" in str(error) else "length", str(error))
        return None


def _known(placings: list[examined.PlacingShown]) -> dict[str, Any]:
    """The place and the day that were worked out last."""
    known: dict[str, Any] = {}
    for one in placings:
        if one.latitude is not None:
            known |= {"latitude": one.latitude, "longitude": one.longitude}
        if one.earliest is not None:
            known["on"] = one.earliest.date()
    return known
