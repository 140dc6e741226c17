"""Objects of OCFL 1.1 as values: where an object stands, what its inventory says, what a version writes.

In: what is to be stored, each file with its digests and its size. Out: the small files of the object as
bytes, and for each file of content the path at which its bytes belong. Nothing is opened or written here.

Source: Oxford Common File Layout 1.1 (ocfl.io/1.1/spec), §3.2 to §3.7 and §4; the layout of the root is its
community extension 0003. Codes such as E095 are those of the specification.

>>> from datetime import UTC, datetime
>>> version = first_version(
...     identifier="urn:example:EXH-1", files=[Stored("page.html", "0" * 128, 5, {})],
...     created=datetime(2025, 10, 14, tzinfo=UTC), message="As it came", user=("Collector 1", ""))
>>> version.content["page.html"], list(version.sidecars)[0]
('v1/content/page.html', 'v1/inventory.json')
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from json.encoder import encode_basestring as _quoted
from types import MappingProxyType
from typing import Any, NoReturn, TypeAlias

from ..base import BadInput
from ..collect.files import shown

OBJECT_CONTENT_FILE = "0=ocfl_object_1.1"
OBJECT_DECLARATION = "0=ocfl_object_"
ROOT_DECLARATION = "0=ocfl_1.1"
INVENTORY = "inventory.json"
LAYOUT = "0003-hash-and-id-n-tuple-storage-layout"
LAYOUT_FILE = "ocfl_layout.json"
LAYOUT_CONFIG = f"extensions/{LAYOUT}/config.json"
CONTENT_DIRECTORY = "content"

# §3.4, and what the extensions 0001 and 0009 add: the length of each digest in hexadecimal.
DIGEST_LENGTHS: Mapping[str, int] = MappingProxyType(
    {
        "md5": 32,
        "sha1": 40,
        "sha256": 64,
        "sha512": 128,
        "blake2b-512": 128,
        "blake2b-160": 40,
        "blake2b-256": 64,
        "blake2b-384": 96,
    }
)
# E028: what of the extensions is not computed here must be ignored.
IGNORED_ALGORITHMS = frozenset({"sha512/256", "size"})

# An inventory of a hundred thousand files stays below it; small lists in JSON take twenty times its room.
LARGEST_INVENTORY = 1 << 26
_LONGEST_SEGMENT = 255  # bytes: no common file system keeps a longer name
_LONGEST_FOLDER = 100  # extension 0003, “Encapsulation Directory”

_ADDRESSING = ("sha512", "sha256")  # E025
_SPECIFICATIONS = {f"https://ocfl.io/{version}/spec/#inventory": version for version in ("1.0", "1.1")}
_TYPES = {version: uri for uri, version in _SPECIFICATIONS.items()}

_LINES = ",\n"
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,200}")
_SHA512 = re.compile(r"[0-9a-f]{128}")
_HEX = re.compile(r"[0-9a-fA-F]+")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_VERSION = re.compile(r"v(0*)([1-9][0-9]{0,8})", re.ASCII)
# RFC 3339 §5.6: seconds and an offset are needed.
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)

Digests: TypeAlias = Mapping[str, Sequence[str]]
_Fault: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a check found: a code of the specification, where it is, one sentence, how grave.

    With `error` the object, the root or the bag is invalid; without it is valid and could be better.
    """

    code: str
    where: str
    words: str
    error: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """One file to store: its logical path, SHA-512 in lower case, size, further digests by algorithm."""

    logical: str
    sha512: str
    size: int
    fixity: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What to write for a new version of an object, all paths relative to the object's folder.

    `content` says where the bytes of a logical path belong; a file whose bytes the object holds already
    is not in it. `sidecars` are the other files with their bytes. Write the content first and then the
    sidecars in their order: the last ones make the version count (E062).
    """

    head: str
    content: Mapping[str, str]
    sidecars: Mapping[str, bytes]


FirstVersion = NextVersion = NewVersion


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """What an inventory says of one version: when, what is where (digest to logical paths), why, by whom."""

    created: str
    state: Digests
    message: str | None
    user: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Inventory:
    """An inventory that keeps every rule of §3.5; `specification` is "1.0" or "1.1".

    `manifest` leads from digests to content paths, `fixity` from an algorithm to such a mapping, and
    `versions` is in the order of the versions. `folder` is the key `contentDirectory`, None if absent.
    """

    identifier: str
    specification: str
    algorithm: str
    head: str
    folder: str | None
    manifest: Digests
    versions: Mapping[str, ObjectVersion]
    fixity: Mapping[str, Digests]

    @property
    def content_directory(self) -> str:
        """The name of the folder of content in each version (E021)."""
        return CONTENT_DIRECTORY if self.folder is None else self.folder


# ------------------------------------------------------------------ the storage root (§4)


def root_files() -> dict[str, bytes]:
    """The files of a new storage root: its declaration (E076, E080) and its layout (E070, extension 0003)."""
    layout = {"extension": LAYOUT, "description": "Hashed truncated n-tuple tree, folders named by object id"}
    config = {"extensionName": LAYOUT, "digestAlgorithm": "sha256", "tupleSize": 3, "numberOfTuples": 3}
    return {
        LAYOUT_CONFIG: json.dumps(config, indent=2).encode() + b"\n",
        LAYOUT_FILE: json.dumps(layout, indent=2).encode() + b"\n",
        ROOT_DECLARATION: b"ocfl_1.1\n",
    }


def object_folder(identifier: str) -> str:
    """The folder of an object in the storage root (extension 0003 with SHA-256 and three tuples of three).

    Raises BadInput for an identifier that is empty or no Unicode text.
    """
    digest = hashlib.sha256(_encoded(identifier, "identifier")).hexdigest()
    name = _UNSAFE.sub(_percent_encoded, identifier)
    if len(name) > _LONGEST_FOLDER:
        name = f"{name[:_LONGEST_FOLDER]}-{digest}"
    return f"{digest[:3]}/{digest[3:6]}/{digest[6:9]}/{name}"


def _percent_encoded(found: re.Match[str]) -> str:
    return "".join([f"%{byte:02x}" for byte in found[0].encode()])


def _encoded(text: str, what: str) -> bytes:
    """The text in UTF-8. Raises BadInput where it is empty or holds half a surrogate pair."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        raise BadInput(
            f"Unicode text was expected as the {what} of an OCFL object: found {shown(text)}; repair it."
        ) from None
    if not encoded:
        raise BadInput(f"The {what} of an OCFL object is not empty: found nothing; give one.")
    return encoded


