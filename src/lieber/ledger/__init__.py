"""The log: what was written, and when, can be checked by people who may not read it.

In: the fields of a row with a secret of its own, and the log's stored nodes and key. Out: leaves
that commit to the row, nodes and roots of the Merkle tree, signed checkpoints, and proofs that an
outsider verifies with nothing but the log's public key.

>>> row = {"killed_min": 9, "place": "a village", "source": "SRC-7K3M9Q2XW4TB-5"}
>>> leaf = commit(type="finding", thing="INC-7K3M9Q2XW4TB-5", version=1, fields=row,
...               recorded_at="2024-10-14T09:30:00Z", secret=bytes(range(32)))
>>> shown = open_fields(leaf, fields={"killed_min": 9}, secret=bytes(range(32)))
>>> shown.opened["killed_min"].value, sorted(shown.closed)
(9, ['place', 'source'])
>>> leaf_of_opening(shown) == leaf
True
>>> tree = Frontier()
>>> nodes = [tree.append(leaf_hash(data)) for data in (leaf, b"another entry")]
>>> verify_inclusion(leaf_hash=leaf_hash(leaf), index=0, size=2, proof=[nodes[1][0]], root=tree.root())
"""

from .checkpoints import (
    Checkpoint,
    KeyKind,
    KeyTextError,
    Note,
    NoteError,
    NoteSignature,
    SignatureError,
    VerifiedCheckpoint,
    VerifiedSignature,
    VerifierKey,
    read_checkpoint,
    read_note,
    read_vkey,
    sign,
    verify,
    verify_note,
)
from .commitments import (
    SALT_BYTES,
    SECRET_BYTES,
    OpenedField,
    Opening,
    OpeningError,
    commit,
    field_digest,
    field_salt,
    leaf_of_opening,
    open_fields,
    open_with_salts,
    read_opening,
)
from .proofs import InclusionProof, ProofFormatError, read_proof, verify_proof
from .tree import (
    EMPTY_ROOT,
    Frontier,
    Position,
    ProofError,
    ReadNodes,
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

__all__ = [
    "EMPTY_ROOT",
    "SALT_BYTES",
    "SECRET_BYTES",
    "Checkpoint",
    "Frontier",
    "InclusionProof",
    "KeyKind",
    "KeyTextError",
    "Note",
    "NoteError",
    "NoteSignature",
    "OpenedField",
    "Opening",
    "OpeningError",
    "Position",
    "ProofError",
    "ProofFormatError",
    "ReadNodes",
    "SignatureError",
    "VerifiedCheckpoint",
    "VerifiedSignature",
    "VerifierKey",
    "commit",
    "consistency_proof",
    "field_digest",
    "field_salt",
    "inclusion_proof",
    "leaf_hash",
    "leaf_of_opening",
    "node_hash",
    "node_home",
    "open_fields",
    "open_with_salts",
    "peak_positions",
    "read_checkpoint",
    "read_note",
    "read_opening",
    "read_proof",
    "read_vkey",
    "root_at",
    "sign",
    "verify",
    "verify_consistency",
    "verify_inclusion",
    "verify_note",
    "verify_proof",
]
