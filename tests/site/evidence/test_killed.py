"""Killed at any moment, an intake loses nothing and doubles nothing, and a round of fixity goes on."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from site_processes import mission_in

# LIEBER_KILLS=120 is the whole test; the usual run takes some of it.
KILLS = int(os.environ.get("LIEBER_KILLS", "25"))
pytestmark = [pytest.mark.slow, pytest.mark.one_database]
SCRIPT = Path(__file__).parents[2] / "killed.py"


@pytest.fixture(scope="module")
def mission(tmp_path_factory):
    found = mission_in(tmp_path_factory.mktemp("killed") / "data", None)
    assert found.run("demo", "--no-serve").returncode == 0
    return found


def many(folder, number, seed):
    chance = random.Random(seed)
    folder.mkdir()
    for each in range(number):
        # every tenth file is a copy of another one
        raw = chance.randbytes(chance.choice([10, 3_000, 60_000, 1_500_000])) if each % 10 else b"a copy"
        (folder / f"{each}.jpg").write_bytes(b"\xff\xd8\xff" + raw)
    return folder


def killed(mission, deed, *folders, seed):
    command = [sys.executable, str(SCRIPT), deed, str(KILLS), str(seed), *map(str, folders)]
    environment = mission.environment | {"DJANGO_SETTINGS_MODULE": "lieber_mission.settings"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["killed"]


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