# ------------------------------------------------------------------ versions are written


def first_version(
    *, identifier: str, files: Sequence[Stored], created: datetime, message: str, user: tuple[str, str]
) -> NewVersion:
    """The first version of a new object (§3.1): its content paths and every other file of the object.

    `user` is a name and an address that is a URI; the address may be empty. Content paths are the logical
    paths below v1/content/. Raises BadInput for logical paths that are absolute, have empty, `.` or `..`
    segments, NUL or names above 255 bytes (E052, E053), that name a file and a folder at once or one file
    twice (E095), for digests of the wrong form, and for an instant without an offset (E049).
    """
    _encoded(identifier, "identifier")
    empty = Inventory(identifier, "1.1", "sha512", "", None, {}, {}, {})
    version = ObjectVersion(_instant(created), {}, message, _user(user))
    made = _following(empty, head="v1", state={}, add=files, version=version)
    # The declaration comes last: a folder that was not written to its end is no object.
    declared = {OBJECT_CONTENT_FILE: b"ocfl_object_1.1\n"}
    return NewVersion("v1", made.content, {**made.sidecars, **declared})


def next_version(
    *,
    inventory: bytes,
    add: Sequence[Stored],
    remove: Collection[str] = (),
    created: datetime,
    message: str,
    user: tuple[str, str],
) -> NewVersion:
    """The version after the one that `inventory` describes; only new bytes get a content path.

    A logical path of `add` that exists is replaced; those of `remove` leave the state, never the storage.
    Raises BadInput as `first_version` and `read_inventory` do, where `remove` names what is not there,
    where nothing is added or removed, and for an object addressed by another digest than SHA-512.
    """
    before = read_inventory(inventory)
    if before.algorithm != "sha512":
        raise BadInput(
            f"A new version is added to objects addressed by sha512: found {before.algorithm} in that of "
            f"{shown(before.identifier)}; store the content as a new object."
        )
    if not add and not remove:
        raise BadInput("A new version adds or removes a file: found neither; name what changes.")
    state = {path: digest for digest, paths in before.versions[before.head].state.items() for path in paths}
    for path in remove:
        if state.pop(path, None) is None:
            raise BadInput(
                f"A logical path of version {before.head} was expected: found {shown(path)} to remove; name "
                "one that is there."
            )
    version = ObjectVersion(_instant(created), {}, message, _user(user))
    return _following(before, head=_next_head(before.head), state=state, add=add, version=version)


