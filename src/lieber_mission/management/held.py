"""`mission check --bytes`: compute the digests of what is held again."""

from __future__ import annotations

import argparse
import sys

from ..actions.fixity import Checked, check_bytes
from ..queries.exhibits import last_checked
from ..queries.officers import by_handle
from .command import DONE, NEGATIVE, now, print_json

_MEGABYTE = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is read, by which digest, and who answers for it."""
    parser.add_argument("--bytes", action="store_true", help="read what is held and compare its digests")
    parser.add_argument(
        "--digest",
        default="blake3",
        help="with --bytes: blake3 (fast), sha256 or sha512 (default: %(default)s)",
    )
    parser.add_argument(
        "--go-on",
        action="store_true",
        help="with --bytes: begin where the last round ended, not at the first",
    )
    parser.add_argument("--most", type=int, help="with --bytes: end after so many exhibits")
    parser.add_argument("--by", metavar="HANDLE", help="with --bytes: the officer who checks")


def check_held(options: argparse.Namespace) -> int:
    """Read, record the round, and name what does not fit: then the answer is negative."""
    showing = sys.stderr.isatty() and not options.json
    checked = check_bytes(
        by=by_handle(options.by),
        clock=now,
        algorithm=options.digest,
        after=last_checked() if options.go_on else 0,
        most=options.most,
        progress=lambda told: (
            print(f"\r{told.exhibits} exhibits", end="", file=sys.stderr) if showing else None
        ),
    )
    if showing:
        print(file=sys.stderr)
    if options.json:
        print_json(_json(checked, options.digest))
    else:
        _print(checked, options.digest)
    return NEGATIVE if checked.mismatches or checked.problems else DONE


def _json(checked: Checked, digest: str) -> dict[str, object]:
    return {
        "ok": not (checked.mismatches or checked.problems),
        "digest": digest,
        "exhibits": checked.exhibits,
        "bytes": checked.size,
        "mismatches": [
            {"exhibit": one.exhibit, "number": one.number, "item": one.item, "found": one.found}
            for one in checked.mismatches
        ],
        "storage": checked.problems,
    }


def _print(checked: Checked, digest: str) -> None:
    for problem in checked.problems:
        print(f"storage: {problem}")
    for one in checked.mismatches:
        print(f"{one.number} ({one.exhibit} of {one.item}): {one.found}")
    print(
        f"{checked.exhibits} exhibits of {checked.size / _MEGABYTE:,.1f} MB were read by their {digest}: "
        f"{len(checked.mismatches)} do not fit."
    )
