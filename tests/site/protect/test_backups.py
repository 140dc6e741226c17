"""A backup is one moment of register and vault in a sealed file; restored it is that again, or nothing is."""

import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lieber.ledger import VerifierKey
from lieber_mission.actions.protect.backups import archive
from postgres_server import fresh_database
from site_processes import Mission, mission_in

pytestmark = pytest.mark.slow  # processes
TESTS = Path(__file__).resolve().parents[2]
CANARY = b"Canary Nightingale"


def deed(mission, *arguments):
    done = subprocess.run(
        [sys.executable, TESTS / "backed_up.py", *arguments],
        env=mission.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout.strip()


class BackedUp(Mission):
    """A mission with its recovery key's file, a backup and what `mission backup` said of it."""

    key: Path
    file: Path
    told: Any
    kept = ""


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    """A mission with a backup of two persons' sealed texts."""
    folder = tmp_path_factory.mktemp("backups")
    with fresh_database() as address:
        mission = BackedUp(folder / "data", address)
        mission.key, mission.file = folder / "recovery.key", folder / "register.age"
        made = mission.run("init", "--officer", "clerk", "--recovery-out", mission.key)
        assert made.returncode == 0, made.stderr
        deed(mission, "found")
        mission.kept = deed(mission, "person")
        deed(mission, "person")
        mission.told = mission.json("backup", "--out", mission.file)
        yield mission


@pytest.fixture
def target(tmp_path):
    """Where a backup is restored: a folder that is not there, and on PostgreSQL a new database."""
    with fresh_database() as address:
        yield mission_in(tmp_path / "restored", address)


def restore(target, mission, *more, file=None, key=None):
    return target.run(
        *("restore", file or mission.file, "--identity", key or mission.key, "--into", target.folder),
        *more,
    )


def bring_keys(mission, target):
    for name in ("log.pem", "vault.credential"):
        shutil.copy(mission.folder / "keys" / name, target.folder / "keys" / name)


def refused(target, mission, *more, **files):
    """The sentence of a restore that is refused, of which nothing is written."""
    done = restore(target, mission, *more, **files)
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.startswith("mission: ")
    assert done.stderr.count("\n") == 1
    assert [path.name for path in target.folder.parent.iterdir() if "restored" in path.name] == []
    return done.stderr


def opened(mission, file=None):
    """The parts of a backup as the recovery key opens them."""
    identity = pyrage.x25519.Identity.from_str(mission.key.read_text().splitlines()[-1])
    sealed = (file or mission.file).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(sealed, [identity]))) as tar:
        return {part.name: tar.extractfile(part).read() for part in tar}


def sealed_tar(mission, path, members):
    """A file sealed to the mission's public key, as anybody can make one."""
    recipient = pyrage.x25519.Recipient.from_str(mission.json("keys")["recovery"])
    path.write_bytes(pyrage.encrypt(packed(members), [recipient]))
    return path


def plain(name, content, **more):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for attribute, value in more.items():
        setattr(info, attribute, value)
    return info, content


# ---------------------------------------------------------------- there and back


