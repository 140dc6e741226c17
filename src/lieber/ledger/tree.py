"""The Merkle tree of the log: RFC 6962 §2.1, its proofs and their verification (RFC 9162 §2.1).

A tree of n leaves consists of perfect subtrees, one for each set bit of n: its peaks. Appending a
leaf completes the node of level 0 and one more for each subtree that it closes; no completed node
ever changes. The register therefore stores with each leaf the nodes that it completed: node
(level, index) stands with leaf `(index + 1) * 2**level - 1` at position `level`.

The functions that need stored nodes take a reader and call it once for each proof.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce

from ..base import BadInput, LieberError

Position = tuple[int, int]
"""Level (0 for leaves) and index from the left, counted from 0."""

ReadNodes = Callable[[Sequence[Position]], Sequence[bytes]]
"""The hashes of the nodes at these positions, in their order."""

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class ProofError(LieberError):
    """A proof does not prove what it should."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf. RFC 6962 §2.1: the prefix keeps leaves and nodes apart."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two nodes (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def peak_positions(size: int) -> tuple[Position, ...]:
    """The positions of the perfect subtrees that a tree of `size` leaves consists of, largest first."""
    return _peaks_of(0, size)


def node_home(level: int, index: int) -> tuple[int, int]:
    """Where the register stores a node: the leaf that completed it, and its place among the nodes
    that this leaf completed."""
    return ((index + 1) << level) - 1, level


class Frontier:
    """The right edge of a growing tree: all that appending needs.

    `peaks` are the hashes at `peak_positions(size)`. Raises BadInput where they do not fit the size.
    """

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self._size, self._peaks = size, list(peaks)
        lengths = [len(peak) for peak in self._peaks]
        if size < 0 or lengths != [HASH_BYTES] * size.bit_count():
            raise BadInput(
                f"A tree of {size} leaves has one peak of {HASH_BYTES} bytes for each set bit of its size: "
                f"found peaks of {lengths} bytes; read them at peak_positions({size})."
            )

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The hashes of the perfect subtrees, largest first."""
        return tuple(self._peaks)

    def append(self, leaf_hash: bytes) -> tuple[bytes, ...]:
        """Add a leaf; returns the nodes it completes: its own hash, then each subtree that it closes.

        Raises BadInput for anything but a hash of 32 bytes.
        """
        if len(leaf_hash) != HASH_BYTES:
            raise BadInput(
                f"The hash of a leaf has {HASH_BYTES} bytes: found {len(leaf_hash)}; use leaf_hash."
            )
        completed = [leaf_hash]
        # Each set bit at the end of the size is a peak, and closes the next level with the node beside it.
        rest = self._size
        while rest & 1:
            completed.append(node_hash(self._peaks.pop(), completed[-1]))
            rest >>= 1
        self._peaks.append(completed[-1])
        self._size += 1
        return tuple(completed)

    def root(self) -> bytes:
        """The root hash of the tree as it stands."""
        return _folded(self._peaks)


def root_at(size: int, read: ReadNodes) -> bytes:
    """The root hash of the tree's first `size` leaves (RFC 6962 §2.1, MTH)."""
    return _read_ranges([(0, size)], read)[0]


def inclusion_proof(index: int, size: int, read: ReadNodes) -> tuple[bytes, ...]:
    """The audit path of leaf `index` in the tree of `size` leaves, from the leaf upward.

    Raises ProofError where the tree does not hold the leaf.
    """
    _check_leaf(index, size)
    # RFC 6962 §2.1.1, PATH(m, D[n]): at each split the subtree without the leaf belongs to the path.
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + _left_width(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return _read_ranges(ranges[::-1], read)


def consistency_proof(size1: int, size2: int, read: ReadNodes) -> tuple[bytes, ...]:
    """The proof that the tree of `size2` leaves continues the tree of its first `size1`.

    Raises ProofError unless 1 ≤ size1 ≤ size2; equal sizes have the empty proof.
    """
    _check_sizes(size1, size2)
    # RFC 6962 §2.1.2, SUBPROOF(m, D[n], b): `known` is b, true while the old root is the hash wanted.
    start, end, known, ranges = 0, size2, True, []
    while size1 < end:
        middle = start + _left_width(end - start)
        if size1 <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, known = middle, False
    if not known:
        ranges.append((start, end))
    return _read_ranges(ranges[::-1], read)


def verify_inclusion(*, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that leaf `index` of the tree of `size` leaves with this root is the leaf hashed.

    The path fixes the index, but another size with the same path verifies too: take size and root
    from one checkpoint. Raises ProofError where the proof does not hold.
    """
    _check_leaf(index, size)
    _check_hashes(leaf_hash, root, *proof)
    # RFC 9162 §2.1.3.2, steps 2 to 5.
    found = leaf_hash
    for sibling, is_left in _climb(index, size - 1, proof):
        found = node_hash(sibling, found) if is_left else node_hash(found, sibling)
    if found != root:
        raise ProofError(
            f"Leaf {index} of {size} should lead to the root {root.hex()}: found {found.hex()}; leaf, "
            "position, proof or root was changed."
        )


def verify_consistency(*, size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `size2` leaves with `root2` continues the one of `size1` with `root1`.

    Nothing can be shown of an empty tree, therefore `size1` is at least 1. Raises ProofError where
    the proof does not hold.
    """
    _check_sizes(size1, size2)
    # Roots of another length equal no hash; between equal sizes only their equality is asked.
    _check_hashes(*proof)
    found1, found2 = _old_and_new(size1, size2, root1, proof)
    _check_root(size1, root1, found1)
    _check_root(size2, root2, found2)


def _old_and_new(size1: int, size2: int, root1: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots of both trees that a consistency proof leads to (RFC 9162 §2.1.4.2)."""
    if size1 == size2 and not proof:
        return root1, root1
    # Steps 1 and 2: an old tree that is perfect is itself a node of the new one.
    if size1 == size2 or not proof:
        raise ProofError(_wrong_length("more" if proof else "fewer"))
    first, *siblings = [root1, *proof] if size1.bit_count() == 1 else proof
    # Steps 3 to 6: below this level both trees hold the same perfect subtree, hashed in `first`.
    level = _zeros(size1)
    found1 = found2 = first
    for sibling, is_left in _climb((size1 - 1) >> level, (size2 - 1) >> level, siblings):
        if is_left:
            found1, found2 = node_hash(sibling, found1), node_hash(sibling, found2)
        else:
            found2 = node_hash(found2, sibling)
    return found1, found2


def _climb(fn: int, sn: int, siblings: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each sibling from a node to the root, and whether it stands on the left.

    RFC 9162 §2.1.3.2 step 4 and §2.1.4.2 step 6, with their names: `fn` is the index of the node
    and `sn` that of the last node of its level.
    """
    for sibling in siblings:
        if sn == 0:
            raise ProofError(_wrong_length("more"))
        is_left = fn & 1 == 1 or fn == sn
        yield sibling, is_left
        # A last node without a sibling moves up unchanged to the level where it has one.
        level = 1 + (_zeros(fn) if is_left else 0)
        fn, sn = fn >> level, sn >> level
    if sn != 0:
        raise ProofError(_wrong_length("fewer"))


def _zeros(number: int) -> int:
    """How many bits below the lowest set one; 0 for 0, where RFC 9162 shifts no further."""
    return (number & -number).bit_length() - 1 if number else 0


def _left_width(width: int) -> int:
    """RFC 6962 §2.1: the largest power of two smaller than the number of leaves."""
    return 1 << ((width - 1).bit_length() - 1)


def _peaks_of(start: int, end: int) -> tuple[Position, ...]:
    """The perfect subtrees that the leaves from `start` up to `end` consist of, from the left.

    `start` must be a multiple of the largest of them, as every range of a proof has it.
    """
    width = end - start
    levels = (level for level in reversed(range(width.bit_length())) if width >> level & 1)
    return tuple((level, (start >> level) + (width >> level) - 1) for level in levels)


def _folded(peaks: Sequence[bytes]) -> bytes:
    """The hash above perfect subtrees, largest first: RFC 6962 §2.1 splits off the largest each time."""
    if not peaks:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(peaks))


def _read_ranges(ranges: Sequence[tuple[int, int]], read: ReadNodes) -> tuple[bytes, ...]:
    """The hash over each range of leaves, with all their subtrees read at once."""
    positions = [_peaks_of(start, end) for start, end in ranges]
    wanted = [position for peaks in positions for position in peaks]
    nodes = read(wanted) if wanted else ()
    if len(nodes) != len(wanted):
        raise ProofError(f"The log should hold {len(wanted)} nodes: found {len(nodes)}; check the register.")
    _check_hashes(*nodes)
    following = iter(nodes)
    return tuple(_folded([next(following) for _ in peaks]) for peaks in positions)


def _check_leaf(index: int, size: int) -> None:
    # RFC 9162 §2.1.3.2, step 1.
    if not 0 <= index < size:
        raise ProofError(f"A tree of {size} leaves has leaves 0 to {size - 1}: found leaf {index}.")


def _check_sizes(size1: int, size2: int) -> None:
    # RFC 9162 §2.1.4.1: 0 < first; a proof from the empty tree would prove nothing.
    if not 1 <= size1 <= size2:
        raise ProofError(f"A log grows from 1 leaf or more: found sizes {size1} and {size2}; compare others.")


def _check_hashes(*hashes: bytes) -> None:
    for found in hashes:
        if len(found) != HASH_BYTES:
            raise ProofError(f"Hashes of {HASH_BYTES} bytes were expected: found one of {len(found)}.")


def _check_root(size: int, root: bytes, found: bytes) -> None:
    if found != root:
        raise ProofError(
            f"The tree of {size} leaves should have the root {root.hex()}: the proof leads to "
            f"{found.hex()}; the log was rewritten, or proof, size or root was changed."
        )


def _wrong_length(fault: str) -> str:
    return f"A proof has one hash for each step that its sizes ask: found {fault}; get it again."
