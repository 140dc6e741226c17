"""What is held: exhibits of an item, their custody, how they are kept, and rounds of fixity."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum

from ..models import CustodyEvent, Exhibit, FixityRound, Item, Keeping, Timestamp
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import seen_by
from .erasures import not_erased
from .incidents import NotInRegister


@dataclass(frozen=True, slots=True)
class ExhibitShown:
    """A file that is held; `number` is its exhibit number."""

    thing: str
    number: str
    item: str
    derived_from: str
    derivative_kind: str
    tool: str
    sha256: str
    sha512: str
    blake3: str
    size: int
    media_type: str
    original_name: str
    root: str
    stored: str
    path: str
    recorded_at: datetime
    recorded_by: str
    entry: int
    parameters: dict[str, Any]

    @property
    def labels(self) -> list[str]:
        """Of a copy on which parts were marked, what each of them is."""
        told = self.parameters.get("labels", [])
        return [str(label) for label in told if label] if isinstance(told, list) else []


@dataclass(frozen=True, slots=True)
class CustodyShown:
    """One line of the custody of an item."""

    thing: str
    exhibit: str
    number: str
    what: str
    happened_at: datetime
    clock_source: str
    counterparty: str
    on_behalf_of: str
    place: str
    device: str
    purpose: str
    authority: str
    sha256_before: str
    sha256_after: str
    name: str
    note: str
    recorded_at: datetime
    recorded_by: str
    entry: int


@dataclass(frozen=True, slots=True)
class StampShown:
    """What an authority attests of an exhibit or a checkpoint: that its bytes existed at that time."""

    thing: str
    exhibit: str
    authority: str
    attested_at: datetime
    serial: str
    sha256: str
    entry: int


@dataclass(frozen=True, slots=True)
class Kept:
    """How an item is kept; version 0 where nobody said anything."""

    version: int = 0
    retention_until: date | None = None
    legal_hold: bool = False
    frozen: bool = False
    reason: str = ""
    authority: str = ""
    disposal: str = ""
    asked_by: str = ""
    recorded_by: str = ""
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoundShown:
    """A round of fixity."""

    thing: str
    algorithm: str
    started_at: datetime
    ended_at: datetime
    first_entry: int
    last_entry: int
    exhibits: int
    size: int
    mismatches: tuple[str, ...]
    recorded_by: str
    entry: int


@dataclass(frozen=True, slots=True)
class Held:
    """All that is held in a storage root."""

    root: str
    exhibits: int
    size: int


def exhibit_number(first_entry: int) -> str:
    """The number of an exhibit: a string, as CASE wants it (requirements 1.2)."""
    return f"E-{first_entry:06d}"


def exhibits_of(item: str, *, viewer: Viewer, position: int | None) -> list[ExhibitShown]:
    """What is held of an item, in the order in which it came."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = not_erased(seen_by(Exhibit.objects.as_of(position).filter(item=item), viewer))
    return [_exhibit(row) for row in rows.order_by("entry")]


def originals_of(item: str, *, viewer: Viewer, position: int | None) -> int:
    """How many files of an item are held, working copies aside."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = Exhibit.objects.as_of(position).filter(item=item, derived_from="")
    return not_erased(seen_by(rows, viewer)).count()


def exhibit(thing: str, *, viewer: Viewer) -> ExhibitShown:
    """One file that is held. Raises NotAllowed, or NotInRegister where it is not there for this viewer."""
    check_may(viewer, Deed.READ_REGISTER)
    row = not_erased(seen_by(Exhibit.objects.as_of(None).filter(thing=thing), viewer)).first()
    if row is None:
        raise NotInRegister(f"No exhibit {thing} is in the register, or not for you; compare the id.")
    return _exhibit(row)


def _exhibit(row: Exhibit) -> ExhibitShown:
    names = [name for name in ExhibitShown.__slots__ if name != "number"]
    return ExhibitShown(number=exhibit_number(row.entry), **{name: getattr(row, name) for name in names})


def custody_of(item: str, *, viewer: Viewer, position: int | None) -> list[CustodyShown]:
    """The custody of an item, oldest first."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = not_erased(seen_by(CustodyEvent.objects.as_of(position).filter(item=item), viewer))
    numbers = {
        thing: exhibit_number(entry)
        for thing, entry in Exhibit.objects.filter(item=item, version=1).values_list("thing", "entry")
    }
    names = [name for name in CustodyShown.__slots__ if name != "number"]
    return [
        CustodyShown(number=numbers.get(row.exhibit, ""), **{name: getattr(row, name) for name in names})
        for row in rows.order_by("happened_at", "entry")
    ]


