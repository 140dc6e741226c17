"""The log: its size and root at any instant, its nodes, its proofs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from lieber.base import LieberError
from lieber.ledger import Frontier, inclusion_proof, node_home, peak_positions, root_at

from ..models import Checkpoint, Entry, register_models
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import seen_by

_HASH = 32


@dataclass(frozen=True, slots=True)
class LogHead:
    """How long the log was at an instant, and the root of its tree."""

    size: int
    root: bytes


def size(as_of: datetime | None = None) -> int:
    """Number of entries recorded at or before the instant; None means now."""
    entries = Entry.objects.all() if as_of is None else Entry.objects.filter(recorded_at__lte=as_of)
    order = ("-index",) if as_of is None else ("-recorded_at", "-index")
    last = entries.order_by(*order).values_list("index", flat=True).first()
    return 0 if last is None else last + 1


def first_and_last_day() -> tuple[date | None, date | None]:
    """The days of the first and of the last entry; None where the log is empty."""
    order = Entry.objects.order_by("recorded_at", "index").values_list("recorded_at", flat=True)
    first, last = order.first(), order.last()
    return (first.astimezone(UTC).date() if first else None, last.astimezone(UTC).date() if last else None)


@dataclass(frozen=True, slots=True)
class DaysAround:
    """The days with entries around an instant, for sliding; and those on which a head was signed."""

    first: date | None
    last: date | None
    before: date | None
    after: date | None
    signed: tuple[date, ...]


def days_around(instant: datetime, *, most_signed: int = 400) -> DaysAround:
    """The first and the last day of the log, the nearest days with entries before and after the instant's
    day, and the latest days of signed heads. A few look-ups in an index whatever the log's length."""
    day = instant.astimezone(UTC).date()
    begins = datetime.combine(day, time.min, UTC)
    instants = Entry.objects.order_by("recorded_at", "index").values_list("recorded_at", flat=True)
    before = instants.filter(recorded_at__lt=begins).last()
    after = instants.filter(recorded_at__gte=begins + timedelta(days=1)).first()
    signed = Checkpoint.objects.order_by("-size").values_list("signed_at", flat=True)[:most_signed]
    first, last = first_and_last_day()
    return DaysAround(
        first=first,
        last=last,
        before=before.astimezone(UTC).date() if before else None,
        after=after.astimezone(UTC).date() if after else None,
        signed=tuple(sorted({at.astimezone(UTC).date() for at in signed})),
    )


def settled(instant: datetime) -> datetime:
    """The latest instant, not after the one given, of which what was known cannot change any more.

    Later than the last entry somebody may be writing at this moment, with an instant before now: a
    figure "as of now" is therefore one as of the last entry (R-25).
    """
    last = Entry.objects.order_by("-index").values_list("recorded_at", flat=True).first()
    return instant if last is None else min(instant, last)


def head(as_of: datetime | None = None) -> LogHead:
    """Size and root of the log at an instant."""
    entries = size(as_of)
    return LogHead(entries, root_at(entries, read_nodes))


def frontier() -> Frontier:
    """The log's growing edge, ready to append to."""
    entries = size()
    return Frontier(entries, read_nodes(peak_positions(entries)))


def read_nodes(positions: Sequence[tuple[int, int]]) -> list[bytes]:
    """The hashes of the tree's nodes (level, index), in one query.

    Raises LieberError where the log lacks an entry.
    """
    homes = [node_home(level, index) for level, index in positions]
    rows = {
        index: bytes(nodes)
        for index, nodes in Entry.objects.filter(index__in={leaf for leaf, _ in homes}).values_list(
            "index", "nodes"
        )
    }
    try:
        return [rows[leaf][_HASH * place : _HASH * (place + 1)] for leaf, place in homes]
    except KeyError as error:
        raise LieberError(f"The log lacks entry {error}; run `mission check`.") from None


def last_checkpoint() -> Checkpoint | None:
    """The longest signed head of the log."""
    return Checkpoint.objects.order_by("-size").first()


def is_replayed() -> bool:
    """Whether entries carry the days on which reports became public: an example register.

    Such a register is replayed from its first entry on.
    """
    return Entry.objects.filter(index=0, replayed=True).exists()


@dataclass(frozen=True, slots=True)
class EntryDetail:
    """An entry of the log, with the proof that it stands in the log.

    Of a thing in another's compartment the commitment is shown and nothing else: kind and thing
    are empty, the version is 0.
    """

    index: int
    kind: str
    thing: str
    version: int
    recorded_at: datetime
    replayed: bool
    leaf_hash: str
    size: int
    root: str
    proof: tuple[str, ...]
    superseded_by: int | None


def entry_detail(index: int, *, viewer: Viewer) -> EntryDetail | None:
    """An entry with its inclusion proof in the log as it is now; None where there is none."""
    check_may(viewer, Deed.READ_LOG)
    entry = Entry.objects.filter(index=index).first()
    if entry is None:
        return None
    now = head()
    entries = entries_of(entry.thing, viewer=viewer)
    later = entries[entry.version : entry.version + 1]
    return EntryDetail(
        index=entry.index,
        kind=entry.kind if entries else "",
        thing=entry.thing if entries else "",
        version=entry.version if entries else 0,
        recorded_at=entry.recorded_at,
        replayed=entry.replayed,
        leaf_hash=bytes(entry.nodes)[:_HASH].hex(),
        size=now.size,
        root=now.root.hex(),
        proof=tuple(part.hex() for part in inclusion_proof(index, now.size, read_nodes)),
        superseded_by=later[0] if later else None,
    )


def entries_of(thing: str, *, viewer: Viewer) -> list[int]:
    """The entries of a thing, oldest first: its rows know them. None of what the viewer may not know of."""
    check_may(viewer, Deed.READ_LOG)
    model = next((model for model in register_models() if model.prefix == thing[:3]), None)
    if model is None:
        return []
    rows = seen_by(model.objects.filter(thing=thing).order_by("version"), viewer)
    return list(rows.values_list("entry", flat=True))
