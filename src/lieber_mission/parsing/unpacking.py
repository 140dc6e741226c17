"""Take the members out of an archive, within limits; what they are called is told and never a path."""

from __future__ import annotations

import bz2
import errno
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
from lieber.collect.archives import (
    ENCRYPTED,
    TAR_BLOCK,
    UTF8_NAME,
    Judged,
    Limits,
    Member,
    is_tar_header,
    judged,
    overlapping,
    readable_member,
)

NAME = "members.json"
_PORTION = 1 << 20
# Zeros behind the end of a tar are looked through so far.
_MOST_ZEROS = 64 << 20
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
        _check_disk(error)
        return {**line, "refused": f"it cannot be read: {_words(error)}"}, left - size
    if size > most:
        path.unlink()
        return {**line, "refused": "it gives more bytes than an archive of this size may"}, left - size
    return {**line, "file": path.name, "size": size}, left - size


def _check_disk(error: BaseException) -> None:
    """A full disk is no fault of the member: nothing more is taken out, and the work is tried again."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        raise LieberError("The disk of the storage is full: make room, and it is tried again.") from None


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
        tar = _Tar(tarfile.open(fileobj=file, mode="r:*"))  # noqa: SIM115  # it is read later
        # Zeros are an empty tar to tarfile, whatever stands behind them.
        if tar.is_one():
            return tar
    except tarfile.TarError:
        pass
    file.seek(0)
    if media_type in _SINGLE:
        return _Single(_SINGLE[media_type](file, "rb"))  # type: ignore[operator]
    raise LieberError(f"Archives of ZIP, TAR and GZIP are unpacked here: found {media_type or 'another'}.")


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def members(self) -> Iterator[tuple[Member, zipfile.ZipInfo]]:
        """Members in the order of the directory at the end; those that share bytes are not read."""
        infos = self._archive.infolist()
        shared = overlapping([_span(info) for info in infos])
        for number, info in enumerate(infos):
            raw = _raw(info)
            name = readable_member(raw, utf8=bool(info.flag_bits & UTF8_NAME))
            mode = info.external_attr >> 28
            # A folder has no bytes: what has some is taken out, whatever it is called.
            kind = "folder" if info.is_dir() and not info.file_size else "link" if mode == 0xA else "file"
            if info.flag_bits & ENCRYPTED:
                kind = "encrypted"
            if number in shared:
                kind = "overlapping"
            yield Member(name, info.file_size, kind), info

    def open(self, handle: Any) -> IO[bytes]:
        return self._archive.open(handle)


def _raw(info: zipfile.ZipInfo) -> bytes:
    """The bytes of a name, which Python has read as UTF-8 or, where a flag is not set, as code page 437."""
    return info.orig_filename.encode("utf-8" if info.flag_bits & UTF8_NAME else "cp437", "replace")


def _span(info: zipfile.ZipInfo) -> tuple[int, int]:
    """Where a member lies, its header included, which is no shorter than this (APPNOTE 4.3.7)."""
    return info.header_offset, info.header_offset + 30 + len(_raw(info)) + info.compress_size


class _Tar:
    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive

    def is_one(self) -> bool:
        """Whether it begins with a member, or is an empty one: a few blocks of zeros."""
        stream = self._archive.fileobj
        assert stream is not None
        try:
            stream.seek(0)
            first = stream.read(TAR_BLOCK)
            empty = not first.strip(b"\0") and not stream.read(_PORTION).strip(b"\0") and not stream.read(1)
            stream.seek(self._archive.offset)
        except _BROKEN:
            return False
        return is_tar_header(first) or empty

    def members(self) -> Iterator[tuple[Member, tarfile.TarInfo]]:
        for info in self._archive:
            kind = (
                "folder" if info.isdir() else "link" if info.islnk() or info.issym()
                else "file" if info.isreg() else "device"
            )  # fmt: skip
            raw = info.name.encode("utf-8", "surrogateescape")
            yield Member(readable_member(raw, utf8=False), info.size, kind), info
        self._check_end()

    def _check_end(self) -> None:
        """What tarfile ends at without a word: a header that is broken, a second archive behind the first."""
        rest = self._archive.fileobj
        assert rest is not None
        rest.seek(self._archive.offset)
        for _ in range(_MOST_ZEROS // _PORTION):
            portion = rest.read(_PORTION)
            if portion.strip(b"\0"):
                raise tarfile.ReadError(f"what follows byte {self._archive.offset} is no member of it")
            if not portion:
                return

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
