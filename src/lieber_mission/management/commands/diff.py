"""`mission diff`: what changed in a figure between two days, and why."""

from __future__ import annotations

import argparse

from ...policies.permissions import OPERATOR
from ...queries import log
from ...queries.figures import changes
from ...queries.incidents import titles
from ..command import DONE, MissionCommand, print_json
from ..figure_options import add_figure_options, known_at, question
from ..figure_output import bounds_json, difference_json, figure_json, figure_lines, table_lines


class Command(MissionCommand):
    """Explain every unit of the difference between a figure at two instants."""

    help = "what changed in a figure between two days: every unit, with its reason"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The figure's options and the two instants."""
        add_figure_options(parser)
        parser.add_argument(
            "--from", dest="before", required=True, metavar="T1", help="the earlier instant of knowledge"
        )
        parser.add_argument("--to", dest="after", metavar="T2", help="the later one (default: now)")

    def handle(self, options: argparse.Namespace) -> int:
        """Compute and print."""
        before = known_at(options.before)
        after = known_at(options.after)
        first, second, steps = changes(
            question(options, at=(before, after)), viewer=OPERATOR, before=before, after=after
        )
        if options.json:
            ends = {
                name: {
                    key: value
                    for key, value in figure_json(figure, as_of=at).items()
                    if key != "contributions"
                }
                for name, figure, at in (("from", first, before), ("to", second, after))
            }
            whole = {
                "victims": bounds_json(second.victims.minus(first.victims)),
                "incidents": bounds_json(second.incidents.minus(first.incidents)),
            }
            print_json(ends | {"difference": whole, "steps": [difference_json(step) for step in steps]})
            return DONE
        print(*figure_lines(first), *figure_lines(second), "", sep="\n")
        names = titles([step.incident for step in steps], log.size(after))
        headings = (
            "incident",
            "change",
            "persons min",
            "best",
            "max",
            "incidents min",
            "best",
            "max",
            "what",
            "now",
        )
        rows = [
            (
                step.incident,
                step.change.value,
                *map(_signed, (*step.victims, *step.incidents)),
                names[step.incident],
                step.after,
            )
            for step in steps
        ]
        total = (*second.victims.minus(first.victims), *second.incidents.minus(first.incidents))
        rows.append(("together", "", *map(_signed, total), "", ""))
        print(*table_lines(headings, rows), sep="\n")
        return DONE


def _signed(number: int) -> str:
    return f"{number:+d}" if number else "0"
