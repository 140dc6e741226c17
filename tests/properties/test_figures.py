"""Invariants of figures over random registers."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lieber.assess import Tier
from lieber.base import Overlap, Window
from lieber.publish import GROUPINGS, ZERO, Bounds, CountedFinding, Recipe, compute, difference, group_by

START = date(2024, 1, 1)
DAYS = st.integers(0, 400).map(lambda days: START + timedelta(days=days))


@st.composite
def killed(draw):
    low = draw(st.integers(0, 6))
    best = draw(st.none() | st.integers(low, low + 4))
    high = draw(st.none() | st.integers(low if best is None else best, 15))
    return low, best, high


@st.composite
def one_finding(draw, incident="INC-0"):
    earliest, latest = sorted((draw(DAYS), draw(DAYS)))
    low, best, high = draw(killed())
    return CountedFinding(
        incident=incident,
        tier=draw(st.integers(0, 4)),
        earliest=earliest,
        latest=latest,
        best_day=draw(st.dates(earliest, latest)),
        killed_min=low,
        killed_best=best,
        killed_max=high,
        victim_party=draw(st.sampled_from("AB")),
        perpetrator_party=draw(st.sampled_from(["A", "B", ""])),
        series=draw(st.sampled_from(["killed_hors_de_combat", "deaths_in_captivity"])),
        status=draw(st.sampled_from(["", "wounded", "in_custody"])),
        manner=draw(st.sampled_from(["", "shot", "drone"])),
        region=draw(st.sampled_from(["", "North", "South"])),
        merged_into=draw(st.sampled_from(["", "", "", "INC-X"])),
    )


@st.composite
def registers(draw, most=12):
    number = draw(st.integers(0, most))
    return [draw(one_finding(f"INC-{index}")) for index in range(number)]


@st.composite
def recipes(draw):
    since, until = sorted((draw(DAYS), draw(DAYS)))
    window = Window(draw(st.sampled_from([since, None])), draw(st.sampled_from([until, None])))
    tier = Tier(draw(st.integers(1, 4)))
    return Recipe(draw(st.sampled_from("AB")), window, tier, "", "1.0", "killed_hors_de_combat")


@given(registers(), recipes())
def test_bounds_are_ordered(register, recipe):
    figure = compute(recipe, register)
    for part in (figure.victims, figure.incidents, *(c.decision.victims for c in figure.contributions)):
        assert 0 <= part.min <= part.best <= part.max


@given(registers(), recipes())
def test_parts_sum_to_the_total_with_the_unknown(register, recipe):
    figure = compute(recipe, register)
    for grouping in GROUPINGS:
        victims, incidents = ZERO, ZERO
        for part in group_by(figure, grouping):
            victims, incidents = victims.plus(part.victims), incidents.plus(part.incidents)
        assert (victims, incidents) == (figure.victims, figure.incidents)


@given(registers(), recipes())
def test_a_higher_threshold_never_raises_a_count(register, recipe):
    """R-14."""
    figures = [
        compute(Recipe(recipe.victim_party, recipe.window, tier, "", "1.0", recipe.series), register)
        for tier in (Tier.ALLEGED, Tier.CREDIBLE, Tier.VERIFIED, Tier.ADJUDICATED)
    ]
    for lower, higher in pairwise(figures):
        for unit in ("victims", "incidents"):
            assert all(a >= b for a, b in zip(getattr(lower, unit), getattr(higher, unit), strict=True))


@given(registers(), recipes())
def test_swapping_the_parties_swaps_the_labels_and_nothing_else(register, recipe):
    """R-02: the metamorphic test of impartiality."""
    other = {"A": "B", "B": "A", "": ""}
    swapped = [
        row._replace(victim_party=other[row.victim_party], perpetrator_party=other[row.perpetrator_party])
        for row in register
    ]
    mirrored = Recipe(other[recipe.victim_party], recipe.window, recipe.tier, "", "1.0", recipe.series)
    one, two = compute(recipe, register), compute(mirrored, swapped)
    assert (one.victims, one.incidents, one.open_maxima) == (two.victims, two.incidents, two.open_maxima)
    assert [(c.incident, c.decision, c.reason) for c in one.contributions] == [
        (c.incident, c.decision, c.reason) for c in two.contributions
    ]


@given(registers(), registers(), recipes())
def test_the_steps_of_a_difference_sum_to_it(before, after, recipe):
    earlier, later = compute(recipe, before), compute(recipe, after)
    victims, incidents = ZERO, ZERO
    for step in difference(earlier, later):
        victims, incidents = victims.plus(step.victims), incidents.plus(step.incidents)
    assert victims == later.victims.minus(earlier.victims)
    assert incidents == later.incidents.minus(earlier.incidents)


@given(registers(), recipes())
def test_the_order_of_findings_is_nothing(register, recipe):
    one, two = compute(recipe, register), compute(recipe, register[::-1])
    assert (one.victims, one.incidents) == (two.victims, two.incidents)
    assert [c.reason for c in one.contributions] == [c.reason for c in two.contributions]


@given(registers(), st.integers(0, 400), st.integers(0, 400))
def test_the_best_figures_of_windows_that_follow_each_other_add_up(register, first, second):
    """Exactly one of two adjacent windows holds the best day; minima and maxima only bound the sum."""
    cut, end = sorted((first, second))
    windows = [
        Window(START, START + timedelta(days=cut)),
        Window(START + timedelta(days=cut + 1), START + timedelta(days=end + 1)),
        Window(START, START + timedelta(days=end + 1)),
    ]
    early, late, whole = (
        compute(Recipe("A", window, Tier.ALLEGED, "", "1.0", "killed_hors_de_combat"), register)
        for window in windows
    )
    assert early.victims.best + late.victims.best == whole.victims.best
    assert early.victims.min + late.victims.min <= whole.victims.min
    assert early.victims.max + late.victims.max >= whole.victims.max


@given(one_finding(), recipes())
def test_a_count_is_certain_only_where_every_bound_says_so(row, recipe):
    figure = compute(recipe, [row])
    for part in figure.contributions:
        if part.decision.counts is Overlap.CERTAIN:
            assert part.decision.incidents == Bounds(1, 1, 1)
        if part.decision.counts is Overlap.OUTSIDE:
            assert part.decision.victims == part.decision.incidents == ZERO
