"""Follow-ups: the database asks as the method decides, alike for each party; who knows of what."""

import itertools
from collections import Counter
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

import factories
from lieber.assess import FollowUpState
from lieber.base import BadInput
from lieber_mission.actions.follow_up import Came, Request, record_follow_up, record_response
from lieber_mission.actions.record import VersionConflict, record
from lieber_mission.models import Compartment, Entry, FollowUp, Item, Response
from lieber_mission.policies.follow_up import FollowUpRefused
from lieber_mission.policies.permissions import NotAllowed, Operator
from lieber_mission.queries import follow_up
from lieber_mission.queries.incidents import NotInRegister

pytestmark = pytest.mark.django_db

LEGAL = Operator("OFF-LEGAL", frozenset({"legal_officer"}))
MONITOR = Operator("OFF-MONITOR", frozenset({"monitor"}))
TODAY = date(2025, 2, 3)


@pytest.fixture
def known():
    rows = factories.one_of_each()
    return SimpleNamespace(
        item=rows["item"].thing, incident=rows["incident"].thing, source=rows["source"].thing
    )


def request(known, **changes):
    values = {
        "follow_up_kind": "request_for_comment",
        "about": known.incident,
        "party": "A",
        "addressee": "the Ministry of A",
        "subject": "nine killed beside a road",
        "sent_on": date(2024, 12, 1),
    }
    return Request(**values | changes)


def asked(known, minutes=1, **changes):
    return record_follow_up(request=request(known, **changes), by=LEGAL, at=factories.at(minutes))


def listed(viewer=LEGAL, today=TODAY, **changes):
    return follow_up.follow_up_list(viewer=viewer, position=None, today=today, **changes)


def every_course(known):
    """Follow-ups of both parties with every deadline, closing and answer, written as rows."""
    days = (None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=7), TODAY + timedelta(days=8))
    came = [(), (("06", None),), (("04", None),), (("01", None),), (("05", TODAY + timedelta(days=1)),)]
    rows, answers = [], []
    for party, due, closed, answer in itertools.product("AB", days, (None, TODAY, days[-1]), came):
        row = FollowUp(
            follow_up_kind="access_request",
            about=known.incident,
            party=party,
            addressee=f"the Ministry of {party}",
            subject="x",
            due_on=due,
            closed_on=closed,
            closed_why="x" if closed else "",
        )
        rows.append((row, answer))
    record([row for row, _ in rows], by="OFF-AUTHOR", at=factories.at(2))
    for row, came_back in rows:
        answers += [Response(follow_up=row.thing, response=term, received_on=day) for term, day in came_back]
    record(answers, by="OFF-AUTHOR", at=factories.at(3))


def test_the_database_asks_for_each_state_what_the_method_decides(known):
    every_course(known)
    total = 0
    for state in FollowUpState:
        number = pages = 1
        while number <= pages:
            page = listed(states=[state], page=number)
            assert {line.state for line in page.lines} <= {state}
            number, pages = number + 1, page.pages
        total += page.total
    assert total == FollowUp.objects.count() == 150
    counts = follow_up.state_counts(viewer=LEGAL, position=None, today=TODAY)
    assert sum(counts.values()) == 150
    assert min(counts.values()) > 0
    waiting = counts[FollowUpState.OVERDUE] + counts[FollowUpState.DUE_SOON]
    assert follow_up.due_count(viewer=LEGAL, today=TODAY) == waiting


def test_with_the_parties_exchanged_nothing_but_the_labels_changes(known):
    every_course(known)
    said: dict[str, Counter[tuple[object, ...]]] = {}
    for party in "AB":
        number = pages = 1
        said[party] = Counter()
        while number <= pages:
            page = listed(party=party, page=number)
            said[party].update(
                (line.state, line.words.replace(f"the Ministry of {party}", "them"), line.due_on)
                for line in page.lines
            )
            number, pages = number + 1, page.pages
    assert said["A"] == said["B"]
    assert sum(said["A"].values()) == 75


