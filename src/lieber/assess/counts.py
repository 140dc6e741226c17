"""What the accounts of an incident compel about the number of persons killed (R-09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..base import UncertainCount


def killed_by_accounts(by_origin: Mapping[str, Sequence[UncertainCount]]) -> UncertainCount | None:
    """Minimum, best and maximum that the accounts compel, one voice for each origin.

    The minimum is what the least-saying origin compels and the maximum the highest credible claim;
    it is open where any origin leaves it open. Best is the number that most origins give as their
    best, of equal ones the smallest. None where no account gives a number.
    """
    voices = [_of_one_origin(counts) for counts in by_origin.values() if counts]
    if not voices:
        return None
    low = min(voice.min for voice in voices)
    highs = [voice.max for voice in voices if voice.max is not None]
    high = None if len(highs) < len(voices) else max(highs)
    bests = sorted(voice.best for voice in voices if voice.best is not None)
    best = max(bests, key=bests.count) if bests else None
    return UncertainCount(low, best, high)


def _of_one_origin(counts: Sequence[UncertainCount]) -> UncertainCount:
    """One origin's voice: what all its copies together leave possible."""
    bests = sorted(count.best for count in counts if count.best is not None)
    highs = [count.max for count in counts if count.max is not None]
    best = max(bests, key=bests.count) if bests else None
    known = [*highs, *bests]
    high = max(known) if highs else None
    return UncertainCount(min(count.min for count in counts), best, high)
