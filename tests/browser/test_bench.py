"""The examiner's bench in a browser: parts are drawn on a picture, and copies are judged by keys."""

from __future__ import annotations

import re

import pytest

from browser.conftest import served
from browser.walk import log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def held_site(tmp_path_factory):
    """The example register with pictures, in which this module leaves its work."""
    with served(tmp_path_factory.mktemp("held") / "data") as found:
        yield found


@pytest.fixture(params=[True, False], ids=["with the pointer", "by hand"])
def drawn(request):
    return request.param


@pytest.fixture
def page(held_site, browser):
    address, password = held_site
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    log_in(page, address, "analyst", password)
    yield page
    context.close()


def bench(page, address):
    """The bench of an item of which a picture is held."""
    page.goto(address + "/copies/")
    page.locator("tbody a").first.click()
    page.locator("main a[href$='/bench/']").first.click()
    page.locator(".exhibit").first.wait_for()


def test_a_part_is_covered_on_a_copy(held_site, page, drawn):
    bench(page, held_site[0])
    before = page.locator("details[data-viewer]").count()
    page.locator("#mark > summary").click()
    parts = page.locator("#mark [name=parts]")
    if drawn:
        page.locator("details[data-viewer] > summary").first.click()
        shown = page.locator(".stage .shown").first
        page.wait_for_function("() => document.querySelector('.stage .shown').naturalWidth > 0")
        shown.scroll_into_view_if_needed()
        box = shown.bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5, steps=4)
        page.mouse.up()
        assert re.match(r"^2[45][\d.]* 2[45][\d.]* (49|50)[\d.]* (49|50)[\d.]* $", parts.input_value())
    else:
        parts.fill("25 25 50 50")
    page.locator("#mark [name=how]").select_option("redaction")
    page.locator("#mark [name=reason]").fill("a face")
    page.locator("#mark button.main").click()
    page.locator(".notice, [role=status]").first.wait_for()
    assert page.locator("details[data-viewer]").count() == before + 1
    page.locator("details.viewer:not([data-exhibit]) > summary").last.click()
    page.wait_for_function("() => [...document.querySelectorAll('.viewer .shown')].at(-1).naturalWidth > 0")


def test_a_copy_is_judged_by_a_key_and_leaves_the_queue(held_site, page):
    page.goto(held_site[0] + "/copies/")
    page.locator("tbody a").first.click()
    page.wait_for_url("**/family/")
    page.locator("details[data-viewer] > summary").first.click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.stage.pair .shown')].every((one) => one.naturalWidth > 0)"
    )
    assert page.locator(".stage.pair").first.get_attribute("class").split() == ["stage", "pair", "grey"]
    page.locator("h1").click()
    page.keyboard.press("y")
    page.locator("text=Judged to be the same footage").first.wait_for()
    page.goto(held_site[0] + "/copies/")
    assert page.locator("tbody tr").count() == 0
