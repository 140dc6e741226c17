"""Bring rows of a table beside what the register holds: new, changed or the same.

A table is taken in any number of times; what it said before is left alone, what it says otherwise
supersedes, and nothing is recorded twice. Rows are told apart by their external key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ...models import RegisterRow
from ..record import batches, new_thing

Row = TypeVar("Row", bound=RegisterRow)


@dataclass(slots=True)
class Settled:
    """What is left to record, and what stands already."""

    rows: list[RegisterRow] = field(default_factory=list)
    created: int = 0
    superseded: int = 0
    unchanged: int = 0

    def add(self, other: Settled) -> None:
        """Take another part's rows and counts on."""
        self.rows += other.rows
        self.created += other.created
        self.superseded += other.superseded
        self.unchanged += other.unchanged


def settle(
    rows: Sequence[Row],
    *,
    keep: Iterable[str] = (),
    reconcile: Callable[[Row, Row], None] = lambda _row, _known: None,
) -> Settled:
    """Give each row its thing and version; returns those that must be recorded.

    Every row has a thing afterwards, recorded or not, so that others can point to it. An empty
    field named in `keep` does not blank what the register knows, and `reconcile` is given each row
    with the one that stands. Rows are of one table.
    """
    settled = Settled()
    standing = _standing(rows)
    for row in rows:
        known = standing.get(row.external_key)
        if known is None:
            row.thing = row.thing or new_thing(row)
            settled.rows.append(row)
            settled.created += 1
            continue
        row.thing, row.version = known.thing, known.version + 1
        for name in keep:
            if not getattr(row, name):
                setattr(row, name, getattr(known, name))
        reconcile(row, known)
        if row.content() == known.content():
            settled.unchanged += 1
        else:
            settled.rows.append(row)
            settled.superseded += 1
    return settled


def _standing(rows: Sequence[Row]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for keys in batches({row.external_key for row in rows}):
        for known in type(rows[0]).objects.as_of(None).filter(external_key__in=keys):
            found[known.external_key] = known
    return found
