"""The exact search against comparing every row with every other."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lieber.base import BadInput
from lieber.examine.hamming import RADIUS, HashIndex, distances_between

NOTHING = np.empty((0, 32), np.uint8)


def apart(a, b):
    """All distances (len(a), len(b)), counted bit by bit."""
    return (np.unpackbits(a, axis=1)[:, None] != np.unpackbits(b, axis=1)[None]).sum(axis=2)


def turned(row, bits):
    """The hash with these bits changed."""
    loose = np.unpackbits(row)
    loose[list(bits)] ^= 1
    return np.packbits(loose)


def crowd(seed, size, spread):
    """Hashes that lie around a few others, some of them the very same: as copies do."""
    chance = np.random.default_rng(seed)
    centres = chance.integers(0, 256, (max(1, size // 6), 32), dtype=np.uint8)
    rows = []
    for _ in range(size):
        centre, bits = centres[chance.integers(len(centres))], chance.integers(0, spread + 1)
        rows.append(turned(centre, chance.permutation(256)[:bits]))
    return np.array(rows, np.uint8).reshape(-1, 32)


def found_by(index, queries, radius):
    nearby = index.near_many(queries, radius)
    return list(zip(nearby.queries.tolist(), nearby.rows.tolist(), nearby.distances.tolist(), strict=True))


def found_by_hand(hashes, queries, radius):
    distances = apart(queries, hashes)
    return [(int(q), int(r), int(distances[q, r])) for q, r in np.argwhere(distances <= radius)]


@pytest.fixture
def small_parts(monkeypatch):
    """Parts are sorted as soon as 8 rows wait, and joined as large ones are."""
    monkeypatch.setattr("lieber.examine.hamming._TAIL", 8)


SEEDS = st.integers(0, 2**32 - 1)
crowds = st.builds(crowd, SEEDS, st.integers(0, 60), st.integers(0, 60))
hurried = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize("waiting", [1, 1 << 14], ids=["sorted", "waiting"])
@hurried
@given(hashes=crowds, queries=crowds, radius=st.integers(0, 47))
def test_nothing_within_the_radius_is_missed_and_nothing_beyond_it_is_found(waiting, hashes, queries, radius):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lieber.examine.hamming._TAIL", waiting)
        index = HashIndex.of(hashes)
    queries = np.concatenate([queries, hashes[::2]])
    assert found_by(index, queries, radius) == found_by_hand(hashes, queries, radius)


@hurried
@given(hashes=crowds, cuts=st.lists(st.integers(0, 60), max_size=5), radius=st.sampled_from([0, 7, 31, 43]))
def test_rows_added_in_any_portions_are_found_as_those_given_at_once(hashes, cuts, radius):
    edges = sorted({0, len(hashes), *(min(cut, len(hashes)) for cut in cuts)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lieber.examine.hamming._TAIL", 8)
        index = HashIndex.of(NOTHING)
        for start, end in pairwise(edges):
            index = index.with_added(hashes[start:end])
    assert len(index) == len(hashes)
    assert np.array_equal(index.hashes(), hashes)
    assert found_by(index, hashes, radius) == found_by_hand(hashes, hashes, radius)


@hurried
@given(hashes=crowds, radius=st.integers(0, 60))
def test_each_pair_of_few_is_given_once_with_its_distance(hashes, radius):
    check_pairs(hashes, radius)


@pytest.mark.parametrize("radius", [0, 15, 16, 31, 43, 47])
def test_each_pair_found_by_keys_is_given_once_with_its_distance(monkeypatch, radius):
    monkeypatch.setattr("lieber.examine.hamming._FEW", 0)
    check_pairs(crowd(radius, 200, 40), radius)


def check_pairs(hashes, radius):
    pieces = list(HashIndex.of(hashes).pairs(radius, each_copy=True))
    found = [
        each
        for piece in pieces
        for each in zip(piece.first.tolist(), piece.second.tolist(), piece.distances.tolist(), strict=True)
    ]
    by_hand = [(a, b, bits) for a, b, bits in found_by_hand(hashes, hashes, radius) if a < b]
    assert sorted(found) == by_hand


@hurried
@given(hashes=crowds, radius=st.integers(0, 47))
def test_pairs_without_each_copy_connect_the_same_rows(hashes, radius):
    def connected(each_copy):
        group = list(range(len(hashes)))
        pairs = 0
        for piece in HashIndex.of(hashes).pairs(radius, each_copy=each_copy):
            for a, b in zip(piece.first.tolist(), piece.second.tolist(), strict=True):
                pairs += 1
                old, new = group[b], group[a]
                group = [new if each == old else each for each in group]
        return pairs, [group.index(each) for each in group]

    some, by_some = connected(each_copy=False)
    every, by_all = connected(each_copy=True)
    assert by_some == by_all
    assert some <= every


@pytest.mark.parametrize("seed", range(40))
def test_31_bits_apart_is_found_and_32_is_not(seed):
    chance = np.random.default_rng(seed)
    held = chance.integers(0, 256, (50, 32), dtype=np.uint8)
    # spread evenly over the eight words, where a search by parts is hardest, or anywhere
    order = np.arange(256).reshape(8, 32).T.ravel() if seed % 2 else chance.permutation(256)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lieber.examine.hamming._TAIL", 1)
        index = HashIndex.of(held)
    rows, distances = index.near(turned(held[7], order[:31]))
    assert (rows.tolist(), distances.tolist()) == ([7], [31])
    assert not len(index.near(turned(held[7], order[:32]))[0])
    assert RADIUS == 31


@pytest.mark.parametrize("few", [0, 1 << 12], ids=["by keys", "each with each"])
def test_a_thousand_of_the_very_same_make_as_many_pairs_and_not_half_a_million(monkeypatch, small_parts, few):
    monkeypatch.setattr("lieber.examine.hamming._FEW", few)
    copies = np.repeat(crowd(1, 1, 0), 1000, axis=0)
    index = HashIndex.of(copies)
    pairs = list(index.pairs())
    assert sum(len(piece.first) for piece in pairs) == 999
    assert {int(row) for piece in pairs for row in (*piece.first, *piece.second)} == set(range(1000))
    assert sum(len(piece.first) for piece in index.pairs(each_copy=True)) == 1000 * 999 // 2
    rows, distances = index.near(copies[0])
    assert rows.tolist() == list(range(1000))
    assert not distances.any()


def test_pieces_of_many_comparisons_miss_nothing(monkeypatch, small_parts):
    monkeypatch.setattr("lieber.examine.hamming._CHUNK", 5)
    monkeypatch.setattr("lieber.examine.hamming._FEW", 0)
    hashes = crowd(3, 80, 30)
    index = HashIndex.of(hashes)
    assert found_by(index, hashes, 31) == found_by_hand(hashes, hashes, 31)
    found = [
        pair
        for piece in index.pairs(31, each_copy=True)
        for pair in zip(piece.first.tolist(), piece.second.tolist(), strict=True)
    ]
    assert sorted(found) == [(a, b) for a, b, _ in found_by_hand(hashes, hashes, 31) if a < b]


@pytest.mark.parametrize("radius", [0, 31, 60])
def test_rows_keep_their_numbers_where_an_index_has_several_parts(small_parts, radius):
    hashes = crowd(6, 154, 30)
    index = HashIndex.of(hashes[:120]).with_added(hashes[120:149]).with_added(hashes[149:])
    assert [len(part) for part in index._parts] == [120, 29]
    assert found_by(index, hashes, radius) == found_by_hand(hashes, hashes, radius)


def test_an_index_stays_as_it_was_when_rows_are_added(small_parts):
    first = HashIndex.of(crowd(1, 20, 4))
    before = first.hashes()
    first.with_added(crowd(2, 30, 4))
    assert len(first) == 20
    assert np.array_equal(first.hashes(), before)


@pytest.mark.parametrize("radius", [0, 31, 256])
def test_in_an_empty_index_nothing_is_found(radius):
    index = HashIndex.of(NOTHING)
    assert len(index) == 0
    assert not len(index.near(crowd(1, 1, 0)[0], radius)[0])
    assert not len(index.near_many(NOTHING, radius).rows)
    assert not list(index.pairs(radius))


def test_at_the_widest_radius_everything_is_found():
    hashes = crowd(5, 30, 128)
    assert len(HashIndex.of(hashes).near_many(hashes, 256).rows) == 900


def test_distances_are_those_counted_bit_by_bit():
    a, b = crowd(1, 20, 60), crowd(2, 20, 60)
    assert distances_between(a, b).tolist() == np.diagonal(apart(a, b)).tolist()
    assert distances_between(a[:, None], b[None]).tolist() == apart(a, b).tolist()


@pytest.mark.parametrize(
    ("deed", "sentence"),
    [
        (lambda: HashIndex.of(np.zeros((3, 31), np.uint8)), "rows of 32 bytes"),
        (lambda: HashIndex.of(np.zeros((3, 32), np.int64)), "rows of 32 bytes"),
        (lambda: HashIndex.of(np.zeros(32, np.uint8)), r"shape \(n, 32\)"),
        (lambda: HashIndex.of(np.zeros((), np.uint8)), "rows of 32 bytes"),
        (lambda: HashIndex.of(NOTHING).with_added(np.zeros((1, 2, 32), np.uint8)), r"shape \(n, 32\)"),
        (lambda: HashIndex.of(NOTHING).near(np.zeros((1, 32), np.uint8)), "has 32 bytes"),
        (lambda: HashIndex.of(NOTHING).near(np.zeros(32, np.float64)), "rows of 32 bytes"),
        (lambda: HashIndex.of(NOTHING).near(np.zeros(32, np.uint8), -1), "0 to 256 bits"),
        (lambda: HashIndex.of(NOTHING).near_many(NOTHING, 257), "0 to 256 bits"),
        (lambda: next(HashIndex.of(NOTHING).pairs(300)), "0 to 256 bits"),
        (lambda: distances_between(np.zeros((2, 32), np.uint8), np.zeros((2, 8), np.uint8)), "rows of 32"),
    ],
)  # fmt: skip
def test_other_shapes_and_radii_are_refused_in_one_sentence(deed, sentence):
    with pytest.raises(BadInput, match=sentence) as refused:
        deed()
    assert str(refused.value).count("\n") == 0
