"""`mission restore`: a backup brought back into an empty folder, and checked."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...actions.protect.backups import Restored, restore
from ..command import DONE, NEGATIVE, MissionCommand, now, print_json, stop_when_asked


class Command(MissionCommand):
    """Bring a backup back: all of it, or nothing."""

    help = "bring a backup back into an empty folder, with the recovery key, and check it"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What, with which key, and where to."""
        parser.add_argument("file", type=Path, help="the backup")
        parser.add_argument(
            "--identity", type=Path, required=True, metavar="FILE", help="the recovery key's file"
        )
        parser.add_argument("--into", required=True, metavar="FOLDER", help="a new or empty folder")
        parser.add_argument(
            "--erasures", type=Path, metavar="FILE", help="do the erasures of this sealed list again"
        )
        parser.add_argument(
            "--log-key", metavar="KEY", help="the log's published key: take no backup that another signed"
        )

    def handle(self, options: argparse.Namespace) -> int:
        """Bring it back and say what was found; what does not fit is a negative answer."""
        stop_when_asked()
        done = restore(
            options.file,
            identity_file=options.identity,
            erasures=options.erasures,
            log_key=options.log_key,
            at=now(),
        )
        if options.json:
            print_json(_json(done))
        else:
            print(*_lines(done, options), sep="\n")
        return DONE if done.fits else NEGATIVE


def _json(done: Restored) -> dict[str, object]:
    checked = done.checked
    return {
        "fits": done.fits,
        "made_at": done.made_at,
        "entries": done.entries,
        "root": done.root,
        "log_key": done.log_key,
        "key_was_known": done.key_was_known,
        "missing": done.missing,
        "redone": done.redone,
        "checked": checked is not None,
        "problems": [problem.sentence for problem in checked.problems] if checked else [],
        "misfits": done.misfits,
    }


def _lines(done: Restored, options: argparse.Namespace) -> list[str]:
    lines = [f"Restored the backup of {done.made_at} into {options.into}.", *_found(done)]
    if not done.key_was_known:
        lines.append(
            f"It is signed with the log's key {done.log_key}: compare that with the one that the mission has "
            "published, for anybody can seal a file to a public key."
        )
    if done.redone:
        lines.append(f"{done.redone} erasures of the list were done again.")
    elif not options.erasures:
        lines.append(
            "What was erased after the backup is here again: do it again, by hand or with --erasures FILE."
        )
    lines += [f"Bring back {options.into}/{name} from where it is kept offline." for name in done.missing]
    return lines


def _found(done: Restored) -> list[str]:
    checked = done.checked
    if checked is None:
        return ["It is of an earlier version and was not checked: bring its keys, then `mission init`."]
    lines = [
        f"{problem.code} {problem.table} {problem.row}: {problem.sentence}" for problem in checked.problems
    ]
    fits = "do not fit the log" if checked.problems else "fit the log"
    lines.append(f"{checked.rows} rows {fits} of {checked.entries} entries, root {checked.root.hex()}.")
    if checked.erased:
        lines.append(f"{checked.erased} of the rows were forgotten on purpose, as entries of the log say.")
    if done.misfits is None:
        lines.append("The vault was not checked: `mission vault check` does it with its credential.")
    else:
        lines += done.misfits or ["The rows and files of the vault fit each other."]
    return lines
