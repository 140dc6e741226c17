"""Figures with their contributions, charts and differences, and the tallies of others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from math import ceil

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lieber.analyse import Likeness
from lieber.assess import Tier
from lieber.base import BadInput, Overlap
from lieber.publish import GROUPINGS, Contribution
from lieber.publish.columns import Counted

from ...queries import lists, log
from ...queries.figures import Question, figure
from ...queries.incidents import NotInRegister, titles
from ...queries.remembered import Way, counted, grouped, page_of, values, way
from ...queries.tallies import Compared, compared
from .. import filters
from ..drawings import Marked, Step, on_one_axis, waterfall
from ..exports import csv_response
from ..moment import Moment, moment_of
from ..viewer import note_shown_of, viewer_of
from .asking import in_words, question
from .chart import month_chart, month_rows

# So many numbers of others of each kind stand on the page; the others are in the list of tallies.
_MOST_OTHERS = 20
_PAGE = 50


def figures(request: HttpRequest) -> HttpResponse:
    """A figure asked for in words: its value, what it rests on, what others say."""
    moment, viewer = moment_of(request), viewer_of(request)
    known = values("victim_party", moment.position)
    if not known:
        return render(request, "figures/empty.html", {"moment": moment})
    asked = question(request, known)
    found = counted(asked, viewer=viewer, as_of=moment.instant)
    grouping = filters.text(request, "by") or "month"
    part, number, pages, total = page_of(found, number=filters.page_number(request), size=_PAGE)
    left_out = _left_out(asked, moment, request) if "all" in request.GET else []
    names = titles([each.incident for each in [*part, *left_out]], moment.position)
    others = _others(request, asked, moment, found)
    context = {
        "moment": moment,
        "asked": asked,
        "in_words": in_words(asked),
        "figure": found,
        "listed": [(each, names.get(each.incident, "")) for each in part],
        "left_out": [(each, names.get(each.incident, "")) for each in left_out],
        "shows_left_out": "all" in request.GET,
        "page": lists.Page(tuple(part), number, pages, total),
        "grouping": grouping,
        "groupings": [(name, _grouping_words()[name]) for name in GROUPINGS],
        "grouping_words": _grouping_words().get(grouping, grouping),
        "parts": grouped(asked, grouping, viewer=viewer, as_of=moment.instant),
        "others": others,
        "axes": _axes(found, others),
        "parties": known,
        "choices": {
            "perpetrator": values("perpetrator_party", moment.position),
            **{name: values(name, moment.position) for name in ("status", "manner", "region")},
        },
        "tiers": [tier for tier in Tier if tier is not Tier.DISCOUNTED],
        "log": log.head(moment.instant),
        "days": log.days_around(moment.instant),
        "months": _months(request, asked, moment, known),
    }
    return render(request, "figures/figure.html", context)


def _grouping_words() -> dict[str, str]:
    return {
        "month": _("month"),
        "party": _("party to which it is attributed"),
        "status": _("status of the victims"),
        "manner": _("manner"),
        "region": _("region"),
    }


def _left_out(asked: Question, moment: Moment, request: HttpRequest) -> list[Contribution]:
    """The first incidents of the party that do not count, each with its reason."""
    whole = figure(asked, viewer=viewer_of(request), as_of=moment.instant)
    outside = (each for each in whole.contributions if each.decision.counts is Overlap.OUTSIDE)
    return [each for each, _number in zip(outside, range(10 * _PAGE), strict=False)]


def _others(
    request: HttpRequest, asked: Question, moment: Moment, found: Counted
) -> dict[str, list[Compared]]:
    """Numbers of others by how they may be shown beside the figure."""
    all_others = compared(
        asked.window,
        persons=found.victims.best,
        incidents=found.incidents.best,
        today=moment.instant.date(),
        viewer=viewer_of(request),
        position=moment.position,
    )
    by_kind = {
        name: [other for other in all_others if other.shown is kind]
        for name, kind in (("alike", Likeness.SAME_DAYS), ("rates", Likeness.RATES_ONLY), ("refused", None))
    }
    return {name: group[:_MOST_OTHERS] for name, group in by_kind.items()}


def _axes(found: Counted, others: dict[str, list[Compared]]) -> list[tuple[str, SafeString]]:
    """One axis a unit: the mission's figure and the numbers over the same days; units never share one."""
    axes = []
    for unit, words, bounds in (
        ("persons", _("persons"), found.victims),
        ("incidents", _("incidents"), found.incidents),
    ):
        alike = [other for other in others["alike"] if other.unit == unit]
        if alike:
            high = None if unit == "persons" and found.open_maxima else bounds.max
            own = Marked(_("this mission"), bounds.min, bounds.best, high, own=True)
            marks = [own, *(_marked(other) for other in alike)]
            title = _("The figure and numbers of others over the same days: %(unit)s") % {"unit": words}
            axes.append((words, on_one_axis(marks, title=title)))
    return axes


