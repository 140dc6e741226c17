"""`mission vault`: what it holds, the drill of recovery, sealing again to the present members."""

from __future__ import annotations

import argparse
from pathlib import Path

from lieber.base import BadInput

from ...actions.protect import founding
from ...queries.officers import by_handle
from ...queries.protect import vault_holdings, vault_misfits
from ..command import DONE, NEGATIVE, MissionCommand, now, print_json
from ..passphrase import ask_passphrase, passphrase_option


class Command(MissionCommand):
    """Say what the vault holds (numbers only), rehearse recovery, rotate keys."""

    help = "the vault: what it holds, `check`, `rehearse` recovery with age, `rotate` to present members"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The deed and what it needs."""
        parser.add_argument(
            "deed",
            nargs="?",
            choices=("status", "check", "rehearse", "rotate", "brought-back"),
            default="status",
        )
        parser.add_argument(
            "--identity", type=Path, help="the recovery key's file, brought from where it is kept"
        )
        parser.add_argument("--sample", type=int, help="rehearse this many records only")
        parser.add_argument("--by", metavar="HANDLE", help="the protection officer who rotates")
        passphrase_option(parser)

    def handle(self, options: argparse.Namespace) -> int:
        """Do it and print numbers; nothing that the vault holds is ever printed."""
        if options.deed == "rehearse":
            return _rehearse(options)
        if options.deed == "rotate":
            done = founding.rotate(by=by_handle(options.by), passphrase=ask_passphrase(options), at=now())
            return _told({"sealed_again": done}, as_json=options.json)
        if options.deed in {"check", "brought-back"}:
            misfits = vault_misfits(brought_back=options.deed == "brought-back")
            _told({"fits": not misfits, "misfits": misfits}, as_json=options.json)
            return NEGATIVE if misfits else DONE
        return _told(vault_holdings(), as_json=options.json)


def _rehearse(options: argparse.Namespace) -> int:
    if options.identity is None:
        raise BadInput("To rehearse, name the recovery key's file: mission vault rehearse --identity FILE.")
    rehearsed = founding.rehearse_recovery(options.identity, sample=options.sample)
    told = {
        "opened": rehearsed.opened,
        "failed": [f"{failure[0]} version {failure[1]}: {failure[2]}" for failure in rehearsed.failed],
        "passed": rehearsed.passed,
    }
    _told(told, as_json=options.json)
    return DONE if rehearsed.passed else NEGATIVE


def _told(told: dict[str, object], *, as_json: bool) -> int:
    if as_json:
        print_json(told)
    else:
        print(*(f"{name.replace('_', ' ')}: {value}" for name, value in told.items()), sep="\n")
    return DONE
