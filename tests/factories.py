"""Rows of the register for tests: invented material with no names, built through the actions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from lieber.assess import Proposal, Tier, shipped_methodology
from lieber.base import DatePrecision, UncertainCount, UncertainDate, UncertainPlace
from lieber_mission.actions.assess import finding_row
from lieber_mission.actions.record import record
from lieber_mission.models import (
    Account,
    Compartment,
    Consent,
    Finding,
    Incident,
    Interview,
    Item,
    Pseudonym,
    RiskAssessment,
    Source,
)

START = datetime(2025, 1, 1, 12, tzinfo=UTC)
AUTHOR = "OFF-AUTHOR"


def at(minutes: int) -> datetime:
    """An instant this many minutes after the tests' beginning."""
    return START + timedelta(minutes=minutes)


def incident(title: str = "Captives shot beside a road", **changes: Any) -> Incident:
    """An incident that is not recorded yet."""
    return Incident(title=title, **changes)


def finding(of: str, *, version: int = 1, **changes: Any) -> Finding:
    """A finding on an incident, three persons killed on a known day, tier credible."""
    row = finding_row(
        incident=of,
        version=version,
        tier=Tier.CREDIBLE,
        proposal=Proposal(Tier.CREDIBLE, "two origins", ("two independent origins",)),
        date=UncertainDate(date(2024, 10, 2), date(2024, 10, 2), DatePrecision.DAY),
        place=UncertainPlace(region="North", country="XX"),
        killed=UncertainCount(3, 3, 3),
        victim_party="A",
        perpetrator_party="B",
        status="in_custody",
        manner="shot",
        facts=("killing_stated",),
        contested=False,
        reasons="two independent origins",
        methodology=shipped_methodology(),
    )
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def one_of_each(minutes: int = 0) -> dict[str, Any]:
    """A source, an item, an account, an incident and a finding, recorded together."""
    source = Source(source_kind="media_outlet", name="Outlet One", reliability="F")
    record([source], by=AUTHOR, at=at(minutes))
    item = Item(source=source.thing, item_kind="web_page", address="https://one.example/page")
    record([item], by=AUTHOR, at=at(minutes))
    account = Account(item=item.thing, killed_quantifier="exact", killed_n=3, victim_party="A")
    opened = incident()
    record([account, opened], by=AUTHOR, at=at(minutes))
    concluded = finding(opened.thing)
    record([concluded], by=AUTHOR, at=at(minutes))
    return {"source": source, "item": item, "account": account, "incident": opened, "finding": concluded}


def person(minutes: int = 1) -> dict[str, Any]:
    """A protected person with risk, one consent and an interview, in a compartment."""
    compartment = Compartment(name="circle")
    record([compartment], by=AUTHOR, at=at(minutes))
    pseudonym = Pseudonym(compartment=compartment.thing, subject="source")
    record([pseudonym], by=AUTHOR, at=at(minutes))
    of = {"compartment": compartment.thing, "pseudonym": pseudonym.thing}
    rows = [
        RiskAssessment(**of, decision="proceed"),
        Consent(**of, purpose="store", decision="granted"),
        Interview(**of, state="planned"),
    ]
    record(rows, by=AUTHOR, at=at(minutes))
    return {"compartment": compartment, "pseudonym": pseudonym, "rows": rows}
