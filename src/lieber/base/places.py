"""Uncertain places: a precision in words, and the metres that the words stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .errors import BadInput


class PlacePrecision(StrEnum):
    """How exactly a place is known, from the spot to nothing at all."""

    EXACT = "exact"
    VICINITY = "vicinity"
    SETTLEMENT = "settlement"
    SECTOR = "sector"
    DISTRICT = "district"
    REGION = "region"
    COUNTRY = "country"
    NONE = "none"


# Metres around the point. Exact, vicinity and settlement as Atlos has them (10, 100, 1,000 m);
# sector as UCDP `where_prec` 2 (about 25 km). Wider words are areas and have no radius.
RADIUS_METRES: Mapping[PlacePrecision, int] = {
    PlacePrecision.EXACT: 10,
    PlacePrecision.VICINITY: 100,
    PlacePrecision.SETTLEMENT: 1_000,
    PlacePrecision.SECTOR: 25_000,
}


@dataclass(frozen=True, slots=True)
class UncertainPlace:
    """Where something happened, as far as it is known. Empty text means not known.

    `latitude` and `longitude` are degrees (WGS 84); `radius_metres` overrides the radius that the
    precision stands for. Raises BadInput for half a coordinate or one that is not on the globe.
    """

    name: str = ""
    settlement: str = ""
    district: str = ""
    region: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    precision: PlacePrecision = PlacePrecision.NONE
    radius_metres: int | None = None

    def __post_init__(self) -> None:
        if (self.latitude is None) != (self.longitude is None):
            raise BadInput(
                "A point needs latitude and longitude: found one of the two; give both or neither."
            )
        if self.latitude is not None and self.longitude is not None:
            check_coordinates(self.latitude, self.longitude)

    @property
    def radius(self) -> int | None:
        """Metres around the point within which the place lies; None where it is an area."""
        return self.radius_metres or RADIUS_METRES.get(self.precision)


def check_coordinates(latitude: float, longitude: float) -> None:
    """Raises BadInput where the point is not on the globe (WGS 84, degrees)."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise BadInput(
            "A point needs a latitude from -90 to 90 and a longitude from -180 to 180: found "
            f"{latitude}, {longitude}; exchange or correct them."
        )
