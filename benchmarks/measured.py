"""What a benchmark gives: a figure, what it is compared with, and its goal."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """A measured figure. `met` says whether the goal was reached; None where there is no goal."""

    name: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None
    beside: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The result as plain values."""
        return asdict(self)


def seconds(deed: Callable[[], object], *, repeats: int = 3) -> float:
    """The median time of several runs, after one that is not counted."""
    deed()
    return statistics.median(once(deed) for _ in range(repeats))


def once(deed: Callable[[], object]) -> float:
    """The time of one run."""
    start = time.perf_counter()
    deed()
    return time.perf_counter() - start


def say(text: str) -> None:
    """Tell whoever waits what is going on."""
    print(text, file=sys.stderr, flush=True)
