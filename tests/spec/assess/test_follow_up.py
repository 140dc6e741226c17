"""Requests to others, and what is said of their answer (R-32).

Where a follow-up stands on a day, and the words that a public text uses of it. The same rule for every
party: with the parties exchanged nothing but the names changes. No row makes anybody silent by the
calendar alone: silence (06) is written down by an officer after the deadline.
"""

from datetime import date

import pytest

from lieber.assess import Answer, Asked, FollowUpState, public_words, state_on
from lieber.base import BadInput
from lieber.code import vocabulary
from spec.tables import table

STATES = table("""
sent       | due        | closed     | responses                      | today      | state    | what
2025-01-03 | 2025-02-03 |            |                                | 2025-01-10 | open     | the deadline is far
2025-01-03 | 2025-02-03 |            |                                | 2025-01-26 | open     | eight days before it
2025-01-03 | 2025-02-03 |            |                                | 2025-01-27 | due soon | seven days before it
2025-01-03 | 2025-02-03 |            |                                | 2025-02-03 | due soon | on the day of the deadline
2025-01-03 | 2025-02-03 |            |                                | 2025-02-04 | overdue  | the day after
2025-01-03 |            |            |                                | 2026-02-04 | open     | without a deadline nothing is overdue
           |            |            |                                | 2025-02-04 | open     | an investigation of which no day is known
2025-01-03 | 2025-02-03 |            | 01 2025-01-20                  | 2025-01-21 | answered | it was done
2025-01-03 | 2025-02-03 |            | 01 2025-01-20                  | 2025-01-19 | open     | the day before nobody knew of it
2025-01-03 | 2025-02-03 |            | 0301 2025-03-20                | 2025-03-21 | answered | late, and answered
2025-01-03 | 2025-02-03 |            | 0302                           | 2025-01-10 | answered | answered on a day that is not known
2025-01-03 | 2025-02-03 |            | 04 2025-01-20                  | 2025-01-21 | open     | more was asked for first: it is still waited for
2025-01-03 | 2025-02-03 |            | 04 2025-01-20                  | 2025-02-04 | overdue  | and becomes overdue
2025-01-03 | 2025-02-03 |            | 06 2025-02-05                  | 2025-02-05 | silent   | an officer wrote the silence down
2025-01-03 | 2025-02-03 |            | 06 2025-02-05, 05 2025-03-01   | 2025-03-01 | answered | an answer ends the silence
2025-01-03 | 2025-02-03 | 2025-02-10 |                                | 2025-02-10 | closed   | no longer waited for
2025-01-03 | 2025-02-03 | 2025-02-10 |                                | 2025-02-09 | overdue  | until that day it was
2025-01-03 | 2025-02-03 | 2025-02-10 | 01 2025-01-20                  | 2025-02-11 | closed   | answered and closed
""")

