"""WACZ: what was taken from the network as one file that others can replay and check (spec 1.1.1, 1.2.0).

A WACZ is a ZIP with WARC files, an index of their records (CDXJ), a list of pages, and a manifest with the
SHA-256 of every file. This module writes one from open files into an open file, and checks one that
somebody else made: everything in it is hostile until shown otherwise. Nothing is unpacked to a disk.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
import zlib
from base64 import b32encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, BinaryIO, Protocol, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from ..base import BadInput
from .capture import instant

# py-wacz accepts this version and profile; readers of 1.2.0 accept both.
WACZ_VERSION = "1.1.1"
PROFILE = "data-package"
KNOWN_PROFILES = frozenset({PROFILE, "wacz", "data-package-wacz"})

DATAPACKAGE, DIGEST = "datapackage.json", "datapackage-digest.json"
PAGES, INDEX = "pages/pages.jsonl", "indexes/index.cdxj"
_PAGES_HEAD = {"format": "json-pages-1.0", "id": "pages", "title": "All pages"}
_ARCHIVE, _INDEXES = "archive/", "indexes/"
_CDXJ = (".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz")
# The record types that a reader is led to.
_INDEXED = frozenset({"response", "revisit", "resource", "metadata"})

_PORTION = 1 << 16
# A WARC or HTTP head that is longer is none.
_LONGEST_HEAD = 1 << 17
_OLDEST_ZIP_YEAR = 1980


class WaczError(BadInput):
    """The file is no WACZ that can be read."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to begin with: its address, when it was taken, its title and the text that a reader sees."""

    url: str
    at: datetime
    title: str = ""
    id: str = ""
    text: str = ""


class Fault(StrEnum):
    """What can be wrong with a WACZ."""

    NO_ZIP = "no_zip"
    TOO_LARGE = "too_large"
    PATH = "path"
    DUPLICATE = "duplicate"
    COMPRESSED = "compressed"
    MISSING = "missing"
    UNLISTED = "unlisted"
    DIGEST = "digest"
    SIZE = "size"
    MANIFEST = "manifest"
    PAGES = "pages"
    INDEX = "index"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class WaczProblem:
    """One thing that is wrong: its kind, the member of the ZIP, and a sentence."""

    fault: Fault
    member: str
    told: str

    def __str__(self) -> str:
        return f"{self.member or 'the file'}: {self.told}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaczLimits:
    """How much of a file of others is looked at before it is given up."""

    members: int = 10_000
    unpacked: int = 8 << 30
    # An honest text shrinks to a hundredth; the rest is there to fill a disk.
    ratio: int = 200
    manifest: int = 16 << 20
    record: int = 4 << 30
    records: int = 1_000_000
    problems: int = 100


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...
    def digest(self) -> bytes: ...


# ---------------------------------------------------------------- records of a WARC


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record as it lies in a WARC file: where, what it says of itself, what was found out.

    `status` and `mime` are those of the HTTP response inside, if it is one; `block_holds` and
    `payload_holds` say whether the digests that stand in the record are those of its bytes, None where
    there is none or it is of an algorithm that is not known.
    """

    offset: int
    length: int
    headers: Mapping[str, str]
    status: int | None
    mime: str
    block_holds: bool | None
    payload_holds: bool | None

    @property
    def type(self) -> str:
        """Its WARC-Type."""
        return self.headers.get("warc-type", "")

    @property
    def url(self) -> str:
        """Its WARC-Target-URI; empty where it has none."""
        return self.headers.get("warc-target-uri", "").strip("<>")

    @property
    def date(self) -> str:
        """Its WARC-Date."""
        return self.headers.get("warc-date", "")


def read_records(warc: BinaryIO, *, limits: WaczLimits | None = None) -> Iterator[WarcRecord]:
    """The records of a WARC, compressed record by record or plain, in order.

    Raises WaczError for a file that is no WARC, at the record where that shows.
    """
    limits = limits or WaczLimits()
    source = _Source(warc)
    for number in range(limits.records + 1):
        source.skip_blank_lines()
        if source.ended:
            return
        if number == limits.records:
            raise WaczError(f"A WARC with at most {limits.records} records is read: found more.")
        yield _record(source, limits)


class _Source:
    """A file that is read once, with its place in it, and what was read too far given back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._held, self._at = file, b"", 0

    @property
    def ended(self) -> bool:
        return not self._fill()

    @property
    def at(self) -> int:
        return self._at

    def take(self, most: int = _PORTION) -> bytes:
        self._fill()
        taken, self._held = self._held[:most], self._held[most:]
        self._at += len(taken)
        return taken

    def give_back(self, rest: bytes) -> None:
        self._held = rest + self._held
        self._at -= len(rest)

    def skip_blank_lines(self) -> None:
        while self._fill() and self._held[:1] in b"\r\n":
            self.take(1)

    def is_gzip(self) -> bool:
        if len(self._fill()) < 2:
            self._held += self._file.read(_PORTION)
        return self._held[:2] == b"\x1f\x8b"

    def _fill(self) -> bytes:
        if not self._held:
            self._held = self._file.read(_PORTION)
        return self._held


