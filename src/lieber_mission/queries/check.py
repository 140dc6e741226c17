"""Recompute the log from the rows, and name whatever does not fit.

Rows, salts and entries are read once, side by side in the order of the log, so that a register of
any length is checked in little memory.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef

from lieber.base import LieberError
from lieber.ledger import Frontier, VerifierKey, commit, leaf_hash, verify

from ..models import (
    Appointment,
    Checkpoint,
    Entry,
    Incident,
    Officer,
    Overview,
    Ref,
    RegisterRow,
    Salt,
    register_models,
)
from ..models.register import KEPT_WHEN_BLANK, blank_value, instant_text
from . import log
from .erasures import erased_entries
from .standing import stand_now

_HASH = 32
_CHUNK = 2_000
# Findings beyond this number are counted and not listed: the register is then lost as a whole.
MOST_LISTED = 1_000

CODES = {
    "L01": "a row was altered after it was committed",
    "L02": "a row is missing that the log has an entry of",
    "L03": "a row stands in the register that the log has no entry of",
    "L04": "an entry of the log was altered",
    "L05": "a salt is missing: the row can no longer be compared with its commitment",
    "L06": "a checkpoint contradicts the log",
    "L07": "a row points to a thing that is not in the register",
    "L08": "an entry of the log is missing",
    "L09": "the log runs back in time",
    "L10": "an account may do other things than its officer was appointed to",
    "L11": "the overview that lists are read from says something else than the register",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not fit: its code, where it is, and a sentence."""

    code: str
    table: str
    row: str
    sentence: str


@dataclass(slots=True)
class Checked:
    """What was checked and what was found."""

    entries: int = 0
    rows: int = 0
    checkpoints: int = 0
    root: bytes = b""
    # Rows that were forgotten on purpose, as an entry of the log says.
    erased: int = 0
    problems: list[Problem] = field(default_factory=list)
    unlisted: int = 0

    def note(self, code: str, table: str, row: str, sentence: str) -> None:
        """Note a problem, or count it where too many are listed already."""
        if len(self.problems) < MOST_LISTED:
            self.problems.append(Problem(code, table, row, sentence))
        else:
            self.unlisted += 1


def check_register(*, key: VerifierKey, progress: Callable[[int], None] = lambda _: None) -> Checked:
    """Check every row against its entry, the tree against its entries, the checkpoints against the
    tree, and that every reference leads somewhere. `key` is the public key of the log."""
    checked = Checked()
    # What is written or signed while the check runs is left to the next one: heads first, then the log.
    checkpoints = list(Checkpoint.objects.order_by("size"))
    size = log.size()
    roots = {checkpoint.size: b"" for checkpoint in checkpoints}
    _check_rows(checked, roots, size, progress=progress, erased=erased_entries())
    _check_later(checked, size)
    _check_checkpoints(checked, checkpoints, roots, key)
    _check_references(checked)
    _check_officers(checked)
    if not checked.problems:
        # Of a register that was altered it would say nothing new.
        _check_overview(checked)
    return checked


def _check_rows(
    checked: Checked,
    roots: dict[int, bytes],
    size: int,
    *,
    progress: Callable[[int], None],
    erased: set[int],
) -> None:
    tree = Frontier()
    if 0 in roots:
        roots[0] = tree.root()
    before = None
    for index, group in groupby(_side_by_side(size), key=lambda part: part[0]):
        parts = [part[2] for part in group]
        entry = next((part for part in parts if isinstance(part, Entry)), None)
        salt = next((part for part in parts if isinstance(part, Salt)), None)
        rows = [part for part in parts if isinstance(part, RegisterRow)]
        checked.rows += len(rows)
        if entry is None:
            _note_extra(checked, rows)
            continue
        if index > checked.entries:
            checked.note(
                "L08", Entry._meta.db_table, str(checked.entries), f"entry {checked.entries} is not there"
            )
            return
        if before is not None and entry.recorded_at < before:
            checked.note(
                "L09", Entry._meta.db_table, str(index), f"entry {index} is older than the one before it"
            )
        before = entry.recorded_at
        _check_entry(checked, entry, salt, rows, erased=index in erased)
        completed = b"".join(tree.append(bytes(entry.nodes)[:_HASH]))
        if completed != bytes(entry.nodes):
            checked.note(
                "L04",
                Entry._meta.db_table,
                str(index),
                f"the hashes stored with entry {index} are not those of its tree",
            )
        checked.entries += 1
        if checked.entries in roots:
            roots[checked.entries] = tree.root()
        if checked.entries % _CHUNK == 0:
            progress(checked.entries)
    checked.root = tree.root()