WORDS = table("""
kind                     | sent       | due        | responses                  | today      | words
request_for_comment      | 2025-01-03 |            |                            | 2025-02-03 | the Ministry of A has not commented as of 3 February 2025
request_for_comment      | 2025-01-03 | 2025-02-03 |                            | 2025-02-03 | the Ministry of A has not commented as of 3 February 2025
request_for_comment      | 2025-01-03 | 2025-02-03 |                            | 2025-02-04 | the Ministry of A had not answered the request for comment by the deadline of 3 February 2025
request_for_comment      | 2025-01-03 | 2025-02-03 | 06 - 2025-02-04            | 2025-02-04 | the Ministry of A had not answered the request for comment by the deadline of 3 February 2025
request_for_comment      | 2025-01-03 | 2025-02-03 | 0301 - 2025-01-20          | 2025-02-04 | on 20 January 2025 the Ministry of A denied that the incident took place
request_for_comment      | 2025-01-03 | 2025-02-03 | 05 0102 2025-01-20         | 2025-02-04 | on 20 January 2025 the Ministry of A denied that the incident took place
request_for_comment      | 2025-01-03 | 2025-02-03 | 01 0103 2025-01-20         | 2025-02-04 | on 20 January 2025 the Ministry of A acknowledged that the incident took place and denied responsibility
request_for_comment      | 2025-01-03 | 2025-02-03 | 01 0105 -                  | 2025-02-04 | the Ministry of A accepted responsibility
request_for_comment      | 2025-01-03 | 2025-02-03 | 05 - 2025-01-20            | 2025-02-04 | on 20 January 2025 the Ministry of A answered without addressing the substance
request_for_comment      | 2025-01-03 | 2025-02-03 | 04 - 2025-01-20            | 2025-02-04 | on 20 January 2025 the Ministry of A asked for more information, and had not answered as of 4 February 2025
request_for_comment      | 2025-01-03 | 2025-02-03 | 06 - 2025-02-04, 02 - 2025-03-01 | 2025-03-02 | on 1 March 2025 the Ministry of A promised to do what was asked
access_request           | 2025-01-03 |            |                            | 2025-02-03 | the Ministry of A has not answered the request for access as of 3 February 2025
access_request           | 2025-01-03 | 2025-02-03 | 0302 - 2025-01-20          | 2025-02-04 | on 20 January 2025 the Ministry of A hindered the request
demand_for_investigation | 2025-01-03 | 2025-02-03 |                            | 2025-02-04 | the Ministry of A had not answered the demand for an investigation by the deadline of 3 February 2025
remedy                   | 2025-01-03 |            |                            | 2025-02-04 | the Ministry of A has not provided a remedy as of 4 February 2025
referral                 | 2025-01-03 |            |                            | 2025-02-04 | material was handed to the Ministry of A on 3 January 2025
investigation            | 2025-01-03 |            |                            | 2025-02-04 | the Ministry of A opened an investigation on 3 January 2025; no outcome was known to the mission as of 4 February 2025
investigation            |            |            |                            | 2025-02-04 | the Ministry of A opened an investigation; no outcome was known to the mission as of 4 February 2025
court_case               | 2025-01-03 |            |                            | 2025-02-04 | the matter is before the Ministry of A since 3 January 2025; no outcome was known to the mission as of 4 February 2025
publicity                | 2025-01-03 |            |                            | 2025-02-04 | it was made public on 3 January 2025
confidential_contact     | 2025-01-03 |            |                            | 2025-02-04 |
""")


def day(text):
    return date.fromisoformat(text) if text not in {"", "-"} else None


def asked(row):
    kind = row.get("kind", "request_for_comment")
    return Asked(kind, day(row["sent"]), day(row["due"]), day(row.get("closed", "")))


def answers(text):
    for part in filter(None, text.split(", ")):
        cells = part.split()
        response, declared, received = cells if len(cells) == 3 else (cells[0], "-", *cells[1:], "-")[:3]
        yield Answer(response, declared.strip("-"), day(received))


@pytest.mark.parametrize("row", STATES, ids=lambda row: row["what"])
def test_where_a_follow_up_stands(row):
    found = state_on(asked(row), answers(row["responses"]), today=day(row["today"]))
    assert found is FollowUpState(row["state"])


@pytest.mark.parametrize("row", WORDS, ids=lambda row: f"{row['kind']}: {row['words'][:60]}")
def test_the_words_of_a_public_text(row):
    said = public_words(
        asked(row), answers(row["responses"]), who="the Ministry of A", today=day(row["today"])
    )
    assert said == row["words"]


@pytest.mark.parametrize("row", WORDS, ids=lambda row: row["words"][:60])
def test_with_the_parties_exchanged_nothing_but_the_name_changes(row):
    one, other = (
        public_words(asked(row), answers(row["responses"]), who=who, today=day(row["today"]))
        for who in ("the Ministry of A", "the Ministry of B")
    )
    assert other == one.replace("the Ministry of A", "the Ministry of B")


@pytest.mark.parametrize("kind", vocabulary("follow_up").words)
def test_every_kind_and_every_answer_has_words(kind):
    for response in vocabulary("response").words:
        for declared in ("", *vocabulary("attribution_declared").words):
            said = public_words(
                Asked(kind), [Answer(response, declared)], who="the Ministry", today=date(2025, 2, 3)
            )
            assert ("the Ministry" in said or kind == "publicity") != (kind == "confidential_contact")


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((date(2025, 2, 3), date(2025, 1, 1), None), "deadline"),
        ((date(2025, 2, 3), None, date(2025, 1, 1)), "closing"),
    ],
)
def test_days_out_of_order_are_refused(days, said):
    with pytest.raises(BadInput, match=said):
        Asked("request_for_comment", *days)
