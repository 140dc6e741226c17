"""Files that are held, as a browser gets them: shut in, in parts where it asks for parts, and never as a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse

from lieber.collect.media_types import ending

from ...queries.exhibits import ExhibitShown

# Whatever the file says, a browser runs nothing of it, loads nothing for it, and sends nothing from it.
SHUT_IN = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; sandbox"
# What browsers show by themselves; everything else is only ever saved.
_SHOWN = re.compile(r"(image/(jpeg|png|gif|webp|avif)|(video|audio)/(mp4|webm|ogg|mpeg|quicktime)|application/ogg)")
_PORTION = 1 << 16
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def answer(request: HttpRequest, exhibit: ExhibitShown, file: BinaryIO, *, save: bool) -> HttpResponse:
    """The bytes of an exhibit, or the part of them that is asked for (RFC 9110, 14)."""
    wanted = _wanted(request.headers.get("Range", ""), exhibit.size)
    if wanted is None:
        file.close()
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{exhibit.size}"
        return _shut_in(refused, exhibit, save=True)
    first, last = wanted
    part = (first, last) != (0, exhibit.size - 1) or "Range" in request.headers
    response: StreamingHttpResponse | FileResponse
    response = StreamingHttpResponse(_read(file, first, last), status=206 if part else 200)
    response["Content-Length"] = str(max(0, last - first + 1))
    response["Accept-Ranges"] = "bytes"
    if part:
        response["Content-Range"] = f"bytes {first}-{last}/{exhibit.size}"
    return _shut_in(response, exhibit, save=save)


def _shut_in(response: HttpResponse, exhibit: ExhibitShown, *, save: bool) -> HttpResponse:
    shown = bool(_SHOWN.fullmatch(exhibit.media_type)) and not save
    response["Content-Type"] = exhibit.media_type if shown else "application/octet-stream"
    manner = "inline" if shown else "attachment"
    response["Content-Disposition"] = f'{manner}; filename="{exhibit.number}{ending(exhibit.media_type)}"'
    response["Content-Security-Policy"] = SHUT_IN
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    return response


def _wanted(header: str, size: int) -> tuple[int, int] | None:
    """The first and last byte that are asked for; all where no part is; None where there is none of it."""
    found = _RANGE.fullmatch(header.strip())
    if not found or found.group() == "bytes=-":
        return 0, size - 1
    begin, end = found.groups()
    if not begin:
        first, last = max(0, size - int(end)), size - 1
    else:
        first, last = int(begin), min(int(end), size - 1) if end else size - 1
    return (first, last) if first <= last and first < size else None


def _read(file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (portion := file.read(min(_PORTION, left))):
            left -= len(portion)
            yield portion
