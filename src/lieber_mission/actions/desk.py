"""What an officer leaves on their desk: unfinished forms, and what they have looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lieber.base import BadInput

from ..models import Draft, Officer, Visit
from ..policies.permissions import Viewer

# A form that holds more than this was not typed.
LONGEST_DRAFT = 200_000


def save_draft(
    *, form: str, about: str, on_version: int, fields: Mapping[str, Any], by: Viewer, at: datetime
) -> None:
    """Keep what was typed into a form; the draft before it of the same form and thing goes.

    Raises BadInput where it is longer than any form.
    """
    if sum(len(str(value)) for value in fields.values()) > LONGEST_DRAFT:
        raise BadInput(f"A draft holds at most {LONGEST_DRAFT} characters: shorten what is written.")
    Draft.objects.update_or_create(
        officer=Officer.objects.get(officer_id=by.officer_id),
        form=form,
        about=about,
        defaults={"on_version": on_version, "fields": dict(fields), "saved_at": at},
    )


def drop_draft(*, form: str, about: str, by: Viewer) -> None:
    """Let go of a draft: it was sent, or its author does not want it any more."""
    Draft.objects.filter(officer__officer_id=by.officer_id, form=form, about=about).delete()


def note_visit(*, size: int, by: Viewer, at: datetime) -> None:
    """Remember until which entry of the log an officer has looked at what changed."""
    Visit.objects.update_or_create(
        officer=Officer.objects.get(officer_id=by.officer_id), defaults={"size": size, "at": at}
    )
