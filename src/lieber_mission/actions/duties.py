"""What workers do by themselves when nothing waits: a checkpoint a day, and rounds of fixity."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ..models import Checkpoint, Exhibit, FixityRound, Work
from ..policies.permissions import MACHINE
from ..queries import log
from ..queries.exhibits import in_order
from .checkpoint import sign_checkpoint
from .fixity import check_bytes
from .timestamps import ask_for_timestamps
from .work import ask_for

CHECKPOINT_EVERY = timedelta(days=1)
# All that is held is read again in this time, in portions of one round, with pauses for other work.
FIXITY_EVERY, FIXITY_PAUSE, FIXITY_PORTION = timedelta(days=30), timedelta(hours=1), 2_000


def do_duties(clock: Callable[[], datetime]) -> None:
    """Do what is due."""
    sign_when_due(clock())
    ask_for_check_when_due(clock())


def sign_when_due(at: datetime) -> bool:
    """Sign the log's head once a day, where it has grown, and ask for timestamps of it."""
    last = Checkpoint.objects.order_by("-size").first()
    if last is None or log.size() == last.size or at - last.signed_at < CHECKPOINT_EVERY:
        return False
    sign_checkpoint(at=at)
    ask_for_timestamps(log.size(), by=MACHINE.officer_id, at=at)
    return True


def _read_from_the_first_since(day: datetime) -> bool:
    """Whether a pass over all that is held began since; what came later is read by itself meanwhile."""
    first = next(in_order(0), None)
    return (
        first is None or FixityRound.objects.filter(first_entry__lte=first.entry, started_at__gt=day).exists()
    )


def ask_for_check_when_due(at: datetime) -> bool:
    """Ask for a portion of what is held to be read again; one worker reads it, however many there are."""
    after = _due_from(at)
    if after is None:
        return False
    tried = Work.objects.filter(kind="check", asked_at__gt=at - FIXITY_PAUSE)
    if tried.exists() or Work.objects.filter(kind="check", state__in=["waiting", "running"]).exists():
        return False
    # One that failed for good is tried anew in its place.
    Work.objects.filter(kind="check", state="failed").delete()
    ask_for("check", [str(after)], by=MACHINE.officer_id, at=at)
    return True


def _due_from(at: datetime) -> int | None:
    """The entry from which the next portion goes; None where nothing is due."""
    last = FixityRound.objects.order_by("-entry").first()
    if last is None:
        return 0 if Exhibit.objects.filter(version=1).exists() else None
    if at - last.ended_at < FIXITY_PAUSE:
        return None
    if Exhibit.objects.filter(version=1, entry__gte=last.last_entry).exists():
        return int(last.last_entry)
    return None if _read_from_the_first_since(at - FIXITY_EVERY) else 0


def check_portion(after: int, *, clock: Callable[[], datetime]) -> int:
    """Read one portion of what is held again, from an entry on; returns how many exhibits were read."""
    return check_bytes(by=MACHINE, clock=clock, after=after, most=FIXITY_PORTION, rounds=1).exhibits