def stamps_of(item: str, *, viewer: Viewer, position: int | None) -> list[StampShown]:
    """The timestamps of the exhibits of an item."""
    check_may(viewer, Deed.READ_REGISTER)
    things = not_erased(seen_by(Exhibit.objects.as_of(position).filter(item=item), viewer)).values("thing")
    rows = Timestamp.objects.as_of(position).filter(exhibit__in=things)
    return [_stamp(row) for row in rows.order_by("entry")]


def stamps_of_checkpoint(size: int, *, viewer: Viewer) -> list[StampShown]:
    """The timestamps of a checkpoint."""
    check_may(viewer, Deed.READ_LOG)
    return [_stamp(row) for row in Timestamp.objects.filter(checkpoint=size).order_by("entry")]


def _stamp(row: Timestamp) -> StampShown:
    return StampShown(**{name: getattr(row, name) for name in StampShown.__slots__})


def kept(item: str, *, viewer: Viewer, position: int | None) -> Kept:
    """How an item is kept."""
    check_may(viewer, Deed.READ_REGISTER)
    row = seen_by(Keeping.objects.as_of(position).filter(item=item), viewer).first()
    return Kept(**{name: getattr(row, name) for name in Kept.__slots__}) if row else Kept()


def held(*, viewer: Viewer) -> list[Held]:
    """How many exhibits lie in each storage root, and how many bytes they are.

    All of them, those in compartments too: numbers of files say nothing of what is in them.
    """
    check_may(viewer, Deed.READ_LOG)
    rows = Exhibit.objects.filter(version=1).values("root").annotate(number=Count("row_id"), all=Sum("size"))
    return [Held(row["root"], row["number"], row["all"] or 0) for row in rows.order_by("root")]


def rounds(*, viewer: Viewer, most: int = 50) -> list[RoundShown]:
    """The last rounds of fixity, latest first. Of mismatches in compartments only the number is told."""
    check_may(viewer, Deed.READ_LOG)
    found = []
    for row in FixityRound.objects.as_of(None).order_by("-entry")[:most]:
        seen = _seen([told["exhibit"] for told in row.mismatches], viewer)
        told = tuple(
            f"{told['number']}: {told['found']}" if told["exhibit"] in seen else "" for told in row.mismatches
        )
        names = [name for name in RoundShown.__slots__ if name != "mismatches"]
        found.append(RoundShown(mismatches=told, **{name: getattr(row, name) for name in names}))
    return found


def _seen(exhibits: list[str], viewer: Viewer) -> set[str]:
    rows = seen_by(Exhibit.objects.filter(thing__in=exhibits), viewer)
    return set(rows.values_list("thing", flat=True))


def in_order(after: int, *, root: str = "") -> Iterator[Exhibit]:
    """All exhibits whose first entry is not before `after`, in the order of the log."""
    gone = Keeping.objects.as_of(None).filter(disposal="done")
    rows = Exhibit.objects.filter(version=1, entry__gte=after).order_by("entry")
    rows = rows.exclude(item__in=gone.values("item"))
    yield from (rows.filter(root=root) if root else rows).iterator(2_000)


def last_checked() -> int:
    """The entry at which the last round of fixity ended: the next portion begins there."""
    last = FixityRound.objects.order_by("-entry").values_list("last_entry", flat=True).first()
    return last or 0


def is_frozen(item: str) -> bool:
    """Whether a mismatch was found that nobody settled."""
    return Keeping.objects.as_of(None).filter(item=item, frozen=True).exists()


def disposed_items(items: Collection[str]) -> set[str]:
    """Those of these items whose bytes were destroyed when their time was over."""
    rows = Keeping.objects.as_of(None).filter(disposal="done", item__in=list(items))
    return set(rows.values_list("item", flat=True))


def examinable(exhibits: Collection[str], *, viewer: Viewer) -> list[str]:
    """Those of these that are originals whose bytes are there and as recorded, of what the viewer may see."""
    rows = not_erased(seen_by(Exhibit.objects.as_of(None), viewer)).filter(
        thing__in=list(exhibits), derived_from=""
    )
    found = dict(rows.order_by("entry").values_list("thing", "item"))
    away = Keeping.objects.as_of(None).filter(item__in=set(found.values()))
    left_out = set(away.filter(Q(frozen=True) | Q(disposal="done")).values_list("item", flat=True))
    return [thing for thing, item in found.items() if item not in left_out]


def compartment_of(item: str) -> str:
    """The compartment in which an item lies; empty where in none."""
    return Item.objects.as_of(None).filter(thing=item).values_list("compartment", flat=True).first() or ""


def frozen_items(*, viewer: Viewer, most: int = 100) -> list[tuple[str, str]]:
    """Items that are frozen, with the reason; those that the viewer may know of."""
    check_may(viewer, Deed.READ_LOG)
    rows = seen_by(Keeping.objects.as_of(None).filter(frozen=True), viewer)
    return list(rows.order_by("-entry").values_list("item", "reason")[:most])
