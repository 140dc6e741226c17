"""An S3 of one's own over a folder: small, but it checks what a real one checks, and fails when told to.

It knows one bucket by path-style addresses: PUT, GET with a range, HEAD, DELETE, ListObjectsV2 in pages,
uploads in parts, If-None-Match and If-Match. Signatures (Signature Version 4), SHA-256 of payloads,
x-amz-checksum-sha256 and Content-MD5 are recomputed. What lies in it are plain files, so that a test can
change a bit of one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import shutil
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest

from lieber_mission import place
from lieber_mission.outside import s3

BUCKET, KEY_ID, SECRET, REGION = "evidence", "TESTKEYID", "a-secret/of+tests", "eu-test-1"
SMALLEST_PART = 5 << 20
_PORTION = 1 << 20
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_SIGNATURE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?"
    r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})"
)
_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


class Fault(Enum):
    """What goes wrong with a request."""

    FORBIDDEN = "it is refused for good"
    AWAY = "it is refused for now"
    CUT = "the line breaks in the middle of it, and nothing was done"
    UNANSWERED = "it is done, and the line breaks before the answer"
    FLIP = "one bit of its body changes on the line"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its number from 1 on, and what it asks for."""

    number: int
    method: str
    key: str
    query: dict[str, str]
    headers: dict[str, str]

    @property
    def name(self) -> str:
        """The last part of its key."""
        return self.key.rpartition("/")[2]


