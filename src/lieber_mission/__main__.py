"""`mission …`: the site's commands on one mission's folder.

The command line is `mission [--data DIR] COMMAND [OPTIONS]`. Exit 0 = done or yes, 1 = a negative
answer, 2 = unusable input or arguments; an error is one sentence, never a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module, resources

from lieber.base import LieberError

COMMANDS = "lieber_mission.management.commands"
UNUSABLE = 2
# The commands that make a register or bring one back; all others need one.
FOUNDING = frozenset({"init", "demo", "restore"})


def commands() -> dict[str, str]:
    """Every command with its one-line help, in order of name."""
    names = sorted(
        entry.name.removesuffix(".py")
        for entry in resources.files(COMMANDS).iterdir()
        if entry.name.endswith(".py") and not entry.name.startswith("_")
    )
    return {name.replace("_", "-"): import_module(f"{COMMANDS}.{name}").Command.help for name in names}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lieber_mission.settings")
    try:
        arguments = _take_data(arguments)
        if arguments[:1] == ["restore"]:
            _take_target(arguments)
        return _run(arguments)
    except LieberError as error:
        print(f"mission: {error}", file=sys.stderr)
        return UNUSABLE
    except ModuleNotFoundError as error:
        print(
            f"mission: the package {error.name} is missing: install lieber[mission], or run `make demo`.",
            file=sys.stderr,
        )
        return UNUSABLE
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            return _reader_went_away()
        where = error.filename or "The mission's folder"
        print(f"mission: {where} cannot be used: {error.strerror or error}.", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print("mission: stopped; nothing of the unfinished work was kept.", file=sys.stderr)
        return 130


def _reader_went_away() -> int:
    """`mission count | head`: nothing is left to tell, and nothing went wrong."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _take_data(arguments: list[str]) -> list[str]:
    """Read `--data DIR` wherever it stands, and leave the rest."""
    rest = iter(arguments)
    kept: list[str] = []
    for argument in rest:
        if argument == "--data":
            folder = next(rest, "")
            if not folder:
                raise LieberError("--data needs the folder of a mission: found nothing after it.")
            os.environ["LIEBER_DATA"] = folder
        elif argument.startswith("--data="):
            os.environ["LIEBER_DATA"] = argument.removeprefix("--data=")
        else:
            kept.append(argument)
    return kept


def _take_target(arguments: list[str]) -> None:
    """Let `restore --into DIR` work on that folder: the settings must know it before they are read."""
    for before, argument in zip(["", *arguments], arguments, strict=False):
        if before == "--into":
            os.environ["LIEBER_DATA"] = argument
        elif argument.startswith("--into="):
            os.environ["LIEBER_DATA"] = argument.removeprefix("--into=")


def _run(arguments: list[str]) -> int:
    import django  # noqa: PLC0415  # after --data is known: the settings read it
    from django.db import DatabaseError  # noqa: PLC0415

    django.setup()
    known = commands()
    name, *rest = arguments or ["--help"]
    if name in {"-h", "--help", "help"}:
        print(_overview(known))
        return 0
    if name not in known:
        raise LieberError(
            f"mission knows the commands {', '.join(known)}: found {name!r}; see `mission --help`."
        )
    command = import_module(f"{COMMANDS}.{name.replace('-', '_')}").Command()
    if name not in FOUNDING and not {"-h", "--help"} & set(rest):
        _check_register()
    try:
        return int(command.run(f"mission {name}", rest))
    except DatabaseError as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise LieberError(f"The register's database refused ({reason}); nothing was written.") from error


def _check_register() -> None:
    """Raises LieberError where there is no register yet, or one of an older version."""
    from django.db import DatabaseError, connection  # noqa: PLC0415  # the settings are read by then
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    from . import place  # noqa: PLC0415  # after --data is known

    if connection.vendor == "sqlite" and not place.register_file().is_file():
        raise LieberError(
            f"There is no register at {place.register_file()}: run `mission init` there, or name its folder "
            "with --data."
        )
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise LieberError(f"The register's database cannot be read: {reason}.") from error
    if behind:
        raise LieberError(
            "The register was not made, or was made by an earlier version: run `mission init` to bring it "
            "up to date."
        )


def _overview(known: dict[str, str]) -> str:
    lines = [f"  {name:<10} {help_text}" for name, help_text in known.items()]
    return "\n".join(
        [
            "usage: mission [--data DIR] COMMAND [OPTIONS]",
            "",
            *lines,
            "",
            "`mission COMMAND --help` tells more.",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
