"""Public statements: an utterance apart from its reports, associations, and who knows of what."""

from datetime import date
from types import SimpleNamespace

import pytest

import factories
from lieber.assess import Tier
from lieber.base import BadInput, Window
from lieber_mission.actions.record import VersionConflict, record
from lieber_mission.actions.statements import Utterance, associate, record_statement, withdraw_association
from lieber_mission.models import Association, Compartment, Entry, Item, PublicStatement
from lieber_mission.policies.permissions import NotAllowed, Operator
from lieber_mission.policies.statements import UtteranceRefused
from lieber_mission.queries import statements
from lieber_mission.queries.incidents import NotInRegister

pytestmark = pytest.mark.django_db

ANALYST = Operator("OFF-ANALYST", frozenset({"analyst"}))
REVIEWER = Operator("OFF-REVIEWER", frozenset({"reviewer"}))


@pytest.fixture
def known():
    rows = factories.one_of_each()
    return SimpleNamespace(
        item=rows["item"].thing, incident=rows["incident"].thing, source=rows["source"].thing
    )


def said(known, **changes):
    values = {
        "item": known.item,
        "speaker_office": "Commander",
        "speech_act": "order",
        "summary": "No prisoners.",
    }
    return Utterance(**values | changes)


def recorded(known, minutes=1, **changes):
    return record_statement(said=said(known, **changes), by=ANALYST, at=factories.at(minutes))


def listed(viewer=ANALYST, **asked):
    return statements.utterance_list(viewer=viewer, position=None, **asked)


def test_two_reports_of_one_utterance_are_one_line(known):
    first = recorded(known, made_on=date(2024, 3, 1), speaker_party="A")
    second = recorded(known, 2, utterance=first, made_on=date(2024, 3, 2), speaker_party="A")
    other = recorded(known, 3, speech_act="denial")
    page = listed()
    assert [[told.thing for told in line.told] for line in page.lines] == [[first, second], [other]]
    assert page.total == 2
    detail = statements.utterance(second, viewer=ANALYST, position=None)
    assert (detail.asked.thing, detail.line.first.thing) == (second, first)


def test_an_utterance_without_a_day_is_listed_after_the_others(known):
    undated = recorded(known)
    dated = recorded(known, 2, made_on=date(2024, 3, 1))
    assert [line.first.thing for line in listed().lines] == [dated, undated]


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"party": "A"}, 1),
        ({"party": "B"}, 0),
        ({"act": "order"}, 1),
        ({"act": "denial"}, 0),
        ({"relation": "influence_only"}, 1),
        ({"text": "NO PRISON"}, 1),
        ({"text": "nothing of it"}, 0),
    ],
)
def test_filters_admit_what_they_name(known, asked, number):
    recorded(known, speaker_party="A", command_relation="influence_only")
    assert listed(**asked).total == number


def test_the_next_version_keeps_the_thing_and_the_same_again_writes_nothing(known):
    thing = recorded(known)
    before = Entry.objects.count()
    for _ in range(2):
        at = factories.at(5)
        record_statement(
            said=said(known, utterance=thing, command_relation="effective_command"),
            by=ANALYST,
            at=at,
            thing=thing,
            on_version=PublicStatement.objects.filter(thing=thing).count(),
        )
    assert Entry.objects.count() == before + 1
    detail = statements.utterance(thing, viewer=ANALYST, position=None)
    assert [told.command_relation for told in detail.versions] == ["effective_command", "unknown"]
    assert statements.utterance(thing, viewer=ANALYST, position=before).asked.command_relation == "unknown"


def test_a_version_on_top_of_another_than_the_last_is_a_conflict(known):
    thing = recorded(known)
    change = said(known, utterance=thing, platform="radio")
    record_statement(said=change, by=ANALYST, at=factories.at(2), thing=thing, on_version=1)
    with pytest.raises(VersionConflict, match="somebody else recorded one first"):
        record_statement(
            said=said(known, platform="x"), by=ANALYST, at=factories.at(3), thing=thing, on_version=1
        )


