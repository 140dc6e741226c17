"""The verifiers against the vectors of github.com/transparency-dev/merkle.

LIEBER_FIXTURES_MERKLE names a copy of that repository, or of its folder `testdata`.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from lieber.ledger import ProofError, verify_consistency, verify_inclusion

VARIABLE = "LIEBER_FIXTURES_MERKLE"
# What the repository held on 23 July 2026; a copy with fewer is not whole.
FEWEST = 98

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no folder of vectors"),
]


def vectors(kind: str) -> list[Path]:
    """The files of one kind of proof."""
    folder = Path(os.environ.get(VARIABLE, os.devnull))
    found = folder / "testdata" if (folder / "testdata").is_dir() else folder
    return sorted((found / kind).rglob("*.json"))


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def holds(verify: Any, **claim: Any) -> bool:
    """Whether a proof verifies."""
    try:
        verify(**claim)
    except ProofError:
        return False
    return True


def decoded(vector: dict[str, Any]) -> list[bytes]:
    return [b64decode(node) for node in vector["proof"] or ()]


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_the_vectors_are_all_there(kind):
    assert len(vectors(kind)) >= FEWEST


@pytest.mark.parametrize("path", vectors("inclusion"), ids=named)
def test_inclusion(path):
    vector = json.loads(path.read_text("utf-8"))
    verdict = holds(
        verify_inclusion,
        leaf_hash=b64decode(vector["leafHash"]),
        index=vector["leafIdx"],
        size=vector["treeSize"],
        proof=decoded(vector),
        root=b64decode(vector["root"]),
    )
    assert verdict is not vector["wantErr"], vector["desc"]


@pytest.mark.parametrize("path", vectors("consistency"), ids=named)
def test_consistency(path):
    vector = json.loads(path.read_text("utf-8"))
    verdict = holds(
        verify_consistency,
        size1=vector["size1"],
        root1=b64decode(vector["root1"]),
        size2=vector["size2"],
        root2=b64decode(vector["root2"]),
        proof=decoded(vector),
    )
    assert verdict is not vector["wantErr"], vector["desc"]
