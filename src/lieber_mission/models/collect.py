"""Sources, items, and the tables of others that were taken in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .fields import ROW_INTERNAL, ROW_PUBLIC, day, number, words
from .register import Ref, RegisterRow


class Source(RegisterRow):
    """Who tells: an outlet, an office, a body."""

    prefix: ClassVar = "SRC"
    kind: ClassVar = "source"

    source_kind = words(40)
    name = words()
    country = words(2)
    party_alignment = words(20)
    reliability = words(1)

    class Meta(RegisterRow.Meta):
        db_table = "register_source"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {"source_kind", "name", "country"}
        internal = ROW_INTERNAL | {"party_alignment", "reliability"}
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
    # Empty: every officer with a part in the substance may know of it.
    compartment = Ref("Compartment")
    # The interview that the item is, where it is one.
    interview = Ref("Interview")

    class Meta(RegisterRow.Meta):
        db_table = "register_item"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {"source", "item_kind", "language", "published_earliest", "published_latest"}
        internal = ROW_INTERNAL | {"address", "syndicated_from", "compartment", "interview"}
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
