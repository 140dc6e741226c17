"""Captured pages replayed: the page that shows one, and the hosts apart on which the replay itself answers.

A captured page brings scripts of anybody's. Each replay therefore has an origin of its own, on which nothing
of the site answers and no cookie is read or set (docs/decisions/0026-replay-on-an-origin-of-its-own.md).
"""

from __future__ import annotations

import base64
import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from lieber.base import BadInput, LieberError
from lieber.preserve.wacz import Page, pages_in

from ...actions import custody
from ...actions.reading_bytes import opened
from ...policies.permissions import Viewer
from ...queries import exhibits
from ...queries.items import item_detail
from ...queries.officers import officer_of
from ..middleware import POLICY
from ..viewer import note_shown, viewer_of
from . import files

# How long the address of a replay answers, in seconds: as long as a session in which nothing is done.
LASTS = settings.SESSION_IDLE_AGE
_FILES = Path(__file__).parents[2] / "static" / "built" / "replay"
_BUILT = frozenset({"ui.js", "sw.js", "wabac.js"})
_HOST = re.compile(r"(r-[a-z2-7]{26})\.([a-z0-9.-]+)(?::\d{1,5})?")
_ADDRESS = re.compile(r"/([A-Za-z0-9_:-]{1,2000})/([a-z.]*)")
_SALT = "lieber.replay"
# The names of a machine for itself: browsers lead any name below localhost there, and ask nobody.
_OWN_NAMES = frozenset({"localhost", "127.0.0.1"})
# Under these second names others register theirs: two names there are of one holder only from the third on.
_SHARED = frozenset({"ac", "co", "com", "edu", "gob", "gov", "net", "or", "org"})
# The interface of ReplayWeb.page: its own files, and frames of its own origin. It puts in style elements.
_INTERFACE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self' data:; worker-src 'self'; frame-src 'self'; "
    "form-action 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'self' {site}"
)
_WORKER = "default-src 'none'; script-src 'self'; connect-src 'self'"
# Chromium from 152 on connects to nothing else, not even to look a name up. Packages hold redirects: without
# the word none is followed, and where they lead stands in the policies too.
_REACHED = "(response-origin);redirects=allow"
_NOTHING = "default-src 'none'; sandbox; frame-ancestors 'self' {site}"


# ---------------------------------------------------------------- the page


def replay(request: HttpRequest, thing: str) -> HttpResponse:
    """The page of a captured page: its replay, hidden until it is asked for, its picture, and taking a copy.

    Raises NotAllowed, NotInRegister, or BadInput where its item is frozen.
    """
    viewer = viewer_of(request)
    one, file = opened(thing, viewer=viewer)
    with file:
        pages, refusal = _pages(file)
    detail = item_detail(one.item, viewer=viewer, position=None)
    note_shown(request, [detail.line])
    frame, origin = "", ""
    if pages and not refusal:
        try:
            origin = origin_of(one, request, viewer)
            frame = f"{origin}/{_token(one, request, viewer)}/"
        except BadInput as error:
            refusal = str(error)
    context = {
        "item": detail,
        "one": one,
        "pages": pages,
        "refusal": refusal,
        "begin": f"{frame}index.html?{_how(frame, pages[0])}" if frame else "",
        "end": f"{frame}end" if frame else "",
        "seconds": LASTS,
        "picture": _picture(one, viewer),
    }
    response = render(request, "held/replay.html", context)
    if origin:
        response["Content-Security-Policy"] = f"{POLICY}; frame-src {origin}"
    return response


def _pages(file: object) -> tuple[tuple[Page, ...], str]:
    """The pages that a package lists, or why it cannot be replayed."""
    try:
        return pages_in(file), ""  # type: ignore[arg-type]  # what `opened` gives
    except LieberError as error:
        return (), str(error)


def _how(frame: str, page: Page) -> str:
    """How ReplayWeb.page is asked to show a page, loading parts as they are needed."""
    asked = {"source": f"{frame}page.wacz", "embed": "default", "noWebWorker": "1", "noMediaDownload": "1"}
    first = {"view": "replay", "url": page.url, "ts": page.at.astimezone(UTC).strftime("%Y%m%d%H%M%S")}
    return f"{urlencode(asked)}#{urlencode(first)}"


