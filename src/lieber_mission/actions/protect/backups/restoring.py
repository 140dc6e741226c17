"""Bring a backup back into an empty folder: all of it, as its manifest says, or nothing."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from lieber.base import BadInput, LieberError
from lieber.ledger import VerifierKey, read_vkey, root_at
from lieber_vault import BadIdentity, Identity, open_sealed, open_vault, read_credential
from lieber_vault.database import sqlite_file
from lieber_vault.folders import make_private
from lieber_vault.objects import Objects

from .... import place
from ....queries import log
from ....queries.check import Checked, check_register
from ....queries.protect import vault_misfits
from ..erasing import Erased, redo_erasure
from .archive import (
    BACKUP,
    ERASURES,
    LONGEST_MANIFEST,
    MANIFEST,
    Unpacking,
    open_to,
    read_signed,
    refused,
)
from .making import SECRETS
from .snapshots import address_of, bring_back, check_empty, program, shown

_LONGEST_IDENTITY = 2**16


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back, and what the checks found.

    `checked` is None for a register of an earlier version, which `mission init` brings up to date first;
    `misfits` is None where the vault's credential is not there yet. `missing` are the secrets to bring.
    """

    made_at: str
    entries: int
    root: str
    log_key: str
    key_was_known: bool
    missing: tuple[str, ...]
    redone: int
    checked: Checked | None
    misfits: list[str] | None

    @property
    def fits(self) -> bool:
        """Whether all that was looked at is as it was."""
        found = self.checked
        return found is not None and not found.problems and not self.misfits


def restore(
    file: Path, *, identity_file: Path, erasures: Path | None, log_key: str | None, at: datetime
) -> Restored:
    """Bring a backup back into the mission's folder, which must be empty or not there, and check it.

    `log_key` is the log's public key as the mission has published it: with it nobody else's backup is taken.
    `erasures` is a sealed list of erasures of a later day, which are done again.
    Raises BadInput and LieberError; then nothing was written.
    """
    into = place.folder()
    _check_target(into)
    identity = _identity(identity_file)
    known = read_vkey(log_key) if log_key else None
    listed = _erasures(erasures, identity=identity, known=known) if erasures else []
    with _stage(into) as stage:
        manifest, key = _unpacked(file, stage, identity=identity, known=known)
        _check_databases(stage)
        _check_list(listed, manifest, stage)
        _settle(stage)
        _bring_back_databases(stage)
        stage.rename(into)
    redone = _redo(listed, entries=manifest["entries"], into=into, at=at)
    missing = tuple(name for name in SECRETS if not _is_there(name, manifest))
    has_vault = (into / "vault" / "objects" / ".vault").is_file()
    return Restored(
        made_at=manifest["made_at"],
        entries=manifest["entries"],
        root=manifest["root"],
        log_key=key.vkey,
        key_was_known=known is not None,
        missing=missing,
        redone=redone,
        checked=_checked(key, manifest),
        misfits=vault_misfits() if has_vault and place.vault_credential_file().is_file() else None,
    )


def _check_target(into: Path) -> None:
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise BadInput(
            f"A backup is restored into a new or empty folder: found something in {into}; name another with "
            "--into. Nothing was written."
        )
    if not into.parent.is_dir():
        raise BadInput(f"The folder around {into} must be there: found none; make it.")


def _identity(path: Path) -> Identity:
    """The recovery key in a file, as `age -i` reads it. Raises BadInput; what was found is not repeated."""
    try:
        with path.open("rb") as file:
            lines = file.read(_LONGEST_IDENTITY).decode("ascii").splitlines()
        return Identity(next((line for line in lines if line.strip() and not line.startswith("#")), ""))
    except (BadIdentity, UnicodeDecodeError):
        reason = "no line begins with AGE-SECRET-KEY-1 and is whole"
    except OSError as error:
        reason = str(error.strerror)
    raise BadInput(
        f"The recovery key was expected in {path}: found that it cannot be read ({reason}); type it in as it "
        "was printed."
    )


