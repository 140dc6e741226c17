"""Have the time of authorities put on checkpoints: asked for at once, fetched when they answer (R-33)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ..models import Checkpoint, Timestamp
from ..outside.authorities import Authority, OutOfReach, authorities, stamp
from ..policies.permissions import MACHINE
from .record import hold_the_log, record
from .work import Later, ask_for


def ask_for_timestamps(size: int, *, by: str, at: datetime) -> None:
    """Ask for timestamps of a checkpoint, where the mission has authorities."""
    if authorities():
        ask_for("timestamp", [str(size)], by=by, at=at)


def timestamp_checkpoint(size: int, *, clock: Callable[[], datetime]) -> list[Timestamp]:
    """Fetch what authorities have not attested yet of a checkpoint; returns what they did now.

    What one attests is recorded before the next is asked. Raises Later where one does not answer, and
    BadInput where an answer does not hold.
    """
    head = Checkpoint.objects.filter(size=size).first()
    if head is None:
        return []
    known = set(Timestamp.objects.filter(checkpoint=size).values_list("authority", flat=True))
    made: list[Timestamp] = []
    missing = []
    for authority in authorities():
        if authority.name in known:
            continue
        try:
            made.append(_one(authority, head, clock))
        except OutOfReach as error:
            missing.append(str(error))
    if missing:
        raise Later(" ".join(missing))
    return made


def _one(authority: Authority, head: Checkpoint, clock: Callable[[], datetime]) -> Timestamp:
    answered = stamp(authority, head.note.encode())
    row = Timestamp(
        checkpoint=head.size,
        sha256=answered.stamp.sha256,
        authority=authority.name,
        attested_at=answered.stamp.at,
        serial=answered.stamp.serial,
        policy=answered.stamp.policy,
        response=b64encode(answered.response).decode(),
    )
    with transaction.atomic():
        hold_the_log()
        record([row], by=MACHINE.officer_id, at=clock())
    return row


@dataclass(frozen=True, slots=True)
class Fetched:
    """A timestamp of a checkpoint that was fetched, with the authority's response as it came."""

    authority: str
    attested_at: datetime
    serial: str
    response: bytes


def fetched_timestamps(size: int) -> list[Fetched]:
    """The timestamps of a checkpoint."""
    rows = Timestamp.objects.filter(checkpoint=size).order_by("entry")
    return [Fetched(row.authority, row.attested_at, row.serial, b64decode(row.response)) for row in rows]
