"""Sources, items, and the tables of others that were taken in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .fields import ROW_INTERNAL, ROW_PUBLIC, day, number, prose, words
from .register import Ref, RegisterRow


class Source(RegisterRow):
    """Who tells: an outlet, an office, a body."""

    prefix: ClassVar = "SRC"
    kind: ClassVar = "source"

    source_kind = words(40)
    name = words()
    country = words(2)
    party_alignment = words(20)
    # A to F (Admiralty code), and why an officer judged so; F means that it cannot be judged.
    reliability = words(1)
    reliability_reason = prose()

    class Meta(RegisterRow.Meta):
        db_table = "register_source"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {"source_kind", "name", "country"}
        internal = ROW_INTERNAL | {"party_alignment", "reliability", "reliability_reason"}
        protected: frozenset[str] = frozenset()


class Item(RegisterRow):
    """One thing collected; its bytes never change."""

    prefix: ClassVar = "ITM"
    kind: ClassVar = "item"

    source = Ref("Source")
    item_kind = words(40)
    address = models.TextField(blank=True, default="")
    language = words(35)
    published_earliest = day()
    published_latest = day()
    syndicated_from = words()
    # What its pictures or sounds do to whoever meets them, a term of graphic_content; empty means that
    # nobody said, and pages then cover it as if it were the worst.
    graphic = words(20)
    # Empty: every officer with a part in the substance may know of it.
    compartment = Ref("Compartment")
    # The interview that the item is, or at which it was made or given, where there was one.
    interview = Ref("Interview")

    class Meta(RegisterRow.Meta):
        db_table = "register_item"
        # What lists filter by, in their order.
        indexes = [
            models.Index(fields=["language", "entry"], name="item_by_language"),
            models.Index(fields=["graphic", "entry"], name="item_by_graphic"),
        ]

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {"source", "item_kind", "language", "published_earliest", "published_latest"}
        internal = ROW_INTERNAL | {"address", "syndicated_from", "graphic", "compartment", "interview"}
        protected: frozenset[str] = frozenset()


class ItemText(RegisterRow):
    """Words of an item as an officer took them down: its text, a transcript, or what is to be seen.

    Accounts point into it by paragraph, or by the moment of the recording that it is a transcript of.
    """

    prefix: ClassVar = "TXT"
    kind: ClassVar = "item_text"

    item = Ref("Item")
    # a term of text_kind
    text_kind = words(20)
    language = words(35)
    # The text that this one translates, where it is a translation.
    translates = Ref("ItemText")
    body = prose()
    # That of its item.
    compartment = Ref("Compartment")

    class Meta(RegisterRow.Meta):
        db_table = "register_item_text"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"item", "text_kind", "language", "translates", "body", "compartment"}
        protected: frozenset[str] = frozenset()


class Screening(RegisterRow):
    """What an officer decided on an item before coding: to code it, to leave it, or that it is coded."""

    prefix: ClassVar = "SCR"
    kind: ClassVar = "screening"

    item = Ref("Item")
    # a term of screening
    outcome = words(20)
    reason = prose()
    # That of its item.
    compartment = Ref("Compartment")

    class Meta(RegisterRow.Meta):
        db_table = "register_screening"
        # The queue of items that are to be coded.
        indexes = [models.Index(fields=["outcome", "entry"], name="screening_by_outcome")]

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"item", "outcome", "reason", "compartment"}
        protected: frozenset[str] = frozenset()


class ImportedTable(RegisterRow):
    """A table of others that was taken in: its digest, and the entries that came of it."""

    prefix: ClassVar = "IMP"
    kind: ClassVar = "imported_table"

    form = words(40)
    file_name = words(255)
    sha256 = words(64)
    encoding = words(20)
    rows = number()
    created = number()
    superseded = number()
    unchanged = number()
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField()

    class Meta(RegisterRow.Meta):
        db_table = "register_imported_table"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {"form", "sha256", "encoding", "rows", "created", "superseded", "unchanged"}
        internal = ROW_INTERNAL | {"file_name", "first_entry", "last_entry"}
        protected: frozenset[str] = frozenset()
