"""The figures of the first page: a few recipes that the mission named, each party by the same ones.

`[[headline]]` tables in mission.toml name them: `since`, `until` (days), `tiers` (words) and, where only some
are wanted, `parties`. A mission that named none sees every party, alleged and credible, without a window.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from typing import Any

from lieber.assess import Tier, shipped_methodology
from lieber.base import BadInput, Window
from lieber.publish import Bounds, Part, compute, group_by

from .. import place
from ..models import Entry, Finding, Judgement
from ..policies.permissions import Deed, Viewer, check_may
from . import log
from .figures import Question, counted_findings, parties
from .log import is_replayed

TIERS = (Tier.CREDIBLE, Tier.ALLEGED)


@dataclass(frozen=True, slots=True)
class Headline:
    """What is asked: a window, tiers, and the parties, all where none is named."""

    window: Window
    tiers: tuple[Tier, ...]
    parties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeadlineValue:
    """The value of one tier for one party."""

    party: str
    tier: Tier
    victims: Bounds
    incidents: Bounds
    open_maxima: int


@dataclass(frozen=True, slots=True)
class HeadlineFigures:
    """A headline with its values, and the months of each party by the highest of its tiers."""

    headline: Headline
    as_of: datetime
    methodology: str
    values: tuple[HeadlineValue, ...]
    months: Mapping[str, tuple[Part, ...]]
    month_tier: Tier

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties in their order."""
        return tuple(dict.fromkeys(value.party for value in self.values))


def headlines() -> tuple[Headline, ...]:
    """The recipes of this mission. Raises BadInput where mission.toml holds one that is none."""
    said = place.mission().get("headline")
    if said is None and is_replayed():
        text = resources.files("lieber_mission").joinpath("example", "headline.toml").read_text("utf-8")
        said = tomllib.loads(text)["headline"]
    return tuple(_headline(row) for row in said or [{}])


def _headline(row: Mapping[str, Any]) -> Headline:
    since, until = row.get("since"), row.get("until")
    if not all(day is None or type(day) is date for day in (since, until)):
        raise BadInput(
            "A day of a [[headline]] in mission.toml is written 2024-08-31 without quotation marks."
        )
    try:
        tiers = tuple(Tier.of(word) for word in row.get("tiers", [tier.word for tier in TIERS]))
        return Headline(Window(since, until), tiers or TIERS, tuple(row.get("parties", ())))
    except (TypeError, AttributeError) as error:
        raise BadInput(f"A [[headline]] in mission.toml cannot be used: {error}; correct it.") from None


# Above this number of versions of findings the figures are counted apart from the page that shows them, and
# those of so many minutes ago are shown meanwhile, with their instant.
MOST_AT_ONCE = 20_000
SHOWN_FOR = timedelta(minutes=10)


def headline_figures(
    *, viewer: Viewer, at: datetime, at_once: bool = False
) -> tuple[HeadlineFigures, ...] | None:
    """The figures of the first page as of the last entry, or of a few minutes ago where the register is
    large; None where they must be counted first and nobody said `at_once`.

    They rest on findings and merges alone: as long as neither is recorded they are not counted anew.
    Raises NotAllowed or BadInput.
    """
    check_may(viewer, Deed.READ_REGISTER)
    as_of, mark, asked = log.settled(at), _mark(), headlines()
    if not at_once and mark not in _KNOWN and _is_large():
        return _LAST[-1] if _LAST and at - _LAST[-1][0].as_of < SHOWN_FOR else None
    version = shipped_methodology().version
    found = tuple(HeadlineFigures(each, as_of, version, *_counted(each, mark)) for each in asked)
    _KNOWN[:], _LAST[:] = [mark], [found]
    return found


# What this process counted last: the mark of the log, and the figures.
_KNOWN: list[bytes] = []
_LAST: list[tuple[HeadlineFigures, ...]] = []


def _is_large() -> bool:
    last = Finding.objects.order_by("-row_id").values_list("row_id", flat=True).first()
    return last is not None and last > MOST_AT_ONCE


def _mark() -> bytes:
    """The hashes of the last entries that a figure can rest on: a finding, a judgement between incidents."""
    # Listed and not asked for the largest: the database would walk the log for it, and merges are few.
    merged = list(Judgement.objects.filter(of_incidents=True).values_list("entry", flat=True))
    last = [
        Finding.objects.order_by("-entry").values_list("entry", flat=True).first(),
        max(merged, default=None),
    ]
    nodes = Entry.objects.filter(index__in=[entry for entry in last if entry is not None])
    return b"".join(bytes(part)[:32] for part in nodes.order_by("index").values_list("nodes", flat=True))


_Counted = tuple[tuple[HeadlineValue, ...], Mapping[str, tuple[Part, ...]], Tier]


@lru_cache(maxsize=16)
def _counted(headline: Headline, _mark: bytes) -> _Counted:
    """The values, and the months of the highest tier, each party by one reading of its findings."""
    methodology = shipped_methodology()
    values: list[HeadlineValue] = []
    months: dict[str, tuple[Part, ...]] = {}
    for party in headline.parties or parties():
        lowest = Question(party, headline.window, min(headline.tiers))
        recipe = lowest.recipe(as_of=_NOW, methodology=methodology)
        findings = list(counted_findings(None, within=recipe))
        for tier in headline.tiers:
            counted = compute(replace(recipe, tier=tier), findings, killing_needed=methodology.killing_needed)
            values.append(HeadlineValue(party, tier, counted.victims, counted.incidents, counted.open_maxima))
            if tier is max(headline.tiers):
                months[party] = group_by(counted, "month")
    return tuple(values), months, max(headline.tiers)


# Only words of the recipe: what was known decides which findings are read, and that is all of them.
_NOW = datetime(2022, 2, 24, tzinfo=UTC)