def _picture(one: exhibits.ExhibitShown, viewer: Viewer) -> exhibits.ExhibitShown | None:
    """The picture that was taken with the page: of the same item, in the same deed, so at the same time."""
    for other in exhibits.exhibits_of(one.item, viewer=viewer, position=None):
        beside = other.recorded_at == one.recorded_at and not other.derived_from
        if beside and other.media_type == "image/png":
            return other
    return None


# ---------------------------------------------------------------- the origin


def origin_of(one: exhibits.ExhibitShown, request: HttpRequest, viewer: Viewer) -> str:
    """The origin on which one exhibit is replayed for one officer: no other replay is on it.

    Raises BadInput where this machine has none that is apart from the site's.
    """
    site = urlsplit(f"//{request.get_host()}")
    name, port = site.hostname or "", f":{site.port}" if site.port else ""
    told: str = settings.REPLAY_ORIGIN
    if not told and name not in _OWN_NAMES:
        raise BadInput(
            "A captured page is replayed on an origin of its own, and this site has none: let "
            "LIEBER_REPLAY_ORIGIN name one, such as https://*.replay.example.net, under a domain apart from "
            "the site's."
        )
    told = told or f"http://*.localhost{port}"
    apart = urlsplit(told.replace("*.", "", 1)).hostname or ""
    if apart != "localhost" and _holder(apart) == _holder(name):
        raise BadInput(
            "LIEBER_REPLAY_ORIGIN is under a domain apart from the site's, where no page can set cookies "
            f"for the site: found {told} for a site at {name}."
        )
    return told.replace("*", _label(one.thing, viewer.officer_id), 1)


def _holder(name: str) -> str:
    """The domain for which pages can set cookies: the last two names, or three where two are shared."""
    parts = name.split(".")
    shared = len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in _SHARED
    return ".".join(parts[-3 if shared else -2 :])


def _label(thing: str, officer: str) -> str:
    """The first name of the origin: the same for an exhibit and an officer, so that it can be cleared."""
    digest = salted_hmac(f"{_SALT}.origin", f"{thing} {officer}", algorithm="sha256").digest()[:16]
    return f"r-{base64.b32encode(digest).decode().rstrip('=').lower()}"


# ---------------------------------------------------------------- the address


@dataclass(frozen=True, slots=True)
class _Admission:
    """What the address of a replay says, signed: one exhibit, one officer, one session, one site."""

    thing: str
    officer: str
    session: str
    site: str
    language: str


def _token(one: exhibits.ExhibitShown, request: HttpRequest, viewer: Viewer) -> str:
    session = _session_digest(request.session.session_key or "")
    told = [one.thing, viewer.officer_id, session, request.get_host(), get_language() or "en"]
    return signing.dumps(told, salt=_SALT)


def _session_digest(key: str) -> str:
    return salted_hmac(f"{_SALT}.session", key, algorithm="sha256").hexdigest()[:32]


def _admission(token: str) -> _Admission | None:
    """What a token says; None where it was not made here, or its time is over."""
    try:
        return _Admission(*signing.loads(token, salt=_SALT, max_age=LASTS))
    except signing.BadSignature:
        return None


def _officer_of(admission: _Admission) -> Viewer | None:
    """The officer for whom the address was made; None where they left, or that session was ended."""
    try:
        officer = officer_of(admission.officer)
    except BadInput:
        return None
    for session in UserSession.objects.filter(user=officer):
        told = _session_digest(session.session_key)
        if constant_time_compare(told, admission.session) and session.exists():
            return officer
    return None


# ---------------------------------------------------------------- the host


class ReplayHosts:
    """Middleware, the first of all: on the hosts of replays the replay answers and nothing else does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer for a replay; on the site's own hosts pass on everything but the files of the replay."""
        label = _label_of(request.META.get("HTTP_HOST", "").lower())
        if label:
            return _on_the_host(request, label)
        if request.path_info.startswith(f"/{settings.STATIC_URL.strip('/')}/built/replay/"):
            # A worker of the replay on the site's own origin would stand between officers and the site.
            return HttpResponse(status=404)
        return self.get_response(request)


