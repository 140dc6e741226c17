"""Incidents and judgements: which accounts speak of the same episode."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .fields import ROW_INTERNAL, ROW_PUBLIC, prose, words
from .register import Ref, RegisterRow


class Incident(RegisterRow):
    """One continuous episode, in one place, by one party (R-04): the anchor of its accounts."""

    prefix: ClassVar = "INC"
    kind: ClassVar = "incident"

    title = words()

    class Meta(RegisterRow.Meta):
        db_table = "register_incident"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"title"}
        protected: frozenset[str] = frozenset()


class Judgement(RegisterRow):
    """A person's decision that two things are, or are not, of the same incident.

    The things are accounts or incidents; two incidents judged the same are a merge, which a second
    officer must have agreed to (R-17).
    """

    prefix: ClassVar = "JDG"
    kind: ClassVar = "judgement"

    left = Ref("Account", also=("Incident",))
    right = Ref("Incident")
    # True between two incidents: those are few, and every figure asks for them.
    of_incidents = models.BooleanField(default=False)
    verdict = words(10)
    # What its author asks a second officer to agree to; what stands meanwhile is `verdict`.
    asks = words(10)
    reason = prose()
    agreed_by = words(24)

    class Meta(RegisterRow.Meta):
        db_table = "register_judgement"
        indexes: ClassVar = [
            models.Index(
                fields=["left", "right"],
                condition=models.Q(of_incidents=True),
                name="judgement_between_incidents",
            ),
            # Few wait at any time, and the inbox counts them on each page.
            models.Index(fields=["entry"], condition=~models.Q(asks=""), name="judgement_asked"),
        ]
        constraints = [
            *RegisterRow.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(agreed_by=models.F("recorded_by")), name="judgement_agreed_by_another"
            ),
        ]

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"left", "right", "of_incidents", "verdict", "asks", "reason", "agreed_by"}
        protected: frozenset[str] = frozenset()