def _check_later(checked: Checked, size: int) -> None:
    """Rows beyond the log's length must have come with an entry since."""
    for model in register_models():
        entry = Entry.objects.filter(index=OuterRef("entry"), thing=OuterRef("thing"))
        _note_extra(checked, model.objects.filter(entry__gte=size).exclude(Exists(entry))[:MOST_LISTED])


def _side_by_side(size: int) -> Iterator[tuple[int, int, Any]]:
    """Entries, salts and rows in the order of the log: (index, order among those of one index, part)."""
    streams: list[Iterable[tuple[int, int, Any]]] = [
        (
            (entry.index, 0, entry)
            for entry in Entry.objects.filter(index__lt=size).order_by("index").iterator(_CHUNK)
        ),
        (
            (salt.entry, 1, salt)
            for salt in Salt.objects.filter(entry__lt=size).order_by("entry").iterator(_CHUNK)
        ),
    ]
    streams += [_rows_of(model, order, size) for order, model in enumerate(register_models(), start=2)]
    return heapq.merge(*streams, key=lambda part: part[:2])


def _rows_of(model: type[RegisterRow], order: int, size: int) -> Iterator[tuple[int, int, RegisterRow]]:
    for row in model.objects.filter(entry__lt=size).order_by("entry").iterator(_CHUNK):
        yield row.entry, order, row


def _check_entry(
    checked: Checked, entry: Entry, salt: Salt | None, rows: list[RegisterRow], *, erased: bool
) -> None:
    named = [
        row for row in rows if (row.kind, row.thing, row.version) == (entry.kind, entry.thing, entry.version)
    ]
    _note_extra(checked, [row for row in rows if row not in named])
    if not named:
        checked.note(
            "L02",
            _table_of(entry.kind),
            entry.thing,
            f"version {entry.version} of {entry.thing} (entry {entry.index}) is missing or renamed",
        )
        return
    row = named[0]
    if salt is None and erased and is_blank(row):
        checked.erased += 1
    elif salt is None:
        checked.note(
            "L05", row._meta.db_table, row.thing, f"the salt of {row} (entry {entry.index}) is missing"
        )
    elif _leaf(row, entry, bytes(salt.secret)) != bytes(entry.nodes)[:_HASH]:
        checked.note(
            "L01",
            row._meta.db_table,
            row.thing,
            f"{row} (row {row.row_id}, entry {entry.index}) does not say what was committed",
        )


def is_blank(row: RegisterRow) -> bool:
    """Whether a row says nothing but what it is of, where it stands and who wrote it (R-19)."""
    return all(
        getattr(row, field.attname) == blank_value(field)
        for field in row._meta.concrete_fields
        if field.attname not in KEPT_WHEN_BLANK and not isinstance(field, Ref)
    )


def _leaf(row: RegisterRow, entry: Entry, secret: bytes) -> bytes:
    """The leaf hash of a row as it stands now."""
    try:
        leaf = commit(
            type=row.kind,
            thing=row.thing,
            version=row.version,
            recorded_at=instant_text(row.recorded_at),
            fields=row.committed_values(),
            secret=secret,
            replayed=entry.replayed,
        )
    except LieberError:  # a value that no row could be committed with
        return b""
    return leaf_hash(leaf)


