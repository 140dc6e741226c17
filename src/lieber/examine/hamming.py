"""Exact search of 256-bit hashes by Hamming distance: no hash within the radius is ever missed.

A missed copy is a counting error, so nothing here is approximate. Two hashes of 256 bits at most 31 apart
have, among eight words of 32 bits, one word at most 3 apart (8 × 4 = 32 > 31), and of its two halves one at
most 1 apart: the pigeonhole principle, as in Norouzi, Punjani and Fleet, "Fast exact search in Hamming space
with multi-index hashing" (2014), https://arxiv.org/abs/1307.2982. Each half is therefore a key of 16 bits
under which rows are found, and beside each row stands the other half of its word: 16 keys × 17 values are
looked up, the other halves drop all but a few rows in ten thousand, and only those are compared in full.

In: hashes as rows of 32 bytes. Out: the numbers of rows, and their distances in bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..base import BadInput

HASH_BYTES = 32
HASH_BITS = 8 * HASH_BYTES
# What PDQ's authors recommend as the largest distance between copies: "The TMK+PDQF and PDQ algorithms"
# (Facebook, 2019), https://github.com/facebook/ThreatExchange/tree/main/pdq.
RADIUS = 31

# Words of 32 bits, each of two halves of 16 bits.
_WORDS = 8
_HALVES = 16
_KEYS = 1 << 16
# Keys up to 2 bits apart are looked up: three bits would already touch every sixth row.
_FLIPS = 2
# Above this radius each row is compared: 8 × (2 × 3) − 1.
_INDEXED_RADIUS = _WORDS * 2 * (_FLIPS + 1) - 1
# Rows added one by one are compared each until so many wait to be sorted.
_TAIL = 1 << 14
# A sorted part swallows the one after it as soon as that has a quarter of its rows: few parts, few rebuilds.
_PART_RATIO = 4
# How many comparisons are held in memory at once: about 100 MB.
_CHUNK = 1 << 22
# Comparing a row in full costs about as much as passing two keys by.
_SCAN_COST = 2
# Pairs of fewer distinct hashes are faster found by comparing each with each than by passing all keys.
_FEW = 1 << 12

Hashes = NDArray[np.uint8]
Rows = NDArray[np.int64]
Distances = NDArray[np.int64]


class Nearby(NamedTuple):
    """Rows within the radius of some queries: number of the query, row and distance, in this order."""

    queries: Rows
    rows: Rows
    distances: Distances


class Pairs(NamedTuple):
    """Pairs of rows within the radius, `first` below `second`, and their distances."""

    first: Rows
    second: Rows
    distances: Distances


def distances_between(a: Hashes, b: Hashes) -> Distances:
    """Bits that differ between the hashes (…, 32) of one array and those of the other, row by row."""
    unlike = np.bitwise_count(np.bitwise_xor(checked_hashes(a), checked_hashes(b)))
    apart: Distances = unlike.sum(axis=-1, dtype=np.int64)
    return apart


def checked_hashes(hashes: Hashes) -> Hashes:
    """The hashes as they are. Raises BadInput unless they are bytes in rows of 32."""
    if hashes.dtype != np.uint8 or hashes.ndim == 0 or hashes.shape[-1] != HASH_BYTES:
        raise BadInput(
            f"Hashes are rows of {HASH_BYTES} bytes (uint8): found shape {hashes.shape} of {hashes.dtype}."
        )
    return hashes


class HashIndex:
    """Hashes in which near ones are found: of(…) once, with_added(…) for what comes later.

    Rows are numbered from 0 in the order in which they were given. An index never changes: `with_added`
    gives a new one that shares what is sorted already.
    """

    __slots__ = ("_parts", "_tail", "_tail_start")

    def __init__(self, parts: tuple[_Part, ...], tail: Hashes) -> None:
        self._parts, self._tail = parts, tail
        self._tail_start = sum(len(part) for part in parts)

    @classmethod
    def of(cls, hashes: Hashes) -> HashIndex:
        """The index of hashes (n, 32). Takes n × 130 bytes; raises BadInput for another shape."""
        _check_rows(hashes)
        index = cls((), np.empty((0, HASH_BYTES), dtype=np.uint8))
        return index.with_added(hashes)

    def __len__(self) -> int:
        return self._tail_start + len(self._tail)

    def hashes(self) -> Hashes:
        """Every hash, by row: (n, 32)."""
        return np.concatenate([*(part.hashes() for part in self._parts), self._tail])

    def with_added(self, hashes: Hashes) -> HashIndex:
        """The index with these hashes (m, 32) behind those it holds.

        Few rows wait unsorted; many are sorted with the parts that are not much larger, so that each row
        is sorted a number of times that grows with the logarithm of all rows.
        """
        _check_rows(hashes)
        tail = np.concatenate([self._tail, hashes])
        if len(tail) < _TAIL:
            return HashIndex(self._parts, tail)
        parts = list(self._parts)
        while parts and len(parts[-1]) < _PART_RATIO * len(tail):
            tail = np.concatenate([parts.pop().hashes(), tail])
        return HashIndex((*parts, _Part.of(tail)), np.empty((0, HASH_BYTES), dtype=np.uint8))

    def near(self, hash: Hashes, radius: int = RADIUS) -> tuple[Rows, Distances]:  # noqa: A002
        """Every row within `radius` bits of a hash (32,), in order of rows, and the distances."""
        if hash.shape != (HASH_BYTES,):
            raise BadInput(f"A hash has {HASH_BYTES} bytes: found shape {hash.shape}.")
        found = self.near_many(hash[None, :], radius)
        return found.rows, found.distances

    def near_many(self, hashes: Hashes, radius: int = RADIUS) -> Nearby:
        """Every row within `radius` bits (0 to 256) of each of many hashes (m, 32)."""
        _check_rows(hashes)
        _check_radius(radius)
        found = [_scan(self._tail, hashes, radius, self._tail_start)]
        start = 0
        for part in self._parts:
            queries, rows, distances = part.near(hashes, radius)
            found.append(Nearby(queries, rows + start, distances))
            start += len(part)
        return _ordered(found)

    def pairs(self, radius: int = RADIUS, *, each_copy: bool = False) -> Iterator[Pairs]:
        """All pairs of rows within `radius` bits, in pieces of bounded memory, each pair once.

        Rows with the very same hash stand together: each of them is paired, at distance 0, with the first
        of them, and that one alone with the rows of other hashes. So a hundred thousand black frames give
        as many pairs and not five thousand million. `each_copy` gives every pair of rows all the same.
        """
        _check_radius(radius)
        whole = self._parts[0] if len(self._parts) == 1 and not len(self._tail) else _Part.of(self.hashes())
        yield from whole.pairs(radius, each_copy=each_copy)


def _check_rows(hashes: Hashes) -> None:
    if checked_hashes(hashes).ndim != 2:
        raise BadInput(f"An index takes hashes of shape (n, {HASH_BYTES}): found {hashes.shape}.")


def _check_radius(radius: int) -> None:
    if not 0 <= radius <= HASH_BITS:
        raise BadInput(f"A radius is 0 to {HASH_BITS} bits: found {radius}.")


@dataclass(frozen=True, slots=True)
class _Part:
    """Hashes sorted 16 times. Equal hashes are one `kind`, whose rows are `members` from `first_member` on.

    For half number h, `starts[h, key]` is where in `kinds[h]` those begin that have this key, and
    `others[h]` holds the other half of their word.
    """

    words: NDArray[np.uint64]
    members: NDArray[np.uint32]
    first_member: NDArray[np.int64]
    starts: NDArray[np.int64]
    kinds: NDArray[np.uint32]
    others: NDArray[np.uint16]

    @classmethod
    def of(cls, hashes: Hashes) -> _Part:
        if len(hashes) >= 1 << 32:
            raise BadInput(f"One index holds fewer than 2³² hashes: found {len(hashes)}.")
        words, members, first_member = _grouped(np.ascontiguousarray(hashes).view(np.uint64))
        return cls(words, members, first_member, *_sorted_by_halves(words))

    def __len__(self) -> int:
        return len(self.members)

    def hashes(self) -> Hashes:
        """The hashes by row."""
        rows = np.empty((len(self.members), 4), dtype=np.uint64)
        rows[self.members] = np.repeat(self.words, np.diff(self.first_member), axis=0)
        return rows.view(np.uint8)

    def near(self, hashes: Hashes, radius: int) -> Nearby:
        """Rows near each hash, in any order."""
        if radius > _INDEXED_RADIUS:
            found = _scan(self.words.view(np.uint8), hashes, radius, 0)
        else:
            found = self._looked_up(np.ascontiguousarray(hashes), radius)
        return self._expanded(found)

    def _looked_up(self, hashes: Hashes, radius: int) -> Nearby:
        """The kinds near each hash, by keys; where those lead to too many kinds, each kind is compared."""
        keys = _halves(hashes.view(np.uint64)).astype(np.int64)
        flips, left = _flips(radius)
        wanted = keys[:, :, None] ^ flips
        half = np.arange(_HALVES)[None, :, None]
        starts = self.starts[half, wanted]
        counts = self.starts[half, wanted + 1] - starts
        each = counts.sum(axis=(1, 2))
        heavy = each > _SCAN_COST * len(self.words)
        found = [_scan(self.words.view(np.uint8), hashes, radius, 0, only=np.flatnonzero(heavy))]
        starts += half * len(self.words)
        others = np.broadcast_to(
            (keys.reshape(-1, _WORDS, 2)[:, :, ::-1]).reshape(-1, _HALVES, 1), wanted.shape
        )
        lefts = np.broadcast_to(left, wanted.shape)
        for chosen in _chunks(np.flatnonzero(~heavy), each):
            queries = np.repeat(chosen, wanted.shape[1] * wanted.shape[2])
            places, ranges = _spread(starts[chosen].ravel(), counts[chosen].ravel())
            unlike = self.others.ravel()[places] ^ others[chosen].ravel().astype(np.uint16)[ranges]
            kept = np.bitwise_count(unlike) <= lefts[chosen].ravel()[ranges]
            kinds = self.kinds.ravel()[places[kept]].astype(np.int64)
            found.append(
                _compared(hashes, self.words, queries=queries[ranges[kept]], kinds=kinds, radius=radius)
            )
        return _ordered(found)

    def _expanded(self, found: Nearby) -> Nearby:
        """The rows of kinds."""
        starts = self.first_member[found.rows]
        places, ranges = _spread(starts, self.first_member[found.rows + 1] - starts)
        return Nearby(found.queries[ranges], self.members[places].astype(np.int64), found.distances[ranges])

    def pairs(self, radius: int, *, each_copy: bool) -> Iterator[Pairs]:
        """See HashIndex.pairs."""
        yield from self._copies(each_copy=each_copy)
        for kinds in self._kind_pairs(radius):
            yield from self._pairs_of_rows(kinds, each_copy=each_copy)

    def _copies(self, *, each_copy: bool) -> Iterator[Pairs]:
        """Pairs of rows with the very same hash."""
        ends = self.first_member[1:]
        starts = self.first_member[:-1]
        if not each_copy:
            copies = np.setdiff1d(np.arange(len(self.members)), starts, assume_unique=True)
            kinds = np.searchsorted(ends, copies, side="right")
            if len(copies):
                yield _pairs(self.members[starts[kinds]], self.members[copies], np.zeros(len(copies)))
            return
        places = np.arange(len(self.members))
        following = np.repeat(ends, ends - starts) - places - 1
        for chosen in _chunks(places, following):
            second, ranges = _spread(chosen + 1, following[chosen])
            if len(second):
                yield _pairs(self.members[chosen[ranges]], self.members[second], np.zeros(len(second)))

    def _pairs_of_rows(self, kinds: Pairs, *, each_copy: bool) -> Iterator[Pairs]:
        """The pairs of rows of pairs of kinds: the first row of each, or each with each."""
        starts = self.first_member
        if not each_copy:
            first, second = (self.members[starts[side]] for side in (kinds.first, kinds.second))
            yield _pairs(first, second, kinds.distances)
            return
        lefts, lefts_pair = _spread(starts[kinds.first], starts[kinds.first + 1] - starts[kinds.first])
        second_counts = (starts[kinds.second + 1] - starts[kinds.second])[lefts_pair]
        for chosen in _chunks(np.arange(len(lefts)), second_counts):
            pair = lefts_pair[chosen]
            rights, ranges = _spread(starts[kinds.second[pair]], second_counts[chosen])
            yield _pairs(
                self.members[lefts[chosen[ranges]]], self.members[rights], kinds.distances[pair[ranges]]
            )

    def _kind_pairs(self, radius: int) -> Iterator[Pairs]:
        """Pairs of kinds within the radius, each once, as pairs of their numbers."""
        if radius > _INDEXED_RADIUS or len(self.words) < _FEW:
            yield from _scanned_pairs(self.words, radius)
            return
        for half in range(_HALVES):
            for flip, left in zip(*_flips(radius), strict=True):
                yield from self._pairs_by_key(half, int(flip), int(left), radius)

    def _pairs_by_key(self, half: int, flip: int, left: int, radius: int) -> Iterator[Pairs]:
        """Pairs whose keys of one half differ just by `flip`, unless an earlier look-up gives them."""
        starts, kinds, others = self.starts[half], self.kinds[half], self.others[half]
        keys = np.arange(_KEYS)
        partners = keys ^ flip
        used = (partners >= keys) & (starts[1:] > starts[:-1]) & (starts[partners + 1] > starts[partners])
        places, of_key = _spread(starts[:-1][used], np.diff(starts)[used])
        ends = starts[partners[used] + 1][of_key]
        begins = np.maximum(starts[partners[used]][of_key], places + 1) if not flip else None
        begins = starts[partners[used]][of_key] if begins is None else begins
        counts = ends - begins
        for chosen in _chunks(np.arange(len(places)), counts):
            second, ranges = _spread(begins[chosen], counts[chosen])
            repeated = np.repeat(others[places[chosen]], counts[chosen])
            kept = np.flatnonzero(np.bitwise_count(others[second] ^ repeated) <= left)
            first = kinds[places[chosen[ranges[kept]]]].astype(np.int64)
            found = _compared_pairs(self.words, first, kinds[second[kept]].astype(np.int64), radius)
            earliest = _first_look_up(self.words[found.first], self.words[found.second], radius)
            here = earliest == half
            if here.any():
                yield Pairs(found.first[here], found.second[here], found.distances[here])


def _grouped(
    words: NDArray[np.uint64],
) -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.int64]]:
    """Distinct hashes, the rows that have them, and where the rows of each begin.

    Rows are sorted by a mixture of their words. Where two mixtures are equal by chance a hash may stand
    twice among the distinct ones: that costs a comparison and loses nothing.
    """
    mixed = words[:, 0].copy()
    for column in range(1, 4):
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= words[:, column] ^ (mixed >> np.uint64(29))
    order = np.argsort(mixed, kind="stable").astype(np.uint32)
    sorted_words = words[order]
    is_first = np.ones(len(words), dtype=bool)
    is_first[1:] = (sorted_words[1:] != sorted_words[:-1]).any(axis=1)
    firsts = np.flatnonzero(is_first)
    return sorted_words[firsts], order, np.append(firsts, len(words)).astype(np.int64)


def _halves(words: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """The 16 halves (n, 16) of hashes (n, 4); halves 2k and 2k + 1 make one word of 32 bits."""
    return np.ascontiguousarray(words).view(np.uint16).reshape(len(words), _HALVES)


def _sorted_by_halves(
    words: NDArray[np.uint64],
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint16]]:
    """`starts`, `kinds` and `others` of _Part."""
    halves = _halves(words)
    count = len(words)
    starts = np.zeros((_HALVES, _KEYS + 1), dtype=np.int64)
    kinds = np.empty((_HALVES, count), dtype=np.uint32)
    others = np.empty((_HALVES, count), dtype=np.uint16)
    numbers = np.arange(count, dtype=np.uint64)
    for half in range(_HALVES):
        key, other = halves[:, half], halves[:, half ^ 1]
        # Sorting one number that holds all three is faster than sorting by one of them.
        packed = key.astype(np.uint64) << np.uint64(48)
        packed |= other.astype(np.uint64) << np.uint64(32)
        packed |= numbers
        packed.sort()
        kinds[half] = packed & np.uint64(0xFFFFFFFF)
        others[half] = (packed >> np.uint64(32)) & np.uint64(0xFFFF)
        starts[half, 1:] = np.cumsum(np.bincount(key, minlength=_KEYS))
    return starts, kinds, others


@cache
def _flips(radius: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which bits of a key to change, and how many bits may then still differ in the other half."""
    in_word = radius // _WORDS
    flips = [
        sum(1 << bit for bit in bits)
        for count in range(in_word // 2 + 1)
        for bits in combinations(range(16), count)
    ]
    found = np.array(flips, dtype=np.int64)
    return found, in_word - np.bitwise_count(found).astype(np.int64)


def _spread(starts: Rows, counts: Rows) -> tuple[Rows, Rows]:
    """Every number of the ranges from `starts` on, `counts` long, and the number of its range."""
    ranges = np.repeat(np.arange(len(counts)), counts)
    before = np.cumsum(counts) - counts
    return np.arange(len(ranges)) + np.repeat(starts - before, counts), ranges


def _chunks(chosen: Rows, costs: Rows) -> Iterator[Rows]:
    """The chosen numbers in pieces that cost at most _CHUNK together, or are alone."""
    total = np.cumsum(costs[chosen])
    start = 0
    while start < len(chosen):
        spent = total[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(total, spent + _CHUNK, side="right")))
        yield chosen[start:end]
        start = end


