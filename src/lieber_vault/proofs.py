"""What proves that a record opens to the text that was sealed: a second small age file beside it.

It holds the digest of the plaintext and says of which version it is. It is sealed to the same recipients: a
digest that could be read without a key would let whoever has the credential try out names and numbers.
"""

from __future__ import annotations

import json

from lieber.base import LieberError, canonical_json

from .headers import Header
from .sealing import Digest, seal


class SealedOtherwise(LieberError):
    """A record opens, and is not what its proof says, or the proof is of another record."""


def seal_proof(header: Header, digest: Digest) -> bytes:
    """The proof of one version, sealed to its recipients."""
    members = _bound(header) | {"sha256": digest.sha256, "length": digest.length}
    return seal(canonical_json(members), header.recipients)


def read_proof(opened: bytes, header: Header) -> Digest:
    """The digest in a proof that was opened. Raises SealedOtherwise where it is of another version."""
    try:
        members = json.loads(opened)
        digest = Digest(members.pop("sha256"), members.pop("length"))
    except (ValueError, TypeError, KeyError, AttributeError):
        members, digest = None, Digest("", 0)
    if members != _bound(header):
        raise _otherwise(header)
    return digest


def check_digest(header: Header, expected: Digest, found: Digest) -> None:
    """Raises SealedOtherwise where what was opened is not what was sealed."""
    if found != expected:
        raise _otherwise(header)


def _bound(header: Header) -> dict[str, object]:
    return {
        "record_id": header.record_id,
        "pseudonym": header.pseudonym,
        "kind": header.kind.value,
        "compartment": header.compartment,
        "version": header.version,
    }


def _otherwise(header: Header) -> SealedOtherwise:
    return SealedOtherwise(
        f"{header} opens to other bytes than were sealed: its rows were exchanged or its header is of "
        "another version; bring the vault back from a backup."
    )
