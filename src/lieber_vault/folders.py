"""Folders that only their owner enters, and files in them that are there whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

_OWNER_ONLY = 0o700


def make_private(folder: Path) -> None:
    """Make a folder and what is missing above it, open to its owner only whatever the umask says.

    What is there already stays as it is. Raises OSError.
    """
    if folder.is_dir():
        return
    make_private(folder.parent)
    # Beside another who makes it too, it is there.
    with suppress(FileExistsError):
        folder.mkdir(mode=_OWNER_ONLY)
        folder.chmod(_OWNER_ONLY)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def write_new(path: Path, text: str) -> None:
    """Write a file that only its owner reads, brought to disk before it has its name.

    Raises FileExistsError where one has the name already, which is kept, and OSError.
    """
    temporary = _written(path, text)
    try:
        os.link(temporary, path)
    finally:
        temporary.unlink()
    to_disk(path.parent)


def write_over(path: Path, text: str) -> None:
    """Write a file that only its owner reads in the place of another, of which nothing is lost till then.

    Raises OSError.
    """
    temporary = _written(path, text)
    try:
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    to_disk(path.parent)


def to_disk(folder: Path) -> None:
    """Bring a folder's names to disk. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written(path: Path, text: str) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            temporary.unlink()
            raise
    return temporary
