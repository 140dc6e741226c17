"""What is wrong with submissions: each fault with its place, and never a protected answer.

Submissions are taken in all together or not at all, so that everything can be put right in one go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...base import BadInput
from ...collect.files import shown

MOST_BYTES = 50 * 2**20
MOST_SUBMISSIONS = 10_000
MOST_REPETITIONS = 1_000
MOST_PROBLEMS = 10_000
_LONGEST_VALUE = 200
_NOT_SHOWN = "an answer that is protected and not shown"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one answer: in which submission, at which path, what was found, what was
    expected. `value` is as it may be shown; it is empty where there was none or it is `protected`."""

    submission: str
    path: str
    value: str
    expected: str
    protected: bool = False

    def __str__(self) -> str:
        place = f"{self.submission}, {self.path}" if self.path else self.submission
        found = _NOT_SHOWN if self.protected else self.value or "nothing"
        return f"{place}: expected {self.expected}; found {found}."


def problem(*, submission: str, path: str, value: str, expected: str, protected: bool = False) -> Problem:
    """A problem with everything cut short and made visible, and without a protected answer."""
    hidden = protected and bool(value)
    return Problem(
        submission=shown(submission),
        path=shown(path, longest=_LONGEST_VALUE),
        value="" if hidden else shown(value, longest=_LONGEST_VALUE),
        expected=expected,
        protected=hidden,
    )


class SubmissionsRefused(BadInput):
    """Some answers cannot be used, so that nothing was taken in. `problems` lists them in the order of
    the file; after `MOST_PROBLEMS` nothing more is read, and `more` is True."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems[:MOST_PROBLEMS])
        self.more = len(problems) > len(self.problems)
        count = f"{'more than ' if self.more else ''}{len(self.problems):,}"
        super().__init__(
            f"Submissions without a fault were expected: {name} has {count} "
            f"problem{'s' if len(problems) > 1 else ''}, first of all {self._first()}; correct them where "
            "the answers are kept, and bring all of them again."
        )

    def _first(self) -> str:
        return str(self.problems[0]).removesuffix(".")
