"""Views of lists that officers keep."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from ..models import SavedView
from ..policies.permissions import Deed, Viewer, check_may


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
