"""The incidents of a list as files: the same filter, order, columns and instant of knowledge.

Each file says what it holds: the filter, the instant, and how long the log was. In CSV a cell that a
spreadsheet program would take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lieber.collect import harmless

from ...queries.overview import IncidentLine

# Column of the list -> the columns of a file that it becomes, each a field of the line.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "tier": ("tier", "contested"),
    "day": ("earliest", "latest", "precision"),
    "place": ("place",),
    "region": ("region", "country"),
    "victims": ("victim_party",),
    "perpetrators": ("perpetrator_party",),
    "killed": ("killed_min", "killed_best", "killed_max"),
    "status": ("status",),
    "manner": ("manner",),
    "accounts": ("accounts",),
    "point": ("latitude", "longitude", "place_precision"),
    "changed": ("changed",),
}
_ALWAYS = ("thing", "title", "merged_into")
# What the columns are called in the overview, where that is another name.
_IN_OVERVIEW = {"thing": "incident"}


@dataclass(frozen=True, slots=True)
class About:
    """What a file holds."""

    mission: str
    filter: Mapping[str, str]
    as_of: str
    log_size: int
    sort: str
    caveat: str

    @property
    def line(self) -> str:
        """The same in one line."""
        asked = ", ".join(f"{name}={value}" for name, value in self.filter.items()) or "no filter"
        parts = (
            self.mission,
            f"filter: {asked}",
            f"known as of {self.as_of}",
            f"log of {self.log_size} entries",
        )
        return "; ".join((*parts, *([self.caveat] if self.caveat else [])))


def fields_shown(columns: Iterable[str], allowed: frozenset[str]) -> tuple[str, ...]:
    """The fields of a file for these columns of the list, as far as they are allowed to be shown."""
    named = [*_ALWAYS, *(field for column in columns for field in _FIELDS[column])]
    return tuple(name for name in named if _IN_OVERVIEW.get(name, name) in allowed)


def as_csv(lines: Iterable[IncidentLine], fields: tuple[str, ...], about: About) -> Iterator[str]:
    """CSV text, part by part: a line about the file, the names of the columns, a line for each incident."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield writer.writerow([f"# {about.line}"])
    yield writer.writerow(fields)
    for line in lines:
        yield writer.writerow([harmless(_text(value)) for value in _values(line, fields).values()])


def as_json(lines: Iterable[IncidentLine], fields: tuple[str, ...], about: About) -> Iterator[str]:
    """JSON text, part by part."""
    yield f'{{"about": {_json(_about(about))}, "incidents": ['
    yield from _joined(_json(_values(line, fields)) for line in lines)
    yield "\n]}\n"


def as_geojson(lines: Iterable[IncidentLine], fields: tuple[str, ...], about: About) -> Iterator[str]:
    """GeoJSON text (RFC 7946), part by part; an incident without a point is a feature without a geometry.

    Without the column of points, or where they are not to be shown, no feature has one.
    """
    with_points = {"latitude", "longitude"} <= set(fields)
    kept = tuple(name for name in fields if name not in {"latitude", "longitude"})
    yield f'{{"type": "FeatureCollection", "about": {_json(_about(about))}, "features": ['
    yield from _joined(_json(_feature(line, kept, with_points=with_points)) for line in lines)
    yield "\n]}\n"


FORMATS: Mapping[str, tuple[str, Callable[..., Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
    "geojson": ("application/geo+json", as_geojson),
}


def _feature(line: IncidentLine, fields: tuple[str, ...], *, with_points: bool) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [line.longitude, line.latitude]}
    return {
        "type": "Feature",
        "id": line.thing,
        "geometry": point if with_points and line.located else None,
        "properties": _values(line, fields),
    }


def _values(line: IncidentLine, fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(getattr(line, name)) for name in fields}


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, bool | int | float | str) and not hasattr(value, "word")):
        return value
    return value.word if hasattr(value, "word") else str(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _about(about: About) -> dict[str, Any]:
    return {
        "mission": about.mission,
        "filter": dict(about.filter),
        "sort": about.sort,
        "as_of": about.as_of,
        "log_size": about.log_size,
        "caveat": about.caveat,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _joined(parts: Iterable[str]) -> Iterator[str]:
    between = "\n"
    for part in parts:
        yield between + part
        between = ",\n"


class _Echo:
    """What the csv module writes is handed on."""

    def write(self, text: str) -> str:
        """The text itself."""
        return text
