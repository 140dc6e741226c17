"""Figures that are remembered are those that are counted, on any day; steps sum to the difference."""

from datetime import UTC, date, datetime

import pytest

from lieber.assess import Tier
from lieber.base import BadInput, Window
from lieber.publish import GROUPINGS, Bounds, group_by
from lieber_mission.models import Officer
from lieber_mission.policies.permissions import OPERATOR
from lieber_mission.queries import log
from lieber_mission.queries.figures import Question, changes, figure
from lieber_mission.queries.remembered import counted, grouped, values, way

pytestmark = pytest.mark.django_db
STORY = Window(date(2024, 8, 31), date(2025, 2, 3))


def on(text):
    return log.settled(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize("party", ["UA", "RU"])
@pytest.mark.parametrize("day", ["2023-06-01", "2024-10-15", "2025-02-04", "2025-12-31"])
@pytest.mark.parametrize("tier", [Tier.ALLEGED, Tier.CREDIBLE])
def test_what_is_remembered_is_what_is_counted(example, party, day, tier):
    for window in (STORY, Window(None, None)):
        question = Question(victim_party=party, window=window, tier=tier)
        whole = figure(question, viewer=OPERATOR, as_of=on(day))
        for _ in range(2):
            kept = counted(question, viewer=OPERATOR, as_of=on(day))
            assert (kept.victims, kept.incidents, kept.open_maxima) == (
                whole.victims,
                whole.incidents,
                whole.open_maxima,
            )
            assert kept.recipe == whole.recipe
            for grouping in GROUPINGS:
                parts = grouped(question, grouping, viewer=OPERATOR, as_of=on(day))
                assert parts == group_by(whole, grouping)
            inside = [each for each in whole.contributions if each.decision.counts.value != "no"]
            assert kept.contributions(0, len(kept)) == inside


@pytest.mark.parametrize(("before", "after"), [("2023-01-01", "2025-02-04"), ("2025-02-04", "2025-12-31")])
def test_the_steps_of_what_changed_are_those_of_the_whole(example, before, after):
    question = Question(victim_party="UA", window=STORY, tier=Tier.ALLEGED)
    asked = {"viewer": OPERATOR, "before": on(before), "after": on(after)}
    first, second, steps = changes(question, **asked)
    found = way(question, **asked)
    assert found.steps == steps
    assert (found.before.victims, found.after.victims) == (first.victims, second.victims)
    summed = Bounds(0, 0, 0)
    for _, persons, _, _ in found.by_change:
        summed = summed.plus(persons)
    assert summed == second.victims.minus(first.victims)


def test_choices_of_a_past_day_know_nothing_of_later(example):
    assert values("victim_party", None) == ["RU", "UA"]
    assert values("victim_party", 0) == []
    assert set(values("region", 300)) < set(values("region", None))


def test_a_difference_backwards_is_refused(example):
    question = Question(victim_party="UA", window=STORY, tier=Tier.ALLEGED)
    with pytest.raises(BadInput, match="exchange them"):
        way(question, viewer=OPERATOR, before=on("2025-02-04"), after=on("2024-01-01"))


@pytest.fixture
def analyst(example, client):
    client.force_login(Officer.objects.get(handle="analyst"))
    return client


def test_the_waterfall_is_drawn_with_its_numbers_as_a_table(analyst):
    address = "/figures/difference/?victims=UA&tier=alleged&since=2024-08-31&until=2025-02-03"
    page = analyst.get(f"{address}&from=2024-10-15&to=2025-02-03").content.decode()
    assert '<svg class="drawn"' in page
    assert "the parts sum to the difference" in page
    assert "<b>60</b>" in page


@pytest.mark.parametrize(
    "query",
    ["from=x", "to=2099-01-01", "from=2025-01-01&to=2024-01-01", "unit=moons", "page=99", "tier=discounted"],
)
def test_nonsense_in_the_address_gets_a_default_or_a_sentence(analyst, query):
    for name in ("figures", "figures/difference", "figures/file.csv"):
        assert analyst.get(f"/{name}{'' if name.endswith('csv') else '/'}?{query}").status_code in {200, 400}


def test_the_file_of_a_figure_holds_its_recipe_and_each_contribution(analyst):
    rows = analyst.get(
        "/figures/file.csv?victims=UA&tier=alleged&since=2024-08-31&until=2025-02-03&as_of=2025-02-03"
    )
    lines = rows.content.decode().splitlines()
    assert "persons 38 / 60 / 67" in lines[0]
    assert lines[1].startswith("incident,title,counts")
    assert sum(int(line.count(",certain,")) for line in lines) > 5


def test_the_pages_ask_few_questions(analyst, django_assert_max_num_queries):
    for name in ("figures", "figures/difference", "tallies"):
        with django_assert_max_num_queries(60):
            assert analyst.get(f"/{name}/").status_code == 200
