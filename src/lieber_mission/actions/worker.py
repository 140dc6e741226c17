"""A worker: takes one piece after the other, does it, and says what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread

from django.db import DatabaseError, close_old_connections, connection

from lieber.base import LieberError

from ..models import Officer
from ..outside.storage import StorageAway
from .capture import asked_for, capture
from .disposal import destroy_bytes
from .duties import check_portion
from .examine import examine_exhibit
from .likeness import Finder, compare_exhibit
from .packages import unpack_exhibit
from .timestamps import timestamp_checkpoint, timestamp_exhibit
from .uploads import finished, let_go, lie_here
from .work import GivenUp, Later, Piece, claim, finish, hold, put_back, tell

# Several times within the time for which a piece is held.
_SAID_EVERY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Doing:
    """What a piece is done with: the clock, and how to say how far it is."""

    clock: Callable[[], datetime]
    tell: Callable[[str, float], None]
    finder: Finder


def _examine(piece: Piece, doing: Doing) -> None:
    examine_exhibit(piece.about, clock=doing.clock, tell=doing.tell)


def _compare(piece: Piece, doing: Doing) -> None:
    compare_exhibit(piece.about, finder=doing.finder, clock=doing.clock, tell=doing.tell)


def _dispose(piece: Piece, _doing: Doing) -> None:
    destroy_bytes(piece.about)


def _unpack(piece: Piece, doing: Doing) -> None:
    unpack_exhibit(piece.about, by=piece.asked_by, clock=doing.clock, tell=doing.tell)


def _take_in(piece: Piece, doing: Doing) -> None:
    finished(piece.about, clock=doing.clock)
    let_go(doing.clock())


def _timestamp(piece: Piece, doing: Doing) -> None:
    if piece.about.isdigit():
        timestamp_checkpoint(int(piece.about), clock=doing.clock)
    else:
        timestamp_exhibit(piece.about, clock=doing.clock)


def _check(piece: Piece, doing: Doing) -> None:
    check_portion(int(piece.about), clock=doing.clock)


def _capture(piece: Piece, doing: Doing) -> None:
    officer = Officer.objects.filter(officer_id=piece.asked_by, is_active=True).first()
    if officer is None:
        raise GivenUp("Whoever asked for the capture has left the mission.")
    url, films, circumstances = asked_for(piece.parameters)
    doing.tell("capture", 0.0)
    capture(url, circumstances=circumstances, films=films, by=officer, clock=doing.clock)


# What can be asked of workers.
KINDS: Mapping[str, Callable[[Piece, Doing], None]] = {
    "examine": _examine,
    "compare": _compare,
    "dispose": _dispose,
    "unpack": _unpack,
    "take-in": _take_in,
    "timestamp": _timestamp,
    "capture": _capture,
    "check": _check,
}


def _kinds_here() -> list[str]:
    """What this worker can do: an upload is taken in where its bytes lie."""
    return [kind for kind in KINDS if kind != "take-in" or lie_here()]


@dataclass(slots=True)
class Worked:
    """What a worker did."""

    done: int = 0
    put_back: int = 0


def work(
    worker: str,
    *,
    clock: Callable[[], datetime],
    wait: Callable[[], bool],
    said: Callable[[Piece, str], None] = lambda _piece, _words: None,
) -> Worked:
    """Do what is due, piece by piece; `wait` is called when nothing is, and says whether to go on."""
    worked, finder = Worked(), Finder()
    while True:
        if not connection.in_atomic_block:
            close_old_connections()
        piece = claim(worker, clock=clock, kinds=_kinds_here())
        if piece is None:
            if not wait():
                return worked
            continue
        reason = _do(piece, worker, clock, finder)
        said(piece, reason or "done")
        if reason:
            worked.put_back += 1
        else:
            worked.done += 1


@contextmanager
def _held(piece: Piece, worker: str, clock: Callable[[], datetime]) -> Iterator[None]:
    """Say again and again that the worker lives, whatever it waits for: a step may take an hour."""
    over = Event()

    def say() -> None:
        while not over.wait(_SAID_EVERY_SECONDS):
            # A register that is busy or away for a moment is told so in the next minute.
            with suppress(DatabaseError):
                hold(piece, worker=worker, at=clock())
            connection.close()

    speaker = Thread(target=say, name="held", daemon=True)
    speaker.start()
    try:
        yield
    finally:
        over.set()
        speaker.join()


def _do(piece: Piece, worker: str, clock: Callable[[], datetime], finder: Finder) -> str:
    """Do one piece; returns why it could not be done, or nothing."""

    def say(stage: str, share: float) -> None:
        tell(piece, worker=worker, at=clock(), stage=stage, share=share)

    try:
        with _held(piece, worker, clock):
            KINDS[piece.kind](piece, Doing(clock, say, finder))
    except GivenUp as error:
        put_back(piece, worker=worker, at=clock(), reason=str(error), for_good=True)
        return str(error)
    except (Later, StorageAway) as error:
        put_back(piece, worker=worker, at=clock(), reason=str(error), patient=True)
        return str(error)
    except (LieberError, OSError) as error:
        reason = str(error) if isinstance(error, LieberError) else f"{error.strerror or error}"
        put_back(piece, worker=worker, at=clock(), reason=reason)
        return reason
    finish(piece, worker=worker, at=clock())
    return ""