def _marked(other: Compared) -> Marked:
    line = other.line
    low = 0 if line.bound == "up_to" else other.value
    return Marked(line.authority, low, other.value, None if line.bound == "at_least" else other.value)


def chart(request: HttpRequest) -> HttpResponse:
    """The month chart of a question, for every party, as SVG."""
    moment = moment_of(request)
    known = values("victim_party", moment.position)
    if not known:
        return HttpResponse("", content_type="image/svg+xml")
    asked = question(request, known)
    rows = _months(request, asked, moment, known)
    about = _("as known on %(day)s; bars: best figure, lines: minimum to maximum") % {
        "day": moment.instant.date()
    }
    return HttpResponse(
        month_chart(rows, subtitle=about, dark=filters.text(request, "theme") == "dark"),
        content_type="image/svg+xml",
    )


_COUNTED = (
    "incident", "title", "counts", "tier", "earliest", "latest", "best_day",
    "persons_min", "persons_best", "persons_max", "incidents_min", "incidents_best", "incidents_max",
    "victim_party", "perpetrator_party", "region", "reason",
)  # fmt: skip


def contributions_file(request: HttpRequest) -> HttpResponse:
    """What counts in a figure, as CSV, with the recipe in its first line."""
    moment = moment_of(request)
    known = values("victim_party", moment.position)
    if not known:
        raise NotInRegister("No incident has a finding at that time: there is nothing to count.")
    asked = question(request, known)
    found = counted(asked, viewer=viewer_of(request), as_of=moment.instant)
    part, *_rest = page_of(found, number=1, size=max(1, len(found)))
    names = titles([each.incident for each in part], moment.position)
    rows = [
        [
            each.incident,
            names.get(each.incident, ""),
            each.decision.counts.value,
            Tier(each.finding.tier).word,
            each.finding.earliest,
            each.finding.latest,
            each.finding.best_day,
            *each.decision.victims,
            *each.decision.incidents,
            each.finding.victim_party,
            each.finding.perpetrator_party,
            each.finding.region,
            each.reason,
        ]
        for each in part
    ]
    recipe = found.recipe
    about = (
        f"{recipe.series}; victims {recipe.victim_party}; {recipe.window}; {recipe.tier.word} or higher; "
        f"methodology {recipe.methodology}; as of {recipe.as_of}; persons {found.victims.min} / "
        f"{found.victims.best} / {found.victims.max}; incidents {found.incidents.min} / "
        f"{found.incidents.best} / {found.incidents.max}"
    )
    return csv_response("figure", _COUNTED, rows, about=about)


def figure_difference(request: HttpRequest) -> HttpResponse:
    """What changed in a figure between two days, as a waterfall and step by step."""
    moment, viewer = moment_of(request), viewer_of(request)
    known = values("victim_party", None)
    if not known:
        return render(request, "figures/empty.html", {"moment": moment})
    asked = question(request, known)
    first, last = log.first_and_last_day()
    after = filters.day(request, "to") or last or datetime.now(UTC).date()
    before = filters.day(request, "from") or first or after
    _check_days(before, after)
    instants = [log.settled(datetime.combine(day, time.max, UTC)) for day in (before, after)]
    found = way(asked, viewer=viewer, before=instants[0], after=instants[1])
    unit = "incidents" if filters.text(request, "unit") == "incidents" else "persons"
    number = filters.page_number(request)
    pages = max(1, ceil(len(found.steps) / _PAGE))
    number = min(number, pages)
    steps = found.steps[_PAGE * (number - 1) : _PAGE * number]
    names = titles([step.incident for step in steps], log.size(instants[1]))
    words = _change_words()
    context = {
        "asked": asked,
        "in_words": in_words(asked),
        "before": before,
        "after": after,
        "way": found,
        "unit": unit,
        "drawing": _waterfall(found, unit, before=before, after=after),
        "by_change": [
            (words[change], persons, incidents, count)
            for change, persons, incidents, count in found.by_change
        ],
        "steps": [(step, words[step.change.value], names.get(step.incident, "")) for step in steps],
        "page": lists.Page(steps, number, pages, len(found.steps)),
        "parties": known,
        "tiers": [tier for tier in Tier if tier is not Tier.DISCOUNTED],
        "first": first,
        "last": last,
    }
    return render(request, "figures/difference.html", context)