class _Refused(Exception):
    def __init__(self, status: int, code: str, words: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.words = status, code, words or code


class _LineCut(Exception):
    """The line is cut."""


@dataclass
class S3:
    """The service: what lies in `folder`, what was asked, and what goes wrong next."""

    folder: Path
    port: int = 0
    scheme: str = "http"
    # Keys in one page of a list.
    page: int = 1_000
    # Bytes that may lie in it.
    quota: int | None = None
    # Whether it keeps conditions: not all services do. None: it answers that it does not know them.
    conditions: bool | None = True
    goes_wrong: Callable[[Asked], Fault | None] = lambda _: None
    asked: list[Asked] = field(default_factory=list)
    etags: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        """What mission.toml says of it."""
        return f"{self.scheme}://127.0.0.1:{self.port}/{BUCKET}/mission"

    @property
    def bucket(self) -> Path:
        """Where objects lie as files."""
        return self.folder / BUCKET

    @property
    def uploads(self) -> Path:
        """Where parts lie of what is not whole."""
        return self.folder / "uploads"

    def file(self, key: str) -> Path:
        """The file of an object."""
        if not key or any(part in {"", ".", ".."} for part in key.split("/")):
            raise _Refused(400, "InvalidArgument")
        return self.bucket / key

    def listed(self, prefix: str = "") -> list[str]:
        """All keys with a prefix, in the order of lists."""
        top = self.bucket / prefix.rpartition("/")[0]
        found = [path.relative_to(self.bucket).as_posix() for path in top.rglob("*") if path.is_file()]
        return sorted(key for key in found if key.startswith(prefix))

    def etag(self, key: str) -> str:
        """The tag of an object."""
        return self.etags.get(key) or f'"{hashlib.md5(self.file(key).read_bytes()).hexdigest()}"'  # noqa: S324

    def check_room(self, size: int) -> None:
        """Refuse what goes beyond the quota."""
        if self.quota is not None:
            there = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
            if there + size > self.quota:
                raise _Refused(403, "QuotaExceeded", "The quota of this bucket is used up.")

    def put(self, asked: Asked, body: Path, etag: str) -> None:
        """Put a body in its place, under the conditions of its request."""
        target = self.file(asked.key)
        none, match = asked.headers.get("if-none-match"), asked.headers.get("if-match")
        if (none or match) and self.conditions is None:
            raise _Refused(501, "NotImplemented", "A header you provided implies what is not implemented.")
        with self.lock:
            if self.conditions:
                if none == "*" and target.exists():
                    raise _Refused(412, "PreconditionFailed")
                if match and (not target.exists() or self.etag(asked.key) != match):
                    raise _Refused(412, "PreconditionFailed")
            target.parent.mkdir(parents=True, exist_ok=True)
            body.replace(target)
            self.etags[asked.key] = etag

    def delete(self, key: str) -> None:
        """Remove an object; none there is no error."""
        with self.lock:
            path = self.file(key)
            path.unlink(missing_ok=True)
            self.etags.pop(key, None)
            for parent in path.parents:
                if parent == self.bucket or not parent.is_dir() or any(parent.iterdir()):
                    break
                parent.rmdir()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _check_signature(method: str, target: str, headers: dict[str, str]) -> None:
    """Signature Version 4 over the request as it came; a real service tells as little."""
    found = _SIGNATURE.fullmatch(headers.get("authorization", ""))
    if not found:
        raise _Refused(403, "AccessDenied")
    key_id, day, region, signed, signature = found.groups()
    if key_id != KEY_ID:
        raise _Refused(403, "InvalidAccessKeyId")
    when = headers.get("x-amz-date", "")
    if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(signed.split(";")) or region != REGION:
        raise _Refused(403, "SignatureDoesNotMatch")
    at = datetime.strptime(when, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if abs((datetime.now(UTC) - at).total_seconds()) > 900 or not when.startswith(day):
        raise _Refused(403, "RequestTimeTooSkewed")
    path, _, query = target.partition("?")
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
    )
    canonical = "\n".join(
        [
            method,
            path,
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{' '.join(headers[name].split())}" for name in signed.split(";")),
            "",
            signed,
            headers["x-amz-content-sha256"],
        ]
    )
    scope = f"{day}/{region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{when}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = _hmac(_hmac(_hmac(_hmac(f"AWS4{SECRET}".encode(), day), region), "s3"), "aws4_request")
    if not hmac.compare_digest(_hmac(key, text).hex(), signature):
        raise _Refused(403, "SignatureDoesNotMatch")


def _handler(service: S3) -> type[BaseHTTPRequestHandler]:  # noqa: C901  # one class
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        fault: Fault | None = None

        def log_message(self, *_: object) -> None:
            return

        def _serve(self) -> None:
            path, _, query = self.path.partition("?")
            _, _, rest = path.partition("/")
            bucket, _, key = rest.partition("/")
            headers = {name.lower(): value for name, value in self.headers.items()}
            with service.lock:
                asked = Asked(
                    len(service.asked) + 1,
                    self.command,
                    unquote(key),
                    dict(parse_qsl(query, keep_blank_values=True)),
                    headers,
                )
                service.asked.append(asked)
            self.fault = service.goes_wrong(asked)
            body = service.folder / f".arriving-{asked.number}"
            try:
                self._one(asked, bucket, body)
            except _Refused as refused:
                if self.fault is Fault.UNANSWERED:
                    self.close_connection = True
                else:
                    self._refuse(refused)
            except (_LineCut, BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            finally:
                body.unlink(missing_ok=True)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815  # as the library calls them

        def _one(self, asked: Asked, bucket: str, body: Path) -> None:
            etag = self._received(asked, body)
            if self.fault is Fault.FORBIDDEN:
                raise _Refused(403, "AccessDenied")
            if self.fault is Fault.AWAY:
                raise _Refused(503, "SlowDown", "Please reduce your request rate.")
            _check_signature(self.command, self.path, asked.headers)
            if bucket != BUCKET:
                raise _Refused(404, "NoSuchBucket")
            deed = {
                ("GET", True): self._get,
                ("HEAD", True): self._get,
                ("GET", False): self._list,
                ("PUT", True): self._put,
                ("DELETE", True): self._delete,
                ("POST", True): self._post,
            }.get((self.command, bool(asked.key)))
            if deed is None:
                raise _Refused(405, "MethodNotAllowed")
            deed(asked, body, etag)

        def _received(self, asked: Asked, body: Path) -> str:
            """Read the body into a file; what it is said to be is checked."""
            left = int(asked.headers.get("content-length", "0"))
            whole, sha256, md5, first = left, hashlib.sha256(), hashlib.md5(), True  # noqa: S324
            with body.open("wb") as file:
                while left:
                    if self.fault is Fault.CUT and left <= whole // 2 + 1:
                        raise _LineCut
                    portion = self.rfile.read(min(left, _PORTION, max(1, whole // 2)))
                    if not portion:
                        raise _LineCut
                    left -= len(portion)
                    if self.fault is Fault.FLIP and first:
                        portion, first = bytes([portion[0] ^ 1]) + portion[1:], False
                    sha256.update(portion)
                    md5.update(portion)
                    file.write(portion)
            if self.fault is Fault.CUT:
                raise _LineCut
            said = {
                "x-amz-content-sha256": sha256.hexdigest(),
                "x-amz-checksum-sha256": base64.b64encode(sha256.digest()).decode(),
                "content-md5": base64.b64encode(md5.digest()).decode(),
            }
            for name, found in said.items():
                if asked.headers.get(name, found) not in {found, "UNSIGNED-PAYLOAD"}:
                    raise _Refused(400, "XAmzContentSHA256Mismatch" if "content-sha" in name else "BadDigest")
            return f'"{md5.hexdigest()}"'

        # ---------------------------------------------------------- objects

        def _get(self, asked: Asked, _body: Path, _etag: str) -> None:
            path = service.file(asked.key)
            if not path.is_file():
                raise _Refused(404, "NoSuchKey")
            size = path.stat().st_size
            first, last, headers = 0, size - 1, {}
            if (said := asked.headers.get("range")) and (found := _RANGE.fullmatch(said)):
                begin, end = found.groups()
                first = int(begin) if begin else max(0, size - int(end))
                last = min(int(end), size - 1) if begin and end else size - 1
                if first >= size or first > last:
                    raise _Refused(416, "InvalidRange")
                headers["Content-Range"] = f"bytes {first}-{last}/{size}"
            headers["ETag"] = service.etag(asked.key)
            headers["Accept-Ranges"] = "bytes"
            headers["Last-Modified"] = time.strftime(
                "%a, %d %b %Y %H:%M:%S GMT", time.gmtime(path.stat().st_mtime)
            )
            self._head(206 if "Content-Range" in headers else 200, last - first + 1, headers)
            if self.command == "GET":
                self._send_part(path, first, last)

        def _send_part(self, path: Path, first: int, last: int) -> None:
            left = whole = last - first + 1
            with path.open("rb") as file:
                file.seek(first)
                while left > 0:
                    portion = file.read(min(left, _PORTION, max(1, whole // 2)))
                    if self.fault is Fault.FLIP and left == whole:
                        portion = bytes([portion[0] ^ 1]) + portion[1:]
                    self.wfile.write(portion)
                    left -= len(portion)
                    if self.fault is Fault.UNANSWERED and left <= whole // 2 + 1:
                        raise _LineCut

        def _put(self, asked: Asked, body: Path, etag: str) -> None:
            service.check_room(body.stat().st_size)
            if "uploadId" in asked.query:
                parts = self._upload(asked)
                number = int(asked.query["partNumber"])
                if not 1 <= number <= 10_000:
                    raise _Refused(400, "InvalidArgument")
                body.replace(parts / f"{number:05d}")
                (parts / f"{number:05d}.etag").write_text(etag)
            else:
                service.put(asked, body, etag)
            self._answer(200, b"", {"ETag": etag})

        def _delete(self, asked: Asked, _body: Path, _etag: str) -> None:
            if "uploadId" in asked.query:
                shutil.rmtree(self._upload(asked))
            else:
                service.delete(asked.key)
            self._answer(204, b"")

        def _list(self, asked: Asked, _body: Path, _etag: str) -> None:
            if asked.query.get("list-type") != "2":
                raise _Refused(501, "NotImplemented")
            after = asked.query.get("continuation-token") or asked.query.get("start-after", "")
            keys, common = [], []
            for key in service.listed(asked.query.get("prefix", "")):
                rest = key.removeprefix(asked.query.get("prefix", ""))
                if (sign := asked.query.get("delimiter")) and sign in rest:
                    shared = key[: len(key) - len(rest)] + rest.partition(sign)[0] + sign
                    if shared > after and shared not in common:
                        common.append(shared)
                elif key > after:
                    keys.append(key)
            page = sorted([*keys, *common])[: service.page]
            more = len(page) < len(keys) + len(common)
            told = "".join(
                f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"
                if name in common
                else self._told(name)
                for name in page
            )
            following = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
            text = (
                f"<ListBucketResult {_NAMESPACE}><Name>{BUCKET}</Name><KeyCount>{len(page)}</KeyCount>"
                f"<IsTruncated>{str(more).lower()}</IsTruncated>{following}{told}</ListBucketResult>"
            )
            self._answer(200, text.encode())

        def _told(self, key: str) -> str:
            found = service.file(key).stat()
            at = datetime.fromtimestamp(found.st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            return (
                f"<Contents><Key>{escape(key)}</Key><LastModified>{at}</LastModified>"
                f"<ETag>{escape(service.etag(key))}</ETag><Size>{found.st_size}</Size></Contents>"
            )

        # ---------------------------------------------------------- uploads in parts

        def _upload(self, asked: Asked) -> Path:
            found = service.uploads / asked.query["uploadId"]
            if not re.fullmatch("[0-9a-f]{32}", asked.query["uploadId"]) or not found.is_dir():
                raise _Refused(404, "NoSuchUpload")
            return found

        def _post(self, asked: Asked, body: Path, _etag: str) -> None:
            if "uploads" in asked.query:
                upload = os.urandom(16).hex()
                (service.uploads / upload).mkdir(parents=True)
                told = f"<Key>{escape(asked.key)}</Key><UploadId>{upload}</UploadId>"
                name = "InitiateMultipartUploadResult"
            else:
                told = f"<ETag>{escape(self._completed(asked, body))}</ETag>"
                name = "CompleteMultipartUploadResult"
            self._answer(200, f"<{name} {_NAMESPACE}><Bucket>{BUCKET}</Bucket>{told}</{name}>".encode())

        def _completed(self, asked: Asked, body: Path) -> str:
            parts = self._upload(asked)
            named = [
                (int(each.findtext("{*}PartNumber", "0")), each.findtext("{*}ETag", ""))
                for each in ET.fromstring(body.read_bytes()).iterfind(".//{*}Part")  # noqa: S314
            ]
            if named != sorted(named):
                raise _Refused(400, "InvalidPartOrder")
            md5 = hashlib.md5()  # noqa: S324
            whole = service.folder / f".whole-{asked.number}"
            try:
                with whole.open("wb") as target:
                    for number, etag in named:
                        part = parts / f"{number:05d}"
                        if not part.is_file() or part.with_suffix(".etag").read_text() != etag:
                            raise _Refused(400, "InvalidPart")
                        if number != named[-1][0] and part.stat().st_size < SMALLEST_PART:
                            raise _Refused(400, "EntityTooSmall")
                        md5.update(bytes.fromhex(etag.strip('"')))
                        with part.open("rb") as source:
                            shutil.copyfileobj(source, target, _PORTION)
                etag = f'"{md5.hexdigest()}-{len(named)}"'
                service.put(asked, whole, etag)
            finally:
                whole.unlink(missing_ok=True)
            shutil.rmtree(parts)
            return etag

        # ---------------------------------------------------------- answers

        def _head(self, status: int, size: int, headers: dict[str, str]) -> None:
            if self.fault is Fault.UNANSWERED and self.command != "GET":
                raise _LineCut
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(size))
            self.end_headers()

        def _answer(self, status: int, text: bytes, headers: dict[str, str] | None = None) -> None:
            if self.fault is Fault.UNANSWERED:
                raise _LineCut
            self._head(status, len(text), {"Content-Type": "application/xml", **(headers or {})})
            self.wfile.write(text)

        def _refuse(self, refused: _Refused) -> None:
            text = (
                f"<Error><Code>{refused.code}</Code><Message>{escape(refused.words)}</Message></Error>"
            ).encode()
            self.send_response(refused.status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text)

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that goes away is no error of a test."""


def used(service: S3, folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Let the mission in a folder keep its bytes on this service; returns the folder for arrivals."""
    patch.setenv(s3.VARIABLE, f"{KEY_ID} {SECRET}")
    patch.setattr(place, "mission", lambda: {"storage": {"s3": service.address, "region": REGION}})
    patch.setattr(place, "storage_folder", lambda: folder / "storage")
    # Pauses as long as a mission's would make these tests wait; the tries are as many.
    patch.setattr(s3, "FIRST_PAUSE", timedelta(milliseconds=1))
    patch.setattr(s3, "LONGEST_PAUSE", timedelta(milliseconds=2))
    s3._service.cache_clear()
    return folder / "storage"


@contextmanager
def served(folder: Path, *, certificate: Path | None = None) -> Iterator[S3]:
    """A service over a new folder; with a file of key and certificate it speaks TLS."""
    service = S3(folder)
    service.bucket.mkdir(parents=True)
    server = _Server(("127.0.0.1", 0), _handler(service))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        service.scheme = "https"
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
