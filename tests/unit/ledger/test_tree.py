"""The tree's bookkeeping, and the sentences with which it refuses."""

from __future__ import annotations

import pytest

from lieber.base import BadInput, LieberError
from lieber.ledger import (
    EMPTY_ROOT,
    Frontier,
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    node_home,
    peak_positions,
    root_at,
    verify_consistency,
    verify_inclusion,
)
from memory_tree import MemoryTree

A, B, C, D = (leaf_hash(text) for text in (b"a", b"b", b"c", b"d"))
TREE = MemoryTree([A, B, C])
ROOT2, ROOT3 = root_at(2, TREE.read), root_at(3, TREE.read)


@pytest.mark.parametrize(
    ("size", "positions"),
    [
        (0, ()),
        (1, ((0, 0),)),
        (2, ((1, 0),)),
        (3, ((1, 0), (0, 2))),
        (7, ((2, 0), (1, 2), (0, 6))),
        (13, ((3, 0), (2, 2), (0, 12))),
    ],
)
def test_a_tree_consists_of_a_peak_for_each_bit_of_its_size(size, positions):
    assert peak_positions(size) == positions


@pytest.mark.parametrize(
    ("node", "home"),
    [((0, 0), (0, 0)), ((0, 5), (5, 0)), ((1, 0), (1, 1)), ((1, 2), (5, 1)), ((2, 1), (7, 2))],
)
def test_a_node_lies_with_the_leaf_that_completed_it(node, home):
    assert node_home(*node) == home


def test_a_leaf_completes_itself_and_every_subtree_that_it_closes():
    tree = Frontier()
    assert tree.append(A) == (A,)
    assert tree.append(B) == (B, node_hash(A, B))
    assert tree.append(C) == (C,)
    assert tree.append(D) == (D, node_hash(C, D), node_hash(node_hash(A, B), node_hash(C, D)))
    assert (tree.size, tree.peaks) == (4, (tree.root(),))


def test_the_empty_tree_has_the_root_of_nothing():
    assert Frontier().root() == EMPTY_ROOT == root_at(0, TREE.read)


def test_a_frontier_is_taken_up_again_from_its_peaks():
    tree = Frontier(3, TREE.read(peak_positions(3)))
    tree.append(D)
    assert tree.root() == MemoryTree([A, B, C, D]).frontier.root()


@pytest.mark.parametrize(("size", "peaks"), [(3, [A]), (0, [A]), (1, [b"short"]), (-1, [A, B])])
def test_peaks_that_do_not_fit_the_size_are_refused(size, peaks):
    with pytest.raises(BadInput, match="one peak of 32 bytes for each set bit"):
        Frontier(size, peaks)


def test_a_leaf_itself_is_not_taken_for_its_hash():
    with pytest.raises(BadInput, match=r"found 17; use leaf_hash\.$"):
        Frontier().append(b"the row's content")


def test_a_proof_reads_its_nodes_in_one_call():
    tree = MemoryTree(leaf_hash(bytes([number])) for number in range(100))
    for make in (
        lambda: inclusion_proof(41, 100, tree.read),
        lambda: consistency_proof(41, 100, tree.read),
        lambda: root_at(77, tree.read),
    ):
        before = tree.reads
        make()
        assert tree.reads == before + 1


def test_a_log_that_lacks_nodes_is_named():
    with pytest.raises(ProofError, match="should hold 2 nodes: found 1"):
        root_at(3, lambda _: [A])
    with pytest.raises(ProofError, match="Hashes of 32 bytes were expected: found one of 0"):
        root_at(1, lambda _: [b""])


@pytest.mark.parametrize(("index", "size"), [(3, 3), (-1, 3), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(index, size):
    with pytest.raises(ProofError, match=f"found leaf {index}"):
        inclusion_proof(index, size, TREE.read)
    with pytest.raises(ProofError, match=f"found leaf {index}"):
        verify_inclusion(leaf_hash=A, index=index, size=size, proof=[], root=A)


@pytest.mark.parametrize(("size1", "size2"), [(0, 0), (0, 3), (3, 2), (-1, 2)])
def test_consistency_is_shown_from_one_leaf_upward_only(size1, size2):
    sentence = f"A log grows from 1 leaf or more: found sizes {size1} and {size2}"
    with pytest.raises(ProofError, match=sentence):
        consistency_proof(size1, size2, TREE.read)
    with pytest.raises(ProofError, match=sentence):
        verify_consistency(size1=size1, root1=EMPTY_ROOT, size2=size2, root2=ROOT3, proof=[])


@pytest.mark.parametrize(
    ("claim", "proof", "sentence"),
    [
        ((2, 3, ROOT3), [], "found fewer"),
        ((2, 3, ROOT3), [ROOT2, ROOT2], "found more"),
        ((0, 1, C), [A], "found more"),
        ((2, 3, ROOT3), [A], "Leaf 2 of 3 should lead to the root"),
        ((2, 3, ROOT2), [ROOT2], "Leaf 2 of 3 should lead to the root"),
        ((2, 3, ROOT3), [ROOT2[:31]], "Hashes of 32 bytes were expected: found one of 31"),
        ((2, 3, b""), [ROOT2], "Hashes of 32 bytes were expected: found one of 0"),
    ],
)
def test_a_wrong_inclusion_is_refused_with_its_cause(claim, proof, sentence):
    index, size, root = claim
    with pytest.raises(ProofError, match=sentence):
        verify_inclusion(leaf_hash=C, index=index, size=size, proof=proof, root=root)


@pytest.mark.parametrize(
    ("old", "new", "proof", "sentence"),
    [
        ((2, ROOT2), (3, ROOT3), [], "found fewer"),
        ((2, ROOT2), (3, ROOT3), [C, C], "found more"),
        ((3, ROOT3), (3, ROOT3), [C], "found more"),
        ((3, ROOT3), (3, ROOT2), [], "The tree of 3 leaves should have the root"),
        ((2, ROOT3), (3, ROOT3), [C], "The tree of 3 leaves should have the root"),
        ((2, ROOT2), (3, ROOT2), [C], "The tree of 3 leaves should have the root"),
        ((1, A), (3, ROOT3), [B], "found fewer"),
        ((2, ROOT2), (3, ROOT3), [C + b"\0"], "Hashes of 32 bytes were expected: found one of 33"),
    ],
)
def test_a_wrong_consistency_is_refused_with_its_cause(old, new, proof, sentence):
    (size1, root1), (size2, root2) = old, new
    with pytest.raises(ProofError, match=sentence):
        verify_consistency(size1=size1, root1=root1, size2=size2, root2=root2, proof=proof)


def test_the_old_root_is_compared_too():
    seven = MemoryTree(leaf_hash(bytes([number])) for number in range(7))
    proof = consistency_proof(3, 7, seven.read)
    with pytest.raises(ProofError, match="The tree of 3 leaves should have the root"):
        verify_consistency(size1=3, root1=A, size2=7, root2=seven.frontier.root(), proof=proof)


def test_a_proof_that_fails_is_an_error_of_this_project():
    assert issubclass(ProofError, LieberError)
    assert not issubclass(ProofError, BadInput)
