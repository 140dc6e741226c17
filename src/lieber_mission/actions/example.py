"""The example register: real public reports, taken in day by day as they became public.

The instants of its entries are the days on which pages became public, and every entry is marked
as replayed; a real register records the instant of writing only. What no page dates is recorded
on the closing day, so that no past figure rests on a page that may not have existed yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources

from django.db import transaction

from lieber.assess import shipped_methodology
from lieber.base import parse_day
from lieber.collect import read_table, shipped_form
from lieber.link import Authorities

from ..models import Officer
from ..policies.permissions import Role, Viewer
from ..queries.log import is_replayed
from ..queries.origins import example_authorities
from .example_follow_up import record_follow_ups
from .imports import take_rows, typed_rows
from .imports.material import Taking, Values
from .officers import make_officer

COLLECTION = "example"
# The officers of the example; each holds one role, so that two are needed where two must agree.
CAST: Sequence[tuple[str, str, tuple[Role, ...]]] = (
    ("monitor", "Monitor", (Role.MONITOR,)),
    ("analyst", "Analyst", (Role.ANALYST,)),
    ("reviewer-one", "First reviewer", (Role.REVIEWER,)),
    ("reviewer-two", "Second reviewer", (Role.REVIEWER,)),
    ("legal-officer", "Legal officer", (Role.LEGAL_OFFICER,)),
    ("protection-officer", "Protection officer", (Role.PROTECTION_OFFICER,)),
    ("data-officer", "Data officer", (Role.DATA_OFFICER,)),
    ("head-of-mission", "Head of mission", (Role.HEAD_OF_MISSION,)),
    ("administrator", "Administrator", (Role.ADMINISTRATOR,)),
)
_MORNING, _HOUR = time(6, tzinfo=UTC), time(18, tzinfo=UTC)


@dataclass(slots=True)
class Day:
    """What became public on one day."""

    reports: list[Values] = field(default_factory=list)
    incidents: dict[str, Values] = field(default_factory=dict)
    tallies: list[Values] = field(default_factory=list)
    statements: list[Values] = field(default_factory=list)


def is_built() -> bool:
    """Whether the example stands in the register already."""
    return is_replayed()


def build_example(*, password: str, progress: Callable[[int, int], None] = lambda _done, _all: None) -> int:
    """Build the example register, all or nothing; returns the number of days replayed.

    `password` lets every example officer log in. `progress` is told days done and days in all.
    """
    tables = {name: _table(name) for name in ("reports", "incidents", "tallies", "statements")}
    days = schedule(tables)
    authorities = example_authorities()
    with transaction.atomic():
        officers = {
            handle: make_officer(
                handle=handle,
                title=title,
                roles=roles,
                password=password,
                at=datetime.combine(min(days), _MORNING),
                reason="an officer of the example",
                replayed=True,
            )
            for handle, title, roles in CAST
        }
        for done, day in enumerate(sorted(days), start=1):
            _replay(days[day], datetime.combine(day, _HOUR), officers, authorities)
            progress(done, len(days))
    return len(days)


def _replay(day: Day, at: datetime, officers: Mapping[str, Officer], authorities: Authorities) -> None:
    def taking(by: Viewer) -> Taking:
        return Taking(by, at, shipped_methodology(), authorities, COLLECTION, replayed=True)

    for form, rows, handle in (
        ("reports", day.reports, "data-officer"),
        ("incidents", list(day.incidents.values()), "analyst"),
        ("tallies", day.tallies, "data-officer"),
        ("statements", day.statements, "data-officer"),
    ):
        if rows:
            take_rows(form, rows, taking(officers[handle]))
    record_follow_ups(day.reports, taking(officers["analyst"]))


def schedule(tables: Mapping[str, Sequence[Values]]) -> dict[date, Day]:
    """Day -> what of the tables became public on it.

    An incident is looked at again on every day on which a report on it became public, since its
    tier may change then.
    """
    published = _days_of_pages(tables)
    closing = max([day for day in published.values() if day], default=date.min) + timedelta(days=1)
    days: dict[date, Day] = defaultdict(Day)
    for name in ("reports", "tallies", "statements"):
        for values in tables[name]:
            getattr(days[published.get(values["url"]) or closing], name).append(values)
    opened = {values["incident_key"]: _opened(values, days, closing) for values in tables["incidents"]}
    for values in tables["incidents"]:
        key = values["incident_key"]
        looked_at = {opened[key], *(day for day, part in days.items() if _speaks_of(part, key))}
        looked_at |= {opened[other] for other in values["possible_same_as"] if other in opened}
        for day in looked_at:
            if day >= opened[key]:
                days[day].incidents[key] = values
    return dict(days)


def _speaks_of(day: Day, incident: str) -> bool:
    return any(values["incident_key"] == incident for values in day.reports)


def _opened(values: Values, days: Mapping[date, Day], closing: date) -> date:
    """The first day on which the incident was public, as the pages tell."""
    key = values["incident_key"]
    reported = [day for day, part in days.items() if _speaks_of(part, key)]
    known: date | None = values["first_public_on"] or values["first_coded_report_on"]
    return known or min(reported, default=closing)


def _days_of_pages(tables: Mapping[str, Sequence[Values]]) -> dict[str, date | None]:
    """Address -> the day on which the page became public: of a known month the last; else None."""
    found: dict[str, date | None] = {}
    for name in ("reports", "tallies"):
        for values in tables[name]:
            month: tuple[date, date] | None = values.get("published_month")
            found[values["url"]] = found.get(values["url"]) or values["published_on"] or (month and month[1])
    return found


def _table(name: str) -> list[Values]:
    source = resources.files("lieber_mission").joinpath("example", f"{name}.csv").read_bytes()
    table = read_table(source, shipped_form(name))
    assert not table.problems, table.problems[:3]
    return typed_rows(table)


# The window of the story: what the UN mission reported on 3 February 2025.
STORY_SINCE, STORY_UNTIL = parse_day("2024-08-31"), parse_day("2025-02-03")
