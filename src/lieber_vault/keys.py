"""An officer's key: an age X25519 identity, wrapped under a passphrase.

The passphrase goes through argon2id (RFC 9106), whose cost is stored with the key; the identity is wrapped
with ChaCha20-Poly1305 (RFC 8439) and bound to the officer and to everything else that the key says. A
checksum, which needs no passphrase, tells a damaged key from a wrong passphrase.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from lieber.base import BadInput, LieberError, canonical_json

from .sealing import BadIdentity, Identity, new_identity

SHORTEST_PASSPHRASE = 14
_FORMAT = "lieber-officer-key-1"
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32
# RFC 9106 §3.1 asks for 8 KiB a lane; the upper bounds keep a forged key from eating the machine: 1 GiB, and
# as much work as two passes over it.
_LEAST_KIB, _MOST_KIB, _MOST_WORK_KIB, _MOST_PASSES, _MOST_LANES = 8, 2**20, 2**21, 100, 64
# How argon2 says that it got no memory.
_NO_MEMORY = "Memory allocation error"


class WeakPassphrase(BadInput):
    """A passphrase is too short."""


class WrongPassphrase(LieberError):
    """The passphrase is not that of the key."""


class KeyDamaged(LieberError):
    """The text is no officer's key, or one that was damaged or changed."""


class TooLittleMemory(LieberError):
    """The machine has not the memory that trying a passphrase takes: it may still be the right one."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What trying a passphrase costs: argon2id's memory, passes and lanes.

    Raises BadInput beyond the bounds that RFC 9106 and a usual machine set.
    """

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 1

    def __post_init__(self) -> None:
        lanes_fit = 1 <= self.lanes <= _MOST_LANES
        passes_fit = 1 <= self.passes <= _MOST_PASSES
        memory_fits = _LEAST_KIB * self.lanes <= self.memory_kib <= _MOST_KIB
        work_fits = self.memory_kib * self.passes <= _MOST_WORK_KIB
        if not (lanes_fit and passes_fit and memory_fits and work_fits):
            raise BadInput(
                f"argon2id takes {_LEAST_KIB} KiB a lane to {_MOST_KIB} KiB, 1 to {_MOST_PASSES} passes, of "
                f"both {_MOST_WORK_KIB} KiB multiplied, and 1 to {_MOST_LANES} lanes: found "
                f"{self.memory_kib} KiB, {self.passes} and {self.lanes}."
            )


USUAL_COST = Cost()


@dataclass(frozen=True, slots=True)
class OfficerKey:
    """An officer's key as it is stored: nothing of it is secret to whoever lacks the passphrase.

    `recipient` is the public half. `made_at` is when the identity was made, `wrapped_at` when it was last
    put under a passphrase.
    """

    officer: str
    recipient: str
    made_at: datetime
    wrapped_at: datetime
    cost: Cost
    salt: bytes
    nonce: bytes
    wrapped: bytes

    def __repr__(self) -> str:
        return f"OfficerKey({self.officer!r}, {self.recipient})"

    def as_text(self) -> str:
        """The key as JSON with a checksum; `read_key` reads it back."""
        members = _public(self) | {"wrapped": b64encode(self.wrapped).decode()}
        return canonical_json(members | {"sha256": _checksum(members)}).decode()


class Recovery(NamedTuple):
    """The recovery key: the text to print and to keep offline, and the recipient that the vault is told."""

    identity_text: str
    recipient: str

    def __repr__(self) -> str:
        return f"Recovery(…, {self.recipient})"


def make_key(officer: str, passphrase: str, *, at: datetime, cost: Cost = USUAL_COST) -> OfficerKey:
    """A new key of an officer. Raises WeakPassphrase below 14 characters, and TooLittleMemory."""
    return _wrap(new_identity(), passphrase, officer=officer, made_at=at, at=at, cost=cost)


def unlock(key: OfficerKey, passphrase: str) -> Identity:
    """The identity in a key.

    Raises WrongPassphrase, KeyDamaged where the key was tampered with, and TooLittleMemory.
    """
    try:
        opened = ChaCha20Poly1305(_stretch(passphrase, key.salt, key.cost)).decrypt(
            key.nonce, key.wrapped, canonical_json(_public(key))
        )
        identity = Identity(opened.decode())
    except InvalidTag:
        raise WrongPassphrase(
            f"The passphrase does not open the key of {key.officer}: type it again, with the right keyboard."
        ) from None
    except (BadIdentity, UnicodeDecodeError):
        raise _damaged("it opens, and holds no identity") from None
    if identity.recipient != key.recipient:
        raise _damaged("its two halves do not belong together")
    return identity


