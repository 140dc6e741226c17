"""What waits: things of the register of which something is still to be done, found without asking for each.

Whether a thing waits (an account without an incident, an incident without a finding) follows from other
rows, so a register of a million accounts would be asked a million times. Here each process remembers what
waited when it last looked, and until which entry of the log; since rows are written once, only what was
recorded since can have changed. The first look goes through the register from its newest rows in steps that
each cost a page little; until it reached the end, the number is one of at least so many.

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
)
from ..policies.permissions import Viewer
from .compartments import hidden_from
from .link import merges

# How many entries of the log one step goes through, how many steps a look takes, and how many things are
# remembered of each kind.
STEP = 25_000
STEPS = 2
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


@dataclass(frozen=True)
class Kind:
    """One kind of waiting: the rows that wait, as one query, and the things that may have begun or ceased
    to wait by what was recorded from an entry on. `left_aside` names things that the query cannot tell."""

    name: str
    rows: Callable[[], QuerySet[Any]]
    touched: Callable[[int], Iterable[str]]
    left_aside: Callable[[], Collection[str]] = frozenset


@dataclass
class _Memory:
    """What a process knows: of the entries below `upto` those from `down` on were looked at."""

    mark: bytes
    upto: int
    down: int
    # Thing -> the entry of its last version.
    found: dict[str, int] = field(default_factory=dict)
    left_out: bool = False


_MEMORIES: dict[str, _Memory] = {}


def waiting(kind: Kind) -> Waiting:
    """What waits of this kind now."""
    memory = _up_to_date(kind)
    for _ in range(STEPS):
        if memory.down > 0 and len(memory.found) < MOST:
            _look_further(kind, memory)
    _MEMORIES[kind.name] = memory
    aside = set(kind.left_aside())
    return Waiting(
        things=tuple(thing for thing in _newest_first(memory.found) if thing not in aside),
        whole=memory.down == 0 and not memory.left_out,
    )


def _up_to_date(kind: Kind) -> _Memory:
    """The memory of a kind, brought up to the end of the log; a new one where the log is another, or
    where most of what was remembered is done while more was left out."""
    size, mark = _end()
    memory = _MEMORIES.get(kind.name)
    if memory is None or not _is_of_this_log(memory, size, mark) or size - memory.upto > STEP:
        return _Memory(mark, size, size)
    if memory.left_out and len(memory.found) < MOST // 2:
        return _Memory(mark, size, size)
    return _followed(kind, memory, size, mark) if memory.upto < size else memory


def _is_of_this_log(memory: _Memory, size: int, mark: bytes) -> bool:
    if memory.upto == size:
        return memory.mark == mark
    return 0 < memory.upto < size and _mark(memory.upto - 1) == memory.mark


def _followed(kind: Kind, memory: _Memory, size: int, mark: bytes) -> _Memory:
    """The memory after what was recorded since."""
    touched = set(kind.touched(memory.upto))
    found = {thing: known for thing, known in memory.found.items() if thing not in touched}
    for part in _parts(touched):
        found |= _found(kind.rows().filter(thing__in=part, entry__gte=memory.down))
    return _Memory(mark, size, memory.down, found, memory.left_out)


def _look_further(kind: Kind, memory: _Memory) -> None:
    """Go through the next entries down from where the last look stopped."""
    lowest = max(0, memory.down - STEP)
    memory.found |= _found(kind.rows().filter(entry__gte=lowest, entry__lt=memory.down))
    memory.down = lowest
    if len(memory.found) > MOST:
        newest = _newest_first(memory.found)[:MOST]
        memory.found, memory.left_out = {thing: memory.found[thing] for thing in newest}, True


def _found(rows: QuerySet[Any]) -> dict[str, int]:
    return dict(rows.values_list("thing", "entry"))


def _newest_first(found: Mapping[str, int]) -> list[str]:
    return sorted(found, key=lambda thing: -found[thing])


def _end() -> tuple[int, bytes]:
    last = Entry.objects.order_by("-index").values_list("index", "nodes").first()
    return (0, b"") if last is None else (last[0] + 1, bytes(last[1])[:32])


def _mark(index: int) -> bytes:
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


def _accounts_touched(entry: int) -> Iterable[str]:
    yield from Account.objects.filter(entry__gte=entry).values_list("thing", flat=True)
    rows = Judgement.objects.filter(entry__gte=entry, of_incidents=False)
    yield from rows.values_list("left", flat=True)


# ------------------------------------------------------------------ incidents without a finding


def _incidents() -> QuerySet[Any]:
    return Incident.objects.as_of(None).filter(~Exists(Finding.objects.filter(incident=OuterRef("thing"))))


def _incidents_touched(entry: int) -> Iterable[str]:
    yield from Incident.objects.filter(entry__gte=entry).values_list("thing", flat=True)
    yield from Finding.objects.filter(entry__gte=entry, version=1).values_list("incident", flat=True)


# ------------------------------------------------------------------ proposals on their way


def _proposals() -> QuerySet[Any]:
    """Neither withdrawn nor recorded; whether one was rejected is asked of the few that are left."""
    recorded = Finding.objects.filter(proposal=OuterRef("thing"))
    return Proposal.objects.as_of(None).filter(~Exists(recorded), withdrawn=False)


def _proposals_touched(entry: int) -> Iterable[str]:
    yield from Proposal.objects.filter(entry__gte=entry).values_list("thing", flat=True)
    yield from Review.objects.filter(entry__gte=entry).values_list("proposal", flat=True)
    rows = Finding.objects.filter(Q(proposal__gt=""), entry__gte=entry)
    yield from rows.values_list("proposal", flat=True)


# ------------------------------------------------------------------ items to screen


def _items() -> QuerySet[Any]:
    """Those of which nothing is coded, and of which nobody decided whether they are to be."""
    coded = Account.objects.filter(item=OuterRef("thing"))
    screened = Screening.objects.filter(item=OuterRef("thing"))
    return Item.objects.as_of(None).filter(~Exists(coded), ~Exists(screened))


def _items_touched(entry: int) -> Iterable[str]:
    yield from Item.objects.filter(entry__gte=entry).values_list("thing", flat=True)
    yield from Account.objects.filter(entry__gte=entry, version=1).values_list("item", flat=True)
    yield from Screening.objects.filter(entry__gte=entry).values_list("item", flat=True)


# ------------------------------------------------------------------ comments that call somebody


def _calls() -> QuerySet[Any]:
    return Comment.objects.as_of(None).exclude(mentions=[])


def _calls_touched(entry: int) -> Iterable[str]:
    return Comment.objects.filter(entry__gte=entry).values_list("thing", flat=True)


UNSCREENED_ITEMS = Kind("items", _items, _items_touched)
CALLS = Kind("calls", _calls, _calls_touched)
UNPLACED_ACCOUNTS = Kind("accounts", _accounts, _accounts_touched)
UNASSESSED_INCIDENTS = Kind("incidents", _incidents, _incidents_touched, lambda: merges(None))
OPEN_PROPOSALS = Kind("proposals", _proposals, _proposals_touched)
