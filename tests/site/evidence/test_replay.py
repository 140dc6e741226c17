"""Replays answer on hosts of their own, for one exhibit, one officer and one session; the site never does."""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from allauth.usersessions.models import UserSession
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from evidence_cast import Somebody
from lieber.base import BadInput
from lieber.preserve.wacz import Page, write_wacz
from lieber_mission import settings as told
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.actions.record import record
from lieber_mission.management.command import now
from lieber_mission.models import Compartment, CustodyEvent, Exhibit, Keeping, Officer, Reading
from lieber_mission.web.held import replay

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_database]
AT = datetime(2025, 3, 1, 12, tzinfo=UTC)
IN_FRAME = {"Sec-Fetch-Dest": "iframe"}


def package():
    """A WACZ of one page."""
    warc, body = io.BytesIO(), b"<p>nine</p>"
    writer = WARCWriter(warc, gzip=True, warc_version="1.1")
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record(
            "https://news.example/",
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=headers,
            warc_headers_dict={"WARC-Date": "2025-03-01T12:00:00Z"},
        )
    )
    out = io.BytesIO()
    pages = [Page("https://news.example/", AT, title="<b>Nine</b>")]
    write_wacz(
        out,
        warcs={"a.warc.gz": io.BytesIO(warc.getvalue())},
        pages=pages,
        title="T",
        created=AT,
        software="s",
    )
    return out.getvalue()


@pytest.fixture
def held(example, kept, tmp_path):
    """A package that was taken in, by its exhibit."""

    def held(raw=None, **circumstances):
        path = tmp_path / "page.wacz"
        path.write_bytes(raw or package())
        by = Somebody(compartments=frozenset(filter(None, [circumstances.get("compartment")])))
        take_in(
            offered_in([path], refuse=lambda *_: None),
            circumstances=Circumstances(**circumstances),
            by=by,
            clock=now,
        )
        return Exhibit.objects.get(original_name=str(path))

    return held


