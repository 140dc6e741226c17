"""Answers as typed values, checked by the outline: what the device asked is what is read.

A question whose condition does not hold must be unanswered: an identity that was written down without
consent to storing is refused, not taken in (R-18, R-20).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from ...base import BadInput, DatePrecision, parse_day
from ...base.dates import LONGEST_SPAN
from ..field_forms import Group, Outline, Question
from ..field_forms.outline import ANY, ATTACHED, KINDS, usable_terms
from ..vocabularies import vocabulary
from .answers import Answers, Odd
from .problems import MOST_REPETITIONS, Problem, problem

Value = str | int | date | datetime | tuple[str, ...] | None


class _Refused(Exception):
    """Why an answer is none; the text completes “expected …”."""


@dataclass
class Values:
    """Typed answers by the name of the question, and the repetitions by the name of the repeat.

    A question without an answer has none here. `around` are the values outside the repetition.
    """

    around: Values | None = None
    found: dict[str, Value] = field(default_factory=dict)
    repeats: dict[str, list[Values]] = field(default_factory=dict)

    def get(self, name: str) -> Value:
        """The answer to a question here or around; None where there is none."""
        if name in self.found or self.around is None:
            return self.found.get(name)
        return self.around.get(name)

    def text(self, name: str) -> str:
        """The answer as text, empty where there is none."""
        value = self.get(name)
        return value if isinstance(value, str) else ""

    def terms(self, name: str) -> tuple[str, ...]:
        """The terms that were chosen."""
        value = self.get(name)
        return value if isinstance(value, tuple) else ()

    def number(self, name: str) -> int | None:
        """The answer as a whole number."""
        value = self.get(name)
        return value if isinstance(value, int) else None

    def day(self, name: str) -> date | None:
        """The answer as a day."""
        value = self.get(name)
        return value if isinstance(value, date) and not isinstance(value, datetime) else None

    def instant(self, name: str) -> datetime | None:
        """The answer as an instant in UTC."""
        value = self.get(name)
        return value if isinstance(value, datetime) else None

    def holds(self, when: Mapping[str, tuple[str, ...]]) -> bool:
        """True where every condition holds."""
        return all(self._answered(name, answers) for name, answers in when.items())

    def _answered(self, name: str, answers: tuple[str, ...]) -> bool:
        value = self.get(name)
        if ANY in answers:
            return value not in {None, "", ()}
        chosen = value if isinstance(value, tuple) else (value,)
        return any(answer in chosen for answer in answers)


class Checker:
    """Reads the answers of one submission.

    `received` is the day on which the server had it. `flags` are the paths of texts with hidden
    characters, which are kept as they are; `files` are the attached files by path and name.
    """

    def __init__(self, outline: Outline, *, submission: str, received: date | None) -> None:
        self._outline = outline
        self._submission = submission
        self._received = received
        self.problems: list[Problem] = []
        self.flags: list[str] = []
        self.files: list[tuple[str, str]] = []

    def read(self, answers: Answers) -> Values:
        """The typed answers; what is wrong is added to `problems`."""
        values = Values()
        for group in self._outline.groups:
            self._group(group, answers, values, place="", asked=True)
        return values

    def _group(self, group: Group, answers: Answers, values: Values, *, place: str, asked: bool) -> None:
        asked = asked and values.holds(group.when)
        if group.repeat:
            self._repeat(group, answers, values, asked=asked)
        else:
            self._parts(group, answers, values, place=place, asked=asked)

    def _parts(self, group: Group, answers: Answers, values: Values, *, place: str, asked: bool) -> None:
        for question in group.questions:
            if question.kind != "note":
                self._question(question, answers, values, place=place, asked=asked)
        for inner in group.groups:
            self._group(inner, answers, values, place=place, asked=asked)

    def _repeat(self, group: Group, answers: Answers, values: Values, *, asked: bool) -> None:
        values.repeats[group.name] = []
        odd = answers.texts.get(group.path)
        if isinstance(odd, Odd):
            self._say(group.path, odd.found, odd.expected)
        repetitions = answers.repeats.get(group.path, [])
        if len(repetitions) > MOST_REPETITIONS:
            self._say(group.path, f"{len(repetitions):,}", f"at most {MOST_REPETITIONS:,} repetitions")
            return
        kept = values.repeats[group.name]
        for number, each in enumerate(repetitions, start=1):
            if not asked and each.empty:
                continue
            inner = Values(around=values)
            place = f"{group.path}[{number}]"
            broken = each.texts.get(group.path)
            if isinstance(broken, Odd):
                self._say(place, broken.found, broken.expected)
            else:
                self._parts(group, each, inner, place=place, asked=asked)
            kept.append(inner)

    def _question(
        self, question: Question, answers: Answers, values: Values, *, place: str, asked: bool
    ) -> None:
        where = self._where(question, place)
        answer = answers.texts.get(question.path, "")
        if isinstance(answer, Odd):
            self._say(where, answer.found, answer.expected)
            return
        if not answer.strip():
            if question.required and asked and values.holds(question.when):
                self._say(where, "", "an answer, as this question needs one")
            return
        try:
            if not (asked and values.holds(question.when)):
                self._check_default(question, answer)
                return
            value = _READERS[question.kind](answer, question)
            self._check(question, value, values)
        except _Refused as refused:
            self._say(where, answer, str(refused), protected=question.protected)
        else:
            values.found[question.name] = value
            self._note(question, where, answer)

    def _where(self, question: Question, place: str) -> str:
        """The path of a question, with the number of the repetition in it."""
        return place + question.path[len(place.partition("[")[0]) :] if place else question.path

    def _check_default(self, question: Question, answer: str) -> None:
        """A device may leave what stood there before anybody answered; all else was not asked for."""
        if answer != question.default:
            raise _Refused("no answer, as the answers before it do not lead to this question")

    def _check(self, question: Question, value: Value, values: Values) -> None:
        for check in _CHECKS:
            check(question, value, values, self._outline)
        if question.by_now and self._received and _day(value) > self._received + timedelta(days=1):
            raise _Refused("a day that is not after the day on which it was sent")

    def _note(self, question: Question, where: str, answer: str) -> None:
        if question.kind in ATTACHED:
            self.files.append((where, answer))
        elif _has_hidden(answer):
            self.flags.append(where)

    def _say(self, path: str, value: str, expected: str, *, protected: bool = False) -> None:
        self.problems.append(
            problem(
                submission=self._submission, path=path, value=value, expected=expected, protected=protected
            )
        )


# ------------------------------------------------------------------------------------ single answers


def _text(text: str, question: Question) -> str:
    if "\0" in text or (not text.isascii() and _HALF.search(text)):
        raise _Refused("text without NUL and without halves of characters")
    if len(text) > question.most_characters:
        raise _Refused(f"at most {question.most_characters:,} characters where there are {len(text):,}")
    if text.lstrip().startswith("="):
        raise _Refused("text that does not begin as a formula with “=”")
    return text


_HALF = re.compile("[\ud800-\udfff]")


def _has_hidden(text: str) -> bool:
    """True for characters that nobody sees or that turn the writing direction (categories Cc and Cf)."""
    return not text.isprintable() and any(
        unicodedata.category(each) in {"Cc", "Cf"} and each not in "\n\r\t" for each in text
    )


_PATTERNS: Mapping[str, str] = {
    "handle": "a sign of Latin letters, digits and . _ : - without a blank",
    "code": "a code of capital Latin letters such as AA",
    "language": "a language code of ISO 639 such as en, uk or ru",
}


def _coded(text: str, question: Question) -> str:
    if re.fullmatch(KINDS[question.kind].pattern, _text(text, question)) is None:
        raise _Refused(_PATTERNS[question.kind])
    return text


_INTEGER = re.compile(r"[0-9]{1,12}")


def _integer(text: str, question: Question) -> int:
    least, most = question.least, question.most
    if _INTEGER.fullmatch(text) is None:
        raise _Refused("a whole number in digits only")
    number = int(text)
    if (least is not None and number < least) or (most is not None and number > most):
        raise _Refused(f"a whole number from {least} to {most:,}")
    return number


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _as_day(text: str, _question: Question) -> date:
    with suppress(BadInput):
        if _DAY.fullmatch(text):
            return parse_day(text)
    raise _Refused("a day that the calendar has, written YYYY-MM-DD")


_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
    r"(?P<offset>Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
)


def instant(text: str) -> datetime | None:
    """The instant in UTC, where the text is one; an instant without an offset is in UTC."""
    with suppress(ValueError, OverflowError):
        if _INSTANT.fullmatch(text):
            found = datetime.fromisoformat(text)
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return None


def _instant(text: str, _question: Question) -> datetime:
    match = _INSTANT.fullmatch(text)
    found = instant(text)
    if found is None or match is None or not match["offset"]:
        raise _Refused("a day and time with its offset, written YYYY-MM-DDThh:mm:ss+hh:mm")
    return found


def _choice(text: str, question: Question) -> str:
    terms = vocabulary(question.of).words
    if text not in terms:
        raise _Refused(f"one of {', '.join(terms)}")
    return text


def _choices(text: str, question: Question) -> tuple[str, ...]:
    """The chosen terms in the order of their vocabulary, as the order of ticking means nothing."""
    words = text.split()
    for word in words:
        _choice(word, question)
    if len(set(words)) < len(words):
        raise _Refused("each term once")
    return tuple(word for word in vocabulary(question.of).words if word in words)


_FILE_NAME = re.compile(r"[^/\\\x00-\x1f:*?\"<>|]+")


def _file_name(text: str, question: Question) -> str:
    _text(text, question)
    if _FILE_NAME.fullmatch(text) is None or text.strip(". ") == "" or _has_hidden(text):
        raise _Refused("the name of a file without a folder")
    return text


_READERS: Mapping[str, Callable[[str, Question], Value]] = {
    "text": _text,
    "handle": _coded,
    "code": _coded,
    "language": _coded,
    "integer": _integer,
    "day": _as_day,
    "instant": _instant,
    "choice": _choice,
    "choices": _choices,
    **dict.fromkeys(ATTACHED, _file_name),
}


# ------------------------------------------------------------------------------------ answers together


def _at_least(question: Question, value: Value, values: Values, _outline: Outline) -> None:
    other = values.get(question.at_least) if question.at_least else None
    if other is not None and value is not None and value < other:  # type: ignore[operator]
        raise _Refused(f"nothing below or before the answer to {question.at_least}")


def _alone(question: Question, value: Value, _values: Values, _outline: Outline) -> None:
    if question.alone and isinstance(value, tuple) and question.alone in value and len(value) > 1:
        raise _Refused(f"{question.alone} without other terms")


def _needs_all(question: Question, value: Value, values: Values, outline: Outline) -> None:
    name = question.needs_all.get(value, "") if isinstance(value, str) else ""
    if name and set(usable_terms(outline.questions[name].of)) - set(values.terms(name)):
        raise _Refused(f"{value} only where every term of {name} was chosen")


def _spans(question: Question, value: Value, values: Values, _outline: Outline) -> None:
    if not question.spans or not isinstance(value, str):
        return
    first, last = (values.day(name) for name in question.spans)
    longest = LONGEST_SPAN.get(DatePrecision(value))
    if first and last and longest is not None and (last - first).days > longest:
        raise _Refused(f"days at most {longest} apart where the precision is {value}")


_CHECKS = (_at_least, _alone, _needs_all, _spans)


def _day(value: Value) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.min


def problems_of(strangers: list[tuple[str, str]], *, submission: str) -> Iterator[Problem]:
    """The problems of answers to questions that the form does not ask."""
    for path, found in strangers:
        yield problem(
            submission=submission, path=path, value=found, expected="a question that the form asks there"
        )
