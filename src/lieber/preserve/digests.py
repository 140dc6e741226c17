"""Digests of what is taken in: two evidential ones, and one for fast rounds of fixity."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from lieber.base import BadInput

# Smaller portions are not worth handing to another thread.
_WORTH_A_THREAD = 1 << 18
EVIDENTIAL = ("sha256", "sha512")
FAST = "blake3"


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests of a sequence of bytes in hexadecimal, and how many bytes they are.

    SHA-256 and SHA-512 are the evidential digests (requirements 1.2, ISO/IEC 27037); BLAKE3 stands beside
    them, since it is computed ten times as fast.
    """

    sha256: str
    sha512: str
    blake3: str
    size: int


class Digester:
    """Computes all digests of a stream in one pass.

    With an executor SHA-512 of a large portion is computed in another thread meanwhile: hashlib lets go of
    the interpreter. Feed portions of some megabytes.
    """

    def __init__(self, executor: Executor | None = None) -> None:
        # Heavy only for those who take bytes in.
        from blake3 import blake3  # noqa: PLC0415

        self._sha256, self._sha512, self._blake3 = hashlib.sha256(), hashlib.sha512(), blake3()
        self._executor = executor
        self._size = 0

    def update(self, portion: bytes | memoryview) -> None:
        """Take in the next portion."""
        self._size += len(portion)
        if self._executor is not None and len(portion) >= _WORTH_A_THREAD:
            other = self._executor.submit(self._sha512.update, portion)
            self._sha256.update(portion)
            self._blake3.update(portion)
            other.result()
        else:
            self._sha512.update(portion)
            self._sha256.update(portion)
            self._blake3.update(portion)

    def digests(self) -> Digests:
        """The digests of what was taken in so far."""
        return Digests(
            self._sha256.hexdigest(), self._sha512.hexdigest(), self._blake3.hexdigest(), self._size
        )


def digests_of(portions: Iterable[bytes]) -> Digests:
    """The digests of bytes given in portions."""
    digester = Digester()
    for portion in portions:
        digester.update(portion)
    return digester.digests()


class OneDigest:
    """One digest of a stream, for a round of fixity. Raises BadInput for an algorithm that is not kept."""

    def __init__(self, algorithm: str) -> None:
        self._digest: Any
        if algorithm == FAST:
            from blake3 import blake3  # noqa: PLC0415

            self._digest = blake3()
        elif algorithm in EVIDENTIAL:
            self._digest = hashlib.new(algorithm)
        else:
            raise BadInput(
                f"A digest that is kept is one of {', '.join((*EVIDENTIAL, FAST))}: found {algorithm!r}."
            )

    def update(self, portion: bytes | memoryview) -> None:
        """Take in the next portion."""
        self._digest.update(portion)

    def hexdigest(self) -> str:
        """The digest so far, in hexadecimal."""
        return str(self._digest.hexdigest())
