"""What a file says of itself, by exiftool."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from .programs import said

# Fields of the file system of this machine, and of the program itself: they say nothing of the file.
_OF_THE_MACHINE = (
    "System:",
    "ExifTool:",
    "SourceFile",
    "File:File",
    "File:Directory",
)
_LONGEST_VALUE = 2_000
_MOST_FIELDS = 1_000


def embedded(file: BinaryIO, *, seconds: float = 60) -> dict[str, Any]:
    """Embedded metadata by group and name, and the version of the tool."""
    command = [
        "exiftool",
        "-config",
        "",
        "-json",
        "-G",
        "-n",
        "-api",
        "largefilesupport=1",
        "/proc/self/fd/0",
    ]
    told = json.loads(said(command, file=file, seconds=seconds) or b"[{}]")[0]
    version = told.get("ExifTool:ExifToolVersion", "")
    fields = {
        name: _short(value)
        for name, value in list(told.items())[:_MOST_FIELDS]
        if not name.startswith(_OF_THE_MACHINE)
    }
    return {"tool": f"exiftool {version}", "fields": fields}


def _short(value: Any) -> Any:
    """A value as it can be kept: exiftool leaves binary ones out by itself."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if len(text) > _LONGEST_VALUE:
        return text[:_LONGEST_VALUE] + "…"
    if isinstance(value, str):
        return value.replace("\0", "")
    # Canonical JSON knows no numbers beyond those of a double.
    return value if isinstance(value, bool) else text
