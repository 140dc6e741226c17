"""Record public statements, and that one stands near an incident."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from lieber.base import RANDOM_BYTES, new_id
from lieber.code import vocabulary

from ..models import Association, Incident, PublicStatement
from ..policies import statements as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.compartments import seen_by
from ..queries.incidents import NotInRegister
from ..queries.statements import check_item
from .record import VersionConflict, hold_the_log, new_thing, record

_TERMS = {
    "command_relation": "command_relation",
    "speaker_role": "speaker_role",
    "audience": "audience",
    "party_reaction": "party_reaction",
    "official_capacity": "ternary",
}


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one item says of an utterance, field by field; empty means that it does not say."""

    item: str
    speaker_office: str
    speech_act: str
    utterance: str = ""
    speaker_name: str = ""
    speaker_party: str = ""
    speaker_role: str = ""
    official_capacity: str = ""
    command_relation: str = "unknown"
    made_on: date | None = None
    platform: str = ""
    audience: str = ""
    contents: tuple[str, ...] = ()
    summary: str = ""
    literal_text: str = ""
    language: str = ""
    translation: str = ""
    reported_by: str = ""
    party_reaction: str = ""
    retracted_on: date | None = None
    retraction_item: str = ""
    follow_up: str = ""


def record_statement(
    *, said: Utterance, by: Viewer, at: datetime, thing: str = "", on_version: int = 0, once: str = ""
) -> str:
    """Record what an item says of an utterance, or the next version of it; returns its id.

    `on_version` is the version that was looked at; `once` the key of the form that was sent: the same one
    sent again writes nothing more, nor does what changes nothing. A statement without an
    utterance begins one.
    Raises NotAllowed, UtteranceRefused, BadInput, NotInRegister or VersionConflict.
    """
    check_may(by, Deed.RECORD_STATEMENT)
    _check(said, today=at.date())
    with transaction.atomic():
        hold_the_log()
        for item in filter(None, (said.item, said.retraction_item)):
            check_item(item, viewer=by)
        before = _looked_at(thing, on_version, by) if thing else None
        row = _after(before) if before else _new(once, by)
        if before is None and PublicStatement.objects.filter(thing=row.thing).exists():
            return row.thing
        for name, value in asdict(said).items():
            setattr(row, name, _clean(value))
        row.utterance = row.utterance or row.thing
        if before is None or row.content() != before.content():
            record([row], by=by.officer_id, at=at)
    return row.thing


def _clean(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value.strip() if isinstance(value, str) else value


def _check(said: Utterance, *, today: date) -> None:
    policy.check_statement(
        speaker_office=said.speaker_office,
        speech_act=said.speech_act,
        summary=said.summary,
        literal_text=said.literal_text,
    )
    policy.check_literal(literal_text=said.literal_text, language=said.language)
    policy.check_days(made_on=said.made_on, retracted_on=said.retracted_on, today=today)
    for field, name in _TERMS.items():
        if word := getattr(said, field):
            vocabulary(name).check(word)
    for content in said.contents:
        vocabulary("statement_content").check(content)


def _new(once: str, by: Viewer) -> PublicStatement:
    row = PublicStatement()
    row.thing = _derived(PublicStatement.prefix, once, by.officer_id) if once else new_thing(row)
    return row


def _looked_at(thing: str, on_version: int, by: Viewer) -> PublicStatement:
    """The version that was looked at, where it still is the last. Raises NotInRegister or VersionConflict."""
    row = seen_by(PublicStatement.objects.as_of(None).filter(thing=thing), by).first()
    if row is None:
        raise NotInRegister(f"No public statement {thing} is in the register; compare the id.")
    if row.version != on_version:
        raise VersionConflict(
            f"Version {on_version + 1} of {thing} cannot be recorded: somebody else recorded one first; "
            "look at theirs and record yours on top of it."
        )
    assert isinstance(row, PublicStatement)
    return row


def _after(before: PublicStatement) -> PublicStatement:
    """The next version; what a table of others said stays with it."""
    kept = ("thing", "external_key", "statement_kind")
    return PublicStatement(version=before.version + 1, **{name: getattr(before, name) for name in kept})


def _derived(prefix: str, *parts: str) -> str:
    return new_id(prefix, hashlib.sha256(" ".join(parts).encode()).digest()[:RANDOM_BYTES])


def associate(*, statement: str, incident: str, kind: str, reason: str, by: Viewer, at: datetime) -> str:
    """Record that a statement stands near an incident; returns the association's id.

    The id follows from the three, so that the same one sent twice is one; with another reason it gets a
    further version. An association never says that the one led to the other (1.12).
    Raises NotAllowed, UtteranceRefused or NotInRegister.
    """
    check_may(by, Deed.RECORD_STATEMENT)
    policy.check_association(kind=kind, reason=reason)
    with transaction.atomic():
        hold_the_log()
        if not seen_by(PublicStatement.objects.as_of(None).filter(thing=statement), by).exists():
            raise NotInRegister(f"No public statement {statement} is in the register; compare the id.")
        if not Incident.objects.filter(thing=incident).exists():
            raise NotInRegister(f"No incident {incident} is in the register; compare the id.")
        thing = _derived(Association.prefix, statement, incident, kind)
        before = Association.objects.as_of(None).filter(thing=thing).first()
        if before is None or (before.association_kind, before.reason) != (kind, reason.strip()):
            row = Association(
                thing=thing,
                version=before.version + 1 if before else 1,
                statement=statement,
                incident=incident,
                association_kind=kind,
                reason=reason.strip(),
            )
            record([row], by=by.officer_id, at=at)
    return thing


def withdraw_association(*, association: str, reason: str, by: Viewer, at: datetime) -> None:
    """Take back that a statement stands near an incident: a version without a kind, with the reason.

    Past days keep it as it was known. Raises NotAllowed, UtteranceRefused or NotInRegister.
    """
    check_may(by, Deed.RECORD_STATEMENT)
    policy.check_withdrawal(reason=reason)
    with transaction.atomic():
        hold_the_log()
        rows = Association.objects.as_of(None).filter(thing=association).exclude(association_kind="")
        standing = seen_by(rows, by).first()
        if standing is None:
            raise NotInRegister(f"No association {association} stands in the register; compare the id.")
        row = Association(
            thing=association,
            version=standing.version + 1,
            statement=standing.statement,
            incident=standing.incident,
            association_kind="",
            reason=reason.strip(),
        )
        record([row], by=by.officer_id, at=at)