@pytest.fixture
def analyst(example, client):
    officer = Officer.objects.get(handle="analyst")
    client.force_login(officer)
    # what logging in on the page writes down
    UserSession.objects.create(user=officer, ip="127.0.0.1", session_key=client.session.session_key)
    return client


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Files of the replay, as the build of the assets leaves them."""
    folder = tmp_path / "built"
    folder.mkdir()
    for name in ("index.html", "ui.js", "sw.js", "wabac.js"):
        (folder / name).write_text(f"file {name}", "utf-8")
    monkeypatch.setattr(replay, "_FILES", folder)


def shown(client, row):
    return client.get(f"/exhibits/{row.thing}/replay/", headers={"Host": "127.0.0.1:8000"})


def address(page):
    """Host and path, with its last stroke, under which the replay of a page answers."""
    [begin] = re.findall(r'data-begin="([^"]+)"', page.content.decode())
    parts = urlsplit(html.unescape(begin))
    return parts.netloc, parts.path.removesuffix("index.html")


def body(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.usefixtures("built")
def test_the_page_frames_one_origin_that_is_of_this_exhibit_and_officer_only(analyst, held):
    row = held()
    page = shown(analyst, row)
    host, _path = address(page)
    assert re.fullmatch(r"r-[a-z2-7]{26}\.localhost:8000", host)
    assert page["Content-Security-Policy"].endswith(f"; frame-src http://{host}")
    assert 'sandbox="allow-scripts allow-same-origin"' in page.content.decode()
    assert "&lt;b&gt;Nine&lt;/b&gt;" in page.content.decode()
    analyst.force_login(Officer.objects.get(handle="monitor"))
    assert address(shown(analyst, row))[0] != host


@pytest.mark.usefixtures("built")
def test_bytes_and_files_are_answered_to_the_address_without_any_cookie(analyst, client, held):
    row = held()
    host, path = address(shown(analyst, row))
    client.cookies.clear()
    part = client.get(f"{path}page.wacz", headers={"Host": host, "Range": "bytes=0-3"})
    assert (part.status_code, body(part)) == (206, b"PK\x03\x04")
    assert "sandbox" in part["Content-Security-Policy"]
    whole = client.head(f"{path}page.wacz", headers={"Host": host})
    assert (whole["Content-Length"], whole.content) == (str(row.size), b"")
    for name in ("ui.js", "sw.js", "wabac.js"):
        answer = client.get(path + name, headers={"Host": host})
        assert body(answer) == f"file {name}".encode()
        assert "connect-src 'self'" in answer["Content-Security-Policy"]
        assert answer["Content-Type"].startswith("text/javascript")
    for answer in (part, whole):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Connection-Allowlist"].startswith("(response-origin)")
    assert not client.cookies


@pytest.mark.usefixtures("built")
def test_beginning_a_replay_is_a_line_of_custody_and_clears_what_was_kept(analyst, client, held):
    row = held()
    host, path = address(shown(analyst, row))
    alone = client.get(f"{path}index.html", headers={"Host": host, "Sec-Fetch-Dest": "document"})
    assert alone.status_code == 404
    assert not CustodyEvent.objects.filter(exhibit=row.thing, what="viewed").exists()
    begun = client.get(f"{path}index.html", headers={"Host": host, **IN_FRAME})
    assert body(begun) == b"file index.html"
    assert begun["Clear-Site-Data"] == '"storage", "cache"'
    assert begun["Content-Security-Policy"].endswith("frame-ancestors 'self' 127.0.0.1:8000")
    assert CustodyEvent.objects.filter(exhibit=row.thing, what="viewed").count() == 1
    assert client.get(f"{path}end", headers={"Host": host})["Clear-Site-Data"]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["/", "/log-in/", "/items/", "/static/built/site.js", "/x/page.wacz"])
def test_nothing_of_the_site_answers_on_the_host_of_a_replay(analyst, held, path):
    host, _path = address(shown(analyst, held()))
    answer = analyst.get(path, headers={"Host": host})
    assert answer.status_code in {403, 404}
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "sessionid" not in answer.cookies
    assert analyst.post(path, headers={"Host": host}).status_code == 404


@pytest.mark.usefixtures("built")
def test_neither_replay_nor_its_worker_answers_on_the_host_of_the_site(analyst, held):
    _host, path = address(shown(analyst, held()))
    assert analyst.get(f"{path}page.wacz").status_code == 404
    assert analyst.get("/static/built/replay/sw.js").status_code == 404


@pytest.mark.usefixtures("built")
def test_an_address_is_for_its_own_host_its_time_and_its_session(analyst, held, monkeypatch):
    row = held()
    host, path = address(shown(analyst, row))
    other = f"r-{'a' * 26}.localhost:8000"
    asked = {"Range": "bytes=0-3"}
    assert analyst.get(f"{path}page.wacz", headers={"Host": other, **asked}).status_code == 403
    changed = path.replace(path[5], "A" if path[5] != "A" else "B", 1)
    assert analyst.get(f"{changed}page.wacz", headers={"Host": host, **asked}).status_code == 403
    monkeypatch.setattr(replay, "LASTS", -1)
    assert analyst.get(f"{path}page.wacz", headers={"Host": host, **asked}).status_code == 403
    monkeypatch.undo()


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("end", ["session", "left", "role", "frozen"])
def test_a_replay_ends_with_the_session_the_appointment_and_the_freedom_of_the_item(analyst, held, end):
    row = held()
    host, path = address(shown(analyst, row))
    headers = {"Host": host, "Range": "bytes=0-3"}
    assert body(analyst.get(f"{path}page.wacz", headers=headers)) == b"PK\x03\x04"
    officer = Officer.objects.filter(handle="analyst")
    if end == "session":
        analyst.session.flush()
    elif end == "left":
        officer.update(is_active=False)
    elif end == "role":
        officer.update(roles=[])
    else:
        record([Keeping(item=row.item, frozen=True, reason="other bytes")], by="MACHINE", at=now())
    assert analyst.get(f"{path}page.wacz", headers=headers).status_code in {403, 404}


def test_a_page_in_a_compartment_is_not_there_for_others_and_noted_for_members(analyst, held):
    circle = Compartment(name="East")
    record([circle], by="OFF-HEAD", at=now())
    row = held(compartment=circle.thing)
    assert shown(analyst, row).status_code == 404
    Officer.objects.filter(handle="analyst").update(own_compartments=[circle.thing])
    assert shown(analyst, row).status_code == 200
    assert Reading.objects.filter(what=row.item).exists()


def test_what_is_no_package_is_said_and_can_be_taken_along(analyst, held):
    row = held(b"PK\x03\x04 and nothing more")
    page = shown(analyst, row).content.decode()
    assert "A WACZ is expected" in page
    assert "data-begin" not in page
    assert f"/exhibits/{row.thing}/copy/" in page


@pytest.mark.parametrize(
    ("origin", "host", "words"),
    [
        ("", "mission.example.org", "LIEBER_REPLAY_ORIGIN name one"),
        ("https://*.replay.example.org", "mission.example.org", "under a domain apart"),
        ("https://*.b.gov.ua", "a.b.gov.ua", "under a domain apart"),
        ("https://*.c.gov.ua", "a.b.gov.ua", ""),
        ("https://*.replay.example.net", "mission.example.org", ""),
    ],
)
def test_a_site_without_an_origin_apart_replays_nothing(analyst, held, settings, *, origin, host, words):
    settings.ALLOWED_HOSTS, settings.REPLAY_ORIGIN = [host], origin
    row = held()
    page = analyst.get(f"/exhibits/{row.thing}/replay/", headers={"Host": host}).content.decode()
    assert ("data-begin" in page) == (not words)
    assert words in html.unescape(page)
    if not words:
        assert f'data-begin="{origin.split("*")[0]}r-' in page


@pytest.mark.parametrize(
    "value", ["https://replay.example.net", "http://*.example.net", "*.example.net", "https://*.a/b"]
)
def test_an_origin_without_a_star_or_without_https_is_refused(monkeypatch, value):
    monkeypatch.setenv("LIEBER_REPLAY_ORIGIN", value)
    with pytest.raises(BadInput, match="a star for the first name"):
        told._origins_apart("LIEBER_REPLAY_ORIGIN")
