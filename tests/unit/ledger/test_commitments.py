"""Leaves and their openings: what they hold, what they hide, what is refused."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from lieber.base import BadInput
from lieber.ledger import (
    OpenedField,
    Opening,
    OpeningError,
    commit,
    field_digest,
    field_salt,
    leaf_of_opening,
    open_fields,
    open_with_salts,
    read_opening,
)

SECRET = bytes(range(32))
ROW: dict[str, Any] = {"killed_min": 2, "place": "Черкаси", "closed_on": None, "origins": ["ORG-1", "ORG-2"]}
HEAD: dict[str, Any] = {
    "type": "finding",
    "thing": "INC-7K3M9Q2XW4TB-5",
    "version": 3,
    "recorded_at": "2024-10-14T09:30:00.000000Z",
}
LEAF = commit(**HEAD, fields=ROW, secret=SECRET)


def changed(**members: Any) -> bytes:
    """The leaf with members replaced; those set to ... are left out."""
    leaf = json.loads(LEAF) | members
    kept = {name: value for name, value in leaf.items() if value is not ...}
    return json.dumps(kept, separators=(",", ":"), sort_keys=True).encode()


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def test_a_leaf_is_made_as_the_documentation_says():
    digests = {}
    for name, value in ROW.items():
        salt = hmac.new(SECRET, name.encode(), hashlib.sha256).digest()[:16]
        disclosure = json.dumps([base64url(salt), name, value], ensure_ascii=False, separators=(",", ":"))
        digests[name] = base64url(hashlib.sha256(disclosure.encode()).digest())
    assert json.loads(LEAF) == HEAD | {"fields": digests}
    assert json.dumps(json.loads(LEAF), separators=(",", ":"), sort_keys=True).encode() == LEAF


def test_salts_and_digests_one_by_one_are_those_of_the_leaf():
    for name, value in ROW.items():
        digest = field_digest(field_salt(SECRET, name), name, value)
        assert json.loads(LEAF)["fields"][name] == base64url(digest)


def test_a_replayed_row_says_so_and_another_says_nothing():
    assert json.loads(commit(**HEAD, fields={}, secret=SECRET, replayed=True))["replayed"] is True
    assert "replayed" not in json.loads(commit(**HEAD, fields={}, secret=SECRET, replayed=False))


def test_equal_values_of_two_rows_and_of_two_fields_do_not_look_equal():
    row = {"killed_min": 2, "killed_max": 2}
    one = json.loads(commit(**HEAD, fields=row, secret=SECRET))["fields"]
    other = json.loads(commit(**HEAD, fields=row, secret=bytes(32)))["fields"]
    assert len({*one.values(), *other.values()}) == 4


def test_an_opening_shows_what_is_opened_and_only_that():
    opening = open_fields(LEAF, fields={"killed_min": 2}, secret=SECRET)
    assert opening.opened == {"killed_min": OpenedField(field_salt(SECRET, "killed_min"), 2)}
    assert set(opening.closed) == {"place", "closed_on", "origins"}
    assert leaf_of_opening(opening) == LEAF


def test_an_opening_goes_through_json():
    for replayed in (False, True):
        leaf = commit(**HEAD, fields=ROW, secret=SECRET, replayed=replayed)
        opening = open_fields(leaf, fields={"origins": ROW["origins"]}, secret=SECRET)
        read = read_opening(json.loads(json.dumps(opening.as_json())))
        assert read == opening
        assert leaf_of_opening(read) == leaf


def test_with_the_secret_erased_the_leaf_still_opens_to_nothing():
    opening = open_with_salts(LEAF, opened={})
    assert (opening.opened, set(opening.closed)) == ({}, set(ROW))
    assert leaf_of_opening(opening) == LEAF


def test_salts_that_were_kept_open_their_fields_without_the_secret():
    kept = OpenedField(field_salt(SECRET, "place"), "Черкаси")
    assert leaf_of_opening(open_with_salts(LEAF, opened={"place": kept})) == LEAF


@pytest.mark.parametrize(
    ("fields", "secret", "sentence"),
    [
        ({"killed_min": 3}, SECRET, "another value or salt of 'killed_min'"),
        ({"killed_min": "2"}, SECRET, "another value or salt of 'killed_min'"),
        ({"killed_min": 2}, bytes(32), "another value or salt of 'killed_min'"),
        ({"killed": 2}, SECRET, "found 'killed'; it was never committed"),
        ({"killed_min": 2}, SECRET[:31], "has 32 bytes: found 31"),
    ],
)
def test_an_opening_with_other_values_is_refused(fields, secret, sentence):
    with pytest.raises(BadInput, match=sentence):
        open_fields(LEAF, fields=fields, secret=secret)


def test_what_was_tampered_with_gives_another_leaf():
    opening = open_fields(LEAF, fields={"killed_min": 2}, secret=SECRET)
    salt = opening.opened["killed_min"].salt
    forged = Opening(**HEAD, opened={"killed_min": OpenedField(salt, 9)}, closed=opening.closed)
    assert leaf_of_opening(forged) != LEAF


def test_a_field_is_not_open_and_closed_at_once():
    field = OpenedField(bytes(16), 2)
    with pytest.raises(OpeningError, match="found 'n' as both"):
        Opening(**HEAD, opened={"n": field}, closed={"n": bytes(32)})


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"secret": b""}, "has 32 bytes: found 0"),
        ({"secret": SECRET + b"\0"}, "has 32 bytes: found 33"),
        ({"recorded_at": "2024-10-14T09:30:00+00:00"}, "in UTC: found '2024-10-14T09:30:00"),
        ({"recorded_at": "2024-10-14 09:30:00Z"}, "in UTC: found"),
        ({"recorded_at": "2024-10-14T09:30:00Z\n"}, "in UTC: found"),
        ({"version": 0}, "count from 1: found 0"),
        ({"fields": {"n": 2**53}}, "a whole number beyond"),
        ({"fields": {"n": {1, 2}}}, "a value of type set"),
        ({"fields": {"\ud800": 1}}, "half a surrogate pair"),
        ({"fields": {f"field_{number}": 1 for number in range(1200)}}, "at most 65535 bytes: found"),
    ],
)
def test_a_row_that_cannot_be_committed_is_refused(members, sentence):
    with pytest.raises(BadInput, match=sentence):
        commit(**{**HEAD, "fields": ROW, "secret": SECRET, **members})


@pytest.mark.parametrize(
    ("leaf", "sentence"),
    [
        (b"", "Expecting value"),
        (b"\xff", "can't decode"),
        (b"[" * 100_000, "recursion"),
        (b"[]", "found list where an object belongs"),
        (LEAF.replace(b'"fields"', b'"field5"'), "found the members"),
        (LEAF.replace(b",", b", "), "found another spelling"),
        (LEAF.replace(b'{"fields"', b'{"type":"x","fields"'), "found another spelling"),
        (changed(extra=1), "found the members"),
        (changed(thing=...), "found the members"),
        (changed(thing=7), "found a type, thing or instant that is no text"),
        (changed(version="3"), "found a version that is no whole number"),
        (changed(version=True), "found a version that is no whole number"),
        (changed(version=-1), "count from 1: found -1"),
        (changed(recorded_at="yesterday"), "found 'yesterday'"),
        (changed(replayed=False), "found “replayed” with another value"),
        (changed(fields=[]), "found list where an object belongs"),
        (changed(fields={"n": 5}), "found 5 instead of 32 bytes"),
        (changed(fields={"n": base64url(bytes(31))}), "instead of 32 bytes"),
        (changed(fields={"n": base64url(bytes(32))[:-1] + "B"}), "instead of 32 bytes"),
        (changed(fields={"n": base64url(bytes(32)) + "="}), "instead of 32 bytes"),
    ],
)
def test_what_is_no_leaf_is_refused(leaf, sentence):
    with pytest.raises(OpeningError, match=f"A leaf of the register .*{sentence}"):
        open_with_salts(leaf, opened={})


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        (None, "found NoneType where an object belongs"),
        ({}, "found the members"),
        ({1: 2}, "found the members"),
        ({"opened": {"n": 5}}, "found int where an object belongs"),
        ({"opened": {"n": {"salt": base64url(bytes(16))}}}, "found the members"),
        ({"opened": {"n": {"salt": base64url(bytes(15)), "value": 1}}}, "instead of 16 bytes"),
        ({"opened": {"n": {"salt": "*" * 22, "value": 1}}}, "instead of 16 bytes"),
        ({"closed": None}, "found NoneType where an object belongs"),
        ({"replayed": "yes"}, "found “replayed” with another value"),
    ],
)
def test_what_is_no_opening_is_refused(members, sentence):
    whole = HEAD | {"opened": {}, "closed": {}} | members if members and 1 not in members else members
    with pytest.raises(OpeningError, match=f"An opening as a release .*{sentence}"):
        read_opening(whole)
