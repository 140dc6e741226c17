"""Which accounts speak of the same episode, and where what they say comes from.

In: accounts, and what people judged of them. Out: clusters with their contradictions, independent
origins, and candidates for people to judge. The machine proposes; only a person decides.

>>> from datetime import UTC, datetime
>>> at = datetime(2024, 11, 6, tzinfo=UTC)
>>> judged = clusters([Judgement("ACC-A", "INC-1", Verdict.SAME, at, "analyst", "JDG-1"),
...                    Judgement("ACC-B", "INC-1", Verdict.SAME, at, "analyst", "JDG-2")])
>>> judged.members("ACC-A")
('ACC-A', 'ACC-B', 'INC-1')
"""

from .candidates import Candidate, Described, propose_candidates
from .grouping import Answer, Episode, Grouping, incidents_of, same_episode
from .judgements import Clustering, Contradiction, Judgement, Verdict, clusters
from .origins import (
    Authorities,
    Authority,
    Origin,
    independent,
    propose_origins,
    read_authorities,
    rests_on_recording,
    shipped_authorities,
)
from .recordings import recordings_apart
from .tellings import Conflict, Point, Telling, can_both_be_true, conflicts, number_said

__all__ = [
    "Answer",
    "Authorities",
    "Authority",
    "Candidate",
    "Clustering",
    "Conflict",
    "Contradiction",
    "Described",
    "Episode",
    "Grouping",
    "Judgement",
    "Origin",
    "Point",
    "Telling",
    "Verdict",
    "can_both_be_true",
    "clusters",
    "conflicts",
    "incidents_of",
    "independent",
    "number_said",
    "propose_candidates",
    "propose_origins",
    "read_authorities",
    "recordings_apart",
    "rests_on_recording",
    "same_episode",
    "shipped_authorities",
]
