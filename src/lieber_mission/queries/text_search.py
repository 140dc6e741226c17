"""Searching texts alike on both databases.

SQLite's own LIKE takes only A to Z for a to z: "суспільне" would not find "Суспільне", and
PostgreSQL would. Its function is replaced by one that knows every alphabet.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any


def know_every_alphabet(*, connection: Any, **_signal: object) -> None:
    """Give a new SQLite connection a LIKE that compares as Unicode does; others are left as they are."""
    if connection.vendor == "sqlite":
        for arguments in (2, 3):
            connection.connection.create_function("like", arguments, _like, deterministic=True)


def _like(pattern: str | None, text: object, escape: str = "") -> bool | None:
    if pattern is None or text is None:
        return None
    return _compiled(str(pattern), escape)(str(text).casefold())


@lru_cache(256)
def _compiled(pattern: str, escape: str) -> Callable[[str], bool]:
    """The pattern as a test of a whole casefolded text."""
    parts, characters = [], iter(pattern.casefold())
    for character in characters:
        if escape and character == escape:
            parts.append(re.escape(next(characters, "")))
        else:
            parts.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
    match = re.compile("".join(parts), re.DOTALL).fullmatch
    return lambda text: match(text) is not None
