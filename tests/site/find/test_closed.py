"""What lies in a compartment of others is found by nobody else, in the search or in the log."""

import pytest

import factories
from lieber_mission.actions.record import record
from lieber_mission.models import Account, Compartment, Item
from lieber_mission.policies.permissions import Operator
from lieber_mission.queries import log_search
from lieber_mission.queries.find import find

pytestmark = pytest.mark.django_db
ANALYST = Operator("OFF-ANALYST", frozenset({"analyst"}))


def test_what_lies_in_a_compartment_is_not_found():
    rows = factories.one_of_each()
    compartment = Compartment(name="circle")
    record([compartment], by="OFF-AUTHOR", at=factories.at(1))
    closed = Item(
        source=rows["source"].thing,
        item_kind="web_page",
        address="https://quiet.example/",
        compartment=compartment.thing,
    )
    record([closed], by="OFF-AUTHOR", at=factories.at(1))
    account = Account(
        item=closed.thing,
        summary="A quiet telling",
        killed_quantifier="exact",
        killed_n=1,
        compartment=compartment.thing,
    )
    record([account], by="OFF-AUTHOR", at=factories.at(2))
    member = Operator("OFF-ANALYST", frozenset({"analyst"}), frozenset({compartment.thing}))
    for words in ("quiet", closed.thing, account.thing):
        assert find(words, viewer=member) != []
        assert find(words, viewer=ANALYST) == []
    kinds = {line.index: line.kind for line in log_search.entries(viewer=ANALYST).lines}
    assert kinds[account.entry] == ""
    assert log_search.entries(viewer=ANALYST, kind="account").total == 1
    assert log_search.entries(viewer=member, kind="account").total == 2
    by_officer = log_search.entries(viewer=ANALYST, kind="account", officer="OFF-AUTHOR")
    assert [line.thing for line in by_officer.lines] == [rows["account"].thing]
    of_day = log_search.entries(viewer=ANALYST, day=factories.START.date(), officer="OFF-AUTHOR")
    assert account.entry not in {line.index for line in of_day.lines}
