"""Krippendorff's alpha: the published examples, and values of the package `krippendorff`."""

import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lieber.code import alpha
from lieber.code.agreement import masi, nominal

GOLDEN = json.loads((Path(__file__).parent / "krippendorff.json").read_text("utf-8"))
NO = None
# K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).
FOUR_OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NO, NO, NO],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NO, 3],
    [NO, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NO],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NO],
]
TWO_OBSERVERS = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]


def test_the_published_example_of_four_observers_with_missing_values():
    assert alpha(zip(*FOUR_OBSERVERS, strict=True)) == pytest.approx(0.743, abs=0.0005)


def test_the_published_binary_example_of_two_observers():
    assert alpha(zip(*TWO_OBSERVERS, strict=True)) == pytest.approx(0.095, abs=0.0005)


@pytest.mark.parametrize("matrix", GOLDEN["matrices"], ids=lambda matrix: f"{matrix['alpha']:.3f}")
def test_the_values_of_another_program(matrix):
    assert alpha(zip(*matrix["coders"], strict=True)) == pytest.approx(matrix["alpha"], abs=1e-12)


TERMS = st.frozensets(st.sampled_from("abcd"), max_size=3)
UNITS = st.lists(st.tuples(TERMS, TERMS), min_size=1, max_size=12)


def by_definition(units, distance):
    """One minus observed over expected disagreement, over all pairs of values one by one."""
    values = [value for unit in units for value in unit]
    observed = sum(2 * distance(*unit) for unit in units) / len(values)
    among = 2 * sum(distance(left, right) for left, right in combinations(values, 2))
    expected = among / (len(values) * (len(values) - 1))
    return 1 - observed / expected if expected else None


@pytest.mark.parametrize("distance", [nominal, masi])
@given(units=UNITS)
def test_alpha_is_what_its_definition_says(distance, units):
    found, defined = alpha(units, distance), by_definition(units, distance)
    assert (found is None) == (defined is None)
    if found is not None:
        assert found == pytest.approx(defined, abs=1e-12)
        assert found <= 1


@given(units=UNITS)
def test_neither_the_order_of_units_nor_that_of_coders_matters(units):
    turned = [(right, left) for left, right in reversed(units)]
    found = alpha(units, masi)
    assert alpha(turned, masi) == (None if found is None else pytest.approx(found, abs=1e-12))
