"""Interviews from the field: submissions of the form go straight into the vault, the rest by pseudonym."""

from __future__ import annotations

import glob
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction

from lieber.base import BadInput
from lieber.code.submissions import (
    MOST_BYTES,
    FieldAccount,
    FileReference,
    Submission,
    read_csv_submissions,
    read_json_submissions,
)
from lieber_vault import Kind

from ...models import (
    Account,
    Interview,
    Item,
    Pseudonym,
    RegisterRow,
    RiskAssessment,
    Source,
)
from ...policies import protect as policy
from ...policies.permissions import Deed, Viewer, check_may
from ..record import hold_the_log, new_thing, record
from .persons import Decided, erased_if_refused, new_consents, seal_text

# The one source of all interviews: the mission itself heard them.
SOURCE_KEY = "mission/interviews"
# What of a field account is sealed, for it may lead to the person who told it.
SEALED = ("testimony", "what_happened", "place", "perpetrator_unit", "order_given", "status_facts", "counts")
# Of files, the kind that the vault knows them by.
FILE_KINDS = {"audio": Kind.RECORDING, "video": Kind.RECORDING, "image": Kind.PHOTO, "file": Kind.DOCUMENT}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of submissions: interviews new and known, accounts, sealed texts and files."""

    interviews: int
    known: int
    accounts: int
    sealed: int


def take_submissions(
    submissions: Sequence[Submission],
    *,
    compartment: str,
    file_of: Callable[[str], bytes | None] = lambda _name: None,
    by: Viewer,
    at: datetime,
) -> Taken:
    """Take in interviews from the field, all or none; those taken in before are left alone.

    `file_of` gives the content of an attachment by its name. Who the person is and what they said
    goes to the vault; the register gets a pseudonym, the decisions and what can be counted.
    Raises NotAllowed or ProtectionRefused; nothing is written then.
    """
    check_may(by, Deed.RECORD_INTERVIEW)
    policy.check_member(compartment=compartment, by=by)
    accounts = 0
    with erased_if_refused() as sealed, transaction.atomic():
        hold_the_log()
        known = _known(submissions)
        new = [each for each in submissions if each.instance not in known]
        source = interviews_source(by, at) if new else ""
        for submission in new:
            taking = _Taking(submission, compartment, source, by, at, file_of)
            record(taking.rows(), by=by.officer_id, at=at)
            taking.seal(sealed)
            accounts += len(submission.accounts)
    return Taken(len(new), len(known), accounts, len(sealed))


def read_submissions(
    path: Path, *, encoding: str | None = None, files: Path | None = None
) -> tuple[Submission, ...]:
    """The interviews in a JSON file, or in a CSV export: the main table, those of its repeats beside it.

    Raises UnusableFile or SubmissionsRefused.
    """
    known = _references(files) if files else None
    if path.suffix.lower() != ".csv":
        return read_json_submissions(_content(path), name=path.name, files=known)
    tables = {
        other.name: _content(other) for other in sorted(path.parent.glob(f"{glob.escape(path.stem)}*.csv"))
    }
    return read_csv_submissions(tables or {path.name: _content(path)}, encoding=encoding, files=known)


def by_name(files: Sequence[File[Any]]) -> dict[str, File[Any]]:
    """Files that were sent to the site, by their names. Raises BadInput where two are called the same."""
    named = {file.name or "the file": file for file in files}
    if len(named) < len(files):
        raise BadInput(
            f"Files that are sent together have names of their own: found {len(files)} files and "
            f"{len(named)} names; send each file once."
        )
    return named


def read_uploaded(
    files: Mapping[str, File[Any]], attached: Mapping[str, File[Any]], *, encoding: str | None = None
) -> tuple[Submission, ...]:
    """The interviews in a JSON file, or in the tables of a CSV export, that were sent to the site.

    `attached` are the files that came along. Raises BadInput, UnusableFile or SubmissionsRefused.
    """
    references = {}
    for name, each in attached.items():
        content = each.read()
        each.seek(0)
        references[name] = FileReference(len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
    tables = {name: file.read(MOST_BYTES + 1) for name, file in files.items()}
    if any(name.lower().endswith(".csv") for name in tables):
        return read_csv_submissions(tables, encoding=encoding, files=references or None)
    if len(tables) != 1:
        raise BadInput(
            f"One JSON file, or the tables of a CSV export, were expected: found {len(tables)} files that "
            "are no CSV; send the JSON files one by one."
        )
    ((name, content),) = tables.items()
    return read_json_submissions(content, name=name, files=references or None)


def attachments_in(folder: Path | None) -> Callable[[str], bytes | None]:
    """What gives the content of an attachment by its name: a file of the folder and of no other."""
    if folder is None:
        return lambda _name: None
    held = {path.name: path for path in folder.rglob("*") if path.is_file()}
    return lambda name: held[name].read_bytes() if name in held else None


def _content(path: Path) -> bytes:
    """A file's bytes, one more than may be taken at most. Raises OSError."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _references(folder: Path) -> dict[str, FileReference]:
    return {
        path.name: FileReference(path.stat().st_size, f"sha256:{_digest(path)}")
        for path in folder.rglob("*")
        if path.is_file()
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return str(hashlib.file_digest(file, "sha256").hexdigest())


def _known(submissions: Sequence[Submission]) -> set[str]:
    instances = [submission.instance for submission in submissions]
    found: set[str] = set()
    for start in range(0, len(instances), 500):
        rows = Interview.objects.filter(instance__in=instances[start : start + 500])
        found.update(rows.values_list("instance", flat=True))
    return found


def interviews_source(by: Viewer, at: datetime) -> str:
    """The source of all interviews: the mission itself, made where it is not there yet."""
    known = Source.objects.filter(external_key=SOURCE_KEY).first()
    if known:
        return str(known.thing)
    row = Source(
        external_key=SOURCE_KEY, source_kind="witness", name="Interviews of the mission", reliability="F"
    )
    record([row], by=by.officer_id, at=at)
    return row.thing


@dataclass(slots=True)
class _Taking:
    """One submission on its way in."""

    submission: Submission
    compartment: str
    source: str
    by: Viewer
    at: datetime
    file_of: Callable[[str], bytes | None]
    pseudonym: str = ""

    def rows(self) -> list[RegisterRow]:
        """What the register gets of it."""
        said = self.submission
        person = Pseudonym(
            compartment=self.compartment,
            subject="source",
            contact_wish=said.after_care.wish if said.after_care else "",
            vulnerabilities=list(said.state.vulnerabilities) if said.state else [],
        )
        person.thing = self.pseudonym = new_thing(person)
        interview = self._interview()
        interview.thing = new_thing(interview)
        rows: list[RegisterRow] = [person, self._risk(), interview]
        rows += new_consents(person, list(_decided(said)), given_on=self._day())
        if said.accounts:
            item = self._item(interview.thing)
            item.thing = new_thing(item)
            rows += [item, *(self._account(account, item.thing) for account in said.accounts)]
        return rows

    def seal(self, sealed: list[str]) -> None:
        """Seal who it is and what was said; each record's id is added as soon as it lies there."""
        for kind, text in self._texts():
            sealed.append(
                seal_text(
                    text,
                    pseudonym=self.pseudonym,
                    kind=kind,
                    compartment=self.compartment,
                    by=self.by,
                    at=self.at,
                )
            )

    def _texts(self) -> Iterator[tuple[Kind, str | bytes]]:
        said = self.submission
        if said.identity:
            yield Kind.IDENTITY, _lines(said.identity)
        if said.after_care and (said.after_care.channel or said.after_care.times):
            yield Kind.CONTACTS, _lines({"channel": said.after_care.channel, "times": said.after_care.times})
        notes = {
            "officer_note": said.officer_note,
            "corrections": said.read_back.corrections if said.read_back else "",
            "state": said.state.note if said.state else "",
        }
        if any(notes.values()):
            yield Kind.INTERVIEW_TEXT, _lines(notes)
        for account in said.accounts:
            yield Kind.TESTIMONY, _sealed_part(account)
        kinds = {recording.file: FILE_KINDS[recording.kind] for recording in said.recordings}
        for attachment in said.attachments:
            content = self.file_of(attachment.name)
            if content is not None:
                yield kinds.get(attachment.name, Kind.DOCUMENT), content

    def _day(self) -> date:
        instant = self.submission.started_at or self.submission.submitted_at or self.at
        return instant.date()

    def _risk(self) -> RiskAssessment:
        risk = self.submission.risk
        return RiskAssessment(
            compartment=self.compartment,
            pseudonym=self.pseudonym,
            threats=[asdict(threat) for threat in risk.threats],
            decision=risk.decision,
            reasons=risk.reasons,
            review_by=risk.review_by,
        )

    def _interview(self) -> Interview:
        said, held = self.submission, self.submission.conditions
        row = Interview(
            compartment=self.compartment,
            pseudonym=self.pseudonym,
            state="held" if held else "called_off",
            instance=said.instance,
            started_at=said.started_at,
            ended_at=said.ended_at,
            earlier=[[each.by, each.when] for each in said.risk.earlier],
            repeat_reason=said.risk.repeat_reason,
            read_back=said.read_back.read_back if said.read_back else "",
            signed=said.read_back.signed if said.read_back else "",
            support={
                "offered": said.support.offered,
                "services": [asdict(service) for service in said.support.services],
            },
        )
        if held:
            for name in _CONDITIONS:
                setattr(row, name, getattr(held, name))
        return row

    def _item(self, interview: str) -> Item:
        held = self.submission.conditions
        return Item(
            source=self.source,
            item_kind="interview",
            interview=interview,
            compartment=self.compartment,
            language=held.language if held else "",
        )

    def _account(self, account: FieldAccount, item: str) -> Account:
        killed = account.counts.get("killed_count")
        when = account.date.value if account.date else None
        told = {"manner": account.manner.basis}
        if killed:
            told["killed"] = killed.basis
        if account.date:
            told["occurred"] = account.date.basis
        return Account(
            item=item,
            pseudonym=self.pseudonym,
            compartment=self.compartment,
            evidence_types=["interview"],
            knowledge=told,
            manners=list(account.manner.value),
            occurred_earliest=when.earliest if when else None,
            occurred_latest=when.latest if when else None,
            occurred_precision=when.precision.value if when else "",
            killed_quantifier=killed.value.quantifier.value if killed else "unknown",
            killed_n=killed.value.number if killed else None,
            killed_m=killed.value.upper if killed else None,
            victim_party=account.victim_party.value if account.victim_party else "",
            perpetrator_party=account.perpetrator_party.value if account.perpetrator_party else "",
            locators={"*": "sealed testimony"},
        )


_CONDITIONS = (
    "account_kind",
    "confidential",
    "confidential_note",
    "interviewer",
    "interpreter",
    "medium",
    "place_type",
    "language",
    "question_style",
    "others_present",
)


def _decided(submission: Submission) -> Iterator[Decided]:
    for consent in submission.consents:
        yield Decided(
            purpose=consent.purpose,
            decision=consent.decision,
            condition=consent.condition,
            informed_of=consent.informed_of,
            given_by=consent.given_by,
            form=consent.form,
            capacity_note=consent.capacity_note,
        )


def _sealed_part(account: FieldAccount) -> str:
    """What of an account is sealed, as JSON that a person can read."""
    told: dict[str, Any] = {}
    for name in SEALED:
        value = getattr(account, name)
        if isinstance(value, Mapping):
            told[name] = {word: str(each) for word, each in value.items()}
        elif value is not None:
            told[name] = str(getattr(value, "value", value))
    return json.dumps(told, ensure_ascii=False, indent=1)


def _lines(values: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in values.items() if value)
