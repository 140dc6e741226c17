"""Take out of an archive what it holds: each member becomes an exhibit of its own, and the archive stays.

The archive as it came is evidence, and so is each file in it: they are originals, with receipts that name
the archive and the path inside. Killed and done again, nothing is lost and nothing doubled: a member is known
by the digest of its archive and its number.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from io import FileIO
from pathlib import Path
from typing import Any

from lieber.base import BadInput
from lieber.collect.archives import Limits as ArchiveLimits

from ..models import Exhibit, Item, Officer
from ..outside.storage import storage
from ..parsing import Limited, Limits
from ..parsing.unpacking import NAME
from ..policies import preserve as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.exhibits import disposed_items, exhibit, exhibit_number, is_frozen
from .examine import keep_answer
from .intake import Circumstances, Offered, TakenIn, readable, take_in
from .work import GivenUp, ask_for

_SECONDS = 3_600
# Members that were refused, as the bench shows them.
_MOST_TOLD = 200


def ask_to_unpack(exhibits: Sequence[str], *, by: Viewer, at: datetime) -> int:
    """Ask a worker to take out of these archives what they hold; returns how many were asked for.

    Raises NotAllowed, NotInRegister, or BadInput where one is no archive or frozen.
    """
    check_may(by, Deed.COLLECT)
    for thing in exhibits:
        shown = exhibit(thing, viewer=by)
        policy.check_archive(shown.media_type)
        policy.check_not_frozen(frozen=is_frozen(shown.item))
        policy.check_not_disposed(disposed=bool(disposed_items([shown.item])))
    ask_for("unpack", exhibits, by=by.officer_id, at=at)
    return len(exhibits)


def unpack_exhibit(
    thing: str,
    *,
    by: str,
    clock: Callable[[], datetime],
    tell: Callable[[str, float], None] = lambda _stage, _share: None,
) -> TakenIn:
    """Take in each member of an archive, for the officer who asked; what is refused is named with its reason.

    Raises GivenUp where the exhibit is not there, its item frozen, or the officer gone; Stopped where the
    archive cannot be read.
    """
    officer = Officer.objects.filter(officer_id=by, is_active=True).first()
    row = Exhibit.objects.as_of(None).filter(thing=thing).first()
    if officer is None or row is None or row.sha256 == "":
        raise GivenUp("The archive is not in the register, or whoever asked has left the mission.")
    if is_frozen(row.item) or disposed_items([row.item]):
        raise GivenUp("The item is frozen, or its bytes were destroyed.")
    keep = storage()
    with ExitStack() as stack:
        folder = stack.enter_context(keep.arriving(f"unpack-{os.getpid()}-{os.urandom(6).hex()}"))
        parser = stack.enter_context(Limited(Limits(file_size=ArchiveLimits().size)))
        try:
            file = stack.enter_context(keep.open(row.root, row.stored, row.path))
        except FileNotFoundError:
            raise GivenUp("Its bytes are not in the storage; run `mission check --bytes`.") from None
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        stack.callback(os.close, descriptor)
        tell("unpack", 0.0)
        answer = parser.ask(
            "unpack",
            file.fileno(),
            parameters={"media_type": row.media_type},
            folder=descriptor,
            seconds=_SECONDS,
        )
        lines = json.loads((folder / NAME).read_text("utf-8"))
        tell("unpack", 0.5)
        refused = [(readable(line["name"]), f"{line['refused']}.") for line in lines if line["refused"]]
        told = take_in(
            _offered(row, lines, folder),
            circumstances=_circumstances(row),
            by=officer,
            clock=clock,
            refusals=refused,
        )
        result = {
            "members": answer["members"],
            "refused": [{"name": name, "reason": reason} for name, reason in refused[:_MOST_TOLD]],
        }
        tool = str(answer["tool"])
        keep_answer(row, "unpacking", "done", tool=tool, result=result, at=clock())
        return told


def _offered(row: Exhibit, lines: Sequence[dict[str, Any]], folder: Path) -> Iterator[Offered]:
    """The members that were taken out, under the name of the archive and their own."""
    for number, line in enumerate(lines):
        if line["refused"]:
            continue
        path = folder / Path(str(line["file"])).name
        yield Offered(
            name=f"{row.original_name}!/{readable(line['name'])}"[-1_000:],
            key=f"unpacked\0{row.sha256}\0{number}\0{line['name']}",
            size=int(line["size"]),
            open=partial(_opened, path),
        )


def _opened(path: Path) -> FileIO:
    return path.open("rb", buffering=0)


def _circumstances(row: Exhibit) -> Circumstances:
    """What is the same of all members: what is known of the archive's item."""
    item = Item.objects.as_of(None).get(thing=row.item)
    first = Exhibit.objects.get(thing=row.thing, version=1)
    return Circumstances(
        source=item.source,
        language=item.language,
        graphic=item.graphic,
        compartment=item.compartment,
        note=f"taken out of {exhibit_number(first.entry)}, SHA-256 {row.sha256}",
        what="received",
    )


def archives_among(items: Sequence[str]) -> list[str]:
    """The exhibits of these items that are archives."""
    rows = Exhibit.objects.as_of(None).filter(item__in=list(items), derived_from="")
    found = []
    for row in rows.order_by("entry"):
        try:
            policy.check_archive(row.media_type)
        except BadInput:
            continue
        found.append(str(row.thing))
    return found
