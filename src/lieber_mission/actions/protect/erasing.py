"""Erasure: what was known of a person is destroyed, and the log still verifies (R-19).

In the vault the heads of the sealed texts go, and with them the keys that open the bodies wherever
copies of those lie. In the register the salts go first, after which the commitments say nothing, and
then the rows are blanked; an entry of its own says which, so that the check can tell it from tampering.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from lieber_vault import Erasure as InVault

from ...models import (
    Account,
    Appraisal,
    Comment,
    Erasure,
    Interview,
    Pseudonym,
    RegisterRow,
    RiskAssessment,
    Salt,
)
from ...models.register import KEPT_WHEN_BLANK, Ref, blank_value
from ...policies import protect as policy
from ...policies.permissions import Deed, Operator, Viewer, check_may
from ...queries.incidents import NotInRegister
from ...queries.link import incident_of
from ...queries.protect import has_vault, vault
from ..record import hold_the_log, record
from .withdrawals import lower_findings

_ABSENT = "Nothing of this id is in the register, or not for you; compare the id."


@dataclass(frozen=True, slots=True)
class Erased:
    """What was destroyed: records of the vault, rows of the register; whether no file holds them any more.

    Within another deed's transaction the register's journal is that deed's to empty, after it.
    """

    sealed: int
    rows: int
    scrubbed: bool


def erase(
    *, pseudonym: str, ground: str, accounts_too: bool, by: Viewer, at: datetime, agreed_by: Viewer | None
) -> Erased:
    """Destroy a person's identity and sealed texts, and with `accounts_too` what they told.

    Raises NotAllowed, NotInRegister, or ProtectionRefused without a ground and a second officer.
    """
    check_may(by, Deed.HOLD_IDENTITIES)
    policy.check_purpose(ground)
    _overwrite_what_is_freed()
    with transaction.atomic():
        hold_the_log()
        person = (
            Pseudonym.objects.as_of(None)
            .filter(thing=pseudonym, compartment__in=list(by.compartments))
            .first()
        )
        if person is None:
            raise NotInRegister(_ABSENT)
        policy.check_second(by=by, agreed_by=agreed_by, compartment=person.compartment, deed="An erasure")
        assert agreed_by is not None
        rows = _rows_of(pseudonym, accounts_too=accounts_too)
        incidents = _incidents_of(rows)
        erasure = Erasure(
            compartment=person.compartment,
            pseudonym=pseudonym,
            entries=sorted(row.entry for row in rows),
            ground=ground.strip(),
            agreed_by=agreed_by.officer_id,
        )
        record([erasure], by=by.officer_id, at=at)
        _forget(rows)
        if accounts_too:
            lower_findings(incidents, by=by, at=at)
        with vault() as opened:
            gone = opened.erase(pseudonym, missing_ok=True)
    emptied = connection.in_atomic_block or empty_the_journal()
    return Erased(gone.records, len(rows), gone.scrubbed and emptied)


def redo_erasure(
    *, pseudonym: str, entries: Collection[int], ground: str, by: str, agreed_by: str, at: datetime
) -> Erased | None:
    """Do an erasure again that a restored backup does not know of; None where nothing is left to destroy.

    `entries` are those of the first time; only rows of this very person are touched. It is a new entry, of
    the two officers who decided it and at the instant at which it is done again.
    """
    _overwrite_what_is_freed()
    with transaction.atomic():
        hold_the_log()
        known = set(Salt.objects.filter(entry__in=list(entries)).values_list("entry", flat=True))
        rows = [row for row in _rows_of(pseudonym, accounts_too=True) if row.entry in known]
        if rows:
            incidents = _incidents_of(rows)
            person = Pseudonym.objects.as_of(None).get(thing=pseudonym)
            erasure = Erasure(
                compartment=person.compartment,
                pseudonym=pseudonym,
                entries=sorted(known & {row.entry for row in rows}),
                ground=ground,
                agreed_by=agreed_by,
            )
            record([erasure], by=by, at=at)
            _forget(rows)
            lower_findings(incidents, by=Operator(by), at=at)
        gone = _gone_from_vault(pseudonym)
    if not rows and not gone.records:
        return None
    return Erased(gone.records, len(rows), gone.scrubbed and empty_the_journal())


def _gone_from_vault(pseudonym: str) -> InVault:
    if not has_vault():
        return InVault(0, 0, 0, scrubbed=True)
    with vault() as opened:
        return opened.erase(pseudonym, missing_ok=True)


def _incidents_of(rows: list[RegisterRow]) -> list[str]:
    accounts = [row.thing for row in rows if isinstance(row, Account)]
    return sorted(set(incident_of(accounts, None).values()))


def _rows_of(pseudonym: str, *, accounts_too: bool) -> list[RegisterRow]:
    """Every version of what the register knows of the person, apart from consents and openings: those
    say what the mission was allowed and did, and nothing of the person."""
    rows: list[RegisterRow] = list(Pseudonym.objects.filter(thing=pseudonym))
    tables: tuple[Any, ...] = (RiskAssessment, Interview, *((Account,) if accounts_too else ()))
    for table in tables:
        rows += table.objects.filter(pseudonym=pseudonym)
    if accounts_too:
        told = [row.thing for row in rows if isinstance(row, Account)]
        rows += Appraisal.objects.filter(account__in=told)
    # What officers said of an account says what the account says.
    rows += Comment.objects.filter(about__in={row.thing for row in rows if isinstance(row, Account)})
    return rows


def _forget(rows: list[RegisterRow]) -> None:
    """First the salts, then what the rows say."""
    Salt.objects.filter(entry__in=[row.entry for row in rows]).delete()
    for row in rows:
        blank(row)
        row.save(force_update=True)


def blank(row: RegisterRow) -> None:
    """Let a row say nothing: only what it is of, where it stands and who wrote it."""
    for field in row._meta.concrete_fields:
        if field.attname not in KEPT_WHEN_BLANK and not isinstance(field, Ref):
            setattr(row, field.attname, blank_value(field))


def _overwrite_what_is_freed() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")


def empty_the_journal() -> bool:
    """Let no old page stay in SQLite's write-ahead log; False where a reader or a transaction still holds it.

    PostgreSQL's own log and its dead rows are its administrator's: VACUUM and the age of the log.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return connection.vendor != "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return bool(cursor.fetchone()[0] == 0)
