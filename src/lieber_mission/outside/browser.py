"""A page as a browser meets it, taken as it came: Chromium, in a process of its own, behind the gate.

The browser runs with a fresh profile in a process that is given a folder and a door and nothing else. It
writes down every request and response as it goes, so that what came before a crash or a limit is kept. This
process waits no longer than agreed, ends every process that was started, and makes of what was written
down a WARC and a WACZ. The page is left alone: nothing is clicked, and no consent is given in anyone's name.

What the record is: bodies are those the browser received, after the content encoding was undone (each
record says so); headers are those of the wire but for cookies and credentials, which are never kept; of
HTTP/2 and HTTP/3 the headers are written in the form of HTTP/1.1. What the record is not: WebSockets and
event streams are noted and not kept, and on plain HTTP the gate asks for one response a connection.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from lieber import __version__
from lieber.base import BadInput
from lieber.preserve.capture import (
    CaptureDetails,
    CaptureStatus,
    Completeness,
    Hop,
    Outcome,
    TlsDetails,
    Verdict,
    capture_status,
    content_verdict,
    instant,
)
from lieber.preserve.wacz import Page, write_wacz

from .addresses import Allowed
from .gate import Gate, GateLimits, Passed, Resolve
from .gate import resolve as ask_resolver

TOOL = "lieber capture"
CHROMIUM = "/usr/bin/chromium"
# Beyond the time for the capture: until the browser was told to end and had written everything down.
_GRACE_SECONDS = 15.0
# The processes of one capture are known by this variable in their environment.
_MARK = "LIEBER_CAPTURE"
_STATE = "state.json"
_PORTION = 1 << 18
_LONGEST_URL = 8_000
_MOST_TOLD = 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_T = TypeVar("_T")

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
# True of the wire and not of the body that is kept; readers know the old ones by this prefix.
_ORIGINAL = "x-orig-"
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})

WARCINFO = (
    "Headers named Cookie, Set-Cookie, Authorization, Proxy-Authorization and the like were left out of "
    "every record. Bodies are as the browser received them after the content encoding was undone; where one "
    "was, Content-Encoding, Content-Length and Transfer-Encoding stand under the prefix x-orig-. Responses "
    "over HTTP/2 and HTTP/3 are written in the form of HTTP/1.1, with WARC-Protocol. Bodies of redirects "
    "are not kept. A request for a film from its first byte was made for the whole of it. WARC-IP-Address is "
    "that of the gate's connection."
)


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


@dataclass(frozen=True, slots=True)
class Captured:
    """What came of an attempt: its details, what it is worth, and the files by their kind.

    The kinds are wacz, warc, html (as the browser had it in the end), screenshot, pdf, text, and file where
    the address gave a file instead of a page. A kind that could not be had is not there.
    """

    details: CaptureDetails
    verdict: Verdict | None
    status: CaptureStatus
    files: Mapping[str, Path]
    text: str = ""


# The names under which they lie in the folder of a capture.
_NAMES = {
    "wacz": "capture.wacz",
    "warc": "capture.warc.gz",
    "html": "page.html",
    "screenshot": "page.png",
    "pdf": "page.pdf",
    "text": "page.txt",
    "file": "file.bin",
}
# What the browser made itself is kept in the WARC too, under these names (as Webrecorder's tools do).
_MADE = {
    "html": ("urn:rendered:", "text/html; charset=utf-8"),
    "screenshot": ("urn:fullPage:", "image/png"),
    "pdf": ("urn:pdf:", "application/pdf"),
    "text": ("urn:text:", "text/plain; charset=utf-8"),
}


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
    limits = GateLimits(bytes=settings.bytes, seconds=settings.seconds + _GRACE_SECONDS)
    with tempfile.TemporaryDirectory(prefix="capture-", ignore_cleanup_errors=True) as work:
        with Gate(allowed=settings.allowed, limits=limits, resolve=resolve) as gate:
            finished = _run(Path(work), _order(url, settings, gate, began), settings.seconds)
        seen = _Seen.read(Path(work), finished=finished)
        ended = at + timedelta(seconds=time.monotonic() - began)
        return _Keeper(url, folder, at, settings, seen, gate.passed, make_id).keep(ended, clock_source)


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


# ---------------------------------------------------------------- the process of the browser

# A fresh profile but for this: the browser has no account with its maker and does not ask for one.
_PREFERENCES = {"signin": {"allowed": False, "allowed_on_next_startup": False}}


def _order(url: str, settings: CaptureSettings, gate: Gate, began: float) -> dict[str, Any]:
    told = asdict(replace(settings, allowed=()))
    gates = {"address": gate.address, "user": gate.user, "password": gate.password}
    return {"url": url, "settings": told, "gate": gates, "began": began}


def _run(work: Path, order: Mapping[str, Any], seconds: float) -> bool:
    """Run the browser's process on an order; returns whether it ended by itself and in time."""
    mark = f"{os.getpid()}-{uuid4().hex}"
    for name in ("bodies", "home", "profile/Default"):
        (work / name).mkdir(parents=True)
    (work / "profile" / "Default" / "Preferences").write_text(json.dumps(_PREFERENCES), "utf-8")
    with (work / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  # this module itself
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd=work,
            env=_environment(work, mark),
            start_new_session=True,
        )
        try:
            process.communicate(json.dumps(order).encode(), timeout=seconds + _GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        finally:
            end_processes(mark)
            process.kill()
            process.wait()
    return process.returncode == 0


def _environment(work: Path, mark: str) -> dict[str, str]:
    """Nothing of this process's environment but where programs lie: no secret may reach a page's process."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "LANG": "C.UTF-8",
        "HOME": str(work / "home"),
        "TMPDIR": str(work / "home"),
        _MARK: mark,
    }


def end_processes(mark: str) -> None:
    """End every process of a capture, again until none is left."""
    for _ in range(50):
        found = processes_of(mark)
        if not found:
            return
        for process in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.02)


def processes_of(mark: str) -> set[int]:
    """The processes that carry a mark in their environment, or one that begins so, and their descendants.

    Browsers leave their parent's group and session, so neither finds them all; and they write over the
    environment of those that show pages, which are found by their parents.
    """
    parents: dict[int, int] = {}
    marked: set[int] = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            state, parent = (entry / "stat").read_text("ascii", "replace").rpartition(")")[2].split()[:2]
            if state in {"Z", "X"}:
                continue
            parents[int(entry.name)] = int(parent)
            environment = (entry / "environ").read_bytes().split(b"\0")
            if any(each.startswith(f"{_MARK}={mark}".encode()) for each in environment):
                marked.add(int(entry.name))
    while more := {process for process, parent in parents.items() if parent in marked} - marked:
        marked |= more
    return marked


# ---------------------------------------------------------------- what was written down


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


@dataclass(slots=True)
class _Seen:
    """Everything that the browser's process wrote down, and whether it ended by itself."""

    work: Path
    finished: bool
    exchanges: list[Exchange]
    told: dict[str, Any]

    @classmethod
    def read(cls, work: Path, *, finished: bool) -> _Seen:
        try:
            told = json.loads((work / _STATE).read_bytes())
        except (OSError, ValueError):
            told = {"notes": [_last_words(work)]}
        exchanges = [Exchange(**each) for each in told.pop("exchanges", [])]
        return cls(work, finished, exchanges, told)

    @property
    def documents(self) -> list[Exchange]:
        return [each for each in self.exchanges if each.main]

    @property
    def document(self) -> Exchange | None:
        """The last response for the page itself; None where the way to it broke off."""
        arrived = (each for each in reversed(self.documents) if each.status not in {None, *_REDIRECTS})
        return next(arrived, None)

    def body(self, exchange: Exchange) -> Path | None:
        path = self.work / "bodies" / exchange.body
        return path if exchange.body and path.is_file() else None


def _last_words(work: Path) -> str:
    try:
        lines = (work / "log").read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    return f"the browser could not be started: {lines[-1][:300] if lines else 'it said nothing'}"


@dataclass(slots=True)
class _Keeper:
    """Makes the files and details of a capture out of what was written down."""

    url: str
    folder: Path
    at: datetime
    settings: CaptureSettings
    seen: _Seen
    passed: Passed
    make_id: Callable[[], UUID]

    def keep(self, ended: datetime, clock_source: str) -> Captured:
        files = self._files()
        text = files["text"].read_text("utf-8") if "text" in files else ""
        outcome = self._outcome()
        # What the browser did not come to read cannot be judged; that nothing came can.
        read = "html" in files or self.seen.document is None
        verdict = self._verdict(files, text) if read else None
        details = self._details(outcome, ended, clock_source, files)
        self._write_warc(files, details)
        if any(each.status for each in self.seen.exchanges):
            self._write_wacz(files, details, text)
        return Captured(details, verdict, capture_status(details.completeness, verdict), files, text)

    def _files(self) -> dict[str, Path]:
        """Move what the browser made into the folder."""
        files = {}
        for kind, name in _NAMES.items():
            source = self.seen.work / name
            # Without a document the browser shows words of its own.
            if self.seen.document and source.is_file() and source.stat().st_size:
                files[kind] = self.folder / name
                shutil.copyfile(source, files[kind])
        document = self.seen.document
        if self.seen.told.get("file") and document and (body := self.seen.body(document)):
            files["file"] = self.folder / _NAMES["file"]
            shutil.copyfile(body, files["file"])
        return files

    def _outcome(self) -> Outcome:
        told = self.seen.told
        if told.get("file"):
            return Outcome.FILE
        if not self.seen.finished:
            return Outcome.STOPPED
        if told.get("crashed"):
            return Outcome.CRASHED
        if not self.seen.document:
            return Outcome.REFUSED if self._was_refused() else Outcome.UNREACHABLE
        cut = told.get("cut") or self.passed.stopped or any(each.cut for each in self.seen.exchanges)
        return Outcome.CUT if cut else Outcome.TAKEN

    def _was_refused(self) -> bool:
        asked = {urlsplit(each.url).hostname for each in self.seen.documents}
        return any(each.host.strip("[]") in asked for each in self.passed.refusals)

    def _verdict(self, files: Mapping[str, Path], text: str) -> Verdict:
        document = self.seen.document
        return content_verdict(
            status=document.status if document else None,
            final_url=self.seen.told.get("final_url") or self.url,
            requested_url=self.url,
            title=self.seen.told.get("title", ""),
            text=text,
            html=files["html"].read_text("utf-8", "replace") if "html" in files else "",
        )

    def _details(
        self, outcome: Outcome, ended: datetime, clock_source: str, files: Mapping[str, Path]
    ) -> CaptureDetails:
        told, document = self.seen.told, self.seen.document
        final = told.get("final_url") or (document.url if document else "")
        parts = urlsplit(final)
        return CaptureDetails(
            requested_url=self.url,
            outcome=outcome,
            started_at=self.at,
            ended_at=ended,
            tool=TOOL,
            version=__version__,
            config_sha256=self.settings.sha256,
            final_url=final,
            title=told.get("title", ""),
            redirect_chain=tuple(Hop(each.url, each.status) for each in self.seen.documents if each.status),
            http_status=document.status if document else None,
            headers=tuple(_open_headers(document.received)) if document else (),
            tls=_tls(told.get("tls")),
            address=self.passed.address_of(parts.hostname or "", _port(parts)),
            hosts=tuple(sorted({f"{each.host}:{each.port} {each.address}" for each in self.passed.passages})),
            refused=tuple(
                dict.fromkeys(
                    f"{each.host}:{each.port}: {each.reason}"
                    for each in self.passed.refusals
                    if each.host != _OWN
                )
            ),
            vantage=self.settings.vantage,
            user_agent=told.get("user_agent", ""),
            browser=told.get("browser", ""),
            browser_profile=self._profile(),
            clock_source=clock_source,
            requests=len(self.seen.exchanges),
            bytes_in=self.passed.bytes_in,
            notes=self._notes(),
            completeness=self._completeness(files),
        )

    def _profile(self) -> str:
        settings = self.settings
        sandbox = "sandbox on" if _sandbox(settings) else "sandbox off"
        return f"fresh, {settings.width}x{settings.height}, {settings.locale}, {settings.timezone}, {sandbox}"

    def _notes(self) -> tuple[str, ...]:
        notes = list(self.seen.told.get("notes", []))
        if not self.seen.finished:
            notes.append("the browser did not end by itself and was ended")
        if self.passed.stopped:
            notes.append(f"the gate closed: {self.passed.stopped}")
        cut = [each for each in self.seen.exchanges if each.cut]
        notes += [f"ends early ({each.cut}): {each.url[:300]}" for each in cut[:_MOST_TOLD]]
        if len(cut) > _MOST_TOLD:
            notes.append(f"{len(cut)} bodies end early")
        return tuple(dict.fromkeys(notes))

    def _completeness(self, files: Mapping[str, Path]) -> Completeness:
        document, exchanges = self.seen.document, self.seen.exchanges
        is_file = "file" in files
        media = [each for each in exchanges if each.is_media]
        return Completeness(
            url=document is not None,
            html=document is not None and bool(document.body) and not document.cut and not is_file,
            screenshot="screenshot" in files,
            media=is_file or (document is not None and all(each.body and not each.cut for each in media)),
            metadata=document is not None and bool(document.received),
            context=False,
            collection=True,
            hash=document is not None,
        )

    # ------------------------------------------------------------ packages

    def _write_warc(self, files: dict[str, Path], details: CaptureDetails) -> None:
        files["warc"] = self.folder / _NAMES["warc"]
        with files["warc"].open("wb") as out:
            warc = _Warc(out, self.at, self.make_id)
            warc.info(files["warc"].name, details)
            for exchange in self.seen.exchanges:
                if exchange.status is not None:
                    parts = urlsplit(exchange.url)
                    address = self.passed.address_of(parts.hostname or "", _port(parts))
                    posted = self.seen.work / "bodies" / exchange.posted if exchange.posted else None
                    warc.exchange(exchange, self.seen.body(exchange), posted, address)
            for kind, (prefix, media_type) in _MADE.items():
                if kind in files:
                    warc.made(prefix + details.final_url, media_type, files[kind], details.ended_at)

    def _write_wacz(self, files: dict[str, Path], details: CaptureDetails, text: str) -> None:
        path = self.folder / _NAMES["wacz"]
        document = self.seen.document
        taken = self.at + timedelta(seconds=document.at) if document else self.at
        page = Page(details.final_url or self.url, taken, details.title, "page", text)
        plain = json.dumps(details.plain(), ensure_ascii=False, indent=1).encode()
        with files["warc"].open("rb") as warc, path.open("wb") as out:
            write_wacz(
                out,
                warcs={files["warc"].name: warc},
                pages=[page],
                title=details.title or self.url,
                created=details.ended_at,
                software=f"{TOOL} {__version__}, {details.browser}",
                others={"capture/details.json": plain},
            )
        files["wacz"] = path


def _sandbox(settings: CaptureSettings) -> bool:
    return os.geteuid() != 0 if settings.sandbox is None else settings.sandbox


def _port(parts: Any) -> int:
    return int(parts.port or (443 if parts.scheme == "https" else 80))


def _tls(told: Mapping[str, Any] | None) -> TlsDetails | None:
    if not told:
        return None
    return TlsDetails(
        protocol=told["protocol"],
        cipher=told["cipher"],
        subject=told["subject"],
        issuer=told["issuer"],
        valid_from=datetime.fromtimestamp(told["valid_from"], UTC),
        valid_to=datetime.fromtimestamp(told["valid_to"], UTC),
        certificates_sha256=tuple(told["certificates"]),
        trusted=told["trusted"],
    )


def _open_headers(headers: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Headers without the secret ones, and without the pseudo-headers of HTTP/2."""
    return [
        (name, value)
        for name, value in headers
        if name.lower() not in SECRET_HEADERS and not name.startswith(":")
    ]


class _Warc:
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
    headers = _open_headers(exchange.received)
    of_the_body = exchange.header("content-length") in {"", str(exchange.size)}
    if of_the_body and not exchange.encoding and not exchange.header("transfer-encoding"):
        return headers
    kept = [
        (f"{_ORIGINAL}{name.lower()}" if name.lower() in _OF_THE_WIRE else name, value)
        for name, value in headers
    ]
    return [*kept, ("Content-Length", str(exchange.size))]


def _request(exchange: Exchange) -> tuple[str, list[tuple[str, str]]]:
    parts = urlsplit(exchange.url)
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    headers = _open_headers(exchange.sent)
    if not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", parts.netloc))
    return f"{exchange.method} {target} HTTP/1.1", headers


# ---------------------------------------------------------------- in the browser's process


# RFC 6761: a name that nobody has, which the gate refuses without asking.
_OWN = "browser.invalid"
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
        f"--{service}=https://{_OWN}/"
        for service in ("gaia-url", "google-url", "google-base-url", "google-apis-url", "lso-url")
    ),
    f"--variations-server-url=https://{_OWN}/",
    f"--apps-gallery-update-url=https://{_OWN}/",
    f"--component-updater=url-source=https://{_OWN}/",
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
_QUIET_SECONDS = 0.5
_PICTURE_SECONDS = 20.0
_TOLD_SECONDS = 5.0
_SETTLE_SECONDS = 2.0


def main() -> int:
    """Take one page as ordered on standard input, and write down what comes."""
    order = json.loads(sys.stdin.buffer.read())
    settings = CaptureSettings(**order["settings"] | {"allowed": ()})
    asyncio.run(_Visit(order, settings, Path.cwd()).run())
    return 0


class _Traffic:
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
        exchange.received = _pairs(response["headers"])
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
        if status in _REDIRECTS and "location" in headers:
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
        exchange.sent = _pairs(request["headers"])
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
        kept = [each for each in told["responseHeaders"] if each["name"].lower() not in _OF_THE_WIRE]
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
        except _playwright_error():
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
            exchange.sent = _pairs(headers)
        for exchange, told in zip(wire, received, strict=False):
            if told["statusCode"] == exchange.status or exchange.status is None:
                exchange.received = _raw(told.get("headersText", "")) or _pairs(told["headers"])

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
        except _playwright_error():
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


def _playwright_error() -> type[Exception]:
    from playwright.async_api import Error  # noqa: PLC0415

    return Error


def _pairs(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Headers one by one: the browser joins those of one name by line breaks."""
    return [(name, each) for name, value in headers.items() for each in value.split("\n")]


def _raw(text: str) -> list[tuple[str, str]]:
    """Headers as they came over the wire, in their order."""
    found = []
    for line in text.split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            found.append((name.strip(), value.strip()))
    return found


def _is_page(headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type", "text/html").lower()
    saved = headers.get("content-disposition", "").lower().startswith("attachment")
    return not saved and kind.startswith(_SHOWN)


# Reads the page from a world of its own, which the page's scripts cannot reach.
_TEXT = "document.body ? document.body.innerText : (document.documentElement?.textContent ?? '')"
_HEIGHT = "Math.max(document.documentElement?.scrollHeight ?? 0, document.body?.scrollHeight ?? 0)"


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
        self._traffic: _Traffic

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
            chromium_sandbox=_sandbox(settings),
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
        self._traffic = _Traffic(self._cdp, self._order, settings, self._folder)
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
        except _playwright_error() as error:
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
            with suppress(_playwright_error(), TimeoutError):
                await asyncio.wait_for(self._cdp.send(method, parameters), 2)

    async def _save(self, kind: str, name: str, work: Coroutine[Any, Any, bytes], seconds: float) -> None:
        if content := await self._step(name, work, seconds):
            self._put(_NAMES[kind], content)

    def _put(self, name: str, content: bytes) -> None:
        (self._folder / name).write_bytes(content)

    # ------------------------------------------------------------ what happens meanwhile

    def _on_crash(self) -> None:
        self._told["crashed"] = True
        self._traffic.note("the page brought its process down")
        self._gone.set()

    async def _on_window(self, page: Any) -> None:
        self._traffic.note("the page opened another window, which was closed")
        with suppress(_playwright_error()):
            await page.close()

    async def _on_dialog(self, dialog: Any) -> None:
        self._dialogs += 1
        if self._dialogs <= self._settings.dialogs:
            self._traffic.note(f"a dialog was closed: {dialog.message[:200]}")
        with suppress(_playwright_error()):
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
        unfinished = self._folder / f"{_STATE}.unfinished"
        unfinished.write_text(json.dumps(told), "utf-8")
        unfinished.replace(self._folder / _STATE)


if __name__ == "__main__":
    sys.exit(main())
