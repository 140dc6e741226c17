"""`mission count`: a figure."""

from __future__ import annotations

import argparse

from lieber.publish import GROUPINGS, group_by

from ...policies.permissions import OPERATOR
from ...queries.figures import figure
from ..command import DONE, MissionCommand, print_json
from ..figure_options import add_as_of, add_figure_options, as_of, question
from ..figure_output import figure_json, figure_lines, table_lines


class Command(MissionCommand):
    """Print a figure: persons and incidents, minimum, best and maximum."""

    help = "a figure: persons and incidents, with minimum, best and maximum"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The figure's options, the instant, and a grouping."""
        add_figure_options(parser)
        add_as_of(parser)
        parser.add_argument("--by", choices=sorted(GROUPINGS), help="the figure's parts, the unknown last")

    def handle(self, options: argparse.Namespace) -> int:
        """Compute and print."""
        instant = as_of(options)
        counted = figure(question(options, at=(instant,)), viewer=OPERATOR, as_of=instant)
        parts = group_by(counted, options.by) if options.by else None
        if options.json:
            print_json(figure_json(counted, as_of=instant, parts=parts))
            return DONE
        print(*figure_lines(counted), sep="\n")
        if parts is not None:
            headings = (options.by, "persons min", "best", "max", "incidents min", "best", "max")
            print(
                *table_lines(headings, ((part.group, *part.victims, *part.incidents) for part in parts)),
                sep="\n",
            )
        return DONE
