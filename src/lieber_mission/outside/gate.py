"""The one way out of a capture: a forward proxy on this machine that looks at every address itself.

The browser and the downloader of films are started so that they reach nothing but this gate. It resolves
each host name once, when the connection is asked for, refuses the host unless every address of it may be
reached, and connects to the address that it looked at: a name that changes its mind in between (DNS
rebinding), a redirect inside, or an odd spelling of an address leads nowhere. A password drawn for each
capture keeps the other programs of this machine out. What passed and what was refused is kept, for the
record of the capture.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from lieber.base import BadInput

from .addresses import Address, Allowed, literal, refusal

# A head of a request that is longer is no browser's.
_LONGEST_HEAD = 64 * 1024
_PORTION = 64 * 1024
_CONNECT_SECONDS = 10.0
_HEAD_SECONDS = 30.0
_LONGEST_HOST = 253  # RFC 1035
_NOWHERE = "invalid"  # RFC 6761 §6.4: nobody is asked for names that end so
_MOST_ADDRESSES = 32
_USER = "capture"
# RFC 9110 §7.6.1: headers that concern one connection only; a gate passes none of them on.
_OF_ONE_CONNECTION = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)

Resolve = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLimits:
    """What may pass in one capture, both directions and all hosts together."""

    bytes: int = 512 * 1024 * 1024
    seconds: float = 300.0
    connections: int = 2_000
    at_once: int = 128


@dataclass(frozen=True, slots=True)
class Passage:
    """A connection that was made: the host as asked for, and the address that was looked at."""

    host: str
    port: int
    address: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A connection that was not made, and why."""

    host: str
    port: int
    reason: str


@dataclass(slots=True)
class Passed:
    """What the gate let through and what it refused; `stopped` is the limit that ended it, if one did."""

    passages: list[Passage] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    bytes_in: int = 0
    bytes_out: int = 0
    strangers: int = 0
    stopped: str = ""

    def address_of(self, host: str, port: int) -> str:
        """The address to which the last connection to a host was made; empty where there was none."""
        found = (each.address for each in reversed(self.passages) if (each.host, each.port) == (host, port))
        return next(found, "")


class _Refused(Exception):
    """A request that goes no further; the text says why."""


