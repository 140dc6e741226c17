"""`mission import media`: files and folders, with progress."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from itertools import chain

from ..actions.auto_archiver import archived_in
from ..actions.intake import Circumstances, Offered, TakenIn, offered_in, take_in
from ..actions.packages import archives_among, ask_to_unpack
from ..place import folder
from ..policies.permissions import Viewer
from .command import DONE, NEGATIVE, now, print_json

_EXAMPLES = 10
_EVERY_SECONDS = 1.0
_MEGABYTE = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is the same of all files of one intake."""
    parser.add_argument("--source", default="", help="media: the id of the source that they are of")
    parser.add_argument("--language", default="", help="media: their language, as uk")
    parser.add_argument("--graphic", default="", help="media: what they show: none, distressing or severe")
    parser.add_argument("--received-from", default="", help="media: the office or pseudonym they came from")
    parser.add_argument(
        "--unpack", action="store_true", help="media: take out what archives hold, by a worker"
    )
    parser.add_argument("--note", default="", help="media: what else is to be said of how they came")


def take_in_media(options: argparse.Namespace, officer: Viewer) -> int:
    """Take in files and folders; says what was done, and 1 where files were refused."""
    refused: list[tuple[str, str]] = []
    found = list(_found(options, refused))
    shown = _Progress(files=len(found), size=sum(one.size for one in found))
    if options.dry_run:
        told = TakenIn()
    else:
        told = take_in(
            found,
            circumstances=Circumstances(
                source=options.source,
                language=options.language,
                graphic=options.graphic,
                compartment=options.compartment,
                counterparty=options.received_from,
                note=options.note,
                what="received" if options.received_from else "collected",
            ),
            by=officer,
            clock=now,
            progress=shown,
        )
    shown.end()
    if options.unpack and told.items:
        ask_to_unpack(archives_among(told.items), by=officer, at=now())
    for name, reason in refused:
        told.refuse(name, reason)
    if options.json:
        print_json(_json(told, files=len(found), size=shown.size, dry_run=options.dry_run))
    else:
        _print(told, files=len(found), size=shown.size, dry_run=options.dry_run)
    return NEGATIVE if told.refusals else DONE


def _found(options: argparse.Namespace, refused: list[tuple[str, str]]) -> Iterator[Offered]:
    def refuse(name: str, reason: str) -> None:
        refused.append((name, reason))

    if options.kind == "auto-archiver":
        return chain.from_iterable(archived_in(path) for path in options.file)
    return offered_in(options.file, refuse=refuse, inside=folder())


class _Progress:
    """Says now and then how far it is, how fast, what was refused, and how long it will take."""

    def __init__(self, *, files: int, size: int) -> None:
        self.files, self.size = files, size
        self._began = self._said = time.monotonic()
        self._shown = sys.stderr.isatty()

    def __call__(self, told: TakenIn) -> None:
        """Say how far it is, at most once a second, and only to somebody who looks."""
        passed = time.monotonic() - self._began
        if not self._shown or time.monotonic() - self._said < _EVERY_SECONDS:
            return
        self._said = time.monotonic()
        share = (told.size / self.size) if self.size else 1
        left = passed / share - passed if share else 0
        print(
            f"\r{told.files} of {self.files} files, {told.size / _MEGABYTE:,.0f} of "
            f"{self.size / _MEGABYTE:,.0f} MB, {told.size / _MEGABYTE / passed:,.0f} MB/s, "
            f"{told.refusals} refused, {_time(left)} left\x1b[K",
            end="",
            file=sys.stderr,
            flush=True,
        )

    def end(self) -> None:
        """Leave the line to what comes."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _time(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3_600)
    return f"{hours} h {rest // 60:02} min" if hours else f"{rest // 60} min {rest % 60:02} s"


def _json(told: TakenIn, *, files: int, size: int, dry_run: bool) -> dict[str, object]:
    return {
        "kind": "media",
        "dry_run": dry_run,
        "files": files,
        "bytes": size,
        "taken_in": told.taken,
        "received_again": told.again,
        "recorded_before": told.before,
        "bytes_read": told.size,
        "refused": told.refusals,
        "refusals": [{"name": name, "reason": reason} for name, reason in told.refused],
        "items": told.items,
    }


def _print(told: TakenIn, *, files: int, size: int, dry_run: bool) -> None:
    if dry_run:
        print(f"{files} files of {size / _MEGABYTE:,.1f} MB would be read.")
    else:
        print(f"{told.taken} files were taken in, {told.size / _MEGABYTE:,.1f} MB were read.")
    if told.again:
        print(f"  {told.again} more are held already: their receipts were recorded.")
    if told.before:
        print(f"  {told.before} were recorded before, by the same path, size and time: not read again.")
    for name, reason in told.refused[:_EXAMPLES]:
        print(f"refused: {name}: {reason}", file=sys.stderr)
    if told.refusals > _EXAMPLES:
        print(f"… and {told.refusals - _EXAMPLES} more; --json lists them.", file=sys.stderr)
