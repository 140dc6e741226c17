"""Officers' accounts."""

from __future__ import annotations

import os
from collections.abc import Sequence

from lieber.base import RANDOM_BYTES, BadInput, new_id

from ..models import Officer
from ..policies.permissions import Role


def make_officer(*, handle: str, title: str, roles: Sequence[Role], password: str | None) -> Officer:
    """Make an officer's account; without a password nobody can log in with it.

    Raises BadInput where the handle is taken.
    """
    if Officer.objects.filter(handle__iexact=handle).exists():
        raise BadInput(f"An officer with the handle {handle} exists already; choose another handle.")
    officer = Officer(
        officer_id=new_id("OFF", os.urandom(RANDOM_BYTES)),
        handle=handle,
        title=title,
        roles=[role.value for role in roles],
    )
    officer.set_password(password)
    officer.save()
    return officer


def set_password(officer: Officer, password: str) -> None:
    """Give an officer a new password."""
    officer.set_password(password)
    officer.save(update_fields=["password"])
