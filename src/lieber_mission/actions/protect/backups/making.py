"""Make a backup while the site is in use: one moment of register and vault, in one sealed file."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from lieber import __version__
from lieber.base import BadInput
from lieber_vault import Vault
from lieber_vault.database import sqlite_file
from lieber_vault.folders import to_disk
from lieber_vault.sealing import check_recipients

from .... import place
from ....models import Erasure
from ....models.register import instant_text
from ....queries import log
from ....queries.protect import vault
from ...checkpoint import log_origin, sign_checkpoint, signing_key, verifier_key
from ...record import hold_the_log
from .archive import BACKUP, ERASURES, MANIFEST, Packing, seal_chunks, signed, unwritable
from .snapshots import Snapshot, address_of, closing_all, program

SECRETS = ("keys/log.pem", "keys/vault.credential")


@dataclass(frozen=True, slots=True)
class Made:
    """The file, its length, what it holds, to how many keys it is sealed, which secrets are not in it."""

    path: Path
    bytes: int
    entries: int
    root: str
    parts: int
    recipients: int
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Moment:
    """What was so when nobody could write: the log's head and its signature, large bodies that were there."""

    entries: int = 0
    root: bytes = b""
    checkpoint: str = ""
    bodies: frozenset[str] = frozenset()


def make_backup(*, out: Path, at: datetime, to: Sequence[str] = (), with_keys: bool = False) -> Made:
    """Write a backup of register and vault to a new file, or into a folder under a name with the instant.

    It is sealed to the recovery key of the vault and to the recipients in `to`. `with_keys` takes the log's
    key and the vault's credential in.
    Raises BadInput where the file is there already, where it would be sealed to nobody or the vault's
    credential is not there; LieberError where a database or the disk refuses. Then nothing is left of it.
    """
    path = _named(out, at, "backup")
    _check_programs()
    moment, packing = _Moment(), Packing()
    with _opened_vault() as opened, _new_file(path) as file:
        recipients = _recipients(opened, to)
        chunks = _chunks(packing, moment, opened, at=at, with_keys=with_keys)
        with closing(chunks):
            seal_chunks(chunks, file, recipients=recipients)
        length = file.tell()
    left_out: tuple[str, ...] = () if with_keys else SECRETS
    if place.mission().get("storage") or any(place.storage_folder().glob("*")):
        left_out += ("storage",)
    return Made(
        path, length, moment.entries, moment.root.hex(), len(packing.parts), len(recipients), left_out
    )


def list_erasures(*, out: Path, at: datetime, to: Sequence[str] = ()) -> Made:
    """Write the sealed list of all erasures, by which they are done again after an older backup is restored.

    Raises as `make_backup` does.
    """
    path = _named(out, at, "erasures")
    with _opened_vault() as opened, _new_file(path) as file:
        recipients = _recipients(opened, to)
        head = log.head()
        members = {
            "made_at": instant_text(at),
            "log_key": verifier_key().vkey,
            "entries": head.size,
            "root": head.root.hex(),
            "erasures": [_listed(row) for row in Erasure.objects.order_by("entry")],
        }
        data = signed(ERASURES, members, key=signing_key(), name=log_origin())
        seal_chunks(iter([data]), file, recipients=recipients)
        length = file.tell()
    return Made(path, length, head.size, head.root.hex(), 1, len(recipients), ())


def _listed(row: Erasure) -> dict[str, object]:
    return {
        "pseudonym": row.pseudonym,
        "entries": row.entries,
        "ground": row.ground,
        "by": row.recorded_by,
        "agreed_by": row.agreed_by,
        "recorded_at": instant_text(row.recorded_at),
    }


def _chunks(
    packing: Packing, moment: _Moment, opened: Vault | None, *, at: datetime, with_keys: bool
) -> Generator[bytes, None, None]:
    """The bytes of the tar. Bodies come first, without holding anybody up: under its name none ever changes.

    Then, while nobody may write for a moment, both databases' snapshots are begun, and what bodies came
    meanwhile is taken in. A body that was destroyed meanwhile is named by no row of the snapshot.
    """
    taken: set[str] = set()
    while new := sorted(_bodies() - taken):
        for name in new:
            taken.add(name)
            yield from _file_part(packing, name, place.folder() / name, vanishing=True)
    with closing_all() as snapshots:
        with _nobody_writes(opened):
            register = snapshots.of(_register_address())
            sealed = snapshots.of(_vault_address()) if opened else None
            moment.checkpoint = sign_checkpoint(at=at)
            head = log.head()
            moment.entries, moment.root = head.size, head.root
            moment.bodies = frozenset(_bodies())
            for name in sorted(moment.bodies - taken):
                taken.add(name)
                yield from _file_part(packing, name, place.folder() / name)
            if opened:
                mark = "vault/objects/.vault"
                yield from _small_part(packing, mark, place.folder() / mark)
        yield from _database_part(packing, f"register.{register.form}", register)
        if sealed:
            yield from _database_part(packing, f"vault/vault.{sealed.form}", sealed)
    yield from _small_part(packing, "mission.toml", place.folder() / "mission.toml")
    if with_keys:
        for name in SECRETS:
            yield from _small_part(packing, name, _secret_file(name))
    members = _members(packing, moment, at=at, taken=taken)
    note = signed(BACKUP, members, key=signing_key(), name=log_origin())
    yield from packing.part(MANIFEST, io.BytesIO(note), len(note))
    yield packing.end()


