"""What a form says of one column and of one rule: plain values, read from TOML by `form`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds.

    `optional` columns may be missing from the file, `required` ones may not have an empty cell.
    `longest` is in characters; `least` and `most` bound numbers and dates; `of` lists the values
    of a choice and `also` the words allowed beside codes; `lines` lets a text have line breaks.
    """

    name: str
    kind: str
    means: str = ""
    required: bool = False
    optional: bool = False
    longest: int | None = None
    least: float | date | None = None
    most: float | date | None = None
    of: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    lines: bool = False


@dataclass(frozen=True, slots=True)
class RowRule:
    """What the cells of one row must be to each other; `expected` is what the user reads.

    A broken rule is noted against the first of its columns. `longest` gives, for a rule “span”,
    days by precision that differ from `base.dates.LONGEST_SPAN`.
    """

    kind: str
    columns: tuple[str, ...]
    expected: str
    longest: Mapping[str, int] = field(default_factory=dict)
