"""What every chapter rests on: uncertain values, ids, the canonical form, errors.

In: plain Python values. Out: values that refuse to be wrong.

>>> from datetime import date
>>> UncertainDate(date(2024, 9, 1), date(2024, 11, 30), DatePrecision.SEASON).within(
...     Window(date(2024, 8, 31), date(2024, 10, 31)))
<Overlap.POSSIBLE: 'possible'>
"""

from .canonical import canonical_json
from .counts import VAGUE_NUMBERS, Quantifier, UncertainCount, count_of
from .dates import (
    DatePrecision,
    Overlap,
    UncertainDate,
    Window,
    overlap,
    parse_day,
    parse_partial,
    precision_of,
    undated,
)
from .errors import BadInput, LieberError
from .ids import RANDOM_BYTES, check_id, new_id
from .places import PlacePrecision, UncertainPlace, check_coordinates

__all__ = [
    "RANDOM_BYTES",
    "VAGUE_NUMBERS",
    "BadInput",
    "DatePrecision",
    "LieberError",
    "Overlap",
    "PlacePrecision",
    "Quantifier",
    "UncertainCount",
    "UncertainDate",
    "UncertainPlace",
    "Window",
    "canonical_json",
    "check_coordinates",
    "check_id",
    "count_of",
    "new_id",
    "overlap",
    "parse_day",
    "parse_partial",
    "precision_of",
    "undated",
]
