"""The forms that keep drafts: what each drafts, where it goes on, and how it begins with what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..actions.code import discard_draft
from ..queries.desk import SECOND, KeptDraft, draft_of
from .viewer import viewer_of

# Form -> what is drafted, and the page on which it goes on.
FORMS: Mapping[str, tuple[str | Promise, str]] = {
    "assess": (_("Finding on"), "assess"),
    "mend": (_("Returned finding"), "proposal-mend"),
    "item": (_("New item"), "item-new"),
    "item-text": (_("Words of"), "item-text"),
    "account": (_("New account of"), "item-code"),
    "account-version": (_("Account anew:"), "account-code"),
    SECOND: (_("Second coding of"), "account-again"),
    "statement": (_("New statement"), "statement-new"),
    "statement-version": (_("Statement anew:"), "statement-change"),
    "follow-up": (_("New follow-up"), "follow-up-new"),
    "follow-up-version": (_("Follow-up anew:"), "follow-up-change"),
    "response": (_("Answer to"), "follow-up-answer"),
}


# The fields of which several are chosen.
LISTS = frozenset({"victim_statuses", "manners", "evidence_types", "contents"})


def address_of(form: str, about: str) -> str:
    """Where a form goes on; the first page for one that is none, or of what is no thing."""
    try:
        return reverse(FORMS[form][1], args=[about] if about else [])
    except (KeyError, NoReverseMatch):
        return reverse("home")


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft of one form on one thing, as its page uses it."""

    drafted: str
    about: str
    kept: KeptDraft | None

    def begins_with(self, first: Mapping[str, Any]) -> dict[str, Any]:
        """What the form of a version begins with: what was kept, else what stands. A box that was not
        ticked was not sent: it is none of what was kept."""
        if self.kept is None:
            return dict(first)
        return {**first, **{name: [] for name in LISTS}, **self.kept.fields}

    def led_by(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What the form of something new begins with: what the address asks for, then what was kept."""
        return self.begins_with({}) | {name: value for name, value in asked.items() if value}

    def on_version(self, stands: int) -> int:
        """The version on which the form is sent: that on which its draft was begun."""
        return self.kept.on_version if self.kept else stands

    @property
    def context(self) -> dict[str, Any]:
        """What `coding/kept.html` and the form need to know."""
        return {"drafted": self.drafted, "about": self.about, "kept": self.kept}


def draft(request: HttpRequest, form: str, about: str = "") -> Draft:
    """The viewer's draft of a form."""
    return Draft(form, about, draft_of(form, about, viewer=viewer_of(request)))


def sent(request: HttpRequest, form: str, about: str = "") -> None:
    """What was drafted is recorded: the draft goes."""
    discard_draft(form=form, about=about, by=viewer_of(request))


def version_sent(request: HttpRequest) -> int:
    """The version that a form was sent on; 0 where it says none."""
    text = request.POST.get("on_version", "")
    return int(text[:9]) if text.isascii() and text.isdigit() else 0


def to_send_on(request: HttpRequest, stands: int, begun: Draft, *, conflict: bool) -> int:
    """The version that the form of the page is on: what a draft was begun on, until both were compared."""
    if conflict:
        return stands
    return begun.on_version(stands) if request.method == "GET" else version_sent(request)
