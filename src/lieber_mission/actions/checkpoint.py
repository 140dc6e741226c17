"""Sign the head of the log."""

from __future__ import annotations

import os
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.db import transaction

from lieber.base import LieberError
from lieber.ledger import Checkpoint as Head
from lieber.ledger import VerifierKey, sign

from .. import place
from ..models import Checkpoint
from ..queries import log
from .record import hold_the_log


def make_key() -> None:
    """Make the key that signs checkpoints, readable by its owner only; an existing one is kept."""
    path = place.key_file()
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    made = path.with_name(f"{path.name}.{os.getpid()}")
    made.touch(mode=0o600)
    made.write_bytes(pem)
    try:
        # Whole or not at all, and never over a key that another made meanwhile.
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()


def signing_key() -> Ed25519PrivateKey:
    """The key that signs checkpoints. Raises LieberError where it is not there or is of another kind."""
    path = place.key_file()
    if not path.is_file():
        raise LieberError(
            f"The log's key is not at {path}: bring the key back there, or run `mission init` for a new "
            "register."
        )
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        raise LieberError(
            f"{path} must hold a PEM key without a password: bring the log's key back."
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise LieberError(f"{path} must hold an Ed25519 key: found another kind.")
    return key


def log_origin() -> str:
    """How the log names itself in its checkpoints; also the name of its key."""
    return str(place.mission().get("log", {}).get("origin", "lieber.invalid/register"))


def verifier_key() -> VerifierKey:
    """The public key of the log, as an outsider is given it."""
    public = signing_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return VerifierKey(log_origin(), public)


def sign_checkpoint(*, at: datetime) -> str:
    """Sign the log's present head; returns the note. Where that head is signed already, its note."""
    with transaction.atomic():
        hold_the_log()
        head = log.head()
        known = Checkpoint.objects.filter(size=head.size).first()
        if known:
            return known.note
        note = sign(Head(log_origin(), head.size, head.root), key=signing_key())
        Checkpoint(size=head.size, signed_at=at, note=note).save(force_insert=True)
    return note
