"""Timestamp authorities: asked over the network with a digest, and nothing else (RFC 3161, 3.4)."""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lieber.base import BadInput, LieberError
from lieber.preserve.timestamps import LARGEST_RESPONSE, Stamp, UnreadableResponse, check_response

from .. import place
from .addresses import Allowed, read_allowed, refusal

_SECONDS = 20
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


class OutOfReach(LieberError):
    """The authority could not be asked: try again later."""


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority that mission.toml names: `[[timestamps]]` with name, url and the file of its roots."""

    name: str
    url: str
    roots: tuple[bytes, ...] = ()
    allowed: tuple[Allowed, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What an authority answered: the response as it came, and what it attests."""

    response: bytes
    stamp: Stamp


def authorities() -> list[Authority]:
    """The authorities that this mission asks; none unless mission.toml names some.

    Raises BadInput where what it says cannot be used.
    """
    found = place.mission().get("timestamps", [])
    if not isinstance(found, list):
        raise BadInput("The authorities in mission.toml are [[timestamps]] with name, url and roots.")
    return [_authority(row) for row in found]


def _authority(row: Mapping[str, Any]) -> Authority:
    name, url = str(row.get("name", "")), str(row.get("url", ""))
    if not name or urlsplit(url).scheme not in {"http", "https"}:
        raise BadInput(
            f"A timestamp authority in mission.toml has a name and an http address: found {url!r}."
        )
    roots: list[bytes] = []
    file = row.get("roots", "")
    if not file:
        raise BadInput(
            f"A timestamp authority in mission.toml has roots, a file with certificates: {name} has none."
        )
    path = place.folder() / str(file)
    try:
        roots.append(path.read_bytes())
    except OSError as error:
        raise BadInput(f"The roots of {name} cannot be read at {path}: {error.strerror or error}.") from None
    allowed = tuple(read_allowed(str(each)) for each in row.get("allowed", []))
    return Authority(name, url, tuple(roots), allowed)


def stamp(authority: Authority, content: bytes) -> Answered:
    """A timestamp of these bytes; only their digest leaves the machine.

    Raises OutOfReach where the authority does not answer, BadInput where its answer does not hold.
    """
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415

    request = TimestampRequestBuilder(data=content, hash_algorithm=HashAlgorithm.SHA256).build()
    response = _asked(authority, request.as_bytes())
    try:
        return Answered(
            response, check_response(response, content=content, roots=authority.roots, nonce=request.nonce)
        )
    except UnreadableResponse:
        # Some authorities order their certificates otherwise than DER wants; openssl reads them.
        return Answered(response, _by_openssl(response, content, authority.roots))


def _asked(authority: Authority, request: bytes) -> bytes:
    parts = urlsplit(authority.url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    connection = http.client.HTTPConnection(host, port, timeout=_SECONDS)
    try:
        connection.sock = _connected(host, port, authority.allowed)
        if parts.scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, request, {"Content-Type": _QUERY, "Accept": _REPLY})
        answer = connection.getresponse()
        content = answer.read(LARGEST_RESPONSE + 1)
    except (OSError, http.client.HTTPException) as error:
        raise OutOfReach(f"{authority.name} does not answer: {error}.") from None
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise OutOfReach(f"{authority.name} answers with {answer.status} {answer.reason}.")
    return content


def _connected(host: str, port: int, allowed: Sequence[Allowed]) -> socket.socket:
    """A connection to an address that was looked at first: never into the mission's own network unasked."""
    for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        reason = refusal(ipaddress.ip_address(str(address[0])), port, allowed=allowed)
        if reason:
            raise OutOfReach(f"{host} leads to {address[0]}: {reason}.")
        return socket.create_connection((str(address[0]), port), timeout=_SECONDS)
    raise OutOfReach(f"{host} has no address.")


def _by_openssl(response: bytes, content: bytes, roots: Sequence[bytes]) -> Stamp:
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        for name, raw in (("response", response), ("content", content), ("roots", b"\n".join(roots))):
            (at / name).write_bytes(raw)
        checked = _openssl("-verify", "-data", "content", "-in", "response", "-CAfile", "roots", at=at)
        if checked.returncode:
            told = checked.stderr.decode("utf-8", "replace").strip().splitlines()
            raise BadInput(f"The timestamp does not hold for these bytes: {told[-1] if told else 'openssl'}.")
        return _read(
            _openssl("-reply", "-in", "response", "-text", at=at).stdout.decode("utf-8", "replace"), content
        )


def _openssl(*arguments: str, at: Path) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603  # files of ours, a program of the system
            ["/usr/bin/openssl", "ts", *arguments], cwd=at, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise BadInput(
            "The timestamp cannot be read, and openssl is not there to read it: install openssl."
        ) from None


def _read(text: str, content: bytes) -> Stamp:
    import hashlib  # noqa: PLC0415

    said = dict(re.findall(r"^([A-Z][A-Za-z ]+): (.+)$", text, re.MULTILINE))
    try:
        at = datetime.strptime(re.sub(r"\.\d+", "", said["Time stamp"]), "%b %d %H:%M:%S %Y GMT").replace(
            tzinfo=UTC
        )
    except (KeyError, ValueError):
        raise BadInput("The timestamp tells no time that openssl can read.") from None
    serial = said.get("Serial number", "").removeprefix("0x").lower()
    return Stamp(hashlib.sha256(content).hexdigest(), at, serial, said.get("Policy OID", ""))
