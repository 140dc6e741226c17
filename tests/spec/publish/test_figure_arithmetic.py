"""How incidents count in a figure: dates in windows, numbers, tiers (design 4.4; R-09, R-10, R-14)."""

from datetime import date

import pytest

from lieber.assess import Tier
from lieber.base import Window
from lieber.publish import Bounds, CountedFinding, Recipe, compute, difference, group_by
from spec.tables import table

WINDOW = Window(date(2024, 9, 1), date(2024, 11, 30))


def finding(row: dict[str, str]) -> CountedFinding:
    earliest, latest = (date.fromisoformat(row[name]) for name in ("earliest", "latest"))
    low, best, high = (None if row[name] == "-" else int(row[name]) for name in ("kmin", "kbest", "kmax"))
    assert low is not None
    return CountedFinding(
        incident=row.get("incident", "INC-A"),
        tier=int(Tier.of(row.get("tier", "credible"))),
        earliest=earliest,
        latest=latest,
        best_day=date.fromisoformat(row["best_day"]) if "best_day" in row else earliest,
        killed_min=low,
        killed_best=best,
        killed_max=high,
        victim_party=row.get("party", "A"),
        perpetrator_party="B",
        series="killed_hors_de_combat",
        status="",
        manner="",
        region=row.get("region", ""),
        merged_into=row.get("merged_into", "-").strip("-"),
    )


def recipe(tier: str = "credible", as_of: str = "2025-02-03T23:59:59.999999Z") -> Recipe:
    return Recipe("A", WINDOW, Tier.of(tier), as_of, "1.0", "killed_hors_de_combat")


ONE_INCIDENT = table("""
earliest   | latest     | best_day   | tier       | kmin | kbest | kmax | counts   | persons | incidents | what
2024-10-02 | 2024-10-02 | 2024-10-02 | credible   | 5    | 5     | 5    | certain  | 5 5 5   | 1 1 1     | a day in the window
2024-09-01 | 2024-09-01 | 2024-09-01 | credible   | 1    | 1     | 1    | certain  | 1 1 1   | 1 1 1     | the first day belongs to the window
2024-11-30 | 2024-11-30 | 2024-11-30 | credible   | 1    | 1     | 1    | certain  | 1 1 1   | 1 1 1     | and so does the last
2024-12-01 | 2024-12-01 | 2024-12-01 | credible   | 1    | 1     | 1    | no       | 0 0 0   | 0 0 0     | the day after does not
2024-10-06 | 2024-10-07 | 2024-10-06 | credible   | 4    | 4     | 4    | certain  | 4 4 4   | 1 1 1     | a night over midnight
2024-08-20 | 2024-09-10 | 2024-08-30 | credible   | 3    | 3     | 3    | possible | 0 0 3   | 0 0 1     | across the edge, best day outside
2024-08-20 | 2024-09-20 | 2024-09-04 | credible   | 3    | 3     | 3    | possible | 0 3 3   | 0 1 1     | across the edge, best day inside
2023-10-02 | 2024-10-01 | 2024-10-01 | credible   | 16   | 16    | 16   | possible | 0 16 16 | 0 1 1     | undated, public on 1 October
2024-10-02 | 2024-10-02 | 2024-10-02 | credible   | 2    | 2     | -    | certain  | 2 2 2   | 1 1 1     | at least two: the maximum is open
2024-10-02 | 2024-10-02 | 2024-10-02 | credible   | 2    | -     | 5    | certain  | 2 2 5   | 1 1 1     | no best: the minimum stands in
2024-10-02 | 2024-10-02 | 2024-10-02 | credible   | 0    | 1     | 4    | possible | 0 1 4   | 0 1 1     | no killing is established for certain
2024-10-02 | 2024-10-02 | 2024-10-02 | credible   | 0    | -     | -    | possible | 0 0 0   | 0 0 1     | no number at all
2024-10-02 | 2024-10-02 | 2024-10-02 | credible   | 0    | 0     | 0    | no       | 0 0 0   | 0 0 0     | nobody was killed
2024-10-02 | 2024-10-02 | 2024-10-02 | alleged    | 5    | 5     | 5    | no       | 0 0 0   | 0 0 0     | below the tier asked for
2024-10-02 | 2024-10-02 | 2024-10-02 | discounted | 5    | 5     | 5    | no       | 0 0 0   | 0 0 0     | discounted
2024-10-02 | 2024-10-02 | 2024-10-02 | verified   | 5    | 5     | 5    | certain  | 5 5 5   | 1 1 1     | above the tier asked for
""")


