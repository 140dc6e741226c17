"""The bench: what is held is shown shut in, custody says who looked, nothing of a frozen item is shown."""

from __future__ import annotations

import pytest

from evidence_cast import Somebody
from lieber_mission.actions.examine import STEPS, examine_exhibit
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.actions.record import record
from lieber_mission.management.command import now
from lieber_mission.models import Compartment, CustodyEvent, Exhibit, Keeping, Officer, Placing, WorksheetLine

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_database]
RAW = b"\xff\xd8\xff" + bytes(range(256)) * 40


@pytest.fixture
def held(example, kept, tmp_path):
    """A file that was taken in, by its exhibit."""

    def held(raw=RAW, name="a.jpg", **circumstances):
        (tmp_path / name).write_bytes(raw)
        by = Somebody(compartments=frozenset(filter(None, [circumstances.get("compartment")])))
        take_in(
            offered_in([tmp_path / name], refuse=lambda *_: None),
            circumstances=Circumstances(**circumstances),
            by=by,
            clock=now,
        )
        return Exhibit.objects.get(original_name=str(tmp_path / name))

    return held


@pytest.fixture
def analyst(example, client):
    client.force_login(Officer.objects.get(handle="analyst"))
    return client


def body(answer):
    return b"".join(answer.streaming_content)


def test_a_file_is_shut_in_whatever_it_says(analyst, held):
    page = held(b"<html><script>alert(1)</script></html>", "x.html")
    answer = analyst.get(f"/exhibits/{page.thing}/file/")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert body(answer).startswith(b"<html>")


def test_the_name_of_a_copy_is_its_number_and_nothing_that_was_told(analyst, held):
    row = held(name="person's name.jpg")
    answer = analyst.post(f"/exhibits/{row.thing}/copy/")
    assert body(answer) == RAW
    assert answer["Content-Disposition"] == f'attachment; filename="E-{row.entry:06d}.jpg"'


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=100-", 206, 100, None),
        ("bytes=-5", 206, -5, None),
        ("bytes=5-999999999", 206, 5, None),
        ("bytes=999999999-", 416, 0, 0),
        ("bytes=9-3", 416, 0, 0),
        ("bytes=0-1,5-6", 200, 0, None),
        ("lines=1-2", 200, 0, None),
        ("bytes=-", 200, 0, None),
    ],
)
def test_parts_of_a_file(analyst, held, asked, *, status, first, last):
    row = held()
    answer = analyst.get(f"/exhibits/{row.thing}/file/", headers={"Range": asked})
    assert answer.status_code == status
    if status == 416:
        assert answer["Content-Range"] == f"bytes */{len(RAW)}"
    else:
        assert body(answer) == RAW[first:last]


def test_looking_is_a_line_of_custody_once_a_day_and_each_copy_is_one(analyst, held):
    row = held()
    for _ in range(2):
        body(analyst.get(f"/exhibits/{row.thing}/file/"))
        body(analyst.post(f"/exhibits/{row.thing}/copy/"))
    done = CustodyEvent.objects.filter(exhibit=row.thing).order_by("entry").values_list("what", flat=True)
    assert list(done) == ["received", "viewed", "copied", "copied"]


def test_a_file_in_a_compartment_is_not_there_for_others(analyst, held):
    circle = Compartment(name="East")
    record([circle], by="OFF-HEAD", at=now())
    row = held(compartment=circle.thing)
    nowhere = analyst.get("/exhibits/EXH-NONE/file/")
    for address in (f"/exhibits/{row.thing}/file/", f"/items/{row.item}/bench/"):
        answer = analyst.get(address)
        assert answer.status_code == nowhere.status_code == 404
    assert analyst.post(f"/exhibits/{row.thing}/copy/").status_code == 404
    work = analyst.get("/work/").content.decode()
    assert f"E-{row.entry:06d}" not in work


def test_nothing_of_a_frozen_item_is_shown(analyst, held):
    row = held()
    record([Keeping(item=row.item, frozen=True, reason="its sha256 is another")], by="MACHINE", at=now())
    assert analyst.get(f"/exhibits/{row.thing}/file/").status_code == 400
    page = analyst.get(f"/items/{row.item}/bench/").content.decode()
    assert "its bytes are not what was recorded" in page
    assert "data-viewer" not in page


