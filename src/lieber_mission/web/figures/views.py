"""Figures with their contributions and the month chart, and the tallies of others."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from lieber.assess import Tier
from lieber.base import Overlap, Window
from lieber.publish import GROUPINGS, Figure, group_by

from ...queries import lists, log
from ...queries.figures import Question, figure, parties
from ...queries.incidents import titles
from ...queries.tallies import tallies_beside
from .. import filters
from ..moment import Moment, moment_of
from ..viewer import viewer_of
from .chart import month_chart, month_rows


def figures(request: HttpRequest) -> HttpResponse:
    """A figure asked for in words: its value, what it rests on, what others say."""
    moment = moment_of(request)
    known = parties(moment.position)
    if not known:
        return render(request, "figures/empty.html", {"moment": moment})
    asked = _question(request, known)
    counted = figure(asked, viewer=viewer_of(request), as_of=moment.instant)
    grouping = filters.text(request, "by") or "month"
    listed = [part for part in counted.contributions if part.decision.counts is not Overlap.OUTSIDE]
    left_out = [part for part in counted.contributions if part.decision.counts is Overlap.OUTSIDE]
    shown = left_out if "all" in request.GET else []
    names = titles([part.incident for part in [*listed, *shown]], moment.position)
    context = {
        "moment": moment,
        "asked": asked,
        "figure": counted,
        "listed": [(part, names.get(part.incident, "")) for part in listed],
        "left_out": [(part, names.get(part.incident, "")) for part in shown],
        "left_out_number": len(left_out),
        "grouping": grouping,
        "groupings": list(GROUPINGS),
        "parts": group_by(counted, grouping),
        "tallies": tallies_beside(asked.window, viewer=viewer_of(request), position=moment.position),
        "parties": known,
        "tiers": [tier for tier in Tier if tier is not Tier.DISCOUNTED],
        "log": log.head(moment.instant),
        "months": _months(request, asked, moment, known),
    }
    return render(request, "figures/figure.html", context)


def chart(request: HttpRequest) -> HttpResponse:
    """The month chart of a question, for every party, as SVG."""
    moment = moment_of(request)
    known = parties(moment.position)
    rows = _months(request, _question(request, known), moment, known) if known else []
    return HttpResponse(month_chart(rows), content_type="image/svg+xml")


def tallies(request: HttpRequest) -> HttpResponse:
    """Other bodies' numbers under the filter in the address."""
    moment = moment_of(request)
    asked = {name: filters.text(request, name) for name in ("authority", "unit")}
    page = lists.tally_list(
        viewer=viewer_of(request), position=moment.position, page=filters.page_number(request), **asked
    )
    context = {
        "page": page,
        "moment": moment,
        "asked": asked,
        "choices": lists.choices(viewer=viewer_of(request)),
    }
    return render(request, "figures/tallies.html", context)


def tally(request: HttpRequest, thing: str) -> HttpResponse:
    """One tally with its scope."""
    moment = moment_of(request)
    line = lists.tally(thing, viewer=viewer_of(request), position=moment.position)
    if line is None:
        raise Http404(f"No tally {thing} is in the register at that time.")
    return render(request, "figures/tally.html", {"tally": line, "moment": moment})


def _question(request: HttpRequest, known: list[str]) -> Question:
    """The question in the address; without one, everything of the first party."""
    party = filters.text(request, "victims") or known[-1]
    return Question(
        victim_party=party,
        window=Window(filters.day(request, "since"), filters.day(request, "until")),
        tier=filters.tier(request) or Tier.CREDIBLE,
        perpetrator_party=filters.text(request, "perpetrator"),
        status=filters.text(request, "status"),
        manner=filters.text(request, "manner"),
        region=filters.text(request, "region"),
    )


def _months(
    request: HttpRequest, asked: Question, moment: Moment, known: list[str]
) -> list[dict[str, object]]:
    """The month rows of every party by the same question: only who is said to have done it is left
    open, since the parties cannot have that in common."""
    counted: dict[str, Figure] = {
        party: figure(
            replace(asked, victim_party=party, perpetrator_party=""),
            viewer=viewer_of(request),
            as_of=moment.instant,
            whole=False,
        )
        for party in known
    }
    return month_rows({party: group_by(one, "month") for party, one in counted.items()}, asked.window)
