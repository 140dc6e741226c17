"""Which incidents were judged to be the same, and which accounts belong to which incident."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from lieber.link import Judgement as Judged
from lieber.link import Verdict, clusters

from ..models import Finding, Incident, Judgement
from ..policies import link as policy
from ..policies.permissions import Deed, Viewer, check_may


def merges(position: int | None) -> dict[str, str]:
    """Incident -> the incident it was merged into, among the first `position` entries.

    Incidents that stand alone are left out: they are nearly all of them.
    """
    judged = between_incidents(position)
    things = {thing for judgement in judged for thing in (judgement.left, judgement.right)}
    return clusters(judged, things=things).redirects(opened=opened(things)) if things else {}


def between_incidents(position: int | None) -> list[Judged]:
    """The judgements that stand between incidents, as the method takes them."""
    return [_judged(row) for row in Judgement.objects.as_of(position).filter(of_incidents=True)]


def absorbed_by(merged: Mapping[str, str]) -> dict[str, list[str]]:
    """Incident -> the incidents that were merged into it, in the order of their ids."""
    found: dict[str, list[str]] = defaultdict(list)
    for incident in sorted(merged):
        found[merged[incident]].append(incident)
    return found


def standing_beside(incidents: Collection[str], position: int | None) -> list[Judgement]:
    """The judgements that stand between these incidents and others, or each other."""
    rows = Judgement.objects.as_of(position).filter(
        Q(left__in=incidents) | Q(right__in=incidents), of_incidents=True
    )
    return list(rows.order_by("entry"))


@dataclass(frozen=True, slots=True)
class Asked:
    """Two incidents that one officer asks another to agree are one."""

    thing: str
    left: str
    right: str
    reason: str
    asked_by: str
    asked_at: datetime
    entry: int


def asked_judgements(*, viewer: Viewer, of: Collection[str] = ()) -> list[Asked]:
    """What is asked about incidents and not answered yet, the oldest first; with `of` about these only.

    Raises NotAllowed.
    """
    check_may(viewer, Deed.READ_REGISTER)
    rows = Judgement.objects.as_of(None).exclude(asks="").order_by("entry")
    if of:
        rows = rows.filter(Q(left__in=of) | Q(right__in=of))
    return [
        Asked(row.thing, row.left, row.right, row.reason, row.recorded_by, row.recorded_at, row.entry)
        for row in rows
    ]


def opened(incidents: Collection[str]) -> dict[str, datetime]:
    """Incident -> the instant at which it was opened."""
    found: dict[str, datetime] = {}
    listed = list(incidents)
    for start in range(0, len(listed), 500):
        rows = Incident.objects.filter(thing__in=listed[start : start + 500], version=1)
        found.update(rows.values_list("thing", "recorded_at"))
    return found


def accounts_of(incidents: Collection[str], position: int | None) -> dict[str, list[str]]:
    """Incident -> the ids of the accounts that stand judged to be of it, in order of judgement."""
    rows = (
        Judgement.objects.as_of(position)
        .filter(of_incidents=False, right__in=incidents, verdict=Verdict.SAME.value)
        .order_by("entry")
        .values_list("right", "left")
    )
    found: dict[str, list[str]] = defaultdict(list)
    for incident, account in rows:
        found[incident].append(account)
    return found


def incident_of(accounts: Collection[str], position: int | None) -> dict[str, str]:
    """Account -> the incident it stands judged to be of."""
    rows = (
        Judgement.objects.as_of(position)
        .filter(left__in=accounts, of_incidents=False, verdict=Verdict.SAME.value)
        .values_list("left", "right")
    )
    return dict(rows)


def standing(lefts: Collection[str]) -> dict[tuple[str, str], Judgement]:
    """The judgements that stand on pairs with one of these on the left."""
    rows = Judgement.objects.as_of(None).filter(left__in=lefts)
    return {(row.left, row.right): row for row in rows}


def check_beside_others(new: Judged) -> None:
    """A judgement between two incidents must be able to take effect, and must not hide a conclusion.

    Raises JudgementRefused.
    """
    judged = [judgement for judgement in between_incidents(None) if judgement.pair != new.pair]
    things = {thing for judgement in (*judged, new) for thing in judgement.pair}
    after = clusters([*judged, new], things=things)
    policy.check_no_contradiction(after.contradictions)
    if new.verdict is Verdict.SAME:
        members = [member for member in after.members(new.left) if member[:3] == Incident.prefix]
        leader = after.representative(new.left, opened=opened(members))
        concluded = {
            row.incident: policy.Conclusion(row.tier, row.victim_party, row.series)
            for row in Finding.objects.as_of(None).filter(incident__in=members)
        }
        policy.check_leader(leader, concluded)


def _judged(row: Judgement) -> Judged:
    return Judged(
        left=row.left,
        right=row.right,
        verdict=Verdict(row.verdict),
        at=row.recorded_at,
        by=row.recorded_by,
        id=row.thing,
        reason=row.reason,
    )
