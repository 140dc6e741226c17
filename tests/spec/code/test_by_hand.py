"""An account that is coded by hand passes the checks of one that a table brings.

The cells are those of the form “reports”; the number of persons killed is typed with the words it was put in.
"""

from datetime import date

import pytest

from lieber.base import Quantifier
from lieber.code import read_by_hand
from lieber.code.by_hand import FIELDS, PLACED, VOCABULARIES, account_of, choices_of
from lieber.code.vocabularies import vocabulary
from spec.tables import table

WHAT_CAN_BE_TYPED = table("""
typed                                                                      | wrong               | what
killed_quantifier=exact killed_n=5                                         | -                   | a number
killed_quantifier=exact                                                    | killed_n            | exactly, and no number
killed_quantifier=between killed_n=3                                       | killed_n            | a range of one number
killed_quantifier=between killed_n=3 killed_m=5                            | -                   | a range
killed_quantifier=between killed_n=5 killed_m=3                            | killed_n            | a range that runs backwards
killed_quantifier=dozens                                                   | -                   | a vague word
killed_quantifier=dozens killed_n=24                                       | killed_n            | a vague word, and a number
killed_n=5                                                                 | killed_n            | a number without the words it was put in
killed_quantifier=exact killed_n=five                                      | killed_n            | a number in words
killed_quantifier=exact killed_n=-5                                        | killed_n            | fewer than none
killed_quantifier=many                                                     | killed_quantifier   | a word of no vocabulary
occurred_earliest=2024-10-10 occurred_precision=day                        | -                   | a day
occurred_earliest=2024-10-10                                               | occurred_earliest   | a day of which nobody says how exact it is
occurred_earliest=2024-10-10 occurred_latest=2024-10-01 occurred_precision=day | occurred_earliest | ends before it begins
occurred_earliest=2024-10-01 occurred_latest=2024-10-31 occurred_precision=day | occurred_earliest | a month that is called a day
occurred_earliest=2024-12-01 occurred_precision=day                        | occurred_earliest   | after it was published
occurred_earliest=10/10/2024 occurred_precision=day                        | occurred_earliest   | a day that can be read twice
victim_party=AA                                                            | -                   | a party
victim_party=unknown                                                       | -                   | a party that is not known
victim_party=aa                                                            | victim_party        | no code of a party
manners=shot;drone                                                         | -                   | two manners
manners=shooting                                                           | manners             | a word of another vocabulary
latitude=48.5                                                              | latitude            | half a point
latitude=98.5 longitude=30                                                 | latitude            | not on the globe
country=XXX                                                                | country             | three letters
summary==1+1                                                               | summary             | a formula
summary=x where_killed=4 where_place=somewhere                             | where_place         | a place that cannot be found
-                                                                          |                     | nothing at all
place_precision=near place_name=x                                          | place_precision     | a word of no vocabulary
""")


def typed(text):
    return dict(pair.split("=", 1) for pair in text.split() if "=" in pair)


@pytest.mark.parametrize("row", WHAT_CAN_BE_TYPED, ids=lambda row: row["what"])
def test_what_can_be_typed(row):
    found = read_by_hand(typed(row["typed"]), item="ITM", published=date(2024, 11, 1))
    expected = set() if row["wrong"] == "-" else {row["wrong"]}
    assert set(found.problems) == expected
    assert all(sentence.endswith(".") for sentence in found.problems.values())


def test_all_that_is_wrong_is_said_at_once():
    found = read_by_hand(
        {"victim_party": "aa", "killed_quantifier": "exact", "where_killed": "x", "country": "?"}, item="ITM"
    )
    assert set(found.problems) == {"victim_party", "killed_n", "where_killed", "country"}


def test_a_hidden_character_and_too_long_a_text_are_refused_as_in_a_table():
    found = read_by_hand({"summary": "a\u202eb", "place_name": "x" * 301}, item="ITM")
    assert set(found.problems) == {"summary", "place_name"}


def test_every_field_of_a_group_has_its_place():
    found = read_by_hand(
        {"killed_quantifier": "up_to", "killed_n": "7", "where_killed": "3", "announced_by": "A; B ;"},
        item="ITM",
    )
    assert found.locators == dict.fromkeys(PLACED["killed"], "¶3")
    assert found.values["announced_by"] == ["A", "B"]
    claims = account_of(found.values, found.locators, item="ITM").claims
    assert [(claim.predicate, claim.max, claim.quantifier) for claim in claims] == [
        ("killed_count", 7, Quantifier.UP_TO)
    ]
    assert claims[0].locator.paragraph == 3


def test_every_term_that_can_be_chosen_has_a_label():
    for name, words in VOCABULARIES.items():
        assert set(choices_of(name)) <= set(vocabulary(words).words), name
    assert set(VOCABULARIES) <= set(FIELDS)
