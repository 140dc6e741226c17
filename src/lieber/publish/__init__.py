"""Figures: what is said in public, and why.

In: a recipe and findings. Out: a value with minimum, best and maximum, and a reason for every
incident that was looked at.
"""

from .figures import (
    GROUPINGS,
    UNKNOWN,
    ZERO,
    Bounds,
    Change,
    Contribution,
    CountedFinding,
    Decision,
    Difference,
    Figure,
    Ground,
    Part,
    Recipe,
    Unit,
    compute,
    difference,
    group_by,
)

__all__ = [
    "GROUPINGS",
    "UNKNOWN",
    "ZERO",
    "Bounds",
    "Change",
    "Contribution",
    "CountedFinding",
    "Decision",
    "Difference",
    "Figure",
    "Ground",
    "Part",
    "Recipe",
    "Unit",
    "compute",
    "difference",
    "group_by",
]
