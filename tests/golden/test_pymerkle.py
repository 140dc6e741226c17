"""Roots and proofs against pymerkle, another implementation of RFC 9162."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, InvalidProof

from lieber.ledger import (
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_at,
    verify_consistency,
    verify_inclusion,
)
from memory_tree import MemoryTree

LARGEST = 700
ENTRIES = [f"entry {number}".encode() for number in range(LARGEST)]
OURS = MemoryTree(map(leaf_hash, ENTRIES))
THEIRS = InmemoryTree(algorithm="sha256")
for entry in ENTRIES:
    THEIRS.append_entry(entry)

SIZES = st.integers(1, LARGEST)
PAIRS = st.tuples(SIZES, SIZES).map(sorted)


@given(st.integers(0, LARGEST))
def test_roots_are_the_same(size):
    assert root_at(size, OURS.read) == THEIRS.get_root(size)


@given(PAIRS)
def test_audit_paths_are_the_same(pair):
    number, size = pair
    theirs = THEIRS.prove_inclusion(number, size)
    # pymerkle counts leaves from 1 and begins the path with the leaf itself.
    assert [leaf_hash(ENTRIES[number - 1]), *inclusion_proof(number - 1, size, OURS.read)] == theirs.path


@given(PAIRS)
@settings(max_examples=200)
def test_both_accept_and_refuse_the_same(pair):
    """The two split their consistency proofs differently; the verdicts must agree."""
    size1, size2 = pair
    roots = {"root1": THEIRS.get_root(size1), "root2": THEIRS.get_root(size2)}
    ours = consistency_proof(size1, size2, OURS.read)
    theirs = THEIRS.prove_consistency(size1, size2)
    verify_consistency(size1=size1, size2=size2, proof=ours, **roots)
    theirs.verify(root_at(size1, OURS.read), root_at(size2, OURS.read), size1, size2)

    other = THEIRS.get_root(size1 - 1)
    with pytest.raises(ProofError):
        verify_consistency(size1=size1, size2=size2, proof=ours, root1=other, root2=roots["root2"])
    with pytest.raises(InvalidProof):
        theirs.verify(other, roots["root2"], size1, size2)


@given(PAIRS)
def test_their_paths_verify_here(pair):
    number, size = pair
    leaf, *path = THEIRS.prove_inclusion(number, size).path
    verify_inclusion(leaf_hash=leaf, index=number - 1, size=size, proof=path, root=THEIRS.get_root(size))
