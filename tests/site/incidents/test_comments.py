"""Comments: who may write and read them, whom they call, and that a form sent twice is one."""

from typing import Any

import pytest

from factories import at, one_of_each
from lieber_mission.actions.record import record
from lieber_mission.actions.remarks import comment, handles_in
from lieber_mission.models import Account, Comment, Compartment, Entry, Officer
from lieber_mission.policies.permissions import NotAllowed, Operator, Role
from lieber_mission.policies.remarks import CommentRefused
from lieber_mission.queries.incidents import NotInRegister
from lieber_mission.queries.remarks import Happened, mentions_of, stream

pytestmark = pytest.mark.django_db
ANALYST = Operator("OFF-ANALYST", frozenset({Role.ANALYST}))


@pytest.fixture
def called(db):
    """An officer who can be called."""
    return Officer.objects.create(
        officer_id="OFF-CALLED", handle="reviewer-one", title="First reviewer", roles=["reviewer"]
    )


def test_handles_are_read_as_officers_type_them():
    text = "@analyst, see @Reviewer-One. Not a.b@example nor @@x, but (@monitor) and @analyst again."
    assert handles_in(text) == ["analyst", "reviewer-one", "monitor"]


def test_a_comment_stands_in_the_stream_and_with_whom_it_calls(called):
    things = one_of_each()
    incident = things["incident"].thing
    comment(about=[incident], body="@reviewer-one, two villages?", by=ANALYST, at=at(5))
    lines = stream(incident, [], [], viewer=ANALYST, position=None)
    assert [line.happened for line in lines] == [Happened.COMMENT, Happened.CONCLUDED, Happened.OPENED]
    assert lines[0].mentions == ("OFF-CALLED",)
    assert [mention.body for mention in mentions_of(called)] == ["@reviewer-one, two villages?"]
    assert mentions_of(called, after=Entry.objects.count()) == []
    assert mentions_of(ANALYST) == []


def test_a_form_sent_twice_is_one_comment(called):
    incident = one_of_each()["incident"].thing
    sent: dict[str, Any] = {"about": [incident], "body": "once", "by": ANALYST, "once": "a-form"}
    assert comment(**sent, at=at(5)) == comment(**sent, at=at(6))
    assert Comment.objects.count() == 1


def test_one_comment_on_many_is_all_or_none(called):
    things = [one_of_each(number)["incident"].thing for number in range(3)]
    assert len(comment(about=things, body="look again", by=ANALYST, at=at(5))) == 3
    with pytest.raises(NotInRegister):
        comment(about=[*things, "INC-NOWHERE"], body="look again", by=ANALYST, at=at(6))
    assert Comment.objects.count() == 3


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("  ", "needs words"),
        ("x" * 10_001, "at most 10000"),
        ("@nobody-here look", "No officer has the handle"),
    ],
)
def test_what_cannot_be_used_is_refused(called, body, sentence):
    incident = one_of_each()["incident"].thing
    with pytest.raises(CommentRefused, match=sentence):
        comment(about=[incident], body=body, by=ANALYST, at=at(5))


def test_whoever_has_no_part_in_the_substance_neither_writes_nor_is_called(called):
    incident = one_of_each()["incident"].thing
    administrator = Operator("OFF-ADMIN", frozenset({Role.ADMINISTRATOR}))
    with pytest.raises(NotAllowed):
        comment(about=[incident], body="hello", by=administrator, at=at(5))
    Officer.objects.create(
        officer_id="OFF-ADMIN", handle="admin", title="Administrator", roles=["administrator"]
    )
    with pytest.raises(CommentRefused, match="cannot read this"):
        comment(about=[incident], body="@admin look", by=ANALYST, at=at(5))


def test_a_comment_on_what_lies_in_a_compartment_lies_there_too(called):
    things = one_of_each()
    compartment = Compartment(name="circle")
    record([compartment], by="OFF-A", at=at(3))
    account = things["account"]
    closed = Account(thing=account.thing, version=2, item=account.item, compartment=compartment.thing)
    record([closed], by="OFF-A", at=at(4))
    member = Operator("OFF-MEMBER", frozenset({Role.ANALYST}), frozenset({compartment.thing}))
    comment(about=[account.thing], body="told by one person", by=member, at=at(5))
    incident = things["incident"].thing
    assert len(stream(incident, [], [account.thing], viewer=member, position=None)) == 3
    assert len(stream(incident, [], [account.thing], viewer=ANALYST, position=None)) == 2
    with pytest.raises(NotInRegister):
        comment(about=[account.thing], body="what?", by=ANALYST, at=at(6))
    with pytest.raises(CommentRefused, match="cannot read this"):
        comment(about=[account.thing], body="@reviewer-one look", by=member, at=at(7))
