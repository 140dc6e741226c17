"""What changes the overview of incidents: judgements, findings, compartments."""

import pytest

from factories import at, finding, one_of_each
from lieber.link import Verdict
from lieber_mission.actions.link import move_account, record_judgement
from lieber_mission.actions.record import record
from lieber_mission.models import Account, Compartment, Overview
from lieber_mission.policies.permissions import Operator, Role
from lieber_mission.queries import log
from lieber_mission.queries.overview import YES, Filter, every_incident

pytestmark = pytest.mark.django_db
ANALYST = Operator("OFF-ANALYST", frozenset({Role.ANALYST}))
REVIEWER = Operator("OFF-REVIEWER", frozenset({Role.REVIEWER}))


def listed(asked=None):
    return [line.thing for line in every_incident(asked or Filter(), viewer=ANALYST, position=None)]


def two_with_accounts():
    one, other = one_of_each(0), one_of_each(1)
    for number, each in enumerate((one, other)):
        record_judgement(
            left=each["account"].thing,
            right=each["incident"].thing,
            verdict=Verdict.SAME,
            reason="it says so",
            by=ANALYST,
            at=at(2 + number),
        )
    return one, other


def line(thing, position=None):
    return Overview.objects.as_of(position).get(incident=thing)


def test_a_merge_counts_the_accounts_for_the_one_that_stands_for_both_and_a_split_undoes_it(db):
    one, other = two_with_accounts()
    first, second = one["incident"].thing, other["incident"].thing
    assert (line(first).accounts, line(second).accounts) == (1, 1)
    record_judgement(
        left=first, right=second, verdict=Verdict.SAME, reason="one", by=ANALYST, at=at(5), agreed_by=REVIEWER
    )
    assert (line(first).accounts, line(second).merged_into) == (2, first)
    assert listed() == [first]
    assert set(listed(Filter(merged=YES))) == {first, second}
    record_judgement(left=first, right=second, verdict=Verdict.DIFFERENT, reason="two", by=ANALYST, at=at(6))
    assert (line(first).accounts, line(second).merged_into) == (1, "")
    assert line(first, log.size(at(5))).accounts == 2


def test_an_account_that_moves_is_counted_where_it_went(db):
    one, other = two_with_accounts()
    move_account(
        account=one["account"].thing,
        out_of=one["incident"].thing,
        into=other["incident"].thing,
        reason="another village",
        leaves=Verdict.DIFFERENT,
        by=ANALYST,
        at=at(5),
    )
    assert (line(one["incident"].thing).accounts, line(other["incident"].thing).accounts) == (0, 2)


def test_a_finding_anew_closes_the_row_before_it(db):
    one = one_of_each()
    thing = one["incident"].thing
    size = log.size()
    record(
        [finding(thing, version=2, thing=one["finding"].thing, tier=3, reviewed_by="OFF-R")],
        by="OFF-A",
        at=at(9),
    )
    assert (line(thing).tier, line(thing, size).tier) == (3, 2)
    assert line(thing, size).until == line(thing).since == size + 1


def test_what_is_put_into_a_compartment_is_counted_in_no_past(db):
    one, _ = two_with_accounts()
    thing, account = one["incident"].thing, one["account"]
    size = log.size()
    compartment = Compartment(name="circle")
    record([compartment], by="OFF-A", at=at(6))
    record([finding(thing, version=2, thing=one["finding"].thing, killed_max=4)], by="OFF-A", at=at(7))
    moved = Account(
        thing=account.thing, version=2, item=account.item, killed_quantifier="exact", killed_n=3,
        victim_party="A", compartment=compartment.thing,
    )  # fmt: skip
    record([moved], by="OFF-A", at=at(8))
    assert (line(thing).accounts, line(thing, size).accounts) == (0, 0)
    member = Operator("OFF-MEMBER", frozenset({Role.ANALYST}), frozenset({compartment.thing}))
    seen = {each.thing: each.closed for each in every_incident(Filter(), viewer=member, position=None)}
    assert seen[thing] == 1
    assert not any(each.closed for each in every_incident(Filter(), viewer=ANALYST, position=None))
