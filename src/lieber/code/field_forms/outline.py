"""What a field form asks: groups and questions as typed values, read from TOML.

Both the form that goes into the field and the reading of what comes back rest on this outline, so
that a condition or a limit is written once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib import resources
from types import MappingProxyType
from typing import Any

from ...base import BadInput
from ...collect.vocabulary import LANGUAGES, Term
from ..vocabularies import vocabulary

ANY = "*"
PROTECTED = frozenset({"high", "severe"})
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of question stands in an XLSForm: its type, the most characters of an answer, and
    the pattern of one, without anchors."""

    type: str
    longest: int = 0
    pattern: str = ""

    @property
    def written(self) -> bool:
        """True where the officer types the answer."""
        return self.type == "text"


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "note": Kind("note"),
        "text": Kind("text", 4_000),
        "handle": Kind("text", 100, "[A-Za-z0-9][A-Za-z0-9._:-]*"),
        "code": Kind("text", 20, "[A-Z]{2,}(-[A-Z0-9]+)*"),
        "language": Kind("text", 35, "[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"),
        "integer": Kind("integer", 12),
        "day": Kind("date", 10),
        "instant": Kind("dateTime", 40),
        "choice": Kind("select_one", 100),
        "choices": Kind("select_multiple", 2_000),
        "audio": Kind("audio", 255),
        "image": Kind("image", 255),
        "video": Kind("video", 255),
        "file": Kind("file", 255),
    }
)
CHOSEN = ("choice", "choices")
ATTACHED = frozenset({"audio", "image", "video", "file"})


