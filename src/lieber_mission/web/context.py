"""What every template may show: the mission's name, the desks, the caveat of an example register."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .. import place
from ..policies.access import ROUTES, may_reach
from ..queries.log import is_replayed
from .viewer import viewer_of

# The desks in the order of the data: route, name, and whether its pages know past days.
DESKS: tuple[tuple[str, str | Promise, bool], ...] = (
    ("figures", _("Figures"), True),
    ("incidents", _("Incidents"), True),
    ("accounts", _("Accounts"), True),
    ("items", _("Items"), True),
    ("statements", _("Public statements"), True),
    ("tallies", _("Tallies"), True),
    ("protect", _("Protection"), False),
    ("openings", _("Openings"), False),
    ("log", _("Log"), False),
    ("officers", _("Officers"), False),
    ("compartments", _("Compartments"), False),
    ("readings", _("Access log"), False),
)


def mission(request: HttpRequest) -> dict[str, object]:
    """The mission's name, the desks of this officer, and the page's own query."""
    query = request.GET.copy()
    query.pop("page", None)
    logged_in = request.user.is_authenticated
    viewer = viewer_of(request)
    return {
        "mission_name": place.mission().get("name", "Lieber"),
        "desks": [desk for desk in DESKS if may_reach(viewer, ROUTES.get(desk[0]), logged_in=logged_in)],
        "replayed": logged_in and is_replayed(),
        "query_without_page": query.urlencode(),
        "as_of_day": request.GET.get("as_of", ""),
    }
