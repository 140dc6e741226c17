"""Take in tables of others: reports, incidents, tallies, public statements.

All of a table or nothing; every bad row named; the same table again changes nothing, and a
corrected one supersedes what it corrects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from lieber.assess import shipped_methodology
from lieber.base import BadInput
from lieber.collect import Table, error_file, read_table, shipped_form
from lieber.link import Authorities

from ...models import ImportedTable, RegisterRow
from ...policies.permissions import Deed, Viewer, check_may
from ...queries import log
from ...queries.origins import authorities as known_authorities
from ..record import hold_the_log, record
from .incidents import settle_incidents
from .material import Taking, Values
from .reports import settle_reports
from .settle import Settled
from .statements import settle_statements
from .tallies import settle_tallies

SETTLERS: Mapping[str, Callable[[list[Values], Taking], Settled]] = {
    "reports": settle_reports,
    "incidents": settle_incidents,
    "tallies": settle_tallies,
    "statements": settle_statements,
}
# What a table amounts to: a coder's view of incidents is judgements and findings.
DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "reports": (Deed.IMPORT,),
    "incidents": (Deed.IMPORT, Deed.JUDGE, Deed.RECORD_FINDING),
    "tallies": (Deed.IMPORT,),
    "statements": (Deed.IMPORT,),
}
# Rows that are settled and recorded together: large enough for set operations, small enough to
# hold a table of any length in little memory.
PORTION = 5_000
# Rows of each kind that a preview names.
PREVIEWED = 3


class TableRefused(BadInput):
    """The table has rows that cannot be used; nothing of it was written."""

    def __init__(self, sentence: str, table: Table) -> None:
        super().__init__(sentence)
        self.table = table


@dataclass(slots=True)
class Taken:
    """What became of a table."""

    form: str
    rows: int
    created: int = 0
    superseded: int = 0
    unchanged: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    # The first rows of each kind, for a preview: kind, key or id, version.
    first: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    first_entry: int | None = None
    size: int | None = None


def read(form: str, path: Path, *, encoding: str | None = None, sheet: str | None = None) -> Table:
    """Read a table and check every cell of it.

    Raises UnusableFile for a file that is no such table and TableRefused where rows are bad.
    """
    table = read_table(path, shipped_form(form), encoding=encoding, sheet=sheet)
    if table.problems:
        first, number = table.problems[0], len(table.problems) + table.more_problems
        if number == 1:
            raise TableRefused(
                f"{path.name} has 1 cell that cannot be used; nothing was written. {first}", table
            )
        raise TableRefused(
            f"{path.name} has {number} cells that cannot be used; nothing was written. {first}", table
        )
    return table


def bad_rows(table: Table) -> str:
    """The bad rows of a table as CSV: line, column, value, what was expected, and the row itself."""
    return error_file(table)


def take_table(
    form: str,
    table: Table,
    *,
    file_name: str,
    by: Viewer,
    at: datetime,
    collection: str = "",
    dry_run: bool = False,
    authorities: Authorities | None = None,
) -> Taken:
    """Take a checked table into the register, all or nothing.

    With `dry_run` everything is done and undone, so that the preview is what would happen.
    Raises NotAllowed.
    """
    taking = Taking(by, at, shipped_methodology(), authorities or known_authorities(), collection)
    with transaction.atomic():
        taken = take_rows(form, typed_rows(table), taking)
        if taken.created or taken.superseded:
            _record_table(taken, table, file_name, taking)
        transaction.set_rollback(dry_run)
    return taken


# Kinds of column whose empty cell is an empty text in the register, and not "no value".
_TEXTS = frozenset({"text", "id", "key", "url", "choice", "code", "language"})


def typed_rows(table: Table) -> list[Values]:
    """The rows of a table with a value for every column of its form."""
    columns = table.form.columns.values()
    blank: Values = {
        column.name: "" if column.kind in _TEXTS else () if column.kind in {"choices", "keys"} else None
        for column in columns
    }
    return [
        {**blank, **{name: value for name, value in row.values.items() if value is not None}}
        for row in table.rows
    ]


def take_rows(form: str, rows: Sequence[Values], taking: Taking) -> Taken:
    """Settle and record typed rows of a form, portion by portion, in one transaction."""
    for deed in DEEDS[form]:
        check_may(taking.by, deed)
    taken = Taken(form, len(rows))
    with transaction.atomic():
        hold_the_log()
        taken.first_entry = log.size()
        for portion in _portions(rows):
            settled = SETTLERS[form](portion, taking)
            record(settled.rows, by=taking.by.officer_id, at=taking.at, replayed=taking.replayed)
            _count(settled, taken)
        taken.size = log.size()
    taken.notes = taking.notes
    return taken


def _record_table(taken: Taken, table: Table, file_name: str, taking: Taking) -> None:
    """The table's own row: its digest, and which entries of the log came of it."""
    assert taken.first_entry is not None
    assert taken.size is not None
    row = ImportedTable(
        form=taken.form,
        file_name=file_name,
        sha256=table.digest,
        encoding=table.read_as,
        rows=taken.rows,
        created=taken.created,
        superseded=taken.superseded,
        unchanged=taken.unchanged,
        first_entry=taken.first_entry,
        last_entry=taken.size - 1,
    )
    record([row], by=taking.by.officer_id, at=taking.at, replayed=taking.replayed)


def _count(settled: Settled, taken: Taken) -> None:
    taken.created += settled.created
    taken.superseded += settled.superseded
    taken.unchanged += settled.unchanged
    for row in settled.rows:
        taken.kinds[row.kind] = taken.kinds.get(row.kind, 0) + 1
        shown = taken.first.setdefault(row.kind, [])
        if len(shown) < PREVIEWED:
            shown.append((_name_of(row), row.version))


def _name_of(row: RegisterRow) -> str:
    """What a row is called in a preview: its address or key, else its id."""
    return getattr(row, "address", "") or row.external_key.rpartition("/")[2] or row.thing


def _portions(rows: Sequence[Values]) -> Iterator[list[Values]]:
    for start in range(0, len(rows), PORTION):
        yield list(rows[start : start + PORTION])
