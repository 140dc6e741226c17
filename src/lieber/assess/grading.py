"""Two grades that are never made into one: of the source, and of what it says (1.15).

How far a source can be relied on (A to F) and how credible one piece of information is in itself (1 to 6)
are judged apart. A reliable source can be wrong and an unreliable one right, so the two stand beside each
other and are neither multiplied nor averaged. F and 6 say that nobody can tell: they are no worst grade,
and stand apart from the others wherever grades are put in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from ..base import BadInput
from ..code import vocabulary

UNKNOWN_RELIABILITY = "F"
UNKNOWN_CREDIBILITY = "6"


@dataclass(frozen=True, slots=True)
class Grading:
    """Reliability of the source and credibility of the information; empty where nobody judged.

    Raises BadInput for a grade that is none.
    """

    reliability: str = ""
    credibility: str = ""

    def __post_init__(self) -> None:
        for grade, scale in ((self.reliability, reliabilities()), (self.credibility, credibilities())):
            if grade and grade not in scale:
                raise BadInput(f"A grade is one of {', '.join(scale)}: found {grade!r}; choose one of them.")

    @property
    def source_can_be_judged(self) -> bool:
        """True where the source was judged, and not as one that cannot be."""
        return self.reliability not in {"", UNKNOWN_RELIABILITY}

    @property
    def information_can_be_judged(self) -> bool:
        """True where the information was judged, and not as something that cannot be."""
        return self.credibility not in {"", UNKNOWN_CREDIBILITY}


@cache
def reliabilities() -> tuple[str, ...]:
    """The grades of a source, from completely reliable to cannot be judged."""
    return vocabulary("source_reliability").words


@cache
def credibilities() -> tuple[str, ...]:
    """The grades of information, from confirmed to cannot be judged."""
    return vocabulary("information_credibility").words


def spread(grades: Iterable[str], *, scale: Sequence[str]) -> tuple[str, str, int] | None:
    """The best and the worst of the grades that could be given, and how many could not be.

    The last grade of the scale says that nobody can tell: it is counted and never the worst.
    None where none could be given.
    """
    *known, unknown = scale
    given = list(grades)
    judged = sorted((grade for grade in given if grade in known), key=known.index)
    apart = sum(grade == unknown for grade in given)
    return (judged[0], judged[-1], apart) if judged else None
