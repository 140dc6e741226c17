"""Reliability of a source and credibility of what it says: two grades, kept apart (1.15).

F and 6 say that nobody can tell. They are counted beside the others and are never the worst.
"""

from __future__ import annotations

import pytest

from lieber.assess import Grading, credibilities, reliabilities, spread
from lieber.base import BadInput
from spec.tables import table

SPREADS = table("""
grades  | best | worst | cannot be judged
A B F   | A    | B     | 1
E F F   | E    | E     | 2
F F     | -    | -     | -
1 6     | 1    | 1     | 1
5 2 6   | 2    | 5     | 1
6       | -    | -     | -
""")

GRADES = table("""
source | information | source can be judged | information can be judged
A      | 1           | yes                  | yes
E      | 5           | yes                  | yes
F      | 2           | no                   | yes
B      | 6           | yes                  | no
F      | 6           | no                   | no
       | 3           | no                   | yes
""")


@pytest.mark.parametrize("row", SPREADS, ids=lambda row: row["grades"])
def test_what_cannot_be_judged_is_not_the_worst(row):
    grades = row["grades"].split()
    scale = credibilities() if grades[0].isdigit() else reliabilities()
    found = spread(grades, scale=scale)
    said = [row["best"], row["worst"], row["cannot be judged"]]
    assert (["-"] * 3 if found is None else [str(part) for part in found]) == said


@pytest.mark.parametrize("row", GRADES, ids=lambda row: f"{row['source']}{row['information']}")
def test_the_two_are_judged_apart(row):
    grading = Grading(row["source"], row["information"])
    assert grading.source_can_be_judged == (row["source can be judged"] == "yes")
    assert grading.information_can_be_judged == (row["information can be judged"] == "yes")


@pytest.mark.parametrize("grades", [("G", ""), ("", "7"), ("1", "A"), ("a", "")])
def test_what_is_no_grade_is_refused(grades):
    with pytest.raises(BadInput, match="A grade is one of"):
        Grading(*grades)


def test_there_is_no_number_made_of_both():
    """Nothing of a grading can be put in order with another, or counted with."""
    with pytest.raises(TypeError):
        sorted([Grading("A", "1"), Grading("B", "2")])  # type: ignore[type-var]
