"""What all commands share: arguments, the JSON switch, instants, exit codes."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any, ClassVar, NoReturn

from lieber.base import BadInput, parse_day

DONE, NEGATIVE = 0, 1


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message[0].upper()}{message[1:]}; see `{self.prog} --help`.")


class MissionCommand(ABC):
    """A command: `help` in one line, its arguments, and what it does."""

    help: ClassVar[str]

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:  # noqa: B027  # most have some, not all
        """Add the command's own arguments."""

    @abstractmethod
    def handle(self, options: argparse.Namespace) -> int:
        """Do it; returns the exit code. Raises LieberError with the sentence to print."""

    def run(self, program: str, arguments: Sequence[str]) -> int:
        """Read the arguments and do it."""
        parser = _Parser(prog=program, description=self.help)
        parser.add_argument("--json", action="store_true", help="print JSON")
        self.add_arguments(parser)
        return self.handle(parser.parse_args(arguments))


def print_json(value: Any) -> None:
    """Print a value as JSON that people can read too."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    print()


def parse_instant(text: str) -> datetime:
    """An instant of knowledge: a day means its last microsecond in UTC.

    Raises BadInput where the text is neither a day nor an RFC 3339 instant.
    """
    if len(text) <= len("2025-02-03"):
        return datetime.combine(parse_day(text), time.max, UTC)
    instant: datetime | None = None
    try:
        read = datetime.fromisoformat(text)
        instant = read.astimezone(UTC) if read.tzinfo else None
    except (ValueError, OverflowError):
        pass
    if instant is None:
        raise BadInput(
            f"An instant is a day (2025-02-03) or RFC 3339 (2025-02-03T12:00:00Z): found {text!r}."
        )
    return instant


def now() -> datetime:
    """The clock of this machine, in UTC: the one place where commands read it."""
    return datetime.now(UTC)


def stop_when_asked() -> None:
    """Let a process that is asked to end tidy up first, as when somebody stops it at the keyboard."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
