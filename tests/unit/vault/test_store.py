"""The vault: what it gives back, what it refuses, what it leaves behind."""

import hashlib
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lieber.base import BadInput, LieberError
from lieber_vault import (
    BadRecipient,
    CommitUnknown,
    Credential,
    Erasure,
    KeyConflict,
    Kind,
    Misfit,
    NotInVault,
    NoVault,
    ObjectLost,
    RowDamaged,
    SealDamaged,
    SealedOtherwise,
    SealedToOthers,
    Vault,
    VaultExists,
    VaultUnavailable,
    VersionConflict,
    WrongCredential,
    WrongFolder,
    WrongPassphrase,
    change_passphrase,
    create_vault,
    make_credential,
    make_key,
    make_recovery,
    open_sealed,
    open_vault,
    unlock,
    unlocked,
)
from lieber_vault.database import connect
from lieber_vault.objects import Objects
from lieber_vault.rows import RowCipher
from lieber_vault.sealing import Identity, new_identity
from lieber_vault.settings import new_settings

LARGE = bytes(range(256)) * 1_200  # above 256 KiB
PASSPHRASE = "five words drawn by chance"
ANOTHER = "another five words drawn"
OTHER_CREDENTIAL = Credential(b"another vault's own credential!!")
AT_NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
TABLES = ("settings", "headers", "heads", "bodies", "keys", "unlocked")


def objects_of(place):
    """The files of large bodies."""
    return [
        path for path in place.objects.rglob("*") if path.is_file() and path.name not in {".lock", ".vault"}
    ]


def stored(place):
    """Every value in the database and every file beside it, as whoever lacks the credential has them."""
    with closing(connect(place.address)) as database:
        columns = [
            column
            for table in TABLES
            for row in database.rows(f"SELECT * FROM vault_{table}")
            for column in row
        ]
    in_rows = [value if isinstance(value, bytes) else str(value).encode() for value in columns]
    return [*in_rows, *place.files().values()]


def put_in(vault, plaintext, identity, *, record_id="REC-1", pseudonym="W-0001"):
    """Seal a record, to be opened by the identity alone, in a vault that the test made itself."""
    if vault.recovery() is None:
        vault.set_recovery(identity.recipient, at=AT_NOON, by="founder")
    return vault.put(
        plaintext,
        [identity.recipient],
        record_id=record_id,
        pseudonym=pseudonym,
        kind="recording",
        compartment="north",
        at=AT_NOON,
        by="officer-1",
    )


def sealed_file(vault, record_id):
    """The plain age file of a record."""
    with vault.sealed(record_id) as (_, file):
        return b"".join(iter(lambda: file.read(100_000), b""))


def spellings(text):
    return [text.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]


# ---------------------------------------------------------------------- put and read


@pytest.mark.parametrize("plaintext", [b"", b"what a person told", LARGE], ids=["empty", "small", "large"])
def test_what_is_put_is_read(vault, put, identity, plaintext):
    header = put(plaintext)
    assert vault.read("REC-1", identity) == plaintext
    assert header.sealed_bytes == len(sealed_file(vault, "REC-1"))
    assert vault.header_of("REC-1") == header


def test_a_header_says_who_put_what_when(vault, put, identity, at):
    header = put(kind="testimony", compartment="south")
    assert vault.headers_of("W-0001") == (header,)
    assert (header.record_id, header.pseudonym, header.kind) == ("REC-1", "W-0001", Kind.TESTIMONY)
    assert (header.compartment, header.recipients) == ("south", (identity.recipient,))
    assert (header.made_at, header.made_by, header.version, header.supersedes) == (at, "officer-1", 1, None)


@pytest.mark.parametrize("length", [100, 262_144 - 1, 262_144, 262_145, 3_000_000])
def test_a_recording_is_put_and_read_as_a_stream(*, vault, put, identity, place, length):
    recording = Random(7).randbytes(length)
    put(io.BytesIO(recording), kind="recording")
    played = io.BytesIO()
    header = vault.read_to(played, record_id="REC-1", identity=identity)
    assert played.getvalue() == recording
    assert header.sealed_bytes > length
    # 32 bytes of the seal stand beside what was sealed.
    assert bool(objects_of(place)) == (length + 32 > 256 * 1024)


def test_a_pseudonym_has_its_own_headers_and_no_others(vault, put):
    put(record_id="REC-2")
    put(record_id="REC-1", kind="contacts")
    put(record_id="REC-3", pseudonym="W-0002")
    assert [header.record_id for header in vault.headers_of("W-0001")] == ["REC-1", "REC-2"]
    assert [header.record_id for header in vault.headers_of("W-0002")] == ["REC-3"]
    assert vault.headers_of("W-0003") == ()


def test_all_headers_come_a_page_at_a_time(vault, put, monkeypatch):
    monkeypatch.setattr("lieber_vault.database._PAGE", 3)
    for count in (0, 2, 1, 1, 2, 1):
        for _ in range(count):
            put(record_id=f"REC-{vault.counts().records}")
        assert {header.record_id for header in vault.all_headers()} == {
            f"REC-{number}" for number in range(vault.counts().records)
        }


def test_only_recipients_read(vault, put, other):
    put()
    with pytest.raises(SealedToOthers):
        vault.read("REC-1", other)


def test_what_is_not_there_is_told(vault, put, identity):
    put()
    for read in (
        lambda: vault.read("REC-2", identity),
        lambda: vault.read("REC-1", identity, version=2),
        lambda: vault.header_of("REC-2"),
        lambda: vault.rotate("REC-2", identity, recipients=[identity.recipient], at=None, by=""),
    ):
        with pytest.raises((NotInVault, BadInput)):
            read()


def test_it_is_still_there_after_closing(place, vault, put, identity):
    put(LARGE)
    vault.close()
    with place.open() as again:
        assert again.read("REC-1", identity) == LARGE


@pytest.mark.parametrize(
    ("members", "error", "sentence"),
    [
        ({"recipients": ["age1foo"]}, BadRecipient, "are none"),
        ({"kind": "poem"}, BadInput, "found 'poem'"),
        ({"pseudonym": ""}, BadInput, "needs a pseudonym"),
        ({"compartment": "\ud800"}, BadInput, "surrogate"),
        ({"supersedes": 1}, VersionConflict, "was to follow version 1: found none"),
    ],
)
def test_what_cannot_be_put_leaves_nothing(*, vault, put, place, members, error, sentence):
    with pytest.raises(error, match=sentence):
        put(LARGE, **members)
    assert vault.counts().versions == 0
    assert not objects_of(place)


def test_nothing_is_sealed_to_nobody(vault, at):
    with pytest.raises(BadRecipient, match="at least one recipient"):
        vault.put(b"", [], record_id="R", pseudonym="W", kind="photo", compartment="c", at=at, by="o")


def test_a_reader_that_fails_leaves_nothing(vault, put, place):
    class Failing(io.BytesIO):
        def read(self, size=-1, /):
            return super().read(size) or self.fail()

        def fail(self):
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        put(Failing(LARGE))
    assert vault.counts().versions == 0
    assert not objects_of(place)


# ---------------------------------------------------------------------- versions


def test_a_version_follows_the_one_before(vault, put, identity):
    put(b"first")
    second = put(LARGE, supersedes=1, compartment="south")
    assert (second.version, second.supersedes) == (2, 1)
    assert vault.read("REC-1", identity) == LARGE
    assert vault.read("REC-1", identity, version=1) == b"first"
    assert [header.version for header in vault.headers_of("W-0001")] == [1, 2]


@pytest.mark.parametrize("supersedes", [None, 1, 3])
def test_whoever_has_not_seen_the_latest_version_is_refused(vault, put, identity, supersedes):
    put(b"first")
    put(b"second", supersedes=1)
    with pytest.raises(VersionConflict, match="found version 2; read what is there now"):
        put(b"third", supersedes=supersedes)
    assert vault.read("REC-1", identity) == b"second"


