"""The vault: sealed records in a database of its own, found by pseudonym and opened one at a time.

Whoever has the files and not the credential sees how many rows there are, how long the bodies are, and
which rows carry equal tags; nothing else. Whoever has the credential reads the headers, and can reckon how
long a plaintext is. The plaintext and its digest need the identity of an officer, or of the recovery key,
beside the credential.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from lieber.base import BadInput, LieberError

from . import kept
from .checking import (
    HEADERS,
    HEADS,
    PROOFS,
    Checking,
    Misfit,
    name_of,
    pseudonym_tag,
    record_tag,
    slot_tag,
)
from .credential import Credential
from .database import Database, Taken, connect, sqlite_file
from .headers import Header, Kind, decode, encode, instant, kind_of
from .kept import KeptKey
from .keys import KeyDamaged, OfficerKey, unlock
from .objects import Body, ObjectLost, Objects
from .proofs import check_digest, read_proof, seal_proof
from .rows import UNLOCKED_BY, RowCipher, RowDamaged, exchanged, new_row, row_name
from .sealing import (
    Digesting,
    Identity,
    Joined,
    Readable,
    Writable,
    check_recipients,
    open_sealed,
    open_stream,
    seal_anew,
    seal_apart,
)
from .settings import (
    Settings,
    bind,
    check_bound,
    check_not_older,
    follow,
    new_settings,
    read_settings,
    rebind,
    write_settings,
)


class NoVault(BadInput):
    """There is no vault where one was expected."""


class VaultExists(BadInput):
    """There is a vault already where a new one was to be made."""


class WrongCredential(BadInput):
    """The credential is that of another vault."""


class NotInVault(BadInput):
    """The vault holds no such record, version or key."""


class VersionConflict(LieberError):
    """Somebody else has changed the record, or named another recovery key, meanwhile."""


class KeyConflict(BadInput):
    """A key cannot be added, replaced or retired as things stand."""


class Erasure(NamedTuple):
    """What was erased. The heads are gone and nothing opens any more.

    `scrubbed` is False where somebody's reading kept their bytes in the database's files, or a file of a
    body could not be removed, or is not known for certain since its head is damaged: `Vault.scrub` and
    `Vault.sweep` take them out later. Neither reaches a
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


class AsSealed(NamedTuple):
    """One record as it is sealed: its header, the small age file that proves it, and its own age file."""

    header: Header
    proof: bytes
    file: Readable


