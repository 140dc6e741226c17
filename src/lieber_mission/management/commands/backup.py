"""`mission backup`: register and vault at one moment, in one sealed file, while the site is in use."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from ...actions.protect.backups import Made, list_erasures, make_backup
from ..command import DONE, MissionCommand, now, print_json, stop_when_asked


class Command(MissionCommand):
    """Write a backup, or the list of erasures that belongs to older ones."""

    help = (
        "register and vault at one moment in one file, sealed to the recovery key; `--erasures` lists those"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where to, to whom, and what."""
        parser.add_argument(
            "--out", type=Path, required=True, metavar="FILE-OR-FOLDER", help="a new file, or a folder for it"
        )
        parser.add_argument(
            "--to", action="append", default=[], metavar="AGE1…", help="seal it to this age key as well"
        )
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--with-keys", action="store_true", help="take in the log's key and the vault's credential"
        )
        what.add_argument(
            "--erasures", action="store_true", help="write only the sealed list of erasures: after each one"
        )

    def handle(self, options: argparse.Namespace) -> int:
        """Write it and say what it holds and what not."""
        stop_when_asked()
        if options.erasures:
            made = list_erasures(out=options.out, at=now(), to=options.to)
        else:
            made = make_backup(out=options.out, at=now(), to=options.to, with_keys=options.with_keys)
        if options.json:
            print_json(asdict(made) | {"path": str(made.path)})
        else:
            print(*_lines(made, erasures=options.erasures), sep="\n")
        return DONE


def _lines(made: Made, *, erasures: bool) -> list[str]:
    what = "the list of erasures" if erasures else f"a backup of {made.parts} parts"
    lines = [
        f"Wrote {what} to {made.path}: {made.bytes} bytes, sealed to {made.recipients} keys.",
        f"The log then had {made.entries} entries, root {made.root}.",
    ]
    if made.left_out:
        lines.append(
            f"Not in it: {', '.join(made.left_out)}. Without the vault's credential nobody opens the vault "
            "again: keep it and the log's key offline, apart from this file."
        )
    if not erasures:
        lines.append("What is erased from now on is still in it: see `mission backup --erasures`.")
    return lines