@pytest.mark.parametrize("members", [{"pseudonym": "W-0002"}, {"kind": "photo"}])
def test_a_record_stays_of_one_pseudonym_and_kind(put, members):
    put()
    with pytest.raises(BadInput, match="stays of one pseudonym and one kind"):
        put(supersedes=1, **members)


def test_of_two_writers_one_wins_and_one_is_told(*, place, vault, put, identity, at):
    put(b"first")
    barrier, done = threading.Barrier(2, timeout=30), []

    class Meeting(io.BytesIO):
        """Lets both writers pass the first look before either writes."""

        def read(self, size=-1, /):
            if not self.tell():
                barrier.wait()
            return super().read(size)

    def write(name):
        with place.open() as own:
            try:
                own.put(
                    Meeting(LARGE),
                    [identity.recipient],
                    record_id="REC-1",
                    pseudonym="W-0001",
                    kind="interview_text",
                    compartment="north",
                    at=at,
                    by=name,
                    supersedes=1,
                )
                done.append(name)
            except VersionConflict:
                done.append(None)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("officer-2", "officer-3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None in done
    assert vault.header_of("REC-1").made_by in done
    assert vault.counts()[:3] == (1, 2, 1)
    assert len(objects_of(place)) == 1


def test_the_database_itself_holds_a_version_once(vault, put, monkeypatch):
    """Were the look at the latest version to fail, the slot's tag still refuses."""
    put()
    monkeypatch.setattr(vault, "_check_next", lambda _: None)
    with pytest.raises(VersionConflict, match="written by somebody else meanwhile"):
        put()


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({}, True),
        ({"version": 1}, True),
        ({"pseudonym": "W-0001", "compartments": {"north", "open"}}, True),
        ({"compartments": ["open"]}, True),
        ({"version": 1, "compartments": ["open"]}, False),
        ({"compartments": ["north"]}, False),
        ({"compartments": ()}, False),
        ({"pseudonym": "W-0002"}, False),
    ],
)
def test_the_very_version_that_is_read_is_of_what_the_reader_may_read(*, vault, put, identity, asked, given):
    put(b"first")
    put(b"second", supersedes=1, compartment="open")
    if given:
        plain = b"first" if asked.get("version") else b"second"
        assert vault.read("REC-1", identity, **asked) == plain
    else:
        with pytest.raises(NotInVault, match="holds no REC-1"):
            vault.read("REC-1", identity, **asked)


# ---------------------------------------------------------------------- to whom


def test_nothing_is_sealed_to_keys_that_nobody_keeps(*, vault, put, place, identity, other, at):
    put(LARGE)
    stranger = new_identity()
    refused = pytest.raises(KeyConflict, match="found neither among the recipients")
    with refused:
        put(LARGE, recipients=[stranger.recipient], record_id="REC-2")
    vault.retire_key("keeper-2", at=at, by="keeper-1")
    with refused:
        put(LARGE, recipients=[other.recipient], record_id="REC-2")
    both = [stranger.recipient, identity.recipient]
    assert put(recipients=both, record_id="REC-2").recipients == tuple(both)
    with refused:
        vault.rotate("REC-2", stranger, recipients=[stranger.recipient], at=at, by="o")
    vault.set_recovery(make_recovery().recipient, at=at, by="founder")
    put(recipients=[stranger.recipient], record_id="REC-3")
    assert len(objects_of(place)) == 1


class During(io.BytesIO):
    """A plaintext during whose sealing something happens."""

    def __init__(self, deed):
        super().__init__(LARGE)
        self.deed = deed

    def read(self, size=-1, /):
        if not self.tell():
            self.deed()
        return super().read(size)


def test_a_key_that_is_retired_while_something_is_sealed_to_it(*, place, put, vault, identity, at):
    def retire():
        with place.open() as own:
            own.retire_key("keeper-1", at=at, by="keeper-2")

    with pytest.raises(KeyConflict, match="found neither among the recipients"):
        put(During(retire))
    assert vault.counts().versions == 0
    assert not objects_of(place)


def test_a_recovery_key_that_is_named_while_something_is_sealed(*, place, put, vault, identity, at):
    def name():
        with place.open() as own:
            own.set_recovery(make_recovery().recipient, at=at, by="founder")

    with pytest.raises(VersionConflict, match="another one was named meanwhile"):
        put(During(name))
    assert vault.counts().versions == 0
    assert not objects_of(place)


@pytest.fixture
def meanwhile(place, vault, monkeypatch):
    """Lets a deed of another's happen just before the next transaction of the vault."""

    def arranged(deed):
        write = vault.database.write

        def after_it():
            monkeypatch.undo()
            with place.open() as own:
                deed(own)
            return write()

        monkeypatch.setattr(vault.database, "write", after_it)

    return arranged


def test_a_recovery_key_that_is_named_while_something_is_sealed_again(
    *, vault, put, place, identity, at, meanwhile
):
    before, files = put(LARGE), objects_of(place)
    meanwhile(lambda own: own.set_recovery(make_recovery().recipient, at=at, by="founder"))
    with pytest.raises(VersionConflict, match="another one was named meanwhile"):
        vault.rotate("REC-1", identity, recipients=[identity.recipient], at=at, by="o")
    assert vault.header_of("REC-1") == before
    assert objects_of(place) == files


def test_a_version_that_is_added_while_others_are_sealed_again_is_not_left_behind(
    *, vault, put, place, identity, other, at, meanwhile
):
    both = [identity.recipient, other.recipient]
    put(LARGE, recipients=both)
    meanwhile(
        lambda own: own.put(
            b"second",
            both,
            record_id="REC-1",
            pseudonym="W-0001",
            kind="interview_text",
            compartment="north",
            at=at,
            by="o",
            supersedes=1,
        )
    )
    with pytest.raises(VersionConflict, match="REC-1 was changed"):
        vault.rotate("REC-1", identity, recipients=[identity.recipient], at=at, by="o")
    assert vault.read("REC-1", other, version=1) == LARGE
    assert len(objects_of(place)) == 1
    assert len(vault.rotate("REC-1", identity, recipients=[identity.recipient], at=at, by="o")) == 2
    for version in (1, 2):
        with pytest.raises(SealedToOthers):
            vault.read("REC-1", other, version=version)


# ---------------------------------------------------------------------- silence


def test_nothing_readable_lies_on_the_disk(*, place, vault, put, at, cost, identity):
    words = {
        "canary": "canary-плантація",
        "pseudonym": "W-SILENT",
        "compartment": "півночі-9",
        "officer": "officer-seven",
    }
    for number, text in enumerate((words["canary"], words["canary"] * 30_000)):
        put(
            text.encode(),
            record_id=f"REC-{number}-SILENT",
            pseudonym=words["pseudonym"],
            compartment=words["compartment"],
            by=words["officer"],
        )
    key = make_key(words["officer"], PASSPHRASE, at=at, cost=cost)
    vault.add_key(key, at=at, by=words["officer"])
    recovery = make_recovery()
    vault.set_recovery(recovery.recipient, at=at, by=words["officer"])
    put(words["canary"].encode() * 2, record_id="REC-2-SILENT", pseudonym=words["pseudonym"])
    with pytest.raises(BadInput):
        put(
            words["canary"].encode(),
            record_id="REC-2-SILENT",
            kind="photo",
            supersedes=1,
            by=words["officer"],
        )

    heap = stored(place)  # the database is open: the write-ahead log is among the files
    assert len(objects_of(place)) == 1
    if isinstance(place.address, Path):
        assert any(name.endswith("-wal") and data for name, data in place.files().items())
    hidden = [
        *words.values(),
        *("REC-0-SILENT", "REC-2-SILENT", "interview_text", "2025-03-01"),
        *(key.recipient, recovery.recipient, identity.recipient, "age-encryption.org"),
        hashlib.sha256(words["canary"].encode()).hexdigest(),
    ]
    found = [text for text in hidden for spelled in spellings(text) if any(spelled in data for data in heap)]
    assert not found
    plain = hashlib.sha256(words["canary"].encode()).digest()
    assert not [data for data in heap if plain in data or b"SILENT" in data]