def _members(packing: Packing, moment: _Moment, *, at: datetime, taken: set[str]) -> dict[str, object]:
    gone = taken - moment.bodies
    applied = MigrationRecorder(connection).migration_qs.filter(app="lieber_mission")
    return {
        "made_at": instant_text(at),
        "made_with": __version__,
        "schema": applied.order_by("-id").values_list("name", flat=True).first(),
        "log_key": verifier_key().vkey,
        "entries": moment.entries,
        "root": moment.root.hex(),
        "checkpoint": moment.checkpoint,
        "parts": [part._asdict() for part in packing.parts if part.name not in gone],
        # Destroyed while the backup was made: thrown away when it is restored.
        "destroyed": sorted({part.name for part in packing.parts} & gone),
    }


@contextmanager
def _opened_vault() -> Iterator[Vault | None]:
    """The vault, where the mission has one. Raises LieberError where it has one that cannot be opened."""
    address = place.vault_address()
    file = sqlite_file(address)
    if file and not file.is_file() and not place.vault_credential_file().is_file():
        yield None
        return
    with vault() as opened:
        yield opened


@contextmanager
def _nobody_writes(opened: Vault | None) -> Iterator[None]:
    """Hold the register, then the vault: in the order of all deeds, so that none waits for the other."""
    with transaction.atomic():
        hold_the_log()
        with opened.database.write() if opened else nullcontext():
            yield


def _recipients(opened: Vault | None, to: Sequence[str]) -> list[str]:
    recovery = opened.recovery() if opened else None
    recipients = [*([recovery] if recovery else []), *to]
    if not recipients:
        raise BadInput(
            "A backup is sealed to the vault's recovery key: found no vault with one; name an age recipient "
            "with --to."
        )
    return list(check_recipients(recipients))


def _check_programs() -> None:
    """Raises BadInput before anything is done where a program will be needed and is not there."""
    if connection.vendor == "postgresql" or sqlite_file(place.vault_address()) is None:
        program("pg_dump")


def _register_address() -> str | Path:
    return place.register_file() if connection.vendor == "sqlite" else address_of(connection.settings_dict)


def _vault_address() -> str | Path:
    address = place.vault_address()
    return sqlite_file(address) or str(address)


def _secret_file(name: str) -> Path:
    return place.key_file() if name == SECRETS[0] else place.vault_credential_file()


def _bodies() -> set[str]:
    """The names that the large bodies of the vault have in a backup."""
    folder = place.vault_folder() / "objects"
    return {
        f"vault/objects/{path.parent.name}/{path.name}"
        for path in folder.glob("[0-9a-f][0-9a-f]/*")
        if path.name.startswith(path.parent.name)
    }


def _file_part(packing: Packing, name: str, path: Path, *, vanishing: bool = False) -> Iterator[bytes]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        if vanishing:
            return
        raise
    with file:
        yield from packing.part(name, file, os.fstat(file.fileno()).st_size)


def _small_part(packing: Packing, name: str, path: Path) -> Iterator[bytes]:
    if path.is_file():
        data = path.read_bytes()
        yield from packing.part(name, io.BytesIO(data), len(data))


def _database_part(packing: Packing, name: str, snapshot: Snapshot) -> Iterator[bytes]:
    with snapshot.copy(place.folder()) as file:
        yield from packing.part(name, file, file.seek(0, os.SEEK_END) - file.seek(0))


def _named(out: Path, at: datetime, kind: str) -> Path:
    instant = at.strftime("%Y%m%dT%H%M%SZ")
    path = out / f"lieber-{instant}.{kind}.age" if out.is_dir() else out
    if path.exists():
        raise _is_there(path)
    if not path.parent.is_dir():
        raise BadInput(
            f"A backup is written into a folder that is there: found none at {path.parent}; make it."
        )
    return path


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that only its owner reads and that has its name when it is whole; else nothing is left of it."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.unfinished")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _name(temporary, path)
    except OSError as error:
        raise unwritable(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def _name(temporary: Path, path: Path) -> None:
    """Give a file its name, never over another's."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise _is_there(path) from None
    except OSError:
        # A file system without links, as of many sticks.
        if path.exists():
            raise _is_there(path) from None
        temporary.rename(path)
    to_disk(path.parent)


def _is_there(path: Path) -> BadInput:
    return BadInput(f"A backup is a new file: found that {path} is there already; name another.")
