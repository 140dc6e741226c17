"""Officers' accounts: invited, appointed, left. Each appointment is a row of the register."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from lieber.base import RANDOM_BYTES, BadInput, LieberError, new_id
from lieber.base.ids import bytes_of_id

from ..models import Appointment, Compartment, Invitation, Officer
from ..policies import officers as policy
from ..policies.permissions import Deed, Role, Viewer, check_may
from ..queries.officers import link_digest
from .protect.openings import lock_everywhere
from .record import hold_the_log, record

INVITED_FOR = timedelta(hours=72)
_HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


def appointment_thing(officer_id: str) -> str:
    """The id of an officer's appointments: derived from theirs, so that there is one chain only."""
    return new_id(Appointment.prefix, bytes_of_id(officer_id))


def make_officer(
    *,
    handle: str,
    title: str,
    roles: Sequence[Role],
    password: str | None,
    at: datetime,
    by: Viewer | None = None,
    compartments: Collection[str] = (),
    reason: str = "",
    replayed: bool = False,
) -> Officer:
    """Make an officer's account and appoint them; without a password nobody can log in with it.

    Without `by` it is the founding of a mission: the officer stands for themselves.
    Raises BadInput where the handle is taken or no handle.
    """
    if not _HANDLE.fullmatch(handle):
        raise BadInput(
            f"A handle is 2 to 40 small Latin letters, digits and . _ -, beginning with a letter or digit: "
            f"found {handle!r}."
        )
    if Officer.objects.filter(handle__iexact=handle).exists():
        raise BadInput(f"An officer with the handle {handle} exists already; choose another handle.")
    officer = Officer(officer_id=new_id("OFF", os.urandom(RANDOM_BYTES)), handle=handle, title=title.strip())
    if not officer.title:
        raise BadInput("An officer needs a title that pages show, as “Analyst, team 2”: found none.")
    officer.set_password(password)
    with transaction.atomic():
        write_appointment(
            officer,
            roles=roles,
            compartments=compartments,
            teams=(),
            active=True,
            reason=reason,
            by=by.officer_id if by else officer.officer_id,
            at=at,
            replayed=replayed,
        )
    return officer


def invite(
    *, handle: str, title: str, roles: Sequence[Role], by: Viewer, at: datetime
) -> tuple[Officer, str]:
    """Make an account for somebody and a link's token that lets them set its password.

    The token is returned once and kept nowhere. Raises NotAllowed or BadInput.
    """
    check_may(by, Deed.MANAGE_OFFICERS)
    with transaction.atomic():
        officer = make_officer(
            handle=handle, title=title, roles=roles, password=None, at=at, by=by, reason="invited"
        )
        return officer, _invitation(officer, by=by, at=at)


def invite_again(*, officer_id: str, reason: str, by: Viewer, at: datetime) -> str:
    """A new link for an officer who lost password or second factor; the old ones stop at once.

    They are let into their compartments anew, once they are known to be who they are.
    Returns its token. Raises NotAllowed, OfficerRefused or BadInput.
    """
    check_may(by, Deed.MANAGE_OFFICERS)
    policy.check_not_oneself(officer_id=officer_id, by=by)
    policy.check_reason(reason)
    with transaction.atomic():
        officer = held_officer(officer_id)
        policy.check_active(active=officer.is_active)
        _end_ways_in(officer, at=at)
        write_appointment(
            officer,
            roles=[Role(role) for role in officer.roles],
            # Need to know is not for whoever makes links to decide: a member is let in anew.
            compartments=(),
            teams=(),
            active=True,
            reason=f"invited again: {reason.strip()}",
            by=by.officer_id,
            at=at,
        )
        return _invitation(officer, by=by, at=at)


def _invitation(officer: Officer, *, by: Viewer, at: datetime) -> str:
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        digest=link_digest(token),
        officer=officer,
        invited_by=by.officer_id,
        invited_at=at,
        expires_at=at + INVITED_FOR,
    )
    return token


def accept(*, token: str, password: str, at: datetime) -> Officer:
    """Set the password of the account that a link was made for; the link is used up.

    Raises BadInput for a link that is unknown, used or too old, and for a weak password.
    """
    with transaction.atomic():
        invitation = (
            Invitation.objects.select_for_update()
            .filter(digest=link_digest(token), used_at=None, expires_at__gt=at, officer__is_active=True)
            .first()
        )
        if invitation is None:
            raise BadInput("This link was used, is too old, or is none: ask an administrator for a new one.")
        officer = invitation.officer
        try:
            validate_password(password, officer)
        except ValidationError as error:
            raise BadInput(" ".join(error.messages)) from None
        officer.set_password(password)
        officer.save(update_fields=["password"])
        invitation.used_at = at
        invitation.save(update_fields=["used_at"])
        cut_access(officer)
    return officer


