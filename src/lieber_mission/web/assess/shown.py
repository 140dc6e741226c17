"""Conclusions as pages show them: field by field, several side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lieber.assess import Conclusion, PickedClaim, alternatives, shipped_course

from ...queries.assessment import MET_BY_ITSELF
from ..components import days, label, labels, persons
from .forms import language, split

# The states of a proposal as states of work have shapes.
STATE_SHAPES = {
    "drafted": "todo",
    "submitted": "waiting",
    "returned": "returned",
    "agreed": "agreed",
    "rejected": "refused",
    "recorded": "done",
    "withdrawn": "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A field with its value in each conclusion."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the conclusions say different things of it."""
        return len(set(self.values)) > 1


def side_by_side(conclusions: Sequence[Conclusion]) -> list[Row]:
    """What the conclusions say, field by field; fields that are empty in all are left out."""
    rows = [Row(name, tuple(told(one) for one in conclusions)) for name, told in _fields()]
    return [row for row in rows if any(row.values)]


def state_words(state: str) -> str:
    """A state of a proposal in the language of the page."""
    return shipped_course().states[state].label(language())


def _fields() -> list[tuple[str, Callable[[Conclusion], str]]]:
    return [
        (_("Tier"), lambda one: label(one.tier.word, "tier")),
        (_("Contested"), lambda one: _("yes") if one.contested else _("no")),
        (_("Series"), lambda one: label(one.series, "series")),
        (_("Killed"), lambda one: persons(one.killed.min, one.killed.best, one.killed.max)),
        (_("Date"), lambda one: days(one.date.earliest, one.date.latest, "")),
        (_("Best day"), lambda one: str(one.date.best_day)),
        (_("Place"), _place),
        (_("Victims of"), lambda one: one.victim_party),
        (_("Status of the victims"), lambda one: labels(split(one.status), "legal_status")),
        (_("Attributed to"), lambda one: one.perpetrator_party),
        (_("Manner"), lambda one: labels(split(one.manner), "manner")),
        (_("Held to be so"), _facts),
        (_("Why this tier"), lambda one: one.tier_reason),
        (_("Reasons"), lambda one: one.reasons),
        *((each.label(language()), _answer(each.word)) for each in alternatives()),
        (_("Other alternatives"), _answer("")),
        (_("Claims for it"), lambda one: _claims(one.claims_for)),
        (_("Claims against it"), lambda one: _claims(one.claims_against)),
    ]


def part_names() -> dict[str, str]:
    """What of an account can speak, in the language of the page."""
    return {
        "whole": _("As a whole"),
        "date": _("Day"),
        "place": _("Place"),
        "number": _("Killed"),
        "victims": _("Victims of"),
        "status": _("Status"),
        "manner": _("Manner"),
        "perpetrator": _("Attributed to"),
    }


def _claims(claims: Sequence[PickedClaim]) -> str:
    names = part_names()
    return "; ".join(f"{claim.account}: {names[claim.part]}" for claim in claims)


def _facts(one: Conclusion) -> str:
    """Those that officers hold to be so: the others follow from what was done."""
    return labels([fact for fact in one.facts if fact not in MET_BY_ITSELF], "finding_fact")


def _answer(word: str) -> Callable[[Conclusion], str]:
    return lambda one: one.alternatives.get(word, "")


def _place(one: Conclusion) -> str:
    place = one.place
    parts = (place.settlement, place.district, place.region, place.country)
    whole = ", ".join(part for part in parts if part)
    if not place.name or place.name in parts:
        return whole
    return f"{place.name} ({whole})" if whole else place.name
