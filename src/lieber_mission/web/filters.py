"""Reading filters from an address. What cannot be used gets a sentence, never an error page."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.http import HttpRequest

from lieber.assess import Tier
from lieber.base import BadInput, parse_day

_LONGEST = 200
_LONGEST_ADDRESS = 2_048
_MOST_PAGES = 10_000_000
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def text(request: HttpRequest, name: str) -> str:
    """A filter's text. Raises BadInput where it is very long or holds a NUL."""
    value = request.GET.get(name, "").strip()
    if len(value) > _LONGEST or "\x00" in value:
        raise BadInput(f"The filter “{name}” takes at most {_LONGEST} characters of text; shorten it.")
    return value


def address(request: HttpRequest, name: str) -> str:
    """An address that a link brings along; nothing where it is longer than one can be."""
    value = request.GET.get(name, "").strip()
    return value if len(value) <= _LONGEST_ADDRESS and value.isprintable() else ""


def page_number(request: HttpRequest) -> int:
    """The page asked for; the first where none is."""
    value = request.GET.get("page", "1")
    if not (value.isascii() and value.isdigit()) or not 0 < int(value[:9]) <= _MOST_PAGES:
        raise BadInput(f"A page is a number from 1: found {value[:20]!r}.")
    return int(value[:9])


def tier(request: HttpRequest, default: Tier | None = None) -> Tier | None:
    """The tier asked for."""
    value = text(request, "tier")
    return Tier.of(value) if value else default


def day(request: HttpRequest, name: str) -> date | None:
    """A day asked for. Raises BadInput for one of another age: each month of a window is drawn."""
    value = text(request, name)
    asked = parse_day(value) if value else None
    if asked and not _FIRST_YEAR <= asked.year <= _LAST_YEAR:
        raise BadInput(f"A day lies in the years {_FIRST_YEAR} to {_LAST_YEAR}: found {asked}.")
    return asked


def one_of(request: HttpRequest, name: str, words: Collection[str]) -> str:
    """One of some words; empty, which means any, where the address has none of them."""
    value = text(request, name)
    return value if value in words else ""
