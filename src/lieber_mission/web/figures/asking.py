"""The question in an address: a recipe without its instant."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from lieber.assess import Tier
from lieber.base import BadInput, Window

from ...queries.figures import Question
from .. import filters
from ..components import label, window_words


def question(request: HttpRequest, known: list[str]) -> Question:
    """The question in the address; without one, everything of the last party known."""
    party = filters.text(request, "victims") or known[-1]
    tier = filters.tier(request) or Tier.CREDIBLE
    if tier is Tier.DISCOUNTED:
        raise BadInput("A figure counts from the tier “alleged” upward: discounted incidents never count.")
    return Question(
        victim_party=party,
        window=Window(filters.day(request, "since"), filters.day(request, "until")),
        tier=tier,
        perpetrator_party=filters.text(request, "perpetrator"),
        status=filters.text(request, "status"),
        manner=filters.text(request, "manner"),
        region=filters.text(request, "region"),
    )


def in_words(asked: Question) -> str:
    """The question as a phrase of the page's language, with its window in the method's words."""
    said = _("victims of %(party)s, %(window)s, %(tier)s or higher") % {
        "party": asked.victim_party,
        "window": window_words(asked.window),
        "tier": label(asked.tier.word, "tier"),
    }
    narrowed = [
        _("attributed to %(party)s") % {"party": asked.perpetrator_party} if asked.perpetrator_party else "",
        label(asked.status, "status_fact"),
        label(asked.manner, "manner"),
        asked.region,
    ]
    return "; ".join([said, *filter(None, narrowed)])
