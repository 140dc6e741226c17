"""An outline as the three sheets of an XLSForm, as KoboToolbox, ODK and their like take it.

Choices come from the vocabularies term by term, so that what is chosen in the field is the word that
is stored. What the device refuses is what the reading of submissions refuses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ...base import canonical_json
from ...base.dates import LONGEST_SPAN
from ...collect.vocabulary import LANGUAGES
from ..vocabularies import vocabulary
from .outline import ANY, KINDS, Group, Outline, Question, Words, shipped_outline, usable_terms

Sheet = tuple[tuple[str, ...], ...]
# The question that carries the form's version: servers replace that of the settings by their own.
VERSION_FIELD = "form_version"
_SENSITIVITY = "bind::lieber:sensitivity"
_NAMESPACE = 'lieber="urn:lieber:field-form"'
_DIGITS_OF_VERSION = 10


@dataclass(frozen=True, slots=True)
class XlsForm:
    """The sheets of an XLSForm, each a header and rows of equal width.

    `version` is the edition and a digest of all that is asked: a changed vocabulary is another version.
    """

    id: str
    version: str
    survey: Sheet
    choices: Sheet
    settings: Sheet

    @property
    def sheets(self) -> Mapping[str, Sheet]:
        """The sheets by the names that XLSForm gives them."""
        return {"survey": self.survey, "choices": self.choices, "settings": self.settings}


@cache
def interview_form() -> XlsForm:
    """The form of an interview in the field, with today's vocabularies."""
    return form_of(shipped_outline("interview"))


def form_of(outline: Outline) -> XlsForm:
    """The XLSForm of an outline."""
    choices = _choices(outline)
    version = f"{outline.edition}-{_digest(_survey(outline, ''), choices, _settings(outline, ''))}"
    return XlsForm(
        id=outline.form,
        version=version,
        survey=_survey(outline, version),
        choices=choices,
        settings=_settings(outline, version),
    )


def _digest(*sheets: Sheet) -> str:
    return hashlib.sha256(canonical_json(sheets)).hexdigest()[:_DIGITS_OF_VERSION]


def _table(rows: Sequence[Mapping[str, str]], columns: tuple[str, ...]) -> Sheet:
    return columns, *(tuple(row.get(column, "") for column in columns) for row in rows)


# ------------------------------------------------------------------------------------ survey


def _survey(outline: Outline, version: str) -> Sheet:
    columns = (
        "type",
        "name",
        *_in_languages(outline, "label"),
        *_in_languages(outline, "hint"),
        "required",
        *_in_languages(outline, "required_message"),
        "relevant",
        "constraint",
        *_in_languages(outline, "constraint_message"),
        "default",
        "calculation",
        "appearance",
        _SENSITIVITY,
    )
    first = {"type": "calculate", "name": VERSION_FIELD, "calculation": f"'{version}'", _SENSITIVITY: "low"}
    rows = [row for group in outline.groups for row in _rows_of(outline, group)]
    return _table([first, *rows], columns)


def _rows_of(outline: Outline, group: Group) -> Iterator[Mapping[str, str]]:
    kind = "repeat" if group.repeat else "group"
    yield {
        "type": f"begin_{kind}",
        "name": group.name,
        "relevant": _condition(outline, group.when),
        "appearance": group.appearance,
        **_translated(outline, "label", group.label),
    }
    yield from (_row(outline, question) for question in group.questions)
    for inner in group.groups:
        yield from _rows_of(outline, inner)
    yield {"type": f"end_{kind}", "name": group.name}


def _row(outline: Outline, question: Question) -> Mapping[str, str]:
    rules = list(_rules(outline, question))
    told = {language: " ".join(rule.said(outline, language) for rule in rules) for language in LANGUAGES}
    return {
        "type": f"{KINDS[question.kind].type} {question.of}".strip(),
        "name": question.name,
        "required": "yes" if question.required else "",
        "relevant": _condition(outline, question.when),
        "constraint": " and ".join(f"({rule.xpath})" for rule in rules),
        "default": question.default,
        "appearance": question.appearance or ("multiline" if question.lines else ""),
        _SENSITIVITY: "" if question.kind == "note" else question.sensitivity,
        **_translated(outline, "label", question.label),
        **_translated(outline, "hint", question.hint),
        **(_translated(outline, "constraint_message", told) if rules else {}),
        **(
            _translated(outline, "required_message", outline.messages["required"])
            if question.required
            else {}
        ),
    }


