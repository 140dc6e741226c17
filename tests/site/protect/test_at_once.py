"""Deeds on a protected person that are done at the same moment, on real files: each is done once."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from postgres_server import fresh_database
from rivals import TOLD
from site_processes import mission_in
from spec.tables import table

pytestmark = pytest.mark.slow  # processes
SCRIPT = Path(__file__).resolve().parents[2] / "rivals.py"
RIVALS = 3


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    """A mission with deeds that wait, and their ids."""
    with fresh_database() as address:
        mission = mission_in(tmp_path_factory.mktemp("rivals") / "data", address)
        mission.environment["DJANGO_SETTINGS_MODULE"] = "lieber_mission.settings"
        done = subprocess.run(
            [sys.executable, SCRIPT, "found"],
            env=mission.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3_000:]
        with _somebody_reads(mission):
            yield mission, json.loads(done.stdout)


@contextmanager
def _somebody_reads(mission):
    """As a site that runs does: SQLite empties its journal by itself when the last connection closes."""
    register = mission.folder / "register.sqlite3"
    if not register.exists():
        yield
        return
    with closing(sqlite3.connect(register)) as reader:
        assert reader.execute("SELECT count(*) FROM register_entry").fetchone()[0] > 0
        yield


def at_once(mission, deed, thing):
    """What came of a deed that several processes did at the same moment."""
    processes = [
        subprocess.Popen(
            [sys.executable, SCRIPT, deed, thing],
            env=mission.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(RIVALS)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
    for process in processes:
        process.stdin.write("x")
        process.stdin.flush()
    return [json.loads(process.communicate(timeout=120)[0]) for process in processes]


# The deeds in their order: an erasure leaves nothing to open.
DEEDS = table("""
deed     | refused with
agree    | ProtectionRefused
open     | ProtectionRefused
withdraw | BadInput
do       | ProtectionRefused
""")


def test_what_is_done_at_once_is_done_once(founded):
    mission, waiting = founded
    for row in DEEDS:
        told = at_once(mission, row["deed"], waiting[row["deed"]])
        assert sorted(name for name, _ in told) == sorted(["done", *[row["refused with"]] * (RIVALS - 1)]), (
            row,
            told,
        )
    checked = mission.json("check")
    assert (checked["ok"], checked["erased"]) == (True, 2)  # the pseudonym and the assessment of risk
    counted = mission.python(
        "from lieber_mission.models import Erasure, Opening, Reading;"
        "print(Erasure.objects.count(), Reading.objects.filter(deed='open').count(),"
        " Opening.objects.filter(state='opened').count())"
    )
    assert counted.split() == ["1", "1", "2"]


def test_what_was_erased_lies_in_no_file(founded):
    """Also not in the register's journal, where it lay until the erasure was done."""
    files = [path for path in founded[0].folder.rglob("*") if path.is_file()]
    assert [path for path in files if TOLD.encode() in path.read_bytes()] == []