class Vault:
    """An open vault, for one thread at a time; `with` closes it."""

    def __init__(self, database: Database, cipher: RowCipher, objects: Objects, settings: Settings) -> None:
        self.database, self.cipher, self._objects = database, cipher, objects
        # As they were seen last: they never go back.
        self._settings = settings

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
        Raises VersionConflict where that is not the latest one or another recovery key was named meanwhile,
        BadInput where the record is of another pseudonym or kind, KeyConflict where none of the recipients
        is an active key or the recovery key, BadRecipient, VaultUnavailable and ObjectLost; then nothing is
        changed.
        """
        sealed_to = self._with_recovery(recipients)
        reader = Digesting(io.BytesIO(plaintext) if isinstance(plaintext, bytes) else plaintext)
        header = Header(
            record_id=record_id,
            pseudonym=pseudonym,
            kind=kind_of(kind),
            compartment=compartment,
            recipients=sealed_to,
            sealed_bytes=0,
            made_at=at,
            made_by=by,
            sealed_at=at,
            sealed_by=by,
            version=(supersedes or 0) + 1,
            supersedes=supersedes,
        )
        self._check_next(header)
        self._check_openers(sealed_to)
        with self._objects.held(), self._new_body() as (sealing, body):
            head = seal_apart(reader, body, recipients=sealed_to)
            inline = body.finish()
            header = replace(header, sealed_bytes=len(head) + body.length)
            proof = seal_proof(header, reader.digest)
            with self.database.write():
                self._check_next(header)
                self._check_openers(sealed_to)
                self._insert(header, _Sealed(new_row(), sealing, head, proof, inline))
                body.keep()
        return header

    def headers_of(self, pseudonym: str) -> tuple[Header, ...]:
        """The headers of all that lies under a pseudonym, every version, in order of record and version."""
        tag = pseudonym_tag(self.cipher, pseudonym)
        found = self.database.rows("SELECT row_id, sealed FROM vault_headers WHERE pseudonym = ?", tag)
        headers = [self._header(row, sealed) for row, sealed in found]
        if any(header.pseudonym != pseudonym for header in headers):
            raise exchanged(HEADERS)
        return tuple(sorted(headers, key=lambda header: (header.record_id, header.version)))

    def header_of(self, record_id: str, *, version: int | None = None) -> Header:
        """The header of one record: its latest version, or the one that is named. Raises NotInVault.

        The versions of a record may be of several compartments: whoever lets somebody read after a look at
        a header reads that very version, or names the compartments in `read`.
        """
        return self._find(record_id, version)[1]

    def all_headers(self, *, damaged: list[Misfit] | None = None) -> Iterator[Header]:
        """The headers of all there is, in no order, a page at a time: for rotation and rehearsal.

        Rows that cannot be read are told to `damaged`; without it RowDamaged is raised after the others.
        """
        told: list[Misfit] = [] if damaged is None else damaged
        rows = self.database.paged(
            "SELECT row_id, sealed FROM vault_headers WHERE row_id > ? ORDER BY row_id LIMIT ?"
        )
        for row, sealed in rows:
            try:
                header = self._header(row, sealed)
            except RowDamaged as error:
                told.append(Misfit(HEADERS, name_of(row), str(error)))
            else:
                yield header
        if damaged is None and told:
            raise RowDamaged(
                f"The headers of the vault must be whole: found {len(told)} that are not; `check` tells "
                "which, and a backup brings them back."
            )

    def read(
        self,
        record_id: str,
        identity: Identity,
        *,
        version: int | None = None,
        pseudonym: str | None = None,
        compartments: Collection[str] | None = None,
    ) -> bytes:
        """The plaintext of one record: its latest version, or the one that is named.

        Where a pseudonym or compartments are named, the very version that is read must be of them: the
        header that somebody looked at before may be of another one.
        Raises NotInVault, SealedToOthers, SealDamaged, SealedOtherwise.
        """
        plaintext = io.BytesIO()
        self.read_to(
            plaintext,
            record_id=record_id,
            identity=identity,
            version=version,
            pseudonym=pseudonym,
            compartments=compartments,
        )
        return plaintext.getvalue()

    def read_to(
        self,
        writer: Writable,
        *,
        record_id: str,
        identity: Identity,
        version: int | None = None,
        pseudonym: str | None = None,
        compartments: Collection[str] | None = None,
    ) -> Header:
        """Write the plaintext of one record, in constant memory; returns its header.

        Takes and raises what `read` does: then what was written is to be thrown away.
        """
        passing = Digesting(writer=writer)
        asked = self.as_sealed(record_id, version=version, pseudonym=pseudonym, compartments=compartments)
        with asked as (header, proof, file):
            digest = read_proof(open_sealed(proof, identity), header)
            open_stream(file, passing, identity=identity)
        check_digest(header, digest, passing.digest)
        return header

    @contextmanager
    def sealed(self, record_id: str, *, version: int | None = None) -> Iterator[tuple[Header, Readable]]:
        """One record as it is sealed: its header, and the plain age file to be read. Raises NotInVault."""
        with self.as_sealed(record_id, version=version) as (header, _, file):
            yield header, file

    @contextmanager
    def as_sealed(
        self,
        record_id: str,
        *,
        version: int | None = None,
        pseudonym: str | None = None,
        compartments: Collection[str] | None = None,
    ) -> Iterator[AsSealed]:
        """One record as it is sealed, with what proves it. Takes and raises what `read` does."""
        row, header = self._find(record_id, version)
        if pseudonym not in {None, header.pseudonym} or header.compartment not in (
            {header.compartment} if compartments is None else compartments
        ):
            # Whoever may not see it learns no more than of a record that is not there.
            raise _not_in_vault(record_id, version)
        with ExitStack() as opened:
            parts = self._parts(row, header)
            try:
                file = opened.enter_context(self._reader(parts))
            except ObjectLost:
                # Whoever sealed it again meanwhile has destroyed the old file: there is a new one then.
                parts = self._parts(row, header)
                file = opened.enter_context(self._reader(parts))
            yield AsSealed(header, parts.proof, file)

    def rotate(
        self, record_id: str, identity: Identity, *, recipients: Sequence[str], at: datetime, by: str
    ) -> tuple[Header, ...]:
        """Seal every version of one record again, to other recipients; returns their headers.

        Each gets a new file key, and is opened again before the old one is destroyed. The identity must be
        one of the new recipients, to be able to do that. Old backups still open to those who were
        recipients. `scrub` takes the old heads out of the database's files, once for many rotations.
        Raises KeyConflict, BadRecipient, NotInVault, VersionConflict where a version was added, sealed again
        or erased meanwhile or another recovery key named, and as `read` does; then nothing is changed.
        """
        sealed_to = self._with_recovery(recipients)
        if identity.recipient not in sealed_to:
            raise KeyConflict(
                "Whoever seals again must be able to open it afterwards: found that the key that opens is "
                "none of the new recipients; let one of them do it."
            )
        self._check_openers(sealed_to)
        before = self._versions(record_id)
        if not before:
            raise _not_in_vault(record_id, None)
        with self._objects.held(), ExitStack() as bodies:
            news = [bodies.enter_context(self._new_body()) for _ in before]
            anew = [
                self._seal_anew(
                    row,
                    replace(header, recipients=sealed_to, sealed_at=at, sealed_by=by),
                    identity=identity,
                    body=new,
                )
                for (row, header), new in zip(before, news, strict=True)
            ]
            with self.database.write():
                if self._versions(record_id) != before:
                    raise _changed_meanwhile(record_id)
                self._check_openers(sealed_to)
                for again in anew:
                    self._exchange(again)
                for _, body in news:
                    body.keep()
        for again in anew:
            self._shred(again.old)
        return tuple(again.header for again in anew)

    def erase(self, pseudonym: str, *, missing_ok: bool = False) -> Erasure:
        """Destroy all that lies under a pseudonym (R-19).

        Raises NotInVault where nothing does, so that a mistyped one is not taken for an erasure, unless
        that is fine.
        """
        return self._erase("pseudonym", pseudonym_tag(self.cipher, pseudonym), missing_ok=missing_ok)

    def erase_record(self, record_id: str, *, missing_ok: bool = False) -> Erasure:
        """Destroy one record, every version of it (R-19). Raises NotInVault as `erase` does."""
        return self._erase("record", record_tag(self.cipher, record_id), missing_ok=missing_ok)

    def scrub(self) -> bool:
        """Take the bytes of erased rows out of the database's files; False while somebody reads.

        A PostgreSQL server's write-ahead log, its archive and its replicas are not reached, nor backups.
        """
        return self.database.scrub()

    def sweep(self) -> int:
        """Destroy the files that killed writers left behind; returns how many.

        Not for a database that was brought back from an older day than the files: theirs would go too.
        Raises WrongFolder for the folder of another vault, and RowDamaged where a damaged row might name a
        file that would go.
        """
        return self._objects.sweep(self._named)

    def check(self) -> tuple[Misfit, ...]:
        """All rows and files that do not fit each other; nobody writes meanwhile.

        It opens nothing that is sealed to keys: `rehearse` does. Raises VaultUnavailable.
        """
        with self.database.write():
            try:
                settings = self._now()
                check_bound(self._objects, self.cipher, settings)
            except (RowDamaged, ObjectLost) as error:
                settings, found = self._settings, [Misfit("settings", "the vault", str(error))]
            else:
                found = []
            found += Checking(self.database, self.cipher, self._objects, settings).misfits()
        return tuple(found)

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
        added = KeptKey(key.officer, key.recipient, key, at, by)
        row = new_row()
        try:
            with self.database.write():
                self.database.change(
                    "INSERT INTO vault_keys (row_id, active, sealed) VALUES (?, ?, ?)",
                    *(row, kept.tag_of(self.cipher, added), kept.seal_key(self.cipher, row, added)),
                )
        except Taken:
            raise KeyConflict(
                f"An officer has one active key: found that {key.officer} has one; retire it first."
            ) from None
        return added

    def replace_key(self, key: OfficerKey, passphrase: str) -> KeptKey:
        """Keep an officer's key under its new passphrase; the old wrapping is destroyed.

        The new one is opened first, for a wrapping that nobody opens would be the end of the key. What the
        officer has unlocked in any session is locked.
        Raises NotInVault where the officer has no active key, KeyConflict where it is of another identity or
        was wrapped no later, and what `unlock` does; then nothing is changed.
        """
        _check_renewed(self._active(key.officer)[1], key)
        unlock(key, passphrase)
        with self.database.write():
            row, old = self._active(key.officer)
            _check_renewed(old, key)
            renewed = replace(old, key=key)
            self._update_key(row, renewed)
            self._lock(key.officer)
        self.database.scrub()
        return renewed

    def retire_key(self, officer: str, *, at: datetime, by: str, losing: bool = False) -> KeptKey:
        """Destroy the secret half of an officer's active key, and lock it wherever it is unlocked.

        Who had it when is kept. What was sealed to it stays sealed to it until it is rotated. `losing` says
        that records which nobody else opens are to be lost.
        Raises NotInVault where there is none, KeyConflict where a record or the whole vault would be left
        to nobody.
        """
        with self.database.write():
            row, old = self._active(officer)
            if not losing:
                self._check_nothing_is_lost(old)
            retired = replace(old, key=None, retired_at=at, retired_by=by)
            self._update_key(row, retired)
            self._lock(officer)
        self.database.scrub()
        return retired

    def key_of(self, officer: str) -> OfficerKey:
        """The active key of an officer. Raises NotInVault where there is none."""
        key = self._active(officer)[1].key
        if key is None:
            raise exchanged(kept.PLACE)
        return key

    def kept_keys(self, *, retired: bool = False, damaged: list[Misfit] | None = None) -> tuple[KeptKey, ...]:
        """The active keys in order of officer; with `retired` also those that once were.

        A row that cannot be read is left out, so that the others go on sealing and opening; it is told to
        `damaged`, and by `check`.
        """
        keys = []
        for row, sealed in self.database.rows("SELECT row_id, sealed FROM vault_keys"):
            try:
                keys.append(kept.open_key(self.cipher, row, sealed))
            except (RowDamaged, KeyDamaged) as error:
                if damaged is not None:
                    damaged.append(Misfit(kept.PLACE, name_of(row), str(error)))
        chosen = [each for each in keys if retired or each.retired_at is None]
        return tuple(sorted(chosen, key=lambda each: (each.officer, each.added_at)))

    def set_recovery(self, recipient: str, *, at: datetime, by: str) -> None:
        """Name the recovery key: from now on all is sealed to it too. Raises BadRecipient.

        What was sealed before is not, until it is rotated.
        """
        check_recipients([recipient])
        instant(at)
        with self.database.write():
            now = self._now()
            named = replace(now, counter=now.counter + 1, recovery=recipient, recovery_at=at, recovery_by=by)
            write_settings(self.database, self.cipher, named)
        self._settings = named
        follow(self._objects, self.cipher, named)

    def recovery(self) -> str | None:
        """The recipient of the recovery key; None where none was named.

        Raises RowDamaged where the settings are lost, or of an older day than this vault has seen.
        """
        return self._now().recovery

    # ------------------------------------------------------------------ parts of the above

    def _now(self) -> Settings:
        found = read_settings(self.database, self.cipher)
        check_not_older(found, self._settings)
        self._settings = found
        return found

    def _with_recovery(self, recipients: Sequence[str]) -> tuple[str, ...]:
        recovery = self.recovery()
        return check_recipients([*check_recipients(recipients), *([recovery] if recovery else [])])

    def _check_openers(self, sealed_to: tuple[str, ...]) -> None:
        """Raises VersionConflict where the recovery key is none of the recipients, KeyConflict where nobody
        of them is known."""
        recovery = self.recovery()
        if recovery and recovery not in sealed_to:
            raise VersionConflict(
                "All is sealed to the recovery key: found that another one was named meanwhile; do it again."
            )
        if not recovery and {each.recipient for each in self.kept_keys()}.isdisjoint(sealed_to):
            raise KeyConflict(
                "What is sealed must open to an active key of the vault or to its recovery key: found "
                "neither among the recipients; take them from the keys that the vault keeps."
            )

    def _check_nothing_is_lost(self, key: KeptKey) -> None:
        """Raises KeyConflict where nobody but this key would open a record, or anything at all."""
        recovery = self.recovery()
        others = {each.recipient for each in self.kept_keys() if each.officer != key.officer}
        left = others | ({recovery} if recovery else set())
        if not left:
            raise KeyConflict(
                f"Somebody must be able to open the vault: found that {key.officer} has the last key and "
                "that there is no recovery key; add another first."
            )
        damaged: list[Misfit] = []
        lost = {
            header.record_id
            for header in self.all_headers(damaged=damaged)
            if key.recipient in header.recipients and left.isdisjoint(header.recipients)
        }
        if lost or damaged:
            raise KeyConflict(
                f"Each record must be left to an active key or to the recovery key: found {len(lost)} that "
                f"only {key.officer} opens, and {len(damaged)} damaged headers; seal those to others and "
                "bring these back first, or say that they are to be lost."
            )

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
                *(row, pseudonym_tag(self.cipher, header.pseudonym)),
                record_tag(self.cipher, header.record_id),
                slot_tag(self.cipher, header.record_id, header.version),
                self.cipher.seal(encode(header), place=HEADERS, row=row),
            )
        except Taken:
            raise VersionConflict(
                f"{header} was written by somebody else meanwhile: read what is there now, then change it."
            ) from None
        self.database.change(
            "INSERT INTO vault_heads (row_id, sealing, sealed, proof) VALUES (?, ?, ?, ?)",
            *(row, sealed.sealing, *self._sealed_parts(sealed)),
        )
        self.database.change("INSERT INTO vault_bodies (row_id, body) VALUES (?, ?)", row, sealed.inline)

    def _versions(self, record_id: str) -> list[tuple[bytes, Header]]:
        tag = record_tag(self.cipher, record_id)
        found = self.database.rows("SELECT row_id, sealed FROM vault_headers WHERE record = ?", tag)
        versions = [(row, self._header(row, sealed)) for row, sealed in found]
        if any(header.record_id != record_id for _, header in versions):
            raise exchanged(HEADERS)
        return sorted(versions, key=lambda each: each[1].version)

    def _find(self, record_id: str, version: int | None) -> tuple[bytes, Header]:
        """The latest version, or the one that is named: that one also beside others that are damaged."""
        if version is None:
            versions = self._versions(record_id)
        else:
            tag = slot_tag(self.cipher, record_id, version)
            found = self.database.rows("SELECT row_id, sealed FROM vault_headers WHERE slot = ?", tag)
            versions = [(row, self._header(row, sealed)) for row, sealed in found]
            if any((header.record_id, header.version) != (record_id, version) for _, header in versions):
                raise exchanged(HEADERS)
        if not versions:
            raise _not_in_vault(record_id, version)
        return versions[-1]

    def _header(self, row: object, sealed: object) -> Header:
        return decode(self.cipher.open(sealed, place=HEADERS, row=row_name(row, place=HEADERS)))

    def _parts(self, row: bytes, header: Header) -> _Sealed:
        found = self.database.rows(
            "SELECT h.sealing, h.sealed, h.proof, b.body FROM vault_heads h JOIN vault_bodies b "
            "ON b.row_id = h.row_id WHERE h.row_id = ?",
            row,
        )
        if not found:
            raise self._without_parts(row, header)
        sealing, sealed, proof, inline = found[0]
        bound = row + row_name(sealing, place=HEADS)
        head = self.cipher.open(sealed, place=HEADS, row=bound)
        if inline is not None:
            inline = row_name(inline, place="bodies")
        return _Sealed(row, sealing, head, self.cipher.open(proof, place=PROOFS, row=bound), inline)

    def _sealed_parts(self, sealed: _Sealed) -> tuple[bytes, bytes]:
        """Head and proof as they stand in their row."""
        bound = sealed.row + sealed.sealing
        head = self.cipher.seal(sealed.head, place=HEADS, row=bound)
        return head, self.cipher.seal(sealed.proof, place=PROOFS, row=bound)

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
        digest = read_proof(open_sealed(old.proof, identity), header)
        with self._reader(old) as file:
            head, found = seal_anew(file, new, identity=identity, recipients=header.recipients)
        check_digest(header, digest, found)
        inline = new.finish()
        header = replace(header, sealed_bytes=len(head) + new.length)
        sealed = _Sealed(row, sealing, head, seal_proof(header, digest), inline)
        again = Digesting()
        with self._reader(sealed) as file:
            open_stream(file, again, identity=identity)
        check_digest(header, read_proof(open_sealed(sealed.proof, identity), header), again.digest)
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
        row, inline = again.sealed.row, again.sealed.inline
        changed = self.database.change(
            "UPDATE vault_heads SET sealing = ?, sealed = ?, proof = ? WHERE row_id = ? AND sealing = ?",
            *(again.sealed.sealing, *self._sealed_parts(again.sealed), row, again.old),
        )
        if changed != 1:
            raise _changed_meanwhile(str(again.header))
        self.database.change("UPDATE vault_bodies SET body = ? WHERE row_id = ?", inline, row)
        self.database.change(
            "UPDATE vault_headers SET sealed = ? WHERE row_id = ?",
            *(self.cipher.seal(encode(again.header), place=HEADERS, row=row), row),
        )

    def _erase(self, column: str, tag: bytes, *, missing_ok: bool) -> Erasure:
        with self.database.write():
            found = [_ToErase(*each) for each in self.database.rows(_FIND_TO_ERASE[column], tag)]
            if not found and not missing_ok:
                raise NotInVault(
                    f"An erasure is of something: found that the vault holds nothing of this {column}; "
                    "compare it, or it was erased already."
                )
            for each in found:
                for delete in _DELETE:
                    self.database.change(delete, each.row)
        # A file goes only where the head says that it is this row's: a row that was changed may name another.
        names = {bytes(each.sealing) for each in found if self._is_its_head(each)}
        files = [name for name in names if self._objects.path(name).exists()]
        shredded = [name for name in files if self._shred(name)]
        certain = all(self._is_its_head(each) for each in found if each.has_file)
        records = len({each.record for each in found})
        scrubbed = self.database.scrub() and certain and shredded == files
        return Erasure(records, len(found), len(shredded), scrubbed)

    def _is_its_head(self, found: _ToErase) -> bool:
        """Whether a head opens under its row and the name of its body."""
        if not isinstance(found.sealing, bytes):
            return False
        try:
            self.cipher.open(found.head, place=HEADS, row=found.row + found.sealing)
        except RowDamaged:
            return False
        return True

    def _named(self) -> set[bytes]:
        """The names of the files that are needed.

        Raises WrongFolder where they are not in this vault's folder, RowDamaged where not all are certain.
        """
        check_bound(self._objects, self.cipher, self._now())
        # Of a header without a head nobody knows whether it has a file, and which.
        found = self.database.rows(
            "SELECT h.row_id, h.sealing, h.sealed FROM vault_heads h LEFT JOIN vault_bodies b "
            "ON b.row_id = h.row_id WHERE b.body IS NULL UNION ALL "
            "SELECT v.row_id, NULL, NULL FROM vault_headers v WHERE v.row_id NOT IN "
            "(SELECT row_id FROM vault_heads)"
        )
        for row, sealing, head in found:
            self.cipher.open(head, place=HEADS, row=row + row_name(sealing, place=HEADS))
        return {sealing for _, sealing, _ in found}

    def _active(self, officer: str) -> tuple[bytes, KeptKey]:
        tag = kept.active_tag(self.cipher, officer)
        found = self.database.rows("SELECT row_id, sealed FROM vault_keys WHERE active = ?", tag)
        if not found:
            raise NotInVault(f"{officer} has no active key in the vault: make one and add it.")
        row, sealed = found[0]
        key = kept.open_key(self.cipher, row, sealed)
        if key.officer != officer:
            raise exchanged(kept.PLACE)
        return row, key

    def _update_key(self, row: bytes, key: KeptKey) -> None:
        self.database.change(
            "UPDATE vault_keys SET active = ?, sealed = ? WHERE row_id = ?",
            *(kept.tag_of(self.cipher, key), kept.seal_key(self.cipher, row, key), row),
        )

    def _lock(self, officer: str) -> None:
        """Lock what an officer has unlocked, inside a transaction."""
        tag = self.cipher.tag(UNLOCKED_BY, officer)
        self.database.change("DELETE FROM vault_unlocked WHERE officer = ?", tag)


def create_vault(address: str | Path, credential: Credential, *, objects: Path) -> Vault:
    """Make a vault in a SQLite file or at a PostgreSQL address, with a folder for large bodies; open it.

    Raises VaultExists, VaultUnavailable, ObjectLost, and WrongFolder for a folder of another vault.
    """
    store = Objects(objects)
    store.make()
    database = connect(address, make=True)
    cipher, settings = RowCipher(credential), new_settings()
    try:
        with database.write():
            _check_none(database)
            database.make_schema()
            write_settings(database, cipher, settings)
            bind(store, cipher, settings)
    except BaseException:
        database.close()
        raise
    return Vault(database, cipher, store, settings)


def open_vault(
    address: str | Path, credential: Credential, *, objects: Path, brought_back: bool = False
) -> Vault:
    """The vault in a SQLite file or at a PostgreSQL address.

    `brought_back` says that the database or the folder comes from a backup: then a folder that has lost its
    mark, or whose mark is of a later day than the database, is taken for the vault's again.
    Raises NoVault where there is none, WrongCredential for that of another vault, WrongFolder for another's
    folder of large bodies, RowDamaged for settings of an older day than the folder's, VaultUnavailable.
    """
    path = sqlite_file(address)
    if path and not path.is_file():
        raise _no_vault(str(path))
    database = connect(address)
    cipher, store = RowCipher(credential), Objects(objects)
    try:
        settings = _settings_of(database, cipher)
        (rebind if brought_back else check_bound)(store, cipher, settings)
    except BaseException:
        database.close()
        raise
    return Vault(database, cipher, store, settings)


def _check_none(database: Database) -> None:
    if database.has_schema():
        raise VaultExists(
            f"There is a vault at {database.place} already and it is kept: open it, or take another place."
        )


def _settings_of(database: Database, cipher: RowCipher) -> Settings:
    if not database.has_schema():
        raise _no_vault(database.place)
    try:
        return read_settings(database, cipher)
    except RowDamaged:
        raise WrongCredential(
            f"The vault at {database.place} was made with another credential or by another version of the "
            "program, or its settings are damaged: bring the credential that belongs to it, or the vault "
            "from a backup."
        ) from None


class _Sealed(NamedTuple):
    """A version as it is stored. `sealing` names this sealing, and the file of a large body."""

    row: bytes
    sealing: bytes
    head: bytes
    proof: bytes
    inline: bytes | None


class _Again(NamedTuple):
    """A version that was sealed again: what it was called, and what stands in its place."""

    old: bytes
    header: Header
    sealed: _Sealed


class _ToErase(NamedTuple):
    """A row that is to go: what names its body, and whether that is a file."""

    row: bytes
    record: bytes
    sealing: Any
    head: object
    has_file: object


_FIND = (
    "SELECT v.row_id, v.record, h.sealing, h.sealed, b.row_id IS NOT NULL AND b.body IS NULL "
    "FROM vault_headers v LEFT JOIN vault_heads h ON h.row_id = v.row_id "
    "LEFT JOIN vault_bodies b ON b.row_id = v.row_id"
)
_FIND_TO_ERASE = {
    "pseudonym": f"{_FIND} WHERE v.pseudonym = ?",
    "record": f"{_FIND} WHERE v.record = ?",
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


def _check_renewed(old: KeptKey, new: OfficerKey) -> None:
    """Raises KeyConflict where a key is not the same identity under a later wrapping."""
    if old.recipient != new.recipient:
        raise KeyConflict(
            f"A new passphrase keeps the identity: found another one of {new.officer}; retire the old key "
            "and add the new one."
        )
    if old.key and new.wrapped_at <= old.key.wrapped_at:
        raise KeyConflict(
            f"A new passphrase is later than the old one: found a key of {new.officer} that was wrapped no "
            "later than the one that is kept; change the passphrase of that one."
        )


def _changed_meanwhile(what: str) -> VersionConflict:
    return VersionConflict(
        f"{what} was changed, sealed again or erased by somebody else meanwhile: look what is there now."
    )


def _not_in_vault(record_id: str, version: int | None) -> NotInVault:
    return NotInVault(
        f"The vault holds no {record_id}{f' {_told(version)}' if version else ''}: compare the id, or it was "
        "erased."
    )


def _no_vault(place: str) -> NoVault:
    return NoVault(f"A vault was expected at {place}: found none; make one, or name the right place.")
