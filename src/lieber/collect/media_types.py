"""Media types of files by their first bytes, for the commonest; and the kind of item that a type suggests."""

from __future__ import annotations

from collections.abc import Mapping

# (where, bytes, further (where, bytes)) -> type; from the formats' own specifications. Every other type is
# asked of libmagic, which knows a thousand more and needs a process of its own.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"OggS", "application/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
)
_RIFF: Mapping[bytes, str] = {b"WEBP": "image/webp", b"WAVE": "audio/x-wav", b"AVI ": "video/x-msvideo"}
_BRANDS: Mapping[bytes, str] = {
    b"isom": "video/mp4",
    b"iso2": "video/mp4",
    b"iso4": "video/mp4",
    b"iso5": "video/mp4",
    b"iso6": "video/mp4",
    b"mp41": "video/mp4",
    b"mp42": "video/mp4",
    b"avc1": "video/mp4",
    b"dash": "video/mp4",
    b"M4V ": "video/x-m4v",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"heic": "image/heic",
    b"mif1": "image/heif",
    b"avif": "image/avif",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
}
# As many bytes as the signatures look at.
HEAD = 16


def media_type_by_signature(head: bytes) -> str:
    """The media type that the first bytes tell; empty where none of the commonest does."""
    if not head:
        return "inode/x-empty"
    for at, signature, media_type in _SIGNATURES:
        if head[at : at + len(signature)] == signature:
            return media_type
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "")
    return ""


# The beginning of a media type -> what kind of item it suggests; a person says it better later.
_KINDS: tuple[tuple[str, str], ...] = (
    ("image/", "photograph"),
    ("video/", "video"),
    ("audio/", "audiotape"),
    ("text/html", "web_page"),
    ("application/xhtml", "web_page"),
    ("text/csv", "dataset"),
    ("application/json", "dataset"),
    ("text/", "document"),
    ("application/pdf", "document"),
    ("application/msword", "document"),
    ("application/rtf", "document"),
    ("application/vnd.oasis", "document"),
    ("application/vnd.openxmlformats", "document"),
    ("message/", "letter"),
)


def suggested_kind(media_type: str) -> str:
    """The term of item_kind that a media type suggests; "unknown" where it tells nothing."""
    return next((kind for start, kind in _KINDS if media_type.startswith(start)), "unknown")


# The name that a held file gets where the original one is not used: of the type, never of what was told.
_ENDINGS: Mapping[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/heif": "heif",
    "image/avif": "avif",
    "image/tiff": "tif",
    "image/svg+xml": "svg",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/x-m4v": "m4v",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "video/x-msvideo": "avi",
    "video/3gpp": "3gp",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/flac": "flac",
    "audio/x-wav": "wav",
    "application/ogg": "ogg",
    "audio/ogg": "ogg",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/json": "json",
    "text/html": "html",
    "text/plain": "txt",
    "text/csv": "csv",
}


def ending(media_type: str) -> str:
    """The ending of a name for this type, with its dot; ".bin" for one that has none here."""
    return f".{_ENDINGS.get(media_type, 'bin')}"
