"""Files sent in parts over a bad line: nothing is lost or doubled, and nobody goes on with another's."""

from __future__ import annotations

import base64

import pytest
from django.urls import reverse

from lieber_mission.actions.worker import work
from lieber_mission.management.command import now
from lieber_mission.models import CustodyEvent, Exhibit, Item, Officer, Upload, Work

pytestmark = pytest.mark.django_db
RAW = b"\xff\xd8\xff" + b"x" * 100_000
SIZE = len(RAW)


@pytest.fixture
def sender(example, client, kept):
    client.force_login(Officer.objects.get(handle="monitor"))
    return client


def begin(client, size=SIZE, **told):
    told = {"filename": "окоп.jpg"} | told
    header = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())
    return client.post("/uploads/", headers={"Upload-Length": str(size), "Upload-Metadata": header})


def part(client, address, offset, raw):
    return client.patch(
        address, raw, content_type="application/offset+octet-stream", headers={"Upload-Offset": str(offset)}
    )


def done():
    return work("tests", clock=now, wait=lambda: False)


def test_a_file_sent_in_parts_is_taken_in_as_one(sender):
    address = begin(sender, graphic="distressing", counterparty="Office 7")["Location"]
    assert part(sender, address, 0, RAW[:40_000])["Upload-Offset"] == "40000"
    assert sender.head(address)["Upload-Offset"] == "40000"
    assert part(sender, address, 40_000, RAW[40_000:]).status_code == 204
    done()
    answer = sender.get(address).json()
    item = Item.objects.order_by("entry").last()
    assert answer == {"address": reverse("bench", args=[item.thing]), "reason": "", "name": "окоп.jpg"}
    assert item.graphic == "distressing"
    receipt = CustodyEvent.objects.get(item=item.thing, what="received")
    assert (receipt.counterparty, receipt.name) == ("Office 7", "окоп.jpg")
    assert Exhibit.objects.get(item=item.thing, derived_from="").size == len(RAW)


def test_a_part_that_was_sent_already_is_refused_and_the_file_stays_whole(sender):
    address = begin(sender)["Location"]
    part(sender, address, 0, RAW[:50_000])
    again = part(sender, address, 0, RAW[:50_000])
    assert again.status_code == 409
    part(sender, address, 50_000, RAW[50_000:])
    done()
    assert Exhibit.objects.get(media_type="image/jpeg", derived_from="").size == len(RAW)


def test_a_worker_that_takes_it_in_twice_makes_one_item(sender):
    address = begin(sender)["Location"]
    part(sender, address, 0, RAW)
    before = Item.objects.count()
    done()
    Work.objects.filter(kind="take-in").update(state="waiting")
    Upload.objects.update(item="")
    done()
    assert Item.objects.count() == before + 1


def test_more_than_was_said_is_refused(sender):
    address = begin(sender, size=10)["Location"]
    assert part(sender, address, 0, RAW).status_code == 409


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload-Length": "-1"},
        {"Upload-Length": "9" * 40},
        {"Upload-Length": "٣"},
        {"Upload-Length": str(2**45), "Upload-Metadata": "filename eA=="},
        {"Upload-Length": "5", "Upload-Metadata": "filename !!"},
        {"Upload-Length": "5", "Upload-Metadata": ""},
        {"Upload-Length": "5", "Upload-Metadata": "filename eA==,graphic Z29yeQ=="},
        {"Upload-Length": "5", "Upload-Metadata": "filename eA==,compartment Q01QLTE="},
        {"Upload-Length": "5", "Upload-Metadata": "filename eA==,source_name bm9uZQ=="},
    ],
)
def test_an_upload_that_cannot_be_begun_says_why(sender, headers):
    answer = sender.post("/uploads/", headers=headers)
    assert answer.status_code in {400, 404}
    assert not Upload.objects.exists()


def test_nobody_goes_on_with_the_upload_of_another(sender, client):
    address = begin(sender)["Location"]
    client.force_login(Officer.objects.get(handle="analyst"))
    for answer in (client.head(address), client.get(address), part(client, address, 0, RAW)):
        assert answer.status_code == 404


def test_a_part_without_its_place_is_refused(sender):
    address = begin(sender)["Location"]
    assert sender.patch(address, RAW, content_type="application/octet-stream").status_code == 415


def test_an_empty_file_is_an_item_too(sender):
    address = begin(sender, size=0)["Location"]
    done()
    assert sender.get(address).json()["address"]
    assert Exhibit.objects.get(size=0).media_type == "inode/x-empty"
