"""Forms that supersede: what somebody else recorded meanwhile stands beside what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest


def once_of(request: HttpRequest) -> str:
    """The key of a form: made when it is first shown, sent back with it, so that one form is one row."""
    return request.POST.get("once", "")[:80] or datetime.now(UTC).isoformat()


def beside(form: forms.Form, theirs: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The fields that differ: label, what is recorded now, what was typed here."""
    rows = []
    for name, field in form.fields.items():
        typed = form.cleaned_data.get(name)
        if name in theirs and _plain(typed) != _plain(theirs[name]):
            rows.append((str(field.label), _plain(theirs[name]), _plain(typed)))
    return rows


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(sorted(map(str, value)))
    return "" if value is None else str(value).strip().replace("\r\n", "\n")
