"""Rounds of fixity: compute again what was recorded, name what differs, and freeze its item (R-27)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import transaction

from lieber.preserve.digests import FAST, OneDigest
from lieber.preserve.ocfl_check import check_object

from ..models import CustodyEvent, Exhibit, FixityRound, Keeping, RegisterRow
from ..outside.clock import clock_source
from ..outside.storage import ORIGINALS, Storage, storage
from ..policies import preserve as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.exhibits import exhibit_number, in_order
from .collect import item_for
from .record import VersionConflict, hold_the_log, record

_PORTION = 1 << 22
# What is recorded as one round: a check that is ended goes on behind the last of them.
_ROUND_FILES, _ROUND_BYTES = 20_000, 20_000_000_000
_THREADS = 2
_MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An exhibit whose bytes are not what was recorded."""

    exhibit: str
    number: str
    item: str
    found: str
    sha256: str = ""


@dataclass(slots=True)
class Checked:
    """What was read, and what did not fit."""

    exhibits: int = 0
    size: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    # Of the storage itself, not of an exhibit.
    problems: list[str] = field(default_factory=list)
    last_entry: int = 0


def check_bytes(
    *,
    by: Viewer,
    clock: Callable[[], datetime],
    algorithm: str = FAST,
    after: int = 0,
    most: int | None = None,
    rounds: int | None = None,
    progress: Callable[[Checked], None] = lambda _: None,
) -> Checked:
    """Read what is held from an entry on, and record what was found; returns it.

    Each portion is a round of its own, with what did not fit as incidents of custody. `most` ends the check
    after so many exhibits, `rounds` after so many rounds. Raises BadInput for a digest that is not kept.
    """
    OneDigest(algorithm)
    checked, keep = Checked(last_entry=after), storage()
    policy.check_storage_there(there=keep.is_there(), anything=next(in_order(0), None) is not None)
    checked.problems += keep.problems()
    rows = in_order(after)
    with ThreadPoolExecutor(_THREADS) as pool:
        for portion in islice(_portions(islice(rows, most)), rounds):
            began = clock()
            found = [
                mismatch
                for mismatch in pool.map(lambda row: _check(row, keep, algorithm), portion)
                if mismatch is not None
            ]
            checked.exhibits += len(portion)
            checked.size += sum(row.size for row in portion)
            checked.mismatches += found
            first, checked.last_entry = portion[0].entry, portion[-1].entry + 1
            _record(portion, found, first=first, algorithm=algorithm, began=began, by=by, at=clock())
            progress(checked)
    return checked


def _portions(rows: Iterable[Exhibit]) -> Iterator[list[Exhibit]]:
    portion: list[Exhibit] = []
    size = 0
    for row in rows:
        portion.append(row)
        size += row.size
        if len(portion) >= _ROUND_FILES or size >= _ROUND_BYTES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _check(row: Exhibit, keep: Storage, algorithm: str) -> Mismatch | None:
    """What does not fit: the file itself, or what its object says of it."""
    digest, size = OneDigest(algorithm), 0
    try:
        with keep.stream(row.root, row.stored, row.path) as file:
            while portion := file.read(_PORTION):
                digest.update(portion)
                size += len(portion)
    except FileNotFoundError:
        return _mismatch(row, "the file is missing")
    except OSError as error:
        return _mismatch(row, f"the file cannot be read: {error.strerror or error}")
    if size != row.size:
        return _mismatch(row, f"it has {size} bytes, recorded are {row.size}")
    if digest.hexdigest() != getattr(row, algorithm):
        return _mismatch(
            row, f"its {algorithm} is {digest.hexdigest()}, recorded is {getattr(row, algorithm)}"
        )
    found = check_object(**keep.tree(row.root, row.stored), read=False)
    damage = next((problem for problem in found if problem.error), None)
    return _mismatch(row, f"its object is damaged: {damage.where}: {damage.words}") if damage else None


def _mismatch(row: Exhibit, found: str) -> Mismatch:
    return Mismatch(row.thing, exhibit_number(row.entry), row.item, found)


def _record(
    portion: Sequence[Exhibit],
    found: Sequence[Mismatch],
    *,
    first: int,
    algorithm: str,
    began: datetime,
    by: Viewer,
    at: datetime,
) -> None:
    rows: list[RegisterRow] = [
        FixityRound(
            first_entry=first,
            last_entry=portion[-1].entry + 1,
            algorithm=algorithm,
            started_at=began,
            ended_at=at,
            exhibits=len(portion),
            size=sum(row.size for row in portion),
            mismatches=[
                {"exhibit": one.exhibit, "number": one.number, "found": one.found}
                for one in found[:_MOST_TOLD]
            ],
        )
    ]
    of = {row.thing: row for row in portion}
    with transaction.atomic():
        hold_the_log()
        for mismatch in found:
            rows += _incident(of[mismatch.exhibit], mismatch, at)
        record(rows, by=by.officer_id, at=at)


