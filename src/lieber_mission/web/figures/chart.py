"""The month chart: a Vega-Lite specification, drawn as SVG on the server.

Both parties are drawn by one specification, as panels over one axis: a bar is the best figure, the
line through it reaches from the minimum to the maximum.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from lieber.base import Window
from lieber.publish import Part

# Okabe and Ito's colours, told apart by all kinds of colour vision; the label tells them apart too.
LIGHT: Mapping[str, Any] = {
    "background": "#ffffff",
    "text": "#1b2430",
    "line": "#d0d0d0",
    "rule": "#333333",
    "parties": ("#0072B2", "#D55E00", "#009E73", "#CC79A7"),
}
DARK: Mapping[str, Any] = {
    "background": "#1b2027",
    "text": "#e4e8ec",
    "line": "#38424d",
    "rule": "#e4e8ec",
    "parties": ("#56B4E9", "#E69F00", "#2fc494", "#e09cc0"),
}
UNKNOWN = "unknown"


def month_rows(parts: Mapping[str, Sequence[Part]], window: Window) -> list[dict[str, Any]]:
    """A row for each party and month of the window, months without an incident too."""
    months = _months(window, {part.group for group in parts.values() for part in group} - {UNKNOWN})
    rows = []
    for party, group in parts.items():
        known = {part.group: part.victims for part in group}
        for month in months:
            low, best, high = known.get(month, (0, 0, 0))
            rows.append({"party": party, "month": month, "min": low, "best": best, "max": high})
    return rows


def _months(window: Window, seen: set[str]) -> list[str]:
    first = f"{window.since:%Y-%m}" if window.since else min(seen, default="")
    last = f"{window.until:%Y-%m}" if window.until else max(seen, default="")
    if not first or not last:
        return []
    months, day = [], date(int(first[:4]), int(first[5:]), 1)
    while f"{day:%Y-%m}" <= last:
        months.append(f"{day:%Y-%m}")
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return months


def month_chart(rows: Sequence[Mapping[str, Any]], *, subtitle: str = "", dark: bool = False) -> str:
    """The chart as SVG; empty where there is nothing to draw. `subtitle` says what is counted."""
    if not rows:
        return ""
    return _drawn(json.dumps(specification(rows, subtitle=subtitle, dark=dark), sort_keys=True))


def specification(
    rows: Sequence[Mapping[str, Any]], *, subtitle: str = "", dark: bool = False
) -> dict[str, Any]:
    """The Vega-Lite specification of the month chart, in the colours of one of the themes."""
    look = DARK if dark else LIGHT
    whose = json.dumps(_("victims of {party}"))
    parties = list(dict.fromkeys(row["party"] for row in rows))
    months = len({row["month"] for row in rows})
    x = {
        "field": "month",
        "type": "ordinal",
        "title": None,
        "axis": {"labelAngle": 0 if months <= 8 else -60},
    }
    y = {"title": _("persons"), "type": "quantitative", "axis": {"tickMinStep": 1}}
    header = {
        "labelExpr": f"replace({whose}, '{{party}}', datum.value)",
        "labelFontSize": 13,
        "labelAngle": 0,
        "labelAlign": "left",
        "labelAnchor": "start",
        "labelOrient": "top",
    }
    colour = {
        "field": "party",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": parties, "range": list(look["parties"])},
    }
    bars = {
        "mark": {"type": "bar", "width": {"band": 0.7}},
        "encoding": {"x": x, "y": y | {"field": "best"}, "color": colour},
    }
    lines = {
        "mark": {"type": "rule", "strokeWidth": 1.5, "color": look["rule"]},
        "encoding": {"x": x, "y": y | {"field": "min"}, "y2": {"field": "max"}},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {
            "text": _("Persons killed while hors de combat, by month"),
            "subtitle": subtitle,
            "anchor": "start",
        },
        "data": {"values": list(rows)},
        "facet": {
            "row": {"field": "party", "type": "nominal", "title": None, "sort": parties, "header": header}
        },
        "spec": {"width": 640, "height": 110, "layer": [bars, lines]},
        "config": {
            "background": look["background"],
            "font": "sans-serif",
            "view": {"stroke": look["line"]},
            "title": {"color": look["text"], "subtitleColor": look["text"]},
            "header": {"labelColor": look["text"]},
            "axis": {
                **dict.fromkeys(("labelColor", "titleColor"), look["text"]),
                **dict.fromkeys(("gridColor", "domainColor", "tickColor"), look["line"]),
            },
        },
    }


@lru_cache(maxsize=64)
def _drawn(specification: str) -> str:
    import vl_convert  # noqa: PLC0415  # the renderer is heavy and loads where it is used

    return str(vl_convert.vegalite_to_svg(specification, allowed_base_urls=[]))
