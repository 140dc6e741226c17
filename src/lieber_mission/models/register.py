"""Rows that are written once.

Each table of the register is append-only: a row is a version of a thing, written by a named
officer at a recorded instant. A later row supersedes an earlier one; `(thing, version)` is
unique, so that two officers who change the same version get a conflict and nothing is lost.
Database triggers refuse UPDATE and DELETE (see the migrations).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.lookups import LessThan


def instant_text(at: datetime) -> str:
    """An instant as it is written in the log: RFC 3339, UTC, microseconds."""
    # Not strftime: it writes years before 1000 with fewer than four digits.
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


if TYPE_CHECKING:
    _Characters = models.CharField[str, str]
else:
    # Django's fields take type arguments in their stubs only.
    _Characters = models.CharField


class Ref(_Characters):
    """The id of another thing of the register.

    A thing has many rows, so this is no database key; the action that writes a row refuses an id
    that nobody recorded, and `mission check` names one that leads nowhere. `to` is the class name
    of the thing that is meant, `also` those of others that may stand there.
    """

    def __init__(self, to: str = "", *, also: tuple[str, ...] = (), **options: Any) -> None:
        self.to = to
        self.also = also
        options.setdefault("max_length", 24)
        options.setdefault("db_index", True)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        """For migrations: as a character field that also names what it points to."""
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "to": self.to} | ({"also": self.also} if self.also else {})


class RegisterQuerySet(models.QuerySet[Any]):
    """Reads of an append-only table."""

    def as_of(self, position: int | None) -> Self:
        """The latest version of each thing among the first `position` entries of the log.

        None means the whole log. The log is ordered by instant, so a position is an instant:
        `queries.register.position_at` finds it.
        """
        later = self.model._default_manager.filter(thing=OuterRef("thing"), version=OuterRef("version") + 1)
        if position is None:
            return self.filter(~Exists(later))
        # Plus nothing: the database must look for rows by what else is asked of them, and not walk
        # the log from its beginning.
        return self.filter(
            LessThan(F("entry") + Value(0), position), ~Exists(later.filter(entry__lt=position))
        )


class RegisterRow(models.Model):
    """One version of one thing."""

    # Three letters that begin the ids of this kind of thing, and its name in the log.
    prefix: ClassVar[str]
    kind: ClassVar[str]

    row_id = models.BigAutoField(primary_key=True)
    thing = models.CharField(max_length=24)
    version = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=24)
    # The row's leaf in the log.
    entry = models.BigIntegerField(unique=True)
    # The key under which a table of others brought this thing in; empty where none did.
    external_key = models.CharField(max_length=300, blank=True, default="", db_index=True)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["thing", "version"], name="%(class)s_one_row_a_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="%(class)s_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.thing} version {self.version}"

    @classmethod
    def committed(cls) -> tuple[str, ...]:
        """The fields that are committed to the log one by one, in their order."""
        return tuple(
            field.attname for field in cls._meta.concrete_fields if field.attname not in NOT_COMMITTED_APART
        )

    def committed_values(self) -> dict[str, Any]:
        """The committed fields as plain JSON values."""
        return {name: plain(getattr(self, name)) for name in self.committed()}

    def content(self) -> dict[str, Any]:
        """What the row says, apart from who wrote it: what decides whether a later one differs."""
        return {name: plain(getattr(self, name)) for name in self.committed() if name != "recorded_by"}


# The public members of a leaf stand in it openly; row_id and entry only say where a row lies.
NOT_COMMITTED_APART = frozenset({"row_id", "thing", "version", "recorded_at", "entry"})


# What is kept of a row whose salt was destroyed and whose content was forgotten; of an interview from
# the field the number of its submission, so that the same file does not bring back what was erased.
KEPT_WHEN_BLANK = frozenset({"recorded_by", "instance", *NOT_COMMITTED_APART})


def blank_value(field: models.Field[Any, Any]) -> Any:
    """What stands in a field that was forgotten: its default, or nothing."""
    if field.has_default():
        return field.get_default()
    return None if field.null else ""


def plain(value: Any) -> Any:
    """A field's value as canonical JSON can hold it: days and instants become text."""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
