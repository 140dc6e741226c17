"""Files that browsers send in parts over a bad line: begun, gone on with, and taken in when they are whole.

Source of the protocol: tus 1.0 (resumable uploads), core and creation.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from ..models import CustodyEvent, Item, Officer, Upload
from ..outside.storage import storage
from ..policies import preserve as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.incidents import NotInRegister
from .intake import Circumstances, Offered, check_circumstances, readable, receipt_key, take_in
from .work import GivenUp, ask_for

# What nobody went on with for so long is let go.
KEPT = timedelta(days=14)
_PORTION = 1 << 20
_FOLDER = "uploads"


def begin(*, name: str, size: int, circumstances: Mapping[str, str], by: Viewer, at: datetime) -> str:
    """Begin an upload; returns its token. Raises NotAllowed or BadInput."""
    check_may(by, Deed.COLLECT)
    policy.check_upload(name=name, size=size)
    check_circumstances(Circumstances(**circumstances), by)
    token = secrets.token_urlsafe(24)
    path = _path(token)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    Upload.objects.create(
        token=token,
        officer=by.officer_id,
        name=readable(name),
        size=size,
        circumstances=dict(circumstances),
        begun_at=at,
    )
    if size == 0:
        _ask(token, by, at)
    return token


def received(token: str, *, by: Viewer) -> tuple[int, int]:
    """How much of an upload is there, and how much it will be. Raises NotInRegister where it is another's."""
    row = _own(token, by)
    if row.item or row.reason:
        return row.size, row.size
    return _path(token).stat().st_size, row.size


def go_on(token: str, *, offset: int, part: Callable[[int], bytes], by: Viewer, at: datetime) -> int:
    """Take the next part; returns how much is there now. What a broken line brought until then stays.

    Raises NotInRegister, or BadInput where the part does not begin where the last one ended, or is too long.
    """
    row = _own(token, by)
    with _path(token).open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        there = file.seek(0, os.SEEK_END)
        policy.check_offset(offset=offset, there=there)
        try:
            there = _append(file, part, there, row.size)
        finally:
            file.flush()
            os.fsync(file.fileno())
    if there == row.size:
        _ask(token, by, at)
    return there


def _append(file: BinaryIO, part: Callable[[int], bytes], there: int, size: int) -> int:
    try:
        while portion := part(_PORTION):
            policy.check_room_for(there + len(portion), size)
            file.write(portion)
            there += len(portion)
    except OSError as error:
        # The line broke, or the disk is full.
        policy.check_room(error)
    return there


def _ask(token: str, by: Viewer, at: datetime) -> None:
    with transaction.atomic():
        ask_for("take-in", [token], by=by.officer_id, at=at)


def finished(token: str, *, clock: Callable[[], datetime]) -> None:
    """Take a whole upload in, as its officer; what came of it stands in it. Raises GivenUp."""
    row = Upload.objects.filter(token=token).first()
    if row is None or row.item:
        return
    officer = Officer.objects.filter(officer_id=row.officer, is_active=True).first()
    if officer is None:
        raise GivenUp("Whoever sent the file has left the mission.")
    path = _path(token)
    offered = Offered(row.name, f"upload\0{token}", row.size, lambda: path.open("rb", buffering=0))
    told = take_in([offered], circumstances=Circumstances(**row.circumstances), by=officer, clock=clock)
    if told.refused:
        Upload.objects.filter(token=token).update(reason=told.refused[0][1])
        raise GivenUp(told.refused[0][1])
    key = receipt_key(offered.key, row.circumstances.get("compartment", ""))
    item = CustodyEvent.objects.filter(external_key=key).values_list("item", flat=True).first() or ""
    Upload.objects.filter(token=token).update(item=item)
    path.unlink(missing_ok=True)


def state_of(token: str, *, by: Viewer) -> dict[str, Any]:
    """How far an upload is: whether it was taken in, as which item, or why not."""
    row = _own(token, by)
    known = Item.objects.filter(thing=row.item).exists() if row.item else False
    return {"item": row.item if known else "", "reason": row.reason, "name": row.name}


def let_go(at: datetime) -> int:
    """Remove uploads that nobody went on with; returns how many."""
    gone = 0
    for token in list(Upload.objects.filter(begun_at__lt=at - KEPT).values_list("token", flat=True)):
        path = _path(token)
        if path.exists() and path.stat().st_mtime > (at - KEPT).timestamp():
            continue
        path.unlink(missing_ok=True)
        gone += int(Upload.objects.filter(token=token).delete()[0])
    return gone


def lie_here() -> bool:
    """Whether uploads are received on this machine: no other one can take them in."""
    return (storage().folder / _FOLDER).is_dir()


def _own(token: str, by: Viewer) -> Upload:
    check_may(by, Deed.COLLECT)
    row: Upload | None = Upload.objects.filter(token=token, officer=by.officer_id).first()
    if row is None:
        raise NotInRegister("No such upload was begun, or not by you; begin it anew.")
    return row


def _path(token: str) -> Path:
    return storage().folder / _FOLDER / token