def _following(
    before: Inventory, *, head: str, state: dict[str, str], add: Sequence[Stored], version: ObjectVersion
) -> NewVersion:
    """The version `head` that stands on `before`, with `add` taken into the state (path to digest)."""
    manifest = dict(before.manifest)
    fixity = {name: dict(digests) for name, digests in before.fixity.items()}
    spelled = {digest.lower(): digest for digest in manifest}
    folder = f"{head}/{before.content_directory}/"
    content: dict[str, str] = {}
    for stored in add:
        logical, digest = stored.logical, stored.sha512
        if not _PLAIN.fullmatch(logical):
            _check_logical(logical)
        if not _SHA512.fullmatch(digest):
            _refuse_digest("sha512", digest, logical)
        if digest not in spelled:
            spelled[digest] = digest
            content[logical] = path = folder + logical
            manifest[digest] = (path,)
            _add_fixity(fixity, stored, path)
        # E050: exactly as the manifest spells it.
        state[logical] = spelled[digest]
    _check_together(state, add)
    version = ObjectVersion(version.created, _by_digest(state), version.message, version.user)
    versions = {**before.versions, head: version}
    text = _text(replace(before, head=head, manifest=manifest, versions=versions, fixity=fixity))
    sidecar = f"{hashlib.sha512(text).hexdigest()} {INVENTORY}\n".encode()
    files = (INVENTORY, text), (f"{INVENTORY}.sha512", sidecar)
    return NewVersion(head, content, {f"{at}{name}": held for at in (f"{head}/", "") for name, held in files})


def _by_digest(state: Mapping[str, str]) -> dict[str, list[str]]:
    by_digest: dict[str, list[str]] = {}
    for path, digest in state.items():
        by_digest.setdefault(digest, []).append(path)
    return by_digest


def _add_fixity(fixity: dict[str, dict[str, Sequence[str]]], stored: Stored, path: str) -> None:
    for algorithm, digest in stored.fixity.items():
        if not is_digest(algorithm, digest):
            _refuse_digest(algorithm, digest, stored.logical)
        digests = fixity.setdefault(algorithm, {})
        # E097: one digest stands once, however its letters are written.
        spelled = digest if digest in digests else _same_digest(digests, digest)
        digests[spelled] = (*digests.get(spelled, ()), path)


def _same_digest(digests: Iterable[str], digest: str) -> str:
    return next((each for each in digests if each.lower() == digest.lower()), digest)


def is_digest(algorithm: str, digest: str) -> bool:
    """Whether the text has the form of a digest: hexadecimal of the algorithm's length (E029 to E032)."""
    return len(digest) == DIGEST_LENGTHS.get(algorithm) and _HEX.fullmatch(digest) is not None


