"""Forms that an officer began and did not send: what each is, and where it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ...policies.permissions import Viewer
from ...queries.desk import LEFT, SECOND, drafts

# Form -> what is drafted, and the page on which it goes on.
FORMS: Mapping[str, tuple[str | Promise, str]] = {
    "assess": (_("Finding on"), "assess"),
    "mend": (_("Returned finding"), "proposal-mend"),
    "item": (_("New item"), "item-new"),
    "item-text": (_("Words of"), "item-text"),
    "account": (_("New account of"), "item-code"),
    "account-version": (_("Account anew:"), "account-code"),
    SECOND: (_("Second coding of"), "account-again"),
}


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
        Unfinished(words, reverse(route, args=[kept.about] if kept.about else []), kept.about, kept.saved_at)
        for kept in drafts(viewer=viewer)
        if not kept.fields.get(LEFT)
        for words, route in [FORMS[kept.form]]
    ]
