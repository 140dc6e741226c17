"""`mission check`: recompute the log from the rows."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from ...actions.checkpoint import verifier_key
from ...queries.check import CODES, Checked, check_register
from .. import held
from ..command import DONE, NEGATIVE, MissionCommand, print_json


class Command(MissionCommand):
    """Recompute the log from the rows; name every altered, missing or extra one."""

    help = "recompute the log from the rows, or the digests of what is held, and name whatever was altered"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Whether the bytes are read too."""
        held.add_arguments(parser)

    def handle(self, options: argparse.Namespace) -> int:
        """Check and print; a register that does not fit its log is a negative answer."""
        if options.bytes:
            return held.check_held(options)
        showing = sys.stderr.isatty() and not options.json
        checked = check_register(
            key=verifier_key(),
            progress=lambda entries: (
                print(f"\r{entries} entries", end="", file=sys.stderr) if showing else None
            ),
        )
        if showing:
            print(file=sys.stderr)
        if options.json:
            print_json(_json(checked))
        else:
            _print(checked)
        return NEGATIVE if checked.problems else DONE


def _json(checked: Checked) -> dict[str, object]:
    return {
        "ok": not checked.problems,
        "entries": checked.entries,
        "rows": checked.rows,
        "checkpoints": checked.checkpoints,
        "root": checked.root.hex(),
        "problems": [asdict(problem) | {"meaning": CODES[problem.code]} for problem in checked.problems],
        "unlisted": checked.unlisted,
        "erased": checked.erased,
    }


def _print(checked: Checked) -> None:
    for problem in checked.problems:
        print(f"{problem.code} {problem.table} {problem.row}: {problem.sentence}")
    if checked.unlisted:
        print(f"and {checked.unlisted} more")
    verdict = "do not fit the log" if checked.problems else "fit the log"
    print(f"{checked.rows} rows {verdict} of {checked.entries} entries, root {checked.root.hex()}.")
    if checked.erased:
        print(f"{checked.erased} of the rows were forgotten on purpose, as entries of the log say.")
    print(f"{checked.checkpoints} signed checkpoints were compared with it.")
