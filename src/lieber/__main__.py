"""`lieber …`: the method on files, without a register.

Exit 0 = done or yes, 1 = a negative answer, 2 = unusable input or arguments. An error is one
sentence, never a traceback.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple, NoReturn

from .base import BadInput, LieberError, Window, parse_day

DONE, UNUSABLE = 0, 2


class _Command(NamedTuple):
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message[0].upper()}{message[1:]}; see `{self.prog} --help`.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    try:
        options = _parser().parse_args(argv)
        return COMMANDS[options.command].run(options)
    except LieberError as error:
        print(f"lieber: {error}", file=sys.stderr)
    except BrokenPipeError:  # the reader went away: nothing is left to tell it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except ModuleNotFoundError as error:
        print(
            f"lieber: this command needs the package {error.name}, which the plain installation leaves out: "
            "install lieber[analyse].",
            file=sys.stderr,
        )
    return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="lieber", description="The method of a human rights monitoring mission, on files.")
    chosen = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        added = chosen.add_parser(name, help=command.help, description=command.help)
        added.add_argument("--json", action="store_true", help="print JSON")
        command.add_arguments(added)
    return parser


def _rise_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", type=Path, help="CSV in UTF-8, one incident a row")
    parser.add_argument(
        "--later", required=True, metavar="D1..D2", help="the later window, both days included"
    )
    parser.add_argument("--earlier", required=True, metavar="D1..D2", help="the window to compare it with")
    parser.add_argument(
        "--fixed-on", metavar="D", help="the day on which the windows were fixed, before looking"
    )
    parser.add_argument("--date-column", default="date", help="column of the day (default: %(default)s)")
    parser.add_argument(
        "--count-column", default="killed", help="column of the persons (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=20250203, help="seed of the resampling (default: %(default)s)"
    )


def _rise(options: argparse.Namespace) -> int:
    from .analyse import Sample, compare

    windows = [_window(options.later), _window(options.earlier)]
    killed = _killed(options.table, options.date_column, options.count_column)
    later, earlier = (
        Sample(window, tuple(number for day, number in killed if window.holds(day))) for window in windows
    )
    fixed_on = parse_day(options.fixed_on) if options.fixed_on else None
    risen = compare(later=later, earlier=earlier, seed=options.seed, windows_fixed_on=fixed_on)
    if options.json:
        print(json.dumps(risen.as_json(), indent=2, ensure_ascii=False))
    else:
        print(*risen.lines(), sep="\n")
    return DONE


def _window(text: str) -> Window:
    first, dots, last = text.partition("..")
    if not dots:
        raise BadInput(f"A window is written 2024-09-01..2024-11-30: found {text!r}.")
    return Window(parse_day(first), parse_day(last))


def _killed(path: Path, date_column: str, count_column: str) -> list[tuple[date, int]]:
    """The day and the persons of each row. Raises BadInput with line and column of the first bad cell."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if len(set(rows.fieldnames or ())) < len(rows.fieldnames or ()):
                raise BadInput(f"{path.name} names a column twice: found {', '.join(rows.fieldnames or ())}.")
            for column in (date_column, count_column):
                if column not in (rows.fieldnames or ()):
                    found = ", ".join(rows.fieldnames or ()) or "none"
                    raise BadInput(f"{path.name} needs a column {column}: found {found}.")
            return [
                (_cell_day(row, rows, date_column), _cell_number(row, rows, count_column)) for row in rows
            ]
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path.name} must be in UTF-8: found other bytes; save it as UTF-8.") from None
    except csv.Error as error:
        raise BadInput(f"{path.name} must be a CSV table: {error}.") from None


def _cell_day(row: Mapping[str, str | None], rows: csv.DictReader[str], column: str) -> date:
    try:
        return parse_day(row[column] or "")
    except BadInput as error:
        raise BadInput(f"Line {rows.line_num}, {column}: {error}") from None


def _cell_number(row: Mapping[str, str | None], rows: csv.DictReader[str], column: str) -> int:
    text = row[column] or ""
    if None in row:
        raise BadInput(
            f"Line {rows.line_num} has more cells than the header: remove them or quote the commas."
        )
    if not (text.isascii() and text.isdigit()) or len(text) > len("1000000"):
        raise BadInput(
            f"Line {rows.line_num}, {column}: a number of persons was expected, found {text[:40]!r}."
        )
    return int(text)


COMMANDS: Mapping[str, _Command] = {
    "rise": _Command(
        "two windows of a table compared as rates, with what may be said", _rise_arguments, _rise
    ),
}


if __name__ == "__main__":
    raise SystemExit(main())
