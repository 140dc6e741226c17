"""Work that workers do: asked for with a deed, held for a while by one, tried again, given up with a reason.

A worker that is ended in the middle leaves its piece held; when the time is over another takes it. So what
a piece does must come to the same when it is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from lieber.base import LieberError

from ..models import Work
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.incidents import NotInRegister

# A worker says within this time that it lives, or another takes its piece.
HELD = timedelta(minutes=10)
# Pauses before the second and every further try.
PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
MOST_ATTEMPTS = len(PAUSES) + 1


class GivenUp(LieberError):
    """The piece cannot be done, however often it is tried: the reason says why."""


class Later(LieberError):
    """The piece cannot be done now, and will be when something outside is back: it is tried for ever."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work as its worker sees it."""

    number: int
    kind: str
    about: str
    parameters: Mapping[str, Any]
    asked_by: str
    attempts: int


def ask_for(
    kind: str,
    about: Iterable[str],
    *,
    by: str,
    at: datetime,
    parameters: Mapping[str, Any] | None = None,
    due: datetime | None = None,
) -> None:
    """Ask for work on some things; what waits or is being done already is not asked for twice.

    Within the transaction of the deed: what is rolled back was not asked for.
    """
    Work.objects.bulk_create(
        [
            Work(
                kind=kind,
                about=thing,
                parameters=dict(parameters or {}),
                asked_by=by,
                asked_at=at,
                due=due or at,
            )
            for thing in about
        ],
        ignore_conflicts=True,
        batch_size=500,
    )


def claim(worker: str, *, clock: Callable[[], datetime], kinds: Iterable[str]) -> Piece | None:
    """Take the next piece that is due, or one whose worker was ended; None where there is none."""
    now = clock()
    with transaction.atomic():
        due = Work.objects.filter(
            Q(state="waiting", due__lte=now) | Q(state="running", due__lte=now), kind__in=list(kinds)
        ).order_by("due", "id")
        if connection.vendor == "postgresql":
            due = due.select_for_update(skip_locked=True)
        row = due.first()
        if row is None:
            return None
        if row.attempts >= MOST_ATTEMPTS:
            # Each of its workers was ended, perhaps by it.
            _put_down(row, now, "Its worker was ended each time it was tried.")
            return None
        row.attempts += 1
        row.state, row.worker, row.due, row.stage, row.share = "running", worker, now + HELD, "", None
        row.save()
    return Piece(row.pk, row.kind, row.about, dict(row.parameters), row.asked_by, row.attempts)


def tell(piece: Piece, *, worker: str, at: datetime, stage: str = "", share: float | None = None) -> None:
    """Say how far a piece is, and that its worker lives. Raises GivenUp where another has taken it."""
    held = Work.objects.filter(pk=piece.number, state="running", worker=worker)
    if not held.update(due=at + HELD, stage=stage[:200], share=share):
        raise GivenUp("Another worker has taken this piece, or it was called off.")


def hold(piece: Piece, *, worker: str, at: datetime) -> None:
    """Say that the worker of a piece lives, and nothing else."""
    Work.objects.filter(pk=piece.number, state="running", worker=worker).update(due=at + HELD)


def finish(piece: Piece, *, worker: str, at: datetime) -> None:
    """The piece is done."""
    Work.objects.filter(pk=piece.number, state="running", worker=worker).update(
        state="done", finished_at=at, due=at, reason="", stage="", share=None
    )


def put_back(
    piece: Piece, *, worker: str, at: datetime, reason: str, for_good: bool = False, patient: bool = False
) -> None:
    """The piece failed: it is tried again after a pause, for ever where `patient`, or given up."""
    held = Work.objects.filter(pk=piece.number, state="running", worker=worker)
    if patient:
        pause = PAUSES[min(piece.attempts, len(PAUSES)) - 1]
        attempts = min(piece.attempts, len(PAUSES))
        held.update(state="waiting", due=at + pause, attempts=attempts, reason=reason, stage="", share=None)
        return
    if for_good or piece.attempts >= MOST_ATTEMPTS:
        held.update(state="failed", finished_at=at, due=at, reason=reason, stage="", share=None)
    else:
        pause = PAUSES[min(piece.attempts, len(PAUSES)) - 1]
        held.update(state="waiting", due=at + pause, reason=reason, stage="", share=None)


def _put_down(row: Work, at: datetime, reason: str) -> None:
    row.state, row.finished_at, row.reason, row.stage, row.share = "failed", at, reason, "", None
    row.save()


def try_again(number: int, *, by: Viewer, at: datetime) -> None:
    """Let a piece that failed be tried anew. Raises NotAllowed or NotInRegister."""
    check_may(by, Deed.COLLECT)
    with transaction.atomic():
        row = Work.objects.filter(pk=number, state="failed").first()
        if row is None:
            raise NotInRegister("No such piece of work has failed; look at the list again.")
        if Work.objects.filter(kind=row.kind, about=row.about, state__in=["waiting", "running"]).exists():
            return
        row.state, row.attempts, row.due, row.reason, row.finished_at = "waiting", 0, at, "", None
        row.save()
