"""Have the time of authorities put on checkpoints: asked for at once, fetched when they answer (R-33)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from lieber.base import BadInput

from ..models import Checkpoint, Exhibit, Timestamp
from ..outside.authorities import Authority, OutOfReach, authorities, stamp
from ..outside.storage import storage
from ..policies.permissions import MACHINE
from .record import hold_the_log, record
from .work import Later, ask_for

# A manifest is small; films are attested to by the manifest that names them.
LARGEST_STAMPED = 64 << 20


def ask_for_timestamps(size: int, *, by: str, at: datetime) -> None:
    """Ask for timestamps of a checkpoint, where the mission has authorities."""
    if authorities():
        ask_for("timestamp", [str(size)], by=by, at=at)


def timestamp_checkpoint(size: int, *, clock: Callable[[], datetime]) -> int:
    """Fetch what authorities have not attested yet of a checkpoint; returns how many did now.

    What one attests is recorded before the next is asked. Raises Later where one does not answer, and
    BadInput where an answer does not hold.
    """
    head = Checkpoint.objects.filter(size=size).first()
    if head is None:
        return 0
    known = Timestamp.objects.filter(checkpoint=size)
    return _fetch(head.note.encode(), Timestamp(checkpoint=size), known=known, clock=clock)


def timestamp_exhibit(thing: str, *, clock: Callable[[], datetime]) -> int:
    """The same of an exhibit: of the manifest of a capture, which names all else that was taken."""
    row = Exhibit.objects.as_of(None).filter(thing=thing).first()
    if row is None or row.size > LARGEST_STAMPED:
        return 0
    with storage().open(row.root, row.stored, row.path) as file:
        content = file.read()
    known = Timestamp.objects.filter(exhibit=thing)
    return _fetch(content, Timestamp(exhibit=thing), known=known, clock=clock)


def _fetch(
    content: bytes, of: Timestamp, *, known: QuerySet[Timestamp], clock: Callable[[], datetime]
) -> int:
    there = set(known.values_list("authority", flat=True))
    made = 0
    missing: list[str] = []
    wrong: list[str] = []
    for authority in authorities():
        if authority.name in there:
            continue
        try:
            _one(authority, content, of, clock)
            made += 1
        except OutOfReach as error:
            missing.append(str(error))
        except BadInput as error:
            wrong.append(str(error))
    if missing:
        raise Later(" ".join([*missing, *wrong]))
    if wrong:
        raise BadInput(" ".join(wrong))
    return made


def _one(authority: Authority, content: bytes, of: Timestamp, clock: Callable[[], datetime]) -> None:
    answered = stamp(authority, content)
    row = Timestamp(
        checkpoint=of.checkpoint,
        exhibit=of.exhibit,
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


@dataclass(frozen=True, slots=True)
class Fetched:
    """A timestamp of a checkpoint that was fetched, with the authority's response as it came."""

    authority: str
    attested_at: datetime
    serial: str
    response: bytes


def fetched_timestamps(size: int) -> list[Fetched]:
    """The timestamps of a checkpoint."""
    return _fetched(Timestamp.objects.filter(checkpoint=size))


def fetched_of_exhibit(thing: str) -> list[Fetched]:
    """The timestamps of an exhibit."""
    return _fetched(Timestamp.objects.filter(exhibit=thing))


def _fetched(rows: QuerySet[Timestamp]) -> list[Fetched]:
    return [
        Fetched(row.authority, row.attested_at, row.serial, b64decode(row.response))
        for row in rows.order_by("entry")
    ]


def roots_of_authorities() -> dict[str, tuple[bytes, ...]]:
    """The certificates in PEM to which each authority's own must lead."""
    return {authority.name: authority.roots for authority in authorities()}
