"""The log in memory: appends, and verification of proofs at a million leaves."""

from __future__ import annotations

import hashlib
import os

from lieber.ledger import Frontier, commit, inclusion_proof, leaf_hash, verify_inclusion

from .measured import Result, once, say, seconds


def run(scale: float) -> list[Result]:
    """Append, prove, verify, commit."""
    leaves = int(1_000_000 * scale)
    say(f"appending {leaves} leaves")
    contents = [number.to_bytes(32, "big") for number in range(leaves)]
    tree = Frontier()
    stored: list[tuple[bytes, ...]] = []
    taken = once(lambda: stored.extend(tree.append(leaf_hash(content)) for content in contents))
    hashed = once(lambda: [hashlib.sha256(content).digest() for content in contents])
    results = [
        Result(
            "log: appends in memory",
            leaves / taken,
            "appends/s",
            "at least 20,000 appends/s",
            leaves / taken >= 20_000,
            {"leaves": leaves, "bare SHA-256 of the same leaves/s": leaves / hashed, "ratio": taken / hashed},
        )
    ]
    return [*results, _verify(tree, stored, contents), _commit(scale)]


def _verify(tree: Frontier, stored: list[tuple[bytes, ...]], contents: list[bytes]) -> Result:
    def read(positions: object) -> list[bytes]:
        return [stored[(index + 1) * 2**level - 1][level] for level, index in positions]  # type: ignore[attr-defined]

    size, root = tree.size, tree.root()
    chosen = [number * (size // 2_000) for number in range(2_000)]
    proofs = [(index, leaf_hash(contents[index]), inclusion_proof(index, size, read)) for index in chosen]

    def verify() -> None:
        for index, leaf, proof in proofs:
            verify_inclusion(leaf_hash=leaf, index=index, size=size, proof=proof, root=root)

    taken = seconds(verify)
    return Result(
        "log: inclusion proofs verified",
        len(proofs) / taken,
        "proofs/s",
        "at least 10,000 proofs/s at a million leaves",
        len(proofs) / taken >= 10_000,
        {"leaves": size, "hashes a proof": len(proofs[0][2])},
    )


def _commit(scale: float) -> Result:
    rows = int(20_000 * scale)
    fields = {f"field_{number}": f"a short value {number}" for number in range(25)}
    secret = os.urandom(32)

    def commit_all() -> None:
        for number in range(rows):
            commit(
                type="account",
                thing="ACC-000000000000-0",
                version=number + 1,
                recorded_at="2025-02-03T00:00:00.000000Z",
                fields=fields,
                secret=secret,
            )

    return Result("log: commitments of 25 fields", rows / seconds(commit_all), "rows/s")