def _erasures(path: Path, *, identity: Identity, known: VerifierKey | None) -> list[Mapping[str, Any]]:
    """The erasures in a sealed list."""
    with path.open("rb") as file:
        data = file.read(LONGEST_MANIFEST)
    members, _ = read_signed(open_sealed(data, identity), form=ERASURES, known=known)
    try:
        listed = [each | {"log_key": members["log_key"]} for each in members["erasures"]]
        whole = all(isinstance(each[name], kind) for each in listed for name, kind in _LISTED.items())
        numbers = all(isinstance(entry, int) for each in listed for entry in each["entries"])
    except (KeyError, TypeError):
        whole = numbers = False
    if not whole or not numbers:
        raise refused("the list of erasures cannot be read")
    return listed


_LISTED = {"pseudonym": str, "entries": list, "ground": str, "by": str, "agreed_by": str, "recorded_at": str}


@contextmanager
def _stage(into: Path) -> Iterator[Path]:
    """A folder beside the target that only its owner enters; nothing is left of it where it fails."""
    stage = into.with_name(f".{into.name}.{secrets.token_hex(4)}.unfinished")
    stage.mkdir(mode=0o700)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _unpacked(
    file: Path, stage: Path, *, identity: Identity, known: VerifierKey | None
) -> tuple[dict[str, Any], VerifierKey]:
    """The parts in the stage, compared with their manifest; returns that, and the key that signed it."""
    with file.open("rb") as sealed:
        unpacking = Unpacking(stage, most=os.fstat(sealed.fileno()).st_size)
        open_to(unpacking, sealed, identity=identity)
    if MANIFEST not in unpacking.parts:
        raise refused("it has no manifest")
    manifest, key = read_signed((stage / MANIFEST).read_bytes(), form=BACKUP, known=known)
    try:
        wanted = {part["name"]: (part["bytes"], part["sha256"]) for part in manifest["parts"]}
        destroyed = set(manifest["destroyed"])
        _check_members(manifest, {*wanted, *destroyed})
    except (KeyError, TypeError, ValueError):
        raise refused("its manifest cannot be read") from None
    found = {part.name: (part.bytes, part.sha256) for part in unpacking.parts.values()}
    del found[MANIFEST]
    for name in sorted(set(wanted) | set(found) - destroyed):
        if wanted.get(name) != found.get(name):
            raise refused(f"the part {name} is not the one that its manifest names")
    for name in destroyed & set(found):
        (stage / name).unlink()
    return manifest, key


def _check_members(manifest: Mapping[str, Any], names: Iterable[object]) -> None:
    """Raises TypeError or ValueError for a manifest that says something of another kind than it must."""
    for name, kind in {"made_at": str, "entries": int, "root": str, "log_key": str}.items():
        if not isinstance(manifest[name], kind):
            raise TypeError(name)
    if not all(isinstance(name, str) for name in names) or not 0 <= manifest["entries"] < 2**63:
        raise ValueError


def _check_databases(stage: Path) -> None:
    """Raises BackupRefused where a register is missing, a vault is not whole, or a file is no database."""
    if len(list(stage.glob("register.*"))) != 1:
        raise refused("it has not one register")
    if (stage / "vault").is_dir() and not (
        len(list(stage.glob("vault/vault.*"))) == 1 and (stage / "vault" / "objects" / ".vault").is_file()
    ):
        raise refused("its vault is not whole")
    for file in (*stage.glob("*.sqlite3"), *stage.glob("vault/*.sqlite3")):
        try:
            with closing(sqlite3.connect(file)) as database:
                database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            raise refused(f"its {file.name} is no database ({error})") from None


def _check_list(listed: list[Mapping[str, Any]], manifest: Mapping[str, Any], stage: Path) -> None:
    """Raises BadInput where erasures could not be done again once all is in its place."""
    if not listed:
        return
    if any(each["log_key"] != manifest["log_key"] for each in listed):
        raise BadInput(
            "A list of erasures must be of the same mission as the backup: found another log's key in it; "
            "take the mission's own. Nothing was written."
        )
    credential, folder = place.vault_credential_file(), stage / "vault"
    inside = stage / "keys" / "vault.credential"
    if not (folder / "objects" / ".vault").is_file():
        return
    if not credential.is_file() and not inside.is_file():
        raise BadInput(
            "Erasures are done again in the vault too, with its credential: found none at "
            f"{credential}; name its file in LIEBER_VAULT_CREDENTIAL_FILE. Nothing was written."
        )
    if (folder / "vault.sqlite3").is_file():
        # Another vault's credential is told before anything is in its place.
        opened = read_credential(inside if inside.is_file() else credential)
        open_vault(folder / "vault.sqlite3", opened, objects=folder / "objects").close()


