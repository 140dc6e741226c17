"""Parts of a file that act: scripts, macros, things that open by themselves. They are named, never run."""

from __future__ import annotations

import re
import shutil
import zipfile
from typing import Any, BinaryIO

from lieber.base import LieberError

from .programs import NotInstalled, said

_READ = 8 << 20
# pdf name -> what it is (ISO 32000-1, 12.6 and 7.11.4)
_PDF_ACTIONS = ("/JavaScript", "/JS", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/URI", "/RichMedia")
_MARKUP = (
    (re.compile(rb"<\s*script", re.IGNORECASE), "script"),
    (re.compile(rb"\bon[a-z]{3,20}\s*=", re.IGNORECASE), "event handler"),
    (re.compile(rb"javascript:", re.IGNORECASE), "javascript address"),
    (re.compile(rb"<\s*(iframe|object|embed|foreignObject)", re.IGNORECASE), "embedded content"),
    (re.compile(rb"<!ENTITY", re.IGNORECASE), "entity declaration"),
)
_SECOND_FILES = (
    re.compile(rb"PK\x03\x04.{26}", re.DOTALL),
    re.compile(rb"%PDF-1\."),
    re.compile(rb"<\s*(html|script)\b", re.IGNORECASE),
)
_OFFICE_MACROS = ("vbaProject.bin", "Basic/script-lb.xml", "macros/")
_MOST_OBJECTS = 20_000
_SCAN_SECONDS = 600


def active_parts(file: BinaryIO, *, media_type: str) -> dict[str, Any]:
    """What in the file acts, by name; empty where nothing was found."""
    if media_type == "application/pdf":
        return {"parts": _in_pdf(file)}
    if media_type in {"image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "application/xml"}:
        text = file.read(_READ)
        return {"parts": sorted({name for pattern, name in _MARKUP if pattern.search(text)})}
    file.seek(0)
    parts = _in_archive(file) if zipfile.is_zipfile(file) else []
    file.seek(0)
    if media_type.startswith(("image/", "audio/", "video/")) and _polyglot(file):
        parts.append("a second file behind or inside this one")
    return {"parts": parts}


def _in_pdf(file: BinaryIO) -> list[str]:
    from pypdf import PdfReader  # noqa: PLC0415
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    found: set[str] = set()
    try:
        pdf = PdfReader(file, strict=False)
        root: Any = pdf.trailer["/Root"]
        size: Any = pdf.trailer["/Size"]
        if "/OpenAction" in root or "/AA" in root:
            found.add("action on opening")
        if "/EmbeddedFiles" in root.get("/Names", {}):
            found.add("embedded files")
        for number in range(1, min(int(size), _MOST_OBJECTS)):
            found |= _actions(pdf, number)
    except (PyPdfError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise LieberError(f"The PDF cannot be read: {type(error).__name__}.") from None
    return sorted(found)


def _actions(pdf: Any, number: int) -> set[str]:
    """The actions that one object of a PDF names; an object that cannot be read has none."""
    from pypdf.errors import PyPdfError  # noqa: PLC0415
    from pypdf.generic import DictionaryObject, IndirectObject  # noqa: PLC0415

    try:
        thing = pdf.get_object(IndirectObject(number, 0, pdf))
    except (PyPdfError, KeyError, TypeError, ValueError, AttributeError):
        return set()
    if not isinstance(thing, DictionaryObject):
        return set()
    said = str(thing.get("/S", ""))
    return {name.strip("/") for name in _PDF_ACTIONS if name in thing or said == name}


def _in_archive(file: BinaryIO) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    return ["macros"] if any(part in name for name in names for part in _OFFICE_MACROS) else []


def _polyglot(file: BinaryIO) -> bool:
    """Whether something else begins in a picture or a recording: the signature of an archive or a page."""
    behind = file.read(_READ)[1024:]
    return any(pattern.search(behind) for pattern in _SECOND_FILES) or zipfile.is_zipfile(file)


def malware(file: BinaryIO) -> dict[str, Any]:
    """What ClamAV says of a file: its daemon where that runs, else the program alone.

    Raises NotInstalled where there is neither, LieberError where it cannot say.
    """
    for command in (["clamdscan", "--no-summary", "-"], ["clamscan", "--no-summary", "-"]):
        if shutil.which(command[0]) is None:
            continue
        file.seek(0)
        told = said(command, file=file, seconds=_SCAN_SECONDS).decode("utf-8", "replace")
        lines = [line.rpartition(":")[2].strip() for line in told.splitlines() if ":" in line]
        names = sorted({line.removesuffix("FOUND").strip() for line in lines if line.endswith("FOUND")})
        if not names and "OK" not in lines:
            raise LieberError(f"{command[0]}: {told.strip()[:300] or 'it said nothing'}")
        return {"tool": command[0], "found": names, "clean": not names}
    raise NotInstalled("not installed: clamav")
