"""Who the officers are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.utils import timezone

from lieber.base import BadInput

from .. import place
from ..models import Appointment, Invitation, Officer
from ..policies.permissions import Deed, Viewer, check_may
from .log import is_replayed
from .teams import team_names


@dataclass(frozen=True, slots=True)
class OfficerLine:
    """An officer's account, as whoever manages accounts sees it."""

    officer_id: str
    handle: str
    title: str
    roles: tuple[str, ...]
    teams: tuple[str, ...]
    active: bool
    last_login: datetime | None
    second_factors: int
    sessions: int
    invited_until: datetime | None

    @property
    def role_words(self) -> tuple[str, ...]:
        """The roles in words."""
        return tuple(role.replace("_", " ") for role in self.roles)


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    """One version of what an officer may do."""

    entry: int
    recorded_at: datetime
    recorded_by: str
    roles: tuple[str, ...]
    compartments: int
    teams: int
    active: bool
    reason: str

    @property
    def role_words(self) -> tuple[str, ...]:
        """The roles in words."""
        return tuple(role.replace("_", " ") for role in self.roles)


class Account(NamedTuple):
    """An account, as whoever is at the machine sees it."""

    officer_id: str
    handle: str
    title: str
    roles: list[str]
    teams: list[str]
    second_factor: bool
    active: bool


def accounts() -> list[Account]:
    """Every account, by handle, with the names of its teams; for the commands."""
    names = team_names()
    with_factor = set(Authenticator.objects.exclude(type="recovery_codes").values_list("user_id", flat=True))
    return [
        Account(
            officer_id=officer.officer_id,
            handle=officer.handle,
            title=officer.title,
            roles=list(officer.roles),
            teams=sorted(names[team] for team in officer.teams if team in names),
            second_factor=officer.pk in with_factor,
            active=officer.is_active,
        )
        for officer in Officer.objects.order_by("handle")
    ]


def officer_list(*, viewer: Viewer, officer_id: str = "") -> list[OfficerLine]:
    """Every account, or the one with this id, those who left last. Raises NotAllowed."""
    check_may(viewer, Deed.MANAGE_OFFICERS)
    accounts = Officer.objects.order_by("-is_active", "title", "id")
    if officer_id:
        accounts = accounts.filter(officer_id=officer_id)
    open_links = Invitation.objects.filter(used_at=None, expires_at__gt=timezone.now())
    until = dict(open_links.values_list("officer_id", "expires_at"))
    factors = list(Authenticator.objects.exclude(type="recovery_codes").values_list("user_id", flat=True))
    names = team_names()
    sessions = list(UserSession.objects.values_list("user_id", flat=True))
    return [
        OfficerLine(
            officer_id=account.officer_id,
            handle=account.handle,
            title=account.title,
            roles=tuple(account.roles),
            teams=tuple(sorted(names[team] for team in account.teams if team in names)),
            active=account.is_active,
            last_login=account.last_login,
            second_factors=factors.count(account.pk),
            sessions=sessions.count(account.pk),
            invited_until=until.get(account.pk),
        )
        for account in accounts
    ]


def appointments(officer_id: str, *, viewer: Viewer) -> list[AppointmentLine]:
    """What an officer was appointed to, latest first. Raises NotAllowed."""
    check_may(viewer, Deed.MANAGE_OFFICERS)
    return [
        AppointmentLine(
            entry=row.entry,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
            roles=tuple(row.roles),
            compartments=len(row.compartments),
            teams=len(row.teams),
            active=row.active,
            reason=row.reason,
        )
        for row in Appointment.objects.filter(officer=officer_id).order_by("-version")
    ]


def link_digest(token: str) -> str:
    """What is kept of an invitation's link."""
    return hashlib.sha256(token.encode()).hexdigest()


def invited(token: str) -> str | None:
    """The title of the account that an open link is for, None where there is no such link."""
    open_links = Invitation.objects.filter(used_at=None, expires_at__gt=timezone.now())
    links = open_links.filter(digest=link_digest(token))
    return links.filter(officer__is_active=True).values_list("officer__title", flat=True).first()


def second_factor_needed() -> bool:
    """Whether officers need a second factor: always, except in an example of public material that says no."""
    offered = place.mission().get("officers", {}).get("second_factor") == "offered"
    return not (offered and is_replayed())


def by_handle(handle: str | None) -> Officer:
    """The officer with this handle; without one, the only active officer there is.

    Raises BadInput where none or several fit.
    """
    active = Officer.objects.filter(is_active=True)
    found = list(active.filter(handle__iexact=handle) if handle else active.order_by("id")[:2])
    if len(found) == 1:
        return found[0]
    if handle:
        raise BadInput(f"No active officer has the handle {handle!r}; see `mission info`.")
    raise BadInput(
        "Every deed has an author: name an officer with --by HANDLE; see `mission info` for the handles."
    )


def titles() -> dict[str, str]:
    """Officer id -> title, for pages that show who recorded something."""
    return dict(Officer.objects.values_list("officer_id", "title"))


def active_titles() -> dict[str, str]:
    """Officer id -> title, of those who have not left, in the order of the titles."""
    return dict(Officer.objects.filter(is_active=True).order_by("title").values_list("officer_id", "title"))


def officer_of(officer_id: str) -> Officer:
    """The account of an officer. Raises BadInput where there is none that is active."""
    row = Officer.objects.filter(officer_id=officer_id, is_active=True).first()
    if row is None:
        raise BadInput(f"No officer {officer_id} has an account that is open; compare the id.")
    return row
