"""Programs of the system that parsers use: started without a shell, with what they say limited."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from typing import BinaryIO

from lieber.base import LieberError

_MOST_SAID = 4 << 20


class NotInstalled(LieberError):
    """The program or model is not on this machine."""


def said(command: Sequence[str], *, file: BinaryIO | None = None, seconds: float = 60) -> bytes:
    """What a program writes; with `file` as its standard input.

    Raises NotInstalled where the program is not there, LieberError where it fails or says too much.
    """
    program = shutil.which(command[0])
    if program is None:
        raise NotInstalled(f"not installed: {command[0]}")
    try:
        ended = subprocess.run(  # noqa: S603  # a fixed program; the file comes as its standard input
            [program, *command[1:]],
            stdin=file if file is not None else subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LieberError(f"{command[0]} was ended after {seconds:g} seconds.") from None
    if len(ended.stdout) > _MOST_SAID:
        raise LieberError(f"{command[0]} said more than {_MOST_SAID} bytes.")
    if ended.returncode and not ended.stdout:
        told = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        raise LieberError(f"{command[0]}: {told[-1][:300] if told else f'code {ended.returncode}'}")
    return ended.stdout
