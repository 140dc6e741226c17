"""Judgements and the clusters that follow from them."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from lieber.base import BadInput
from lieber.link import Contradiction, Judgement, Verdict, clusters

SAME, DIFFERENT, UNSURE = Verdict.SAME, Verdict.DIFFERENT, Verdict.UNSURE
DAY_ONE = datetime(2024, 11, 1, tzinfo=UTC)


def judged(left, right, verdict, day, *, number=None):
    """A judgement on a day; its id is the day's unless another number is given."""
    return Judgement(left, right, verdict, DAY_ONE + timedelta(days=day), "analyst", f"JDG-{number or day}")


def test_same_joins_across_steps():
    found = clusters([judged("A", "B", SAME, 1), judged("C", "B", SAME, 2)])
    assert found.clusters == (("A", "B", "C"),)
    assert found.members("C") == ("A", "B", "C")
    assert found.together("A", "C")
    assert found.key("C") == "A"


def test_different_and_unsure_join_nothing():
    unsure = judged("B", "C", UNSURE, 2)
    found = clusters([judged("A", "B", DIFFERENT, 1), unsure])
    assert found.clusters == (("A",), ("B",), ("C",))
    assert found.pending == (unsure,)
    assert not found.contradictions


def test_things_that_nobody_judged_are_alone():
    found = clusters([judged("A", "B", SAME, 1)], things=["C", "A"])
    assert found.clusters == (("A", "B"), ("C",))
    assert found.members("never heard of") == ("never heard of",)
    assert found.together("never heard of", "never heard of")
    assert not found.together("A", "never heard of")
    assert clusters([]).clusters == ()


def test_the_latest_judgement_of_a_pair_stands_whichever_side_is_left():
    joined, split = judged("A", "B", SAME, 1), judged("B", "A", DIFFERENT, 2)
    assert clusters([joined, split]).clusters == (("A",), ("B",))
    assert clusters([split, joined, judged("A", "B", SAME, 3)]).clusters == (("A", "B"),)


def test_a_later_doubt_splits_and_is_pending():
    doubt = judged("A", "B", UNSURE, 2)
    found = clusters([judged("A", "B", SAME, 1), doubt])
    assert found.clusters == (("A",), ("B",))
    assert found.pending == (doubt,)


def test_of_two_judgements_at_one_instant_the_later_id_stands():
    first, second = judged("A", "B", SAME, 1, number=1), judged("A", "B", DIFFERENT, 1, number=2)
    assert clusters([second, first]).clusters == (("A",), ("B",))


def test_a_same_against_a_standing_different_is_a_contradiction_that_names_both():
    apart = judged("A", "C", DIFFERENT, 3)
    older, newer = judged("A", "B", SAME, 1), judged("B", "C", SAME, 2)
    found = clusters([newer, apart, older])
    assert found.clusters == (("A", "B"), ("C",))
    assert found.contradictions == (Contradiction(same=newer, different=apart),)


def test_the_older_same_is_applied_first():
    apart = judged("A", "C", DIFFERENT, 3)
    older, newer = judged("B", "C", SAME, 1), judged("A", "B", SAME, 2)
    found = clusters([newer, apart, older])
    assert found.clusters == (("A",), ("B", "C"))
    assert found.contradictions == (Contradiction(same=newer, different=apart),)


def test_of_several_that_keep_apart_the_oldest_is_named():
    apart = [judged("A", "C", DIFFERENT, 6), judged("B", "D", DIFFERENT, 5)]
    joined = [judged("A", "B", SAME, 1), judged("C", "D", SAME, 2)]
    bridge = judged("A", "D", SAME, 9)
    found = clusters([*apart, *joined, bridge])
    assert found.clusters == (("A", "B"), ("C", "D"))
    assert found.contradictions == (Contradiction(same=bridge, different=apart[1]),)


@pytest.mark.parametrize(("older", "newer"), ["AB", "BA"])
def test_the_oldest_is_named_where_both_joined_things_are_kept_apart_from_a_third(older, newer):
    """In any order of the judgements, since that decides which set is taken over."""
    oldest, other = judged(older, "C", DIFFERENT, 5), judged(newer, "C", DIFFERENT, 6)
    joined = [judged("A", "B", SAME, 1), judged("C", "D", SAME, 2)]
    bridge = judged("A", "D", SAME, 9)
    for history in permutations([oldest, other, *joined, bridge]):
        found = clusters(history)
        assert found.clusters == (("A", "B"), ("C", "D"))
        assert found.contradictions == (Contradiction(same=bridge, different=oldest),)


def test_a_contradiction_ends_where_one_of_the_pairs_is_judged_again():
    judgements = [judged("A", "B", SAME, 1), judged("B", "C", SAME, 2), judged("A", "C", DIFFERENT, 3)]
    assert clusters(judgements).contradictions
    again = clusters([*judgements, judged("A", "C", SAME, 4)])
    assert again.clusters == (("A", "B", "C"),)
    assert not again.contradictions


def test_a_different_elsewhere_does_not_touch_a_cluster():
    found = clusters([judged("A", "B", SAME, 1), judged("C", "D", SAME, 2), judged("B", "C", DIFFERENT, 3)])
    assert found.clusters == (("A", "B"), ("C", "D"))
    assert not found.contradictions


def test_the_incident_that_was_opened_first_stands_for_its_cluster():
    opened = {"INC-2": DAY_ONE, "INC-1": DAY_ONE + timedelta(days=1)}
    found = clusters([judged("INC-1", "INC-2", SAME, 2), judged("ACC-1", "INC-1", SAME, 1)])
    assert found.representative("ACC-1", opened=opened) == "INC-2"
    assert found.representative("INC-1", opened=opened) == "INC-2"
    assert found.redirects(opened=opened) == {"INC-1": "INC-2"}


def test_a_split_gives_each_id_back_to_itself():
    opened = {"INC-1": DAY_ONE, "INC-2": DAY_ONE}
    found = clusters([judged("INC-1", "INC-2", SAME, 1), judged("INC-1", "INC-2", DIFFERENT, 2)])
    assert [found.representative(each, opened=opened) for each in opened] == ["INC-1", "INC-2"]
    assert found.redirects(opened=opened) == {}


def test_a_cluster_of_accounts_alone_has_no_incident():
    with pytest.raises(BadInput, match="No incident was opened for ACC-1"):
        clusters([judged("ACC-1", "ACC-2", SAME, 1)]).representative("ACC-1", opened={})


@pytest.mark.parametrize(
    ("left", "right", "at", "said"),
    [
        ("A", "A", DAY_ONE, "names A twice"),
        ("A", "B", datetime(2024, 11, 1), "needs a time zone"),  # noqa: DTZ001
    ],
)
def test_bad_judgements_are_refused(left, right, at, said):
    with pytest.raises(BadInput, match=said):
        Judgement(left, right, SAME, at, "analyst", "JDG-1")


def test_long_chains_are_no_trouble():
    """A chain of SAME, the worst for recursion, one thing after the other."""
    length = 20_000
    chain = [judged(f"A{step:05}", f"A{step + 1:05}", SAME, 0, number=step + 1) for step in range(length)]
    found = clusters(reversed(chain))
    assert [len(members) for members in found.clusters] == [length + 1]
