"""Bags of BagIt 1.0 (RFC 8493): written for those who receive files, and checked when they are received.

In, to write: what the payload holds, with its digests, and what is said of the bag. Out: the tag files as
bytes; the payload itself belongs below `data/`. In, to check: a tree of files as values, for a folder and
a bucket alike. Out: what was found, each with a code of the table below and the section of the RFC.

Bags are written in version 1.0 with SHA-256 and SHA-512 and read in the versions 0.93 to 1.0, each by its
own rules: a file listed twice is a warning in 0.97 and an error in 1.0. The check is stricter than the
library `bagit` in what makes two receivers read one bag differently: white space in the declaration, files
listed twice, names that leave the payload.

    B01 declaration    B05 no manifest       B09 missing      B13 bag-info     B51 to B58 warnings
    B02 version        B06 algorithm         B10 not listed   B14 Payload-Oxum
    B03 encoding       B07 line of manifest  B11 digest       B15 fetch.txt
    B04 no payload     B08 path              B12 tag manifest B16 listed twice
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple
from unicodedata import normalize

from ..base import BadInput
from ..collect.files import shown
from .ocfl import Problem, conflicting_paths
from .ocfl_check import HASHES, Files, read_whole, stream_digests

DECLARATION = "bagit.txt"
BAG_INFO = "bag-info.txt"
FETCH = "fetch.txt"
PAYLOAD = "data/"
ALGORITHMS = ("sha256", "sha512")
OXUM = "Payload-Oxum"

_NO_TAGS: Mapping[str, bytes] = MappingProxyType({})
_DECLARED = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_VERSIONS = ("0.93", "0.94", "0.95", "0.96", "0.97", "1.0")
_LARGEST_TAG = 1 << 28
_LARGEST_DECLARATION = 1 << 12
# Registered names of encodings (IANA) that text is kept in; others of Python's are none.
_ENCODINGS = frozenset(
    {"utf-8", "utf-16", "utf-16le", "utf-16be", "utf-32", "us-ascii", "koi8-r", "koi8-u", "gb18030", "big5"}
    | {"shift_jis", "euc-jp", "euc-kr"}
    | {f"iso-8859-{part}" for part in (*range(1, 12), *range(13, 17))}
    | {f"windows-125{page}" for page in range(9)}
)

# §2.4: the name of an algorithm without what is no letter or digit.
_HASHES = {re.sub(r"[^a-z0-9]", "", name): new for name, new in HASHES.items()} | {
    "sha3256": hashlib.sha3_256,
    "sha3384": hashlib.sha3_384,
    "sha3512": hashlib.sha3_512,
}

_ENDING = re.compile(r"\r\n|\r|\n")
_DECLARATION = re.compile(
    r"BagIt-Version[ \t]*:[ \t]*(\S+)[ \t]*(?:\r\n|\r|\n)"
    r"Tag-File-Character-Encoding[ \t]*:[ \t]*(\S+)[ \t]*(?:\r\n|\r|\n)?",
    re.IGNORECASE,
)
_STRICT_DECLARATION = re.compile(
    r"BagIt-Version: \S+(?:\r\n|\r|\n)Tag-File-Character-Encoding: \S+(?:\r\n|\r|\n)?"
)
_TWO_LINES = "The lines BagIt-Version: M.N and Tag-File-Character-Encoding: … were expected (§2.1.1)"
_ELEMENT = re.compile(r"([^\s:](?:[^:]*[^\s:])?):(?:[ \t](.*))?")
_OLD_ELEMENT = re.compile(r"([^\s:](?:[^:]*[^\s:])?)[ \t]*:(.*)")
_MANIFEST = re.compile(r"(tag)?manifest-([A-Za-z0-9_-]+)\.txt")
_ENTRY = re.compile(r"([0-9a-fA-F]+)[ \t]+(.+)", re.DOTALL)
_FETCHED = re.compile(r"(\S+)[ \t]+(?:[0-9]+|-)[ \t]+(.+)")
_PERCENT = re.compile(r"%(25|0[AaDd])")
_ENCODED = {"%25": "%", "%0A": "\n", "%0D": "\r"}
_DECODED = {character: code for code, character in _ENCODED.items()}
_LABEL = re.compile(r"[^\s:\x00-\x1f\x7f](?:[^:\x00-\x1f\x7f]*[^\s:\x00-\x1f\x7f])?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_OXUM = re.compile(r"(\d{1,30})\.(\d{1,30})", re.ASCII)
# What operating systems put into folders by themselves.
_OF_THE_SYSTEM = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".spotlight-v100", ".trashes"})


@dataclass(frozen=True, slots=True)
class PayloadFile:
    """One file of the payload: its path below `data/`, its size, its digests in hexadecimal by algorithm."""

    path: str
    size: int
    digests: Mapping[str, str]


class _Entry(NamedTuple):
    """One line of a manifest: where it stands, the digest in lower case, the path."""

    line: int
    digest: str
    path: str


# ------------------------------------------------------------------ bags are written


def bag_files(
    *,
    payload: Sequence[PayloadFile],
    info: Sequence[tuple[str, str]],
    extra_tags: Mapping[str, bytes] = _NO_TAGS,
) -> dict[str, bytes]:
    """The tag files of a bag (RFC 8493 §2.1 and §2.2), by their path; the tag manifests come last.

    `info` becomes bag-info.txt in its order, with the Payload-Oxum before it; the Bagging-Date is given
    there, as YYYY-MM-DD. `extra_tags` are further tag files such as `metadata/terms.csv`. Raises BadInput
    for paths that could leave the bag or that some receivers cannot tell apart, for a missing digest, and
    for labels and values that bag-info.txt cannot hold.
    """
    _check_payload(payload)
    _check_tags(extra_tags)
    tags = {DECLARATION: _DECLARED, BAG_INFO: _bag_info(payload, info), **extra_tags}
    for algorithm in ALGORITHMS:
        lines = [(f"{PAYLOAD}{each.path}", each.digests[algorithm]) for each in payload]
        tags[f"manifest-{algorithm}.txt"] = _manifest(lines)
    listed = dict(tags)
    for algorithm in ALGORITHMS:
        lines = [(path, _digest_of(algorithm, text)) for path, text in listed.items()]
        tags[f"tagmanifest-{algorithm}.txt"] = _manifest(lines)
    return tags


def _digest_of(algorithm: str, text: bytes) -> str:
    found = HASHES[algorithm]()
    found.update(text)
    return found.hexdigest()


def _manifest(lines: Iterable[tuple[str, str]]) -> bytes:
    """§2.1.3: a digest, two spaces, a path; in the order of the paths."""
    return "".join([f"{digest}  {_encoded(path)}\n" for path, digest in sorted(lines)]).encode()


def _encoded(path: str) -> str:
    """§2.1.3: CR, LF and % are percent-encoded, and nothing else."""
    return re.sub(r"[%\r\n]", lambda found: _DECODED[found[0]], path)


def _check_payload(payload: Sequence[PayloadFile]) -> None:
    for each in payload:
        _check_path(each.path, "payload")
        if each.size < 0:
            raise BadInput(
                f"A size from 0 was expected: found {each.size} for {shown(each.path)}; measure it."
            )
        for algorithm in ALGORITHMS:
            digest, length = each.digests.get(algorithm, ""), HASHES[algorithm]().digest_size * 2
            if not re.fullmatch(f"[0-9a-f]{{{length}}}", digest):
                raise BadInput(
                    f"The {algorithm} of {shown(each.path)} has {length} digits 0-9 and a-f: found "
                    f"{shown(digest)}; compute it."
                )
    _check_apart([each.path for each in payload])


def _check_tags(tags: Mapping[str, bytes]) -> None:
    for path in tags:
        _check_path(path, "tag")
        first = path.partition("/")[0]
        if first.lower() in {"data", DECLARATION, BAG_INFO, FETCH} or _MANIFEST.fullmatch(first.lower()):
            raise BadInput(f"A further tag file has a name of its own: found {shown(path)}; rename it.")
        if path[0] in " \t*":
            raise BadInput(f"A tag file begins with no space and no star: found {shown(path)}; rename it.")
    _check_apart(tags)


def _check_path(path: str, what: str) -> None:
    if _leaves(path) or _CONTROL.search(path) or "\\" in path:
        raise BadInput(
            f"A path of a {what} file is relative, with slashes, its segments neither empty, “.” nor “..”: "
            f"found {shown(path)}; rename the file."
        )


def _leaves(path: str) -> bool:
    """Whether a path is absolute or has a segment that is empty, `.` or `..` (§5.1)."""
    return not {"", ".", ".."}.isdisjoint(path.split("/"))


def _check_apart(paths: Iterable[str]) -> None:
    """Raises BadInput where two paths differ by case or Unicode form only, or one is a folder of another."""
    faults = conflicting_paths([_folded(path) for path in paths])
    if faults:
        raise BadInput(
            f"Paths that all systems can tell apart were expected: found {shown(faults[0])} more than once, "
            "or as a file and as a folder; rename one."
        )


def _folded(path: str) -> str:
    """One text for all paths that a file system may take for the same."""
    return normalize("NFC", normalize("NFC", path).casefold())


def _bag_info(payload: Sequence[PayloadFile], info: Sequence[tuple[str, str]]) -> bytes:
    """§2.2.2: a label, a colon, a space, a value; a value of several lines goes on with two spaces."""
    lines = [f"{OXUM}: {sum(each.size for each in payload)}.{len(payload)}\n"]
    for label, value in info:
        if not _LABEL.fullmatch(label) or label.lower() == OXUM.lower():
            raise BadInput(
                "A label of bag-info.txt is text without a colon, and not Payload-Oxum, which is computed: "
                f"found {shown(label)}; rename it or leave it out."
            )
        if _CONTROL.search(value):
            raise BadInput(f"Text was expected as {label}: found control characters in it; take them out.")
        if label.lower() == "bagging-date":
            _check_day(value)
        written = "\n  ".join([line.strip() for line in value.splitlines() if line.strip()])
        lines.append(f"{label}: {written}\n")
    return "".join(lines).encode()


def _check_day(value: str) -> None:
    try:
        if date.fromisoformat(value).isoformat() == value:
            return
    except ValueError:
        pass
    raise BadInput(f"The Bagging-Date is a day written YYYY-MM-DD: found {shown(value)}; write it so.")


# ------------------------------------------------------------------ bags are checked


def check_bag(*, files: Files, folders: Collection[str]) -> list[Problem]:
    """What is wrong with the bag in a tree: errors make it invalid or incomplete (RFC 8493 §3).

    `files` leads from relative paths to what opens them for reading, `folders` are all directories. All of
    the payload is read, in portions. Errors of the storage itself are raised as they come.
    """
    check = _BagCheck(files, folders)
    check.run()
    return check.problems


class _BagCheck:
    """The check of one bag: what was found so far, and what is to be compared when files are read."""

    def __init__(self, files: Files, folders: Collection[str]) -> None:
        self.files = files
        self.folders = folders
        self.problems: list[Problem] = []
        self.version = ""
        self.encoding = ""
        self.payload = {path for path in files if path.startswith(PAYLOAD)}
        self._to_fetch: set[str] = set()
        # By manifest, the paths that it lists as they stand in the bag.
        self._listed: dict[str, set[str]] = {}
        # By path, the digests that manifests give, as (algorithm, digest, manifest).
        self._expected: dict[str, set[tuple[str, str, str]]] = defaultdict(set)

    def error(self, code: str, where: str, words: str) -> None:
        self.problems.append(Problem(code, where, words, error=True))

    def warn(self, code: str, where: str, words: str) -> None:
        self.problems.append(Problem(code, where, words, error=False))

    @property
    def strict(self) -> bool:
        """Whether the bag keeps the rules of the RFC, or those of a draft before it."""
        return self.version == "1.0"

    def run(self) -> None:
        """Everything there is to check."""
        if not self._read_declaration():
            return
        if not self.payload and "data" not in self.folders:
            self.error("B04", "data", "A bag has its payload in the folder data (§2.1.2): found none.")
        self._read_fetch()
        self._check_manifests()
        self._check_listed_everywhere()
        self._check_info(self._read_files())
        self._check_names()

    # -------------------------------------------------------------- §2.1.1

    def _read_declaration(self) -> bool:
        """Read version and encoding; False where the rest of the bag cannot be judged."""
        if DECLARATION not in self.files:
            self.error("B01", DECLARATION, "A bag declares itself by bagit.txt (§2.1.1): found none.")
            return False
        text = read_whole(self.files[DECLARATION], most=_LARGEST_DECLARATION).decode(errors="replace")
        found = _DECLARATION.fullmatch(text)
        if not found:
            self.error("B01", DECLARATION, f"{_TWO_LINES}: found {shown(text)}.")
            return False
        self.version, self.encoding = found[1], found[2].lower()
        if self.version not in _VERSIONS:
            self.error("B02", DECLARATION, f"Versions 0.93 to 1.0 are read: found {shown(found[1])}.")
        if self.encoding not in _ENCODINGS:
            self.error("B03", DECLARATION, f"The name of an encoding was expected: found {shown(found[2])}.")
        if self.strict and not _STRICT_DECLARATION.fullmatch(text):
            self.error("B01", DECLARATION, f"{_TWO_LINES}, with one space after the colon: found others.")
        return self.version in _VERSIONS and self.encoding in _ENCODINGS

    # -------------------------------------------------------------- §2.1.3, §2.2.1

    def _check_manifests(self) -> None:
        for path in sorted(self.files):
            found = _MANIFEST.fullmatch(path)
            if not found:
                continue
            of_tags, algorithm = bool(found[1]), _algorithm(path)
            if algorithm not in _HASHES:
                self.error("B06", path, "A digest algorithm that is known here was expected: found another.")
                continue
            listed = self._take_in(path, algorithm, of_tags=of_tags)
            if of_tags and self.strict:
                self._check_tag_manifest(path, listed)

    def _take_in(self, manifest: str, algorithm: str, *, of_tags: bool) -> set[str]:
        """Read one manifest; gives the files it lists as they are in the bag."""
        listed: dict[str, str] = {}
        self._listed[manifest] = set()
        for entry in self._entries(manifest, _HASHES[algorithm]().digest_size * 2):
            where = f"{manifest}:{entry.line}"
            path = self._checked_path(entry.path, where, of_tags=of_tags)
            if path is None:
                continue
            if path in listed:
                self._note_repeated(path, same=listed[path] == entry.digest, where=where)
            listed[path] = entry.digest
            held = path if path in self.files else self._alike(path, where)
            self._listed[manifest].add(held or path)
            if held is not None:
                self._expected[held].add((algorithm, entry.digest, manifest))
        return self._listed[manifest]

    def _entries(self, manifest: str, length: int) -> Iterator[_Entry]:
        for number, line in enumerate(self._tag_lines(manifest), start=1):
            if not line.strip() and not self.strict:
                continue
            found = _ENTRY.fullmatch(line)
            if found and len(found[1]) == length:
                yield _Entry(number, found[1].lower(), found[2])
            else:
                words = f"A line of a manifest is {length} digits, white space and a path (§2.1.3)"
                self.error("B07", f"{manifest}:{number}", f"{words}: found {shown(line)}.")

    def _tag_lines(self, path: str) -> list[str]:
        """The lines of a tag file in the encoding of the bag (§2.1.1)."""
        text = read_whole(self.files[path], most=_LARGEST_TAG)
        if len(text) > _LARGEST_TAG:
            self.error("B03", path, f"A tag file of at most {_LARGEST_TAG} bytes was expected: found more.")
            return []
        try:
            return _lines(text.decode(self.encoding))
        except UnicodeDecodeError:
            self.error("B03", path, f"Text in {self.encoding} was expected (§2.1.1): found other bytes.")
            return []

    def _checked_path(self, written: str, where: str, *, of_tags: bool) -> str | None:
        """The path that a line names; None where it may not be looked at."""
        path = written
        if path.startswith("*"):
            path = path[1:]
            self.warn("B52", where, "A path stands alone: found a star before it, as md5sum writes it (§6).")
        if path.startswith("./"):
            path = path[2:]
            self.warn("B51", where, "A path begins in the folder of the bag: found “./” before it.")
        path = _PERCENT.sub(self._decoded, path)
        if _leaves(path) or path.startswith(PAYLOAD) is of_tags or "\0" in path:
            inside = "outside the payload" if of_tags else "in the payload"
            self.error("B08", where, f"A file {inside} was expected (§2.1.3, §5.1): found {shown(written)}.")
            return None
        return path

    def _decoded(self, found: re.Match[str]) -> str:
        # Drafts before the RFC encode line endings and leave % as it is.
        code = found[0].upper()
        return _ENCODED[code] if self.strict or code != "%25" else found[0]

    def _note_repeated(self, path: str, *, same: bool, where: str) -> None:
        words = f"A manifest lists each file once (§2.1.3): found {shown(path)} again"
        if self.strict or not same:
            self.error("B16", where, f"{words}, with {'the same digest' if same else 'another digest'}.")
        else:
            self.warn("B53", where, f"{words}, with the same digest.")

    def _alike(self, path: str, where: str) -> str | None:
        """The file that is meant by a path that is not there; None where none is (§6).

        Some file systems change the Unicode form of names; a change of case is forgiven in old bags only.
        In both events the digest must be right.
        """
        near = self._names_alike.get(_folded(path), [])
        if self.strict:
            near = [name for name in near if normalize("NFC", name) == normalize("NFC", path)]
        if near:
            words = f"The file {shown(path)} was expected: found {shown(near[0])}, which differs in form."
            self.warn("B54", where, words)
            return near[0]
        if path in self._to_fetch:
            self.error("B15", where, f"The bag is complete (§3): {shown(path)} is still to be fetched.")
        else:
            self.error("B09", where, f"Each file of a manifest is in the bag (§3): {shown(path)} is not.")
        return None

    @cached_property
    def _names_alike(self) -> Mapping[str, list[str]]:
        alike: dict[str, list[str]] = {}
        for name in sorted(self.payload):
            alike.setdefault(_folded(name), []).append(name)
        return alike

    def _check_tag_manifest(self, manifest: str, listed: set[str]) -> None:
        """§2.2.1: a tag manifest lists each payload manifest, and no tag manifest."""
        for path in sorted(self.files):
            found = _MANIFEST.fullmatch(path)
            if found and not found[1] and path not in listed:
                self.error(
                    "B12", manifest, f"A tag manifest lists the payload manifests (§2.2.1): {path} is not."
                )
            if found and found[1] and path in listed:
                self.error("B12", manifest, f"A tag manifest lists no tag manifest (§2.2.1): found {path}.")

    # -------------------------------------------------------------- §2.2.3

    def _read_fetch(self) -> None:
        """What fetch.txt lists, of which nothing may lead out of the payload (§5.1) or to a file (§5.2)."""
        for number, line in enumerate(self._tag_lines(FETCH) if FETCH in self.files else (), start=1):
            where = f"{FETCH}:{number}"
            found = _FETCHED.fullmatch(line)
            if not found:
                words = "A line of fetch.txt is a URL, a length and a path (§2.2.3)"
                self.error("B15", where, f"{words}: found {shown(line)}.")
                continue
            path = _PERCENT.sub(self._decoded, found[2])
            if not path.startswith(PAYLOAD) or _leaves(path) or "\\" in path:
                self.error("B15", where, f"Files are fetched into the payload (§5.1): found {shown(path)}.")
            elif found[1].lower().startswith("file:"):
                self.error("B15", where, f"Files are fetched from a network (§5.2): found {shown(found[1])}.")
            else:
                self._to_fetch.add(path)

    # -------------------------------------------------------------- §2.2.2, §3

    def _check_listed_everywhere(self) -> None:
        """Each payload file, and each to be fetched, is in each manifest; before 1.0 in one of them."""
        manifests = {path: found for path, found in self._listed.items() if not path.startswith("tag")}
        if not manifests:
            self.error("B05", "", "A bag has at least one manifest of its payload (§2.1.3): found none.")
        elif not self.strict:
            manifests = {"any manifest": set().union(*manifests.values())}
        for manifest, listed in manifests.items():
            for path in sorted((self.payload | self._to_fetch) - listed):
                self.error(
                    "B10", path, f"Each manifest lists all of the payload (§3): {manifest} lists it not."
                )

    def _read_files(self) -> int:
        """Compare the digests of all files that manifests list; gives the size of the payload."""
        size = 0
        for path in sorted(self.payload | self._expected.keys()):
            wanted = self._expected.get(path, set())
            hashes = {algorithm: _HASHES[algorithm] for algorithm, _, _ in wanted}
            found, length = stream_digests(self.files[path], hashes)
            size += length if path in self.payload else 0
            for algorithm, digest, manifest in sorted(wanted):
                if found[algorithm] != digest:
                    words = f"The {algorithm} {digest[:16]}… of {manifest} was expected (§3)"
                    self.error("B11", path, f"{words}: found {found[algorithm][:16]}….")
        return size

    def _check_info(self, size: int) -> None:
        """The metadata is a list of labels and values, and what it says of the payload's size is so."""
        path = "package-info.txt" if self.version < "0.96" else BAG_INFO
        form = _ELEMENT if self.strict else _OLD_ELEMENT
        began = False
        for number, line in enumerate(self._tag_lines(path) if path in self.files else (), start=1):
            found = form.fullmatch(line)
            if found and found[1].lower() == OXUM.lower():
                self._check_oxum(found[2].strip(), f"{path}:{number}", size)
            elif not found and line.strip() and not (began and line[0] in " \t"):
                words = "A line of metadata is a label, a colon, a space and a value (§2.2.2)"
                self.error("B13", f"{path}:{number}", f"{words}: found {shown(line)}.")
            began = began or found is not None

    def _check_oxum(self, value: str, where: str, size: int) -> None:
        found = _OXUM.fullmatch(value)
        if not found or (int(found[1]), int(found[2])) != (size, len(self.payload)):
            words = f"The Payload-Oxum is {size}.{len(self.payload)} (§2.2.2)"
            self.error("B14", where, f"{words}: found {shown(value)}; files are missing or were added.")

    def _check_names(self) -> None:
        """Warnings on what other systems do to names, and on digests that were broken."""
        for path in sorted(self.payload):
            if path.rpartition("/")[2].lower() in _OF_THE_SYSTEM:
                self.warn("B55", path, "A file of an operating system is no payload: found one.")
        for names in self._names_alike.values():
            if len(names) > 1:
                words = f"Names that all systems tell apart should be used: found {shown(names[1])} too."
                self.warn("B56", names[0], words)
        algorithms = {_algorithm(path) for path in self._listed}
        if self.strict and self._listed and algorithms <= {"md5", "sha1"}:
            self.warn(
                "B57", "", "A manifest of SHA-256 or SHA-512 should be there (§2.4): found weaker ones only."
            )


def _algorithm(manifest: str) -> str:
    """The digest algorithm in the name of a manifest (§2.4)."""
    return re.sub(r"[^a-z0-9]", "", manifest.removesuffix(".txt").partition("manifest-")[2].lower())


def _lines(text: str) -> list[str]:
    """Lines that end in LF, CR or CRLF (§2.3), the last one with or without."""
    lines = _ENDING.split(text)
    return lines if lines[-1] else lines[:-1]
