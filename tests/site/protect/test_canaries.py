"""A protected witness is nowhere but in the vault: in no page, file, log or output, whoever looks."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest

from canary_day import CANARIES
from postgres_server import fresh_database

pytestmark = pytest.mark.slow  # processes
TESTS = Path(__file__).resolve().parents[2]
COMMANDS = (
    ("count", "--victims", "A", "--json"),
    ("explain", "--victims", "A", "--all"),
    ("info", "--json"),
    ("check", "--json"),
    ("officers",),
    ("keys",),
    ("vault", "--json"),
    ("vault", "check", "--json"),
)


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """The folder after the day, what the process said, and its environment."""
    folder = tmp_path_factory.mktemp("canary") / "data"
    temporary = folder.parent / "tmp"
    temporary.mkdir()
    with fresh_database() as address:
        environment = {
            **os.environ,
            "LIEBER_DATA": str(folder),
            "TMPDIR": str(temporary),
            "DJANGO_SETTINGS_MODULE": "lieber_mission.settings",
        }
        if address:
            environment["LIEBER_DATABASE"] = address
        done = subprocess.run(
            [sys.executable, TESTS / "canary_day.py"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3_000:]
        yield folder, done, environment


def forms_of(canary):
    """A canary in the encodings in which it might lie somewhere."""
    raw = canary.encode()
    yield raw
    yield canary.encode("utf-16-le")
    yield raw.hex().encode()
    for start in range(3):
        # What is certain of its base64, wherever the text begins.
        yield base64.b64encode(b"\0" * start + raw)[4 : 4 + 4 * ((len(raw) - 3) // 3) - 4]


def found_in(content):
    return [canary for canary in CANARIES if any(form and form in content for form in forms_of(canary))]


def test_the_day_was_lived(day):
    told = json.loads(day[1].stdout)
    assert told["worked"] == {
        "a form with a mistake": 422,
        "a new person": 302,
        "submissions": 302,
        "broken submissions": 422,
        "an opening asked for": 302,
        "agreed": 200,
        "unlocked": 302,
        "opened": 200,
        "opened again": 422,
        "consent": 302,
        "a recording sealed": 302,
        "the recording opened": 200,
    }
    assert len({page["address"] for page in told["seen"]}) > 60


def test_no_role_finds_the_witness_on_any_page(day):
    assert [page for page in json.loads(day[1].stdout)["seen"] if page["found"]] == []


def test_no_page_failed(day):
    assert [page for page in json.loads(day[1].stdout)["seen"] if page["status"] >= 500] == []


def test_nothing_was_said_of_the_witness_in_the_logs(day):
    assert found_in(day[1].stderr.encode()) == []


def test_no_file_holds_the_witness(day):
    """The disk of a machine that lost power: databases, write-ahead logs, keys, the vault's own folder."""
    files = [path for path in day[0].parent.rglob("*") if path.is_file()]
    assert any("vault" in str(path) for path in files)
    assert {str(path): found for path in files if (found := found_in(path.read_bytes()))} == {}


def test_the_look_into_files_would_find_one(tmp_path):
    for canary in CANARIES:
        for form in (canary.encode(), canary.encode("utf-16-le"), base64.b64encode(b"xy" + canary.encode())):
            assert found_in(b"..." + form + b"...") == [canary]


@pytest.mark.postgres
def test_the_database_server_holds_nothing_of_the_witness(day):
    dumped = subprocess.run(
        ["pg_dump", day[2]["LIEBER_DATABASE"]], capture_output=True, check=True, timeout=120
    )
    assert len(dumped.stdout) > 10_000
    assert found_in(dumped.stdout) == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_prints_the_witness(day, command):
    done = subprocess.run(
        [sys.executable, "-m", "lieber_mission", *command],
        env=day[2],
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode in {0, 2}, done.stderr
    assert found_in(done.stdout + done.stderr) == []


PRYING = """
import sys
import django
django.setup()
from django.apps import apps
from importlib import import_module
assert not [m for m in apps.get_models() if m.__module__.startswith("lieber_vault")]
vault = import_module("lieber_vault")
place = import_module("lieber_mission.place")
protect = import_module("lieber_mission.queries.protect")
objects = place.vault_folder() / "objects"
tried = 0
for credential in (
    lambda: vault.read_credential(place.vault_credential_file()),
    lambda: vault.make_credential(place.vault_folder().parent / "another.credential"),
):
    way = lambda: vault.open_vault(place.vault_address(), credential(), objects=objects)
    try:
        way()
    except Exception as error:
        tried += 1
        print(type(error).__name__)
assert tried == 2, tried
assert not protect.has_vault()
"""


def test_a_process_without_the_credential_opens_no_vault(day, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PRYING],
        env={**day[2], "LIEBER_VAULT_CREDENTIAL_FILE": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def backed_up(day, tmp_path_factory):
    """A backup of the day sealed to one more key, what the commands said, and where it is restored."""
    folder = tmp_path_factory.mktemp("backup")
    key = pyrage.x25519.Identity.generate()
    (folder / "key").write_text(str(key))
    file, into = folder / "day.age", folder / "restored"
    backup = ("backup", "--out", file, "--to", str(key.to_public()))
    said = [mission(day[2], *backup)]
    with fresh_database() as address:
        there = {**day[2], **({"LIEBER_DATABASE": address} if address else {})}
        said.append(mission(there, "restore", file, "--identity", folder / "key", "--into", into))
        dumped = b""
        if address:
            dumped = subprocess.run(["pg_dump", address], capture_output=True, check=True, timeout=120).stdout
        yield file, said, into, dumped, key


def mission(environment, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "lieber_mission", *map(str, arguments)],
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done
    return done.stdout + done.stderr


def test_a_backup_holds_nothing_of_the_witness_for_whoever_lacks_the_key(backed_up):
    file, said, *_ = backed_up
    assert file.stat().st_size > 500_000
    assert found_in(file.read_bytes()) == []
    assert found_in(b"".join(said)) == []


def test_a_backup_that_is_opened_holds_the_witness_only_sealed(backed_up):
    """Whoever has the key of the backup reads the register, and of the vault only what is sealed in it."""
    file, *_, key = backed_up
    assert found_in(pyrage.decrypt(file.read_bytes(), [key])) == []


def test_the_restored_register_holds_nothing_of_the_witness(backed_up):
    _, _, into, dumped, _ = backed_up
    files = [path for path in into.rglob("*") if path.is_file()]
    assert any("vault" in str(path) for path in files)
    assert {str(path): found for path in files if (found := found_in(path.read_bytes()))} == {}
    assert found_in(dumped) == []
