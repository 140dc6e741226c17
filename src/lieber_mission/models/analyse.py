"""Tallies: other bodies' published numbers, each with its scope."""

from __future__ import annotations

from typing import ClassVar

from .fields import ROW_INTERNAL, ROW_PUBLIC, day, number, prose, words
from .register import Ref, RegisterRow


class Tally(RegisterRow):
    """A number that another body published. It never creates incidents and is never added to ours."""

    prefix: ClassVar = "TLY"
    kind: ClassVar = "tally"

    item = Ref("Item")
    authority = words()
    as_of_earliest = day()
    as_of_latest = day()
    period_start_earliest = day()
    period_start_latest = day()
    period_end_earliest = day()
    period_end_latest = day()
    scope = prose()
    unit = words(30)
    value = number()
    bound = words(12)
    notes = prose()

    class Meta(RegisterRow.Meta):
        db_table = "register_tally"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {
            "item",
            "authority",
            "as_of_earliest",
            "as_of_latest",
            "period_start_earliest",
            "period_start_latest",
            "period_end_earliest",
            "period_end_latest",
            "scope",
            "unit",
            "value",
            "bound",
        }
        internal = ROW_INTERNAL | {"notes"}
        protected: frozenset[str] = frozenset()
