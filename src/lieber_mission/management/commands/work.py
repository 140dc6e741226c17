"""`mission work`: a worker that examines, captures and checks what was asked for."""

from __future__ import annotations

import argparse
import ctypes
import os
import platform
import signal
import sys
import time

from lieber.base import LieberError

from ...actions.duties import do_duties
from ...actions.work import Piece
from ...actions.worker import work
from ..command import DONE, MissionCommand, now, print_json

_PAUSE_SECONDS = 2.0
# linux/prctl.h
_PR_SET_PDEATHSIG = 1


class Command(MissionCommand):
    """Do what waits for workers until stopped."""

    help = "do what waits for workers: examine what was taken in"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Whether to end when nothing waits, and with whom."""
        parser.add_argument("--once", action="store_true", help="end when nothing is due")
        parser.add_argument("--quiet", action="store_true", help="say nothing of each piece")
        parser.add_argument(
            "--with-parent", action="store_true", help="end when the process that began it ends"
        )

    def handle(self, options: argparse.Namespace) -> int:
        """Work; returns when nothing is due or when stopped."""
        if options.with_parent:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

        said_of_duties: set[str] = set()

        def wait() -> bool:
            if options.once:
                return False
            try:
                do_duties(now)
            except (LieberError, OSError) as error:
                # What is due stays due; what others asked for is done meanwhile.
                if str(error) not in said_of_duties:
                    said_of_duties.add(str(error))
                    print(f"mission work: {error}", file=sys.stderr, flush=True)
            time.sleep(_PAUSE_SECONDS)
            return True

        def say(piece: Piece, words: str) -> None:
            if not options.quiet and not options.json:
                print(f"{piece.kind} {piece.about}: {words}", file=sys.stderr)

        worker = f"{platform.node()[:60]}:{os.getpid()}"
        worked = work(worker, clock=now, wait=wait, said=say)
        if options.json:
            print_json({"done": worked.done, "put_back": worked.put_back})
        elif not options.quiet:
            print(f"{worked.done} pieces were done, {worked.put_back} were put back.")
        return DONE
