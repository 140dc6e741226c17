"""Items recorded by hand, their words, their screening, and the judgement of sources."""

from datetime import date

import pytest

from coding_desk import BODY, new_item, now
from lieber.base import BadInput
from lieber_mission.actions import collect
from lieber_mission.actions.record import VersionConflict
from lieber_mission.models import Item, ItemText, Screening, Source
from lieber_mission.policies.collect import ItemRefused
from lieber_mission.policies.permissions import NotAllowed
from lieber_mission.queries import items
from lieber_mission.queries.incidents import NotInRegister
from lieber_mission.queries.sources import source_detail, source_names

pytestmark = pytest.mark.django_db


def listed(viewer, **asked):
    return [
        line.thing for line in items.item_list(viewer=viewer, position=None, asked=items.Asked(**asked)).lines
    ]


def test_an_item_recorded_by_hand_is_the_one_that_a_table_finds(officers):
    thing = new_item(officers.first, published=(date(2024, 11, 2), None))
    row = Item.objects.get(thing=thing)
    assert row.external_key == items.address_key("https://one.example/page")
    assert (row.published_earliest, row.published_latest) == (date(2024, 11, 2), date(2024, 11, 2))
    assert Source.objects.get(thing=row.source).reliability == "F"


def test_a_source_of_that_name_is_taken_and_not_made_twice(officers):
    one, two = new_item(officers.first), new_item(officers.second, address="https://one.example/other")
    assert Item.objects.get(thing=one).source == Item.objects.get(thing=two).source
    assert Source.objects.count() == 1


def test_the_same_form_sent_twice_is_one_item(officers):
    assert new_item(officers.first, once="k") == new_item(officers.first, once="k")
    assert Item.objects.count() == 1


def test_an_address_that_is_there_is_named_only_to_whoever_may_know(officers):
    there = new_item(officers.inside, compartment=officers.circle)
    with pytest.raises(collect.AlreadyThere) as refused:
        new_item(officers.inside)
    assert refused.value.thing == there
    other = new_item(officers.first)
    assert other != there
    assert Item.objects.get(thing=other).external_key == ""


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"graphic": ""}, ItemRefused),
        ({"graphic": "mild"}, BadInput),
        ({"item_kind": "thing"}, BadInput),
        ({"address": " "}, ItemRefused),
        ({"address": "x" * 2_049}, BadInput),
        ({"address": "a\x00b"}, BadInput),
        ({"source": collect.NewSource("", "media_outlet")}, ItemRefused),
        ({"source": collect.NewSource("Outlet", "outlet")}, BadInput),
    ],
)
def test_what_is_not_enough_is_refused_and_nothing_is_written(officers, change, error):
    with pytest.raises(error):
        new_item(officers.first, **change)
    assert not Item.objects.exists()
    assert not Source.objects.exists()


def test_nobody_puts_an_item_into_a_compartment_of_others(officers):
    with pytest.raises(NotInRegister):
        new_item(officers.first, compartment=officers.circle)


def test_a_reader_records_nothing(officers, item):
    with pytest.raises(NotAllowed):
        new_item(officers.reader)
    with pytest.raises(NotAllowed):
        collect.screen_item(
            item=item,
            outcome="to_code",
            reason="",
            graphic="none",
            on_version=0,
            by=officers.reader,
            at=now(),
        )


def test_texts_are_numbered_in_the_order_in_which_they_were_taken_down(officers, item):
    original = ItemText.objects.get(item=item)
    collect.take_down(
        item=item,
        text_kind="translation",
        language="uk",
        body="Один\nДва",
        translates=original.thing,
        by=officers.second,
        at=now(),
    )
    shown = items.item_detail(item, viewer=officers.reader, position=None).texts
    assert [(text.number, text.text_kind, len(text.passages)) for text in shown] == [
        (1, "text", 3),
        (2, "translation", 2),
    ]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"text_kind": "translation"}, ItemRefused),
        ({"translates": "TXT-0"}, ItemRefused),
        ({"text_kind": "translation", "translates": "TXT-0"}, NotInRegister),
        ({"text_kind": "transcript"}, BadInput),
        ({"text_kind": "notes"}, BadInput),
        ({"body": " \n "}, ItemRefused),
        ({"body": "x" * 200_001}, BadInput),
    ],
)
def test_words_that_cannot_be_taken_down_are_refused(officers, item, change, error):
    asked = {"text_kind": "text", "language": "en", "body": BODY, **change}
    with pytest.raises(error):
        collect.take_down(item=item, **asked, by=officers.first, at=now())
    assert ItemText.objects.count() == 1


