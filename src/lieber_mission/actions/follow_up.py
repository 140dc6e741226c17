"""Record what was asked of others and what came back: alike for each party (R-32)."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db import transaction

from lieber.assess import Answer, Asked
from lieber.base import RANDOM_BYTES, new_id

from ..models import FollowUp, Incident, PublicStatement, RegisterRow, Response
from ..policies import follow_up as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.compartments import seen_by
from ..queries.incidents import NotInRegister
from ..queries.statements import check_item
from .record import VersionConflict, hold_the_log, new_thing, record

Row = TypeVar("Row", bound=RegisterRow)


@dataclass(frozen=True, slots=True)
class Request:
    """A follow-up, field by field; empty means not known."""

    follow_up_kind: str
    about: str
    party: str = ""
    addressee: str = ""
    subject: str = ""
    body: str = ""
    sent_on: date | None = None
    due_on: date | None = None
    item: str = ""
    closed_on: date | None = None
    closed_why: str = ""

    @property
    def asked(self) -> Asked:
        """As the method takes it. Raises BadInput for days out of order."""
        return Asked(self.follow_up_kind, self.sent_on, self.due_on, self.closed_on)


@dataclass(frozen=True, slots=True)
class Came:
    """What came back on a follow-up."""

    response: str
    declared: str = ""
    received_on: date | None = None
    responder: str = ""
    summary: str = ""
    item: str = ""

    @property
    def answer(self) -> Answer:
        """As the method takes it. Raises BadInput for what is no term."""
        return Answer(self.response, self.declared, self.received_on)


def record_follow_up(
    *, request: Request, by: Viewer, at: datetime, thing: str = "", on_version: int = 0, once: str = ""
) -> str:
    """Record a follow-up or the next version of it; returns its id.

    `once` is the key of the form that was sent: the same one sent again writes nothing more.
    Raises NotAllowed, FollowUpRefused, BadInput, NotInRegister or VersionConflict.
    """
    check_may(by, Deed.FOLLOW_UP)
    policy.check_follow_up(
        asked=request.asked,
        party=request.party,
        addressee=request.addressee,
        subject=request.subject,
        today=at.date(),
    )
    policy.check_closing(closed_on=request.closed_on, closed_why=request.closed_why, today=at.date())
    with transaction.atomic():
        hold_the_log()
        _check_about(request.about, by)
        if request.item:
            check_item(request.item, viewer=by)
        before = _looked_at(thing, on_version, by) if thing else None
        row = _after(before) if before else _new(FollowUp(), once, by)
        if before is None and FollowUp.objects.filter(thing=row.thing).exists():
            return row.thing
        _fill(row, asdict(request))
        if before is None or row.content() != before.content():
            record([row], by=by.officer_id, at=at)
    return row.thing


def record_response(*, follow_up: str, came: Came, by: Viewer, at: datetime, once: str = "") -> str:
    """Record what came back on a follow-up; returns the response's id.

    Raises NotAllowed, FollowUpRefused, BadInput or NotInRegister.
    """
    check_may(by, Deed.FOLLOW_UP)
    answer = came.answer
    with transaction.atomic():
        hold_the_log()
        asked = _known(follow_up, by)
        policy.check_response(
            asked=Asked(asked.follow_up_kind, asked.sent_on, asked.due_on), answer=answer, today=at.date()
        )
        if came.item:
            check_item(came.item, viewer=by)
        row = _new(Response(), once, by)
        if not Response.objects.filter(thing=row.thing).exists():
            _fill(row, {**asdict(came), "follow_up": follow_up})
            record([row], by=by.officer_id, at=at)
    return row.thing


def _fill(row: RegisterRow, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)


def _new(row: Row, once: str, by: Viewer) -> Row:
    digest = hashlib.sha256(f"{once} {by.officer_id}".encode()).digest()[:RANDOM_BYTES]
    row.thing = new_id(row.prefix, digest) if once else new_thing(row)
    return row


def _known(thing: str, by: Viewer) -> FollowUp:
    row = seen_by(FollowUp.objects.as_of(None).filter(thing=thing), by).first()
    if row is None:
        raise NotInRegister(f"No follow-up {thing} is in the register; compare the id.")
    assert isinstance(row, FollowUp)
    return row


def _looked_at(thing: str, on_version: int, by: Viewer) -> FollowUp:
    row = _known(thing, by)
    if row.version != on_version:
        raise VersionConflict(
            f"Version {on_version + 1} of {thing} cannot be recorded: somebody else recorded one first; "
            "look at theirs and record yours on top of it."
        )
    return row


def _after(before: FollowUp) -> FollowUp:
    return FollowUp(thing=before.thing, version=before.version + 1, external_key=before.external_key)


def _check_about(thing: str, by: Viewer) -> None:
    """What a follow-up is about must be there for whoever records it. Raises NotInRegister."""
    if thing[:3] == PublicStatement.prefix:
        known = seen_by(PublicStatement.objects.as_of(None).filter(thing=thing), by).exists()
    else:
        known = Incident.objects.filter(thing=thing).exists()
    if not known:
        raise NotInRegister(f"No incident or public statement {thing} is in the register; compare the id.")
