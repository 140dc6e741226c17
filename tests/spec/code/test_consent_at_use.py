"""Consent, asked at use: what a person decided on a purpose, and whether it may be used for it on a day.

A decision on one purpose says nothing of another; what was not asked is no (R-18).
"""

from __future__ import annotations

from datetime import date

import pytest

from lieber.code.consent import StandingConsent, may_use
from spec.tables import table

USES = table("""
decided on       | decision    | condition        | until      | used for           | on         | answer
store            | granted     |                  |            | store              | 2025-06-01 | yes
store            | granted     |                  |            | include_in_count   | 2025-06-01 | no
publish_with_details | granted |                  |            | publish_anonymised | 2025-06-01 | no
publish_anonymised | granted   |                  |            | publish_with_details | 2025-06-01 | no
include_in_count | refused     |                  |            | include_in_count   | 2025-06-01 | no
include_in_count | not_asked   |                  |            | include_in_count   | 2025-06-01 | no
include_in_count | withdrawn   |                  |            | include_in_count   | 2025-06-01 | no
share_icc        | conditional | without my place |            | share_icc          | 2025-06-01 | if the condition is met
share_icc        | granted     |                  | 2025-06-01 | share_icc          | 2025-06-01 | yes
share_icc        | granted     |                  | 2025-06-01 | share_icc          | 2025-06-02 | no
share_icc        | conditional | without my place | 2025-05-31 | share_icc          | 2025-06-01 | no
""")


@pytest.mark.parametrize("row", USES, ids=lambda row: f"{row['decided on']} {row['decision']} {row['on']}")
def test_a_use_is_asked_of_the_decision_on_that_purpose(row):
    consent = StandingConsent(
        purpose=row["decided on"],
        decision=row["decision"],
        condition=row["condition"],
        valid_until=date.fromisoformat(row["until"]) if row["until"] else None,
    )
    permission = may_use([consent], purpose=row["used for"], on=date.fromisoformat(row["on"]))
    assert permission.answer.value == row["answer"]
    assert permission.given == (row["answer"] == "yes")
    assert permission.sentence.endswith(".")


def test_who_decided_nothing_allowed_nothing():
    assert not may_use([], purpose="store", on=date(2025, 1, 1)).given
