"""Every page in both themes: no fault of accessibility, nothing inline or from elsewhere, no overflow, small.

The pages are found by the table of routes and the links of pages: a route that is added later is looked at
without being named here.
"""

from __future__ import annotations

import json
import os
from functools import cache

import pytest

from architecture.source import ROOT
from browser.walk import confirm, route_of
from lieber_mission.policies.access import ROUTES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
THEMES = ("light", "dark")
WIDTHS = (380, 1280, 2560)
# What the first page costs over the wire at most, in bytes: two seconds on a line of 1.2 Mbit/s.
AT_MOST = 300_000
# What the map's own script does to its elements is no style of the page.
INLINE = (
    "[style]:not(.maplibregl-map, .maplibregl-map *), style, script:not([src]):not([type='application/json'])"
)
# The map is counted apart: it comes after the page, and everything on it stands beside it as a list.
OF_THE_MAP = ("/built/map", "/built/basemap")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Routes that show no page of their own in the example, and why.
NO_PAGE = {
    "seen": "answers to forms only",
    "proposal": "nothing is before reviewers in the example; test_review.py looks at one",
    "proposal-mend": "as proposal",
    "candidate": "each account of the example is of an incident; test_review.py looks at one",
    "choose": "answers to forms only",
    "account-ask": "answers to forms only",
    "account-codings": "nothing of the example was coded a second time",
    "coding-next": "leads on to the item that waits longest",
    "draft": "answers to scripts",
    "incident-beside": "needs the id of another incident, typed on the page of the first",
    "incident-places": "read by the map",
    "incident-points": "read by the map",
    "entry-proof": "a file",
    "exhibit-file": "a file",
    "exhibit-replay": "no captured page is held in the example; test_replay.py looks at one",
    "upload": "answers to scripts",
    "upload-begin": "answers to scripts",
    "exhibit-copy": "answers to forms only",
    "figure-file": "a file",
    "follow-ups-file": "a file",
    "incidents-export": "a file",
    "statements-file": "a file",
    "tallies-file": "a file",
    "month-chart": "a picture",
    "field-form-file": "a file",
    "mfa_download_recovery_codes": "a file, once there are codes",
    "mfa_view_recovery_codes": "leads on while there is no second factor",
    "mfa_deactivate_totp": "leads on while there is no second factor",
    "mfa_remove_webauthn": "there is no such key",
    "mfa_edit_webauthn": "there is no such key",
    "mfa_authenticate": "shown while logging in with a second factor",
    "mfa_reauthenticate": "shown where there is a second factor",
    "mfa_reauthenticate_webauthn": "shown where there is such a key",
    "mfa_login_webauthn": "answers to scripts",
    "account_signup": "refused: accounts are by invitation",
    "join": "needs an invitation",
    "person": "the example protects nobody",
    "opening": "the example protects nobody",
}


@cache
def axe() -> str:
    """The rules of accessibility as a script (npm installs it with the style sheet)."""
    return (ROOT / "assets" / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def test_every_route_shows_a_page_or_says_why_not(pages):
    assert set(pages) - {"nowhere"} == set(ROUTES) - set(NO_PAGE)


@pytest.mark.parametrize("route", [*sorted(set(ROUTES) - set(NO_PAGE)), "nowhere"])
def test_a_page(site, officers, pages, route):
    handle, address = pages[route]
    page = officers[handle].new_page()
    left: list[str] = []
    lost: list[str] = []
    page.on(
        "request", lambda asked: None if asked.url.startswith((site[0], "data:")) else left.append(asked.url)
    )
    page.on(
        "response", lambda got: lost.append(got.url) if got.status >= 400 and got.url != address else None
    )
    page.goto(address)
    if route != "account_reauthenticate":
        confirm(page, site[1])
    assert route_of(page.url) == (route if route != "nowhere" else "")
    assert page.locator("h1").count() == 1
    assert page.locator(INLINE).count() == 0
    assert [fault for theme in THEMES for fault in (*overflows(page, theme), *faults(page, theme))] == []
    assert left == []
    assert lost == []
    page.close()


def overflows(page, theme) -> list[str]:
    """The widths at which the page is wider than the window."""
    page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if (over := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            found.append(f"{theme}: {over} pixels too wide at {width}")
    return found


def faults(page, theme) -> list[str]:
    """What the rules find in one theme on a small and a middling screen: rule, element, measure."""
    page.evaluate(axe())
    return [
        f"{theme}, {width}: {each['id']}: {node['html'][:160]} {_measured(node)}"
        for width in WIDTHS[:2]
        for each in _found(page, width)
        for node in each["nodes"]
    ]


def _found(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    # what follows the size of the window has followed it by the second frame
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    asked = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
    return page.evaluate(f"{asked}.then(told => told.violations)", RULES)


def _measured(node) -> str:
    return json.dumps([check["data"] for check in node["any"] if check.get("data")])[:200]


@pytest.mark.parametrize("route", ["account_login", "figures", "incidents", "incident", "item", "style"])
def test_the_first_page_is_small_over_the_wire(browser, officers, pages, route):
    handle, address = pages[route]
    # the officer's own session: a further one would end the oldest
    with browser.new_context(storage_state=officers[handle].storage_state()) as context:
        page = context.new_page()
        # as on a first visit: nothing is kept from the page of logging in
        meter = context.new_cdp_session(page)
        meter.send("Network.enable")
        meter.send("Network.setCacheDisabled", {"cacheDisabled": True})
        taken: list[int] = []
        asked: dict[str, str] = {}
        meter.on(
            "Network.requestWillBeSent",
            lambda sent: asked.update({sent["requestId"]: sent["request"]["url"]}),
        )
        meter.on(
            "Network.loadingFinished",
            lambda done: (
                None
                if any(part in asked[done["requestId"]] for part in OF_THE_MAP)
                else taken.append(int(done["encodedDataLength"]))
            ),
        )
        page.goto(address, wait_until="networkidle")
        assert route_of(page.url) == route
        print(f"{route}: {sum(taken):,} bytes: {taken}")
        assert len(taken) >= 3
        assert sum(taken) <= AT_MOST


@pytest.mark.parametrize("theme", THEMES)
def test_the_page_of_components_is_pictured(site, officers, theme):
    """With LIEBER_SCREENSHOTS=yes the picture of the manual is taken anew."""
    kept = ROOT / "docs" / "reference" / "screenshots" / f"style-{theme}.png"
    page = officers["analyst"].new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme=theme)
    page.goto(f"{site[0]}/style/")
    assert route_of(page.url) == "style"
    taken = page.screenshot(
        full_page=True, path=kept if os.environ.get("LIEBER_SCREENSHOTS") == "yes" else None
    )
    assert kept.is_file()
    # what is kept is of this page: as wide, and about as high
    assert _size(kept.read_bytes())[0] == _size(taken)[0] == 1280
    assert _size(kept.read_bytes())[1] == pytest.approx(_size(taken)[1], rel=0.2)
    page.close()


def _size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG (its first chunk)."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
