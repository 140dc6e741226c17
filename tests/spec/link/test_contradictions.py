"""Two accounts contradict on a point only where what they say cannot both be true (R-04, R-12)."""

from datetime import date
from itertools import permutations

import pytest

from lieber.base import DatePrecision, PlacePrecision, Quantifier, UncertainDate, UncertainPlace
from lieber.link import Conflict, Point, Telling, can_both_be_true, conflicts, number_said
from spec.tables import table

NUMBERS = table("""
one       | other     | contradict | why
exact 3   | exact 3   | no         | the same number
exact 3   | exact 5   | yes        | two exact numbers
at_least 2| exact 5   | no         | five are at least two
at_least 6| exact 5   | yes        | five are fewer than six
up_to 7   | exact 5   | no         | five are within seven
up_to 4   | exact 5   | yes        | five are more than four
up_to 4   | at_least 4| no         | four fits both
between 2 4 | between 4 6 | no     | four fits both
between 2 3 | between 4 6 | yes    | no number fits both
about 5   | exact 4   | no         | about leaves open on which side the number lies
about 5   | exact 0   | yes        | about five is not nobody
dozens    | exact 3   | yes        | dozens are at least twelve (R-12)
several   | exact 9   | no         | nine are several
unknown   | exact 9   | no         | no number contradicts nothing
exact 0   | at_least 1| yes        | nobody, and somebody
""")
DAYS = table("""
one                          | other                        | contradict | why
2024-10-03 day               | 2024-10-03 day               | no         | the same day
2024-10-03 day               | 2024-10-05 day               | yes        | two days
2024-10-01/2024-10-31 month  | 2024-10-03 day               | no         | the day lies in the month
2024-10-01/2024-10-31 month  | 2024-11-02 day               | yes        | the day lies in another month
2024-10-06/2024-10-07 day    | 2024-10-07 day               | no         | a night over midnight
2024-10-01/2024-10-31 month  | 2024-10-20/2024-11-10 month  | no         | the spans meet
2023-11-01/2024-10-31 unknown| 2024-11-02 day               | no         | a date that is not known contradicts none
-                            | 2024-11-02 day               | no         | nothing said
""")
PARTIES = table("""
one      | other    | contradict | why
B        | B        | no         | the same party
B        | A        | yes        | two parties
unknown  | A        | no         | not attributed
disputed | A        | no         | the source itself leaves it open
-        | A        | no         | nothing said
""")
PLACES = table("""
one                    | other                  | contradict | why
XX/North/-/Upper       | XX/North/-/Upper       | no         | one settlement
XX/North/-/Upper       | XX/North/-/Lower       | yes        | two settlements
XX/North/-/-           | XX/North/-/Lower       | no         | a region holds its settlement
XX/South/-/-           | XX/North/-/Lower       | yes        | another region
XX/North/-/Upper@1,1   | XX/North/-/Ober@1,1.001| no         | two spellings of one place: the points are within reach
XX/North/-/Upper@1,1   | XX/North/-/Ober@1,2    | yes        | two names, and the points are far apart
-                      | XX/North/-/Lower       | no         | nothing said
""")


def killed(cell):
    word, *numbers = cell.split()
    return Telling(killed=number_said(Quantifier(word), *map(int, numbers)))


def occurred(cell):
    if cell == "-":
        return Telling()
    days, precision = cell.split()
    first, _, last = days.partition("/")
    return Telling(
        occurred=UncertainDate(
            date.fromisoformat(first), date.fromisoformat(last or first), DatePrecision(precision)
        )
    )


def placed(cell):
    if cell == "-":
        return Telling()
    names, _, point = cell.partition("@")
    country, region, district, settlement = (name.replace("-", "") for name in names.split("/"))
    latitude, longitude = map(float, point.split(",")) if point else (None, None)
    precision = PlacePrecision.SETTLEMENT if settlement else PlacePrecision.REGION
    return Telling(
        place=UncertainPlace("", settlement, district, region, country, latitude, longitude, precision)
    )


def blamed(cell):
    return Telling(perpetrator_party=cell.replace("-", ""))


def victims(cell):
    return Telling(victim_party=cell.replace("-", ""))


RULES = [
    *((Point.KILLED, killed, row) for row in NUMBERS),
    *((Point.OCCURRED, occurred, row) for row in DAYS),
    *((Point.PERPETRATORS, blamed, row) for row in PARTIES),
    *((Point.VICTIMS, victims, row) for row in PARTIES),
    *((Point.PLACE, placed, row) for row in PLACES),
]


@pytest.mark.parametrize(("point", "read", "row"), RULES, ids=[f"{p.value}: {r['why']}" for p, _, r in RULES])
def test_the_table(point, read, row):
    for one, other in permutations((read(row["one"]), read(row["other"]))):
        assert can_both_be_true(point, one, other) == (row["contradict"] == "no")


def test_persons_present_is_one_number():
    assert not can_both_be_true(Point.PRESENT, Telling(present=9), Telling(present=8))
    assert can_both_be_true(Point.PRESENT, Telling(present=9), Telling())


def test_every_pair_is_named_with_its_point():
    said = {"ACC-1": killed("exact 3"), "ACC-2": killed("exact 5"), "ACC-3": killed("at_least 4")}
    assert conflicts(said) == (
        Conflict(Point.KILLED, "ACC-1", "ACC-2"),
        Conflict(Point.KILLED, "ACC-1", "ACC-3"),
    )


def test_accounts_that_say_nothing_contradict_nothing():
    assert conflicts({"ACC-1": Telling(), "ACC-2": killed("exact 5"), "ACC-3": Telling()}) == ()