@pytest.mark.parametrize("plaintext", [b"+380671234567", LARGE], ids=["short", "large"])
def test_with_the_credential_alone_no_plaintext_can_be_tried_out(vault, put, place, plaintext):
    put(plaintext, kind="contacts")
    rows = vault.database.rows(
        "SELECT v.row_id, h.sealing, v.sealed, h.sealed, h.proof FROM vault_headers v "
        "JOIN vault_heads h ON h.row_id = v.row_id"
    )
    ((row, sealing, *sealed),) = rows
    places = (("headers", row), ("heads", row + sealing), ("proofs", row + sealing))
    opened = [
        vault.cipher.open(each, place=name, row=bound)
        for each, (name, bound) in zip(sealed, places, strict=True)
    ]
    digests = [hashlib.new(name, plaintext) for name in ("md5", "sha1", "sha256", "sha512", "blake2b")]
    known = [form for digest in digests for form in (digest.digest(), digest.hexdigest().encode())]
    heap = [*opened, *stored(place)]
    assert not [form for form in known if any(form in data for data in heap)]
    assert opened[2].startswith(b"age-encryption.org/v1\n")
    assert not {"sha256", "length"} & json.loads(opened[0]).keys()


def test_with_another_credential_nothing_is_listed(place, vault, put):
    put()
    vault.close()
    with pytest.raises(WrongCredential, match="made with another credential"):
        open_vault(place.address, OTHER_CREDENTIAL, objects=place.objects)


def test_even_past_the_door_another_credential_finds_nothing(place, vault, put):
    put()
    cipher = RowCipher(OTHER_CREDENTIAL)
    with Vault(connect(place.address), cipher, Objects(place.objects), new_settings()) as blind:
        assert blind.headers_of("W-0001") == ()
        with pytest.raises(RowDamaged):
            list(blind.all_headers())
        with pytest.raises(NotInVault):
            blind.header_of("REC-1")
        assert blind.kept_keys() == ()
        for refused in (lambda: blind.erase("W-0001"), blind.recovery, blind.sweep):
            with pytest.raises((NotInVault, RowDamaged)):
                refused()


def test_a_vault_is_made_once_and_opened_where_it_is(place, tmp_path):
    if isinstance(place.address, Path):
        with pytest.raises(NoVault, match="expected at"):
            place.open()
        place.address.parent.mkdir()
        sqlite3.connect(place.address).close()  # what a killed `create_vault` left
    with pytest.raises(NoVault, match="found none; make one"):
        place.open()
    place.make().close()
    with pytest.raises(VaultExists, match="already and it is kept"):
        place.make()
    with pytest.raises(WrongCredential):
        open_vault(place.address, OTHER_CREDENTIAL, objects=place.objects)
    place.open().close()


def test_a_folder_that_cannot_be_made_is_told(sqlite_place, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ObjectLost):
        create_vault(sqlite_place.address, sqlite_place.credential, objects=tmp_path / "file" / "objects")
    with pytest.raises(VaultUnavailable):
        create_vault(tmp_path / "file" / "v", sqlite_place.credential, objects=sqlite_place.objects)


@pytest.fixture(params=[0, 0o022, 0o277])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_only_its_owner_enters_a_vault_whatever_the_umask(umask, tmp_path, identity):
    top = tmp_path / "mission"
    credential = make_credential(top / "keys" / "vault" / "credential")
    with create_vault(top / "vault" / "db" / "v.sqlite3", credential, objects=top / "vault" / "o") as vault:
        put_in(vault, LARGE, identity)
        folders = [path for path in (top, *top.rglob("*")) if path.is_dir()]
        assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
        files = [path for path in top.rglob("*") if path.is_file()]
        assert not any(path.stat().st_mode & 0o077 for path in files)
    assert len(folders) == 8, folders


# ---------------------------------------------------------------------- what belongs together


@pytest.fixture
def neighbour(tmp_path):
    """Another vault, with one large record, and where it lies."""
    place = tmp_path / "neighbour"
    credential = Credential(bytes(32))
    with create_vault(place / "v.sqlite3", credential, objects=place / "objects") as vault:
        put_in(vault, LARGE, new_identity())
    return place


def test_a_folder_belongs_to_one_vault(*, place, vault, put, identity, neighbour):
    put(LARGE)
    theirs = neighbour / "objects"
    for brought_back in (False, True):
        with pytest.raises(WrongFolder, match="found another mark or none"):
            open_vault(place.address, place.credential, objects=theirs, brought_back=brought_back)
    vault._objects = Objects(theirs)
    with pytest.raises(WrongFolder):
        vault.sweep()
    assert len([path for path in theirs.rglob("*") if path.stat().st_size > 100_000]) == 1
    with pytest.raises(WrongFolder, match="is marked as another's"):
        create_vault(neighbour / "w.sqlite3", place.credential, objects=place.objects)
    with pytest.raises(NoVault):
        open_vault(neighbour / "w.sqlite3", place.credential, objects=place.objects)
    with place.open() as again:
        assert again.read("REC-1", identity) == LARGE


@pytest.mark.parametrize("mark", [None, b"", b"\xff", b"lieber-vault-objects-1 0 " + b"0" * 64 + b"\n"])
def test_a_folder_without_its_mark_is_refused_until_somebody_says_that_it_is_the_vaults(
    *, place, vault, put, identity, mark
):
    put(LARGE)
    path = place.objects / ".vault"
    whole = path.read_bytes()
    path.unlink() if mark is None else path.write_bytes(mark)
    with pytest.raises(WrongFolder):
        place.open()
    with pytest.raises(WrongFolder):
        vault.sweep()
    assert vault.check()[0].place == "settings"
    if mark is None:
        place.open(brought_back=True).close()
        assert path.read_bytes() == whole
        with place.open() as again:
            assert again.read("REC-1", identity) == LARGE


def settings_of(vault):
    return vault.database.rows("SELECT sealed FROM vault_settings")[0][0]


def put_back(vault, sealed):
    vault.database.change("UPDATE vault_settings SET sealed = ?", sealed)


def test_an_old_recovery_key_that_is_put_back_is_refused(place, vault, put, at):
    first, second = make_recovery(), make_recovery()
    vault.set_recovery(first.recipient, at=at, by="founder")
    old = settings_of(vault)
    vault.set_recovery(second.recipient, at=at, by="founder")
    put_back(vault, old)
    for refused in (vault.recovery, put, place.open, vault.sweep):
        with pytest.raises(RowDamaged, match="of an older day"):
            refused()
    assert vault.check()[0].place == "settings"
    with place.open(brought_back=True) as again:
        assert again.recovery() == first.recipient
        again.set_recovery(second.recipient, at=at, by="founder")
        again.set_recovery(second.recipient, at=at, by="founder")
    assert vault.recovery() == second.recipient
    place.open().close()


def test_what_was_sealed_to_a_later_recovery_key_tells_that_an_old_one_was_put_back(*, place, vault, put, at):
    """Also where the folder's mark went with it."""
    vault.set_recovery(make_recovery().recipient, at=at, by="founder")
    put(record_id="REC-0")
    old, mark = settings_of(vault), place.objects / ".vault"
    text = mark.read_bytes()
    vault.set_recovery(make_recovery().recipient, at=at + timedelta(1), by="founder")
    put(record_id="REC-1", at=at + timedelta(2))
    assert vault.check() == ()
    put_back(vault, old)
    mark.write_bytes(text)
    with place.open() as again:
        ((where, what, reason),) = again.check()
    assert (where, what) == ("headers", "interview_text REC-1 version 1")
    assert "another recovery key than the present one" in reason


