"""The short account that the demo prints: a sentence of a press release, opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from lieber.assess import Tier
from lieber.base import Window

from ..actions.example import STORY_SINCE, STORY_UNTIL
from ..policies.permissions import OPERATOR
from ..queries import log
from ..queries.figures import Question, figure, parties
from ..queries.tallies import tallies_beside
from .command import parse_instant
from .figure_output import bounds_json, log_json

CAVEAT = (
    "The example is a convenience sample of public pages, coded as reported: no rate and no trend may be "
    "read from it as an estimate of the truth."
)
# Reporting periods of the UN mission, fixed by it before these numbers were looked at.
LATER = Window(date(2024, 9, 1), date(2024, 11, 30))
EARLIER = Window(date(2023, 12, 1), date(2024, 2, 29))


def story() -> dict[str, Any]:
    """The figures of both parties, the tallies of others beside them, and the rise."""

    window, as_of = Window(STORY_SINCE, STORY_UNTIL), parse_instant(STORY_UNTIL.isoformat())
    figures = []
    for party in parties():
        for tier in (Tier.CREDIBLE, Tier.ALLEGED):
            counted = figure(Question(party, window, tier), viewer=OPERATOR, as_of=as_of, whole=False)
            figures.append(
                {
                    "victims_party": party,
                    "tier": tier.word,
                    "victims": bounds_json(counted.victims),
                    "incidents": bounds_json(counted.incidents),
                    "open_maxima": counted.open_maxima,
                }
            )
    tallies = tallies_beside(window, viewer=OPERATOR, position=log.size(as_of))
    return {
        "window": {"since": STORY_SINCE.isoformat(), "until": STORY_UNTIL.isoformat()},
        "as_of": STORY_UNTIL.isoformat(),
        "figures": figures,
        "tallies": [
            {
                "authority": line.authority,
                "number": line.number,
                "unit": line.unit,
                "scope": line.scope,
                "pages": line.pages,
            }
            for line in tallies
        ],
        "log": log_json(as_of),
        "caveat": CAVEAT,
    }


def story_lines(told: dict[str, Any]) -> Iterator[str]:
    """The account in a terminal."""
    since = told["window"]["since"]
    yield f"Persons killed while hors de combat since {since}, as known on {told['as_of']}:"
    for part in told["figures"]:
        persons = _bounds(part["victims"], part["open_maxima"])
        yield (
            f"  victims of {part['victims_party']}, {part['tier']} or higher: "
            f"{persons} persons in {_bounds(part['incidents'])} incidents"
        )
    yield ""
    yield "Tallies of other bodies for the same window, each with its own scope, never added to ours:"
    for tally in told["tallies"]:
        pages = "1 page" if tally["pages"] == 1 else f"{tally['pages']} pages"
        yield f"  {tally['authority']}: {tally['number']} {tally['unit']} ({tally['scope']}; {pages})"
    if not told["tallies"]:
        yield "  none"
    yield ""
    yield told["caveat"]


def _bounds(bounds: dict[str, int], open_maxima: int = 0) -> str:
    more = " or more" if open_maxima else ""
    return f"{bounds['min']} / {bounds['best']} / {bounds['max']}{more} (min / best / max)"
