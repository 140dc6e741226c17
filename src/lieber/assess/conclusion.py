"""The mission's conclusion on an incident, before it is a row: typed values, and their plain form.

A draft, a proposal before reviewers and a finding hold the same conclusion. Its plain form is JSON: names
and texts, numbers, lists; what reads it back refuses what no finding could be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..base import (
    BadInput,
    DatePrecision,
    LieberError,
    PlacePrecision,
    UncertainCount,
    UncertainDate,
    UncertainPlace,
    parse_day,
)
from .tiers import Tier
from .weighing import PickedClaim, read_alternatives, read_claim, write_alternatives


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a finding says. `tier_reason` is why its tier is not the proposed one; `facts` are those of
    the methodology; `alternatives` leads from the word of an alternative to the answer."""

    tier: Tier
    series: str
    date: UncertainDate
    place: UncertainPlace
    killed: UncertainCount
    victim_party: str
    perpetrator_party: str
    status: str = ""
    manner: str = ""
    facts: tuple[str, ...] = ()
    contested: bool = False
    reasons: str = ""
    tier_reason: str = ""
    alternatives: Mapping[str, str] = field(default_factory=dict)
    claims_for: tuple[PickedClaim, ...] = ()
    claims_against: tuple[PickedClaim, ...] = ()

    @property
    def whole_reasons(self) -> str:
        """The reasons of the finding, that of its tier first."""
        return "\n\n".join(part.strip() for part in (self.tier_reason, self.reasons) if part.strip())

    def plain(self) -> dict[str, Any]:
        """The conclusion as JSON, by names."""
        return {
            "tier": int(self.tier),
            "series": self.series,
            "occurred_earliest": self.date.earliest.isoformat(),
            "occurred_latest": self.date.latest.isoformat(),
            "occurred_best": self.date.best_day.isoformat(),
            "occurred_precision": self.date.precision.value,
            "place_name": self.place.name,
            "settlement": self.place.settlement,
            "district": self.place.district,
            "region": self.place.region,
            "country": self.place.country,
            "latitude": self.place.latitude,
            "longitude": self.place.longitude,
            "place_precision": self.place.precision.value,
            "killed_min": self.killed.min,
            "killed_best": self.killed.best,
            "killed_max": self.killed.max,
            "victim_party": self.victim_party,
            "perpetrator_party": self.perpetrator_party,
            "status": self.status,
            "manner": self.manner,
            "facts": sorted(self.facts),
            "contested": self.contested,
            "reasons": self.reasons,
            "tier_reason": self.tier_reason,
            "alternatives": write_alternatives(self.alternatives),
            "claims_for": [str(claim) for claim in sorted(self.claims_for)],
            "claims_against": [str(claim) for claim in sorted(self.claims_against)],
        }


def read_conclusion(plain: Mapping[str, Any]) -> Conclusion:
    """The conclusion that this JSON is of. Raises BadInput where a part is missing or is none."""
    try:
        return Conclusion(
            tier=Tier(plain["tier"]),
            series=plain["series"],
            date=UncertainDate(
                _day(plain["occurred_earliest"]),
                _day(plain["occurred_latest"]),
                DatePrecision(plain["occurred_precision"]),
                _day(plain["occurred_best"]),
            ),
            place=UncertainPlace(
                name=plain["place_name"],
                settlement=plain["settlement"],
                district=plain["district"],
                region=plain["region"],
                country=plain["country"],
                latitude=plain["latitude"],
                longitude=plain["longitude"],
                precision=PlacePrecision(plain["place_precision"]),
            ),
            killed=UncertainCount(plain["killed_min"], plain["killed_best"], plain["killed_max"]),
            victim_party=plain["victim_party"],
            perpetrator_party=plain["perpetrator_party"],
            status=plain["status"],
            manner=plain["manner"],
            facts=tuple(plain["facts"]),
            contested=bool(plain["contested"]),
            reasons=plain["reasons"],
            tier_reason=plain.get("tier_reason", ""),
            alternatives=read_alternatives(plain["alternatives"]),
            claims_for=tuple(read_claim(text) for text in plain["claims_for"]),
            claims_against=tuple(read_claim(text) for text in plain["claims_against"]),
        )
    except LieberError:
        raise
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadInput(
            f"A conclusion lacks a part or has one that is none: {error}; write it anew."
        ) from None


def _day(value: str | date) -> date:
    return value if isinstance(value, date) else parse_day(value)


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """The names under which two plain conclusions say different things, in the order of the first."""
    return tuple(name for name in one if one[name] != other.get(name))
