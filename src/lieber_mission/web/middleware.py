"""What holds for every page: who may see it, for how long, and what a browser may load."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import is_reauthentication_required, suspend_request
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.translation import gettext as _

from lieber.base import LieberError

from ..policies.access import PRESSED_AGAIN, RENEWED, ROUTES, Reach, check_route
from ..policies.permissions import NotAllowed
from ..queries.incidents import NotInRegister
from ..queries.officers import second_factor_needed
from .viewer import viewer_of

GetResponse = Callable[[HttpRequest], HttpResponse]

# Nothing but the site's own style sheet, scripts and pictures; nothing inline.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# Where an officer who has no second factor yet may go: to get one, or to leave.
WITHOUT_FACTOR = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "account_change_password",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
    }
)
# A session's last sign of life is written down no more often than this, in seconds.
_NOTED_EVERY = 60


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Forbid a browser to load anything from elsewhere."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # Files that others made have a stricter one of their own.
        response.setdefault("Content-Security-Policy", POLICY)
        response.setdefault("Cache-Control", "no-store")
        return response

    return respond


def session_limits(get_response: GetResponse) -> GetResponse:
    """End a session that lasted too long, or in which nothing was done for too long."""

    def respond(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = datetime.now(UTC).timestamp()
            began, seen = request.session.get("began", now), request.session.get("seen", 0.0)
            idle = now - seen if seen else 0.0
            if idle > settings.SESSION_IDLE_AGE or now - began > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif not seen or idle > _NOTED_EVERY:
                request.session["began"], request.session["seen"] = began, now
        return get_response(request)

    return respond


class Gate:
    """Default deny: what the truth table does not open to a viewer, no view ever runs for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Send whoever has not logged in to the log-in page, whatever the address."""
        if "\x00" in request.path_info:  # PostgreSQL refuses a question with it
            raise Http404("No address has a NUL in it.")
        if not request.user.is_authenticated and not _open_to_all(request):
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('account_login')}?{query}")
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _arguments: Any, _options: Any
    ) -> HttpResponse | None:
        """Django calls this before a view: refuse, ask for a second factor, or let it pass."""
        route = _route(request)
        if not request.user.is_authenticated:
            return None
        if route not in WITHOUT_FACTOR and second_factor_needed() and not is_mfa_enabled(request.user):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        try:
            check_route(viewer_of(request), route)
        except NotAllowed as error:
            return refused(request, error)
        if request.method == "POST" and route in RENEWED:
            return _asked_anew(request, waits=route not in PRESSED_AGAIN)
        return None


def _asked_anew(request: HttpRequest, *, waits: bool) -> HttpResponse | None:
    """Ask who is there before a sensitive deed; what `waits` is kept and done afterwards."""
    if not is_reauthentication_required(request, app="lieber_mission"):
        return None
    ways = get_adapter().get_reauthentication_methods(request.user)
    if not waits:
        messages.info(request, _("Say who you are, then press the button again."))
        back = urlencode({"next": request.get_full_path()})
        return HttpResponseRedirect(f"{ways[0]['url']}?{back}")
    suspended: HttpResponse = suspend_request(request, ways[0]["url"])
    return suspended


def refused(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The page for an error that has a sentence: not allowed, not there, or not usable."""
    for kind, status in ((NotAllowed, 403), (NotInRegister, 404), (LieberError, 400)):
        if isinstance(error, kind):
            shown = getattr(error, "status", status)
            return render(request, "refused.html", {"sentence": str(error), "status": shown}, status=shown)
    return None


class Refusals:
    """Middleware that shows the sentence of an error as a page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls this where a view raised."""
        return refused(request, error)


def _open_to_all(request: HttpRequest) -> bool:
    return ROUTES.get(_route(request)) is Reach.ANYONE


def _route(request: HttpRequest) -> str:
    match = request.resolver_match or _resolved(request)
    return match.url_name or "" if match else ""


def _resolved(request: HttpRequest) -> ResolverMatch | None:
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None
