"""A proof in one file: that an entry stands in the log (C2SP tlog-proof).

The file holds the place of the entry, its audit path and the signed checkpoint; with the leaf and
the log's public key an outsider verifies it without a network.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from .checkpoints import (
    DECIMAL,
    NoteError,
    VerifiedCheckpoint,
    VerifierKey,
    decode_base64,
    decode_utf8,
    shown,
    verify,
)
from .tree import HASH_BYTES, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"

_HEAD = re.compile(rf"{re.escape(HEADER)}\n(?:extra ([^\n]*)\n)?index ({DECIMAL.pattern})\n((?:[^\n]+\n)*)\n")

# A tree whose size fits a signed number of 64 bits has no longer path.
LONGEST_PATH = 63


class ProofFormatError(NoteError):
    """The text is no `.tlog-proof`."""


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """The place of an entry in the log, its audit path from the leaf upward, and the checkpoint.

    `index` counts from 0. `checkpoint` is the signed note as the log wrote it. `extra` belongs to the
    application and is covered by no signature. Raises ProofFormatError where no file could hold it.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def __post_init__(self) -> None:
        if self.index < 0 or len(self.path) > LONGEST_PATH or any(len(h) != HASH_BYTES for h in self.path):
            raise ProofFormatError(
                f"A proof has an index from 0 and up to {LONGEST_PATH} hashes of {HASH_BYTES} bytes: found "
                f"index {self.index} and hashes of {[len(found) for found in self.path[:65]]} bytes."
            )

    @property
    def text(self) -> str:
        """The proof as the text of a `.tlog-proof` file; `read_proof` reads it back."""
        extra = [f"extra {b64encode(self.extra).decode()}"] if self.extra else []
        path = [b64encode(node).decode() for node in self.path]
        return "\n".join([HEADER, *extra, f"index {self.index}", *path, "", self.checkpoint])


def read_proof(data: str | bytes) -> InclusionProof:
    """The proof in a `.tlog-proof` file, unverified.

    Raises NoteError where the form is broken; of the checkpoint only `verify_proof` says so.
    """
    written = decode_utf8(data)
    head = _HEAD.match(written)
    if head is None:
        raise ProofFormatError(
            f"A proof has the lines {HEADER}, “index” with a number and hashes, then a blank line and a "
            f"checkpoint: found {shown(written)}."
        )
    extra, index, path = head.groups()
    nodes = tuple(decode_base64(line) for line in path.split("\n")[:-1])
    return InclusionProof(int(index), nodes, written[head.end() :], decode_base64(extra or ""))


def verify_proof(
    proof: InclusionProof,
    *,
    leaf: bytes,
    log: VerifierKey,
    cosigners: Sequence[VerifierKey] = (),
    quorum: int = 0,
) -> VerifiedCheckpoint:
    """Check that `leaf` (its bytes, not its hash) stands in the log; gives the checkpoint that says so.

    Raises NoteError or SignatureError where the checkpoint does not hold (see `verify`), ProofError
    where the leaf does not lead to its root.
    """
    # The signature comes first: until then nothing in the file is anybody's word.
    verified = verify(proof.checkpoint, log=log, cosigners=cosigners, quorum=quorum)
    head = verified.checkpoint
    verify_inclusion(
        leaf_hash=leaf_hash(leaf), index=proof.index, size=head.size, proof=proof.path, root=head.root
    )
    return verified