def _refuse_digest(algorithm: str, digest: str, logical: str) -> NoReturn:
    length = DIGEST_LENGTHS.get(algorithm)
    if length is None:
        raise BadInput(
            f"A digest of OCFL is one of {', '.join(DIGEST_LENGTHS)}: found {shown(algorithm)} for "
            f"{shown(logical)}; leave it out."
        )
    raise BadInput(
        f"The {algorithm} of {shown(logical)} has {length} digits 0-9 and a-f: found {shown(digest)}; "
        "compute it again."
    )


def _check_logical(path: str) -> None:
    """Raises BadInput for a logical path that could leave its folder or that no file system keeps."""
    encoded = _encoded(path, "logical path")
    code = next((code for code, _ in _path_faults(path, segment="E052", slash="E053")), "")
    if not code and b"\0" not in encoded:
        if all(len(segment) <= _LONGEST_SEGMENT for segment in encoded.split(b"/")):
            return
        code = f"a name above {_LONGEST_SEGMENT} bytes"
    raise BadInput(
        "A logical path is relative, its segments neither empty, “.” nor “..”, without NUL: found "
        f"{shown(path)} ({code or 'NUL'}); rename the file."
    )


def _check_together(state: Collection[str], add: Sequence[Stored]) -> None:
    """Raises BadInput where a path names a file and a folder, or two files of `add` have one path (E095)."""
    if len(state) == 1 == len(add):
        return
    faults = [*conflicting_paths([stored.logical for stored in add]), *conflicting_paths(state)]
    if faults:
        raise BadInput(
            f"Each logical path names one file: found {shown(faults[0])} twice, or as a file and as a folder "
            "(E095); rename one."
        )


def _instant(created: datetime) -> str:
    """RFC 3339 in UTC (E049). Raises BadInput for an instant without an offset."""
    if created.tzinfo is None:
        raise BadInput(
            f"The instant of a version has an offset from UTC (E049): found {created.isoformat()}; add it."
        )
    return f"{created.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def _user(user: tuple[str, str]) -> dict[str, str]:
    name, address = user
    if not name:
        raise BadInput("A version names who made it (E054): found no name; give one.")
    if address and not _URI.fullmatch(address):
        raise BadInput(
            f"The address of a user is a URI such as mailto:… (W009): found {shown(address)}; write it so or "
            "leave it empty."
        )
    return {"name": name, "address": address} if address else {"name": name}


def _next_head(head: str) -> str:
    """The name of the next version directory, padded as the one before (E011 to E013)."""
    found = _VERSION.fullmatch(head)
    assert found  # the inventory was checked
    number = int(found[2]) + 1
    name = f"v{number:0{len(head) - 1}d}" if found[1] else f"v{number}"
    if found[1] and not name.startswith("v0"):
        raise BadInput(
            f"Versions are padded as the first one (E011): found no number after {head}; store a new object."
        )
    return name


def _text(inventory: Inventory) -> bytes:
    """The inventory as JSON, each digest on a line of its own."""
    folder = "" if inventory.folder is None else f'"contentDirectory": {_quoted(inventory.folder)},\n'
    versions = [f"{_quoted(name)}: {_version_text(found)}" for name, found in inventory.versions.items()]
    fixity = [f"{_quoted(name)}: {_digests_text(found)}" for name, found in inventory.fixity.items()]
    further = f',\n"fixity": {{\n{_LINES.join(fixity)}\n}}' if fixity else ""
    text = (
        f'{{"id": {_quoted(inventory.identifier)},\n"type": "{_TYPES[inventory.specification]}",\n'
        f'"digestAlgorithm": "{inventory.algorithm}",\n"head": "{inventory.head}",\n{folder}'
        f'"manifest": {_digests_text(inventory.manifest)},\n'
        f'"versions": {{\n{_LINES.join(versions)}\n}}{further}}}\n'
    )
    return _encoded(text, "inventory")


def _digests_text(digests: Digests) -> str:
    lines = [f"{_quoted(digest)}: [{', '.join(map(_quoted, paths))}]" for digest, paths in digests.items()]
    return f"{{\n{_LINES.join(lines)}\n}}" if lines else "{}"


