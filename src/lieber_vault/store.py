"""The vault: sealed records in a database of its own, found by pseudonym and opened one at a time.

Whoever has the files and not the credential sees how many rows there are, how long the bodies are, and
which rows carry equal tags; nothing else. Whoever has the credential reads the headers. The plaintext needs
the identity of an officer, or of the recovery key, beside the credential.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from lieber.base import BadInput, LieberError

from .credential import Credential
from .database import Database, Taken, connect, sqlite_file
from .headers import Header, Kind, decode, encode, instant, kind_of
from .keys import OfficerKey, read_key
from .objects import Body, ObjectLost, Objects
from .rows import UNLOCKED_BY, RowCipher, RowDamaged, new_row
from .sealing import (
    Digest,
    Digesting,
    Identity,
    Joined,
    Readable,
    Writable,
    check_recipients,
    open_stream,
    seal_anew,
    seal_apart,
)

_FORMAT = b"lieber-vault-1"
_SETTINGS, _HEADERS, _HEADS, _KEYS = "settings", "headers", "heads", "keys"
_PAGE = 200


class NoVault(BadInput):
    """There is no vault where one was expected."""


class VaultExists(BadInput):
    """There is a vault already where a new one was to be made."""


class WrongCredential(BadInput):
    """The credential is that of another vault."""


class NotInVault(BadInput):
    """The vault holds no such record, version or key."""


class VersionConflict(LieberError):
    """Somebody else has changed the record meanwhile."""


class KeyConflict(BadInput):
    """A key cannot be added, replaced or retired as things stand."""


class SealedOtherwise(LieberError):
    """A record opens, and is not what its header says."""


class Erasure(NamedTuple):
    """What was erased. The heads are gone and nothing opens any more.

    `scrubbed` is False where somebody's reading kept their bytes in the database's files, or a file of a
    body could not be removed: `Vault.scrub` and `Vault.sweep` take them out later. Neither reaches a
    PostgreSQL server's write-ahead log, its archive and its replicas, nor backups: there the heads go when
    those are overwritten or thrown away.
    """

    records: int
    versions: int
    files: int
    scrubbed: bool


class Counts(NamedTuple):
    """How much the vault holds."""

    records: int
    versions: int
    pseudonyms: int
    active_keys: int
    unlocked: int


@dataclass(frozen=True, slots=True)
class KeptKey:
    """An officer's key in the vault: who brought it when, and who retired it.

    `key` is None once it is retired: then only the recipient is kept.
    """

    officer: str
    recipient: str
    key: OfficerKey | None
    added_at: datetime
    added_by: str
    retired_at: datetime | None = None
    retired_by: str | None = None


class Vault:
    """An open vault, for one thread at a time; `with` closes it."""

    def __init__(self, database: Database, cipher: RowCipher, objects: Objects) -> None:
        self.database, self.cipher, self._objects = database, cipher, objects

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Vault({self.database.place!r})"

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    # ------------------------------------------------------------------ records

    def put(
        self,
        plaintext: bytes | Readable,
        recipients: Sequence[str],
        *,
        record_id: str,
        pseudonym: str,
        kind: Kind | str,
        compartment: str,
        at: datetime,
        by: str,
        supersedes: int | None = None,
    ) -> Header:
        """Seal a record to its recipients and to the recovery key; returns its header.

        `plaintext` may be a reader of any length: it is sealed on the way to the disk. `supersedes` is the
        version that the writer has seen, None for a new record.
        Raises VersionConflict where that is not the latest one, BadInput where the record is of another
        pseudonym or kind, BadRecipient, VaultUnavailable and ObjectLost; then nothing is changed.
        """
        sealed_to = self._with_recovery(recipients)
        reader = Digesting(io.BytesIO(plaintext) if isinstance(plaintext, bytes) else plaintext)
        header = Header(
            record_id=record_id,
            pseudonym=pseudonym,
            kind=kind_of(kind),
            compartment=compartment,
            recipients=sealed_to,
            digest=reader.digest,
            made_at=at,
            made_by=by,
            sealed_at=at,
            sealed_by=by,
            version=(supersedes or 0) + 1,
            supersedes=supersedes,
        )
        self._check_next(header)
        with self._objects.held(), self._new_body() as (sealing, body):
            head = seal_apart(reader, body, recipients=sealed_to)
            inline = body.finish()
            header = replace(header, digest=reader.digest)
            with self.database.write():
                self._check_next(header)
                self._insert(header, _Sealed(new_row(), sealing, head, inline))
                body.keep()
        return header

    def headers_of(self, pseudonym: str) -> tuple[Header, ...]:
        """The headers of all that lies under a pseudonym, every version, in order of record and version."""
        tag = self.cipher.tag("pseudonym", pseudonym)
        found = self.database.rows("SELECT row_id, sealed FROM vault_headers WHERE pseudonym = ?", tag)
        headers = [self._header(row, sealed) for row, sealed in found]
        if any(header.pseudonym != pseudonym for header in headers):
            raise _exchanged(_HEADERS)
        return tuple(sorted(headers, key=lambda header: (header.record_id, header.version)))

    def header_of(self, record_id: str, *, version: int | None = None) -> Header:
        """The header of one record: its latest version, or the one that is named. Raises NotInVault."""
        return self._find(record_id, version)[1]

    def all_headers(self) -> Iterator[Header]:
        """The headers of all there is, in no order, a page at a time: for rotation and rehearsal."""
        last = b""
        while True:
            page = self.database.rows(
                "SELECT row_id, sealed FROM vault_headers WHERE row_id > ? ORDER BY row_id LIMIT ?",
                *(last, _PAGE),
            )
            yield from (self._header(row, sealed) for row, sealed in page)
            if len(page) < _PAGE:
                return
            last = page[-1][0]

    def read(self, record_id: str, identity: Identity, *, version: int | None = None) -> bytes:
        """The plaintext of one record: its latest version, or the one that is named.

        Raises NotInVault, SealedToOthers, SealDamaged, SealedOtherwise.
        """
        plaintext = io.BytesIO()
        self.read_to(plaintext, record_id=record_id, identity=identity, version=version)
        return plaintext.getvalue()

    def read_to(
        self, writer: Writable, *, record_id: str, identity: Identity, version: int | None = None
    ) -> Header:
        """Write the plaintext of one record, in constant memory; returns its header.

        Raises as `read` does: then what was written is to be thrown away.
        """
        passing = Digesting(writer=writer)
        with self.sealed(record_id, version=version) as (header, file):
            open_stream(file, passing, identity=identity)
        _check_digest(header, passing.digest)
        return header

    @contextmanager
    def sealed(self, record_id: str, *, version: int | None = None) -> Iterator[tuple[Header, Readable]]:
        """One record as it is sealed: its header, and the plain age file to be read. Raises NotInVault."""
        row, header = self._find(record_id, version)
        with ExitStack() as opened:
            try:
                file = opened.enter_context(self._reader(self._parts(row, header)))
            except ObjectLost:
                # Whoever sealed it again meanwhile has destroyed the old file: there is a new one then.
                file = opened.enter_context(self._reader(self._parts(row, header)))
            yield header, file

    def rotate(
        self, record_id: str, identity: Identity, *, recipients: Sequence[str], at: datetime, by: str
    ) -> tuple[Header, ...]:
        """Seal every version of one record again, to other recipients; returns their headers.

        Each gets a new file key, and is opened again before the old one is destroyed. The identity must be
        one of the new recipients, to be able to do that. Old backups still open to those who were
        recipients. `scrub` takes the old heads out of the database's files, once for many rotations.
        Raises KeyConflict, BadRecipient, NotInVault, VersionConflict, and as `read` does; then nothing is
        changed.
        """
        sealed_to = self._with_recovery(recipients)
        if identity.recipient not in sealed_to:
            raise KeyConflict(
                "Whoever seals again must be able to open it afterwards: found that the key that opens is "
                "none of the new recipients; let one of them do it."
            )
        versions = [
            (row, replace(header, recipients=sealed_to, sealed_at=at, sealed_by=by))
            for row, header in self._versions(record_id)
        ]
        if not versions:
            raise _not_in_vault(record_id, None)
        with self._objects.held(), ExitStack() as bodies:
            news = [bodies.enter_context(self._new_body()) for _ in versions]
            anew = [
                self._seal_anew(row, header, identity=identity, body=new)
                for (row, header), new in zip(versions, news, strict=True)
            ]
            with self.database.write():
                for again in anew:
                    self._exchange(again)
                for _, body in news:
                    body.keep()
        for again in anew:
            self._shred(again.old)
        return tuple(again.header for again in anew)

    def erase(self, pseudonym: str) -> Erasure:
        """Destroy all that lies under a pseudonym (R-19). What is not there needs no erasing."""
        return self._erase("pseudonym", self.cipher.tag("pseudonym", pseudonym))

    def erase_record(self, record_id: str) -> Erasure:
        """Destroy one record, every version of it (R-19). What is not there needs no erasing."""
        return self._erase("record", self.cipher.tag("record", record_id))

    def scrub(self) -> bool:
        """Take the bytes of erased rows out of the database's files; False while somebody reads.

        A PostgreSQL server's write-ahead log, its archive and its replicas are not reached, nor backups.
        """
        return self.database.scrub()

    def sweep(self) -> int:
        """Destroy the files that killed writers left behind; returns how many.

        Not for a database that was brought back from an older day than the files: theirs would go too.
        """
        return self._objects.sweep(self._named)

    def counts(self) -> Counts:
        """How much there is."""
        counted = self.database.rows(
            "SELECT COUNT(DISTINCT record), COUNT(*), COUNT(DISTINCT pseudonym), "
            "(SELECT COUNT(active) FROM vault_keys), (SELECT COUNT(*) FROM vault_unlocked) FROM vault_headers"
        )
        return Counts(*counted[0])

    # ------------------------------------------------------------------ keys

    def add_key(self, key: OfficerKey, *, at: datetime, by: str) -> KeptKey:
        """Keep an officer's key. Raises KeyConflict where the officer has an active one."""
        kept = KeptKey(key.officer, key.recipient, key, at, by)
        row = new_row()
        try:
            with self.database.write():
                self.database.change(
                    "INSERT INTO vault_keys (row_id, active, sealed) VALUES (?, ?, ?)",
                    *(row, self.cipher.tag("active", key.officer), self._seal_key(row, kept)),
                )
        except Taken:
            raise KeyConflict(
                f"An officer has one active key: found that {key.officer} has one; retire it first."
            ) from None
        return kept

    def replace_key(self, key: OfficerKey) -> KeptKey:
        """Keep an officer's key under its new passphrase; the old wrapping is destroyed.

        Raises NotInVault where the officer has no active key, KeyConflict where it is of another identity.
        """
        with self.database.write():
            row, kept = self._active(key.officer)
            if kept.recipient != key.recipient:
                raise KeyConflict(
                    f"A new passphrase keeps the identity: found another one of {key.officer}; retire the "
                    "old key and add the new one."
                )
            renewed = replace(kept, key=key)
            self._update_key(row, renewed)
        self.database.scrub()
        return renewed

    def retire_key(self, officer: str, *, at: datetime, by: str) -> KeptKey:
        """Destroy the secret half of an officer's active key, and lock it wherever it is unlocked.

        Who had it when is kept. What was sealed to it stays sealed to it until it is rotated.
        Raises NotInVault where there is none, KeyConflict where nobody could open the vault any more.
        """
        with self.database.write():
            row, kept = self._active(officer)
            if self.recovery() is None and len(self.kept_keys()) == 1:
                raise KeyConflict(
                    f"Somebody must be able to open the vault: found that {officer} has the last key and "
                    "that there is no recovery key; add another first."
                )
            retired = replace(kept, key=None, retired_at=at, retired_by=by)
            self._update_key(row, retired)
            self.database.change(
                "DELETE FROM vault_unlocked WHERE officer = ?", self.cipher.tag(UNLOCKED_BY, officer)
            )
        self.database.scrub()
        return retired

    def key_of(self, officer: str) -> OfficerKey:
        """The active key of an officer. Raises NotInVault where there is none."""
        key = self._active(officer)[1].key
        if key is None:
            raise _exchanged(_KEYS)
        return key

    def kept_keys(self, *, retired: bool = False) -> tuple[KeptKey, ...]:
        """The active keys in order of officer; with `retired` also those that once were."""
        found = self.database.rows("SELECT row_id, sealed FROM vault_keys")
        kept = [self._open_key(row, sealed) for row, sealed in found]
        chosen = [each for each in kept if retired or each.retired_at is None]
        return tuple(sorted(chosen, key=lambda each: (each.officer, each.added_at)))

    def set_recovery(self, recipient: str, *, at: datetime, by: str) -> None:
        """Name the recovery key: from now on all is sealed to it too. Raises BadRecipient.

        What was sealed before is not, until it is rotated.
        """
        check_recipients([recipient])
        value = json.dumps({"recipient": recipient, "at": instant(at), "by": by}).encode()
        sealed = self.cipher.seal(value, place=_SETTINGS, row=b"recovery")
        with self.database.write():
            self.database.change(
                "INSERT INTO vault_settings (name, sealed) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed",
                *("recovery", sealed),
            )

    def recovery(self) -> str | None:
        """The recipient of the recovery key; None where none was named."""
        found = self.database.rows("SELECT sealed FROM vault_settings WHERE name = ?", "recovery")
        if not found:
            return None
        return str(json.loads(self.cipher.open(found[0][0], place=_SETTINGS, row=b"recovery"))["recipient"])

    # ------------------------------------------------------------------ parts of the above

    def _with_recovery(self, recipients: Sequence[str]) -> tuple[str, ...]:
        recovery = self.recovery()
        return check_recipients([*check_recipients(recipients), *([recovery] if recovery else [])])

    @contextmanager
    def _new_body(self) -> Iterator[tuple[bytes, Body]]:
        """A body under a new name; nothing is left of it where what is done with it fails."""
        sealing = new_row()
        body = self._objects.body(sealing)
        try:
            yield sealing, body
        except BaseException:
            body.discard()
            raise

    def _check_next(self, header: Header) -> None:
        """Raises VersionConflict where a header is not of the record's next version, BadInput where it is
        of another pseudonym or kind."""
        latest = max((known for _, known in self._versions(header.record_id)), key=_version, default=None)
        found = latest.version if latest else None
        if found != header.supersedes:
            raise VersionConflict(
                f"{header.record_id} was to follow {_told(header.supersedes)}: found {_told(found)}; read "
                "what is there now, then change it."
            )
        if latest and (latest.pseudonym, latest.kind) != (header.pseudonym, header.kind):
            raise BadInput(
                f"{header.record_id} stays of one pseudonym and one kind: found another; put a new record."
            )

    def _insert(self, header: Header, sealed: _Sealed) -> None:
        row = sealed.row
        try:
            self.database.change(
                "INSERT INTO vault_headers (row_id, pseudonym, record, slot, sealed) VALUES (?, ?, ?, ?, ?)",
                *(row, self.cipher.tag("pseudonym", header.pseudonym)),
                *(self.cipher.tag("record", header.record_id), self._slot(header)),
                self.cipher.seal(encode(header), place=_HEADERS, row=row),
            )
        except Taken:
            raise VersionConflict(
                f"{header} was written by somebody else meanwhile: read what is there now, then change it."
            ) from None
        self.database.change(
            "INSERT INTO vault_heads (row_id, sealing, sealed) VALUES (?, ?, ?)",
            *(row, sealed.sealing, self.cipher.seal(sealed.head, place=_HEADS, row=row + sealed.sealing)),
        )
        self.database.change("INSERT INTO vault_bodies (row_id, body) VALUES (?, ?)", row, sealed.inline)

    def _slot(self, header: Header) -> bytes:
        """The tag that only one row may have: this version of this record."""
        return self.cipher.tag("slot", header.record_id, header.version)

    def _versions(self, record_id: str) -> list[tuple[bytes, Header]]:
        tag = self.cipher.tag("record", record_id)
        found = self.database.rows("SELECT row_id, sealed FROM vault_headers WHERE record = ?", tag)
        versions = [(row, self._header(row, sealed)) for row, sealed in found]
        if any(header.record_id != record_id for _, header in versions):
            raise _exchanged(_HEADERS)
        return sorted(versions, key=lambda each: each[1].version)

    def _find(self, record_id: str, version: int | None) -> tuple[bytes, Header]:
        versions = self._versions(record_id)
        wanted = [each for each in versions if version in {None, each[1].version}]
        if not wanted:
            raise _not_in_vault(record_id, version)
        return wanted[-1]

    def _header(self, row: object, sealed: object) -> Header:
        return decode(self.cipher.open(sealed, place=_HEADERS, row=_bytes(row)))

    def _parts(self, row: bytes, header: Header) -> _Sealed:
        found = self.database.rows(
            "SELECT h.sealing, h.sealed, b.body FROM vault_heads h JOIN vault_bodies b "
            "ON b.row_id = h.row_id WHERE h.row_id = ?",
            row,
        )
        if not found:
            raise self._without_parts(row, header)
        sealing, sealed, inline = found[0]
        head = self.cipher.open(sealed, place=_HEADS, row=row + _bytes(sealing))
        return _Sealed(row, sealing, head, None if inline is None else _bytes(inline))

    def _without_parts(self, row: bytes, header: Header) -> LieberError:
        """An erasure takes the header too: where it is left, something else was lost."""
        if self.database.rows("SELECT 1 FROM vault_headers WHERE row_id = ?", row):
            return RowDamaged(f"{header} has lost its head or its body: bring the vault back from a backup.")
        return _not_in_vault(header.record_id, header.version)

    def _seal_anew(
        self, row: bytes, header: Header, *, identity: Identity, body: tuple[bytes, Body]
    ) -> _Again:
        """One version sealed to the recipients in its header, opened again, its row not yet exchanged."""
        sealing, new = body
        old = self._parts(row, header)
        with self._reader(old) as file:
            head, digest = seal_anew(file, new, identity=identity, recipients=header.recipients)
        _check_digest(header, digest)
        sealed = _Sealed(row, sealing, head, new.finish())
        again = Digesting()
        with self._reader(sealed) as file:
            open_stream(file, again, identity=identity)
        _check_digest(header, again.digest)
        return _Again(old.sealing, header, sealed)

    @contextmanager
    def _reader(self, sealed: _Sealed) -> Iterator[Joined]:
        """The age file of a row."""
        inline = sealed.inline
        body = self._objects.open(sealed.sealing) if inline is None else io.BytesIO(inline)
        with body:
            yield Joined(sealed.head, body)

    def _shred(self, name: bytes) -> bool:
        """Destroy the file of a body; False where it resists: it is unreadable, and a sweep will find it."""
        try:
            self._objects.shred(name)
        except ObjectLost:
            return False
        return True

    def _exchange(self, again: _Again) -> None:
        row, sealing, head, inline = again.sealed
        changed = self.database.change(
            "UPDATE vault_heads SET sealing = ?, sealed = ? WHERE row_id = ? AND sealing = ?",
            *(sealing, self.cipher.seal(head, place=_HEADS, row=row + sealing), row, again.old),
        )
        if changed != 1:
            raise VersionConflict(
                f"{again.header} was sealed again or erased by somebody else meanwhile: look what "
                "is there now."
            )
        self.database.change("UPDATE vault_bodies SET body = ? WHERE row_id = ?", inline, row)
        self.database.change(
            "UPDATE vault_headers SET sealed = ? WHERE row_id = ?",
            *(self.cipher.seal(encode(again.header), place=_HEADERS, row=row), row),
        )

    def _erase(self, column: str, tag: bytes) -> Erasure:
        find = _FIND_TO_ERASE[column]
        with self.database.write():
            found = self.database.rows(find, tag)
            for row, _, _ in found:
                for delete in _DELETE:
                    self.database.change(delete, row)
        names = {sealing for _, _, sealing in found if isinstance(sealing, bytes)}
        files = [name for name in names if self._objects.path(name).exists()]
        shredded = [name for name in files if self._shred(name)]
        records = len({record for _, record, _ in found})
        scrubbed = self.database.scrub() and shredded == files
        return Erasure(records, len(found), len(shredded), scrubbed)

    def _named(self) -> set[bytes]:
        """The names of the files that are needed."""
        found = self.database.rows(
            "SELECT h.sealing FROM vault_heads h JOIN vault_bodies b ON b.row_id = h.row_id "
            "WHERE b.body IS NULL"
        )
        return {sealing for (sealing,) in found}

    def _active(self, officer: str) -> tuple[bytes, KeptKey]:
        tag = self.cipher.tag("active", officer)
        found = self.database.rows("SELECT row_id, sealed FROM vault_keys WHERE active = ?", tag)
        if not found:
            raise NotInVault(f"{officer} has no active key in the vault: make one and add it.")
        row, sealed = found[0]
        kept = self._open_key(row, sealed)
        if kept.officer != officer:
            raise _exchanged(_KEYS)
        return row, kept

    def _update_key(self, row: bytes, kept: KeptKey) -> None:
        active = None if kept.retired_at else self.cipher.tag("active", kept.officer)
        self.database.change(
            "UPDATE vault_keys SET active = ?, sealed = ? WHERE row_id = ?",
            *(active, self._seal_key(row, kept), row),
        )

    def _seal_key(self, row: bytes, kept: KeptKey) -> bytes:
        members = {
            "officer": kept.officer,
            "recipient": kept.recipient,
            "key": kept.key.as_text() if kept.key else None,
            "added_at": instant(kept.added_at),
            "added_by": kept.added_by,
            "retired_at": instant(kept.retired_at) if kept.retired_at else None,
            "retired_by": kept.retired_by,
        }
        return self.cipher.seal(json.dumps(members).encode(), place=_KEYS, row=row)

    def _open_key(self, row: object, sealed: object) -> KeptKey:
        members = json.loads(self.cipher.open(sealed, place=_KEYS, row=_bytes(row)))
        retired = members["retired_at"]
        return KeptKey(
            officer=members["officer"],
            recipient=members["recipient"],
            key=read_key(members["key"]) if members["key"] else None,
            added_at=datetime.fromisoformat(members["added_at"]),
            added_by=members["added_by"],
            retired_at=datetime.fromisoformat(retired) if retired else None,
            retired_by=members["retired_by"],
        )


