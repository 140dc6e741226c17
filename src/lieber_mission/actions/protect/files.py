"""A recording, photograph or document of a protected person: sealed, with an item that says no more of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from lieber.base import BadInput
from lieber.code import vocabulary

from ...models import Interview, Item, Pseudonym
from ...policies import protect as policy
from ...policies.permissions import Deed, Viewer, check_may
from ...queries.consent import permission
from ...queries.incidents import NotInRegister
from ..record import hold_the_log, record
from .persons import erased_if_refused, seal_text
from .submissions import FILE_KINDS, interviews_source

# Of files as field forms carry them, what the register knows them as: terms of item_kind.
ITEM_KINDS: Mapping[str, str] = {
    "audio": "audiotape",
    "video": "video",
    "image": "photograph",
    "file": "document",
}
_ABSENT = "Nothing of this id is in the register, or not for you; compare the id."


def seal_file(
    *, pseudonym: str, content: bytes, file_kind: str, interview: str = "", by: Viewer, at: datetime
) -> str:
    """Seal a file that a person gave, or a recording of what they said; returns the id of its item.

    `file_kind` is a term of recording_kind, `interview` one of that person's, where it was made at one.
    Raises NotAllowed, NotInRegister, ProtectionRefused without consent to storing, or BadInput.
    """
    check_may(by, Deed.RECORD_INTERVIEW)
    vocabulary("recording_kind").check(file_kind)
    if not content:
        raise BadInput("A file to be sealed holds something: found an empty one; choose another.")
    with erased_if_refused() as sealed, transaction.atomic():
        hold_the_log()
        person = _person(pseudonym, interview=interview, by=by)
        policy.check_consent(permission(pseudonym, purpose="store", on=at.date()))
        item = Item(
            source=interviews_source(by, at),
            item_kind=ITEM_KINDS[file_kind],
            compartment=person.compartment,
            interview=interview,
        )
        record([item], by=by.officer_id, at=at)
        done = seal_text(
            content,
            pseudonym=pseudonym,
            kind=FILE_KINDS[file_kind],
            compartment=person.compartment,
            by=by,
            at=at,
        )
        sealed.append(done)
    return item.thing


def _person(pseudonym: str, *, interview: str, by: Viewer) -> Pseudonym:
    """The person, whose interview it is where one is named. Raises NotInRegister."""
    rows = Pseudonym.objects.as_of(None).filter(compartment__in=list(by.compartments))
    row: Pseudonym | None = rows.filter(thing=pseudonym).first()
    theirs = Interview.objects.as_of(None).filter(pseudonym=pseudonym, thing=interview)
    if row is None or (interview and not theirs.exists()):
        raise NotInRegister(_ABSENT)
    return row
