"""Withdrawal of consent: what rested on it falls from now on, and who must be told is listed (R-18)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from lieber.assess import Tier, shipped_methodology
from lieber.base import BadInput
from lieber.code import vocabulary

from ...models import Account, Consent, Disclosure, Finding, Pseudonym
from ...policies import protect as policy
from ...policies.permissions import Deed, Viewer, check_may
from ...queries.consent import FOR_FIGURES, permission
from ...queries.grounds import accounts_under, coded, leaders, propose
from ...queries.incidents import NotInRegister
from ...queries.link import incident_of, merges
from ...queries.origins import authorities
from ..record import hold_the_log, record

_ABSENT = "Nothing of this id is in the register, or not for you; compare the id."
WITHDRAWN_REASON = "what an account rests on may not be used any more"


@dataclass(frozen=True, slots=True)
class Told:
    """Whoever received something and must be told of the withdrawal."""

    recipient: str
    purpose: str
    disclosed_on: date
    disclosure: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a withdrawal brought about: findings that fell, incidents to look at, recipients to tell."""

    consents: int
    findings: tuple[str, ...]
    incidents: tuple[str, ...]
    to_tell: tuple[Told, ...]
    erase: bool


def withdraw(
    *, pseudonym: str, purposes: Collection[str], effect: str, withdrawn_on: date, by: Viewer, at: datetime
) -> Withdrawn:
    """Record that a person withdrew consent to these purposes; without any, to all they agreed to.

    Findings that rested on the person's accounts are recorded anew on what is left, never higher than
    before; past figures stay as they were known. Raises NotAllowed, ProtectionRefused or BadInput.
    """
    check_may(by, Deed.RECORD_INTERVIEW)
    vocabulary("withdrawal_effect").check(effect)
    with transaction.atomic():
        hold_the_log()
        person = _person(pseudonym, by=by)
        rows = _withdrawn_rows(person, purposes, effect=effect, on=withdrawn_on)
        if not rows:
            raise BadInput("A withdrawal is of a consent that was given: this person gave none to withdraw.")
        record(rows, by=by.officer_id, at=at)
        accounts = list(
            Account.objects.as_of(None).filter(pseudonym=pseudonym).values_list("thing", flat=True)
        )
        incidents = sorted(set(incident_of(accounts, None).values()))
        fallen: list[str] = []
        if {row.purpose for row in rows} & set(FOR_FIGURES):
            fallen = lower_findings(incidents, by=by, at=at)
    return Withdrawn(
        consents=len(rows),
        findings=tuple(fallen),
        incidents=tuple(incidents),
        to_tell=tuple(_recipients(pseudonym)),
        erase=effect in {"delete_identity", "delete_account_and_identity"},
    )


def lower_where_consent_ended(*, by: Viewer, at: datetime) -> list[str]:
    """Record anew the findings that rested on what may not be used any more, since a consent ran out.

    What a person gave for a purpose is used no longer than they allowed (R-18). Of the compartments that the
    officer is a member of; returns the findings' ids. Raises NotAllowed.
    """
    check_may(by, Deed.RECORD_INTERVIEW)
    with transaction.atomic():
        hold_the_log()
        ended = Consent.objects.as_of(None).filter(
            compartment__in=list(by.compartments), purpose__in=FOR_FIGURES, valid_until__lt=at.date()
        )
        until: dict[str, date] = {}
        for person, day in ended.values_list("pseudonym", "valid_until"):
            until[person] = min(day, until.get(person, day))
        told = Account.objects.as_of(None).filter(pseudonym__in=until).values_list("thing", "pseudonym")
        person_of = dict(told)
        ended_on: dict[str, date] = {}
        led = merges(None)
        for account, member in incident_of(list(person_of), None).items():
            incident, day = led.get(member, member), until[person_of[account]]
            ended_on[incident] = max(day, ended_on.get(incident, day))
        # A finding recorded after the day never rested on it.
        standing = Finding.objects.as_of(None).filter(incident__in=ended_on)
        rested = [
            incident
            for incident, recorded in standing.values_list("incident", "recorded_at")
            if recorded.date() <= ended_on[incident]
        ]
        return lower_findings(sorted(rested), by=by, at=at)


