"""A page taken by Chromium, held against what the site served; and what happens when a page resists."""

import gzip
import hashlib
import io
import json
import os
import signal
import subprocess
import threading
import time
import zipfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from lieber.base import BadInput
from lieber.preserve.capture import CaptureStatus, ContentState, Obstacle, Outcome
from lieber.preserve.wacz import check_wacz, pages_in, read_records
from lieber_mission.outside.addresses import read_allowed
from lieber_mission.outside.browser import CHROMIUM, CaptureSettings, capture_page
from lieber_mission.outside.browser.starting import processes_of
from web_simulator import COOKIE, INSERTED, TITLE, WORDS, Listener, Simulator, certificate

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

AT = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
# Short limits: what is meant to end early ends soon.
LIMITS: dict[str, Any] = {
    "seconds": 30,
    "load_seconds": 4,
    "settle_seconds": 2,
    "resource_seconds": 3,
    "scroll_seconds": 4,
}


@pytest.fixture(scope="module", autouse=True)
def chromium():
    """Chromium, or a skip where it is not installed."""
    if not Path(CHROMIUM).is_file():
        if os.environ.get("LIEBER_REQUIRE_BROWSER"):
            pytest.fail(f"{CHROMIUM} is not there: `scripts/setup-debian chromium` installs it.")
        pytest.skip(f"{CHROMIUM} is not there: `scripts/setup-debian chromium` installs it.")


@pytest.fixture
def site():
    with Simulator() as served:
        yield served


def take(site, path, folder, *, host="127.0.0.1", resolve=None, **settings):
    """Capture a page of the simulator; nothing else may be reached."""
    place = read_allowed(f"127.0.0.1:{site.port}")
    others = {"resolve": resolve} if resolve else {}
    limits = CaptureSettings(allowed=(place,), **LIMITS | settings)
    return capture_page(site.url(path, host), folder=folder, at=AT, settings=limits, **others)


def payloads(captured):
    """The payload of each response by its path; the longest where there are several."""
    found = {}
    with captured.files["warc"].open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type == "response":
                path = record.rec_headers.get_header("WARC-Target-URI").partition("/")[2].partition("/")[2]
                found["/" + path.partition("/")[2]] = record.raw_stream.read()
    return found


def heads(captured, kind="response"):
    """WARC headers and HTTP headers of each record of a kind, by path."""
    found = {}
    with captured.files["warc"].open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type == kind:
                url = record.rec_headers.get_header("WARC-Target-URI")
                found["/" + url.split("/", 3)[3]] = (record.rec_headers, record.http_headers)
    return found


def left_over():
    """The processes of captures that these tests began: others may be at work beside them."""
    return processes_of(f"{os.getpid()}-")


def every_byte(captured):
    """All that is in the files of a capture, unpacked."""
    for path in captured.files.values():
        content = path.read_bytes()
        yield content
        if path.name.endswith(".gz"):
            yield gzip.decompress(content)
        if path.suffix == ".wacz":
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                for name in package.namelist():
                    member = package.read(name)
                    yield member
                    if name.endswith(".gz"):
                        yield gzip.decompress(member)


# ---------------------------------------------------------------- an article


@pytest.fixture(scope="module")
def article(tmp_path_factory):
    """An article, reached over three redirects: the site and the capture."""
    with Simulator() as site:
        yield site, take(site, "/first", tmp_path_factory.mktemp("article"))


def test_an_article_is_taken_whole(article):
    _, captured = article
    assert (captured.details.outcome, captured.status) == (Outcome.TAKEN, CaptureStatus.COMPLETE)
    assert captured.verdict.state is ContentState.CONTENT
    assert captured.details.completeness.missing == ("context",)
    assert set(captured.files) == {"wacz", "warc", "html", "screenshot", "pdf", "text"}
    assert captured.details.notes == ()


@pytest.mark.parametrize(
    "path",
    [
        "/article",
        "/style.css",
        "/script.js",
        "/words.json",
        "/eager.png",
        "/lazy.png",
        "/film.webm",
        "/frame",
        "/taken",
    ],
)
def test_every_body_is_the_one_that_was_served(article, path):
    site, captured = article
    served, kept = site.served[path], payloads(captured)[path]
    assert hashlib.sha256(kept).hexdigest() == hashlib.sha256(served).hexdigest()
    assert heads(captured)[path][0].get_header("WARC-Payload-Digest") == (
        f"sha256:{hashlib.sha256(served).hexdigest()}"
    )


