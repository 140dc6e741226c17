"""Short names for the kinds of column that the register's tables are made of."""

from __future__ import annotations

from typing import Any

from django.db import models


def words(length: int = 4_000) -> models.CharField[str, str]:
    """A short text; empty means not known."""
    return models.CharField(max_length=length, blank=True, default="")


def prose() -> models.TextField[str, str]:
    """A text of any length; empty means none."""
    return models.TextField(blank=True, default="")


def day() -> models.DateField[Any, Any]:
    """A day, or not known."""
    return models.DateField(null=True, blank=True)


def number() -> models.IntegerField[Any, Any]:
    """A number of persons or incidents, or not known."""
    return models.PositiveIntegerField(null=True, blank=True)


def degrees() -> models.FloatField[Any, Any]:
    """A latitude or longitude (WGS 84), or not known."""
    return models.FloatField(null=True, blank=True)


def terms() -> models.JSONField[Any, Any]:
    """A list of terms of a vocabulary."""
    return models.JSONField(default=list)


def table() -> models.JSONField[Any, Any]:
    """Names and what belongs to each."""
    return models.JSONField(default=dict)


# The fields that every row of the register has, with what may leave the mission.
ROW_PUBLIC = frozenset({"thing", "version", "recorded_at", "entry"})
ROW_INTERNAL = frozenset({"row_id", "recorded_by", "external_key"})
