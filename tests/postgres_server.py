"""A PostgreSQL server for the length of a test run: on loopback, at a free port, in a temporary folder.

`python tests/postgres_server.py run -- pytest …` runs a command with LIEBER_DATABASE set to it.
PostgreSQL refuses to run as root: then the server runs as `postgres` or `nobody`.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
ROLE, DATABASE = "mission", "register"
REQUIRED = "LIEBER_REQUIRE_POSTGRES"
# Nothing of these clusters outlives the run: no write needs to reach the disk.
OPTIONS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=50",
)
ABSENT = (
    f"PostgreSQL's programs are not on this machine (looked in {DEBIAN}/*/bin and on PATH); "
    "`scripts/setup-debian postgresql` installs them."
)


class NoPostgres(RuntimeError):
    """PostgreSQL's programs are not there."""


@dataclass(frozen=True)
class Owner:
    """Whom the server runs as; `name` is None for whoever runs the tests."""

    name: str | None

    def run(self, *command: str | Path) -> None:
        """Run a program as the owner. Raises RuntimeError with what it printed where it fails."""
        # The working folder may be closed to the owner.
        done = subprocess.run(
            [str(part) for part in command],
            user=self.name,
            group=pwd.getpwnam(self.name).pw_gid if self.name else None,
            extra_groups=[] if self.name else None,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            message = f"{Path(command[0]).name} failed: {done.stdout.strip()}"
            raise RuntimeError(message)


def programs() -> Path:
    """The folder of the newest PostgreSQL's programs. Raises NoPostgres where there is none."""
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    found = versions[0] if versions else shutil.which("initdb")
    if found is None:
        raise NoPostgres(ABSENT)
    return Path(found).parent


def owner() -> Owner:
    """Oneself, or an unprivileged account where one is root."""
    if os.geteuid() != 0:
        return Owner(None)
    accounts = {account.pw_name for account in pwd.getpwall()}
    return Owner("postgres" if "postgres" in accounts else "nobody")


def free_port() -> int:
    """A port of loopback at which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server() -> Iterator[str]:
    """A running server; gives its address, and leaves nothing behind.

    Raises NoPostgres where its programs are absent.
    """
    binaries, runs_as = programs(), owner()
    folder = Path(tempfile.mkdtemp(prefix="lieber-postgres-"))
    try:
        port, password = free_port(), secrets.token_hex(16)
        data = _make_cluster(folder, binaries, runs_as, password)
        settings = " ".join(f"-c {option}" for option in (*OPTIONS, f"port={port}"))
        control = (binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-t", "60")
        runs_as.run(*control, "-o", settings, "start")
        try:
            address = f"postgresql://{ROLE}:{password}@127.0.0.1:{port}"
            _run_as_oneself(binaries / "createdb", f"--maintenance-db={address}/postgres", DATABASE)
            yield f"{address}/{DATABASE}"
        finally:
            runs_as.run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_cluster(folder: Path, binaries: Path, runs_as: Owner, password: str) -> Path:
    secret, data = folder / "password", folder / "data"
    secret.write_text(password)
    if runs_as.name:
        account = pwd.getpwnam(runs_as.name)
        for path in (folder, secret):
            os.chown(path, account.pw_uid, account.pw_gid)
    runs_as.run(
        binaries / "initdb",
        *("-D", data, "-U", ROLE, "--auth=scram-sha-256", f"--pwfile={secret}"),
        *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
    )
    return data


def _run_as_oneself(*command: str | Path) -> None:
    Owner(None).run(*command)


@contextmanager
def fresh_database() -> Iterator[str | None]:
    """The address of a new, empty database of this run's server; None where the run is on SQLite."""
    address = os.environ.get("LIEBER_DATABASE")
    if not address:
        yield None
        return
    name = f"mission_{secrets.token_hex(6)}"
    server_address = address.rpartition("/")[0]
    maintenance = f"--maintenance-db={server_address}/postgres"
    _run_as_oneself(programs() / "createdb", maintenance, name)
    try:
        yield f"{server_address}/{name}"
    finally:
        _run_as_oneself(programs() / "dropdb", "--force", maintenance, name)


def run(command: Sequence[str]) -> int:
    """Run a command beside a server; returns its exit code.

    Where PostgreSQL is absent the command is left out with a message, or is a failure where
    LIEBER_REQUIRE_POSTGRES is set.
    """
    try:
        with server() as address:
            return subprocess.run(
                command, env={**os.environ, "LIEBER_DATABASE": address}, check=False
            ).returncode
    except NoPostgres as absent:
        required = bool(os.environ.get(REQUIRED))
        print(f"{'Failed' if required else 'Skipped'}: {absent}", file=sys.stderr)
        return 2 if required else 0


if __name__ == "__main__":
    if sys.argv[1:3] != ["run", "--"] or not sys.argv[3:]:
        raise SystemExit("usage: python tests/postgres_server.py run -- COMMAND [ARGUMENTS]")
    raise SystemExit(run(sys.argv[3:]))