@pytest.mark.parametrize(
    ("path", "encoding"), [("/style.css", "gzip"), ("/script.js", "br"), ("/frame", "deflate")]
)
def test_a_body_that_was_decoded_says_so(article, path, encoding):
    site, captured = article
    warc, http = heads(captured)[path]
    assert warc.get_header("X-Body") == f"content-decoded, was {encoding}"
    assert (http.get_header("Content-Encoding"), http.get_header("x-orig-content-encoding")) == (
        None,
        encoding,
    )
    assert http.get_header("Content-Length") == str(len(site.served[path]))


def test_a_body_that_was_not_decoded_keeps_its_headers(article):
    _, captured = article
    warc, http = heads(captured)["/eager.png"]
    assert warc.get_header("X-Body") is None
    assert http.get_header("Content-Length") == str(len(payloads(captured)["/eager.png"]))


def test_what_a_script_inserted_is_in_the_text_the_page_and_the_index_of_pages(article):
    site, captured = article
    assert INSERTED in captured.text
    assert INSERTED in captured.files["html"].read_text("utf-8")
    assert INSERTED.encode() not in payloads(captured)["/article"]
    with captured.files["wacz"].open("rb") as file:
        (page,) = pages_in(file)
    assert (page.title, page.url, INSERTED in page.text) == (TITLE, site.url("/article"), True)


def test_the_picture_shows_the_whole_page(article):
    _, captured = article
    picture = captured.files["screenshot"].read_bytes()
    assert picture.startswith(b"\x89PNG")
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert width == 1366
    assert 4_500 < height < 6_000
    assert captured.files["pdf"].read_bytes().startswith(b"%PDF-")


def test_each_redirect_is_a_record_of_its_own(article):
    site, captured = article
    steps = [(each.url, each.status) for each in captured.details.redirect_chain]
    paths = [("/first", 301), ("/second", 302), ("/third", 307), ("/article", 200)]
    assert steps == [(site.url(path), status) for path, status in paths]
    assert heads(captured)["/second"][1].get_header("Location") == "/third"
    assert (captured.details.final_url, captured.details.http_status) == (site.url("/article"), 200)


def test_headers_are_those_of_the_wire(article):
    site, captured = article
    assert [value for name, value in captured.details.headers if name == "X-Twice"] == ["a", "b"]
    asked = heads(captured, "request")["/article"][1]
    sent = next(hit for hit in site.hits if hit.path == "/article").headers
    for name in ("User-Agent", "Accept", "Accept-Language", "Host", "Sec-Fetch-Mode"):
        assert asked.get_header(name) == sent[name]
    assert "Headless" not in captured.details.user_agent
    assert "Headless" not in str(sent)


def test_what_the_page_posted_is_kept(article):
    _, captured = article
    with captured.files["warc"].open("rb") as file:
        posted = [
            record.raw_stream.read()
            for record in ArchiveIterator(file)
            if record.rec_type == "request"
            and record.rec_headers.get_header("WARC-Target-URI").endswith("/taken")
        ]
    assert posted == [b"posted by the page"]


def test_no_cookie_and_no_password_stands_in_any_byte(article):
    site, captured = article
    assert any(COOKIE in hit.headers.get("Cookie", "") for hit in site.hits)
    for content in every_byte(captured):
        assert COOKIE.encode() not in content
        assert b"Proxy-Authorization:" not in content
        assert b"\r\nSet-Cookie:" not in content
        assert b"\r\nCookie:" not in content


def test_the_package_is_whole(article):
    _, captured = article
    with captured.files["wacz"].open("rb") as file:
        assert check_wacz(file) == []
    with captured.files["warc"].open("rb") as file:
        records = list(read_records(file))
    assert {record.block_holds for record in records} == {True}
    assert [record.type for record in records].count("resource") == 4
    with zipfile.ZipFile(captured.files["wacz"]) as package:
        assert json.loads(package.read("capture/details.json")) == captured.details.plain()


def test_every_time_in_the_package_is_by_the_callers_clock(article):
    _, captured = article
    with captured.files["warc"].open("rb") as file:
        times = [datetime.fromisoformat(record.date) for record in read_records(file)]
    assert min(times) == AT
    assert max(times) == captured.details.ended_at < AT + timedelta(seconds=30)