def test_one_form_sent_twice_is_one_row(known):
    for minutes in (1, 2):
        record_statement(said=said(known), by=ANALYST, at=factories.at(minutes), once="a form")
    assert PublicStatement.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"speaker_office": " "}, "office of its speaker"),
        ({"speech_act": "shout"}, "speech_act"),
        ({"summary": ""}, "what was said"),
        ({"literal_text": "слова"}, "with their language"),
        ({"made_on": date(2030, 1, 1)}, "found 2030-01-01"),
        ({"made_on": date(2024, 3, 1), "retracted_on": date(2024, 2, 1)}, "taken back on or after"),
        ({"command_relation": "boss"}, "command_relation"),
        ({"contents": ("smalltalk",)}, "statement_content"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(known, changes, sentence):
    with pytest.raises((UtteranceRefused, BadInput), match=sentence):
        recorded(known, **changes)
    assert not PublicStatement.objects.exists()


def test_a_reviewer_records_none(known):
    with pytest.raises(NotAllowed):
        record_statement(said=said(known), by=REVIEWER, at=factories.at(1))


@pytest.mark.parametrize(
    ("relations", "blocked"),
    [
        (["unknown"], "was not assessed"),
        (["influence_only"], "what is shown of the speaker is less"),
        (["unknown", "formal_superior"], "what is shown of the speaker is less"),
        (["unknown", "effective_control"], ""),
    ],
)
def test_the_gate_of_denial_of_quarter_says_why_it_is_closed(known, relations, blocked):
    first = recorded(known, command_relation=relations[0])
    for relation in relations[1:]:
        recorded(known, 2, utterance=first, command_relation=relation)
    found = statements.utterance(first, viewer=ANALYST, position=None).blocked
    assert (blocked in found) if blocked else found == ""


def test_an_association_is_one_whatever_is_sent_twice_and_leads_both_ways(known):
    thing = recorded(known)
    near = {"statement": thing, "incident": known.incident, "kind": "before", "by": ANALYST}
    for minutes in (2, 3):
        associate(**near, reason="made four days before, to the same brigade", at=factories.at(minutes))
    associate(**near, reason="made five days before", at=factories.at(4))
    assert Association.objects.count() == 2
    [line] = statements.beside_incident([known.incident], viewer=ANALYST, position=None)
    assert (line.statement, line.reason, line.version) == (thing, "made five days before", 2)
    [again] = statements.utterance(thing, viewer=ANALYST, position=None).associations
    assert again == line
    assert listed(incident=known.incident).total == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": " "}, UtteranceRefused),
        ({"kind": "caused"}, BadInput),
        ({"incident": "INC-0"}, NotInRegister),
        ({"statement": "PST-0"}, NotInRegister),
    ],
)
def test_an_association_without_a_reason_or_of_what_is_not_there_is_refused(known, changes, error):
    near = {
        "statement": recorded(known),
        "incident": known.incident,
        "kind": "before",
        "reason": "days before",
    }
    with pytest.raises(error):
        associate(**near | changes, by=ANALYST, at=factories.at(2))
    assert not Association.objects.exists()


def test_a_withdrawn_association_stands_on_past_days_only_and_can_be_made_again(known):
    near = {"statement": recorded(known), "incident": known.incident, "kind": "before", "by": ANALYST}
    thing = associate(**near, reason="days before", at=factories.at(2))
    then = Entry.objects.count()
    with pytest.raises(UtteranceRefused):
        withdraw_association(association=thing, reason=" ", by=ANALYST, at=factories.at(3))
    with pytest.raises(NotAllowed):
        withdraw_association(association=thing, reason="another unit", by=REVIEWER, at=factories.at(3))
    withdraw_association(association=thing, reason="another unit", by=ANALYST, at=factories.at(3))
    assert statements.beside_incident([known.incident], viewer=ANALYST, position=None) == []
    assert statements.utterance(near["statement"], viewer=ANALYST, position=None).associations == ()
    assert listed(incident=known.incident).total == 0
    [line] = statements.beside_incident([known.incident], viewer=ANALYST, position=then)
    assert line.reason == "days before"
    with pytest.raises(NotInRegister):
        withdraw_association(association=thing, reason="again", by=ANALYST, at=factories.at(4))
    assert associate(**near, reason="days before", at=factories.at(5)) == thing
    [line] = statements.beside_incident([known.incident], viewer=ANALYST, position=None)
    assert line.version == 3


def test_what_stands_in_a_closed_item_is_hidden_with_all_that_hangs_on_it(known):
    compartment = Compartment(name="circle")
    record([compartment], by="OFF-AUTHOR", at=factories.at(1))
    member = Operator("OFF-ANALYST", frozenset({"analyst"}), frozenset({compartment.thing}))
    closed = Item(
        source=known.source,
        item_kind="web_page",
        address="https://two.example/",
        compartment=compartment.thing,
    )
    record([closed], by="OFF-AUTHOR", at=factories.at(1))
    thing = record_statement(said=said(known, item=closed.thing), by=member, at=factories.at(2))
    associate(
        statement=thing,
        incident=known.incident,
        kind="before",
        reason="days before",
        by=member,
        at=factories.at(3),
    )
    assert listed(member).total == 1
    assert listed(ANALYST).total == 0
    assert statements.beside_incident([known.incident], viewer=ANALYST, position=None) == []
    with pytest.raises(NotInRegister):
        statements.utterance(thing, viewer=ANALYST, position=None)
    with pytest.raises(NotInRegister):
        record_statement(said=said(known, item=closed.thing), by=ANALYST, at=factories.at(4))


def test_months_hold_both_parties_by_one_rule_and_name_what_has_no_day(known):
    for party, day in (("A", date(2024, 10, 1)), ("B", date(2024, 9, 30)), ("A", None)):
        recorded(known, speaker_party=party, made_on=day)
    recorded(known, speaker_party="A", speech_act="condemnation", made_on=date(2024, 10, 5))
    window = Window(date(2024, 9, 1), date(2024, 10, 31))
    found = statements.statements_beside_incidents(
        window, viewer=ANALYST, as_of=factories.at(9), tier=Tier.CREDIBLE
    )
    months = {
        each.party: [(m.month, m.against, m.protective, m.incidents) for m in each.months] for each in found
    }
    assert months == {
        "A": [("2024-09", 0, 0, 0), ("2024-10", 1, 1, 0)],
        "B": [("2024-09", 1, 0, 0), ("2024-10", 0, 0, 1)],
    }
    assert [each.undated_statements for each in found] == [1, 0]
