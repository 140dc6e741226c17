"""What a storage in a folder and one on a service have in common: two OCFL roots, and a folder for arrivals.

Whatever arrives is written into a local folder first, and is whole before it goes to its root.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lieber.base import LieberError
from lieber.preserve.ocfl import object_folder

ORIGINALS, WORKING = "originals", "working"
ROOTS = (ORIGINALS, WORKING)
CONTENT = Path("v1") / "content"
_INCOMING = "incoming"


class StorageAway(LieberError):
    """The storage does not answer, or refuses: nothing is known of the bytes, and later it may be back."""

    # What a page answers with: not there now, and perhaps later.
    status = 503


def content_path(stored: str, path: str) -> str:
    """Where a file of an object lies, from its storage root on."""
    return f"{object_folder(stored)}/{CONTENT.as_posix()}/{path}"


def incoming(folder: Path) -> Path:
    """Where what arrives is written, beside the roots or in their stead; makes it."""
    made = folder / _INCOMING
    made.mkdir(parents=True, exist_ok=True)
    return made


@contextmanager
def arriving(folder: Path, name: str) -> Iterator[Path]:
    """A folder of one's own for what arrives; what others left there when they were ended is removed."""
    top = incoming(folder)
    for left in top.glob("*.lock"):
        _remove_where_nobody_works(left)
    own = top / name
    with _locked(top / f"{name}.lock"):
        own.mkdir()
        try:
            yield own
        finally:
            shutil.rmtree(own, ignore_errors=True)


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