def test_the_record_says_with_what_it_was_made(article):
    site, captured = article
    details = captured.details
    assert details.browser.startswith("Chromium ")
    assert (details.tool, details.login_state, details.address) == ("lieber capture", "none", "127.0.0.1")
    assert details.hosts == (f"127.0.0.1:{site.port} 127.0.0.1",)
    assert details.refused == ()
    with captured.files["warc"].open("rb") as file:
        info = next(iter(ArchiveIterator(file))).raw_stream.read().decode()
    assert "Set-Cookie" in info
    assert details.user_agent in info


@pytest.mark.conformance
def test_py_wacz_finds_the_package_valid(article):
    command = os.environ.get("LIEBER_WACZ")
    if not command:
        pytest.skip("LIEBER_WACZ names no command of py-wacz")
    _, captured = article
    asked = [command, "validate", "-f", captured.files["wacz"]]
    assert subprocess.run(asked, capture_output=True, check=False).returncode == 0


# ---------------------------------------------------------------- other pages


def test_a_page_in_another_encoding_is_kept_byte_by_byte(site, tmp_path):
    captured = take(site, "/cyrillic", tmp_path, pdf=False)
    assert payloads(captured)["/cyrillic"] == site.served["/cyrillic"]
    assert "Розстріл" in captured.details.title
    assert "піднятими руками" in captured.text


def test_the_certificate_of_a_site_is_told(tmp_path):
    with Simulator(tls=certificate(tmp_path)) as site:
        captured = take(site, "/article", tmp_path / "taken", accept_bad_certificates=True, pdf=False)
        assert payloads(captured)["/article"] == site.served["/article"]
    tls = captured.details.tls
    assert (tls.protocol, tls.subject, tls.issuer, tls.trusted) == (
        "TLS 1.3",
        "simulator",
        "simulator",
        False,
    )
    assert tls.valid_from < datetime.now(UTC) < tls.valid_to
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import load_pem_x509_certificate

    known = load_pem_x509_certificate((tmp_path / "site.pem").read_bytes()).fingerprint(SHA256()).hex()
    assert tls.certificates_sha256 == (known,)


def test_a_certificate_that_nobody_trusts_is_no_page(tmp_path):
    with Simulator(tls=certificate(tmp_path)) as site:
        captured = take(site, "/article", tmp_path / "taken")
    assert (captured.details.outcome, captured.status) == (Outcome.UNREACHABLE, CaptureStatus.FAILED)
    assert "CERT_AUTHORITY_INVALID" in captured.details.notes[0]
    assert set(captured.files) == {"warc"}


@pytest.mark.parametrize(
    ("path", "obstacle"),
    [
        ("/to-login", Obstacle.LOGIN_WALL),
        ("/soft-404", Obstacle.NOT_FOUND),
        ("/challenge", Obstacle.CHALLENGE),
        ("/gone", Obstacle.NOT_FOUND),
    ],
)
def test_a_wall_is_kept_and_fails(site, tmp_path, path, obstacle):
    captured = take(site, path, tmp_path, pdf=False)
    assert (captured.details.outcome, captured.status) == (Outcome.TAKEN, CaptureStatus.FAILED)
    assert obstacle in {reason.obstacle for reason in captured.verdict.reasons}
    assert "wacz" in captured.files


@pytest.mark.parametrize("path", ["/download", "/document.pdf"])
def test_a_file_is_taken_as_a_file(site, tmp_path, path):
    captured = take(site, path, tmp_path)
    assert (captured.details.outcome, captured.verdict) == (Outcome.FILE, None)
    assert captured.status is CaptureStatus.INCOMPLETE
    assert captured.files["file"].read_bytes() == site.served[path] == payloads(captured)[path]


def test_what_a_page_calls_wrongly_is_kept_as_it_came(site, tmp_path):
    captured = take(site, "/wrong-type", tmp_path, pdf=False)
    kept = payloads(captured)
    for path in ("/picture-as-text", "/html-as-script"):
        assert kept[path] == site.served[path]


def test_a_page_that_goes_elsewhere_is_followed(site, tmp_path):
    captured = take(site, "/leaving", tmp_path, pdf=False)
    assert captured.details.final_url == site.url("/article")
    assert {"/leaving", "/article"} <= payloads(captured).keys()


def test_many_pictures_are_all_there(site, tmp_path):
    captured = take(site, "/many", tmp_path, pdf=False)
    assert captured.details.completeness.media
    kept = payloads(captured)
    assert {kept[f"/eager.png?{number}"] for number in range(300)} == {site.served["/eager.png"]}


def test_windows_are_not_opened(site, tmp_path):
    captured = take(site, "/popup", tmp_path, pdf=False)
    assert captured.status is CaptureStatus.COMPLETE
    assert "/opened" not in site.paths()


