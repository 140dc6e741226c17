"""What every template may show: the mission's name, the desks, the caveat of an example register."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from .. import place
from ..policies.access import ROUTES, may_reach
from ..queries.log import is_replayed
from .appearance import keys_of, theme_of
from .desks import groups_of
from .viewer import viewer_of


def mission(request: HttpRequest) -> dict[str, object]:
    """The mission's name, the desks of this officer, and the page's own query."""
    query = request.GET.copy()
    query.pop("page", None)
    logged_in = request.user.is_authenticated
    viewer = viewer_of(request)
    return {
        "mission_name": place.mission().get("name", "Lieber"),
        "desks": tuple(groups_of(viewer, logged_in=logged_in)),
        "may_find": may_reach(viewer, ROUTES.get("find"), logged_in=logged_in),
        "replayed": logged_in and is_replayed(),
        "query_without_page": query.urlencode(),
        "as_of_day": request.GET.get("as_of", ""),
        "theme": theme_of(request),
        "keys": keys_of(request),
        "languages": settings.LANGUAGES,
    }
