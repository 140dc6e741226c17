"""Teams: who is in them, and which compartments admit them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..models import Compartment, Officer, Team
from ..policies.permissions import Deed, Viewer, check_may


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team with its members' titles and the names of the compartments that admit it."""

    thing: str
    name: str
    description: str
    members: tuple[tuple[str, str], ...]
    compartments: tuple[tuple[str, str], ...]


def team_list(*, viewer: Viewer) -> list[TeamLine]:
    """Every team, by name. Raises NotAllowed."""
    check_may(viewer, Deed.MANAGE_COMPARTMENTS)
    officers = list(
        Officer.objects.filter(is_active=True).order_by("title").values_list("officer_id", "title", "teams")
    )
    admitting = list(
        Compartment.objects.as_of(None).order_by("name", "thing").values_list("thing", "name", "teams")
    )
    return [
        TeamLine(
            thing=row.thing,
            name=row.name,
            description=row.description,
            members=tuple((known, title) for known, title, teams in officers if row.thing in teams),
            compartments=tuple((known, name) for known, name, teams in admitting if row.thing in teams),
        )
        for row in Team.objects.as_of(None).order_by("name", "thing")
    ]


def team_names(things: Collection[str] | None = None) -> dict[str, str]:
    """Team -> name, of these or of all, in the order of the names."""
    rows = Team.objects.as_of(None).order_by("name", "thing")
    if things is not None:
        rows = rows.filter(thing__in=list(things))
    return dict(rows.values_list("thing", "name"))