def test_a_restored_backup_is_the_register_and_the_vault(founded, target):
    done = restore(target, founded, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["fits"]
    assert (told["entries"], told["root"]) == (founded.told["entries"], founded.told["root"])
    assert told["missing"] == ["keys/log.pem", "keys/vault.credential"]
    bring_keys(founded, target)
    assert target.json("check")["root"] == founded.told["root"]
    assert target.json("vault", "check") == {"fits": True, "misfits": []}
    rehearsed = target.json("vault", "rehearse", "--identity", founded.key)
    assert rehearsed["passed"]
    assert rehearsed["opened"] >= 5
    assert deed(target, "seals") == "2 2"
    assert deed(target, "person").startswith("PSN-")


def test_the_backup_tells_nothing_without_the_key(founded):
    content = founded.file.read_bytes()
    assert b"register" not in content
    assert b"SQLite" not in content
    assert CANARY not in content
    assert not [name for name, part in opened(founded).items() if CANARY in part]


@pytest.mark.one_database
def test_the_secrets_are_left_out_unless_they_are_wanted(founded, target, tmp_path):
    names = set(opened(founded))
    assert not [name for name in names if name.startswith("keys/")]
    with_keys = tmp_path / "with-keys.age"
    assert founded.json("backup", "--out", with_keys, "--with-keys")["left_out"] == []
    assert set(opened(founded, with_keys)) - names == {"keys/log.pem", "keys/vault.credential"}
    assert restore(target, founded, file=with_keys).returncode == 0
    assert target.json("vault", "check")["fits"]
    assert target.run("check").returncode == 0


def test_the_file_is_its_owners_only_and_never_written_over(founded):
    assert stat.S_IMODE(founded.file.stat().st_mode) == 0o600
    before = founded.file.read_bytes()
    assert "is there already" in founded.refuses("backup", "--out", founded.file)
    assert founded.file.read_bytes() == before


def test_a_folder_gets_a_file_with_the_instant(founded, tmp_path):
    told = founded.json("backup", "--out", tmp_path)
    (file,) = tmp_path.iterdir()
    assert str(file) == told["path"]
    assert file.name.endswith(".backup.age")


def test_only_the_holder_of_the_recovery_key_opens_it(founded, target, tmp_path):
    other = tmp_path / "other.key"
    other.write_text(str(pyrage.x25519.Identity.generate()))
    assert "none of those that the file was sealed to" in refused(target, founded, key=other)
    other.write_text("no key")
    assert "AGE-SECRET-KEY-1" in refused(target, founded, key=other)


def test_another_recipient_opens_it_too(founded, target, tmp_path):
    identity = pyrage.x25519.Identity.generate()
    key = tmp_path / "second.key"
    key.write_text(str(identity))
    file = tmp_path / "two.age"
    assert founded.json("backup", "--out", file, "--to", identity.to_public())["recipients"] == 2
    assert restore(target, founded, file=file, key=key).returncode == 0
    assert "age public key" in founded.refuses("backup", "--out", tmp_path / "x", "--to", "age1nobody")


def test_a_target_that_holds_something_is_refused(founded, target):
    target.folder.mkdir()
    (target.folder / "mine").touch()
    done = restore(target, founded)
    assert done.returncode == 2
    assert "new or empty folder" in done.stderr
    assert [path.name for path in target.folder.iterdir()] == ["mine"]


def test_an_empty_folder_is_taken(founded, target):
    target.folder.mkdir()
    assert restore(target, founded).returncode == 0


# ---------------------------------------------------------------- while others write


def test_a_backup_while_others_write_is_one_moment(founded, target, tmp_path):
    """Every person that the register knows is in the vault, and no erased one is, however they interleave."""
    running = subprocess.Popen(
        [sys.executable, TESTS / "backed_up.py", "write"], env=founded.environment, stdout=subprocess.DEVNULL
    )
    try:
        time.sleep(1.5)
        files = [tmp_path / f"{number}.age" for number in range(3)]
        told = [founded.json("backup", "--out", file) for file in files]
    finally:
        running.kill()
        running.wait()
    assert told[0]["entries"] < told[-1]["entries"]
    done = restore(target, founded, file=files[1])
    assert done.returncode == 0, done.stdout
    bring_keys(founded, target)
    assert target.json("vault", "check")["fits"]
    assert target.json("vault", "rehearse", "--identity", founded.key)["passed"]
    persons, sealed = deed(target, "seals").split()
    assert int(persons) > 2
    assert persons == sealed


def test_an_interrupted_backup_leaves_nothing(founded, tmp_path):
    reader, writer = os.pipe()
    running = subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(tmp_path / "stopped.age"), str(writer)],
        env=founded.environment,
        pass_fds=[writer],
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)
    assert os.read(reader, 1) == b"1"
    os.close(reader)
    running.send_signal(signal.SIGTERM)
    assert "nothing of the unfinished work was kept" in running.communicate(timeout=60)[1]
    assert running.returncode == 130
    assert list(tmp_path.iterdir()) == []
    assert not [path for path in founded.folder.iterdir() if path.name.startswith(".")]


# The command as it is, with somebody who is waited for in the middle of it.
STOPPED = """
import os, sys, time
from lieber_mission.__main__ import main
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "lieber_mission.settings"
django.setup()
from lieber_mission.actions.protect.backups import making
copied = making._database_part
def slow(*given):
    yield from copied(*given)
    os.write(int(sys.argv[2]), b"1")
    time.sleep(30)
making._database_part = slow
sys.exit(main(["backup", "--out", sys.argv[1]]))
"""


