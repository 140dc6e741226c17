"""What the log says of a row of the register: that it was written, not what it says.

A leaf is the canonical JSON of the row's type, thing, version and instant, and of one salted digest
for each field. The salts come from one secret of the row, so that

- a field can be opened to an outsider, who recomputes the leaf and learns nothing of the others;
- with the secret erased, the proof of the leaf still verifies and says nothing of the row (R-19).

Whoever must erase one field and keep others open keeps the others' salts and erases the secret.
The salted digest is modelled on the disclosures of SD-JWT (RFC 9901 §4.2); it hashes the canonical
JSON itself and not its base64url form. The names of the fields are not hidden.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from ..base import BadInput, canonical_json

SECRET_BYTES = 32
SALT_BYTES = 16  # RFC 9901 §9.3: at least 128 bits
DIGEST_BYTES = 32

# An entry bundle of tlog-tiles writes the length of an entry in two bytes.
LARGEST_LEAF = 2**16 - 1

# RFC 3339 in UTC, always with Z: one instant, one text.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)

# Half a surrogate pair in a field's name is refused by canonical JSON, with the better sentence.
_SURROGATES = "surrogatepass"

_TO_URL = bytes.maketrans(b"+/", b"-_")

_PUBLIC = frozenset({"type", "thing", "version", "recorded_at"})
_REPLAYED = frozenset({"replayed"})


# RFC 2104 §2: the key is combined with these before the text and before the inner hash.
_INNER_PAD, _OUTER_PAD = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_Hash: TypeAlias = "hashlib._Hash"  # noqa: SLF001  # the name that typeshed gives it


class OpeningError(BadInput):
    """A leaf or an opening does not hold what it should, or the two do not fit each other."""


class OpenedField(NamedTuple):
    """What an outsider needs to recompute one field's digest: the salt and the value itself."""

    salt: bytes
    value: object


@dataclass(frozen=True, slots=True)
class Opening:
    """A row as far as it is shown: its public members, the fields opened, the digests of the others.

    `recorded_at` is an instant in UTC as RFC 3339 text. `replayed` is True where an example register
    repeats a past day. A field stands in `opened` or in `closed`, never in both.
    """

    type: str
    thing: str
    version: int
    recorded_at: str
    opened: Mapping[str, OpenedField]
    closed: Mapping[str, bytes]
    replayed: bool = False

    def __post_init__(self) -> None:
        both = sorted(self.opened.keys() & self.closed.keys())
        if both:
            raise OpeningError(f"A field is either open or closed: found {both[0]!r} as both; remove one.")

    def as_json(self) -> dict[str, object]:
        """The opening as it stands in a release; `read_opening` reads it back."""
        members: dict[str, object] = {
            "type": self.type,
            "thing": self.thing,
            "version": self.version,
            "recorded_at": self.recorded_at,
            "opened": {
                name: {"salt": _base64url(salt), "value": value}
                for name, (salt, value) in self.opened.items()
            },
            "closed": {name: _base64url(digest) for name, digest in self.closed.items()},
        }
        return members | ({"replayed": True} if self.replayed else {})


def field_salt(secret: bytes, field: str) -> bytes:
    """The salt of one field, 16 bytes: HMAC-SHA-256 of the field's name under the row's secret.

    One salt says nothing of another without the secret. Raises BadInput unless the secret has 32 bytes.
    """
    return hmac.digest(_checked(secret), field.encode("utf-8", _SURROGATES), "sha256")[:SALT_BYTES]


def field_digest(salt: bytes, field: str, value: object) -> bytes:
    """The salted digest of one field, 32 bytes: SHA-256 of the canonical `[base64url(salt), field, value]`.

    Raises BadInput for a value that canonical JSON cannot hold.
    """
    return hashlib.sha256(canonical_json((_base64url(salt), field, value))).digest()


