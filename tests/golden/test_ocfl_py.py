"""Objects and roots against ocfl-py, another implementation of OCFL."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import ocfl
import pytest
from ocfl.layout_0003_hash_and_id_n_tuple import Layout_0003_Hash_And_Id_N_Tuple
from ocfl.validator import Validator

from lieber.preserve.ocfl import INVENTORY, Stored, first_version, next_version, object_folder, root_files
from lieber.preserve.ocfl_check import check_object, check_root

AT = datetime(2025, 10, 14, 9, 30, tzinfo=UTC)
USER = ("Collector 1", "mailto:collector@mission.example")
NAMES = ["a.html", "b/c.mp4", "b/d/e", "Штаб.pdf", "a b", 'q"uote', "b.txt", "z/z/z/z"]
PORTIONS = [b"", b"1", b"22", b"page" * 1000, bytes(range(256))]
HISTORIES = range(12)


def opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def ours(check, root: Path):
    paths = list(root.rglob("*"))
    return check(
        files={path.relative_to(root).as_posix(): opener(path) for path in paths if path.is_file()},
        folders=[path.relative_to(root).as_posix() for path in paths if path.is_dir()],
    )


def theirs(root: Path) -> tuple[bool, int]:
    """What the other implementation says of an object: whether it is valid, and how many warnings."""
    validator = Validator(log_warnings=True)
    return validator.validate_object(str(root)), validator.log.num_warnings


def stored(logical: str, content: bytes) -> Stored:
    fixity = {"sha256": hashlib.sha256(content).hexdigest(), "md5": hashlib.md5(content).hexdigest()}  # noqa: S324
    return Stored(logical, hashlib.sha512(content).hexdigest(), len(content), fixity)


def write(root: Path, version, contents: dict[str, bytes]) -> None:
    for path, content in [
        *[(path, contents[logical]) for logical, path in version.content.items()],
        *version.sidecars.items(),
    ]:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def written(root: Path, seed: int) -> Path:
    """An object with a few versions that chance chose."""
    chance = random.Random(seed)
    state: set[str] = set()
    for number in range(1 + seed % 4):
        contents = {name: chance.choice(PORTIONS) for name in chance.sample(NAMES, chance.randint(1, 5))}
        add = [stored(name, content) for name, content in contents.items()]
        if number == 0:
            version = first_version(
                identifier=f"urn:example:{seed}", files=add, created=AT, message="As it came", user=USER
            )
        else:
            gone = chance.sample(sorted(state), chance.randint(0, len(state)))
            state -= set(gone)
            version = next_version(
                inventory=(root / INVENTORY).read_bytes(),
                add=add,
                remove=gone,
                created=AT,
                message="Changed",
                user=USER,
            )
        state |= contents.keys()
        write(root, version, contents)
    return root


@pytest.mark.parametrize("seed", HISTORIES)
def test_objects_written_here_are_valid_there(tmp_path, seed):
    root = written(tmp_path / "object", seed)
    assert theirs(root) == (True, 0)
    assert ours(check_object, root) == []


@pytest.mark.parametrize("seed", HISTORIES)
def test_one_byte_changed_is_found_by_both(tmp_path, seed):
    root = written(tmp_path / "object", seed)
    chance = random.Random(seed)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        before = path.read_bytes()
        # The other implementation forgives white space at the end of digests' files and of declarations.
        place = 0 if path.suffix == ".sha512" else chance.randrange(max(len(before) - 1, 1))
        after = before[:place] + bytes([before[place] ^ 1 if before else 1]) + before[place + 1 :]
        path.write_bytes(after)
        assert not theirs(root)[0], path
        assert [problem for problem in ours(check_object, root) if problem.error], path
        path.write_bytes(before)
    assert theirs(root)[0]


@pytest.mark.parametrize("seed", HISTORIES)
def test_a_file_more_or_less_is_found_by_both(tmp_path, seed):
    root = written(tmp_path / "object", seed)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        before = path.read_bytes()
        path.unlink()
        valid, warnings = theirs(root)
        problems = ours(check_object, root)
        assert valid is not any(problem.error for problem in problems), path
        assert problems or warnings == 0, path
        path.write_bytes(before)
        beside = path.with_name("beside")
        beside.write_bytes(b"")
        assert not theirs(root)[0], beside
        assert [problem for problem in ours(check_object, root) if problem.error], beside
        beside.unlink()


def test_objects_written_there_are_valid_here_and_go_on_here(tmp_path):
    source, root = tmp_path / "source", tmp_path / "object"
    for name in ("v1", "v2"):
        (source / name / "b").mkdir(parents=True)
        (source / name / "a").write_bytes(b"same")
        (source / name / "b" / "c").write_bytes(name.encode())
    metadata = ocfl.VersionMetadata(message="There", name="Somebody", address="mailto:a@example.org")
    made = ocfl.Object(identifier="urn:example:there", fixity=["md5", "sha256"])
    made.build(str(source), versions_metadata={1: metadata, 2: metadata}, objdir=str(root))
    assert ours(check_object, root) == []
    inventory = (root / INVENTORY).read_bytes()
    add = [stored("b/c", b"v1"), stored("d", b"new")]
    version = next_version(inventory=inventory, add=add, remove=["a"], created=AT, message="Here", user=USER)
    assert version.content == {"d": "v3/content/d"}
    write(root, version, {"d": b"new"})
    assert theirs(root) == (True, 0)
    assert ours(check_object, root) == []


@pytest.mark.parametrize(
    "identifier", ["object-01", "urn:example:1", "Ünïcode/…", "x" * 100, "x" * 101, "%" * 40, "a b\0c"]
)
def test_folders_are_the_same(identifier):
    assert object_folder(identifier) == Layout_0003_Hash_And_Id_N_Tuple().identifier_to_path(identifier)


def test_a_root_is_valid_there_and_its_changed_content_is_found_here(tmp_path):
    """The other implementation finds a changed byte in the object, and not when asked for the root alone."""
    for path, content in root_files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    for seed in HISTORIES:
        written(tmp_path / object_folder(f"urn:example:{seed}"), seed)
    root = ocfl.StorageRoot(str(tmp_path))
    assert root.validate(log_warnings=True)
    assert root.num_objects == root.good_objects == len(HISTORIES)
    assert ours(check_root, tmp_path) == []
    changed = tmp_path / object_folder("urn:example:3") / "v1"
    target = next(path for path in (changed / "content").rglob("*") if path.is_file())
    target.write_bytes(target.read_bytes() + b"x")
    root.validate(log_warnings=True)
    assert root.good_objects == len(HISTORIES) - 1
    assert {problem.code for problem in ours(check_root, tmp_path)} == {"E092", "E093"}