def _note_extra(checked: Checked, rows: Iterable[RegisterRow]) -> None:
    for row in rows:
        checked.note(
            "L03",
            row._meta.db_table,
            row.thing,
            f"{row} (row {row.row_id}) claims entry {row.entry}, which is not of it",
        )


def _check_checkpoints(
    checked: Checked, checkpoints: Iterable[Checkpoint], roots: dict[int, bytes], key: VerifierKey
) -> None:
    for checkpoint in checkpoints:
        checked.checkpoints += 1
        try:
            head = verify(checkpoint.note, log=key).checkpoint
        except LieberError as error:
            checked.note("L06", Checkpoint._meta.db_table, str(checkpoint.size), str(error))
            continue
        if (head.size, head.root) != (checkpoint.size, roots.get(checkpoint.size)):
            checked.note(
                "L06",
                Checkpoint._meta.db_table,
                str(checkpoint.size),
                f"the checkpoint signed at size {checkpoint.size} has another root than the log there",
            )


def _check_overview(checked: Checked) -> None:
    """What lists of incidents are read from must follow from the register as it is."""
    incidents = Incident.objects.as_of(None).order_by("thing").values_list("thing", flat=True)
    known = list(incidents)
    for start in range(0, len(known), _CHUNK):
        part = known[start : start + _CHUNK]
        shown = {row.incident: row for row in Overview.objects.as_of(None).filter(incident__in=part)}
        for thing, values in stand_now(part):
            row = shown.get(thing)
            differ = [name for name, value in values.items() if row is None or getattr(row, name) != value]
            if differ:
                sentence = f"the list shows another {differ[0]} than the register has; rebuild the overview"
                checked.note("L11", Overview._meta.db_table, thing, sentence)
    extra = Overview.objects.as_of(None).exclude(incident__in=Incident.objects.values("thing"))
    for thing in extra.values_list("incident", flat=True):
        checked.note("L11", Overview._meta.db_table, thing, "the list shows an incident that nobody opened")


def _check_officers(checked: Checked) -> None:
    """What an account may do must be what the officer's last appointment says: roles are not given in
    the database."""
    appointed = {
        row.officer: (sorted(row.roles), sorted(row.compartments), sorted(row.teams), row.active)
        for row in Appointment.objects.as_of(None)
    }
    for officer in Officer.objects.order_by("id"):
        holds = (
            sorted(officer.roles),
            sorted(officer.own_compartments),
            sorted(officer.teams),
            officer.is_active,
        )
        if appointed.get(officer.officer_id) != holds:
            checked.note(
                "L10",
                Officer._meta.db_table,
                officer.officer_id,
                f"the account {officer.officer_id} may do other things than its officer was appointed to",
            )


def _check_references(checked: Checked) -> None:
    models = {model.prefix: model for model in register_models()}
    for model in register_models():
        for reference in (f.attname for f in model._meta.concrete_fields if isinstance(f, Ref)):
            _check_reference(checked, model, reference, models)


def _check_reference(
    checked: Checked, model: type[RegisterRow], reference: str, models: dict[str, type[RegisterRow]]
) -> None:
    """One anti-join for each kind of thing that the column points to."""
    wanted: dict[str, type[RegisterRow] | None] = defaultdict(lambda: None, models)
    prefixes = {target[:3] for target in model.objects.values_list(reference, flat=True).distinct() if target}
    for prefix in sorted(prefixes):
        target = wanted[prefix]
        lost = model.objects.filter(**{f"{reference}__startswith": f"{prefix}-"})
        if target is not None:
            lost = lost.exclude(**{f"{reference}__in": target.objects.filter(version=1).values("thing")})
        for row in lost[:MOST_LISTED]:
            checked.note(
                "L07",
                model._meta.db_table,
                row.thing,
                f"{row} points to {getattr(row, reference)}, which is not in the register",
            )


def _table_of(kind: str) -> str:
    return next((model._meta.db_table for model in register_models() if model.kind == kind), kind)
