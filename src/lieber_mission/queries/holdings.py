"""How much the register holds."""

from __future__ import annotations

from ..models import Officer, register_models


def holdings() -> dict[str, int]:
    """Kind -> number of things, each counted once whatever the number of its versions."""
    return {model.kind: model.objects.filter(version=1).count() for model in register_models()}


def officers() -> dict[str, str]:
    """Handle -> title of the active officers."""
    return dict(Officer.objects.filter(is_active=True).order_by("id").values_list("handle", "title"))
