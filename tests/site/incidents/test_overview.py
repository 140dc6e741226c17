"""The overview that lists read says what the register says, now and for every past day."""

from datetime import UTC, date, datetime, time

import pytest

from factories import incident
from lieber.assess import Tier
from lieber.base import BadInput
from lieber_mission.actions.record import record
from lieber_mission.models import Finding, Incident, Judgement, Overview
from lieber_mission.policies.permissions import NotAllowed, Operator, Role
from lieber_mission.queries import log
from lieber_mission.queries.overview import (
    NO,
    SORTS,
    YES,
    Filter,
    Frame,
    every_incident,
    incident_page,
    points,
)
from lieber_mission.queries.standing import stand_now

pytestmark = pytest.mark.django_db
ANALYST = Operator("OFF-ANALYST", frozenset({Role.ANALYST}))
REVIEWER = Operator("OFF-REVIEWER", frozenset({Role.REVIEWER}))
DAYS = ("2022-06-01", "2023-12-31", "2024-10-15", "2025-02-03")


def listed(asked=None, position=None, viewer=ANALYST, sort="-changed"):
    found = every_incident(asked or Filter(), viewer=viewer, position=position, sort=sort)
    return [line.thing for line in found]


def end_of(day):
    return log.size(datetime.combine(date.fromisoformat(day), time.max, UTC))


def test_every_row_is_what_the_register_says(example):
    now = {row.incident: row for row in Overview.objects.as_of(None)}
    said = dict(stand_now(list(now)))
    assert set(now) == set(Incident.objects.values_list("thing", flat=True)) == set(said)
    for thing, values in said.items():
        assert {name: getattr(now[thing], name) for name in values} == values


@pytest.mark.parametrize("day", DAYS)
def test_a_past_day_is_what_the_register_said_then(example, day):
    position = end_of(day)
    rows = {row.incident: row for row in Overview.objects.as_of(position)}
    assert set(rows) == set(Incident.objects.as_of(position).values_list("thing", flat=True))
    findings = {row.incident: row for row in Finding.objects.as_of(position)}
    judged = Judgement.objects.as_of(position).filter(of_incidents=False, verdict="same")
    for thing, row in rows.items():
        known = findings.get(thing)
        assert row.tier == (known.tier if known else None)
        assert row.killed_best == (known.killed_best if known else None)
        assert row.accounts == judged.filter(right=thing).count()


def by_hand(asked):
    """The same filter put to the findings, one after the other."""
    for row in Finding.objects.as_of(None):
        fits = (
            asked.party in {"", row.victim_party}
            and (asked.tier is None or row.tier >= asked.tier)
            and (not asked.contested or row.contested == (asked.contested == YES))
            and (asked.since is None or row.occurred_latest >= asked.since)
            and (asked.until is None or row.occurred_earliest <= asked.until)
            and asked.region in {"", row.region}
        )
        if fits:
            yield row.incident


@pytest.mark.parametrize(
    "asked",
    [
        Filter(party="UA"),
        Filter(tier=Tier.CREDIBLE),
        Filter(contested=YES),
        Filter(contested=NO, party="RU"),
        Filter(since=date(2024, 9, 1), until=date(2024, 10, 31)),
        Filter(until=date(2022, 12, 31)),
        Filter(region="Donetsk", tier=Tier.ALLEGED),
    ],
    ids=str,
)
def test_a_filter_finds_what_the_findings_say(example, asked):
    expected = sorted(by_hand(asked))
    assert expected
    assert sorted(listed(asked)) == expected


def test_words_are_found_in_any_order_and_case(example):
    assert len(listed(Filter(text="VUHLEDAR captives"))) == 1
    assert listed(Filter(text="no such words")) == []
    assert set(listed(Filter(place="donetsk"))) >= set(listed(Filter(region="Donetsk")))


