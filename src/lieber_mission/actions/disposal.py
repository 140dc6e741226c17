"""Dispose of an item when its time is over: one officer asks, a second one agrees, and its bytes are gone.

What was recorded stays: digests, custody, what was concluded. A legal hold, a day that has not come, or a
mismatch that nobody settled stand in the way, whoever asks.
"""

from __future__ import annotations

import os
from datetime import datetime

from django.db import transaction

from ..models import CustodyEvent, Exhibit, Keeping, RegisterRow
from ..outside.clock import clock_source
from ..outside.storage import storage
from ..policies import preserve as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.exhibits import disposed_items
from .collect import item_for
from .fixity import check_version, kept_anew
from .likeness import forget_prints
from .record import hold_the_log, record
from .work import ask_for

ASKED, DONE = "asked", "done"


def ask_to_dispose(
    *, item: str, reason: str, authority: str, on_version: int, by: Viewer, at: datetime
) -> None:
    """Ask a second officer to agree that the bytes of an item are destroyed.

    Raises NotAllowed, NotInRegister, BadInput where it must be kept, or VersionConflict.
    """
    check_may(by, Deed.KEEP)
    policy.check_reason(reason)
    policy.check_authority(authority)
    with transaction.atomic():
        hold_the_log()
        keeping = _keeping(item, on_version, by, at)
        asked = {"disposal": ASKED, "asked_by": by.officer_id, "reason": reason.strip()}
        record([kept_anew(keeping, item, **asked, authority=authority)], by=by.officer_id, at=at)


def agree_to_dispose(*, item: str, agrees: bool, on_version: int, by: Viewer, at: datetime) -> None:
    """Agree to what another officer asked, or decline it; agreed, a worker destroys the bytes.

    Raises NotAllowed also for whoever asked, NotInRegister, BadInput or VersionConflict.
    """
    check_may(by, Deed.KEEP)
    with transaction.atomic():
        hold_the_log()
        keeping = _keeping(item, on_version, by, at)
        policy.check_agreeing(
            asked=keeping is not None and keeping.disposal == ASKED,
            same=keeping is not None and keeping.asked_by == by.officer_id,
        )
        if keeping is None:
            return
        if not agrees:
            record([kept_anew(keeping, item, disposal="", asked_by="")], by=by.officer_id, at=at)
            return
        rows: list[RegisterRow] = [kept_anew(keeping, item, disposal=DONE), *_lines(keeping, at)]
        record(rows, by=by.officer_id, at=at)
        ask_for("dispose", [item], by=by.officer_id, at=at)


def _keeping(item: str, on_version: int, by: Viewer, at: datetime) -> Keeping | None:
    """How the item is kept, where it may be disposed of."""
    item_for(item, by)
    keeping = Keeping.objects.as_of(None).filter(item=item).first()
    check_version(keeping, on_version)
    policy.check_disposable(
        retention_until=keeping.retention_until if keeping else None,
        today=at.date(),
        legal_hold=keeping is not None and keeping.legal_hold,
        frozen=keeping is not None and keeping.frozen,
        disposed=keeping is not None and keeping.disposal == DONE,
    )
    return keeping


def _lines(keeping: Keeping, at: datetime) -> list[RegisterRow]:
    """One line of custody for each exhibit: under which authority, and who had asked."""
    source = clock_source()
    return [
        CustodyEvent(
            item=keeping.item,
            exhibit=row.thing,
            what="disposed",
            happened_at=at,
            clock_source=source,
            sha256_before=row.sha256,
            authority=keeping.authority,
            purpose=keeping.reason,
            note=f"asked by {keeping.asked_by}",
        )
        for row in Exhibit.objects.as_of(None).filter(item=keeping.item).order_by("entry")
    ]


def destroy_bytes(item: str) -> int:
    """Destroy the bytes of an item that was disposed of; returns how many objects are gone.

    Bytes that another item holds too stay for that one. Done again it comes to the same.
    """
    if item not in disposed_items([item]):
        return 0
    rows = list(Exhibit.objects.as_of(None).filter(item=item))
    forget_prints([row.thing for row in rows])
    keep, gone = storage(), 0
    with keep.arriving(f"dispose-{os.getpid()}-{os.urandom(6).hex()}") as folder:
        for root, stored in sorted({(row.root, row.stored) for row in rows}):
            others = set(Exhibit.objects.filter(root=root, stored=stored).values_list("item", flat=True))
            if others - disposed_items(others) or not keep.holds(root, stored):
                continue
            keep.put_aside(folder / f"{gone}", root=root, stored=stored)
            gone += 1
    keep.flush()
    return gone
