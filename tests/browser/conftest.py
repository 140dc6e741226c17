"""The example register served as `mission demo` serves it, and Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from browser.walk import WALKERS, confirm, log_in, pages_from
from postgres_server import free_port
from site_processes import mission_in

BUILT = Path(__file__).parents[2] / "src" / "lieber_mission" / "static" / "built" / "site.css"
# Files that the mission holds: pictures of its own pages, since no others may be in the repository.
PICTURED = sorted((Path(__file__).parents[2] / "docs" / "reference" / "screenshots").glob("home*.jpg"))
CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The example register, served as `mission demo` serves it; address and the officers' password."""
    with served(tmp_path_factory.mktemp("site") / "data") as found:
        yield found


@pytest.fixture(scope="module")
def own_site(tmp_path_factory):
    """The same for one module that leaves its work in the register, and needs no pictures."""
    with served(tmp_path_factory.mktemp("own") / "data", pictured=False) as found:
        yield found


@contextmanager
def served(folder, *, pictured=True):
    """Address and password of the example register in a folder, while it is served."""
    if not BUILT.is_file():
        pytest.fail(f"{BUILT} is not there: `make assets/made` builds it.")
    mission = mission_in(folder, None)
    mission.environment.pop("LIEBER_DATABASE", None)
    # A browser takes passkeys on http for localhost only, and the site for tests only.
    mission.environment["LIEBER_PASSKEYS_ON_HTTP"] = "yes"
    mission.demo(*(("pictured", _with_pictures) if pictured else ()))
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


def _with_pictures(mission):
    above = mission.folder.parent
    _received(above / "received")
    assert mission.run("import", "media", "received", "--by", "monitor", at=above).returncode == 0
    assert mission.run("work", "--once", "--quiet").returncode == 0


def _received(folder):
    """Pictures, and a mirrored copy of the first one, so that there is a family of copies."""
    folder.mkdir()
    for path in PICTURED:
        shutil.copy(path, folder)
    ImageOps.mirror(Image.open(PICTURED[0])).save(folder / "mirrored.png")


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310  # our own http address
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"{address} did not answer")


@pytest.fixture(scope="session")
def browser():
    """Chromium, or a skip where it is not installed."""
    if not CHROMIUM.exists():
        if os.environ.get("LIEBER_REQUIRE_BROWSER"):
            pytest.fail(f"{CHROMIUM} is not there: `scripts/setup-debian chromium` installs it.")
        pytest.skip(f"{CHROMIUM} is not there: `scripts/setup-debian chromium` installs it.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(autouse=True)
def browser_lives(browser):
    """A process whose Chromium crashed ends after the test that met it, and another takes the rest."""
    yield
    if not browser.is_connected() and "PYTEST_XDIST_WORKER" in os.environ:
        sys.stderr.write("Chromium crashed: this process ends.\n")
        os._exit(1)


@pytest.fixture(scope="session")
def officers(site, browser):
    """Each walker's browser, logged in."""
    address, password = site
    contexts = {}
    for handle in WALKERS:
        # the rules are a script of the test's, not of the page's
        contexts[handle] = browser.new_context(bypass_csp=True, reduced_motion="reduce")
        page = contexts[handle].new_page()
        log_in(page, address, handle, password)
        if handle == "head-of-mission":
            _open(page, address, password)
        page.close()
    contexts[""] = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    yield contexts
    for context in contexts.values():
        context.close()


def _open(page, address, password):
    """A compartment and a team, so that their pages have something to show."""
    for path in ("/compartments/", "/teams/"):
        page.goto(address + path)
        page.locator("main [name=name]").fill("East")
        page.locator("main button.main").click()
        confirm(page, password)


@pytest.fixture(scope="session")
def pages(site, officers):
    """One address and one officer who may open it, for each route that shows a page."""
    found: dict[str, tuple[str, str]] = {"account_login": ("", f"{site[0]}/log-in/")}
    for handle in WALKERS:
        for route, address in pages_from(site[0], officers[handle].request):
            found.setdefault(route, (handle, address))
    found["nowhere"] = ("analyst", f"{site[0]}/nowhere/")
    return found