def _compared(
    hashes: Hashes, words: NDArray[np.uint64], *, queries: Rows, kinds: Rows, radius: int
) -> Nearby:
    """Which of these kinds are within the radius of these queries; a pair found twice is given once."""
    together = np.unique(queries * len(words) + kinds)
    queries, kinds = np.divmod(together, len(words)) if len(words) else (queries, kinds)
    apart = np.bitwise_count(hashes.view(np.uint64)[queries] ^ words[kinds]).sum(axis=1, dtype=np.int64)
    kept = apart <= radius
    return Nearby(queries[kept], kinds[kept], apart[kept])


def _compared_pairs(words: NDArray[np.uint64], first: Rows, second: Rows, radius: int) -> Pairs:
    apart = np.bitwise_count(words[first] ^ words[second]).sum(axis=1, dtype=np.int64)
    kept = apart <= radius
    return Pairs(first[kept], second[kept], apart[kept])


def _first_look_up(a: NDArray[np.uint64], b: NDArray[np.uint64], radius: int) -> Rows:
    """The first half by which a pair is found."""
    unlike = np.bitwise_count(_halves(a ^ b)).astype(np.int64)
    in_word = np.repeat(unlike.reshape(-1, _WORDS, 2).sum(axis=2), 2, axis=1)
    by_half = (unlike <= radius // _WORDS // 2) & (in_word <= radius // _WORDS)
    first: Rows = by_half.argmax(axis=1)
    return first


def _scan(held: Hashes, hashes: Hashes, radius: int, start: int, *, only: Rows | None = None) -> Nearby:
    """Every row compared with every query, or with those in `only`."""
    words = np.ascontiguousarray(held).view(np.uint64)
    asked = np.ascontiguousarray(hashes).view(np.uint64)
    found = [_NONE]
    for query in range(len(asked)) if only is None else only:
        apart = np.bitwise_count(words ^ asked[query]).sum(axis=1, dtype=np.int64)
        rows = np.flatnonzero(apart <= radius)
        found.append(Nearby(np.full(len(rows), query), rows + start, apart[rows]))
    return Nearby(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _scanned_pairs(words: NDArray[np.uint64], radius: int) -> Iterator[Pairs]:
    """Every pair compared."""
    for first in range(len(words) - 1):
        apart = np.bitwise_count(words[first + 1 :] ^ words[first]).sum(axis=1, dtype=np.int64)
        second = np.flatnonzero(apart <= radius)
        if len(second):
            yield Pairs(np.full(len(second), first), second + first + 1, apart[second])


def _ordered(found: list[Nearby]) -> Nearby:
    queries, rows, distances = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((rows, queries))
    return Nearby(queries[order], rows[order], distances[order])


def _pairs(first: NDArray[np.uint32], second: NDArray[np.uint32], distances: NDArray[np.generic]) -> Pairs:
    """Pairs of rows with the lower row first."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    return Pairs(low.astype(np.int64), high.astype(np.int64), distances.astype(np.int64))


_EMPTY = np.empty(0, dtype=np.int64)
_NONE = Nearby(_EMPTY, _EMPTY, _EMPTY)
