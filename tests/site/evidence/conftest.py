"""A storage of its own for each test, and files to take in."""

from __future__ import annotations

import pytest

from evidence_cast import Somebody, Ticking
from lieber_mission import place


@pytest.fixture
def monitor():
    return Somebody()


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The mission's folder."""
    folder = tmp_path / "mission"
    folder.mkdir()
    monkeypatch.setattr(place, "storage_folder", lambda: folder / "storage")
    return folder


@pytest.fixture
def files(tmp_path):
    """A folder with files of several types, two of them of the same bytes."""
    folder = tmp_path / "files"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"a" * 5_000)
    (folder / "inner" / "same.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"a" * 5_000)
    (folder / "note.txt").write_text("Двоє полонених, окоп.\n", "utf-8")
    (folder / "empty").write_bytes(b"")
    return folder


@pytest.fixture
def clock():
    return Ticking()
