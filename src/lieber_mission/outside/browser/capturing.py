"""A page taken into a folder: the browser behind the gate, its time, and what is made of what came."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from lieber.base import BadInput

from ..gate import Gate, GateLimits, Resolve
from ..gate import resolve as ask_resolver
from . import starting
from .keeping import Captured, Keeper, Seen
from .settings import CaptureSettings

_LONGEST_URL = 8_000


def capture_page(
    url: str,
    *,
    folder: Path,
    at: datetime,
    settings: CaptureSettings | None = None,
    clock_source: str = "",
    resolve: Resolve = ask_resolver,
    make_id: Callable[[], UUID] = uuid4,
) -> Captured:
    """Take a page into an empty folder. `at` is the instant at which it begins, by the caller's clock.

    Whatever the page does, this ends a few seconds after `settings.seconds` at the latest and says in plain
    words how. Raises BadInput for an address that is no page's, a folder that is not empty, and where no
    browser is installed.
    """
    settings = settings or CaptureSettings()
    _check(url, folder, at, settings)
    began = time.monotonic()
    limits = GateLimits(bytes=settings.bytes, seconds=settings.seconds + starting.GRACE_SECONDS)
    with tempfile.TemporaryDirectory(prefix="capture-", ignore_cleanup_errors=True) as work:
        with Gate(allowed=settings.allowed, limits=limits, resolve=resolve) as gate:
            order = starting.order_for(url, settings, gate, began)
            finished = starting.run(Path(work), order, settings.seconds)
        seen = Seen.read(Path(work), finished=finished)
        ended = at + timedelta(seconds=time.monotonic() - began)
        return Keeper(url, folder, at, settings, seen, gate.passed, make_id).keep(ended, clock_source)


def _check(url: str, folder: Path, at: datetime, settings: CaptureSettings) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(url) > _LONGEST_URL or parts.username or any(ord(each) <= 32 for each in url):
        raise BadInput(
            "A page that can be captured has an address with http or https, a host and no password: found "
            f"{url[:80]!r}."
        )
    if at.tzinfo is None:
        raise BadInput(f"The instant of a capture has a time zone: found {at.isoformat()} without one.")
    if not Path(settings.executable).is_file():
        raise BadInput(
            f"A capture needs Chromium: found none at {settings.executable}; install it or name its place."
        )
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BadInput(f"A capture is taken into an empty folder: found files in {folder}.")
