"""Films of posts on platforms, by yt-dlp: in a process of its own, through the gate, as they are served.

yt-dlp knows the platforms' players, which a browser's traffic does not show whole. It runs without any
configuration, plug-in, cookie, cache or account, starts no other program, and every connection that it tries
to make to something other than the gate is refused in its own process too. Sound and picture that a platform
serves apart are kept apart: nothing is joined or converted, so that each file is what was sent.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lieber.base import BadInput

from .addresses import Allowed
from .gate import Gate, GateLimits, Passed, Resolve
from .gate import resolve as ask_resolver

TOOL = "yt-dlp"
_MODULE = "yt_dlp"
_GATE_PORT = "LIEBER_GATE_PORT"
_GRACE_SECONDS = 5.0
_LONGEST_LINE = 300
_LONGEST_URL = 8_000
# The connection to the gate is the only one; a program that is started would have its own.
_OTHER_PROGRAMS = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn"}
)
_CONNECTIONS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOK_UPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_GATE_HOST = "127.0.0.1"
# yt-dlp's names for what it has not finished, and for what it only supposes to be a film.
_UNUSABLE = re.compile(r"\.(part(-Frag\d+)?|ytdl|temp|unknown_video)$")
_SECRET = frozenset({"authorization", "cookie", "cookies", "set-cookie"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmLimits:
    """How much of a post is taken at most."""

    seconds: float = 900.0
    bytes: int = 4 << 30
    file_bytes: int = 2 << 30
    allowed: tuple[Allowed, ...] = ()


@dataclass(frozen=True, slots=True)
class FilmPost:
    """What came of an attempt: the files, what the platform says of them, and why there are none.

    `failure` is empty where all came whole; otherwise a film that is there may end early. `information` are
    the files in which yt-dlp says what it learnt of each film (`.info.json`), `told` is the first of them.
    `hosts` and `refused` are the gate's.
    """

    url: str
    started_at: datetime
    version: str
    failure: str
    films: tuple[Path, ...] = ()
    information: tuple[Path, ...] = ()
    told: Mapping[str, Any] | None = None
    hosts: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    bytes_in: int = 0


def version() -> str:
    """The version of yt-dlp; empty where it is not installed."""
    if importlib.util.find_spec(_MODULE) is None:
        return ""
    try:
        return metadata.version(TOOL)
    except metadata.PackageNotFoundError:
        return "of unknown version"


def take_films(
    url: str,
    *,
    folder: Path,
    at: datetime,
    limits: FilmLimits | None = None,
    resolve: Resolve = ask_resolver,
) -> FilmPost:
    """Take the films of one post into an empty folder. `at` is the instant at which it begins.

    That nothing could be had is no error: `failure` says why. Raises BadInput for an address that is none,
    and for a folder that is not empty.
    """
    limits = limits or FilmLimits()
    _check(url, folder, at)
    installed = version()
    if not installed:
        return FilmPost(url, at, "", f"{TOOL} is not installed")
    gate_limits = GateLimits(bytes=limits.bytes, seconds=limits.seconds + _GRACE_SECONDS)
    with Gate(allowed=limits.allowed, limits=gate_limits, resolve=resolve) as gate:
        failure = _run(url, folder, gate, limits)
    films, information = _files(folder)
    return FilmPost(
        url,
        at,
        installed,
        "" if films and not failure and not gate.passed.stopped else _told_failure(failure, gate.passed),
        films,
        information,
        _read(information[0]) if information else None,
        tuple(sorted({f"{each.host}:{each.port} {each.address}" for each in gate.passed.passages})),
        tuple(dict.fromkeys(f"{each.host}:{each.port}: {each.reason}" for each in gate.passed.refusals)),
        gate.passed.bytes_in,
    )


def _check(url: str, folder: Path, at: datetime) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
    except ValueError:
        usable = False
    if not usable or len(url) > _LONGEST_URL or any(ord(each) <= 32 for each in url):
        raise BadInput(f"A post has an address with http or https and no password: found {url[:80]!r}.")
    if at.tzinfo is None:
        raise BadInput(f"The instant of a capture has a time zone: found {at.isoformat()} without one.")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BadInput(f"Films are taken into an empty folder: found files in {folder}.")


def _run(url: str, folder: Path, gate: Gate, limits: FilmLimits) -> str:
    """Run yt-dlp; returns the last line that it complained with, empty where it had no complaint."""
    process = subprocess.Popen(  # noqa: S603  # this module itself
        [sys.executable, "-P", "-m", __name__, *arguments(folder, limits), "--", url],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=_environment(gate, folder),
        start_new_session=True,
    )
    try:
        _, complaints = process.communicate(timeout=limits.seconds)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"not done within {limits.seconds:g} seconds"
    lines = [line for line in complaints.decode("utf-8", "replace").splitlines() if line.strip()]
    if process.returncode == 0:
        return ""
    return lines[-1].removeprefix("ERROR: ")[:_LONGEST_LINE] if lines else f"{TOOL} ended without a word"


def arguments(folder: Path, limits: FilmLimits) -> list[str]:
    """The arguments of yt-dlp: one post, as it is served, and nothing that was set up elsewhere."""
    return [
        "--ignore-config",
        "--no-plugin-dirs",
        "--no-cache-dir",
        "--no-cookies",
        "--no-cookies-from-browser",
        "--no-js-runtimes",
        "--no-remote-components",
        "--no-update",
        "--no-playlist",
        "--playlist-items=1:8",
        "--no-exec",
        "--no-colors",
        "--no-progress",
        "--no-mtime",
        "--no-overwrites",
        "--write-info-json",
        "--fixup=never",
        "--hls-prefer-native",
        "--format=b/(bv*,ba)",
        f"--max-filesize={limits.file_bytes}",
        "--retries=3",
        "--fragment-retries=3",
        "--socket-timeout=30",
        # A connection for each request: the gate passes on one, and a second would find it closed.
        "--compat-options=prefer-legacy-http-handler",
        "--restrict-filenames",
        "--trim-filenames=120",
        f"--paths={folder}",
        "--output=%(extractor)s-%(id)s-%(format_id)s.%(ext)s",
    ]


def _environment(gate: Gate, folder: Path) -> dict[str, str]:
    """Nothing of this process's environment. The gate's password stands here, not in the arguments that every
    program of this machine can read."""
    door = gate.address_with_password
    return {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "http_proxy": door,
        "https_proxy": door,
        "all_proxy": door,
        "no_proxy": "",
        _GATE_PORT: str(gate.port),
    }


def _files(folder: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """The films, and what the platform says of them; unfinished files, and what is no film, are removed."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    unfinished = [path for path in files if _UNUSABLE.search(path.name)]
    for path in unfinished:
        path.unlink()
    kept = [path for path in files if path not in unfinished]
    information = tuple(path for path in kept if path.name.endswith(".info.json"))
    for path in information:
        _without_secrets(path)
    return tuple(path for path in kept if path not in information and path.stat().st_size), information