@dataclass(frozen=True, slots=True)
class Question:
    """One question: what is asked, what may be answered, and when it is asked at all.

    `when` names other questions and the answers to them that lead here, all of which must hold;
    `("*",)` is any answer. `at_least` names a question whose answer is not above this one's;
    `alone` is a term that stands without others; `needs_all` names, for an answer, a question all
    terms of which must have been chosen; `spans` are the two days that a precision is about.
    """

    name: str
    kind: str
    label: Words
    group: str = ""
    hint: Words = field(default_factory=dict)
    of: str = ""
    required: bool = False
    default: str = ""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sensitivity: str = "moderate"
    appearance: str = ""
    longest: int = 0
    lines: bool = False
    least: int | None = None
    most: int | None = None
    at_least: str = ""
    by_now: bool = False
    alone: str = ""
    needs_all: Mapping[str, str] = field(default_factory=dict)
    spans: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The names of its groups and its own, joined by `/`, as in a submission."""
        return f"{self.group}/{self.name}" if self.group else self.name

    @property
    def protected(self) -> bool:
        """True where the answer must not be shown, not even in an error."""
        return self.sensitivity in PROTECTED

    @property
    def most_characters(self) -> int:
        """The longest answer, in characters."""
        return self.longest or KINDS[self.kind].longest


@dataclass(frozen=True, slots=True)
class Group:
    """Questions under one heading; `repeat` where the group may be answered many times.

    `parts` are its questions and then its groups, in the order in which they are asked.
    """

    name: str
    label: Words
    inside: str = ""
    repeat: bool = False
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    appearance: str = ""
    questions: tuple[Question, ...] = ()
    groups: tuple[Group, ...] = ()

    @property
    def path(self) -> str:
        """The names of the groups around it and its own, joined by `/`."""
        return f"{self.inside}/{self.name}" if self.inside else self.name


@dataclass(frozen=True)
class Outline:
    """A whole field form. `languages` are the names of the languages as devices show them."""

    form: str
    edition: str
    title: Words
    languages: Words
    messages: Mapping[str, Words]
    groups: tuple[Group, ...]

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """All questions by their names, in order."""
        return {question.name: question for group in self.all_groups for question in group.questions}

    @cached_property
    def all_groups(self) -> tuple[Group, ...]:
        """All groups, each before those inside it."""
        return tuple(_with_inner(self.groups))

    @cached_property
    def vocabularies(self) -> tuple[str, ...]:
        """The names of the vocabularies from which answers are chosen, in the order of their use."""
        return tuple(dict.fromkeys(each.of for each in self.questions.values() if each.of))


def usable_terms(of: str) -> Mapping[str, Term]:
    """The terms of a vocabulary that a form offers: those without a last day."""
    return {word: term for word, term in vocabulary(of).terms.items() if term.until is None}


@cache
def shipped_outline(name: str) -> Outline:
    """The outline of this name that ships. Raises BadInput where there is none."""
    folder = resources.files(__package__)
    names = sorted(part.name[:-5] for part in folder.iterdir() if part.name.endswith(".toml"))
    if name not in names:
        raise BadInput(f"A field form is one of {', '.join(names)}: found {name!r}.")
    return read_outline(folder.joinpath(f"{name}.toml").read_text("utf-8"))


def read_outline(text: str) -> Outline:
    """The outline written in this TOML text.

    Raises BadInput where the text is no TOML, a part is missing, a label lacks a language, a kind or
    vocabulary is not known, or a condition names a question that is not asked.
    """
    try:
        raw = tomllib.loads(text)
        groups = [_group(row) for row in raw["groups"]]
        outline = Outline(
            form=raw["form"],
            edition=raw["edition"],
            title=raw["title"],
            languages=raw["languages"],
            messages=raw["messages"],
            groups=_nested(groups, ""),
        )
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"A field form is a TOML file: {error}; correct that line.") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"The field form lacks a part or has one that is not known: {error}.") from None
    _check(outline, len(groups))
    return outline


def _group(row: Mapping[str, Any]) -> Group:
    rest = {key: value for key, value in row.items() if key not in {"questions", "for_each", "only", "when"}}
    group = Group(**rest, when=_conditions(row.get("when", {}), ""))
    terms = _terms(row)
    questions = [
        _question(spec, group.path, word, labels)
        for word, labels in terms
        for spec in row.get("questions", ())
    ]
    return replace(group, questions=tuple(questions))


def _terms(row: Mapping[str, Any]) -> list[tuple[str, Words]]:
    """The terms for which the group's questions stand, with their labels; one without a name where
    they stand once."""
    if "for_each" not in row:
        return [("", {})]
    terms = usable_terms(row["for_each"])
    return [(word, terms[word].labels) for word in row.get("only", terms)]


def _question(spec: Mapping[str, Any], group: str, word: str, labels: Words) -> Question:
    rest = {
        key: value for key, value in spec.items() if key not in {"name", "label", "hint", "when", "spans"}
    }
    if "at_least" in rest:
        rest["at_least"] = rest["at_least"].replace("{word}", word)
    return Question(
        **rest,
        name=spec["name"].replace("{word}", word),
        group=group,
        label=_labelled(spec["label"], labels),
        hint=_labelled(spec.get("hint", {}), labels),
        when=_conditions(spec.get("when", {}), word),
        spans=tuple(spec.get("spans", ())),
    )


def _labelled(texts: Words, labels: Words) -> Words:
    return {language: text.replace("{label}", labels.get(language, "")) for language, text in texts.items()}


def _conditions(raw: Mapping[str, Any], word: str) -> Mapping[str, tuple[str, ...]]:
    return {name.replace("{word}", word): tuple(answers) for name, answers in raw.items()}


def _nested(groups: list[Group], inside: str) -> tuple[Group, ...]:
    return tuple(
        replace(group, groups=_nested(groups, group.path)) for group in groups if group.inside == inside
    )


def _with_inner(groups: tuple[Group, ...]) -> Iterator[Group]:
    for group in groups:
        yield group
        yield from _with_inner(group.groups)


def _check(outline: Outline, written: int) -> None:
    """Raises BadInput for the first fault of the outline."""
    names = [*outline.questions, *(group.name for group in outline.all_groups)]
    asked = sum(len(group.questions) for group in outline.all_groups)
    if len(outline.all_groups) < written or len(set(names)) < asked + len(outline.all_groups):
        raise BadInput(
            f"The groups and questions of the field form {outline.form} need names of their own, and groups "
            "lie inside groups that there are: found one that does not; correct it."
        )
    for group in outline.all_groups:
        _check_words(outline, group.name, group.label)
        _check_conditions(outline, group.name, group.when)
        for question in group.questions:
            _check_question(outline, question)


def _check_question(outline: Outline, question: Question) -> None:
    if question.kind not in KINDS:
        raise BadInput(
            f"The question {question.name} is of the kind {question.kind!r}: use one of {', '.join(KINDS)}."
        )
    if bool(question.of) != (question.kind in CHOSEN):
        raise BadInput(
            f"A question of the kinds {' and '.join(CHOSEN)}, and no other, needs a vocabulary: found "
            f"{question.of or 'none'} at {question.name}; correct it."
        )
    vocabulary("sensitivity").check(question.sensitivity)
    if question.of:
        terms = vocabulary(question.of)
        for word in filter(None, (question.default, question.alone, *question.needs_all)):
            terms.check(word)
    _check_words(outline, question.name, question.label)
    if question.hint:
        _check_words(outline, question.name, question.hint)
    others = (question.at_least, *question.spans, *question.needs_all.values())
    _check_conditions(outline, question.name, question.when)
    _check_conditions(outline, question.name, {other: (ANY,) for other in others if other})


def _check_words(outline: Outline, name: str, words: Words) -> None:
    if set(words) != set(LANGUAGES) or not all(words.values()) or set(outline.languages) != set(LANGUAGES):
        raise BadInput(
            f"The field form {outline.form} is written in {', '.join(LANGUAGES)}: {name} is in "
            f"{', '.join(words) or 'none'}; add the others."
        )


def _check_conditions(outline: Outline, name: str, when: Mapping[str, tuple[str, ...]]) -> None:
    for asked, answers in when.items():
        if asked not in outline.questions:
            raise BadInput(
                f"The condition of {name} names the question {asked!r}: there is none; correct it."
            )
        of = outline.questions[asked].of
        for answer in answers:
            if of and answer != ANY:
                vocabulary(of).check(answer)