def _in_languages(outline: Outline, column: str) -> tuple[str, ...]:
    return tuple(f"{column}::{outline.languages[language]}" for language in LANGUAGES)


def _translated(outline: Outline, column: str, words: Words) -> dict[str, str]:
    texts = (words.get(language, "") for language in LANGUAGES)
    return dict(zip(_in_languages(outline, column), texts, strict=True))


def _condition(outline: Outline, when: Mapping[str, tuple[str, ...]]) -> str:
    """The XPath of a condition; empty where there is none."""
    return " and ".join(_answered(outline.questions[name], answers) for name, answers in when.items())


def _answered(question: Question, answers: tuple[str, ...]) -> str:
    reference = f"${{{question.name}}}"
    if ANY in answers:
        return f"{reference} != ''"
    chosen = "selected({0}, '{1}')" if question.kind == "choices" else "{0} = '{1}'"
    return f"({' or '.join(chosen.format(reference, answer) for answer in answers)})"


# ------------------------------------------------------------------------------------ what is refused


class _Rule(NamedTuple):
    """What an answer must be: the XPath of it, and the message with what stands in it."""

    xpath: str
    message: str
    shown: Mapping[str, object]
    term: tuple[str, str] = ("", "")

    def said(self, outline: Outline, language: str) -> str:
        of, word = self.term
        label = vocabulary(of).label(word, language) if of else ""
        return outline.messages[self.message][language].format(**self.shown, label=label)


def _rules(outline: Outline, question: Question) -> Iterator[_Rule]:
    """What the answer to a question must be, in the order in which it is told."""
    kind = KINDS[question.kind]
    if kind.pattern:
        yield _Rule(f"regex(., '^{kind.pattern}$')", question.kind, {})
    elif kind.written:
        longest = question.most_characters
        yield _Rule(
            f"string-length(.) <= {longest} and not(starts-with(normalize-space(.), '='))",
            "text",
            {"longest": f"{longest:,}"},
        )
    if question.least is not None:
        bounds = {"least": question.least, "most": f"{question.most:,}"}
        yield _Rule(f". >= {question.least} and . <= {question.most}", "bounds", bounds)
    if question.at_least:
        yield _Rule(f". >= ${{{question.at_least}}}", "at_least", {})
    if question.by_now:
        yield _Rule(". <= now()" if question.kind == "instant" else ". <= today()", "by_now", {})
    if question.alone:
        alone = f"not(selected(., '{question.alone}')) or count-selected(.) = 1"
        yield _Rule(alone, "alone", {}, (question.of, question.alone))
    if question.needs_all:
        yield _Rule(" and ".join(_all_chosen(outline, question)), "needs_all", {})
    if question.spans:
        yield _Rule(" and ".join(_spans(*question.spans)), "spans", {})


def _all_chosen(outline: Outline, question: Question) -> Iterator[str]:
    for answer, name in question.needs_all.items():
        terms = len(usable_terms(outline.questions[name].of))
        yield f"(. != '{answer}' or count-selected(${{{name}}}) = {terms})"


def _spans(first: str, last: str) -> Iterator[str]:
    """A precision allows so many days; rounded, as a change of the clocks is a part of a day."""
    days = f"round(decimal-date-time(${{{last}}}) - decimal-date-time(${{{first}}}))"
    for precision, longest in LONGEST_SPAN.items():
        yield f"(. != '{precision}' or {days} <= {longest})"


# ------------------------------------------------------------------------------------ choices, settings


def _choices(outline: Outline) -> Sheet:
    rows = [
        {"list_name": name, "name": word, **_translated(outline, "label", term.labels)}
        for name in outline.vocabularies
        for word, term in usable_terms(name).items()
    ]
    return _table(rows, ("list_name", "name", *_in_languages(outline, "label")))


def _settings(outline: Outline, version: str) -> Sheet:
    row = {
        "form_title": outline.title["en"],
        "form_id": outline.form,
        "version": version,
        "default_language": outline.languages["en"],
        "style": "pages",
        "namespaces": _NAMESPACE,
    }
    return _table([row], tuple(row))
