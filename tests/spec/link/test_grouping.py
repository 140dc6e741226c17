"""One incident or two (R-04): the same episode, in one place, by one party."""

from datetime import date

import pytest

from lieber.base import DatePrecision, PlacePrecision, UncertainCount, UncertainDate, UncertainPlace
from lieber.link import Episode, incidents_of, same_episode
from spec.tables import table

POINTS = {"Selydove": (48.147, 37.302), "Selidovo": (48.150, 37.300), "Vyshneve": (48.155, 37.235)}


def episode(days: str, place: str, killed: str = "-", *, victims: str = "A", blamed: str = "B") -> Episode:
    """A place is settlement@point, region:…, or -; days are first/last, a month, or -."""
    return Episode(
        victim_party=victims,
        perpetrator_party="" if blamed == "-" else blamed,
        date=dated(days),
        place=placed(place),
        killed=None if killed == "-" else UncertainCount(int(killed), int(killed), int(killed)),
    )


def dated(days: str) -> UncertainDate | None:
    if days == "-":
        return None
    first, _, last = days.partition("/")
    earliest, latest = date.fromisoformat(first), date.fromisoformat(last or first)
    precision = DatePrecision.DAY if (latest - earliest).days < 2 else DatePrecision.MONTH
    return UncertainDate(earliest, latest, precision)


def placed(place: str) -> UncertainPlace:
    if place.startswith("region:"):
        return UncertainPlace(region=place.removeprefix("region:"), precision=PlacePrecision.REGION)
    if place == "-":
        return UncertainPlace()
    name, _, point = place.partition("@")
    latitude, longitude = POINTS.get(point, (None, None))
    return UncertainPlace(
        settlement=name, latitude=latitude, longitude=longitude, precision=PlacePrecision.SETTLEMENT
    )


PAIRS = table("""
days                  | place             | killed | blamed | other days | other place       | other killed | other blamed | answer    | what
2024-10-02            | Vuhledar          | 1      | B      | 2024-10-02 | Vuhledar          | 4            | B            | same      | two acts of one episode
2024-10-23            | Selydove          | 3      | B      | 2024-11-01 | Vyshneve          | 3            | B            | different | two days and two places under one headline
2024-10-06/2024-10-07 | Selydove          | 4      | B      | 2024-10-07 | Selydove          | 4            | B            | same      | a night over midnight
2024-10-06            | Selydove          | 4      | B      | 2024-10-07 | Selydove          | 4            | B            | different | two days, both known exactly
2024-10-18            | Selydove          | 2      | B      | 2024-10-23 | Selydove          | 3            | B            | different | the same village on another day
2024-10-23            | Selydove          | 3      | B      | 2024-10-23 | Vyshneve          | 3            | B            | different | the same day in the neighbouring village
2024-10-23            | Selydove@Selydove | 3      | B      | 2024-10-23 | Vyshneve@Vyshneve | 3            | B            | different | the neighbouring village, with points
2024-10-23            | Selydove@Selydove | 3      | B      | 2024-10-23 | Selidovo@Selidovo | 3            | B            | open      | two names within reach: perhaps two spellings
2024-10-23            | Selydove@Selydove | 3      | B      | 2024-10-23 | Selydove@Vyshneve | 3            | B            | same      | one village of which coders took two middles
2024-10-23            | Selydove          | 3      | B      | 2024-10-23 | Selydove          | 9            | B            | same      | conflicting numbers decide nothing
2024-10-23            | Selydove          | 3      | B      | 2024-10-23 | Selydove          | 3            | A            | different | another party is blamed
2024-10-23            | Selydove          | 3      | B      | 2024-10-23 | Selydove          | 3            | -            | open      | nobody is blamed
2024-10-01/2024-10-31 | Selydove          | 3      | B      | 2024-10-23 | Selydove          | 3            | B            | open      | a month is not a day
-                     | Selydove          | 3      | B      | 2024-10-23 | Selydove          | 3            | B            | open      | no date
2024-10-23            | region:Donetsk    | 3      | B      | 2024-10-23 | Selydove          | 3            | B            | open      | a region is not a place
2024-10-23            | region:Donetsk    | 3      | B      | 2024-10-23 | region:Kursk      | 3            | B            | different | two regions
2024-10-23            | -                 | 3      | B      | 2024-10-23 | Selydove          | 3            | B            | open      | no place
2024-10-23            | Selydove          | -      | B      | 2024-10-23 | Selydove          | 3            | B            | same      | no number
""")


@pytest.mark.parametrize("row", PAIRS, ids=lambda row: row["what"])
def test_two_tellings(row):
    one = episode(row["days"], row["place"], row["killed"], blamed=row["blamed"])
    other = episode(row["other days"], row["other place"], row["other killed"], blamed=row["other blamed"])
    assert same_episode(one, other).answer == row["answer"]
    assert same_episode(other, one) == same_episode(one, other)
    assert all(same_episode(one, other).reasons)


# Acts of one page, and the incidents they are of. Who was present and of unknown fate is not counted as
# killed.
PAGES = table("""
page     | act               | days                  | place    | killed | incident
Vuhledar | tree line         | 2024-10-02            | Vuhledar | 1      | 1
Vuhledar | road              | 2024-10-02            | Vuhledar | 4      | 1
headline | first of the page | 2024-10-23            | Selydove | 3      | 1
headline | second            | 2024-11-01            | Vyshneve | 3      | 2
night    | before midnight   | 2024-10-06/2024-10-07 | Selydove | 2      | 1
night    | after midnight    | 2024-10-06/2024-10-07 | Selydove | 2      | 1
""")
PUBLISHED = table("""
page     | incidents | acts | victims
Vuhledar | 1         | 2    | 5
headline | 2         | 2    | 6
night    | 1         | 2    | 4
""")


def killed_at_least(act):
    assert act.killed is not None
    return int(act.killed.min)


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["page"])
def test_incidents_acts_and_victims_of_a_page(row):
    told = [each for each in PAGES if each["page"] == row["page"]]
    acts = {each["act"]: episode(each["days"], each["place"], each["killed"]) for each in told}
    incidents = incidents_of(acts)
    victims = sum(killed_at_least(act) for act in acts.values())
    assert (len(incidents), len(acts), victims) == tuple(
        int(row[name]) for name in ("incidents", "acts", "victims")
    )
    expected: dict[str, set[str]] = {}
    for each in told:
        expected.setdefault(each["incident"], set()).add(each["act"])
    assert {frozenset(members) for members in incidents} == set(map(frozenset, expected.values()))


def test_a_headline_of_six_is_three_and_three():
    acts = {
        each["act"]: episode(each["days"], each["place"], each["killed"])
        for each in PAGES
        if each["page"] == "headline"
    }
    assert [sum(killed_at_least(acts[act]) for act in members) for members in incidents_of(acts)] == [3, 3]


def test_swapping_the_parties_changes_no_answer():
    swapped = {"A": "B", "B": "A", "-": "-"}
    for row in PAIRS:
        one = episode(row["days"], row["place"], row["killed"], victims="A", blamed=row["blamed"])
        other = episode(
            row["other days"],
            row["other place"],
            row["other killed"],
            victims="A",
            blamed=row["other blamed"],
        )
        mirror = episode(row["days"], row["place"], row["killed"], victims="B", blamed=swapped[row["blamed"]])
        mirrored = episode(
            row["other days"],
            row["other place"],
            row["other killed"],
            victims="B",
            blamed=swapped[row["other blamed"]],
        )
        assert same_episode(mirror, mirrored).answer == same_episode(one, other).answer