def test_lost_settings_are_no_vault_without_a_recovery_key(place, vault, put, at):
    vault.set_recovery(make_recovery().recipient, at=at, by="founder")
    vault.database.change("DELETE FROM vault_settings")
    for refused in (vault.recovery, put, vault.sweep):
        with pytest.raises(RowDamaged, match="among the vault's settings was damaged"):
            refused()
    with pytest.raises(WrongCredential, match="or its settings are damaged"):
        place.open()


def test_a_folder_that_was_not_told_of_the_recovery_key_is_told_later(place, vault, at, monkeypatch):
    """Whoever named it was killed in between."""
    monkeypatch.setattr("lieber_vault.store.follow", lambda *_: None)
    recovery = make_recovery()
    before = (place.objects / ".vault").read_bytes()
    vault.set_recovery(recovery.recipient, at=at, by="founder")
    monkeypatch.undo()
    assert (place.objects / ".vault").read_bytes() == before
    with place.open() as again:
        assert again.recovery() == recovery.recipient
    assert (place.objects / ".vault").read_bytes() != before


# ---------------------------------------------------------------------- check


def test_what_is_whole_fits(*, vault, put, identity, other, at):
    assert vault.check() == ()
    both = [identity.recipient, other.recipient]
    put(LARGE, recipients=both)
    put(b"second", supersedes=1, recipients=both)
    vault.set_recovery(make_recovery().recipient, at=at, by="founder")
    vault.rotate("REC-1", identity, recipients=both, at=at, by="o")
    put(b"", record_id="REC-2", pseudonym="W-0002")
    put(LARGE, record_id="REC-3")
    vault.retire_key("keeper-2", at=at, by="keeper-1")
    vault.erase_record("REC-3")
    unlocked.start(
        vault,
        session="s-1",
        officer="keeper-1",
        identity=identity,
        at=at,
        until=at + timedelta(hours=1),
    )
    assert vault.check() == ()


FIRST = "interview_text REC-1 version 1"
DAMAGES = [
    ("UPDATE vault_headers SET pseudonym = ?", bytes(32), ("headers", FIRST, "tag of its pseudonym")),
    ("UPDATE vault_headers SET record = ?", bytes(32), ("headers", FIRST, "tag of its record")),
    ("UPDATE vault_headers SET slot = ?", bytes(32), ("headers", FIRST, "tag of its slot")),
    ("UPDATE vault_headers SET sealed = ?", bytes(60), ("headers", None, "was damaged or changed")),
    ("UPDATE vault_heads SET sealed = ?", bytes(60), ("heads", FIRST, "vault's heads was damaged")),
    ("UPDATE vault_heads SET proof = ?", bytes(60), ("heads", FIRST, "vault's proofs was damaged")),
    ("UPDATE vault_heads SET sealing = ?", bytes(16), ("heads", FIRST, "vault's heads was damaged")),
    ("UPDATE vault_bodies SET body = ?", b"short", ("heads", FIRST, "of another length")),
    ("UPDATE vault_bodies SET body = ?", None, ("heads", FIRST, "No such file")),
    ("DELETE FROM vault_bodies WHERE row_id != ?", b"", ("heads", FIRST, "lost its head or its body")),
    ("DELETE FROM vault_heads WHERE row_id != ?", b"", ("heads", FIRST, "lost its head or its body")),
]


@pytest.mark.parametrize(("statement", "value", "told"), DAMAGES)
def test_what_does_not_fit_is_told(*, vault, put, statement, value, told):
    put()
    vault.database.change(statement, value)
    (misfit,) = vault.check()
    place, what, reason = told
    assert misfit.place == place
    assert misfit.what == (what or vault.database.rows("SELECT row_id FROM vault_headers")[0][0].hex())
    assert reason in misfit.reason


def test_parts_without_a_header_are_told(vault, put):
    put()
    vault.database.change("DELETE FROM vault_headers")
    assert {misfit.place for misfit in vault.check()} == {"heads", "bodies"}


def test_versions_that_do_not_follow_each_other_are_told(vault, put):
    put()
    put(supersedes=1)
    put(supersedes=2)
    vault.database.change("DELETE FROM vault_headers WHERE slot = ?", vault.cipher.tag("slot", "REC-1", 2))
    reasons = [misfit.reason for misfit in vault.check() if misfit.place == "headers"]
    assert reasons == ["a version before it is missing, or is there twice"]


def test_keys_and_sessions_that_do_not_fit_are_told(*, vault, put, identity, at):
    put()
    unlocked.start(
        vault, session="s", officer="keeper-1", identity=identity, at=at, until=at + timedelta(hours=1)
    )
    vault.database.change("UPDATE vault_unlocked SET sealed = ?", bytes(60))
    tags = [vault.cipher.tag("active", officer) for officer in ("keeper-1", "keeper-2")]
    vault.database.change("UPDATE vault_keys SET sealed = ? WHERE active = ?", bytes(60), tags[0])
    vault.database.change("UPDATE vault_keys SET active = NULL WHERE active = ?", tags[1])
    found = {misfit.place: misfit.reason for misfit in vault.check()}
    assert len(vault.check()) == 3
    assert "was damaged" in found["unlocked"]
    assert {misfit.what for misfit in vault.check() if misfit.place == "keys"} >= {"keeper-2"}


# ---------------------------------------------------------------------- damage


@pytest.mark.parametrize("column", ["sealed", "sealing"])
def test_nothing_is_swept_while_a_row_may_name_a_file_that_would_go(*, vault, put, place, column):
    put(LARGE)
    vault.database.change(f"UPDATE vault_heads SET {column} = ?", bytes(16))
    with pytest.raises(RowDamaged):
        vault.sweep()
    vault.database.change("DELETE FROM vault_heads")
    with pytest.raises(RowDamaged):
        vault.sweep()
    assert len(objects_of(place)) == 1


def test_a_row_that_was_changed_takes_no_other_body_with_it(vault, put, identity, place):
    put(LARGE)
    put(LARGE[1:], record_id="REC-2", pseudonym="W-0002")
    (row, _), (other_row, _) = (vault._find(record_id, None) for record_id in ("REC-1", "REC-2"))
    ((theirs,),) = vault.database.rows("SELECT sealing FROM vault_heads WHERE row_id = ?", other_row)
    vault.database.change("UPDATE vault_heads SET sealing = ? WHERE row_id = ?", theirs, row)
    assert vault.erase("W-0001") == Erasure(1, 1, 0, scrubbed=False)
    assert vault.read("REC-2", identity) == LARGE[1:]
    assert vault.sweep() == 1  # what the row named before
    vault.database.change("UPDATE vault_heads SET sealing = ?", b"/" * 5_000)
    assert vault.erase("W-0002") == Erasure(1, 1, 0, scrubbed=False)
    assert vault.sweep() == 1


def test_damaged_headers_are_told_beside_the_others(vault, put):
    for number in range(5):
        put(record_id=f"REC-{number}")
    vault.database.change(
        "UPDATE vault_headers SET sealed = ? WHERE record = ?", bytes(60), vault.cipher.tag("record", "REC-3")
    )
    others = {"REC-0", "REC-1", "REC-2", "REC-4"}
    damaged: list[Misfit] = []
    assert {header.record_id for header in vault.all_headers(damaged=damaged)} == others
    assert [misfit.place for misfit in damaged] == ["headers"]
    seen: set[str] = set()
    with pytest.raises(RowDamaged, match="found 1 that are not"):
        seen.update(header.record_id for header in vault.all_headers())
    assert seen == others


