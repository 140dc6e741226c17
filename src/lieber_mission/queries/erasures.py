"""What was erased: rows that say nothing any more stand in the log, and in no list, count or detail."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import QuerySet

from ..models import Erasure

Rows = TypeVar("Rows", bound=QuerySet)  # type: ignore[type-arg]


def erased_entries() -> set[int]:
    """The entries of the log whose rows were forgotten on purpose."""
    return {entry for entries in Erasure.objects.values_list("entries", flat=True) for entry in entries}


def not_erased(rows: Rows) -> Rows:
    """The rows that still say something."""
    return rows.exclude(entry__in=erased_entries())
