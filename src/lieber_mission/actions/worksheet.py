"""The worksheet of an item: steps of examining it, and where and when what it shows took place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lieber.base import BadInput, check_coordinates
from lieber.code import vocabulary

from ..models import Placing, RegisterRow, WorksheetLine
from ..policies import examine as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.compartments import seen_by
from ..queries.incidents import NotInRegister
from .collect import item_for, thing_of_form
from .record import VersionConflict, hold_the_log, record


@dataclass(frozen=True, slots=True)
class Placed:
    """A place or a span of time with how it was worked out; one of the two, as `question` says."""

    question: str
    method: str
    confidence: str
    reason: str
    imagery: str = ""
    latitude: float | None = None
    longitude: float | None = None
    place_precision: str = ""
    place: str = ""
    earliest: datetime | None = None
    latest: datetime | None = None


def write_line(
    *,
    item: str,
    part: str,
    method: str,
    finding: str,
    confidence: str,
    by: Viewer,
    at: datetime,
    once: str = "",
) -> str:
    """Record a step of examining an item; returns its id. Raises NotAllowed, NotInRegister or BadInput."""
    check_may(by, Deed.EXAMINE)
    vocabulary("worksheet_part").check(part)
    vocabulary("confidence").check(confidence)
    policy.check_step(method=method, finding=finding)
    row = WorksheetLine(
        item=item, part=part, method=method.strip(), finding=finding.strip(), confidence=confidence
    )
    return _once(row, item, by=by, at=at, once=once)


def place_item(*, item: str, placed: Placed, by: Viewer, at: datetime, once: str = "") -> str:
    """Record where or when what an item shows took place; returns its id.

    Raises NotAllowed, NotInRegister or BadInput.
    """
    check_may(by, Deed.EXAMINE)
    vocabulary("placing_method").check(placed.method)
    vocabulary("confidence").check(placed.confidence)
    policy.check_placed(
        question=placed.question,
        reason=placed.reason,
        located=placed.latitude is not None or bool(placed.place.strip()),
        timed=placed.earliest is not None or placed.latest is not None,
    )
    if placed.question == "geolocation":
        vocabulary("place_precision").check(placed.place_precision)
        _check_point(placed)
    elif placed.earliest and placed.latest and placed.latest < placed.earliest:
        raise BadInput("A span of time ends after it begins: exchange the two.")
    row = Placing(
        item=item,
        question=placed.question,
        latitude=placed.latitude,
        longitude=placed.longitude,
        place_precision=placed.place_precision,
        place=placed.place.strip(),
        earliest=placed.earliest,
        latest=placed.latest,
        method=placed.method,
        imagery=placed.imagery.strip(),
        reason=placed.reason.strip(),
        confidence=placed.confidence,
    )
    return _once(row, item, by=by, at=at, once=once)


def _check_point(placed: Placed) -> None:
    if (placed.latitude is None) != (placed.longitude is None):
        raise BadInput(
            "A point has a latitude and a longitude: give both, or neither and the place in words."
        )
    if placed.latitude is not None and placed.longitude is not None:
        check_coordinates(placed.latitude, placed.longitude)


def check_placing(
    *, placing: str, outcome: str, note: str, on_version: int, by: Viewer, at: datetime
) -> None:
    """A second analyst, who worked it out again, says what they came to.

    Raises NotAllowed where it is their own, NotInRegister, BadInput or VersionConflict.
    """
    check_may(by, Deed.EXAMINE)
    vocabulary("placing_check").check(outcome)
    with transaction.atomic():
        hold_the_log()
        row = seen_by(Placing.objects.as_of(None).filter(thing=placing), by).first()
        if row is None:
            raise NotInRegister(f"No placing {placing} is in the register, or not for you; compare the id.")
        author = Placing.objects.filter(thing=placing, version=1).values_list("recorded_by", flat=True).get()
        policy.check_second(author=author, second=by.officer_id, outcome=outcome, note=note)
        if row.version != on_version:
            raise VersionConflict("Somebody else checked this meanwhile; look at theirs first.")
        values = {name: getattr(row, name) for name in row.committed() if name != "recorded_by"}
        values |= {"checked_by": by.officer_id, "check_outcome": outcome, "check_note": note.strip()}
        record([Placing(thing=row.thing, version=row.version + 1, **values)], by=by.officer_id, at=at)


def _once(row: RegisterRow, item: str, *, by: Viewer, at: datetime, once: str) -> str:
    """Record a row about an item that the officer may know of; a second click is the same row."""
    if once:
        row.thing = thing_of_form(row.prefix, once, by)
    with transaction.atomic():
        hold_the_log()
        item_for(item, by)
        if not (once and type(row).objects.filter(thing=row.thing).exists()):
            record([row], by=by.officer_id, at=at)
    return row.thing
