"""The tree and the notes against the published vectors of RFC 6962 and of C2SP."""

from __future__ import annotations

import pytest

from lieber.ledger import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    read_checkpoint,
    read_note,
    read_vkey,
    root_at,
    verify_note,
)
from memory_tree import MemoryTree

# The inputs and roots with which Certificate Transparency's implementations are tested.
LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_roots(size):
    tree = MemoryTree(leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size])
    assert tree.frontier.root().hex() == ROOTS[size]
    assert root_at(size, tree.read).hex() == ROOTS[size]


def test_leaf_node_and_the_empty_tree():
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert (
        node_hash(b"N123", b"N456").hex()
        == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )
    assert EMPTY_ROOT.hex() == ROOTS[0]


# RFC 6962 §2.1.3 draws the tree of seven leaves d0 to d6 and names its nodes.
A, B, C, D, E, F, J = (leaf_hash(bytes([number])) for number in range(7))
G, H, I = node_hash(A, B), node_hash(C, D), node_hash(E, F)  # noqa: E741 - the letters of the RFC
K, L = node_hash(G, H), node_hash(I, J)
SEVEN = MemoryTree([A, B, C, D, E, F, J])


@pytest.mark.parametrize(("index", "path"), [(0, (B, H, L)), (3, (C, G, L)), (4, (F, J, K)), (6, (I, K))])
def test_the_audit_paths_that_the_rfc_shows(index, path):
    assert inclusion_proof(index, 7, SEVEN.read) == path


@pytest.mark.parametrize(("size", "proof"), [(3, (C, D, G, L)), (4, (L,)), (6, (I, J, K))])
def test_the_consistency_proofs_that_the_rfc_shows(size, proof):
    assert consistency_proof(size, 7, SEVEN.read) == proof


# c2sp.org/signed-note, "Example".
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)

# c2sp.org/tlog-cosignature, the checkpoint with a cosignature; its keys are not published.
COSIGNED = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2o"
    "yin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def test_the_key_of_c2sp_verifies_the_note_of_c2sp():
    key = read_vkey(VKEY)
    assert (key.name, key.key_id.hex(), key.vkey) == ("example.com/foo", "530d903a", VKEY)
    assert [signature.key for signature in verify_note(read_note(NOTE), [key])] == [key]


def test_the_key_of_a_log_in_use():
    # The checksum database of the Go modules, as its documentation prints it.
    vkey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert read_vkey(vkey).vkey == vkey


def test_the_checkpoint_of_c2sp_is_read():
    note = read_note(COSIGNED)
    head = read_checkpoint(note.text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert (head.text, str(note)) == (note.text, COSIGNED)
    # The cosignature begins with its instant: tlog-cosignature shows `time 1679315147`.
    assert int.from_bytes(note.signatures[1].signature[:8], "big") == 1679315147
