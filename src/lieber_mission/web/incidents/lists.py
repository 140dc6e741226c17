"""The list of incidents as table, cards or map; its exports, kept views, and deeds on several at once."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lieber.assess import Tier
from lieber.base import BadInput, LieberError

from ... import place
from ...actions import desk
from ...actions.link import judge_different
from ...actions.remarks import comment
from ...policies.permissions import Deed, Viewer, may
from ...queries import log
from ...queries.desk import kept_views, last_view
from ...queries.overview import (
    MOST_COUNTED,
    PAGE,
    Frame,
    Point,
    every_incident,
    exported,
    incident_page,
    offered,
    points,
    unlocated,
)
from ..languages import said
from ..moment import Moment, moment_of
from ..viewer import viewer_of
from .asking import COLUMNS, VIEWS, Asked, asked_in
from .exports import FORMATS, About, fields_shown

ROUTE = "incidents"
_KEY = "once"
_ICONS = {"table": "table", "cards": "layout-grid", "map": "map-2"}


def incidents(request: HttpRequest) -> HttpResponse:
    """Incidents under the filter in the address, in the view that the officer looks at them."""
    viewer = viewer_of(request)
    if request.method == "POST":
        return _done(request, viewer)
    last = last_view(ROUTE, viewer=viewer)
    asked = asked_in(request, view=last or "table")
    if asked.view != (last or "table"):
        desk.remember(route=ROUTE, query=asked.view, by=viewer)
    return _page(request, asked, viewer)


def _page(
    request: HttpRequest, asked: Asked, viewer: Viewer, *, refused: str = "", status: int = 200
) -> HttpResponse:
    moment = moment_of(request)
    listing = incident_page(
        asked.filter, viewer=viewer, position=moment.position, sort=asked.sort, page=asked.page
    )
    on_map = asked.view == "map"
    context = {
        "asked": asked,
        "listing": listing,
        "page": listing.page,
        "moment": moment,
        "offered": offered(viewer=viewer),
        "tiers": list(Tier),
        "views": [(name, words, _ICONS[name], asked.address(view=name)) for name, words in VIEWS.items()],
        "columns": [_head(asked, name) for name in asked.columns],
        "sort_title": asked.address(sort="-title" if asked.sort == "title" else "title"),
        "all_columns": [(name, words, name in asked.columns) for name, (words, _by) in COLUMNS.items()],
        "kept": kept_views(ROUTE, viewer=viewer),
        "formats": [(name, asked.address(view="")) for name in FORMATS],
        "most": MOST_COUNTED,
        "unlocated": unlocated(asked.filter, viewer=viewer, position=moment.position) if on_map else [],
        "most_unlocated": PAGE,
        "lists": _lists(asked),
        "may_comment": may(viewer, Deed.COMMENT),
        "may_judge": may(viewer, Deed.JUDGE),
        "refused": refused,
        "typed": request.POST,
        "selected": request.POST.getlist("incident"),
        "once": request.POST.get(_KEY) or datetime.now(UTC).isoformat(),
        "query_without_page": asked.address(),
    }
    return render(request, "incidents/list.html", context, status=status)


def _head(asked: Asked, name: str) -> dict[str, object]:
    """The head of a column: its words, and the address that sorts by it the other way round."""
    words, by = COLUMNS[name]
    direction = "descending" if asked.sort == f"-{by}" else "ascending" if asked.sort == by else "none"
    turned = by if asked.sort == f"-{by}" else f"-{by}"
    return {
        "name": name,
        "words": words,
        "sorts": asked.address(sort=turned) if by else "",
        "direction": direction if by else "none",
    }


def _lists(asked: Asked) -> dict[str, str]:
    """The addresses that list what cannot be placed."""
    return {
        "undated": asked.address(dated="no", view="table"),
        "unlocated": asked.address(located="no", view="table"),
        "dateless": asked.address(since="", until="", dated="no", view="table"),
    }


# -- deeds ----------------------------------------------------------------------------------------


def _done(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Do what the form asks; where it is refused, the list comes back with what was typed."""
    asked = asked_in(request)
    try:
        messages.success(request, _deed(request, asked, viewer))
    except LieberError as error:
        return _page(request, asked, viewer, refused=said(str(error)), status=400)
    return HttpResponseRedirect(f"{reverse(ROUTE)}?{asked.address()}")


