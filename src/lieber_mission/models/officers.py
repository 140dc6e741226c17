"""Officers: who may log in, and in which roles."""

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

    Roles and compartments repeat what the officer's last Appointment says, so that each request
    need not look it up; `mission check` compares the two.
    """

    officer_id = models.CharField(max_length=24, unique=True)
    handle = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    roles: models.JSONField[Any, Any] = models.JSONField(default=list)
    compartments: models.JSONField[Any, Any] = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[OfficerManager] = OfficerManager()
    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "mission_officer"

    def __str__(self) -> str:
        return self.title

    class Sensitivity:
        """Which fields may leave the mission."""

        public: frozenset[str] = frozenset({"officer_id"})
        internal = frozenset({"id", "handle", "title", "roles", "compartments", "is_active", "last_login"})
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


class Compartment(RegisterRow):
    """A circle of things that only its members may know of (need to know, R-16)."""

    prefix: ClassVar = "CMP"
    kind: ClassVar = "compartment"

    name = words(120)
    description = prose()
    # Whether opening what the vault holds of it takes a second officer.
    second_officer = models.BooleanField(default=True)

    class Meta(RegisterRow.Meta):
        db_table = "register_compartment"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"name", "description", "second_officer"}
        protected: frozenset[str] = frozenset()


class Appointment(RegisterRow):
    """What an officer may do from now on: roles and compartments, or that they have left.

    One chain of versions an officer; recorded by whoever appointed them.
    """

    prefix: ClassVar = "APP"
    kind: ClassVar = "appointment"

    officer = words(24)
    roles = terms()
    compartments = terms()
    active = models.BooleanField(default=True)
    reason = prose()

    class Meta(RegisterRow.Meta):
        db_table = "register_appointment"

    class Sensitivity:
        """Which fields may leave the mission."""

        public = ROW_PUBLIC
        internal = ROW_INTERNAL | {"officer", "roles", "compartments", "active", "reason"}
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
