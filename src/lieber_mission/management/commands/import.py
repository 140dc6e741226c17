"""`mission import`: take in a table."""

from __future__ import annotations

import argparse
import os
import re
import sys
from dataclasses import asdict
from pathlib import Path

from lieber.base import BadInput
from lieber.code.submissions import SubmissionsRefused

from ...actions.imports import SETTLERS, TableRefused, Taken, bad_rows, read, take_table
from ...actions.protect.submissions import attachments_in, read_submissions, take_submissions
from ...actions.waiting import keep_what_waits
from ...policies.permissions import Viewer
from ...queries.officers import by_handle
from .. import media
from ..command import DONE, MissionCommand, now, print_json

_EXAMPLES = 5
SUBMISSIONS, MEDIA, AUTO_ARCHIVER = "submissions", "media", "auto-archiver"


class Command(MissionCommand):
    """Take in a CSV or XLSX table: all of it or nothing."""

    help = "take in tables (CSV, XLSX), submissions of the field form, media, or folders of auto-archiver"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The kind of table, the file, and how to read it."""
        parser.add_argument("kind", choices=[*sorted(SETTLERS), SUBMISSIONS, MEDIA, AUTO_ARCHIVER])
        parser.add_argument("file", type=Path, nargs="+", help="the file; of media any files and folders")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
        parser.add_argument("--encoding", help="encoding of a CSV that is not UTF-8, as cp1251")
        parser.add_argument("--sheet", help="sheet of an XLSX that has several")
        parser.add_argument(
            "--collection", default="", help="name that keeps these keys apart from those of another table"
        )
        parser.add_argument("--by", metavar="HANDLE", help="the officer who takes it in")
        parser.add_argument(
            "--errors", type=Path, help="where to write the bad rows (default: FILE.errors.csv)"
        )

        parser.add_argument(
            "--compartment", default="", help="submissions and media: where they lie, a compartment's id"
        )
        parser.add_argument("--files", type=Path, help="submissions: the folder of their attachments")
        media.add_arguments(parser)

    def handle(self, options: argparse.Namespace) -> int:
        """Read, check, take in, print."""
        officer = by_handle(options.by)
        if options.kind in {MEDIA, AUTO_ARCHIVER}:
            return media.take_in_media(options, officer)
        if len(options.file) > 1:
            raise BadInput(f"One file of {options.kind} is taken in at a time: found {len(options.file)}.")
        options.file = options.file[0]
        if options.kind == SUBMISSIONS:
            return _submissions(options, officer)
        if not re.fullmatch(r"[A-Za-z0-9._-]{0,64}", options.collection):
            raise BadInput("A collection is named with up to 64 Latin letters, digits and . _ - only.")
        try:
            table = read(options.kind, options.file, encoding=options.encoding, sheet=options.sheet)
        except TableRefused as refused:
            raise _with_error_file(refused, options) from None
        taken = take_table(
            options.kind,
            table,
            file_name=os.fsencode(options.file.name).decode("utf-8", "replace"),
            by=officer,
            at=now(),
            collection=options.collection,
            dry_run=options.dry_run,
        )
        if not options.dry_run:
            keep_what_waits()
        if options.json:
            print_json(_json(taken, dry_run=options.dry_run))
        else:
            _print(taken, dry_run=options.dry_run)
        return DONE


def _submissions(options: argparse.Namespace, officer: Viewer) -> int:
    """Interviews from the field: into the vault, the rest by pseudonym."""
    try:
        submissions = read_submissions(options.file, encoding=options.encoding, files=options.files)
    except SubmissionsRefused as refused:
        for problem in refused.problems[:_EXAMPLES]:
            print(problem, file=sys.stderr)
        raise
    if options.dry_run:
        told: dict[str, object] = {"interviews": len(submissions), "dry_run": True}
    else:
        taken = take_submissions(
            submissions,
            compartment=options.compartment,
            file_of=attachments_in(options.files),
            by=officer,
            at=now(),
        )
        told = asdict(taken)
    if options.json:
        print_json(told)
    else:
        print(*(f"{name.replace('_', ' ')}: {value}" for name, value in told.items()), sep="\n")
    return DONE


def _with_error_file(refused: TableRefused, options: argparse.Namespace) -> BadInput:
    """Write the bad rows beside the table, list the first of them, and say where they are."""
    problems = refused.table.problems
    for problem in problems[:_EXAMPLES]:
        print(problem, file=sys.stderr)
    path = options.errors or options.file.with_name(f"{options.file.name}.errors.csv")
    if options.dry_run and not options.errors:
        return BadInput(f"{refused} Name a file with --errors to have all bad rows.")
    if path.resolve() == options.file.resolve():
        return BadInput(
            f"{refused} The bad rows would replace the table itself: name another file with --errors."
        )
    try:
        path.write_text(bad_rows(refused.table), "utf-8")
    except OSError as error:
        return BadInput(f"{refused} The bad rows could not be written to {path}: {error.strerror or error}.")
    return BadInput(f"{refused} All bad rows are in {path}.")


def _json(taken: Taken, *, dry_run: bool) -> dict[str, object]:
    return {
        "kind": taken.form,
        "dry_run": dry_run,
        "rows": taken.rows,
        "created": taken.created,
        "superseded": taken.superseded,
        "unchanged": taken.unchanged,
        "recorded": taken.kinds,
        "first": {kind: [key for key, _ in rows] for kind, rows in taken.first.items()},
        "notes": taken.notes,
        "log": {"first_entry": taken.first_entry, "size": taken.size},
    }


def _print(taken: Taken, *, dry_run: bool) -> None:
    print(f"{taken.rows} rows of {taken.form} were read{'; this would follow' if dry_run else ''}:")
    print(f"  {taken.created} new, {taken.superseded} superseding, {taken.unchanged} unchanged")
    for kind, number in sorted(taken.kinds.items()):
        named = ", ".join(
            key if version == 1 else f"{key} (version {version})" for key, version in taken.first[kind]
        )
        more = ", …" if number > len(taken.first[kind]) else ""
        print(f"  {number} {kind.replace('_', ' ')}: {named}{more}")
    for note in taken.notes:
        print(f"note: {note}")
    if taken.created or taken.superseded:
        undone = " (undone)" if dry_run else ""
        print(f"Entries {taken.first_entry} to {(taken.size or 0) - 1} of the log{undone}.")
