"""How a drafted finding reaches the register: states, deeds, who, and who sees what meanwhile (R-17).

A wrote the proposal and may record findings, B may record findings too, R, S and T are reviewers, M is both
analyst and reviewer. Each answer is written reviewer:decision, those of earlier versions before a bar.
"""

from __future__ import annotations

import itertools

import pytest

from lieber.assess import (
    Decision,
    NotOnThisCourse,
    Spoken,
    Standing,
    check_deed,
    reviewers_needed,
    shipped_course,
    visible,
)
from spec.tables import table

TRANSITIONS = table("""
state     | deed     | by | after
drafted   | submit   | A  | submitted
drafted   | record   | A  | no
submitted | agree    | R  | agreed
submitted | return   | R  | returned
submitted | reject   | R  | rejected
submitted | agree    | A  | no
submitted | agree    | B  | no
submitted | agree    | M  | agreed
submitted | record   | A  | no
submitted | withdraw | A  | withdrawn
submitted | withdraw | B  | no
submitted | withdraw | R  | no
submitted | submit   | A  | no
returned  | submit   | A  | submitted
returned  | submit   | B  | no
returned  | agree    | R  | no
returned  | record   | A  | no
returned  | withdraw | A  | withdrawn
agreed    | record   | A  | recorded
agreed    | record   | B  | recorded
agreed    | record   | R  | no
agreed    | record   | S  | no
agreed    | submit   | A  | submitted
agreed    | withdraw | A  | withdrawn
agreed    | withdraw | B  | no
rejected  | submit   | A  | no
rejected  | record   | A  | no
rejected  | withdraw | A  | no
recorded  | withdraw | A  | no
recorded  | record   | B  | no
withdrawn | submit   | A  | no
withdrawn | record   | B  | no
""")

OUTCOMES = table("""
needed | spoken before       | answer | deed   | state after
1      | -                   | R:approve | agree  | agreed
1      | -                   | R:return  | return | returned
1      | -                   | R:reject  | reject | rejected
2      | -                   | R:approve | wait   | submitted
2      | -                   | R:return  | wait   | submitted
2      | R:approve           | S:approve | agree  | agreed
2      | R:approve           | S:return  | return | returned
2      | R:return            | S:approve | return | returned
2      | R:reject            | S:approve | reject | rejected
2      | R:return            | S:reject  | reject | rejected
3      | R:approve S:approve | T:approve | agree  | agreed
""")

SAME_PERSON = table("""
needed | spoken              | deed   | by | may
1      | -                   | agree  | A  | no
1      | -                   | agree  | M  | yes
2      | R:approve           | agree  | R  | no
2      | R:approve           | agree  | S  | yes
2      | R:approve           | agree  | M  | yes
1      | M:approve           | record | M  | no
1      | M:approve           | record | A  | yes
2      | M:approve R:approve | record | M  | yes
""")

BLIND = table("""
needed | spoken                                 | viewer | sees
2      | R:approve                              | S      | -
2      | R:approve                              | A      | -
2      | R:approve                              | B      | -
2      | R:approve                              | R      | R
2      | R:approve S:return                     | R      | R S
2      | R:approve S:return                     | S      | R S
2      | R:approve S:return                     | A      | R S
2      | R:approve S:return                     | T      | R S
3      | R:approve S:return                     | R      | R
3      | R:approve S:return                     | T      | -
2      | R:return S:return / R:approve          | S      | R S
2      | R:return S:return / R:approve          | R      | R S R
1      | R:reject                               | A      | R
""")

NEEDED = table("""
tier        | asked | methodology | needed
alleged     | 1     | -           | 1
alleged     | 2     | -           | 2
verified    | 1     | verified:1  | 1
verified    | 1     | verified:2  | 2
verified    | 2     | verified:1  | 2
adjudicated | 0     | -           | 1
""")

