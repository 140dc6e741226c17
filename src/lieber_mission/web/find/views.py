"""Find anything: a list for the dialog, a whole page without scripts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ...queries import find as finding
from .. import filters
from ..viewer import note_shown_of, viewer_of

KINDS: dict[str, tuple[str | Promise, str]] = {
    "incident": (_("incident"), "list-details"),
    "statement": (_("public statement"), "speakerphone"),
    "follow-up": (_("follow-up"), "mail-forward"),
    "item": (_("item"), "files"),
    "account": (_("account"), "file-text"),
    "tally": (_("tally"), "numbers"),
    "officer": (_("officer"), "user"),
}


def find(request: HttpRequest) -> HttpResponse:
    """What the words in the address find."""
    words = filters.text(request, "q")
    found = finding.find(words, viewer=viewer_of(request))
    for kind in KINDS:
        note_shown_of(request, kind, [each.thing for each in found if each.kind == kind])
    context = {
        "words": words,
        "found": [(each, *KINDS[each.kind]) for each in found],
        "asked": len("".join(words.split())) >= finding.LEAST,
        "reach": finding.REACH,
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "find/found.html" if fragment else "find/page.html", context)