def _version_text(version: ObjectVersion) -> str:
    message = "" if version.message is None else f'"message": {_quoted(version.message)},\n'
    members = [f"{_quoted(name)}: {_quoted(value)}" for name, value in (version.user or {}).items()]
    user = "" if version.user is None else f'"user": {{{", ".join(members)}}},\n'
    state = _digests_text(version.state)
    return f'{{"created": {_quoted(version.created)},\n{message}{user}"state": {state}}}'


# ------------------------------------------------------------------ inventories are read (§3.5)


def read_inventory(text: bytes) -> Inventory:
    """The inventory in the bytes of an `inventory.json`.

    Raises BadInput where it breaks a rule of §3.5, naming the first, and for JSON that is hostile: above
    64 MiB, nested without end, with one key twice.
    """
    inventory, problems = judge_inventory(text, where=INVENTORY)
    if inventory is None:
        first = next(problem for problem in problems if problem.error)
        raise BadInput(
            f"The inventory cannot be used ({first.code}): {first.words.removesuffix('.')}; get the object "
            "from another copy."
        )
    return inventory


def judge_inventory(text: bytes, *, where: str) -> tuple[Inventory | None, list[Problem]]:
    """The inventory and what was found in it; None where an error was found. `where` is its path."""
    try:
        members = read_json(text, most=LARGEST_INVENTORY)
    except BadInput as refused:
        return None, [Problem("E033", where, str(refused), error=True)]
    if not isinstance(members, dict):
        words = "An inventory is a JSON object: found another value."
        return None, [Problem("E033", where, words, error=True)]
    problems = [Problem(code, where, words, code.startswith("E")) for code, words in _faults(members)]
    return None if any(problem.error for problem in problems) else _inventory(members), problems


def read_json(text: bytes, *, most: int, numbers: bool = False) -> object:
    """A JSON value in UTF-8 (RFC 8259); without `numbers` each number is read as 0, however long it is.

    Raises BadInput for what is no JSON, longer than `most`, nested without end, or has one key twice.
    """
    if len(text) > most:
        raise BadInput(f"JSON of at most {most} bytes was expected: found {len(text)}.")
    try:
        value: object = json.loads(
            text.decode(),
            object_pairs_hook=_unlike_keys,
            parse_int=None if numbers else _no_number,
            parse_float=None if numbers else _no_number,
            parse_constant=_no_constant,
        )
    except RecursionError:
        raise BadInput("JSON was expected: found lists in lists without end.") from None
    except UnicodeDecodeError as fault:
        raise BadInput(f"JSON in UTF-8 was expected: found another byte at {fault.start}.") from None
    except ValueError as fault:
        raise BadInput(f"JSON was expected: found {shown(str(fault), longest=100)}.") from None
    return value


def _unlike_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = sorted(name for name, _ in pairs)
        twice = next(one for one, other in pairwise(names) if one == other)
        raise BadInput(f"A JSON object has each key once: found {shown(twice)} twice.")
    return members


def _no_number(_digits: str) -> int:
    return 0


def _no_constant(name: str) -> NoReturn:
    raise BadInput(f"JSON was expected: found {name}.")


def _inventory(members: dict[str, Any]) -> Inventory:
    """The value of members without a fault."""
    return Inventory(
        identifier=members["id"],
        specification=_SPECIFICATIONS[members["type"]],
        algorithm=members["digestAlgorithm"],
        head=members["head"],
        folder=members.get("contentDirectory"),
        manifest=members["manifest"],
        versions={
            name: ObjectVersion(found["created"], found["state"], found.get("message"), found.get("user"))
            for name, found in sorted(members["versions"].items(), key=lambda each: number_of(each[0]))
        },
        fixity=members.get("fixity", {}),
    )


def number_of(version: str) -> int:
    """The number of a version directory, 0 where the name is none (E104, E105)."""
    found = _VERSION.fullmatch(version)
    return int(found[2]) if found else 0


