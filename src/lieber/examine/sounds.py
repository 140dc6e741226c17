"""Near-duplicate sound: chromaprint fingerprints of two recordings, laid on each other at every offset.

A fingerprint is a row of numbers of 32 bits, one each 0.124 seconds, as `fpcalc -raw -length 0` prints them.
Numbers of the same sound differ in few bits whatever the codec, loudness or picture; of other sound in about
half (Haitsma and Kalker, "A highly robust audio fingerprinting system", ISMIR 2002; chromaprint,
https://acoustid.org/chromaprint). Sound that is changed in pitch or speed is not found.

In: fingerprints as values. Out: where one recording lies in the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..base import BadInput

# Chromaprint, algorithm 2 (the default of fpcalc): frames of 4096 samples at 11,025 Hz, two thirds of each
# shared with the next.
SECONDS_EACH = (4096 - 4096 * 2 // 3) / 11025
# Numbers of one sound differ in at most so many of 32 bits: the limit of chromaprint's own matcher.
_NEAR_BITS = 10
# A stretch continues while its numbers are on average nearer than this to each other.
_STRETCH_BITS = 12.5
# The shortest stretch that makes a likeness, in seconds, and the largest shares of its bits that differ: to
# the first the likeness is firm, to the second weak. Copies over a telephone reach the second; so did one of
# 9,072 pairs of strangers, two readings in Greek (benchmarks/near.py).
LEAST_SECONDS = 5.0
FIRM_ERROR = 0.27
MOST_ERROR = 0.30
# Sound that stands for longer than this, as silence and hum do, is alike everywhere and does not count.
_STANDING_SECONDS = 1.0

Fingerprint = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class SoundOverlap:
    """Where recording a lies in recording b: second s of a is second `offset_seconds` + s of b.

    The stretch begins at `first_a` of a, lasts `seconds`, of which `sounding` are neither silence nor hum;
    `error` is the share of its bits that differ; `share` is that of the shorter recording. `weak` asks for a
    person's ear before anything else.
    """

    offset_seconds: float
    first_a: float
    seconds: float
    sounding: float
    error: float
    share: float

    @property
    def weak(self) -> bool:
        """Whether more bits differ than in most copies."""
        return self.error > FIRM_ERROR


def fingerprint_of(numbers: Sequence[int]) -> Fingerprint:
    """A fingerprint from the numbers that fpcalc prints, signed or not. Raises BadInput for others."""
    try:
        found = np.array(numbers, dtype=np.int64)
    except (OverflowError, TypeError, ValueError):
        found = np.array([2**40])
    if found.ndim != 1 or (len(found) and not -(2**31) <= found.min() <= found.max() < 2**32):
        raise BadInput("A fingerprint is a row of numbers of 32 bits: found others; run fpcalc -raw.")
    return (found & 0xFFFFFFFF).astype(np.uint32)


def sound_overlap(a: Fingerprint, b: Fingerprint) -> SoundOverlap | None:
    """Where recording a lies in b, or None where no LEAST_SECONDS of them are alike.

    Every offset is tried. Of the stretches the one with most sound is given.
    """
    sounding_a, sounding_b = sounding(a), sounding(b)
    best: tuple[float, int, int, int] | None = None
    for offset, start in _offsets(len(a), len(b)):
        length = min(len(a) - start, len(b) - start - offset)
        part, other = slice(start, start + length), slice(start + offset, start + offset + length)
        apart = np.bitwise_count(a[part] ^ b[other])
        counted = sounding_a[part] & sounding_b[other]
        if int(((apart <= _NEAR_BITS) & counted).sum()) * SECONDS_EACH < LEAST_SECONDS / 3:
            continue
        gain, first, end = _best_stretch(np.where(counted, _STRETCH_BITS - apart, 0.0))
        if best is None or gain > best[0]:
            best = (gain, offset, start + first, start + end)
    if best is None:
        return None
    _, offset, first, end = best
    part, other = slice(first, end), slice(first + offset, end + offset)
    counted = sounding_a[part] & sounding_b[other]
    return _judged(np.bitwise_count(a[part] ^ b[other]), counted, best, min(len(a), len(b)))


def _offsets(count_a: int, count_b: int) -> Iterator[tuple[int, int]]:
    """Every offset, and the first number of a that then lies on one of b."""
    least = int(LEAST_SECONDS / SECONDS_EACH)
    for offset in range(least - count_a, count_b - least + 1):
        yield offset, max(0, -offset)


def _judged(
    apart: NDArray[np.uint8], counted: NDArray[np.bool_], best: tuple[float, int, int, int], shorter: int
) -> SoundOverlap | None:
    """The overlap that a stretch makes, if it is long and near enough."""
    _, offset, first, end = best
    counted_seconds = int(counted.sum()) * SECONDS_EACH
    if counted_seconds < LEAST_SECONDS:
        return None
    error = float(apart[counted].mean()) / 32
    if error > MOST_ERROR:
        return None
    return SoundOverlap(
        offset_seconds=round(offset * SECONDS_EACH, 2),
        first_a=round(first * SECONDS_EACH, 2),
        seconds=round((end - first) * SECONDS_EACH, 2),
        sounding=round(counted_seconds, 2),
        error=error,
        share=(end - first) / shorter,
    )


def _best_stretch(gains: NDArray[np.float64]) -> tuple[float, int, int]:
    """The stretch with the largest sum: the sum, its first number, and the one after its last."""
    sums = np.concatenate([[0.0], np.cumsum(gains)])
    lowest = np.minimum.accumulate(sums)
    end = int(np.argmax(sums - lowest))
    return float(sums[end] - lowest[end]), int(np.argmin(sums[: end + 1])), end


def sounding(fingerprint: Fingerprint) -> NDArray[np.bool_]:
    """Which numbers of a fingerprint (n,) count as sound: those that are in no run of a second or longer in
    which each number differs from the one before by at most a bit, as silence and hum make them."""
    if not len(fingerprint):
        return np.zeros(0, dtype=bool)
    changes = np.bitwise_count(fingerprint[1:] ^ fingerprint[:-1]) > 1
    runs = np.concatenate([[0], np.cumsum(changes)])
    found: NDArray[np.bool_] = (np.bincount(runs) * SECONDS_EACH < _STANDING_SECONDS)[runs]
    return found
