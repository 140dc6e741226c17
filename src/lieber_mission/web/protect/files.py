"""Files that come in and go out: in memory only, never in a temporary file of the machine."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

# The kinds of record that are files; the others are texts, which a page shows.
BINARY = frozenset({"recording", "photo", "document"})
# What the first bytes of a file are, from an offset on, and the ending that lets a program play it.
_BEGINNINGS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", ".pdf"),
    (0, b"\xff\xd8\xff", ".jpg"),
    (0, b"\x89PNG\r\n\x1a\n", ".png"),
    (4, b"ftypM4A", ".m4a"),
    (4, b"ftyp3g", ".3gp"),
    (4, b"ftyphei", ".heic"),
    (4, b"ftyp", ".mp4"),
    (0, b"OggS", ".ogg"),
    (0, b"ID3", ".mp3"),
    (0, b"\xff\xfb", ".mp3"),
    (8, b"WAVE", ".wav"),
    (0, b"#!AMR", ".amr"),
    (0, b"\x1aE\xdf\xa3", ".webm"),
)


def opened_file(opening: str, content: bytes) -> HttpResponse:
    """The answer that is an opened file itself, named by the opening alone; no browser shows or keeps it."""
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{opening}{_ending(content)}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _ending(content: bytes) -> str:
    return next(
        (ending for offset, begin, ending in _BEGINNINGS if content.startswith(begin, offset)),
        "",
    )


def too_much(request: HttpRequest) -> str:
    """The sentence for a request that is larger than is kept in memory: its files were let go unread."""
    if int(request.META.get("CONTENT_LENGTH") or 0) <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        return ""
    return _("At most %(n)d MiB are taken in at once: send a smaller file, or several one by one.") % {
        "n": settings.FILE_UPLOAD_MAX_MEMORY_SIZE // 2**20
    }
