"""Taking files in from a browser: a page, and the resumable uploads that it sends (tus 1.0)."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from lieber.base import BadInput, LieberError

from ...actions import uploads as deeds
from ...queries import compartments
from ...queries.incidents import NotInRegister
from ...queries.sources import source_called, source_names
from ..languages import said
from ..viewer import viewer_of
from .forms import TakeIn

VERSION = "1.0.0"
_TOLD = ("language", "graphic", "compartment", "counterparty", "note")


def take_in(request: HttpRequest) -> HttpResponse:
    """The page on which files are dropped; its script sends them."""
    viewer = viewer_of(request)
    own = compartments.names(frozenset(viewer.compartments))
    form = TakeIn(compartments=sorted(own.items(), key=lambda pair: pair[1]))
    return render(request, "held/take_in.html", {"form": form, "sources": source_names(viewer=viewer)})


@require_POST
def upload_begin(request: HttpRequest) -> HttpResponse:
    """Begin an upload (tus, creation)."""
    try:
        told = _metadata(request.headers.get("Upload-Metadata", ""))
        size = request.headers.get("Upload-Length", "")
        if not (size.isascii() and size.isdigit() and len(size) < 16):
            raise BadInput("An upload says how long it will be in Upload-Length: found none.")
        circumstances = {name: told[name] for name in _TOLD if told.get(name)}
        if told.get("source_name", "").strip():
            circumstances["source"] = source_called(told["source_name"].strip(), viewer=viewer_of(request))
        circumstances["what"] = "received" if circumstances.get("counterparty") else "collected"
        token = deeds.begin(
            name=told.get("filename", ""),
            size=int(size),
            circumstances=circumstances,
            by=viewer_of(request),
            at=datetime.now(UTC),
        )
    except LieberError as error:
        return _refused(str(error), 400)
    response = HttpResponse(status=201)
    response["Location"] = reverse("upload", args=[token])
    return _tus(response)


@require_http_methods(["HEAD", "PATCH", "GET"])
def upload(request: HttpRequest, token: str) -> HttpResponse:
    """How far an upload is; its next part; and what came of it."""
    viewer = viewer_of(request)
    if request.method == "GET":
        state = deeds.state_of(token, by=viewer)
        address = reverse("bench", args=[state["item"]]) if state["item"] else ""
        return JsonResponse({"address": address, "reason": said(state["reason"]), "name": state["name"]})
    if request.method == "HEAD":
        there, size = deeds.received(token, by=viewer)
        response = HttpResponse()
        response["Upload-Offset"], response["Upload-Length"] = str(there), str(size)
        return _tus(response)
    return _part(request, token)


def _part(request: HttpRequest, token: str) -> HttpResponse:
    offset = request.headers.get("Upload-Offset", "")
    if request.content_type != "application/offset+octet-stream" or not (
        offset.isascii() and offset.isdigit()
    ):
        return _refused("A part says where it begins, in Upload-Offset.", 415)
    try:
        there = deeds.go_on(
            token, offset=int(offset[:16]), part=request.read, by=viewer_of(request), at=datetime.now(UTC)
        )
    except NotInRegister:
        raise
    except LieberError as error:
        return _refused(str(error), 409)
    response = HttpResponse(status=204)
    response["Upload-Offset"] = str(there)
    return _tus(response)


def _metadata(header: str) -> dict[str, str]:
    """What the header tells of a file: names, each with a value in base64. Raises BadInput."""
    told = {}
    for part in filter(None, (part.strip() for part in header.split(","))):
        name, _, value = part.partition(" ")
        try:
            told[name] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise BadInput("What is told of an upload is base64 of UTF-8: found something else.") from None
    return told


def _refused(sentence: str, status: int) -> HttpResponse:
    return _tus(HttpResponse(said(sentence), content_type="text/plain; charset=utf-8", status=status))


def _tus(response: HttpResponse) -> HttpResponse:
    response["Tus-Resumable"] = VERSION
    response["Cache-Control"] = "no-store"
    return response
