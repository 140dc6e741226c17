"""How a page is taken, and what both processes of a capture know of each other."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass

from ..addresses import Allowed

TOOL = "lieber capture"
CHROMIUM = "/usr/bin/chromium"
# The names under which they lie in the folder of a capture.
NAMES = {
    "wacz": "capture.wacz",
    "warc": "capture.warc.gz",
    "html": "page.html",
    "screenshot": "page.png",
    "pdf": "page.pdf",
    "text": "page.txt",
    "file": "file.bin",
}
STATE = "state.json"
# RFC 6761: a name that nobody has, which the gate refuses without asking.
OWN_NAME = "browser.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSettings:
    """How a page is taken, and how much of it at most. Seconds are limits, never waits.

    `shown_bytes` is the largest body that is also handed on to the page: larger ones are kept only.
    Without `sandbox` said, the browser's own is on unless this is the superuser, under whom it cannot be.
    `user_agent` is what a visitor's browser of this version says, unless another is given.
    """

    seconds: float = 120.0
    load_seconds: float = 45.0
    settle_seconds: float = 8.0
    scroll_seconds: float = 12.0
    resource_seconds: float = 40.0
    bytes: int = 256 << 20
    resource_bytes: int = 96 << 20
    shown_bytes: int = 24 << 20
    requests: int = 1_500
    dialogs: int = 10
    screenshot_height: int = 16_000
    text_characters: int = 2_000_000
    width: int = 1366
    height: int = 900
    locale: str = "en-US"
    timezone: str = "UTC"
    user_agent: str = ""
    vantage: str = ""
    pdf: bool = True
    accept_bad_certificates: bool = False
    sandbox: bool | None = None
    executable: str = CHROMIUM
    allowed: tuple[Allowed, ...] = ()

    @property
    def sha256(self) -> str:
        """The digest of these settings, for the record of a capture."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, default=str).encode()).hexdigest()


def sandbox_on(settings: CaptureSettings) -> bool:
    """Whether the browser's own sandbox is on: under the superuser it cannot be."""
    return os.geteuid() != 0 if settings.sandbox is None else settings.sandbox
