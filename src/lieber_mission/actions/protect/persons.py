"""Protected persons: identity sealed, risk assessed, interviews planned and held, consent recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from lieber.base import RANDOM_BYTES, BadInput, new_id
from lieber.code import vocabulary
from lieber_vault import Kind

from ...models import Consent, Interview, Pseudonym, RegisterRow, RiskAssessment
from ...policies import protect as policy
from ...policies.permissions import Deed, Viewer, check_may
from ...queries.incidents import NotInRegister
from ...queries.protect import holders_of, vault
from ..record import hold_the_log, record

_ABSENT = "Nothing of this id is in the register, or not for you; compare the id."


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided on one purpose, and how they were asked."""

    purpose: str
    decision: str
    condition: str = ""
    informed_of: tuple[str, ...] = ()
    given_by: str = ""
    form: str = ""
    capacity_note: str = ""
    valid_until: date | None = None


def open_person(
    *, compartment: str, subject: str, identity: Mapping[str, str], by: Viewer, at: datetime
) -> str:
    """Give a person a pseudonym and seal who they are; returns the pseudonym.

    `identity` is empty where it is not taken down: what cannot be protected is not collected (R-20).
    Raises NotAllowed or ProtectionRefused.
    """
    check_may(by, Deed.RECORD_INTERVIEW)
    policy.check_member(compartment=compartment, by=by)
    row = Pseudonym(
        compartment=compartment, subject=vocabulary("risk_subject").check(subject), contact_wish="unknown"
    )
    with erased_if_refused() as sealed, transaction.atomic():
        record([row], by=by.officer_id, at=at)
        if identity:
            done = seal_text(
                _lines(identity),
                pseudonym=row.thing,
                kind=Kind.IDENTITY,
                compartment=compartment,
                by=by,
                at=at,
            )
            sealed.append(done)
    return row.thing


@contextmanager
def erased_if_refused() -> Iterator[list[str]]:
    """Collects the ids of what is sealed in a deed; where the register refuses the deed, they are erased.

    Register and vault are two databases: what was sealed for rows that are not there leads nowhere.
    """
    sealed: list[str] = []
    try:
        yield sealed
    except BaseException:
        with vault() as opened:
            for record_id in sealed:
                opened.erase_record(record_id, missing_ok=True)
        raise


def seal_text(
    text: str | bytes, *, pseudonym: str, kind: Kind | str, compartment: str, by: Viewer, at: datetime
) -> str:
    """Seal a text, or the bytes of a file, to the keys of the compartment's protection officers.

    Returns the id of the record.
    Raises ProtectionRefused where no officer of the compartment has a key.
    """
    check_may(by, Deed.RECORD_INTERVIEW)
    policy.check_member(compartment=compartment, by=by)
    record_id = new_id("SLD", os.urandom(RANDOM_BYTES))
    with vault() as opened:
        keys = {kept.officer: kept.recipient for kept in opened.kept_keys()}
        recipients = [keys[officer] for officer in holders_of(compartment) if officer in keys]
        if not recipients:
            raise policy.ProtectionRefused(
                "Nothing can be sealed: no protection officer of this compartment has a key yet; one of them "
                "makes it first."
            )
        opened.put(
            text.encode() if isinstance(text, str) else text,
            recipients,
            record_id=record_id,
            pseudonym=pseudonym,
            kind=kind,
            compartment=compartment,
            at=at,
            by=by.officer_id,
        )
    return record_id


def assess_risk(
    *,
    pseudonym: str,
    threats: Sequence[Mapping[str, object]],
    decision: str,
    reasons: str,
    review_by: date | None,
    by: Viewer,
    at: datetime,
) -> str:
    """Record what may happen to whom and whether the mission goes on; returns the assessment's id.

    Raises NotAllowed, ProtectionRefused, or BadInput for a word that is no term.
    """
    person = _person(pseudonym, by=by)
    row = RiskAssessment(
        compartment=person.compartment,
        pseudonym=pseudonym,
        threats=list(threats),
        decision=vocabulary("risk_decision").check(decision),
        reasons=reasons.strip(),
        review_by=review_by,
    )
    record([row], by=by.officer_id, at=at)
    return row.thing


