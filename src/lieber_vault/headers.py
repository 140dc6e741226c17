"""What the vault says of a record without opening it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from lieber.base import BadInput, canonical_json

from .rows import RowDamaged


class Kind(StrEnum):
    """What a record holds."""

    IDENTITY = "identity"
    CONTACTS = "contacts"
    INTERVIEW_TEXT = "interview_text"
    RECORDING = "recording"
    TESTIMONY = "testimony"
    DOCUMENT = "document"
    PHOTO = "photo"


def kind_of(text: str) -> Kind:
    """The kind that is so called. Raises BadInput for another word."""
    try:
        return Kind(text)
    except ValueError:
        raise BadInput(f"A record of the vault is one of {', '.join(Kind)}: found {text!r}.") from None


@dataclass(frozen=True, slots=True)
class Header:
    """One version of one record: of whom it is, what it holds, who opens it.

    `version` counts from 1; `supersedes` is the version before, None for the first. `sealed_bytes` is the
    length of the age file, from which that of the plaintext can be reckoned. `made_at` and `made_by` are of
    this version; `sealed_at` and `sealed_by` are later where it was sealed again.
    Raises BadInput for an empty id, pseudonym, compartment or officer, and an instant without a zone.
    """

    record_id: str
    pseudonym: str
    kind: Kind
    compartment: str
    recipients: tuple[str, ...]
    sealed_bytes: int
    made_at: datetime
    made_by: str
    sealed_at: datetime
    sealed_by: str
    version: int
    supersedes: int | None

    def __post_init__(self) -> None:
        for name in ("record_id", "pseudonym", "compartment", "made_by", "sealed_by"):
            if not getattr(self, name):
                raise BadInput(f"A record of the vault needs a {name}: found none.")
        for at in (self.made_at, self.sealed_at):
            instant(at)

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id} version {self.version}"


def instant(at: datetime) -> str:
    """An instant as text, in UTC. Raises BadInput where it has no time zone."""
    if at.tzinfo is None:
        raise BadInput(f"An instant has a time zone: found {at.isoformat()} without one.")
    return at.astimezone(UTC).isoformat()


def encode(header: Header) -> bytes:
    """The header as it is sealed. Raises BadInput for text that is no Unicode."""
    return canonical_json(
        {
            "record_id": header.record_id,
            "pseudonym": header.pseudonym,
            "kind": header.kind.value,
            "compartment": header.compartment,
            "recipients": list(header.recipients),
            "sealed_bytes": header.sealed_bytes,
            "made_at": instant(header.made_at),
            "made_by": header.made_by,
            "sealed_at": instant(header.sealed_at),
            "sealed_by": header.sealed_by,
            "version": header.version,
            "supersedes": header.supersedes,
        }
    )


def decode(data: bytes) -> Header:
    """The header that `encode` wrote. Raises RowDamaged for anything else."""
    try:
        return _header(json.loads(data))
    except (ValueError, TypeError, KeyError, BadInput):
        raise RowDamaged(
            "A header of the vault is written in another way than this version writes: use the version of "
            "the program that wrote it."
        ) from None


def _header(members: dict[str, Any]) -> Header:
    return Header(
        record_id=members["record_id"],
        pseudonym=members["pseudonym"],
        kind=Kind(members["kind"]),
        compartment=members["compartment"],
        recipients=tuple(members["recipients"]),
        sealed_bytes=members["sealed_bytes"],
        made_at=datetime.fromisoformat(members["made_at"]),
        made_by=members["made_by"],
        sealed_at=datetime.fromisoformat(members["sealed_at"]),
        sealed_by=members["sealed_by"],
        version=members["version"],
        supersedes=members["supersedes"],
    )
