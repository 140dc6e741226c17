"""What the parsers can be asked: each takes a file that is open for reading, and returns what JSON can hold.

What a task makes of the file it writes into the current folder. Libraries are brought in where they are
used: a process that is asked for one thing does not load the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from . import credentials, marked, packages, safety, sight, unpacking, words
from .kinds import media_type
from .metadata import embedded


def _prints(file: BinaryIO, **parameters: Any) -> dict[str, Any]:
    from .copies import prints  # noqa: PLC0415  # brings numbers that no other task needs

    return prints(file, **parameters)


TASKS: Mapping[str, Callable[..., Any]] = {
    "media_type": media_type,
    "metadata": embedded,
    "stream": sight.streams,
    "preview": sight.preview,
    "likeness": _prints,
    "marked": marked.marked,
    "package": packages.package,
    "unpack": unpacking.unpack,
    "playable": sight.playable,
    "content_credentials": credentials.state,
    "safety": safety.active_parts,
    "reading": words.in_picture,
    "language": words.language,
    "malware": safety.malware,
    "speech": words.speech,
    "translation": words.translation,
}
