"""An identity that is unlocked for a limited time, in one session of one officer.

It is sealed under a key made of a token and the session's name. The token is only in the browser's cookie:
the disk alone opens nothing, not even with the vault's credential.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from lieber.base import BadInput, LieberError

from .checking import UNLOCKED as _UNLOCKED
from .credential import derive
from .headers import instant
from .rows import UNLOCKED_BY, RowDamaged
from .sealing import Identity
from .store import KeyConflict, Vault

TOKEN_BYTES = 32
LONGEST = timedelta(hours=12)
_NONCE = bytes(12)  # the key is used once: every token is new


class Locked(LieberError):
    """No identity is unlocked here, or not any more."""


class _Kept(NamedTuple):
    until: datetime
    sealed: bytes


def start(
    vault: Vault, *, session: str, officer: str, identity: Identity, at: datetime, until: datetime
) -> bytes:
    """Unlock an officer's identity in a session until an instant; returns the token, which is stored nowhere.

    What was unlocked in the session before is locked. Raises BadInput for an instant without a zone, for more
    than 12 hours and for a session or an officer without a name, NotInVault where the officer has no active
    key, KeyConflict where that is of another identity.
    """
    _check_names(session, officer)
    _check_time(at, until)
    token = secrets.token_bytes(TOKEN_BYTES)
    bound = _bound(session, officer, until)
    sealed = ChaCha20Poly1305(_key(token, session)).encrypt(_NONCE, identity.text().encode(), bound)
    members = {"until": instant(until), "sealed": b64encode(sealed).decode()}
    row = _row(vault, session)
    with vault.database.write():
        if vault.key_of(officer).recipient != identity.recipient:
            raise KeyConflict(
                f"An officer unlocks the own key: found that the active key of {officer} is of another "
                "identity; unlock that one."
            )
        vault.database.change("DELETE FROM vault_unlocked WHERE session = ?", row)
        vault.database.change(
            "INSERT INTO vault_unlocked (session, officer, sealed) VALUES (?, ?, ?)",
            *(row, vault.cipher.tag(UNLOCKED_BY, officer)),
            vault.cipher.seal(json.dumps(members).encode(), place=_UNLOCKED, row=row),
        )
    return token


def use(vault: Vault, *, session: str, officer: str, token: bytes, at: datetime) -> Identity:
    """The identity that is unlocked in a session of an officer, for whoever has the token.

    Raises Locked where none is, where its time has passed, and for any other token or officer; BadInput
    for an instant without a zone.
    """
    instant(at)
    row = _row(vault, session)
    found = vault.database.rows("SELECT sealed FROM vault_unlocked WHERE session = ?", row)
    if not found:
        raise _locked()
    kept = _open(vault, row, found[0][0])
    if at >= kept.until:
        remove_expired(vault, at=at)
        raise Locked("The time for which your key was unlocked has passed: unlock it again.")
    try:
        opened = ChaCha20Poly1305(_key(token, session)).decrypt(
            _NONCE, kept.sealed, _bound(session, officer, kept.until)
        )
    except InvalidTag:
        raise _locked() from None
    return Identity(opened.decode())


def end(vault: Vault, *, session: str) -> bool:
    """Lock what is unlocked in a session; False where nothing was."""
    with vault.database.write():
        row = _row(vault, session)
        return bool(vault.database.change("DELETE FROM vault_unlocked WHERE session = ?", row))


def end_all(vault: Vault, *, officer: str) -> int:
    """Lock what an officer has unlocked in any session; returns how many."""
    with vault.database.write():
        tag = vault.cipher.tag(UNLOCKED_BY, officer)
        return vault.database.change("DELETE FROM vault_unlocked WHERE officer = ?", tag)


def remove_expired(vault: Vault, *, at: datetime) -> int:
    """Lock everything whose time has passed, and what is damaged; returns how many."""
    instant(at)
    with vault.database.write():
        found = vault.database.rows("SELECT session, sealed FROM vault_unlocked")
        over = [row for row, sealed in found if _is_over(vault, row, sealed, at=at)]
        for row in over:
            vault.database.change("DELETE FROM vault_unlocked WHERE session = ?", row)
    return len(over)


def _check_names(session: object, officer: object) -> None:
    for name, found in (("session", session), ("officer", officer)):
        if not isinstance(found, str) or not found:
            raise BadInput(f"What is unlocked is unlocked in a session of an officer: found no {name}.")


def _check_time(at: datetime, until: datetime) -> None:
    instant(at)
    instant(until)
    if not timedelta() < until - at <= LONGEST:
        raise BadInput(
            f"A key is unlocked for at most {LONGEST // timedelta(hours=1)} hours: found from {instant(at)} "
            f"until {instant(until)}; take a shorter time."
        )


def _is_over(vault: Vault, row: bytes, sealed: object, *, at: datetime) -> bool:
    try:
        return at >= _open(vault, row, sealed).until
    except RowDamaged:
        return True


def _open(vault: Vault, row: bytes, sealed: object) -> _Kept:
    members = json.loads(vault.cipher.open(sealed, place=_UNLOCKED, row=row))
    return _Kept(datetime.fromisoformat(members["until"]), b64decode(members["sealed"]))


def _row(vault: Vault, session: str) -> bytes:
    return vault.cipher.tag("session", session)


def _key(token: bytes, session: str) -> bytes:
    return derive(token, f"unlocked {session}")


def _bound(session: str, officer: str, until: datetime) -> bytes:
    return json.dumps([session, officer, instant(until)]).encode()


def _locked() -> Locked:
    return Locked("Your key is not unlocked here: unlock it with your passphrase.")
