"""Teams: officers who work together, and the compartments that admit them. Each change is a row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from lieber.base import BadInput

from ..models import Compartment, Officer, Team
from ..policies import officers as policy
from ..policies.permissions import Deed, Role, Viewer, check_may
from .officers import held_officer, write_appointment
from .record import hold_the_log, record


def open_team(*, name: str, description: str, by: Viewer, at: datetime) -> str:
    """Name a team, with nobody in it yet; returns its id. Raises NotAllowed or BadInput without a name."""
    check_may(by, Deed.MANAGE_COMPARTMENTS)
    row = Team(name=_named(name), description=description.strip())
    record([row], by=by.officer_id, at=at)
    return row.thing


def rename_team(*, team: str, name: str, description: str, by: Viewer, at: datetime) -> None:
    """Give a team another name and description. Raises NotAllowed or BadInput."""
    check_may(by, Deed.MANAGE_COMPARTMENTS)
    with transaction.atomic():
        hold_the_log()
        known = _team(team)
        row = Team(thing=team, version=known.version + 1, name=_named(name), description=description.strip())
        if row.content() != known.content():
            record([row], by=by.officer_id, at=at)


def set_team_member(
    *, team: str, officer_id: str, member: bool, reason: str, by: Viewer, at: datetime
) -> None:
    """Put an officer into a team, and so into each compartment that admits it, or take them out.

    Raises NotAllowed, OfficerRefused (nobody does this for themselves) or BadInput.
    """
    check_may(by, Deed.MANAGE_COMPARTMENTS)
    policy.check_not_oneself(officer_id=officer_id, by=by)
    policy.check_reason(reason)
    with transaction.atomic():
        officer = held_officer(officer_id)
        policy.check_active(active=officer.is_active)
        write_appointment(
            officer,
            roles=[Role(role) for role in officer.roles],
            compartments=officer.own_compartments,
            teams=_changed(officer.teams, _team(team).thing, inside=member),
            active=True,
            reason=reason,
            by=by.officer_id,
            at=at,
        )


def admit_team(*, compartment: str, team: str, admitted: bool, reason: str, by: Viewer, at: datetime) -> None:
    """Let a team, with whoever is in it at any time, into a compartment, or no longer.

    Raises NotAllowed, OfficerRefused (nobody does this for a team of their own) or BadInput.
    """
    check_may(by, Deed.MANAGE_COMPARTMENTS)
    policy.check_reason(reason)
    with transaction.atomic():
        hold_the_log()
        known = Compartment.objects.as_of(None).filter(thing=compartment).first()
        if known is None:
            raise BadInput(f"No compartment {compartment} is in the register; compare the id.")
        policy.check_not_own_team(team=_team(team).thing, teams=_teams_of(by))
        row = Compartment(
            thing=compartment,
            version=known.version + 1,
            name=known.name,
            description=known.description,
            second_officer=known.second_officer,
            teams=_changed(known.teams, team, inside=admitted),
            reason=reason.strip(),
        )
        if row.teams != known.teams:
            record([row], by=by.officer_id, at=at)


def _named(name: str) -> str:
    if not name.strip():
        raise BadInput("A team needs a name by which officers know it; write one.")
    return name.strip()


def _team(team: str) -> Team:
    row: Team | None = Team.objects.as_of(None).filter(thing=team).first()
    if row is None:
        raise BadInput(f"No team {team} is in the register; compare the id.")
    return row


def _teams_of(by: Viewer) -> Collection[str]:
    """The teams of whoever does something, as they are now: the log is held."""
    return [
        team
        for teams in Officer.objects.filter(officer_id=by.officer_id).values_list("teams", flat=True)
        for team in teams
    ]


def _changed(known: Collection[str], thing: str, *, inside: bool) -> list[str]:
    others = set(known) - {thing}
    return sorted(others | {thing} if inside else others)
