"""Invariants of the values that everything rests on."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lieber.base import (
    RANDOM_BYTES,
    BadInput,
    DatePrecision,
    Overlap,
    Quantifier,
    UncertainCount,
    UncertainDate,
    Window,
    check_id,
    count_of,
    new_id,
)

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
START = date(2024, 1, 1)
DAYS = st.integers(0, 500).map(lambda days: START + timedelta(days=days))
IDS = st.builds(
    new_id,
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3),
    st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES),
)


@given(IDS, st.data())
def test_any_single_changed_character_of_an_id_is_refused(made, data):
    place = data.draw(st.sampled_from([i for i, character in enumerate(made) if character != "-"]))
    other = data.draw(st.sampled_from([each for each in CHARACTERS if each != made[place]]))
    with pytest.raises(BadInput):
        check_id(made[:place] + other + made[place + 1 :])


@given(st.sampled_from(Quantifier), st.integers(0, 500), st.integers(0, 500))
def test_what_words_compel_is_in_order(quantifier, one, other):
    n, m = sorted((one, other))
    count = count_of(quantifier, n, m)
    low, middle, high = count.taken
    assert 0 <= low <= middle <= high


@given(st.integers(-2, 9), st.none() | st.integers(-2, 9), st.none() | st.integers(-2, 9))
def test_a_count_is_in_order_or_refused(low, best, high):
    known = [number for number in (low, best, high) if number is not None]
    in_order = low >= 0 and all(a <= b for a, b in pairwise(known))
    if in_order:
        low_taken, best_taken, high_taken = UncertainCount(low, best, high).taken
        assert low_taken <= best_taken <= high_taken
    else:
        with pytest.raises(BadInput):
            UncertainCount(low, best, high)


@st.composite
def uncertain_dates(draw):
    earliest, latest = sorted((draw(DAYS), draw(DAYS)))
    best = draw(st.none() | st.dates(earliest, latest))
    return UncertainDate(earliest, latest, DatePrecision.UNKNOWN, best)


@st.composite
def adjacent_windows(draw):
    """Windows that follow each other without a gap and together hold all days."""
    edges = sorted(draw(st.sets(DAYS, max_size=6)))
    since: list[date | None] = [None, *edges]
    until = [*(edge - timedelta(days=1) for edge in edges), None]
    return [Window(first, last) for first, last in zip(since, until, strict=True)]


@given(uncertain_dates(), adjacent_windows())
def test_of_adjacent_windows_exactly_one_holds_the_best_day(when, windows):
    assert sum(window.holds(when.best_day) for window in windows) == 1


@given(uncertain_dates(), adjacent_windows())
def test_a_date_is_certain_in_one_window_or_possible_in_several(when, windows):
    overlaps = [when.within(window) for window in windows]
    inside = [overlap for overlap in overlaps if overlap is not Overlap.OUTSIDE]
    assert inside == [Overlap.CERTAIN] or (len(inside) > 1 and set(inside) == {Overlap.POSSIBLE})


@given(uncertain_dates(), DAYS, DAYS)
def test_overlap_is_what_the_days_say_one_by_one(when, one, other):
    window = Window(*sorted((one, other)))
    days = [when.earliest + timedelta(days=n) for n in range((when.latest - when.earliest).days + 1)]
    held = sum(window.holds(day) for day in days)
    expected = Overlap.OUTSIDE if not held else Overlap.CERTAIN if held == len(days) else Overlap.POSSIBLE
    assert when.within(window) is expected
