"""Deeds of two on a protected person: to open a sealed text, to disclose, to erase.

One officer asks with a purpose, a second one of the compartment agrees, the first one does it once; each
step is an entry of the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction

from lieber.base import LieberError
from lieber_vault import Header, unlock, unlocked

from ...models import Compartment, Officer, Opening, Pseudonym, Reading
from ...policies import protect as policy
from ...policies.permissions import Deed, Viewer, check_may
from ...policies.protect import OpeningState
from ...queries.incidents import NotInRegister
from ...queries.protect import has_vault, vault
from ..record import hold_the_log, record
from .erasing import Erased, empty_the_journal, erase
from .withdrawals import disclose

UNLOCKED_FOR = timedelta(minutes=15)
OPEN, DISCLOSE, ERASE, ERASE_ALL = "open", "disclose", "erase", "erase_all"
DEEDS = (DISCLOSE, ERASE, ERASE_ALL)
NONE: Mapping[str, str] = {}
_ABSENT = "Nothing of this id is in the register, or not for you; compare the id."


@dataclass(frozen=True, slots=True)
class Key:
    """What a browser's session holds to open sealed texts: worthless apart from the vault."""

    session: str
    token: bytes


def unlock_for_session(*, passphrase: str, session: str, by: Viewer, at: datetime) -> bytes:
    """Unlock the officer's key for a quarter of an hour in the officer's session; returns the token.

    Only the browser keeps the token. Raises NotAllowed, WrongPassphrase, or LieberError without a key.
    """
    check_may(by, Deed.HOLD_IDENTITIES)
    with vault() as opened:
        identity = unlock(opened.key_of(by.officer_id), passphrase)
        return unlocked.start(
            opened, session=session, officer=by.officer_id, identity=identity, at=at, until=at + UNLOCKED_FOR
        )


def lock(*, session: str) -> None:
    """Lock what was unlocked in a session."""
    with vault() as opened:
        unlocked.end(opened, session=session)


def lock_everywhere(*, officer: str) -> None:
    """Lock what an officer unlocked in any session, as far as this process reaches a vault."""
    # Whoever leaves, leaves: also where the vault does not open, and then no key of it does.
    with suppress(LieberError):
        if has_vault():
            with vault() as opened:
                unlocked.end_all(opened, officer=officer)


def ask(*, sealed: str, purpose: str, by: Viewer, at: datetime) -> str:
    """Ask to open one record of the vault; returns the opening's id.

    Raises NotAllowed, ProtectionRefused without a purpose, NotInRegister.
    """
    check_may(by, Deed.HOLD_IDENTITIES)
    policy.check_purpose(purpose)
    header = _header(sealed, by=by)
    row = Opening(
        compartment=header.compartment,
        pseudonym=header.pseudonym,
        deed=OPEN,
        sealed=sealed,
        state=OpeningState.ASKED.value,
        purpose=purpose.strip(),
        asked_by=by.officer_id,
    )
    record([row], by=by.officer_id, at=at)
    return row.thing


def ask_deed(
    *, pseudonym: str, deed: str, purpose: str, details: Mapping[str, str] = NONE, by: Viewer, at: datetime
) -> str:
    """Ask for an erasure or a disclosure; returns the opening's id.

    `details` of a disclosure: purpose (of the consent), recipient, what, disclosed_on.
    Raises NotAllowed, NotInRegister, or ProtectionRefused without a purpose, an unknown deed or consent.
    """
    check_may(by, Deed.HOLD_IDENTITIES)
    policy.check_purpose(purpose)
    policy.check_deed(deed, DEEDS)
    person = (
        Pseudonym.objects.as_of(None).filter(thing=pseudonym, compartment__in=list(by.compartments)).first()
    )
    if person is None:
        raise NotInRegister(_ABSENT)
    row = Opening(
        compartment=person.compartment,
        pseudonym=pseudonym,
        deed=deed,
        details=dict(details),
        state=OpeningState.ASKED.value,
        purpose=purpose.strip(),
        asked_by=by.officer_id,
    )
    record([row], by=by.officer_id, at=at)
    return row.thing


def do_deed(*, opening: str, by: Viewer, at: datetime) -> Erased | str:
    """Do what was asked and agreed to: erase, or note a disclosure; once.

    Raises NotAllowed, NotInRegister or ProtectionRefused.
    """
    with transaction.atomic():
        row = _held(opening, by=by)
        policy.check_may_open(asked_by=row.asked_by, agreed_by=row.agreed_by, second_officer=True, by=by)
        policy.check_deed(row.deed, DEEDS)
        _move(row, OpeningState.OPENED, by=by, at=at, agreed_by=row.agreed_by)
        done = _disclosed(row, by=by, at=at) if row.deed == DISCLOSE else _erased(row, by=by, at=at)
    if isinstance(done, Erased):
        # After the transaction: what it destroyed lies in the journal until then.
        done = replace(done, scrubbed=done.scrubbed and empty_the_journal())
    return done


