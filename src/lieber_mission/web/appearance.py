"""How the pages look to one officer: theme, language, keys. Kept in the browser, known to nobody else."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES = ("auto", "light", "dark")
KEYS = ("on", "off")
_A_YEAR = 365 * 24 * 60 * 60


def theme_of(request: HttpRequest) -> str:
    """The theme that was chosen; by itself, what the machine prefers."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else THEMES[0]


def keys_of(request: HttpRequest) -> str:
    """Whether single keys do something (WCAG 2.1.4: they can be turned off)."""
    chosen = request.COOKIES.get("keys", "")
    return chosen if chosen in KEYS else KEYS[0]


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen, and go back to the page on which it was."""
    response = HttpResponseRedirect(_back(request))
    allowed = {"theme": THEMES, "keys": KEYS, "language": tuple(code for code, _ in settings.LANGUAGES)}
    for name, values in allowed.items():
        if (value := request.POST.get(name, "")) in values:
            cookie = settings.LANGUAGE_COOKIE_NAME if name == "language" else name
            response.set_cookie(
                cookie, value, max_age=_A_YEAR, secure=settings.SECURE_COOKIES, httponly=True, samesite="Lax"
            )
            if name == "language":
                translation.activate(value)
    return response


def _back(request: HttpRequest) -> str:
    # Not a field of the form: what somebody looks for would stand in every page again.
    address = request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if own else "/"
