"""Invented answers to the interview form, and the formats in which servers give them out.

Answers are texts by path; the answers of a repeat are a list of such under the repeat's path.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from lieber.base.dates import LONGEST_SPAN, DatePrecision
from lieber.code import vocabulary
from lieber.code.field_forms import VERSION_FIELD, Group, Question, interview_form, shipped_outline

# What was answered, by the name of the question.
Known = dict[str, str]

OUTLINE = shipped_outline("interview")
VERSION = interview_form().version
RECEIVED = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
REPEATS = {group.path: group for group in OUTLINE.all_groups if group.repeat}
INSTANCE = "uuid:6c3f1a52-7a0e-4c8e-9d55-0a1b2c3d4e5f"
PATH = {name: question.path for name, question in OUTLINE.questions.items()}


def by_path(**answers: str) -> dict[str, Any]:
    """Answers by the names of their questions, as answers by path."""
    return {PATH[name]: text for name, text in answers.items()}


def stopped() -> dict[str, Any]:
    """The least submission: the risk says stop."""
    return by_path(
        prior_interviews="no",
        risk_decision="stop",
        risk_reasons="somebody listens",
        risk_decided_by="OFF-1",
        support_offered="no",
    )


def account(**changes: str) -> dict[str, Any]:
    """One account with everything that must be answered."""
    counts = {f"{each}_count_quantifier": "unknown" for each in ("killed", "injured", "captured", "missing")}
    facts = {f"fact_{word}": "unknown" for word in vocabulary("status_fact").words}
    told = {
        "testimony": "They put the rifles down and stood in a row.\nThen there were shots.",
        "testimony_form": "verbatim",
        "what_happened": "Captives shot beside a road",
        "manner": "close_range_small_arms",
        "manner_basis": "saw",
    }
    return by_path(**(counts | facts | told | changes))


def interview(**changes: str) -> dict[str, Any]:
    """A whole interview with one account, at least where an answer is needed."""
    consents = {f"consent_{word}": "not_asked" for word in vocabulary("consent_purpose").words}
    answers = {
        "prior_interviews": "no",
        "risk_decision": "proceed",
        "risk_decided_by": "OFF-1",
        "informed_of": " ".join(vocabulary("consent_information").words),
        "consent_given_by": "self",
        "consent_form": "oral_noted",
        **consents,
        "consent_store": "granted",
        "account_kind": "full_interview",
        "confidential": "yes",
        "interviewer": "OFF-2",
        "medium": "in_person",
        "place_type": "mission_office",
        "interview_language": "uk",
        "question_style": "open",
        "started_at": "2025-03-03T10:00:00.000+02:00",
        "any_recordings": "no",
        "read_back": "yes",
        "signed": "04",
        "vulnerabilities": "bereaved wounded_or_ill",
        "support_offered": "no",
        "contact_wish": "do_not_contact",
        "ended_at": "2025-03-03T11:30:00.000+02:00",
    }
    return {**by_path(**(answers | changes)), "accounts": [account()]}


# ------------------------------------------------------------------------------------ formats


def kobo(answers: dict[str, Any], *, instance: str = INSTANCE, **changes: Any) -> dict[str, Any]:
    """One submission as KoboToolbox gives it out."""
    return {
        "_id": 17,
        "formhub/uuid": "0123456789abcdef",
        "start": "2025-03-03T09:58:00.000+02:00",
        "__version__": "vQw3rty",
        "meta/instanceID": instance,
        VERSION_FIELD: VERSION,
        **{path: _kobo(value) for path, value in answers.items()},
        "_uuid": instance.removeprefix("uuid:"),
        "_submission_time": RECEIVED.replace(tzinfo=None).isoformat(),
        "_attachments": [{"filename": "someone/attachments/1.m4a", "id": 1}],
        "_geolocation": [None, None],
        **changes,
    }


def _kobo(value: Any) -> Any:
    return [_kobo_repetition(each) for each in value] if isinstance(value, list) else value


def _kobo_repetition(answers: dict[str, Any]) -> dict[str, Any]:
    return {path: _kobo(value) for path, value in answers.items()}


def odk(answers: dict[str, Any], *, instance: str = INSTANCE) -> dict[str, Any]:
    """One submission as ODK Central gives it out (OData, with `$expand=*`)."""
    return {
        "__id": instance,
        "__system": {"submissionDate": "2025-03-04T05:06:07.000Z", "formVersion": VERSION},
        "meta": {"instanceID": instance},
        **_odk({VERSION_FIELD: VERSION, **answers}, ""),
    }


def _odk(answers: dict[str, Any], inside: str) -> dict[str, Any]:
    """Groups in groups; whole numbers as numbers, what is not answered as null."""
    tree: dict[str, Any] = {}
    kinds = {question.path: question.kind for question in OUTLINE.questions.values()}
    for path, value in answers.items():
        *groups, name = path.removeprefix(f"{inside}/" if inside else "").split("/")
        place = tree
        for group in groups:
            place = place.setdefault(group, {})
        if isinstance(value, list):
            place[name] = [{"__id": f"{number}", **_odk(each, path)} for number, each in enumerate(value)]
            place[f"{name}@odata.navigationLink"] = f"Submissions('x')/{name}"
        else:
            place[name] = (int(value) if kinds.get(path) == "integer" else value) if value else None
    return tree


def as_json(rows: list[Any], *, key: str = "results") -> bytes:
    """The rows in the object of a page."""
    return json.dumps({"count": len(rows), "next": None, key: rows}, ensure_ascii=False).encode()


def odk_tables(submissions: list[dict[str, Any]], instances: list[str]) -> dict[str, bytes]:
    """The files of an export of ODK Central."""
    tables = {"": _Sheet(["SubmissionDate", VERSION_FIELD, *_columns("", "-")], ["KEY", "FormVersion"])}
    for repeat in REPEATS:
        tables[repeat] = _Sheet(_columns(repeat, "-"), ["PARENT_KEY", "KEY"])
    for answers, instance in zip(submissions, instances, strict=True):
        added = {"SubmissionDate": "2025-03-04T05:06:07.000Z", VERSION_FIELD: VERSION, "KEY": instance}
        tables[""].rows.append(_row(answers, "", "-") | added)
        for repeat in REPEATS:
            for number, each in enumerate(answers.get(repeat, []), start=1):
                key = f"{instance}/{repeat}[{number}]"
                tables[repeat].rows.append(_row(each, repeat, "-") | {"PARENT_KEY": instance, "KEY": key})
    return {_file("lieber_interview", repeat): sheet.written(",") for repeat, sheet in tables.items()}


def kobo_tables(submissions: list[dict[str, Any]], instances: list[str]) -> dict[str, bytes]:
    """The sheets of an export of KoboToolbox, each saved as CSV with semicolons."""
    head = ["start", VERSION_FIELD, *_columns("", "/")]
    tables = {"": _Sheet(head, ["_id", "_uuid", "_submission_time", "__version__", "_index"])}
    for repeat in REPEATS:
        tables[repeat] = _Sheet(
            _columns(repeat, "/", whole=True), ["_index", "_parent_index", "_submission__id"]
        )
    for row, (answers, instance) in enumerate(zip(submissions, instances, strict=True), start=1):
        added = {
            VERSION_FIELD: VERSION,
            "_uuid": instance.removeprefix("uuid:"),
            "_submission_time": "2025-03-04T05:06:07",
            "_index": str(row),
        }
        tables[""].rows.append(_row(answers, "", "/") | added)
        for repeat in REPEATS:
            rows = tables[repeat].rows
            for each in answers.get(repeat, []):
                index = {"_index": str(len(rows) + 1), "_parent_index": str(row)}
                rows.append(_row(each, "", "/") | index)
    return {_file("Interview", repeat): sheet.written(";") for repeat, sheet in tables.items()}


def _file(form: str, repeat: str) -> str:
    return f"{form}-{repeat.rpartition('/')[2]}.csv" if repeat else f"{form}.csv"


def _columns(repeat: str, separator: str, *, whole: bool = False) -> list[str]:
    begin = f"{repeat}/" if repeat else ""
    paths = [path for path in PATH.values() if path.startswith(begin)]
    if not repeat:
        paths = [path for path in paths if not any(path.startswith(f"{each}/") for each in REPEATS)]
    asked = {question.path for question in OUTLINE.questions.values() if question.kind != "note"}
    return [
        (path if whole else path.removeprefix(begin)).replace("/", separator)
        for path in paths
        if path in asked
    ]


def _row(answers: dict[str, Any], repeat: str, separator: str) -> dict[str, str]:
    begin = f"{repeat}/" if repeat else ""
    return {
        path.removeprefix(begin).replace("/", separator): value
        for path, value in answers.items()
        if isinstance(value, str)
    }


class _Sheet:
    """A table that is being written."""

    def __init__(self, columns: list[str], added: list[str]) -> None:
        self.columns = [*columns, *added]
        self.rows: list[dict[str, str]] = []

    def written(self, delimiter: str) -> bytes:
        """The table as CSV; a cell that no column has is an error of the test."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.columns, delimiter=delimiter, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue().encode()


