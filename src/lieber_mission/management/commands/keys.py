"""`mission keys`: the public keys of the mission, and a protection officer's own key."""

from __future__ import annotations

import argparse

from ...actions.checkpoint import verifier_key
from ...actions.protect import founding
from ...queries.officers import by_handle
from ...queries.protect import vault_keys
from ..command import DONE, MissionCommand, now, print_json
from ..passphrase import ask_passphrase, passphrase_option


class Command(MissionCommand):
    """List public keys; make the key of a protection officer."""

    help = "public keys of log and vault; `make` a protection officer's own key"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The deed and who does it."""
        parser.add_argument("deed", nargs="?", choices=("list", "make"), default="list")
        parser.add_argument("--by", metavar="HANDLE", help="the protection officer whose key it is")
        passphrase_option(parser)

    def handle(self, options: argparse.Namespace) -> int:
        """Do it; no secret is ever printed."""
        if options.deed == "make":
            officer = by_handle(options.by)
            made = founding.make_officer_key(
                passphrase=ask_passphrase(options, twice=True), by=officer, at=now()
            )
            told = {"officer": officer.officer_id, "public key": made}
        else:
            told = {"log": verifier_key().vkey, **vault_keys()}
        if options.json:
            print_json(told)
        else:
            print(*(f"{name}: {value}" for name, value in told.items()), sep="\n")
        return DONE
