"""Where bytes lie: two OCFL storage roots, of originals and of working copies, in a folder or on a service.

An object is written beside the roots and goes to its place when it is whole: what lies in a root is complete
whenever a process ends. Its id follows from its bytes, so that the same bytes are one object.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from lieber.preserve.digests import Digests
from lieber.preserve.ocfl import Stored, first_version, object_folder, root_files
from lieber.preserve.ocfl_check import check_object

from .. import place
from .roots import CONTENT, ORIGINALS, ROOTS, WORKING, StorageAway, arriving, content_path, incoming

__all__ = [
    "ORIGINALS",
    "ROOTS",
    "WORKING",
    "FolderStorage",
    "Storage",
    "StorageAway",
    "content_folder",
    "content_path",
    "identifier",
    "storage",
    "write_object",
]

_PREFIX = "urn:lieber:sha256:"

# The name of the file that declares a root (OCFL 1.1, 4.1).
_DECLARATION = "0=ocfl_1.1"


def identifier(sha256: str) -> str:
    """The id of the object that holds these bytes."""
    return _PREFIX + sha256


class Storage(Protocol):
    """What every storage does. On a service each deed may raise StorageAway, where it does not answer."""

    @property
    def folder(self) -> Path:
        """A local folder: of what arrives, and of uploads that are not whole."""

    def prepare(self) -> None:
        """Make the roots where they are not there yet."""

    def arriving(self, name: str) -> AbstractContextManager[Path]:
        """A folder of one's own for what arrives; what others left there when they were ended is removed."""

    def settle(self, arrived: Path, *, root: str, stored: str) -> bool:
        """Bring an object that is whole to its place; False where the same one lies there already.

        It is sure to lie there when `flush` returns, and what `arrived` was is gone then.
        Raises OSError where there is no room.
        """

    def holds(self, root: str, stored: str) -> bool:
        """Whether an object lies in its place."""

    def damaged(self, root: str, stored: str) -> bool:
        """Whether an object is not what its own inventory says."""

    def put_aside(self, aside: Path, *, root: str, stored: str) -> None:
        """Take an object out of its root; in a folder it lies in `aside` then."""

    def flush(self) -> None:
        """Return when all that was settled is sure to lie in its place. Raises OSError as `settle` does."""

    def open(self, root: str, stored: str, path: str) -> BinaryIO:
        """A file of an object as a real file, as parsers need it: of a service a copy, gone when closed.

        Raises FileNotFoundError where it is not there, and OSError where there is no room for the copy.
        """

    def stream(self, root: str, stored: str, path: str) -> BinaryIO:
        """A file of an object for reading and seeking, of which only what is read is fetched.

        Raises FileNotFoundError where it is not there.
        """

    def tree(self, root: str, stored: str) -> dict[str, Any]:
        """All files and folders of an object, as the checks of the method take them."""

    def is_there(self) -> bool:
        """Whether the storage has its first root: one that was not mounted or restored has none."""

    def problems(self) -> list[str]:
        """What is not as it was made of the roots themselves; the objects are checked one by one."""

    def objects(self, root: str) -> Iterator[str]:
        """The folders of all objects of a root, from it on."""


@dataclass(frozen=True, slots=True)
class FolderStorage:
    """The storage in a folder."""

    folder: Path

    def prepare(self) -> None:
        """Make the roots where they are not there yet."""
        for root in ROOTS:
            if not (self.folder / root / _DECLARATION).is_file():
                for name, text in root_files().items():
                    path = self.folder / root / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(text)
        incoming(self.folder)

    def arriving(self, name: str) -> AbstractContextManager[Path]:
        """A folder of one's own for what arrives, on the same disk as the roots."""
        self.prepare()
        return arriving(self.folder, name)

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
        return self.place_of(root, stored, path).open("rb")

    def stream(self, root: str, stored: str, path: str) -> BinaryIO:
        """The same: the disk fetches what is read."""
        return self.open(root, stored, path)

    def tree(self, root: str, stored: str) -> dict[str, Any]:
        """All files and folders of an object, as the checks of the method take them."""
        return _tree(self.folder / root / object_folder(stored))

    def is_there(self) -> bool:
        """Whether the first root is declared."""
        return (self.folder / ORIGINALS / _DECLARATION).is_file()

    def problems(self) -> list[str]:
        """What is not as it was made of the roots themselves; the objects are checked one by one."""
        return [
            f"{root}/{name} is missing or was changed"
            for root in ROOTS
            if (self.folder / root).is_dir()
            for name, text in root_files().items()
            if not _is(self.folder / root / name, text)
        ]

    def objects(self, root: str) -> Iterator[str]:
        """The folders of all objects of a root, from it on."""
        top = self.folder / root
        for declaration in top.glob("[0-9a-f]*/*/*/*/0=ocfl_object_1.1"):
            yield declaration.parent.relative_to(top).as_posix()

    def place_of(self, root: str, stored: str, path: str) -> Path:
        """Where a file of an object lies."""
        return self.folder / root / content_path(stored, path)


def storage() -> Storage:
    """The storage of this mission: a folder, or a service where mission.toml has a table [storage].

    Raises BadInput where that table cannot be used.
    """
    told = place.mission().get("storage")
    if told is None:
        return FolderStorage(place.storage_folder())
    from .storage_s3 import s3_storage  # noqa: PLC0415  # its library is there where the mission wants it

    return s3_storage(told)


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
        (folder / CONTENT / name).unlink()
    return {name: kept[digests.sha512] for name, digests in files.items()}


def content_folder(folder: Path) -> Path:
    """The folder for the contents of an object that is being made; makes it."""
    made = folder / CONTENT
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
