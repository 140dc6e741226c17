"""A service that speaks S3: what mission.toml says of it, and the few things that are asked of it.

Every body that is sent carries its SHA-256, which the service recomputes: a bit that changes on the line is
refused. What is asked for is asked again after short pauses; then the answer is one sentence.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lieber.base import BadInput, LieberError

from .. import place
from .roots import StorageAway

try:
    from obstore.exceptions import AlreadyExistsError, BaseError
    from obstore.store import S3Store
except ImportError:
    raise LieberError(
        "mission.toml has a table [storage]: a storage on a service needs the extra s3; install lieber[s3]."
    ) from None

VARIABLE = "LIEBER_STORAGE_CREDENTIAL"
_KEYS = {"s3", "region", "insecure", "certificate"}
_EXAMPLE = 's3 = "https://host/bucket/prefix"'
_HERE = {"127.0.0.1", "::1", "localhost"}
_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")
# A part of 8 MiB has as long as it takes at 30 kB a second.
_LONGEST_ANSWER, _LONGEST_CONNECT = timedelta(minutes=5), timedelta(seconds=10)
# Pauses grow from the first to the longest; together they stay below the last.
TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(milliseconds=200), timedelta(seconds=5)
ALL_PAUSES = timedelta(minutes=1)
_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
# The process that opened a storage first.
_opened_by: list[int] = []
_NO_SUCH_KEY = "<Code>NoSuchKey</Code>"
_FULL = {
    "InsufficientStorage",
    "QuotaExceeded",
    "QuotaExceededException",
    "XMinioAdminBucketQuotaExceeded",
    "XMinioStorageFull",
}


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """How a service is reached: `prefix` stands before all keys, `certificate` is PEM of an own authority."""

    endpoint: str
    bucket: str
    prefix: str
    region: str
    key_id: str
    secret: str = field(repr=False)
    certificate: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        """What people are told of it."""
        return "/".join(part for part in (self.endpoint, self.bucket, self.prefix) if part)


def read_settings(told: object) -> ServiceSettings:
    """The settings in the table [storage] of mission.toml, with the credential from beside it.

    The credential is two words, the id of the key and the key, in the variable LIEBER_STORAGE_CREDENTIAL, in
    the file that LIEBER_STORAGE_CREDENTIAL_FILE names, or in keys/storage.credential of the mission's folder.
    Raises BadInput for what cannot be used.
    """
    if not isinstance(told, Mapping) or not isinstance(told.get("s3"), str) or told.keys() - _KEYS:
        found = ", ".join(map(str, told)) if isinstance(told, Mapping) else repr(told)
        raise BadInput(
            f"The storage in mission.toml is a table [storage] with {_EXAMPLE} and, where they are needed, "
            f"region, insecure and certificate: found {found or 'nothing in it'}."
        )
    endpoint, bucket, prefix = _address(str(told["s3"]), insecure=told.get("insecure") is True)
    key_id, secret = _credential()
    return ServiceSettings(
        endpoint, bucket, prefix, str(told.get("region", "us-east-1")), key_id, secret, _certificate(told)
    )


def _address(address: str, *, insecure: bool) -> tuple[str, str, str]:
    """The endpoint, the bucket and the prefix of an address."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
        parts = urlsplit("")
    segments = parts.path.strip("/").split("/")
    plain = (
        parts.scheme in {"https", "http"}
        and host
        and not (parts.username or parts.password or parts.query or parts.fragment)
        and all(_SEGMENT.fullmatch(segment) for segment in segments)
    )
    if not plain:
        raise BadInput(
            f"The storage in mission.toml is an address such as {_EXAMPLE}, without a password: found "
            "another."
        )
    if parts.scheme == "http" and host not in _HERE and not insecure:
        raise BadInput(
            f"The storage at {host} is reached without encryption: write https, or insecure = true beside it "
            "where the line itself is protected."
        )
    shown = f"[{host}]" if ":" in host else host
    endpoint = f"{parts.scheme}://{shown}" + (f":{port}" if port else "")
    return endpoint, segments[0], "/".join(segments[1:])


def _credential() -> tuple[str, str]:
    own = place.folder() / "keys" / "storage.credential"
    if not os.environ.get(VARIABLE) and not os.environ.get(f"{VARIABLE}_FILE"):
        _check_private(own)
    words = place.secret(VARIABLE, own).split()
    if len(words) != 2:
        raise BadInput(
            f"The credential of the storage is two words, the id of the key and the key: found {len(words)}; "
            f"write them into {own}, or into the variable {VARIABLE}."
        )
    return words[0], words[1]


def _check_private(path: Path) -> None:
    if path.is_file() and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
        raise BadInput(
            f"{path} must be open to its owner only: found that others may use it ({mode:04o}); close it "
            "with chmod 600, and take another key if somebody may have read it."
        )


def _certificate(told: Mapping[str, object]) -> str:
    if not (named := told.get("certificate")):
        return ""
    path = place.folder() / str(named)
    try:
        return path.read_text("ascii")
    except (OSError, ValueError) as error:
        raise BadInput(
            f"The certificate of the storage's authority is a PEM file: {path} cannot be read ({error})."
        ) from None


