"""The example register served as `mission demo` serves it, and Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from postgres_server import free_port
from site_processes import mission_in

BUILT = Path(__file__).parents[2] / "src" / "lieber_mission" / "static" / "built" / "site.css"
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
    """The same for one module that leaves its work in the register."""
    with served(tmp_path_factory.mktemp("own") / "data") as found:
        yield found


@contextmanager
def served(folder):
    """Address and password of the example register in a folder, while it is served."""
    if not BUILT.is_file():
        pytest.fail(f"{BUILT} is not there: `make assets/made` builds it.")
    mission = mission_in(folder, None)
    mission.environment.pop("LIEBER_DATABASE", None)
    # A browser takes passkeys on http for localhost only, and the site for tests only.
    mission.environment["LIEBER_PASSKEYS_ON_HTTP"] = "yes"
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
