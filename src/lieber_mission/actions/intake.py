"""Take files in: read once, digest, keep, and record with a receipt, each file or none of it.

Killed at any moment, the same command goes on where it was: what lies in its place is whole, and a file whose
receipt is recorded is not read again. The same bytes are one exhibit of one item with a receipt for each
time they came.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from io import FileIO
from pathlib import Path
from threading import local

from django.db import transaction

from lieber.base import BadInput, LieberError
from lieber.code import vocabulary
from lieber.collect.media_types import HEAD, ending, media_type_by_signature, suggested_kind
from lieber.preserve.digests import Digester, Digests

from ..models import CustodyEvent, Exhibit, Item, RegisterRow, Source
from ..outside.clock import clock_source
from ..outside.storage import (
    ORIGINALS,
    Storage,
    content_folder,
    identifier,
    storage,
    write_object,
)
from ..parsing import Limited, Stopped
from ..policies import preserve as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.compartments import seen_by
from ..queries.exhibits import disposed_items
from ..queries.incidents import NotInRegister
from .record import batches, hold_the_log, new_thing, record
from .work import ask_for

PORTION = 1 << 22
# What is committed together: so many files, bytes or seconds, whichever comes first.
_BATCH_FILES, _BATCH_BYTES, _BATCH_SECONDS = 1_000, 1 << 28, 5.0
# Files in flight: read and digested while others are recorded.
_THREADS = 2
_AHEAD = 1_000
_TYPE_SECONDS = 20
_ERROR_EXAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is the same of all files of an intake: where they come from, and who may know of them."""

    source: str = ""
    language: str = ""
    graphic: str = ""
    compartment: str = ""
    # Of whom the officer received them, or for whom they collected them: an office or a pseudonym.
    counterparty: str = ""
    note: str = ""
    what: str = "received"


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that is offered: what it is called, and how it is opened. `key` tells it from all others."""

    name: str
    key: str
    size: int
    # Without a buffer of its own: a process apart reads the same file, and moves where it stands.
    open: Callable[[], FileIO]
    # Where it was found and when it was published, and what is to be said of it, where that is known.
    address: str = ""
    published: date | None = None
    note: str = ""
    # Whether it is still what it was when it was found.
    unchanged: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class _Arrived:
    offered: Offered
    digests: Digests
    media_type: str
    folder: Path

    @property
    def path(self) -> str:
        """What its file is called in its object."""
        return f"original{ending(self.media_type)}"


@dataclass(slots=True)
class TakenIn:
    """What an intake did: files taken in, received again, recorded before, and refused with a reason."""

    taken: int = 0
    again: int = 0
    before: int = 0
    size: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    refusals: int = 0
    items: list[str] = field(default_factory=list)

    def refuse(self, name: str, reason: str) -> None:
        """Note a file that was not taken in."""
        self.refusals += 1
        if len(self.refused) < _ERROR_EXAMPLES:
            self.refused.append((name, reason))

    @property
    def files(self) -> int:
        """All files that were looked at."""
        return self.taken + self.again + self.before + self.refusals


def take_in(
    offered: Iterable[Offered],
    *,
    circumstances: Circumstances,
    by: Viewer,
    clock: Callable[[], datetime],
    progress: Callable[[TakenIn], None] = lambda _: None,
    refusals: Iterable[tuple[str, str]] = (),
) -> TakenIn:
    """Take in files; returns what was done with them.

    A file that cannot be read or changes meanwhile is named with its reason, and the others go on.
    Raises NotAllowed, BadInput, NotInRegister, or StorageFull where there is no room: what was recorded
    until then stays.
    """
    check_may(by, Deed.COLLECT)
    check_circumstances(circumstances, by)
    told = TakenIn()
    for name, reason in refusals:
        told.refuse(name, reason)
    keep = storage()
    with ExitStack() as stack:
        arriving = stack.enter_context(keep.arriving(f"intake-{os.getpid()}-{os.urandom(6).hex()}"))
        intake = _Intake(keep, arriving, circumstances, by, clock, told, progress)
        stack.callback(intake.close)
        intake.run(offered)
    return told


def check_circumstances(circumstances: Circumstances, by: Viewer) -> None:
    """Raises BadInput or NotInRegister where what is said of an intake cannot be so."""
    vocabulary("custody_event").check(circumstances.what)
    if circumstances.graphic:
        vocabulary("graphic_content").check(circumstances.graphic)
    if circumstances.compartment and circumstances.compartment not in set(by.compartments):
        raise NotInRegister("No such compartment is in the register, or not for you; compare it.")
    policy.check_counterparty(circumstances.counterparty)
    if circumstances.source and not Source.objects.filter(thing=circumstances.source).exists():
        raise NotInRegister(f"No source {circumstances.source} is in the register; compare the id.")


class _Intake:
    """One intake: threads read and digest, the thread that asked records."""

    def __init__(  # noqa: PLR0917  # made in one place
        self,
        keep: Storage,
        arriving: Path,
        circumstances: Circumstances,
        by: Viewer,
        clock: Callable[[], datetime],
        told: TakenIn,
        progress: Callable[[TakenIn], None],
    ) -> None:
        self._keep, self._arriving = keep, arriving
        self._circumstances, self._by, self._clock = circumstances, by, clock
        self._told, self._progress = told, progress
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="intake")
        self._digesting = ThreadPoolExecutor(_THREADS, thread_name_prefix="sha512")
        self._own = local()
        self._parsers: list[Limited] = []
        self._number = 0

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._digesting.shutdown()
        for parser in self._parsers:
            parser.close()

    def run(self, offered: Iterable[Offered]) -> None:
        waiting: deque[tuple[Offered, Future[_Arrived]]] = deque()
        batch: list[_Arrived] = []
        began = time.monotonic()
        for portion in _portions(offered):
            for one in self._not_before(portion):
                waiting.append((one, self._pool.submit(self._arrive, one)))
                while len(waiting) > _AHEAD or (waiting and waiting[0][1].done()):
                    self._finish(*waiting.popleft(), batch)
                    if _enough(batch) or time.monotonic() - began > _BATCH_SECONDS:
                        self._commit(batch)
                        began = time.monotonic()
        while waiting:
            self._finish(*waiting.popleft(), batch)
            if _enough(batch) or time.monotonic() - began > _BATCH_SECONDS:
                self._commit(batch)
                began = time.monotonic()
        self._commit(batch)

    def _not_before(self, portion: Sequence[Offered]) -> list[Offered]:
        """Those whose receipt is not recorded yet."""
        keys = {receipt_key(one.key, self._circumstances.compartment): one for one in portion}
        known = set(
            CustodyEvent.objects.filter(external_key__in=list(keys)).values_list("external_key", flat=True)
        )
        self._told.before += len(known)
        return [one for key, one in keys.items() if key not in known]

    def _arrive(self, one: Offered) -> _Arrived:
        """Read a file once: digests, type, and a copy that lies on the disk of the storage."""
        self._number += 1
        folder = self._arriving / hashlib.sha256(one.key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        try:
            contents = content_folder(folder)
            with one.open() as source:
                head = source.read(HEAD) if one.size else b""
                media_type = media_type_by_signature(head) or self._media_type(source)
                source.seek(0)
                digests = self._copied(source, contents / f"original{ending(media_type)}")
            _check_unchanged(one, digests)
            write_object(
                folder,
                stored=identifier(digests.sha256),
                files={f"original{ending(media_type)}": digests},
                created=self._clock(),
                message="taken in",
                officer=self._by.officer_id,
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return _Arrived(one, digests, media_type, folder)

    def _copied(self, source: FileIO, target: Path) -> Digests:
        digester = Digester(self._digesting)
        with target.open("xb", buffering=0) as copy:
            while portion := source.read(PORTION):
                # Written while it is digested: the disk works meanwhile.
                copy.write(portion)
                digester.update(portion)
        return digester.digests()

    def _media_type(self, source: FileIO) -> str:
        """Asked of libmagic in a process apart; what it cannot tell stays open."""
        if not hasattr(self._own, "parser"):
            self._own.parser = Limited()
            self._parsers.append(self._own.parser)
        try:
            return str(self._own.parser.ask("media_type", source.fileno(), seconds=_TYPE_SECONDS))
        except (Stopped, OSError):
            return "application/octet-stream"

    def _finish(self, one: Offered, future: Future[_Arrived], batch: list[_Arrived]) -> None:
        try:
            batch.append(future.result())
        except OSError as error:
            policy.check_room(error)
            self._told.refuse(one.name, f"It cannot be read: {error.strerror or error}.")
        except LieberError as error:
            self._told.refuse(one.name, str(error))

    def _commit(self, batch: list[_Arrived]) -> None:
        """Put a batch in its place, and record it in one transaction."""
        if not batch:
            return
        at = self._clock()
        try:
            for one in batch:
                self._settle(one)
            self._keep.flush()
        except OSError as error:
            policy.check_room(error)
            raise
        self._record(batch, at)
        batch.clear()
        self._progress(self._told)

    def _settle(self, one: _Arrived) -> None:
        """Move an object to its place. One that lies there and is in no row was left by a process that was
        ended: it stays where it is whole, and is replaced where the power failed before it was."""
        stored = identifier(one.digests.sha256)
        if self._keep.settle(one.folder, root=ORIGINALS, stored=stored):
            return
        recorded = Exhibit.objects.filter(sha256=one.digests.sha256, root=ORIGINALS).exists()
        if recorded or self._lies_whole(one, stored):
            shutil.rmtree(one.folder, ignore_errors=True)
            return
        self._keep.put_aside(self._arriving / f"damaged-{one.digests.sha256}", root=ORIGINALS, stored=stored)
        self._keep.settle(one.folder, root=ORIGINALS, stored=stored)

    def _lies_whole(self, one: _Arrived, stored: str) -> bool:
        """Whether it is there under the name that will be recorded: its type may have been told otherwise."""
        try:
            self._keep.open(ORIGINALS, stored, one.path).close()
        except FileNotFoundError:
            return False
        return not self._keep.damaged(ORIGINALS, stored)

    def _record(self, batch: Sequence[_Arrived], at: datetime) -> None:
        with transaction.atomic():
            hold_the_log()
            rows, again, items = self._rows(batch, at)
            record(rows, by=self._by.officer_id, at=at)
            exhibits = [row.thing for row in rows if isinstance(row, Exhibit)]
            ask_for("examine", exhibits, by=self._by.officer_id, at=at)
        self._told.taken += len(batch) - again
        self._told.again += again
        self._told.size += sum(one.digests.size for one in batch)
        self._told.items += items

    def _rows(self, batch: Sequence[_Arrived], at: datetime) -> tuple[list[RegisterRow], int, list[str]]:
        """Item, exhibit and receipt of each file; of bytes that are held already the receipt only."""
        held = self._held({one.digests.sha256 for one in batch})
        paths = _paths({one.digests.sha256 for one in batch})
        things: list[RegisterRow] = []
        receipts: list[RegisterRow] = []
        again, items = 0, []
        source = clock_source()
        for one in batch:
            exhibit = held.get(one.digests.sha256)
            if exhibit is None:
                item = self._item(one)
                exhibit = _exhibit(item, one, paths.get(one.digests.sha256, one.path))
                held[one.digests.sha256] = exhibit
                things += [item, exhibit]
                items.append(item.thing)
            else:
                again += 1
            receipts.append(self._receipt(exhibit, one, at, source))
        return [*things, *receipts], again, items

    def _held(self, sha256: set[str]) -> dict[str, Exhibit]:
        """Exhibits of these bytes that this officer may know of, and that lie in the same compartment."""
        found: dict[str, Exhibit] = {}
        for some in batches(sha256):
            rows = Exhibit.objects.as_of(None).filter(sha256__in=some, derived_from="")
            for row in seen_by(rows, self._by).order_by("-entry"):
                found[row.sha256] = row
        gone = disposed_items({row.item for row in found.values()})
        lying = dict(
            Item.objects.as_of(None)
            .filter(thing__in={row.item for row in found.values()})
            .values_list("thing", "compartment")
        )
        return {
            sha256: row
            for sha256, row in found.items()
            if lying.get(row.item, "") == self._circumstances.compartment and row.item not in gone
        }

    def _item(self, one: _Arrived) -> Item:
        told = self._circumstances
        item = Item(
            source=told.source,
            item_kind=suggested_kind(one.media_type),
            address=one.offered.address or one.offered.name,
            published_earliest=one.offered.published,
            published_latest=one.offered.published,
            language=told.language,
            graphic=told.graphic,
            compartment=told.compartment,
        )
        item.thing = new_thing(item)
        return item

    def _receipt(self, exhibit: Exhibit, one: _Arrived, at: datetime, source: str) -> CustodyEvent:
        told = self._circumstances
        return CustodyEvent(
            external_key=receipt_key(one.offered.key, told.compartment),
            item=exhibit.item,
            exhibit=exhibit.thing,
            what=told.what,
            happened_at=at,
            clock_source=source,
            counterparty=told.counterparty,
            sha256_after=one.digests.sha256,
            name=one.offered.name,
            note="; ".join(filter(None, (told.note, one.offered.note)))[:1_000],
        )


def _check_unchanged(one: Offered, digests: Digests) -> None:
    if not one.unchanged() or digests.size != one.size:
        raise BadInput("It changed while it was read: take it in again when nobody writes to it.")


def _paths(sha256: set[str]) -> dict[str, str]:
    """What the files of these bytes are called in their objects, whoever may know of their items."""
    found: dict[str, str] = {}
    for some in batches(sha256):
        rows = Exhibit.objects.filter(sha256__in=some, root=ORIGINALS, version=1)
        found |= dict(rows.values_list("sha256", "path"))
    return found


def _exhibit(item: Item, one: _Arrived, path: str) -> Exhibit:
    row = Exhibit(
        item=item.thing,
        sha256=one.digests.sha256,
        sha512=one.digests.sha512,
        blake3=one.digests.blake3,
        size=one.digests.size,
        media_type=one.media_type,
        original_name=one.offered.name,
        root=ORIGINALS,
        stored=identifier(one.digests.sha256),
        path=path,
    )
    row.thing = new_thing(row)
    return row


def _enough(batch: Sequence[_Arrived]) -> bool:
    return len(batch) >= _BATCH_FILES or sum(one.digests.size for one in batch) >= _BATCH_BYTES


def _portions(offered: Iterable[Offered], size: int = 500) -> Iterator[list[Offered]]:
    portion: list[Offered] = []
    for one in offered:
        portion.append(one)
        if len(portion) == size:
            yield portion
            portion = []
    yield portion


def receipt_key(key: str, compartment: str) -> str:
    """The external key of the receipt of a file: the same one offered again is known by it."""
    told = f"{compartment}\0{key}".encode("utf-8", "surrogateescape")
    return f"receipt/{hashlib.sha256(told).hexdigest()}"


# ------------------------------------------------------------------ files in a folder


def readable(name: str) -> str:
    """A path as it can be shown and stored: what is no UTF-8 or no character of a name is written as %XX."""
    raw = os.fsencode(name)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F and byte != 0x25 else f"%{byte:02X}" for byte in raw)
    return "".join(
        letter if letter.isprintable() else "".join(f"%{byte:02X}" for byte in letter.encode())
        for letter in text
    )[-1_000:]


def offered_in(
    paths: Iterable[Path], *, refuse: Callable[[str, str], None], inside: Path | None = None
) -> Iterator[Offered]:
    """The files at some paths and in the folders below them, in a fixed order.

    Links are not followed; what is neither a file nor a folder is refused, and so is what lies in `inside`,
    the mission's own folder.
    """
    for path in paths:
        try:
            found = path.lstat()
        except OSError as error:
            refuse(readable(str(path)), f"It is not there: {error.strerror or error}.")
            continue
        if inside is not None and path.resolve().is_relative_to(inside):
            refuse(readable(str(path)), "It lies in the mission's own folder.")
        elif stat.S_ISDIR(found.st_mode):
            yield from _in_folder(path, refuse, inside)
        elif stat.S_ISREG(found.st_mode):
            yield _offered(path, found)
        else:
            kind = "a link" if stat.S_ISLNK(found.st_mode) else "no file"
            refuse(readable(str(path)), f"It is {kind}: name the file itself.")


def _in_folder(path: Path, refuse: Callable[[str, str], None], inside: Path | None) -> Iterator[Offered]:
    try:
        with os.scandir(path) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as error:
        refuse(readable(str(path)), f"The folder cannot be read: {error.strerror or error}.")
        return
    yield from offered_in((path / name for name in names), refuse=refuse, inside=inside)


def _offered(path: Path, found: os.stat_result) -> Offered:
    seen = (found.st_size, found.st_mtime_ns, found.st_ino)

    def unchanged() -> bool:
        now = path.lstat()
        return (now.st_size, now.st_mtime_ns, now.st_ino) == seen

    key = f"{path.absolute()}\0{found.st_size}\0{found.st_mtime_ns}"
    return Offered(
        name=readable(str(path)), key=key, size=found.st_size, open=lambda: _opened(path), unchanged=unchanged
    )


def _opened(path: Path) -> FileIO:
    """A file, read from its beginning; never through a link, and never waiting for a pipe."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    return os.fdopen(descriptor, "rb", buffering=0)


def with_name(one: Offered, name: str) -> Offered:
    """The same file under another name."""
    return replace(one, name=name)
