"""What every storage does, in a folder and on a service that speaks S3."""

from __future__ import annotations

import hashlib
import os
import random
from contextlib import contextmanager

import pytest

from factories import at
from lieber.base import BadInput
from lieber.preserve.digests import digests_of
from lieber.preserve.ocfl import object_folder
from lieber.preserve.ocfl_check import check_object, check_root
from lieber_mission import place
from lieber_mission.outside.storage import (
    ORIGINALS,
    WORKING,
    FolderStorage,
    _tree,
    content_folder,
    identifier,
    storage,
    write_object,
)
from s3_server import served, used

pytestmark = [pytest.mark.slow, pytest.mark.one_database]


class Kept:
    """A storage, and the folder in which its roots lie at last."""

    def __init__(self, roots, service=None):
        self.roots, self.service = roots, service

    def file(self, stored, path, root=ORIGINALS):
        return self.roots / root / object_folder(stored) / path


@contextmanager
def in_folder(folder, monkeypatch):
    monkeypatch.setattr(place, "mission", dict)
    monkeypatch.setattr(place, "storage_folder", lambda: folder / "storage")
    yield Kept(folder / "storage")


@contextmanager
def on_service(folder, monkeypatch):
    with served(folder / "service") as service:
        service.page = 4
        used(service, folder, monkeypatch)
        yield Kept(service.bucket / "mission", service)


@pytest.fixture(params=[in_folder, on_service], ids=["folder", "service"])
def kept(request, tmp_path, monkeypatch):
    with request.param(tmp_path, monkeypatch) as found:
        yield found


def make(arriving, content, *, name="original.jpg", created=1):
    """An object that is whole, in a folder for arrivals: its id and its folder."""
    digests = digests_of([content])
    folder = arriving / os.urandom(4).hex()
    (content_folder(folder) / name).write_bytes(content)
    stored = identifier(digests.sha256)
    write_object(
        folder, stored=stored, files={name: digests}, created=at(created), message="taken in", officer="OFF-1"
    )
    return stored, folder


def settled(content, **how):
    keep = storage()
    with keep.arriving("test") as arriving:
        stored, folder = make(arriving, content, **how)
        new = keep.settle(folder, root=ORIGINALS, stored=stored)
        keep.flush()
        assert folder.exists() is not new
    return stored, new


SIZES = [0, 1, 65_535, 65_536, 65_537, 3_000_000]


