"""Comment on things of the register."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import cast

from django.db import transaction

from lieber.base import RANDOM_BYTES, new_id

from ..models import Comment, Officer, RegisterRow, register_models
from ..policies import remarks as policy
from ..policies.permissions import Deed, Viewer, check_may, may
from ..queries.compartments import seen_by
from ..queries.incidents import NotInRegister
from .record import hold_the_log, record

# A handle after an @ that begins a word, as an officer types it.
_CALLED = re.compile(r"(?<![\w.@-])@([a-z0-9][a-z0-9._-]*[a-z0-9])", re.IGNORECASE | re.ASCII)


def handles_in(body: str) -> list[str]:
    """The handles called in a text, each once."""
    return list(dict.fromkeys(handle.lower() for handle in _CALLED.findall(body)))


def comment(
    *,
    about: Sequence[str],
    body: str,
    by: Viewer,
    at: datetime,
    mentions: Collection[str] = (),
    once: str = "",
) -> list[str]:
    """Write one comment on each of some things, all or none; returns the ids.

    Officers are called by `@handle` in the text, or by their ids in `mentions`. `once` is the key of the
    form that was sent: the same one sent again writes nothing more.
    Raises NotAllowed, CommentRefused, or NotInRegister where a thing is not there for this officer.
    """
    check_may(by, Deed.COMMENT)
    policy.check_comment(body)
    policy.check_number(len(about))
    with transaction.atomic():
        hold_the_log()
        called = _officers(handles_in(body), mentions)
        rows = [
            Comment(
                thing=_thing(once, target, by) if once else "",
                about=target,
                body=body.strip(),
                mentions=[officer.officer_id for officer in called],
                compartment=_compartment(target, by, called),
            )
            for target in dict.fromkeys(about)
        ]
        known = set(
            Comment.objects.filter(thing__in=[row.thing for row in rows]).values_list("thing", flat=True)
        )
        things = [row.thing for row in rows]
        new = [row for row in rows if row.thing not in known]
        if new:
            record(new, by=by.officer_id, at=at)
        return [thing or row.thing for thing, row in zip(things, rows, strict=True)]


def _thing(once: str, target: str, by: Viewer) -> str:
    """The id of a comment that follows from the form that was sent."""
    digest = hashlib.sha256(f"{once} {target} {by.officer_id}".encode()).digest()
    return new_id(Comment.prefix, digest[:RANDOM_BYTES])


def _officers(handles: Iterable[str], mentions: Collection[str]) -> list[Officer]:
    active = Officer.objects.filter(is_active=True)
    by_handle = {officer.handle: officer for officer in active.filter(handle__in=list(handles))}
    policy.check_known(list(handles), by_handle)
    chosen = list(active.filter(officer_id__in=list(mentions)))
    policy.check_known(list(mentions), [officer.officer_id for officer in chosen])
    return list({officer.officer_id: officer for officer in (*by_handle.values(), *chosen)}.values())


def _compartment(target: str, by: Viewer, called: Sequence[Officer]) -> str:
    """The compartment of what is commented on, which all who are called must be able to read."""
    row = _seen(target, by)
    policy.check_can_read([officer.title for officer in called if not may(officer, Deed.READ_REGISTER)])
    compartment: str = getattr(row, "compartment", "")
    if compartment:
        policy.check_can_read(
            [officer.title for officer in called if compartment not in officer.compartments]
        )
    return compartment


def _seen(target: str, by: Viewer) -> RegisterRow:
    field = Comment._meta.get_field("about")
    kinds = {field.to, *field.also}
    model = next(
        (each for each in register_models() if each.prefix == target[:3] and each.__name__ in kinds), None
    )
    if model is not None:
        rows = model.objects.as_of(None).filter(thing=target)
        if any(each.attname == "compartment" for each in model._meta.concrete_fields):
            rows = seen_by(rows, by)
        if (found := rows.first()) is not None:
            return cast("RegisterRow", found)
    raise NotInRegister(f"Nothing with the id {target} can be commented on; compare the id.")
