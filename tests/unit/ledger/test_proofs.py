"""The proof in one file: written, read, verified, refused."""

from __future__ import annotations

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lieber.ledger import (
    Checkpoint,
    InclusionProof,
    NoteError,
    ProofError,
    ProofFormatError,
    SignatureError,
    VerifierKey,
    inclusion_proof,
    leaf_hash,
    read_proof,
    sign,
    verify_proof,
)
from memory_tree import MemoryTree

ORIGIN = "mission.example/log"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
LOG = VerifierKey(ORIGIN, KEY.public_key().public_bytes_raw())
LEAVES = [f"leaf {number}".encode() for number in range(11)]
TREE = MemoryTree(map(leaf_hash, LEAVES))
NOTE = sign(Checkpoint(ORIGIN, 11, TREE.frontier.root()), key=KEY)
PROOF = InclusionProof(4, inclusion_proof(4, 11, TREE.read), NOTE)


def test_the_file_has_the_lines_of_the_specification():
    hashes = "".join(f"{b64encode(node).decode()}\n" for node in PROOF.path)
    assert len(PROOF.path) == 4
    assert PROOF.text == f"c2sp.org/tlog-proof@v1\nindex 4\n{hashes}\n{NOTE}"


@pytest.mark.parametrize("extra", [b"", b"\x00an opening\xff"])
@pytest.mark.parametrize("index", range(11))
def test_a_proof_is_read_back_and_verifies(index, extra):
    proof = InclusionProof(index, inclusion_proof(index, 11, TREE.read), NOTE, extra)
    read = read_proof(proof.text.encode())
    assert read == proof
    assert verify_proof(read, leaf=LEAVES[index], log=LOG).checkpoint.size == 11


def test_a_log_of_one_entry_has_a_proof_without_hashes():
    note = sign(Checkpoint(ORIGIN, 1, leaf_hash(b"x")), key=KEY)
    proof = read_proof(InclusionProof(0, (), note).text)
    assert proof.text == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{note}"
    assert verify_proof(proof, leaf=b"x", log=LOG).checkpoint.size == 1


def test_another_leaf_or_another_place_does_not_verify():
    with pytest.raises(ProofError, match="Leaf 4 of 11 should lead to the root"):
        verify_proof(PROOF, leaf=LEAVES[5], log=LOG)
    with pytest.raises(ProofError, match="Leaf 5 of 11 should lead to the root"):
        verify_proof(InclusionProof(5, PROOF.path, NOTE), leaf=LEAVES[4], log=LOG)


def test_the_checkpoint_must_be_signed():
    other = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
    forged = sign(Checkpoint(ORIGIN, 11, TREE.frontier.root()), key=other)
    with pytest.raises(SignatureError, match="A signature by"):
        verify_proof(InclusionProof(4, PROOF.path, forged), leaf=LEAVES[4], log=LOG)
    with pytest.raises(SignatureError, match="needs 1 known cosigners"):
        verify_proof(PROOF, leaf=LEAVES[4], log=LOG, quorum=1)
    with pytest.raises(NoteError, match="A signed note is"):
        verify_proof(InclusionProof(4, PROOF.path, "no note"), leaf=LEAVES[4], log=LOG)


HASH = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        PROOF.text.replace("@v1", "@v2"),
        PROOF.text.replace("index 4", "index 04"),
        PROOF.text.replace("index 4", "index -4"),
        PROOF.text.replace("index 4", "index  4"),
        PROOF.text.replace("index 4", "index " + "9" * 5000),
        PROOF.text.replace("index 4\n", ""),
        PROOF.text.replace("\n", "\r\n"),
        PROOF.text.replace("index 4", "index 4\nextra AAAA"),
        PROOF.text.replace("index 4", "extra AAA\nindex 4"),
        PROOF.text.replace("index 4", "index 4\nAAAA"),
        PROOF.text.replace("index 4", f"index 4\n{HASH[:-2]}=="),
        PROOF.text.split("\n\n", maxsplit=1)[0],
        "c2sp.org/tlog-proof@v1\nindex 4\n" + f"{HASH}\n" * 64 + f"\n{NOTE}",
    ],
)
def test_what_is_no_proof_is_refused(text):
    with pytest.raises(NoteError):
        read_proof(text)


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(NoteError, match="found another byte at 0"):
        read_proof(b"\xff")


@pytest.mark.parametrize(("index", "path"), [(-1, ()), (0, (b"short",)), (0, (bytes(32),) * 64)])
def test_a_proof_that_no_file_can_hold_is_refused(index, path):
    with pytest.raises(ProofFormatError, match="A proof has an index from 0"):
        InclusionProof(index, path, NOTE)
