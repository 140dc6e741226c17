"""The process in which parsers run: it puts itself into its limits, then does what it is asked, file by file.

It is started by `parsing.process` with a socket on its standard input. A request is one JSON line with the
descriptor of the file and, where something is to be made of it, of a folder; an answer is one JSON line.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import socket
import sys
import traceback
from typing import Any

# linux/prctl.h and linux/sched.h
_PR_SET_NO_NEW_PRIVS, _PR_SET_DUMPABLE = 38, 4
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
LONGEST_LINE = 1 << 20


def main() -> int:
    """Serve requests until the other side closes."""
    limits = json.loads(sys.argv[1])
    apart = put_into_limits(**limits)
    with socket.socket(fileno=0) as asked:
        asked.sendall(json.dumps({"apart": apart}).encode() + b"\n")
        while True:
            line, descriptors = _received(asked)
            if not line:
                return 0
            try:
                answer = _answer(json.loads(line), descriptors)
            finally:
                for descriptor in descriptors:
                    os.close(descriptor)
            asked.sendall(json.dumps(answer).encode() + b"\n")


def put_into_limits(*, memory: int, file_size: int) -> bool:
    """Limit this process and all that it starts; returns whether it is cut off from the network.

    Where the system forbids name spaces of its own to an ordinary user, the process stays connected.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    apart = _leave_the_network()
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    return apart


def _leave_the_network() -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    return any(library.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def _received(asked: socket.socket) -> tuple[bytes, list[int]]:
    """One request with its descriptors: both come in one message, or the line goes on in the next ones."""
    line, descriptors, _, _ = socket.recv_fds(asked, LONGEST_LINE, 2)
    while line and not line.endswith(b"\n") and len(line) < LONGEST_LINE:
        line += asked.recv(LONGEST_LINE)
    return line, list(descriptors)


def _answer(request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
    # Brought in here: what they bring must find the limits set.
    from lieber.base import LieberError  # noqa: PLC0415
    from lieber_mission.parsing.programs import NotInstalled  # noqa: PLC0415
    from lieber_mission.parsing.tasks import TASKS  # noqa: PLC0415

    try:
        with open(os.dup(descriptors[0]), "rb") as file:  # noqa: PTH123  # there is no path, only a descriptor
            file.seek(0)
            if len(descriptors) > 1:
                os.fchdir(descriptors[1])
            return {"done": TASKS[request["task"]](file, **request["parameters"])}
    except NotInstalled as error:
        return {"not_installed": str(error)}
    except LieberError as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": "It needs more memory than a parser is given."}
    except Exception as error:  # noqa: BLE001  # whatever a parser of hostile files raises is an answer
        last = traceback.extract_tb(error.__traceback__)[-1]
        return {"refused": f"{type(error).__name__} at {last.name}:{last.lineno}"}


if __name__ == "__main__":
    raise SystemExit(main())
