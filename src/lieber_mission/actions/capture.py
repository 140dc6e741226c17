"""Capture pages: take them from the network, keep what came, and say what it is worth (R-28)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from lieber.base import BadInput
from lieber.collect.media_types import HEAD, ending, media_type_by_signature
from lieber.preserve.capture import CaptureStatus
from lieber.preserve.digests import Digests, digests_of

from .. import place
from ..models import Capture, CustodyEvent, Exhibit, Item, RegisterRow
from ..outside.addresses import read_allowed
from ..outside.browser import Captured, CaptureSettings, capture_page
from ..outside.clock import clock_source
from ..outside.film_posts import FilmLimits, FilmPost, take_films
from ..outside.storage import ORIGINALS, content_folder, identifier, storage, write_object
from ..policies import preserve as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.compartments import seen_by
from ..queries.items import address_key
from .intake import Circumstances, check_circumstances
from .record import hold_the_log, new_thing, record
from .work import ask_for

_PORTION = 1 << 22
# The kinds of file that a capture leaves, with their media types, in the order in which they are shown. The
# WARC lies inside the WACZ.
_KEPT: Mapping[str, str] = {
    "wacz": "application/wacz+zip",
    "screenshot": "image/png",
    "pdf": "application/pdf",
    "html": "text/html",
    "text": "text/plain",
    "file": "",
}


@dataclass(frozen=True, slots=True)
class CaptureTold:
    """What came of a capture: its id and item, what it is worth, and why."""

    thing: str
    item: str
    url: str
    status: str
    outcome: str
    reasons: tuple[str, ...]
    exhibits: int
    film_failure: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a capture on its way to its place."""

    name: str
    media_type: str
    digests: Digests
    folder: Path


_SETTINGS = frozenset({"on", "allowed", "vantage", "locale", "timezone"})


def settings() -> CaptureSettings:
    """How this mission captures, by `[capture]` in mission.toml. Raises BadInput where that is not on."""
    told = place.mission().get("capture", {})
    unknown = sorted(set(told) - _SETTINGS) if isinstance(told, dict) else ["no table"]
    if unknown:
        raise BadInput(
            f"[capture] in mission.toml is a table with {', '.join(sorted(_SETTINGS))}: found "
            f"{', '.join(unknown)}."
        )
    policy.check_capture_on(on=told.get("on") is True)
    allowed = tuple(read_allowed(str(each)) for each in told.get("allowed", []))
    return CaptureSettings(
        allowed=allowed,
        vantage=str(told.get("vantage", "")),
        locale=str(told.get("locale", "en-US")),
        timezone=str(told.get("timezone", "UTC")),
    )


def ask_for_captures(
    urls: Sequence[str], *, circumstances: Circumstances, films: bool, by: Viewer, at: datetime
) -> int:
    """Ask workers to capture some pages; returns how many. Raises NotAllowed or BadInput."""
    check_may(by, Deed.COLLECT)
    settings()
    check_circumstances(circumstances, by)
    wanted = [policy.check_page_address(url) for url in urls]
    with transaction.atomic():
        for url in wanted:
            parameters = {"url": url, "films": films, "circumstances": asdict(circumstances)}
            ask_for("capture", [address_key(url)], by=by.officer_id, at=at, parameters=parameters)
    return len(wanted)


def capture(
    url: str,
    *,
    circumstances: Circumstances,
    films: bool,
    by: Viewer,
    clock: Callable[[], datetime],
    how: CaptureSettings | None = None,
) -> CaptureTold:
    """Capture one page now, and record it; a page that bears no content is recorded as failed.

    Raises NotAllowed, BadInput where captures are switched off or the address is none, or NotInRegister.
    """
    check_may(by, Deed.COLLECT)
    how = how or settings()
    check_circumstances(circumstances, by)
    url = policy.check_page_address(url)
    keep = storage()
    with keep.arriving(f"capture-{os.getpid()}-{os.urandom(6).hex()}") as arriving:
        source = clock_source()
        taken = capture_page(
            url, folder=_made(arriving / "page"), at=clock(), settings=how, clock_source=source
        )
        post = _films(url, arriving, how, clock) if films else None
        files = list(_files(taken, post, arriving, by=by, at=clock()))
        manifest = _manifest(taken, files, arriving, by=by, at=clock())
        for file in (*files, manifest) if files else ():
            keep.settle(file.folder, root=ORIGINALS, stored=identifier(file.digests.sha256))
        keep.flush()
        return _recorded(
            taken, post, [*files, manifest] if files else [], circumstances, by=by, at=clock(), source=source
        )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _films(url: str, arriving: Path, how: CaptureSettings, clock: Callable[[], datetime]) -> FilmPost:
    return take_films(
        url, folder=_made(arriving / "films"), at=clock(), limits=FilmLimits(allowed=how.allowed)
    )


def _files(
    taken: Captured, post: FilmPost | None, arriving: Path, *, by: Viewer, at: datetime
) -> Iterable[_File]:
    """What came, each as an object of its own that is whole and waits for its place."""
    for kind, media_type in _KEPT.items():
        if kind in taken.files:
            yield _object(taken.files[kind], kind, media_type, arriving, by=by, at=at)
    for number, path in enumerate((*post.films, *post.information) if post else (), 1):
        yield _object(path, f"film-{number}", "", arriving, by=by, at=at)


