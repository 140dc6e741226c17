"""The words of the incidents' pages: of fields and of how exactly a place is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

FIELDS: Mapping[str, str | Promise] = {
    "occurred": _("Occurred"),
    "place": _("Place"),
    "killed": _("Killed"),
    "persons_present": _("Persons present"),
    "victim_party": _("Victims of"),
    "victim_statuses": _("Status of the victims"),
    "perpetrator_party": _("Attributed to"),
    "perpetrator_unit": _("Unit named"),
    "manners": _("Manner"),
    "evidence_types": _("Rests on"),
    "announced_by": _("Announced by"),
    "syndicated_from": _("Taken over from"),
    "follow_up": _("Follow-up named"),
}
PRECISIONS: Mapping[str, str | Promise] = {
    "exact": _("exact, within 10 m"),
    "vicinity": _("vicinity, within 100 m"),
    "settlement": _("settlement, within 1 km"),
    "sector": _("sector, within 25 km"),
    "district": _("district"),
    "region": _("region"),
    "country": _("country"),
    "none": _("not known"),
    "": _("not known"),
}


@register.filter
def field_label(field: str) -> str | Promise:
    """What a field of an account is called."""
    return FIELDS.get(field, field)


@register.filter
def precision_label(precision: str) -> str | Promise:
    """How exactly a place is known."""
    return PRECISIONS.get(precision, precision)


@register.filter
def item(values: Mapping[str, str], name: str) -> str:
    """The value under a name; the name where there is none."""
    return values.get(name, name)


@register.filter
def numbers(values: Iterable[int]) -> str:
    """Numbers of columns, in a row."""
    return ", ".join(map(str, values))
