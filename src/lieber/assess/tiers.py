"""Tiers and the corroboration rule (R-07, R-08).

The methodology proposes a tier with its reason; a named person records it, and may record
another only with a written reason. A proposal rests on *origins*: any number of accounts of one
origin proposes what one of them proposes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from ..base import BadInput
from .methodology import Methodology, Route


class Tier(IntEnum):
    """How firmly the mission holds that an incident happened; higher includes what is lower.

    The order is the rule: raising the threshold never raises a count (R-14).
    """

    DISCOUNTED = 0
    ALLEGED = 1
    CREDIBLE = 2
    VERIFIED = 3
    ADJUDICATED = 4

    @property
    def word(self) -> str:
        """The word that is stored and shown."""
        return self.name.lower()

    @property
    def meaning(self) -> str:
        """What the tier says of an incident, in one line."""
        return MEANINGS[self]

    @classmethod
    def of(cls, word: str) -> Tier:
        """The tier with this word. Raises BadInput for any other word."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise BadInput(
                f"A tier is one of {', '.join(tier.word for tier in cls)}: found {word!r}."
            ) from None


MEANINGS = {
    Tier.DISCOUNTED: "examined, and it does not meet the definition or is refuted",
    Tier.ALLEGED: "reported, not corroborated",
    Tier.CREDIBLE: "recorded: source and content assessed credible",
    Tier.VERIFIED: "reasonable grounds to believe, on independent corroboration",
    Tier.ADJUDICATED: "established by a court or admitted by the party",
}


@dataclass(frozen=True, slots=True)
class AssessedOrigin:
    """One independent origin of an incident, with the checks the mission made on it."""

    key: str
    kind: str
    checks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a tier is proposed on: the independent origins and the facts coded as met."""

    origins: frozenset[AssessedOrigin]
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed tier, the route that leads there and the reasons in words."""

    tier: Tier
    route: str
    reasons: tuple[str, ...] = field(default=())


def propose_tier(grounds: Grounds, methodology: Methodology) -> Proposal:
    """The highest tier that a route of the methodology reaches and no cap forbids.

    Without any origin an incident is alleged: it stands in the register because somebody spoke of
    it, and nothing supports it yet.
    """
    reached = [route for route in methodology.routes if _reaches(route, grounds, methodology)]
    caps = [cap for cap in methodology.caps if cap.fact in grounds.facts]
    ceiling = min((Tier.of(cap.tier) for cap in caps), default=Tier.ADJUDICATED)
    allowed = [route for route in reached if Tier.of(route.tier) <= ceiling]
    best = max(allowed, key=lambda route: Tier.of(route.tier), default=None)
    tier, name = (Tier.of(best.tier), best.name) if best else (Tier.ALLEGED, "nothing coded yet")
    reasons = [best.reason] if best else ["no account coded yet"]
    reasons.append(_origins_in_words(grounds.origins))
    if any(Tier.of(route.tier) > ceiling for route in reached):
        reasons += [f"held at {cap.tier}: {cap.reason}" for cap in caps]
    return Proposal(tier, name, tuple(reasons))


def _reaches(route: Route, grounds: Grounds, methodology: Methodology) -> bool:
    if not route.needs <= grounds.facts:
        return False
    counted = [
        origin
        for origin in grounds.origins
        if (not route.of or origin.kind in route.of)
        and (not route.examined or _examined(origin, methodology))
    ]
    return (
        len({origin.key for origin in counted}) >= route.origins
        and len({origin.kind for origin in counted}) >= route.kinds
    )


def _examined(origin: AssessedOrigin, methodology: Methodology) -> bool:
    needed = methodology.examined.get(origin.kind)
    return needed is not None and needed <= origin.checks


def _origins_in_words(origins: Iterable[AssessedOrigin]) -> str:
    kinds = sorted({origin.key: origin.kind for origin in origins}.values())
    if not kinds:
        return "no origin known"
    listed = ", ".join(kind.replace("_", " ") for kind in kinds)
    if len(kinds) == 1:
        return f"1 independent origin: {listed}"
    return f"{len(kinds)} independent origins: {listed}"
