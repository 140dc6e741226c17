"""An account as an officer codes it beside the item: the same cells, and the same checks, as a table's row.

What was typed is put into the columns of the form “reports” and read by its rules; what comes out is made
into claims, whose own rules hold too. So nothing can be coded by hand that a table could not bring, and the
other way round. The number of persons killed alone is typed closer: with the words it was put in (R-12).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ..base import (
    BadInput,
    DatePrecision,
    PlacePrecision,
    Quantifier,
    UncertainDate,
    UncertainPlace,
    count_of,
)
from ..collect import Problem, read_row, shipped_form
from .accounts import Account, Claim, Locator
from .passages import read_place, write_place
from .vocabularies import vocabulary

# Field of an account -> column of the form. The first words of each group are what locators are typed for.
COLUMNS: Mapping[str, str] = {
    "occurred_earliest": "incident_date_start",
    "occurred_latest": "incident_date_end",
    "occurred_precision": "date_precision",
    "place_name": "place_name",
    "settlement": "settlement",
    "district": "raion_or_district",
    "region": "oblast_or_region",
    "country": "country",
    "place_precision": "place_precision",
    "latitude": "lat",
    "longitude": "lon",
    "coordinates_from": "coord_source",
    "killed_n": "victims_killed_min",
    "killed_m": "victims_killed_max",
    "persons_present": "victims_captured_or_present",
    "victim_party": "victim_party",
    "victim_statuses": "victim_status",
    "perpetrator_party": "alleged_perpetrator_party",
    "perpetrator_unit": "alleged_unit_as_stated",
    "manners": "manner",
    "evidence_types": "evidence_types",
    "evidence_published_by": "evidence_published_by_side",
    "announced_by": "announcing_authority",
    "syndicated_from": "syndicated_from",
    "follow_up": "follow_up",
    "summary": "summary",
}
FIELDS = ("killed_quantifier", *COLUMNS)
# What has a place of its own in the item, and the fields that share it.
PLACED: Mapping[str, tuple[str, ...]] = {
    "occurred": ("occurred_earliest", "occurred_latest", "occurred_precision"),
    "place": (
        "place_name",
        "settlement",
        "district",
        "region",
        "country",
        "place_precision",
        "latitude",
        "longitude",
        "coordinates_from",
    ),
    "killed": ("killed_quantifier", "killed_n", "killed_m"),
    **{
        name: (name,)
        for name in (
            "persons_present",
            "victim_party",
            "victim_statuses",
            "perpetrator_party",
            "perpetrator_unit",
            "manners",
            "evidence_types",
            "evidence_published_by",
            "announced_by",
            "syndicated_from",
            "follow_up",
        )
    },
}
# Where a field's terms have their labels.
VOCABULARIES: Mapping[str, str] = {
    "occurred_precision": "date_precision",
    "place_precision": "place_precision",
    "killed_quantifier": "quantifier",
    "victim_statuses": "told_status",
    "manners": "told_manner",
    "evidence_types": "evidence_type",
}
SEVERAL = frozenset({"victim_statuses", "manners", "evidence_types", "announced_by"})
_TEXTS = frozenset({"id", "text", "code", "choice"})
_FIELD_OF = {column: name for name, column in COLUMNS.items()}
# Words that need a second number, one number, or none.
_NUMBERS = {Quantifier.BETWEEN: 2} | dict.fromkeys(
    (Quantifier.EXACT, Quantifier.AT_LEAST, Quantifier.UP_TO, Quantifier.ABOUT), 1
)


@dataclass(slots=True)
class CodedByHand:
    """What was typed, as the register keeps it; or what is wrong with it, by field.

    `problems` of a locator stand under `where_` and the name in `PLACED`, those of the whole under "".
    """

    values: dict[str, object] = field(default_factory=dict)
    locators: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def choices_of(name: str) -> tuple[str, ...]:
    """The terms that may be chosen for a field; none where it is typed."""
    if name == "killed_quantifier":
        return vocabulary("quantifier").words
    return shipped_form("reports").columns[COLUMNS[name]].of


def read_by_hand(
    typed: Mapping[str, str | Sequence[str]], *, item: str, published: date | None = None
) -> CodedByHand:
    """Read what an officer typed: fields by the names of `FIELDS`, locators as `where_…` of `PLACED`.

    `published` is the last possible day of publication of the item, None where it is not known. Never
    raises for what was typed: what is wrong stands in `problems`, all of it at once.
    """
    coded = CodedByHand()
    _read_cells(typed, published, coded)
    _read_number(typed, coded)
    _read_places(typed, item, coded)
    if not coded.problems:
        _check_claims(item, coded)
    if not coded.problems and not any(_said(coded.values)):
        coded.problems[""] = "An account says something: found no field that is filled; fill one."
    return coded


def _said(values: Mapping[str, object]) -> Iterable[object]:
    """The fields that say something: that a number is not given is nothing."""
    empty = {"killed_quantifier": Quantifier.UNKNOWN.value}
    return (value for name, value in values.items() if value and value != empty.get(name))


def _read_cells(typed: Mapping[str, str | Sequence[str]], published: date | None, coded: CodedByHand) -> None:
    form = shipped_form("reports")
    cells = {column: _cell(typed.get(name, "")) for name, column in COLUMNS.items()}
    # A day that is not said to end otherwise is that day.
    cells["incident_date_end"] = cells["incident_date_end"] or cells["incident_date_start"]
    if published is not None:
        cells["published_on"] = published.isoformat()
    read = read_row(form, cells)
    if isinstance(read, list):
        coded.problems.update((_field_of(problem), _sentence(problem)) for problem in reversed(read))
        if not _cell(typed.get("occurred_latest", "")):  # what was copied is said once
            coded.problems.pop("occurred_latest", None)
        return
    for name, column in COLUMNS.items():
        value = read.values[column]
        if name == "announced_by":
            parts = (str(value) if value else "").split(";")
            coded.values[name] = [part.strip() for part in parts if part.strip()]
        elif name in SEVERAL:
            coded.values[name] = list(value) if isinstance(value, tuple) else []
        else:
            empty = "" if form.columns[column].kind in _TEXTS else None
            coded.values[name] = empty if value is None else value


def _cell(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else ";".join(value)


def _field_of(problem: Problem) -> str:
    return _FIELD_OF.get(problem.column, "")


def _sentence(problem: Problem) -> str:
    return f"Expected {problem.expected}; found {problem.value or 'nothing'}."


def _read_number(typed: Mapping[str, str | Sequence[str]], coded: CodedByHand) -> None:
    """The words a number was put in, with as many numbers as they need."""
    word = str(typed.get("killed_quantifier") or Quantifier.UNKNOWN.value)
    if word not in vocabulary("quantifier").words:
        coded.problems["killed_quantifier"] = (
            f"Expected one of {', '.join(vocabulary('quantifier').words)}; found {word[:40]}."
        )
        return
    quantifier = Quantifier(word)
    coded.values["killed_quantifier"] = word
    if coded.problems.keys() & {"killed_n", "killed_m"}:
        return
    filled = [bool(_cell(typed.get(name, "")).strip()) for name in ("killed_n", "killed_m")]
    needed = _NUMBERS.get(quantifier, 0)
    if filled != [needed > 0, needed > 1]:
        words = ("no number", "one number, in the first field", "two numbers")[needed]
        coded.problems["killed_n"] = f"The words “{word}” go with {words}; correct the words or the numbers."


def _read_places(typed: Mapping[str, str | Sequence[str]], item: str, coded: CodedByHand) -> None:
    for name, fields in PLACED.items():
        text = _cell(typed.get(f"where_{name}", "")).strip()
        if not text:
            continue
        try:
            place = write_place(read_place(text, item=item))
        except BadInput as error:
            coded.problems[f"where_{name}"] = str(error)
            continue
        coded.locators.update(dict.fromkeys(fields, place))


def _check_claims(item: str, coded: CodedByHand) -> None:
    try:
        account_of(coded.values, coded.locators, item=item)
    except BadInput as error:
        coded.problems[""] = str(error)


def account_of(
    values: Mapping[str, object], locators: Mapping[str, str], *, item: str, thing: str = ""
) -> Account:
    """The account that these values are, claim by claim. Raises BadInput where there can be no such claim."""
    claims: list[Claim] = []

    def where(name: str) -> Locator | None:
        return read_place(locators[name], item=item) if name in locators else None

    earliest, latest = values["occurred_earliest"], values["occurred_latest"]
    if isinstance(earliest, date) and isinstance(latest, date):
        precision = DatePrecision(str(values["occurred_precision"] or DatePrecision.UNKNOWN.value))
        claims.append(
            Claim("date", UncertainDate(earliest, latest, precision), locator=where("occurred_earliest"))
        )
    if any(values[name] for name in ("place_name", "settlement", "district", "region", "country")):
        claims.append(Claim("place", _place(values), locator=where("place_name")))
    quantifier = Quantifier(str(values["killed_quantifier"]))
    if quantifier is not Quantifier.UNKNOWN:
        n, m = (
            value if isinstance(value, int) else None for value in (values["killed_n"], values["killed_m"])
        )
        count_of(quantifier, n, m)
        low, high = (None, n) if quantifier is Quantifier.UP_TO else (n, m)
        claims.append(
            Claim("killed_count", min=low, max=high, quantifier=quantifier, locator=where("killed_n"))
        )
    claims += [
        Claim(predicate, str(values[name]), locator=where(name))
        for predicate, name in (
            ("perpetrator_party", "perpetrator_party"),
            ("perpetrator_unit", "perpetrator_unit"),
        )
        if values[name]
    ]
    return Account(thing, item, tuple(claims))


def _place(values: Mapping[str, object]) -> UncertainPlace:
    latitude, longitude = (
        float(value) if isinstance(value, int | float) else None
        for value in (values["latitude"], values["longitude"])
    )
    return UncertainPlace(
        name=str(values["place_name"]),
        settlement=str(values["settlement"]),
        district=str(values["district"]),
        region=str(values["region"]),
        country=str(values["country"]),
        latitude=latitude,
        longitude=longitude,
        precision=PlacePrecision(str(values["place_precision"] or PlacePrecision.NONE.value)),
    )
