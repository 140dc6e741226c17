"""A rehearsal of recovery: can the printed recovery key, and the plain `age` command, open what there is?

Every record goes through `age` as a pipe, after the small file that proves it, and the digests are compared.
The plaintext touches no disk and is shown to nobody.
"""

from __future__ import annotations

import io
import secrets
import shutil
import subprocess
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from lieber.base import BadInput, LieberError

from .checking import Misfit
from .headers import Header
from .proofs import read_proof
from .sealing import BadIdentity, Digesting, Identity, Readable, Writable
from .store import NotInVault, Vault

_AT_ONCE = 2**16
# A proof is some hundreds of bytes; what is longer is none and is not kept.
_LONGEST_PROOF = 2**16


class RehearsalImpossible(BadInput):
    """The `age` command or the identity is not there."""


class Failure(NamedTuple):
    """A record that recovery would not give back, and why.

    Where its header cannot be read, it is named by its row in hexadecimal digits, and the version is 0.
    """

    record_id: str
    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How many records were opened and found right, and which were not."""

    opened: int
    failed: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether all that was tried was opened and right; also where there is nothing to open."""
        return not self.failed


def rehearse(vault: Vault, identity_file: Path, *, age: str = "age", sample: int | None = None) -> Rehearsal:
    """Open every record, or as many as `sample` drawn by chance, with the `age` command and compare digests.

    Raises RehearsalImpossible where the command or the identity is not there; what is wrong with a record
    is a failure in the result.
    """
    program = shutil.which(age)
    if program is None:
        raise RehearsalImpossible(
            f"The rehearsal opens records with the program {age}: found none of that name; install age."
        )
    _check_identity(identity_file)
    damaged: list[Misfit] = []
    every = vault.all_headers(damaged=damaged)
    headers = every if sample is None else _drawn(every, sample)
    opened, failed = 0, []
    for header in headers:
        try:
            reason = _try(vault, header, command=[program, "--decrypt", "--identity", str(identity_file)])
        except RehearsalImpossible:
            raise
        except NotInVault:
            continue  # erased since it was listed
        except LieberError as error:
            reason = str(error)
        if reason is None:
            opened += 1
        else:
            failed.append(Failure(header.record_id, header.version, reason))
    failed += [Failure(each.what, 0, each.reason) for each in damaged]
    return Rehearsal(opened, tuple(failed))


def _check_identity(path: Path) -> None:
    try:
        lines = path.read_text("ascii").splitlines()
        Identity(next((line for line in lines if line.strip() and not line.startswith("#")), ""))
    except OSError as error:
        reason = str(error.strerror)
    except (BadIdentity, UnicodeDecodeError):
        reason = "no line begins with AGE-SECRET-KEY-1 and is whole"
    else:
        return
    raise RehearsalImpossible(
        f"The recovery key was expected in {path}: found that it cannot be read ({reason}); type it in as it "
        "was printed."
    )


def _drawn(headers: Iterable[Header], size: int) -> list[Header]:
    """So many of them, each as likely as any other, without holding all of them."""
    drawn: list[Header] = []
    for place, header in enumerate(headers):
        if place < size:
            drawn.append(header)
        elif (chosen := secrets.randbelow(place + 1)) < size:
            drawn[chosen] = header
    return drawn


def _try(vault: Vault, header: Header, *, command: list[str]) -> str | None:
    """Why a record is not given back; None where it is."""
    with vault.as_sealed(header.record_id, version=header.version) as (known, proof, file):
        proving = _First(_LONGEST_PROOF)
        refused = _through(command, io.BytesIO(proof), proving)
        if refused:
            return refused
        digest = read_proof(proving.data, known)
        passing = Digesting()
        refused = _through(command, file, passing)
    return refused or (None if passing.digest == digest else "it opens to other bytes than were sealed")


def _through(command: list[str], file: Readable, writer: Writable) -> str | None:
    """Hand on what a command makes of a file; why it makes nothing, None where it does."""
    failures: list[Exception] = []
    with _started(command) as running:
        assert running.stdin and running.stdout  # noqa: PT018  # both are pipes
        pouring = threading.Thread(target=_pour, args=(file, running.stdin, failures), daemon=True)
        pouring.start()
        while data := running.stdout.read(_AT_ONCE):
            writer.write(data)
        pouring.join()
    if failures:
        return str(failures[0])
    return f"age refused it with exit code {running.returncode}" if running.returncode else None


class _First:
    """Keeps the first bytes of what is written."""

    def __init__(self, most: int) -> None:
        self._most, self.data = most, b""

    def write(self, data: bytes, /) -> int:
        self.data += data[: self._most - len(self.data)]
        return len(data)


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603  # the program was named by the caller
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        raise RehearsalImpossible(
            f"The rehearsal opens records with {command[0]}: found that it cannot run ({error.strerror}); "
            "install age."
        ) from None


def _pour(file: Readable, into: IO[bytes], failures: list[Exception]) -> None:
    with suppress(BrokenPipeError), into:
        try:
            while data := file.read(_AT_ONCE):
                into.write(data)
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001  # told as the reason of a failure
            failures.append(error)