def appoint(
    *, officer_id: str, roles: Sequence[Role], active: bool, reason: str, by: Viewer, at: datetime
) -> None:
    """Give an officer other roles, or note that they left: from the next request on nothing else holds.

    Raises NotAllowed or OfficerRefused.
    """
    check_may(by, Deed.MANAGE_OFFICERS)
    policy.check_not_oneself(officer_id=officer_id, by=by)
    policy.check_reason(reason)
    with transaction.atomic():
        officer = held_officer(officer_id)
        write_appointment(
            officer,
            roles=roles if active else (),
            compartments=officer.own_compartments if active else (),
            teams=officer.teams if active else (),
            active=active,
            reason=reason,
            by=by.officer_id,
            at=at,
        )
        if not active:
            _end_ways_in(officer, at=at)


def open_compartment(*, name: str, description: str, second_officer: bool, by: Viewer, at: datetime) -> str:
    """Open a compartment; returns its id. Raises NotAllowed or BadInput without a name."""
    check_may(by, Deed.MANAGE_COMPARTMENTS)
    if not name.strip():
        raise BadInput("A compartment needs a name that tells nothing of whom it protects; write one.")
    row = Compartment(name=name.strip(), description=description.strip(), second_officer=second_officer)
    record([row], by=by.officer_id, at=at)
    return row.thing


def set_member(
    *, compartment: str, officer_id: str, member: bool, reason: str, by: Viewer, at: datetime
) -> None:
    """Let an officer know of what lies in a compartment by themselves, or no longer; teams are apart.

    Raises NotAllowed, OfficerRefused (nobody does this for themselves) or BadInput.
    """
    check_may(by, Deed.MANAGE_COMPARTMENTS)
    policy.check_not_oneself(officer_id=officer_id, by=by)
    policy.check_reason(reason)
    if not Compartment.objects.filter(thing=compartment).exists():
        raise BadInput(f"No compartment {compartment} is in the register; compare the id.")
    with transaction.atomic():
        officer = held_officer(officer_id)
        policy.check_active(active=officer.is_active)
        others = [known for known in officer.own_compartments if known != compartment]
        write_appointment(
            officer,
            roles=[Role(role) for role in officer.roles],
            compartments=[*others, compartment] if member else others,
            teams=officer.teams,
            active=True,
            reason=reason,
            by=by.officer_id,
            at=at,
        )


def keep_newest_sessions(officer: Officer, *, at_most: int) -> None:
    """End the oldest sessions of an officer beyond a number."""
    for session in UserSession.objects.filter(user=officer).order_by("-created_at", "-pk")[at_most:]:
        session.end()


def _end_ways_in(officer: Officer, *, at: datetime) -> None:
    """No password, link, session or second factor of before lets an officer in."""
    officer.set_password(None)
    officer.save(update_fields=["password"])
    for link in officer.invitations.filter(used_at=None, expires_at__gt=at):
        link.expires_at = at
        link.save(update_fields=["expires_at"])
    cut_access(officer)


def cut_access(officer: Officer) -> None:
    """End every session of an officer, forget their second factors, lock their key to the vault."""
    for session in UserSession.objects.filter(user=officer):
        session.end()
    Authenticator.objects.filter(user=officer).delete()
    lock_everywhere(officer=officer.officer_id)


def held_officer(officer_id: str) -> Officer:
    """The officer's account, held until the transaction ends. Raises LieberError for an unknown id."""
    hold_the_log()
    officer = Officer.objects.filter(officer_id=officer_id).first()
    if officer is None:
        raise LieberError(f"No officer has the id {officer_id}; compare it.")
    return officer


def write_appointment(
    officer: Officer,
    *,
    roles: Sequence[Role],
    compartments: Collection[str],
    teams: Collection[str],
    active: bool,
    reason: str,
    by: str,
    at: datetime,
    replayed: bool = False,
) -> None:
    """Record the next version of what an officer may do, and let the account repeat it."""
    officer.roles = sorted(role.value for role in set(roles))
    officer.own_compartments = sorted(set(compartments))
    officer.teams = sorted(set(teams))
    officer.is_active = active
    officer.save()
    thing = appointment_thing(officer.officer_id)
    earlier = Appointment.objects.as_of(None).filter(thing=thing).first()
    row = Appointment(
        thing=thing,
        version=earlier.version + 1 if earlier else 1,
        officer=officer.officer_id,
        roles=officer.roles,
        compartments=officer.own_compartments,
        teams=officer.teams,
        active=active,
        reason=reason.strip(),
    )
    record([row], by=by, at=at, replayed=replayed)
