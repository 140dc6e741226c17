"""The first minutes of a mission: folder, keys, database, first officer."""

from __future__ import annotations

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.core.management import call_command

from lieber.base import LieberError

from .. import place
from ..models import Checkpoint, Officer
from ..policies.permissions import Role
from .checkpoint import make_key
from .officers import make_officer
from .protect.founding import found_vault

FIRST_ROLES = (Role.ADMINISTRATOR, Role.DATA_OFFICER, Role.ANALYST)


@dataclass(frozen=True, slots=True)
class Founded:
    """Whether the register was made now, the first officer's password, the vault's recovery key.

    Password and key are shown once and kept nowhere.
    """

    made: bool
    password: str | None
    recovery: str | None


def found_mission(
    *, name: str, origin: str, handle: str | None, at: datetime, second_factor: str = "required"
) -> Founded:
    """Make what a mission needs; what exists already is left as it is.

    Without a handle no officer is made. `second_factor` may be "offered" in an example only.
    """
    prepare_folder(name=name, origin=origin, second_factor=second_factor)
    with _alone():
        return _found(handle, at)


def _found(handle: str | None, at: datetime) -> Founded:
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    if not place.key_file().exists() and Checkpoint.objects.exists():
        raise LieberError(
            f"The log's key is not at {place.key_file()}, and its checkpoints were signed with it: bring the "
            "key back there."
        )
    make_key()
    recovery = found_vault(by="", at=at) if handle is not None else None
    if handle is None or Officer.objects.exists():
        return Founded(made=False, password=None, recovery=recovery)
    password = secrets.token_urlsafe(15)
    make_officer(
        handle=handle,
        title="First officer",
        roles=FIRST_ROLES,
        password=password,
        at=at,
        reason="founded the mission",
    )
    return Founded(made=True, password=password, recovery=recovery)


@contextmanager
def _alone() -> Iterator[None]:
    """Whoever founds waits until another who founds the same folder is done."""
    with (place.folder() / "keys" / "founding.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare_folder(*, name: str, origin: str, second_factor: str = "required") -> None:
    """The folder with its keys and `mission.toml`; nothing that exists is overwritten."""
    folder = place.folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for part in (place.vault_folder(), place.storage_folder(), place.key_file().parent):
        part.mkdir(exist_ok=True, mode=0o700)
    secret = folder / "keys" / "site.secret"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(48), "utf-8")
    described = folder / "mission.toml"
    if not described.exists():
        described.write_text(
            f"# What this mission is called, and how its log names itself in checkpoints.\n"
            f"name = {_quoted(name)}\n\n[log]\norigin = {_quoted(origin)}\n\n"
            "# Officers need a second factor; only an example of public material may merely offer it.\n"
            f"[officers]\nsecond_factor = {_quoted(second_factor)}\n",
            "utf-8",
        )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
