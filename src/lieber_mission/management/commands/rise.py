"""`mission rise`: two windows of a figure compared as rates."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from lieber.base import BadInput, Window

from ...policies.permissions import OPERATOR
from ...queries.figures import Question, figure
from ..command import DONE, MissionCommand, print_json
from ..figure_options import add_as_of, add_figure_options, as_of, day, question
from ..figure_output import log_json


if TYPE_CHECKING:
    from lieber.analyse import Sample


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
        from lieber.analyse import compare  # noqa: PLC0415  # numpy and scipy load where they are used

        instant = as_of(options)
        later, earlier = _window(options.later), _window(options.earlier)
        risen = compare(
            later=_sample(question(options, later), instant),
            earlier=_sample(question(options, earlier), instant),
            seed=options.seed,
            windows_fixed_on=day(options.fixed_on),
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


def _sample(asked: Question, as_of: datetime) -> Sample:
    """The incidents that the best figure counts, each with its best number of persons."""
    from lieber.analyse import Sample  # noqa: PLC0415  # numpy and scipy load where they are used

    counted = figure(asked, viewer=OPERATOR, as_of=as_of, whole=False)
    killed = [decision.victims.best for _, decision in counted.decisions if decision.incidents.best]
    return Sample(asked.window, tuple(killed))


def _window(text: str) -> Window:
    first, dots, last = text.partition("..")
    if not dots:
        raise BadInput(f"A window is written 2024-09-01..2024-11-30: found {text!r}.")
    return Window(day(first), day(last))
