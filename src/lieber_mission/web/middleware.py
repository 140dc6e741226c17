"""What holds for every page: who may see it, and what a browser may load."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse

from lieber.base import LieberError

from ..policies.permissions import NotAllowed
from ..queries.incidents import NotInRegister

GetResponse = Callable[[HttpRequest], HttpResponse]

# Nothing but the site's own style sheet and pictures; no inline style, no script.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# The routes that need no officer; every other one is refused without.
OPEN_ROUTES = frozenset({"log-in"})


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Forbid a browser to load anything from elsewhere."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = POLICY
        response.setdefault("Cache-Control", "no-store")
        return response

    return respond


def officers_only(get_response: GetResponse) -> GetResponse:
    """Send whoever has not logged in to the log-in page."""

    def respond(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated and _route(request) not in OPEN_ROUTES:
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('log-in')}?{query}")
        return get_response(request)

    return respond


def refused(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The page for an error that has a sentence: not allowed, not there, or not usable."""
    for kind, status in ((NotAllowed, 403), (NotInRegister, 404), (LieberError, 400)):
        if isinstance(error, kind):
            return render(request, "refused.html", {"sentence": str(error), "status": status}, status=status)
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


def _route(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""