def test_the_worksheet_is_filled_and_a_place_is_checked_by_a_second_analyst(analyst, held):
    row = held()
    address = f"/items/{row.item}/bench/"
    step = {
        "form": "step",
        "part": "content",
        "method": "Compared with imagery of the settlement",
        "finding": "The water tower stands where the film shows it",
        "confidence": "high",
        "once": "one form",
    }
    for _ in range(2):
        assert analyst.post(address, step).status_code == 302
    assert WorksheetLine.objects.filter(item=row.item).count() == 1
    place = {
        "form": "place",
        "question": "geolocation",
        "latitude": "47.77",
        "longitude": "37.24",
        "place_precision": "vicinity",
        "method": "landmark",
        "reason": "Tower, road and tree line fit",
        "confidence": "moderate",
        "once": "another form",
    }
    assert analyst.post(address, place).status_code == 302
    placing = Placing.objects.get(item=row.item)
    check = {"form": "check", "placing": placing.thing, "on_version": "1", "outcome": "confirmed"}
    own = analyst.post(address, check)
    assert own.status_code in {403, 422}
    analyst.force_login(Officer.objects.get(handle="monitor"))
    assert analyst.post(address, check).status_code == 302
    assert Placing.objects.as_of(None).get(item=row.item).check_outcome == "confirmed"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"latitude": "", "longitude": ""}, "coordinates or in words"),
        ({"longitude": ""}, "a latitude and a longitude"),
        ({"latitude": "91"}, "from -90 to 90"),
        ({"reason": ""}, "required"),
        ({"question": "chronolocation"}, "earliest or latest"),
        (
            {"question": "chronolocation", "earliest": "2024-10-02T10:00", "latest": "2024-10-01T10:00"},
            "ends after it begins",
        ),
    ],
)
def test_a_place_that_cannot_be_so_is_a_form_error_and_nothing_is_lost(analyst, held, changes, words):
    row = held()
    place = {
        "form": "place",
        "question": "geolocation",
        "latitude": "47.77",
        "longitude": "37.24",
        "place_precision": "vicinity",
        "method": "landmark",
        "reason": "Tower, road and tree line fit",
        "confidence": "moderate",
    }
    answer = analyst.post(f"/items/{row.item}/bench/", place | changes)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert changes.get("reason", "Tower, road and tree line fit") in page
    assert not Placing.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"what": "transferred_out"}, "two sides"),
        ({"what": "transferred_out", "counterparty": "Court"}, "for a purpose and under an authority"),
        ({"what": "incident", "note": ""}, "told in words"),
        ({"happened_at": "2999-01-01T00:00"}, "lies in the past"),
        ({"what": "derived"}, "valid choice"),
        ({"exhibit": "EXH-OTHER"}, "valid choice"),
    ],
)
def test_custody_that_does_not_say_what_it_must_is_refused(analyst, held, changes, words):
    row = held()
    told = {"form": "custody", "exhibit": row.thing, "what": "sealed", "happened_at": "2025-01-01T10:00"}
    answer = analyst.post(f"/items/{row.item}/bench/", told | {"note": "x"} | changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_both_sides_of_a_transfer_are_written_down(analyst, held):
    row = held()
    told = {
        "form": "custody",
        "exhibit": row.thing,
        "what": "transferred_out",
        "happened_at": "2025-01-01T10:00",
        "counterparty": "Registry of the court",
        "purpose": "Asked for",
        "authority": "court_request",
        "once": "a form",
    }
    for _ in range(2):
        assert analyst.post(f"/items/{row.item}/bench/", told).status_code == 302
    line = CustodyEvent.objects.get(exhibit=row.thing, what="transferred_out")
    assert (line.counterparty, line.sha256_before, line.sha256_after) == (
        "Registry of the court",
        row.sha256,
        row.sha256,
    )
    assert line.previous


def test_what_tools_said_stands_on_the_bench_and_a_second_round_says_nothing_new(analyst, held):
    row = held(b"plain words\n", "x.txt")
    steps = [step for step in STEPS if step.examination in {"metadata", "safety"}]
    assert examine_exhibit(row.thing, clock=now, steps=steps) == 2
    assert examine_exhibit(row.thing, clock=now, steps=steps) == 0
    page = analyst.get(f"/items/{row.item}/bench/").content.decode()
    assert "embedded metadata" in page
    assert "File MIMEType" in page or "File:MIMEType" in page
