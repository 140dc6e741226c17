"""Submissions of the interview form, from JSON or CSV, all of a file or nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

from ...collect.files import shown
from ..field_forms import VERSION_FIELD, interview_form, shipped_outline
from .answers import Answer, Odd, Paths, Untyped
from .checks import Checker, Values, instant, problems_of
from .documents import read_documents
from .exports import read_exports
from .interview import (
    Attachment,
    Submission,
    account_of,
    after_care_of,
    conditions_of,
    consents_of,
    identity_of,
    read_back_of,
    recording_of,
    risk_of,
    state_of,
    support_of,
)
from .problems import MOST_PROBLEMS, Problem, SubmissionsRefused, problem

_PREFIX = "uuid:"
_INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,99}")


@dataclass(frozen=True, slots=True)
class FileReference:
    """A file that came along with the submissions: its size in bytes, and its digest as `sha256:…`."""

    size: int
    digest: str


Files = Mapping[str, FileReference]


def read_json_submissions(
    content: bytes,
    *,
    name: str = "the file",
    files: Files | None = None,
    versions: Collection[str] = (),
) -> tuple[Submission, ...]:
    """The interviews in a JSON text of KoboToolbox (API v2) or ODK Central (OData with `$expand=*`).

    `name` is what sentences call it; `files` are the attachments by name, against which those named are
    checked where it is given; `versions` are versions of the form that are read besides the present one.
    Raises UnusableFile where the text as a whole is none, and SubmissionsRefused with every problem where
    an answer cannot be used.
    """
    called = shown(name, longest=120)
    reading = _Reading(called, files, versions)
    return reading.all(read_documents(content, name=called, paths=_paths()))


def read_csv_submissions(
    tables: Mapping[str, bytes],
    *,
    encoding: str | None = None,
    files: Files | None = None,
    versions: Collection[str] = (),
) -> tuple[Submission, ...]:
    """The interviews in the tables that KoboToolbox or ODK Central exports, by the names of the files.

    The main table, and for each repeat one whose name ends with it, as in `export-accounts.csv`.
    `encoding` names one that is neither UTF-8 nor marked UTF-16; the rest as for JSON.
    Raises UnusableFile where a table is missing or is none, and SubmissionsRefused with every problem.
    """
    found, problems = read_exports(tables, encoding=encoding, paths=_paths())
    reading = _Reading("the export", files, versions)
    reading.problems += problems
    return reading.all(found)


@cache
def _paths() -> Paths:
    return Paths(shipped_outline("interview"))


class _Reading:
    """Reads submission after submission, and collects what is wrong."""

    def __init__(self, name: str, files: Files | None, versions: Collection[str]) -> None:
        self.problems: list[Problem] = []
        self._name = name
        self._files = files
        self._versions = {interview_form().version, *versions}
        self._seen: dict[str, int] = {}

    def all(self, untyped: list[Untyped]) -> tuple[Submission, ...]:
        """All submissions. Raises SubmissionsRefused where there is a problem with any."""
        found = []
        for number, each in enumerate(untyped, start=1):
            found.append(self._one(number, each))
            if len(self.problems) > MOST_PROBLEMS:
                break
        if self.problems:
            raise SubmissionsRefused(self._name, self.problems)
        return tuple(each for each in found if each is not None)

    def _one(self, number: int, untyped: Untyped) -> Submission | None:
        called = f"submission {number}"
        instance = self._instance(called, untyped.instance)
        if instance is None:
            return None
        self._check_first(number, instance)
        received = self._received(instance, untyped.received)
        version = untyped.answers.texts.get(VERSION_FIELD, "")
        if not isinstance(version, str) or version not in self._versions:
            self._say(instance, VERSION_FIELD, version, self._known_versions())
            return None
        checker = Checker(
            _paths().outline, submission=instance, received=received.date() if received else None
        )
        values = checker.read(untyped.answers)
        attached = tuple(self._attached(instance, checker))
        faults = [*checker.problems, *problems_of(untyped.strangers, submission=instance)]
        self.problems += faults
        if faults:
            return None
        head = _Head(instance, version, received, attached, tuple(checker.flags))
        return _submission(head, values)

    def _received(self, instance: str, found: Answer) -> datetime | None:
        received = instant(found) if isinstance(found, str) else None
        if found and received is None:
            self._say(instance, "the instant of sending", found, "a day and time")
        return received

    def _instance(self, called: str, found: Answer) -> str | None:
        if not isinstance(found, str) or _INSTANCE.fullmatch(found) is None:
            self._say(called, "the id of the submission", found, "an id such as uuid:… without a blank")
            return None
        return found if found.startswith(_PREFIX) else f"{_PREFIX}{found}"

    def _check_first(self, number: int, instance: str) -> None:
        first = self._seen.setdefault(instance, number)
        if first != number:
            expected = f"an id of its own for each submission (number {first} has this one too)"
            self._say(instance, "the id of the submission", f"it again as number {number}", expected)

    def _known_versions(self) -> str:
        return f"the version of the form {_paths().outline.form}, {' or '.join(sorted(self._versions))}"

    def _attached(self, instance: str, checker: Checker) -> Iterator[Attachment]:
        for path, name in checker.files:
            if self._files is None:
                yield Attachment(path, name)
            elif name in self._files:
                yield Attachment(path, name, self._files[name].size, self._files[name].digest)
            else:
                expected = "a file that came along with the submissions"
                self.problems.append(
                    problem(submission=instance, path=path, value=name, expected=expected, protected=True)
                )

    def _say(self, submission: str, path: str, found: Answer, expected: str) -> None:
        odd = found if isinstance(found, Odd) else Odd(found, expected)
        self.problems.append(
            problem(submission=submission, path=path, value=odd.found, expected=odd.expected)
        )


class _Head(NamedTuple):
    """What a submission has besides its answers."""

    instance: str
    version: str
    received: datetime | None
    attached: tuple[Attachment, ...]
    flags: tuple[str, ...]


def _submission(head: _Head, values: Values) -> Submission:
    return Submission(
        instance=head.instance,
        form=_paths().outline.form,
        version=head.version,
        submitted_at=head.received,
        risk=risk_of(values),
        consents=consents_of(values),
        identity=identity_of(values),
        conditions=conditions_of(values),
        started_at=values.instant("started_at"),
        ended_at=values.instant("ended_at"),
        accounts=tuple(map(account_of, values.repeats["accounts"])),
        recordings=tuple(map(recording_of, values.repeats["recordings"])),
        read_back=read_back_of(values),
        state=state_of(values),
        support=support_of(values),
        after_care=after_care_of(values),
        officer_note=values.text("officer_note"),
        attachments=head.attached,
        flags=head.flags,
    )
