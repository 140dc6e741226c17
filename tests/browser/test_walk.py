"""An officer's walk through the site in Chromium: no request leaves the machine, nothing overflows."""

from __future__ import annotations

import pytest

from browser.walk import log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = (
    "/",
    "/figures/?victims=UA&tier=alleged&since=2024-08-31&until=2025-02-03&as_of=2025-02-03",
    "/incidents/", "/accounts/", "/items/", "/statements/", "/tallies/", "/log/", "/log/5/", "/nowhere/",
)  # fmt: skip


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
    log_in(page, address, "analyst", password)
    for path in PAGES:
        page.goto(address + path)
        assert page.locator("h1").count() == 1
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), path
    page.goto(f"{address}/incidents/?text=vuhledar")
    page.get_by_role("link", name="Five captives shot near Vuhledar").click()
    page.get_by_role("heading", name="History of the finding").wait_for()
    page.locator("table tbody a[href*='/accounts/']").first.click()
    page.get_by_text("Field by field").wait_for()
    assert left == []
    assert [text for text in complaints if "404" not in text] == []
    context.close()


def test_the_keyboard_reaches_the_content_first(site, browser):
    address, password = site
    page = browser.new_page()
    log_in(page, address, "analyst", password)
    page.goto(f"{address}/incidents/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()
