"""A page is captured, kept with its manifest, and recorded with what it is worth; a login wall has failed."""

from __future__ import annotations

import json
from zipfile import ZipFile

import pytest

from evidence_cast import Somebody
from lieber.base import BadInput
from lieber.preserve.ocfl_check import check_root
from lieber.preserve.wacz import check_wacz
from lieber_mission.actions import capture as deeds
from lieber_mission.actions.capture import ask_for_captures, capture
from lieber_mission.actions.intake import Circumstances
from lieber_mission.actions.worker import work
from lieber_mission.management.command import now
from lieber_mission.models import Capture, CustodyEvent, Exhibit, Item, Officer, Work
from lieber_mission.outside.addresses import read_allowed
from lieber_mission.outside.browser import CaptureSettings
from lieber_mission.outside.storage import _tree, storage
from lieber_mission.policies.permissions import NotAllowed
from web_simulator import Simulator

pytestmark = [pytest.mark.django_db, pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def web():
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def how(web):
    return CaptureSettings(allowed=(read_allowed(f"127.0.0.1:{web.port}"),), vantage="UA", seconds=60)


@pytest.fixture
def taken(kept, monitor, how):
    def taken(url, **circumstances):
        told = Circumstances(what="collected", **circumstances)
        return capture(url, circumstances=told, films=False, by=monitor, clock=now, how=how)

    return taken


def test_an_article_is_kept_whole_with_a_manifest_that_names_each_file(kept, taken, web):
    told = taken(web.url("/article"), graphic="distressing")
    assert (told.status, told.outcome) == ("complete", "taken")
    rows = list(Exhibit.objects.filter(item=told.item).order_by("entry"))
    kinds = [row.media_type for row in rows]
    assert kinds[:4] == ["application/wacz+zip", "image/png", "application/pdf", "text/html"]
    with storage().open(rows[-1].root, rows[-1].stored, rows[-1].path) as file:
        manifest = json.load(file)
    assert {one["sha256"] for one in manifest["files"]} == {row.sha256 for row in rows[:-1]}
    capture_row = Capture.objects.get(thing=told.thing)
    assert capture_row.manifest_sha256 == rows[-1].sha256
    assert (capture_row.http_status, capture_row.bears) == (200, "content")
    with storage().open(rows[0].root, rows[0].stored, rows[0].path) as file:
        assert not check_wacz(file)
        assert any(name.endswith(".warc.gz") for name in ZipFile(file).namelist())
    lines = CustodyEvent.objects.filter(item=told.item)
    assert {line.what for line in lines} == {"collected"}
    assert not check_root(**_tree(kept / "storage" / "originals"))
    assert Item.objects.get(thing=told.item).graphic == "distressing"
    assert {work.about for work in Work.objects.filter(kind="timestamp")} == {rows[-1].thing}


def test_a_login_wall_is_recorded_as_failed(taken, web):
    told = taken(web.url("/to-login"))
    assert told.status == "failed"
    assert told.reasons
    assert Capture.objects.get(thing=told.thing).bears == "no_content"


def test_an_address_of_the_own_network_is_not_reached(kept, monitor, web):
    told = capture(
        web.url("/article"),
        circumstances=Circumstances(what="collected"),
        films=False,
        by=monitor,
        clock=now,
        how=CaptureSettings(seconds=30),
    )
    assert (told.status, told.outcome, told.item) == ("failed", "refused", "")
    assert not Item.objects.exists()


def test_the_same_page_again_is_the_same_item_with_another_capture(taken, web):
    first, second = taken(web.url("/article")), taken(web.url("/article"))
    assert first.item == second.item
    assert Capture.objects.filter(item=first.item).count() == 2


@pytest.mark.usefixtures("example", "kept")
def test_a_worker_captures_what_was_asked_for(how, web, monkeypatch):
    monkeypatch.setattr(deeds, "settings", lambda: how)
    officer = Officer.objects.get(handle="monitor")
    asked = ask_for_captures(
        [web.url("/article"), web.url("/article")],
        circumstances=Circumstances(what="collected"),
        films=False,
        by=officer,
        at=now(),
    )
    assert asked == 2
    monkeypatch.setattr("lieber_mission.actions.worker.examine_exhibit", lambda *_, **__: 0)
    work("tests", clock=now, wait=lambda: False)
    assert Capture.objects.get().recorded_by == officer.officer_id


def test_nothing_is_captured_before_the_mission_said_so(kept, monitor):
    with pytest.raises(BadInput, match="on = true"):
        ask_for_captures(
            ["https://example.org"], circumstances=Circumstances(), films=False, by=monitor, at=now()
        )


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "javascript:alert(1)", "http://a\nb", "http://" + "a" * 3_000]
)
def test_what_is_no_address_of_a_page_is_refused(kept, monitor, how, url):
    with pytest.raises(BadInput, match="A page has an address"):
        capture(url, circumstances=Circumstances(), films=False, by=monitor, clock=now, how=how)


def test_who_may_not_collect_captures_nothing(kept, how):
    reviewer = Somebody(roles=frozenset({"reviewer"}))
    with pytest.raises(NotAllowed):
        capture(
            "https://example.org", circumstances=Circumstances(), films=False, by=reviewer, clock=now, how=how
        )