def create_vault(address: str | Path, credential: Credential, *, objects: Path) -> Vault:
    """Make a vault in a SQLite file or at a PostgreSQL address, with a folder for large bodies; open it.

    Raises VaultExists, VaultUnavailable, ObjectLost.
    """
    store = Objects(objects)
    store.make()
    database = connect(address, make=True)
    cipher = RowCipher(credential)
    try:
        with database.write():
            _check_none(database)
            database.make_schema()
            database.change(
                "INSERT INTO vault_settings (name, sealed) VALUES (?, ?)",
                *("format", cipher.seal(_FORMAT, place=_SETTINGS, row=b"format")),
            )
    except BaseException:
        database.close()
        raise
    return Vault(database, cipher, store)


def open_vault(address: str | Path, credential: Credential, *, objects: Path) -> Vault:
    """The vault in a SQLite file or at a PostgreSQL address.

    Raises NoVault where there is none, WrongCredential for that of another vault, VaultUnavailable.
    """
    path = sqlite_file(address)
    if path and not path.is_file():
        raise _no_vault(str(path))
    database = connect(address)
    cipher = RowCipher(credential)
    try:
        _check_format(database, cipher)
    except BaseException:
        database.close()
        raise
    return Vault(database, cipher, Objects(objects))


def _check_none(database: Database) -> None:
    if database.has_schema():
        raise VaultExists(
            f"There is a vault at {database.place} already and it is kept: open it, or take another place."
        )


