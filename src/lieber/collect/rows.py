"""The rules of a row: what its cells must be to each other. Each kind of rule is one function.

Where a cell is empty it is unknown, and unknown breaks no order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from ..base.dates import LONGEST_SPAN, DatePrecision
from .cells import Span
from .columns import RowRule

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RuleKind:
    """How a rule is tested, and how many columns it compares (0 for any number)."""

    broken: Callable[[list[object], RowRule], bool]
    columns: int = 0


def _out_of_order(cells: list[object], _rule: RowRule) -> bool:
    """True where a later cell is below an earlier one. A month or a year is below a day only where
    all its days are."""
    known = [cell for cell in cells if cell is not None]
    return len(known) > 1 and any(_lowest(left) > _highest(right) for left, right in combinations(known, 2))


def _half(cells: list[object], _rule: RowRule) -> bool:
    """True where some of the cells are filled and others are not."""
    empty = cells.count(None)
    return 0 < empty < len(cells)


def _too_long(cells: list[object], rule: RowRule) -> bool:
    """True where the span (first day, last day, precision) is longer than its precision allows."""
    first, last, precision = cells
    if not (isinstance(first, date) and isinstance(last, date) and isinstance(precision, str)):
        return False
    longest = rule.longest.get(precision, LONGEST_SPAN.get(DatePrecision(precision)))
    return longest is not None and (last - first).days > longest


def _apart(cells: list[object], _rule: RowRule) -> bool:
    """True where the first date lies outside the second."""
    inner, outer = cells
    if inner is None or outer is None:
        return False
    return bool(_lowest(inner) < _lowest(outer) or _highest(inner) > _highest(outer))


RULES: Mapping[str, RuleKind] = {
    "ordered": RuleKind(_out_of_order),
    "together": RuleKind(_half),
    "span": RuleKind(_too_long, columns=3),
    "within": RuleKind(_apart, columns=2),
}


def broken(rule: RowRule, values: Values) -> bool:
    """True where the row breaks the rule. `values` are those of `cells.read`, None for unknown."""
    return RULES[rule.kind].broken([values[name] for name in rule.columns], rule)


def _lowest(cell: object) -> Any:
    return cell.first if isinstance(cell, Span) else cell


def _highest(cell: object) -> Any:
    return cell.last if isinstance(cell, Span) else cell
