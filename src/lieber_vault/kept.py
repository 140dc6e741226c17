"""Officers' keys as the vault keeps them: one sealed row each, the active one of an officer under a tag."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from .headers import instant
from .keys import OfficerKey, read_key
from .rows import RowCipher, row_name

PLACE = "keys"


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


def active_tag(cipher: RowCipher, officer: str) -> bytes:
    """The tag that only one row may have: the active key of an officer."""
    return cipher.tag("active", officer)


def tag_of(cipher: RowCipher, kept: KeptKey) -> bytes | None:
    """The tag of a key's row; None once it is retired."""
    return None if kept.retired_at else active_tag(cipher, kept.officer)


def seal_key(cipher: RowCipher, row: bytes, kept: KeptKey) -> bytes:
    """The key as it stands in its row."""
    members = {
        "officer": kept.officer,
        "recipient": kept.recipient,
        "key": kept.key.as_text() if kept.key else None,
        "added_at": instant(kept.added_at),
        "added_by": kept.added_by,
        "retired_at": instant(kept.retired_at) if kept.retired_at else None,
        "retired_by": kept.retired_by,
    }
    return cipher.seal(json.dumps(members).encode(), place=PLACE, row=row)


def open_key(cipher: RowCipher, row: object, sealed: object) -> KeptKey:
    """The key in a row. Raises RowDamaged, and KeyDamaged."""
    members = json.loads(cipher.open(sealed, place=PLACE, row=row_name(row, place=PLACE)))
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
