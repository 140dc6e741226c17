"""Which tier the methodology proposes on which origins and facts (R-07, R-08; design §8.1)."""

import pytest

from lieber.assess import AssessedOrigin, Grounds, propose_tier, shipped_methodology
from spec.tables import table

# An origin is written key:kind, with the checks made on it after a slash.
LADDER = table("""
origins                                                          | facts                                                                                                 | tier     | what
-                                                                | killing_stated                                                                                        | alleged  | nothing coded yet
a:outlet_report                                                  | killing_stated                                                                                        | alleged  | one origin
a:official_record                                                | killing_stated                                                                                        | alleged  | one official record alone
a:outlet_report b:outlet_report                                  | killing_stated                                                                                        | credible | two origins of one kind
a:recording b:official_record                                    | killing_stated                                                                                        | credible | two origins of two kinds, not examined
a:independent_body                                               | killing_stated                                                                                        | credible | an independent body
a:recording b:official_record                                    | -                                                                                                     | alleged  | nobody says that anybody was killed
a:recording b:official_record                                    | killing_stated death_not_established                                                                  | alleged  | capped: no death established
a:recording b:independent_body                                   | killing_stated doubtful_event                                                                         | alleged  | capped: the incident is doubtful
a:recording/authenticated b:testimony/interviewed                | killing_stated alternatives_considered independent_review                                             | verified | two kinds, examined, alternatives, second officer
a:recording/authenticated b:testimony/interviewed                | killing_stated alternatives_considered                                                                | credible | without a second officer
a:recording/authenticated b:testimony/interviewed                | killing_stated independent_review                                                                     | credible | without alternatives considered
a:recording b:testimony/interviewed                              | killing_stated alternatives_considered independent_review                                             | credible | recording not authenticated
a:recording/authenticated b:recording/authenticated              | killing_stated alternatives_considered independent_review                                             | credible | two recordings are one kind
a:recording/authenticated                                        | killing_stated geolocated chronolocated shows_status shows_act alternatives_considered independent_review | verified | one recording that shows it all
a:recording/authenticated                                        | killing_stated geolocated shows_status shows_act alternatives_considered independent_review           | alleged  | not chronolocated
a:official_record/access b:testimony/interviewed                 | killing_stated alternatives_considered independent_review                                             | verified | record with access and testimony
a:official_record                                                | killing_stated adjudicated                                                                            | adjudicated | a court or an admission
""")


def grounds(row: dict[str, str]) -> Grounds:
    origins = []
    for text in (
        row["origins"].replace("-", "", 1).split() if row["origins"] == "-" else row["origins"].split()
    ):
        key, kind = text.split(":")
        kind, _, checks = kind.partition("/")
        origins.append(AssessedOrigin(key, kind, frozenset(filter(None, checks.split(",")))))
    facts = row["facts"].split() if row["facts"] != "-" else []
    return Grounds(frozenset(origins), frozenset(facts))


@pytest.mark.parametrize("row", LADDER, ids=lambda row: row["what"])
def test_ladder(row):
    proposal = propose_tier(grounds(row), shipped_methodology())
    assert proposal.tier.word == row["tier"]
    assert proposal.reasons
    assert all(proposal.reasons)
