"""Opaque ids with a check character: `INC-7K3M9Q2XW4TB-5`.

Three letters say what the thing is; twelve characters of Crockford's Base 32 (60 random bits)
say nothing; the last one is the check character, so that an id read over the telephone or copied
by hand is refused when one character is wrong or two neighbours are exchanged.
An id is never reused and carries no meaning.
"""

from __future__ import annotations

import re

from .errors import BadInput

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BYTES = 8
_LENGTH = 12
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHAPE = re.compile(rf"([A-Z]{{3}})-([{ALPHABET}]{{{_LENGTH}}})-([0-9A-Z])")


def new_id(prefix: str, randomness: bytes) -> str:
    """An id for a new thing. `randomness` is `RANDOM_BYTES` bytes from the edge.

    Raises BadInput where the prefix is not three capital letters or bytes are missing.
    """
    if not re.fullmatch(r"[A-Z]{3}", prefix) or len(randomness) != RANDOM_BYTES:
        raise BadInput(f"An id needs three capital letters and {RANDOM_BYTES} random bytes.")
    number = int.from_bytes(randomness, "big")
    body = "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(_LENGTH))
    return f"{prefix}-{body}-{_check_character(prefix + body)}"


def check_id(text: str, prefix: str | None = None) -> str:
    """The id itself where it is one (and begins with `prefix`).

    Raises BadInput where it is malformed, mistyped or of another kind.
    """
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise BadInput(
            f"An id looks like INC-7K3M9Q2XW4TB-{_check_character('INC7K3M9Q2XW4TB')}: found {text!r}."
        )
    if _check_character(match[1] + match[2]) != match[3]:
        raise BadInput(
            f"The id {text} is mistyped: its last character does not fit the others; compare it again."
        )
    if prefix is not None and match[1] != prefix:
        raise BadInput(f"An id that begins with {prefix} was expected: found {text}.")
    return text


def bytes_of_id(text: str) -> bytes:
    """The bytes behind an id, so that a thing that belongs to another can share its body.

    Raises BadInput where the text is no id.
    """
    body = check_id(text).split("-")[1]
    number = sum(ALPHABET.index(character) << (5 * place) for place, character in enumerate(body))
    return number.to_bytes(RANDOM_BYTES, "big")


def _check_character(body: str) -> str:
    """The check character of ISO 7064, MOD 37,36 (as in GRid): finds every single wrong character
    and nearly every exchange of neighbours."""
    check = 36 // 2
    for character in body:
        check = ((check or 36) * 2 % 37 + int(character, 36)) % 36
    return _ALPHANUMERIC[(1 - (check or 36) * 2 % 37) % 36]
