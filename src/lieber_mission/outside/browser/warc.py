"""A capture as a WARC: every exchange with its digests, and what the browser made of the page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit
from uuid import UUID

from lieber import __version__
from lieber.preserve.capture import (
    CaptureDetails,
    instant,
)

from .exchanges import OF_THE_WIRE, Exchange, open_headers
from .settings import TOOL

# True of the wire and not of the body that is kept; readers know the old ones by this prefix.
_ORIGINAL = "x-orig-"
_PORTION = 1 << 18
WARCINFO = (
    "Headers named Cookie, Set-Cookie, Authorization, Proxy-Authorization and the like were left out of "
    "every record. Bodies are as the browser received them after the content encoding was undone; where one "
    "was, Content-Encoding, Content-Length and Transfer-Encoding stand under the prefix x-orig-. Responses "
    "over HTTP/2 and HTTP/3 are written in the form of HTTP/1.1, with WARC-Protocol. Bodies of redirects "
    "are not kept. A request for a film from its first byte was made for the whole of it. WARC-IP-Address is "
    "that of the gate's connection."
)


class Warc:
    """A WARC 1.1 while it is written (ISO 28500), each record with SHA-256 digests."""

    def __init__(self, out: BinaryIO, at: datetime, make_id: Callable[[], UUID]) -> None:
        # Without types of its own.
        from warcio.warcwriter import WARCWriter  # noqa: PLC0415

        self._writer = WARCWriter(out, gzip=True, warc_version="1.1")
        self._at, self._make_id = at, make_id
        self._info = ""

    def info(self, filename: str, details: CaptureDetails) -> None:
        """The first record: what made this file, and how it is to be read."""
        lines = {
            "software": f"{TOOL} {__version__}",
            "format": "WARC File Format 1.1",
            "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "http-header-user-agent": details.user_agent,
            "browser": details.browser,
            "requested": details.requested_url,
            "outcome": details.outcome.value,
            "description": WARCINFO,
        }
        content = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value).encode()
        headers = self._headers("warcinfo", self._at) | {"WARC-Filename": filename}
        self._write("warcinfo", "", BytesIO(content), headers, media_type="application/warc-fields")
        self._info = headers["WARC-Record-ID"]

    def exchange(self, exchange: Exchange, body: Path | None, posted: Path | None, address: str) -> None:
        """A response and the request for it."""
        at = self._at + timedelta(seconds=exchange.at)
        headers = self._headers("response", at)
        if address:
            headers["WARC-IP-Address"] = address
        if exchange.protocol.startswith("h"):
            headers["WARC-Protocol"] = exchange.protocol
        if exchange.cut or (not exchange.body and exchange.note):
            headers["WARC-Truncated"] = exchange.cut or "unspecified"
        if told := _told_of_body(exchange):
            headers["X-Body"] = told
        first = f"{exchange.status} {exchange.reason}".rstrip()
        with _opened(body) as content:
            self._write("response", exchange.url, content, headers, http=(first, _stored_headers(exchange)))
        asked = self._headers("request", at) | {"WARC-Concurrent-To": headers["WARC-Record-ID"]}
        with _opened(posted) as content:
            self._write("request", exchange.url, content, asked, http=_request(exchange))

    def made(self, uri: str, media_type: str, path: Path, at: datetime) -> None:
        """Something that the browser made of the page."""
        with path.open("rb") as content:
            self._write("resource", uri, content, self._headers("resource", at), media_type=media_type)

    def _headers(self, kind: str, at: datetime) -> dict[str, str]:
        headers = {
            "WARC-Type": kind,
            "WARC-Record-ID": f"<urn:uuid:{self._make_id()}>",
            "WARC-Date": instant(at),
        }
        return headers | ({"WARC-Warcinfo-ID": self._info} if self._info else {})

    def _write(
        self,
        kind: str,
        uri: str,
        content: BinaryIO,
        headers: dict[str, str],
        *,
        media_type: str = "",
        http: tuple[str, list[tuple[str, str]]] | None = None,
    ) -> None:
        from warcio.statusandheaders import StatusAndHeaders  # noqa: PLC0415

        head = None
        if http:
            protocol = "HTTP/1.1" if kind == "response" else ""
            head = StatusAndHeaders(
                http[0], [(name, _one_line(value)) for name, value in http[1]], protocol=protocol
            )
            head.compute_headers_buffer()
        payload, block, size = _digests(head.headers_buff if head else b"", content)
        headers["WARC-Block-Digest"] = block
        if kind != "warcinfo":
            headers["WARC-Payload-Digest"] = payload
        self._writer.write_record(
            self._writer.create_warc_record(
                uri,
                kind,
                payload=content,
                length=size,
                warc_content_type=media_type,
                warc_headers_dict=headers,
                http_headers=head,
            )
        )


def _opened(path: Path | None) -> BinaryIO:
    return path.open("rb") if path and path.is_file() else BytesIO()


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _digests(head: bytes, content: BinaryIO) -> tuple[str, str, int]:
    """Digest of the content, of head and content, and the size of the content; it is read again after."""
    payload, block, size = hashlib.sha256(), hashlib.sha256(head), 0
    while portion := content.read(_PORTION):
        payload.update(portion)
        block.update(portion)
        size += len(portion)
    content.seek(0)
    return f"sha256:{payload.hexdigest()}", f"sha256:{block.hexdigest()}", size


def _told_of_body(exchange: Exchange) -> str:
    """What was done to a body, for its record; empty where it is as it came."""
    told = [exchange.note] if exchange.note else []
    if exchange.encoding and exchange.body:
        told.append(f"content-decoded, was {exchange.encoding}")
    return "; ".join(told)


def _stored_headers(exchange: Exchange) -> list[tuple[str, str]]:
    """The headers of a response as they stand in its record: true of the body beside them."""
    headers = open_headers(exchange.received)
    of_the_body = exchange.header("content-length") in {"", str(exchange.size)}
    if of_the_body and not exchange.encoding and not exchange.header("transfer-encoding"):
        return headers
    kept = [
        (f"{_ORIGINAL}{name.lower()}" if name.lower() in OF_THE_WIRE else name, value)
        for name, value in headers
    ]
    return [*kept, ("Content-Length", str(exchange.size))]


def _request(exchange: Exchange) -> tuple[str, list[tuple[str, str]]]:
    parts = urlsplit(exchange.url)
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    headers = open_headers(exchange.sent)
    if not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", parts.netloc))
    return f"{exchange.method} {target} HTTP/1.1", headers
