"""`mission export`: hand exhibits over as a bag."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...actions.hand_over import Handing, hand_over
from ...queries.officers import by_handle
from ..command import DONE, MissionCommand, now, print_json


class Command(MissionCommand):
    """Write the exhibits of some items, with their custody, into a bag that others can check."""

    help = "hand exhibits over as a bag, with their custody"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which items, where to, for whom and why."""
        parser.add_argument("--items", nargs="+", required=True, metavar="ITM-…", help="the items")
        parser.add_argument("--out", type=Path, required=True, help="the folder of the bag: a new one")
        parser.add_argument("--to", required=True, help="the office or pseudonym that receives it")
        parser.add_argument("--purpose", required=True, help="what it is handed over for")
        parser.add_argument(
            "--authority",
            required=True,
            help="investigation, preservation, review, court_request, publication or protection",
        )
        parser.add_argument("--with-working-copies", action="store_true", help="take these along too")
        parser.add_argument("--by", metavar="HANDLE", help="the officer who hands it over")

    def handle(self, options: argparse.Namespace) -> int:
        """Write the bag, record it, print what it holds."""
        done = hand_over(
            options.items,
            options.out,
            handing=Handing(
                counterparty=options.to,
                purpose=options.purpose,
                authority=options.authority,
                with_working_copies=options.with_working_copies,
            ),
            by=by_handle(options.by),
            clock=now,
        )
        if options.json:
            print_json(
                {"exhibits": done.exhibits, "bytes": done.size, "tagmanifest_sha256": done.manifest_sha256}
            )
        else:
            print(f"{done.exhibits} exhibits of {done.size:,} bytes are in {options.out}.")
            print(f"tagmanifest-sha256.txt has the SHA-256 {done.manifest_sha256}.")
        return DONE
