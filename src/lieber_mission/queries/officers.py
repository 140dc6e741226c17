"""Who the officers are."""

from __future__ import annotations

from lieber.base import BadInput

from ..models import Officer


def by_handle(handle: str | None) -> Officer:
    """The officer with this handle; without one, the only active officer there is.

    Raises BadInput where none or several fit.
    """
    active = Officer.objects.filter(is_active=True)
    found = list(active.filter(handle__iexact=handle) if handle else active.order_by("id")[:2])
    if len(found) == 1:
        return found[0]
    if handle:
        raise BadInput(f"No active officer has the handle {handle!r}; see `mission info`.")
    raise BadInput(
        "Every deed has an author: name an officer with --by HANDLE; see `mission info` for the handles."
    )


def titles() -> dict[str, str]:
    """Officer id -> title, for pages that show who recorded something."""
    return dict(Officer.objects.values_list("officer_id", "title"))
