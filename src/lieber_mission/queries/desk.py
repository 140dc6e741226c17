"""What lies on an officer's own desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..models import Draft
from ..policies.permissions import Viewer


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A form that was not sent."""

    form: str
    about: str
    on_version: int
    fields: Mapping[str, Any]
    saved_at: datetime


def draft_of(form: str, about: str, *, viewer: Viewer) -> KeptDraft | None:
    """The viewer's own draft of a form on a thing; nobody sees another's."""
    return next(iter(drafts(viewer=viewer, form=form, about=about)), None)


def drafts(*, viewer: Viewer, **wanted: str) -> list[KeptDraft]:
    """The viewer's own drafts, the one saved last first."""
    rows = Draft.objects.filter(officer__officer_id=viewer.officer_id, **wanted).order_by("-saved_at", "-id")
    return [KeptDraft(row.form, row.about, row.on_version, row.fields, row.saved_at) for row in rows]
