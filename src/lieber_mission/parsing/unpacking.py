"""Take the members out of an archive, within limits; what they are called is told and never a path."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import platform
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

from lieber.base import LieberError
from lieber.collect.archives import ENCRYPTED, UTF8_NAME, Judged, Limits, Member, judged, readable_member

NAME = "members.json"
_PORTION = 1 << 20
_SINGLE = {"application/gzip": gzip.open, "application/x-bzip2": bz2.open, "application/x-xz": lzma.open}
_BROKEN = (
    OSError, EOFError, ValueError, RuntimeError, NotImplementedError,
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError,
)  # fmt: skip


class _Archive(Protocol):
    def members(self) -> Iterator[tuple[Member, Any]]: ...

    def open(self, handle: Any) -> IO[bytes]: ...


def unpack(file: BinaryIO, *, media_type: str) -> dict[str, Any]:
    """Write each member that is not refused under its number; `members.json` says which is which."""
    packed = os.fstat(file.fileno()).st_size
    limits = Limits()
    archive = _opened(file, media_type)
    handles: list[Any] = []

    def told() -> Iterator[Member]:
        for member, handle in archive.members():
            if member.kind != "folder":
                handles.append(handle)
            yield member

    left = limits.most(packed)
    taken: list[dict[str, Any]] = []
    try:
        for number, each in enumerate(judged(told(), packed=packed, limits=limits)):
            line, left = _taken_out(archive, handles[number], each, number=number, left=left)
            taken.append(line)
    except _BROKEN as error:
        if not taken:
            raise LieberError(f"It cannot be unpacked: {_words(error)}.") from None
        taken.append({"name": "", "refused": f"the archive is broken after this: {_words(error)}"})
    Path(NAME).write_text(json.dumps(taken, ensure_ascii=False), "utf-8")
    refused = [line for line in taken if line["refused"]]
    return {
        "tool": f"Python {platform.python_version()}",
        "members": len(taken) - len(refused),
        "refused": len(refused),
    }


def _taken_out(
    archive: _Archive, handle: Any, each: Judged, *, number: int, left: int
) -> tuple[dict[str, Any], int]:
    """Read one member; what it has is counted while it is read, for it says what it likes."""
    line: dict[str, Any] = {"name": each.member.name, "refused": each.refused}
    if each.refused:
        return line, left
    path, most, size = Path(f"{number:06d}"), min(left, Limits().size), 0
    try:
        with archive.open(handle) as source, path.open("xb") as target:
            while size <= most and (portion := source.read(_PORTION)):
                size += len(portion)
                target.write(portion)
    except (LieberError, *_BROKEN) as error:
        path.unlink(missing_ok=True)
        return {**line, "refused": f"it cannot be read: {_words(error)}"}, left - size
    if size > most:
        path.unlink()
        return {**line, "refused": "it gives more bytes than an archive of this size may"}, left - size
    return {**line, "file": path.name, "size": size}, left - size


def _words(error: BaseException) -> str:
    return str(getattr(error, "strerror", "") or error).rstrip(".")[:200] or type(error).__name__


def _opened(file: BinaryIO, media_type: str) -> _Archive:
    """The archive. Raises LieberError for what is none that can be read here."""
    file.seek(0)
    if zipfile.is_zipfile(file):
        file.seek(0)
        try:
            return _Zip(zipfile.ZipFile(file))
        except _BROKEN as error:
            raise LieberError(f"It is no ZIP archive that can be read: {_words(error)}.") from None
    file.seek(0)
    try:
        return _Tar(tarfile.open(fileobj=file, mode="r:*"))
    except tarfile.TarError:
        file.seek(0)
    if media_type in _SINGLE:
        return _Single(_SINGLE[media_type](file, "rb"))  # type: ignore[operator]
    raise LieberError(f"Archives of ZIP, TAR and GZIP are unpacked here: found {media_type or 'another'}.")


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def members(self) -> Iterator[tuple[Member, zipfile.ZipInfo]]:
        """Members in the order of the directory at the end; overlapping ones are read once only."""
        starts: set[int] = set()
        for info in self._archive.infolist():
            raw = info.orig_filename.encode("utf-8" if info.flag_bits & UTF8_NAME else "cp437", "replace")
            name = readable_member(raw, utf8=bool(info.flag_bits & UTF8_NAME))
            mode = info.external_attr >> 28
            kind = "folder" if info.is_dir() else "link" if mode == 0xA else "file"
            if info.flag_bits & ENCRYPTED:
                kind = "encrypted"
            if info.header_offset in starts:
                kind = "overlapping"
            starts.add(info.header_offset)
            yield Member(name, info.file_size, kind), info

    def open(self, handle: Any) -> IO[bytes]:
        return self._archive.open(handle)


class _Tar:
    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive

    def members(self) -> Iterator[tuple[Member, tarfile.TarInfo]]:
        for info in self._archive:
            kind = (
                "folder" if info.isdir() else "link" if info.islnk() or info.issym()
                else "file" if info.isreg() else "device"
            )  # fmt: skip
            raw = info.name.encode("utf-8", "surrogateescape")
            yield Member(readable_member(raw, utf8=False), info.size, kind), info

    def open(self, handle: Any) -> IO[bytes]:
        found = self._archive.extractfile(handle)
        if found is None:
            raise LieberError("it has no bytes")
        return found


class _Single:
    """One compressed file without a name."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def members(self) -> Iterator[tuple[Member, None]]:
        yield Member("unpacked", 0), None

    def open(self, _handle: Any) -> IO[bytes]:
        found: IO[bytes] = self._file
        return found
