"""`mission explain`: why a figure is what it is."""

from __future__ import annotations

import argparse

from lieber.base import BadInput, Overlap

from ...policies.permissions import OPERATOR
from ...queries import log
from ...queries.figures import figure
from ...queries.incidents import incident_detail, titles
from ..command import DONE, MissionCommand, print_json
from ..figure_options import add_as_of, add_figure_options, as_of, question
from ..figure_output import figure_json, figure_lines, table_lines
from ..incident_output import incident_json, incident_lines


class Command(MissionCommand):
    """Open a figure down to its incidents, and an incident down to its accounts and items."""

    help = "why a figure is what it is: its incidents, and with --incident their accounts and items"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The figure's options, the instant, and one incident to open."""
        add_figure_options(parser)
        add_as_of(parser)
        parser.add_argument("--incident", metavar="ID", help="open this incident down to its items")
        parser.add_argument("--all", action="store_true", help="list incidents that do not count, too")

    def handle(self, options: argparse.Namespace) -> int:
        """Compute and print."""
        instant = as_of(options)
        explained = figure(question(options, at=(instant,)), viewer=OPERATOR, as_of=instant)
        position = log.size(instant)
        written = figure_json(explained, as_of=instant)
        if options.incident:
            parts = [part for part in explained.contributions if part.incident == options.incident]
            if not parts:
                raise BadInput(
                    f"The figure looks at no incident {options.incident}; see `mission explain --all`."
                )
            detail = incident_detail(options.incident, viewer=OPERATOR, position=position)
            if options.json:
                print_json(written | {"contributions": [], "incident": incident_json(detail, parts[0])})
            else:
                print(*incident_lines(detail, parts[0]), sep="\n")
            return DONE
        if options.json:
            print_json(written)
            return DONE
        listed = [
            part
            for part in explained.contributions
            if options.all or part.decision.counts is not Overlap.OUTSIDE
        ]
        names = titles([part.incident for part in listed], position)
        print(*figure_lines(explained), "", sep="\n")
        headings = ("incident", "counts", "min", "best", "max", "what", "why")
        rows = (
            (
                part.incident,
                part.decision.counts.value,
                *part.decision.victims,
                names[part.incident],
                part.reason,
            )
            for part in listed
        )
        print(*table_lines(headings, rows), sep="\n")
        return DONE