def test_a_damaged_key_stops_no_other(*, vault, put, identity, other, at):
    put(recipients=[identity.recipient, other.recipient])
    tag = vault.cipher.tag("active", "keeper-2")
    vault.database.change("UPDATE vault_keys SET sealed = ? WHERE active = ?", bytes(60), tag)
    damaged: list[Misfit] = []
    assert [key.officer for key in vault.kept_keys(damaged=damaged)] == ["keeper-1"]
    assert [misfit.place for misfit in damaged] == ["keys"]
    put(record_id="REC-2")
    with pytest.raises(KeyConflict, match="keeper-1 has the last key"):
        vault.retire_key("keeper-1", at=at, by="o")


SWAPS = {
    "headers": "UPDATE vault_headers SET sealed = ? WHERE row_id = ?",
    "heads": "UPDATE vault_heads SET sealed = ? WHERE row_id = ?",
    "bodies": "UPDATE vault_bodies SET body = ? WHERE row_id = ?",
}
SELECTS = {
    "headers": "SELECT row_id, sealed FROM vault_headers ORDER BY row_id",
    "heads": "SELECT row_id, sealed FROM vault_heads ORDER BY row_id",
    "bodies": "SELECT row_id, body FROM vault_bodies ORDER BY row_id",
}


@pytest.mark.parametrize("table", SWAPS)
def test_exchanged_rows_are_refused(vault, put, identity, table):
    put(b"told by one", record_id="REC-1", pseudonym="W-0001")
    put(b"told by two", record_id="REC-2", pseudonym="W-0002")
    (one, first), (two, second) = vault.database.rows(SELECTS[table])
    for row, value in ((one, second), (two, first)):
        vault.database.change(SWAPS[table], value, row)
    for record in ("REC-1", "REC-2"):
        with pytest.raises((RowDamaged, SealDamaged)):
            vault.read(record, identity)


@pytest.mark.parametrize("with_proof", [False, True])
def test_exchanged_heads_and_bodies_together_are_refused(vault, put, identity, with_proof):
    """Were somebody with the credential to exchange all of two records, what proves them would tell."""
    put(b"told by one", record_id="REC-1")
    put(b"told by two", record_id="REC-2")
    mine = {
        row: vault.cipher.open(proof, place="proofs", row=row + sealing)
        for row, sealing, proof in vault.database.rows("SELECT row_id, sealing, proof FROM vault_heads")
    }
    (one, *first), (two, *second) = vault.database.rows(
        "SELECT h.row_id, h.sealing, h.sealed, h.proof, b.body FROM vault_heads h "
        "JOIN vault_bodies b ON b.row_id = h.row_id"
    )
    for row, source, (sealing, sealed, proof, body) in ((one, two, second), (two, one, first)):
        head = vault.cipher.open(sealed, place="heads", row=source + sealing)
        again = vault.cipher.seal(head, place="heads", row=row + sealing)
        vault.database.change(
            "UPDATE vault_heads SET sealing = ?, sealed = ? WHERE row_id = ?", sealing, again, row
        )
        theirs = vault.cipher.open(proof, place="proofs", row=source + sealing)
        again = vault.cipher.seal(theirs if with_proof else mine[row], place="proofs", row=row + sealing)
        vault.database.change("UPDATE vault_heads SET proof = ? WHERE row_id = ?", again, row)
        vault.database.change("UPDATE vault_bodies SET body = ? WHERE row_id = ?", body, row)
    for record in ("REC-1", "REC-2"):
        with pytest.raises(SealedOtherwise, match="opens to other bytes"):
            vault.read(record, identity)
        with pytest.raises(SealedOtherwise):
            vault.rotate(
                record, identity, recipients=[identity.recipient], at=vault.header_of(record).made_at, by="o"
            )


@pytest.mark.parametrize("column", ["pseudonym", "record"])
def test_exchanged_tags_are_refused(vault, put, identity, column):
    put(record_id="REC-1", pseudonym="W-0001")
    put(record_id="REC-2", pseudonym="W-0002")
    row = vault.cipher.tag("record", "REC-2")
    tag = vault.cipher.tag(column, {"pseudonym": "W-0001", "record": "REC-1"}[column])
    vault.database.change(f"UPDATE vault_headers SET {column} = ? WHERE record = ?", tag, row)
    with pytest.raises(RowDamaged, match="in the place of another"):
        vault.headers_of("W-0001") if column == "pseudonym" else vault.read("REC-1", identity)


def test_a_flipped_bit_in_a_large_body_is_refused(vault, put, place, identity):
    put(LARGE)
    (path,) = objects_of(place)
    chance = Random(3)
    whole = path.read_bytes()
    for position in (0, 15, 16, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(8))):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(SealDamaged):
            vault.read("REC-1", identity)
    path.write_bytes(whole[:-1])
    with pytest.raises(SealDamaged):
        vault.read("REC-1", identity)
    path.unlink()
    with pytest.raises(ObjectLost):
        vault.read("REC-1", identity)


@pytest.mark.parametrize("part", ["heads", "bodies"])
def test_a_record_without_its_head_or_body_is_damaged_and_not_erased(vault, put, identity, part):
    put()
    vault.database.change(f"DELETE FROM vault_{part}")
    with pytest.raises(RowDamaged, match="REC-1 version 1 has lost its head or its body"):
        vault.read("REC-1", identity)


def test_what_is_erased_while_it_is_read_is_not_in_the_vault(vault, put, identity, monkeypatch):
    put()
    find = vault._find

    def erased_after(record_id, version):
        found = find(record_id, version)
        vault.erase("W-0001")
        return found

    monkeypatch.setattr(vault, "_find", erased_after)
    with pytest.raises(NotInVault):
        vault.read("REC-1", identity)


@pytest.fixture(scope="module")
def damaged_vault(tmp_path_factory):
    """A small vault as bytes, closed: nothing stands in the write-ahead log."""
    folder, identity = tmp_path_factory.mktemp("damaged"), new_identity()
    credential = Credential(bytes(32))
    path = folder / "vault.sqlite3"
    at = AT_NOON
    with create_vault(path, credential, objects=folder / "objects") as vault:
        vault.set_recovery(identity.recipient, at=at, by="o")
        for number in range(4):
            vault.put(
                b"what a person told" * 100,
                [identity.recipient],
                record_id=f"REC-{number}",
                pseudonym="W-1",
                kind="photo",
                compartment="c",
                at=at,
                by="o",
            )
    return folder, path.read_bytes(), credential, identity


@given(chance=st.randoms(use_true_random=False))
def test_flipped_bits_anywhere_in_the_database_are_sentences(damaged_vault, chance):
    """Whatever is damaged, what is given back is right, or one sentence says that it is not."""
    folder, whole, credential, identity = damaged_vault
    damaged = bytearray(whole)
    for _ in range(chance.choice([1, 1, 5])):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    path = folder / "changed.sqlite3"
    for left in folder.glob("changed.sqlite3*"):
        left.unlink()
    path.write_bytes(damaged)
    try:
        with open_vault(path, credential, objects=folder / "objects") as vault:
            for header in vault.all_headers():
                assert vault.read(header.record_id, identity) == b"what a person told" * 100
            assert vault.recovery() in {None, identity.recipient}
            assert vault.counts().records <= 4
            assert len(vault.headers_of("W-1")) <= 4
            assert vault.erase_record("REC-0").versions <= 1
    except LieberError as error:
        assert re.fullmatch(r"[^\n]+\.", str(error))  # noqa: PT017  # any error is fine that is a sentence


# ---------------------------------------------------------------------- rotation