def change_passphrase(
    key: OfficerKey, passphrase: str, *, new: str, at: datetime, cost: Cost = USUAL_COST
) -> OfficerKey:
    """The same identity under a new passphrase. A copy of the old key still opens with the old one.

    Raises WrongPassphrase, KeyDamaged, TooLittleMemory, and WeakPassphrase for the new one.
    """
    _check(new)
    identity = unlock(key, passphrase)
    return _wrap(identity, new, officer=key.officer, made_at=key.made_at, at=at, cost=cost)


def make_recovery() -> Recovery:
    """A key for the day on which no officer's key is left. It is stored nowhere.

    The text is a file as `age -i` reads it.
    """
    identity = new_identity()
    return Recovery(f"# public key: {identity.recipient}\n{identity.text()}\n", identity.recipient)


def read_key(text: str) -> OfficerKey:
    """The key that `OfficerKey.as_text` wrote. Raises KeyDamaged where it is none or was changed."""
    try:
        members = json.loads(text)
        if members.pop("sha256") != _checksum(members):
            raise _damaged("its checksum is another")
        return _read(members)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, BadInput):
        raise _damaged("it is no such JSON") from None


def _read(members: Mapping[str, Any]) -> OfficerKey:
    if members["format"] != _FORMAT or members["algorithm"] != "argon2id":
        raise _damaged(f"it is no {_FORMAT}")
    memory, passes, lanes = (int(members[name]) for name in ("memory_kib", "passes", "lanes"))
    salt, nonce, wrapped = (b64decode(members[name], validate=True) for name in ("salt", "nonce", "wrapped"))
    if (len(salt), len(nonce)) != (_SALT_BYTES, _NONCE_BYTES):
        raise _damaged("its salt or its nonce has another length")
    return OfficerKey(
        officer=str(members["officer"]),
        recipient=str(members["recipient"]),
        made_at=datetime.fromisoformat(members["made_at"]),
        wrapped_at=datetime.fromisoformat(members["wrapped_at"]),
        cost=Cost(memory, passes, lanes),
        salt=salt,
        nonce=nonce,
        wrapped=wrapped,
    )


def _wrap(
    identity: Identity, passphrase: str, *, officer: str, made_at: datetime, at: datetime, cost: Cost
) -> OfficerKey:
    _check(passphrase)
    bare = OfficerKey(
        officer=officer,
        recipient=identity.recipient,
        made_at=_utc(made_at),
        wrapped_at=_utc(at),
        cost=cost,
        salt=secrets.token_bytes(_SALT_BYTES),
        nonce=secrets.token_bytes(_NONCE_BYTES),
        wrapped=b"",
    )
    wrapping = ChaCha20Poly1305(_stretch(passphrase, bare.salt, cost))
    text = identity.text().encode()
    return replace(bare, wrapped=wrapping.encrypt(bare.nonce, text, canonical_json(_public(bare))))


def _public(key: OfficerKey) -> dict[str, Any]:
    """What the key says besides the wrapped identity, which is bound to it."""
    return {
        "format": _FORMAT,
        "algorithm": "argon2id",
        "officer": key.officer,
        "recipient": key.recipient,
        "made_at": key.made_at.isoformat(),
        "wrapped_at": key.wrapped_at.isoformat(),
        "memory_kib": key.cost.memory_kib,
        "passes": key.cost.passes,
        "lanes": key.cost.lanes,
        "salt": b64encode(key.salt).decode(),
        "nonce": b64encode(key.nonce).decode(),
    }


def _check(passphrase: str) -> None:
    found = len(_composed(passphrase))
    if found < SHORTEST_PASSPHRASE:
        raise WeakPassphrase(
            f"A passphrase has at least {SHORTEST_PASSPHRASE} characters: found {found}; four or five words "
            "drawn by chance are good."
        )


def _composed(passphrase: str) -> str:
    """One spelling for what looks the same: keyboards compose accents in two ways (RFC 8265 §4.2)."""
    return unicodedata.normalize("NFC", passphrase)


def _stretch(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    try:
        return hash_secret_raw(
            _composed(passphrase).encode("utf-8", "surrogatepass"),
            salt,
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=_KEY_BYTES,
            type=Type.ID,
        )
    except MemoryError:
        raise _too_little_memory(cost) from None
    except HashingError as error:
        if str(error) == _NO_MEMORY:
            raise _too_little_memory(cost) from None
        raise _damaged(f"argon2id refuses its parameters, {error}") from None


def _checksum(members: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(members)).hexdigest()


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise BadInput(f"An instant has a time zone: found {at.isoformat()} without one.")
    return at.astimezone(UTC)


def _too_little_memory(cost: Cost) -> TooLittleMemory:
    return TooLittleMemory(
        f"Trying a passphrase takes {cost.memory_kib} KiB of memory: found less free; close other programs, "
        "then type it again."
    )


def _damaged(found: str) -> KeyDamaged:
    return KeyDamaged(
        f"An officer's key must be as it was made: found that {found}; take the key from a backup."
    )
