"""Officers: who may log in, and in which roles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class OfficerManager(BaseUserManager["Officer"]):
    """Finds officers by their handle."""

    def get_by_natural_key(self, username: str | None) -> Officer:
        """The officer with this handle, whatever the case of its letters."""
        return self.get(handle__iexact=username)


class Officer(AbstractBaseUser):
    """A person of the mission. The register knows the opaque id, pages show the title."""

    officer_id = models.CharField(max_length=24, unique=True)
    handle = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    roles: models.JSONField[Any, Any] = models.JSONField(default=list)
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
        internal = frozenset({"id", "handle", "title", "roles", "is_active", "last_login"})
        protected = frozenset({"password"})