def _disclosed(row: Opening, *, by: Viewer, at: datetime) -> str:
    return disclose(
        pseudonym=row.pseudonym,
        purpose=row.details["purpose"],
        recipient=row.details["recipient"],
        what=row.details["what"],
        disclosed_on=date.fromisoformat(row.details["disclosed_on"]),
        by=by,
        at=at,
        agreed_by=_second(row),
    )


def _erased(row: Opening, *, by: Viewer, at: datetime) -> Erased:
    return erase(
        pseudonym=row.pseudonym,
        ground=row.purpose,
        accounts_too=row.deed == ERASE_ALL,
        by=by,
        at=at,
        agreed_by=_second(row),
    )


def _second(row: Opening) -> Officer | None:
    """Whoever agreed, as they are now: an agreement lapses with the role or the compartment that it needs."""
    second: Officer | None = Officer.objects.filter(officer_id=row.agreed_by).first()
    return second


def agree(*, opening: str, by: Viewer, at: datetime, refuse: bool = False) -> None:
    """Agree to an opening that another officer asked for, or refuse it.

    Raises NotAllowed or ProtectionRefused.
    """
    with transaction.atomic():
        row = _held(opening, by=by)
        policy.check_agreement(asked_by=row.asked_by, by=by)
        _move(
            row,
            OpeningState.REFUSED if refuse else OpeningState.AGREED,
            by=by,
            at=at,
            agreed_by="" if refuse else by.officer_id,
        )


def open_sealed_text(*, opening: str, key: Key, by: Viewer, at: datetime) -> tuple[Header, bytes]:
    """Open the record: once for each opening. The entry is written before anything is shown.

    Returns its header and what it holds. Raises NotAllowed, ProtectionRefused, or Locked where the
    officer's key is not unlocked in that session.
    """
    with vault() as opened:
        identity = unlocked.use(opened, session=key.session, officer=by.officer_id, token=key.token, at=at)
        with transaction.atomic():
            row = _held(opening, by=by)
            rule = Compartment.objects.as_of(None).filter(thing=row.compartment).first()
            second = rule.second_officer if rule else True
            policy.check_may_open(
                asked_by=row.asked_by, agreed_by=row.agreed_by, second_officer=second, by=by
            )
            if second:
                policy.check_second(
                    by=by, agreed_by=_second(row), compartment=row.compartment, deed="An opening"
                )
            header = opened.header_of(row.sealed)
            if not second and row.state == OpeningState.ASKED.value:
                row.state = OpeningState.AGREED.value
            _move(row, OpeningState.OPENED, by=by, at=at, agreed_by=row.agreed_by)
            record([_reading(row)], by=by.officer_id, at=at)
            # Read before the entries are committed, shown after: where it cannot be read, it was not opened.
            content = opened.read(row.sealed, identity, version=header.version)
        return header, content


def _reading(row: Opening) -> Reading:
    """The line of the access log: what was opened, why, and who agreed."""
    return Reading(
        what=row.pseudonym,
        deed="open",
        compartment=row.compartment,
        purpose=row.purpose,
        agreed_by=row.agreed_by,
    )


def _move(row: Opening, after: OpeningState, *, by: Viewer, at: datetime, agreed_by: str) -> None:
    policy.check_transition(before=row.state, after=after)
    later = Opening(
        thing=row.thing,
        version=row.version + 1,
        compartment=row.compartment,
        pseudonym=row.pseudonym,
        deed=row.deed,
        sealed=row.sealed,
        details=row.details,
        state=after.value,
        purpose=row.purpose,
        asked_by=row.asked_by,
        agreed_by=agreed_by,
    )
    record([later], by=by.officer_id, at=at)


def _held(opening: str, *, by: Viewer) -> Opening:
    hold_the_log()
    rows = Opening.objects.as_of(None).filter(thing=opening, compartment__in=list(by.compartments))
    row: Opening | None = rows.first()
    if row is None:
        raise NotInRegister(_ABSENT)
    return row


def _header(sealed: str, *, by: Viewer) -> Header:
    from lieber_vault import NotInVault  # noqa: PLC0415  # an absent record and another's answer alike

    with vault() as opened:
        try:
            header = opened.header_of(sealed)
        except NotInVault:
            raise NotInRegister(_ABSENT) from None
    if header.compartment not in set(by.compartments):
        raise NotInRegister(_ABSENT)
    return header
