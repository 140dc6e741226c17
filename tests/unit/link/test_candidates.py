"""Candidates: pairs proposed to people, never joined."""

import csv
from datetime import date
from importlib import resources
from itertools import combinations, pairwise

import pytest

from lieber.base import (
    BadInput,
    DatePrecision,
    PlacePrecision,
    UncertainCount,
    UncertainDate,
    UncertainPlace,
    parse_day,
    precision_of,
)
from lieber.link import Described, Episode, propose_candidates

EXAMPLE = resources.files("lieber_mission").joinpath("example")


def thing(name, day=None, settlement="", killed=None, *, public=None, victims="A", blamed="B"):
    when = date.fromisoformat(day) if day else None
    return Described(
        name,
        Episode(
            victim_party=victims,
            perpetrator_party=blamed,
            date=UncertainDate(when, when) if when else None,
            place=UncertainPlace(settlement=settlement, precision=PlacePrecision.SETTLEMENT),
            killed=None if killed is None else UncertainCount(killed, killed, killed),
        ),
        public=date.fromisoformat(public) if public else None,
    )


def pairs(*things, **options):
    return [(found.left, found.right) for found in propose_candidates(things, **options)]


def test_what_agrees_in_all_is_proposed_with_full_strength_and_its_reasons():
    one, other = thing("B", "2024-10-02", "Vuhledar", 5), thing("A", "2024-10-02", "vuhledar", 5)
    (found,) = propose_candidates([one, other])
    assert (found.left, found.right, found.strength) == ("A", "B", 1.0)
    assert found.reasons == (
        "the day is the same",
        "the place is the same as far as it is known",
        "the number of persons killed is the same: 5",
    )


def test_another_party_is_never_proposed():
    first = thing("A", "2024-10-02", "Vuhledar", 5)
    assert pairs(first, thing("B", "2024-10-02", "Vuhledar", 5, victims="B"), at_least=0) == []
    assert pairs(first, thing("B", "2024-10-02", "Vuhledar", 5, blamed="C"), at_least=0) == []
    assert pairs(first, thing("B", "2024-10-02", "Vuhledar", 5, blamed=""), at_least=0) == [("A", "B")]


def test_far_days_are_not_looked_at_and_near_ones_are():
    first = thing("A", "2024-10-02", "Vuhledar", 5)
    assert pairs(first, thing("B", "2024-10-05", "Vuhledar", 5)) == [("A", "B")]
    assert pairs(first, thing("B", "2024-10-06", "Vuhledar", 5), at_least=0) == []


def test_what_has_no_date_is_near_to_what_happened_before_it_was_public():
    first = thing("A", "2024-10-02", "Vuhledar", 5)
    assert pairs(first, thing("B", None, "Vuhledar", 5, public="2024-11-22")) == [("A", "B")]
    assert pairs(first, thing("B", None, "Vuhledar", 5, public="2024-09-28"), at_least=0) == []
    assert pairs(first, thing("B", None, "Vuhledar", 5, public="2025-03-01"), at_least=0) == []
    assert pairs(first, thing("B", None, "Vuhledar", 5)) == [("A", "B")]


def test_a_stronger_demand_never_adds_a_pair():
    things = incidents()
    found = [set(pairs(*things, at_least=step / 10)) for step in range(11)]
    assert all(more <= fewer for fewer, more in pairwise(found))


def test_the_order_of_the_things_changes_nothing():
    things = incidents()
    assert propose_candidates(things) == propose_candidates(reversed(things))


def test_an_id_is_given_once():
    with pytest.raises(BadInput, match="an id twice"):
        propose_candidates([thing("A"), thing("A")])


# ---------------------------------------------------------------- the example


def incidents():
    rows = csv.DictReader(EXAMPLE.joinpath("incidents.csv").read_text("utf-8").splitlines())
    return [described(row) for row in rows]


def described(row):
    known = {
        "settlement": row["settlement"],
        "district": row["raion_or_district"],
        "region": row["oblast_or_region"],
    }
    precision = next((word for word, name in known.items() if name), "none")
    public = row["first_public_on"] or row["first_coded_report_on"]
    numbers = [int(row[name]) if row[name] else None for name in ("killed_min", "killed_best", "killed_max")]
    return Described(
        row["incident_key"],
        Episode(
            victim_party=row["victim_party"],
            perpetrator_party=row["alleged_perpetrator_party"],
            date=dated(row),
            place=UncertainPlace(**known, country=row["country"], precision=PlacePrecision(precision)),
            killed=UncertainCount(numbers[0], numbers[1], numbers[2]) if numbers[0] is not None else None,
        ),
        public=parse_day(public) if public else None,
    )


def dated(row):
    if not row["date_best_start"]:
        return None
    first, last = parse_day(row["date_best_start"]), parse_day(row["date_best_end"])
    return UncertainDate(first, last, precision_of(first, last, DatePrecision(row["date_precision"])))


def test_what_the_coder_notes_as_possibly_one_incident_is_proposed():
    """Of the five pairs noted, one lies within the example; the others name incidents that are not in it."""
    rows = list(csv.DictReader(EXAMPLE.joinpath("incidents.csv").read_text("utf-8").splitlines()))
    keys = {row["incident_key"] for row in rows}
    noted = {
        tuple(sorted((row["incident_key"], other)))
        for row in rows
        for other in row["possible_same_as"].split(";")
        if other in keys
    }
    assert noted == {("2024-11-kursk-20", "2024-11-kursk-two")}
    assert noted <= set(pairs(*incidents()))


def test_people_are_not_asked_about_most_pairs():
    things = incidents()
    assert len(propose_candidates(things)) < 0.05 * len(list(combinations(things, 2)))
