"""Officers who write at once: one of them gets the version, the others a conflict, nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from postgres_server import fresh_database
from site_processes import mission_in

WRITER = """
import json, sys
import django
django.setup()
from datetime import UTC, datetime
from lieber_mission.actions.record import VersionConflict, record
from lieber_mission.models import Incident
thing, name = sys.argv[1:]
sys.stdin.read(1)
won = opened = 0
for version in range(2, 12):
    try:
        record([Incident(thing=thing, version=version, title=name)], by=name, at=datetime.now(UTC))
        won += 1
    except VersionConflict:
        pass
    record([Incident(title=f"{name} {version}")], by=name, at=datetime.now(UTC))
    opened += 1
print(json.dumps([won, opened]))
"""


@pytest.mark.slow
def test_concurrent_superseding_loses_nothing(tmp_path):
    with fresh_database() as address:
        mission = mission_in(tmp_path / "data", address)
        assert mission.run("init").returncode == 0
        thing = mission.python(
            "from lieber_mission.actions.record import record; from lieber_mission.models import Incident;"
            "from datetime import UTC, datetime; row = Incident(title='x');"
            "record([row], by='OFF-1', at=datetime.now(UTC)); print(row.thing)"
        ).strip()
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, thing, f"OFF-{number}"],
                env=mission.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for number in range(4)
        ]
        results = [(*writer.communicate("x", timeout=120), writer.returncode) for writer in writers]
        assert [code for *_, code in results] == [0] * 4, results
        tally = [json.loads(out) for out, _, _ in results]
        assert sum(won for won, _ in tally) == 10
        assert sum(opened for _, opened in tally) == 40
        checked = mission.json("check")
        assert checked["ok"]
        assert checked["entries"] == 1 + 1 + 10 + 40  # the first officer, the incident
