"""Uncertain counts of persons: min ≤ best ≤ max, and the table of vague numbers.

Bounds are summed as bounds and are no confidence interval (R-10). Persons are never rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .errors import BadInput


class Quantifier(StrEnum):
    """How a source puts a number."""

    EXACT = "exact"
    AT_LEAST = "at_least"
    UP_TO = "up_to"
    BETWEEN = "between"
    ABOUT = "about"
    TENS = "tens"
    DOZENS = "dozens"
    HUNDREDS = "hundreds"
    SEVERAL = "several"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class UncertainCount:
    """A number of persons between `min` and `max`, of which `best` is the assessed one.

    `max` is None where no source bounds the number from above; `best` is None where nobody
    assessed it. 0 is a legal minimum. Raises BadInput where the order is broken (R-09).
    """

    min: int
    best: int | None
    max: int | None

    def __post_init__(self) -> None:
        known = [number for number in (self.min, self.best, self.max) if number is not None]
        if self.min < 0 or known != sorted(known):
            raise BadInput(
                "A count needs 0 ≤ min ≤ best ≤ max: found "
                f"min {self.min}, best {self.best}, max {self.max}; correct the three numbers."
            )

    @property
    def taken(self) -> tuple[int, int, int]:
        """The three numbers as they are summed: an open best falls back to the minimum and an
        open maximum to the best. Whoever sums them also counts the open maxima."""
        best = self.min if self.best is None else self.best
        return self.min, best, best if self.max is None else self.max

    @property
    def open(self) -> bool:
        """True where no source bounds the number from above."""
        return self.max is None


# R-12, the table of vague numbers. ACLED: "tens" 10, "dozens" 12, "hundreds" 100, and of vague or
# conflicting words the most conservative. Each entry gives (min, best, max); "n" stands for the
# number said and "m" for the second one of a range.
Rule = tuple[int | str | None, int | str | None, int | str | None]
VAGUE_NUMBERS: Mapping[Quantifier, Rule] = {
    Quantifier.EXACT: ("n", "n", "n"),
    Quantifier.AT_LEAST: ("n", "n", None),
    Quantifier.UP_TO: (0, None, "n"),
    Quantifier.BETWEEN: ("n", None, "m"),
    Quantifier.ABOUT: ("n", "n", None),
    Quantifier.TENS: (10, None, None),
    Quantifier.DOZENS: (12, None, None),
    Quantifier.HUNDREDS: (100, None, None),
    Quantifier.SEVERAL: (3, None, None),
    Quantifier.UNKNOWN: (0, None, None),
}


def count_of(quantifier: Quantifier, n: int | None = None, m: int | None = None) -> UncertainCount:
    """The count that a source's words compel, by the table of vague numbers (R-12).

    `n` is the number said, `m` the upper one of a range. Raises BadInput where the words need a
    number that is not given.
    """
    said = {"n": n, "m": m}

    def number(cell: int | str | None) -> int | None:
        if not isinstance(cell, str):
            return cell
        if said[cell] is None:
            raise BadInput(f"“{quantifier.value}” needs {'a number' if cell == 'n' else 'two numbers'}.")
        return said[cell]

    low, best, high = (number(cell) for cell in VAGUE_NUMBERS[quantifier])
    assert low is not None
    return UncertainCount(low, best, high)
