"""Evidence: how fast files are taken in and read again, beside sha256sum and cp in the same run.

The files are random bytes, so that nothing compresses and nothing is a copy. Each measurement is a process of
its own; its start is not counted, and what is left in the page cache is the same for all: each file was
written just before.

auto-archiver is measured beside where LIEBER_BENCH_AUTO_ARCHIVER names its program. It fetches from addresses
and refuses those of the own machine, so LIEBER_BENCH_HOST must be a name that leads to 127.0.0.1.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from .measured import Result, once, say

MANY, FILMS, LARGEST_SHARE = 3_000, 40, 2 << 30
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
    results += _beside_auto_archiver(own, environment)
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


def _beside_auto_archiver(folder: Path, environment: dict[str, str]) -> list[Result]:
    """Items a second on the same files, a start of the program not counted."""
    program, host = os.environ.get("LIEBER_BENCH_AUTO_ARCHIVER"), os.environ.get("LIEBER_BENCH_HOST")
    goal = "at least 20 times auto-archiver's"
    if not program or not host:
        say("auto-archiver is left out: LIEBER_BENCH_AUTO_ARCHIVER and LIEBER_BENCH_HOST name it and a host")
        return []
    files, chance = folder / "films", random.Random(3)
    files.mkdir()
    for number in range(FILMS):
        # the head of an MP4 file, so that it is taken for a film
        head = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41"
        (files / f"{number:03}.mp4").write_bytes(head + chance.randbytes(200_000))
    handler = partial(_Quiet, directory=str(files))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        urls = [f"http://{host}:{server.server_port}/{path.name}" for path in sorted(files.iterdir())]
        first, all_of_them = (_auto_archiver(program, folder, some) for some in (urls[:1], urls))
        server.shutdown()
    theirs = (FILMS - 1) / (all_of_them - first)
    ours = _measured(environment, "intake", files)
    rate = ours["number"] / ours["seconds"]
    beside = {"files/s": rate, "auto-archiver, items/s": theirs}
    ratio = rate / theirs
    return [Result("evidence: intake beside auto-archiver", ratio, "times", goal, ratio >= 20, beside)]


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _auto_archiver(program: str, folder: Path, urls: list[str]) -> float:
    """The time in which it fetches, digests and stores these; raises where it stored fewer."""
    out = folder / f"archived-{len(urls)}"
    how = folder / "orchestration.yaml"
    how.write_text(
        "steps:\n  feeders: [cli_feeder]\n  extractors: [generic_extractor]\n  enrichers: [hash_enricher]\n"
        "  databases: [console_db]\n  storages: [local_storage]\n  formatters: [mute_formatter]\n"
        f"local_storage:\n  save_to: {out}\nhash_enricher:\n  algorithm: SHA-256\n",
        "utf-8",
    )
    command = [program, "--config", str(how), *urls]
    taken = once(lambda: subprocess.run(command, cwd=folder, check=True, capture_output=True))
    stored = sum(1 for path in out.rglob("*") if path.is_file())
    if stored != len(urls):
        raise RuntimeError(f"auto-archiver stored {stored} of {len(urls)} files")
    return taken


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