@dataclass(frozen=True, slots=True)
class _Head:
    method: str
    target: str
    version: str
    headers: tuple[tuple[str, str], ...]

    def named(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


def resolve(host: str) -> list[str]:
    """The addresses of a host name, as this machine's resolver gives them. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Gate:
    """A running gate, as a context: `with Gate() as gate: … gate.address, gate.user, gate.password`.

    It listens on an own port of 127.0.0.1 and serves in a thread of its own. `passed` can be read when the
    context has ended, and grows before.
    """

    def __init__(
        self,
        *,
        allowed: Sequence[Allowed] = (),
        limits: GateLimits | None = None,
        resolve: Resolve = resolve,
        password: str | None = None,
    ) -> None:
        self.user = _USER
        self.password = password or secrets.token_urlsafe(24)
        self.port = 0
        self.passed = Passed()
        self._allowed = tuple(allowed)
        self._limits = limits or GateLimits()
        self._resolve = resolve
        self._expected = b"Basic " + b64encode(f"{self.user}:{self.password}".encode())
        self._loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=self._run, name="gate", daemon=True)
        self._ready = threading.Event()
        self._connections: set[asyncio.Task[Any]] = set()
        self._made = 0
        self._ends = time.monotonic() + self._limits.seconds

    @property
    def address(self) -> str:
        """Where it listens, as a proxy is given to programs, without the password."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address_with_password(self) -> str:
        """The same with the password: for the environment of a program, never for its arguments."""
        return f"http://{self.user}:{self.password}@127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    # ------------------------------------------------------------ the thread

    def _run(self) -> None:
        self._loop = asyncio.new_event_loop()
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_HEAD)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._loop.call_later(self._limits.seconds, self._stop, f"{self._limits.seconds:g} seconds are over")
        self._ready.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            self._loop.run_until_complete(self._end())
            self._loop.close()

    async def _end(self) -> None:
        waiting = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        # A name that is being resolved cannot be called back; nobody waits for it.

    def _stop(self, reason: str) -> None:
        if not self.passed.stopped:
            self.passed.stopped = reason
        for task in list(self._connections):
            task.cancel()

    # ------------------------------------------------------------ one connection

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._answer(reader, writer)
        except (
            _Refused,
            OSError,
            EOFError,
            ValueError,
            asyncio.LimitOverrunError,
            asyncio.CancelledError,
        ):
            # Nothing of the gate's own is answered: it would stand in the record as the site's words.
            pass
        finally:
            self._connections.discard(task)
            await _close(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = _head(await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_SECONDS))
        if not self._knows(head):
            self.passed.strangers += 1
            writer.write(_PASSWORD_WANTED)
            await writer.drain()
            return
        host, port, length = *_wanted(head), _length_of_body(head)
        far_reader, far_writer = await self._reach(host, port)
        try:
            if head.method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                await self._both_ways(reader, writer, (far_reader, far_writer))
            else:
                await self._forward(_sent(head), length, (reader, writer), (far_reader, far_writer))
        finally:
            await _close(far_writer)

    def _knows(self, head: _Head) -> bool:
        given = head.named("proxy-authorization")
        return len(given) == 1 and hmac.compare_digest(given[0].encode("latin-1"), self._expected)

    async def _reach(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to an address of a host that may be reached. Raises _Refused, OSError."""
        try:
            addresses = await self._addresses(host, port)
        except _Refused as error:
            self.passed.refusals.append(Refusal(host, port, str(error)))
            raise
        for address in addresses:
            with suppress(OSError, TimeoutError):
                connection = asyncio.open_connection(str(address), port)
                made = await asyncio.wait_for(connection, _CONNECT_SECONDS)
                self.passed.passages.append(Passage(host, port, str(address)))
                return made
        raise _Refused("no address answered")

    async def _addresses(self, host: str, port: int) -> list[Address]:
        """The addresses of a host, when every one of them may be reached. Raises _Refused, OSError."""
        self._count_connection()
        try:
            known = literal(host)
        except BadInput as error:
            raise _Refused(str(error)) from None
        addresses = [known] if known else await self._resolved(host)
        for address in addresses:
            if reason := refusal(address, port, allowed=self._allowed):
                raise _Refused(reason if known else f"{host} leads to {address}: {reason}")
        return addresses

    async def _resolved(self, host: str) -> list[Address]:
        if host.rpartition(".")[2].lower() == _NOWHERE:
            raise _Refused("the name leads to no address")
        if len(host) > _LONGEST_HOST:
            raise _Refused(f"a host name has at most {_LONGEST_HOST} characters")
        try:
            found = await self._loop.run_in_executor(None, self._resolve, host)
        except (OSError, UnicodeError):
            raise _Refused("the name leads to no address") from None
        if not found:
            raise _Refused("the name leads to no address")
        return [ip_address(each) for each in found[:_MOST_ADDRESSES]]

    def _count_connection(self) -> None:
        self._made += 1
        if self.passed.stopped:
            raise _Refused(self.passed.stopped)
        if self._made > self._limits.connections:
            raise _Refused(f"more than {self._limits.connections} connections")
        if len(self._connections) > self._limits.at_once:
            raise _Refused(f"more than {self._limits.at_once} connections at once")

    # ------------------------------------------------------------ passing on

    async def _forward(
        self,
        head: bytes,
        left: int,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Pass on one request and its response. One only: the next may be for another host, and would be
        neither looked at nor freed of the password."""
        (reader, writer), (far_reader, far_writer) = near, far
        far_writer.write(head)
        while left:
            portion = await reader.read(min(left, _PORTION))
            if not portion:
                return
            left -= len(portion)
            far_writer.write(portion)
            self._count(len(portion), out=True)
            await far_writer.drain()
        await far_writer.drain()
        await _first(self._pass(far_reader, writer, out=False), reader.read(1))

    async def _both_ways(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        far_reader, far_writer = far
        await _first(self._pass(reader, far_writer, out=True), self._pass(far_reader, writer, out=False))

    async def _pass(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, out: bool) -> None:
        while portion := await source.read(_PORTION):
            self._count(len(portion), out=out)
            to.write(portion)
            await to.drain()

    def _count(self, size: int, *, out: bool) -> None:
        if out:
            self.passed.bytes_out += size
        else:
            self.passed.bytes_in += size
        if self.passed.bytes_in + self.passed.bytes_out > self._limits.bytes:
            self._stop(f"{self._limits.bytes} bytes have passed")
            raise _Refused(self.passed.stopped)


# RFC 9110 §11.7.1. The only words of the gate's own; the browser answers them and shows them to nobody.
_PASSWORD_WANTED = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
    b'Proxy-Authenticate: Basic realm="gate"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
)


def _head(data: bytes) -> _Head:
    """A request's line and headers. Raises _Refused for what no browser sends."""
    first, *lines = data.decode("latin-1").split("\r\n")[:-2]
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise _Refused("a request line has a method, a target and a version")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip() or "\n" in line:
            raise _Refused("a header has a name and a value, on one line")
        headers.append((name, value.strip()))
    return _Head(parts[0], parts[1], parts[2], tuple(headers))


def _wanted(head: _Head) -> tuple[str, int]:
    """The host and port that a request wants. Raises _Refused, ValueError."""
    if head.method == "CONNECT":
        parts, port = urlsplit(f"//{head.target}"), None
    else:
        parts, port = urlsplit(head.target), 80
        if parts.scheme != "http":
            raise _Refused("plain requests have http addresses")
    host, port = parts.hostname, parts.port or port
    if not host or not port:
        raise _Refused("a request names a host and a port")
    return host, port


def _sent(head: _Head) -> bytes:
    """The head of a request as it is passed on: for the host itself, and for this request only."""
    parts = urlsplit(head.target)
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    own = {name.strip().lower() for value in head.named("connection") for name in value.split(",")}
    kept = [
        f"{name}: {value}"
        for name, value in head.headers
        if name.lower() not in _OF_ONE_CONNECTION and name.lower() not in own
    ]
    if not target.startswith("/"):
        target = f"/{target}"
    lines = [f"{head.method} {target} HTTP/1.1", *kept, "Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _length_of_body(head: _Head) -> int:
    """How many bytes of a body follow. Raises _Refused where that is not told plainly."""
    lengths = head.named("content-length")
    if head.named("transfer-encoding") or len(set(lengths)) > 1:
        raise _Refused("the length of a body is told once, in Content-Length")
    if lengths and not (lengths[0].isascii() and lengths[0].isdigit()):
        raise _Refused("the length of a body is a number")
    return int(lengths[0]) if lengths else 0


async def _first(*ways: Coroutine[Any, Any, object]) -> None:
    """Go on until one of several ways ends; the others are left. What went wrong in it is raised."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _close(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.CancelledError, TimeoutError):
        writer.close()
        await asyncio.wait_for(writer.wait_closed(), 1)
