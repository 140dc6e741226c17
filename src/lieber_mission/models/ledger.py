"""The log: one entry for each row of the register, and the checkpoints signed over it."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """A leaf of the log's RFC 6962 tree.

    `nodes` holds the hashes of the subtrees that this leaf closes, 32 bytes each, the leaf's own
    hash first: node (level, index) lies with leaf (index + 1)·2^level - 1 at place `level`. So one
    row an entry holds the whole tree, and proofs read O(log n) rows.
    """

    index = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=40)
    thing = models.CharField(max_length=24)
    version = models.PositiveIntegerField()
    recorded_at = models.DateTimeField()
    # True where the instant is the day on which a report became public, not the day of writing:
    # only the example register may do so.
    replayed = models.BooleanField(default=False)
    nodes = models.BinaryField()

    class Meta:
        db_table = "register_entry"
        indexes = [models.Index(fields=["recorded_at", "index"], name="entry_by_instant")]

    def __str__(self) -> str:
        return f"entry {self.index}"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = frozenset({"index", "kind", "thing", "version", "recorded_at", "replayed", "nodes"})
        internal: frozenset[str] = frozenset()
        protected: frozenset[str] = frozenset()


class Salt(models.Model):
    """The secret from which the salts of one row's fields are derived.

    The only table beside the vault in which a row may be deleted: without its secret a commitment
    proves nothing of what was committed, while inclusion still verifies (R-19).
    """

    entry = models.BigIntegerField(primary_key=True)
    secret = models.BinaryField()

    class Meta:
        db_table = "register_salt"

    def __str__(self) -> str:
        return f"salt of entry {self.entry}"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = frozenset({"entry"})
        internal: frozenset[str] = frozenset()
        protected = frozenset({"secret"})


class Checkpoint(models.Model):
    """A signed head of the log: a C2SP signed note over origin, size and root."""

    size = models.BigIntegerField(primary_key=True)
    signed_at = models.DateTimeField()
    note = models.TextField()

    class Meta:
        db_table = "register_checkpoint"

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = frozenset({"size", "signed_at", "note"})
        internal: frozenset[str] = frozenset()
        protected: frozenset[str] = frozenset()
