"""Sentences of errors in the officer's language.

The method and the site raise their sentences in English: the method knows no language of a page. Here a
sentence is recognised by what stands between its values, and said in the language of the page; one that
is not recognised is said as it was raised. The catalogue is `locale/*/LC_MESSAGES/sentences.po`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from django.utils.translation import get_language

from lieber.code import vocabulary

_PLACE = re.compile(r"\{(\d+)\}")
# A value may be a word or a sentence of the catalogue itself, and one within that; no deeper.
_DEEPEST = 2
# The vocabularies whose terms stand in sentences of the method.
_TERMS = ("tier", "origin_kind", "likeness_turn")


def said(sentence: str, *, language: str = "") -> str:
    """The sentence in a language, that of the page where none is named."""
    return _said(sentence, (language or get_language() or "en")[:2], _DEEPEST)


def _said(sentence: str, language: str, deeper: int) -> str:
    for pattern, translation in _patterns(language):
        if found := pattern.fullmatch(sentence):
            values = [_said(value, language, deeper - 1) if deeper else value for value in found.groups()]
            return _filled(translation, values)
    return _term(sentence, language)


def _term(word: str, language: str) -> str:
    """A term that a sentence names, by its label; what explains it in brackets is left out."""
    for name in _TERMS:
        if (term := word.replace(" ", "_")) in vocabulary(name).words:
            return vocabulary(name).label(term, language).partition(" (")[0]
    return word


def _filled(translation: str, values: Sequence[str]) -> str:
    return _PLACE.sub(lambda place: values[int(place[1])], translation)


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """How each sentence is recognised, those with the most words of their own first."""
    catalogue = resources.files("lieber_mission").joinpath(
        "locale", language, "LC_MESSAGES", "sentences.json"
    )
    if not catalogue.is_file():
        return ()
    sentences: dict[str, str] = json.loads(catalogue.read_text("utf-8"))
    listed = sorted(sentences, key=lambda sentence: -len(_PLACE.sub("", sentence)))
    return tuple((_recognised(sentence), sentences[sentence]) for sentence in listed)


def _recognised(sentence: str) -> re.Pattern[str]:
    # the parts between values; every second one is a value's number
    parts = _PLACE.split(sentence)
    return re.compile(
        "".join("(.*?)" if number % 2 else re.escape(part) for number, part in enumerate(parts)), re.DOTALL
    )