@pytest.mark.parametrize("sort", ["changed", "title", "tier", "day", "place", "killed", "accounts"])
def test_a_list_is_sorted_both_ways_and_what_is_not_known_comes_last(example, sort):
    record([incident("Without a finding")], by="OFF-A", at=datetime.now(UTC))
    upwards, downwards = listed(sort=sort), listed(sort=f"-{sort}")
    assert sorted(upwards) == sorted(downwards) == sorted(listed())
    if sort in {"tier", "day", "killed"}:
        unknown = set(
            Overview.objects.as_of(None).filter(tier__isnull=True).values_list("incident", flat=True)
        )
        assert set(upwards[-len(unknown) :]) == set(downwards[-len(unknown) :]) == unknown


def test_an_unknown_sort_is_refused(example):
    with pytest.raises(BadInput, match="sorted by one of changed, title"):
        listed(sort="password")


def test_pages_hold_all_and_the_last_one_is_the_last(example):
    first = incident_page(Filter(), viewer=ANALYST, position=None).page
    beyond = incident_page(Filter(), viewer=ANALYST, position=None, page=99).page
    assert first.total == 48
    assert first.pages == beyond.number == 1
    assert len(first.lines) == 48


@pytest.mark.parametrize("sort", [f"{sign}{name}" for name in SORTS for sign in ("", "-")])
@pytest.mark.parametrize("asked", [Filter(), Filter(since=date(2024, 1, 1))], ids=["all", "a period"])
def test_many_incidents_come_in_the_same_order_as_few(example, monkeypatch, sort, asked):
    record([incident("Without a finding")], by="OFF-A", at=datetime.now(UTC))
    few = incident_page(asked, viewer=ANALYST, position=None, sort=sort)
    assert not few.more
    monkeypatch.setattr("lieber_mission.queries.overview.MOST_COUNTED", 20)
    many = incident_page(asked, viewer=ANALYST, position=None, sort=sort)
    assert many.more
    assert many.page.total == 21
    assert many.page.lines == few.page.lines[:50]


def test_what_cannot_be_placed_is_counted(example):
    record([incident("Without a finding")], by="OFF-A", at=datetime.now(UTC))
    undated, unlocated = listed(Filter(dated=NO)), listed(Filter(located=NO))
    counted = incident_page(Filter(), viewer=ANALYST, position=None).beside
    assert (counted.undated, counted.unlocated, counted.dateless) == (len(undated), len(unlocated), 0)
    assert undated
    assert unlocated
    assert len(undated) + len(listed(Filter(dated=YES))) == len(listed())
    in_a_period = incident_page(Filter(since=date(2024, 1, 1)), viewer=ANALYST, position=None).beside
    assert in_a_period.dateless == 1


def test_a_map_shows_the_incidents_of_its_frame(example):
    everywhere = points(Filter(), Frame(), viewer=ANALYST, position=None)
    located = [line for line in every_incident(Filter(), viewer=ANALYST, position=None) if line.located]
    assert sorted(point.thing for point in everywhere) == sorted(line.thing for line in located)
    east = points(Filter(), Frame(west=37.0), viewer=ANALYST, position=None)
    assert {point.thing for point in east} == {line.thing for line in located if (line.longitude or 0) >= 37}


def test_many_incidents_are_counted_by_cell(example, monkeypatch):
    monkeypatch.setattr("lieber_mission.queries.overview.MOST_POINTS", 5)
    alone = sum(line.located for line in every_incident(Filter(), viewer=ANALYST, position=None))
    cells = points(Filter(), Frame(zoom=1), viewer=ANALYST, position=None)
    assert sum(cell.number for cell in cells) == alone
    assert max(cell.number for cell in cells) > 1


def test_whoever_has_no_role_lists_nothing(example):
    with pytest.raises(NotAllowed):
        listed(viewer=Operator("OFF-NOBODY", frozenset()))


def test_a_list_is_few_queries_whatever_is_asked(example, django_assert_max_num_queries):
    asked = Filter(party="UA", tier=Tier.ALLEGED, since=date(2024, 1, 1), text="captive", accounts=1)
    with django_assert_max_num_queries(3):
        incident_page(asked, viewer=ANALYST, position=None, sort="-killed")
