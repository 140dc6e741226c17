"""The surroundings of every test: a folder of its own, these sources, a closed network.

A pytest plugin that pyproject.toml names with `-p`, since pytest-django reads the settings before
any conftest.py is loaded.
"""

from __future__ import annotations

import atexit
import ipaddress
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

# What a developer's own mission may have set; a test that needs one of them sets it itself.
FOREIGN = (
    "LIEBER_DATABASE_FILE",
    "LIEBER_SECRET_KEY",
    "LIEBER_SECRET_KEY_FILE",
    "LIEBER_HOSTS",
    "LIEBER_ORIGINS",
)

# Every way in which Python's own sockets reach another machine, and where the address stands
# among the arguments of the audit event.
WAYS_OUT = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}


class NetworkClosed(RuntimeError):
    """A test tried to reach another machine. No OSError: nothing may swallow it as a failed connection."""


def _is_here(address: object) -> bool:
    """True for loopback, for a socket file and for the empty address of a connected socket."""
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, bytes | bytearray):
        host = bytes(host).decode("ascii", "replace")
    if not isinstance(host, str) or host in {"", "localhost"} or host.startswith(("/", "\0")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    place = WAYS_OUT.get(event)
    if place is not None and not _is_here(arguments[place]):
        message = f"Tests reach this machine only: {event} to {arguments[place]!r} was refused."
        raise NetworkClosed(message)


def _own_folder() -> None:
    """Name a new folder as the mission's, removed when the tests end; parallel workers share it."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    folder = tempfile.mkdtemp(prefix="lieber-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["LIEBER_DATA"] = folder


def _own_sources() -> None:
    """Let the processes that tests start run these sources, whatever else is installed."""
    sources = str(Path(__file__).resolve().parents[1] / "src")
    known = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [sources, *(path for path in known if path not in {"", sources})]
    )


for name in FOREIGN:
    os.environ.pop(name, None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lieber_mission.settings")
_own_folder()
_own_sources()
sys.addaudithook(_refuse)