def _settle(stage: Path) -> None:
    """What a mission's folder has beside the parts of a backup."""
    for part in ("keys", "storage", "vault"):
        make_private(stage / part)
    if (stage / "vault" / "objects").is_dir():
        Objects(stage / "vault" / "objects").make()
    secret = stage / "keys" / "site.secret"
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_urlsafe(48), "utf-8")


def _bring_back_databases(stage: Path) -> None:
    """Fill the databases of PostgreSQL that the environment names; those of SQLite are files already."""
    register, sealed = stage / "register.pgdump", stage / "vault" / "vault.pgdump"
    wanted = {register: "LIEBER_DATABASE", sealed: "LIEBER_VAULT_DATABASE"}
    address = place.vault_address()
    is_file = {register: connection.vendor == "sqlite", sealed: sqlite_file(address) is not None}
    for copied, variable in wanted.items():
        present = copied.is_file(), copied.with_suffix(".sqlite3").is_file()
        if present[0] and is_file[copied]:
            raise BadInput(
                f"This backup holds a database of PostgreSQL: found no address of one; name an empty one in "
                f"{variable}. Nothing was written."
            )
        if present[1] and not is_file[copied]:
            raise BadInput(
                f"This backup holds a database of SQLite: found {variable} set; unset it. Nothing was "
                "written."
            )
    targets = {register: address_of(connection.settings_dict), sealed: str(address)}
    there = {copied: target for copied, target in targets.items() if copied.is_file()}
    for target in there.values():
        program("pg_restore")
        check_empty(target)
    for copied, target in there.items():
        bring_back(copied, target)
        copied.unlink()


def _redo(listed: list[Mapping[str, Any]], *, entries: int, into: Path, at: datetime) -> int:
    """Do the erasures again; where that fails nothing of the backup stays."""
    try:
        done = [
            redo_erasure(
                pseudonym=each["pseudonym"],
                entries=[entry for entry in each["entries"] if entry < entries],
                ground=f"{each['ground']} (done again after a restore; first on {each['recorded_at']})",
                by=each["by"],
                agreed_by=each["agreed_by"],
                at=at,
            )
            for each in listed
        ]
    except BaseException as error:
        connection.close()
        shutil.rmtree(into, ignore_errors=True)
        reason = str(error) if isinstance(error, LieberError) else type(error).__name__
        where = ""
        if connection.vendor == "postgresql":
            where = f", and the database at {shown(address_of(connection.settings_dict))} must be emptied"
        raise LieberError(
            "The erasures of the list must be done again: found that this fails "
            f"({reason.rstrip('.')}); the folder was removed again{where}."
        ) from error
    return sum(isinstance(each, Erased) for each in done)


def _is_there(name: str, manifest: Mapping[str, Any]) -> bool:
    if name == SECRETS[0]:
        return place.key_file().is_file()
    has_vault = any(part["name"] == "vault/objects/.vault" for part in manifest["parts"])
    return not has_vault or place.vault_credential_file().is_file()


def _checked(key: VerifierKey, manifest: Mapping[str, Any]) -> Checked | None:
    """What `mission check` would find; None where the register is of an earlier version."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return None
        checked = check_register(key=key)
    except DatabaseError as error:
        checked = Checked()
        checked.note("L02", "register", "-", f"the register cannot be read through ({error})")
        return checked
    found = _root_at(manifest["entries"])
    if found != manifest["root"]:
        checked.note(
            "L04",
            "register_entry",
            str(manifest["entries"]),
            f"the log has the root {found} at {manifest['entries']} entries, and not that of the manifest: "
            f"{manifest['root']}",
        )
    return checked


def _root_at(entries: int) -> str:
    try:
        return root_at(entries, log.read_nodes).hex()
    except LieberError:
        return "none"
