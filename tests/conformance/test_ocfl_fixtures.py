"""The check of objects against the fixtures of github.com/OCFL/fixtures, for OCFL 1.0 and 1.1.

LIEBER_FIXTURES_OCFL names a copy of that repository.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from lieber.preserve.ocfl_check import check_object

VARIABLE = "LIEBER_FIXTURES_OCFL"
# What the repository held on 23 July 2026; a copy with fewer is not whole.
FEWEST = {"good": 22, "warn": 27, "bad": 107}
# A file that stands for an empty directory, which git does not keep.
PLACEHOLDER = ".keep"
# Where the inventory itself breaks a rule before the one that the name of the fixture has in mind, or where
# two rules say the same; `promised` says which rule the check names instead.
OTHERWISE = {
    "E001_invalid_version_format": "E046",
    "E010_missing_versions": "E046",
    "E015_content_not_in_content_dir": "E042",
    "E019_inconsistent_content_dir": "E042",
}

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no folder of fixtures"),
]


def fixtures(kind: str) -> list[Path]:
    """The objects of one kind, of both versions."""
    folder = Path(os.environ.get(VARIABLE, os.devnull))
    return sorted(path for path in folder.glob(f"1.[01]/{kind}-objects/*") if path.is_dir())


def named(path: Path) -> str:
    return f"{path.parts[-3]}/{path.name}"


def opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def found_in(root: Path):
    paths = [path for path in root.rglob("*") if path != root / PLACEHOLDER]
    return check_object(
        files={path.relative_to(root).as_posix(): opener(path) for path in paths if path.is_file()},
        folders=[path.relative_to(root).as_posix() for path in paths if path.is_dir()],
    )


def promised(path: Path) -> set[str]:
    """The codes in the name of a fixture, or the one that says the same."""
    return set(re.findall(r"[EW]\d{3}", OTHERWISE.get(path.name, path.name)))


@pytest.mark.parametrize("kind", FEWEST)
def test_the_fixtures_are_all_there(kind):
    assert len(fixtures(kind)) >= FEWEST[kind]


@pytest.mark.parametrize("path", fixtures("good"), ids=named)
def test_good(path):
    assert found_in(path) == []


@pytest.mark.parametrize("path", fixtures("warn"), ids=named)
def test_warnings(path):
    problems = found_in(path)
    assert not [problem for problem in problems if problem.error]
    assert promised(path) <= {problem.code for problem in problems}


@pytest.mark.parametrize("path", fixtures("bad"), ids=named)
def test_bad(path):
    codes = {problem.code for problem in found_in(path) if problem.error}
    assert codes & promised(path)