@pytest.mark.parametrize("size", SIZES)
def test_what_is_settled_is_read_back_from_anywhere(kept, size):
    content = random.Random(size).randbytes(size)
    stored, new = settled(content)
    keep = storage()
    assert new
    assert keep.holds(ORIGINALS, stored)
    for opened in (keep.open, keep.stream):
        with opened(ORIGINALS, stored, "original.jpg") as file:
            assert file.read() == content
            assert file.seek(-min(size, 100), os.SEEK_END) == size - min(size, 100)
            assert file.read() == content[-100:]
            assert file.read() == b""
            file.seek(size // 2)
            assert file.read(70_000) == content[size // 2 :][:70_000]
            assert file.seek(size + 5) == size + 5
            assert file.read(1) == b""


def test_parsers_get_a_real_file_that_they_cannot_write_to(kept):
    stored, _ = settled(b"content of a file")
    with storage().open(ORIGINALS, stored, "original.jpg") as file:
        assert os.pread(file.fileno(), 9, 8) == b"of a file"
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(file.fileno(), b"x")
    assert not list((place.storage_folder() / "incoming").iterdir())


def test_what_lies_there_is_what_the_standard_asks_for(kept):
    for number in range(7):
        settled(b"x" * number)
    found = sorted(storage().objects(ORIGINALS))
    assert found == sorted(object_folder(identifier(digests_of([b"x" * n]).sha256)) for n in range(7))
    assert not check_root(**_tree(kept.roots / ORIGINALS))
    assert not check_root(**_tree(kept.roots / WORKING))
    assert storage().problems() == []


def test_the_same_bytes_again_are_there_already(kept):
    stored, first = settled(b"the same", created=1)
    before = kept.file(stored, "inventory.json").read_bytes()
    again, second = settled(b"the same", created=2)
    assert (first, second, again) == (True, False, stored)
    assert kept.file(stored, "inventory.json").read_bytes() == before
    assert len(list(storage().objects(ORIGINALS))) == 1


def test_the_same_bytes_twice_in_one_arrival_are_one_object(kept):
    keep = storage()
    with keep.arriving("test") as arriving:
        told = []
        for _ in range(3):
            stored, folder = make(arriving, b"twice")
            told.append(keep.settle(folder, root=ORIGINALS, stored=stored))
        keep.flush()
    assert told == [True, False, False]
    assert not storage().damaged(ORIGINALS, stored)


@pytest.mark.usefixtures("kept")
def test_what_is_not_there_is_a_missing_file_and_no_object():
    storage().prepare()
    stored = identifier("0" * 64)
    assert not storage().holds(ORIGINALS, stored)
    for opened in (storage().open, storage().stream):
        with pytest.raises(FileNotFoundError):
            opened(ORIGINALS, stored, "original.jpg")
    assert list(storage().objects(ORIGINALS)) == []


def test_one_changed_bit_of_any_file_is_damage(kept):
    stored, _ = settled(b"bytes to change" * 10)
    chance, missed = random.Random(1), []
    names = sorted(storage().tree(ORIGINALS, stored)["files"])
    assert len(names) == 6
    assert not storage().damaged(ORIGINALS, stored)
    for name in names:
        path = kept.file(stored, name)
        before = bytearray(path.read_bytes())
        changed = before.copy()
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        if not storage().damaged(ORIGINALS, stored):
            missed.append(name)
        path.write_bytes(before)
    assert not missed


def test_what_is_damaged_is_put_aside_and_replaced(kept):
    stored, _ = settled(b"torn by a loss of power")
    kept.file(stored, "v1/content/original.jpg").write_bytes(b"\0" * 23)
    keep = storage()
    with keep.arriving("test") as arriving:
        _, folder = make(arriving, b"torn by a loss of power")
        assert keep.damaged(ORIGINALS, stored)
        keep.put_aside(arriving / "aside", root=ORIGINALS, stored=stored)
        assert not keep.holds(ORIGINALS, stored)
        assert keep.settle(folder, root=ORIGINALS, stored=stored)
        keep.flush()
    assert not storage().damaged(ORIGINALS, stored)


def test_roots_that_were_changed_are_named(kept):
    settled(b"x")
    (kept.roots / ORIGINALS / "ocfl_layout.json").write_bytes(b"{}")
    (kept.roots / WORKING / "0=ocfl_1.1").unlink()
    assert storage().problems() == [
        "originals/ocfl_layout.json is missing or was changed",
        "working/0=ocfl_1.1 is missing or was changed",
    ]


def test_a_storage_that_was_never_used_has_no_problems(kept):
    assert storage().problems() == []
    assert list(storage().objects(ORIGINALS)) == []


def test_several_files_are_one_object(kept):
    keep = storage()
    contents = {"a.jpg": b"first", "b.txt": b"second", "c.txt": b"first"}
    with keep.arriving("test") as arriving:
        folder = arriving / "made"
        made = content_folder(folder)
        for name, content in contents.items():
            (made / name).write_bytes(content)
        digests = {name: digests_of([content]) for name, content in contents.items()}
        paths = write_object(
            folder, stored="urn:lieber:working:1", files=digests, created=at(1), message="m", officer="OFF-1"
        )
        keep.settle(folder, root=WORKING, stored="urn:lieber:working:1")
        keep.flush()
    for name, content in contents.items():
        with storage().stream(WORKING, "urn:lieber:working:1", paths[name]) as file:
            assert file.read() == content
    assert not check_object(**storage().tree(WORKING, "urn:lieber:working:1"))


def test_what_an_ended_process_left_among_arrivals_is_removed(kept):
    keep = storage()
    keep.prepare()
    left = place.storage_folder() / "incoming" / "left"
    left.mkdir()
    left.with_name("left.lock").touch()
    with keep.arriving("test") as arriving:
        assert not left.exists()
        assert arriving.is_dir()
    assert not list((place.storage_folder() / "incoming").iterdir())


def test_large_files_are_the_same_when_they_are_read_back(kept):
    content = random.Random(1).randbytes(9_000_000) + bytes(9_000_000)
    stored, _ = settled(content)
    with storage().stream(ORIGINALS, stored, "original.jpg") as file:
        digest = hashlib.sha256()
        while portion := file.read(1 << 20):
            digest.update(portion)
    assert identifier(digest.hexdigest()) == stored
    assert not storage().damaged(ORIGINALS, stored)


def test_without_a_word_in_mission_toml_the_storage_is_a_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LIEBER_DATA", str(tmp_path))
    assert storage() == FolderStorage(tmp_path / "storage")
    (tmp_path / "mission.toml").write_text("storage = 5\n")
    with pytest.raises(BadInput, match="table"):
        storage()
