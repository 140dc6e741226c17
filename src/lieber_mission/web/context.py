"""What every template may show: the mission's name, and the caveat of an example register."""

from __future__ import annotations

from django.http import HttpRequest

from .. import place
from ..queries.log import is_replayed


def mission(request: HttpRequest) -> dict[str, object]:
    """The mission's name, whether the register is a replayed example, and the page's own query."""
    query = request.GET.copy()
    query.pop("page", None)
    return {
        "mission_name": place.mission().get("name", "Lieber"),
        "replayed": request.user.is_authenticated and is_replayed(),
        "query_without_page": query.urlencode(),
        "as_of_day": request.GET.get("as_of", ""),
    }
