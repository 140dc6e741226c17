"""A figure as JSON and as lines in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from lieber.assess import Tier
from lieber.base import Window
from lieber.publish import Bounds, Contribution, Difference, Figure, Part

from ..queries import log


def bounds_json(bounds: Bounds) -> dict[str, int]:
    """Minimum, best and maximum by name."""
    return bounds._asdict()


def window_json(window: Window) -> dict[str, str | None]:
    """The two days of a window; None where an end is open."""
    return {
        "since": window.since.isoformat() if window.since else None,
        "until": window.until.isoformat() if window.until else None,
    }


def log_json(as_of: datetime) -> dict[str, Any]:
    """Size and root of the log at the instant: what the figure rests on."""
    head = log.head(as_of)
    return {"size": head.size, "root": head.root.hex()}


def figure_json(figure: Figure, *, as_of: datetime, parts: Iterable[Part] | None = None) -> dict[str, Any]:
    """A figure with its recipe, its value and every incident that was looked at."""
    recipe = figure.recipe
    written: dict[str, Any] = {
        "victims": bounds_json(figure.victims),
        "incidents": bounds_json(figure.incidents),
        "open_maxima": figure.open_maxima,
        "tier": recipe.tier.word,
        "window": window_json(recipe.window),
        "as_of": recipe.as_of,
        "methodology": recipe.methodology,
        "series": recipe.series,
        "scope": {
            "victims": recipe.victim_party,
            "perpetrator": recipe.perpetrator_party,
            "status": recipe.status,
            "manner": recipe.manner,
            "region": recipe.region,
        },
        "log": log_json(as_of),
    }
    if parts is not None:
        written["by"] = [part_json(part) for part in parts]
    written["contributions"] = [contribution_json(part) for part in figure.contributions]
    return written


def part_json(part: Part) -> dict[str, Any]:
    """One group of a disaggregated figure."""
    return {
        "group": part.group,
        "victims": bounds_json(part.victims),
        "incidents": bounds_json(part.incidents),
    }


def contribution_json(contribution: Contribution) -> dict[str, Any]:
    """One incident's part in a figure."""
    decision = contribution.decision
    return {
        "incident": contribution.incident,
        "counts": decision.counts.value,
        **bounds_json(decision.victims),
        "tier": Tier(contribution.finding.tier).word,
        "reason": contribution.reason,
    }


def difference_json(step: Difference) -> dict[str, Any]:
    """One step from one figure to another."""
    return {
        "incident": step.incident,
        "change": step.change.value,
        "victims": bounds_json(step.victims),
        "incidents": bounds_json(step.incidents),
        "before": step.before,
        "after": step.after,
    }


def in_words(bounds: Bounds, unit: str, *, open_maxima: int = 0) -> str:
    """`38 to 63 persons, best figure 60`, or `38 persons` where the bounds agree."""
    more = " or more" if open_maxima else ""
    if bounds.min == bounds.max:
        return f"{bounds.min}{more} {unit}"
    return f"{bounds.min} to {bounds.max}{more} {unit}, best figure {bounds.best}"


def figure_lines(figure: Figure) -> Iterator[str]:
    """A figure in three lines for a terminal."""
    recipe = figure.recipe
    scope = f"Victims of {recipe.victim_party}, {recipe.window}"
    yield f"{scope}, tier {recipe.tier.word} or higher, as of {recipe.as_of}"
    yield f"  {in_words(figure.victims, 'persons', open_maxima=figure.open_maxima)}"
    yield f"  {in_words(figure.incidents, 'incidents')}"


def table_lines(headings: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """Rows as aligned columns; numbers to the right."""
    listed = [tuple(str(cell) for cell in row) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(headings, *listed, strict=True)]
    for row in (headings, *listed):
        cells = (
            cell.rjust(width) if cell.lstrip("+-").isdigit() else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()
