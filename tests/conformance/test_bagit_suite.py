"""The check of bags against github.com/LibraryOfCongress/bagit-conformance-suite.

LIEBER_FIXTURES_BAGIT names a copy of that repository.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from lieber.preserve.bagit import check_bag

VARIABLE = "LIEBER_FIXTURES_BAGIT"
# What the repository held on 23 July 2026; a copy with fewer is not whole.
FEWEST = {"valid": 27, "invalid": 15, "linux-only": 6, "windows-only": 6, "warning": 6}
# Bags that git could not keep as they were: an empty file of an operating system is missing in the copy.
ADDED = {"special-system-files": "data/.DS_Store"}

# For what an invalid bag is refused, by the beginning of its name.
REASONS = {
    "bagit-with-invalid-whitespace": "B01",
    "baginfo-missing-encoding": "B01",
    "bom-in-bagit.txt": "B01",
    "corrupt-": "B11",
    "extra-file-in-bag": "B10",
    "invalid-version-number": "B02",
    "missing-baginfo": "B09",
    "missing-bagit.txt": "B01",
    "notAllManifestsListAllFiles": "B10",
    "out-of-scope-file-paths": "B08",
    "same-filename-listed-twice": "B16",
}

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no folder of bags"),
]


def bags(kind: str) -> list[Path]:
    """The bags of one kind, of all versions."""
    folder = Path(os.environ.get(VARIABLE, os.devnull))
    return sorted(path for path in folder.glob(f"v*/{kind}/*") if path.is_dir())


def named(path: Path) -> str:
    return f"{path.parts[-3]}/{path.name}"


def opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def found_in(root: Path):
    paths = list(root.rglob("*"))
    files: dict[str, Callable[[], BinaryIO]] = {
        path.relative_to(root).as_posix(): opener(path) for path in paths if path.is_file()
    }
    if root.name in ADDED:
        files.setdefault(ADDED[root.name], io.BytesIO)
    return check_bag(
        files=files, folders=[path.relative_to(root).as_posix() for path in paths if path.is_dir()]
    )


@pytest.mark.parametrize("kind", FEWEST)
def test_the_bags_are_all_there(kind):
    assert len(bags(kind)) >= FEWEST[kind]


@pytest.mark.parametrize("path", bags("valid"), ids=named)
def test_valid(path):
    assert not [problem for problem in found_in(path) if problem.error]


@pytest.mark.parametrize("path", bags("warning"), ids=named)
def test_warnings(path):
    problems = found_in(path)
    assert problems
    assert not [problem for problem in problems if problem.error]


@pytest.mark.parametrize(
    "path", [path for kind in ("invalid", "linux-only", "windows-only") for path in bags(kind)], ids=named
)
def test_invalid(path):
    (code,) = (
        {"B15"}
        if path.name.endswith("-for-fetch")
        else {code for start, code in REASONS.items() if path.name.startswith(start)}
    )
    assert code in {problem.code for problem in found_in(path) if problem.error}
