"""What the fields of an account are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lieber.code.by_hand import VOCABULARIES

from ..components import label

Words = str | Promise

# One field of the form.
LABELS: Mapping[str, Words] = {
    "occurred_earliest": _("It happened on, or from"),
    "occurred_latest": _("… until, where not one day"),
    "occurred_precision": _("How exactly it is dated"),
    "place_name": _("Place, as the item has it"),
    "settlement": _("Settlement"),
    "district": _("District"),
    "region": _("Region"),
    "country": _("Country (two letters)"),
    "place_precision": _("How exactly the place is known"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "coordinates_from": _("Where the coordinates come from"),
    "killed_quantifier": _("Persons killed, as it puts it"),
    "killed_n": _("Number"),
    "killed_m": _("… and at most, of a range"),
    "persons_present": _("Persons in the group"),
    "victim_party": _("Victims of (party)"),
    "victim_statuses": _("State of the victims"),
    "perpetrator_party": _("Blamed (party)"),
    "perpetrator_unit": _("Blamed (unit, as stated)"),
    "manners": _("How they were killed"),
    "evidence_types": _("What it rests on"),
    "evidence_published_by": _("Published by the side of (party)"),
    "announced_by": _("Announced by (joined by “;”)"),
    "syndicated_from": _("Taken over from"),
    "follow_up": _("Investigations, requests, answers"),
    "summary": _("Summary in one or two sentences, without names of private persons"),
}
# What has one place in the item, and what coders are compared on.
GROUPS: Mapping[str, Words] = {
    "occurred": _("When"),
    "place": _("Where"),
    "killed": _("Persons killed"),
    "persons_present": _("Persons in the group"),
    "victim_party": _("Victims of"),
    "victim_statuses": _("State of the victims"),
    "perpetrator_party": _("Blamed party"),
    "perpetrator_unit": _("Blamed unit"),
    "manners": _("How they were killed"),
    "evidence_types": _("What it rests on"),
    "evidence_published_by": _("Published by the side of"),
    "announced_by": _("Announced by"),
    "syndicated_from": _("Taken over from"),
    "follow_up": _("Investigations, requests, answers"),
    "settlement": _("Settlement"),
    "region": _("Region"),
    "country": _("Country"),
    "place_precision": _("How exactly the place is known"),
    "summary": _("Summary"),
}


def shown(name: str, value: object) -> str:
    """The value of a field as a page shows it: terms by their labels; empty where nothing is said."""
    if value in (None, "", []):
        return ""
    if name == "killed_quantifier" and value == "unknown":
        return ""
    words = VOCABULARIES.get(name)
    if isinstance(value, list | tuple):
        return "; ".join(label(str(part), words) if words else str(part) for part in value)
    if isinstance(value, date):
        return value.isoformat()
    return label(str(value), words) if words else str(value)
