"""Figures by columns are the figures of the rule, whatever the findings, their versions and the recipe."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lieber.base import Overlap
from lieber.publish import GROUPINGS, CountedFinding, compute, group_by
from lieber.publish.columns import Version, columns_of, count, with_versions

from .test_figures import one_finding, recipes, registers


@st.composite
def histories(draw):
    """Versions of a few findings in the order of a log with other entries between them."""
    entry, found = 0, []
    for _ in range(draw(st.integers(0, 15))):
        entry += draw(st.integers(1, 3))
        number = draw(st.integers(0, 5))
        finding = draw(one_finding(f"INC-{number}"))._replace(merged_into="")
        found.append(Version(f"FND-{number}", entry, finding))
    return found


@st.composite
def narrowed(draw):
    recipe = draw(recipes())
    words = {"perpetrator_party": ["", "A"], "status": ["", "wounded"], "manner": ["", "shot", "x"]}
    return replace(recipe, **{name: draw(st.sampled_from(each)) for name, each in words.items()})


# What the register says beside the findings: what is merged, and the number that makes an incident certain.
BESIDE = st.tuples(st.dictionaries(st.sampled_from(["INC-1", "INC-4"]), st.just("INC-0")), st.integers(1, 3))


def as_of(history, position, merged):
    """What the rule counts: the last version of each finding before the position."""
    standing: dict[str, CountedFinding] = {}
    for version in history:
        if version.entry < position:
            standing[version.thing] = version.finding
    return [finding._replace(merged_into=merged.get(finding.incident, "")) for finding in standing.values()]


def assert_same(counted, figure):
    assert (counted.victims, counted.incidents, counted.open_maxima) == (
        figure.victims,
        figure.incidents,
        figure.open_maxima,
    )
    inside = [each for each in figure.contributions if each.decision.counts is not Overlap.OUTSIDE]
    assert counted.contributions(0, len(counted)) == inside
    for grouping in GROUPINGS:
        assert counted.group_by(grouping) == group_by(figure, grouping)


@given(histories(), narrowed(), st.integers(0, 50), BESIDE)
def test_columns_count_what_the_rule_counts(history, recipe, position, beside):
    merged, needed = beside
    columns = columns_of(history)
    counted = count(recipe, columns, position=position, merged=merged, killing_needed=needed)
    assert_same(counted, compute(recipe, as_of(history, position, merged), killing_needed=needed))


@given(histories(), narrowed(), st.integers(0, 15), st.integers(0, 50))
def test_columns_that_grew_are_those_made_at_once(history, recipe, at, position):
    grown = with_versions(columns_of(history[:at]), history[at:])
    assert_same(
        count(recipe, grown, position=position, merged={}), compute(recipe, as_of(history, position, {}))
    )


@given(registers(), recipes())
def test_two_groupings_at_once_sum_to_the_figure(register, recipe):
    versions = [Version(f"FND-{n}", n, each._replace(merged_into="")) for n, each in enumerate(register)]
    counted = count(recipe, columns_of(versions), position=len(versions), merged={})
    assert sum(counted.by_both("party", "month").values()) == counted.incidents.best
