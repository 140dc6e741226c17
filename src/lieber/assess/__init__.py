"""From the accounts of an incident to the mission's conclusion on it.

In: the independent origins of an incident, the facts coded, the methodology. Out: a proposed tier
with its reasons, and counts that the accounts compel. A named person records the finding.

>>> grounds = Grounds(frozenset({AssessedOrigin("recording", "recording"),
...                              AssessedOrigin("service", "official_record")}),
...                   frozenset({"killing_stated"}))
>>> propose_tier(grounds, shipped_methodology()).tier
<Tier.CREDIBLE: 2>
"""

from .agreement import asserted_by_most, said_by_most
from .conclusion import Conclusion, differing, read_conclusion
from .counts import killed_by_accounts
from .follow_up import SOON_DAYS, Answer, Asked, FollowUpState, public_words, state_on
from .grading import Grading, credibilities, reliabilities, spread
from .methodology import Cap, Methodology, Route, read_methodology, shipped_methodology
from .review import (
    Course,
    Decision,
    NotOnThisCourse,
    Spoken,
    Standing,
    Transition,
    check_deed,
    may_see_answer,
    read_course,
    reviewers_needed,
    shipped_course,
    visible,
)
from .tiers import MEANINGS, AssessedOrigin, Grounds, Proposal, Tier, propose_tier
from .weighing import (
    PARTS,
    Alternative,
    PickedClaim,
    alternatives,
    alternatives_considered,
    check_claims,
    missing_alternatives,
    read_alternatives,
    read_claim,
    write_alternatives,
)

__all__ = [
    "MEANINGS",
    "PARTS",
    "SOON_DAYS",
    "Alternative",
    "Answer",
    "Asked",
    "AssessedOrigin",
    "Cap",
    "Conclusion",
    "Course",
    "Decision",
    "FollowUpState",
    "Grading",
    "Grounds",
    "Methodology",
    "NotOnThisCourse",
    "PickedClaim",
    "Proposal",
    "Route",
    "Spoken",
    "Standing",
    "Tier",
    "Transition",
    "alternatives",
    "alternatives_considered",
    "asserted_by_most",
    "check_claims",
    "check_deed",
    "credibilities",
    "differing",
    "killed_by_accounts",
    "may_see_answer",
    "missing_alternatives",
    "propose_tier",
    "public_words",
    "read_alternatives",
    "read_claim",
    "read_conclusion",
    "read_course",
    "read_methodology",
    "reliabilities",
    "reviewers_needed",
    "said_by_most",
    "shipped_course",
    "shipped_methodology",
    "spread",
    "state_on",
    "visible",
    "write_alternatives",
]