@pytest.mark.parametrize("row", ONE_INCIDENT, ids=lambda row: row["what"])
def test_one_incident(row):
    figure = compute(recipe(), [finding(row)])
    persons, incidents = (Bounds(*map(int, row[name].split())) for name in ("persons", "incidents"))
    assert [part.decision.counts.value for part in figure.contributions] == [row["counts"]]
    assert (figure.victims, figure.incidents) == (persons, incidents)
    assert figure.open_maxima == (row["kmax"] == "-" and row["counts"] != "no")


# What an article reported as "six executed" is two incidents; a merge counts once.
SEVERAL = table("""
incident | earliest   | latest     | kmin | kbest | kmax | merged_into | party | region
INC-A    | 2024-10-23 | 2024-10-23 | 3    | 3     | 3    | -           | A     | North
INC-B    | 2024-11-01 | 2024-11-01 | 3    | 3     | 3    | -           | A     | North
INC-C    | 2024-11-01 | 2024-11-01 | 3    | 3     | 5    | INC-B       | A     | North
INC-D    | 2024-09-20 | 2024-10-10 | 2    | 2     | 5    | -           | A     |
INC-E    | 2024-10-02 | 2024-10-02 | 9    | 9     | 9    | -           | B     | South
""")


def test_merged_incidents_count_once_and_other_parties_not_at_all():
    figure = compute(recipe(), map(finding, SEVERAL))
    assert figure.victims == (8, 8, 11)
    assert figure.incidents == (3, 3, 3)
    assert {part.incident: part.reason for part in figure.contributions}["INC-C"] == (
        "judged to be the same as INC-B, whose finding decides"
    )
    assert "INC-E" not in {part.incident for part in figure.contributions}


def test_an_incident_of_two_months_is_in_no_month():
    parts = group_by(compute(recipe(), map(finding, SEVERAL)), "month")
    assert [(part.group, part.victims) for part in parts] == [
        ("2024-10", (3, 3, 3)),
        ("2024-11", (3, 3, 3)),
        ("unknown", (2, 2, 5)),
    ]


def test_an_unknown_region_stands_apart_and_last():
    parts = group_by(compute(recipe(), map(finding, SEVERAL)), "region")
    assert [(part.group, part.incidents.best) for part in parts] == [("North", 2), ("unknown", 1)]


CHANGES = table("""
what       | field       | value      | persons  | incidents
re-counted | kbest       | 4          | 0 1 1    | 0 0 0
re-tiered  | tier        | alleged    | -3 -3 -3 | -1 -1 -1
withdrawn  | tier        | discounted | -3 -3 -3 | -1 -1 -1
re-dated   | earliest    | 2024-08-01 | -3 -3 0  | -1 -1 0
re-scoped  | party       | B          | -3 -3 -3 | -1 -1 -1
merged     | merged_into | INC-Z      | -3 -3 -3 | -1 -1 -1
""")


@pytest.mark.parametrize("row", CHANGES, ids=lambda row: row["what"])
def test_each_change_is_named(row):
    before = {
        "incident": "INC-A", "earliest": "2024-10-23", "latest": "2024-10-23",
        "kmin": "3", "kbest": "3", "kmax": "3",
    }  # fmt: skip
    after = before | {row["field"]: row["value"]}
    after |= {"kmax": "4"} if row["field"] == "kbest" else {}
    steps = difference(compute(recipe(), [finding(before)]), compute(recipe(), [finding(after)]))
    assert [(step.change.value, step.victims, step.incidents) for step in steps] == [
        (row["what"], tuple(map(int, row["persons"].split())), tuple(map(int, row["incidents"].split())))
    ]


def test_a_merge_undone_is_a_split_and_brings_everything_back():
    whole = [finding(row) for row in SEVERAL]
    apart = [row._replace(merged_into="") for row in whole]
    steps = difference(compute(recipe(), whole), compute(recipe(), apart))
    assert [(step.incident, step.change.value, step.victims) for step in steps] == [
        ("INC-C", "split", (3, 3, 5))
    ]
