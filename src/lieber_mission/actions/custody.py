"""Write down what happens to exhibits in custody: what the site does by itself, and what persons tell."""

from __future__ import annotations

from datetime import UTC, datetime, time

from django.db import transaction

from lieber.code import vocabulary
from lieber.preserve.custody import BY_HAND, Custody, check_custody

from ..models import CustodyEvent, Exhibit
from ..outside.clock import clock_source
from ..policies import preserve as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.compartments import seen_by
from ..queries.incidents import NotInRegister
from .collect import thing_of_form
from .record import hold_the_log, record


def note_custody(exhibit: str, what: str, *, by: Viewer, at: datetime) -> None:
    """Write down that an officer looked at an exhibit or took a copy of it: looking once a day."""
    row = _exhibit(exhibit, by)
    today = datetime.combine(at.astimezone(UTC).date(), time.min, UTC)
    known = CustodyEvent.objects.filter(
        exhibit=exhibit, what=what, recorded_by=by.officer_id, recorded_at__gte=today
    )
    if what == "viewed" and known.exists():
        return
    line = CustodyEvent(
        item=row.item,
        exhibit=exhibit,
        what=what,
        happened_at=at,
        clock_source=clock_source(),
        sha256_before=row.sha256,
        sha256_after=row.sha256,
    )
    record([line], by=by.officer_id, at=at)


def tell_custody(
    *,
    exhibit: str,
    what: str,
    happened_at: datetime,
    counterparty: str,
    on_behalf_of: str,
    place: str,
    device: str,
    purpose: str,
    authority: str,
    note: str,
    by: Viewer,
    at: datetime,
    once: str = "",
) -> str:
    """Record what a person says happened to an exhibit; returns the line's id.

    Raises NotAllowed, NotInRegister, or BadInput where it does not say what its kind must say.
    """
    check_may(by, Deed.COLLECT)
    policy.check_by_hand(what, BY_HAND)
    if authority:
        vocabulary("custody_authority").check(authority)
    policy.check_counterparty(counterparty)
    with transaction.atomic():
        hold_the_log()
        row = _exhibit(exhibit, by)
        said = Custody(
            what=what,
            happened_at=happened_at,
            sha256_before=row.sha256,
            sha256_after=row.sha256,
            counterparty=counterparty,
            purpose=purpose,
            authority=authority,
            note=note,
        )
        check_custody(said, recorded_at=at)
        thing = thing_of_form(CustodyEvent.prefix, once, by) if once else ""
        if thing and CustodyEvent.objects.filter(thing=thing).exists():
            return thing
        last = CustodyEvent.objects.filter(exhibit=exhibit).order_by("-entry").first()
        line = CustodyEvent(
            thing=thing,
            item=row.item,
            exhibit=exhibit,
            what=what,
            happened_at=happened_at,
            clock_source="as told",
            counterparty=counterparty.strip(),
            on_behalf_of=on_behalf_of.strip(),
            place=place.strip(),
            device=device.strip(),
            purpose=purpose.strip(),
            authority=authority,
            sha256_before=row.sha256,
            sha256_after=row.sha256,
            note=note.strip(),
            previous=last.thing if last else "",
        )
        record([line], by=by.officer_id, at=at)
    return line.thing


def _exhibit(thing: str, by: Viewer) -> Exhibit:
    row: Exhibit | None = seen_by(Exhibit.objects.as_of(None).filter(thing=thing), by).first()
    if row is None:
        raise NotInRegister(f"No exhibit {thing} is in the register, or not for you; compare the id.")
    return row
