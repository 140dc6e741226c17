"""The Merkle tree of the tests: grown as the register grows it, and the definition beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from lieber.ledger import Frontier, node_home


class MemoryTree:
    """A log in memory: with each leaf the nodes that it completed, as the register stores them."""

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self.frontier = Frontier()
        self.stored: list[tuple[bytes, ...]] = []
        self.reads = 0
        for leaf in leaf_hashes:
            self.append(leaf)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self.frontier.size

    def append(self, leaf: bytes) -> None:
        """Add the hash of a leaf."""
        self.stored.append(self.frontier.append(leaf))

    def read(self, positions: Sequence[tuple[int, int]]) -> list[bytes]:
        """The reader of nodes that roots and proofs are given."""
        self.reads += 1
        homes = [node_home(level, index) for level, index in positions]
        return [self.stored[leaf][place] for leaf, place in homes]


def root_by_definition(leaf_hashes: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1, MTH, written as the RFC defines it."""
    if not leaf_hashes:
        return hashlib.sha256().digest()
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    split = 1
    while split * 2 < len(leaf_hashes):
        split *= 2
    left, right = root_by_definition(leaf_hashes[:split]), root_by_definition(leaf_hashes[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()
