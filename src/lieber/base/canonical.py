"""The canonical form: one value, one sequence of bytes (RFC 8785, JCS).

What is hashed or signed is written in this form first, so that a program in another language finds
the same bytes. Text is not normalised (RFC 8785 §3.1): two spellings are two values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from json.encoder import encode_basestring as _quoted
from math import isfinite
from types import NoneType
from typing import Any

from .errors import BadInput

LARGEST_INTEGER = 2**53 - 1


def canonical_json(value: object) -> bytes:
    """The canonical JSON of `value` in UTF-8.

    `value` is None, bool, int, float, str, or a list, tuple or dict of these; a tuple is written as
    an array, an enum member of a text or number type as its value.
    Raises BadInput for what JSON cannot carry unchanged: NaN and infinity, whole numbers beyond
    ±(2**53 - 1), halves of a surrogate pair, names that are no text, other types, endless nesting.
    """
    try:
        return _text(value).encode()
    except (_Refused, UnicodeEncodeError):
        place, reason = _fault(value, "the value")
    except RecursionError:
        place, reason = "the value", "lists in lists without end; flatten it"
    raise BadInput(f"Canonical JSON (RFC 8785) cannot hold what stands at {place}: {reason}.")


class _Refused(Exception):
    """Why a value has no canonical form, and what to do."""


def _text(value: object) -> str:
    return _WRITERS.get(type(value), _other)(value)


def _other(value: object) -> str:
    """A value of no basic type: an enum member, a named tuple and their like are written as theirs."""
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    raise _Refused(f"a value of type {type(value).__name__}; write it as text, number, list or dict")


def _null(_value: None) -> str:
    return "null"


def _truth(value: bool) -> str:  # noqa: FBT001 - it is the value to write
    return "true" if value else "false"


def _array(value: Iterable[object]) -> str:
    # No call of _text for each element: this runs for every field of every row of the register.
    return f"[{','.join([_WRITERS.get(type(element), _other)(element) for element in value])}]"


def _object(value: dict[str, object]) -> str:
    members = [(_quoted(name), value[name]) for name in _in_order(value)]
    written = [f"{name}:{_WRITERS.get(type(member), _other)(member)}" for name, member in members]
    return f"{{{','.join(written)}}}"


def _whole_number(value: int) -> str:
    # RFC 8785 §3.1 follows I-JSON (RFC 7493 §2.2): a reader in double precision must not lose digits.
    if -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return int.__repr__(value)
    raise _Refused("a whole number beyond ±(2**53 - 1); write it as text")


def _number(value: float) -> str:
    """RFC 8785 §3.2.2.3: as ECMAScript writes numbers (ECMA-262, Number::toString, radix 10).

    Python's repr finds the same shortest digits; only their arrangement differs.
    """
    if not isfinite(value):
        raise _Refused("NaN or infinity; leave the number out or write None")
    mantissa, _, exponent = float.__repr__(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # The value is 0.DIGITS times ten to the power of `point`.
    point = int(exponent or 0) + (len(whole) if whole != "0" else len(digits) - len(fraction))
    digits = digits.rstrip("0")
    if not digits:
        return "0"  # minus nought too
    return ("-" if value < 0 else "") + _arranged(digits, point)


def _arranged(digits: str, point: int) -> str:
    """ECMA-262, Number::toString, steps 6 to 10; `point` is its n and `len(digits)` its k."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"


def _in_order(members: dict[str, object]) -> list[str]:
    """RFC 8785 §3.2.3: names in the order of their UTF-16 code units."""
    try:
        if all(map(str.isascii, members)):
            return sorted(members)
        # Code points and code units disagree where a name leaves the Basic Multilingual Plane.
        return sorted(members, key=lambda name: str.encode(name, "utf-16-be"))
    except TypeError:
        raise _Refused("a name that is no text; write every name as text") from None


# RFC 8785 §3.2.2. Texts are written by the json module, which is equal to §3.2.2.2: it escapes only
# ", \\ and the controls below U+0020, and these in the same way.
_WRITERS: dict[type, Callable[[Any], str]] = {
    str: _quoted,
    NoneType: _null,
    bool: _truth,
    int: _whole_number,
    float: _number,
    list: _array,
    tuple: _array,
    dict: _object,
}


def _fault(value: object, place: str) -> tuple[str, str]:
    """Where in a value that has no canonical form the first fault stands, and what it is.

    The values themselves are not repeated: they may be confidential.
    """
    for name, member in _members(value):
        try:
            _text(member).encode()
        except (_Refused, UnicodeEncodeError):
            return _fault(member, f"{place}[{name!r}]")
    try:
        _text(value).encode()
    except _Refused as refused:
        return place, str(refused)
    except UnicodeEncodeError:
        pass
    return place, "half a surrogate pair (U+D800 to U+DFFF) in a text; repair the text"


def _members(value: object) -> Iterable[tuple[object, object]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, (list, tuple)) else ()
