"""What an officer leaves on their desk: unfinished forms, views of lists, and what they have looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from lieber.base import BadInput

from ..models import Draft, Officer, SavedView, Visit
from ..policies import desk as policy
from ..policies.permissions import Deed, Viewer, check_may

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


# The view that a list opens with, as the officer last looked at it. It has no name and nobody sees it.
LAST = ""


def keep_view(*, route: str, name: str, query: str, shared: bool, by: Viewer) -> None:
    """Keep the address of a list under a name; one of that name is replaced.

    Raises NotAllowed, or ViewRefused for a name that is none or too many views.
    """
    check_may(by, Deed.READ_REGISTER)
    name = name.strip()
    with transaction.atomic():
        own = SavedView.objects.filter(officer__officer_id=by.officer_id, route=route).exclude(name=LAST)
        policy.check_view(name=name, query=query, kept=own.exclude(name=name).count())
        _keep(route, name, query, shared=shared, by=by)


def remember(*, route: str, query: str, by: Viewer) -> None:
    """Remember how an officer looked at a list last."""
    _keep(route, LAST, query, shared=False, by=by)


def let_go(*, view: int, by: Viewer) -> None:
    """Let one of one's own views go; of others' nothing happens."""
    check_may(by, Deed.READ_REGISTER)
    SavedView.objects.filter(pk=view, officer__officer_id=by.officer_id).delete()


def _keep(route: str, name: str, query: str, *, shared: bool, by: Viewer) -> None:
    officer = Officer.objects.filter(officer_id=by.officer_id).first()
    if officer is not None:
        SavedView.objects.update_or_create(
            officer=officer, route=route, name=name, defaults={"query": query, "shared": shared}
        )
