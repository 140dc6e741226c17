"""Lead a drafted finding past reviewers into the register (R-17).

Each deed looks where the proposal stands while it holds the log, so that of two answers given at once the
second one knows of the first. The same form sent twice is one row.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from lieber.assess import (
    Conclusion,
    Decision,
    PickedClaim,
    Standing,
    Tier,
    alternatives_considered,
    check_claims,
    check_deed,
    read_conclusion,
    shipped_course,
    shipped_methodology,
)
from lieber.assess import Proposal as Proposed
from lieber.base import RANDOM_BYTES, new_id
from lieber.code import vocabulary

from ..models import Finding, Officer, Proposal, Review
from ..policies import assess as policy
from ..policies.permissions import Deed, Viewer, check_may, may
from ..queries.assessment import MET_BY_ITSELF, Assessment, assessment
from ..queries.incidents import NotInRegister
from ..queries.proposals import plain_finding, reader, standings
from .assess import finding_row, finding_thing, record_finding
from .record import hold_the_log, record


def submit_proposal(
    *,
    incident: str,
    conclusion: Conclusion,
    on_version: int,
    reviewers: int,
    once: str,
    by: Viewer,
    at: datetime,
) -> str:
    """Put a drafted finding before reviewers; returns the proposal's id.

    `on_version` is the version of the finding on which it was written, `once` the key of the form.
    Raises NotAllowed, NotInRegister, FindingRefused, FindingSuperseded or BadInput.
    """
    check_may(by, Deed.RECORD_FINDING)
    thing = _thing(once, incident, by.officer_id)
    with transaction.atomic():
        hold_the_log()
        if Proposal.objects.filter(thing=thing).exists():
            return thing
        nothing_yet = Standing(version=0, authors=frozenset(), needed=1)
        _check(nothing_yet, "submit", by)
        _record_version(
            thing,
            1,
            incident=incident,
            conclusion=conclusion,
            on_version=on_version,
            reviewers=reviewers,
            by=by,
            at=at,
        )
    return thing


def submit_again(
    *,
    proposal: str,
    version: int,
    conclusion: Conclusion,
    on_version: int,
    reviewers: int,
    by: Viewer,
    at: datetime,
) -> str:
    """Put a returned finding, or one that the register overtook, before reviewers as a further version.

    `version` is the one that it was written on. Raises as `submit_proposal`, NotOnThisCourse, or
    VersionConflict where a further version is there already.
    """
    check_may(by, Deed.RECORD_FINDING)
    with transaction.atomic():
        hold_the_log()
        last, standing = _last(proposal)
        if last.version == version + 1 and _same(last, conclusion, by):
            return proposal
        _check(standing, "submit", by)
        _record_version(
            proposal,
            version + 1,
            incident=last.incident,
            conclusion=conclusion,
            on_version=on_version,
            reviewers=reviewers,
            by=by,
            at=at,
        )
    return proposal


def review_proposal(
    *,
    proposal: str,
    of_version: int,
    decision: Decision,
    comments: str,
    by: Viewer,
    at: datetime,
    review_kind: str = "peer",
) -> str:
    """Say what a reviewer decides on one version; returns the review's id.

    Raises NotAllowed, NotInRegister, NotOnThisCourse (the author, one who has spoken, or nothing is before
    reviewers) or FindingRefused (no comments beside a return, or another version is the last one).
    """
    check_may(by, Deed.REVIEW_FINDING)
    policy.check_comments(decision=decision, comments=comments)
    vocabulary("review_kind").check(review_kind)
    thing = _thing(f"{proposal} {of_version}", "review", by.officer_id, prefix=Review.prefix)
    with transaction.atomic():
        hold_the_log()
        last, standing = _last(proposal)
        known = Review.objects.filter(thing=thing).first()
        if known is not None and (known.decision, known.comments) == (decision.value, comments.strip()):
            return thing
        if not last.withdrawn:
            policy.check_version_spoken_of(of_version=of_version, last=last.version)
        _check(standing, standing.after(decision), by)
        row = Review(
            thing=thing,
            proposal=proposal,
            of_version=of_version,
            review_kind=review_kind,
            decision=decision.value,
            comments=comments.strip(),
        )
        record([row], by=by.officer_id, at=at)
    return thing


def withdraw_proposal(*, proposal: str, by: Viewer, at: datetime) -> None:
    """Take a proposal back; it stays as it is. Raises NotAllowed, NotInRegister or NotOnThisCourse."""
    check_may(by, Deed.RECORD_FINDING)
    with transaction.atomic():
        hold_the_log()
        last, standing = _last(proposal)
        if last.withdrawn and by.officer_id in standing.authors:
            return
        _check(standing, "withdraw", by)
        record([_further(last, withdrawn=True)], by=by.officer_id, at=at)


def record_proposal(*, proposal: str, by: Viewer, at: datetime) -> str:
    """Record a finding that reviewers agreed to; returns the finding's id.

    Raises NotAllowed, NotInRegister, NotOnThisCourse, FindingSuperseded where a finding was recorded on the
    incident meanwhile, or FindingRefused where what it rests on fell away.
    """
    check_may(by, Deed.RECORD_FINDING)
    with transaction.atomic():
        hold_the_log()
        last, standing = _last(proposal)
        if standing.recorded:
            return finding_thing(last.incident)
        _check(standing, "record", by)
        seen = assessment(last.incident, viewer=by, on=at.date())
        policy.check_on_top(on_version=last.on_version, stands=seen.stands)
        conclusion = read_conclusion(last.fields)
        facts = _facts(conclusion, reviewed=True)
        proposed = seen.proposal(facts, reviewed=True)
        policy.check_grounds(agreed_on=Tier(last.proposed_tier), now=proposed)
        row = _row(conclusion, seen, proposed, facts)
        row.proposal = proposal
        return record_finding(row, proposal=proposed, by=by, at=at, reviewed_by=_answers_for_it(standing, by))


def record_directly(
    *, incident: str, conclusion: Conclusion, on_version: int, by: Viewer, at: datetime
) -> str:
    """Record a finding of a tier that needs no reviewer; returns its id.

    Raises NotAllowed, NotInRegister, FindingRefused, FindingSuperseded or BadInput.
    """
    check_may(by, Deed.RECORD_FINDING)
    policy.check_directly(tier=conclusion.tier, methodology=shipped_methodology())
    with transaction.atomic():
        hold_the_log()
        seen = assessment(incident, viewer=by, on=at.date())
        facts = _facts(conclusion, reviewed=False)
        proposed = seen.proposal(facts, reviewed=False)
        row = _row(_with_unseen_claims(conclusion, incident, by), seen, proposed, facts)
        if (stands := _recorded_just_now(row, on_version, by)) is not None:
            return stands.thing
        policy.check_on_top(on_version=on_version, stands=seen.stands)
        _check_conclusion(conclusion, seen, proposed)
        return record_finding(row, proposal=proposed, by=by, at=at)


# ------------------------------------------------------------------ what the deeds share


def _record_version(
    thing: str,
    version: int,
    *,
    incident: str,
    conclusion: Conclusion,
    on_version: int,
    reviewers: int,
    by: Viewer,
    at: datetime,
) -> None:
    seen = assessment(incident, viewer=by, on=at.date())
    facts = _facts(conclusion, reviewed=True)
    proposed = seen.proposal(facts, reviewed=True)
    policy.check_on_top(on_version=on_version, stands=seen.stands)
    _check_conclusion(conclusion, seen, proposed)
    whole = _with_unseen_claims(conclusion, incident, by)
    row = Proposal(
        thing=thing,
        version=version,
        incident=incident,
        on_version=on_version,
        fields=whole.plain(),
        tier=int(conclusion.tier),
        proposed_tier=int(proposed.tier),
        reviewers=reviewers,
    )
    record([row], by=by.officer_id, at=at)


def _check_conclusion(conclusion: Conclusion, seen: Assessment, proposed: Proposed) -> None:
    policy.check_words(reasons=conclusion.reasons, victim_party=conclusion.victim_party)
    policy.check_tier(tier=conclusion.tier, proposal=proposed, reasons=conclusion.tier_reason)
    policy.check_alternatives(tier=conclusion.tier, answers=conclusion.alternatives)
    methodology = seen.methodology
    policy.check_series(series=conclusion.series, methodology=methodology)
    policy.check_facts(facts=conclusion.facts, methodology=methodology)
    known = [each.line.thing for each in seen.accounts]
    check_claims(conclusion.claims_for, conclusion.claims_against, accounts=known)


def _facts(conclusion: Conclusion, *, reviewed: bool) -> tuple[str, ...]:
    """The facts that the officer holds to be met, with those that follow from what was done."""
    met = set(conclusion.facts) - MET_BY_ITSELF
    if alternatives_considered(conclusion.alternatives):
        met.add("alternatives_considered")
    if reviewed:
        met.add("independent_review")
    return tuple(sorted(met))


def _row(conclusion: Conclusion, seen: Assessment, proposed: Proposed, facts: tuple[str, ...]) -> Finding:
    plain = conclusion.plain()
    row = finding_row(
        incident=seen.incident,
        version=seen.stands + 1,
        tier=conclusion.tier,
        proposal=proposed,
        date=conclusion.date,
        place=conclusion.place,
        killed=conclusion.killed,
        victim_party=conclusion.victim_party,
        perpetrator_party=conclusion.perpetrator_party,
        status=conclusion.status,
        manner=conclusion.manner,
        facts=facts,
        contested=conclusion.contested,
        reasons=conclusion.whole_reasons,
        methodology=seen.methodology,
        alternatives=plain["alternatives"],
    )
    row.series = conclusion.series
    row.claims_for, row.claims_against = plain["claims_for"], plain["claims_against"]
    return row


def _with_unseen_claims(conclusion: Conclusion, incident: str, by: Viewer) -> Conclusion:
    """The conclusion with the claims that stand on accounts of which this officer may not know: what one
    cannot see one does not take away."""
    stands = Finding.objects.as_of(None).filter(incident=incident).first()
    if stands is None:
        return conclusion
    whole = plain_finding(stands)
    seen = reader(by, [whole])(whole)
    kept = read_conclusion(whole)
    return replace(
        conclusion,
        claims_for=_joined(conclusion.claims_for, kept.claims_for, seen.claims_for),
        claims_against=_joined(conclusion.claims_against, kept.claims_against, seen.claims_against),
    )


def _joined(
    chosen: tuple[PickedClaim, ...], standing: tuple[PickedClaim, ...], seen: tuple[PickedClaim, ...]
) -> tuple[PickedClaim, ...]:
    return tuple(sorted({*chosen, *(set(standing) - set(seen))}))


def _recorded_just_now(row: Finding, on_version: int, by: Viewer) -> Finding | None:
    """The finding that stands, where this same form made it: a form that was sent twice."""
    stands = Finding.objects.as_of(None).filter(incident=row.incident).first()
    if stands is None or stands.version != on_version + 1 or stands.recorded_by != by.officer_id:
        return None
    return stands if stands.content() == row.content() else None


def _last(proposal: str) -> tuple[Proposal, Standing]:
    last = Proposal.objects.as_of(None).filter(thing=proposal).first()
    if last is None:
        raise NotInRegister(f"No proposal {proposal} is in the register; compare the id.")
    return last, standings([proposal])[proposal]


def _check(standing: Standing, deed: str, by: Viewer) -> None:
    rights = policy.rights_on_course(by)
    check_deed(standing, deed, officer=by.officer_id, roles=rights, course=shipped_course())


def _answers_for_it(standing: Standing, by: Viewer) -> Viewer:
    """The reviewer who stands beside the author in the register: one who agreed and may still review."""
    agreed = [each for each in standing.agreed() if each != by.officer_id and each not in standing.authors]
    officers = Officer.objects.filter(officer_id__in=agreed, is_active=True)
    still = {officer.officer_id: officer for officer in officers if may(officer, Deed.REVIEW_FINDING)}
    chosen = next((still[each] for each in agreed if each in still), None)
    if chosen is None:
        raise policy.FindingRefused(
            "Whoever agreed reviews no longer: put the finding before another reviewer of the mission."
        )
    return chosen


def _same(last: Proposal, conclusion: Conclusion, by: Viewer) -> bool:
    return last.recorded_by == by.officer_id and last.fields == conclusion.plain()


def _further(last: Proposal, **changes: object) -> Proposal:
    kept = ("thing", "incident", "on_version", "fields", "tier", "proposed_tier", "reviewers", "withdrawn")
    values = {name: getattr(last, name) for name in kept} | {"version": last.version + 1}
    return Proposal(**values | changes)


def _thing(once: str, about: str, officer: str, *, prefix: str = Proposal.prefix) -> str:
    """An id that follows from the form that was sent."""
    digest = hashlib.sha256(f"{once} {about} {officer}".encode()).digest()
    return new_id(prefix, digest[:RANDOM_BYTES])