# ---------------------------------------------------------------- nothing beside the gate


def test_a_page_reaches_nothing_that_is_not_allowed(site, tmp_path):
    with Listener() as there:
        site.elsewhere = f"127.0.0.1:{there.port}"
        captured = take(site, "/reaching", tmp_path, pdf=False)
    assert there.reached == []
    assert "/reaching" in site.paths()
    assert captured.details.refused == (f"{site.elsewhere}: 127.0.0.1 is this machine itself (RFC 1122)",)


def test_a_redirect_to_this_machine_is_refused(site, tmp_path):
    with Listener() as there:
        site.elsewhere = f"127.0.0.1:{there.port}"
        captured = take(site, "/elsewhere", tmp_path)
    assert there.reached == []
    assert (captured.details.outcome, captured.status) == (Outcome.REFUSED, CaptureStatus.FAILED)
    assert [each.status for each in captured.details.redirect_chain] == [302]
    assert set(captured.files) == {"warc", "wacz"}


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::ffff:127.0.0.1"])
def test_a_name_that_leads_inside_is_refused(site, tmp_path, address):
    captured = take(site, "/article", tmp_path, host="inside.example", resolve=lambda _: ["1.1.1.1", address])
    assert captured.details.outcome is Outcome.REFUSED
    assert site.hits == []
    assert "inside.example leads to" in captured.details.refused[0]


def test_names_are_resolved_by_the_gate_alone(site, tmp_path):
    asked = []

    def resolve(host):
        asked.append(host)
        return ["127.0.0.1"]

    captured = take(site, "/article", tmp_path, host="news.example", resolve=resolve, pdf=False)
    assert captured.status is CaptureStatus.COMPLETE
    assert set(asked) == {"news.example"}
    assert {hit.headers["Host"] for hit in site.hits} == {f"news.example:{site.port}"}


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    "row",
    [
        ("/endless", {"resource_bytes": 2_000_000}, "the page itself is larger than is taken"),
        ("/with-huge", {"resource_bytes": 2_000_000}, "ends early (length)"),
        ("/with-bomb", {"resource_bytes": 2_000_000}, "ends early (length)"),
        ("/drip", {"seconds": 12}, "ends early (time)"),
        ("/with-silence", {}, "loading the page: given up after 4 seconds"),
        ("/with-broken", {}, "ends early (disconnect)"),
        ("/many", {"requests": 40}, "more than 40 requests: the rest was not made"),
        ("/alerts", {}, "the page shows dialogs without end: its scripts were stopped"),
        ("/loop", {}, "given up after"),
        (
            "/with-huge",
            {"bytes": 3_000_000, "resource_seconds": 20},
            "the gate closed: 3000000 bytes have passed",
        ),
    ],
    ids=lambda row: row[0],
)
def test_what_does_not_end_is_cut_and_what_came_is_kept(site, tmp_path, row):
    path, settings, note = row
    began = time.monotonic()
    captured = take(site, path, tmp_path, pdf=False, **settings)
    assert time.monotonic() - began < 60
    assert captured.details.outcome is Outcome.CUT
    assert any(note in each for each in captured.details.notes), captured.details.notes
    with captured.files["wacz"].open("rb") as file:
        assert check_wacz(file) == []
    assert path in payloads(captured)
    assert not left_over()


def test_a_cut_body_says_so_and_is_no_longer_than_agreed(site, tmp_path):
    captured = take(site, "/with-huge", tmp_path, pdf=False, resource_bytes=1_000_000)
    assert 1_000_000 <= len(payloads(captured)["/huge"]) < 1_500_000
    assert heads(captured)["/huge"][0].get_header("WARC-Truncated") == "length"
    assert not captured.details.completeness.media


@pytest.mark.parametrize(
    ("path", "note"),
    [
        ("/restless", "the page was not quiet within 2 seconds"),
        ("/one-alert", "a dialog was closed: once"),
        ("/with-events", ""),
        ("/tall", "pixels high"),
    ],
)
def test_a_restless_page_is_taken_all_the_same(site, tmp_path, path, note):
    captured = take(site, path, tmp_path, pdf=False)
    assert (captured.details.outcome, captured.status) == (Outcome.TAKEN, CaptureStatus.COMPLETE)
    assert note in " ".join(captured.details.notes)
    assert WORDS[:40] in captured.text


