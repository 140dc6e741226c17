"""Officers who code, one in a compartment, and an item with its text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from lieber_mission.actions import collect
from lieber_mission.actions.record import record
from lieber_mission.models import Compartment, Entry, Officer

OFFICERS = {
    "first": ["analyst"],
    "second": ["monitor"],
    "third": ["analyst"],
    "inside": ["analyst"],
    "reader": ["reviewer"],
}
BODY = "On 2 November a recording appeared.\nIt shows five captives on the ground.\nAll five were shot."


def now() -> datetime:
    """The instant of a deed: after the last entry."""
    last = Entry.objects.order_by("-index").first()
    return (last.recorded_at if last else datetime(2025, 1, 1, tzinfo=UTC)) + timedelta(minutes=1)


@pytest.fixture
def officers(db: None) -> SimpleNamespace:
    """Officers by what they do in a test; `inside` is the only member of the compartment `circle`."""
    made = {
        name: Officer.objects.create(officer_id=f"OFF-{name.upper()}", handle=name, title=name, roles=roles)
        for name, roles in OFFICERS.items()
    }
    circle = Compartment(name="circle")
    record([circle], by="OFF-FIRST", at=now())
    made["inside"].own_compartments = [circle.thing]
    made["inside"].save()
    return SimpleNamespace(**made, circle=circle.thing)


def new_item(by: Officer, **changes: object) -> str:
    """An item recorded by hand."""
    asked: dict[str, object] = {
        "address": "https://one.example/page",
        "source": collect.NewSource("Outlet One", "media_outlet", "XX"),
        "item_kind": "web_page",
        "language": "en",
        "published": (None, None),
        "graphic": "distressing",
        **changes,
    }
    return collect.record_item(**asked, by=by, at=now())  # type: ignore[arg-type]


@pytest.fixture
def item(officers: SimpleNamespace) -> str:
    """An item with a text of three paragraphs."""
    thing = new_item(officers.first)
    collect.take_down(item=thing, text_kind="text", language="en", body=BODY, by=officers.first, at=now())
    return thing
