"""The access log: who read what of a compartment, and who asked the vault for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..models import Reading
from ..policies.permissions import Deed, Viewer, check_may
from .lists import Page, paged


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """One reading."""

    entry: int
    recorded_at: datetime
    recorded_by: str
    what: str
    deed: str
    compartment: str
    purpose: str
    agreed_by: str


def reading_list(*, viewer: Viewer, page: int = 1) -> Page[ReadingLine]:
    """Readings, latest first, of the compartments that the viewer knows of. Raises NotAllowed."""
    check_may(viewer, Deed.READ_READINGS)
    rows = Reading.objects.filter(compartment__in=["", *viewer.compartments])
    return paged(
        rows.order_by("-entry"),
        page,
        lambda part: (
            ReadingLine(**{name: getattr(row, name) for name in ReadingLine.__slots__}) for row in part
        ),
    )
