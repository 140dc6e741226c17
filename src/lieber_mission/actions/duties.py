"""What a worker does by itself when nothing waits: a checkpoint a day, and rounds of fixity."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ..models import Checkpoint, Exhibit, FixityRound
from ..policies.permissions import MACHINE
from ..queries import log
from ..queries.exhibits import in_order
from .checkpoint import sign_checkpoint
from .fixity import check_bytes
from .timestamps import ask_for_timestamps

CHECKPOINT_EVERY = timedelta(days=1)
# All that is held is read again in this time, in portions, with pauses for other work.
FIXITY_EVERY, FIXITY_PAUSE, FIXITY_PORTION = timedelta(days=30), timedelta(hours=1), 2_000


def do_duties(clock: Callable[[], datetime]) -> None:
    """Do what is due."""
    sign_when_due(clock())
    check_when_due(clock)


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


def check_when_due(clock: Callable[[], datetime]) -> int:
    """Read a portion of what is held again; returns how many exhibits were read."""
    at = clock()
    last = FixityRound.objects.order_by("-entry").first()
    if last is None:
        after = 0
    elif at - last.ended_at < FIXITY_PAUSE:
        return 0
    elif Exhibit.objects.filter(version=1, entry__gte=last.last_entry).exists():
        after = last.last_entry
    elif _read_from_the_first_since(at - FIXITY_EVERY):
        return 0
    else:
        after = 0
    return check_bytes(by=MACHINE, clock=clock, after=after, most=FIXITY_PORTION).exhibits
