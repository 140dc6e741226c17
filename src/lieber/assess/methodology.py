"""The methodology as data: what counts, how a tier is reached, how open dates are taken.

A mission's methodology is a TOML file with a version; each figure cites it (R-01). The one that
ships is `methodology.toml` beside this module.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

from ..base import BadInput


@dataclass(frozen=True, slots=True)
class Route:
    """One way to a tier: so many origins, of so many kinds, with these facts coded as met."""

    tier: str
    name: str
    reason: str
    origins: int
    kinds: int
    of: frozenset[str]
    examined: bool
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cap:
    """A fact that holds an incident at a tier whatever its origins."""

    fact: str
    tier: str
    reason: str


# What a methodology that says nothing of reviewers asks for: one from *verified* upward.
REVIEWERS: Mapping[str, int] = {"verified": 1, "adjudicated": 1}
# More than this nobody waits for.
MOST_REVIEWERS = 5


@dataclass(frozen=True, slots=True)
class Methodology:
    """A version of the mission's published rules."""

    version: str
    effective_from: date
    title: str
    series: str
    other_series: tuple[str, ...]
    killing_needed: int
    undated_reach_days: int
    examined: Mapping[str, frozenset[str]]
    routes: tuple[Route, ...]
    caps: tuple[Cap, ...]
    # Tier -> how many reviewers who are not the author must agree; tiers that are not named need none.
    reviewers: Mapping[str, int]

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that routes need or that hold an incident back, each once, in the order of the file."""
        needed = (fact for route in self.routes for fact in sorted(route.needs))
        return tuple(dict.fromkeys([*needed, *(cap.fact for cap in self.caps)]))


def read_methodology(text: str) -> Methodology:
    """The methodology written in this TOML text.

    Raises BadInput where the text is no TOML or a part is missing.
    """
    try:
        raw = tomllib.loads(text)
        return Methodology(
            version=raw["version"],
            effective_from=raw["effective_from"],
            title=raw["title"],
            series=raw["inclusion"]["series"],
            other_series=tuple(raw["inclusion"]["other_series"]),
            killing_needed=raw["inclusion"]["killing_needed"],
            undated_reach_days=raw["dates"]["undated_reach_days"],
            examined={kind: frozenset(checks) for kind, checks in raw["examined"].items()},
            routes=tuple(_route(part) for part in raw["route"]),
            caps=tuple(Cap(**part) for part in raw.get("cap", [])),
            reviewers=_reviewers(raw.get("review", {}).get("reviewers", REVIEWERS)),
        )
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"A methodology is a TOML file: {error}.") from None
    except (KeyError, TypeError) as error:
        raise BadInput(f"The methodology lacks a part or has one that is not known: {error}.") from None


def shipped_methodology() -> Methodology:
    """The methodology that ships with the method."""
    return read_methodology(resources.files(__package__).joinpath("methodology.toml").read_text("utf-8"))


def _reviewers(raw: Mapping[str, Any]) -> Mapping[str, int]:
    """The reviewers by tier, never fewer than the two-person rule asks for."""
    for tier, number in {**dict.fromkeys(REVIEWERS, 0), **raw}.items():
        least = REVIEWERS.get(tier, 0)
        if not isinstance(number, int) or not least <= number <= MOST_REVIEWERS:
            raise BadInput(
                f"The tier {tier} needs {least} to {MOST_REVIEWERS} reviewers (R-17): found {number!r}; "
                "correct the methodology."
            )
    return dict(raw)


def _route(part: Mapping[str, Any]) -> Route:
    return Route(
        tier=part["tier"],
        name=part["name"],
        reason=part["reason"],
        origins=part["origins"],
        kinds=part.get("kinds", 1),
        of=frozenset(part.get("of", ())),
        examined=part.get("examined", False),
        needs=frozenset(part.get("needs", ())),
    )
