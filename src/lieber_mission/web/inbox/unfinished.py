"""Forms that an officer began and did not send: what each is, and where it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from ...policies.permissions import Viewer
from ...queries.desk import LEFT, drafts
from ..drafted import FORMS, address_of


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A form that was not sent."""

    words: str | Promise
    address: str
    about: str
    saved_at: datetime


def unfinished(*, viewer: Viewer) -> list[Unfinished]:
    """The viewer's own, the one saved last first; a second coding that was left is none."""
    return [
        Unfinished(FORMS[kept.form][0], address_of(kept.form, kept.about), kept.about, kept.saved_at)
        for kept in drafts(viewer=viewer)
        if not kept.fields.get(LEFT)
    ]
