"""The gallery of the manual is of these pages. With LIEBER_SCREENSHOTS=yes its pictures are taken anew."""

from __future__ import annotations

import os
import struct

import pytest

from browser.gallery import FOLDER, PICTURES
from browser.walk import confirm, route_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HEIGHT = 900
# Addresses that show more than the plain one.
TELLING = {"figure-difference": "?victims=UA&tier=credible&since=2024-08-31&from=2024-11-30&to=2024-12-31",
           "find": "?q=trench",
           "sun": "?latitude=48.5&longitude=37.5&on=2024-10-02&direction=312&length=1.6",
           "figures": "?victims=UA&tier=alleged&since=2024-08-31"}  # fmt: skip


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_page_is_pictured(site, officers, pages, picture):
    handle, address = pages[picture.route]
    page = officers[handle].new_page()
    page.set_viewport_size({"width": picture.width, "height": HEIGHT})
    page.emulate_media(color_scheme=picture.theme)
    page.goto(address.partition("?")[0] + TELLING.get(picture.route, ""), wait_until="load")
    confirm(page, site[1])
    assert route_of(page.url) == picture.route
    kept = FOLDER / picture.name
    if os.environ.get("LIEBER_SCREENSHOTS") == "yes":
        page.screenshot(type="jpeg", quality=70, path=kept)
    page.close()
    assert kept.is_file(), f"{kept} is missing: LIEBER_SCREENSHOTS=yes takes it"
    assert size(kept.read_bytes()) == (picture.width, HEIGHT)


def size(jpeg: bytes) -> tuple[int, int]:
    """Width and height of a JPEG, from its first frame header."""
    at = 2
    while jpeg[at + 1] not in {0xC0, 0xC1, 0xC2}:
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    high, wide = struct.unpack(">HH", jpeg[at + 5 : at + 9])
    return wide, high
