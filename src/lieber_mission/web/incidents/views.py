"""An incident opened down to its items, what is judged of it, and what officers say of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from lieber.base import BadInput, LieberError
from lieber.link import Verdict

from ...actions.link import answer, ask_to_merge, move_account, record_judgement
from ...actions.remarks import comment
from ...policies.permissions import Deed, Viewer, may
from ...queries.follow_up import about_things
from ...queries.incidents import incident_detail
from ...queries.officers import titles
from ...queries.preview import preview
from ...queries.remarks import officers_to_call, stream
from ...queries.side_by_side import SideBySide, side_by_side
from ...queries.statements import beside_incident
from ..languages import said
from ..moment import Moment, moment_of
from ..viewer import note_shown, viewer_of
from .timeline import timeline


def incident(request: HttpRequest, thing: str) -> HttpResponse:
    """One incident; a merged one leads to the incident that is counted."""
    viewer, moment = viewer_of(request), moment_of(request)
    if request.method == "POST":
        try:
            messages.success(request, _deed(request, thing, viewer))
        except LieberError as error:
            return _page(request, thing, viewer, moment, refused=said(str(error)))
        return HttpResponseRedirect(reverse("incident", args=[thing]))
    return _page(request, thing, viewer, moment)


def _page(  # noqa: PLR0917  # what every page has
    request: HttpRequest, thing: str, viewer: Viewer, moment: Moment, refused: str = ""
) -> HttpResponse:
    detail = incident_detail(thing, viewer=viewer, position=moment.position)
    if detail.merged_into:
        return _led_on(detail.merged_into, moment)
    note_shown(request, detail.accounts)
    beside = side_by_side(detail.accounts, viewer=viewer, position=moment.position)
    members = list(detail.absorbed)
    known = [account.thing for account in detail.accounts]
    context = {
        "detail": detail,
        "may_assess": may(viewer, Deed.RECORD_FINDING) and not moment.day,
        "moment": moment,
        "officers": titles(),
        "side": beside,
        "silent": _silent(beside),
        "timeline": timeline(detail),
        "stream": stream(thing, members, known, viewer=viewer, position=moment.position),
        "callable": officers_to_call(),
        "near": beside_incident([thing, *members], viewer=viewer, position=moment.position),
        "follow_ups": about_things(
            [thing, *members],
            viewer=viewer,
            position=moment.position,
            today=moment.instant.date() if moment.day else datetime.now(UTC).date(),
        ),
        "may_follow_up": may(viewer, Deed.FOLLOW_UP) and not moment.day,
        "may_comment": may(viewer, Deed.COMMENT) and not moment.day,
        "may_judge": may(viewer, Deed.JUDGE) and not moment.day,
        "may_agree": may(viewer, Deed.AGREE_TO_MERGE),
        "own": viewer.officer_id,
        "refused": refused,
        "typed": request.POST,
        "once": request.POST.get("once") or datetime.now(UTC).isoformat(),
    }
    return render(request, "incidents/detail.html", context, status=400 if refused else 200)


def _silent(side: SideBySide) -> list[str]:
    """The sources whose accounts name no place."""
    placed = {place.thing for place in side.places}
    return [column.source_name for column in side.columns if column.thing not in placed]


def _led_on(leader: str, moment: Moment) -> HttpResponse:
    address = reverse("incident", args=[leader])
    return redirect(f"{address}?{moment.query}" if moment.query else address, permanent=False)


def _deed(request: HttpRequest, thing: str, viewer: Viewer) -> str:
    """Do what a form of the page asks for; returns the sentence that says so."""
    sent, now = request.POST, datetime.now(UTC)
    deed = sent.get("deed", "")
    reason = sent.get("reason", "")
    if deed == "comment":
        comment(
            about=[sent.get("about") or thing],
            body=sent.get("body", ""),
            mentions=sent.getlist("call"),
            by=viewer,
            at=now,
            once=sent.get("once", "")[:80],
        )
        return _("The comment was recorded.")
    if deed == "out":
        into = sent.get("into", "").strip()
        leaves = Verdict.UNSURE if sent.get("leaves") == Verdict.UNSURE else Verdict.DIFFERENT
        account = sent.get("account", "").strip()
        home = sent.get("home", "").strip() or thing
        move_account(account=account, out_of=home, into=into, reason=reason, leaves=leaves, by=viewer, at=now)
        return _("The judgement was recorded: the account is no longer of this incident.")
    if deed == "in":
        account = sent.get("account", "").strip()
        move_account(
            account=account, out_of="", into=thing, reason=reason, leaves=Verdict.DIFFERENT, by=viewer, at=now
        )
        return _("The judgement was recorded: the account is of this incident.")
    if deed in {"agree", "decline"}:
        answer(judgement=sent.get("judgement", ""), agrees=deed == "agree", by=viewer, at=now, reason=reason)
        return _("The two incidents are one now.") if deed == "agree" else _("What was asked is declined.")
    raise BadInput("This form asks for no deed that an incident knows; reload the page.")


def incident_places(request: HttpRequest, thing: str) -> HttpResponse:
    """The places said of an incident and the one concluded, as GeoJSON."""
    viewer, moment = viewer_of(request), moment_of(request)
    detail = incident_detail(thing, viewer=viewer, position=moment.position)
    side = side_by_side(detail.accounts, viewer=viewer, position=moment.position)
    features = [
        _spot(place.latitude, place.longitude, {"said_by": place.source_name, "place": place.words,
              "radius": place.radius_metres, "precision": place.precision})
        for place in side.places
        if place.latitude is not None
    ]  # fmt: skip
    finding = detail.finding
    if finding and finding.latitude is not None:
        shown = {"said_by": "", "place": finding.place, "radius": None, "precision": finding.place_precision}
        features.append(_spot(finding.latitude, finding.longitude, shown))
    note_shown(request, detail.accounts)
    return JsonResponse(
        {"type": "FeatureCollection", "features": features}, content_type="application/geo+json"
    )


def _spot(
    latitude: float | None, longitude: float | None, properties: Mapping[str, object]
) -> dict[str, object]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": dict(properties),
    }


def incident_beside(request: HttpRequest, thing: str) -> HttpResponse:
    """Two incidents beside each other: what figures would become if they were judged otherwise."""
    viewer = viewer_of(request)
    other = (request.POST.get("other") or request.GET.get("other") or "").strip()[:24]
    verdict = _verdict(request.POST.get("verdict") or request.GET.get("verdict") or "")
    refused = ""
    if request.method == "POST":
        try:
            messages.success(request, _judged(request, thing, other, verdict, viewer))
        except LieberError as error:
            refused = said(str(error))
        else:
            return HttpResponseRedirect(reverse("incident", args=[thing]))
    detail = incident_detail(thing, viewer=viewer, position=None)
    context: dict[str, object] = {
        "detail": detail,
        "verdict": verdict,
        "refused": refused,
        "typed": request.POST,
        "may_judge": may(viewer, Deed.JUDGE),
        "asked_other": other,
    }
    if other:
        beside = incident_detail(other, viewer=viewer, position=None)
        context |= {"other": beside, "both": (detail, beside)}
        if other == thing:
            raise BadInput("An incident is set beside another one: found the same twice; name another.")
        context["preview"] = preview(thing, other, verdict, viewer=viewer)
    return render(request, "incidents/beside.html", context, status=400 if refused else 200)


def _verdict(text: str) -> Verdict:
    return Verdict(text) if text in set(Verdict) else Verdict.SAME


def _judged(  # noqa: PLR0917  # the five things that a judgement is of
    request: HttpRequest, thing: str, other: str, verdict: Verdict, viewer: Viewer
) -> str:
    reason, now = request.POST.get("reason", ""), datetime.now(UTC)
    if verdict is Verdict.SAME:
        ask_to_merge(left=thing, right=other, reason=reason, by=viewer, at=now)
        return _("A reviewer is asked to agree that the two are one; until then nothing changes.")
    record_judgement(left=thing, right=other, verdict=verdict, reason=reason, by=viewer, at=now)
    return _("The judgement was recorded.")
