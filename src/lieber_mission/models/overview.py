"""Incidents as lists show them: what the register says of each, put together in one row.

Nothing here is part of the register or known to the log. Each row follows from the register and is
written in the transaction that changes it; `mission check` compares the two (decision 0021).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from .fields import day, degrees, number, words


class OverviewQuerySet(models.QuerySet["Overview"]):
    """Reads of the overview."""

    def as_of(self, position: int | None) -> OverviewQuerySet:
        """How each incident stood after the first `position` entries of the log; None means now."""
        if position is None:
            return self.filter(until__isnull=True)
        return self.filter(Q(until__isnull=True) | Q(until__gt=position), since__lte=position)


class Overview(models.Model):
    """How one incident stood while the log had between `since` and `until` entries.

    Without a finding the tier and all that it concludes are empty. `accounts` counts those judged to be of
    the incident, or of one that was merged into it, and that lie in no compartment.
    """

    incident = models.CharField(max_length=24)
    since = models.BigIntegerField()
    until = models.BigIntegerField(null=True)
    # The deed that made it so: what one deed writes in several steps is one change.
    at = models.DateTimeField()
    by = models.CharField(max_length=24)
    # The entry that changed the incident, its finding, or a judgement of it last.
    changed = models.BigIntegerField()
    title = words()
    # Folded: what is searched.
    title_words = models.TextField(default="")
    place_words = models.TextField(default="")
    merged_into = words(24)
    accounts = models.PositiveIntegerField(default=0)
    tier = models.PositiveSmallIntegerField(null=True)
    contested = models.BooleanField(default=False)
    series = words(60)
    earliest = day()
    latest = day()
    best_day = day()
    precision = words(12)
    place = words()
    region = words()
    country = words(2)
    latitude = degrees()
    longitude = degrees()
    place_precision = words(20)
    killed_min = number()
    killed_best = number()
    killed_max = number()
    # The best number, or the minimum where none was assessed: by what lists sort.
    killed = number()
    victim_party = words(20)
    perpetrator_party = words(20)
    status = words()
    manner = words()

    objects = OverviewQuerySet.as_manager()

    class Meta:
        db_table = "mission_overview"
        indexes = [
            # Each order of a list, so that of many incidents the first pages are read and nothing else. For
            # what is filtered there is none: it would be taken for questions that many incidents answer, and
            # then be slower than reading the table as it lies (decision 0021).
            *(
                models.Index(
                    fields=[column, "incident"], condition=Q(until__isnull=True), name=f"overview_by_{column}"
                )
                for column in ("changed", "title", "tier", "best_day", "place", "killed", "accounts")
            ),
            models.Index(
                fields=["incident"],
                condition=Q(until__isnull=True, earliest__isnull=True),
                name="overview_without_a_day",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=Q(until__isnull=True), name="overview_one_now"
            ),
            models.UniqueConstraint(fields=["incident", "since"], name="overview_one_since"),
        ]

    def __str__(self) -> str:
        return f"{self.incident} since {self.since}"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = frozenset(
            {
                "incident",
                "tier",
                "contested",
                "series",
                "earliest",
                "latest",
                "best_day",
                "precision",
                "region",
                "country",
                "killed_min",
                "killed_best",
                "killed_max",
                "killed",
                "victim_party",
                "perpetrator_party",
                "status",
                "manner",
            }
        )
        internal = frozenset(
            {
                "id",
                "since",
                "until",
                "at",
                "by",
                "changed",
                "title",
                "title_words",
                "place_words",
                "merged_into",
                "accounts",
                "place",
                "latitude",
                "longitude",
                "place_precision",
            }
        )
        protected: frozenset[str] = frozenset()
