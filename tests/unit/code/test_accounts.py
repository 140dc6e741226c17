"""Claims and accounts: what an item says, conflicts included."""

from datetime import date

import pytest

from lieber.base import (
    BadInput,
    DatePrecision,
    PlacePrecision,
    Quantifier,
    UncertainCount,
    UncertainDate,
    UncertainPlace,
)
from lieber.code import Account, Claim, Locator

ITEM = "ITM-A"


def killed(quantifier, low=None, high=None, polarity="asserts"):
    return Claim("killed_count", quantifier=Quantifier(quantifier), min=low, max=high, polarity=polarity)


def dated(first, last=None, precision=DatePrecision.DAY):
    first, last = date.fromisoformat(first), date.fromisoformat(last or first)
    return Claim("date", UncertainDate(first, last, precision))


def account(*claims):
    return Account("ACC-A", ITEM, claims)


@pytest.mark.parametrize(
    ("claims", "number"),
    [
        ([], None),
        ([killed("exact", 5)], (5, 5, 5)),
        ([killed("at_least", 7)], (7, 7, None)),
        ([killed("up_to", high=25)], (0, None, 25)),
        ([killed("between", 4, 9)], (4, None, 9)),
        ([killed("several")], (3, None, None)),
        ([killed("exact", 5), killed("exact", 5)], (5, 5, 5)),
        ([killed("exact", 5), killed("exact", 6)], (5, None, 6)),
        ([killed("at_least", 7), killed("exact", 7)], (7, 7, 7)),
        ([killed("at_least", 9), killed("exact", 7)], (7, None, 9)),
        ([killed("tens"), killed("up_to", high=5)], (0, None, 10)),
        ([killed("exact", 9), killed("exact", 7, polarity="corrects")], (7, 7, 7)),
        ([killed("exact", 9), killed("unknown", polarity="retracts")], None),
        ([killed("exact", 9, polarity="denies")], None),
    ],
)
def test_killed(claims, number):
    assert account(*claims).killed() == (None if number is None else UncertainCount(*number))


def test_conflicts_are_kept_and_named():
    told = account(killed("exact", 5), killed("exact", 6), dated("2024-11-24"), dated("2024-11-24"))
    assert told.conflicts() == ("killed_count",)
    assert len(told.claims) == 4


def test_several_manners_are_no_conflict():
    assert account(Claim("manner", "shooting"), Claim("manner", "burning")).conflicts() == ()


@pytest.mark.parametrize(
    ("claims", "span"),
    [
        ([], None),
        ([dated("2024-11-24")], ("2024-11-24", "2024-11-24", "day")),
        ([dated("2024-11-24"), dated("2024-11-25")], ("2024-11-24", "2024-11-25", "day")),
        ([dated("2024-11-24"), dated("2024-11-28")], ("2024-11-24", "2024-11-28", "month")),
        (
            [dated("2024-11-24"), dated("2024-11-01", "2024-11-30", DatePrecision.MONTH)],
            ("2024-11-01", "2024-11-30", "month"),
        ),
        ([dated("2022-11-24"), dated("2024-11-24")], ("2022-11-24", "2024-11-24", "unknown")),
    ],
)
def test_date_holds_every_day_that_is_claimed(claims, span):
    when = account(*claims).date()
    assert (when and (str(when.earliest), str(when.latest), when.precision.value)) == span


def placed(settlement, region="Donetsk", latitude=None):
    longitude = None if latitude is None else 37.0
    return Claim(
        "place",
        UncertainPlace(
            name=settlement,
            settlement=settlement,
            region=region,
            country="UA",
            latitude=latitude,
            longitude=longitude,
            precision=PlacePrecision.SETTLEMENT,
        ),
    )


def test_place_is_what_the_claims_agree_on():
    assert account().place() is None
    assert account(placed("Selydove", latitude=48.1)).place().latitude == 48.1
    two = account(placed("Selydove", latitude=48.1), placed("Vyshneve")).place()
    assert (two.name, two.settlement, two.region, two.country) == ("Selydove / Vyshneve", "", "Donetsk", "UA")
    assert two.precision is PlacePrecision.REGION
    assert two.latitude is None
    far = account(placed("Selydove"), placed("Sudzha", region="Kursk")).place()
    assert (far.region, far.precision) == ("", PlacePrecision.COUNTRY)


def test_an_item_of_two_incidents_holds_two_accounts():
    one = Account("ACC-A", ITEM, (killed("exact", 3), dated("2024-10-23")))
    other = Account("ACC-B", ITEM, (killed("exact", 3), dated("2024-11-01")))
    assert one.item == other.item
    assert one.date() != other.date()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"predicate": "kill_count"}, "near it are killed_count"),
        ({"predicate": "killed_count", "quantifier": Quantifier.EXACT}, "needs a number"),
        ({"predicate": "killed_count", "min": 3}, "needs the words it was put in"),
        ({"predicate": "killed_count", "value": "three", "min": 3}, "needs the words"),
        ({"predicate": "manner", "value": "shooting", "min": 3}, "Only a count has numbers"),
        ({"predicate": "date", "value": "yesterday"}, "of the kind UncertainDate"),
        ({"predicate": "place", "value": "Selydove"}, "of the kind UncertainPlace"),
        ({"predicate": "manner", "polarity": "says"}, "claim_polarity"),
        ({"predicate": "manner", "basis": "rumour"}, "claim_basis"),
        ({"predicate": "manner", "credibility": 0}, "information_credibility"),
        ({"predicate": "manner", "credibility": 7}, "information_credibility"),
    ],
)
def test_bad_claims_are_refused(fields, said):
    with pytest.raises(BadInput, match=said):
        Claim(**fields)


def test_only_a_count_counts():
    with pytest.raises(BadInput, match="counts nobody"):
        Claim("manner", "shooting").count()


def test_a_retraction_need_not_repeat_what_it_is_about():
    assert account(dated("2024-11-24"), Claim("date", polarity="retracts")).date() is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"end_seconds": 4.0}, "0 ≤ start ≤ end"),
        ({"start_seconds": 5.0, "end_seconds": 4.0}, "0 ≤ start ≤ end"),
        ({"start_seconds": -1.0, "end_seconds": 4.0}, "0 ≤ start ≤ end"),
        ({"region": (0.5, 0.5, 0.6, 0.1)}, "lies in the picture"),
        ({"region": (-0.1, 0.0, 0.1, 0.1)}, "lies in the picture"),
    ],
)
def test_places_that_an_item_cannot_have_are_refused(fields, said):
    with pytest.raises(BadInput, match=said):
        Locator(ITEM, **fields)


def test_a_claim_stands_in_the_item_of_its_account():
    elsewhere = Claim("manner", "shooting", locator=Locator("ITM-B", page=1, paragraph=2))
    with pytest.raises(BadInput, match="another account"):
        account(elsewhere)