def _label_of(host: str) -> str:
    """The first name of a host on which replays answer; empty for every other host."""
    found = _HOST.fullmatch(host)
    apart = urlsplit(settings.REPLAY_ORIGIN.replace("*.", "", 1)).hostname or "localhost"
    return found[1] if found and found[2] == apart else ""


def _on_the_host(request: HttpRequest, label: str) -> HttpResponseBase:
    """One answer of a replay. Cookies are neither read nor set, and nothing may be kept by the browser."""
    response, site = _answered(request, label)
    if request.method == "HEAD":
        response.close()
        response = _without_body(response)
    response.setdefault("Content-Security-Policy", _NOTHING.format(site=site))
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-DNS-Prefetch-Control"] = "off"
    response["Connection-Allowlist"] = _REACHED
    return response


def _without_body(response: HttpResponseBase) -> HttpResponse:
    """The head of an answer, which says how long the whole would be."""
    head = HttpResponse(status=response.status_code)
    for name, value in response.items():
        head[name] = value
    return head


def _answered(request: HttpRequest, label: str) -> tuple[HttpResponseBase, str]:
    """The answer, and the host of the site that may frame it."""
    found = _ADDRESS.fullmatch(request.path_info)
    admission = _admission(found[1]) if found else None
    if not found or request.method not in {"GET", "HEAD"}:
        return HttpResponse(status=404), ""
    if admission is None or label != _label(admission.thing, admission.officer):
        return _over("en"), ""
    if found[2] == "end":
        # Storage, caches and worker of this replay are forgotten.
        return _cleared(HttpResponse("", content_type="text/plain")), admission.site
    viewer = _officer_of(admission)
    if viewer is None:
        return _over(admission.language), admission.site
    try:
        return _part(request, admission, viewer, found[2]), admission.site
    except (LieberError, Http404):
        return HttpResponse(status=404), admission.site


def _part(request: HttpRequest, admission: _Admission, viewer: Viewer, name: str) -> HttpResponseBase:
    """A file of the replay, or bytes of what is replayed; beginning it is a line of custody."""
    if name == "page.wacz":
        one, file = opened(admission.thing, viewer=viewer)
        return files.answer(request, one, file, save=True)
    if name == "index.html":
        # By itself in a window nothing would keep a captured page from leading that window elsewhere.
        if request.headers.get("Sec-Fetch-Dest") != "iframe":
            raise Http404(name)
        custody.note_custody(admission.thing, "viewed", by=viewer, at=datetime.now(UTC))
        response = _cleared(_built(request, name))
        response["Content-Security-Policy"] = _INTERFACE.format(site=admission.site)
        return response
    if name in _BUILT:
        response = _built(request, name)
        response["Content-Security-Policy"] = _WORKER
        return response
    raise Http404(name)


def _built(request: HttpRequest, name: str) -> HttpResponseBase:
    """A file of ReplayWeb.page, compressed where the browser takes it so."""
    taken = "br" in re.split(r"[,;\s]+", request.headers.get("Accept-Encoding", ""))
    packed = taken and (_FILES / f"{name}.br").is_file()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    try:
        file = (_FILES / (f"{name}.br" if packed else name)).open("rb")
    except FileNotFoundError:
        raise BadInput("The files of the replay are not built: run `make demo`.") from None
    response = FileResponse(file, content_type=f"{kind}; charset=utf-8")
    if packed:
        response["Content-Encoding"] = "br"
    response["Vary"] = "Accept-Encoding"
    return response


def _cleared(response: HttpResponseBase) -> HttpResponseBase:
    response["Clear-Site-Data"] = '"storage", "cache"'
    return response


def _over(language: str) -> HttpResponse:
    with override(language):
        words = _("This replay is over. Open the page of the exhibit again to replay it anew.")
    return HttpResponse(words, status=403, content_type="text/plain; charset=utf-8")
