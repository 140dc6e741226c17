"""The other side of the process in which parsers run: ask it, wait no longer than agreed, start it anew."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from lieber.base import LieberError

from .programs import NotInstalled

_SOURCE = Path(__file__).parents[2]
# Parsers leak: after so many files a fresh process takes over.
_MOST_FILES = 2_000
_PORTION = 1 << 16


class Stopped(LieberError):
    """The parser did not answer: it was ended, crashed, or refused the file; says which in one sentence."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a parser may use: bytes of memory, and of any file that it makes."""

    memory: int = 2 << 30
    file_size: int = 4 << 30


class Limited:
    """A process with little memory, little time and no network, which parses files one after the other.

    Not to be shared between threads.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._files = 0
        # Whether the process is cut off from the network; None before it was started.
        self.apart: bool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(
        self,
        task: str,
        file: int,
        *,
        parameters: Mapping[str, Any] | None = None,
        folder: int | None = None,
        seconds: float = 60,
    ) -> Any:
        """What the task says of the file with this descriptor; files that it makes come into the folder's.

        Raises Stopped where there is no answer in that time, the process died, or the task refused the file,
        and NotInstalled where what it needs is not on this machine.
        """
        if self._process is None or self._files >= _MOST_FILES:
            self.close()
            self._start(seconds)
        self._files += 1
        request = json.dumps({"task": task, "parameters": dict(parameters or {})}).encode() + b"\n"
        descriptors = [file] if folder is None else [file, folder]
        answer = self._asked(request, descriptors, seconds)
        if "not_installed" in answer:
            raise NotInstalled(str(answer["not_installed"]))
        if "refused" in answer:
            raise Stopped(str(answer["refused"]))
        return answer["done"]

    def close(self) -> None:
        """End the process, with all that it started."""
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process, self._socket, self._files = None, None, 0

    def _start(self, seconds: float) -> None:
        own, others = socket.socketpair()
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(_SOURCE),
            "PYTHONDONTWRITEBYTECODE": "1",
            # Matrices are small here: further threads only wait for each other.
            "OPENBLAS_NUM_THREADS": "1",
        }
        if "LIEBER_MODELS" in os.environ:
            environment["LIEBER_MODELS"] = os.environ["LIEBER_MODELS"]
        command = [sys.executable, "-m", "lieber_mission.parsing.child", json.dumps(asdict(self._limits))]
        with others:
            self._process = subprocess.Popen(  # noqa: S603  # the interpreter and a module of the product
                command,
                stdin=others.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
                cwd="/",
            )
        self._socket = own
        self.apart = bool(self._line(max(seconds, 30)).get("apart"))

    def _asked(self, request: bytes, descriptors: list[int], seconds: float) -> dict[str, Any]:
        assert self._socket is not None
        try:
            self._socket.settimeout(seconds)
            socket.send_fds(self._socket, [request], descriptors)
        except OSError:
            self.close()
            raise Stopped("The parser's process had ended; try again.") from None
        return self._line(seconds)

    def _line(self, seconds: float) -> dict[str, Any]:
        """The next line that the process says. Raises Stopped, and the process is gone then."""
        assert self._socket is not None
        self._socket.settimeout(seconds)
        line = b""
        try:
            while not line.endswith(b"\n"):
                portion = self._socket.recv(_PORTION)
                if not portion:
                    raise Stopped(self._ended())
                line += portion
        except TimeoutError:
            self.close()
            raise Stopped(f"The parser was ended after {seconds:g} seconds without an answer.") from None
        except OSError:
            raise Stopped(self._ended()) from None
        found: dict[str, Any] = json.loads(line)
        return found

    def _ended(self) -> str:
        assert self._process is not None
        code = self._process.wait()
        self.close()
        if code < 0:
            return f"The parser crashed ({signal.Signals(-code).name})."
        return f"The parser ended by itself with code {code}."