def _incident(row: Exhibit, mismatch: Mismatch, at: datetime) -> list[RegisterRow]:
    """An incident of custody; of evidence the item is frozen with it. What is known is not said again."""
    known = CustodyEvent.objects.filter(exhibit=row.thing, what="incident").order_by("-entry").first()
    keeping = Keeping.objects.as_of(None).filter(item=row.item).first()
    frozen = keeping is not None and keeping.frozen
    if known is not None and known.note == mismatch.found and (frozen or row.root != ORIGINALS):
        return []
    line = CustodyEvent(
        item=row.item,
        exhibit=row.thing,
        what="incident",
        happened_at=at,
        clock_source=clock_source(),
        sha256_before=row.sha256,
        sha256_after=mismatch.sha256,
        note=mismatch.found,
    )
    if row.root != ORIGINALS or frozen:
        return [line]
    return [line, kept_anew(keeping, row.item, frozen=True, reason=f"{mismatch.number}: {mismatch.found}")]


def kept_anew(keeping: Keeping | None, item: str, **changes: object) -> Keeping:
    """The next version of how an item is kept."""
    if keeping is None:
        return Keeping(item=item, **changes)
    values = {name: getattr(keeping, name) for name in keeping.committed() if name != "recorded_by"}
    return Keeping(thing=keeping.thing, version=keeping.version + 1, **(values | changes))


def settle_mismatch(*, item: str, reason: str, on_version: int, by: Viewer, at: datetime) -> None:
    """Thaw an item whose bytes are again what was recorded, with a written reason.

    All its exhibits are read again by their SHA-256. Raises NotAllowed, NotInRegister, BadInput where one
    still differs or no reason is given, or VersionConflict.
    """
    check_may(by, Deed.KEEP)
    policy.check_reason(reason)
    with transaction.atomic():
        hold_the_log()
        item_for(item, by)
        keeping = Keeping.objects.as_of(None).filter(item=item).first()
        if keeping is None or not keeping.frozen:
            return
        check_version(keeping, on_version)
        keep = storage()
        rows = list(Exhibit.objects.as_of(None).filter(item=item, root=ORIGINALS))
        policy.check_whole([found for row in rows if (found := _check(row, keep, "sha256"))])
        lines: list[RegisterRow] = [
            CustodyEvent(
                item=item,
                exhibit=row.thing,
                what="fixity_checked",
                happened_at=at,
                clock_source=clock_source(),
                sha256_before=row.sha256,
                sha256_after=row.sha256,
                note=reason.strip(),
            )
            for row in rows
        ]
        record(
            [*lines, kept_anew(keeping, item, frozen=False, reason=reason.strip())], by=by.officer_id, at=at
        )


def keep_item(
    *,
    item: str,
    retention_until: object,
    legal_hold: bool,
    reason: str,
    authority: str,
    on_version: int,
    by: Viewer,
    at: datetime,
) -> int:
    """Say until when an item is kept, and whether it must not be disposed of; returns the version.

    Setting or lifting a hold is a custody event of each exhibit. Raises NotAllowed, NotInRegister,
    BadInput or VersionConflict.
    """
    check_may(by, Deed.KEEP)
    policy.check_reason(reason)
    policy.check_authority(authority)
    with transaction.atomic():
        hold_the_log()
        item_for(item, by)
        keeping = Keeping.objects.as_of(None).filter(item=item).first()
        check_version(keeping, on_version)
        was_held = keeping is not None and keeping.legal_hold
        lines: list[RegisterRow] = []
        if legal_hold != was_held:
            what = "legal_hold_set" if legal_hold else "legal_hold_lifted"
            lines = _holds(item, what, reason=reason.strip(), authority=authority, at=at)
        row = kept_anew(
            keeping,
            item,
            retention_until=retention_until,
            legal_hold=legal_hold,
            reason=reason.strip(),
            authority=authority,
            # Whoever decides anew takes back what was asked for.
            disposal="done" if keeping and keeping.disposal == "done" else "",
            asked_by="",
        )
        record([row, *lines], by=by.officer_id, at=at)
    return int(row.version)


def _holds(item: str, what: str, *, reason: str, authority: str, at: datetime) -> list[RegisterRow]:
    return [
        CustodyEvent(
            item=item,
            exhibit=row.thing,
            what=what,
            happened_at=at,
            clock_source=clock_source(),
            purpose=reason,
            authority=authority,
            sha256_before=row.sha256,
            sha256_after=row.sha256,
        )
        for row in Exhibit.objects.as_of(None).filter(item=item, root=ORIGINALS)
    ]


def check_version(keeping: Keeping | None, on_version: int) -> None:
    """Raises VersionConflict where somebody else decided meanwhile."""
    if (keeping.version if keeping else 0) != on_version:
        raise VersionConflict(
            "Somebody else recorded how this item is kept meanwhile; look at theirs and decide again."
        )
