"""Keeping what waits, after many entries were recorded: pages then begin with it."""

from __future__ import annotations

from ..models import Waited
from ..queries.waiting import KINDS, catch_up, kept


def keep_what_waits() -> None:
    """Look through all that was recorded since, and keep what was found for every process."""
    for kind in KINDS:
        row = kept(kind, catch_up(kind))
        if not Waited.objects.filter(kind=kind.name, mark=row.mark, upto=row.upto).exists():
            row.save()