def _deed(request: HttpRequest, asked: Asked, viewer: Viewer) -> str:
    deed, now = request.POST.get("deed", ""), datetime.now(UTC)
    selected = list(dict.fromkeys(request.POST.getlist("incident")))
    if deed == "comment":
        once = request.POST.get(_KEY, "")[:80]
        written = comment(about=selected, body=request.POST.get("body", ""), by=viewer, at=now, once=once)
        return ngettext(
            "The comment stands on %(number)s incident.",
            "The comment stands on %(number)s incidents.",
            len(written),
        ) % {"number": len(written)}
    if deed == "different":
        judged = judge_different(incidents=selected, reason=request.POST.get("body", ""), by=viewer, at=now)
        return ngettext(
            "%(number)s judgement was recorded.", "%(number)s judgements were recorded.", judged
        ) % {"number": judged}
    if deed == "keep":
        name = request.POST.get("name", "")
        shared = bool(request.POST.get("shared"))
        desk.keep_view(route=ROUTE, name=name, query=asked.address(as_of=""), shared=shared, by=viewer)
        return _("The view was kept.")
    if deed.startswith("let-go-") and deed[7:].isascii() and deed[7:20].isdigit():
        desk.let_go(view=int(deed[7:20]), by=viewer)
        return _("The view is gone.")
    raise BadInput("This form asks for no deed that the list of incidents knows; reload the page.")


# -- files and points -----------------------------------------------------------------------------


def export(request: HttpRequest, form: str) -> HttpResponse | StreamingHttpResponse:
    """The incidents of the list as a file: the same filter, order, columns and instant."""
    if form not in FORMATS:
        raise Http404(f"There is no export as {form}.")
    viewer = viewer_of(request)
    asked, moment = asked_in(request), moment_of(request)
    position = log.size(moment.instant) if moment.position is None else moment.position
    fields = fields_shown(asked.columns, exported(viewer=viewer))
    lines = every_incident(asked.filter, viewer=viewer, position=position, sort=asked.sort)
    kind, written = FORMATS[form]
    response = StreamingHttpResponse(
        written(lines, fields, _about(asked, moment, position)), content_type=kind
    )
    response["Content-Disposition"] = f'attachment; filename="incidents.{form}"'
    return response


def _about(asked: Asked, moment: Moment, position: int) -> About:
    caveat = (
        _("Example register: public pages coded as reported, a convenience sample.")
        if log.is_replayed()
        else ""
    )
    return About(
        mission=place.mission().get("name", "Lieber"),
        filter=asked.narrowed,
        as_of=moment.instant.isoformat(),
        log_size=position,
        sort=asked.sort,
        caveat=caveat,
    )


def incident_points(request: HttpRequest) -> HttpResponse:
    """The incidents of the list that lie in a frame of the map, as GeoJSON."""
    asked, moment = asked_in(request), moment_of(request)
    found = points(asked.filter, _frame(request), viewer=viewer_of(request), position=moment.position)
    features = [_feature(point, moment) for point in found]
    return JsonResponse(
        {"type": "FeatureCollection", "features": features}, content_type="application/geo+json"
    )


def _frame(request: HttpRequest) -> Frame:
    """The frame in the address, the whole world where there is none. Raises BadInput for half of one."""
    text = request.GET.get("frame", "")
    if not text:
        return Frame()
    try:
        west, south, east, north, zoom = (float(part) for part in text[:200].split(","))
        return Frame(max(-180.0, west), max(-90.0, south), min(180.0, east), min(90.0, north), int(zoom))
    except (ValueError, OverflowError):
        raise BadInput(
            f"A frame is west, south, east, north in degrees and the zoom: found {text[:40]!r}."
        ) from None


def _feature(point: Point, moment: Moment) -> dict[str, object]:
    shown: dict[str, object] = {
        "number": point.number,
        "tier": point.tier.word if point.tier is not None else "",
    }
    if point.thing:
        address = reverse("incident", args=[point.thing])
        shown |= {
            "thing": point.thing,
            "title": point.title,
            "precision": point.precision,
            "address": f"{address}?{moment.query}" if moment.query else address,
        }
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [point.longitude, point.latitude]},
        "properties": shown,
    }
