"""Send a large file to a service and read it back; tells digests, seconds, and the most memory it took."""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from lieber.preserve.digests import digests_of
from lieber_mission import place
from lieber_mission.outside.storage import ORIGINALS, content_folder, identifier, storage, write_object

PORTION = 1 << 22


def portions(size: int) -> Iterator[bytes]:
    chance = random.Random(size)
    for begin in range(0, size, PORTION):
        yield chance.randbytes(min(PORTION, size - begin))


def digest(file: BinaryIO) -> str:
    found = hashlib.sha256()
    while portion := file.read(PORTION):
        found.update(portion)
    return found.hexdigest()


def main() -> None:
    size = int(sys.argv[1])
    region, address = os.environ["S3_REGION"], os.environ["S3_ADDRESS"]
    (place.folder() / "mission.toml").write_text(f'[storage]\ns3 = "{address}"\nregion = "{region}"\n')
    keep, took = storage(), {}
    with keep.arriving("large") as arriving:
        folder: Path = arriving / "object"
        path = content_folder(folder) / "original.mp4"
        with path.open("wb") as file:
            for portion in portions(size):
                file.write(portion)
        with path.open("rb") as file:
            digests = digests_of(iter(lambda: file.read(PORTION), b""))
        stored = identifier(digests.sha256)
        files = {path.name: digests}
        write_object(
            folder, stored=stored, files=files, created=datetime.now(UTC), message="m", officer="OFF-1"
        )
        began = time.monotonic()
        keep.settle(folder, root=ORIGINALS, stored=stored)
        keep.flush()
        took["sending"] = round(time.monotonic() - began, 2)
    began = time.monotonic()
    with keep.stream(ORIGINALS, stored, "original.mp4") as file:
        read = digest(file)
    took["reading"] = round(time.monotonic() - began, 2)
    began = time.monotonic()
    with keep.open(ORIGINALS, stored, "original.mp4") as file:
        spooled = digest(file)
    took["copying"] = round(time.monotonic() - began, 2)
    assert not keep.damaged(ORIGINALS, stored)
    # Not ru_maxrss: it begins with what the process that started this one had.
    status = Path("/proc/self/status").read_text("ascii")
    most = int(status.partition("VmHWM:")[2].split()[0]) // 1024
    told = {"sent": digests.sha256, "read": read, "spooled": spooled, "megabytes": most, **took}
    print(json.dumps(told))


main()
