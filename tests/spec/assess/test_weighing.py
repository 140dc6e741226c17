"""Claims for and against a finding, and the alternatives that it has to answer."""

from __future__ import annotations

import pytest

from lieber.assess import (
    PickedClaim,
    Tier,
    alternatives,
    alternatives_considered,
    check_claims,
    missing_alternatives,
    read_alternatives,
    read_claim,
    write_alternatives,
)
from lieber.base import BadInput, new_id
from spec.tables import table

ONE, TWO = (new_id("ACC", bytes([number] * 8)) for number in (1, 2))

CLAIMS = table("""
for            | against      | refused
one:date       |              |
one:date       | two:date     |
one:date       | one:place    |
one:date       | one:date     | on both sides
one            | one:date     |
three:date     |              | not judged to be of it
               | three        | not judged to be of it
""")

NEEDED = table("""
tier        | answered | missing
discounted  | none     | 0
alleged     | none     | 0
credible    | none     | 0
verified    | none     | all
verified    | one      | all but one
verified    | all      | 0
adjudicated | none     | all
""")


def claims(text):
    ids = {"one": ONE, "two": TWO, "three": new_id("ACC", bytes([3] * 8))}
    return [
        PickedClaim(ids[name], part or "whole") for name, _, part in (w.partition(":") for w in text.split())
    ]


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: f"{row['for']} / {row['against']}")
def test_a_claim_is_of_the_incident_and_on_one_side(row):
    sides = claims(row["for"]), claims(row["against"])
    if row["refused"]:
        with pytest.raises(BadInput, match=row["refused"]):
            check_claims(*sides, accounts=[ONE, TWO])
    else:
        check_claims(*sides, accounts=[ONE, TWO])


@pytest.mark.parametrize("text", ["", "ACC", f"{ONE}:colour", "INC-000000000000-0:date"])
def test_what_is_no_claim_is_refused(text):
    with pytest.raises(BadInput):
        read_claim(text)


def test_a_claim_reads_as_it_was_written():
    assert read_claim(str(PickedClaim(ONE, "number"))) == PickedClaim(ONE, "number")
    assert read_claim(ONE) == PickedClaim(ONE, "whole")


@pytest.mark.parametrize("row", NEEDED, ids=lambda row: f"{row['tier']} {row['answered']}")
def test_alternatives_are_answered_from_verified_upward(row):
    words = [each.word for each in alternatives()]
    answered = {"none": [], "one": words[:1], "all": words}[row["answered"]]
    answers = dict.fromkeys(answered, "No: the recording is whole.")
    missing = {"0": 0, "all": len(words), "all but one": len(words) - 1}[row["missing"]]
    assert len(missing_alternatives(Tier.of(row["tier"]), answers)) == missing
    assert alternatives_considered(answers) == (row["answered"] == "all")


def test_blank_answers_are_no_answers():
    assert not alternatives_considered({each.word: " \n" for each in alternatives()})


def test_answers_read_as_they_were_written_and_a_free_text_stays():
    answers = {each.word: f"No: reason {number}" for number, each in enumerate(alternatives())}
    assert read_alternatives(write_alternatives(answers)) == answers
    assert read_alternatives("Considered: nothing else fits.") == {"": "Considered: nothing else fits."}
    assert write_alternatives({"unheard": "of"}) == ""
