"""A mission in a folder of its own, run as processes: what a user does at a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Mission:
    """A mission in a folder of its own, run as processes."""

    def __init__(self, folder: Path, address: str | None) -> None:
        self.folder = folder
        # What `mission demo` printed, where it was run.
        self.account = ""
        self.environment = {**os.environ, "LIEBER_DATA": str(folder)}
        if address:
            self.environment["LIEBER_DATABASE"] = address

    def run(self, *arguments: object, at: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lieber_mission", *map(str, arguments)],
            cwd=at,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def python(self, code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup(); {code}"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return done.stdout

    def json(self, *arguments: object) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refuses(self, *arguments: object) -> str:
        done = self.run(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), done
        assert "Traceback" not in done.stderr
        return done.stderr


def mission_in(folder: Path, address: str | None) -> Mission:
    """A mission in this folder, with its register in that PostgreSQL database or in the folder."""
    return Mission(folder, address)
