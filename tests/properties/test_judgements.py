"""Clusters are a function of the set of judgements, and of nothing else."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lieber.link import Judgement, Verdict, clusters

START = datetime(2024, 1, 1, tzinfo=UTC)
THINGS = "ABCDEFGH"
PAIRS = st.lists(st.sampled_from(THINGS), min_size=2, max_size=2, unique=True)


@st.composite
def histories(draw, verdicts=tuple(Verdict)):
    """Judgements as an office makes them: each with its own id, many at one instant."""
    pairs = draw(st.lists(PAIRS, max_size=25))
    return [
        Judgement(
            left=left,
            right=right,
            verdict=draw(st.sampled_from(verdicts)),
            at=START + timedelta(hours=draw(st.integers(0, 6))),
            by="analyst",
            id=f"JDG-{number:02}",
        )
        for number, (left, right) in enumerate(pairs)
    ]


def later(history, left, right, verdict):
    """A judgement after all of these."""
    return Judgement(left, right, verdict, START + timedelta(days=9), "reviewer", f"JDG-{len(history):02}")


# ---------------------------------------------------------------- an independent reading of the rules


def standing(history):
    """The judgement that stands on each pair, by going through them in order of time."""
    latest = {}
    for judgement in sorted(history, key=lambda each: (each.at, each.id)):
        latest[frozenset((judgement.left, judgement.right))] = judgement
    return sorted(latest.values(), key=lambda each: (each.at, each.id))


def reached(start, edges):
    """What can be reached over the edges: the brute force of connected components."""
    seen, ahead = set(), [start]
    while ahead:
        thing = ahead.pop()
        if thing not in seen:
            seen.add(thing)
            ahead += [other for edge in edges if thing in edge for other in edge - {thing}]
    return frozenset(seen)


def brute_force(history):
    """Clusters and contradictions, each SAME tried on the graph of those applied before it."""
    judged = standing(history)
    apart = [each for each in judged if each.verdict is Verdict.DIFFERENT]
    edges: list[frozenset[str]] = []
    refused = []
    for judgement in judged:
        if judgement.verdict is Verdict.SAME:
            tried = [*edges, frozenset((judgement.left, judgement.right))]
            broken = [each for each in apart if each.right in reached(each.left, tried)]
            if broken:
                refused.append((judgement, broken[0]))
            else:
                edges = tried
    return {reached(thing, edges) for thing in THINGS}, refused


# ---------------------------------------------------------------- properties


@given(histories())
def test_clusters_are_those_of_the_brute_force(history):
    found = clusters(history, things=THINGS)
    expected, refused = brute_force(history)
    assert set(map(frozenset, found.clusters)) == expected
    assert [(each.same, each.different) for each in found.contradictions] == refused
    assert list(found.pending) == [each for each in standing(history) if each.verdict is Verdict.UNSURE]


@given(histories(verdicts=(Verdict.SAME,)))
def test_without_a_different_clusters_are_connected_components(history):
    edges = [frozenset((each.left, each.right)) for each in history]
    found = clusters(history, things=THINGS)
    assert set(map(frozenset, found.clusters)) == {reached(thing, edges) for thing in THINGS}
    assert not found.contradictions


@given(histories(), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_clusters(history, chance):
    shuffled = chance.sample(history, len(history))
    assert clusters(shuffled, things=THINGS) == clusters(history, things=THINGS)


@given(histories(), st.data())
def test_a_duplicate_changes_nothing(history, data):
    again = data.draw(st.lists(st.sampled_from(history))) if history else []
    assert clusters([*history, *again]) == clusters(history)


@given(histories(), PAIRS)
def test_a_judgement_before_the_standing_one_changes_nothing(history, pair):
    left, right = pair
    final = later(history, left, right, Verdict.DIFFERENT)
    dropped = [each for each in history if {each.left, each.right} != set(pair)]
    assert clusters([*history, final], things=THINGS) == clusters([*dropped, final], things=THINGS)


@given(histories(), PAIRS, st.sampled_from([Verdict.DIFFERENT, Verdict.UNSURE]))
def test_a_merge_that_is_split_again_restores_the_clusters(history, pair, split):
    """On a pair of which nobody had judged anything, and that nothing else had joined."""
    left, right = pair
    history = [each for each in history if {each.left, each.right} != set(pair)]
    before = clusters(history, things=THINGS)
    if before.together(left, right):
        return
    merge = Judgement(left, right, Verdict.SAME, START + timedelta(days=8), "analyst", "JDG-90")
    undo = later(history, left, right, split)
    after = clusters([*history, merge, undo], things=THINGS)
    assert after.clusters == before.clusters


@given(histories())
def test_each_thing_is_in_exactly_one_cluster(history):
    found = clusters(history, things=THINGS)
    assert sorted(thing for members in found.clusters for thing in members) == sorted(THINGS)
    assert all(thing in found.members(thing) for thing in THINGS)
    assert all(found.members(thing) in found.clusters for thing in THINGS)


@given(histories())
def test_a_standing_different_is_never_broken(history):
    found = clusters(history)
    for judgement in standing(history):
        if judgement.verdict is Verdict.DIFFERENT:
            assert not found.together(judgement.left, judgement.right)


@given(histories())
def test_a_standing_same_is_applied_or_reported(history):
    found = clusters(history)
    reported = [each.same for each in found.contradictions]
    for judgement in standing(history):
        if judgement.verdict is Verdict.SAME:
            assert found.together(judgement.left, judgement.right) != (judgement in reported)


@given(histories(), st.permutations(THINGS))
def test_every_id_leads_to_the_one_that_was_opened_first(history, order):
    opened = {thing: START + timedelta(days=day) for day, thing in enumerate(order)}
    found = clusters(history, things=THINGS)
    redirects = found.redirects(opened=opened)
    for thing in THINGS:
        first = found.representative(thing, opened=opened)
        assert redirects.get(thing, thing) == first
        assert first == min(found.members(thing), key=order.index)
        assert first not in redirects
