"""Media types by content."""

from __future__ import annotations

from functools import cache
from typing import Any, BinaryIO

# Enough for every signature that is known, those of disk images aside.
HEAD = 1 << 16


@cache
def _magic() -> Any:
    import magic  # noqa: PLC0415  # finds libmagic when it is imported

    return magic.Magic(mime=True)


def media_type(file: BinaryIO) -> str:
    """The media type by the content of the first bytes; what the name says is not asked."""
    return str(_magic().from_buffer(file.read(HEAD)))
