"""The sun and shadows, against others' values."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from lieber.base import BadInput
from lieber.examine.sun import Shadow, sun_at, through_the_day, times_of_shadow

KYIV = {"latitude": 50.45, "longitude": 30.52}


def test_nrels_own_example():
    """Reda and Andreas, NREL/TP-560-34302, table A5.1: e0 39.872046°, azimuth 194.340241°."""
    at = datetime(2003, 10, 17, 12, 30, 30, tzinfo=timezone(timedelta(hours=-7)))
    sun = sun_at(latitude=39.742476, longitude=-105.1786, at=at)
    assert sun.elevation == pytest.approx(39.872046, abs=0.02)
    assert sun.azimuth == pytest.approx(194.340241, abs=0.02)


@pytest.mark.parametrize(
    ("latitude", "day", "elevation"),
    # At noon of a solstice the sun stands at 90° − latitude ± 23.44°.
    [
        (50.45, date(2024, 6, 20), 62.99),
        (50.45, date(2024, 12, 21), 16.11),
        (-33.9, date(2024, 12, 21), 79.54),
    ],
)
def test_the_highest_sun_of_a_solstice(latitude, day, elevation):
    highest = max(sun.elevation for sun in through_the_day(latitude=latitude, longitude=30.52, day=day))
    assert highest == pytest.approx(elevation, abs=0.15)


def test_a_shadow_points_away_from_the_sun_and_is_as_long_as_the_sun_is_low():
    sun = sun_at(**KYIV, at=datetime(2024, 10, 2, 9, 45, tzinfo=UTC))
    assert sun.shadow == pytest.approx((sun.azimuth + 180) % 360)
    assert sun.length == pytest.approx(1.38, abs=0.05)
    night = sun_at(**KYIV, at=datetime(2024, 10, 2, 22, tzinfo=UTC))
    assert (night.shadow, night.length) == (None, None)


def test_what_was_read_off_a_picture_leads_back_to_its_minute():
    taken = datetime(2024, 10, 2, 7, 20, tzinfo=UTC)
    sun = sun_at(**KYIV, at=taken)
    assert sun.shadow is not None
    assert sun.length is not None
    for shadow in (
        Shadow(direction=sun.shadow),
        Shadow(length=sun.length),
        Shadow(direction=(sun.shadow + 4) % 360, length=sun.length * 1.1),
    ):
        spans = times_of_shadow(shadow, **KYIV, day=taken.date())
        assert any(first <= taken <= last for first, last in spans)
        assert all(last - first < timedelta(hours=3) for first, last in spans)
    # By its length alone a morning has its afternoon.
    assert len(times_of_shadow(Shadow(length=sun.length), **KYIV, day=taken.date())) == 2


def test_a_shadow_that_no_sun_of_that_day_casts():
    assert times_of_shadow(Shadow(direction=180), **KYIV, day=date(2024, 10, 2)) == ()


def test_direction_goes_round_by_north():
    assert Shadow(direction=359).fits(sun_at(**KYIV, at=datetime(2024, 10, 2, 9, 47, tzinfo=UTC)))
    assert Shadow(direction=1).fits(sun_at(**KYIV, at=datetime(2024, 10, 2, 9, 47, tzinfo=UTC)))


@pytest.mark.parametrize(
    "wrong", [{}, {"direction": 400}, {"length": 0}, {"length": 60}, {"length": float("nan")}]
)
def test_what_cannot_be_read_off_a_picture(wrong):
    with pytest.raises(BadInput):
        Shadow(**wrong)


def test_an_instant_needs_its_zone_and_a_place_is_on_earth():
    with pytest.raises(BadInput, match="time zone"):
        sun_at(**KYIV, at=datetime(2024, 10, 2, 9))  # noqa: DTZ001
    with pytest.raises(BadInput):
        sun_at(latitude=95, longitude=0, at=datetime(2024, 10, 2, 9, tzinfo=UTC))
