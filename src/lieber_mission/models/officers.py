"""Officers: who may log in, in which roles, and of what they may know."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from .fields import ROW_INTERNAL, ROW_PUBLIC, prose, terms, words
from .register import Ref, RegisterRow


class OfficerManager(BaseUserManager["Officer"]):
    """Finds officers by their handle."""

    def get_by_natural_key(self, username: str | None) -> Officer:
        """The officer with this handle, whatever the case of its letters."""
        return self.get(handle__iexact=username)


class Officer(AbstractBaseUser):
    """A person of the mission. The register knows the opaque id, pages show the title.

    Roles, own compartments and teams repeat what the officer's last Appointment says, so that each
    request need not look it up; `mission check` compares the two.
    """

    officer_id = models.CharField(max_length=24, unique=True)
    handle = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    roles: models.JSONField[Any, Any] = models.JSONField(default=list)
    # Those into which the officer was let by themselves; `compartments` has those of the teams too.
    own_compartments: models.JSONField[Any, Any] = models.JSONField(default=list)
    teams: models.JSONField[Any, Any] = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[OfficerManager] = OfficerManager()
    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "mission_officer"

    def __str__(self) -> str:
        return self.title

    @property
    def compartments(self) -> list[str]:
        """The compartments of which the officer is a member, by themselves or by a team.

        Looked up each time: a team that is let out of a compartment is out in every open session.
        """
        if not self.teams:
            return list(self.own_compartments)
        mine = set(self.teams)
        admitting = Compartment.objects.as_of(None).exclude(teams=[]).values_list("thing", "teams")
        by_team = {thing for thing, teams in admitting if not mine.isdisjoint(teams)}
        return sorted(by_team.union(self.own_compartments))

    class Sensitivity:
        """Which fields may leave the mission."""

        public: frozenset[str] = frozenset({"officer_id"})
        internal = frozenset(
            {"id", "handle", "title", "roles", "own_compartments", "teams", "is_active", "last_login"}
        )
        protected = frozenset({"password"})


class Invitation(models.Model):
    """A link that lets one person set the password of one account, once and for a limited time.

    The link itself is shown once and not kept: here lies its digest.
    """

    digest = models.CharField(max_length=64, unique=True)
    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="invitations")
    invited_by = models.CharField(max_length=24)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "mission_invitation"

    def __str__(self) -> str:
        return f"invitation of {self.officer}"

    class Sensitivity:
        """Which fields may leave the mission."""

        public: frozenset[str] = frozenset()
        internal = frozenset({"id", "officer", "invited_by", "invited_at", "expires_at", "used_at"})
        protected = frozenset({"digest"})


class Team(RegisterRow):
    """Officers who work together: a field office, a desk. Who is in it, their appointments say."""

    prefix: ClassVar = "TEA"
    kind: ClassVar = "team"

    name = words(120)
    description = prose()

    class Meta(RegisterRow.Meta):
        db_table = "register_team"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"name", "description"}
        protected: frozenset[str] = frozenset()


class Compartment(RegisterRow):
    """A circle of things that only its members may know of (need to know, R-16).

    Members are the officers whose appointments name it, and those of the teams that it admits.
    """

    prefix: ClassVar = "CMP"
    kind: ClassVar = "compartment"

    name = words(120)
    description = prose()
    # Whether opening what the vault holds of it takes a second officer.
    second_officer = models.BooleanField(default=True)
    # The ids of the teams that it admits, and why this version differs from the one before it.
    teams = terms()
    reason = prose()

    class Meta(RegisterRow.Meta):
        db_table = "register_compartment"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"name", "description", "second_officer", "teams", "reason"}
        protected: frozenset[str] = frozenset()


class Appointment(RegisterRow):
    """What an officer may do from now on: roles, compartments and teams, or that they have left.

    One chain of versions an officer; recorded by whoever appointed them.
    """

    prefix: ClassVar = "APP"
    kind: ClassVar = "appointment"

    officer = words(24)
    roles = terms()
    compartments = terms()
    teams = terms()
    active = models.BooleanField(default=True)
    reason = prose()

    class Meta(RegisterRow.Meta):
        db_table = "register_appointment"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"officer", "roles", "compartments", "teams", "active", "reason"}
        protected: frozenset[str] = frozenset()


class Reading(RegisterRow):
    """That an officer read something of a compartment, or asked the vault to open a record.

    The access log: written by the site at each such read, changed by nobody (R-16).
    """

    prefix: ClassVar = "RDG"
    kind: ClassVar = "reading"

    # The id of what was read; not a reference, since attempts on what is not there are noted too.
    what = words(24)
    deed = words(20)
    compartment = Ref("Compartment")
    purpose = prose()
    agreed_by = words(24)

    class Meta(RegisterRow.Meta):
        db_table = "register_reading"
        constraints = [
            *RegisterRow.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(agreed_by="") | ~models.Q(agreed_by=models.F("recorded_by")),
                name="reading_agreed_by_another",
            ),
        ]

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"what", "deed", "compartment", "purpose", "agreed_by"}
        protected: frozenset[str] = frozenset()
