"""Is a number of others like ours? Only like is compared with like (R-15).

In: what two numbers count, and over which days. Out: whether they stand beside each other as they are,
only as rates, or not at all, each with a reason. A number of others is never added to ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..base import LieberError, Window

# Days to which a rate is brought for reading.
MONTH = 30


class NotAlike(LieberError):
    """Two numbers do not count the same thing over comparable days."""


class Likeness(StrEnum):
    """How two numbers may be shown together."""

    SAME_DAYS = "as numbers"
    RATES_ONLY = "as rates only"


@dataclass(frozen=True, slots=True)
class Counted:
    """A number with its unit and the days it covers."""

    value: int
    unit: str
    window: Window

    @property
    def a_month(self) -> float | None:
        """The rate in 30 days; None where an end of the window is open."""
        return None if self.window.days is None else self.value / self.window.days * MONTH


def likeness(ours: Counted, theirs: Counted) -> Likeness:
    """How the two may be shown together.

    Raises NotAlike where they count different things, or over different days that have no length.
    """
    if ours.unit != theirs.unit:
        raise NotAlike(f"Not set beside it: {theirs.unit} are not compared with {ours.unit}.")
    if ours.window == theirs.window:
        return Likeness.SAME_DAYS
    if theirs.window.days is None:
        raise NotAlike(
            f"Not set beside it: its days ({theirs.window}) are others and have an open end, so that no rate "
            "can be given."
        )
    if ours.window.days is None:
        raise NotAlike(
            f"Not set beside it: it is of other days ({theirs.window}), and the window of the figure has an "
            "open end, so that no rate can be given; ask for a figure with a first and a last day."
        )
    return Likeness.RATES_ONLY
