"""The site as a WSGI application, ready for its first page when it is imported."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lieber_mission.settings")
application = get_wsgi_application()


def _get_ready() -> None:
    from django.db import connections  # noqa: PLC0415  # after Django is set up

    from .queries.remembered import get_ready  # noqa: PLC0415

    get_ready()
    # Processes that part from this one open connections of their own.
    connections.close_all()


_get_ready()
