"""Requests and what came back, as the browser tells of them and as they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Never kept: who is logged in where, and the gate's own password (requirements 1.3: login_state is told).
SECRET_HEADERS = frozenset(
    {
        "authorization",
        "cookie",
        "cookie2",
        "proxy-authorization",
        "proxy-connection",
        "set-cookie",
        "set-cookie2",
        "x-csrf-token",
    }
)
OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(slots=True)
class Exchange:
    """One request and what came back, as the browser's process writes it down.

    `at` is in seconds since the capture began; `body` is the name of a file; `cut` is why a body ends early,
    in the words of WARC-Truncated; `encoding` is the content encoding that was undone.
    """

    url: str
    method: str
    kind: str
    at: float
    main: bool = False
    sent: list[tuple[str, str]] = field(default_factory=list)
    posted: str = ""
    status: int | None = None
    reason: str = ""
    protocol: str = ""
    received: list[tuple[str, str]] = field(default_factory=list)
    extra: bool = True
    body: str = ""
    size: int = 0
    encoding: str = ""
    cut: str = ""
    note: str = ""
    error: str = ""
    ended: bool = False

    def header(self, name: str) -> str:
        """The first received header of a name; empty where there is none."""
        return next((value for key, value in self.received if key.lower() == name), "")

    @property
    def is_media(self) -> bool:
        """Whether it is a picture, sound or film."""
        kinds = ("image/", "video/", "audio/")
        return self.kind in {"Image", "Media"} or self.header("content-type").startswith(kinds)


def open_headers(headers: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Headers without the secret ones, and without the pseudo-headers of HTTP/2."""
    return [
        (name, value)
        for name, value in headers
        if name.lower() not in SECRET_HEADERS and not name.startswith(":")
    ]


def pairs(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Headers one by one: the browser joins those of one name by line breaks."""
    return [(name, each) for name, value in headers.items() for each in value.split("\n")]


def raw_headers(text: str) -> list[tuple[str, str]]:
    """Headers as they came over the wire, in their order."""
    found = []
    for line in text.split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            found.append((name.strip(), value.strip()))
    return found
