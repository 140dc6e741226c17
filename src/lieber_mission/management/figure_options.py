"""The options that say which figure is meant, alike for every command that speaks of one."""

from __future__ import annotations

import argparse
from datetime import date, datetime

from lieber.assess import Tier
from lieber.base import BadInput, Window, parse_day

from ..queries.figures import Question, parties
from .command import now, parse_instant


def add_figure_options(parser: argparse.ArgumentParser, *, window: bool = True) -> None:
    """Add the options of a figure; commands of two windows name theirs themselves."""
    parser.add_argument("--victims", required=True, metavar="PARTY", help="party of the victims, as UA")
    if window:
        parser.add_argument("--since", metavar="D", help="first day of the window (YYYY-MM-DD)")
        parser.add_argument("--until", metavar="D", help="last day of the window (YYYY-MM-DD)")
    parser.add_argument(
        "--tier", default="credible", help="tier from which an incident counts (default: credible)"
    )
    parser.add_argument("--perpetrator", default="", metavar="PARTY", help="only by this party")
    parser.add_argument("--status", default="", help="only victims of this status")
    parser.add_argument("--manner", default="", help="only killings in this manner")
    parser.add_argument("--region", default="", help="only in this region")


def add_as_of(parser: argparse.ArgumentParser) -> None:
    """Add `--as-of`."""
    parser.add_argument(
        "--as-of", metavar="T", help="what was known at this instant; a day means its end, UTC (default: now)"
    )


def as_of(options: argparse.Namespace) -> datetime:
    """The instant of knowledge asked for."""
    return parse_instant(options.as_of) if options.as_of else now()


def question(options: argparse.Namespace, window: Window | None = None) -> Question:
    """The figure that the options ask for. Raises BadInput for a party that has no finding."""
    known = parties()
    if known and options.victims not in known:
        raise BadInput(f"The findings have victims of {', '.join(known)}: found --victims {options.victims}.")
    return Question(
        victim_party=options.victims,
        window=window or Window(day(options.since), day(options.until)),
        tier=Tier.of(options.tier),
        perpetrator_party=options.perpetrator,
        status=options.status,
        manner=options.manner,
        region=options.region,
    )


def day(text: str | None) -> date | None:
    """A day, or None where none was given."""
    return parse_day(text) if text else None
