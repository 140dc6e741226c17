"""What was written down of a visit, and the files and details that are made of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from lieber import __version__
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
)
from lieber.preserve.wacz import Page, write_wacz

from ..gate import Passed
from .exchanges import REDIRECTS, Exchange, open_headers
from .settings import NAMES, OWN_NAME, STATE, TOOL, CaptureSettings, sandbox_on
from .warc import Warc

_MOST_TOLD = 20
# What the browser made itself is kept in the WARC too, under these names (as Webrecorder's tools do).
_MADE = {
    "html": ("urn:rendered:", "text/html; charset=utf-8"),
    "screenshot": ("urn:fullPage:", "image/png"),
    "pdf": ("urn:pdf:", "application/pdf"),
    "text": ("urn:text:", "text/plain; charset=utf-8"),
}


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


@dataclass(slots=True)
class Seen:
    """Everything that the browser's process wrote down, and whether it ended by itself."""

    work: Path
    finished: bool
    exchanges: list[Exchange]
    told: dict[str, Any]

    @classmethod
    def read(cls, work: Path, *, finished: bool) -> Seen:
        """What lies in the folder of a visit; where nothing does, the last words of its process."""
        try:
            told = json.loads((work / STATE).read_bytes())
        except (OSError, ValueError):
            told = {"notes": [_last_words(work)]}
        exchanges = [Exchange(**each) for each in told.pop("exchanges", [])]
        return cls(work, finished, exchanges, told)

    @property
    def documents(self) -> list[Exchange]:
        """The requests for the page itself, in their order: each redirect is one."""
        return [each for each in self.exchanges if each.main]

    @property
    def document(self) -> Exchange | None:
        """The last response for the page itself; None where the way to it broke off."""
        arrived = (each for each in reversed(self.documents) if each.status not in {None, *REDIRECTS})
        return next(arrived, None)

    def body(self, exchange: Exchange) -> Path | None:
        """The file with the body of a response; None where none was kept."""
        path = self.work / "bodies" / exchange.body
        return path if exchange.body and path.is_file() else None


def _last_words(work: Path) -> str:
    try:
        lines = (work / "log").read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    return f"the browser could not be started: {lines[-1][:300] if lines else 'it said nothing'}"


@dataclass(slots=True)
class Keeper:
    """Makes the files and details of a capture out of what was written down."""

    url: str
    folder: Path
    at: datetime
    settings: CaptureSettings
    seen: Seen
    passed: Passed
    make_id: Callable[[], UUID]

    def keep(self, ended: datetime, clock_source: str) -> Captured:
        """Write the files of the capture, and say what it is worth."""
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
        for kind, name in NAMES.items():
            source = self.seen.work / name
            # Without a document the browser shows words of its own.
            if self.seen.document and source.is_file() and source.stat().st_size:
                files[kind] = self.folder / name
                shutil.copyfile(source, files[kind])
        document = self.seen.document
        if self.seen.told.get("file") and document and (body := self.seen.body(document)):
            files["file"] = self.folder / NAMES["file"]
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
            headers=tuple(open_headers(document.received)) if document else (),
            tls=_tls(told.get("tls")),
            address=self.passed.address_of(parts.hostname or "", _port(parts)),
            hosts=tuple(sorted({f"{each.host}:{each.port} {each.address}" for each in self.passed.passages})),
            refused=tuple(
                dict.fromkeys(
                    f"{each.host}:{each.port}: {each.reason}"
                    for each in self.passed.refusals
                    if each.host != OWN_NAME
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
        sandbox = "sandbox on" if sandbox_on(settings) else "sandbox off"
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
        files["warc"] = self.folder / NAMES["warc"]
        with files["warc"].open("wb") as out:
            warc = Warc(out, self.at, self.make_id)
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
        path = self.folder / NAMES["wacz"]
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
