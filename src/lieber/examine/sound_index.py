"""Recordings in which the same sound is looked for: those that share numbers at one offset.

The upper bits of a number of a fingerprint are its key, as in AcoustID's own index
(https://acoustid.org/chromaprint), of fewer bits here, so that sound over a telephone or with an echo is
found too (benchmarks/near.py). Recordings that share so many keys at one and the same offset are laid on each
other in full. Keys of silence and hum are left out, and so are those that most recordings have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .sounds import Fingerprint, sounding

_LOW_BITS = 12
# So many keys at one offset make a candidate: five seconds have 40.
_LEAST_KEYS = 3
# A key that stands in so many places tells nothing.
_MOST_PLACES = 20_000
# Offsets of numbers may differ by this much: recordings are cut anywhere between two numbers.
_NEAR_OFFSETS = 1


@dataclass(frozen=True, slots=True)
class SoundIndex:
    """Keys in their order, and of each the recording and its place in it. An index never changes."""

    keys: NDArray[np.uint32]
    owners: NDArray[np.int64]
    places: NDArray[np.int64]

    @classmethod
    def empty(cls) -> Self:
        """The index that holds nothing."""
        return cls(np.empty(0, np.uint32), np.empty(0, np.int64), np.empty(0, np.int64))

    def with_added(self, recordings: list[tuple[int, Fingerprint]]) -> SoundIndex:
        """The index with these recordings, each under its number, beside those that it holds."""
        if not recordings:
            return self
        keys, owners, places = [self.keys], [self.owners], [self.places]
        for number, fingerprint in recordings:
            where = np.flatnonzero(sounding(fingerprint))
            keys.append(_keys(fingerprint[where]))
            owners.append(np.full(len(where), number, np.int64))
            places.append(where)
        joined = np.concatenate(keys)
        order = np.argsort(joined, kind="stable")
        return SoundIndex(joined[order], np.concatenate(owners)[order], np.concatenate(places)[order])

    def near(self, fingerprint: Fingerprint) -> list[int]:
        """The numbers of the recordings that may hold some of this sound, in their order."""
        where = np.flatnonzero(sounding(fingerprint))
        asked = _keys(fingerprint[where])
        first = np.searchsorted(self.keys, asked, side="left")
        counts = np.searchsorted(self.keys, asked, side="right") - first
        counts[counts > _MOST_PLACES] = 0
        if not counts.sum():
            return []
        ends = np.cumsum(counts)
        rows = np.arange(ends[-1]) + np.repeat(first - (ends - counts), counts)
        offsets = self.places[rows] - np.repeat(where, counts)
        return self._often(self.owners[rows], offsets)

    @staticmethod
    def _often(owners: NDArray[np.int64], offsets: NDArray[np.int64]) -> list[int]:
        """The owners of which enough keys lie at one offset, or at two beside each other."""
        order = np.lexsort((offsets, owners))
        owners, offsets = owners[order], offsets[order]
        later = _LEAST_KEYS - 1
        together = (owners[later:] == owners[: len(owners) - later]) & (
            offsets[later:] - offsets[: len(offsets) - later] <= _NEAR_OFFSETS
        )
        return [int(number) for number in np.unique(owners[later:][together])]


def _keys(numbers: Fingerprint) -> NDArray[np.uint32]:
    found: NDArray[np.uint32] = np.right_shift(numbers, np.uint32(_LOW_BITS))
    return found
