"""Follow-ups of the example: investigations and referrals that a report names in so many words."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from ..models import Account, FollowUp, Incident
from .imports.material import Taking, Values
from .record import record


def record_follow_ups(reports: Sequence[Values], taking: Taking) -> int:
    """Record what these reports say was done about incidents of the register; returns the number of rows.

    One row for each incident, kind and authority, citing the item of the first report that says so.
    """
    keys = {taking.key("reports", values["report_id"]): values for values in reports}
    items = dict(
        Account.objects.as_of(None).filter(external_key__in=keys).values_list("external_key", "item")
    )
    labels = {taking.key("incidents", values["incident_key"]) for values in reports}
    incidents = dict(
        Incident.objects.as_of(None).filter(external_key__in=labels).values_list("external_key", "thing")
    )
    rows: dict[str, FollowUp] = {}
    for key, values in keys.items():
        about = incidents.get(taking.key("incidents", values["incident_key"]), "")
        for said in _said(values) if about and key in items else ():
            row = FollowUp(about=about, item=items[key], **said)
            row.external_key = taking.key("follow_up", f"{about} {row.follow_up_kind} {row.addressee}")
            rows.setdefault(row.external_key, row)
    known = set(FollowUp.objects.filter(external_key__in=rows).values_list("external_key", flat=True))
    new = [row for key, row in rows.items() if key not in known]
    if new:
        record(new, by=taking.by.officer_id, at=taking.at, replayed=taking.replayed)
    return len(new)


def _said(values: Values) -> Iterator[dict[str, str]]:
    """The follow-ups that a report's words compel."""
    table = _table()
    parts = {part.strip() for part in values["follow_up"].split(";")}
    announced = values["announcing_authority"].strip()
    for phrase in table["phrase"]:
        addressee = phrase.get("addressee", announced)
        if phrase["says"] in parts and ("addressee" in phrase or announced in table["offices"]):
            party = "" if "addressee" in phrase else table["offices"][announced]
            yield {
                "follow_up_kind": phrase["kind"],
                "addressee": addressee,
                "party": party,
                "subject": phrase["says"],
            }


@cache
def _table() -> Mapping[str, Any]:
    text = resources.files("lieber_mission").joinpath("example", "follow_up.toml").read_text("utf-8")
    return tomllib.loads(text)
