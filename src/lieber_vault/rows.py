"""What stands in the rows of the vault's database: tags that are compared, and sealed values.

A tag is an HMAC-SHA256 of what a row is looked for by; a value is sealed with ChaCha20-Poly1305 and bound
to the place and the row where it stands, so that no row can be put in the place of another. Both need keys
that are derived from the credential.
"""

from __future__ import annotations

import hmac
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from lieber.base import LieberError

from .credential import Credential

ROW_BYTES = 16
# The tag of the officer who has unlocked an identity.
UNLOCKED_BY = "unlocked by"
_NONCE_BYTES = 12
# A sealed value is as long as the next multiple: its length says little of what it holds.
_PADDED_TO = 256


class RowDamaged(LieberError):
    """A row of the vault was damaged, changed, put in the place of another, or is of another vault."""


class RowCipher:
    """Tags and seals of one vault's rows."""

    def __init__(self, credential: Credential) -> None:
        self._finding = credential.subkey("rows: find")
        self._sealing = ChaCha20Poly1305(credential.subkey("rows: seal"))

    def tag(self, kind: str, *values: str | int) -> bytes:
        """By what a row is found; the same kind and values always give the same tag."""
        return hmac.digest(self._finding, json.dumps([kind, *values]).encode(), "sha256")

    def seal(self, value: bytes, *, place: str, row: bytes) -> bytes:
        """The value, readable only at this place of this row."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._sealing.encrypt(nonce, _pad(value), _bound(place, row))

    def open(self, sealed: object, *, place: str, row: bytes) -> bytes:
        """The value that was sealed. Raises RowDamaged for anything else."""
        if isinstance(sealed, bytes) and len(sealed) > _NONCE_BYTES:
            try:
                nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
                return _unpad(self._sealing.decrypt(nonce, rest, _bound(place, row)))
            except InvalidTag:
                pass
        raise RowDamaged(
            f"A row among the vault's {place} was damaged or changed, or stands in the place of another: "
            "bring the vault back from a backup."
        )


def new_row() -> bytes:
    """Sixteen random bytes that name a row."""
    return secrets.token_bytes(ROW_BYTES)


def row_name(value: object, *, place: str) -> bytes:
    """The name of a row as the database gave it. Raises RowDamaged where it is none."""
    if not isinstance(value, bytes):
        raise exchanged(place)
    return value


def exchanged(place: str) -> RowDamaged:
    """The error of a row that is not what it was found as."""
    return RowDamaged(
        f"A row among the vault's {place} stands in the place of another: bring the vault back from a backup."
    )


def _bound(place: str, row: bytes) -> bytes:
    return place.encode() + b"\0" + row


def _pad(value: bytes) -> bytes:
    """ISO/IEC 7816-4: one byte 0x80, then zeroes."""
    return value + b"\x80" + bytes(-(len(value) + 1) % _PADDED_TO)


def _unpad(padded: bytes) -> bytes:
    return padded.rstrip(b"\0")[:-1]
