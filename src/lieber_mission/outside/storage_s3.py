"""The storage on a service that speaks S3: the same two OCFL roots, as keys in a bucket.

A service moves nothing: an object is written file by file, and its declaration last. Without that it is not
there, and whoever brings the same bytes next writes it to its end. Which inventory it gets is decided by who
writes v1/inventory.json first; all others that bring the same bytes write the rest after it, so that two at
once, or one after another was ended, come to the same object.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from lieber.base import BadInput, LieberError
from lieber.preserve.ocfl import (
    INVENTORY,
    OBJECT_CONTENT_FILE,
    ROOT_DECLARATION,
    object_folder,
    read_inventory,
    root_files,
)
from lieber.preserve.ocfl_check import check_object

from .. import place
from .roots import ORIGINALS, ROOTS, StorageAway, arriving, content_path, incoming
from .s3 import Service, read_settings, service

# Objects on their way at once: each costs several round trips, which overlap.
_AT_ONCE = 8
# What is larger goes in parts; a service takes at most 10,000 of one object.
_PART, _MOST_PARTS = 8 << 20, 9_000
# A part that is asked for grows from the first to the last as long as reading goes on without a leap.
_FIRST_READ, _LAST_READ = 1 << 16, 8 << 20
_BUFFER = 1 << 16
_MOST_TRIES = 5
_FIRST = f"v1/{INVENTORY}"
_SIDECAR = f"{INVENTORY}.sha512"
_WITH_IT = (_FIRST, f"v1/{_SIDECAR}", INVENTORY, _SIDECAR, OBJECT_CONTENT_FILE)
# Files above this size are sent by threads of their own, for the sake of memory: each keeps what it once had.
_SMALL, _LARGER_AT_ONCE = 1 << 20, 2


class S3Storage:
    """The storage on a service; what arrives is written into a local folder first."""

    def __init__(self, keys: Service, folder: Path) -> None:
        self._service, self._folder = keys, folder
        # No thread of theirs is there before something is sent.
        self._pool, self._larger = _pools()
        self._sending: dict[tuple[str, str], Future[None]] = {}

    @property
    def folder(self) -> Path:
        """The local folder of what arrives."""
        return self._folder

    def prepare(self) -> None:
        """Make the roots where they are not there yet."""
        for root in ROOTS:
            try:
                self._service.read(f"{root}/{ROOT_DECLARATION}")
            except FileNotFoundError:
                for name, text in root_files().items():
                    self._service.put(f"{root}/{name}", text)
        incoming(self._folder)

    @contextmanager
    def arriving(self, name: str) -> Iterator[Path]:
        """A local folder of one's own for what arrives."""
        self.prepare()
        with arriving(self._folder, name) as own:
            try:
                yield own
            finally:
                # Nothing is read any more from a folder that is removed.
                self._end()

    def settle(self, arrived: Path, *, root: str, stored: str) -> bool:
        """Begin to send an object that is whole; False where the same one lies there already."""
        sending = self._sending.get((root, stored))
        if sending is not None:
            sending.result()
            return False
        there = self._names(root, stored)
        if OBJECT_CONTENT_FILE in there:
            return False
        base = f"{root}/{object_folder(stored)}"
        self._sending[root, stored] = self._pool.submit(self._send, arrived, base, there)
        return True

    def holds(self, root: str, stored: str) -> bool:
        """Whether an object lies in its place, with its declaration."""
        try:
            self._service.read(f"{root}/{object_folder(stored)}/{OBJECT_CONTENT_FILE}")
        except FileNotFoundError:
            return False
        return True

    def damaged(self, root: str, stored: str) -> bool:
        """Whether an object is not what its own inventory says; reads all of it."""
        return any(problem.error for problem in check_object(**self.tree(root, stored)))

    def put_aside(self, aside: Path, *, root: str, stored: str) -> None:  # noqa: ARG002  # of the interface
        """Remove an object; nothing of it is kept in `aside`, which would be removed with the arrival.

        Its declaration goes last: ended in the middle it is still held, and is removed by the next try.
        """
        names = self._names(root, stored)
        base = f"{root}/{object_folder(stored)}"
        last = sorted(names, key=lambda name: name == OBJECT_CONTENT_FILE)
        self._service.delete(f"{base}/{name}" for name in last)

    def flush(self) -> None:
        """Return when all that was settled lies in its place; the first that fails ends the others."""
        try:
            done, _ = wait(self._sending.values(), return_when=FIRST_EXCEPTION)
            for sent in done:
                sent.result()
        finally:
            self._end()

    def _end(self) -> None:
        """Let nothing be under way any more."""
        self._pool.shutdown(cancel_futures=True)
        self._larger.shutdown()
        self._sending = {}
        self._pool, self._larger = _pools()

    # -------------------------------------------------------------- read

    def open(self, root: str, stored: str, path: str) -> BinaryIO:
        """A copy of a file of an object, on the local disk without a name: it is gone when it is closed.

        Raises FileNotFoundError where it is not there, and OSError where the disk has no room for it.
        """
        with self.stream(root, stored, path) as source:
            descriptor, name = tempfile.mkstemp(dir=incoming(self._folder))
            with os.fdopen(descriptor, "wb") as copy:
                # Parsers get it for reading only, and nothing is left of it if this process is ended.
                file = Path(name).open("rb")  # noqa: SIM115  # whoever asked closes it
                Path(name).unlink()
                try:
                    shutil.copyfileobj(source, copy, _PART)
                except BaseException:
                    file.close()
                    raise
        return file

    def stream(self, root: str, stored: str, path: str) -> BinaryIO:
        """A file of an object, fetched in parts. Raises FileNotFoundError where it is not there."""
        return self._opened(f"{root}/{content_path(stored, path)}")

    def tree(self, root: str, stored: str) -> dict[str, Any]:
        """All files of an object, as the checks of the method take them; folders follow from their keys."""
        base = f"{root}/{object_folder(stored)}"
        names = self._names(root, stored)
        return {
            "files": {name: partial(self._opened, f"{base}/{name}") for name in names},
            "folders": [],
        }

    def is_there(self) -> bool:
        """Whether the first root has anything."""
        return next(iter(self._service.keys(ORIGINALS)), None) is not None

    def problems(self) -> list[str]:
        """What is not as it was made of the roots themselves; the objects are checked one by one."""
        return [
            f"{root}/{name} is missing or was changed"
            for root in ROOTS
            if next(iter(self._service.keys(root)), None) is not None
            for name, text in root_files().items()
            if not self._is(f"{root}/{name}", text)
        ]

    def objects(self, root: str) -> Iterator[str]:
        """The folders of all objects of a root, from it on: those that have their declaration."""
        for key in self._service.keys(root):
            folder, _, name = key.removeprefix(f"{root}/").rpartition("/")
            if name == OBJECT_CONTENT_FILE and folder.count("/") == 3:
                yield folder

    def _opened(self, key: str) -> BinaryIO:
        return io.BufferedReader(_Parts(self._service, key), _BUFFER)

    def _is(self, key: str, text: bytes) -> bool:
        try:
            return self._service.read(key) == text
        except FileNotFoundError:
            return False

    def _names(self, root: str, stored: str) -> set[str]:
        """What lies in the folder of an object."""
        base = f"{root}/{object_folder(stored)}"
        return {key.removeprefix(f"{base}/") for key in self._service.keys(base)}

    # -------------------------------------------------------------- write

    def _send(self, arrived: Path, base: str, there: Collection[str]) -> None:
        """Write an object to its end, whatever an earlier or another writer of the same bytes did of it."""
        ours = (arrived / INVENTORY).read_bytes()
        contents = _contents(ours)
        for path, sha512 in contents.items():
            self._put_content(arrived / path, f"{base}/{path}", sha512)
        agreed = self._agreed(base, ours)
        wanted = _contents(agreed)
        ours_at = {sha512: path for path, sha512 in contents.items()}
        for path in wanted.keys() - contents.keys():
            self._put_content(arrived / ours_at[wanted[path]], f"{base}/{path}", wanted[path])
        strays = {*there, *contents} - wanted.keys() - set(_WITH_IT)
        self._service.delete(f"{base}/{name}" for name in sorted(strays))
        self._service.create(f"{base}/{OBJECT_CONTENT_FILE}", (arrived / OBJECT_CONTENT_FILE).read_bytes())
        shutil.rmtree(arrived)

    def _agreed(self, base: str, ours: bytes) -> bytes:
        """Write the inventories, and return which one they are."""
        for _ in range(_MOST_TRIES):
            agreed = self._claimed(base, ours)
            sidecar = f"{hashlib.sha512(agreed).hexdigest()} {INVENTORY}\n".encode()
            for name, text in ((f"v1/{_SIDECAR}", sidecar), (INVENTORY, agreed), (_SIDECAR, sidecar)):
                self._service.put(f"{base}/{name}", text)
            # A service that keeps no conditions may have let another overwrite it meanwhile.
            if self._is(f"{base}/{_FIRST}", agreed):
                return agreed
        raise StorageAway(f"Others write {base} again and again; try again later.")

    def _claimed(self, base: str, ours: bytes) -> bytes:
        """The inventory by which an object is written: ours, or one that is there for the same bytes."""
        if self._service.create(f"{base}/{_FIRST}", ours):
            return ours
        with suppress(FileNotFoundError):
            theirs = self._service.read(f"{base}/{_FIRST}")
            if _same(theirs, ours) and not self._contradicted(base, theirs):
                return theirs
        self._service.put(f"{base}/{_FIRST}", ours)
        return ours

    def _contradicted(self, base: str, inventory: bytes) -> bool:
        """Whether a sidecar is there that says otherwise: the inventory was changed since."""
        try:
            said = self._service.read(f"{base}/v1/{_SIDECAR}")
        except FileNotFoundError:
            return False
        return said.split()[:1] != [hashlib.sha512(inventory).hexdigest().encode()]

    def _put_content(self, source: Path, key: str, sha512: str) -> None:
        """Send a file, and see meanwhile that it is still what its inventory says."""
        size = source.stat().st_size
        if size <= _SMALL:
            self._put_whole(source, key, sha512)
        elif size <= _PART:
            self._larger.submit(self._put_whole, source, key, sha512).result()
        else:
            part = max(_PART, -(-size // _MOST_PARTS))
            self._larger.submit(self._put_parts, source, key, sha512, part).result()

    def _put_whole(self, source: Path, key: str, sha512: str) -> None:
        content = source.read_bytes()
        _check_same(hashlib.sha512(content).hexdigest(), sha512, source)
        self._service.put(key, content)

    def _put_parts(self, source: Path, key: str, sha512: str, part: int) -> None:
        with source.open("rb", buffering=0) as file:
            self._service.put(key, _checked(file, part, sha512=sha512, source=source), part=part)


class _Parts(io.RawIOBase):
    """An object of a service as a file: what is read is fetched in parts, which grow as reading goes on."""

    def __init__(self, keys: Service, key: str) -> None:
        super().__init__()
        self._service, self._key = keys, key
        self._at = self._begin = 0
        self._part, self._size = keys.part(key, 0, _FIRST_READ)
        self._ahead = _FIRST_READ

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Where it is read next."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Read on from elsewhere."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """Fill some of a buffer; 0 at the end."""
        if self._at >= self._size:
            return 0
        end = self._begin + len(self._part)
        if not self._begin <= self._at < end:
            self._ahead = min(self._ahead * 2, _LAST_READ) if self._at == end else _FIRST_READ
            self._part, size = self._service.part(self._key, self._at, self._ahead)
            self._begin = self._at
            if size != self._size or not self._part:
                raise StorageAway(f"{self._key} changed in the storage while it was read; read it again.")
        found = self._part[self._at - self._begin :][: len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def _pools() -> tuple[ThreadPoolExecutor, ThreadPoolExecutor]:
    """Threads that send objects, and those that send larger files for them."""
    return ThreadPoolExecutor(_AT_ONCE, "storage"), ThreadPoolExecutor(_LARGER_AT_ONCE, "storage-larger")


def s3_storage(told: object) -> S3Storage:
    """The storage that the table [storage] of mission.toml describes. Raises BadInput as its settings do."""
    return S3Storage(service(read_settings(told)), place.storage_folder())


def _contents(inventory: bytes) -> Mapping[str, str]:
    """The content paths of an inventory, with their SHA-512."""
    manifest = read_inventory(inventory).manifest
    return {path: digest for digest, paths in manifest.items() for path in paths}


def _same(theirs: bytes, ours: bytes) -> bool:
    """Whether two inventories describe one object of the same bytes."""
    try:
        read = read_inventory(theirs)
    except BadInput:
        return False
    own = read_inventory(ours)
    return (read.identifier, read.head, set(read.manifest)) == (own.identifier, own.head, set(own.manifest))


def _checked(file: BinaryIO | io.FileIO, portion: int, *, sha512: str, source: Path) -> Iterator[bytes]:
    digest = hashlib.sha512()
    while read := file.read(portion):
        digest.update(read)
        yield read
    _check_same(digest.hexdigest(), sha512, source)


def _check_same(found: str, wanted: str, source: Path) -> None:
    if found != wanted:
        raise LieberError(
            f"{source} is not what was written there a moment ago: nothing of it was kept; have the disk of "
            "the folder for arrivals looked at, and give the same command again."
        )