def test_what_was_said_in_an_interview_is_never_taken_down_beside_the_item(officers):
    from factories import person
    from lieber_mission.actions.record import record
    from lieber_mission.models import Interview

    held = next(row for row in person()["rows"] if isinstance(row, Interview))
    row = Item(source="", item_kind="interview", address="", interview=held.thing)
    record([row], by="OFF-FIRST", at=now())
    with pytest.raises(ItemRefused):
        collect.take_down(
            item=row.thing, text_kind="text", language="", body="x", by=officers.first, at=now()
        )


def screen(by, item, outcome, reason="", *, on_version=0, graphic="distressing"):
    return collect.screen_item(
        item=item, outcome=outcome, reason=reason, graphic=graphic, on_version=on_version, by=by, at=now()
    )


def test_a_screening_is_one_chain_and_a_second_officer_sees_the_conflict(officers, item):
    assert screen(officers.first, item, "to_code") == 1
    assert screen(officers.first, item, "to_code") == 1
    with pytest.raises(VersionConflict):
        screen(officers.second, item, "not_relevant", "another war")
    assert screen(officers.second, item, "not_relevant", "another war", on_version=1) == 2
    shown = items.item_detail(item, viewer=officers.reader, position=None)
    assert [screening.outcome for screening in shown.screenings] == ["not_relevant", "to_code"]
    assert Screening.objects.count() == 2


def test_whoever_screens_says_how_graphic_it_is(officers, item):
    with pytest.raises(ItemRefused):
        screen(officers.first, item, "to_code", graphic="")
    screen(officers.first, item, "to_code", graphic="severe")
    detail = items.item_detail(item, viewer=officers.reader, position=None)
    assert (detail.line.graphic, detail.version, detail.covered) == ("severe", 2, True)


@pytest.mark.parametrize("outcome", ["later", "not_relevant"])
def test_an_item_is_left_for_a_reason(officers, item, outcome):
    with pytest.raises(ItemRefused):
        screen(officers.first, item, outcome)


def test_filters_find_what_they_say(officers, item):
    other = new_item(
        officers.first,
        address="https://two.example/",
        source=collect.NewSource("Суспільне", "media_outlet"),
        language="uk",
        graphic="none",
    )
    screen(officers.first, item, "to_code")
    first = officers.first
    assert listed(first) == [other, item]
    assert listed(first, text="суспільне") == [other]
    assert listed(first, text="one.example") == [item]
    assert listed(first, language="uk") == [other]
    assert listed(first, outcome="to_code") == [item]
    assert listed(first, outcome="none") == [other]
    assert listed(first, graphic="none") == [other]
    assert listed(first, graphic="unsaid") == []
    assert listed(first, coded="yes") == []
    assert listed(first, coded="no") == [other, item]
    assert listed(first, source=Item.objects.filter(thing=other).first().source) == [other]


def test_what_lies_in_a_compartment_is_absent_with_all_that_was_written_on_it(officers):
    closed = new_item(
        officers.inside,
        compartment=officers.circle,
        source=collect.NewSource("Closed outlet", "media_outlet"),
    )
    collect.take_down(item=closed, text_kind="text", language="en", body="x", by=officers.inside, at=now())
    screen(officers.inside, closed, "to_code")
    assert {row.compartment for row in (*ItemText.objects.all(), *Screening.objects.all())} == {
        officers.circle
    }
    assert listed(officers.inside) == [closed]
    assert listed(officers.first) == []
    assert listed(officers.first, text="Closed") == []
    with pytest.raises(NotInRegister):
        items.item_detail(closed, viewer=officers.first, position=None)
    with pytest.raises(NotInRegister):
        screen(officers.first, closed, "coded")
    source = Item.objects.filter(thing=closed).first().source
    assert source_names(viewer=officers.inside) == ["Closed outlet"]
    assert source_names(viewer=officers.first) == []
    with pytest.raises(NotInRegister):
        source_detail(source, viewer=officers.first, position=None)


def judge(by, source, letter, reason, *, on_version):
    return collect.judge_source(
        source=source, reliability=letter, reason=reason, on_version=on_version, by=by, at=now()
    )


def test_a_source_is_judged_anew_with_a_reason_and_every_version_stays(officers, item):
    source = Item.objects.get(thing=item).source
    assert judge(officers.first, source, "C", "right on four of five", on_version=1) == 2
    with pytest.raises(VersionConflict):
        judge(officers.second, source, "E", "wrong", on_version=1)
    for letter, reason in (("", "x"), ("B", " "), ("G", "x")):
        with pytest.raises((ItemRefused, BadInput)):
            judge(officers.first, source, letter, reason, on_version=2)
    detail = source_detail(source, viewer=officers.reader, position=None)
    assert [version.reliability for version in detail.versions] == ["C", "F"]
    assert detail.last.reliability_reason == "right on four of five"
    assert detail.items == 1
