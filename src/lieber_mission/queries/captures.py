"""Captures: what was asked for, what came, and what each is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..models import Capture, Work
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import seen_by
from .erasures import not_erased
from .examined import flat
from .lists import Page, paged


@dataclass(frozen=True, slots=True)
class CaptureShown:
    """One capture in a list or beside its item."""

    thing: str
    item: str
    requested_url: str
    final_url: str
    title: str
    status: str
    outcome: str
    bears: str
    reasons: list[str]
    http_status: int | None
    started_at: datetime
    ended_at: datetime
    details: dict[str, Any]
    manifest_sha256: str
    compartment: str
    recorded_by: str
    entry: int

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of the taking, line by line: names and values."""
        return list(flat(self.details))


@dataclass(frozen=True, slots=True)
class Asked:
    """A page that waits for a worker, is being captured, or could not be."""

    url: str
    state: str
    reason: str
    asked_at: datetime


def capture_list(*, viewer: Viewer, status: str = "", page: int = 1) -> Page[CaptureShown]:
    """Captures, latest first."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = not_erased(seen_by(Capture.objects.as_of(None), viewer))
    if status:
        rows = rows.filter(status=status)
    return paged(rows.order_by("-entry"), page, lambda part: [_shown(row) for row in part])


def captures_of(item: str, *, viewer: Viewer, position: int | None) -> list[CaptureShown]:
    """The captures of an item, oldest first."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = not_erased(seen_by(Capture.objects.as_of(position).filter(item=item), viewer))
    return [_shown(row) for row in rows.order_by("entry")]


def _shown(row: Capture) -> CaptureShown:
    return CaptureShown(**{name: getattr(row, name) for name in CaptureShown.__slots__})


def asked_captures(*, viewer: Viewer, most: int = 100) -> Sequence[Asked]:
    """The pages that this officer asked for and that are not captured yet, or could not be."""
    check_may(viewer, Deed.COLLECT)
    rows = Work.objects.filter(kind="capture", asked_by=viewer.officer_id).exclude(state="done")
    return [
        Asked(str(row.parameters.get("url", "")), row.state, row.reason, row.asked_at)
        for row in rows.order_by("-id")[:most]
    ]
