"""Which recordings of one incident count apart: never more than people told apart."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lieber.link import Judgement, Origin, Verdict, propose_origins, recordings_apart, shipped_authorities

AT = datetime(2024, 11, 6, tzinfo=UTC)


def judged(*pairs):
    words = {"=": Verdict.SAME, "≠": Verdict.DIFFERENT, "?": Verdict.UNSURE}
    return [
        Judgement(f"EXH-{pair[0]}", f"EXH-{pair[2]}", words[pair[1]], AT, "analyst", f"LKJ-{number}")
        for number, pair in enumerate(pairs)
    ]


def groups(items, *pairs):
    """Which items count as one recording, as sets in the order of their first members."""
    names = recordings_apart(
        {item: [f"EXH-{item}"] if item.isalpha() else [] for item in items}, judged(*pairs)
    )
    found: dict[str, list[str]] = {}
    for item, name in names.items():
        found.setdefault(name, []).append(item)
    return ["".join(members) for members in found.values()]


@pytest.mark.parametrize(
    ("items", "pairs", "expected"),
    [
        ("ab", (), ["ab"]),
        ("ab", ("a=b",), ["ab"]),
        ("ab", ("a?b",), ["ab"]),
        ("ab", ("a≠b",), ["a", "b"]),
        # What nobody looked at goes with the first, and takes nothing away from what was said.
        ("abc", ("a≠b",), ["ac", "b"]),
        ("abc", ("a≠b", "b=c"), ["a", "bc"]),
        ("abc", ("a≠b", "a≠c"), ["a", "bc"]),
        ("abc", ("a≠b", "a≠c", "b≠c"), ["a", "b", "c"]),
        # Different from a copy of a recording is different from that recording.
        ("abc", ("a=b", "b≠c"), ["ab", "c"]),
        # Of which no file is held: it is of what came first.
        ("1ab", ("a≠b",), ["1a", "b"]),
        ("12", (), ["12"]),
    ],
)
def test_recordings_are_told_apart_by_people_only(items, pairs, expected):
    assert groups(items, *pairs) == expected


def test_an_item_that_shows_both_is_of_the_first():
    names = recordings_apart({"x": ["EXH-a"], "y": ["EXH-b"], "z": ["EXH-a", "EXH-b"]}, judged("a≠b"))
    assert names == {"x": "", "y": "EXH-b", "z": ""}


LETTERS = "abcdef"


@given(
    st.lists(
        st.tuples(st.sampled_from(LETTERS), st.sampled_from("=≠?"), st.sampled_from(LETTERS)).filter(
            lambda each: each[0] < each[2]
        ),
        unique_by=lambda each: (each[0], each[2]),
    )
)
def test_each_two_that_count_apart_were_judged_different_by_somebody(pairs):
    count = len(groups(LETTERS, *("".join(pair) for pair in pairs)))
    different = sum(1 for pair in pairs if pair[1] == "≠")
    assert count * (count - 1) / 2 <= different


def test_recordings_told_apart_are_two_origins_and_all_else_is_one():
    def origins(recording):
        return propose_origins(
            outlet="Gazette",
            syndicated_from="",
            announced_by=(),
            evidence_types=("video",),
            authorities=shipped_authorities(),
            recording=recording,
        )

    assert origins("") == (Origin("recording", "recording"),)
    assert origins("EXH-b") == (Origin("recording:EXH-b", "recording"),)
