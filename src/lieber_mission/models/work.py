"""Work that waits for a worker, and what is being uploaded: no part of the register."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from .fields import table


class Work(models.Model):
    """A piece of work: what is to be done with what, and how far that is.

    Whoever does it holds it for a while and says now and then that it lives; of one that was ended the
    piece is taken by another.
    """

    kind = models.CharField(max_length=40)
    # The thing that it is about; of one kind and thing one piece waits at a time.
    about = models.CharField(max_length=100)
    parameters = table()
    asked_by = models.CharField(max_length=24)
    asked_at = models.DateTimeField()
    # waiting, running, done or failed
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    # Not before then; of one that is being done, until when it is held.
    due: models.DateTimeField[Any, Any] = models.DateTimeField()
    worker = models.CharField(max_length=100, blank=True, default="")
    # How far it is, in words and of a hundred.
    stage = models.CharField(max_length=200, blank=True, default="")
    share: models.FloatField[Any, Any] = models.FloatField(null=True)
    finished_at: models.DateTimeField[Any, Any] = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        db_table = "mission_work"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "about"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="work_one_piece_a_thing",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["due"], condition=models.Q(state="waiting"), name="work_waiting"),
            models.Index(fields=["due"], condition=models.Q(state="running"), name="work_running"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.about}: {self.state}"

    class Sensitivity:
        """Which fields may leave the mission."""

        public: frozenset[str] = frozenset()
        internal = frozenset(
            {
                "id",
                "kind",
                "about",
                "parameters",
                "asked_by",
                "asked_at",
                "state",
                "attempts",
                "due",
                "worker",
                "stage",
                "share",
                "finished_at",
                "reason",
            }
        )
        protected: frozenset[str] = frozenset()


class Upload(models.Model):
    """A file that a browser sends in parts, and what is to be said of it when it is whole."""

    token = models.CharField(max_length=40, primary_key=True)
    officer = models.CharField(max_length=24)
    name = models.CharField(max_length=1_000)
    size = models.BigIntegerField()
    circumstances = table()
    begun_at = models.DateTimeField()
    # The item that came of it.
    item = models.CharField(max_length=24, blank=True, default="")
    reason = models.TextField(blank=True, default="")

    class Meta:
        db_table = "mission_upload"

    def __str__(self) -> str:
        return self.token

    class Sensitivity:
        """Which fields may leave the mission."""

        public: frozenset[str] = frozenset()
        internal = frozenset(
            {"token", "officer", "name", "size", "circumstances", "begun_at", "item", "reason"}
        )
        protected: frozenset[str] = frozenset()
