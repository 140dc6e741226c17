"""Open incidents and record judgements."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction

from lieber.base import RANDOM_BYTES, LieberError, new_id
from lieber.link import Judgement as Judged
from lieber.link import Verdict, clusters

from ..models import Finding, Incident, Judgement
from ..policies import link as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.link import between_incidents, incident_of, opened, standing
from .record import hold_the_log, record


def judgement_thing(left: str, right: str) -> str:
    """The id of the judgement on a pair: derived from it, so that two officers who judge the same
    pair at once get a conflict and not two judgements."""
    return new_id(Judgement.prefix, hashlib.sha256(f"{left} {right}".encode()).digest()[:RANDOM_BYTES])


def open_incident(*, title: str, by: Viewer, at: datetime) -> str:
    """Open an incident; returns its id. Raises NotAllowed, or LieberError without a title."""
    check_may(by, Deed.JUDGE)
    if not title.strip():
        raise LieberError("An incident needs a title without names of private persons; write one.")
    row = Incident(title=title.strip())
    record([row], by=by.officer_id, at=at)
    return row.thing


def record_judgement(
    *,
    left: str,
    right: str,
    verdict: Verdict,
    reason: str,
    by: Viewer,
    at: datetime,
    agreed_by: Viewer | None = None,
) -> str:
    """Record that an account or an incident is, or is not, of the same incident as another.

    A pair judged before gets a further version; a merge of two incidents needs a second officer.
    Returns the judgement's id. Raises NotAllowed, JudgementRefused or VersionConflict.
    """
    check_may(by, Deed.JUDGE)
    policy.check_judgement(left=left, right=right, reason=reason)
    if left[:3] == Incident.prefix:
        left, right = sorted((left, right))
        if verdict is Verdict.SAME:
            policy.check_merge(by=by, agreed_by=agreed_by)
    with transaction.atomic():
        hold_the_log()
        if left[:3] != Incident.prefix and verdict is Verdict.SAME:
            policy.check_one_incident(
                account=left, incident=right, standing=incident_of([left], None).get(left)
            )
        earlier = standing([left]).get((left, right))
        row = Judgement(
            thing=judgement_thing(left, right),
            version=earlier.version + 1 if earlier else 1,
            left=left,
            right=right,
            of_incidents=left[:3] == Incident.prefix,
            verdict=verdict.value,
            reason=reason.strip(),
            agreed_by=agreed_by.officer_id if agreed_by else "",
        )
        if row.of_incidents:
            _check_beside_others(Judged(left, right, verdict, at, by.officer_id, row.thing, row.reason))
        record([row], by=by.officer_id, at=at)
    return row.thing


def _check_beside_others(new: Judged) -> None:
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


def open_incident_with(*, account: str, title: str, reason: str, by: Viewer, at: datetime) -> str:
    """Open an incident for an account that is of none, and judge the account to be of it; returns its id.

    Both or neither are recorded. Raises as `open_incident` and `record_judgement`.
    """
    with transaction.atomic():
        hold_the_log()
        standing_one = incident_of([account], None).get(account)
        if standing_one is not None:
            policy.check_one_incident(account=account, incident="a new incident", standing=standing_one)
        incident = open_incident(title=title, by=by, at=at)
        record_judgement(left=account, right=incident, verdict=Verdict.SAME, reason=reason, by=by, at=at)
    return incident
