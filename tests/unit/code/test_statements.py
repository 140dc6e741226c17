"""An utterance, apart from its reports."""

from datetime import date

import pytest

from lieber.base import BadInput, UncertainDate
from lieber.code import Locator, PublicStatement, StatementReport


def report(item, day=None, **fields):
    made = day and UncertainDate(date.fromisoformat(day), date.fromisoformat(day))
    return StatementReport(item, made, **fields)


def statement(*reports, **fields):
    fields = {"speech_act": "call", **fields}
    return PublicStatement("PST-A", "Head of a region", "A", reports=reports, **fields)


def test_reports_that_give_other_days_leave_all_of_them_possible():
    made = statement(report("ITM-A", "2024-10-01"), report("ITM-B", "2024-10-04"), report("ITM-C")).made()
    assert (made.earliest, made.latest) == (date(2024, 10, 1), date(2024, 10, 4))
    assert statement(report("ITM-A")).made() is None


def test_a_withdrawal_that_one_item_tells_holds_for_the_utterance():
    assert statement(report("ITM-A"), report("ITM-B", withdrawal=True)).withdrawn
    assert not statement(report("ITM-A")).withdrawn


def test_translations_alone_are_not_the_words():
    assert not statement(report("ITM-A", language="en")).heard_literally
    assert statement(report("ITM-A"), report("ITM-B", literal=True)).heard_literally


def test_nobody_commands_unless_it_was_assessed():
    assert statement(report("ITM-A")).command_relation == "unknown"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"speech_act": "exhortation"}, "speech_act"),
        ({"command_relation": "commander"}, "command_relation"),
        ({"contents": ("kill_everybody",)}, "statement_content"),
        ({"audience": "enemy"}, "audience"),
        ({"speaker_role": "general"}, "speaker_role"),
        ({"party_reaction": "praised"}, "party_reaction"),
    ],
)
def test_terms_of_no_vocabulary_are_refused(fields, said):
    with pytest.raises(BadInput, match=said):
        statement(report("ITM-A"), **fields)


def test_a_statement_that_no_item_reports_is_refused():
    with pytest.raises(BadInput, match="at least one item"):
        statement()


def test_a_report_stands_in_its_item():
    with pytest.raises(BadInput, match="stands in its item"):
        report("ITM-A", locator=Locator("ITM-B"))
