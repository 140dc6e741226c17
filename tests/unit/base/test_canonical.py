"""Canonical JSON: what it writes, and the sentence with which it refuses the rest."""

from __future__ import annotations

import json
from datetime import date
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

import pytest

from lieber.base import BadInput, canonical_json


class Word(StrEnum):
    """A text with a name."""

    SHOT = "shot"


class Number(IntEnum):
    """A number with a name."""

    FIVE = 5


class Pair(NamedTuple):
    """A tuple with names."""

    left: str
    right: int


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-17, "-17"),
        (2**53 - 1, "9007199254740991"),
        (1 - 2**53, "-9007199254740991"),
        (1.0, "1"),
        (-0.0, "0"),
        (-1.5, "-1.5"),
        (2.0**60, "1152921504606847000"),
        ("", '""'),
        ('a"b\\c/d', '"a\\"b\\\\c/d"'),
        ("\b\t\n\f\r\x00\x1f\x7f", '"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f"'),
        ("Черкаси 😀", '"Черкаси 😀"'),
        ("é e\u0301", '"é e\u0301"'),
        ([], "[]"),
        ({}, "{}"),
        ([1, [2, ()]], "[1,[2,[]]]"),
        ({"b": 1, "a": {"d": None, "c": True}}, '{"a":{"c":true,"d":null},"b":1}'),
        (Word.SHOT, '"shot"'),
        ({Word.SHOT: Number.FIVE}, '{"shot":5}'),
        (Pair("x", 1), '["x",1]'),
    ],
)
def test_a_value_has_one_form(value, written):
    assert canonical_json(value) == written.encode()
    # Another reader finds the value again; floats and whole numbers are one kind in JSON.
    assert json.loads(written, parse_int=float) == json.loads(json.dumps(value), parse_int=float)


def test_names_stand_in_the_order_of_utf_16():
    # 😀 is the pair D83D DE00, which comes before ﬀ (FB00), though its code point comes after.
    assert canonical_json({"\ufb00": 1, "😀": 2, "a": 3}) == '{"a":3,"😀":2,"\ufb00":1}'.encode()


ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    ("value", "place", "fault"),
    [
        (float("nan"), "the value", "NaN or infinity"),
        ({"rate": [1.0, float("-inf")]}, "the value['rate'][1]", "NaN or infinity"),
        ([2**53], "the value[0]", "a whole number beyond"),
        ([0, -(2**53)], "the value[1]", "a whole number beyond"),
        ({"n": 10**5000}, "the value['n']", "a whole number beyond"),
        ({"a": {1: 2}}, "the value['a']", "a name that is no text"),
        ({None: 2, "b": 1}, "the value", "a name that is no text"),
        (["\ud800"], "the value[0]", "half a surrogate pair"),
        ({"x": "\udfff"}, "the value['x']", "half a surrogate pair"),
        ({"\udfff": "x"}, "the value", "half a surrogate pair"),
        ({"day": date(2024, 10, 2)}, "the value['day']", "a value of type date"),
        (b"bytes", "the value", "a value of type bytes"),
        ({1, 2}, "the value", "a value of type set"),
        (ENDLESS, "the value", "lists in lists without end"),
    ],
)
def test_what_json_cannot_carry_is_refused_and_named(value, place, fault):
    with pytest.raises(BadInput) as refused:
        canonical_json(value)
    assert str(refused.value).startswith(
        f"Canonical JSON (RFC 8785) cannot hold what stands at {place}: {fault}"
    )


def test_the_refusal_does_not_repeat_what_may_be_confidential():
    with pytest.raises(BadInput) as refused:
        canonical_json({"account": ["a secret \ud800", 1]})
    assert "secret" not in str(refused.value)
