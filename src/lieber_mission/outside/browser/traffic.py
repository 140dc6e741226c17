"""What a page asks for and gets, kept as it comes (Chrome DevTools Protocol)."""

from __future__ import annotations

import asyncio
import time
from base64 import b64decode, b64encode
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .exchanges import OF_THE_WIRE, REDIRECTS, Exchange, pairs, raw_headers
from .settings import CaptureSettings

# A page's kind of content; other documents are files.
_SHOWN = (
    "text/",
    "image/",
    "application/xhtml",
    "application/xml",
    "application/json",
    "application/rss+xml",
)
_STREAMS = ("text/event-stream", "multipart/x-mixed-replace")
_WITHOUT_BODY = frozenset({204, 205, 304})
_WEB = ("http:", "https:")
_LONGEST_POST = 1 << 20
_PORTION = 1 << 18
_TOLD_SECONDS = 5.0
_SETTLE_SECONDS = 2.0


class Traffic:
    """Listens to what a page asks for and gets, and keeps it (Chrome DevTools Protocol: Network, Fetch)."""

    def __init__(self, cdp: Any, order: Mapping[str, Any], settings: CaptureSettings, folder: Path) -> None:
        self._cdp, self._settings, self._folder = cdp, settings, folder
        self._gate, self._began = order["gate"], order["began"]
        self.main_frame = ""
        self.exchanges: list[Exchange] = []
        self.notes: list[str] = []
        self.cut = False
        self.file = False
        self.tls: dict[str, Any] | None = None
        self._hops: dict[str, list[Exchange]] = {}
        self._sent: dict[str, list[dict[str, str]]] = {}
        self._received: dict[str, list[dict[str, Any]]] = {}
        self._streams: dict[str, _Stream] = {}
        self._led: dict[str, int] = {}
        self._kept = 0
        # Whether the browser keeps the bytes of a document, or only the text that it read in them.
        self._exact = False
        self._logins = 0
        self._tasks: set[asyncio.Future[Any]] = set()
        self.last_change = time.monotonic()

    async def start(self) -> None:
        """Begin to listen, before the page is opened."""
        for name, heard in (
            ("Network.requestWillBeSent", self._on_request),
            ("Network.requestWillBeSentExtraInfo", self._on_sent),
            ("Network.responseReceived", self._on_response),
            ("Network.responseReceivedExtraInfo", self._on_received),
            ("Network.dataReceived", self._on_portion),
            ("Network.loadingFinished", self._on_end),
            ("Network.loadingFailed", self._on_failure),
            ("Network.webSocketCreated", self._on_socket),
            ("Fetch.requestPaused", self._on_pause),
            ("Fetch.authRequired", self._on_login),
        ):
            self._cdp.on(name, heard)
        self.main_frame = (await self._cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        room = {
            "maxTotalBufferSize": 2 * self._settings.resource_bytes,
            "maxResourceBufferSize": self._settings.resource_bytes,
        }
        durable = {"maxPostDataSize": _LONGEST_POST, "enableDurableMessages": True}
        await self._cdp.send("Network.enable", room | durable)
        self._exact = await self._tell("Network.configureDurableMessages", room) is not None
        stages = [{"urlPattern": "*", "requestStage": stage} for stage in ("Request", "Response")]
        await self._cdp.send("Fetch.enable", {"patterns": stages, "handleAuthRequests": True})

    @property
    def waiting(self) -> int:
        """How many requests are under way."""
        return sum(not each.ended for each in self.exchanges)

    def note(self, told: str, *, cut: bool = False) -> None:
        """Keep a sentence for the record, once."""
        if told not in self.notes:
            self.notes.append(told)
        self.cut = self.cut or cut

    # ------------------------------------------------------------ what is heard

    def _on_request(self, told: dict[str, Any]) -> None:
        key, request = told["requestId"], told["request"]
        hops = self._hops.setdefault(key, [])
        if "redirectResponse" in told and hops:
            hops[-1].extra = told.get("redirectHasExtraInfo", True)
            self._answered(hops[-1], told["redirectResponse"])
            hops[-1].ended = True
        if not request["url"].startswith(_WEB):
            return
        main = told.get("type") == "Document" and told.get("frameId") == self.main_frame
        url = request["url"]
        exchange = Exchange(url, request["method"], told.get("type", ""), self._now(), main)
        exchange.sent = list(request["headers"].items())
        exchange.posted = self._posted(request)
        hops.append(exchange)
        self.exchanges.append(exchange)

    def _posted(self, request: Mapping[str, Any]) -> str:
        parts = [b64decode(each["bytes"]) for each in request.get("postDataEntries", []) if "bytes" in each]
        content = b"".join(parts) or request.get("postData", "").encode()
        if not content:
            return ""
        name = f"post-{len(self.exchanges)}"
        (self._folder / "bodies" / name).write_bytes(content)
        return name

    def _on_sent(self, told: dict[str, Any]) -> None:
        self._sent.setdefault(told["requestId"], []).append(told["headers"])

    def _on_received(self, told: dict[str, Any]) -> None:
        self._received.setdefault(told["requestId"], []).append(told)

    def _on_response(self, told: dict[str, Any]) -> None:
        exchange = self._last(told["requestId"])
        if exchange is None:
            return
        self._answered(exchange, told["response"])
        if exchange.main and not exchange.body:
            self._secured(told["response"])
            self._do(self._stream(told["requestId"]))

    def _answered(self, exchange: Exchange, response: Mapping[str, Any]) -> None:
        exchange.status, exchange.reason = response["status"], response.get("statusText", "")
        exchange.protocol = response.get("protocol", "")
        exchange.received = pairs(response["headers"])
        self.last_change = time.monotonic()

    def _secured(self, response: Mapping[str, Any]) -> None:
        if details := response.get("securityDetails"):
            self.tls = {
                "protocol": details["protocol"],
                "cipher": details["cipher"],
                "subject": details["subjectName"],
                "issuer": details["issuer"],
                "valid_from": details["validFrom"],
                "valid_to": details["validTo"],
                "trusted": response.get("securityState") == "secure",
                "origin": "{0.scheme}://{0.netloc}".format(urlsplit(response["url"])),
                "certificates": [],
            }

    def _on_portion(self, told: dict[str, Any]) -> None:
        stream, exchange = self._streams.get(told["requestId"]), self._last(told["requestId"])
        if stream is None or exchange is None or "data" not in told:
            return
        stream.add(b64decode(told["data"]))
        if stream.size > self._settings.resource_bytes and not exchange.cut:
            exchange.cut = "length"
            self.note("the page itself is larger than is taken", cut=True)
            self._do(self._tell("Page.stopLoading", {}))

    def _on_end(self, told: dict[str, Any]) -> None:
        if exchange := self._last(told["requestId"]):
            exchange.ended = True
            self.last_change = time.monotonic()
            if exchange.main and not exchange.cut and not self.file:
                self._do(self._ask_for_body(told["requestId"]))

    def _on_failure(self, told: dict[str, Any]) -> None:
        if exchange := self._last(told["requestId"]):
            exchange.ended = True
            exchange.error = exchange.error or told.get("errorText", "failed")
            if exchange.main and exchange.status and not exchange.cut and not exchange.body:
                exchange.cut = "disconnect"
            self.last_change = time.monotonic()

    def _on_socket(self, told: dict[str, Any]) -> None:
        self.note(f"a WebSocket is not kept: {told['url'][:200]}")

    def _on_login(self, told: dict[str, Any]) -> None:
        """Give the gate its password; no site gets one."""
        answer = {"response": "CancelAuth"}
        ours = told["authChallenge"].get("source") == "Proxy"
        # Each connection may be asked once; a gate that goes on asking is not ours.
        if ours and self._logins < 2 * self._settings.requests:
            self._logins += 1
            answer = {
                "response": "ProvideCredentials",
                "username": self._gate["user"],
                "password": self._gate["password"],
            }
        elif not ours:
            self.note(f"a password is asked for at {told['request']['url'][:200]}")
        asked = {"requestId": told["requestId"], "authChallengeResponse": answer}
        self._do(self._tell("Fetch.continueWithAuth", asked))

    def _on_pause(self, told: dict[str, Any]) -> None:
        is_response = "responseStatusCode" in told or "responseErrorReason" in told
        self._do(self._pass_response(told) if is_response else self._pass_request(told))

    # ------------------------------------------------------------ passing on

    async def _pass_request(self, told: dict[str, Any]) -> None:
        paused: dict[str, Any] = {"requestId": told["requestId"]}
        request = told["request"]
        if not request["url"].startswith((*_WEB, "data:", "blob:", "about:")):
            await self._tell("Fetch.failRequest", paused | {"errorReason": "BlockedByClient"})
            return
        if len(self.exchanges) > self._settings.requests:
            self.note(f"more than {self._settings.requests} requests: the rest was not made", cut=True)
            await self._tell("Fetch.failRequest", paused | {"errorReason": "BlockedByClient"})
            return
        headers = request["headers"]
        wanted = next((value for name, value in headers.items() if name.lower() == "range"), "")
        if wanted == "bytes=0-":
            # The whole film is wanted, not the part that the player would ask for first.
            kept = [
                {"name": name, "value": value} for name, value in headers.items() if name.lower() != "range"
            ]
            paused["headers"] = kept
        await self._tell("Fetch.continueRequest", paused)

    async def _pass_response(self, told: dict[str, Any]) -> None:
        paused = {"requestId": told["requestId"]}
        headers = {each["name"].lower(): each["value"] for each in told.get("responseHeaders", [])}
        status, kind = told.get("responseStatusCode"), headers.get("content-type", "").lower()
        if status in REDIRECTS and "location" in headers:
            self._led[told.get("networkId", "")] = self._led.get(told.get("networkId", ""), 0) + 1
            await self._tell("Fetch.continueResponse", paused)
            return
        if status is None or status in _WITHOUT_BODY:
            await self._tell("Fetch.continueResponse", paused)
            return
        exchange = await self._exchange_of(told)
        if told["resourceType"] == "EventSource" or kind.startswith(_STREAMS):
            exchange.note = "a stream without end is not kept"
            exchange.ended = True
            await self._tell("Fetch.continueResponse", paused)
        elif exchange.main and _is_page(headers):
            await self._tell("Fetch.continueResponse", paused)
        else:
            await self._take(told, exchange, headers)

    async def _exchange_of(self, told: dict[str, Any]) -> Exchange:
        """The request to which a response belongs. A page that is busy tells of it later than the network."""
        key, request = told.get("networkId", ""), told["request"]
        led, until = self._led.get(key, 0), time.monotonic() + _TOLD_SECONDS
        while key and time.monotonic() < until:
            hops = self._hops.get(key, [])
            if len(hops) > led and hops[-1].url == request["url"]:
                return hops[-1]
            await asyncio.sleep(0.01)
        exchange = Exchange(request["url"], request["method"], told["resourceType"], self._now())
        exchange.sent = pairs(request["headers"])
        self._answered_so(exchange, told)
        exchange.note, exchange.ended = "the page did not tell of this request", True
        self.exchanges.append(exchange)
        return exchange

    @staticmethod
    def _answered_so(exchange: Exchange, told: Mapping[str, Any]) -> None:
        exchange.status, exchange.reason = told["responseStatusCode"], told.get("responseStatusText", "")
        exchange.received = [(each["name"], each["value"]) for each in told["responseHeaders"]]

    async def _take(self, told: dict[str, Any], exchange: Exchange, headers: Mapping[str, str]) -> None:
        """Keep a body, then hand it on to the page."""
        paused = {"requestId": told["requestId"]}
        name = f"body-{self.exchanges.index(exchange)}"
        path = self._folder / "bodies" / name
        if not await self._write_body(paused, path, exchange):
            await self._tell("Fetch.continueResponse", paused)
            return
        exchange.body, exchange.size = name, path.stat().st_size
        exchange.encoding = headers.get("content-encoding", "")
        length = headers.get("content-length", "")
        if not exchange.encoding and not exchange.cut and length.isdigit() and int(length) > exchange.size:
            exchange.cut = "disconnect"
        if exchange.status is None:
            # What is not handed on whole is never told as a response.
            self._answered_so(exchange, told)
        if exchange.main:
            # It would be saved, not shown: the page is over before it began.
            self.file, exchange.ended = True, True
        if exchange.main or exchange.cut or exchange.size > self._settings.shown_bytes:
            await self._tell("Fetch.failRequest", paused | {"errorReason": "Aborted"})
            return
        await self._hand_on(told, path)

    async def _hand_on(self, told: dict[str, Any], path: Path) -> None:
        kept = [each for each in told["responseHeaders"] if each["name"].lower() not in OF_THE_WIRE]
        answer = {
            "requestId": told["requestId"],
            "responseCode": told["responseStatusCode"],
            "responseHeaders": kept,
            "body": _coded(path),
        }
        await self._tell("Fetch.fulfillRequest", answer)

    async def _write_body(self, paused: Mapping[str, Any], path: Path, exchange: Exchange) -> bool:
        """Write a body to a file as it comes, within the limits; False where the browser gives none."""
        taken = await self._tell("Fetch.takeResponseBodyAsStream", paused)
        if taken is None:
            return False
        until = time.monotonic() + self._settings.resource_seconds
        size, handle = 0, taken["stream"]
        with path.open("wb") as out:
            while True:
                portion = await self._portion(handle, until - time.monotonic())
                if isinstance(portion, str):
                    exchange.cut = portion
                    break
                content, over = portion
                size += out.write(content)
                self._kept += len(content)
                if over:
                    break
                if size > self._settings.resource_bytes or self._kept > self._settings.bytes:
                    exchange.cut = "length"
                    break
        self._do(self._tell("IO.close", {"handle": handle}))
        return True

    async def _portion(self, handle: str, seconds: float) -> tuple[bytes, bool] | str:
        """The next portion of a stream and whether it is the last; or why there is none."""
        asked = {"handle": handle, "size": _PORTION}
        try:
            told = await asyncio.wait_for(self._cdp.send("IO.read", asked), max(seconds, 0))
        except TimeoutError:
            return "time"
        except playwright_error():
            return "disconnect"
        content = told["data"]
        return (b64decode(content) if told.get("base64Encoded") else content.encode()), told["eof"]

    # ------------------------------------------------------------ the page itself

    async def _stream(self, key: str) -> None:
        """Have the page's own bytes told as they come: taken in the way of other bodies, its TLS is lost."""
        exchange = self._last(key)
        if exchange is None:
            return
        name = f"body-{self.exchanges.index(exchange)}"
        stream = self._streams[key] = _Stream(self._folder / "bodies" / name)
        told = await self._tell("Network.streamResourceContent", {"requestId": key})
        if told is not None and not exchange.size:
            stream.begin(b64decode(told["bufferedData"]))
            exchange.body, exchange.encoding = name, exchange.header("content-encoding")

    async def _ask_for_body(self, key: str) -> None:
        """The whole of the page, once it is there; the stream is kept only where the page is cut."""
        exchange = self._last(key)
        told = await self._tell("Network.getResponseBody", {"requestId": key})
        if exchange is None or told is None:
            return
        self._streams.pop(key, None)
        # Kept bytes are told as text where they are valid UTF-8, and so are those bytes again.
        content = b64decode(told["body"]) if told["base64Encoded"] else told["body"].encode()
        if not told["base64Encoded"] and not self._exact:
            exchange.note = "the body is as the browser decoded it to text, in UTF-8"
        self._write(exchange, content)

    def stop(self) -> None:
        """The page's own response ends here, if it is still coming."""
        for exchange in self.exchanges:
            if exchange.main and not exchange.ended and exchange.status:
                exchange.cut = exchange.cut or "time"

    # ------------------------------------------------------------ writing down

    async def settle(self) -> None:
        """Wait a moment for what is being kept."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=_SETTLE_SECONDS)

    def written(self) -> list[dict[str, Any]]:
        """Everything so far, as it is written down."""
        for key, stream in self._streams.items():
            exchange = self._last(key)
            if exchange and exchange.body:
                exchange.size = stream.size
        for key, hops in self._hops.items():
            self._with_extra(key, hops)
        return [asdict(each) for each in self.exchanges]

    def _write(self, exchange: Exchange, content: bytes) -> None:
        exchange.body = f"body-{self.exchanges.index(exchange)}"
        exchange.size = len(content)
        exchange.encoding = exchange.header("content-encoding")
        (self._folder / "bodies" / exchange.body).write_bytes(content)

    def _with_extra(self, key: str, hops: Sequence[Exchange]) -> None:
        """The headers of the wire, told apart from the request and in the order of the redirects."""
        wire = [each for each in hops if each.extra]
        asked = [not self._is_gates(each) for each in self._received.get(key, [])]
        sent = [
            each for each, ours in zip(self._sent.get(key, []), [*asked, *[True] * 99], strict=False) if ours
        ]
        received = [each for each in self._received.get(key, []) if not self._is_gates(each)]
        for exchange, headers in zip(wire, sent, strict=False):
            exchange.sent = pairs(headers)
        for exchange, told in zip(wire, received, strict=False):
            if told["statusCode"] == exchange.status or exchange.status is None:
                exchange.received = raw_headers(told.get("headersText", "")) or pairs(told["headers"])

    @staticmethod
    def _is_gates(told: Mapping[str, Any]) -> bool:
        return told.get("statusCode") == 407

    # ------------------------------------------------------------ small things

    def _now(self) -> float:
        self.last_change = time.monotonic()
        return self.last_change - float(self._began)

    def _last(self, key: str) -> Exchange | None:
        hops = self._hops.get(key)
        return hops[-1] if hops else None

    def _do(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, method: str, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """Tell the browser something; None where what it was about is gone already."""
        try:
            answer: dict[str, Any] = await self._cdp.send(method, dict(parameters))
        except playwright_error():
            return None
        return answer


def _coded(path: Path) -> str:
    return b64encode(path.read_bytes()).decode()


class _Stream:
    """The bytes of a page as they are told: what was there before the telling began comes first."""

    def __init__(self, path: Path) -> None:
        self._path, self._held, self._begun = path, b"", False
        self.size = 0

    def begin(self, first: bytes) -> None:
        """Put down what was there already, and what was told meanwhile."""
        self._begun = True
        self._path.write_bytes(b"")
        held, self._held, self.size = first + self._held, b"", 0
        self.add(held)

    def add(self, portion: bytes) -> None:
        """Put down the next portion."""
        self.size += len(portion)
        if not self._begun:
            self._held += portion
            return
        with self._path.open("ab") as out:
            out.write(portion)


def playwright_error() -> type[Exception]:
    """What Playwright raises; brought in here, since only the process of the browser needs it."""
    from playwright.async_api import Error  # noqa: PLC0415

    return Error


def _is_page(headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type", "text/html").lower()
    saved = headers.get("content-disposition", "").lower().startswith("attachment")
    return not saved and kind.startswith(_SHOWN)