def _record(source: _Source, limits: WaczLimits) -> WarcRecord:
    offset = source.at
    unpacked = _Unpacked(_member(source) if source.is_gzip() else _plain(source), source)
    head = unpacked.head(offset)
    headers = _warc_headers(head, offset)
    length = _content_length(headers, offset, limits)
    looked = _Looked(headers)
    for portion in unpacked.exactly(length, offset):
        looked.update(portion)
    unpacked.end(offset)
    return WarcRecord(
        offset, source.at - offset, headers, looked.status, looked.mime, looked.block, looked.payload
    )


def _member(source: _Source) -> Iterator[bytes]:
    """The bytes of one gzip member; what comes after it is given back."""
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    waiting = b""
    while not stream.eof:
        waiting = waiting or source.take()
        if not waiting:
            raise WaczError(
                f"A compressed record ends in a checksum: found the end of the file at {source.at}."
            )
        try:
            portion = stream.decompress(waiting, _PORTION)
        except zlib.error as error:
            raise WaczError(f"A record that is gzip is expected before byte {source.at}: {error}.") from None
        waiting = stream.unconsumed_tail
        if portion:
            yield portion
    source.give_back(stream.unused_data)


def _plain(source: _Source) -> Iterator[bytes]:
    while portion := source.take():
        yield portion


class _Unpacked:
    """The bytes of one record, unpacked."""

    def __init__(self, portions: Iterator[bytes], source: _Source) -> None:
        self._portions, self._source, self._held = portions, source, b""
        self._compressed = source.is_gzip()

    def head(self, offset: int) -> bytes:
        while b"\r\n\r\n" not in self._held:
            portion = next(self._portions, b"")
            self._held += portion
            if not portion or len(self._held) > _LONGEST_HEAD + _PORTION:
                raise WaczError(f"A WARC record begins with its headers: found none at byte {offset}.")
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        return head

    def exactly(self, length: int, offset: int) -> Iterator[bytes]:
        left = length
        while left:
            portion = self._held or next(self._portions, b"")
            if not portion:
                raise WaczError(f"The record at byte {offset} has {length} bytes: found {left} fewer.")
            taken, self._held = portion[:left], portion[left:]
            left -= len(taken)
            yield taken

    def end(self, offset: int) -> None:
        """Two line breaks, then nothing; of a plain file what follows is given back."""
        while len(self._held) < 4 and (portion := next(self._portions, b"")):
            self._held += portion
        if self._held[:4] != b"\r\n\r\n" or (self._compressed and self._held[4:]):
            raise WaczError(f"The record at byte {offset} ends in two line breaks: found something else.")
        if self._compressed:
            for _ in self._portions:
                raise WaczError(f"The record at byte {offset} is alone in its gzip member: found more.")
        else:
            self._source.give_back(self._held[4:])


