"""What waits: things of the register of which something is still to be done, found without asking for each.

Whether a thing waits (an account without an incident, an incident without a finding) follows from other
rows, so a register of a million accounts would be asked a million times. Here each process remembers what
waited when it last looked, and up to which entry of the log; since rows are written once, only what was
recorded since can have changed. A page goes a few entries further; until it reaches the end of the log, the
number is one of at least so many. What goes through many entries (an import, the start of the site) catches
up with all of them and keeps what it found for the processes to begin with.

What is remembered is of this log and no other: the hash of the last entry looked at says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from lieber.link import Verdict

from ..models import (
    Account,
    Comment,
    Entry,
    Finding,
    Incident,
    Item,
    Judgement,
    Proposal,
    Review,
    Screening,
    Waited,
)
from ..policies.permissions import Viewer
from . import log
from .compartments import hidden_from
from .link import merges

# How many entries of the log a page goes further, how many one step of catching up goes, and how many
# things are remembered of each kind.
NEAR = 2_000
STEP = 25_000
MOST = 2_000
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """The things that wait, newest first; `whole` where these are all."""

    things: tuple[str, ...]
    whole: bool

    def seen_by(self, viewer: Viewer, model: type[Model]) -> tuple[str, ...]:
        """Those that the viewer may know of."""
        hidden: set[str] = set()
        for part in _parts(self.things):
            hidden.update(hidden_from(viewer, model).filter(thing__in=part).values_list("thing", flat=True))
        return tuple(thing for thing in self.things if thing not in hidden)


# The first entry looked at, and the one behind the last.
Span = tuple[int, int]


@dataclass(frozen=True)
class Kind:
    """One kind of waiting: the rows that wait, as one query, and the things that may have begun or ceased
    to wait by what was recorded in a span of the log. `left_aside` names things that the query cannot
    tell."""

    name: str
    rows: Callable[[], QuerySet[Any]]
    touched: Callable[[Span], Iterable[str]]
    left_aside: Callable[[], Collection[str]] = frozenset


@dataclass(frozen=True, slots=True)
class _Memory:
    """What a process knows: the entries below `upto` were looked at, the last of them has this hash."""

    mark: bytes = b""
    upto: int = 0
    # Thing -> the entry of its last version.
    found: Mapping[str, int] = field(default_factory=dict)
    left_out: bool = False


_MEMORIES: dict[str, _Memory] = {}


def waiting(kind: Kind) -> Waiting:
    """What waits of this kind now, as far as a page may look."""
    memory = _begun(kind)
    size = log.size()
    if memory.upto < size:
        memory = _followed(kind, memory, min(size, memory.upto + NEAR))
    _MEMORIES[kind.name] = memory
    aside = set(kind.left_aside())
    return Waiting(
        things=tuple(thing for thing in _newest_first(memory.found) if thing not in aside),
        whole=memory.upto == size and not memory.left_out,
    )


def catch_up(kind: Kind) -> _Memory:
    """All that waits of this kind, through the whole log; remembered by this process."""
    memory, size = _up_to(kind, _begun(kind), log.size()), log.size()
    if _mostly_done(memory):
        # Those that were left out come next.
        memory = _up_to(kind, _Memory(), size)
    _MEMORIES[kind.name] = memory
    return memory


def _up_to(kind: Kind, memory: _Memory, size: int) -> _Memory:
    while memory.upto < size:
        memory = _followed(kind, memory, min(size, memory.upto + STEP))
    return memory


def _mostly_done(memory: _Memory) -> bool:
    return memory.left_out and len(memory.found) < MOST // 2


def kept(kind: Kind, memory: _Memory) -> Waited:
    """What is remembered as a row, for other processes to begin with."""
    return Waited(
        kind=kind.name,
        mark=memory.mark,
        upto=memory.upto,
        found=dict(memory.found),
        left_out=memory.left_out,
    )


def _begun(kind: Kind) -> _Memory:
    """What is remembered of this log, by this process or by what was kept, whichever goes further."""
    own = _MEMORIES.get(kind.name, _Memory())
    if not _is_of_this_log(own):
        own = _Memory()
    if log.size() - own.upto <= NEAR and not _mostly_done(own):
        return own
    row = Waited.objects.filter(kind=kind.name).first()
    if row is None:
        return own
    kept_one = _Memory(bytes(row.mark), row.upto, row.found, row.left_out)
    # one that knows of more, though a little less of the log, is followed from there
    further = kept_one.upto > own.upto or (
        kept_one.upto >= own.upto - NEAR and len(kept_one.found) > len(own.found)
    )
    return kept_one if further and _is_of_this_log(kept_one) else own


def _is_of_this_log(memory: _Memory) -> bool:
    return memory.upto == 0 or _mark(memory.upto - 1) == memory.mark


def _followed(kind: Kind, memory: _Memory, upto: int) -> _Memory:
    """The memory after the entries up to this one."""
    touched = set(kind.touched((memory.upto, upto)))
    found = {thing: known for thing, known in memory.found.items() if thing not in touched}
    for part in _parts(touched):
        found |= dict(kind.rows().filter(thing__in=part).values_list("thing", "entry"))
    left_out = memory.left_out or len(found) > MOST
    found = {thing: found[thing] for thing in _newest_first(found)[:MOST]}
    return _Memory(_mark(upto - 1), upto, found, left_out)


def _in(span: Span) -> dict[str, int]:
    """The condition that a row was recorded in a span of the log."""
    return {"entry__gte": span[0], "entry__lt": span[1]}


def _newest_first(found: Mapping[str, int]) -> list[str]:
    return sorted(found, key=lambda thing: -found[thing])


def _mark(index: int) -> bytes:
    """The hash of an entry; empty where the log has none of this number."""
    nodes = Entry.objects.filter(index=index).values_list("nodes", flat=True).first()
    return b"" if nodes is None else bytes(nodes)[:32]


def _parts(things: Iterable[str]) -> Iterable[list[str]]:
    listed = list(things)
    return (listed[start : start + _BATCH] for start in range(0, len(listed), _BATCH))


# ------------------------------------------------------------------ accounts without an incident


def _accounts() -> QuerySet[Any]:
    judged = Judgement.objects.as_of(None).filter(
        left=OuterRef("thing"), of_incidents=False, verdict=Verdict.SAME.value
    )
    return Account.objects.as_of(None).filter(~Exists(judged))


def _accounts_touched(span: Span) -> Iterable[str]:
    yield from Account.objects.filter(**_in(span)).values_list("thing", flat=True)
    rows = Judgement.objects.filter(**_in(span), of_incidents=False)
    yield from rows.values_list("left", flat=True)


# ------------------------------------------------------------------ incidents without a finding


def _incidents() -> QuerySet[Any]:
    return Incident.objects.as_of(None).filter(~Exists(Finding.objects.filter(incident=OuterRef("thing"))))


def _incidents_touched(span: Span) -> Iterable[str]:
    yield from Incident.objects.filter(**_in(span)).values_list("thing", flat=True)
    yield from Finding.objects.filter(**_in(span), version=1).values_list("incident", flat=True)


# ------------------------------------------------------------------ proposals on their way


def _proposals() -> QuerySet[Any]:
    """Neither withdrawn nor recorded; whether one was rejected is asked of the few that are left."""
    recorded = Finding.objects.filter(proposal=OuterRef("thing"))
    return Proposal.objects.as_of(None).filter(~Exists(recorded), withdrawn=False)


def _proposals_touched(span: Span) -> Iterable[str]:
    yield from Proposal.objects.filter(**_in(span)).values_list("thing", flat=True)
    yield from Review.objects.filter(**_in(span)).values_list("proposal", flat=True)
    rows = Finding.objects.filter(Q(proposal__gt=""), **_in(span))
    yield from rows.values_list("proposal", flat=True)


# ------------------------------------------------------------------ items to screen


def _items() -> QuerySet[Any]:
    """Those of which nothing is coded, and of which nobody decided whether they are to be."""
    coded = Account.objects.filter(item=OuterRef("thing"))
    screened = Screening.objects.filter(item=OuterRef("thing"))
    return Item.objects.as_of(None).filter(~Exists(coded), ~Exists(screened))


def _items_touched(span: Span) -> Iterable[str]:
    yield from Item.objects.filter(**_in(span)).values_list("thing", flat=True)
    yield from Account.objects.filter(**_in(span), version=1).values_list("item", flat=True)
    yield from Screening.objects.filter(**_in(span)).values_list("item", flat=True)


# ------------------------------------------------------------------ comments that call somebody


def _calls() -> QuerySet[Any]:
    return Comment.objects.as_of(None).exclude(mentions=[])


def _calls_touched(span: Span) -> Iterable[str]:
    return Comment.objects.filter(**_in(span)).values_list("thing", flat=True)


UNSCREENED_ITEMS = Kind("items", _items, _items_touched)
CALLS = Kind("calls", _calls, _calls_touched)
UNPLACED_ACCOUNTS = Kind("accounts", _accounts, _accounts_touched)
UNASSESSED_INCIDENTS = Kind("incidents", _incidents, _incidents_touched, lambda: merges(None))
OPEN_PROPOSALS = Kind("proposals", _proposals, _proposals_touched)
KINDS = (UNSCREENED_ITEMS, CALLS, UNPLACED_ACCOUNTS, UNASSESSED_INCIDENTS, OPEN_PROPOSALS)
