"""Numbers of others beside a figure, and a figure that changes with each finding."""

from datetime import date
from typing import Any

import pytest

import factories
from lieber.analyse import Likeness
from lieber.assess import Tier
from lieber.base import Window
from lieber.publish import group_by
from lieber_mission.actions.record import record
from lieber_mission.models import Tally
from lieber_mission.policies.permissions import OPERATOR
from lieber_mission.queries.figures import Question, figure
from lieber_mission.queries.remembered import counted, grouped, page_of
from lieber_mission.queries.tallies import compared

pytestmark = pytest.mark.django_db
STORY = Window(date(2024, 8, 31), date(2025, 2, 3))


QUESTION = Question(victim_party="A", window=Window(None, None), tier=Tier.CREDIBLE)


def test_a_finding_recorded_now_is_counted_at_once_and_past_days_stay():
    rows = factories.one_of_each()
    whole: dict[str, Any] = {"viewer": OPERATOR}
    assert counted(QUESTION, as_of=factories.at(1), **whole).victims.best == 3
    assert [part.group for part in grouped(QUESTION, "month", as_of=factories.at(1), **whole)] == ["2024-10"]
    more = factories.incident("Another")
    record([more], by=factories.AUTHOR, at=factories.at(2))
    day: dict[str, Any] = {
        "occurred_earliest": date(2024, 9, 1),
        "occurred_latest": date(2024, 9, 1),
        "occurred_best": date(2024, 9, 1),
    }
    changes = [
        factories.finding(more.thing, **day),
        factories.finding(rows["incident"].thing, version=2, killed_best=5, killed_max=None),
        factories.finding(more.thing, version=2, tier=0, **day),
        factories.finding(rows["incident"].thing, version=3, victim_party="B"),
    ]
    for minutes, (row, persons) in enumerate(zip(changes, (6, 8, 5, 0), strict=True), start=3):
        record([row], by=factories.AUTHOR, at=factories.at(minutes))
        now = factories.at(minutes)
        kept, fresh = counted(QUESTION, as_of=now, **whole), figure(QUESTION, as_of=now, **whole)
        assert (kept.victims, kept.incidents, kept.open_maxima) == (
            fresh.victims,
            fresh.incidents,
            fresh.open_maxima,
        )
        assert kept.victims.best == persons
        for grouping in ("month", "party", "region"):
            assert grouped(QUESTION, grouping, as_of=now, **whole) == group_by(fresh, grouping)
        found = page_of(kept, number=1, size=9)[0]
        assert [each.incident for each in found] == [
            each.incident for each in fresh.contributions if each.decision.counts.value != "no"
        ]
    assert counted(QUESTION, as_of=factories.at(1), **whole).victims.best == 3


def published(item, unit, value, window):
    return Tally(
        item=item,
        authority="A body",
        unit=unit,
        value=value,
        bound="exact",
        scope="x",
        period_start_earliest=window.since,
        period_start_latest=window.since,
        period_end_earliest=window.until,
        period_end_latest=window.until,
    )


def test_only_like_is_set_beside_like_and_copies_are_one():
    item = factories.one_of_each()["item"].thing
    autumn = Window(date(2024, 9, 1), date(2024, 11, 30))
    rows = [
        published(item, "victims", 79, STORY),
        published(item, "victims", 79, STORY),
        published(item, "incidents", 24, STORY),
        published(item, "victims", 62, autumn),
        published(item, "victims", 177, Window(date(2022, 2, 24), None)),
        published(item, "suspects", 5, STORY),
    ]
    record(rows, by=factories.AUTHOR, at=factories.at(1))
    found = compared(STORY, persons=60, incidents=13, today=date(2025, 6, 1), viewer=OPERATOR, position=None)
    assert [(each.value, each.shown) for each in found] == [
        (79, Likeness.SAME_DAYS),
        (24, Likeness.SAME_DAYS),
        (62, Likeness.RATES_ONLY),
        (177, None),
        (5, None),
    ]
    assert found[0].line.pages == 1
    assert len(found[0].line.things) == 2
    rates = (found[2].their_rate, found[2].our_rate)
    assert [round(rate or 0, 1) for rate in rates] == [20.4, 11.5]
    assert "open end" in found[3].refusal
    assert "suspects are not compared with persons" in found[4].refusal
