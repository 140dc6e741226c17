"""What a vault knows of itself, in one sealed row: its id, its recovery key, how often that was named.

The folder of the large bodies holds a mark of the same id and count. By it a folder of another vault is told,
and a row of settings that somebody put back from an older day.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from .database import Database
from .headers import instant
from .objects import ObjectLost, Objects, WrongFolder
from .rows import RowCipher, RowDamaged

PLACE = "settings"
_FORMAT = "lieber-vault-2"
_ROW = b"settings"
_ID_BYTES = 16
_MARK_FORMAT = "lieber-vault-objects-1"
_MARK = re.compile(rf"{_MARK_FORMAT} (0|[1-9][0-9]{{0,9}}) ([0-9a-f]{{64}})\n?")


@dataclass(frozen=True, slots=True)
class Settings:
    """The id of a vault, drawn by chance; its recovery key, since when and by whom.

    `counter` says how often a recovery key was named: it never goes back.
    """

    vault: str
    counter: int = 0
    recovery: str | None = None
    recovery_at: datetime | None = None
    recovery_by: str | None = None


def new_settings() -> Settings:
    """Those of a new vault."""
    return Settings(secrets.token_hex(_ID_BYTES))


def read_settings(database: Database, cipher: RowCipher) -> Settings:
    """The settings of a vault. Raises RowDamaged where they are missing, or of another credential."""
    found = database.rows("SELECT sealed FROM vault_settings WHERE name = ?", PLACE)
    members = json.loads(cipher.open(found[0][0] if found else None, place=PLACE, row=_ROW))
    if members["format"] != _FORMAT:
        raise RowDamaged(
            f"The vault's settings are written as {_FORMAT}: found {members['format']}; use the version of "
            "the program that wrote it."
        )
    at = members["recovery_at"]
    return Settings(
        vault=members["vault"],
        counter=members["counter"],
        recovery=members["recovery"],
        recovery_at=datetime.fromisoformat(at) if at else None,
        recovery_by=members["recovery_by"],
    )


def write_settings(database: Database, cipher: RowCipher, settings: Settings) -> None:
    """Put them in the place of those before, inside a transaction."""
    members = {
        "format": _FORMAT,
        "vault": settings.vault,
        "counter": settings.counter,
        "recovery": settings.recovery,
        "recovery_at": instant(settings.recovery_at) if settings.recovery_at else None,
        "recovery_by": settings.recovery_by,
    }
    database.change(
        "INSERT INTO vault_settings (name, sealed) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed",
        *(PLACE, cipher.seal(json.dumps(members).encode(), place=PLACE, row=_ROW)),
    )


def check_not_older(found: Settings, known: Settings) -> None:
    """Raises RowDamaged where settings are of another vault, or of an older day than those that were seen."""
    if found.vault != known.vault or found.counter < known.counter:
        raise _older()


def bind(objects: Objects, cipher: RowCipher, settings: Settings) -> None:
    """Mark the folder of a new vault. Raises WrongFolder where it has a mark already."""
    objects.make_mark(_mark(cipher, settings))


def rebind(objects: Objects, cipher: RowCipher, settings: Settings) -> None:
    """Mark a folder anew after a backup was brought back. Raises WrongFolder for that of another vault."""
    text = objects.mark()
    if text is not None:
        _count(text, cipher, settings, objects=objects)
    objects.write_mark(_mark(cipher, settings))


def check_bound(objects: Objects, cipher: RowCipher, settings: Settings) -> None:
    """Raises WrongFolder where a folder is not that of the vault, RowDamaged where it is of a later day."""
    count = _count(objects.mark() or "", cipher, settings, objects=objects)
    if count > settings.counter:
        raise _older()
    if count < settings.counter:
        # Whoever named the recovery key was stopped before this.
        follow(objects, cipher, settings)


def follow(objects: Objects, cipher: RowCipher, settings: Settings) -> None:
    """Let the mark say the settings' count; where it cannot, whoever opens the vault next does it."""
    with suppress(ObjectLost):
        objects.write_mark(_mark(cipher, settings))


def _mark(cipher: RowCipher, settings: Settings) -> str:
    return f"{_MARK_FORMAT} {settings.counter} {_tag(cipher, settings.vault, settings.counter)}\n"


def _count(text: str, cipher: RowCipher, settings: Settings, *, objects: Objects) -> int:
    found = _MARK.fullmatch(text)
    if not found or not hmac.compare_digest(found[2], _tag(cipher, settings.vault, int(found[1]))):
        raise WrongFolder(
            f"The folder {objects.folder} must be marked as this vault's: found another mark or none; name "
            "the folder that belongs to it, or say that it was brought back from a backup."
        )
    return int(found[1])


def _tag(cipher: RowCipher, vault: str, count: int) -> str:
    return cipher.tag("objects", vault, count).hex()


def _older() -> RowDamaged:
    return RowDamaged(
        "The vault's settings are of an older day than others have seen, and may name an old recovery key: "
        "find out who put them back; after bringing back a backup, say so and name the recovery key again."
    )
