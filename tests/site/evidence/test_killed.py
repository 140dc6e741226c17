"""Killed at any moment, an intake loses nothing and doubles nothing, and a round of fixity goes on."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from site_processes import mission_in
from web_simulator import Simulator

# LIEBER_KILLS=120 is the whole test; the usual run takes some of it.
KILLS = int(os.environ.get("LIEBER_KILLS", "25"))
pytestmark = [pytest.mark.slow, pytest.mark.one_database]
SCRIPT = Path(__file__).parents[2] / "killed.py"


@pytest.fixture(scope="module")
def mission(tmp_path_factory):
    found = mission_in(tmp_path_factory.mktemp("killed") / "data", None)
    found.demo()
    return found


def many(folder, number, seed):
    chance = random.Random(seed)
    folder.mkdir()
    for each in range(number):
        # every tenth file is a copy of another one
        raw = chance.randbytes(chance.choice([10, 3_000, 60_000, 1_500_000])) if each % 10 else b"a copy"
        (folder / f"{each}.jpg").write_bytes(b"\xff\xd8\xff" + raw)
    return folder


def killed(mission, deed, *folders, seed, kills=KILLS):
    command = [sys.executable, str(SCRIPT), deed, str(kills), str(seed), *map(str, folders)]
    environment = mission.environment | {"DJANGO_SETTINGS_MODULE": "lieber_mission.settings"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["killed"]


def pictures(folder):
    """Three pictures, one of them mirrored, with much to see."""
    folder.mkdir()
    for number in range(2):
        chance = np.random.default_rng(number)
        blocks = chance.integers(0, 255, (12, 16, 3), np.uint8).repeat(30, axis=0).repeat(30, axis=1)
        Image.fromarray(blocks).save(folder / f"{number}.jpg")
    ImageOps.mirror(Image.open(folder / "0.jpg")).save(folder / "mirrored.png")
    return folder


DERIVED = (
    "from lieber_mission.models import *;"
    "import json;"
    "made = list(Exhibit.objects.exclude(derived_from='').values_list('derived_from', 'original_name'));"
    "said = list(Examination.objects.values_list('exhibit', 'examination'));"
    "print(json.dumps(["
    "len(made), len(set(made)), len(said), len(set(said)),"
    "Likeness.objects.count(), Print.objects.count(), Work.objects.exclude(state='done').count(),"
    "Exhibit.objects.filter(derived_from='').count()]))"
)

COUNT = (
    "from lieber_mission.models import *;"
    "from django.db.models import Count;"
    "import json;"
    "print(json.dumps(["
    "CustodyEvent.objects.filter(what='received').count(),"
    "CustodyEvent.objects.filter(what='received').values('name').distinct().count(),"
    "Exhibit.objects.count(), Exhibit.objects.values('sha256').distinct().count(),"
    "FixityRound.objects.count()]))"
)


@pytest.fixture
def examined(tmp_path):
    found = mission_in(tmp_path / "data", None)
    found.demo()
    folder = pictures(tmp_path / "pictures")
    assert found.run("import", "media", folder, "--by", "monitor").returncode == 0
    return found


def test_examining_killed_at_random_comes_to_the_same(examined):
    # Each try begins parsers and is as long as several of them: fewer tries fall into as many moments.
    assert killed(examined, "derive", seed=4, kills=max(5, KILLS // 4)) > 3
    made, once, said, said_once, alike, prints, waiting, originals = json.loads(examined.python(DERIVED))
    assert (originals, prints, alike, waiting) == (3, 3, 1, 0)
    assert made == once == 6
    assert said == said_once
    assert examined.json("check")["ok"]
    assert examined.json("check", "--bytes", "--by", "monitor")["exhibits"] == originals + made
    assert not list((examined.folder / "storage" / "incoming").iterdir())


@pytest.mark.browser
def test_a_capture_killed_at_random_is_there_whole_or_not_at_all(examined):
    chance = random.Random(5)
    with Simulator() as web:
        told = f'\n[capture]\non = true\nallowed = ["127.0.0.1:{web.port}"]\n'
        with (examined.folder / "mission.toml").open("a", encoding="utf-8") as file:
            file.write(told)
        command = [sys.executable, "-m", "lieber_mission", "capture", web.url("/article"), "--by", "monitor"]
        for _ in range(max(3, KILLS // 6)):
            capture = subprocess.Popen(
                command, env=examined.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            with suppress(subprocess.TimeoutExpired):
                capture.wait(chance.uniform(0.5, 6.0))
            capture.kill()
            capture.wait()
        done = examined.run("capture", web.url("/article"), "--by", "monitor")
        assert done.returncode == 0, done.stderr
    captures, items, exhibits = json.loads(
        examined.python(
            "from lieber_mission.models import *; import json;"
            "taken = Capture.objects.filter(status='complete');"
            "print(json.dumps([taken.count(), taken.values('item').distinct().count(),"
            "Exhibit.objects.filter(item=taken.first().item, derived_from='').count()]))"
        )
    )
    # A page that is captured again is a further capture of the same item, with all of its files.
    assert items == 1
    assert exhibits % captures == 0
    assert exhibits / captures >= 5
    assert examined.json("check")["ok"]
    assert examined.json("check", "--bytes", "--by", "monitor")["mismatches"] == []
    assert not list((examined.folder / "storage" / "incoming").iterdir())
    assert not _browsers_of(examined.folder)


def _browsers_of(folder, patience=20.0):
    """Processes of browsers whose folders lie in the mission's, or that lost the capture that began them."""
    until = time.monotonic() + patience
    while True:
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if (
                    str(folder).encode() in path.read_bytes()
                    and b"chrom" in path.with_name("cmdline").read_bytes()
                ):
                    found.append(path.parent.name)
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.5)


def test_an_intake_killed_at_random_loses_nothing_and_doubles_nothing(mission, tmp_path):
    folder = many(tmp_path / "files", 300, seed=1)
    assert killed(mission, "intake", folder, seed=2) > KILLS // 3
    receipts, names, exhibits, digests, _ = json.loads(mission.python(COUNT))
    assert receipts == names == 300
    assert exhibits == digests == 271
    assert mission.json("check")["ok"]
    # BLAKE3 of every exhibit, and every object as OCFL wants it
    assert mission.json("check", "--bytes", "--by", "monitor")["exhibits"] == 271
    incoming = mission.folder / "storage" / "incoming"
    assert not list(incoming.iterdir())


def test_a_round_of_fixity_killed_at_random_goes_on(mission, tmp_path):
    killed(mission, "fixity", seed=3)
    *_, rounds = json.loads(mission.python(COUNT))
    assert rounds > 0
    assert mission.json("check")["ok"]
