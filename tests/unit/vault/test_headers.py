"""Headers: what they hold, and that they come back as they were."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from lieber.base import BadInput
from lieber_vault import Header, Kind, RowDamaged
from lieber_vault.headers import decode, encode, kind_of

AT = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
HEADER = Header(
    record_id="REC-1",
    pseudonym="W-0001",
    kind=Kind.CONTACTS,
    compartment="північ",
    recipients=("age1a", "age1b"),
    sealed_bytes=1_234,
    made_at=AT,
    made_by="officer-1",
    sealed_at=AT,
    sealed_by="officer-2",
    version=2,
    supersedes=1,
)


def test_a_header_comes_back_as_it_was():
    assert decode(encode(HEADER)) == HEADER
    first = replace(HEADER, version=1, supersedes=None)
    assert decode(encode(first)) == first


def test_instants_come_back_in_utc():
    there = replace(HEADER, made_at=AT.astimezone(timezone(timedelta(hours=3))))
    assert encode(there) == encode(HEADER)


def test_a_header_tells_itself_without_saying_of_whom_it_is():
    assert str(HEADER) == "contacts REC-1 version 2"


@pytest.mark.parametrize("name", ["record_id", "pseudonym", "compartment", "made_by", "sealed_by"])
def test_nothing_may_be_empty(name):
    empty: dict[str, Any] = {name: ""}
    with pytest.raises(BadInput, match=f"needs a {name}: found none"):
        replace(HEADER, **empty)


def test_instants_have_zones():
    with pytest.raises(BadInput, match="has a time zone"):
        replace(HEADER, sealed_at=AT.replace(tzinfo=None))


def test_a_text_that_is_no_unicode_is_refused():
    with pytest.raises(BadInput):
        encode(replace(HEADER, compartment="\ud800"))


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b"{}", b"null", encode(HEADER).replace(b"contacts", b"poems")]
)
def test_what_another_program_wrote_is_refused(data):
    with pytest.raises(RowDamaged, match="written in another way"):
        decode(data)


def test_a_kind_is_one_of_the_list():
    assert kind_of("photo") is kind_of(Kind.PHOTO) is Kind.PHOTO
    with pytest.raises(BadInput, match=r"one of identity, contacts, .* found 'poem'"):
        kind_of("poem")
