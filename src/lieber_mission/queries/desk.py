"""What lies on an officer's own desk: unfinished forms, and views of lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from ..models import Draft, SavedView
from ..policies.permissions import Deed, Viewer, check_may

# The form of a second coding among the drafts: whoever has one has begun, or was asked, and is blind.
SECOND = "second-coding"
# What such a draft says where it was left.
LEFT = "left"


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


def blind_to(viewer: Viewer) -> frozenset[str]:
    """The accounts whose values are not shown to a viewer: of those they owe a second coding.

    Every page that shows values of accounts leaves these out.
    """
    return frozenset(kept.about for kept in drafts(viewer=viewer, form=SECOND) if not kept.fields.get(LEFT))


@dataclass(frozen=True, slots=True)
class KeptView:
    """A view under its name, with the title of whoever keeps it."""

    id: int
    name: str
    query: str
    shared: bool
    own: bool
    title: str


def kept_views(route: str, *, viewer: Viewer) -> list[KeptView]:
    """One's own views of a list and those that others share, by name. Raises NotAllowed."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = SavedView.objects.filter(
        Q(officer__officer_id=viewer.officer_id) | Q(shared=True, officer__is_active=True), route=route
    ).exclude(name="")
    return [
        KeptView(
            row.pk,
            row.name,
            row.query,
            row.shared,
            row.officer.officer_id == viewer.officer_id,
            row.officer.title,
        )
        for row in rows.select_related("officer").order_by("name", "pk")
    ]


def last_view(route: str, *, viewer: Viewer) -> str:
    """How an officer looked at a list last; empty where they did not yet."""
    row = SavedView.objects.filter(officer__officer_id=viewer.officer_id, route=route, name="").first()
    return row.query if row else ""
