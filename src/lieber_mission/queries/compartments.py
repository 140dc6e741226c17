"""Need to know: what lies in a compartment is absent for whoever is not its member."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from ..models import Compartment, Exhibit, FollowUp, Item, Officer, PublicStatement, Ref
from ..policies.permissions import Deed, Viewer, check_may
from .teams import team_names

Rows = TypeVar("Rows", bound=QuerySet)  # type: ignore[type-arg]

# What is said of a thing lies where the thing lies, by the name of the reference that leads to it.
_LIES_WITH: Mapping[str, type[Model]] = {
    "item": Item,
    "left_exhibit": Exhibit,
    "right_exhibit": Exhibit,
    "statement": PublicStatement,
    "about": PublicStatement,
    "follow_up": FollowUp,
}


def seen_by(rows: Rows, viewer: Viewer) -> Rows:
    """The rows of things that the viewer may know of.

    What a thing's last version says decides for its past versions too: what is put into a
    compartment today is not found in yesterday.
    """
    return rows.exclude(thing__in=hidden_from(viewer, rows.model))


def hidden_from(viewer: Viewer, model: type[Model]) -> QuerySet:  # type: ignore[type-arg]
    """The ids of the things of a table that lie in compartments of which the viewer is no member.

    What stands in an item lies where the item lies, also where that was closed afterwards.
    """
    names = {field.attname for field in model._meta.concrete_fields}
    closed = Q(pk__in=[])
    if "compartment" in names:
        # Greater than empty, not unequal to it: the index then holds nothing but what is in compartments.
        closed |= Q(compartment__gt="") & ~Q(compartment__in=list(viewer.compartments))
    references = {field.attname for field in model._meta.concrete_fields if isinstance(field, Ref)}
    for name in references & _LIES_WITH.keys():
        closed |= Q(**{f"{name}__in": hidden_from(viewer, _LIES_WITH[name])})
    return model._default_manager.as_of(None).filter(closed).values("thing")  # type: ignore[attr-defined,no-any-return]


def lying_in(model: type[Model], things: Collection[str]) -> dict[str, str]:
    """Thing -> the compartment in which it lies, or in which what it is said of lies; no others are there."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    rows = model._default_manager.as_of(None).filter(thing__in=list(things))  # type: ignore[attr-defined]
    found: dict[str, str] = {}
    for name in [name for name in _LIES_WITH if isinstance(fields.get(name), Ref)]:
        leads = dict(rows.filter(**{f"{name}__gt": ""}).values_list("thing", name))
        closed = lying_in(_LIES_WITH[name], set(leads.values())) if leads else {}
        found |= {thing: closed[other] for thing, other in leads.items() if other in closed}
    if "compartment" in fields:
        found |= dict(rows.filter(compartment__gt="").values_list("thing", "compartment"))
    return found


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member of a compartment: let in by themselves, by teams that it admits, or by both."""

    officer_id: str
    title: str
    by_themselves: bool
    by_teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompartmentLine:
    """A compartment with its members, and the teams that it admits by id and name."""

    thing: str
    version: int
    name: str
    description: str
    second_officer: bool
    members: tuple[MemberLine, ...]
    teams: tuple[tuple[str, str], ...]


def compartment_list(*, viewer: Viewer) -> list[CompartmentLine]:
    """Every compartment, by name. Raises NotAllowed."""
    check_may(viewer, Deed.MANAGE_COMPARTMENTS)
    officers = list(Officer.objects.filter(is_active=True).order_by("title"))
    teams = team_names()
    return [
        CompartmentLine(
            thing=row.thing,
            version=row.version,
            name=row.name,
            description=row.description,
            second_officer=row.second_officer,
            members=tuple(_members(row, officers, teams)),
            teams=tuple((team, name) for team, name in teams.items() if team in row.teams),
        )
        for row in Compartment.objects.as_of(None).order_by("name", "thing")
    ]


def _members(row: Compartment, officers: Iterable[Officer], teams: Mapping[str, str]) -> Iterator[MemberLine]:
    for officer in officers:
        by_themselves = row.thing in officer.own_compartments
        by_teams = tuple(teams[team] for team in officer.teams if team in row.teams)
        if by_themselves or by_teams:
            yield MemberLine(officer.officer_id, officer.title, by_themselves, by_teams)


def names(things: frozenset[str]) -> dict[str, str]:
    """Compartment -> name, of those that are named only."""
    return dict(Compartment.objects.as_of(None).filter(thing__in=things).values_list("thing", "name"))
