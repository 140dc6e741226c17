"""Files sent from a browser: over a line that breaks, and by a page that was closed in the middle."""

from __future__ import annotations

import random

import pytest

from browser.walk import log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PART = 8 * 1024 * 1024


@pytest.fixture
def page(own_site, browser):
    address, password = own_site
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    log_in(page, address, "monitor", password)
    yield page
    context.close()


@pytest.fixture
def film(tmp_path):
    """A file of three parts."""
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom" + random.Random(1).randbytes(2 * PART + 1_000))
    return path


def held(page, address, path):
    """The bench to which the line of the file leads when it was taken in."""
    link = page.locator("[data-lines] a")
    link.wait_for(timeout=60_000)
    page.goto(address + link.get_attribute("href"))
    return page.locator(".digest").first.text_content()


def sha256(path):
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_broken_line_costs_nothing_but_time(own_site, page, film):
    sent = []

    def breaks(route):
        sent.append(route.request.headers["upload-offset"])
        if len(sent) == 2:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.goto(own_site[0] + "/take-in/")
    page.route(
        "**/uploads/*/", lambda route: breaks(route) if route.request.method == "PATCH" else route.continue_()
    )
    page.locator("[data-files]").first.set_input_files(film)
    assert held(page, own_site[0], film) == sha256(film)
    assert sent == ["0", str(PART), str(PART), str(2 * PART)]


def test_a_page_that_was_closed_goes_on_where_it_was(own_site, page, film):
    film.write_bytes(film.read_bytes() + b"another")
    offsets = []
    page.goto(own_site[0] + "/take-in/")
    page.on(
        "request",
        lambda asked: offsets.append(asked.headers["upload-offset"]) if asked.method == "PATCH" else None,
    )
    page.route(
        "**/uploads/*/",
        lambda route: (
            route.abort() if route.request.headers.get("upload-offset") == str(PART) else route.continue_()
        ),
    )
    page.locator("[data-files]").first.set_input_files(film)
    page.wait_for_function("document.querySelector('[data-lines]').textContent.includes('%')")
    while str(PART) not in offsets:
        page.wait_for_timeout(100)
    page.goto("about:blank")
    page.unroute_all()
    offsets.clear()
    page.goto(own_site[0] + "/take-in/")
    page.locator("[data-files]").first.set_input_files(film)
    assert held(page, own_site[0], film) == sha256(film)
    assert offsets == [str(PART), str(2 * PART)]
