"""The one deed beneath all others: write rows of the register and commit them to the log.

Rows and their entries are written in one transaction: check, commit, append, insert. Nothing else
in the site inserts into the register.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from lieber.base import RANDOM_BYTES, LieberError, new_id
from lieber.ledger import Frontier, commit, leaf_hash

from ..models import Entry, Ref, RegisterRow, Salt, register_models
from ..models.register import instant_text
from ..queries.log import frontier
from . import overview
from .insertion import insert, insert_values

# The name of a kind of thing -> how its ids begin.
_PREFIXES = {model.__name__: model.prefix for model in register_models()}
# One key for the whole register: whoever appends holds it until the transaction ends.
_LOG_LOCK = 0x4C69656265720001
_SECRET_BYTES = 32
# A deed is given its instant before it waits for others to finish; the databases wait 20 seconds.
LONGEST_WAIT = timedelta(seconds=30)


class VersionConflict(LieberError):
    """Somebody else recorded a version of the same thing first."""


class UnknownThing(LieberError):
    """A row refers to a thing that nobody recorded."""


class ClockRunsBack(LieberError):
    """The instant given lies before the last entry of the log."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The entries that a deed made: from the first to before the last, and the head after it."""

    first_entry: int
    size: int


def new_thing(row: RegisterRow) -> str:
    """A fresh id for a thing of this kind."""
    return new_id(type(row).prefix, os.urandom(RANDOM_BYTES))


def record(rows: Sequence[RegisterRow], *, by: str, at: datetime, replayed: bool = False) -> Recorded:
    """Write rows to the register, each with its entry in the log, all or none.

    A row without a thing is a new one and gets an id; a row with a thing supersedes the version
    before its own. `by` is the officer's id and `at` the instant; `replayed` marks an instant
    that is not the one of writing.
    Raises VersionConflict, UnknownThing or ClockRunsBack; nothing is written then.
    """
    with transaction.atomic():
        hold_the_log()
        head, instant = frontier(), _instant(at)
        for row in rows:
            row.thing = row.thing or new_thing(row)
            row.recorded_at, row.recorded_by = instant, by
        _check_versions(rows)
        _check_references(rows)
        first = head.size
        _insert(rows, head, at=instant, replayed=replayed)
        overview.follow(rows, size=head.size, by=by, at=at)
    return Recorded(first, first + len(rows))


def hold_the_log() -> None:
    """Let one transaction at a time append: SQLite's are IMMEDIATE already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOG_LOCK])


def _instant(at: datetime) -> datetime:
    """The instant to record: that of the deed, or the one after the last entry's where the deed waited.

    Always later than the last entry: so what was known at the instant of a committed entry is settled
    for ever, whatever is being written (`queries.log.settled`).
    Raises ClockRunsBack where the deed is older than any wait explains.
    """
    last = Entry.objects.order_by("-index").values_list("recorded_at", flat=True).first()
    if last is None or at > last:
        return at
    if last - at <= LONGEST_WAIT:
        return last + timedelta(microseconds=1)
    raise ClockRunsBack(
        f"The log goes forward in time: its last entry is of {instant_text(last)}, found "
        f"{instant_text(at)}; set the clock of this machine right."
    )


def _check_versions(rows: Sequence[RegisterRow]) -> None:
    """A superseding row must follow directly on the version it supersedes."""
    for model, group in _by_model(rows).items():
        later = {row.thing: row for row in group if row.version > 1}
        for things in batches(later):
            known = dict(
                model.objects.filter(thing__in=things)
                .values_list("thing")
                .annotate(last=Max("version"))
                .values_list("thing", "last")
            )
            for thing in things:
                if known.get(thing) != later[thing].version - 1:
                    raise _conflict(thing, later[thing].version)


def _conflict(thing: str, version: int) -> VersionConflict:
    return VersionConflict(
        f"Version {version} of {thing} cannot be recorded: somebody else recorded one first; "
        "look at theirs and record yours on top of it."
    )


def _check_references(rows: Sequence[RegisterRow]) -> None:
    """Every id that a row points to must be recorded, before or with it."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for model, group in _by_model(rows).items():
        for field in _references(model):
            for row in group:
                if target := getattr(row, field.attname):
                    _check_kind(row, field, target)
                    wanted[target[:3]].add(target)
    for row in rows:
        wanted[row.prefix].discard(row.thing)
    models = {model.prefix: model for model in register_models()}
    for prefix, things in wanted.items():
        known: set[str] = set()
        for batch in batches(things):
            known.update(models[prefix].objects.filter(thing__in=batch).values_list("thing", flat=True))
        if missing := sorted(things - known):
            raise UnknownThing(
                f"A row may only point to a thing of the register: {missing[0]} is not in it"
                + (f", nor are {len(missing) - 1} others" if len(missing) > 1 else "")
                + "; record that first."
            )


def _check_kind(row: RegisterRow, field: Ref, target: str) -> None:
    """Raises UnknownThing where the id is of another kind of thing than the column is for."""
    meant = (field.to, *field.also)
    if target[:3] not in {_PREFIXES[kind] for kind in meant}:
        raise UnknownThing(
            f"The {field.attname} of a {row.kind} is the id of one of {', '.join(meant)}: found {target}; "
            "compare the id."
        )


def _references(model: type[RegisterRow]) -> tuple[Ref, ...]:
    return tuple(field for field in model._meta.concrete_fields if isinstance(field, Ref))


def _insert(rows: Sequence[RegisterRow], head: Frontier, *, at: datetime, replayed: bool) -> None:
    secrets = os.urandom(_SECRET_BYTES * len(rows))
    entries: list[tuple[object, ...]] = []
    salts: list[tuple[object, ...]] = []
    instant = instant_text(at)
    for number, row in enumerate(rows):
        secret = secrets[_SECRET_BYTES * number : _SECRET_BYTES * (number + 1)]
        row.entry = head.size
        leaf = commit(
            type=row.kind,
            thing=row.thing,
            version=row.version,
            recorded_at=instant,
            fields=row.committed_values(),
            secret=secret,
            replayed=replayed,
        )
        nodes = b"".join(head.append(leaf_hash(leaf)))
        # In the order of the tables' columns: two of three rows of an import are these.
        entries.append((row.entry, row.kind, row.thing, row.version, at, replayed, nodes))
        salts.append((row.entry, secret))
    try:
        for group in _by_model(rows).values():
            insert(group)
        insert_values(Entry, entries)
        insert_values(Salt, salts)
    except IntegrityError as error:
        if "one_row_a_version" in str(error) or ".thing, " in str(error):
            raise VersionConflict(
                "A version that is being recorded exists already: somebody else recorded it first; "
                "look at theirs and record yours on top of it."
            ) from error
        raise


def _by_model(rows: Iterable[RegisterRow]) -> dict[type[RegisterRow], list[RegisterRow]]:
    groups: dict[type[RegisterRow], list[RegisterRow]] = defaultdict(list)
    for row in rows:
        groups[type(row)].append(row)
    return groups


def batches(things: Iterable[str], size: int = 500) -> Iterable[list[str]]:
    """Ids in lists short enough for one statement of any database."""
    listed = list(things)
    return (listed[start : start + size] for start in range(0, len(listed), size))
