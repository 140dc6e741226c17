"""Vague numbers by the published table (R-12), and the order min ≤ best ≤ max (R-09)."""

import pytest

from lieber.base import VAGUE_NUMBERS, BadInput, Quantifier, UncertainCount, count_of
from spec.tables import table


def number(cell: str) -> int | None:
    return None if cell == "-" else int(cell)


# What a source says, and what its words compel. "-" is not said, or left open.
SAID = table("""
words    | n  | m  | min | best | max | what
exact    | 5  | -  | 5   | 5    | 5   | the number itself
exact    | 0  | -  | 0   | 0    | 0   | nobody is a number too
at_least | 7  | -  | 7   | 7    | -   | at least seven: open above
up_to    | 25 | -  | 0   | -    | 25  | up to 25 compels nobody
between  | 4  | 9  | 4   | -    | 9   | a range has no best number
about    | 40 | -  | 40  | 40   | -   | about forty: open above
tens     | -  | -  | 10  | -    | -   | ACLED: tens are ten
dozens   | -  | -  | 12  | -    | -   | ACLED: dozens are twelve
hundreds | -  | -  | 100 | -    | -   | ACLED: hundreds are a hundred
several  | -  | -  | 3   | -    | -   | several are three
unknown  | -  | -  | 0   | -    | -   | no number compels nobody
several  | 8  | -  | 3   | -    | -   | a number beside vague words is not used
""")

# The same words, and the numbers as they are summed.
SUMMED = table("""
min | best | max | low | middle | high | open
5   | 5    | 5   | 5   | 5      | 5    | no
7   | 7    | -   | 7   | 7      | 7    | yes
0   | -    | 25  | 0   | 0      | 25   | no
4   | -    | 9   | 4   | 4      | 9    | no
10  | -    | -   | 10  | 10     | 10   | yes
""")

REFUSED_ORDERS = table("""
min | best | max | what
-1  | -    | -   | fewer than nobody
5   | 4    | -   | best below min
5   | -    | 4   | max below min
1   | 3    | 2   | best above max
""")

REFUSED_WORDS = table("""
words    | n | m | what
exact    | - | - | exactly needs a number
at_least | - | - | at least needs a number
up_to    | - | - | up to needs a number
about    | - | - | about needs a number
between  | 4 | - | a range needs two
between  | - | 9 | a range needs both
between  | 9 | 4 | a range runs upward
exact    | -3 | - | fewer than nobody
""")


@pytest.mark.parametrize("row", SAID, ids=lambda row: row["what"])
def test_what_words_compel(row):
    count = count_of(Quantifier(row["words"]), number(row["n"]), number(row["m"]))
    assert [count.min, count.best, count.max] == [number(row[name]) for name in ("min", "best", "max")]


@pytest.mark.parametrize("row", SUMMED, ids=lambda row: f"{row['min']} {row['best']} {row['max']}")
def test_numbers_as_they_are_summed(row):
    count = UncertainCount(int(row["min"]), number(row["best"]), number(row["max"]))
    assert count.taken == tuple(int(row[name]) for name in ("low", "middle", "high"))
    assert count.open == (row["open"] == "yes")


@pytest.mark.parametrize("row", REFUSED_ORDERS, ids=lambda row: row["what"])
def test_broken_orders_are_refused(row):
    with pytest.raises(BadInput, match="min ≤ best ≤ max"):
        UncertainCount(int(row["min"]), number(row["best"]), number(row["max"]))


@pytest.mark.parametrize("row", REFUSED_WORDS, ids=lambda row: row["what"])
def test_words_without_their_number_are_refused(row):
    with pytest.raises(BadInput):
        count_of(Quantifier(row["words"]), number(row["n"]), number(row["m"]))


def test_every_quantifier_stands_in_the_table():
    assert set(VAGUE_NUMBERS) == set(Quantifier) == {Quantifier(row["words"]) for row in SAID}
