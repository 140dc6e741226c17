"""`mission init`: make the register of a new mission."""

from __future__ import annotations

import argparse

from ... import place
from ...actions.institution import FIRST_ROLES, found_mission
from ..command import DONE, MissionCommand, now, print_json


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
        parser.add_argument("--officer", default="first-officer", help="handle of the first officer")

    def handle(self, options: argparse.Namespace) -> int:
        """Make it; an existing register is left as it is and brought to the present schema."""
        founded = found_mission(name=options.name, origin=options.origin, handle=options.officer, at=now())
        if options.json:
            print_json({"folder": str(place.folder()), "officer": options.officer, "made": founded.made})
            return DONE
        print(f"{'Made' if founded.made else 'Found'} the register in {place.folder()}.")
        if founded.password:
            roles = ", ".join(role.value.replace("_", " ") for role in FIRST_ROLES)
            print(f"First officer: {options.officer} ({roles}); password, shown once: {founded.password}")
        print(f"Key of the log: {place.key_file()}; keep a copy of it offline.")
        return DONE
