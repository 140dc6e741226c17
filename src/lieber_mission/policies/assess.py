"""What may be recorded about an incident."""

from __future__ import annotations

from lieber.assess import Proposal, Tier
from lieber.base import LieberError

from .permissions import Deed, Viewer, check_may


class FindingRefused(LieberError):
    """The finding lacks what its tier needs."""


def check_tier(*, tier: Tier, proposal: Proposal, reasons: str) -> None:
    """A tier other than the proposed one needs a written reason."""
    if tier is not proposal.tier and not reasons.strip():
        raise FindingRefused(
            f"The methodology proposes {proposal.tier.word} ({proposal.reasons[0]}): to record "
            f"{tier.word}, write the reason."
        )


def check_second_officer(*, tier: Tier, by: Viewer, reviewed_by: Viewer | None) -> None:
    """From *verified* upward a reviewer who is not the author must have agreed (R-17)."""
    if tier < Tier.VERIFIED:
        return
    if reviewed_by is None or reviewed_by.officer_id == by.officer_id:
        raise FindingRefused(
            f"The tier {tier.word} needs a reviewer who is not the author; ask a reviewer of the mission."
        )
    check_may(reviewed_by, Deed.REVIEW_FINDING)
