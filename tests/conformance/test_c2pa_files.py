"""Content credentials of github.com/c2pa-org/public-testfiles are read as its names say.

LIEBER_FIXTURES_C2PA names a copy of that repository. The names say what was done to each file: E-clm took a
manifest away, E-dat and X changed the picture, E-sig and E-uri the signature and an address (its README).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lieber_mission.parsing.credentials import state

VARIABLE = "LIEBER_FIXTURES_C2PA"
# What the repository held at fd78440.
PICTURES = 26
# The beginning of what was done -> the code of the first failure; the name begins behind the date.
CODES = {
    "E-clm-": "ingredient.manifest.missing",
    "E-dat-": "assertion.dataHash.mismatch",
    "E-sig-": "claimSignature.mismatch",
    "E-uri-": "assertion.hashedURI.mismatch",
    "X": "assertion.dataHash.mismatch",
}

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no copy of the files"),
]


def pictures() -> list[Path]:
    """The pictures of the copy."""
    folder = Path(os.environ.get(VARIABLE, os.devnull)) / "image" / "jpeg"
    return sorted([*folder.glob("*.jpg"), *folder.glob("*.jpeg")])


def expected(name: str) -> tuple[str, str | None]:
    """State and code of a file by its name; None where the code follows from nothing in the name."""
    maker, _, rest = name.split("-", 2)
    if maker != "adobe":
        # The certificates of these ended, or the files are no longer what was signed.
        return "invalid", None
    for beginning, code in CODES.items():
        if rest.startswith(beginning):
            return "invalid", code
    # A and I are pictures without credentials; a broken ingredient does not break what was made of it.
    return ("none", "") if rest in {"A", "I"} else ("valid-untrusted", "signingCredential.untrusted")


def test_the_copy_is_whole():
    assert len(pictures()) == PICTURES


@pytest.mark.parametrize("path", pictures(), ids=lambda path: path.stem)
def test_a_file_is_read_as_its_name_says(path):
    with path.open("rb") as file:
        found = state(file, media_type="image/jpeg")
    wanted, code = expected(path.stem)
    assert found["state"] == wanted
    assert code is None or found["code"] == code
