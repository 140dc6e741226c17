"""Open incidents and record judgements."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from itertools import combinations

from django.db import transaction

from lieber.base import RANDOM_BYTES, LieberError, new_id
from lieber.link import Judgement as Judged
from lieber.link import Verdict

from ..models import Account, Incident, Judgement, Officer
from ..policies import link as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.compartments import seen_by
from ..queries.incidents import NotInRegister
from ..queries.link import check_beside_others, incident_of, standing
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
        if earlier and _is_sent_again(earlier, verdict=verdict.value, reason=reason, by=by):
            return earlier.thing
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
            check_beside_others(Judged(left, right, verdict, at, by.officer_id, row.thing, row.reason))
        record([row], by=by.officer_id, at=at)
    return row.thing


def ask_to_merge(*, left: str, right: str, reason: str, by: Viewer, at: datetime) -> str:
    """Ask a second officer to agree that two incidents are one; returns the judgement's id.

    What stands between the two stands on until a reviewer agrees (`answer`).
    Raises NotAllowed, or JudgementRefused where it could not be agreed to.
    """
    check_may(by, Deed.JUDGE)
    policy.check_judgement(left=left, right=right, reason=reason)
    left, right = sorted((left, right))
    thing = judgement_thing(left, right)
    with transaction.atomic():
        hold_the_log()
        earlier = standing([left]).get((left, right))
        if earlier and _is_sent_again(earlier, asks=Verdict.SAME.value, reason=reason, by=by):
            return thing
        if earlier:
            policy.check_asked(
                asks=earlier.asks, verdict=earlier.verdict, asked_by=_title(earlier.recorded_by)
            )
        check_beside_others(Judged(left, right, Verdict.SAME, at, by.officer_id, thing, reason))
        row = Judgement(
            thing=thing,
            version=earlier.version + 1 if earlier else 1,
            left=left,
            right=right,
            of_incidents=True,
            verdict=earlier.verdict if earlier else Verdict.UNSURE.value,
            asks=Verdict.SAME.value,
            reason=reason.strip(),
        )
        record([row], by=by.officer_id, at=at)
    return thing


def answer(*, judgement: str, agrees: bool, by: Viewer, at: datetime, reason: str = "") -> None:
    """Agree to what another officer asked about two incidents, or decline it (R-17).

    The row that makes two incidents one is recorded by whoever agrees, and names whoever asked as the
    other of the two officers. Without words of their own, the reason is that of the one who asked.
    Raises NotAllowed or JudgementRefused.
    """
    with transaction.atomic():
        hold_the_log()
        asked = Judgement.objects.as_of(None).filter(thing=judgement).first()
        policy.check_answer(
            asks=asked.asks if asked else "",
            asked_by=asked.recorded_by if asked else "",
            by=by,
            agrees=agrees,
        )
        assert asked is not None
        row = Judgement(
            thing=asked.thing,
            version=asked.version + 1,
            left=asked.left,
            right=asked.right,
            of_incidents=True,
            verdict=asked.asks if agrees else asked.verdict,
            reason=reason.strip() or asked.reason,
            agreed_by=asked.recorded_by if agrees else "",
        )
        if agrees:
            verdict = Verdict(asked.asks)
            check_beside_others(
                Judged(row.left, row.right, verdict, at, by.officer_id, row.thing, row.reason)
            )
        record([row], by=by.officer_id, at=at)


def move_account(
    *, account: str, out_of: str, into: str, reason: str, by: Viewer, at: datetime, leaves: Verdict
) -> None:
    """Judge that an account is not of one incident, and that it is of another, both or neither.

    Without `out_of` or `into` only the other is judged; `leaves` says whether it is different from what
    it leaves or nobody is sure. Raises NotAllowed, NotInRegister, JudgementRefused or VersionConflict.
    """
    check_may(by, Deed.JUDGE)
    if not seen_by(Account.objects.as_of(None).filter(thing=account), by).exists():
        raise NotInRegister(f"No account {account} is in the register, or not for you; compare the id.")
    if not (out_of or into):
        raise policy.JudgementRefused("Name the incident that the account is of, or the one it leaves.")
    with transaction.atomic():
        for incident, verdict in ((out_of, leaves), (into, Verdict.SAME)):
            if incident:
                record_judgement(left=account, right=incident, verdict=verdict, reason=reason, by=by, at=at)


def judge_different(*, incidents: Sequence[str], reason: str, by: Viewer, at: datetime) -> int:
    """Judge every two of some incidents to be different, all or none; returns the number of judgements.

    Raises NotAllowed, JudgementRefused or VersionConflict.
    """
    check_may(by, Deed.JUDGE)
    policy.check_several(len(set(incidents)))
    pairs = list(combinations(sorted(set(incidents)), 2))
    with transaction.atomic():
        for left, right in pairs:
            record_judgement(left=left, right=right, verdict=Verdict.DIFFERENT, reason=reason, by=by, at=at)
    return len(pairs)


def _is_sent_again(
    earlier: Judgement, *, reason: str, by: Viewer, verdict: str | None = None, asks: str = ""
) -> bool:
    """Whether the form that was sent is the one that made what stands."""
    sent = (verdict or earlier.verdict, asks, reason.strip(), by.officer_id)
    return sent == (earlier.verdict, earlier.asks, earlier.reason, earlier.recorded_by)


def _title(officer_id: str) -> str:
    officer = Officer.objects.filter(officer_id=officer_id).first()
    return officer.title if officer else officer_id


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
