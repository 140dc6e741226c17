"""An officer's walk through the site in Chromium: no request leaves the machine, nothing overflows."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from postgres_server import free_port
from site_processes import mission_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PAGES = (
    "/figures/?victims=UA&tier=alleged&since=2024-08-31&until=2025-02-03&as_of=2025-02-03",
    "/incidents/", "/accounts/", "/items/", "/statements/", "/tallies/", "/log/", "/log/5/", "/nowhere/",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The example register, served as `mission demo` serves it."""
    mission = mission_in(tmp_path_factory.mktemp("site") / "data", None)
    mission.environment.pop("LIEBER_DATABASE", None)
    assert mission.run("demo", "--no-serve").returncode == 0
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "lieber_mission", "serve", "--port", str(port)], env=mission.environment
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/log-in/")
        yield address, (mission.folder / "demo-password.txt").read_text("utf-8")
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310  # our own http address
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"{address} did not answer")


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        if os.environ.get("LIEBER_REQUIRE_BROWSER"):
            pytest.fail(f"{CHROMIUM} is not there: `scripts/setup-debian chromium` installs it.")
        pytest.skip(f"{CHROMIUM} is not there: `scripts/setup-debian chromium` installs it.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield started
        started.close()


def enter(page, address: str, password: str) -> None:
    """Log in as the analyst, by keyboard."""
    page.goto(address)
    page.get_by_label("Handle").fill("analyst")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/figures/**")


@pytest.mark.parametrize("width", [380, 1280, 2560])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_walk(site, browser, width, scheme):
    address, password = site
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    left, complaints = [], []
    page.on(
        "request",
        lambda request: left.append(request.url) if not request.url.startswith((address, "data:")) else None,
    )
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    enter(page, address, password)
    for path in PAGES:
        page.goto(address + path)
        assert page.locator("h1").count() == 1
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), path
    page.goto(f"{address}/incidents/?text=vuhledar")
    page.get_by_role("link", name="Five captives shot near Vuhledar").click()
    page.get_by_role("heading", name="History of the finding").wait_for()
    page.locator("table a[href*='/accounts/']").first.click()
    page.get_by_text("Field by field").wait_for()
    assert left == []
    assert [text for text in complaints if "404" not in text] == []
    context.close()


def test_the_keyboard_reaches_the_content_first(site, browser):
    address, password = site
    page = browser.new_page()
    enter(page, address, password)
    page.goto(f"{address}/incidents/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()