def _warc_headers(head: bytes, offset: int) -> dict[str, str]:
    first, *lines = head.decode("utf-8", "replace").split("\r\n")
    if not re.fullmatch(r"WARC/1\.[01]", first):
        raise WaczError(f"A record of WARC 1.0 or 1.1 is expected at byte {offset}: found {first[:40]!r}.")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name.lower() in headers:
            raise WaczError(f"Each header of the record at byte {offset} is named once: found {line[:60]!r}.")
        headers[name.lower()] = value.strip()
    for name in ("warc-type", "warc-record-id", "warc-date", "content-length"):
        if name not in headers:
            raise WaczError(f"The record at byte {offset} needs {name}: found none (ISO 28500, 5).")
    return headers


def _content_length(headers: Mapping[str, str], offset: int, limits: WaczLimits) -> int:
    text = headers["content-length"]
    if not re.fullmatch(r"[0-9]{1,15}", text, re.ASCII) or int(text) > limits.record:
        raise WaczError(
            f"The record at byte {offset} has a length of at most {limits.record}: found {text[:40]!r}."
        )
    return int(text)


class _Looked:
    """What is learnt from the bytes of a record while they pass: digests, and the head of a response."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._block = _Claimed(headers.get("warc-block-digest", ""))
        self._payload = _Claimed(headers.get("warc-payload-digest", ""))
        self._http = headers.get("content-type", "").replace(" ", "").startswith("application/http")
        self._head: bytes | None = b"" if self._http else None
        self._response = headers.get("warc-type") in {"response", "revisit"}
        self.status: int | None = None
        self.mime = "" if self._http else headers.get("content-type", "").partition(";")[0].strip()

    def update(self, portion: bytes) -> None:
        self._block.update(portion)
        if self._head is None:
            self._payload.update(portion)
            return
        self._head += portion
        if b"\r\n\r\n" in self._head or len(self._head) > _LONGEST_HEAD:
            head, _, rest = self._head.partition(b"\r\n\r\n")
            self._head = None
            self._payload.update(rest)
            self._read_head(head)

    def _read_head(self, head: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        if self._response and (found := re.match(r"HTTP/\S+ ([0-9]{3})\b", first, re.ASCII)):
            self.status = int(found[1])
        for line in lines:
            name, _, value = line.partition(":")
            if name.strip().lower() == "content-type":
                self.mime = re.split(r"[;\s]", value.strip(), maxsplit=1)[0]

    @property
    def block(self) -> bool | None:
        return self._block.holds

    @property
    def payload(self) -> bool | None:
        return self._payload.holds


_ALGORITHMS: Mapping[str, Callable[[], _Digest]] = {
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
}


class _Claimed:
    """A digest as a record states it (`sha256:…`, hexadecimal or base 32), against that of its bytes."""

    def __init__(self, text: str) -> None:
        algorithm, _, self._stated = text.partition(":")
        make = _ALGORITHMS.get(algorithm.lower().replace("-", ""))
        self._digest = make() if make else None

    def update(self, portion: bytes) -> None:
        if self._digest:
            self._digest.update(portion)

    @property
    def holds(self) -> bool | None:
        if self._digest is None:
            return None
        base32 = b32encode(self._digest.digest()).decode()
        return self._stated.lower() == self._digest.hexdigest() or self._stated.rstrip("=") == base32.rstrip(
            "="
        )


# ---------------------------------------------------------------- the index


def index_key(url: str) -> str:
    """The key under which readers look an address up, host reversed (the form of wabac.js and warcio.js)."""
    if not url.lower().startswith(("http:", "https:")):
        return url
    try:
        parts = urlsplit(url.lower())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    host = re.sub(r"^www\d*\.", "", host)
    key = ",".join(reversed(host.split(".")))
    if port and port != {"http": 80, "https": 443}[parts.scheme]:
        key += f":{port}"
    key += ")" + (parts.path or "/")
    if parts.query:
        key += "?" + urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return key


def index_lines(records: Iterable[WarcRecord], *, filename: str) -> list[str]:
    """The CDXJ lines of a WARC's records, unsorted, without line breaks."""
    return [_index_line(record, filename) for record in records if record.type in _INDEXED and record.url]