@pytest.mark.parametrize("plaintext", [b"what a person told", LARGE], ids=["small", "large"])
def test_rotation_seals_to_others_and_keeps_the_plaintext(
    *, vault, put, place, identity, other, at, plaintext
):
    old = put(plaintext)
    files = objects_of(place)
    (new,) = vault.rotate(
        "REC-1",
        identity,
        recipients=[identity.recipient, other.recipient],
        at=at + timedelta(1),
        by="officer-2",
    )
    assert vault.read("REC-1", other) == plaintext
    assert new == replace(
        old,
        recipients=(identity.recipient, other.recipient),
        sealed_at=at + timedelta(1),
        sealed_by="officer-2",
        sealed_bytes=len(sealed_file(vault, "REC-1")),
    )
    assert vault.header_of("REC-1") == new
    vault.rotate("REC-1", other, recipients=[other.recipient], at=at, by="officer-2")
    with pytest.raises(SealedToOthers):
        vault.read("REC-1", identity)
    assert len(objects_of(place)) == len(files)
    assert not set(objects_of(place)) & set(files)


def test_rotation_takes_every_version(*, vault, put, identity, other, at):
    put(b"first")
    put(LARGE, supersedes=1)
    both = [identity.recipient, other.recipient]
    assert len(vault.rotate("REC-1", identity, recipients=both, at=at, by="o")) == 2
    assert vault.read("REC-1", other, version=1) == b"first"
    assert vault.read("REC-1", other) == LARGE


def test_a_rotation_that_fails_changes_nothing(*, vault, put, place, identity, other, at, monkeypatch):
    put(b"first")
    put(LARGE, supersedes=1)
    before, files = tuple(vault.headers_of("W-0001")), objects_of(place)
    both = [identity.recipient, other.recipient]
    for error, key, recipients in [
        (SealedToOthers, other, both),
        (KeyConflict, identity, [other.recipient]),
        (BadRecipient, identity, []),
    ]:
        with pytest.raises(error):
            vault.rotate("REC-1", key, recipients=recipients, at=at, by="o")
    monkeypatch.setattr("lieber_vault.store.check_digest", fails_the_fourth_time())
    with pytest.raises(SealedOtherwise):
        vault.rotate("REC-1", identity, recipients=both, at=at, by="o")
    assert vault.headers_of("W-0001") == before
    assert objects_of(place) == files
    monkeypatch.undo()
    assert vault.read("REC-1", identity) == LARGE


def fails_the_fourth_time():
    """Each version is verified before and after: the fourth look is the last one."""
    looks = iter(range(1, 5))

    def check(header, _, __):
        if next(looks) == 4:
            raise SealedOtherwise("It opens to other bytes.")

    return check


def test_of_a_rotation_and_an_erasure_at_once_the_erasure_stays(
    *, place, vault, put, identity, at, monkeypatch
):
    put(LARGE)
    write = vault.database.write

    def after_the_erasure():
        monkeypatch.undo()
        with place.open() as own:
            assert own.erase("W-0001").versions == 1
        return write()

    monkeypatch.setattr(vault.database, "write", after_the_erasure)
    with pytest.raises(VersionConflict, match="sealed again or erased"):
        vault.rotate("REC-1", identity, recipients=[identity.recipient], at=at, by="o")
    assert vault.counts().versions == 0
    assert not objects_of(place)


def test_whoever_reads_while_another_seals_again_reads_on(*, place, vault, put, identity, at, monkeypatch):
    put(LARGE)
    parts, asked = vault._parts, []

    def rotated_after_the_first(row, header):
        found = parts(row, header)
        asked.append(row)
        if len(asked) == 1:
            with place.open() as own:
                own.rotate("REC-1", identity, recipients=[identity.recipient], at=at, by="o")
        return found

    monkeypatch.setattr(vault, "_parts", rotated_after_the_first)
    assert vault.read("REC-1", identity) == LARGE
    assert len(asked) == 2


# ---------------------------------------------------------------------- erasure


def test_erasing_a_pseudonym_takes_all_of_it_and_nothing_else(vault, put, place, identity):
    put(b"first")
    put(LARGE, supersedes=1)
    put(record_id="REC-2", kind="contacts")
    put(LARGE[1:], record_id="REC-3", pseudonym="W-0002")
    assert vault.erase("W-0001") == Erasure(records=2, versions=3, files=1, scrubbed=True)
    assert vault.headers_of("W-0001") == ()
    assert vault.read("REC-3", identity) == LARGE[1:]
    assert len(objects_of(place)) == 1
    assert vault.erase("W-0001", missing_ok=True) == Erasure(0, 0, 0, scrubbed=True)


@pytest.mark.parametrize("mistyped", ["W-0001 ", "w-0001", ""])
def test_what_is_mistyped_is_not_taken_for_an_erasure(vault, put, identity, mistyped):
    put()
    with pytest.raises(NotInVault, match="nothing of this pseudonym; compare it"):
        vault.erase(mistyped)
    with pytest.raises(NotInVault, match="nothing of this record; compare it"):
        vault.erase_record("REC-2")
    assert vault.erase_record("REC-2", missing_ok=True) == Erasure(0, 0, 0, scrubbed=True)
    assert vault.read("REC-1", identity) == b"what a person told"


def test_erasing_a_record_takes_its_versions_and_nothing_else(vault, put, identity):
    put(b"first")
    put(b"second", supersedes=1)
    put(record_id="REC-2")
    assert vault.erase_record("REC-1") == Erasure(1, 2, 0, scrubbed=True)
    assert [header.record_id for header in vault.headers_of("W-0001")] == ["REC-2"]
    with pytest.raises(VersionConflict):
        put(b"third", supersedes=2)  # nobody brings it back unawares