def _object(path: Path, name: str, media_type: str, arriving: Path, *, by: Viewer, at: datetime) -> _File:
    folder = arriving / f"object-{name}"
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(0)
        digests = digests_of(iter(lambda: file.read(_PORTION), b""))
    media_type = media_type or media_type_by_signature(head) or "application/octet-stream"
    kept = f"original{ending(media_type)}"
    path.rename(content_folder(folder) / kept)
    write_object(
        folder,
        stored=identifier(digests.sha256),
        files={kept: digests},
        created=at,
        message="captured",
        officer=by.officer_id,
    )
    return _File(name, media_type, digests, folder)


def _manifest(taken: Captured, files: Sequence[_File], arriving: Path, *, by: Viewer, at: datetime) -> _File:
    """The file that names all others with their digests, and how they were taken: it gets the timestamp."""
    told = {
        "capture": taken.details.plain(),
        "status": taken.status.value,
        "files": [
            {"name": file.name, "media_type": file.media_type, **asdict(file.digests)} for file in files
        ],
    }
    path = arriving / "manifest.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")
    return _object(path, "manifest", "application/json", arriving, by=by, at=at)


def _recorded(
    taken: Captured,
    post: FilmPost | None,
    files: Sequence[_File],
    circumstances: Circumstances,
    *,
    by: Viewer,
    at: datetime,
    source: str,
) -> CaptureTold:
    details = taken.details
    with transaction.atomic():
        hold_the_log()
        rows: list[RegisterRow] = []
        item = _item(details.requested_url, circumstances, by, rows) if files else None
        row = Capture(
            item=item.thing if item else "",
            requested_url=details.requested_url,
            final_url=details.final_url,
            title=details.title,
            status=taken.status.value,
            outcome=details.outcome.value,
            bears=taken.verdict.state.value if taken.verdict else "",
            reasons=_reasons(taken),
            http_status=details.http_status,
            started_at=details.started_at,
            ended_at=details.ended_at,
            details=details.plain(),
            manifest_sha256=files[-1].digests.sha256 if files else "",
            compartment=circumstances.compartment,
        )
        exhibits = [_exhibit(item.thing, file, details.requested_url) for file in files] if item else []
        lines = [
            _collected(exhibit, circumstances, details.requested_url, at=at, source=source)
            for exhibit in exhibits
        ]
        record([*rows, *exhibits, *lines, row], by=by.officer_id, at=at)
        ask_for("examine", [exhibit.thing for exhibit in exhibits], by=by.officer_id, at=at)
        if exhibits:
            ask_for("timestamp", [exhibits[-1].thing], by=by.officer_id, at=at)
    return CaptureTold(
        row.thing,
        row.item,
        details.requested_url,
        row.status,
        row.outcome,
        tuple(row.reasons),
        len(exhibits),
        post.failure if post else "",
    )


def _reasons(taken: Captured) -> list[str]:
    """Why it is worth no more: what stands in the place of the content, and what is missing."""
    found = [
        f"{reason.obstacle.value}: {reason.seen}"
        for reason in (taken.verdict.reasons if taken.verdict else ())
    ]
    if taken.status is CaptureStatus.INCOMPLETE:
        found.append(f"missing: {', '.join(taken.details.completeness.missing)}")
    return [*found, *taken.details.notes][:20]


def _item(url: str, circumstances: Circumstances, by: Viewer, rows: list[RegisterRow]) -> Item:
    """The item of this address in the same compartment; a new one is put to the rows."""
    known = seen_by(Item.objects.as_of(None).filter(external_key=address_key(url)), by)
    found: Item | None = known.filter(compartment=circumstances.compartment).first()
    if found is not None:
        return found
    free = not Item.objects.filter(external_key=address_key(url)).exists()
    row = Item(
        external_key=address_key(url) if free else "",
        source=circumstances.source,
        item_kind="web_page",
        address=url,
        language=circumstances.language,
        graphic=circumstances.graphic,
        compartment=circumstances.compartment,
    )
    row.thing = new_thing(row)
    rows.append(row)
    return row


def _exhibit(item: str, file: _File, url: str) -> Exhibit:
    row = Exhibit(
        item=item,
        sha256=file.digests.sha256,
        sha512=file.digests.sha512,
        blake3=file.digests.blake3,
        size=file.digests.size,
        media_type=file.media_type,
        original_name=f"{file.name} of {url}"[:1_000],
        root=ORIGINALS,
        stored=identifier(file.digests.sha256),
        path=f"original{ending(file.media_type)}",
    )
    row.thing = new_thing(row)
    return row


def _collected(
    exhibit: Exhibit, circumstances: Circumstances, url: str, *, at: datetime, source: str
) -> CustodyEvent:
    return CustodyEvent(
        item=exhibit.item,
        exhibit=exhibit.thing,
        what="collected",
        happened_at=at,
        clock_source=source,
        counterparty=circumstances.counterparty,
        sha256_after=exhibit.sha256,
        name=url[:1_000],
        note=circumstances.note,
    )


def asked_for(parameters: Mapping[str, object]) -> tuple[str, bool, Circumstances]:
    """What a piece of work says that is to be captured. Raises BadInput where it does not say it."""
    told = parameters.get("circumstances")
    if not isinstance(told, dict) or not isinstance(parameters.get("url"), str):
        raise BadInput("A piece of work that captures names the page: found none.")
    return str(parameters["url"]), bool(parameters.get("films")), Circumstances(**told)
