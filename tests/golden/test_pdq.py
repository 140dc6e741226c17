"""Hashes of pictures against PDQ as its paper has it, written once more in plain numpy, and against the
hashes that its authors publish.

"The TMK+PDQF and PDQ algorithms" (Facebook, 2019), https://github.com/facebook/ThreatExchange/tree/main/pdq:
luma, two passes of a box filter as wide as a 128th of each side, 64 × 64 samples, the DCT's rows and columns
1 to 16, and of these 256 values which lie above their median.

`LIEBER_FIXTURES_PDQ=DIR pytest -m conformance tests/golden` names the folder `pdq/data` of the authors'
repository, or a copy of its bridge-mods beside PDQMD5TestData.csv.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pdqhash
import pytest
from PIL import Image

from lieber.examine.pictures import LEAST_QUALITY, Turn, picture_hashes, turned_hashes
from unit.examine.scenes import scene

VARIABLE = "LIEBER_FIXTURES_PDQ"
# pictures at most 512 pixels a side are hashed as they are
SIDE = 512


def smoothed(lines):
    """A box filter over each line, cut off at its ends."""
    count = lines.shape[1]
    window = (count + 127) // 128
    before = (window + 2) // 2 - 1
    sums = np.concatenate([np.zeros((len(lines), 1)), np.cumsum(lines, axis=1)], axis=1)
    ends = np.minimum(np.arange(count) + before + 1, count)
    starts = np.maximum(np.arange(count) + before + 1 - window, 0)
    return (sums[:, ends] - sums[:, starts]) / (ends - starts)


def pdq(rgb):
    """The 256 bits of a picture, the last of the DCT's values first."""
    luma = rgb.astype(np.float64) @ (0.299, 0.587, 0.114)
    for _ in range(2):
        luma = smoothed(smoothed(luma).T).T
    rows, columns = (((np.arange(64) + 0.5) * side / 64).astype(int) for side in luma.shape)
    samples = luma[np.ix_(rows, columns)]
    angles = np.pi / 128 * np.outer(np.arange(1, 17), 2 * np.arange(64) + 1)
    dct = np.cos(angles) @ samples @ np.cos(angles).T
    bits = (dct > np.median(dct)).ravel()
    return bits[::-1]


def apart(hash_, bits):
    return int((np.unpackbits(hash_) != bits).sum())


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("size", [(480, 360), (360, 480), (512, 512), (129, 300)])
def test_the_hash_of_a_picture_is_pdq(seed, size):
    hashes, quality = turned_hashes(scene(seed, *size))
    assert quality >= LEAST_QUALITY
    assert apart(hashes[Turn.SAME], pdq(scene(seed, *size))) <= 2


def test_two_pictures_differ_as_chance_has_it():
    assert 90 < apart(turned_hashes(scene(1))[0][Turn.SAME], pdq(scene(2))) < 166


@pytest.mark.parametrize("size", [(1024, 768), (700, 900)])
def test_larger_pictures_are_hashed_from_a_smaller_copy_within_a_few_bits(size):
    found = np.frombuffer(picture_hashes(scene(3, *size)).whole, np.uint8)
    assert apart(found, pdq(scene(3, *size))) <= 10


# What each Turn does to pixels, with numpy alone; angles are counterclockwise.
TURNED = {
    Turn.SAME: lambda rgb: rgb,
    Turn.ROTATED_90: lambda rgb: np.rot90(rgb, 1),
    Turn.ROTATED_180: lambda rgb: np.rot90(rgb, 2),
    Turn.ROTATED_270: lambda rgb: np.rot90(rgb, 3),
    Turn.UPSIDE_DOWN: lambda rgb: rgb[::-1],
    Turn.MIRRORED: lambda rgb: rgb[:, ::-1],
    Turn.MIRRORED_ROTATED_90: lambda rgb: rgb.transpose(1, 0, 2),
    Turn.MIRRORED_ROTATED_270: lambda rgb: np.rot90(rgb, 2).transpose(1, 0, 2),
}


def nearest_turn(hashes, turned):
    """The Turn whose hash is nearest to that of a turned picture, hashed as it is, and the bits between."""
    bits, _ = pdqhash.compute(np.ascontiguousarray(turned))
    distances = [apart(hash_, np.asarray(bits)) for hash_ in hashes]
    return Turn(int(np.argmin(distances))), min(distances)


@pytest.mark.parametrize("turn", Turn)
@pytest.mark.parametrize("size", [(512, 512), (480, 360)])
def test_the_eight_hashes_stand_in_the_order_of_turns(turn, size):
    hashes, _ = turned_hashes(scene(5, *size))
    found, bits = nearest_turn(hashes, TURNED[turn](scene(5, *size)))
    assert found is turn
    assert bits <= 20


# ------------------------------------------------------------------ the authors' own files


def published():
    folder = Path(os.environ.get(VARIABLE, os.devnull))
    table = next(folder.rglob("PDQMD5TestData.csv"), None) if folder.is_dir() else None
    if table is None:
        return []
    with table.open(encoding="ascii", newline="") as file:
        rows = [(Path(row["FilePath"]), row["Hash"]) for row in csv.DictReader(file)]
    found = [(next(folder.rglob(f"{path.parent.name}/{path.name}"), None), hash_) for path, hash_ in rows]
    return [(path, hash_) for path, hash_ in found if path and path.suffix == ".jpg" and len(hash_) == 64]


@pytest.mark.conformance
@pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no folder of pictures")
def test_the_published_hashes_are_found_within_what_decoders_differ_in():
    pictures = published()
    assert len(pictures) >= 10
    for path, hash_ in pictures:
        expected = np.unpackbits(np.frombuffer(bytes.fromhex(hash_), np.uint8))
        with Image.open(path) as picture:
            found = picture_hashes(np.asarray(picture.convert("RGB")))
        assert apart(np.frombuffer(found.whole, np.uint8), expected) <= 16, path.name


# The authors' bridge, turned; rotations in these names are counterclockwise, as in Turn.
BRIDGES = {
    "bridge-1-original": Turn.SAME,
    "bridge-2-rotate-90": Turn.ROTATED_90,
    "bridge-3-rotate-180": Turn.ROTATED_180,
    "bridge-4-rotate-270": Turn.ROTATED_270,
    "bridge-5-flipx": Turn.UPSIDE_DOWN,
    "bridge-6-flipy": Turn.MIRRORED,
    "bridge-7-flip-plus-1": Turn.MIRRORED_ROTATED_90,
    "bridge-8-flip-minus-1": Turn.MIRRORED_ROTATED_270,
}


@pytest.mark.conformance
@pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no folder of pictures")
@pytest.mark.parametrize("name", BRIDGES)
def test_the_turned_bridges_are_found_as_turned(name):
    def pixels(wanted):
        (path,) = Path(os.environ[VARIABLE]).rglob(f"{wanted}.jpg")
        with Image.open(path) as picture:
            picture.draft("RGB", (512, 512))
            return np.asarray(picture.convert("RGB").resize((512, 512)))

    hashes, _ = turned_hashes(pixels("bridge-1-original"))
    found, bits = nearest_turn(hashes, pixels(name))
    assert (found, bits <= 31) == (BRIDGES[name], True)
