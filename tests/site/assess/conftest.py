"""Officers and an incident with accounts of two origins, for the tests of assessment and review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

import factories
from lieber.assess import Conclusion, Tier, alternatives
from lieber.base import DatePrecision, PlacePrecision, UncertainCount, UncertainDate, UncertainPlace
from lieber.link import Verdict
from lieber_mission.actions.link import open_incident, record_judgement
from lieber_mission.actions.record import record
from lieber_mission.models import Account, Item, Officer, Source

OFFICERS = {
    "author": ["analyst"],
    "colleague": ["analyst"],
    "reviewer": ["reviewer"],
    "second": ["reviewer"],
    "both": ["analyst", "reviewer"],
    "monitor": ["monitor"],
    "head": ["head_of_mission"],
    "keeper": ["protection_officer"],
    "technician": ["administrator"],
}


@pytest.fixture
def officers(db) -> dict[str, Officer]:
    """Officers by what they do in a test."""
    return {
        name: Officer.objects.create(
            officer_id=f"OFF-{name.upper()}", handle=name, title=name.capitalize(), roles=roles
        )
        for name, roles in OFFICERS.items()
    }


@pytest.fixture
def minutes() -> Iterator[int]:
    """One minute after the other."""
    return iter(range(10, 10_000))


def account(outlet: str, minute: int, **fields: object) -> Account:
    """An account of an outlet of its own."""
    source = Source(
        source_kind="media_outlet", name=outlet, reliability="B", reliability_reason="long record"
    )
    record([source], by=factories.AUTHOR, at=factories.at(minute))
    item = Item(
        source=source.thing,
        item_kind="web_page",
        address=f"https://{outlet.lower().replace(' ', '-')}.example/",
        published_earliest=date(2024, 10, 4),
    )
    record([item], by=factories.AUTHOR, at=factories.at(minute))
    values: dict[str, object] = {
        "killed_quantifier": "exact",
        "killed_n": 3,
        "victim_party": "A",
        "perpetrator_party": "B",
        "occurred_earliest": date(2024, 10, 2),
        "occurred_latest": date(2024, 10, 2),
        "region": "North",
        "country": "XX",
        "manners": ["shot"],
        "summary": f"{outlet} says that three were shot",
        "compartment": "",
    }
    row = Account(item=item.thing, **values | fields)
    record([row], by=factories.AUTHOR, at=factories.at(minute))
    return row


@pytest.fixture
def case(officers) -> dict[str, object]:
    """An incident with two accounts of two outlets, judged to be of it."""
    accounts = [account("Outlet One", 1), account("Outlet Two", 2, killed_n=4)]
    incident = open_incident(title="Captives shot beside a road", by=officers["author"], at=factories.at(3))
    for minute, row in enumerate(accounts, start=4):
        record_judgement(
            left=row.thing,
            right=incident,
            verdict=Verdict.SAME,
            reason="compared",
            by=officers["author"],
            at=factories.at(minute),
        )
    return {"incident": incident, "accounts": accounts}


def conclusion(tier: Tier = Tier.CREDIBLE, **changes: object) -> Conclusion:
    """What an officer concludes: three or four killed on a known day."""
    values: dict[str, object] = {
        "tier": tier,
        "series": "killed_hors_de_combat",
        "date": UncertainDate(date(2024, 10, 2), date(2024, 10, 2), DatePrecision.DAY),
        "place": UncertainPlace(region="North", country="XX", precision=PlacePrecision.REGION),
        "killed": UncertainCount(3, 3, 4),
        "victim_party": "A",
        "perpetrator_party": "B",
        "facts": ("killing_stated",),
        "reasons": "two outlets that do not quote each other",
        "tier_reason": "" if tier is Tier.CREDIBLE else "as the recording was seen to show",
        "alternatives": {each.word: "No: examined." for each in alternatives()} if tier >= 3 else {},
    }
    return Conclusion(**values | changes)  # type: ignore[arg-type]
