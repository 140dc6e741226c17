"""What the parsers can be asked: each takes a file that is open for reading, and returns what JSON can hold.

What a task makes of the file it writes into the current folder. Libraries are brought in where they are
used: a process that is asked for one thing does not load the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import copies, credentials, safety, sight, words
from .kinds import media_type
from .metadata import embedded

TASKS: Mapping[str, Callable[..., Any]] = {
    "media_type": media_type,
    "metadata": embedded,
    "stream": sight.streams,
    "preview": sight.preview,
    "likeness": copies.prints,
    "playable": sight.playable,
    "content_credentials": credentials.state,
    "safety": safety.active_parts,
    "reading": words.in_picture,
    "language": words.language,
    "malware": safety.malware,
    "speech": words.speech,
    "translation": words.translation,
}
