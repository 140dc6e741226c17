"""Exhibits, their custody, how they are kept, and rounds of fixity: what happens to the bytes of items."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from .fields import ROW_INTERNAL, ROW_PUBLIC, day, prose, table, terms, words
from .register import Ref, RegisterRow


class Exhibit(RegisterRow):
    """One file held of an item: as it came, or made of one that came (CASE `exhibitNumber`).

    Its number is "E-" and the entry of its first version.
    """

    prefix: ClassVar = "EXH"
    kind: ClassVar = "exhibit"

    item = Ref("Item")
    # What it was made of, and how: empty for what came from outside.
    derived_from = Ref("Exhibit")
    # a term of derivative
    derivative_kind = words(40)
    tool = words(200)
    parameters = table()
    # Evidential digests, and a third one for fast rounds of fixity.
    sha256 = models.CharField(max_length=64, db_index=True)
    sha512 = words(128)
    blake3 = words(64)
    size = models.BigIntegerField()
    # By its content; what its name says is not asked.
    media_type = words(120)
    # As it came, in the words of whoever named it.
    original_name = words(1_000)
    # Which storage root holds it, "originals" or "working", as which object, and under which name there.
    root = words(10)
    stored = words(120)
    path = words(300)

    class Meta(RegisterRow.Meta):
        db_table = "register_exhibit"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = (
            ROW_PUBLIC
            | {"item", "derived_from", "derivative_kind", "sha256", "sha512", "blake3"}
            | {
                "size",
                "media_type",
            }
        )
        internal = ROW_INTERNAL | {"tool", "parameters", "original_name", "root", "stored", "path"}
        protected: frozenset[str] = frozenset()


class CustodyEvent(RegisterRow):
    """What happened to an exhibit in custody: a line is added, never changed (ISO/IEC 27037; BP 167)."""

    prefix: ClassVar = "CUS"
    kind: ClassVar = "custody_event"

    item = Ref("Item")
    exhibit = Ref("Exhibit")
    # a term of custody_event
    what = models.CharField(max_length=40)
    # When it happened, by which clock; the row itself says when it was recorded.
    happened_at = models.DateTimeField()
    clock_source = words(100)
    # The other side of a transfer, and for whom the officer acted: never the name of a private person.
    counterparty = words(300)
    on_behalf_of = words(300)
    place = words(300)
    device = words(300)
    purpose = prose()
    # a term of custody_authority
    authority = words(40)
    # Digests before and after; equal unless the event makes something else of the exhibit.
    sha256_before = words(64)
    sha256_after = words(64)
    # Of a receipt: the name under which it came, and the path.
    name = words(1_000)
    note = prose()
    previous = Ref("CustodyEvent")

    class Meta(RegisterRow.Meta):
        db_table = "register_custody_event"
        # What went wrong and is not settled: few.
        indexes: ClassVar = [
            models.Index(
                fields=["entry"], condition=models.Q(what="incident"), name="custody_event_of_incident"
            )
        ]

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {"item", "exhibit", "what", "happened_at", "sha256_before", "sha256_after"}
        internal = ROW_INTERNAL | {
            "clock_source",
            "counterparty",
            "on_behalf_of",
            "place",
            "device",
            "purpose",
            "authority",
            "name",
            "note",
            "previous",
        }
        protected: frozenset[str] = frozenset()


class Capture(RegisterRow):
    """The act of taking an item from the network: how it was done, what came, and what it is worth (R-28)."""

    prefix: ClassVar = "CAP"
    kind: ClassVar = "capture"

    # Empty where nothing came that could be kept.
    item = Ref("Item")
    requested_url = models.TextField()
    final_url = prose()
    title = prose()
    # complete, incomplete or failed
    status = words(20)
    # How the attempt ended, whether the page bears content, and by which signs that was seen.
    outcome = words(20)
    bears = words(20)
    reasons = terms()
    http_status: models.IntegerField[Any, Any] = models.IntegerField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    # Everything else (requirements 1.3), and the digest of the manifest that names each file.
    details = table()
    manifest_sha256 = words(64)
    compartment = Ref("Compartment")

    class Meta(RegisterRow.Meta):
        db_table = "register_capture"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {"item", "status", "started_at", "ended_at", "manifest_sha256"}
        internal = (
            ROW_INTERNAL
            | {"requested_url", "final_url", "title", "outcome", "bears", "reasons"}
            | {
                "http_status",
                "details",
                "compartment",
            }
        )
        protected: frozenset[str] = frozenset()


class Keeping(RegisterRow):
    """How long an item is kept: until when, whether it must not be disposed of, whether it is frozen."""

    prefix: ClassVar = "KEE"
    kind: ClassVar = "keeping"

    item = Ref("Item")
    retention_until = day()
    legal_hold = models.BooleanField(default=False)
    # A mismatch was found: nothing is derived, exported or shown of it until an officer settled it.
    frozen = models.BooleanField(default=False)
    reason = prose()
    # a term of custody_authority
    authority = words(40)
    # Whether its bytes are to be destroyed: asked by one officer, done when a second one agreed.
    disposal = words(10)
    asked_by = words(24)

    class Meta(RegisterRow.Meta):
        db_table = "register_keeping"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {
            "item", "retention_until", "legal_hold", "frozen", "reason", "authority", "disposal", "asked_by"
        }  # fmt: skip
        protected: frozenset[str] = frozenset()


class FixityRound(RegisterRow):
    """A round in which the digests of what is held were computed again."""

    prefix: ClassVar = "FIX"
    kind: ClassVar = "fixity_round"

    # The entries of the log whose exhibits it covered: from the first to before the last.
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField()
    # the digest that was computed
    algorithm = words(20)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    exhibits = models.BigIntegerField()
    size = models.BigIntegerField()
    # Exhibits whose bytes are missing or differ, with what was found.
    mismatches = terms()

    class Meta(RegisterRow.Meta):
        db_table = "register_fixity_round"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = (
            ROW_PUBLIC
            | {"algorithm", "started_at", "ended_at", "exhibits", "size"}
            | {
                "first_entry",
                "last_entry",
            }
        )
        internal = ROW_INTERNAL | {"mismatches"}
        protected: frozenset[str] = frozenset()


class Timestamp(RegisterRow):
    """What an authority attests: that bytes with this digest existed at its time (RFC 3161, R-33)."""

    prefix: ClassVar = "TSP"
    kind: ClassVar = "timestamp"

    # The size of the checkpoint that it is of, or the exhibit.
    checkpoint = models.BigIntegerField(null=True, db_index=True)
    exhibit = Ref("Exhibit")
    sha256 = words(64)
    authority = words(200)
    attested_at = models.DateTimeField()
    serial = words(100)
    policy = words(100)
    # The response as it came, in base64.
    response = prose()

    class Meta(RegisterRow.Meta):
        db_table = "register_timestamp"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = (
            ROW_PUBLIC
            | {"checkpoint", "sha256", "authority", "attested_at"}
            | {
                "serial",
                "policy",
                "response",
            }
        )
        internal = ROW_INTERNAL | {"exhibit"}
        protected: frozenset[str] = frozenset()