def _check_format(database: Database, cipher: RowCipher) -> None:
    if not database.has_schema():
        raise _no_vault(database.place)
    found = database.rows("SELECT sealed FROM vault_settings WHERE name = ?", "format")
    with suppress(RowDamaged):
        if found and cipher.open(found[0][0], place=_SETTINGS, row=b"format") == _FORMAT:
            return
    raise WrongCredential(
        f"The vault at {database.place} was made with another credential, or is damaged: bring the "
        "credential that belongs to it."
    )


class _Sealed(NamedTuple):
    """A version as it is stored. `sealing` names this sealing, and the file of a large body."""

    row: bytes
    sealing: bytes
    head: bytes
    inline: bytes | None


class _Again(NamedTuple):
    """A version that was sealed again: what it was called, and what stands in its place."""

    old: bytes
    header: Header
    sealed: _Sealed


_FIND_TO_ERASE = {
    "pseudonym": "SELECT v.row_id, v.record, h.sealing FROM vault_headers v "
    "LEFT JOIN vault_heads h ON h.row_id = v.row_id WHERE v.pseudonym = ?",
    "record": "SELECT v.row_id, v.record, h.sealing FROM vault_headers v "
    "LEFT JOIN vault_heads h ON h.row_id = v.row_id WHERE v.record = ?",
}
_DELETE = (
    "DELETE FROM vault_heads WHERE row_id = ?",
    "DELETE FROM vault_bodies WHERE row_id = ?",
    "DELETE FROM vault_headers WHERE row_id = ?",
)


def _version(header: Header) -> int:
    return header.version


def _told(version: int | None) -> str:
    return f"version {version}" if version else "none"


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise _exchanged("rows")
    return value


def _check_digest(header: Header, found: Digest) -> None:
    if found != header.digest:
        raise SealedOtherwise(
            f"{header} opens to other bytes than were sealed: its rows were exchanged or its header is of "
            "another version; bring the vault back from a backup."
        )


def _exchanged(place: str) -> RowDamaged:
    return RowDamaged(
        f"A row among the vault's {place} stands in the place of another: bring the vault back from a backup."
    )


def _not_in_vault(record_id: str, version: int | None) -> NotInVault:
    return NotInVault(
        f"The vault holds no {record_id}{f' {_told(version)}' if version else ''}: compare the id, or it was "
        "erased."
    )


def _no_vault(place: str) -> NoVault:
    return NoVault(f"A vault was expected at {place}: found none; make one, or name the right place.")
