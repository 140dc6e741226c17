"""The options that say which figure is meant, alike for every command that speaks of one."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from lieber.assess import Tier
from lieber.base import BadInput, Window, parse_day

from ..queries import log
from ..queries.figures import Question, parties, values_of
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
    return known_at(options.as_of)


def known_at(text: str | None) -> datetime:
    """An instant of knowledge; without a text, that of the last entry: what is known now.

    Today and now mean that too, since later ones can still change.

    Raises BadInput for what is no instant, and for one of the future or before 1900.
    """
    present = now()
    if text is None:
        return log.settled(present)
    instant = parse_instant(text)
    if instant.year < 1900 or instant.date() > present.date():
        raise BadInput(f"What was known is asked of a day from 1900 to {present.date()}: found {text}.")
    return log.settled(instant)


def question(
    options: argparse.Namespace, window: Window | None = None, *, at: Sequence[datetime]
) -> Question:
    """The figure that the options ask for.

    Raises BadInput for a party, status, manner or region that no finding had at any of the instants.
    """
    positions = [log.size(instant) for instant in at]
    known = sorted({party for position in positions for party in parties(position)})
    if known and options.victims not in known:
        raise BadInput(f"The findings have victims of {', '.join(known)}: found --victims {options.victims}.")
    for column in ("perpetrator", "status", "manner", "region"):
        _check_filter(column, getattr(options, column), positions)
    return Question(
        victim_party=options.victims,
        window=window or Window(day(options.since), day(options.until)),
        tier=Tier.of(options.tier),
        perpetrator_party=options.perpetrator,
        status=options.status,
        manner=options.manner,
        region=options.region,
    )


def _check_filter(column: str, wanted: str, positions: Iterable[int]) -> None:
    """Raises BadInput for a value that no finding has: it would count nothing and look like a figure."""
    if not wanted:
        return
    known = sorted({value for position in positions for value in values_of(column, position)})
    if known and wanted not in known:
        raise BadInput(f"The findings have as {column} {', '.join(known)}: found --{column} {wanted}.")


def day(text: str | None) -> date | None:
    """A day, or None where none was given."""
    return None if text is None else parse_day(text)