def _without_secrets(path: Path) -> None:
    """Take the platform's cookies out of what yt-dlp wrote down of it."""
    told = _read(path)
    if told is not None:
        path.write_text(json.dumps(_open(told), ensure_ascii=False), "utf-8")


def _open(told: Any) -> Any:
    if isinstance(told, Mapping):
        return {name: _open(value) for name, value in told.items() if name.lower() not in _SECRET}
    return [_open(each) for each in told] if isinstance(told, list) else told


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _told_failure(complaint: str, passed: Passed) -> str:
    if passed.stopped:
        return f"the gate closed: {passed.stopped}"
    if passed.refusals:
        return f"{passed.refusals[-1].host} was refused: {passed.refusals[-1].reason}"
    return complaint or "no film was found there"


# ---------------------------------------------------------------- in the process of yt-dlp


def main() -> None:
    """Run yt-dlp with these arguments, where nothing but the gate can be reached."""
    port = int(os.environ[_GATE_PORT])
    sys.addaudithook(lambda event, values: _refuse(event, values, port))
    sys.argv[0] = TOOL
    runpy.run_module(_MODULE, run_name="__main__")


def _refuse(event: str, values: tuple[Any, ...], port: int) -> None:
    if event in _OTHER_PROGRAMS:
        raise PermissionError(f"no other program is started: {event}")
    if event in _CONNECTIONS and values[1] != (_GATE_HOST, port):
        raise PermissionError(f"nothing but the gate is reached: {values[1]!r}")
    if event in _LOOK_UPS and values[0] not in {_GATE_HOST, _GATE_HOST.encode()}:
        raise PermissionError(f"the gate looks names up: {values[0]!r}")


if __name__ == "__main__":
    main()