_KEYS = {"id", "type", "digestAlgorithm", "head", "contentDirectory", "manifest", "versions", "fixity"}
_NEEDED = (
    ("id", "E036"),
    ("type", "E036"),
    ("digestAlgorithm", "E036"),
    ("head", "E036"),
    ("manifest", "E041"),
    ("versions", "E043"),
)


def _faults(members: dict[str, Any]) -> Iterator[_Fault]:
    """Everything in an inventory that breaks a rule, by code."""
    yield from _keys_faults(members, _KEYS, "an inventory")
    for name, code in _NEEDED:
        if name not in members:
            yield code, f"An inventory has the key {name}: found none."
    yield from _basic_faults(members)
    algorithm, folder = members.get("digestAlgorithm"), members.get("contentDirectory", CONTENT_DIRECTORY)
    versions, manifest = members.get("versions"), members.get("manifest")
    yield from _versions_faults(versions, head=members.get("head"))
    if "manifest" in members:
        yield from _manifest_faults(manifest, algorithm=algorithm, folder=folder, versions=versions)
    if isinstance(manifest, dict) and isinstance(versions, dict):
        yield from _use_faults(manifest, versions)
    if "fixity" in members:
        yield from _fixity_faults(members["fixity"], manifest, old=members.get("type") == _TYPES["1.0"])


def _keys_faults(members: dict[str, Any], known: Collection[str], what: str) -> Iterator[_Fault]:
    for name in members:
        if name not in known:
            yield "E102", f"The keys of {what} are {', '.join(sorted(known))}: found {shown(name)}."


def _basic_faults(members: dict[str, Any]) -> Iterator[_Fault]:
    """§3.5.1, and the content directory of §3.3.1."""
    identifier, uri = members.get("id", ":"), members.get("type", _TYPES["1.1"])
    algorithm = members.get("digestAlgorithm", "sha512")
    if not isinstance(identifier, str) or not identifier:
        yield "E037", "The id of an object is text: found none."
    elif "id" in members and not _URI.fullmatch(identifier):
        yield "W005", f"The id of an object should be a URI: found {shown(identifier)}."
    if not isinstance(uri, str) or uri not in _SPECIFICATIONS:
        yield "E038", f"The type is {' or '.join(_SPECIFICATIONS)}: found {_what(uri)}."
    if algorithm not in _ADDRESSING:
        yield "E025", f"The digest algorithm is sha512 or sha256: found {_what(algorithm)}."
    elif algorithm == "sha256":
        yield "W004", "The digest algorithm should be sha512: found sha256."
    folder = members.get("contentDirectory", CONTENT_DIRECTORY)
    if not isinstance(folder, str) or not folder or "/" in folder:
        yield "E017", f"The content directory is one name without a slash: found {_what(folder)}."
    elif folder in {".", ".."}:
        yield "E018", f"The content directory is neither “.” nor “..”: found {folder}."


def _what(value: object) -> str:
    return shown(value) if isinstance(value, str) else "another value than text"


def _versions_faults(versions: object, *, head: object) -> Iterator[_Fault]:
    """§3.5.3 and the sequence of §3.3."""
    if versions is None and head is None:
        return  # both are missing, which was said
    if not isinstance(versions, dict):
        if versions is not None:
            yield "E044", "The versions are a JSON object: found another value."
        return
    if not versions:
        yield "E008", "An object has at least one version: found none."
        return
    yield from _sequence_faults(versions)
    highest = max(versions, key=number_of)
    if head is not None and head != highest:
        yield "E040", f"The head is the highest version, {shown(highest)}: found {_what(head)}."
    for name, version in versions.items():
        for code, words in _version_faults(version):
            yield code, f"Version {shown(name)}: {words}"


