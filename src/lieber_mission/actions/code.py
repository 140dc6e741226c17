"""Code items: accounts beside the item, and the same passage again by a second coder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from lieber.base import RANDOM_BYTES, LieberError, new_id
from lieber.code import CodedByHand, read_by_hand

from ..models import Account, FollowUp, Item, PublicStatement, RegisterRow, SecondCoding
from ..policies import code as policy
from ..policies.collect import check_open
from ..policies.permissions import Deed, Viewer, check_may
from ..queries import coding
from ..queries.compartments import seen_by
from ..queries.desk import LEFT, SECOND, blind_to
from ..queries.erasures import not_erased
from ..queries.incidents import NotInRegister
from ..queries.officers import officer_of
from .collect import as_coded, item_for, thing_of_form
from .desk import drop_draft, save_draft
from .record import VersionConflict, hold_the_log, record

Typed = Mapping[str, str | Sequence[str]]


class NotCodable(LieberError):
    """What was typed is no account yet; `problems` say what is wrong, by field of the form."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(next(iter(problems.values())))
        self.problems = dict(problems)


def record_account(
    *, item: str, typed: Typed, by: Viewer, at: datetime, once: str = "", last_of_item: bool = False
) -> str:
    """Record what an item says of one incident; returns the account's id.

    With the last account of an item that was to be coded, the item is coded: it leaves the queue.
    Raises NotAllowed, NotInRegister, ItemRefused where the item is an interview, or NotCodable.
    """
    check_may(by, Deed.CODE)
    thing = thing_of_form(Account.prefix, once, by) if once else ""
    with transaction.atomic():
        hold_the_log()
        of = item_for(item, by)
        check_open(of.interview)
        if thing and Account.objects.filter(thing=thing).exists():
            return thing
        coded = _read(typed, of)
        row = Account(
            thing=thing,
            item=item,
            compartment=of.compartment,
            locators=coded.locators,
            **coded.values,
        )
        record([row, *(as_coded(of) if last_of_item else ())], by=by.officer_id, at=at)
        drop_draft(form="account", about=item, by=by)
    return row.thing


def supersede_account(*, account: str, typed: Typed, on_version: int, by: Viewer, at: datetime) -> int:
    """Record an account anew, on top of the version that the officer had before them; returns the version.

    What the form does not ask stays as it is. The same as stands writes nothing.
    Raises NotAllowed, NotInRegister, NotCodable, or VersionConflict where somebody else was first.
    """
    check_may(by, Deed.CODE)
    with transaction.atomic():
        hold_the_log()
        known = _account_for(account, by)
        coded = _read(typed, item_for(known.item, by))
        if known.version != on_version:
            raise VersionConflict(
                f"Version {on_version + 1} of {account} cannot be recorded: somebody else recorded one "
                "first; look at theirs and record yours on top of it."
            )
        values = {name: getattr(known, name) for name in Account.committed() if name != "recorded_by"}
        # A place that the form does not know of, as a table or an interview gives it, stays.
        kept = {name: place for name, place in known.locators.items() if name == "*"}
        # not a table's any more: a later one does not overrule the officer (decision 14)
        changed = {**coded.values, "locators": {**kept, **coded.locators}, "external_key": ""}
        row = Account(thing=account, version=known.version + 1, **(values | changed))
        last = int(known.version)
        if row.content() != known.content() | {"external_key": ""}:
            record([row], by=by.officer_id, at=at)
            last += 1
        drop_draft(form="account-version", about=account, by=by)
    return last


def _account_for(thing: str, by: Viewer) -> Account:
    row: Account | None = not_erased(seen_by(Account.objects.as_of(None).filter(thing=thing), by)).first()
    if row is None:
        raise NotInRegister(f"No account {thing} is in the register, or not for you; compare the id.")
    if thing in blind_to(by) and row.recorded_by != by.officer_id:
        raise policy.CodingRefused(
            "You are to code this passage without seeing the first coding: do that before you change it."
        )
    return row


def _read(typed: Typed, item: Item) -> CodedByHand:
    coded = read_by_hand(typed, item=item.thing, published=item.published_latest)
    if coded.problems:
        raise NotCodable(coded.problems)
    return coded


def second_thing(account: str, officer: str) -> str:
    """The id of an officer's second coding of an account: there is one."""
    digest = hashlib.sha256(f"{account} {officer}".encode()).digest()
    return new_id(SecondCoding.prefix, digest[:RANDOM_BYTES])


def begin_second_coding(*, account: str, by: Viewer, at: datetime) -> None:
    """Begin to code a passage a second time: from now until it is recorded the first coding is hidden.

    Raises NotAllowed, NotInRegister or CodingRefused.
    """
    check_may(by, Deed.CODE)
    _check_second(account, by)
    if account not in blind_to(by):
        save_draft(form=SECOND, about=account, on_version=0, fields={}, by=by, at=at)