def _index_line(record: WarcRecord, filename: str) -> str:
    members = {"url": record.url, "mime": record.mime}
    if record.type == "revisit":
        members["mime"] = "warc/revisit"
    if record.status is not None:
        members["status"] = str(record.status)
    if digest := record.headers.get("warc-payload-digest"):
        members["digest"] = digest
    members |= {"length": str(record.length), "offset": str(record.offset), "filename": filename}
    stamp = re.sub(r"[^0-9]", "", record.date)[:14]
    return f"{index_key(record.url).replace(' ', '%20')} {stamp} {json.dumps(members, ensure_ascii=False)}"


# ---------------------------------------------------------------- writing


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the digest that stands for all of it, and how much it is.

    `datapackage_sha256` is that of the manifest, which holds the digests of all other files.
    """

    datapackage_sha256: str
    records: int
    members: Mapping[str, str]


def write_wacz(
    out: BinaryIO,
    *,
    warcs: Mapping[str, BinaryIO],
    pages: Sequence[Page],
    title: str,
    created: datetime,
    software: str,
    description: str = "",
    others: Mapping[str, bytes] | None = None,
) -> Written:
    """Write a WACZ: WARC files by their names, pages, and other files by their paths.

    WARC files are read twice, so they must be seekable. Everything is stored as it is, so that the same
    input gives the same bytes with any version of zlib. Raises
    WaczError for a WARC that cannot be read, a name that the format does not allow, and no page at all.
    """
    _check_given(warcs, pages, others or {})
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        writer = _Writer(package, created)
        lines: list[str] = []
        for name, warc in sorted(warcs.items()):
            lines += index_lines(read_records(warc), filename=name)
            warc.seek(0)
            writer.copy(_ARCHIVE + name, warc)
        writer.add(INDEX, "".join(f"{line}\n" for line in sorted(lines)).encode())
        writer.add(PAGES, _pages(pages))
        for path, content in sorted((others or {}).items()):
            writer.add(path, content)
        about = {
            "title": title,
            "description": description,
            "created": instant(created),
            "software": software,
        }
        manifest = _manifest(writer.resources, pages[0], about)
        writer.add(DATAPACKAGE, manifest)
        digest = hashlib.sha256(manifest).hexdigest()
        stated = {"path": DATAPACKAGE, "hash": f"sha256:{digest}"}
        writer.add(DIGEST, _json(stated))
    return Written(digest, len(lines), {each["path"]: each["hash"] for each in writer.resources})


def _check_given(warcs: Mapping[str, BinaryIO], pages: Sequence[Page], others: Mapping[str, bytes]) -> None:
    if not warcs or not pages:
        raise WaczError(
            f"A WACZ holds at least one WARC and one page: found {len(warcs)} WARCs and {len(pages)} pages."
        )
    for name in warcs:
        if not re.fullmatch(r"[\w.-]+\.warc(\.gz)?", name, re.ASCII):
            raise WaczError(f"A WARC in a WACZ is called NAME.warc.gz: found {name!r}.")
    own = (_ARCHIVE, _INDEXES, "pages/", DATAPACKAGE, DIGEST)
    for path in others:
        if _path_trick(path) or path.startswith(own):
            raise WaczError(f"Another file of a WACZ lies beside {', '.join(own)}: found {path!r}.")


class _Writer:
    def __init__(self, package: zipfile.ZipFile, created: datetime) -> None:
        self._package = package
        self._stamp = created.astimezone(UTC)
        self.resources: list[dict[str, Any]] = []

    def add(self, path: str, content: bytes) -> None:
        self._note(path, hashlib.sha256(content).hexdigest(), len(content))
        self._package.writestr(self._info(path), content)

    def copy(self, path: str, file: BinaryIO) -> None:
        """Copy an open file as it is; records are compressed already, and readers jump into them."""
        digest, size = hashlib.sha256(), file.seek(0, 2)
        file.seek(0)
        large = size > zipfile.ZIP64_LIMIT
        with self._package.open(self._info(path), "w", force_zip64=large) as member:
            while portion := file.read(_PORTION):
                digest.update(portion)
                member.write(portion)
        self._note(path, digest.hexdigest(), size)

    def _note(self, path: str, sha256: str, size: int) -> None:
        name = path.rpartition("/")[2]
        self.resources.append({"name": name, "path": path, "hash": f"sha256:{sha256}", "bytes": size})

    def _info(self, path: str) -> zipfile.ZipInfo:
        stamp = self._stamp
        year = max(stamp.year, _OLDEST_ZIP_YEAR)
        info = zipfile.ZipInfo(
            path, (year, stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second // 2 * 2)
        )
        info.compress_type = zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        info.create_system = 3
        return info


def _pages(pages: Sequence[Page]) -> bytes:
    return b"".join(_json(each) for each in (_PAGES_HEAD, *map(_page_members, pages)))


def _page_members(page: Page) -> dict[str, str]:
    members = {"id": page.id, "url": page.url, "ts": instant(page.at), "title": page.title, "text": page.text}
    return {name: value for name, value in members.items() if value}


def _manifest(resources: list[dict[str, Any]], home: Page, about: Mapping[str, str]) -> bytes:
    members = {
        "profile": PROFILE,
        "wacz_version": WACZ_VERSION,
        **about,
        "mainPageUrl": home.url,
        "mainPageDate": instant(home.at),
        "home": {"url": home.url, "ts": instant(home.at)},
        "resources": resources,
    }
    return _json({name: value for name, value in members.items() if value})


def _json(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


# ---------------------------------------------------------------- reading and checking


def pages_in(file: BinaryIO, *, limits: WaczLimits | None = None) -> tuple[Page, ...]:
    """The pages that a WACZ lists. Raises WaczError where it is no ZIP or its list cannot be read."""
    check = _Check(file, limits or WaczLimits())
    problems = check.opened() or check.members()
    if problems:
        raise WaczError(f"A WACZ is expected: {problems[0]}.")
    pages, problems = check.pages()
    if problems:
        raise WaczError(f"A list of pages is expected in a WACZ: {problems[0]}.")
    return pages


def check_wacz(file: BinaryIO, *, limits: WaczLimits | None = None) -> list[WaczProblem]:
    """Everything that is wrong with a WACZ; empty where it is whole and says the truth about itself.

    Every byte is read: each member's digest, each record's digests, each line of the index. What lies
    outside the manifest is a problem too. A signature is not verified here.
    """
    check = _Check(file, limits or WaczLimits())
    problems = check.opened() or check.members()
    if not problems:
        problems = [*check.manifest(), *check.pages()[1], *check.records_and_index()]
    return problems[: check.limits.problems]


@dataclass(frozen=True, slots=True)
class _Listed:
    hash: str
    size: int


class _Check:
    def __init__(self, file: BinaryIO, limits: WaczLimits) -> None:
        self._file, self.limits = file, limits
        self._zip: zipfile.ZipFile
        self._infos: list[zipfile.ZipInfo] = []

    def opened(self) -> list[WaczProblem]:
        try:
            self._zip = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            return [WaczProblem(Fault.NO_ZIP, "", f"it is no ZIP that can be read ({error})")]
        self._infos = self._zip.infolist()
        return []

    def members(self) -> list[WaczProblem]:
        """What is wrong with the ZIP itself, before anything in it is unpacked."""
        if len(self._infos) > self.limits.members:
            told = f"it has {len(self._infos)} members, and {self.limits.members} are looked at"
            return [WaczProblem(Fault.TOO_LARGE, "", told)]
        unpacked = sum(info.file_size for info in self._infos)
        if unpacked > self.limits.unpacked:
            told = f"it unpacks to {unpacked} bytes, and {self.limits.unpacked} are looked at"
            return [WaczProblem(Fault.TOO_LARGE, "", told)]
        return [
            *self._names(),
            *(each for info in self._infos for each in self._member(info)),
            *self._layout(),
        ]

    def _names(self) -> list[WaczProblem]:
        seen: set[str] = set()
        found = []
        for info in self._infos:
            if trick := _path_trick(info.filename, info.orig_filename):
                found.append(WaczProblem(Fault.PATH, info.filename[:200], trick))
            key = info.filename.casefold()
            if key in seen:
                found.append(WaczProblem(Fault.DUPLICATE, info.filename, "two members have this name"))
            seen.add(key)
        return found

    def _member(self, info: zipfile.ZipInfo) -> Iterator[WaczProblem]:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind and not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            yield WaczProblem(Fault.PATH, info.filename, "it is a link or a device, not a file")
        if info.flag_bits & 1:
            yield WaczProblem(Fault.COMPRESSED, info.filename, "it is encrypted")
        elif info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            yield WaczProblem(Fault.COMPRESSED, info.filename, "it is compressed in a way other than deflate")
        elif info.compress_type != zipfile.ZIP_STORED and _must_be_stored(info.filename):
            yield WaczProblem(
                Fault.COMPRESSED, info.filename, "it must be stored, so that readers can jump in it"
            )
        if info.file_size > self.limits.ratio * max(info.compress_size, 1 << 10):
            yield WaczProblem(Fault.TOO_LARGE, info.filename, f"it unpacks to {info.file_size} bytes")

    def _layout(self) -> list[WaczProblem]:
        """Members that share bytes, which is how a small file unpacks to a huge one."""
        ends = 0
        for info in sorted(self._infos, key=lambda each: each.header_offset):
            if info.header_offset < ends:
                return [WaczProblem(Fault.NO_ZIP, info.filename, "it shares bytes with another member")]
            ends = info.header_offset + 30 + len(info.orig_filename.encode()) + info.compress_size
        names = {info.filename for info in self._infos}
        found = [
            WaczProblem(Fault.MISSING, name, "it is not there")
            for name in (DATAPACKAGE, PAGES)
            if name not in names
        ]
        if not self._named(_ARCHIVE, ".warc", ".warc.gz"):
            found.append(WaczProblem(Fault.MISSING, _ARCHIVE, "no WARC is there"))
        if not self._named(_INDEXES, *_CDXJ):
            found.append(WaczProblem(Fault.MISSING, _INDEXES, "no CDXJ index is there"))
        return found

    def _named(self, folder: str, *endings: str) -> list[str]:
        names = (info.filename for info in self._infos)
        return [name for name in names if name.startswith(folder) and name.endswith(endings)]

    # ------------------------------------------------------------ manifest

    def manifest(self) -> list[WaczProblem]:
        """Every file is listed once with its true size and digest, and the manifest with its own."""
        try:
            content = self._read(DATAPACKAGE)
            listed = _listed(json.loads(content))
        except (WaczError, ValueError, RecursionError) as error:
            return [WaczProblem(Fault.MANIFEST, DATAPACKAGE, f"it cannot be used ({error})")]
        found = [*self._digest_of(content)]
        names = {info.filename for info in self._infos if not info.is_dir()} - {DATAPACKAGE, DIGEST}
        found += [
            WaczProblem(Fault.MISSING, name, "it is listed and not there") for name in listed.keys() - names
        ]
        for name in sorted(names):
            if name not in listed:
                found.append(WaczProblem(Fault.UNLISTED, name, "the manifest does not list it"))
            else:
                found += self._compare(name, listed[name])
        return found

    def _digest_of(self, manifest: bytes) -> Iterator[WaczProblem]:
        if DIGEST not in self._zip.namelist():
            yield WaczProblem(Fault.MISSING, DIGEST, "the digest of the manifest is not there")
            return
        try:
            stated = json.loads(self._read(DIGEST))
            told = (stated["path"], stated["hash"])
        except (WaczError, ValueError, TypeError, KeyError, RecursionError):
            yield WaczProblem(Fault.MANIFEST, DIGEST, "it names no path and no hash")
            return
        if told != (DATAPACKAGE, f"sha256:{hashlib.sha256(manifest).hexdigest()}"):
            yield WaczProblem(Fault.DIGEST, DATAPACKAGE, f"its digest is not the one that {DIGEST} states")

    def _compare(self, name: str, listed: _Listed) -> Iterator[WaczProblem]:
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as member:
                while portion := member.read(_PORTION):
                    digest.update(portion)
                    size += len(portion)
        except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError) as error:
            yield WaczProblem(Fault.NO_ZIP, name, f"it cannot be unpacked ({error})")
            return
        if size != listed.size:
            yield WaczProblem(Fault.SIZE, name, f"it has {size} bytes, and {listed.size} are listed")
        if listed.hash != f"sha256:{digest.hexdigest()}":
            yield WaczProblem(Fault.DIGEST, name, "its SHA-256 is not the one that is listed")

    def _read(self, name: str) -> bytes:
        if self._zip.getinfo(name).file_size > self.limits.manifest:
            raise WaczError(f"{name} has at most {self.limits.manifest} bytes: found more.")
        try:
            return self._zip.read(name)
        except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError) as error:
            raise WaczError(f"{name} cannot be unpacked: {error}.") from None

    # ------------------------------------------------------------ pages, records, index

    def pages(self) -> tuple[tuple[Page, ...], list[WaczProblem]]:
        """The pages, and what is wrong with their list."""
        try:
            lines = self._read(PAGES).decode("utf-8").splitlines()
        except (WaczError, UnicodeDecodeError) as error:
            return (), [WaczProblem(Fault.PAGES, PAGES, f"it cannot be read ({error})")]
        found, problems = [], []
        for number, line in enumerate(lines, start=1):
            page = _page(line, number)
            if isinstance(page, str):
                problems.append(WaczProblem(Fault.PAGES, PAGES, f"line {number} {page}"))
            elif page:
                found.append(page)
        if not found and not problems:
            problems.append(WaczProblem(Fault.PAGES, PAGES, "no page is listed"))
        return tuple(found), problems

    def records_and_index(self) -> list[WaczProblem]:
        """Every record can be read and holds its digests; every line of an index leads to a record."""
        found: list[WaczProblem] = []
        places: dict[tuple[str, int], WarcRecord] = {}
        for name in self._named(_ARCHIVE, ".warc", ".warc.gz"):
            try:
                with self._zip.open(name) as warc:
                    for record in read_records(cast("BinaryIO", warc), limits=self.limits):
                        places[name.removeprefix(_ARCHIVE), record.offset] = record
                        found += _of_record(name, record)
            except (WaczError, zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
                found.append(WaczProblem(Fault.RECORD, name, str(error)))
        led: set[tuple[str, int]] = set()
        for name in self._named(_INDEXES, *_CDXJ):
            found += self._index(name, places, led)
        missed = [each for each, record in places.items() if record.type == "response" and each not in led]
        if missed:
            found.append(WaczProblem(Fault.INDEX, _INDEXES, f"no line leads to {len(missed)} responses"))
        return found

    def _index(
        self, name: str, places: Mapping[tuple[str, int], WarcRecord], led: set[tuple[str, int]]
    ) -> Iterator[WaczProblem]:
        try:
            lines = _unzipped(self._read(name), self.limits.manifest).decode("utf-8").splitlines()
        except (WaczError, UnicodeDecodeError) as error:
            yield WaczProblem(Fault.INDEX, name, f"it cannot be read ({error})")
            return
        for number, line in enumerate(lines, start=1):
            if line.startswith("!"):
                continue
            place, wrong = _led(line, places)
            led.add(place)
            if wrong:
                yield WaczProblem(Fault.INDEX, name, f"line {number} {wrong}")


def _path_trick(name: str, written: str = "") -> str:
    """Why a name could lead outside the place where a ZIP is unpacked; empty where it cannot."""
    parts = name.split("/")
    if not name or name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "its name begins outside the package"
    if "\\" in name or "\\" in written or "\0" in written or any(ord(each) < 32 for each in written):
        return "its name holds a backslash or a control character"
    if any(part in {".", ".."} for part in parts) or "" in parts[:-1]:
        return "its name leads outside the package"
    return ""


def _must_be_stored(name: str) -> bool:
    return name.startswith(_ARCHIVE) or name.endswith(".cdx.gz")


def _listed(manifest: Any) -> dict[str, _Listed]:
    """The files that a manifest lists. Raises WaczError, ValueError."""
    if not isinstance(manifest, dict) or not isinstance(manifest.get("resources"), list):
        raise WaczError("a manifest with a list of resources is expected")
    if manifest.get("profile") not in KNOWN_PROFILES:
        raise WaczError(f"a profile is expected, one of {', '.join(sorted(KNOWN_PROFILES))}")
    listed: dict[str, _Listed] = {}
    for each in manifest["resources"]:
        if not isinstance(each, dict) or not isinstance(each.get("path"), str) or each["path"] in listed:
            raise WaczError("each resource has a path of its own")
        stated, size = each.get("hash"), each.get("bytes")
        if not (isinstance(stated, str) and re.fullmatch(r"sha256:[0-9a-f]{64}", stated)):
            raise WaczError(f"a SHA-256 is expected for {each['path']}")
        if not isinstance(size, int) or isinstance(size, bool):
            raise WaczError(f"a number of bytes is expected for {each['path']}")
        listed[each["path"]] = _Listed(stated, size)
    return listed


def _page(line: str, number: int) -> Page | str | None:
    """A page of the list; what is wrong with its line; None for the heading and empty lines."""
    if not line.strip():
        return None
    try:
        members = json.loads(line)
    except (ValueError, RecursionError):
        return "is no JSON"
    if not isinstance(members, dict):
        return "is no JSON object"
    if number == 1 and "format" in members:
        return None
    url, stamp = members.get("url"), members.get("ts")
    try:
        at = datetime.fromisoformat(stamp) if isinstance(stamp, str) else None
    except ValueError:
        at = None
    if not isinstance(url, str) or not url or at is None or at.tzinfo is None:
        return "needs a url, and a ts with a time zone"
    texts = {name: str(members.get(name) or "") for name in ("title", "id", "text")}
    return Page(url, at, **texts)


def _of_record(name: str, record: WarcRecord) -> Iterator[WaczProblem]:
    if record.block_holds is False:
        yield WaczProblem(
            Fault.DIGEST, name, f"the record at byte {record.offset} has other bytes than stated"
        )
    if record.payload_holds is False and record.type != "revisit":
        yield WaczProblem(
            Fault.DIGEST, name, f"the record at byte {record.offset} has another payload than stated"
        )


def _unzipped(content: bytes, most: int) -> bytes:
    if content[:2] != b"\x1f\x8b":
        return content
    unpacked = bytearray()
    while content:
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            unpacked += stream.decompress(content, most + 1 - len(unpacked))
        except zlib.error as error:
            raise WaczError(f"gzip is expected: {error}") from None
        if not stream.eof or len(unpacked) > most:
            raise WaczError(f"at most {most} bytes of gzip are expected, whole to the end")
        content = stream.unused_data
    return bytes(unpacked)


def _led(line: str, places: Mapping[tuple[str, int], WarcRecord]) -> tuple[tuple[str, int], str]:
    """The place to which a line of an index leads, and what is wrong with it, if anything."""
    nowhere = ("", -1)
    try:
        key, stamp, text = line.split(" ", 2)
        members = json.loads(text)
        place = (str(members["filename"]), int(members["offset"]))
        length, url = int(members["length"]), members["url"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return nowhere, "is no line of CDXJ"
    record = places.get(place)
    if record is None:
        return nowhere, f"leads to byte {place[1]} of {place[0][:80]}, where no record begins"
    if record.length != length or record.url != url:
        return place, f"says another length or address than the record at byte {place[1]}"
    if re.sub(r"[^0-9]", "", record.date)[:14] != stamp[:14] or not key:
        return place, f"says another time than the record at byte {place[1]}"
    return place, ""