# ------------------------------------------------------------------------------------ random answers

_LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_TEXTS = st.text(_LETTERS, min_size=1, max_size=30).filter(
    lambda text: text.strip() and not text.lstrip().startswith("=")
)
_DAYS = st.dates(date(2022, 2, 24), date(2025, 1, 1))
_INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2025, 3, 1))  # noqa: DTZ001 - the offset is written behind it
_CODES = {"handle": "OFF-1.a", "code": "AA-2", "language": "uk-Latn"}


@st.composite
def interviews(draw: st.DrawFn) -> dict[str, Any]:
    """Any answers that the form admits."""
    answers: dict[str, Any] = {}
    known: Known = {}
    for group in OUTLINE.groups:
        _fill(draw, group, answers, known, asked=True)
    return answers


def _fill(draw: st.DrawFn, group: Group, answers: dict[str, Any], known: Known, *, asked: bool) -> None:
    asked = asked and _holds(group.when, known)
    if group.repeat:
        answers[group.path] = []
        for _ in range(draw(st.sampled_from([0, 1, 1, 2])) if asked else 0):
            repetition: dict[str, Any] = {}
            _fill_parts(draw, group, repetition, dict(known), asked=True)
            answers[group.path].append(repetition)
    else:
        _fill_parts(draw, group, answers, known, asked=asked)