def test_a_full_disk_is_told_and_leaves_nothing(founded, tmp_path):
    done = subprocess.run(
        [
            *("sh", "-c", 'ulimit -f 400; trap "" XFSZ; exec "$@"', "sh"),
            *(sys.executable, "-m", "lieber_mission", "backup", "--out", tmp_path / "full.age"),
        ],
        env=founded.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2, done
    assert done.stderr.startswith("mission: ")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- what is no backup


@pytest.mark.one_database
@pytest.mark.parametrize(
    "broken",
    [
        lambda _: b"",
        lambda _: b"no backup at all" * 100,
        lambda whole: whole[:100],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:-1],
        lambda whole: whole + b"x",
        lambda whole: whole[:5_000] + bytes([whole[5_000] ^ 1]) + whole[5_001:],
    ],
    ids=["empty", "other", "head", "half", "short", "long", "changed"],
)
def test_a_damaged_backup_is_refused(founded, target, tmp_path, broken):
    file = tmp_path / "broken.age"
    file.write_bytes(broken(founded.file.read_bytes()))
    told = refused(target, founded, file=file)
    # Cut in two, it cannot hold what its first part says.
    assert "damaged" in told or "longer than the whole file" in told


def test_a_backup_that_is_not_there_is_told(founded, target, tmp_path):
    assert "No such file" in refused(target, founded, file=tmp_path / "none.age")


