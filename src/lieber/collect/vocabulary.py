"""Vocabularies: lists of terms as data, with versions, days of effect and labels.

In: a TOML text, as in the folders `vocabularies` of the chapters. Out: a `Vocabulary` that knows
its terms and refuses others with the near ones named.

    version = "1.0"
    effective_from = 2022-02-24
    about = "What a public utterance does."
    rests_on = "Rome Statute 8(2)(b)(xii)"

    [terms]
    order = { en = "order", uk = "наказ", means = "an instruction to persons who are to obey" }

A term that is no longer used gets `until = <day>` and stays: what was coded with it can be read.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any

from ..base import BadInput

LANGUAGES = ("en", "uk", "ru")
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Term:
    """One term: its word as it is stored, its labels by language, and what it means in English.

    `broader` is the wider term of which this one is a kind; `since` and `until` are the first and
    last day on which it may be used, None where open.
    """

    word: str
    labels: Mapping[str, str]
    means: str
    broader: str = ""
    since: date | None = None
    until: date | None = None

    def usable_on(self, day: date) -> bool:
        """True where the term is in effect on the day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A versioned list of terms, in the order of its file."""

    name: str
    version: str
    effective_from: date
    about: str
    rests_on: str
    terms: Mapping[str, Term]

    @property
    def words(self) -> tuple[str, ...]:
        """The words of all terms, in order."""
        return tuple(self.terms)

    @property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """The labels of each term, by language."""
        return {word: term.labels for word, term in self.terms.items()}

    def check(self, word: str, *, on: date | None = None) -> str:
        """The word itself where it is a term (in effect `on` the day).

        Raises BadInput for any other word; the sentence names the near terms.
        """
        term = self.terms.get(word)
        if term is None:
            raise BadInput(
                f"A term of “{self.name}” was expected: found {word!r}; {self._near_in_words(word)}."
            )
        if on is not None and not term.usable_on(on):
            raise BadInput(f"The term {word!r} of “{self.name}” is not in effect on {on}; use another one.")
        return word

    def near(self, word: str) -> tuple[str, ...]:
        """Terms whose word or label looks like this word, the nearest first."""
        spoken = {text.casefold(): term.word for term in self.terms.values() for text in _texts(term)}
        found = difflib.get_close_matches(word.strip().casefold(), spoken, n=_MOST_NAMED * 2)
        return tuple(dict.fromkeys(spoken[text] for text in found))[:_MOST_NAMED]

    def label(self, word: str, language: str = "en") -> str:
        """The term's label in the language, else in English. Raises BadInput for no term."""
        labels = self.terms[self.check(word)].labels
        return labels.get(language) or labels["en"]

    def is_kind_of(self, word: str, wider: str) -> bool:
        """True where the term is the wider one or one of its kinds. Raises BadInput for no term."""
        self.check(wider)
        while word and word != wider:
            word = self.terms[self.check(word)].broader
        return word == wider

    def _near_in_words(self, word: str) -> str:
        if near := self.near(word):
            return f"near it are {', '.join(near)}"
        left = len(self.terms) - _MOST_NAMED
        more = f" and {left} more" if left > 0 else ""
        return f"the terms are {', '.join(self.words[:_MOST_NAMED])}{more}"


def read_vocabulary(name: str, text: str) -> Vocabulary:
    """The vocabulary that this TOML text holds.

    Raises BadInput where the text is no TOML, a part is missing, or a term names a broader one
    that does not exist.
    """
    try:
        raw = tomllib.loads(text)
        terms = {word: _term(word, row) for word, row in raw["terms"].items()}
        vocabulary = Vocabulary(
            name=name,
            version=raw["version"],
            effective_from=raw["effective_from"],
            about=raw["about"],
            rests_on=raw["rests_on"],
            terms=MappingProxyType(terms),
        )
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"The vocabulary “{name}” must be a TOML text: {error}; correct that line.") from None
    except (KeyError, TypeError) as error:
        raise BadInput(
            f"The vocabulary “{name}” lacks a part or has one that is not known: {error}; "
            "see another vocabulary."
        ) from None
    _check_broader(vocabulary)
    return vocabulary


def shipped_names(package: str) -> tuple[str, ...]:
    """The names of the vocabularies in the folder `vocabularies` of a chapter, in order."""
    folder = resources.files(package).joinpath("vocabularies")
    return tuple(sorted(part.name[:-5] for part in folder.iterdir() if part.name.endswith(".toml")))


def shipped_vocabulary(package: str, name: str) -> Vocabulary:
    """The vocabulary of this name in the folder `vocabularies` of a chapter.

    Raises BadInput where the chapter has none of that name.
    """
    names = shipped_names(package)
    if name not in names:
        raise BadInput(f"A vocabulary is one of {', '.join(names)}: found {name!r}.")
    return read_vocabulary(
        name, resources.files(package).joinpath("vocabularies", f"{name}.toml").read_text("utf-8")
    )


def _term(word: str, row: Mapping[str, Any]) -> Term:
    rest = {key: value for key, value in row.items() if key not in LANGUAGES}
    labels = {language: row[language] for language in LANGUAGES if language in row}
    if "en" not in labels:
        raise KeyError(f"en in {word}")
    return Term(word=word, labels=MappingProxyType(labels), **rest)


def _check_broader(vocabulary: Vocabulary) -> None:
    """Raises BadInput where the chain of broader terms leads nowhere or in a circle."""
    terms = vocabulary.terms
    for word in terms:
        seen = {word}
        wider = terms[word].broader
        while wider:
            if wider not in terms or wider in seen:
                raise BadInput(
                    f"In the vocabulary “{vocabulary.name}” the broader term of {word!r} must be another "
                    f"term: found {wider!r}; correct it."
                )
            seen.add(wider)
            wider = terms[wider].broader


def _texts(term: Term) -> tuple[str, ...]:
    return term.word, *term.labels.values()
