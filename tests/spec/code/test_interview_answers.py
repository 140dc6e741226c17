"""Answers of an interview in the field: what is read, what is refused, and what is not asked.

The device refuses the same where it can, so that an officer learns of it while the person is there.
"""

from __future__ import annotations

from typing import Any

import pytest

from field_answers import PATH, account, as_json, by_path, interview, kobo, stopped
from lieber.base import BadInput
from lieber.code.submissions import Submission, SubmissionsRefused, read_json_submissions
from spec.tables import table

# What is there depends on the decision on risk and on consent to storing.
GATES = table("""
risk decision         | consent to storing | consents | identity, conditions, accounts, after-care | support
stop                  | not asked          | no       | no                                         | yes
proceed               | refused            | yes      | no                                         | yes
proceed               | not_asked          | yes      | no                                         | yes
proceed               | withdrawn          | yes      | no                                         | yes
proceed               | granted            | yes      | yes                                        | yes
proceed               | conditional        | yes      | yes                                        | yes
proceed_with_measures | granted            | yes      | yes                                        | yes
""")

# Answers that differ from a complete interview, and the first problem with them.
ANSWERS = table("""
answers                                          | problem at                    | expected
prior_interviews=maybe                           | risk/prior_interviews         | one of yes, no, unknown
prior_interviews=                                | risk/prior_interviews         | an answer, as this question needs one
prior_interviews=yes                             | risk/repeat_reason            | an answer, as this question needs one
repeat_reason=again                              | risk/repeat_reason            | no answer, as the answers before it do not lead to this question
risk_review_by=2025-02-30                        | decision/risk_review_by       | a day that the calendar has, written YYYY-MM-DD
risk_review_by=03/04/2025                        | decision/risk_review_by       | a day that the calendar has, written YYYY-MM-DD
risk_decided_by=Two Words                        | decision/risk_decided_by      | a sign of Latin letters, digits and . _ : - without a blank
informed_of=use risks                            | purposes/consent_store        | granted only where every term of informed_of was chosen
informed_of=use use                              | consent/informed_of           | each term once
consent_recontact=conditional                    | purposes/condition_recontact  | an answer, as this question needs one
consent_recontact=perhaps                        | purposes/consent_recontact    | one of granted, refused, conditional, not_asked, withdrawn
relatives=a brother                              | identity/relatives_reason     | an answer, as this question needs one
confidential=no                                  | conditions/confidential_note  | an answer, as this question needs one
interview_language=Ukrainian language            | conditions/interview_language | a language code of ISO 639 such as en, uk or ru
started_at=2025-03-03T10:00:00                   | conditions/started_at         | a day and time with its offset, written YYYY-MM-DDThh:mm:ss+hh:mm
started_at=2025-03-03                            | conditions/started_at         | a day and time with its offset, written YYYY-MM-DDThh:mm:ss+hh:mm
started_at=9999-12-31T23:59:59-14:00             | conditions/started_at         | a day and time with its offset, written YYYY-MM-DDThh:mm:ss+hh:mm
ended_at=2025-03-03T07:00:00Z                    | closing/ended_at              | nothing below or before the answer to started_at
read_back=no; corrections=a word                 | reading_back/corrections      | no answer, as the answers before it do not lead to this question
vulnerabilities=none_seen bereaved               | state/vulnerabilities         | none_seen without other terms
contact_wish=may_contact                         | after_care/after_care_channel | an answer, as this question needs one
support_offered=yes; contact_wish=do_not_contact | -                             | -
""")

# Answers that differ from an account in which nothing but the manner is known.
ACCOUNTS = table("""
answers                                                                                                  | problem at             | expected
killed_count_quantifier=exact; killed_count_number=0; killed_count_basis=saw                             | -                      | -
killed_count_quantifier=exact; killed_count_basis=saw                                                    | killed_count_number    | an answer, as this question needs one
killed_count_quantifier=exact; killed_count_number=3                                                     | killed_count_basis     | an answer, as this question needs one
killed_count_number=3                                                                                    | killed_count_number    | no answer, as the answers before it do not lead to this question
killed_count_quantifier=dozens; killed_count_number=24; killed_count_basis=saw                           | killed_count_number    | no answer, as the answers before it do not lead to this question
killed_count_quantifier=about; killed_count_number=200000; killed_count_basis=saw                        | killed_count_number    | a whole number from 0 to 100,000
killed_count_quantifier=about; killed_count_number=-1; killed_count_basis=saw                            | killed_count_number    | a whole number in digits only
killed_count_quantifier=about; killed_count_number=3.0; killed_count_basis=saw                           | killed_count_number    | a whole number in digits only
killed_count_quantifier=about; killed_count_number=99999999999999999999; killed_count_basis=saw          | killed_count_number    | a whole number in digits only
killed_count_quantifier=between; killed_count_number=5; killed_count_number_to=3; killed_count_basis=saw | killed_count_number_to | nothing below or before the answer to killed_count_number
killed_count_quantifier=between; killed_count_number=3; killed_count_number_to=5; killed_count_basis=saw | -                      | -
date_earliest=2024-10-01                                                                                 | date_latest            | an answer, as this question needs one
date_earliest=2024-10-01; date_latest=2024-10-02; date_precision=day; date_basis=saw                     | -                      | -
date_earliest=2024-10-01; date_latest=2024-10-03; date_precision=day; date_basis=saw                     | date_precision         | days at most 1 apart where the precision is day
date_earliest=2024-09-01; date_latest=2024-11-30; date_precision=season; date_basis=inferred             | -                      | -
date_earliest=2020-01-01; date_latest=2024-11-30; date_precision=unknown; date_basis=inferred            | -                      | -
date_earliest=2024-10-03; date_latest=2024-10-01; date_precision=day; date_basis=saw                     | date_latest            | nothing below or before the answer to date_earliest
date_earliest=2025-03-06; date_latest=2025-03-06; date_precision=day; date_basis=saw                     | date_earliest          | a day that is not after the day on which it was sent
place_words=by the kiln                                                                                  | place_basis            | an answer, as this question needs one
victim_party=the others; victim_party_basis=saw                                                          | victim_party           | a code of capital Latin letters such as AA
fact_bound=yes                                                                                           | fact_bound_basis       | an answer, as this question needs one
fact_bound=unknown; fact_bound_basis=saw                                                                 | fact_bound_basis       | no answer, as the answers before it do not lead to this question
manner=unknown burning                                                                                   | manner                 | unknown without other terms
manner=burning blunt                                                                                     | -                      | -
""")

