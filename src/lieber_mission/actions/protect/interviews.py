"""An interview written down at the mission: what was said is sealed, what can be counted is coded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from lieber.base import BadInput
from lieber.code import vocabulary
from lieber_vault import Kind

from ...models import Account, Interview, Item, Pseudonym
from ...policies import protect as policy
from ...policies.permissions import Deed, Viewer, check_may
from ...queries.consent import permission
from ...queries.incidents import NotInRegister
from ..record import hold_the_log, new_thing, record
from .persons import erased_if_refused, seal_text
from .submissions import interviews_source

_ABSENT = "Nothing of this id is in the register, or not for you; compare the id."


@dataclass(frozen=True, slots=True)
class Held:
    """How an interview was held. Without confidentiality an account supports less."""

    account_kind: str
    started_at: datetime
    ended_at: datetime
    place_type: str
    question_style: str
    confidential: str
    confidential_note: str = ""
    interpreter: str = ""
    others_present: str = ""
    read_back: str = ""
    corrections: str = ""
    signed: str = ""
    support_offered: str = ""
    support_accepted: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What the person told of one incident. The testimony is sealed; `basis` says how they know it."""

    testimony: str
    basis: str
    occurred_earliest: date | None = None
    occurred_latest: date | None = None
    killed_quantifier: str = "unknown"
    killed_n: int | None = None
    killed_m: int | None = None
    manners: tuple[str, ...] = ()
    victim_party: str = ""
    perpetrator_party: str = ""


# Which vocabulary each part is a term of.
TERMS: Mapping[str, str] = {
    "account_kind": "account_kind",
    "place_type": "interview_place",
    "question_style": "question_style",
    "confidential": "plain_answer",
    "read_back": "plain_answer",
    "signed": "declaration",
    "support_offered": "plain_answer",
    "support_accepted": "plain_answer",
}


def hold_interview(*, interview: str, held: Held, said: Said, by: Viewer, at: datetime) -> str:
    """Write down a planned interview as held, with one account; returns the account's id.

    Raises NotAllowed, NotInRegister, ProtectionRefused without consent to storing, or BadInput.
    """
    check_may(by, Deed.RECORD_INTERVIEW)
    _check(held, said)
    with erased_if_refused() as sealed, transaction.atomic():
        hold_the_log()
        planned = _planned(interview, by=by)
        policy.check_consent(permission(planned.pseudonym, purpose="store", on=held.started_at.date()))
        source = interviews_source(by, at)
        item = Item(
            source=source,
            item_kind="interview",
            interview=planned.thing,
            compartment=planned.compartment,
            language=planned.language,
        )
        item.thing = new_thing(item)
        account = _account(said, planned, item.thing)
        record([_held(planned, held), item, account], by=by.officer_id, at=at)
        texts = {Kind.TESTIMONY: said.testimony, Kind.INTERVIEW_TEXT: held.corrections}
        for kind, text in texts.items():
            if text.strip():
                done = seal_text(
                    text,
                    pseudonym=planned.pseudonym,
                    kind=kind,
                    compartment=planned.compartment,
                    by=by,
                    at=at,
                )
                sealed.append(done)
    return account.thing


def _planned(interview: str, *, by: Viewer) -> Interview:
    rows = Interview.objects.as_of(None).filter(thing=interview, compartment__in=list(by.compartments))
    row: Interview | None = rows.first()
    if row is None or not row.state or not Pseudonym.objects.filter(thing=row.pseudonym).exists():
        raise NotInRegister(_ABSENT)
    if row.state != "planned":
        raise policy.ProtectionRefused(
            f"This interview is {row.state.replace('_', ' ')}: plan another one to write another one down."
        )
    return row


def _held(planned: Interview, held: Held) -> Interview:
    columns = (field.attname for field in Interview._meta.concrete_fields)
    values = {name: getattr(planned, name) for name in columns if name not in {"row_id", "entry"}}
    changes = {name: getattr(held, name) for name in Held.__slots__ if hasattr(planned, name)}
    support = {"offered": held.support_offered, "accepted": held.support_accepted}
    return Interview(
        **values | changes | {"state": "held", "support": support, "version": planned.version + 1}
    )


def _account(said: Said, planned: Interview, item: str) -> Account:
    return Account(
        item=item,
        pseudonym=planned.pseudonym,
        compartment=planned.compartment,
        evidence_types=["interview"],
        knowledge={"what_happened": said.basis},
        occurred_earliest=said.occurred_earliest,
        occurred_latest=said.occurred_latest or said.occurred_earliest,
        killed_quantifier=said.killed_quantifier,
        killed_n=said.killed_n,
        killed_m=said.killed_m,
        manners=list(said.manners),
        victim_party=said.victim_party,
        perpetrator_party=said.perpetrator_party,
        locators={"*": "sealed testimony"},
    )


def _check(held: Held, said: Said) -> None:
    """Raises BadInput for words that are no terms, an end before the beginning, an empty testimony."""
    for name, of in TERMS.items():
        if value := getattr(held, name):
            vocabulary(of).check(value)
    vocabulary("claim_basis").check(said.basis)
    vocabulary("quantifier").check(said.killed_quantifier)
    for manner in said.manners:
        vocabulary("manner").check(manner)
    if held.ended_at < held.started_at:
        raise BadInput("An interview ends after it began: exchange the two times.")
    if held.confidential == "no" and not held.confidential_note.strip():
        raise BadInput("Where an interview was not confidential, write who was there and why.")
    if not said.testimony.strip():
        raise BadInput("An interview that was held has a testimony: write what the person said.")
    if None not in (said.killed_n, said.killed_m) and said.killed_m < said.killed_n:  # type: ignore[operator]
        raise BadInput(f"A range goes from less to more: found {said.killed_n} to {said.killed_m}.")