def _sequence_faults(names: Collection[str]) -> Iterator[_Fault]:
    """E009 to E012, E046: v1, v2, v3 without a gap, padded with zeroes alike or not at all."""
    wrong = [name for name in names if not _VERSION.fullmatch(name)]
    if wrong:
        yield "E046", f"Versions are named v1, v2, v3 and so on: found {shown(wrong[0])}."
        return
    if any(name.startswith("v0") for name in names):
        yield "W001", "Version numbers should not be padded with zeroes: found some that are."
        if len({len(name) for name in names}) > 1:
            yield "E012", "Version numbers are padded to one length: found several."
        elif not all(name.startswith("v0") for name in names):
            yield "E011", "Padded version numbers begin with a zero: found one that does not."
    numbers = sorted(map(number_of, names))
    if numbers[0] != 1:
        yield "E009", f"The versions begin at 1: found {numbers[0]} as the first."
    elif numbers != list(range(1, len(numbers) + 1)):
        yield "E010", "The versions follow each other without a gap: found one missing or twice."


def _version_faults(version: object) -> Iterator[_Fault]:
    """§3.5.3.1, without the digests of the state."""
    if not isinstance(version, dict):
        yield "E047", "a version is a JSON object, found another value."
        return
    yield from _keys_faults(version, {"created", "state", "message", "user"}, "a version")
    for name in ("created", "state"):
        if name not in version:
            yield "E048", f"a version has the key {name}, found none."
    if "created" in version and not _is_instant(version["created"]):
        yield "E049", f"an instant of RFC 3339 with its offset is needed, found {_what(version['created'])}."
    if "message" not in version:
        yield "W007", "a version should have a message, found none."
    elif not isinstance(version["message"], str):
        yield "E094", "the message is text, found another value."
    yield from _user_faults(version)
    if "state" in version:
        yield from _state_faults(version["state"])


def _is_instant(value: object) -> bool:
    found = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return False
    day, minute, second = found[1], found[2], found[3]
    try:
        # RFC 3339 §5.7: 60 is a leap second.
        datetime.fromisoformat(f"{day}T{minute}:{'59' if second == '60' else second}")
    except ValueError:
        return False
    return True


def _user_faults(version: dict[str, Any]) -> Iterator[_Fault]:
    if "user" not in version:
        yield "W007", "a version should name its user, found none."
        return
    user = version["user"]
    if not isinstance(user, dict):
        yield "E054", "the user is a JSON object, found another value."
        return
    yield from _keys_faults(user, {"name", "address"}, "a user")
    if not isinstance(user.get("name"), str) or not user["name"]:
        yield "E054", "the user has a name, found none."
    if "address" not in user:
        yield "W008", "the user should have an address, found none."
    elif not isinstance(user["address"], str):
        yield "E054", "the address of the user is text, found another value."
    elif not _URI.fullmatch(user["address"]):
        yield "W009", f"the address of the user should be a URI, found {shown(user['address'])}."


def _state_faults(state: object) -> Iterator[_Fault]:
    if not isinstance(state, dict):
        yield "E050", "the state is a JSON object, found another value."
        return
    logical: list[str] = []
    for digest, paths in state.items():
        if is_texts(paths):
            logical += paths
        else:
            yield "E051", f"digests lead to lists of logical paths, found another value for {shown(digest)}."
    for path in logical:
        yield from _path_faults(path, segment="E052", slash="E053")
    for path in conflicting_paths(logical):
        yield "E095", f"a path names one file, found {shown(path)} twice, or as a file and as a folder."


