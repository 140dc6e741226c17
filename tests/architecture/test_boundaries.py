"""Maps follow the United Nations' practice on boundaries: which country's outline holds which place."""

import json

import pytest

from architecture.source import SRC

BASEMAP = SRC / "lieber_mission" / "static" / "built" / "basemap.json"
# Place, longitude, latitude, country (ISO 3166-1 numeric). The first two: A/RES/68/262.
PLACES = (
    ("Simferopol", 34.10, 44.95, "804"),
    ("Sevastopol", 33.53, 44.58, "804"),
    ("Kerch", 36.40, 45.33, "804"),
    ("Kyiv", 30.52, 50.45, "804"),
    ("Donetsk", 37.80, 48.00, "804"),
    ("Rostov-on-Don", 39.72, 47.23, "643"),
    ("Krasnodar", 38.98, 45.04, "643"),
    ("Chisinau", 28.86, 47.01, "498"),
)


def inside(ring, longitude, latitude):
    """Whether a point lies in a ring: how often a ray from it crosses the line is odd."""
    crossings = 0
    for (x, y), (a, b) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y > latitude) != (b > latitude):
            crossings += longitude < (a - x) * (latitude - y) / (b - y) + x
    return crossings % 2 == 1


def holds(geometry, longitude, latitude):
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return any(sum(inside(ring, longitude, latitude) for ring in rings) % 2 for rings in parts)


@pytest.fixture(scope="module")
def basemap():
    assert BASEMAP.is_file(), f"{BASEMAP} is not there: `make .venv/assets` builds it."
    return json.loads(BASEMAP.read_text("utf-8"))


@pytest.mark.parametrize("row", PLACES, ids=[row[0] for row in PLACES])
def test_a_place_lies_in_the_outline_of_its_country_alone(basemap, row):
    _, longitude, latitude, country = row
    found = [
        each["properties"]["code"]
        for each in basemap["countries"]["features"]
        if holds(each["geometry"], longitude, latitude)
    ]
    assert found == [country]


def test_no_border_is_drawn_where_a_part_was_given_back(basemap):
    """Between Simferopol and Kherson no line of a border runs: the part was dissolved into the whole."""
    near = [
        point
        for line in basemap["borders"]["geometry"]["coordinates"]
        for point in line
        if 32.5 < point[0] < 35.2 and 45.3 < point[1] < 46.4
    ]
    assert near == []
