"""The vocabularies of the method, and the tables that lead other codings to them.

The terms are data: one TOML file for each vocabulary, in the folders `vocabularies` of this chapter
and of `collect`. Other people's codings keep their own words in the accounts; a table in the
folder `codings` says which standard terms those words compel, and no more than they compel:
"shot" is a firearm at a range that nobody stated.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from ..base import BadInput
from ..collect.vocabulary import Term, Vocabulary, shipped_names, shipped_vocabulary

__all__ = ["Coding", "Term", "Vocabulary", "coding", "read_coding", "vocabulary", "vocabulary_names"]

_CHAPTERS = ("lieber.collect", "lieber.code")


def vocabulary_names() -> tuple[str, ...]:
    """The names of all vocabularies, in alphabetical order."""
    return tuple(sorted(name for chapter in _CHAPTERS for name in shipped_names(chapter)))


@cache
def vocabulary(name: str) -> Vocabulary:
    """The vocabulary of this name. Raises BadInput where there is none."""
    for chapter in _CHAPTERS:
        if name in shipped_names(chapter):
            return shipped_vocabulary(chapter, name)
    raise BadInput(f"A vocabulary is one of {', '.join(vocabulary_names())}: found {name!r}.")


@dataclass(frozen=True, slots=True)
class Coding:
    """Somebody's coding, and the standard terms that each of its words compels.

    `columns` leads from a column and a word of it to terms, by vocabulary.
    """

    name: str
    version: str
    effective_from: date
    about: str
    columns: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]]

    def standard(self, column: str, words: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The standard terms that the words of a column compel together, by vocabulary.

        They come in the vocabulary's order, and “unknown” and “undetermined” only where nothing
        better is there. Raises BadInput for a column or word that the coding does not have.
        """
        found: dict[str, set[str]] = {}
        for word in words:
            for name, terms in self._terms(column, word).items():
                found.setdefault(name, set()).update(terms)
        return {name: _in_order(vocabulary(name), terms) for name, terms in found.items()}

    def one(self, column: str, word: str, of: str) -> str:
        """The first standard term of the vocabulary `of` that a single word compels; empty where
        it compels none. Raises BadInput for a column or word that the coding does not have."""
        return (self.standard(column, [word]).get(of) or ("",))[0]

    def _terms(self, column: str, word: str) -> Mapping[str, tuple[str, ...]]:
        if column not in self.columns:
            raise BadInput(
                f"The coding “{self.name}” has the columns {', '.join(self.columns)}: found {column!r}."
            )
        if word not in self.columns[column]:
            raise BadInput(
                f"In the column {column} of the coding “{self.name}” one of "
                f"{', '.join(self.columns[column])} was expected: found {word!r}; "
                "correct it or add it to the coding."
            )
        return self.columns[column][word]


@cache
def coding(name: str) -> Coding:
    """The coding of this name that ships. Raises BadInput where there is none."""
    folder = resources.files("lieber.code").joinpath("codings")
    names = sorted(part.name[:-5] for part in folder.iterdir() if part.name.endswith(".toml"))
    if name not in names:
        raise BadInput(f"A coding is one of {', '.join(names)}: found {name!r}.")
    return read_coding(name, folder.joinpath(f"{name}.toml").read_text("utf-8"))


def read_coding(name: str, text: str) -> Coding:
    """The coding that this TOML text holds.

    Raises BadInput where the text is no TOML, a part is missing, or a term is not a standard one.
    """
    try:
        raw = tomllib.loads(text)
        return Coding(
            name=name,
            version=raw["version"],
            effective_from=raw["effective_from"],
            about=raw["about"],
            columns={
                column: {word: _checked(terms) for word, terms in words.items()}
                for column, words in raw["columns"].items()
            },
        )
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"The coding “{name}” must be a TOML text: {error}; correct that line.") from None
    except (KeyError, AttributeError) as error:
        raise BadInput(f"The coding “{name}” lacks a part: {error}; see another coding.") from None


# Terms that give way to any other of their vocabulary.
_GIVE_WAY = frozenset({"unknown", "undetermined"})


def _checked(terms: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(vocabulary(name).check(word) for word in words) for name, words in terms.items()}


def _in_order(of: Vocabulary, terms: set[str]) -> tuple[str, ...]:
    kept = terms - _GIVE_WAY or terms
    return tuple(word for word in of.words if word in kept)