def commit(
    *,
    type: str,  # noqa: A002 - the member's name in the leaf
    thing: str,
    version: int,
    recorded_at: str,
    fields: Mapping[str, object],
    secret: bytes,
    replayed: bool = False,
) -> bytes:
    """The leaf of one row of the register: its commitment, in canonical JSON.

    `thing` is the id of the thing and `version` counts its rows from 1; `recorded_at` is the instant
    in UTC, as RFC 3339 text ending in Z; `secret` is 32 random bytes of this row alone, from the edge.
    Raises BadInput for another secret or instant, for values that canonical JSON cannot hold, and for
    a leaf longer than 65,535 bytes.
    """
    inner, outer = _keyed(_checked(secret))
    digests = {name: field_digest(_salt(inner, outer, name), name, value) for name, value in fields.items()}
    return leaf_of_opening(Opening(type, thing, version, recorded_at, {}, digests, replayed))


def open_fields(leaf: bytes, *, fields: Mapping[str, object], secret: bytes) -> Opening:
    """The opening of a leaf that shows `fields` (name to value) and keeps the others closed.

    Raises OpeningError where the leaf does not commit to exactly these values: then the row is not
    the one that was logged.
    """
    salts = {name: field_salt(secret, name) for name in fields}
    return open_with_salts(leaf, opened={name: OpenedField(salts[name], fields[name]) for name in fields})


def open_with_salts(leaf: bytes, *, opened: Mapping[str, OpenedField]) -> Opening:
    """As `open_fields`, for a row whose secret is erased and of which some salts were kept.

    With nothing opened it gives the opening that says nothing but what the leaf itself says.
    """
    shut = _read_leaf(leaf)
    for name, field in opened.items():
        if name not in shut.closed:
            raise OpeningError(f"A field of the leaf was expected: found {name!r}; it was never committed.")
        if field_digest(field.salt, name, field.value) != shut.closed[name]:
            raise OpeningError(
                f"The value committed in the leaf of {shut.thing} version {shut.version} was expected: found "
                f"another value or salt of {name!r}; compare the row with what was logged."
            )
    closed = {name: digest for name, digest in shut.closed.items() if name not in opened}
    return Opening(shut.type, shut.thing, shut.version, shut.recorded_at, dict(opened), closed, shut.replayed)


def leaf_of_opening(opening: Opening) -> bytes:
    """The leaf that an opening claims to open, recomputed by an outsider from the opening alone.

    Whether the log holds that leaf is for a proof to say. Raises BadInput where no leaf can be made.
    """
    if not _INSTANT.fullmatch(opening.recorded_at):
        raise BadInput(f"An instant is written YYYY-MM-DDThh:mm:ssZ, in UTC: found {opening.recorded_at!r}.")
    if opening.version < 1:
        raise BadInput(f"The versions of a thing count from 1: found {opening.version}.")
    members: dict[str, object] = {
        "type": opening.type,
        "thing": opening.thing,
        "version": opening.version,
        "recorded_at": opening.recorded_at,
        "fields": {name: _base64url(digest) for name, digest in _digests(opening).items()},
    }
    leaf = canonical_json(members | {"replayed": True} if opening.replayed else members)
    if len(leaf) > LARGEST_LEAF:
        raise BadInput(f"A leaf has at most {LARGEST_LEAF} bytes: found {len(leaf)}; split the row.")
    return leaf


def read_opening(members: object) -> Opening:
    """The opening written by `Opening.as_json`. Raises OpeningError for anything else."""
    try:
        public = _object(members, _PUBLIC | {"opened", "closed"}, _REPLAYED)
        opened = {name: _opened_field(field) for name, field in _object(public["opened"]).items()}
        return _opening(public, opened, public["closed"])
    except _Malformed as fault:
        raise OpeningError(f"An opening as a release holds it was expected: {fault}; get it again.") from None


class _Malformed(Exception):
    """What was found in a leaf or an opening instead of what belongs there."""


