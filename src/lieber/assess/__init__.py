"""From the accounts of an incident to the mission's conclusion on it.

In: the independent origins of an incident, the facts coded, the methodology. Out: a proposed tier
with its reasons, and counts that the accounts compel. A named person records the finding.

>>> grounds = Grounds(frozenset({AssessedOrigin("recording", "recording"),
...                              AssessedOrigin("service", "official_record")}),
...                   frozenset({"killing_stated"}))
>>> propose_tier(grounds, shipped_methodology()).tier
<Tier.CREDIBLE: 2>
"""

from .agreement import asserted_by_most
from .counts import killed_by_accounts
from .follow_up import SOON_DAYS, Answer, Asked, FollowUpState, public_words, state_on
from .methodology import Cap, Methodology, Route, read_methodology, shipped_methodology
from .tiers import MEANINGS, AssessedOrigin, Grounds, Proposal, Tier, propose_tier

__all__ = [
    "MEANINGS",
    "SOON_DAYS",
    "Answer",
    "Asked",
    "AssessedOrigin",
    "Cap",
    "FollowUpState",
    "Grounds",
    "Methodology",
    "Proposal",
    "Route",
    "Tier",
    "asserted_by_most",
    "killed_by_accounts",
    "propose_tier",
    "public_words",
    "read_methodology",
    "shipped_methodology",
    "state_on",
]
