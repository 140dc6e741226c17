"""Whether a vault's rows and files fit each other: what a backup, a disk or a stranger has done to them.

Nothing is opened that needs an officer's key: that texts come back is what a rehearsal proves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from lieber.base import LieberError

from . import kept
from .database import Database
from .headers import Header, decode
from .objects import ObjectLost, Objects
from .rows import RowCipher, RowDamaged, row_name
from .settings import Settings

HEADERS, HEADS, PROOFS, UNLOCKED = "headers", "heads", "proofs", "unlocked"
_ROWS = (
    "SELECT v.row_id, v.pseudonym, v.record, v.slot, v.sealed, h.sealing, h.sealed, h.proof, "
    "b.row_id IS NOT NULL, LENGTH(b.body) FROM vault_headers v "
    "LEFT JOIN vault_heads h ON h.row_id = v.row_id LEFT JOIN vault_bodies b ON b.row_id = v.row_id "
    "WHERE v.row_id > ? ORDER BY v.row_id LIMIT ?"
)
_WITHOUT_HEADER = {
    "heads": "SELECT row_id FROM vault_heads WHERE row_id NOT IN (SELECT row_id FROM vault_headers)",
    "bodies": "SELECT row_id FROM vault_bodies WHERE row_id NOT IN (SELECT row_id FROM vault_headers)",
}


class Misfit(NamedTuple):
    """Something that does not fit: among what, which one, and why.

    `what` is a record and its version; where its header cannot be read, the row's name in hexadecimal digits.
    """

    place: str
    what: str
    reason: str


class _Row(NamedTuple):
    row: object
    pseudonym: object
    record: object
    slot: object
    header: object
    sealing: object
    head: object
    proof: object
    has_body: object
    inline: int | None


class Checking:
    """One look through a vault, in one transaction: nobody writes meanwhile."""

    def __init__(self, database: Database, cipher: RowCipher, objects: Objects, settings: Settings) -> None:
        self._database, self._cipher, self._objects = database, cipher, objects
        self._settings = settings
        self._versions: dict[str, list[Header]] = defaultdict(list)

    def misfits(self) -> Iterator[Misfit]:
        """All that does not fit."""
        for found in self._database.paged(_ROWS):
            yield from self._of_row(_Row(*found))
        for headers in self._versions.values():
            yield from _of_record(headers)
        for part, statement in _WITHOUT_HEADER.items():
            for (row,) in self._database.rows(statement):
                yield Misfit(part, name_of(row), "its header is lost")
        yield from self._of_keys()
        yield from self._of_unlocked()

    def _of_row(self, found: _Row) -> Iterator[Misfit]:
        try:
            row = row_name(found.row, place=HEADERS)
            header = decode(self._cipher.open(found.header, place=HEADERS, row=row))
        except RowDamaged as error:
            yield Misfit(HEADERS, name_of(found.row), str(error))
            return
        self._versions[header.record_id].append(header)
        for name, found_tag, tag in (
            ("pseudonym", found.pseudonym, pseudonym_tag(self._cipher, header.pseudonym)),
            ("record", found.record, record_tag(self._cipher, header.record_id)),
            ("slot", found.slot, slot_tag(self._cipher, header.record_id, header.version)),
        ):
            if found_tag != tag:
                yield Misfit(HEADERS, str(header), f"the tag of its {name} is another")
        if self._is_to_another_recovery(header):
            yield Misfit(HEADERS, str(header), "it was sealed to another recovery key than the present one")
        reason = self._of_parts(row, header, found)
        if reason:
            yield Misfit(HEADS, str(header), reason)

    def _of_parts(self, row: bytes, header: Header, found: _Row) -> str | None:
        """Why the parts of a record do not fit its header."""
        if found.sealing is None or not found.has_body:
            return "it has lost its head or its body"
        try:
            sealing = row_name(found.sealing, place=HEADS)
            head = self._cipher.open(found.head, place=HEADS, row=row + sealing)
            self._cipher.open(found.proof, place=PROOFS, row=row + sealing)
            length = self._objects.length(sealing) if found.inline is None else found.inline
        except (RowDamaged, ObjectLost) as error:
            return str(error)
        return None if len(head) + length == header.sealed_bytes else "its body is of another length"

    def _is_to_another_recovery(self, header: Header) -> bool:
        """Whether a record that was sealed after the recovery key was named is not sealed to it."""
        recovery, since = self._settings.recovery, self._settings.recovery_at
        return bool(recovery and since and header.sealed_at > since and recovery not in header.recipients)

    def _of_keys(self) -> Iterator[Misfit]:
        for row, active, sealed in self._database.rows("SELECT row_id, active, sealed FROM vault_keys"):
            try:
                key = kept.open_key(self._cipher, row, sealed)
            except LieberError as error:
                yield Misfit(kept.PLACE, name_of(row), str(error))
                continue
            if active != kept.tag_of(self._cipher, key):
                yield Misfit(kept.PLACE, key.officer, "its tag says otherwise whether it is active, or whose")

    def _of_unlocked(self) -> Iterator[Misfit]:
        for row, sealed in self._database.rows("SELECT session, sealed FROM vault_unlocked"):
            try:
                self._cipher.open(sealed, place=UNLOCKED, row=row_name(row, place=UNLOCKED))
            except RowDamaged as error:
                yield Misfit(UNLOCKED, name_of(row), str(error))


def pseudonym_tag(cipher: RowCipher, pseudonym: str) -> bytes:
    """By what the records of a pseudonym are found."""
    return cipher.tag("pseudonym", pseudonym)


def record_tag(cipher: RowCipher, record_id: str) -> bytes:
    """By what the versions of a record are found."""
    return cipher.tag("record", record_id)


def slot_tag(cipher: RowCipher, record_id: str, version: int) -> bytes:
    """The tag that only one row may have: this version of this record."""
    return cipher.tag("slot", record_id, version)


def name_of(row: Any) -> str:
    """A row as it is told of; a damaged database may hold anything in the place of its name."""
    return row.hex() if isinstance(row, bytes) else "a row without a name"


def _of_record(headers: list[Header]) -> Iterator[Misfit]:
    headers.sort(key=lambda header: header.version)
    last = headers[-1]
    if [header.version for header in headers] != list(range(1, last.version + 1)):
        yield Misfit(HEADERS, str(last), "a version before it is missing, or is there twice")
    if any(header.supersedes != (header.version - 1 or None) for header in headers):
        yield Misfit(HEADERS, str(last), "a version does not follow the one before")
    if len({(header.pseudonym, header.kind) for header in headers}) > 1:
        yield Misfit(HEADERS, str(last), "its versions are of several pseudonyms or kinds")
