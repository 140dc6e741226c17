"""A synthetic register: tables of any size, made from a seed. Nothing in it is real."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from lieber.collect import shipped_form

SEED = 20250203
_FIRST = date(2022, 2, 24)
_DAYS = 1_400
_REGIONS = ("North", "East", "South", "West", "")
_STATUSES = (("in_custody",), ("wounded",), ("unarmed", "surrendered"), ("unknown",))
_AUTHORITIES = ("Office One", "Office Two", "Office Three", "")
_EVIDENCE = (("video", "official_statement"), ("official_statement",), ("interview",), ("drone_video",))


def incidents(number: int) -> Iterator[dict[str, Any]]:
    """Rows of the form of incidents."""
    chance = random.Random(SEED)
    blank = _blank("incidents")
    for index in range(number):
        day = _FIRST + timedelta(days=chance.randrange(_DAYS))
        killed = min(1 + int(chance.expovariate(0.6)), 30)
        party = chance.choice("AB")
        yield blank | {
            "incident_key": f"K{index:07}",
            "title": f"Synthetic incident {index}",
            "victim_party": party,
            "alleged_perpetrator_party": "B" if party == "A" else "A",
            "date_best_start": day if chance.random() < 0.8 else None,
            "date_best_end": day + timedelta(days=chance.choice((0, 0, 0, 14))),
            "date_precision": "month",
            "first_public_on": day + timedelta(days=int(chance.expovariate(0.1))),
            "oblast_or_region": chance.choice(_REGIONS),
            "country": "XX",
            "killed_min": killed,
            "killed_best": killed,
            "killed_max": killed + chance.choice((0, 0, 0, 2)),
        }


def reports(number: int, of_incidents: int) -> Iterator[dict[str, Any]]:
    """Rows of the form of reports, spread over this many incidents."""
    chance = random.Random(SEED + 1)
    blank = _blank("reports")
    for index in range(number):
        day = _FIRST + timedelta(days=chance.randrange(_DAYS))
        party = chance.choice("AB")
        yield blank | {
            "report_id": f"R{index:07}",
            # As in the example: five accounts stand in four items.
            "url": f"https://outlet-{index * 4 // 5 % 997}.example/{index * 4 // 5}",
            "outlet": f"Outlet {index * 4 // 5 % 997}",
            "outlet_country": "XX",
            "language": "en",
            "published_on": day,
            "incident_key": f"K{index % of_incidents:07}",
            "incident_date_start": day,
            "incident_date_end": day,
            "date_precision": "day",
            "place_name": f"Place {index % 5_000}",
            "oblast_or_region": chance.choice(_REGIONS),
            "victims_killed_min": 1 + index % 4,
            "victims_killed_max": 1 + index % 4,
            "victim_party": party,
            "victim_status": chance.choice(_STATUSES),
            "alleged_perpetrator_party": "B" if party == "A" else "A",
            "manner": ("shot",),
            "evidence_types": chance.choice(_EVIDENCE),
            "announcing_authority": chance.choice(_AUTHORITIES),
            "summary": "Synthetic: an outlet reports that captives were shot beside a road near a place.",
            "label_confidence": "stated",
        }


def _blank(form: str) -> dict[str, Any]:
    lists = {"choices", "keys"}
    nothing = {"day", "month", "partial_date", "integer", "decimal"}
    return {
        column.name: () if column.kind in lists else None if column.kind in nothing else ""
        for column in shipped_form(form).columns.values()
    }
