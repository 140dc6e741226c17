"""A mission in a folder of its own, run as processes: what a user does at a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# The variable that names the folder in which the processes of one run keep what they build once.
KEPT = "LIEBER_TESTS_KEPT"


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

    def demo(self, kind: str = "demo", then: Callable[[Mission], None] = lambda _made: None) -> Mission:
        """The example register in its folder: built once for all tests of a run, and copied.

        `then` is what is done to it once for those that ask for this kind.
        """
        assert not self.folder.exists()
        if "LIEBER_DATABASE" in self.environment:
            assert self.run("demo", "--no-serve").returncode == 0
            then(self)
            return self
        built = Path(os.environ[KEPT]) / kind
        with (built.parent / f"{kind}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not built.exists():
                making = mission_in(built.with_name(f"{kind}.making") / "data", None)
                making.environment.pop("LIEBER_DATABASE", None)
                if kind == "demo":
                    done = making.run("demo", "--no-serve")
                    assert done.returncode == 0, done.stderr
                else:
                    making.demo()
                then(making)
                making.folder.rename(built)
        shutil.copytree(built, self.folder)
        return self

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
