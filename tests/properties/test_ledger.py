"""Invariants of the log: every proof verifies, every change is found, what is closed stays closed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lieber.base import canonical_json
from lieber.ledger import (
    Frontier,
    ProofError,
    commit,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    leaf_of_opening,
    node_home,
    open_fields,
    peak_positions,
    read_opening,
    root_at,
    verify_consistency,
    verify_inclusion,
)
from memory_tree import MemoryTree, root_by_definition

LARGEST = 130
HASHES = [leaf_hash(f"leaf {number}".encode()) for number in range(LARGEST)]
TREE = MemoryTree(HASHES)
ROOTS = [root_by_definition(HASHES[:size]) for size in range(LARGEST + 1)]

SIZES = st.integers(1, LARGEST)
PAIRS = st.tuples(SIZES, SIZES).map(sorted)
ENTRIES = SIZES.flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))


def flipped(data: bytes, bit: int) -> bytes:
    """The data with one bit changed."""
    place = bit % (8 * len(data))
    return bytes(byte ^ (1 << place % 8 if at == place // 8 else 0) for at, byte in enumerate(data))


def refuses_inclusion(**claim) -> bool:
    try:
        verify_inclusion(**claim)
    except ProofError:
        return True
    return False


def refuses_consistency(**claim) -> bool:
    try:
        verify_consistency(**claim)
    except ProofError:
        return True
    return False


# ------------------------------------------------------------------ the tree


def test_roots_through_stored_nodes_are_those_of_the_definition():
    tree = MemoryTree()
    for size in range(LARGEST + 1):
        assert root_at(size, TREE.read) == tree.frontier.root() == ROOTS[size]
        if size < LARGEST:
            tree.append(HASHES[size])


def test_every_node_has_one_home_and_every_home_one_node():
    homes = {
        node_home(level, index) for level in range(LARGEST.bit_length()) for index in range(LARGEST >> level)
    }
    stored = {(leaf, place) for leaf, nodes in enumerate(TREE.stored) for place in range(len(nodes))}
    assert homes == stored
    assert sum(map(len, TREE.stored)) == len(homes)


def test_a_node_is_the_root_of_the_leaves_below_it():
    for level in range(LARGEST.bit_length()):
        for index in range(LARGEST >> level):
            below = HASHES[index << level : (index + 1) << level]
            assert TREE.read([(level, index)]) == [root_by_definition(below)]


@given(st.integers(0, LARGEST), st.integers(0, LARGEST))
def test_a_log_taken_up_again_grows_as_if_never_put_down(size, more):
    resumed = Frontier(size, TREE.read(peak_positions(size)))
    grown = MemoryTree(HASHES[:size])
    for leaf in HASHES[:more]:
        assert resumed.append(leaf) == grown.frontier.append(leaf)
    assert (resumed.size, resumed.peaks) == (size + more, grown.frontier.peaks)


# ------------------------------------------------------------------ proofs that hold


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_leaf_of_every_size_is_shown(size):
    for index in range(size):
        proof = inclusion_proof(index, size, TREE.read)
        verify_inclusion(leaf_hash=HASHES[index], index=index, size=size, proof=proof, root=ROOTS[size])


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_size_continues_every_smaller_one(size):
    for old in range(1, size + 1):
        proof = consistency_proof(old, size, TREE.read)
        verify_consistency(size1=old, root1=ROOTS[old], size2=size, root2=ROOTS[size], proof=proof)


# ------------------------------------------------------------------ changes that are found


@given(ENTRIES, st.data())
def test_a_changed_bit_in_leaf_root_or_path_is_found(entry, data):
    index, size = entry
    proof = inclusion_proof(index, size, TREE.read)
    claim = {"leaf_hash": HASHES[index], "index": index, "size": size, "root": ROOTS[size]}
    bit = data.draw(st.integers(0, 255))
    for part in ("leaf_hash", "root"):
        assert refuses_inclusion(proof=proof, **claim | {part: flipped(claim[part], bit)})
    for place, node in enumerate(proof):
        changed = [*proof[:place], flipped(node, bit), *proof[place + 1 :]]
        assert refuses_inclusion(proof=changed, **claim)


@given(ENTRIES, st.data())
def test_a_path_longer_shorter_or_in_another_order_is_found(entry, data):
    index, size = entry
    proof = inclusion_proof(index, size, TREE.read)
    claim = {"leaf_hash": HASHES[index], "index": index, "size": size, "root": ROOTS[size]}
    for changed in (proof[1:], proof[:-1], proof[::-1]):
        assert changed == proof or refuses_inclusion(proof=changed, **claim)
    more = data.draw(st.sampled_from([ROOTS[size], HASHES[index], bytes(32)]))
    assert refuses_inclusion(proof=[*proof, more], **claim)
    assert refuses_inclusion(proof=[more, *proof], **claim)


def way(index: int, size: int) -> list[str]:
    """On which side each hash of an audit path stands: RFC 6962 §2.1.1 as it is written."""
    if size == 1:
        return []
    split = 1 << ((size - 1).bit_length() - 1)
    if index < split:
        return [*way(index, split), "right"]
    return [*way(index - split, size - split), "left"]


def both_ways(old: int, new: int, known: bool = True) -> list[str]:  # noqa: FBT002 - b of the RFC
    """Which hashes a consistency proof holds: RFC 6962 §2.1.2, SUBPROOF, as it is written."""
    if old == new:
        return ["known"] if known else ["given"]
    split = 1 << ((new - 1).bit_length() - 1)
    if old <= split:
        return [*both_ways(old, split, known), "right"]
    return [*both_ways(old - split, new - split, known=False), "left"]


@pytest.mark.parametrize("size", range(1, 70))
def test_another_index_or_size_is_found_unless_its_path_is_the_same(size):
    """A path fixes the index. The size is fixed by the checkpoint, which signs it with the root."""
    for index in range(size):
        claim = {"leaf_hash": HASHES[index], "proof": inclusion_proof(index, size, TREE.read)}
        for bit in range(9):
            assert refuses_inclusion(index=index ^ 1 << bit, size=size, root=ROOTS[size], **claim)
            other = size ^ 1 << bit
            same = index < other and way(index, other) == way(index, size)
            assert refuses_inclusion(index=index, size=other, root=ROOTS[size], **claim) is not same
            # With the root that the checkpoint of that size signs nothing is left open.
            if 0 < other <= LARGEST:
                assert refuses_inclusion(index=index, size=other, root=ROOTS[other], **claim)


@given(PAIRS, st.data())
def test_a_changed_bit_in_roots_or_consistency_proof_is_found(pair, data):
    size1, size2 = pair
    proof = consistency_proof(size1, size2, TREE.read)
    claim = {"size1": size1, "size2": size2, "root1": ROOTS[size1], "root2": ROOTS[size2]}
    bit = data.draw(st.integers(0, 255))
    for part in ("root1", "root2"):
        assert refuses_consistency(proof=proof, **claim | {part: flipped(claim[part], bit)})
    for place, node in enumerate(proof):
        changed = [*proof[:place], flipped(node, bit), *proof[place + 1 :]]
        assert refuses_consistency(proof=changed, **claim)
    for other in (proof[1:], proof[:-1], proof[::-1]):
        assert other == proof or refuses_consistency(proof=other, **claim)
    for more in (ROOTS[size1], ROOTS[size2], bytes(32)):
        assert refuses_consistency(proof=[*proof, more], **claim)
        assert refuses_consistency(proof=[more, *proof], **claim)


@pytest.mark.parametrize("size2", range(1, 70))
def test_other_sizes_are_found_unless_their_proof_is_the_same(size2):
    for size1 in range(1, size2 + 1):
        claim = {"root1": ROOTS[size1], "root2": ROOTS[size2]}
        proof = consistency_proof(size1, size2, TREE.read)
        for bit in range(9):
            for old, new in ((size1 ^ 1 << bit, size2), (size1, size2 ^ 1 << bit)):
                same = 0 < old <= new and both_ways(old, new) == both_ways(size1, size2)
                assert refuses_consistency(size1=old, size2=new, proof=proof, **claim) is not same


@given(PAIRS, st.integers(0, LARGEST - 1))
def test_a_log_that_rewrote_an_entry_cannot_show_that_it_continues(pair, rewritten):
    size1, size2 = pair
    hashes = [*HASHES[:rewritten], leaf_hash(b"another"), *HASHES[rewritten + 1 :]][:size2]
    other = MemoryTree(hashes)
    proof = consistency_proof(size1, size2, other.read)
    claim = {"size1": size1, "size2": size2, "root1": ROOTS[size1], "root2": other.frontier.root()}
    assert refuses_consistency(proof=proof, **claim) is (rewritten < size1)


# ------------------------------------------------------------------ commitments

NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)
# Values that stand nowhere else in an opening by chance.
TOLD = st.text("АБВГДЕЖЗИК", min_size=6, max_size=12)
VALUES = (
    TOLD
    | st.lists(TOLD, min_size=1)
    | st.dictionaries(NAMES, TOLD, min_size=1)
    | st.integers(10**14, 2**53 - 1)
    | st.sampled_from([None, True, False, 0, 2.5])
)
ROWS = st.dictionaries(NAMES, VALUES, max_size=12)
SECRETS = st.binary(min_size=32, max_size=32)


def leaf(row, secret, **more) -> bytes:
    head: dict[str, Any] = {"type": "finding", "thing": "INC-7K3M9Q2XW4TB-5", "version": 1}
    return commit(**head, recorded_at="2024-10-14T09:30:00Z", fields=row, secret=secret, **more)


def words(value) -> set[str]:
    """The texts and large numbers in a value, as they would stand in a file."""
    if isinstance(value, dict):
        return {word for member in value.values() for word in words(member)}
    if isinstance(value, list):
        return {word for member in value for word in words(member)}
    return {str(value)} if isinstance(value, str) or (isinstance(value, int) and value > 1) else set()


@given(ROWS, SECRETS, st.booleans(), st.data())
def test_any_fields_may_be_opened_and_the_leaf_is_the_same(row, secret, replayed, data):
    chosen = data.draw(st.sets(st.sampled_from(sorted(row))) if row else st.just(set()))
    committed = leaf(row, secret, replayed=replayed)
    opening = open_fields(committed, fields={name: row[name] for name in chosen}, secret=secret)
    assert set(opening.opened) == chosen
    assert leaf_of_opening(opening) == committed
    assert leaf_of_opening(read_opening(json.loads(canonical_json(opening.as_json())))) == committed


@given(ROWS, SECRETS, st.data())
def test_what_is_closed_does_not_stand_in_the_opening(row, secret, data):
    chosen = data.draw(st.sets(st.sampled_from(sorted(row))) if row else st.just(set()))
    committed = leaf(row, secret)
    opening = open_fields(committed, fields={name: row[name] for name in chosen}, secret=secret)
    shown = canonical_json(opening.as_json()).decode()
    open_words = words([row[name] for name in chosen])
    for word in words([row[name] for name in row if name not in chosen]):
        assert any(word in other for other in open_words) or word not in shown
        assert word not in committed.decode()
    assert secret not in {field.salt for field in opening.opened.values()}


@given(ROWS.filter(bool), SECRETS, SECRETS, st.data())
def test_every_change_of_a_row_changes_its_leaf(row, secret, other, data):
    name = data.draw(st.sampled_from(sorted(row)))
    value = data.draw(VALUES.filter(lambda value: canonical_json(value) != canonical_json(row[name])))
    committed = leaf(row, secret)
    assert leaf(row | {name: value}, secret) != committed
    assert leaf({key: row[key] for key in row if key != name}, secret) != committed
    assert (leaf(row, other) == committed) is (other == secret)
    assert leaf(dict(reversed(row.items())), secret) == committed
