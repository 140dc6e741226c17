"""The credential of a vault: 32 random bytes without which nothing of its database is read or listed.

It lies in a file of its own, apart from the database: whoever has only the one learns nothing. Keys for
the several purposes are derived from it with HKDF-SHA256 (RFC 5869), so that none says anything of another.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lieber.base import BadInput

from .folders import make_private, write_new

CREDENTIAL_BYTES = 32
SUBKEY_BYTES = 32
_NAME = "lieber-vault-credential-1"
_TEXT = re.compile(rf"{_NAME}-([0-9a-f]{{64}})-([0-9a-f]{{8}})")
_CHECKSUM_LENGTH = 8
# A file that is longer is no credential, and is not read to its end.
_LONGEST = 1_000
# What the owner's group and everybody else may do with a file.
_OTHERS = 0o077


class CredentialError(BadInput):
    """The credential is not there, is there already, or is damaged."""


class Credential:
    """The secret of one vault. It is never shown: not by `repr`, not by `str`, not in an error.

    Raises CredentialError for another length than 32 bytes.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != CREDENTIAL_BYTES:
            raise CredentialError(f"A credential has {CREDENTIAL_BYTES} bytes: found {len(secret)}.")
        self._secret = bytes(secret)

    def __repr__(self) -> str:
        return "Credential(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Credential) and hmac.compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return hash(self._secret)

    def __reduce__(self) -> str:
        raise CredentialError("A credential is read from its own file: it is not to be stored elsewhere.")

    def subkey(self, label: str) -> bytes:
        """The key for one purpose; keys of two labels say nothing of each other."""
        return derive(self._secret, label)

    def as_text(self) -> str:
        """What stands in the file: the name of the format, the secret, eight digits of its checksum."""
        return f"{_NAME}-{self._secret.hex()}-{_checksum(self._secret)}"


def derive(secret: bytes, label: str) -> bytes:
    """A key of 32 bytes from a secret of full strength, for what the label names (RFC 5869)."""
    info = b"lieber-vault/1/" + label.encode("utf-8", "surrogatepass")
    return HKDF(algorithm=SHA256(), length=SUBKEY_BYTES, salt=None, info=info).derive(secret)


def make_credential(path: Path) -> Credential:
    """Make a new credential, readable by its owner only; it is there whole or not at all.

    Raises CredentialError where a file lies there already, for with it a vault would be lost, and where
    it cannot be written.
    """
    credential = Credential(secrets.token_bytes(CREDENTIAL_BYTES))
    try:
        make_private(path.parent)
        write_new(path, f"{credential.as_text()}\n")
    except FileExistsError:
        raise CredentialError(
            f"{path} is there already and is kept: take another path, or open the vault that it belongs to."
        ) from None
    except OSError as error:
        raise CredentialError(f"The credential cannot be written to {path}: {error.strerror}.") from None
    return credential


def read_credential(path: Path) -> Credential:
    """The credential in a file.

    Raises CredentialError where there is none, where it is damaged, and where others than its owner may
    read or write it.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(_LONGEST).decode("ascii", "replace").strip()
    except OSError as error:
        raise CredentialError(
            f"The vault's credential was expected at {path}: {error.strerror}; bring it back from where its "
            "copy is kept."
        ) from None
    if mode & _OTHERS:
        raise CredentialError(
            f"{path} must be open to its owner only: found that others may use it ({mode:04o}); close it "
            "with chmod 600, and make a new vault if somebody may have read it."
        )
    found = _TEXT.fullmatch(text)
    if found is None or _checksum(bytes.fromhex(found[1])) != found[2]:
        raise CredentialError(
            f"{path} must hold one line {_NAME}-… with the right checksum: found another or a damaged one; "
            "bring the credential back from where its copy is kept."
        )
    return Credential(bytes.fromhex(found[1]))


def _checksum(secret: bytes) -> str:
    return hashlib.sha256(_NAME.encode() + secret).hexdigest()[:_CHECKSUM_LENGTH]