HOSTILE = {
    "parent": ([plain("../outside", b"x")], "which no backup has"),
    "root": ([plain("/outside", b"x")], "which no backup has"),
    "winding": ([plain("vault/objects/../../../outside", b"x")], "which no backup has"),
    "another body": ([plain("vault/objects/aa/" + "b" * 32, b"x")], "which no backup has"),
    "line feed": ([plain("register.sqlite3\n", b"x")], "which no backup has"),
    "link": ([plain("register.sqlite3", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")], "no plain file"),
    "hard link": ([plain("mission.toml", b"", type=tarfile.LNKTYPE, linkname="register")], "no plain file"),
    "folder": ([plain("vault", b"", type=tarfile.DIRTYPE)], "no plain file"),
    "device": ([plain("register.sqlite3", b"", type=tarfile.CHRTYPE)], "no plain file"),
    "pipe": ([plain("register.sqlite3", b"", type=tarfile.FIFOTYPE)], "no plain file"),
    "long name": ([plain("a" * 300, b"x")], "no plain file"),
    "twice": ([plain("mission.toml", b"x"), plain("mission.toml", b"y")], "there twice"),
}


def packed(members):
    tar_bytes = io.BytesIO()
    with tarfile.open(fileobj=tar_bytes, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return tar_bytes.getvalue()


@pytest.mark.one_database
@pytest.mark.parametrize("at_once", [1, 700, 10**6])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_tar_is_refused_before_anything_of_it_is_written(tmp_path, hostile, at_once):
    members, sentence = HOSTILE[hostile]
    content = packed(members)
    unpacking = archive.Unpacking(tmp_path / "into", most=len(content))
    with pytest.raises(archive.BackupRefused, match=sentence):
        shutil.copyfileobj(io.BytesIO(content), unpacking, at_once)
    unpacking.close()
    written = {path.name for path in tmp_path.rglob("*") if not path.is_dir()}
    assert written == ({"mission.toml"} if hostile == "twice" else set())


@pytest.mark.parametrize("size", [10**9, 8**11 - 1, 2**62, -1])
def test_a_part_that_says_it_is_huge_is_refused(tmp_path, size):
    head = tarfile.TarInfo("register.sqlite3")
    head.size = size
    unpacking = archive.Unpacking(tmp_path, most=6_000)
    with pytest.raises(archive.BackupRefused, match=r"longer than the whole file|no plain file"):
        unpacking.write(head.tobuf(tarfile.GNU_FORMAT) + bytes(5_000))
    assert list(tmp_path.iterdir()) == []


def test_a_tar_that_does_not_end_is_refused(tmp_path):
    whole = packed([plain("mission.toml", b"x" * 1_000)])
    for end in (0, 100, 600, 1_024, 1_536):
        unpacking = archive.Unpacking(tmp_path / str(end), most=len(whole))
        unpacking.write(whole[:end])
        with pytest.raises(archive.BackupRefused, match="cut off"):
            unpacking.finish()
        unpacking.close()
    unpacking = archive.Unpacking(tmp_path / "more", most=2 * len(whole))
    with pytest.raises(archive.BackupRefused, match="after its end"):
        unpacking.write(whole + whole)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        (HOSTILE["winding"][0], "which no backup has"),
        (HOSTILE["link"][0], "no plain file"),
        ([plain("mission.toml", b"x")], "no manifest"),
        ([plain("manifest.note", b"no note")], "signed note"),
    ],
    ids=["winding", "link", "no manifest", "no note"],
)
def test_the_command_refuses_a_hostile_backup(founded, target, tmp_path, *, members, sentence):
    file = sealed_tar(founded, tmp_path / "hostile.age", members)
    assert sentence in refused(target, founded, file=file)
    assert not (tmp_path / "outside").exists()


def tampered(founded, path, change, *, key=None):
    """A backup of which somebody who has the recovery key changed parts, sealed again."""
    parts = opened(founded)
    change(parts)
    if key:
        members = json.loads(parts["manifest.note"].decode().partition("\n")[2].rpartition("\n\n")[0])
        name = founded.json("keys")["log"].partition("+")[0]
        members["log_key"] = VerifierKey(name, key.public_key().public_bytes_raw()).vkey
        members["parts"] = [
            archive.Part(part, len(content), hashlib.sha256(content).hexdigest())._asdict()
            for part, content in parts.items()
            if part != "manifest.note"
        ]
        parts["manifest.note"] = archive.signed(archive.BACKUP, members, key=key, name=name)
    return sealed_tar(founded, path, [plain(name, content) for name, content in parts.items()])


@pytest.mark.one_database
def test_a_part_that_is_not_the_manifests_is_refused(founded, target, tmp_path):
    changes = {
        "mission.toml": lambda parts: parts.update({"mission.toml": b"name = 'other'\n"}),
        "vault/objects/.vault": lambda parts: parts.pop("vault/objects/.vault"),
        "keys/log.pem": lambda parts: parts.update({"keys/log.pem": b"x"}),
    }
    for name, change in changes.items():
        file = tampered(founded, tmp_path / "tampered.age", change)
        assert f"the part {name} is not the one" in refused(target, founded, file=file)


@pytest.mark.one_database
def test_a_changed_manifest_is_refused(founded, target, tmp_path):
    def change(parts):
        parts["manifest.note"] = parts["manifest.note"].replace(b'"entries": ', b'"entries": 1')

    assert "signature" in refused(target, founded, file=tampered(founded, tmp_path / "a.age", change))


@pytest.mark.one_database
def test_anothers_backup_is_refused_where_the_key_is_known(founded, target, tmp_path):
    """Whoever knows the public key can seal: only the signature says who made a backup."""
    file = tampered(founded, tmp_path / "forged.age", lambda _: None, key=Ed25519PrivateKey.generate())
    own = founded.json("keys")["log"]
    assert "signature" in refused(target, founded, "--log-key", own, file=file)
    done = restore(target, founded, "--log-key", own, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["key_was_known"]


@pytest.mark.one_database
def test_what_is_no_database_is_refused(founded, target, tmp_path):
    forger = Ed25519PrivateKey.generate()
    file = tampered(
        founded,
        tmp_path / "forged.age",
        lambda parts: parts.update({"vault/vault.sqlite3": b"no database" * 1_000}),
        key=forger,
    )
    assert "no database" in refused(target, founded, file=file)
    file = tampered(
        founded, tmp_path / "other.age", lambda parts: parts.pop(next(iter(_registers(parts)))), key=forger
    )
    assert "not one register" in refused(target, founded, file=file)


def _registers(parts):
    return [name for name in parts if name.startswith("register.")]


@pytest.mark.skipif(bool(os.environ.get("LIEBER_DATABASE")), reason="changes a file of SQLite")
def test_a_register_that_was_altered_is_restored_and_named(founded, target, tmp_path):
    """A register that did not fit its log when the backup was made must not be out of reach."""

    def alter(parts):
        file = tmp_path / "altered.sqlite3"
        file.write_bytes(parts["register.sqlite3"])
        with sqlite3.connect(file) as database:
            database.execute("PRAGMA journal_mode=DELETE")
            database.execute("DROP TRIGGER register_appointment_no_update")
            database.execute("UPDATE register_appointment SET reason = 'altered' WHERE entry = 0")
        database.close()
        parts["register.sqlite3"] = file.read_bytes()

    file = tampered(founded, tmp_path / "altered.age", alter, key=Ed25519PrivateKey.generate())
    done = restore(target, founded, file=file)
    assert done.returncode == 1
    assert "L01 register_appointment" in done.stdout


# ---------------------------------------------------------------- erasures since


def test_what_was_erased_since_is_erased_again(founded, target, tmp_path):
    erased = deed(founded, "person")
    file, listed = tmp_path / "before.age", tmp_path / "erasures.age"
    founded.json("backup", "--out", file)
    deed(founded, "erase", erased)
    founded.json("backup", "--out", listed, "--erasures")
    assert erased.encode() not in listed.read_bytes()
    target.environment["LIEBER_VAULT_CREDENTIAL_FILE"] = str(founded.folder / "keys" / "vault.credential")
    done = restore(target, founded, "--erasures", listed, "--json", file=file)
    assert done.returncode == 0, (done.stdout, done.stderr)
    told = json.loads(done.stdout)
    assert told["redone"] == 1
    assert told["misfits"] == []
    bring_keys(founded, target)
    assert target.json("check")["erased"] >= 1
    code = (
        "from lieber_mission.queries.protect import vault; from lieber_mission.models import Pseudonym; "
        f"print([row.subject for row in Pseudonym.objects.filter(thing='{erased}')]); "
        f"opened = vault(); print(opened.headers_of('{erased}'), len(opened.headers_of('{founded.kept}')))"
    )
    assert target.python(code).splitlines() == ["['']", "() 2"]


def test_erasures_need_the_credential_before_anything_is_written(founded, target, tmp_path):
    deed(founded, "erase", deed(founded, "person", "no"))
    listed = tmp_path / "erasures.age"
    founded.json("backup", "--out", listed, "--erasures")
    assert "LIEBER_VAULT_CREDENTIAL_FILE" in refused(target, founded, "--erasures", listed)
    # A backup is no list, and a list no backup.
    assert "signed note" in refused(target, founded, "--erasures", founded.file)
    assert "damaged" in refused(target, founded, file=listed)


# ---------------------------------------------------------------- what a mission may lack


@pytest.mark.one_database
def test_without_a_vault_a_recipient_must_be_named(tmp_path):
    with fresh_database() as address:
        demo = BackedUp(tmp_path / "demo", address)
        assert demo.run("init", "--officer", "clerk").returncode == 0
        shutil.rmtree(demo.folder / "vault")
        (demo.folder / "keys" / "vault.credential").unlink()
        assert "--to" in demo.refuses("backup", "--out", tmp_path / "a.age")
        identity = pyrage.x25519.Identity.generate()
        key = tmp_path / "key"
        key.write_text(str(identity))
        demo.key = key
        demo.file = tmp_path / "demo.age"
        root = demo.json("backup", "--out", demo.file, "--to", identity.to_public())["root"]
        with fresh_database() as other:
            target = mission_in(tmp_path / "restored", other)
            done = restore(target, demo, "--json")
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout)["root"] == root


def test_without_the_vaults_credential_no_backup_is_made(founded, tmp_path):
    away = Mission(founded.folder, founded.environment.get("LIEBER_DATABASE"))
    away.environment["LIEBER_VAULT_CREDENTIAL_FILE"] = str(tmp_path / "none")
    assert "credential" in away.refuses("backup", "--out", tmp_path / "a.age")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.postgres
def test_a_database_that_holds_something_is_refused(founded, tmp_path):
    target = mission_in(tmp_path / "restored", founded.environment["LIEBER_DATABASE"])
    assert "empty database" in refused(target, founded)


@pytest.mark.postgres
def test_a_database_of_postgresql_needs_an_address(founded, tmp_path):
    target = mission_in(tmp_path / "restored", None)
    del target.environment["LIEBER_DATABASE"]
    assert "LIEBER_DATABASE" in refused(target, founded)


@pytest.mark.postgres
def test_without_the_programs_of_postgresql_it_is_told(founded, tmp_path):
    away = Mission(founded.folder, founded.environment["LIEBER_DATABASE"])
    away.environment["PATH"] = str(tmp_path)
    assert "pg_dump" in away.refuses("backup", "--out", tmp_path / "a.age")


@pytest.mark.postgres
def test_a_vault_on_postgresql_comes_back_too(tmp_path):
    with fresh_database() as register, fresh_database() as sealed:
        assert sealed
        mission = BackedUp(tmp_path / "data", register)
        mission.environment["LIEBER_VAULT_DATABASE"] = sealed
        mission.key, mission.file = tmp_path / "key", tmp_path / "a.age"
        assert mission.run("init", "--officer", "clerk", "--recovery-out", mission.key).returncode == 0
        deed(mission, "found")
        deed(mission, "person")
        mission.json("backup", "--out", mission.file)
        with fresh_database() as new_register, fresh_database() as new_sealed:
            target = mission_in(tmp_path / "restored", new_register)
            assert new_sealed
            target.environment["LIEBER_VAULT_DATABASE"] = new_sealed
            done = restore(target, mission)
            assert done.returncode == 0, (done.stdout, done.stderr)
            bring_keys(mission, target)
            assert target.json("vault", "check")["fits"]
            assert target.json("vault", "rehearse", "--identity", mission.key)["passed"]
            assert deed(target, "seals") == "1 1"
