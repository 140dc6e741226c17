"""Note that something of a compartment was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Protocol

from django.db.models import Model

from ..models import Account, FollowUp, Item, PublicStatement, Reading, Tally
from ..policies.permissions import Viewer
from ..queries.compartments import lying_in
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


# What a page calls a kind of thing, and its table.
_KINDS: Mapping[str, type[Model]] = {
    "statement": PublicStatement,
    "follow-up": FollowUp,
    "item": Item,
    "account": Account,
    "tally": Tally,
}


def note_readings_of(kind: str, things: Iterable[str], *, by: Viewer, at: datetime) -> None:
    """The same of things whose lines do not say where they lie; kinds that never lie in one are not asked."""
    wanted = set(things)
    # Whoever is a member of none was shown nothing of any.
    if not wanted or not by.compartments or kind not in _KINDS:
        return
    closed = sorted(lying_in(_KINDS[kind], wanted).items())
    if closed:
        # Once a day: a list that follows each key typed would fill the log.
        today = Reading.objects.filter(
            what__in=[thing for thing, _lies in closed],
            recorded_by=by.officer_id,
            recorded_at__gte=datetime.combine(at.date(), time.min, UTC),
        )
        noted = set(today.values_list("what", flat=True))
        closed = [pair for pair in closed if pair[0] not in noted]
    if closed:
        rows = [Reading(what=thing, deed="read", compartment=lies) for thing, lies in closed]
        record(rows, by=by.officer_id, at=at)
