"""Who looks at a page, and noting what of a compartment they were shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ..actions.readings import Shown, note_readings, note_readings_of
from ..policies.permissions import Operator, Viewer
from ..queries.desk import blind_to

# Whoever has no account holds no role: every query refuses.
NOBODY = Operator("", frozenset())


def viewer_of(request: HttpRequest) -> Viewer:
    """The officer who asks, or nobody."""
    return request.user if request.user.is_authenticated else NOBODY


def note_shown(request: HttpRequest, shown: Iterable[Shown]) -> None:
    """Write down which things of compartments this page shows to this officer."""
    note_readings(shown, by=viewer_of(request), at=datetime.now(UTC))


def note_shown_of(request: HttpRequest, kind: str, things: Iterable[str]) -> None:
    """The same of things by their ids, where what the page holds of them does not say where they lie."""
    note_readings_of(kind, things, by=viewer_of(request), at=datetime.now(UTC))


def owed_first(request: HttpRequest, accounts: Iterable[str]) -> HttpResponse | None:
    """To the passage that the viewer owes a second coding of, before a page shows them the first one."""
    owed = sorted(blind_to(viewer_of(request)).intersection(accounts))
    return redirect("account-again", thing=owed[0]) if owed else None