def test_a_stream_of_messages_is_noted_and_not_kept(site, tmp_path):
    captured = take(site, "/with-events", tmp_path, pdf=False)
    warc, _ = heads(captured)["/events"]
    assert warc.get_header("X-Body") == "a stream without end is not kept"
    assert payloads(captured)["/events"] == b""


def test_a_site_that_says_nothing_is_unreachable(site, tmp_path):
    captured = take(site, "/silent", tmp_path, seconds=6)
    assert (captured.details.outcome, captured.status) == (Outcome.UNREACHABLE, CaptureStatus.FAILED)
    (note,) = captured.details.notes
    assert note.startswith("opening the page: given up after")


def test_a_port_where_nobody_is_is_unreachable(site, tmp_path):
    with Listener() as there:
        port = there.port
    settings = CaptureSettings(allowed=(read_allowed(f"127.0.0.1:{port}"),), **LIMITS)
    captured = capture_page(f"http://127.0.0.1:{port}/", folder=tmp_path, at=AT, settings=settings)
    assert captured.details.outcome is Outcome.UNREACHABLE


# ---------------------------------------------------------------- ended from outside


def strike(kind, how):
    """Send a signal to every process of a capture whose command line holds a word."""
    for process in left_over():
        with suppress(OSError):
            if kind in Path(f"/proc/{process}/cmdline").read_bytes():
                os.kill(process, how)


def strike_after(site, path, kind, how=signal.SIGKILL):
    """Strike half a second after the site was asked for a path."""

    def wait():
        while path not in site.paths():
            time.sleep(0.02)
        time.sleep(0.5)
        strike(kind, how)

    threading.Thread(target=wait, daemon=True).start()


def test_a_page_that_brings_its_process_down_is_said(site, tmp_path):
    strike_after(site, "/with-silence", b"--type=renderer")
    captured = take(site, "/with-silence", tmp_path)
    assert (captured.details.outcome, captured.status) == (Outcome.CRASHED, CaptureStatus.INCOMPLETE)
    assert "the page brought its process down" in captured.details.notes
    assert payloads(captured)["/with-silence"] == site.served["/with-silence"]
    assert not left_over()


def test_a_browser_that_dies_is_said(site, tmp_path):
    strike_after(site, "/with-silence", b"--user-data-dir")
    captured = take(site, "/with-silence", tmp_path)
    assert captured.details.outcome in {Outcome.CRASHED, Outcome.STOPPED, Outcome.CUT}
    assert not left_over()


def test_a_process_that_hangs_is_ended_and_nothing_of_it_is_left(site, tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "work"))
    monkeypatch.setattr("lieber_mission.outside.browser.starting.GRACE_SECONDS", 2.0)
    began = time.monotonic()
    strike_after(site, "/with-silence", b"outside.browser", signal.SIGSTOP)
    captured = take(site, "/with-silence", tmp_path / "taken", seconds=6)
    assert time.monotonic() - began < 12
    assert list((tmp_path / "work").iterdir()) == []
    assert captured.details.outcome is Outcome.STOPPED
    assert "the browser did not end by itself and was ended" in captured.details.notes
    assert not left_over()


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.example/a",
        "ftp://news.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://user:word@news.example/",
        "http://news.example:x/",
        "http://[broken/",
        "http://news.example/a b",
        "http://news.example/\n",
        "http://news.example/" + "a" * 9_000,
    ],
)
def test_what_is_no_address_of_a_page_is_refused(tmp_path, url):
    with pytest.raises(BadInput, match="address with http or https"):
        capture_page(url, folder=tmp_path, at=AT)


def test_other_unusable_input_is_refused(tmp_path):
    with pytest.raises(BadInput, match="time zone"):
        capture_page("http://news.example/", folder=tmp_path, at=AT.replace(tzinfo=None))
    nowhere = CaptureSettings(executable=str(tmp_path / "none"))
    with pytest.raises(BadInput, match="needs Chromium"):
        capture_page("http://news.example/", folder=tmp_path, at=AT, settings=nowhere)
    (tmp_path / "there").write_text("x")
    with pytest.raises(BadInput, match="empty folder"):
        capture_page("http://news.example/", folder=tmp_path, at=AT)


def test_a_browser_that_does_not_start_is_said(tmp_path):
    settings = CaptureSettings(executable="/bin/false", **LIMITS)
    captured = capture_page("http://news.example/", folder=tmp_path, at=AT, settings=settings)
    assert captured.status is CaptureStatus.FAILED
    assert "could not be started" in captured.details.notes[0]
