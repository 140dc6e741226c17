"""Timestamps of authorities (RFC 3161): what a response says, and whether it is of these bytes.

A timestamp shows that the bytes existed at its time, as far as the authority is trusted. Anyone checks it
with plain openssl, by the command that `openssl_command` gives.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lieber.base import BadInput

# A token with a chain of certificates has some thousand bytes.
LARGEST_RESPONSE = 1 << 17


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an authority attests: the SHA-256 of the bytes, and when it saw it. `serial` is its own number."""

    sha256: str
    at: datetime
    serial: str
    policy: str


class UnreadableResponse(BadInput):
    """The response is not one that this reader understands; openssl may."""


def check_response(
    response: bytes, *, content: bytes, roots: Sequence[bytes], nonce: int | None = None
) -> Stamp:
    """The timestamp in an authority's response, checked to be of this content.

    `roots` are the certificates in PEM that the authority's own must lead to; the signature, its
    certificate's purpose (RFC 3161, 2.3) and the imprint are checked, and the nonce where one was sent.
    Raises BadInput where it is not a timestamp of this content, UnreadableResponse where it cannot be read.
    """
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response  # noqa: PLC0415

    if len(response) > LARGEST_RESPONSE:
        raise BadInput(f"A timestamp has at most {LARGEST_RESPONSE} bytes: found {len(response)}.")
    try:
        read = decode_timestamp_response(response)
    except ValueError as error:
        raise UnreadableResponse(f"The response is no timestamp in DER (RFC 3161): {error}.") from None
    if read.status not in {0, 1}:
        raise BadInput(f"The authority refused, with status {read.status} ({'; '.join(read.status_string)}).")
    told = read.tst_info
    builder = VerifierBuilder()
    for pem in roots:
        try:
            certificates = load_pem_x509_certificates(pem)
        except ValueError:
            raise BadInput("The roots of an authority are a PEM file: found none.") from None
        for certificate in certificates:
            builder = builder.add_root_certificate(certificate)
    if nonce is not None:
        builder = builder.nonce(nonce)
    try:
        builder.build().verify(read, hashlib.sha256(content).digest())
    except (VerificationError, ValueError) as error:
        raise BadInput(f"The timestamp does not hold for these bytes: {error}.") from None
    return Stamp(
        sha256=hashlib.sha256(content).hexdigest(),
        at=told.gen_time.astimezone(UTC),
        serial=format(told.serial_number, "x"),
        policy=told.policy.dotted_string,
    )


def openssl_command(*, content: str, response: str, roots: str) -> str:
    """The command by which anyone checks a timestamp: of these files, with plain openssl."""
    return " ".join(
        (
            "openssl ts -verify -data",
            shlex.quote(content),
            "-in",
            shlex.quote(response),
            "-CAfile",
            shlex.quote(roots),
        )
    )