def _checked(secret: bytes) -> bytes:
    if len(secret) != SECRET_BYTES:
        raise BadInput(f"The secret of a row has {SECRET_BYTES} bytes: found {len(secret)}; draw a new one.")
    return secret


def _keyed(secret: bytes) -> tuple[_Hash, _Hash]:
    """The two hashes of HMAC-SHA-256 with the key taken in (RFC 2104 §2).

    Half the time of `hmac.HMAC.copy`, which stands between the register and its speed of writing.
    """
    block = secret.ljust(hashlib.sha256().block_size, b"\0")
    return hashlib.sha256(block.translate(_INNER_PAD)), hashlib.sha256(block.translate(_OUTER_PAD))


def _salt(inner: _Hash, outer: _Hash, field: str) -> bytes:
    """`field_salt` with the key taken in once for the whole row."""
    within, mac = inner.copy(), outer.copy()
    within.update(field.encode("utf-8", _SURROGATES))
    mac.update(within.digest())
    return mac.digest()[:SALT_BYTES]


def _digests(opening: Opening) -> dict[str, bytes]:
    """The digest of every field, whether it is opened or closed."""
    opened = {name: field_digest(salt, name, value) for name, (salt, value) in opening.opened.items()}
    return {**opening.closed, **opened}


def _read_leaf(leaf: bytes) -> Opening:
    """The opening of a leaf that opens nothing. Raises OpeningError unless `commit` wrote the leaf."""
    try:
        members = _object(json.loads(leaf), _PUBLIC | {"fields"}, _REPLAYED)
        opening = _opening(members, {}, members["fields"])
        if leaf_of_opening(opening) == leaf:
            return opening
        fault: object = "found another spelling of the same values"
    except (_Malformed, BadInput, ValueError, RecursionError) as found:
        fault = found
    raise OpeningError(f"A leaf of the register in canonical JSON was expected: {fault}; read it again.")


def _opening(public: Mapping[str, object], opened: Mapping[str, OpenedField], closed: object) -> Opening:
    """An opening from members read from JSON, each checked to be of the type that belongs there."""
    type_, thing, version, at = (public[name] for name in ("type", "thing", "version", "recorded_at"))
    if not (isinstance(type_, str) and isinstance(thing, str) and isinstance(at, str)):
        raise _Malformed("found a type, thing or instant that is no text")
    if not isinstance(version, int) or isinstance(version, bool):
        raise _Malformed("found a version that is no whole number")
    if public.get("replayed", True) is not True:
        raise _Malformed("found “replayed” with another value than true")
    digests = {name: _from_base64url(text, DIGEST_BYTES) for name, text in _object(closed).items()}
    return Opening(type_, thing, version, at, opened, digests, "replayed" in public)


def _opened_field(value: object) -> OpenedField:
    members = _object(value, frozenset({"salt", "value"}))
    return OpenedField(_from_base64url(members["salt"], SALT_BYTES), members["value"])


def _object(
    value: object, wanted: frozenset[str] | None = None, optional: frozenset[str] = frozenset()
) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _Malformed(f"found {type(value).__name__} where an object belongs")
    if wanted is not None and not wanted <= value.keys() <= wanted | optional:
        raise _Malformed(f"found the members {sorted(map(str, value))} instead of {sorted(wanted)}")
    return value


def _base64url(data: bytes) -> str:
    """RFC 4648 §5 without padding, as in RFC 9901 §1.2."""
    return b2a_base64(data, newline=False).translate(_TO_URL, b"=").decode()


def _from_base64url(text: object, size: int) -> bytes:
    try:
        data = urlsafe_b64decode(f"{text}==") if isinstance(text, str) else b""
    except ValueError:
        data = b""
    # The decoder forgives strange characters and stray bits; another spelling would be another text.
    if len(data) != size or _base64url(data) != text:
        raise _Malformed(f"found {text!r} instead of {size} bytes in base64url")
    return data
