"""The short account that the demo prints: a sentence of a press release, opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from lieber.assess import Tier
from lieber.base import Window

from ..actions.example import STORY_SINCE, STORY_UNTIL
from ..policies.permissions import OPERATOR
from ..queries import log
from ..queries.figures import Question, compare_windows, figure, parties
from ..queries.tallies import TallyLine, tallies_beside
from .command import parse_instant
from .figure_output import bounds_json, log_json, window_json

CAVEAT = (
    "The example is a convenience sample of public pages, coded as reported: no rate and no trend may be "
    "read from it as an estimate of the truth."
)
# Two reporting periods of the UN mission, of 91 days each.
LATER = Window(date(2024, 9, 1), date(2024, 11, 30))
EARLIER = Window(date(2023, 12, 1), date(2024, 2, 29))
SEED = 20250203
TIERS = (Tier.CREDIBLE, Tier.ALLEGED)


def story() -> dict[str, Any]:
    """The figures of every party, the tallies of others beside them, and the rise."""
    window, as_of = Window(STORY_SINCE, STORY_UNTIL), parse_instant(STORY_UNTIL.isoformat())
    known = parties()
    return {
        "window": window_json(window),
        "as_of": STORY_UNTIL.isoformat(),
        "figures": [_figure(party, window, tier, as_of) for party in known for tier in TIERS],
        "tallies": [
            _tally(line) for line in tallies_beside(window, viewer=OPERATOR, position=log.size(as_of))
        ],
        "rise": [{"victims_party": party} | _rise(party, as_of) for party in known],
        "log": log_json(as_of),
        "caveat": CAVEAT,
    }


def _figure(party: str, window: Window, tier: Tier, as_of: datetime) -> dict[str, Any]:
    counted = figure(Question(party, window, tier), viewer=OPERATOR, as_of=as_of, whole=False)
    return {
        "victims_party": party,
        "tier": tier.word,
        "victims": bounds_json(counted.victims),
        "incidents": bounds_json(counted.incidents),
        "open_maxima": counted.open_maxima,
    }


def _tally(line: TallyLine) -> dict[str, Any]:
    return {
        "authority": line.authority,
        "number": line.number,
        "unit": line.unit,
        "scope": line.scope,
        "pages": line.pages,
    }


def _rise(party: str, as_of: datetime) -> dict[str, Any]:
    later, earlier = (Question(party, window, Tier.ALLEGED) for window in (LATER, EARLIER))
    return compare_windows(later, earlier, as_of=as_of, seed=SEED, fixed_on=None).as_json()


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
    yield f"Is there a rise? {LATER} against {EARLIER}, tier alleged or higher:"
    for part in told["rise"]:
        yield f"  Victims of {part['victims_party']}. {part['sentence']}"
    yield ""
    yield told["caveat"]


def _bounds(bounds: dict[str, int], open_maxima: int = 0) -> str:
    more = " or more" if open_maxima else ""
    return f"{bounds['min']} / {bounds['best']} / {bounds['max']}{more} (min / best / max)"
