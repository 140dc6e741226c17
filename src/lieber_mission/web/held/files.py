"""Files that are held, as a browser gets them: shut in, in parts where it asks for them, never as a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, TypeVar

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from lieber.collect.media_types import ending

from ...queries.exhibits import ExhibitShown

# Whatever the file says, a browser runs nothing of it, loads nothing for it, and sends nothing from it.
SHUT_IN = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; sandbox"
# What browsers show by themselves; everything else is only ever saved.
_SHOWN = re.compile(
    r"(image/(jpeg|png|gif|webp|avif)|(video|audio)/(mp4|webm|ogg|mpeg|quicktime)|application/ogg)"
)
_PORTION = 1 << 16
# A part that the file does not have.
NOTHING_OF_IT = (-1, -1)
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def answer(request: HttpRequest, exhibit: ExhibitShown, file: BinaryIO, *, save: bool) -> HttpResponseBase:
    """The bytes of an exhibit, or the part of them that is asked for (RFC 9110, 14)."""
    wanted = _wanted(request.headers.get("Range", ""), exhibit.size)
    if wanted == NOTHING_OF_IT:
        file.close()
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{exhibit.size}"
        return _shut_in(refused, exhibit, save=True)
    first, last = wanted or (0, exhibit.size - 1)
    response = StreamingHttpResponse(_Part(file, first, last), status=206 if wanted else 200)
    response["Content-Length"] = str(max(0, last - first + 1))
    response["Accept-Ranges"] = "bytes"
    if wanted:
        response["Content-Range"] = f"bytes {first}-{last}/{exhibit.size}"
    return _shut_in(response, exhibit, save=save)


Answer = TypeVar("Answer", bound=HttpResponseBase)


def _shut_in(response: Answer, exhibit: ExhibitShown, *, save: bool) -> Answer:
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
    """The first and last byte that are asked for; None where all of it is, or nothing that is understood."""
    found = _RANGE.fullmatch(header.strip())
    if not found or found.groups() == ("", ""):
        return None
    begin, end = found.groups()
    if not begin:
        first, last = max(0, size - int(end)), size - 1
    else:
        first, last = int(begin), min(int(end), size - 1) if end else size - 1
    return (first, last) if first <= last and first < size else NOTHING_OF_IT


class _Part:
    """A part of a file, in portions; the file is closed with it, whether or not any was read."""

    def __init__(self, file: BinaryIO, first: int, last: int) -> None:
        self._file, self._left = file, last - first + 1
        file.seek(first)

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0 and (portion := self._file.read(min(_PORTION, self._left))):
            self._left -= len(portion)
            yield portion

    def close(self) -> None:
        """Close the file."""
        self._file.close()
