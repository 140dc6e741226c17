"""`mission rise`: two windows of a figure compared as rates."""

from __future__ import annotations

import argparse

from lieber.base import BadInput, Window

from ...queries.figures import compare_windows
from ..command import DONE, MissionCommand, print_json
from ..figure_options import add_as_of, add_figure_options, as_of, day, question
from ..figure_output import log_json


class Command(MissionCommand):
    """Compare two windows of one figure as rates, with intervals and what may be said."""

    help = "two windows of a figure compared as rates, with what may be said"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The figure's options without its window, the two windows, the seed."""
        add_figure_options(parser, window=False)
        parser.add_argument(
            "--later", required=True, metavar="D1..D2", help="the later window, both days included"
        )
        parser.add_argument(
            "--earlier", required=True, metavar="D1..D2", help="the window to compare it with"
        )
        parser.add_argument(
            "--fixed-on",
            metavar="D",
            help="the day on which the windows were fixed, before looking at the numbers",
        )
        parser.add_argument(
            "--seed", type=int, default=20250203, help="seed of the resampling (default: %(default)s)"
        )
        add_as_of(parser)

    def handle(self, options: argparse.Namespace) -> int:
        """Compute and print."""
        instant = as_of(options)
        risen = compare_windows(
            question(options, _window(options.later), at=(instant,)),
            question(options, _window(options.earlier), at=(instant,)),
            as_of=instant,
            seed=options.seed,
            fixed_on=day(options.fixed_on),
        )
        if options.json:
            recipe = {
                "victims": options.victims,
                "tier": options.tier,
                "as_of": instant.isoformat(),
                "log": log_json(instant),
            }
            print_json(recipe | risen.as_json())
        else:
            print(*risen.lines(), sep="\n")
        return DONE


def _window(text: str) -> Window:
    first, dots, last = text.partition("..")
    if not dots:
        raise BadInput(f"A window is written 2024-09-01..2024-11-30: found {text!r}.")
    return Window(day(first), day(last))
