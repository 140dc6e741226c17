"""Examine exhibits: ask each parser that fits, keep what it says, and what it made, as working copies.

What a tool says is a suggestion, never a claim. The original is opened for reading only (R-27); each parser
runs in a process apart, and whatever it does to itself is an answer.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from lieber.base import RANDOM_BYTES, new_id
from lieber.preserve.digests import Digests, digests_of

from ..models import CustodyEvent, Examination, Exhibit, RegisterRow
from ..outside.clock import clock_source
from ..outside.storage import ORIGINALS, WORKING, content_folder, storage, write_object
from ..parsing import Limited, NotInstalled, Stopped
from ..policies.permissions import MACHINE, Deed, Viewer, check_may
from ..queries.exhibits import disposed_items, examinable, is_frozen
from .record import hold_the_log, record
from .work import GivenUp, ask_for

_PORTION = 1 << 22
_ASKED_AT_ONCE = 500
_MADE_TYPES = {".jpg": "image/jpeg", ".mp4": "video/mp4", ".png": "image/png"}


@dataclass(frozen=True, slots=True)
class _Step:
    """A parser that is asked: of which media types, with how much time, and whether it makes files."""

    examination: str
    task: str
    types: tuple[str, ...]
    seconds: float
    with_type: bool = True
    makes: bool = False


_PICTURES = ("image/",)
_FILMS = ("video/", "audio/", "application/ogg", "image/gif")
_DOCUMENTS = ("application/pdf", "text/", "application/xhtml", "application/xml", "application/zip")
_OFFICE = ("application/vnd.", "application/msword")
# What may have copies.
COMPARED = ("image/", "video/", "audio/", "application/ogg")
STEPS: tuple[_Step, ...] = (
    _Step("metadata", "metadata", ("",), 120, with_type=False),
    _Step("safety", "safety", (*_PICTURES, *_FILMS, *_DOCUMENTS, *_OFFICE), 120),
    _Step("stream", "stream", (*_PICTURES, *_FILMS), 120),
    _Step("content_credentials", "content_credentials", (*_PICTURES, *_FILMS, "application/pdf"), 60),
    _Step("preview", "preview", (*_PICTURES, "video/"), 600, makes=True),
    _Step("playable", "playable", ("video/",), 3_600, with_type=False, makes=True),
    _Step("package", "package", ("application/zip", "application/wacz+zip"), 600, with_type=False),
    _Step("malware", "malware", ("",), 700, with_type=False),
    _Step("reading", "reading", _PICTURES, 300, with_type=False),
    _Step("language", "language", ("text/plain",), 60, with_type=False),
    _Step("translation", "translation", ("text/plain",), 600, with_type=False),
    _Step("speech", "speech", ("video/", "audio/", "application/ogg"), 3_600, with_type=False),
)


def ask_to_examine(exhibits: Iterable[str], *, by: Viewer, at: datetime) -> int:
    """Ask workers to examine exhibits once more; returns how many were asked for.

    What a tool says anew is the next version of what it said, so nothing is lost by asking. Frozen items and
    those whose bytes were destroyed are left out. Raises NotAllowed.
    """
    check_may(by, Deed.COLLECT)
    asked, listed = 0, iter(exhibits)
    while portion := list(islice(listed, _ASKED_AT_ONCE)):
        can = examinable(portion, viewer=by)
        with transaction.atomic():
            ask_for("examine", can, by=by.officer_id, at=at)
        asked += len(can)
    return asked


@dataclass(frozen=True, slots=True)
class _Made:
    """A file that a parser made."""

    name: str
    kind: str
    tool: str
    facts: Mapping[str, Any]
    digests: Digests


@dataclass(slots=True)
class _Said:
    """What all parsers said of one exhibit."""

    rows: list[Examination] = field(default_factory=list)
    made: list[_Made] = field(default_factory=list)


def examine_exhibit(
    thing: str,
    *,
    clock: Callable[[], datetime],
    tell: Callable[[str, float], None] = lambda _stage, _share: None,
    steps: Sequence[_Step] = STEPS,
) -> int:
    """Ask every parser that fits an exhibit; returns how many answered otherwise than before.

    Asked again it comes to the same: what is said anew is the next version, what is the same is not
    recorded again. Raises GivenUp where the exhibit is not there or its item is frozen.
    """
    row = Exhibit.objects.as_of(None).filter(thing=thing).first()
    if row is None or row.sha256 == "":
        raise GivenUp(f"No exhibit {thing} is in the register; it may have been erased.")
    if is_frozen(row.item):
        raise GivenUp("The item is frozen: its bytes are not what was recorded.")
    if disposed_items([row.item]):
        raise GivenUp("Its bytes were destroyed when its time was over.")
    fitting = [step for step in steps if row.media_type.startswith(step.types)]
    keep = storage()
    with ExitStack() as stack:
        folder = stack.enter_context(keep.arriving(f"examine-{os.getpid()}-{os.urandom(6).hex()}"))
        parser = stack.enter_context(Limited())
        try:
            file = stack.enter_context(keep.open(row.root, row.stored, row.path))
        except FileNotFoundError:
            raise GivenUp("Its bytes are not in the storage; run `mission check --bytes`.") from None
        contents = content_folder(folder / "made")
        said = _Said()
        for number, step in enumerate(fitting):
            tell(step.examination, number / len(fitting))
            _ask(step, row, file=file, contents=contents, parser=parser, said=said)
        return _keep(row, said, folder=folder / "made", at=clock())


def _ask(step: _Step, row: Exhibit, *, file: BinaryIO, contents: Path, parser: Limited, said: _Said) -> None:
    """Ask one parser, and note what it says; what it made is only kept where it answered."""
    parameters = {"media_type": row.media_type} if step.with_type else {}
    before = set(contents.iterdir()) if step.makes else set()
    try:
        with _folder(contents, wanted=step.makes) as made_in:
            told = parser.ask(
                step.task, file.fileno(), parameters=parameters, folder=made_in, seconds=step.seconds
            )
    except NotInstalled as error:
        said.rows.append(_examination(row, step, "not_installed", reason=str(error)))
    except Stopped as error:
        for left in (set(contents.iterdir()) if step.makes else set()) - before:
            left.unlink()
        said.rows.append(_examination(row, step, "refused", reason=str(error)))
    else:
        tool = str(told.pop("tool", ""))
        made = [_made(contents, each, tool) for each in told.pop("made", [])]
        said.made += made
        if made:
            told["made"] = [one.name for one in made]
        outcome = (
            "done" if any(value not in ("", [], {}, None, "none") for value in told.values()) else "nothing"
        )
        said.rows.append(_examination(row, step, outcome, tool=tool, result=told, parameters=parameters))


class _folder:  # noqa: N801  # used as a context
    """The descriptor of a folder into which a parser writes; None where it makes nothing."""

    def __init__(self, path: Path, *, wanted: bool) -> None:
        self._path, self._wanted, self._descriptor = path, wanted, -1

    def __enter__(self) -> int | None:
        if not self._wanted:
            return None
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)


def _made(contents: Path, each: dict[str, Any], tool: str) -> _Made:
    """What a parser says that it made, looked at: its name is one in the folder, and a file stands there."""
    name = Path(str(each.pop("name"))).name
    with (contents / name).open("rb") as file:
        digests = digests_of(iter(lambda: file.read(_PORTION), b""))
    return _Made(name, str(each.pop("kind")), tool, each, digests)


def _examination(
    row: Exhibit,
    step: _Step,
    outcome: str,
    *,
    reason: str = "",
    tool: str = "",
    result: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
) -> Examination:
    return Examination(
        thing=derived_thing(Examination.prefix, row.thing, step.examination),
        item=row.item,
        exhibit=row.thing,
        examination=step.examination,
        outcome=outcome,
        reason=reason,
        tool=tool,
        parameters=parameters or {},
        result=result or {},
    )


def derived_thing(prefix: str, thing: str, name: str) -> str:
    """The id of what is made of a thing under a name: done again it is the next version of the same."""
    return new_id(prefix, hashlib.sha256(f"{prefix} {thing} {name}".encode()).digest()[:RANDOM_BYTES])


def _keep(row: Exhibit, said: _Said, *, folder: Path, at: datetime) -> int:
    """Move what was made to its place and record all in one transaction; returns how many rows are new."""
    stored, paths = _settle(row, said.made, folder, at) if said.made else ("", {})
    with transaction.atomic():
        hold_the_log()
        wanted: list[RegisterRow] = [
            *said.rows,
            *(_working(row, one, stored, paths[one.name]) for one in said.made),
        ]
        changed = _changed(wanted)
        if changed:
            record([*changed, _analysed(row, changed, at)], by=MACHINE.officer_id, at=at)
        if row.media_type.startswith(COMPARED):
            ask_for("compare", [row.thing], by=MACHINE.officer_id, at=at)
    return len(changed)


def _settle(row: Exhibit, made: Sequence[_Made], folder: Path, at: datetime) -> tuple[str, dict[str, str]]:
    """One object for all that one examination made: its id, which follows from what is in it, and paths."""
    told = "\n".join(f"{one.name} {one.digests.sha256}" for one in sorted(made, key=lambda one: one.name))
    digest = hashlib.sha256(f"{row.sha256}\n{told}".encode()).hexdigest()
    stored = f"urn:lieber:working:{digest}"
    paths = write_object(
        folder,
        stored=stored,
        files={one.name: one.digests for one in made},
        created=at,
        message=f"made of {row.thing}",
        officer=MACHINE.officer_id,
    )
    keep = storage()
    keep.settle(folder, root=WORKING, stored=stored)
    keep.flush()
    return stored, paths


def kept_copies(
    row: Exhibit, told: dict[str, Any], *, folder: Path, contents: Path, at: datetime
) -> list[Exhibit]:
    """The working copies that a parser made in the contents of the object in `folder`, moved to their place;
    not recorded yet."""
    tool = str(told.pop("tool", ""))
    made = [_made(contents, each, tool) for each in told.pop("made", [])]
    stored, paths = _settle(row, made, folder, at)
    return [_working(row, one, stored, paths[one.name]) for one in made]


def _working(row: Exhibit, one: _Made, stored: str, path: str) -> Exhibit:
    return Exhibit(
        thing=derived_thing(Exhibit.prefix, row.thing, one.name),
        item=row.item,
        derived_from=row.thing,
        derivative_kind=one.kind,
        tool=one.tool,
        parameters=dict(one.facts),
        sha256=one.digests.sha256,
        sha512=one.digests.sha512,
        blake3=one.digests.blake3,
        size=one.digests.size,
        media_type=_MADE_TYPES.get(Path(one.name).suffix, ""),
        original_name=one.name,
        root=WORKING,
        stored=stored,
        path=path,
    )


def keep_answer(
    row: Exhibit,
    examination: str,
    outcome: str,
    *,
    at: datetime,
    reason: str = "",
    tool: str = "",
    result: dict[str, Any] | None = None,
) -> None:
    """Record what a parser said of an exhibit, where it says something else than before."""
    told = Examination(
        thing=derived_thing(Examination.prefix, row.thing, examination),
        item=row.item,
        exhibit=row.thing,
        examination=examination,
        outcome=outcome,
        reason=reason,
        tool=tool,
        result=result or {},
    )
    with transaction.atomic():
        hold_the_log()
        changed = _changed([told])
        if changed:
            record([*changed, _analysed(row, changed, at)], by=MACHINE.officer_id, at=at)


def _changed(wanted: Sequence[RegisterRow]) -> list[RegisterRow]:
    """Those that say something else than the last version of theirs, as its successors."""
    found: list[RegisterRow] = []
    for row in wanted:
        last = type(row).objects.as_of(None).filter(thing=row.thing).first()
        if last is None:
            found.append(row)
        elif last.content() != row.content():
            row.version = last.version + 1
            found.append(row)
    return found


def _analysed(row: Exhibit, changed: Sequence[RegisterRow], at: datetime) -> CustodyEvent:
    """One line of custody: what was looked at with which tools, and whether something was made of it."""
    tools = sorted({tool for one in changed if (tool := getattr(one, "tool", ""))})
    derived = any(isinstance(one, Exhibit) for one in changed)
    return CustodyEvent(
        item=row.item,
        exhibit=row.thing,
        what="derived" if derived and row.root == ORIGINALS else "analysed",
        happened_at=at,
        clock_source=clock_source(),
        sha256_before=row.sha256,
        sha256_after=row.sha256,
        note=", ".join(tools)[:1_000],
    )
