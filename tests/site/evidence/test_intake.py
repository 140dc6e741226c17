"""Taking files in: each once, with a receipt for each time it came, and nothing of the mission's own."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

import pytest

from evidence_cast import Somebody
from factories import at
from lieber.base import BadInput
from lieber.preserve.ocfl_check import check_root
from lieber_mission.actions import intake
from lieber_mission.actions.intake import Circumstances, Offered, offered_in, readable, take_in
from lieber_mission.actions.record import record
from lieber_mission.models import Compartment, CustodyEvent, Exhibit, Item
from lieber_mission.outside.storage import _tree, storage
from lieber_mission.policies.permissions import NotAllowed
from lieber_mission.policies.preserve import StorageFull
from lieber_mission.queries.incidents import NotInRegister

pytestmark = pytest.mark.django_db


def listen_at(path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path.name)


@pytest.fixture
def take(monitor, clock):
    """Take in what lies at some paths."""

    def take(*paths, by=monitor, **circumstances):
        refused = []
        found = list(offered_in(paths, refuse=lambda *told: refused.append(told), inside=None))
        return take_in(
            found, circumstances=Circumstances(**circumstances), by=by, clock=clock, refusals=refused
        )

    return take


def test_each_file_is_an_item_with_an_exhibit_and_a_receipt(kept, files, take):
    told = take(files)
    assert (told.taken, told.again, told.before, told.refusals) == (3, 1, 0, 0)
    kinds = set(Item.objects.values_list("item_kind", flat=True))
    assert kinds == {"photograph", "document", "unknown"}
    picture = Exhibit.objects.get(media_type="image/jpeg")
    raw = (files / "a.jpg").read_bytes()
    assert (picture.sha256, picture.sha512) == (
        hashlib.sha256(raw).hexdigest(),
        hashlib.sha512(raw).hexdigest(),
    )
    assert picture.size == len(raw)
    names = CustodyEvent.objects.filter(exhibit=picture.thing).values_list("name", flat=True)
    assert sorted(names) == [str(files / "a.jpg"), str(files / "inner" / "same.jpg")]


def test_what_is_kept_is_the_bytes_in_a_valid_store(kept, files, take):
    take(files)
    for row in Exhibit.objects.all():
        with storage().open(row.root, row.stored, row.path) as file:
            assert hashlib.sha256(file.read()).hexdigest() == row.sha256
    assert not check_root(**_tree(kept / "storage" / "originals"))
    assert not list((kept / "storage" / "incoming").iterdir())


def test_the_same_files_again_are_not_read(kept, files, take, monkeypatch):
    take(files)
    monkeypatch.setattr(intake, "_opened", lambda path: pytest.fail(f"{path} was read"))
    told = take(files)
    assert (told.taken, told.again, told.before) == (0, 0, 4)


def test_a_file_that_changed_is_another_one(kept, files, take):
    take(files)
    (files / "note.txt").write_text("Троє.\n", "utf-8")
    told = take(files)
    assert (told.taken, told.before) == (1, 3)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.symlink_to("/etc/passwd"), "a link"),
        (os.mkfifo, "no file"),
        (listen_at, "no file"),
        (lambda _: None, "not there"),
    ],
    ids=["link", "pipe", "socket", "nothing"],
)
@pytest.mark.usefixtures("kept")
def test_what_is_no_file_is_refused_and_the_others_go_on(files, take, monkeypatch, *, make, sentence):
    monkeypatch.chdir(files)
    make(files / "x")
    told = take(files / "x", files / "a.jpg")
    assert (told.taken, told.refusals) == (1, 1)
    assert sentence in told.refused[0][1]


@pytest.mark.parametrize(("size", "unchanged"), [(14, False), (5_004, True)])
@pytest.mark.usefixtures("kept")
def test_a_file_that_changes_while_it_is_read_is_refused(files, size, unchanged):
    target = files / "a.jpg"

    def opened():
        target.write_bytes(b"something else")
        return target.open("rb", buffering=0)

    one = Offered("a.jpg", "key", size, opened, unchanged=lambda: unchanged)
    told = take_in([one], circumstances=Circumstances(), by=Somebody(), clock=lambda: at(1))
    assert told.refusals == 1
    assert "changed" in told.refused[0][1]
    assert not Exhibit.objects.exists()


def test_the_missions_own_folder_is_not_taken_in(kept, files, take):
    refused = []
    found = list(offered_in([kept], refuse=lambda *told: refused.append(told), inside=kept.resolve()))
    assert not found
    assert "own folder" in refused[0][1]


def test_a_full_disk_stops_with_a_sentence_and_leaves_nothing_half(kept, files, take, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(intake._Intake, "_copied", full)
    with pytest.raises(StorageFull, match="disk of the storage is full"):
        take(files)
    assert not Exhibit.objects.exists()
    assert not list((kept / "storage" / "incoming").iterdir())


def test_bytes_left_by_a_process_that_was_ended_are_taken_over(kept, files, take, monkeypatch):
    """The object lies in its place, and no row says so."""
    with monkeypatch.context() as patched:
        patched.setattr(intake, "record", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            take(files / "a.jpg")
    assert len(list(storage().objects("originals"))) == 1
    told = take(files / "a.jpg")
    assert told.taken == 1
    assert len(list(storage().objects("originals"))) == 1


def test_bytes_torn_by_a_loss_of_power_are_replaced(kept, files, take, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(intake, "record", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            take(files / "a.jpg")
    (folder,) = storage().objects("originals")
    (kept / "storage" / "originals" / folder / "v1" / "content" / "original.jpg").write_bytes(b"\0" * 5_004)
    take(files / "a.jpg")
    assert not check_root(**_tree(kept / "storage" / "originals"))


@pytest.mark.parametrize("ended", [True, False])
def test_bytes_whose_type_is_told_otherwise_next_time_are_found_under_their_name(
    kept, files, take, monkeypatch, *, ended
):
    """An older library told another type, before the intake was ended or into a compartment."""
    circle = Compartment(name="East")
    record([circle], by="OFF-HEAD", at=at(0))
    member = Somebody(compartments=frozenset({circle.thing}))
    with monkeypatch.context() as patched:
        patched.setattr(intake, "media_type_by_signature", lambda _head: "image/png")
        if ended:
            patched.setattr(intake, "record", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                take(files / "a.jpg")
        else:
            take(files / "a.jpg")
    take(files / "a.jpg", by=member, compartment=circle.thing)
    for row in Exhibit.objects.all():
        with storage().open(row.root, row.stored, row.path) as file:
            assert len(file.read()) == row.size
    assert not check_root(**_tree(kept / "storage" / "originals"))


def test_the_same_bytes_in_a_compartment_are_another_item_of_the_same_object(kept, files, take):
    circle = Compartment(name="East")
    record([circle], by="OFF-HEAD", at=at(0))
    member = Somebody(compartments=frozenset({circle.thing}))
    take(files / "a.jpg", by=member, compartment=circle.thing)
    told = take(files / "inner" / "same.jpg")
    assert (told.taken, told.again) == (1, 0)
    assert Exhibit.objects.count() == 2
    assert len(list(storage().objects("originals"))) == 1


def test_nobody_learns_of_a_compartment_by_naming_it(kept, files, take):
    with pytest.raises(NotInRegister):
        take(files, compartment="CMP-UNKNOWN")


def test_who_may_not_collect_takes_nothing_in(kept, files, take):
    with pytest.raises(NotAllowed):
        take(files, by=Somebody(roles=frozenset({"reviewer"})))


def test_terms_are_checked_before_anything_is_read(kept, files, take):
    with pytest.raises(BadInput):
        take(files, graphic="gory")
    assert not (kept / "storage" / "originals").exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"plain.mp4", "plain.mp4"),
        ("Відео.mp4".encode(), "Відео.mp4"),
        (b"\xff\xfe.mp4", "%FF%FE.mp4"),
        (b"two\nlines\x1b[31m", "two%0Alines%1B[31m"),
        ("\u202egpj.exe".encode(), "%E2%80%AEgpj.exe"),
    ],
)
def test_names_are_shown_as_they_are_or_in_percent(name, shown):
    assert readable(os.fsdecode(name)) == shown


def test_a_name_of_bad_bytes_is_taken_in(kept, files, take):
    strange = os.fsencode(files) + b"/\xff\n.jpg"
    Path(os.fsdecode(strange)).write_bytes(b"\xff\xd8\xff strange")
    assert take(files).taken == 4