def _check_days(before: date, after: date) -> None:
    today = datetime.now(UTC).date()
    if max(before, after) > today:
        raise BadInput(f"What was known is asked of a day until {today}: found {max(before, after)}.")
    if before > after:
        raise BadInput(
            f"A figure changes from an earlier day to a later one: found {before} before {after}; "
            "exchange them."
        )


def _change_words() -> dict[str, str]:
    return {
        "new": _("new findings"),
        "withdrawn": _("withdrawn"),
        "merged": _("judged to be one with another"),
        "split": _("judged to be apart again"),
        "re-tiered": _("another tier"),
        "re-dated": _("another date"),
        "re-counted": _("another number"),
        "re-scoped": _("other parties, place or manner"),
    }


def _waterfall(found: Way, unit: str, *, before: date, after: date) -> SafeString:
    """The way of the best figure from the one day to the other."""
    ends = [(one.victims if unit == "persons" else one.incidents).best for one in (found.before, found.after)]
    at = ends[0]
    steps = [Step(str(before), 0, at, whole=True)]
    words = _change_words()
    for change, persons, incidents, _count in found.by_change:
        step = (persons if unit == "persons" else incidents).best
        if step:
            steps.append(Step(words[change], at, at + step))
            at += step
    steps.append(Step(str(after), 0, ends[1], whole=True))
    title = _("From %(before)s to %(after)s: what changed the best figure, step by step") % {
        "before": before,
        "after": after,
    }
    return waterfall(steps, title=title)


def tallies(request: HttpRequest) -> HttpResponse:
    """Other bodies' numbers under the filter in the address."""
    moment = moment_of(request)
    asked = {name: filters.text(request, name) for name in ("authority", "unit")}
    page = lists.tally_list(
        viewer=viewer_of(request), position=moment.position, page=filters.page_number(request), **asked
    )
    note_shown_of(request, "tally", [line.thing for line in page.lines])
    context = {
        "page": page,
        "moment": moment,
        "asked": asked,
        "choices": lists.choices(viewer=viewer_of(request)),
    }
    return render(request, "figures/tallies.html", context)


_EXPORTED = (
    "thing", "authority", "value", "bound", "unit", "scope", "period_start", "period_end", "as_of", "notes",
    "item", "entry",
)  # fmt: skip


def tallies_file(request: HttpRequest) -> HttpResponse:
    """The tallies of the list as CSV, under the same filter."""
    moment = moment_of(request)
    asked = {name: filters.text(request, name) for name in ("authority", "unit")}
    rows: list[list[object]] = []
    number = pages = 1
    while number <= pages:
        page = lists.tally_list(viewer=viewer_of(request), position=moment.position, page=number, **asked)
        rows += [[getattr(line, name) for name in _EXPORTED] for line in page.lines]
        note_shown_of(request, "tally", [line.thing for line in page.lines])
        number, pages = number + 1, page.pages
    return csv_response("tallies", _EXPORTED, rows, about="numbers published by other bodies")


def tally(request: HttpRequest, thing: str) -> HttpResponse:
    """One tally with its scope."""
    moment = moment_of(request)
    line = lists.tally(thing, viewer=viewer_of(request), position=moment.position)
    if line is None:
        raise NotInRegister(f"No tally {thing} is in the register at that time; compare the id.")
    note_shown_of(request, "tally", [thing])
    return render(request, "figures/tally.html", {"tally": line, "moment": moment})


def _months(
    request: HttpRequest, asked: Question, moment: Moment, known: list[str]
) -> list[dict[str, object]]:
    """The month rows of every party by the same question: only who is said to have done it is left
    open, since the parties cannot have that in common."""
    parts = {
        party: grouped(
            replace(asked, victim_party=party, perpetrator_party=""),
            "month",
            viewer=viewer_of(request),
            as_of=moment.instant,
        )
        for party in known
    }
    return month_rows(parts, asked.window)
