"""The cast of the tests is the cast of the example register, and somebody without a role."""

from cast import CAST, OUTSIDER
from lieber_mission.actions import example


def test_the_cast_is_that_of_the_example_and_an_outsider():
    inside = [(member.handle, member.title, member.roles) for member in CAST.values() if member != OUTSIDER]
    assert inside == [tuple(member) for member in example.CAST]


def test_the_outsider_holds_no_role():
    assert not OUTSIDER.roles
