"""What belongs to an officer's desk and not to the register: unfinished work, views, last visits.

These rows change and go; nothing here is known to the log, and no figure rests on it.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from .officers import Officer


class Draft(models.Model):
    """A form that is not sent yet, kept so that nothing typed is lost. Only its author sees it."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="drafts")
    # Which form it is of, and on which thing: one draft for each.
    form = models.CharField(max_length=40)
    about = models.CharField(max_length=24, blank=True, default="")
    # The version of the thing that was on the page when the draft was begun; 0 for a new one.
    on_version = models.PositiveIntegerField(default=0)
    fields: models.JSONField[Any, Any] = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "desk_draft"
        constraints = [
            models.UniqueConstraint(fields=["officer", "form", "about"], name="draft_one_a_form_and_thing")
        ]

    def __str__(self) -> str:
        return f"draft of {self.form}"

    class Sensitivity:
        """Which fields may leave the mission."""

        public: frozenset[str] = frozenset()
        internal = frozenset({"id", "officer", "form", "about", "on_version", "fields", "saved_at"})
        protected: frozenset[str] = frozenset()


class SavedView(models.Model):
    """A filter of a list under a name: the address that shows it."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=80)
    route = models.CharField(max_length=40)
    query = models.TextField(blank=True, default="")
    # Whether the others find it too.
    shared = models.BooleanField(default=False)

    class Meta:
        db_table = "desk_saved_view"
        constraints = [
            models.UniqueConstraint(fields=["officer", "route", "name"], name="saved_view_one_a_name")
        ]

    def __str__(self) -> str:
        return self.name

    class Sensitivity:
        """Which fields may leave the mission."""

        public: frozenset[str] = frozenset()
        internal = frozenset({"id", "officer", "name", "route", "query", "shared"})
        protected: frozenset[str] = frozenset()


class Visit(models.Model):
    """How long the log was when an officer last looked at what changed."""

    officer = models.OneToOneField(Officer, on_delete=models.CASCADE, related_name="visit")
    size = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        db_table = "desk_visit"

    def __str__(self) -> str:
        return f"visit of {self.officer}"

    class Sensitivity:
        """Which fields may leave the mission."""

        public: frozenset[str] = frozenset()
        internal = frozenset({"id", "officer", "size", "at"})
        protected: frozenset[str] = frozenset()


class Waited(models.Model):
    """Of one kind, what waited after the first `upto` entries; no part of the register."""

    kind = models.CharField(max_length=20, primary_key=True)
    # The hash of the last entry looked at: of another log nothing is believed.
    mark = models.BinaryField(max_length=32)
    upto = models.BigIntegerField()
    # Thing -> the entry of its last version.
    found: models.JSONField[Any, Any] = models.JSONField(default=dict)
    left_out = models.BooleanField(default=False)

    class Meta:
        db_table = "mission_waited"

    def __str__(self) -> str:
        return f"{self.kind} up to {self.upto}"

    class Sensitivity:
        """Which fields may leave the mission."""

        public: frozenset[str] = frozenset()
        internal = frozenset({"kind", "mark", "upto", "found", "left_out"})
        protected: frozenset[str] = frozenset()