def ciphertexts(vault, place):
    """Pieces of the sealed head, header and body of all records, as they stand in the files."""
    found = vault.database.rows(
        "SELECT v.sealed, h.sealed, b.body, h.sealing FROM vault_headers v "
        "JOIN vault_heads h ON h.row_id = v.row_id JOIN vault_bodies b ON b.row_id = v.row_id"
    )
    large = [path.read_bytes() for path in objects_of(place)]
    whole = [value for row in found for value in row if value is not None] + large
    # An overflowing value is cut into pages: what is looked for is short.
    return [value[start : start + 16] for value in whole for start in (0, len(value) // 2, len(value) - 16)]


def test_the_bytes_of_what_is_erased_are_gone_from_every_file(sqlite_place):
    identity = new_identity()
    place = sqlite_place
    with place.make() as vault:
        for number, plaintext in enumerate((b"small", bytes(150_000), LARGE, b"another small")):
            put_in(vault, plaintext, identity, record_id=f"REC-{number}")
        pieces = ciphertexts(vault, place)
        handles = [path.open("rb") for path in objects_of(place)]
        before = b"".join(place.files().values())
        assert all(piece in before for piece in pieces)
        assert place.files()["vault.sqlite3-wal"]

        assert vault.erase("W-0001") == Erasure(4, 4, 1, scrubbed=True)
        files = place.files()
        assert files["vault.sqlite3-wal"] == b""
        after = b"".join([*files.values(), *(handle.read() for handle in handles)])
        assert not [piece for piece in pieces if piece in after]
        for handle in handles:
            handle.close()


def test_while_somebody_reads_the_bytes_stay_and_that_is_told(sqlite_place):
    identity = new_identity()
    with sqlite_place.make() as vault:
        put_in(vault, b"small", identity, record_id="REC-1")
        vault.database.rows("PRAGMA busy_timeout=50")
        with closing(sqlite3.connect(sqlite_place.address, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT COUNT(*) FROM vault_headers").fetchall()
            assert vault.erase("W-0001") == Erasure(1, 1, 0, scrubbed=False)
            assert not vault.scrub()
            reader.execute("COMMIT")
        assert vault.scrub()
        assert sqlite_place.files()["vault.sqlite3-wal"] == b""


def test_a_file_that_resists_is_told_and_swept_later(vault, put, place, monkeypatch):
    put(LARGE)

    def resisting(name):
        raise ObjectLost("The file resists.")

    monkeypatch.setattr(vault._objects, "shred", resisting)
    assert vault.erase("W-0001") == Erasure(1, 1, 0, scrubbed=False)
    monkeypatch.undo()
    assert len(objects_of(place)) == 1
    assert vault.sweep() == 1
    assert not objects_of(place)


def test_a_damaged_record_is_erased_all_the_same(vault, put):
    put()
    vault.database.change("UPDATE vault_headers SET sealed = ?", b"damaged")
    vault.database.change("DELETE FROM vault_heads")
    with pytest.raises(RowDamaged):
        vault.headers_of("W-0001")
    assert vault.erase("W-0001").versions == 1
    assert vault.counts().versions == 0


@pytest.mark.postgres
@pytest.mark.parametrize("looks_on", [False, True])
def test_postgresql_writes_its_tables_anew(postgresql_place, identity, looks_on):
    """Also while somebody's snapshot, taken elsewhere in the database, could still see what is erased."""
    with postgresql_place.make() as vault, closing(psycopg.connect(postgresql_place.address)) as looker:
        looker.execute("CREATE TABLE elsewhere (x int)")
        looker.commit()
        put_in(vault, b"what a person told", identity)
        put_in(vault, b"what stays", identity, record_id="REC-2", pseudonym="W-0002")
        if looks_on:
            looker.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            looker.execute("SELECT * FROM elsewhere")
        gone = {table: sealed_of(vault, table, "REC-1") for table in ("heads", "headers")}
        for table, sealed in gone.items():
            assert sealed in file_of(vault, table)
        assert vault.erase("W-0001").scrubbed
        for table, sealed in gone.items():
            assert sealed not in file_of(vault, table)
        assert vault.read("REC-2", identity) == b"what stays"


def sealed_of(vault, table, record_id):
    ((sealed,),) = vault.database.rows(
        f"SELECT t.sealed FROM vault_{table} t JOIN vault_headers v ON v.row_id = t.row_id "
        "WHERE v.record = ?",
        vault.cipher.tag("record", record_id),
    )
    return sealed


def file_of(vault, table):
    """The file of a table, as the server has it on disk."""
    vault.database.change("CHECKPOINT")
    ((folder,),) = vault.database.rows("SELECT current_setting('data_directory')")
    ((path,),) = vault.database.rows("SELECT pg_relation_filepath(?)", f"vault_{table}")
    return Path(folder, path).read_bytes()


# ---------------------------------------------------------------------- killed in the middle


KILLED = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from lieber_vault import Credential, open_vault
from lieber_vault import store

address, folder, recipient, stage = sys.argv[1:]

def wait(*_):
    print("ready", flush=True)
    time.sleep(60)

class Slow:
    left = 40

    def read(self, size, /):
        self.left -= 1
        if not self.left and stage == "reading":
            wait()
        return bytes(min(size, 8192)) if self.left > 0 else b""

vault = open_vault(address, Credential(bytes(range(32))), objects=Path(folder))
if stage == "before the rows":
    vault._insert = wait
if stage == "among the rows":
    change = vault.database.change
    vault.database.change = lambda text, *values: wait() if "vault_bodies" in text else change(text, *values)
if stage == "before the files go":
    vault._shred = wait
    vault.erase("W-0001")
vault.put(
    Slow(), [recipient], record_id="REC-2", pseudonym="W-0001", kind="recording", compartment="north",
    at=datetime(2025, 3, 1, tzinfo=UTC), by="officer-1",
)
"""


@pytest.mark.parametrize("stage", ["reading", "before the rows", "among the rows", "before the files go"])
def test_a_killed_writer_leaves_a_vault_that_is_whole(*, place, vault, put, identity, stage):
    put(LARGE)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(place.address), str(place.objects), identity.recipient, stage],
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout.readline() == "ready\n"
        os.kill(writer.pid, signal.SIGKILL)
    erased = stage == "before the files go"
    with place.open() as again:
        assert again.counts().versions == (0 if erased else 1)
        if not erased:
            assert again.read("REC-1", identity) == LARGE
        left = len(objects_of(place))
        assert left == (1 if erased else 2)
        assert again.sweep() == 1
        assert len(objects_of(place)) == left - 1
        put_in(again, LARGE, identity, record_id="REC-2")
        assert again.read("REC-2", identity) == LARGE
        assert again.sweep() == 0


def test_a_commit_of_which_nothing_is_known_keeps_the_file(vault, put, place, monkeypatch):
    change = vault.database.change

    def failing(statement, *values):
        done = change(statement, *values)
        if statement == "COMMIT":
            raise VaultUnavailable("The server went away.")
        return done

    monkeypatch.setattr(vault.database, "change", failing)
    with pytest.raises(CommitUnknown):
        put(LARGE)
    monkeypatch.undo()
    assert vault.counts().versions == 1
    assert len(objects_of(place)) == 1
    assert vault.sweep() == 0


@pytest.mark.parametrize("stop", [SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("deed", ["put", "rotate"])
def test_a_signal_around_the_commit_loses_no_text(
    *, place, vault, put, identity, at, monkeypatch, deed, when, stop
):
    """Whichever of old and new the database tells, its file is there."""
    put(LARGE)
    change = vault.database.change

    def stopping(statement, *values):
        if statement == "COMMIT":
            if when == "after":
                change(statement, *values)
            raise stop
        return change(statement, *values)

    monkeypatch.setattr(vault.database, "change", stopping)
    deeds = {
        "put": lambda: put(LARGE[1:], supersedes=1),
        "rotate": lambda: vault.rotate("REC-1", identity, recipients=[identity.recipient], at=at, by="o"),
    }
    with pytest.raises(stop):
        deeds[deed]()
    monkeypatch.undo()
    with place.open() as again:
        versions = [header.version for header in again.headers_of("W-0001")]
        assert versions == ([1, 2] if (deed, when) == ("put", "after") else [1])
        for version in versions:
            assert again.read("REC-1", identity, version=version) == LARGE[version - 1 :]
        again.sweep()
        assert len(objects_of(place)) == len(versions)
    put(LARGE, record_id="REC-2")  # the connection is as good as before


# ---------------------------------------------------------------------- keys


def test_an_officers_key_is_kept_and_opens(vault, put, at, cost):
    key = make_key("officer-1", PASSPHRASE, at=at, cost=cost)
    kept = vault.add_key(key, at=at, by="officer-9")
    assert kept in vault.kept_keys()
    assert (kept.added_at, kept.added_by, kept.retired_at) == (at, "officer-9", None)
    put(recipients=[each.recipient for each in vault.kept_keys()])
    assert vault.read("REC-1", unlock(vault.key_of("officer-1"), PASSPHRASE)) == b"what a person told"


def test_an_officer_has_one_active_key(vault, at, cost):
    one, two = (make_key("officer-1", PASSPHRASE, at=at, cost=cost) for _ in range(2))
    vault.add_key(one, at=at, by="officer-1")
    with pytest.raises(KeyConflict, match="found that officer-1 has one; retire it first"):
        vault.add_key(two, at=at, by="officer-1")
    vault.add_key(make_key("officer-2", PASSPHRASE, at=at, cost=cost), at=at, by="officer-2")
    vault.retire_key("officer-1", at=at, by="officer-2")
    vault.add_key(two, at=at, by="officer-1")
    assert vault.key_of("officer-1") == two
    assert [kept.officer for kept in vault.kept_keys()] == ["officer-1", "officer-2"]
    assert len(vault.kept_keys(retired=True)) == 3


def test_a_retired_key_loses_its_secret_half(vault, at, cost):
    for officer in ("officer-1", "officer-2"):
        vault.add_key(make_key(officer, PASSPHRASE, at=at, cost=cost), at=at, by=officer)
    retired = vault.retire_key("officer-1", at=at + timedelta(1), by="officer-2")
    assert retired.key is None
    assert (retired.retired_at, retired.retired_by) == (at + timedelta(1), "officer-2")
    assert retired in vault.kept_keys(retired=True)
    for gone in (
        lambda: vault.key_of("officer-1"),
        lambda: vault.retire_key("officer-1", at=at, by="officer-2"),
        lambda: vault.key_of("officer-3"),
    ):
        with pytest.raises(NotInVault, match="no active key"):
            gone()


def test_the_last_key_stays_unless_there_is_a_recovery_key(vault, at, cost):
    vault.add_key(make_key("officer-1", PASSPHRASE, at=at, cost=cost), at=at, by="officer-1")
    with pytest.raises(KeyConflict, match="officer-1 has the last key"):
        vault.retire_key("officer-1", at=at, by="officer-1")
    assert len(vault.kept_keys()) == 1
    vault.set_recovery(make_recovery().recipient, at=at, by="officer-1")
    vault.retire_key("officer-1", at=at, by="officer-1")
    assert vault.counts().active_keys == 0


def test_the_only_key_to_a_record_is_not_retired(*, vault, put, identity, other, at):
    both = [identity.recipient, other.recipient]
    put(record_id="REC-0", recipients=both)
    put(record_id="REC-1")
    put(record_id="REC-1", supersedes=1)
    put(record_id="REC-2", recipients=[identity.recipient, new_identity().recipient])
    refused = pytest.raises(KeyConflict, match="found 2 that only keeper-1 opens, and 0 damaged")
    with refused:
        vault.retire_key("keeper-1", at=at, by="keeper-2")
    vault.set_recovery(make_recovery().recipient, at=at, by="founder")
    with refused:  # what was sealed before is not sealed to the recovery key
        vault.retire_key("keeper-1", at=at, by="keeper-2")
    assert vault.key_of("keeper-1")
    for record_id in ("REC-1", "REC-2"):
        vault.rotate(record_id, identity, recipients=both, at=at, by="keeper-1")
    vault.retire_key("keeper-2", at=at, by="keeper-1")
    vault.retire_key("keeper-1", at=at, by="keeper-1", losing=True)
    assert vault.kept_keys() == ()


def test_a_damaged_header_may_be_of_whoever_is_retired(vault, put, at):
    put()
    vault.database.change("UPDATE vault_headers SET sealed = ?", bytes(60))
    with pytest.raises(KeyConflict, match="found 0 that only keeper-2 opens, and 1 damaged headers"):
        vault.retire_key("keeper-2", at=at, by="keeper-1")
    for officer in ("keeper-2", "keeper-1"):
        vault.retire_key(officer, at=at, by="keeper-1", losing=True)


def test_a_new_passphrase_replaces_the_old_wrapping(vault, at, cost):
    key = make_key("officer-1", PASSPHRASE, at=at, cost=cost)
    vault.add_key(key, at=at, by="officer-1")
    new = change_passphrase(key, PASSPHRASE, new=ANOTHER, at=at + timedelta(1), cost=cost)
    vault.replace_key(new, ANOTHER)
    assert vault.key_of("officer-1") == new
    with pytest.raises(KeyConflict, match="keeps the identity"):
        vault.replace_key(make_key("officer-1", PASSPHRASE, at=at, cost=cost), PASSPHRASE)
    with pytest.raises(NotInVault):
        vault.replace_key(replace(new, officer="officer-2"), ANOTHER)


def test_a_wrapping_that_does_not_open_or_is_no_later_replaces_nothing(vault, at, cost):
    key = make_key("officer-1", PASSPHRASE, at=at, cost=cost)
    vault.add_key(key, at=at, by="officer-1")
    later, latest = (
        change_passphrase(key, PASSPHRASE, new=ANOTHER, at=at + timedelta(days), cost=cost) for days in (1, 2)
    )
    for damaged, passphrase in (
        (replace(later, wrapped=later.wrapped[::-1]), ANOTHER),
        (replace(later, wrapped=b"rubbish"), ANOTHER),
        (later, PASSPHRASE),
    ):
        with pytest.raises(WrongPassphrase):
            vault.replace_key(damaged, passphrase)
    assert vault.key_of("officer-1") == key
    vault.replace_key(latest, ANOTHER)
    for older, passphrase in ((key, PASSPHRASE), (later, ANOTHER), (latest, ANOTHER)):
        with pytest.raises(KeyConflict, match="was wrapped no later than the one that is kept"):
            vault.replace_key(older, passphrase)
    assert vault.key_of("officer-1") == latest


def test_a_key_in_the_place_of_another_is_refused(vault, at, cost):
    for officer in ("officer-1", "officer-2"):
        vault.add_key(make_key(officer, PASSPHRASE, at=at, cost=cost), at=at, by=officer)
    one, two = (vault.cipher.tag("active", officer) for officer in ("officer-1", "officer-2"))
    for new, old in ((b"aside", one), (one, two), (two, b"aside")):
        vault.database.change("UPDATE vault_keys SET active = ? WHERE active = ?", new, old)
    with pytest.raises(RowDamaged):
        vault.key_of("officer-1")


def test_all_is_sealed_to_the_recovery_key_too(vault, put, identity, at):
    assert vault.recovery() is None
    text, recipient = make_recovery()
    before = put(record_id="REC-0")
    vault.set_recovery(recipient, at=at, by="officer-1")
    assert vault.recovery() == recipient
    printed = Identity(text.splitlines()[1])
    assert put(record_id="REC-1").recipients == (identity.recipient, recipient)
    assert put(record_id="REC-2", recipients=[recipient]).recipients == (recipient,)
    assert vault.read("REC-1", printed) == b"what a person told"
    assert before.recipients == (identity.recipient,)
    vault.rotate("REC-0", identity, recipients=[identity.recipient], at=at, by="officer-1")
    assert vault.read("REC-0", printed) == b"what a person told"


def test_another_recovery_key_replaces_the_first(vault, put, at):
    first, second = make_recovery(), make_recovery()
    for each in (first, second):
        vault.set_recovery(each.recipient, at=at, by="officer-1")
    assert vault.recovery() == second.recipient
    assert first.recipient not in put().recipients
    with pytest.raises(BadRecipient):
        vault.set_recovery("age1foo", at=at, by="officer-1")


# ---------------------------------------------------------------------- the rest


def test_counts(vault, put, at, cost):
    put()
    put(supersedes=1)
    put(record_id="REC-2", pseudonym="W-0002")
    vault.add_key(make_key("officer-1", PASSPHRASE, at=at, cost=cost), at=at, by="officer-1")
    assert vault.counts() == (2, 3, 2, 3, 0)


def test_a_record_as_it_is_sealed_is_a_plain_age_file(vault, put, identity):
    put(LARGE)
    with vault.sealed("REC-1") as (header, file):
        sealed = b"".join(iter(lambda: file.read(100_000), b""))
    assert header.record_id == "REC-1"
    assert sealed.startswith(b"age-encryption.org/v1\n")
    assert open_sealed(sealed, identity) == LARGE


def test_the_vault_does_not_show_its_credential(place, vault):
    assert place.credential.as_text()[30:60] not in f"{vault!r} {vars(vault)}"


def test_a_copy_of_the_files_is_a_vault(sqlite_place, tmp_path):
    """A backup that was taken of a closed vault."""
    identity = new_identity()
    with sqlite_place.make() as vault:
        put_in(vault, LARGE, identity, record_id="REC-1")
    shutil.copytree(sqlite_place.folder, tmp_path / "copy")
    copy = replace(sqlite_place, folder=tmp_path / "copy", address=str(tmp_path / "copy" / "vault.sqlite3"))
    with copy.open() as vault:
        assert vault.read("REC-1", identity) == LARGE