def _fill_parts(draw: st.DrawFn, group: Group, answers: dict[str, Any], known: Known, *, asked: bool) -> None:
    for question in group.questions:
        if asked and question.kind != "note" and _holds(question.when, known):
            if question.required or draw(st.booleans()):
                known[question.name] = answers[question.path] = _draw(draw, question, known)
        elif question.default and draw(st.booleans()):
            answers[question.path] = question.default
    for inner in group.groups:
        _fill(draw, inner, answers, known, asked=asked)


def _holds(when: Mapping[str, tuple[str, ...]], known: Known) -> bool:
    return all(
        bool(known.get(name)) if "*" in wanted else bool(set(known.get(name, "").split()) & set(wanted))
        for name, wanted in when.items()
    )


def _draw(draw: st.DrawFn, question: Question, known: Known) -> str:
    return _DRAWN[question.kind](draw, question, known)


def _choice(draw: st.DrawFn, question: Question, known: Known) -> str:
    words = list(vocabulary(question.of).words)
    if question.name == "risk_decision":
        words = ["stop", "proceed", "proceed", "proceed", "proceed_with_measures"]
    if question.name == "consent_store":
        words = ["refused", "granted", "granted", "granted", "conditional"]
    told = known.get("informed_of", "").split()
    if len(told) < len(vocabulary("consent_information").words):
        words = [word for word in words if word not in question.needs_all]
    if question.spans:
        first, last = (date.fromisoformat(known[name]) for name in question.spans)
        words = [
            word for word in words if (last - first).days <= LONGEST_SPAN.get(DatePrecision(word), 10_000)
        ]
    return draw(st.sampled_from(words))


def _choices(draw: st.DrawFn, question: Question, _known: Known) -> str:
    words = list(vocabulary(question.of).words)
    if question.name == "informed_of" and draw(st.integers(0, 5)):
        return " ".join(words)
    if question.alone and draw(st.booleans()):
        return question.alone
    words = [word for word in words if word != question.alone]
    return " ".join(draw(st.lists(st.sampled_from(words), min_size=1, unique=True)))


def _day(draw: st.DrawFn, question: Question, known: Known) -> str:
    first = known.get(question.at_least)
    if first:
        days = draw(st.sampled_from([0, 1, 2, 31, 32, 100, 101, 366, 367, 500]))
        return (date.fromisoformat(first) + timedelta(days=days)).isoformat()
    return draw(_DAYS.filter(lambda day: day < date(2023, 6, 1))).isoformat()


def _instant(draw: st.DrawFn, question: Question, known: Known) -> str:
    begun = known.get(question.at_least)
    found = datetime.fromisoformat(begun).astimezone(UTC) if begun else draw(_INSTANTS).replace(tzinfo=UTC)
    offset = draw(st.sampled_from(["Z", "+02:00", "-03:30"]))
    later = found + timedelta(minutes=draw(st.integers(0, 500)))
    zone = datetime.fromisoformat(f"2025-01-01T00:00:00{offset}").tzinfo
    return later.astimezone(zone).replace(tzinfo=None).isoformat(timespec="milliseconds") + offset


def _number(draw: st.DrawFn, question: Question, known: Known) -> str:
    return str(draw(st.integers(int(known.get(question.at_least, "0")), question.most)))


def _text(draw: st.DrawFn, _question: Question, _known: Known) -> str:
    return draw(_TEXTS)


def _code(_draw: st.DrawFn, question: Question, _known: Known) -> str:
    return _CODES[question.kind]


def _file_name(draw: st.DrawFn, question: Question, _known: Known) -> str:
    return f"{draw(st.integers(0, 99))}.{question.kind}"


_DRAWN: dict[str, Callable[[st.DrawFn, Question, Known], str]] = {
    "text": _text,
    **dict.fromkeys(_CODES, _code),
    "integer": _number,
    "day": _day,
    "instant": _instant,
    "choice": _choice,
    "choices": _choices,
    **dict.fromkeys(("audio", "image", "video", "file"), _file_name),
}
