"""Make a copy of a picture or a frame with parts marked, covered or cut out; the original stays as it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lieber.code import vocabulary

from ..models import CustodyEvent, Exhibit
from ..outside.clock import clock_source
from ..outside.storage import content_folder, storage
from ..parsing import Limited
from ..policies import examine as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..policies.preserve import check_not_disposed, check_not_frozen
from ..queries.compartments import seen_by
from ..queries.exhibits import disposed_items, is_frozen
from ..queries.incidents import NotInRegister
from .collect import thing_of_form
from .examine import kept_copies
from .record import hold_the_log, record

_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Marked:
    """What is done to a copy: an annotation, a redaction or a crop, of which parts, and why.

    `boxes` are left, top, right, bottom as shares of width and height; `labels` belong to them in their
    order; of a film the frame at `milliseconds` is taken.
    """

    how: str
    boxes: Sequence[tuple[float, float, float, float]]
    labels: Sequence[str] = ()
    milliseconds: int = 0
    reason: str = ""


def mark_copy(
    *, exhibit: str, marked: Marked, by: Viewer, clock: Callable[[], datetime], once: str = ""
) -> str:
    """Make the copy and record it with a line of custody; returns the id of the working copy.

    `once` is the key of the form that was sent: the same one sent again makes nothing more. Raises
    NotAllowed, NotInRegister, BadInput, or Stopped where the copy cannot be made.
    """
    check_may(by, Deed.EXAMINE)
    vocabulary("derivative").check(marked.how)
    policy.check_marked(how=marked.how, boxes=marked.boxes, labels=marked.labels, reason=marked.reason)
    row = seen_by(Exhibit.objects.as_of(None).filter(thing=exhibit), by).first()
    if row is None or not row.sha256:
        raise NotInRegister(f"No exhibit {exhibit} is in the register, or not for you; compare the id.")
    policy.check_markable(row.media_type)
    check_not_frozen(frozen=is_frozen(row.item))
    check_not_disposed(disposed=bool(disposed_items([row.item])))
    thing = thing_of_form(Exhibit.prefix, f"{exhibit} {once or os.urandom(8).hex()}", by)
    if Exhibit.objects.filter(thing=thing).exists():
        return thing
    asked = {
        "media_type": row.media_type,
        "how": marked.how,
        "boxes": [list(box) for box in marked.boxes],
        "milliseconds": marked.milliseconds,
    }
    keep = storage()
    with ExitStack() as stack:
        folder = stack.enter_context(keep.arriving(f"mark-{os.getpid()}-{os.urandom(6).hex()}"))
        parser = stack.enter_context(Limited())
        try:
            file = stack.enter_context(keep.open(row.root, row.stored, row.path))
        except FileNotFoundError:
            raise NotInRegister("Its bytes are not in the storage; ask for a round of fixity.") from None
        contents = content_folder(folder / "made")
        descriptor = os.open(contents, os.O_RDONLY | os.O_DIRECTORY)
        stack.callback(os.close, descriptor)
        told = parser.ask("marked", file.fileno(), parameters=asked, folder=descriptor, seconds=_SECONDS)
        at = clock()
        (made,) = kept_copies(row, told, folder=folder / "made", contents=contents, at=at)
        made.thing = thing
        made.parameters = {**made.parameters, **asked, "labels": list(marked.labels)}
        _record(row, made, marked, by=by, at=at)
    return thing


def _record(row: Exhibit, made: Exhibit, marked: Marked, *, by: Viewer, at: datetime) -> None:
    line = CustodyEvent(
        item=row.item,
        exhibit=row.thing,
        what="redacted" if marked.how == "redaction" else "derived",
        happened_at=at,
        clock_source=clock_source(),
        sha256_before=row.sha256,
        sha256_after=row.sha256,
        purpose=marked.reason.strip(),
        note=made.tool,
    )
    with transaction.atomic():
        hold_the_log()
        if not Exhibit.objects.filter(thing=made.thing).exists():
            record([made, line], by=by.officer_id, at=at)
