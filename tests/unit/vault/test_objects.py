"""Large bodies as files: whole under their name, or not there."""

import stat
import threading

import pytest

from lieber_vault import ObjectLost, WrongFolder
from lieber_vault.objects import INLINE_BYTES, Objects

NAME, ANOTHER = bytes(range(16)), bytes(range(16, 32))
LARGE = bytes(range(256)) * (INLINE_BYTES // 256) + b"!"


@pytest.fixture
def objects(tmp_path):
    made = Objects(tmp_path / "objects")
    made.make()
    return made


def written(objects, name=NAME, data=LARGE):
    body = objects.body(name)
    for start in range(0, len(data), 65_536):
        body.write(data[start : start + 65_536])
    return body


def files(objects):
    return [
        path for path in objects.folder.rglob("*") if path.is_file() and path.name not in {".lock", ".vault"}
    ]


def test_a_small_body_is_no_file(objects):
    body = written(objects, data=LARGE[:-1])
    assert body.finish() == LARGE[:-1]
    assert not files(objects)


def test_a_large_body_is_a_file_that_only_its_owner_reads(objects):
    assert written(objects).finish() is None
    with objects.open(NAME) as file:
        assert file.read() == LARGE
    assert files(objects) == [objects.path(NAME)]
    assert stat.S_IMODE(objects.path(NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(objects.path(NAME).parent.stat().st_mode) == 0o700


def test_until_it_is_finished_nothing_lies_under_its_name(objects):
    body = written(objects)
    assert not objects.path(NAME).exists()
    body.discard()
    assert not files(objects)


def test_a_finished_body_can_still_be_discarded(objects):
    body = written(objects)
    body.finish()
    body.discard()
    assert not files(objects)


def test_what_is_shredded_was_overwritten_first(objects):
    written(objects).finish()
    with objects.open(NAME) as kept:
        objects.shred(NAME)
        left = kept.read()
    assert len(left) == len(LARGE)
    assert LARGE[:64] not in left
    assert not files(objects)
    objects.shred(NAME)  # what is not there needs no shredding


def test_a_lost_file_is_told(objects):
    with pytest.raises(ObjectLost, match=r"cannot be used \(No such file"):
        objects.open(NAME)


def test_a_lost_folder_is_told(tmp_path):
    lost = Objects(tmp_path / "nowhere")
    with pytest.raises(ObjectLost), lost.held():
        pass
    with pytest.raises(ObjectLost):
        written(lost)
    (tmp_path / "file").write_text("")
    with pytest.raises(ObjectLost):
        Objects(tmp_path / "file").make()


def test_a_sweep_takes_what_nobody_names(objects):
    written(objects).finish()
    written(objects, ANOTHER).finish()
    unfinished = objects.folder / "unfinished" / bytes(16).hex()
    unfinished.write_bytes(b"what a killed writer left")
    (objects.folder / "README.txt").write_text("not a body")
    assert objects.sweep(lambda: {ANOTHER}) == 2
    assert {path.name for path in files(objects)} == {ANOTHER.hex(), "README.txt"}


def test_a_sweep_leaves_alone_what_lies_where_no_body_is_put(objects):
    name = bytes(16).hex()
    for folder in ("media", "01", "0", name[:2] + "x"):
        (objects.folder / folder).mkdir()
        (objects.folder / folder / name).write_bytes(b"somebody else's")
    (objects.folder / name).write_bytes(b"somebody else's")
    assert objects.sweep(set) == 0
    assert len(files(objects)) == 5


def test_a_folder_has_one_mark(objects):
    assert objects.mark() is None
    objects.make_mark("one")
    with pytest.raises(WrongFolder, match="is marked as another's"):
        objects.make_mark("two")
    assert objects.mark() == "one"
    objects.write_mark("three")
    assert objects.mark() == "three"
    assert stat.S_IMODE((objects.folder / ".vault").stat().st_mode) == 0o600
    assert {path.name for path in objects.folder.iterdir()} == {".vault", "unfinished"}


def test_nothing_is_swept_while_somebody_writes(objects):
    writing, done = threading.Event(), threading.Event()

    def write():
        with objects.held():
            writing.set()
            done.wait(10)

    thread = threading.Thread(target=write)
    thread.start()
    writing.wait(10)
    with pytest.raises(ObjectLost, match="Somebody is writing"):
        objects.sweep(set)
    done.set()
    thread.join()
    assert objects.sweep(set) == 0
