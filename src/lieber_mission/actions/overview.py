"""Keep the overview of incidents in step with the register, in the transaction that writes to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from ..models import Account, Erasure, Finding, Incident, Item, Judgement, Overview, RegisterRow
from ..queries.link import absorbed_by, merges
from ..queries.standing import accounts_then, stand_now
from .insertion import insert

_PART = 500


def follow(rows: Sequence[RegisterRow], *, size: int, by: str, at: datetime) -> None:
    """Bring the overview in step with rows that were just recorded; `size` is the log's length with them."""
    touched = {row.thing for row in rows if isinstance(row, Incident)}
    touched |= {row.incident for row in rows if isinstance(row, Finding)}
    judged = [row for row in rows if isinstance(row, Judgement)]
    touched |= {row.right for row in judged if not row.of_incidents}
    if any(row.of_incidents for row in judged):
        touched |= {thing for row in judged if row.of_incidents for thing in (row.left, row.right)}
        touched |= _merged_otherwise()
    moved = _moved_between_compartments(Account, rows)
    items = _moved_between_compartments(Item, rows)
    moved |= set(Account.objects.filter(item__in=items).values_list("thing", flat=True))
    gone = [entry for row in rows if isinstance(row, Erasure) for entry in row.entries]
    moved |= set(Account.objects.filter(entry__in=gone).values_list("thing", flat=True))
    if moved:
        touched |= _count_again(moved)
    if touched:
        # What a merged incident has counts for the one that stands for it.
        merged = merges(None)
        write(touched | {merged[one] for one in touched if one in merged}, size=size, by=by, at=at)


def write(incidents: Collection[str], *, size: int, by: str, at: datetime) -> None:
    """Write how these incidents stand now, where that differs from what the overview says."""
    listed = sorted(incidents)
    for start in range(0, len(listed), _PART):
        _write_part(listed[start : start + _PART], size=size, by=by, at=at)


def _write_part(part: list[str], *, size: int, by: str, at: datetime) -> None:
    before = {row.incident: row for row in Overview.objects.filter(incident__in=part, until__isnull=True)}
    added: list[Overview] = []
    closed: list[int] = []
    for incident, values in stand_now(part):
        old = before.get(incident)
        if old is not None and all(getattr(old, name) == value for name, value in values.items()):
            continue
        if old is not None and (old.at, old.by) == (at, by):
            _set(old, values)
            continue
        if old is not None:
            closed.append(old.pk)
        added.append(Overview(incident=incident, since=size, at=at, by=by, **values))
    Overview.objects.filter(pk__in=closed).update(until=size)
    insert(added)


def _set(row: Overview, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(force_update=True, update_fields=list(values))


def _merged_otherwise() -> set[str]:
    """The incidents that stand for others, or for which others stand, otherwise than the overview says."""
    said = Overview.objects.filter(until__isnull=True, merged_into__gt="")
    was = dict(said.values_list("incident", "merged_into"))
    now = merges(None)
    differ = {one for one in was.keys() | now.keys() if was.get(one) != now.get(one)}
    return differ | {leader for one in differ for leader in (was.get(one), now.get(one)) if leader}


def _moved_between_compartments(model: type[Account | Item], rows: Sequence[RegisterRow]) -> set[str]:
    """The accounts or items that now lie in another compartment than before."""
    later = [row for row in rows if isinstance(row, model) and row.version > 1]
    moved: set[str] = set()
    for start in range(0, len(later), _PART):
        part = {row.thing: row for row in later[start : start + _PART]}
        earlier = model.objects.filter(thing__in=part).values_list("thing", "version", "compartment")
        moved |= {
            thing
            for thing, version, compartment in earlier
            if version == part[thing].version - 1 and compartment != part[thing].compartment
        }
    return moved


def _count_again(accounts: Collection[str]) -> set[str]:
    """Count the accounts of these accounts' incidents anew for every past: what is put into a compartment
    or erased today is not found in yesterday. Returns the incidents."""
    ever = Judgement.objects.filter(left__in=accounts, of_incidents=False).values_list("right", flat=True)
    merged = merges(None)
    incidents = set(ever) | {merged[one] for one in ever if one in merged}
    for row in Overview.objects.filter(incident__in=incidents, until__isnull=False):
        members = (row.incident, *absorbed_by(merges(row.since)).get(row.incident, ()))
        row.accounts = accounts_then(members, row.since)
        row.save(force_update=True, update_fields=["accounts"])
    return incidents


def rebuild(*, size: int, by: str, at: datetime) -> int:
    """Write the overview of every incident that differs from the register; returns how many there are."""
    incidents = set(Incident.objects.filter(version=1).values_list("thing", flat=True))
    write(incidents, size=size, by=by, at=at)
    return len(incidents)
