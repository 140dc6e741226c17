"""How far two sets of terms are apart, and what may be said of how coders agree.

Sets are compared by MASI (R. Passonneau, 2006): one minus Jaccard's share of common terms, weighted by 1 for the
same sets, 2/3 where one holds the other, 1/3 where they overlap. Bounds of alpha: K. Krippendorff, "Content
Analysis", chapter 12; with fewer than ten pairs nothing is said.
"""

import pytest

from lieber.code.agreement import FieldAgreement, Kind, agreement, masi, said_of
from spec.tables import table

DISTANCE_OF_SETS = table("""
first       | second      | distance | what
-           | -           | 0        | both say that the passage does not tell
shot        | shot        | 0        | the same
shot        | -           | 1        | nothing in common
shot        | drone       | 1        | nothing in common
shot        | shot drone  | 0.6667   | one holds the other: 1 - 2/3 * 1/2
shot drone  | drone blade | 0.8889   | they overlap: 1 - 1/3 * 1/3
a b c       | a b         | 0.5556   | one holds the other: 1 - 2/3 * 2/3
""")

WHAT_ALPHA_ALLOWS = table("""
pairs | alpha | allows
9     | 1.0   | -
10    | 1.0   | reliable
10    | 0.8   | reliable
10    | 0.79  | tentative
10    | 0.667 | tentative
10    | 0.66  | unreliable
10    | -0.2  | unreliable
500   | -     | -
""")

WHAT_COUNTS_AS_THE_SAME = table("""
field          | first          | second         | same
killed         | exact 5 -      | exact 5 -      | yes
killed         | exact 5 -      | at_least 5 -   | no
killed         | unknown - -    | unknown - -    | yes
victim_party   | AA             | aa             | yes
victim_party   | unknown        | -              | yes
victim_party   | AA             | -              | no
region         | North          | north          | yes
announced_by   | A;B            | B;A            | yes
""")


def cell(text):
    return "" if text == "-" else text


def terms(text):
    return frozenset(cell(text).split())


@pytest.mark.parametrize("row", DISTANCE_OF_SETS, ids=lambda row: f"{row['first']} / {row['second']}")
def test_distance_of_sets(row):
    assert masi(terms(row["first"]), terms(row["second"])) == pytest.approx(float(row["distance"]), abs=5e-5)
    assert masi(terms(row["second"]), terms(row["first"])) == masi(terms(row["first"]), terms(row["second"]))


@pytest.mark.parametrize("row", WHAT_ALPHA_ALLOWS, ids=lambda row: f"{row['pairs']} at {row['alpha']}")
def test_what_alpha_allows(row):
    found = None if row["alpha"] == "-" else float(row["alpha"])
    field = FieldAgreement("region", Kind.NAME, int(row["pairs"]), 0, found)
    assert field.grade == cell(row["allows"])


def coded(field, text):
    if field == "killed":
        word, n, m = text.split()
        return {"killed_quantifier": word, "killed_n": cell(n) or None, "killed_m": cell(m) or None}
    if field == "announced_by":
        return {field: cell(text).split(";")}
    return {field: cell(text)}


@pytest.mark.parametrize("row", WHAT_COUNTS_AS_THE_SAME, ids=lambda row: f"{row['field']} {row['first']}")
def test_what_counts_as_the_same(row):
    first, second = (said_of(coded(row["field"], row[side]), row["field"]) for side in ("first", "second"))
    assert (first == second) == (row["same"] == "yes")


def test_what_was_not_asked_is_missing_and_what_was_left_empty_is_not():
    pairs = [({"region": ""}, {"region": ""}), ({"region": "North"}, {"country": "XX"})]
    by_field = {field.field: field for field in agreement(pairs)}
    assert (by_field["region"].pairs, by_field["region"].same) == (1, 1)
    assert (by_field["country"].pairs, by_field["country"].alpha) == (0, None)
