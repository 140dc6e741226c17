"""Note that something of a compartment was read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from ..models import Reading
from ..policies.permissions import Viewer
from .record import record


class Shown(Protocol):
    """What a page shows: its id, and the compartment in which it lies, if any."""

    @property
    def thing(self) -> str:
        """The id."""
        ...

    @property
    def compartment(self) -> str:
        """The compartment's id; empty where everybody may know of it."""
        ...


def note_readings(shown: Iterable[Shown], *, by: Viewer, at: datetime) -> None:
    """Write down which things of compartments an officer was shown; others are not noted (R-16)."""
    rows = [
        Reading(what=each.thing, deed="read", compartment=each.compartment)
        for each in shown
        if each.compartment
    ]
    if rows:
        record(rows, by=by.officer_id, at=at)
