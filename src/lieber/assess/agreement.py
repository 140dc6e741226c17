"""Which terms the accounts of an incident agree on, one voice for each origin (R-07)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable

UNKNOWN = "unknown"


def asserted_by_most(accounts: Iterable[tuple[Hashable, Collection[str]]]) -> tuple[str, ...]:
    """The terms that more than half of the origins assert, in order of name.

    Each account is given as its origin (or set of origins) and the terms it asserts; an account
    that asserts nothing, or only `unknown`, has no voice. Copies speak with one voice: an origin
    asserts a term where at least half of its accounts do.
    """
    voices: dict[Hashable, list[frozenset[str]]] = {}
    for origin, terms in accounts:
        if said := frozenset(terms) - {UNKNOWN, ""}:
            voices.setdefault(origin, []).append(said)
    tally = Counter(term for copies in voices.values() for term in _said_by_half(copies))
    return tuple(sorted(term for term, number in tally.items() if 2 * number > len(voices)))


def _said_by_half(copies: Collection[frozenset[str]]) -> list[str]:
    tally = Counter(term for copy in copies for term in copy)
    return [term for term, number in tally.items() if 2 * number >= len(copies)]


def said_by_most(accounts: Iterable[tuple[Hashable, str]]) -> str:
    """The value that most origins give, of equal ones the first in order; empty where none says one.

    An origin whose accounts give several values speaks for the one that most of them give.
    """
    by_origin: dict[Hashable, list[str]] = {}
    for origin, value in accounts:
        if value and value != UNKNOWN:
            by_origin.setdefault(origin, []).append(value)
    return _most([_most(said) for said in by_origin.values()])


def _most(values: Collection[str]) -> str:
    tally = Counter(values)
    return min(tally, key=lambda value: (-tally[value], value), default="")
