"""Where bytes lie: two OCFL storage roots in a folder, the evidence and what was made of it.

An object is written beside the roots and moved to its place when it is whole: what lies in a root is
complete whenever a process ends. Its id follows from its bytes, so that the same bytes are one object.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from lieber.preserve.digests import Digests
from lieber.preserve.ocfl import Stored, first_version, object_folder, root_files
from lieber.preserve.ocfl_check import check_object

from .. import place

ORIGINALS, WORKING = "originals", "working"
ROOTS = (ORIGINALS, WORKING)
_INCOMING = "incoming"
_CONTENT = Path("v1") / "content"
_PREFIX = "urn:lieber:sha256:"


def identifier(sha256: str) -> str:
    """The id of the object that holds these bytes."""
    return _PREFIX + sha256


def content_path(stored: str, path: str) -> str:
    """Where a file of an object lies, from its storage root on."""
    return f"{object_folder(stored)}/{_CONTENT.as_posix()}/{path}"


@dataclass(frozen=True, slots=True)
class Storage:
    """The storage in a folder."""

    folder: Path

    def prepare(self) -> None:
        """Make the roots where they are not there yet."""
        for root in ROOTS:
            if not (self.folder / root / "0=ocfl_1.1").is_file():
                for name, text in root_files().items():
                    path = self.folder / root / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(text)
        (self.folder / _INCOMING).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def arriving(self, name: str) -> Iterator[Path]:
        """A folder of one's own for what arrives; what others left there when they were ended is removed."""
        self.prepare()
        incoming = self.folder / _INCOMING
        for left in incoming.glob("*.lock"):
            _remove_where_nobody_works(left)
        own = incoming / name
        with _locked(incoming / f"{name}.lock"):
            own.mkdir()
            try:
                yield own
            finally:
                shutil.rmtree(own, ignore_errors=True)

    def settle(self, arrived: Path, *, root: str, stored: str) -> bool:
        """Move an object that is whole to its place; False where the same one lies there already."""
        target = self.folder / root / object_folder(stored)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            arrived.rename(target)
        except OSError:
            if not target.is_dir():
                raise
            return False
        return True

    def holds(self, root: str, stored: str) -> bool:
        """Whether an object lies in its place."""
        return (self.folder / root / object_folder(stored)).is_dir()

    def damaged(self, root: str, stored: str) -> bool:
        """Whether an object is not what its own inventory says."""
        return any(problem.error for problem in check_object(**self.tree(root, stored)))

    def put_aside(self, aside: Path, *, root: str, stored: str) -> None:
        """Move an object out of its root."""
        (self.folder / root / object_folder(stored)).rename(aside)

    def flush(self) -> None:
        """Return when all that was written lies on the disk itself."""
        _synchronise(self.folder)

    def open(self, root: str, stored: str, path: str) -> BinaryIO:
        """A file of an object. Raises FileNotFoundError where it is not there."""
        return (self.folder / root / content_path(stored, path)).open("rb")

    def tree(self, root: str, stored: str) -> dict[str, Any]:
        """All files and folders of an object, as the checks of the method take them."""
        return _tree(self.folder / root / object_folder(stored))

    def problems(self) -> list[str]:
        """What is not as it was made of the roots themselves; the objects are checked one by one."""
        return [
            f"{root}/{name} is missing or was changed"
            for root in ROOTS
            if (self.folder / root).is_dir()
            for name, text in root_files().items()
            if not _is(self.folder / root / name, text)
        ]

    def objects(self, root: str) -> Iterator[tuple[str, Path]]:
        """The folders of all objects of a root, as their paths from it on."""
        top = self.folder / root
        for declaration in top.glob("[0-9a-f]*/*/*/*/0=ocfl_object_1.1"):
            yield declaration.parent.relative_to(top).as_posix(), declaration.parent

    def place_of(self, root: str, stored: str, path: str) -> Path:
        """Where a file of an object lies."""
        return self.folder / root / content_path(stored, path)


def storage() -> Storage:
    """The storage of this mission."""
    return Storage(place.storage_folder())


def write_object(
    folder: Path,
    *,
    stored: str,
    files: Mapping[str, Digests],
    created: datetime,
    message: str,
    officer: str,
) -> dict[str, str]:
    """Put the inventory and declarations round contents that lie in `folder`/v1/content already.

    Returns under which name each lies there: the same bytes are kept once.
    """
    version = first_version(
        identifier=stored,
        files=[
            Stored(name, digests.sha512, digests.size, {"sha256": digests.sha256})
            for name, digests in files.items()
        ],
        created=created,
        message=message,
        user=(officer, f"urn:lieber:officer:{officer}"),
    )
    for name, text in version.sidecars.items():
        with open(f"{folder}/{name}", "xb", buffering=0) as file:  # noqa: PTH123  # a thousand times a second
            file.write(text)
    kept = {files[name].sha512: name for name in version.content}
    for name in files.keys() - version.content.keys():
        (folder / _CONTENT / name).unlink()
    return {name: kept[digests.sha512] for name, digests in files.items()}


def content_folder(folder: Path) -> Path:
    """The folder for the contents of an object that is being made; makes it."""
    made = folder / _CONTENT
    made.mkdir(parents=True)
    return made


def _is(path: Path, text: bytes) -> bool:
    try:
        return path.read_bytes() == text
    except OSError:
        return False


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


def _tree(top: Path) -> dict[str, Any]:
    files: dict[str, Callable[[], BinaryIO]] = {}
    folders: list[str] = []
    for folder, below, names in os.walk(top):
        at = Path(folder)
        folders += [(at / name).relative_to(top).as_posix() for name in below]
        for name in names:
            path = at / name
            files[path.relative_to(top).as_posix()] = partial(_opened, path)
    return {"files": files, "folders": folders}


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that is free again when this process ends, however it ends."""
    while True:
        lock = path.open("wb")
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Somebody who tidied up may have removed it before it was held.
        if path.exists() and path.stat().st_ino == os.fstat(lock.fileno()).st_ino:
            break
        lock.close()
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        lock.close()


def _remove_where_nobody_works(left: Path) -> None:
    """Remove what a process left that was ended: its lock is free then."""
    try:
        with left.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left.with_suffix(""), ignore_errors=True)
            left.unlink(missing_ok=True)
    except (BlockingIOError, FileNotFoundError):
        return


def _synchronise(folder: Path) -> None:
    """Write out the file system of a folder: once for many files is many times faster than each by itself."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
        if syncfs is None:
            os.sync()
        elif syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)
