"""Large bodies as files: written under a temporary name, brought to disk, then renamed.

A body says nothing without its head, which stands in the database. What a killed writer leaves behind is
such a body; `Objects.sweep` removes it. Overwriting reaches the file's own sectors on a plain disk only: on
flash and on file systems that copy on write it is the destroyed head that makes a body unreadable.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from lieber.base import LieberError

from .folders import make_private, to_disk, write_new, write_over

# Up to this length a body stands in the database.
INLINE_BYTES = 256 * 1024
_OVERWRITTEN_AT_ONCE = 2**20
_NAME = re.compile(r"[0-9a-f]{32}")
_MARK = ".vault"
_LONGEST_MARK = 1_000
_TEMPORARY = "unfinished"


class ObjectLost(LieberError):
    """The file of a body cannot be read or written."""


class WrongFolder(ObjectLost):
    """A folder of large bodies belongs to another vault, or to none."""


class Objects:
    """The folder of the large bodies, each named by sixteen random bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self) -> None:
        """Make the folder, open to its owner only. Raises ObjectLost."""
        with _told(self.folder):
            make_private(self.folder / _TEMPORARY)

    def make_mark(self, text: str) -> None:
        """Mark the folder as a vault's. Raises WrongFolder where it has a mark already, ObjectLost."""
        with _told(self.folder):
            try:
                write_new(self.folder / _MARK, text)
            except FileExistsError:
                raise WrongFolder(
                    f"A vault has a folder of its own: found that {self.folder} is marked as another's; "
                    f"take another folder, or remove {_MARK} in it where no vault belongs to it any more."
                ) from None

    def write_mark(self, text: str) -> None:
        """Mark the folder again. Raises ObjectLost."""
        with _told(self.folder):
            write_over(self.folder / _MARK, text)

    def mark(self) -> str | None:
        """The folder's mark; None where it has none. Raises ObjectLost."""
        with _told(self.folder):
            try:
                with (self.folder / _MARK).open("rb") as file:
                    return file.read(_LONGEST_MARK).decode("ascii", "replace")
            except (FileNotFoundError, NotADirectoryError):
                return None

    def path(self, name: bytes) -> Path:
        """Where a body lies."""
        return self.folder / name.hex()[:2] / name.hex()

    @contextmanager
    def held(self) -> Iterator[None]:
        """While somebody writes nothing is swept."""
        with self._lock() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    def body(self, name: bytes) -> Body:
        """A body to be written."""
        return Body(self.folder / _TEMPORARY / name.hex(), self.path(name))

    def open(self, name: bytes) -> BinaryIO:
        """A body to be read. Raises ObjectLost."""
        with _told(self.folder):
            return self.path(name).open("rb")

    def length(self, name: bytes) -> int:
        """How long a body is. Raises ObjectLost."""
        with _told(self.path(name)):
            return self.path(name).stat().st_size

    def shred(self, name: bytes) -> None:
        """Overwrite and remove a body, where it is there. Raises ObjectLost."""
        with _told(self.folder):
            _shred(self.path(name))

    def sweep(self, kept: Callable[[], Container[bytes]]) -> int:
        """Remove what no row of the database names; returns how many files. Raises ObjectLost.

        `kept` is asked when nobody writes any more. Files that are not where bodies are put stay.
        """
        with self._lock() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ObjectLost(
                    f"Somebody is writing to {self.folder}: sweep it when nobody does."
                ) from None
            names = kept()
            left = [path for path in self._files() if not _is_kept(path, names)]
            with _told(self.folder):
                for path in left:
                    _shred(path)
            return len(left)

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*/*") if _is_body(path))

    @contextmanager
    def _lock(self) -> Iterator[BinaryIO]:
        with _told(self.folder):
            lock = os.fdopen(os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600), "rb")
        with lock:
            yield lock


class Body:
    """A body while it is written: in memory up to 256 KiB, above that in a file under a temporary name."""

    def __init__(self, temporary: Path, final: Path) -> None:
        self._temporary, self._final = temporary, final
        self._start = bytearray()
        self.length = 0
        self._file: BinaryIO | None = None
        self._kept = False

    def write(self, data: bytes, /) -> int:
        """Take more of the body. Raises ObjectLost."""
        if self._file is None and len(self._start) + len(data) <= INLINE_BYTES:
            self._start += data
        else:
            with _told(self._temporary):
                self._spill().write(data)
        self.length += len(data)
        return len(data)

    def finish(self) -> bytes | None:
        """The body itself where it is small; None where it lies under its final name, brought to disk.

        Raises ObjectLost.
        """
        if self._file is None:
            return bytes(self._start)
        with _told(self._final):
            with self._file as file:
                file.flush()
                os.fsync(file.fileno())
            make_private(self._final.parent)
            self._temporary.rename(self._final)
            to_disk(self._final.parent)
            to_disk(self._final.parent.parent)
        return None

    def keep(self) -> None:
        """From now on `discard` leaves it: its rows are about to be committed.

        It is the last thing before COMMIT: a signal may strike when the rows are lasting already, and a file
        too many is swept, whereas a file too few is a text that is lost.
        """
        self._kept = True

    def discard(self) -> None:
        """Leave nothing of it, unless it is to be kept."""
        if self._file is not None and not self._kept:
            with suppress(OSError):
                self._file.close()
            for path in (self._temporary, self._final):
                with suppress(OSError):
                    _shred(path)

    def _spill(self) -> BinaryIO:
        if self._file is None:
            new = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(new, "wb")
            self._file.write(self._start)
            self._start = bytearray()
        return self._file


@contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ObjectLost(
            f"The vault keeps large bodies as files: found that {place} cannot be used ({error.strerror}); "
            "bring it back, or make room."
        ) from None


def _is_body(path: Path) -> bool:
    """Whether a file lies where a body is put."""
    folder, name = path.parent.name, path.name
    return bool(_NAME.fullmatch(name)) and (folder == _TEMPORARY or folder == name[:2])


def _is_kept(path: Path, names: Container[bytes]) -> bool:
    return path.parent.name != _TEMPORARY and bytes.fromhex(path.name) in names


def _shred(path: Path) -> None:
    try:
        with path.open("r+b") as file:
            left = path.stat().st_size
            while left > 0:
                left -= file.write(secrets.token_bytes(min(left, _OVERWRITTEN_AT_ONCE)))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    to_disk(path.parent)