def plan_interview(
    *,
    pseudonym: str,
    planned_for: date,
    medium: str,
    language: str,
    earlier: Sequence[tuple[str, str]] = (),
    repeat_reason: str = "",
    by: Viewer,
    at: datetime,
) -> str:
    """Plan an interview; returns its id.

    Raises ProtectionRefused without an assessment of risk, where that says stop, and where the person
    was interviewed before and no reason for another interview is given (R-22).
    """
    person = _person(pseudonym, by=by)
    policy.check_risk(_last_decision(pseudonym))
    before = list(earlier) + [
        ("this mission", str(row.planned_for or (row.started_at and row.started_at.date())))
        for row in Interview.objects.as_of(None).filter(pseudonym=pseudonym)
    ]
    policy.check_earlier(earlier=before, reason=repeat_reason)
    row = Interview(
        compartment=person.compartment,
        pseudonym=pseudonym,
        state="planned",
        planned_for=planned_for,
        interviewer=by.officer_id,
        medium=vocabulary("interview_medium").check(medium),
        language=language,
        earlier=[list(pair) for pair in before],
        repeat_reason=repeat_reason.strip(),
    )
    record([row], by=by.officer_id, at=at)
    return row.thing


def record_consents(
    *, pseudonym: str, decided: Sequence[Decided], given_on: date, by: Viewer, at: datetime
) -> int:
    """Record a person's decisions, one row a purpose; returns how many say something new.

    A withdrawal is a deed of its own (`withdrawals`). Raises NotAllowed, ProtectionRefused or BadInput.
    """
    person = _person(pseudonym, by=by)
    with transaction.atomic():
        hold_the_log()
        rows = new_consents(person, decided, given_on=given_on)
        if rows:
            record(rows, by=by.officer_id, at=at)
    return len(rows)


def new_consents(person: Pseudonym, decided: Sequence[Decided], *, given_on: date) -> list[RegisterRow]:
    """The rows of decisions that differ from those that stand."""
    standing = {row.purpose: row for row in Consent.objects.as_of(None).filter(pseudonym=person.thing)}
    rows: list[RegisterRow] = []
    for each in decided:
        _check_decided(each)
        row = Consent(
            compartment=person.compartment,
            pseudonym=person.thing,
            purpose=each.purpose,
            decision=each.decision,
            condition=each.condition.strip(),
            informed_of=list(each.informed_of),
            given_by=each.given_by,
            form=each.form,
            capacity_note=each.capacity_note.strip(),
            given_on=given_on,
            valid_until=each.valid_until,
        )
        known = standing.get(each.purpose)
        if known:
            row.thing, row.version = known.thing, known.version + 1
            if row.content() == known.content():
                continue
        rows.append(row)
    return rows


def _check_decided(each: Decided) -> None:
    """Raises BadInput for words that are no terms, a condition that is missing, a yes uninformed."""
    vocabulary("consent_purpose").check(each.purpose)
    vocabulary("consent_decision").check(each.decision)
    if each.decision == "withdrawn":
        raise BadInput("A withdrawal names its effect: record it as a withdrawal.")
    if each.decision == "conditional" and not each.condition.strip():
        raise BadInput(f"A consent under a condition names it: found none for {each.purpose}.")
    if each.decision in {"granted", "conditional"}:
        missing = sorted(set(vocabulary("consent_information").words) - set(each.informed_of))
        if missing:
            raise BadInput(
                f"A yes counts where the person knew what it means: for {each.purpose} they were not told of "
                f"{', '.join(missing)}."
            )


def _person(pseudonym: str, *, by: Viewer) -> Pseudonym:
    """The person, for a member of the compartment who may record. Raises NotAllowed or NotInRegister."""
    check_may(by, Deed.RECORD_INTERVIEW)
    rows = Pseudonym.objects.as_of(None).filter(compartment__in=list(by.compartments))
    row: Pseudonym | None = rows.filter(thing=pseudonym).first()
    if row is None:
        raise NotInRegister(_ABSENT)
    return row


def _last_decision(pseudonym: str) -> str | None:
    row = RiskAssessment.objects.as_of(None).filter(pseudonym=pseudonym).order_by("-entry").first()
    return row.decision if row else None


def _lines(identity: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in identity.items() if value)
