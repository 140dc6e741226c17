"""Uncertain places: words of precision, the metres they stand for, and points on the globe."""

import pytest

from lieber.base import BadInput, PlacePrecision, UncertainPlace
from spec.tables import table

RADII = table("""
precision  | own radius | metres | what
exact      | -          | 10     | Atlos: exact
vicinity   | -          | 100    | Atlos: vicinity
settlement | -          | 1000   | Atlos: locality
sector     | -          | 25000  | UCDP where_prec 2
district   | -          | -      | an area has no radius
region     | -          | -      | an area has no radius
country    | -          | -      | an area has no radius
none       | -          | -      | nothing is known
settlement | 10000      | 10000  | a rough point says how rough
""")

POINTS = table("""
latitude | longitude | accepted | what
47.78    | 37.25     | yes      | Vuhledar
90       | 180       | yes      | the corners of the globe
-90      | -180      | yes      | the other corners
90.001   | 0         | no       | beyond the pole
0        | 180.001   | no       | beyond the date line
37.25    | -         | no       | half a point
-        | 37.25     | no       | the other half
-        | -         | yes      | no point
""")


def number(cell: str) -> float | None:
    return None if cell == "-" else float(cell)


@pytest.mark.parametrize("row", RADII, ids=lambda row: f"{row['precision']} {row['own radius']}")
def test_metres_around_the_point(row):
    own = None if row["own radius"] == "-" else int(row["own radius"])
    place = UncertainPlace(precision=PlacePrecision(row["precision"]), radius_metres=own)
    assert place.radius == number(row["metres"])


def test_every_word_has_its_row():
    assert {row["precision"] for row in RADII} == {precision.value for precision in PlacePrecision}


@pytest.mark.parametrize("row", POINTS, ids=lambda row: row["what"])
def test_points(row):
    def build() -> UncertainPlace:
        return UncertainPlace(latitude=number(row["latitude"]), longitude=number(row["longitude"]))

    if row["accepted"] == "yes":
        assert build().latitude == number(row["latitude"])
    else:
        with pytest.raises(BadInput, match="A point needs"):
            build()
