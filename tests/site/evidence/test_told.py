"""Where an item comes from is said after it was taken in; nothing that was typed is lost."""

from __future__ import annotations

import pytest

from evidence_cast import Somebody
from factories import at, person
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.actions.record import record
from lieber_mission.management.command import now
from lieber_mission.models import Exhibit, Item, Officer, Source

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TOLD = {
    "address": "https://one.example/film",
    "item_kind": "video",
    "source_name": "Outlet One",
    "source_kind": "media_outlet",
    "country": "XX",
    "language": "uk",
    "published_earliest": "2024-10-02",
    "published_latest": "",
    "syndicated_from": "",
    "on_version": "1",
}


@pytest.fixture
def item(example, kept, files):
    take_in(
        offered_in([files / "a.jpg"], refuse=lambda *_: None),
        circumstances=Circumstances(graphic="severe"),
        by=Somebody(),
        clock=now,
    )
    return Exhibit.objects.get().item


@pytest.fixture
def analyst(example, client):
    client.force_login(Officer.objects.get(handle="analyst"))
    return client


def test_what_is_told_is_a_further_version_and_keeps_what_is_known(analyst, item):
    assert analyst.get(f"/items/{item}/known/").status_code == 200
    assert analyst.post(f"/items/{item}/known/", TOLD).status_code == 302
    row = Item.objects.as_of(None).get(thing=item)
    assert (row.version, row.address, row.graphic) == (2, "https://one.example/film", "severe")
    assert Source.objects.get(thing=row.source).name == "Outlet One"
    assert analyst.post(f"/items/{item}/known/", TOLD).status_code == 302
    assert Item.objects.filter(thing=item).count() == 2


def test_an_address_that_the_register_has_leads_there(analyst, item):
    known = Item.objects.as_of(None).exclude(external_key="").exclude(thing=item).first()
    answer = analyst.post(f"/items/{item}/known/", TOLD | {"address": known.address})
    assert answer.status_code == 422
    assert known.thing in answer.content.decode()


def test_somebody_elses_version_stands_beside_what_was_typed(analyst, item):
    analyst.post(f"/items/{item}/known/", TOLD)
    answer = analyst.post(f"/items/{item}/known/", TOLD | {"source_name": "Outlet Two"})
    page = answer.content.decode()
    assert answer.status_code in {200, 409, 422}
    assert "Somebody else recorded a version meanwhile" in page
    assert 'value="Outlet Two"' in page
    assert 'name="on_version" value="2"' in page
    assert Item.objects.as_of(None).get(thing=item).version == 2


def test_an_interview_is_told_elsewhere(analyst, example):
    told = Item(interview=person(2_000_000)["rows"][2].thing, item_kind="interview")
    record([told], by="OFF-A", at=at(2_000_001))
    assert analyst.get(f"/items/{told.thing}/").status_code == 200
    assert analyst.get(f"/items/{told.thing}/known/").status_code == 404
