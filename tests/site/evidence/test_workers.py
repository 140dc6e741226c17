"""Several workers at once: each piece is done by one of them, and nothing twice."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import nullcontext

import numpy as np
import pytest
from PIL import Image

from postgres_server import fresh_database
from site_processes import mission_in

pytestmark = [pytest.mark.slow, pytest.mark.one_database]
SAID = (
    "from lieber_mission.models import *; import json;"
    "said = list(Examination.objects.values_list('exhibit', 'examination', 'version'));"
    "print(json.dumps(["
    "Work.objects.exclude(state='done').count(), Work.objects.filter(kind='examine').count(),"
    "Work.objects.exclude(attempts=1).count(), len(said), len({(one, two) for one, two, _ in said}),"
    "max(version for *_, version in said), Likeness.objects.count()]))"
)


def pictures(folder, number=6):
    """Pictures with much to see, each twice: as PNG and as JPEG."""
    folder.mkdir()
    for each in range(number // 2):
        chance = np.random.default_rng(each)
        blocks = chance.integers(0, 255, (12, 16, 3), np.uint8).repeat(20, axis=0).repeat(20, axis=1)
        Image.fromarray(blocks).save(folder / f"{each}.png")
        Image.fromarray(blocks).save(folder / f"{each}.jpg", quality=70)
    return folder


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_workers_share_what_waits_and_do_nothing_twice(tmp_path, kind):
    with fresh_database() if kind == "postgresql" else nullcontext(None) as address:
        mission = mission_in(tmp_path / "data", address)
        assert mission.run("demo", "--no-serve").returncode == 0
        folder = pictures(tmp_path / "pictures")
        assert mission.run("import", "media", folder, "--by", "monitor").returncode == 0
        workers = [
            subprocess.Popen(
                [sys.executable, "-m", "lieber_mission", "work", "--once"],
                env=mission.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        ended = [(*worker.communicate(timeout=200), worker.returncode) for worker in workers]
        assert [code for *_, code in ended] == [0, 0], ended
        assert mission.run("work", "--once").returncode == 0
        waiting, pieces, tried, said, once, version, alike = json.loads(mission.python(SAID))
        assert (waiting, pieces, tried) == (0, 6, 0)
        assert said == once
        assert version == 1
        assert alike == 3
        assert mission.json("check")["ok"]
