"""An officer as deeds on evidence ask, and a clock of tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from factories import at


@dataclass(frozen=True)
class Somebody:
    """An officer with roles and compartments, as far as deeds ask."""

    officer_id: str = "OFF-MONITOR"
    roles: frozenset[str] = frozenset({"monitor", "analyst", "legal_officer", "data_officer"})
    compartments: frozenset[str] = frozenset()


class Ticking:
    """A clock that goes on by a second each time it is looked at."""

    def __init__(self) -> None:
        self.passed = 0

    def __call__(self) -> datetime:
        self.passed += 1
        return at(self.passed)
