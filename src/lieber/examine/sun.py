"""Where the sun stood, and when it stood so that a shadow fell as a picture shows it.

Chronolocation by shadow: at a known place the direction and the length of a shadow, beside the height of what
casts it, leave few instants of a day. A direction alone leaves one or two, a length alone two; both together
are a check of each other. What comes out is a span, for neither can be measured to the degree on a picture.

Positions are those of the package astral, without refraction, on level ground: golden values of the NREL's
solar position algorithm (Reda and Andreas, NREL/TP-560-34302, table A5.1) are met within 0.02 degrees.

In: degrees, instants with a time zone. Out: degrees, clockwise from true north, and spans of instants.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ..base import BadInput, check_coordinates

# Below this height the sun's disk and the haze make shadows that cannot be measured.
LEAST_ELEVATION = 3.0
# How far a direction and a length that were read off a picture may be off.
DIRECTION_TOLERANCE, LENGTH_TOLERANCE = 6.0, 0.15
_STEP = timedelta(minutes=1)
_HALF_TURN, _WHOLE_TURN = 180.0, 360.0


@dataclass(frozen=True, slots=True)
class Sun:
    """The sun at an instant: its direction and height in degrees.

    `shadow` is the direction in which shadows fall, `length` theirs in heights of what casts them; both are
    None while the sun stands too low.
    """

    at: datetime
    azimuth: float
    elevation: float

    @property
    def shadow(self) -> float | None:
        """Where shadows point, in degrees clockwise from true north."""
        return (self.azimuth + _HALF_TURN) % _WHOLE_TURN if self.elevation >= LEAST_ELEVATION else None

    @property
    def length(self) -> float | None:
        """How long shadows are, in heights."""
        return 1 / math.tan(math.radians(self.elevation)) if self.elevation >= LEAST_ELEVATION else None


@dataclass(frozen=True, slots=True)
class Shadow:
    """What was read off a picture: the direction of a shadow, its length in heights, or both.

    Raises BadInput where neither is given or one cannot be.
    """

    direction: float | None = None
    length: float | None = None
    direction_tolerance: float = DIRECTION_TOLERANCE
    length_tolerance: float = LENGTH_TOLERANCE

    def __post_init__(self) -> None:
        if self.direction is None and self.length is None:
            raise BadInput("A shadow is told by its direction or its length: give one of the two.")
        if self.direction is not None and not 0 <= self.direction <= _WHOLE_TURN:
            raise BadInput(f"A direction is 0 to 360 degrees from north: found {self.direction:g}.")
        if self.length is not None and not 0 < self.length <= 1 / math.tan(math.radians(LEAST_ELEVATION)):
            raise BadInput(
                f"A shadow is more than 0 and up to 19 times as long as what casts it: found {self.length:g}."
            )

    def fits(self, sun: Sun) -> bool:
        """Whether a shadow may have fallen so at that instant."""
        if sun.shadow is None or sun.length is None:
            return False
        if self.direction is not None:
            apart = abs((sun.shadow - self.direction + _HALF_TURN) % _WHOLE_TURN - _HALF_TURN)
            if apart > self.direction_tolerance:
                return False
        return self.length is None or abs(sun.length / self.length - 1) <= self.length_tolerance


def sun_at(*, latitude: float, longitude: float, at: datetime) -> Sun:
    """The sun as it stood at a place. Raises BadInput without a time zone or for no place on earth."""
    from astral import Observer  # noqa: PLC0415  # loads where it is asked
    from astral.sun import azimuth, elevation  # noqa: PLC0415

    check_coordinates(latitude, longitude)
    if at.tzinfo is None:
        raise BadInput(f"The instant needs a time zone: found {at}; add it.")
    observer = Observer(latitude, longitude)
    instant = at.astimezone(UTC)
    return Sun(at, azimuth(observer, instant), elevation(observer, instant, with_refraction=False))


def through_the_day(
    *, latitude: float, longitude: float, day: date, step: timedelta = timedelta(minutes=30)
) -> Iterator[Sun]:
    """The sun of a day, which begins at midnight UTC, one instant each `step`."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for number in range(math.ceil(timedelta(days=1) / step)):
        yield sun_at(latitude=latitude, longitude=longitude, at=at + number * step)


def times_of_shadow(
    shadow: Shadow, *, latitude: float, longitude: float, day: date
) -> tuple[tuple[datetime, datetime], ...]:
    """The spans of a day, of midnight UTC to midnight, in which a shadow may have fallen as it was read off;
    to the minute, the first and the last instant that fit."""
    spans: list[tuple[datetime, datetime]] = []
    for sun in through_the_day(latitude=latitude, longitude=longitude, day=day, step=_STEP):
        if not shadow.fits(sun):
            continue
        if spans and sun.at - spans[-1][1] == _STEP:
            spans[-1] = (spans[-1][0], sun.at)
        else:
            spans.append((sun.at, sun.at))
    return tuple(spans)