class Service:
    """The bucket of a mission. All keys are named without the prefix.

    Each deed raises StorageAway where the service refuses or does not answer, and OSError (ENOSPC) where it
    has no more room.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self.address = settings.address
        # Not every service knows conditions.
        self._conditions = True
        try:
            self._store = _store(settings)
        except BaseError as error:
            raise BadInput(
                f"The storage at {self.address} cannot be used as mission.toml describes it: {_first(error)}."
            ) from None

    def put(self, key: str, content: bytes | Iterator[bytes], *, part: int = 0) -> None:
        """Write an object whole or not at all; in parts of so many bytes where `content` comes in them.

        What an iterator raises is raised, and nothing is written then.
        """
        with self._asking(key):
            if part:
                self._store.put(key, content, use_multipart=True, chunk_size=part, max_concurrency=2)
            else:
                self._store.put(key, content, use_multipart=False)

    def create(self, key: str, content: bytes) -> bool:
        """Write an object unless one is there; False where it is. Without conditions it is overwritten."""
        if self._conditions:
            try:
                with self._asking(key):
                    self._store.put(key, content, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
            except _NotImplemented:
                self._conditions = False
            else:
                return True
        self.put(key, content)
        return True

    def read(self, key: str) -> bytes:
        """A small object. Raises FileNotFoundError where it is not there."""
        with self._asking(key):
            return bytes(self._store.get(key).bytes())

    def part(self, key: str, first: int, length: int) -> tuple[memoryview, int]:
        """Some bytes from the first on, fewer where the object ends, and the size of all of it.

        Raises FileNotFoundError where it is not there.
        """
        with self._asking(key):
            try:
                found = self._store.get(key, options={"range": (first, first + length)})
                return memoryview(found.bytes()), int(found.meta["size"])
            except BaseError as error:
                if "status code: 416" not in str(error):
                    raise
            # Of an object without bytes no part can be had.
            whole = self._store.get(key)
            size = int(whole.meta["size"])
            return (memoryview(b""), size) if size <= first else (memoryview(whole.bytes())[first:], size)

    def keys(self, folder: str) -> Iterator[str]:
        """The keys below a folder, in the order of the service."""
        with self._asking(folder):
            for page in self._store.list(folder, chunk_size=1_000):
                for found in page:
                    yield str(found["path"])

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, one after the other; none there is no error."""
        for key in keys:
            with self._asking(key):
                self._store.delete(key)

    @contextmanager
    def _asking(self, key: str) -> Iterator[None]:
        """Say what went wrong in the words of this project."""
        if os.getpid() != _opened_by[0]:
            # The library's threads are not in the copy of a process, and it would wait for them for ever.
            raise StorageAway(
                f"The storage at {self.address} was opened by another process; start this anew."
            )
        try:
            yield
        except FileNotFoundError as error:
            # A bucket that is away is no missing file.
            if _NO_SUCH_KEY not in str(error):
                raise self._sentence(str(error)) from None
            raise FileNotFoundError(errno.ENOENT, "It is not in the storage", key) from None
        except AlreadyExistsError:
            raise
        except BaseError as error:
            raise self._sentence(str(error)) from None

    def _sentence(self, words: str) -> Exception:
        code, status = _CODE.search(words), _STATUS.search(words)
        told = " ".join(found[1] for found in (status, code) if found)
        if (code and code[1] in _FULL) or (status and status[1] == "507"):
            return OSError(errno.ENOSPC, f"The storage at {self.address} has no more room ({told})")
        if status and status[1] == "501":
            return _NotImplemented(f"The storage at {self.address} does not do what is asked for ({told}).")
        if status and status[1].startswith("4"):
            return StorageAway(
                f"The storage at {self.address} refuses ({told}): what was recorded until now stays; compare "
                "its credential and [storage] in mission.toml, and try again."
            )
        return StorageAway(
            f"The storage at {self.address} does not answer ({told or _first(words)}): what was recorded "
            "until now stays; try again when it is back."
        )


class _NotImplemented(StorageAway):
    """The service does not know what was asked for."""


def _first(error: object) -> str:
    """The first line of what the library says, without the addresses in it."""
    line = str(error).partition("\n")[0].rpartition(" - ")[2]
    return re.sub(r"https?://\S+", "…", line).rstrip(".")[:200]


def _store(settings: ServiceSettings) -> S3Store:
    """The library's store, of these settings alone: what AWS_… variables say would go before ours."""

    def credential() -> Any:
        return {
            "access_key_id": settings.key_id,
            "secret_access_key": settings.secret,
            "token": None,
            "expires_at": None,
        }

    return S3Store(
        settings.bucket,
        prefix=settings.prefix or None,
        aws_endpoint_url_s3=settings.endpoint,
        region=settings.region,
        credential_provider=credential,
        skip_signature=False,
        unsigned_payload=False,
        s3_express=False,
        request_payer=False,
        checksum_algorithm="sha256",
        conditional_put="etag",
        virtual_hosted_style_request=False,
        disable_bulk_delete=True,
        client_options={
            "allow_http": settings.endpoint.startswith("http://"),
            "allow_invalid_certificates": False,
            "timeout": _LONGEST_ANSWER,
            "connect_timeout": _LONGEST_CONNECT,
            **({"root_certificate": settings.certificate} if settings.certificate else {}),
        },
        retry_config={
            "max_retries": TRIES - 1,
            "retry_timeout": ALL_PAUSES,
            "backoff": {"init_backoff": FIRST_PAUSE, "max_backoff": LONGEST_PAUSE, "base": 2},
        },
    )


@lru_cache(maxsize=8)
def _service(settings: ServiceSettings) -> Service:
    return Service(settings)


def service(settings: ServiceSettings) -> Service:
    """The service of these settings: one for all of a process, so that its connections are used again."""
    if not _opened_by:
        _opened_by.append(os.getpid())
    return _service(settings)
