"""`mission init`: make the register of a new mission."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lieber.base import BadInput

from ... import place
from ...actions.institution import FIRST_ROLES, found_mission
from ..command import DONE, MissionCommand, now, print_json

FIRST_OFFICER = "first-officer"


class Command(MissionCommand):
    """Make the folder, the database with its triggers, the log's key and the first officer."""

    help = "make a new mission: folder, database, log key and first officer"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The mission's name, the log's name, the first officer."""
        parser.add_argument(
            "--name", default="Monitoring mission", help="name of the mission, shown on every page"
        )
        parser.add_argument(
            "--origin",
            default="lieber.invalid/register",
            help="name of the log in its checkpoints, as mission.example/log",
        )
        parser.add_argument(
            "--officer",
            help="handle of the first administrator (asked for at a terminal, else first-officer)",
        )
        parser.add_argument(
            "--recovery-out",
            type=Path,
            help="write the vault's recovery key to this new file instead of printing it",
        )

    def handle(self, options: argparse.Namespace) -> int:
        """Make it; an existing register is left as it is and brought to the present schema."""
        handle = options.officer if options.officer is not None else _asked(as_json=options.json)
        if options.recovery_out and options.recovery_out.exists():
            raise BadInput(f"{options.recovery_out} is there already: name a new file with --recovery-out.")
        founded = found_mission(name=options.name, origin=options.origin, handle=handle, at=now())
        if founded.recovery and options.recovery_out:
            options.recovery_out.touch(mode=0o600)
            options.recovery_out.write_text(founded.recovery, "utf-8")
        if options.json:
            shown_once = {"password": founded.password}
            if not options.recovery_out:
                shown_once["recovery"] = founded.recovery
            told = {"folder": str(place.folder()), "officer": handle, "made": founded.made}
            print_json(told | {name: value for name, value in shown_once.items() if value})
            return DONE
        print(f"{'Made' if founded.made else 'Found'} the register in {place.folder()}.")
        if founded.password:
            roles = ", ".join(role.value.replace("_", " ") for role in FIRST_ROLES)
            print(f"First officer: {handle} ({roles}); password, shown once: {founded.password}")
        print(f"Key of the log: {place.key_file()}; keep a copy of it offline.")
        if founded.recovery:
            print(
                f"Credential of the vault: {place.vault_credential_file()}; keep a copy of it offline, apart."
            )
            _print_recovery(founded.recovery, options.recovery_out)
        return DONE


def _asked(*, as_json: bool) -> str:
    """The handle of the first administrator, asked for where somebody is at a terminal."""
    if as_json or not sys.stdin.isatty() or place.register_file().is_file():
        return FIRST_OFFICER
    return input(f"Handle of the first administrator [{FIRST_OFFICER}]: ").strip() or FIRST_OFFICER


def _print_recovery(recovery: str, file: Path | None) -> None:
    """The recovery key, once: it is kept nowhere, and lost it cannot be had again."""
    if file:
        print(f"Recovery key of the vault: {file}; take it offline now and delete the file here.")
        return
    print("Recovery key of the vault, shown once and kept nowhere; print it or store it offline:")
    print(recovery)
    print("Try it before you need it: mission vault rehearse --identity FILE.")
