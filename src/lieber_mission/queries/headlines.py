"""The figures of the first page: a few recipes that the mission named, each party by the same ones.

`[[headline]]` tables in mission.toml name them: `since`, `until` (days), `tiers` (words) and, where only some
are wanted, `parties`. A mission that named none sees every party, alleged and credible, without a window.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from typing import Any

from lieber.assess import Tier, shipped_methodology
from lieber.base import BadInput, Window
from lieber.publish import Bounds, Part

from .. import place
from ..policies.permissions import Deed, Viewer, check_may
from . import log
from .figures import Question
from .log import is_replayed
from .remembered import at_hand, counted, values

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


def headline_figures(
    *, viewer: Viewer, at: datetime, at_once: bool = False
) -> tuple[HeadlineFigures, ...] | None:
    """The figures of the first page as of the last entry; None where many findings must be read first and
    nobody said `at_once`.

    Raises NotAllowed or BadInput.
    """
    check_may(viewer, Deed.READ_REGISTER)
    if not at_once and not at_hand():
        return None
    as_of, known = log.settled(at), values("victim_party", None)
    return tuple(_counted(each, known, viewer=viewer, as_of=as_of) for each in headlines())


def _counted(headline: Headline, known: Sequence[str], *, viewer: Viewer, as_of: datetime) -> HeadlineFigures:
    """The values, and the months of the highest tier, each party by the same recipe."""
    found: list[HeadlineValue] = []
    months: dict[str, tuple[Part, ...]] = {}
    for party in headline.parties or known:
        for tier in headline.tiers:
            question = Question(party, headline.window, tier)
            figure = counted(question, viewer=viewer, as_of=as_of)
            found.append(HeadlineValue(party, tier, figure.victims, figure.incidents, figure.open_maxima))
            if tier is max(headline.tiers):
                months[party] = figure.group_by("month")
    version = shipped_methodology().version
    return HeadlineFigures(headline, as_of, version, tuple(found), months, max(headline.tiers))