def test_what_is_asked_is_listed_with_the_words_of_a_public_text(known):
    thing = asked(known, due_on=date(2025, 1, 15))
    [line] = listed().lines
    assert (line.thing, line.state, line.about_title) == (
        thing,
        FollowUpState.OVERDUE,
        "Captives shot beside a road",
    )
    assert (
        line.words
        == "the Ministry of A had not answered the request for comment by the deadline of 15 January 2025"
    )
    before = factories.at(60 * 24 * 30)
    record_response(follow_up=thing, came=Came("0301", "0102", date(2025, 1, 20)), by=LEGAL, at=before)
    [line] = listed().lines
    assert (line.state, line.words) == (
        FollowUpState.ANSWERED,
        "on 20 January 2025 the Ministry of A denied that the incident took place",
    )
    # What was known on an earlier day stays what it was.
    [line] = listed(today=date(2025, 1, 19)).lines
    assert line.state is FollowUpState.OVERDUE
    assert [
        each.thing
        for each in follow_up.about_things([known.incident], viewer=LEGAL, position=None, today=TODAY)
    ] == [thing]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"follow_up_kind": "letter"}, "follow_up"),
        ({"party": "", "addressee": " "}, "party or the authority"),
        ({"subject": ""}, "its subject"),
        ({"sent_on": date(2030, 1, 1)}, "recorded when it is sent"),
        ({"due_on": date(2024, 11, 1)}, "deadline lies on or after"),
        ({"closed_on": date(2024, 12, 2)}, "needs the reason"),
        ({"closed_on": date(2030, 1, 1), "closed_why": "x"}, "today or was before"),
    ],
)
def test_a_follow_up_that_cannot_be_is_refused_in_one_sentence(known, changes, sentence):
    with pytest.raises((FollowUpRefused, BadInput), match=sentence):
        asked(known, **changes)
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize(
    ("due", "came", "sentence"),
    [
        (None, Came("06"), "has none"),
        (date(2025, 1, 15), Came("06", received_on=date(2025, 1, 1)), "after the deadline"),
        (date(2024, 12, 15), Came("06", "0102"), "was not silent"),
        (None, Came("01", received_on=date(2024, 11, 1)), "on or after the day of sending"),
        (None, Came("01", received_on=date(2030, 1, 1)), "today or before"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_in_one_sentence(known, due, came, sentence):
    thing = asked(known, due_on=due)
    with pytest.raises(FollowUpRefused, match=sentence):
        record_response(follow_up=thing, came=came, by=LEGAL, at=factories.at(2))
    assert not Response.objects.exists()


def test_sent_twice_is_one_row_and_a_version_on_another_than_the_last_a_conflict(known):
    for minutes in (1, 2):
        record_follow_up(request=request(known), by=LEGAL, at=factories.at(minutes), once="a form")
    [thing] = FollowUp.objects.values_list("thing", flat=True)
    for _ in range(2):
        record_response(follow_up=thing, came=Came("01"), by=LEGAL, at=factories.at(3), once="another")
    assert Response.objects.count() == 1
    changed = request(known, due_on=date(2025, 3, 1))
    record_follow_up(request=changed, by=LEGAL, at=factories.at(4), thing=thing, on_version=1)
    entries = Entry.objects.count()
    record_follow_up(request=changed, by=LEGAL, at=factories.at(5), thing=thing, on_version=2)
    assert Entry.objects.count() == entries
    with pytest.raises(VersionConflict):
        record_follow_up(request=request(known), by=LEGAL, at=factories.at(6), thing=thing, on_version=1)
    assert [
        row.version for row in follow_up.follow_up(thing, viewer=LEGAL, position=None, today=TODAY).versions
    ] == [2, 1]


def test_a_monitor_records_none(known):
    with pytest.raises(NotAllowed):
        record_follow_up(request=request(known), by=MONITOR, at=factories.at(1))


def test_what_stands_in_a_closed_item_is_hidden(known):
    compartment = Compartment(name="circle")
    record([compartment], by="OFF-AUTHOR", at=factories.at(1))
    member = Operator("OFF-LEGAL", frozenset({"legal_officer"}), frozenset({compartment.thing}))
    closed = Item(
        source=known.source,
        item_kind="web_page",
        address="https://two.example/",
        compartment=compartment.thing,
    )
    record([closed], by="OFF-AUTHOR", at=factories.at(1))
    open_one = asked(known)
    hidden = record_follow_up(request=request(known, item=closed.thing), by=member, at=factories.at(2))
    record_response(follow_up=open_one, came=Came("01", item=closed.thing), by=member, at=factories.at(3))
    assert {line.thing: line.state for line in listed(member).lines} == {
        open_one: FollowUpState.ANSWERED,
        hidden: FollowUpState.OPEN,
    }
    assert {line.thing: line.state for line in listed().lines} == {open_one: FollowUpState.OPEN}
    with pytest.raises(NotInRegister):
        follow_up.follow_up(hidden, viewer=LEGAL, position=None, today=TODAY)
    with pytest.raises(NotInRegister):
        record_response(follow_up=hidden, came=Came("01"), by=LEGAL, at=factories.at(4))


def test_the_queue_asks_few_questions_whatever_its_length(known, django_assert_max_num_queries):
    every_course(known)
    with django_assert_max_num_queries(6):
        listed()
    with django_assert_max_num_queries(1):
        follow_up.due_count(viewer=LEGAL, today=TODAY)
