"""Findings: the mission's conclusion on an incident."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .fields import ROW_INTERNAL, ROW_PUBLIC, degrees, number, prose, terms, words
from .register import Ref, RegisterRow


class Finding(RegisterRow):
    """Tier, date, place, number, parties, status and reasons: one chain of versions an incident."""

    prefix: ClassVar = "FND"
    kind: ClassVar = "finding"

    incident = Ref("Incident")
    tier = models.PositiveSmallIntegerField()
    proposed_tier = models.PositiveSmallIntegerField()
    contested = models.BooleanField(default=False)
    series = words(60)
    occurred_earliest = models.DateField()
    occurred_latest = models.DateField()
    occurred_best = models.DateField()
    occurred_precision = words(12)
    place_name = words()
    settlement = words()
    district = words()
    region = words()
    country = words(2)
    latitude = degrees()
    longitude = degrees()
    place_precision = words(20)
    killed_min = models.PositiveIntegerField()
    killed_best = number()
    killed_max = number()
    victim_party = words(20)
    perpetrator_party = words(20)
    status = words()
    manner = words()
    facts = terms()
    reasons = prose()
    alternatives = prose()
    methodology = words(20)
    reviewed_by = words(24)

    class Meta(RegisterRow.Meta):
        db_table = "register_finding"
        constraints = [
            *RegisterRow.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(killed_best__isnull=True)
                | models.Q(killed_min__lte=models.F("killed_best")),
                name="finding_min_to_best",
            ),
            models.CheckConstraint(
                condition=models.Q(killed_max__isnull=True)
                | (
                    models.Q(killed_min__lte=models.F("killed_max"))
                    & (models.Q(killed_best__isnull=True) | models.Q(killed_best__lte=models.F("killed_max")))
                ),
                name="finding_best_to_max",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    occurred_earliest__lte=models.F("occurred_best"),
                    occurred_best__lte=models.F("occurred_latest"),
                ),
                name="finding_days_in_order",
            ),
            # from "verified" upward a second person must have agreed.
            models.CheckConstraint(
                condition=models.Q(tier__lt=3)
                | (~models.Q(reviewed_by="") & ~models.Q(reviewed_by=models.F("recorded_by"))),
                name="finding_verified_by_two",
            ),
        ]

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC | {
            "incident",
            "tier",
            "contested",
            "series",
            "occurred_earliest",
            "occurred_latest",
            "occurred_best",
            "occurred_precision",
            "region",
            "country",
            "killed_min",
            "killed_best",
            "killed_max",
            "victim_party",
            "perpetrator_party",
            "status",
            "manner",
            "methodology",
        }
        internal = ROW_INTERNAL | {
            "proposed_tier",
            "place_name",
            "settlement",
            "district",
            "latitude",
            "longitude",
            "place_precision",
            "facts",
            "reasons",
            "alternatives",
            "reviewed_by",
        }
        protected: frozenset[str] = frozenset()
