"""Accounts coded at the desk, drafts, second coders who do not see the first, and the queues."""

import pytest

from coding_desk import new_item, now
from lieber_mission.actions import code, collect
from lieber_mission.actions.record import VersionConflict, record
from lieber_mission.models import Account, Draft, Screening, SecondCoding
from lieber_mission.policies.code import CodingRefused
from lieber_mission.policies.permissions import NotAllowed
from lieber_mission.queries import coding
from lieber_mission.queries.desk import SECOND, blind_to, draft_of
from lieber_mission.queries.incidents import NotInRegister

pytestmark = pytest.mark.django_db
TYPED = {
    "summary": "Five captives shot",
    "killed_quantifier": "exact",
    "killed_n": "5",
    "where_killed": "¶3",
    "manners": ["shot"],
    "victim_party": "AA",
}


@pytest.fixture
def account(officers, item):
    return code.record_account(item=item, typed=TYPED, by=officers.first, at=now())


def again(by, account, **changes):
    return code.record_second_coding(account=account, typed={**TYPED, **changes}, by=by, at=now())


def test_an_account_stands_in_its_item_with_its_places(officers, item, account):
    row = Account.objects.get(thing=account)
    assert (row.item, row.killed_quantifier, row.killed_n, row.manners) == (item, "exact", 5, ["shot"])
    assert row.locators == {"killed_quantifier": "¶3", "killed_n": "¶3", "killed_m": "¶3"}
    assert row.recorded_by == officers.first.officer_id


def test_the_same_form_sent_twice_is_one_account_and_an_item_holds_several(officers, item):
    things = [
        code.record_account(item=item, typed=TYPED, by=officers.first, at=now(), once=key) for key in "aab"
    ]
    assert len(set(things)) == 2
    assert Account.objects.count() == 2


def test_what_is_no_account_is_refused_field_by_field(officers, item):
    with pytest.raises(code.NotCodable) as refused:
        code.record_account(
            item=item, typed={"victim_party": "aa", "where_killed": "x"}, by=officers.first, at=now()
        )
    assert set(refused.value.problems) == {"victim_party", "where_killed"}
    assert not Account.objects.exists()


def test_whoever_does_not_code_records_no_account(officers, item):
    with pytest.raises(NotAllowed):
        code.record_account(item=item, typed=TYPED, by=officers.reader, at=now())


def test_an_account_anew_keeps_what_the_form_does_not_ask(officers, item):
    row = Account(
        item=item, filed_under="key-7", locators={"*": "excerpt"}, external_key="reports/x/R1", killed_n=4
    )
    row.killed_quantifier = "exact"
    record([row], by="OFF-IMPORT", at=now())
    assert (
        code.supersede_account(account=row.thing, typed=TYPED, on_version=1, by=officers.first, at=now()) == 2
    )
    after = Account.objects.get(thing=row.thing, version=2)
    assert (after.filed_under, after.external_key, after.killed_n) == ("key-7", "", 5)
    assert after.locators == {
        "*": "excerpt",
        **dict.fromkeys(("killed_quantifier", "killed_n", "killed_m"), "¶3"),
    }


def test_two_who_change_one_version_get_a_conflict_and_the_same_again_is_no_version(officers, account):
    def change(by, on_version, **changes):
        return code.supersede_account(
            account=account, typed={**TYPED, **changes}, on_version=on_version, by=by, at=now()
        )

    assert change(officers.first, 1) == 1
    assert change(officers.second, 1, killed_n="6") == 2
    with pytest.raises(VersionConflict):
        change(officers.first, 1, killed_n="7")
    assert Account.objects.filter(thing=account).count() == 2


def test_a_draft_is_its_authors_and_goes_when_the_account_is_recorded(officers, item):
    code.keep_draft(
        form="account", about=item, on_version=0, fields={"summary": "half"}, by=officers.first, at=now()
    )
    assert draft_of("account", item, viewer=officers.first).fields == {"summary": "half"}
    assert draft_of("account", item, viewer=officers.second) is None
    code.record_account(item=item, typed=TYPED, by=officers.first, at=now())
    assert not Draft.objects.exists()


