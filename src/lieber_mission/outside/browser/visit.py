"""One visit to one page, in the process of the browser: run as a module, with its order on standard input."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import time
from base64 import b64decode
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from .settings import NAMES, OWN_NAME, STATE, CaptureSettings, sandbox_on
from .traffic import Traffic, playwright_error

# Nothing may leave beside the gate: every name is unknown but the gate's own address, loopback has no way
# around the proxy, and what speaks UDP or looks names up ahead is off.
_CLOSED = (
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    "--no-pings",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-breakpad",
    # What the browser asks of its maker behind the page's back, it asks of a name that leads nowhere.
    *(
        f"--{service}=https://{OWN_NAME}/"
        for service in ("gaia-url", "google-url", "google-base-url", "google-apis-url", "lso-url")
    ),
    f"--variations-server-url=https://{OWN_NAME}/",
    f"--apps-gallery-update-url=https://{OWN_NAME}/",
    f"--component-updater=url-source=https://{OWN_NAME}/",
)
_OFF = (
    "AcceptCHFrame",
    "AsyncDns",
    "AutofillServerCommunication",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "CertificateTransparencyComponentUpdater",
    "DestroyProfileOnBrowserClose",
    "DialMediaRouteProvider",
    "DnsOverHttps",
    "GlobalMediaControls",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "IsolateOrigins",
    "LensOverlay",
    "LocalNetworkAccessChecks",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "SegmentationPlatform",
    "ThirdPartyStoragePartitioning",
    "Translate",
    "WebRtcHideLocalIpsWithMdns",
    "site-per-process",
)
# One process for a page and its frames, so that all of its traffic is seen in one place; and nothing of the
# browser's own that changes an address or asks a service.
_PLAIN = (
    "--disable-gpu",
    "--disable-site-isolation-trials",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=" + ",".join(_OFF),
)
_QUIET_SECONDS = 0.5
_PICTURE_SECONDS = 20.0
# Reads the page from a world of its own, which the page's scripts cannot reach.
_TEXT = "document.body ? document.body.innerText : (document.documentElement?.textContent ?? '')"
_HEIGHT = "Math.max(document.documentElement?.scrollHeight ?? 0, document.body?.scrollHeight ?? 0)"
_T = TypeVar("_T")


def main() -> int:
    """Take one page as ordered on standard input, and write down what comes."""
    order = json.loads(sys.stdin.buffer.read())
    settings = CaptureSettings(**order["settings"] | {"allowed": ()})
    asyncio.run(_Visit(order, settings, Path.cwd()).run())
    return 0


class _Visit:
    """One visit to one page, step by step, each within its time."""

    def __init__(self, order: Mapping[str, Any], settings: CaptureSettings, folder: Path) -> None:
        self._order, self._settings, self._folder = order, settings, folder
        self._until = float(order["began"]) + settings.seconds
        self._gone = asyncio.Event()
        self._told: dict[str, Any] = {}
        self._dialogs = 0
        self._cdp: Any = None
        self._page: Any = None
        self._traffic: Traffic

    async def run(self) -> None:
        """Go through all steps; what fails is noted, and the next is tried."""
        from playwright.async_api import async_playwright  # noqa: PLC0415

        async with async_playwright() as playwright:
            await self._launch(playwright)
            writing = asyncio.ensure_future(self._write_now_and_then())
            try:
                await self._visit()
            finally:
                writing.cancel()
                await self._traffic.settle()
                self._write_down()
            # A page that hangs would hang the browser's farewell too: it is ended from outside.
            os._exit(0)

    async def _launch(self, playwright: Any) -> None:
        settings = self._settings
        context = await playwright.chromium.launch_persistent_context(
            str(self._folder / "profile"),
            executable_path=settings.executable,
            args=[f"--proxy-server={self._order['gate']['address']}", *_CLOSED, *_PLAIN],
            # A visitor's browser opens no window that nobody asked for.
            ignore_default_args=["--disable-popup-blocking"],
            chromium_sandbox=sandbox_on(settings),
            viewport={"width": settings.width, "height": settings.height},
            locale=settings.locale,
            timezone_id=settings.timezone,
            accept_downloads=False,
            service_workers="block",
            ignore_https_errors=settings.accept_bad_certificates,
            timeout=30_000,
        )
        self._page = context.pages[0]
        self._cdp = await context.new_cdp_session(self._page)
        context.on("page", self._on_window)
        context.on("close", lambda _: self._gone.set())
        self._page.on("crash", lambda _: self._on_crash())
        self._page.on("dialog", self._on_dialog)
        self._traffic = Traffic(self._cdp, self._order, settings, self._folder)
        await self._introduce()
        await self._traffic.start()

    async def _introduce(self) -> None:
        """Say what a visitor's browser of this version says; headless ones are turned away by many sites."""
        version = await self._cdp.send("Browser.getVersion")
        plain = version["userAgent"].replace("HeadlessChrome", "Chrome")
        number = version["product"].partition("/")[2]
        said: dict[str, Any] = {"userAgent": self._settings.user_agent or plain}
        if not self._settings.user_agent:
            brands = [
                {"brand": "Chromium", "version": number.split(".")[0]},
                {"brand": "Not?A_Brand", "version": "24"},
            ]
            said["userAgentMetadata"] = {
                "brands": brands,
                "fullVersion": number,
                "platform": "Linux",
                "platformVersion": "",
                "architecture": "x86",
                "model": "",
                "mobile": False,
            }
        await self._cdp.send("Emulation.setUserAgentOverride", said)
        self._told |= {"user_agent": said["userAgent"], "browser": f"Chromium {number}"}

    # ------------------------------------------------------------ steps

    async def _visit(self) -> None:
        settings = self._settings
        opened = await self._step("opening the page", self._open(), settings.load_seconds, stops=True)
        if self._traffic.file or (
            opened is None and not any(each.status for each in self._traffic.exchanges)
        ):
            return
        await self._step("loading the page", self._loaded(), settings.load_seconds, stops=True)
        await self._step("waiting for quiet", self._quiet(), settings.settle_seconds + 1)
        await self._step("scrolling", self._scroll(), settings.scroll_seconds)
        await self._step("waiting for quiet", self._quiet(), settings.settle_seconds + 1)
        if self._page.url.startswith("chrome-error:"):
            return
        self._told["final_url"] = self._page.url
        self._told["title"] = await self._step("reading the title", self._page.title(), 5) or ""
        await self._save("html", "reading the page", self._html(), 20)
        await self._save("text", "reading the text", self._text(), 20)
        await self._save("screenshot", "the picture of the page", self._picture(), _PICTURE_SECONDS)
        if settings.pdf:
            await self._save("pdf", "the page as PDF", self._page.pdf(), _PICTURE_SECONDS)
        await self._step("reading the certificates", self._certificates(), 5)

    async def _open(self) -> bool:
        await self._page.goto(self._order["url"], wait_until="commit", timeout=0)
        return True

    async def _loaded(self) -> None:
        await self._page.wait_for_load_state("load", timeout=0)

    async def _quiet(self) -> None:
        """Until nothing is under way for a moment, or the time for it is over: some pages never are."""
        until = time.monotonic() + self._settings.settle_seconds
        while time.monotonic() < until:
            still = time.monotonic() - self._traffic.last_change > _QUIET_SECONDS
            if still and not self._traffic.waiting:
                return
            await asyncio.sleep(0.05)
        self._traffic.note(f"the page was not quiet within {self._settings.settle_seconds:g} seconds")

    async def _scroll(self) -> None:
        """Go down the page, as far as it is pictured, so that what loads when it is seen is loaded."""
        top, step = 0, self._settings.height
        while top < min(await self._evaluate(_HEIGHT), self._settings.screenshot_height):
            await self._evaluate(f"scrollTo(0, {top})")
            await asyncio.sleep(0.1)
            top += step
        await self._evaluate("scrollTo(0, 0)")

    async def _html(self) -> bytes:
        content: str = await self._page.content()
        return content.encode("utf-8", "replace")

    async def _text(self) -> bytes:
        content = await self._evaluate(f"({_TEXT}).slice(0, {self._settings.text_characters})")
        return str(content).encode("utf-8", "replace")

    async def _picture(self) -> bytes:
        height = max(int(await self._evaluate(_HEIGHT)), self._settings.height)
        if height > self._settings.screenshot_height:
            self._traffic.note(
                f"the page is {height} pixels high: its picture shows {self._settings.screenshot_height}"
            )
        clip = {"x": 0, "y": 0, "width": self._settings.width, "height": 0, "scale": 1}
        clip["height"] = min(height, self._settings.screenshot_height)
        asked = {"format": "png", "clip": clip, "captureBeyondViewport": True}
        return b64decode((await self._cdp.send("Page.captureScreenshot", asked))["data"])

    async def _certificates(self) -> None:
        if tls := self._traffic.tls:
            found = await self._cdp.send("Network.getCertificate", {"origin": tls["origin"]})
            tls["certificates"] = [
                hashlib.sha256(b64decode(each)).hexdigest() for each in found["tableNames"]
            ]

    async def _evaluate(self, expression: str) -> Any:
        world = await self._cdp.send("Page.createIsolatedWorld", {"frameId": self._traffic.main_frame})
        told = await self._cdp.send(
            "Runtime.evaluate",
            {"expression": expression, "contextId": world["executionContextId"], "returnByValue": True},
        )
        return told["result"].get("value", 0)

    # ------------------------------------------------------------ each within its time

    async def _step(
        self, name: str, work: Coroutine[Any, Any, _T], seconds: float, *, stops: bool = False
    ) -> _T | None:
        """The result of a step; None, with a note, where it failed, took too long, or the page is gone.

        With `stops`, what is still loading then is given up.
        """
        left = min(seconds, self._until - time.monotonic())
        if left <= 0 or self._gone.is_set():
            work.close()
            self._traffic.note(f"{name}: not tried any more", cut=True)
            return None
        task, gone = asyncio.ensure_future(work), asyncio.ensure_future(self._gone.wait())
        await asyncio.wait({task, gone}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if task.done():
            return self._result(name, task)
        task.cancel()
        if not self._gone.is_set():
            self._traffic.note(f"{name}: given up after {left:.0f} seconds", cut=True)
            await self._interrupt(stops=stops)
        return None

    def _result(self, name: str, task: asyncio.Future[_T]) -> _T | None:
        try:
            return task.result()
        except playwright_error() as error:
            if not self._traffic.file:
                self._traffic.note(f"{name}: {str(error).splitlines()[0][:300]}")
        except asyncio.CancelledError:
            self._traffic.note(f"{name}: broken off")
        return None

    async def _interrupt(self, *, stops: bool) -> None:
        """Stop scripts that never end and, if asked for, what is still loading."""
        calls: list[tuple[str, dict[str, Any]]] = [("Runtime.terminateExecution", {})]
        if stops:
            self._traffic.stop()
            calls.append(("Page.stopLoading", {}))
        for method, parameters in calls:
            with suppress(playwright_error(), TimeoutError):
                await asyncio.wait_for(self._cdp.send(method, parameters), 2)

    async def _save(self, kind: str, name: str, work: Coroutine[Any, Any, bytes], seconds: float) -> None:
        if content := await self._step(name, work, seconds):
            self._put(NAMES[kind], content)

    def _put(self, name: str, content: bytes) -> None:
        (self._folder / name).write_bytes(content)

    # ------------------------------------------------------------ what happens meanwhile

    def _on_crash(self) -> None:
        self._told["crashed"] = True
        self._traffic.note("the page brought its process down")
        self._gone.set()

    async def _on_window(self, page: Any) -> None:
        self._traffic.note("the page opened another window, which was closed")
        with suppress(playwright_error()):
            await page.close()

    async def _on_dialog(self, dialog: Any) -> None:
        self._dialogs += 1
        if self._dialogs <= self._settings.dialogs:
            self._traffic.note(f"a dialog was closed: {dialog.message[:200]}")
        with suppress(playwright_error()):
            await dialog.dismiss()
        if self._dialogs == self._settings.dialogs:
            self._traffic.note("the page shows dialogs without end: its scripts were stopped", cut=True)
            await self._interrupt(stops=False)

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(2)
            self._write_down()

    def _write_down(self) -> None:
        """Put down everything so far, whole or not at all."""
        traffic = self._traffic
        told = self._told | {
            "exchanges": traffic.written(),
            "notes": traffic.notes,
            "cut": traffic.cut,
            "file": traffic.file,
            "tls": traffic.tls,
        }
        unfinished = self._folder / f"{STATE}.unfinished"
        unfinished.write_text(json.dumps(told), "utf-8")
        unfinished.replace(self._folder / STATE)


if __name__ == "__main__":
    sys.exit(main())