RIGHTS = {
    "A": {"author", "analyst"},
    "B": {"author", "analyst"},
    "M": {"author", "analyst", "reviewer"},
    "R": {"reviewer"},
    "S": {"reviewer"},
    "T": {"reviewer"},
}
IN_STATE = {
    "drafted": Standing(0, frozenset(), 1),
    "submitted": Standing(1, frozenset("A"), 1),
    "returned": Standing(1, frozenset("A"), 1, [Spoken("R", 1, "return")]),
    "agreed": Standing(1, frozenset("A"), 1, [Spoken("R", 1, "approve")]),
    "rejected": Standing(1, frozenset("A"), 1, [Spoken("R", 1, "reject")]),
    "recorded": Standing(1, frozenset("A"), 1, [Spoken("R", 1, "approve")], recorded=True),
    "withdrawn": Standing(1, frozenset("A"), 1, withdrawn=True),
}


def step(standing, deed, by):
    return check_deed(standing, deed, officer=by, roles=frozenset(RIGHTS[by]), course=shipped_course())


def standing(needed, spoken):
    """A proposal of A with these answers; a bar stands before those of its next version."""
    rounds = [part.split() for part in spoken.replace("-", "").split("/")]
    answers = [
        Spoken(*[text.split(":")[0], number, text.split(":")[1]])
        for number, part in enumerate(rounds, start=1)
        for text in part
    ]
    return Standing(len(rounds), frozenset("A"), int(needed), answers)


def test_the_states_stand_as_they_are_called():
    assert {name: each.state for name, each in IN_STATE.items()} == {name: name for name in IN_STATE}
    assert set(IN_STATE) == set(shipped_course().states)
    assert shipped_course().final() == {"recorded", "rejected", "withdrawn"}


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row['state']} {row['deed']} {row['by']}")
def test_a_deed_leads_where_the_table_says(row):
    if row["after"] == "no":
        with pytest.raises(NotOnThisCourse):
            step(IN_STATE[row["state"]], row["deed"], row["by"])
    else:
        assert step(IN_STATE[row["state"]], row["deed"], row["by"]).after == row["after"]


def test_what_is_in_no_row_of_the_course_is_refused_to_everybody():
    course = shipped_course()
    led = {(each.before, each.deed) for each in course.transitions}
    for state, deed, officer in itertools.product(IN_STATE, course.deeds, RIGHTS):
        if (state, deed) not in led:
            with pytest.raises(NotOnThisCourse):
                step(IN_STATE[state], deed, officer)


@pytest.mark.parametrize("row", OUTCOMES, ids=lambda row: f"{row['spoken before']} then {row['answer']}")
def test_the_last_answer_decides_with_all(row):
    before = standing(row["needed"], row["spoken before"])
    reviewer, decision = row["answer"].split(":")
    assert before.after(Decision(decision)) == row["deed"]
    assert step(before, row["deed"], reviewer).after == row["state after"]
    spoken = [*before.spoken, Spoken(reviewer, 1, decision)]
    assert Standing(1, frozenset("A"), int(row["needed"]), spoken).state == row["state after"]


@pytest.mark.parametrize("row", SAME_PERSON, ids=lambda row: f"{row['spoken']} {row['deed']} {row['by']}")
def test_nobody_is_two_persons(row):
    if row["may"] == "yes":
        step(standing(row["needed"], row["spoken"]), row["deed"], row["by"])
    else:
        with pytest.raises(NotOnThisCourse):
            step(standing(row["needed"], row["spoken"]), row["deed"], row["by"])


@pytest.mark.parametrize(
    "row", BLIND, ids=lambda row: f"{row['spoken']} of {row['needed']} to {row['viewer']}"
)
def test_reviewers_are_blind_until_all_have_spoken(row):
    seen = visible(standing(row["needed"], row["spoken"]), row["viewer"])
    assert [each.reviewer for each in seen] == row["sees"].replace("-", "").split()


@pytest.mark.parametrize("row", NEEDED, ids=lambda row: f"{row['tier']} asked {row['asked']}")
def test_how_many_must_speak(row):
    by_tier = dict(pair.split(":") for pair in row["methodology"].replace("-", "").split())
    by_tier = {tier: int(number) for tier, number in by_tier.items()}
    assert reviewers_needed(row["tier"], int(row["asked"]), by_tier) == int(row["needed"])