def test_a_draft_is_of_a_form_and_of_what_its_author_may_know(officers, item, account):
    closed = new_item(officers.inside, address="https://two.example/", compartment=officers.circle)

    def keep(by, form, about):
        code.keep_draft(form=form, about=about, on_version=0, fields={"summary": "x"}, by=by, at=now())

    keep(officers.inside, "account", closed)
    with pytest.raises(NotInRegister):
        keep(officers.first, "account", closed)
    with pytest.raises(CodingRefused):
        keep(officers.first, "finding-of-others", item)
    with pytest.raises(CodingRefused):
        keep(
            officers.first,
            SECOND,
            code.record_account(item=item, typed=TYPED, by=officers.first, at=now()),
        )
    with pytest.raises(NotAllowed):
        keep(officers.reader, "account", item)


WHO_MAY_CODE_AGAIN = (("first", False), ("second", True), ("third", True), ("reader", None))


@pytest.mark.parametrize(("who", "may"), WHO_MAY_CODE_AGAIN)
def test_who_may_code_a_passage_a_second_time(officers, account, who, may):
    officer = getattr(officers, who)
    if may:
        code.begin_second_coding(account=account, by=officer, at=now())
        assert blind_to(officer) == {account}
    else:
        with pytest.raises(CodingRefused if may is False else NotAllowed):
            code.begin_second_coding(account=account, by=officer, at=now())
        assert not blind_to(officer)


def test_a_second_coder_is_blind_until_they_have_recorded(officers, account):
    with pytest.raises(CodingRefused):
        again(officers.second, account)
    code.begin_second_coding(account=account, by=officers.second, at=now())
    with pytest.raises(CodingRefused):
        code.supersede_account(account=account, typed=TYPED, on_version=1, by=officers.second, at=now())
    thing = again(officers.second, account, killed_n="6")
    assert not blind_to(officers.second)
    assert again(officers.second, account) == thing
    assert SecondCoding.objects.count() == 1
    shown = coding.second_codings(account, viewer=officers.reader)
    assert [(one.first.fields["killed_n"], one.fields["killed_n"]) for one in shown] == [(5, 6)]
    with pytest.raises(CodingRefused):
        code.begin_second_coding(account=account, by=officers.second, at=now())


def test_another_who_owes_a_second_coding_is_shown_none_of_both(officers, account):
    code.begin_second_coding(account=account, by=officers.third, at=now())
    code.begin_second_coding(account=account, by=officers.second, at=now())
    again(officers.second, account)
    assert coding.second_codings(account, viewer=officers.third) == ()
    assert len(coding.second_codings(account, viewer=officers.first)) == 1


def test_whoever_leaves_a_second_coding_has_seen_the_first_and_cannot_begin_again(officers, account):
    code.begin_second_coding(account=account, by=officers.second, at=now())
    code.leave_second_coding(account=account, by=officers.second, at=now())
    assert not blind_to(officers.second)
    with pytest.raises(CodingRefused):
        code.begin_second_coding(account=account, by=officers.second, at=now())
    names = dict(
        coding.coders(viewer=officers.first, account=coding.coded_account(account, viewer=officers.first))
    )
    assert set(names.values()) == {"third", "inside"}


def test_a_second_coding_is_compared_with_the_version_that_it_was_blind_to(officers, account):
    code.begin_second_coding(account=account, by=officers.second, at=now())
    again(officers.second, account, killed_n="6")
    code.supersede_account(
        account=account, typed={**TYPED, "killed_n": "6"}, on_version=1, by=officers.first, at=now()
    )
    found = coding.coder_agreement(viewer=officers.reader, position=None)
    killed = next(field for field in found.fields if field.field == "killed")
    assert (found.pairs, killed.pairs, killed.same) == (1, 1, 0)


def test_asking_an_officer_hides_the_first_coding_from_them(officers, account):
    code.ask_second_coder(account=account, officer="OFF-SECOND", by=officers.first, at=now())
    assert blind_to(officers.second) == {account}
    assert coding.asked_by(account, viewer=officers.second) == "OFF-FIRST"
    code.keep_draft(
        form=SECOND, about=account, on_version=0, fields={"summary": "x"}, by=officers.second, at=now()
    )
    assert coding.asked_by(account, viewer=officers.second) == "OFF-FIRST"
    for officer in ("OFF-FIRST", "OFF-READER", "OFF-NOBODY"):
        with pytest.raises(CodingRefused):
            code.ask_second_coder(account=account, officer=officer, by=officers.third, at=now())


