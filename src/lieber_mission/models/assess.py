"""Findings: the mission's conclusion on an incident, and how two officers come to it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .fields import ROW_INTERNAL, ROW_PUBLIC, degrees, number, prose, table, terms, words
from .register import Ref, RegisterRow


class Appraisal(RegisterRow):
    """How credible what an account says is: 1 to 6, apart from how reliable its source is (1.15)."""

    prefix: ClassVar = "APR"
    kind: ClassVar = "appraisal"

    account = Ref("Account")
    credibility = words(1)
    reason = prose()
    # That of its account.
    compartment = Ref("Compartment")

    class Meta(RegisterRow.Meta):
        db_table = "register_appraisal"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"account", "credibility", "reason", "compartment"}
        protected: frozenset[str] = frozenset()


class Proposal(RegisterRow):
    """A finding that an officer puts before reviewers. A returned one comes back as a further version."""

    prefix: ClassVar = "PRP"
    kind: ClassVar = "proposal"

    incident = Ref("Incident")
    # The version of the finding that it is written on top of: 0 where there is none yet.
    on_version = models.PositiveIntegerField(default=0)
    # Field name of the finding -> what is proposed.
    fields = table()
    tier = models.PositiveSmallIntegerField()
    proposed_tier = models.PositiveSmallIntegerField()
    # How many reviewers its author asks for; the methodology may ask for more.
    reviewers = models.PositiveSmallIntegerField(default=1)
    withdrawn = models.BooleanField(default=False)

    class Meta(RegisterRow.Meta):
        db_table = "register_proposal"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {
            "incident",
            "on_version",
            "fields",
            "tier",
            "proposed_tier",
            "reviewers",
            "withdrawn",
        }
        protected: frozenset[str] = frozenset()


class Review(RegisterRow):
    """What a reviewer says of one version of a proposal: agreed, or returned with what is missing."""

    prefix: ClassVar = "REV"
    kind: ClassVar = "review"

    proposal = Ref("Proposal")
    of_version = models.PositiveIntegerField()
    review_kind = words(20)
    decision = words(20)
    comments = prose()

    class Meta(RegisterRow.Meta):
        db_table = "register_review"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"proposal", "of_version", "review_kind", "decision", "comments"}
        protected: frozenset[str] = frozenset()


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
    # What speaks for it and against it: each names the account and what of it.
    claims_for = terms()
    claims_against = terms()
    methodology = words(20)
    reviewed_by = words(24)
    # The proposal that reviewers agreed to, where there was one.
    proposal = Ref("Proposal")

    class Meta(RegisterRow.Meta):
        db_table = "register_finding"
        # What an account may be of is looked for among the incidents of its days.
        indexes = [models.Index(fields=["victim_party", "occurred_latest"], name="finding_by_party_and_day")]
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
            "claims_for",
            "claims_against",
            "reviewed_by",
            "proposal",
        }
        protected: frozenset[str] = frozenset()