# The words of a number, and what the claim on it says: its bounds, and the count they compel.
NUMBERS = table("""
words    | number | upper | claim min | claim max | count
exact    | 3      |       | 3         | 3         | 3, 3, 3
at_least | 3      |       | 3         | -         | 3, 3, -
up_to    | 7      |       | -         | 7         | 0, -, 7
between  | 3      | 5     | 3         | 5         | 3, -, 5
about    | 3      |       | 3         | -         | 3, 3, -
tens     |        |       | -         | -         | 10, -, -
dozens   |        |       | -         | -         | 12, -, -
hundreds |        |       | -         | -         | 100, -, -
several  |        |       | -         | -         | 3, -, -
""")


def read(answers: dict[str, Any]) -> Submission:
    (found,) = read_json_submissions(as_json([kobo(answers)]))
    return found


def changed(cell: str) -> dict[str, str]:
    """The answers in a cell: names with their values, joined by semicolons."""
    return {name: value for name, _, value in (part.strip().partition("=") for part in cell.split(";"))}


def first_problem(answers: dict[str, Any]) -> tuple[str, str]:
    """Path and expectation of the first problem; two dashes where there is none."""
    with pytest.raises(SubmissionsRefused) as refused:
        read(answers)
    found = refused.value.problems[0]
    return found.path, found.expected


def check(answers: dict[str, Any], row: dict[str, str]) -> None:
    if row["problem at"] == "-":
        assert read(answers).instance
        return
    path, expected = first_problem(answers)
    assert path.endswith(row["problem at"])
    assert expected == row["expected"]


@pytest.mark.parametrize("row", GATES, ids=lambda row: f"{row['risk decision']} {row['consent to storing']}")
def test_what_is_there_depends_on_risk_and_consent(row):
    begin = by_path(risk_decision=row["risk decision"])
    measures = by_path(risk_reasons="another room") if row["risk decision"] != "proceed" else {}
    if row["risk decision"] == "stop":
        answers, inside = stopped(), False
    else:
        store = row["consent to storing"]
        condition = {"condition_store": "for a year"} if store == "conditional" else {}
        inside = row["identity, conditions, accounts, after-care"] == "yes"
        whole = interview(consent_store=store, legal_name="a name", **condition) | begin | measures
        answers = whole if inside else outside(whole)
        if not inside:
            with pytest.raises(BadInput):
                read(whole)
    found = read(answers)
    assert bool(found.consents) == (row["consents"] == "yes")
    parts = (found.identity, found.conditions, found.accounts, found.read_back, found.state, found.after_care)
    assert {bool(part) for part in parts} == {inside}
    assert bool(found.support.offered) == (row["support"] == "yes")


def outside(answers: dict[str, Any]) -> dict[str, Any]:
    """The answers that are asked before consent to storing, or whatever the consent."""
    return {
        path: text for path, text in answers.items() if path.split("/")[0] in {"risk", "consent", "support"}
    }


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row["answers"])
def test_answers_of_an_interview(row):
    check(interview() | by_path(**changed(row["answers"])), row)


@pytest.mark.parametrize("row", ACCOUNTS, ids=lambda row: row["answers"])
def test_answers_of_an_account(row):
    answers = interview()
    answers["accounts"] = [account(), account(**changed(row["answers"]))]
    check(answers, row)
    if row["problem at"] != "-":
        assert first_problem(answers)[0].startswith("accounts[2]/")


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row["words"])
def test_numbers_as_they_were_put(row):
    said = {"killed_count_quantifier": row["words"], "killed_count_basis": "saw"}
    said |= {"killed_count_number": row["number"]} if row["number"] else {}
    said |= {"killed_count_number_to": row["upper"]} if row["upper"] else {}
    found = read(interview() | {"accounts": [account(**said)]}).accounts[0]
    (claim,) = (claim for claim in found.claims if claim.predicate == "killed_count")
    assert (shown(claim.min), shown(claim.max)) == (row["claim min"], row["claim max"])
    assert claim.count() == found.killed
    count = claim.count()
    assert ", ".join(map(shown, (count.min, count.best, count.max))) == row["count"]


def shown(number: int | None) -> str:
    return "-" if number is None else str(number)


def test_every_name_of_the_tables_is_a_question():
    names = {name for row in (*ANSWERS, *ACCOUNTS) for name in changed(row["answers"])}
    assert names <= set(PATH)
