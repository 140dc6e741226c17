"""The process of the browser: begun with a folder and a door, and ended with all that it began."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from ..gate import Gate
from .settings import CaptureSettings

# Beyond the time for the capture: until the browser was told to end and had written everything down.
GRACE_SECONDS = 15.0
# The processes of one capture are known by this variable in their environment.
_MARK = "LIEBER_CAPTURE"
# A fresh profile but for this: the browser has no account with its maker and does not ask for one.
_PREFERENCES = {"signin": {"allowed": False, "allowed_on_next_startup": False}}


def order_for(url: str, settings: CaptureSettings, gate: Gate, began: float) -> dict[str, Any]:
    """What the process of the browser is told: the page, how to take it, and the door that it is given."""
    told = asdict(replace(settings, allowed=()))
    gates = {"address": gate.address, "user": gate.user, "password": gate.password}
    return {"url": url, "settings": told, "gate": gates, "began": began}


def run(work: Path, order: Mapping[str, Any], seconds: float) -> bool:
    """Run the browser's process on an order; returns whether it ended by itself and in time."""
    mark = f"{os.getpid()}-{uuid4().hex}"
    for name in ("bodies", "home", "profile/Default"):
        (work / name).mkdir(parents=True)
    (work / "profile" / "Default" / "Preferences").write_text(json.dumps(_PREFERENCES), "utf-8")
    with (work / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  # the module beside this
            [sys.executable, "-P", "-m", f"{__package__}.visit"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd=work,
            env=_environment(work, mark),
            start_new_session=True,
        )
        try:
            process.communicate(json.dumps(order).encode(), timeout=seconds + GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        finally:
            end_processes(mark)
            process.kill()
            process.wait()
    return process.returncode == 0


def _environment(work: Path, mark: str) -> dict[str, str]:
    """Nothing of this process's environment but where programs lie: no secret may reach a page's process."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "LANG": "C.UTF-8",
        "HOME": str(work / "home"),
        "TMPDIR": str(work / "home"),
        _MARK: mark,
    }


def end_processes(mark: str) -> None:
    """End every process of a capture, again until none is left."""
    for _ in range(50):
        found = processes_of(mark)
        if not found:
            return
        for process in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.02)


def processes_of(mark: str) -> set[int]:
    """The processes that carry a mark in their environment, or one that begins so, and their descendants.

    Browsers leave their parent's group and session, so neither finds them all; and they write over the
    environment of those that show pages, which are found by their parents.
    """
    parents: dict[int, int] = {}
    marked: set[int] = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            state, parent = (entry / "stat").read_text("ascii", "replace").rpartition(")")[2].split()[:2]
            if state in {"Z", "X"}:
                continue
            parents[int(entry.name)] = int(parent)
            environment = (entry / "environ").read_bytes().split(b"\0")
            if any(each.startswith(f"{_MARK}={mark}".encode()) for each in environment):
                marked.add(int(entry.name))
    while more := {process for process, parent in parents.items() if parent in marked} - marked:
        marked |= more
    return marked
