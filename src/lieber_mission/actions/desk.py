"""Keep and let go views of lists: an officer's own, or shared with the others."""

from __future__ import annotations

from django.db import transaction

from ..models import Officer, SavedView
from ..policies import desk as policy
from ..policies.permissions import Deed, Viewer, check_may

# The view that a list opens with, as the officer last looked at it. It has no name and nobody sees it.
LAST = ""


def keep_view(*, route: str, name: str, query: str, shared: bool, by: Viewer) -> None:
    """Keep the address of a list under a name; one of that name is replaced.

    Raises NotAllowed, or ViewRefused for a name that is none or too many views.
    """
    check_may(by, Deed.READ_REGISTER)
    name = name.strip()
    with transaction.atomic():
        own = SavedView.objects.filter(officer__officer_id=by.officer_id, route=route).exclude(name=LAST)
        policy.check_view(name=name, query=query, kept=own.exclude(name=name).count())
        _keep(route, name, query, shared=shared, by=by)


def remember(*, route: str, query: str, by: Viewer) -> None:
    """Remember how an officer looked at a list last."""
    _keep(route, LAST, query, shared=False, by=by)


def let_go(*, view: int, by: Viewer) -> None:
    """Let one of one's own views go; of others' nothing happens."""
    check_may(by, Deed.READ_REGISTER)
    SavedView.objects.filter(pk=view, officer__officer_id=by.officer_id).delete()


def _keep(route: str, name: str, query: str, *, shared: bool, by: Viewer) -> None:
    officer = Officer.objects.filter(officer_id=by.officer_id).first()
    if officer is not None:
        SavedView.objects.update_or_create(
            officer=officer, route=route, name=name, defaults={"query": query, "shared": shared}
        )