def is_texts(value: object) -> bool:
    """Whether a JSON value is a list of texts."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _path_faults(path: str, *, segment: str, slash: str) -> Iterator[_Fault]:
    """A path that begins or ends with a slash, or has a segment that is empty, `.` or `..`."""
    if path.startswith("/") or path.endswith("/"):
        yield slash, f"a path neither begins nor ends with a slash, found {shown(path)}."
    elif not {"", ".", ".."}.isdisjoint(path.split("/")):
        yield segment, f"a segment of a path is neither empty, “.” nor “..”, found {shown(path)}."


def conflicting_paths(paths: Iterable[str]) -> list[str]:
    """Paths that stand twice or below another path: in order they follow what they conflict with."""
    ends = sorted([f"{path}/" for path in paths])
    return [each[:-1] for before, each in pairwise(ends) if each.startswith(before)]


def _manifest_faults(manifest: object, *, algorithm: Any, folder: Any, versions: Any) -> Iterator[_Fault]:
    """§3.5.2."""
    if not isinstance(manifest, dict):
        yield "E106", "The manifest is a JSON object: found another value."
        return
    paths: list[str] = []
    for digest, found in manifest.items():
        if algorithm in _ADDRESSING and not is_digest(algorithm, digest):
            code = "E031" if algorithm == "sha512" else "E030"
            yield code, f"The manifest has digests of {algorithm}: found {shown(digest)}."
        if is_texts(found) and found:
            paths += found
        else:
            yield "E092", f"The manifest leads to lists of content paths: found another for {shown(digest)}."
    if len({digest.lower() for digest in manifest}) < len(manifest):
        yield "E096", "Each digest stands once in the manifest: found one in upper case and in lower case."
    for path in paths:
        for code, words in _content_path_faults(path, folder, versions):
            yield code, f"In the manifest {words}"
    for path in conflicting_paths(paths):
        yield "E101", f"A content path names one file: found {shown(path)} twice, or as a folder too."


def _content_path_faults(path: str, folder: object, versions: object) -> Iterator[_Fault]:
    faults = list(_path_faults(path, segment="E099", slash="E100"))
    yield from faults
    version, _, rest = path.partition("/")
    if faults or not isinstance(versions, dict) or not isinstance(folder, str):
        return
    if version not in versions or not rest.startswith(f"{folder}/"):
        yield "E042", f"content stands in the content directory of a version, found {shown(path)}."


def _use_faults(manifest: dict[str, Any], versions: dict[str, Any]) -> Iterator[_Fault]:
    """E050 and E107: states name digests of the manifest, and each of them is named."""
    states = [found["state"] for found in versions.values() if isinstance(found, dict) and "state" in found]
    used = {digest for state in states if isinstance(state, dict) for digest in state}
    for digest in used - manifest.keys():
        yield "E050", f"States name digests exactly as the manifest does: found {shown(digest)} in none."
    for digest in manifest.keys() - used:
        yield "E107", f"Each digest of the manifest is in a state: found {shown(digest)} in none."


def _fixity_faults(fixity: object, manifest: object, *, old: bool) -> Iterator[_Fault]:
    """§3.5.4; in 1.0 the form of the fixity had no code of its own."""
    if not isinstance(fixity, dict):
        yield "E056" if old else "E111", "The fixity is a JSON object: found another value."
        return
    lists = manifest.values() if isinstance(manifest, dict) else ()
    held = {path for paths in lists if is_texts(paths) for path in paths}
    for algorithm, digests in fixity.items():
        if algorithm in IGNORED_ALGORITHMS:
            continue
        if algorithm not in DIGEST_LENGTHS:
            yield "E056", f"A digest algorithm of the fixity is one of OCFL: found {shown(algorithm)}."
        elif not isinstance(digests, dict):
            yield "E057", f"The fixity of {algorithm} is a JSON object: found another value."
        else:
            yield from _fixity_digests_faults(algorithm, digests, held)


def _fixity_digests_faults(algorithm: str, digests: dict[str, Any], held: set[str]) -> Iterator[_Fault]:
    if len({digest.lower() for digest in digests}) < len(digests):
        yield "E097", f"Each {algorithm} stands once in the fixity: found one in upper and in lower case."
    for digest, paths in digests.items():
        if not is_digest(algorithm, digest):
            yield "E057", f"The fixity has digests of {algorithm}: found {shown(digest)}."
        if not is_texts(paths):
            yield "E057", f"The fixity leads to lists of content paths: found another for {shown(digest)}."
            continue
        for path in paths:
            faults = list(_path_faults(path, segment="E099", slash="E100"))
            yield from faults
            if not faults and path not in held:
                yield "E057", f"The fixity names content of the manifest: found {shown(path)}, not in it."