def lower_findings(incidents: Sequence[str], *, by: Viewer, at: datetime) -> list[str]:
    """Record the findings on these incidents anew where what may be used supports less; returns their ids.

    Never higher: a withdrawal never enlarges what is said (R-18).
    """
    methodology = shipped_methodology()
    table = authorities()
    rows = []
    counted = Finding.objects.as_of(None).filter(incident__in=leaders(incidents))
    standing = {row.incident: row for row in counted}
    groups = accounts_under(list(standing))
    for incident, usable in coded(groups, authorities=table, on=at.date()).items():
        known = standing[incident]
        proposal = propose(usable, facts=known.facts, methodology=methodology)
        supported = proposal.tier if usable else Tier.DISCOUNTED
        if known.tier == Tier.ADJUDICATED or supported >= min(known.tier, known.proposed_tier):
            continue
        columns = (field.attname for field in Finding._meta.concrete_fields)
        values = {name: getattr(known, name) for name in columns if name not in {"row_id", "entry"}}
        rows.append(
            Finding(
                **values
                | {
                    "version": known.version + 1,
                    "tier": int(min(Tier(known.tier), supported)),
                    "proposed_tier": int(supported),
                    "reasons": "; ".join([WITHDRAWN_REASON, *(proposal.reasons if usable else ())]),
                    "external_key": "",
                }
            )
        )
    if rows:
        record(rows, by=by.officer_id, at=at)
    return [row.thing for row in rows]


def disclose(
    *,
    pseudonym: str,
    purpose: str,
    recipient: str,
    what: str,
    disclosed_on: date,
    by: Viewer,
    at: datetime,
    agreed_by: Viewer | None,
) -> str:
    """Note that something a person gave leaves the mission; returns the disclosure's id.

    Raises ProtectionRefused without consent to that purpose on that day or without a second officer.
    """
    check_may(by, Deed.HOLD_IDENTITIES)
    person = _person(pseudonym, by=by)
    policy.check_second(by=by, agreed_by=agreed_by, compartment=person.compartment, deed="A disclosure")
    policy.check_consent(permission(pseudonym, purpose=purpose, on=disclosed_on))
    if not recipient.strip() or not what.strip():
        raise BadInput("A disclosure says to whom and what: write both.")
    assert agreed_by is not None
    row = Disclosure(
        compartment=person.compartment,
        pseudonym=pseudonym,
        purpose=purpose,
        recipient=recipient.strip(),
        what=what.strip(),
        disclosed_on=disclosed_on,
        agreed_by=agreed_by.officer_id,
    )
    record([row], by=by.officer_id, at=at)
    return row.thing


def _withdrawn_rows(person: Pseudonym, purposes: Collection[str], *, effect: str, on: date) -> list[Consent]:
    for purpose in purposes:
        vocabulary("consent_purpose").check(purpose)
    rows = []
    for known in Consent.objects.as_of(None).filter(pseudonym=person.thing).order_by("purpose"):
        if known.decision not in {"granted", "conditional"} or (purposes and known.purpose not in purposes):
            continue
        rows.append(
            Consent(
                thing=known.thing,
                version=known.version + 1,
                compartment=known.compartment,
                pseudonym=person.thing,
                purpose=known.purpose,
                decision="withdrawn",
                given_on=on,
                effect=effect,
            )
        )
    return rows


def _recipients(pseudonym: str) -> list[Told]:
    rows = Disclosure.objects.as_of(None).filter(pseudonym=pseudonym).order_by("disclosed_on", "entry")
    return [Told(row.recipient, row.purpose, row.disclosed_on, row.thing) for row in rows]


def _person(pseudonym: str, *, by: Viewer) -> Pseudonym:
    rows = Pseudonym.objects.as_of(None).filter(compartment__in=list(by.compartments))
    row: Pseudonym | None = rows.filter(thing=pseudonym).first()
    if row is None:
        raise NotInRegister(_ABSENT)
    return row