def ask_second_coder(*, account: str, officer: str, by: Viewer, at: datetime) -> None:
    """Ask another officer to code a passage a second time: it lies on their desk, and the first coding is
    hidden from them.

    Raises NotAllowed, NotInRegister, or CodingRefused where that officer cannot.
    """
    check_may(by, Deed.CODE)
    coded = coding.coded_account(account, viewer=by)
    policy.check_not_sealed(coded.pseudonym)
    if officer not in dict(coding.coders(viewer=by, account=coded)):
        raise policy.CodingRefused(
            "A second coder is another officer who codes, may know of the item, and did not code it yet: "
            "choose one of those named."
        )
    asked = officer_of(officer)
    if account not in blind_to(asked):
        fields = {"asked_by": by.officer_id}
        save_draft(form=SECOND, about=account, on_version=0, fields=fields, by=asked, at=at)


def leave_second_coding(*, account: str, by: Viewer, at: datetime) -> None:
    """Leave a second coding that was begun or asked for: the first one is shown again, and so the officer is
    no second coder of this passage any more.

    Raises NotAllowed, or CodingRefused where nothing was begun.
    """
    check_may(by, Deed.CODE)
    if account not in blind_to(by):
        raise policy.CodingRefused("No second coding of this account was begun; there is none to leave.")
    save_draft(form=SECOND, about=account, on_version=0, fields={LEFT: True}, by=by, at=at)


def record_second_coding(*, account: str, typed: Typed, by: Viewer, at: datetime) -> str:
    """Record what a second coder read in the passage; returns the id.

    Sent again it is the same one. Raises NotAllowed, NotInRegister, CodingRefused or NotCodable.
    """
    check_may(by, Deed.CODE)
    with transaction.atomic():
        hold_the_log()
        thing = second_thing(account, by.officer_id)
        if SecondCoding.objects.filter(thing=thing).exists():
            drop_draft(form=SECOND, about=account, by=by)
            return thing
        known = _check_second(account, by)
        policy.check_begun(account in blind_to(by))
        coded = _read(typed, item_for(known.item, by))
        row = SecondCoding(
            thing=thing,
            account=account,
            fields={name: _plain(value) for name, value in coded.values.items()},
            compartment=known.compartment,
        )
        record([row], by=by.officer_id, at=at)
        drop_draft(form=SECOND, about=account, by=by)
    return thing


def _check_second(account: str, by: Viewer) -> coding.CodedAccount:
    known = coding.coded_account(account, viewer=by)
    policy.check_not_sealed(known.pseudonym)
    policy.check_second_coder(by.officer_id, coding.coders_of(account))
    policy.check_once(coding.has_coded_again(account, viewer=by))
    policy.check_not_seen(coding.has_left(account, viewer=by))
    return known


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


# The forms that keep drafts: what each is of (nothing where it is not there yet), and the deed it prepares.
DRAFTED: Mapping[str, tuple[type[RegisterRow] | None, Deed]] = {
    "account": (Item, Deed.CODE),
    "account-version": (Account, Deed.CODE),
    "item-text": (Item, Deed.CODE),
    SECOND: (Account, Deed.CODE),
    "item": (None, Deed.CODE),
    "statement": (None, Deed.RECORD_STATEMENT),
    "statement-version": (PublicStatement, Deed.RECORD_STATEMENT),
    "follow-up": (None, Deed.FOLLOW_UP),
    "follow-up-version": (FollowUp, Deed.FOLLOW_UP),
    "response": (FollowUp, Deed.FOLLOW_UP),
}


def _drafted(form: str) -> tuple[type[RegisterRow] | None, Deed]:
    if form not in DRAFTED:
        raise policy.CodingRefused(f"A draft is of one of {', '.join(DRAFTED)}: found {form[:40]!r}.")
    return DRAFTED[form]


def keep_draft(
    *, form: str, about: str, on_version: int, fields: Mapping[str, Any], by: Viewer, at: datetime
) -> None:
    """Keep what an officer is typing, apart from the register; only they see it.

    Raises NotAllowed, BadInput for what no form is, or NotInRegister where what it is about is not there for
    the officer (any more).
    """
    model, deed = _drafted(form)
    check_may(by, deed)
    if model is not None and not seen_by(model.objects.as_of(None).filter(thing=about), by).exists():
        raise NotInRegister(f"Nothing {about[:24]} is in the register, or not for you; compare the id.")
    if form == SECOND:
        if about not in blind_to(by):
            raise policy.CodingRefused("This second coding was recorded or left meanwhile; begin it again.")
        # whoever asked is not typed
        fields = {**fields, "asked_by": coding.asked_by(about, viewer=by)}
    save_draft(form=form, about=about if model else "", on_version=on_version, fields=fields, by=by, at=at)


def discard_draft(*, form: str, about: str, by: Viewer) -> None:
    """Throw a draft away. Of a second coding what was typed goes, and the blindness stays.

    Raises NotAllowed, or BadInput for what no form is.
    """
    _model, deed = _drafted(form)
    check_may(by, deed)
    if form == SECOND:
        raise policy.CodingRefused("A second coding is left, not thrown away: use the button that leaves it.")
    drop_draft(form=form, about=about, by=by)
