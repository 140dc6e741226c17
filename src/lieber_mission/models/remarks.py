"""What officers say to each other about the things of the register."""

from __future__ import annotations

from typing import ClassVar

from .fields import ROW_INTERNAL, ROW_PUBLIC, prose, terms
from .register import Ref, RegisterRow


class Comment(RegisterRow):
    """A remark on a thing, in the same stream as its changes. It is no evidence and counts nowhere."""

    prefix: ClassVar = "CMT"
    kind: ClassVar = "comment"

    about = Ref(
        "Incident",
        also=("Account", "Item", "PublicStatement", "FollowUp", "Proposal", "Tally"),
    )
    body = prose()
    # The officers who are to read it.
    mentions = terms()
    # That of what it is about.
    compartment = Ref("Compartment")

    class Meta(RegisterRow.Meta):
        db_table = "register_comment"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"about", "body", "mentions", "compartment"}
        protected: frozenset[str] = frozenset()
