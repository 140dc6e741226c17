"""Record the mission's conclusion on an incident."""

from __future__ import annotations

from datetime import datetime

from lieber.assess import Methodology, Proposal, Tier
from lieber.base import UncertainCount, UncertainDate, UncertainPlace, new_id
from lieber.base.ids import bytes_of_id

from ..models import Finding
from ..policies import assess as policy
from ..policies.permissions import Deed, Viewer, check_may
from .record import record


def finding_thing(incident: str) -> str:
    """The id of the finding on an incident: derived from it, so that there is one chain only."""
    return new_id(Finding.prefix, bytes_of_id(incident))


def finding_row(
    *,
    incident: str,
    version: int,
    tier: Tier,
    proposal: Proposal,
    date: UncertainDate,
    place: UncertainPlace,
    killed: UncertainCount,
    victim_party: str,
    perpetrator_party: str,
    status: str,
    manner: str,
    facts: tuple[str, ...],
    contested: bool,
    reasons: str,
    methodology: Methodology,
    alternatives: str = "",
    reviewed_by: str = "",
) -> Finding:
    """The row of a finding, from the method's values."""
    return Finding(
        thing=finding_thing(incident),
        version=version,
        incident=incident,
        tier=int(tier),
        proposed_tier=int(proposal.tier),
        contested=contested,
        series=methodology.series,
        occurred_earliest=date.earliest,
        occurred_latest=date.latest,
        occurred_best=date.best_day,
        occurred_precision=date.precision.value,
        place_name=place.name,
        settlement=place.settlement,
        district=place.district,
        region=place.region,
        country=place.country,
        latitude=place.latitude,
        longitude=place.longitude,
        place_precision=place.precision.value,
        killed_min=killed.min,
        killed_best=killed.best,
        killed_max=killed.max,
        victim_party=victim_party,
        perpetrator_party=perpetrator_party,
        status=status,
        manner=manner,
        facts=sorted(facts),
        reasons=reasons,
        alternatives=alternatives,
        methodology=methodology.version,
        reviewed_by=reviewed_by,
    )


def record_finding(
    row: Finding, *, proposal: Proposal, by: Viewer, at: datetime, reviewed_by: Viewer | None = None
) -> str:
    """Record a finding; returns its id.

    Raises NotAllowed, FindingRefused (a tier other than the proposed one without a reason, or
    *verified* without a second officer) or VersionConflict.
    """
    check_may(by, Deed.RECORD_FINDING)
    tier = Tier(row.tier)
    policy.check_tier(tier=tier, proposal=proposal, reasons=row.reasons)
    policy.check_second_officer(tier=tier, by=by, reviewed_by=reviewed_by)
    row.reviewed_by = reviewed_by.officer_id if reviewed_by else ""
    record([row], by=by.officer_id, at=at)
    return row.thing
