"""`mission checkpoint`: sign the head of the log, and have authorities put their time on it."""

from __future__ import annotations

import argparse
from pathlib import Path

from lieber.preserve.timestamps import openssl_command

from ...actions.checkpoint import sign_checkpoint
from ...actions.timestamps import fetched_timestamps, roots_of_authorities, timestamp_checkpoint
from ...actions.work import Later
from ...queries import log
from ..command import DONE, NEGATIVE, MissionCommand, now, print_json


class Command(MissionCommand):
    """Sign the head of the log; with authorities in mission.toml, fetch their timestamps of it."""

    help = "sign the head of the log and fetch timestamps of it"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where to write what outsiders check it by."""
        parser.add_argument("--out", type=Path, help="a folder for the note, the timestamps and their roots")

    def handle(self, options: argparse.Namespace) -> int:
        """Sign, fetch, write, print; an authority out of reach is a negative answer."""
        note = sign_checkpoint(at=now())
        size, left = log.size(), ""
        try:
            timestamp_checkpoint(size, clock=now)
        except Later as error:
            left = str(error)
        commands = _written(options.out, note, size) if options.out else []
        stamps = fetched_timestamps(size)
        if options.json:
            told = [
                {"authority": row.authority, "at": row.attested_at.isoformat(), "serial": row.serial}
                for row in stamps
            ]
            print_json({"size": size, "note": note, "timestamps": told, "check": commands, "left": left})
        else:
            print(note, end="")
            for row in stamps:
                print(
                    f"{row.authority} attests {row.attested_at:%Y-%m-%d %H:%M:%S} UTC, serial {row.serial}."
                )
            if left:
                print(f"{left} A worker fetches it later.")
            print(*commands, sep="\n", end="\n" if commands else "")
        return NEGATIVE if left else DONE


def _written(folder: Path, note: str, size: int) -> list[str]:
    """Write the note, each timestamp and its roots; returns the commands by which they are checked."""
    folder.mkdir(parents=True, exist_ok=True)
    content = folder / f"checkpoint-{size}.txt"
    content.write_bytes(note.encode())
    roots = roots_of_authorities()
    commands = []
    for number, row in enumerate(fetched_timestamps(size), 1):
        response, pem = folder / f"checkpoint-{size}-{number}.tsr", folder / f"authority-{number}.pem"
        response.write_bytes(row.response)
        pem.write_bytes(b"\n".join(roots.get(row.authority, ())))
        commands.append(openssl_command(content=str(content), response=str(response), roots=str(pem)))
    return commands