def test_nobody_outside_a_compartment_is_asked_and_its_second_codings_are_absent(officers):
    closed = new_item(officers.inside, address="https://two.example/", compartment=officers.circle)
    account = code.record_account(item=closed, typed=TYPED, by=officers.inside, at=now())
    with pytest.raises(CodingRefused):
        code.ask_second_coder(account=account, officer="OFF-SECOND", by=officers.inside, at=now())
    with pytest.raises(NotInRegister):
        code.begin_second_coding(account=account, by=officers.second, at=now())
    officers.third.own_compartments = [officers.circle]
    officers.third.save()
    code.begin_second_coding(account=account, by=officers.third, at=now())
    again(officers.third, account)
    assert SecondCoding.objects.get().compartment == officers.circle
    assert coding.coder_agreement(viewer=officers.inside, position=None).pairs == 1
    assert coding.coder_agreement(viewer=officers.first, position=None).pairs == 0
    with pytest.raises(NotInRegister):
        coding.second_codings(account, viewer=officers.first)


def test_queues_count_what_waits_for_this_officer(officers, item, account):
    assert coding.count_items_to_code(viewer=officers.second) == 0
    collect.screen_item(
        item=item, outcome="to_code", reason="", graphic="none", on_version=0, by=officers.first, at=now()
    )
    assert coding.count_items_to_code(viewer=officers.second) == 1
    assert coding.next_to_code(viewer=officers.second) == item
    assert coding.next_to_code(viewer=officers.second, after=item) == ""
    assert coding.count_for_second_coder(viewer=officers.first) == 0
    assert coding.count_for_second_coder(viewer=officers.second) == 1
    code.ask_second_coder(account=account, officer="OFF-SECOND", by=officers.first, at=now())
    page = coding.for_second_coder(viewer=officers.second)
    assert [(line.account, line.asked) for line in page.lines] == [(account, True)]
    assert coding.count_for_second_coder(viewer=officers.second) == 1
    again(officers.second, account)
    assert coding.count_for_second_coder(viewer=officers.third) == 0


@pytest.mark.parametrize(("last", "waits"), [(True, 0), (False, 1)])
def test_an_item_leaves_the_queue_with_its_last_account(officers, item, last, waits):
    screened = {"reason": "", "graphic": "none", "on_version": 0, "by": officers.first, "at": now()}
    collect.screen_item(item=item, outcome="to_code", **screened)
    code.record_account(item=item, typed=TYPED, by=officers.first, at=now(), last_of_item=last)
    assert coding.count_items_to_code(viewer=officers.second) == waits


def test_an_item_that_was_left_is_not_called_coded(officers, item):
    screened = {"reason": "another subject", "graphic": "none", "on_version": 0, "by": officers.first}
    collect.screen_item(item=item, outcome="not_relevant", at=now(), **screened)
    code.record_account(item=item, typed=TYPED, by=officers.first, at=now(), last_of_item=True)
    assert Screening.objects.as_of(None).get(item=item).outcome == "not_relevant"


def test_erasing_an_account_forgets_second_codings_and_drafts_of_it(officers, item):
    from factories import person
    from lieber_mission.actions.protect.erasing import _forget, _rows_of

    told = person()
    row = Account(
        item=item,
        pseudonym=told["pseudonym"].thing,
        compartment=told["compartment"].thing,
        summary="canary",
        killed_quantifier="unknown",
    )
    record([row], by="OFF-FIRST", at=now())
    record([SecondCoding(account=row.thing, fields={"summary": "canary"})], by="OFF-SECOND", at=now())
    Draft.objects.create(
        officer=officers.first,
        form="account-version",
        about=row.thing,
        fields={"summary": "canary"},
        saved_at=now(),
    )
    rows = _rows_of(told["pseudonym"].thing, accounts_too=True)
    assert any(isinstance(each, SecondCoding) for each in rows)
    _forget(rows)
    assert SecondCoding.objects.get().fields == {}
    assert not Draft.objects.exists()
