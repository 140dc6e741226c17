"""`mission capture`: take pages from the network."""

from __future__ import annotations

import argparse
import sys

from ...actions.capture import CaptureTold, ask_for_captures, capture
from ...actions.intake import Circumstances
from ...queries.officers import by_handle
from ..command import DONE, NEGATIVE, MissionCommand, now, print_json


class Command(MissionCommand):
    """Capture pages with everything they need to be looked at again, and say what each is worth."""

    help = "capture pages from the network"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The addresses, and what is the same of all of them."""
        parser.add_argument("url", nargs="+", help="addresses of pages")
        parser.add_argument(
            "--films", action="store_true", help="take the films of the post too, with yt-dlp"
        )
        parser.add_argument("--queue", action="store_true", help="leave them to a worker")
        parser.add_argument("--source", default="", help="the id of the source that they are of")
        parser.add_argument("--language", default="", help="their language, as uk")
        parser.add_argument("--graphic", default="", help="what they show: none, distressing or severe")
        parser.add_argument("--compartment", default="", help="where they lie, a compartment's id")
        parser.add_argument("--by", metavar="HANDLE", help="the officer who captures them")

    def handle(self, options: argparse.Namespace) -> int:
        """Capture one after the other; a page that failed is a negative answer."""
        officer = by_handle(options.by)
        circumstances = Circumstances(
            source=options.source,
            language=options.language,
            graphic=options.graphic,
            compartment=options.compartment,
            what="collected",
        )
        if options.queue:
            asked = ask_for_captures(
                options.url, circumstances=circumstances, films=options.films, by=officer, at=now()
            )
            print_json({"asked": asked}) if options.json else print(f"{asked} pages wait for a worker.")
            return DONE
        told = []
        for url in options.url:
            told.append(capture(url, circumstances=circumstances, films=options.films, by=officer, clock=now))
            if not options.json:
                _print(told[-1])
        if options.json:
            print_json([_plain(one) for one in told])
        return NEGATIVE if any(one.status == "failed" for one in told) else DONE


def _plain(one: CaptureTold) -> dict[str, object]:
    return {
        "capture": one.thing,
        "item": one.item,
        "url": one.url,
        "status": one.status,
        "outcome": one.outcome,
        "reasons": list(one.reasons),
        "exhibits": one.exhibits,
        "films": one.film_failure,
    }


def _print(one: CaptureTold) -> None:
    print(f"{one.url}: {one.status} ({one.outcome}), {one.exhibits} exhibits of {one.item or 'no item'}")
    for reason in one.reasons:
        print(f"  {reason}", file=sys.stderr)
    if one.film_failure:
        print(f"  films: {one.film_failure}", file=sys.stderr)
