"""`mission demo`: the example register, a short account of it, and the site."""

from __future__ import annotations

import argparse
import secrets
import sys

from ... import place
from ...actions.checkpoint import sign_checkpoint
from ...actions.example import build_example, is_built
from ...actions.institution import found_mission
from ...actions.protect.founding import found_vault
from ..command import DONE, MissionCommand, now, print_json
from ..story import story, story_lines
from .serve import serve

_PASSWORD_FILE = "demo-password.txt"  # noqa: S105  # the name of a file


class Command(MissionCommand):
    """Build the example register from real public reports, tell what it shows, serve the site."""

    help = "the example register from real public reports, a short account of it, and the site"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Whether and where to serve."""
        parser.add_argument("--no-serve", action="store_true", help="stop before serving the site")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")

    def handle(self, options: argparse.Namespace) -> int:
        """Build if need be, tell, serve."""
        found_mission(
            name="Example mission",
            origin="lieber.example/register",
            handle=None,
            at=now(),
            second_factor="offered",
        )
        _vault()
        password = _password()
        if not is_built():
            days = build_example(password=password, progress=_progress)
            print(f"\rThe example register was built: {days} days replayed.          ", file=sys.stderr)
        sign_checkpoint(at=now())
        told = story()
        if options.json:
            print_json(told)
        else:
            print(*story_lines(told), sep="\n")
        if options.no_serve:
            return DONE
        print()
        print(f"The site: http://{options.host}:{options.port}/")
        print(f"Log in as analyst (or any handle of `mission info`) with the password {password}")
        print("Stop it with Ctrl-C.")
        serve(host=options.host, port=options.port, workers=2)
        return DONE


def _password() -> str:
    """The example officers' password: made once, kept in the folder, readable by its owner only."""
    path = place.folder() / _PASSWORD_FILE
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(12), "utf-8")
    return path.read_text("utf-8").strip()


def _vault() -> None:
    """The example's vault. Its recovery key lies beside it, which is for an example only."""
    recovery = found_vault(by="", at=now())
    if recovery:
        path = place.folder() / "demo-recovery.txt"
        path.touch(mode=0o600)
        path.write_text(recovery, "utf-8")


def _progress(done: int, days: int) -> None:
    if sys.stderr.isatty() or done == days:
        print(f"\rReplaying day {done} of {days}", end="", file=sys.stderr)
