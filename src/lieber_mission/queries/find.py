"""Find anything: by id, title, place, address, source, summary, office; only what the viewer may know of.

Nothing here goes through a whole large table: an id is looked up in its index, and words are looked for
among the newest rows of each kind (`REACH`), latest first, until a few are found. Letters are taken as
large or small alike by asking for the word in the four ways in which people write it: the comparison of
the database itself knows only A to Z, and ours is a hundred times slower (`queries.text_search`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from ..models import (
    Account,
    FollowUp,
    Item,
    Officer,
    Overview,
    PublicStatement,
    RegisterRow,
    Source,
    Tally,
    register_models,
)
from ..policies.permissions import Deed, Viewer, check_may, may
from .compartments import seen_by
from .desk import blind_to
from .erasures import not_erased
from .standing import folded

# How many rows of a kind are looked through, newest first, and how many of it are shown.
REACH = 5_000
SHOWN = 8
LEAST = 2
_LONGEST_WORD, _MOST_WORDS = 60, 6


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that was found: what kind it is, its id, what it is called, and what stands beside that."""

    kind: str
    thing: str
    title: str
    beside: str = ""


def find(words: str, *, viewer: Viewer) -> list[Found]:
    """What these words find, the id first, then kind by kind. Raises NotAllowed."""
    check_may(viewer, Deed.READ_REGISTER)
    asked = [word[:_LONGEST_WORD] for word in words.replace("\x00", " ").split()][:_MOST_WORDS]
    if len("".join(asked)) < LEAST:
        return []
    found = list(_by_id(words.strip().upper(), viewer))
    for kind in (_incidents, _statements, _follow_ups, _items, _accounts, _tallies, _officers):
        found += kind(asked, viewer)
    return list({(each.kind, each.thing): each for each in found}.values())


def _by_id(text: str, viewer: Viewer) -> Iterable[Found]:
    """Things whose id begins so; a range in the index, since LIKE would look at every row."""
    if len(text) < 6 or text[3] != "-" or not text.isascii():
        return
    for model in register_models():
        if model.prefix == text[:3] and model.kind in _CALLED:
            rows = model.objects.as_of(None).filter(thing__gte=text, thing__lt=f"{text}~")
            yield from map(_CALLED[model.kind], not_erased(seen_by(rows, viewer)).order_by("thing")[:SHOWN])


def _incident(row: Any) -> Found:
    return Found("incident", row.thing, row.title)


def _item(row: Any) -> Found:
    return Found("item", row.thing, row.address or row.thing, row.language)


def _account(row: Any) -> Found:
    return Found("account", row.thing, row.summary[:200] or row.thing, row.place_name)


def _statement(row: Any) -> Found:
    made = row.made_on.isoformat() if row.made_on else ""
    return Found(
        "statement",
        row.thing,
        row.summary[:200] or row.speaker_office,
        f"{row.speaker_office} {made}".strip(),
    )


def _follow_up(row: Any) -> Found:
    return Found("follow-up", row.thing, row.subject, row.addressee or row.party)


def _tally(row: Any) -> Found:
    return Found(
        "tally",
        row.thing,
        f"{row.authority}: {row.value if row.value is not None else '?'} {row.unit}",
        row.scope[:200],
    )


_CALLED: Mapping[str, Callable[[Any], Found]] = {
    "incident": _incident,
    "item": _item,
    "account": _account,
    "public_statement": _statement,
    "follow_up": _follow_up,
    "tally": _tally,
}


def _newest(model: type[RegisterRow], reach: int = REACH) -> QuerySet[Any]:
    """The latest versions among the newest rows of a table."""
    edge = model.objects.order_by("-entry").values_list("entry", flat=True)[reach : reach + 1]
    first = next(iter(edge), 0)
    rows: QuerySet[Any] = model.objects.as_of(None).filter(entry__gte=first).order_by("-entry")
    return rows


def _holding(words: Iterable[str], *fields: str) -> Q:
    """That each word stands in one of the fields, in one of the ways in which it is written."""
    wanted = Q()
    for word in words:
        ways = dict.fromkeys((word, word.lower(), word.capitalize(), word.upper()))
        somewhere = Q()
        for field in fields:
            for way in ways:
                somewhere |= Q(GreaterThan(StrIndex(field, Value(way)), 0))
        wanted &= somewhere
    return wanted


def _incidents(words: list[str], viewer: Viewer) -> list[Found]:
    """All incidents, by title and place: the overview holds both as they are searched."""
    del viewer  # no incident lies in a compartment
    rows = Overview.objects.as_of(None)
    for number, word in enumerate(words):
        titled, placed = f"title_{number}", f"place_{number}"
        ways = {
            titled: StrIndex("title_words", Value(folded(word))),
            placed: StrIndex("place_words", Value(folded(word))),
        }
        rows = rows.alias(**ways).filter(Q(**{f"{titled}__gt": 0}) | Q(**{f"{placed}__gt": 0}))
    # In no order: the table is read as it lies, and no further than the last of those that are shown.
    return [Found("incident", row.incident, row.title, row.place) for row in rows.order_by()[:SHOWN]]


def _items(words: list[str], viewer: Viewer) -> list[Found]:
    sources = list(_newest(Source).filter(_holding(words, "name")).values_list("thing", "name")[:SHOWN])
    rows = seen_by(_newest(Item), viewer)
    found = list(rows.filter(_holding(words, "address"))[:SHOWN])
    if len(found) < SHOWN and sources:
        found += list(rows.filter(source__in=[thing for thing, _ in sources])[: SHOWN - len(found)])
    names = dict(sources)
    return [Found("item", row.thing, row.address or row.thing, names.get(row.source, "")) for row in found]


def _accounts(words: list[str], viewer: Viewer) -> list[Found]:
    rows = not_erased(seen_by(_newest(Account), viewer)).exclude(thing__in=blind_to(viewer))
    return [_account(row) for row in rows.filter(_holding(words, "summary", "place_name"))[:SHOWN]]


def _statements(words: list[str], viewer: Viewer) -> list[Found]:
    rows = seen_by(_newest(PublicStatement), viewer)
    fields = ("summary", "speaker_office", "speaker_name", "literal_text")
    return [_statement(row) for row in rows.filter(_holding(words, *fields))[:SHOWN]]


def _follow_ups(words: list[str], viewer: Viewer) -> list[Found]:
    rows = seen_by(_newest(FollowUp), viewer)
    return [_follow_up(row) for row in rows.filter(_holding(words, "subject", "addressee"))[:SHOWN]]


def _tallies(words: list[str], viewer: Viewer) -> list[Found]:
    rows = seen_by(_newest(Tally), viewer)
    return [_tally(row) for row in rows.filter(_holding(words, "authority", "scope"))[:SHOWN]]


def _officers(words: list[str], viewer: Viewer) -> list[Found]:
    """Officers by title, for whoever manages them."""
    if not may(viewer, Deed.MANAGE_OFFICERS):
        return []
    rows = Officer.objects.filter(_holding(words, "title", "handle"), is_active=True).order_by("title")
    return [Found("officer", row.officer_id, row.title, row.handle) for row in rows[:SHOWN]]
