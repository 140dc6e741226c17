"""Who looks at a page."""

from __future__ import annotations

from django.http import HttpRequest

from ..policies.permissions import Operator, Viewer

# Whoever has no account holds no role: every query refuses.
NOBODY = Operator("", frozenset())


def viewer_of(request: HttpRequest) -> Viewer:
    """The officer who asks, or nobody."""
    return request.user if request.user.is_authenticated else NOBODY
