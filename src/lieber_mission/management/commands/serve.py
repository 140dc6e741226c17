"""`mission serve`: the site."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys

from lieber.base import BadInput

from ...actions.waiting import keep_what_waits
from ..command import DONE, MissionCommand

# How many requests a process answers side by side.
THREADS = 8


class Command(MissionCommand):
    """Serve the site with gunicorn until it is stopped."""

    help = "serve the site"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Address, port and number of processes."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
        parser.add_argument("--workers", type=int, default=2, help="processes (default: %(default)s)")
        parser.add_argument(
            "--no-work", action="store_true", help="begin no worker: `mission work` does what waits for one"
        )

    def handle(self, options: argparse.Namespace) -> int:
        """Serve; returns when stopped."""
        serve(host=options.host, port=options.port, workers=options.workers, work=not options.no_work)
        return DONE


def serve(*, host: str, port: int, workers: int, work: bool = True) -> None:
    """Become gunicorn, which ends with this process; a worker beside it ends with it too.

    Raises BadInput for a port that is none.
    """
    if not 0 < port < 65_536:
        raise BadInput(f"A port is a number from 1 to 65535: found {port}.")
    _check_free(host, port)
    keep_what_waits()
    if work:
        worker = [sys.executable, "-m", "lieber_mission", "work", "--quiet", "--with-parent"]
        subprocess.Popen(worker, stdin=subprocess.DEVNULL)  # noqa: S603  # a command of the product
    sys.stdout.flush()
    program = [sys.executable, "-m", "gunicorn", "lieber_mission.wsgi:application"]
    program += ["--bind", f"{host}:{port}", "--workers", str(workers), "--log-level", "warning"]
    # The findings are read once, before the processes part (wsgi.py).
    program += ["--preload"]
    # A browser opens connections that it may never use: each takes a thread, and no process waits for it.
    program += ["--worker-class", "gthread", "--threads", str(THREADS)]
    os.execv(sys.executable, program)  # noqa: S606  # no shell is wanted


def _check_free(host: str, port: int) -> None:
    """Raises BadInput where nothing can listen there, before gunicorn says so at length."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise BadInput(
            f"The site cannot listen on {host}:{port} ({error.strerror or error}): name another with "
            "--host and --port."
        ) from None
