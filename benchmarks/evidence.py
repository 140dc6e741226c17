"""Evidence: how fast files are taken in and read again, beside sha256sum and cp in the same run.

The files are random bytes, so that nothing compresses and nothing is a copy. Each measurement is a process of
its own; its start is not counted, and what is left in the page cache is the same for all: each file was
written just before.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from .measured import Result, once, say

MANY, LARGEST_SHARE = 3_000, 2 << 30
HUGE = 20 << 30
# Sizes of what a mission takes in: pictures, documents, clips, films.
SIZES = (60_000, 400_000, 3_000_000, 25_000_000, 180_000_000)

_MEASURED = """
import json, sys, time
import django
django.setup()
from pathlib import Path
from lieber_mission.actions.fixity import check_bytes
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.management.command import now
from lieber_mission.queries.officers import by_handle
deed, paths = sys.argv[1], [Path(path) for path in sys.argv[2:]]
by = by_handle("monitor")
began = time.perf_counter()
if deed == "intake":
    told = take_in(offered_in(paths, refuse=print), circumstances=Circumstances(), by=by, clock=now)
    number, size = told.taken, told.size
else:
    told = check_bytes(by=by, clock=now)
    number, size = told.exhibits, told.size
taken = time.perf_counter() - began
status = Path("/proc/self/status").read_text()
peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) * 1024
print(json.dumps({"seconds": taken, "number": number, "size": size, "peak": peak}))
"""


def run(scale: float, folder: Path) -> list[Result]:
    """All measurements of evidence, in a mission of its own below the folder."""
    own = folder / "evidence"
    own.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "LIEBER_DATA": str(own / "mission")}
    subprocess.run(
        [sys.executable, "-m", "lieber_mission", "demo", "--no-serve"],
        env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    results = [*_mixed(scale, own, environment), *_small(scale, own, environment)]
    results += _fixity(environment)
    results += _huge(scale, own, environment)
    shutil.rmtree(own)
    return results


def _measured(environment: dict[str, str], deed: str, *paths: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, deed, *map(str, paths)],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _mixed(scale: float, folder: Path, environment: dict[str, str]) -> list[Result]:
    """2 GB in mixed sizes against sha256sum and cp one after the other, both to the disk."""
    files, chance, left = folder / "mixed", random.Random(1), int(LARGEST_SHARE * scale)
    files.mkdir()
    number = 0
    while left > 0:
        size = min(left, chance.choice(SIZES))
        (files / f"{number:05}.bin").write_bytes(b"\xff\xd8\xff" + chance.randbytes(max(1, size - 3)))
        left, number = left - size, number + 1
    os.sync()
    say(f"{number} files of {LARGEST_SHARE * scale / 2**30:.1f} GiB in mixed sizes")
    names = sorted(map(str, files.iterdir()))

    def rivals() -> None:
        subprocess.run(["sha256sum", *names], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["cp", "-r", str(files), str(folder / "copied")], check=True)
        os.sync()

    theirs = once(rivals)
    shutil.rmtree(folder / "copied")
    ours = _measured(environment, "intake", files)
    shutil.rmtree(files)
    ratio = theirs / ours["seconds"]
    beside = {
        "seconds": ours["seconds"],
        "sha256sum and cp, seconds": theirs,
        "MB/s": ours["size"] / ours["seconds"] / 1e6,
        "peak memory, MB": ours["peak"] / 1e6,
    }
    goal = "at least 0.7 of the speed of sha256sum and cp"
    return [Result("evidence: intake in mixed sizes", ratio, "times", goal, ratio >= 0.7, beside)]


def _small(scale: float, folder: Path, environment: dict[str, str]) -> list[Result]:
    """Small files a second."""
    files, chance = folder / "small", random.Random(2)
    files.mkdir()
    for number in range(max(300, int(MANY * scale))):
        (files / f"{number:05}.jpg").write_bytes(b"\xff\xd8\xff" + chance.randbytes(20_000))
    os.sync()
    ours = _measured(environment, "intake", files)
    shutil.rmtree(files)
    rate = ours["number"] / ours["seconds"]
    return [Result("evidence: intake of small files", rate, "files/s", "at least 1,000", rate >= 1_000)]


def _fixity(environment: dict[str, str]) -> list[Result]:
    """A round of fixity over all that was taken in."""
    ours = _measured(environment, "fixity")
    beside = {"exhibits": ours["number"], "MB/s": ours["size"] / ours["seconds"] / 1e6}
    return [Result("evidence: fixity", ours["number"] / ours["seconds"], "exhibits/s", beside=beside)]


def _huge(scale: float, folder: Path, environment: dict[str, str]) -> list[Result]:
    """The memory that one huge file takes."""
    path = folder / "huge.bin"
    with path.open("wb") as file:
        file.write(b"\xff\xd8\xff")
        file.truncate(int(HUGE * scale))
    say(f"one file of {HUGE * scale / 2**30:.0f} GiB")
    ours = _measured(environment, "intake", path)
    path.unlink()
    peak = ours["peak"] / 1e6
    beside = {
        "GB": ours["size"] / 1e9,
        "seconds": ours["seconds"],
        "MB/s": ours["size"] / ours["seconds"] / 1e6,
    }
    return [Result("evidence: memory of one huge file", peak, "MB", "below 300", peak < 300, beside)]
