"""`mission examine`: let tools look once more at what is held."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import chain

from lieber.base import BadInput

from ...actions.examine import ask_to_examine
from ...policies.permissions import Viewer
from ...queries import examined
from ...queries.exhibits import exhibits_of
from ...queries.officers import by_handle
from ..command import DONE, MissionCommand, now, print_json


class Command(MissionCommand):
    """Ask workers to examine exhibits again: of some items, or all that a tool could not read."""

    help = "let tools look once more at what is held"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which exhibits."""
        parser.add_argument(
            "--items", nargs="+", default=[], metavar="ITM-…", help="the exhibits of these items"
        )
        parser.add_argument(
            "--not-installed", action="store_true", help="where a program or a model was not installed"
        )
        parser.add_argument("--refused", action="store_true", help="where a parser could not read the file")
        parser.add_argument("--by", metavar="HANDLE", help="the officer who asks")

    def handle(self, options: argparse.Namespace) -> int:
        """Ask, and say how many wait; a worker examines them."""
        officer = by_handle(options.by)
        outcomes = [name for name in examined.NOT_READ if getattr(options, name)]
        if not options.items and not outcomes:
            raise BadInput("Say which exhibits: --items ITM-…, --not-installed or --refused.")
        unread = examined.exhibits_unread(outcomes, viewer=officer) if outcomes else ()
        things = chain(_of_items(options.items, officer), unread)
        asked = ask_to_examine(things, by=officer, at=now())
        print_json({"asked": asked}) if options.json else print(f"{asked} exhibits wait for a worker.")
        return DONE


def _of_items(items: list[str], viewer: Viewer) -> Iterator[str]:
    for item in items:
        found = exhibits_of(item, viewer=viewer, position=None)
        if not found:
            raise BadInput(f"No file of {item} is held, or it is not known: look at its number again.")
        yield from (one.thing for one in found)
