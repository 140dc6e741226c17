"""Near-duplicate pictures: what is kept of a picture, and when two pictures are alike.

Kept of each picture is at most a dozen hashes: PDQ of the whole, PDQ of what lies inside uniform borders, and
PDQ of windows around its most marked spots. PDQ of a whole picture finds what was compressed, made smaller or
recoloured; it does not find what was cropped, framed or covered by a logo (the authors say so: "The TMK+PDQF
and PDQ algorithms", Facebook 2019, https://github.com/facebook/ThreatExchange/tree/main/pdq). A window's
place follows from the content alone, as the extremum of a difference of Gaussians (Lowe, "Distinctive image
features from scale-invariant keypoints", 2004), so a crop, a screenshot and the original have the same
windows wherever both show the spot. A likeness therefore names the windows that are the same, their
distances in bits, and how one picture lies on the other: a person can look at them.

The picture asked about brings more windows than are kept, in all eight ways in which it may be turned or
mirrored: the rows kept stay few, and the search is made eight times wider once.

In: pixels. Out: hashes and boxes. A hash whose PDQ quality is below 50 is never kept nor asked: plain frames
are near each other and would make families of strangers. 50 is the threshold of PDQ's authors (same source).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..base import BadInput
from .hamming import HASH_BYTES, RADIUS, Hashes

# Below this PDQ quality (0 to 100) a hash says nothing: the recommendation of PDQ's authors.
LEAST_QUALITY = 50
# Windows of one spot are up to so many bits apart when a picture was turned by two degrees or cropped and
# compressed (benchmarks/near.py); alone they must be within RADIUS.
WINDOW_RADIUS = 43
# How many windows are kept of a picture, how many of them lie in its middle, and how many are asked.
KEPT_WINDOWS = 10
_MIDDLE_WINDOWS = 6
ASKED_WINDOWS = 60
# A logo, a lower third or the frame of an application is alike on pictures that show different things: what
# is alike must cover more of one of the two pictures than those do. One window alone is weak.
LEAST_COVERED = 0.10
LEAST_WINDOWS = 2
LEAST_COVERED_ALONE = 0.05

# Pictures are hashed from a copy with at most so many pixels a side, as PDQ's own tools do.
_HASHED_SIDE = 512
# Spots are looked for in a copy with so many pixels on its longer side, at these widths of the Gaussian.
_SPOT_SIDE = 256
_SMALLEST_SPOT, _SPOT_STEP, _SPOT_WIDTHS = 3.0, 2**0.25, 15
# A spot stands out by so many levels of 255, and curves in both directions: Lowe 2004, section 4.1, whose
# limit of 10 for the ratio of the curvatures is wider here, for a window needs less exact a place.
_LEAST_CONTRAST = 0.5
_MOST_EDGE = (28 + 1) ** 2 / 28
# Half the side of a window, in widths of its spot.
_WINDOW_REACH = 4.0
_WINDOW_SIDE = 128
# The middle that most crops leave: between these shares of width and height.
_MIDDLE = (0.19, 0.81)
# Borders: lines whose levels differ by no more than this, and how much of a side must remain.
_BORDER_LEVELS = 14
_LEAST_INNER = 0.2

Pixels = NDArray[np.uint8]
Boxes = NDArray[np.float64]
Levels = NDArray[np.float32]


class Turn(IntEnum):
    """How a picture was turned, in the order of `pdqhash.compute_dihedral`; angles are counterclockwise."""

    SAME = 0
    ROTATED_90 = 1
    ROTATED_180 = 2
    ROTATED_270 = 3
    UPSIDE_DOWN = 4
    MIRRORED = 5
    MIRRORED_ROTATED_90 = 6
    MIRRORED_ROTATED_270 = 7


class Shown(IntEnum):
    """What part of a picture a hash is of."""

    WHOLE = 0
    INNER = 1
    WINDOW = 2


@dataclass(frozen=True, slots=True)
class Parts:
    """Hashes of parts of one picture, none of them plain.

    `hashes` (n, 32); `boxes` (n, 4): left, top, right, bottom as shares of the turned picture's width and
    height; `shown` and `turns` (n,) as in Shown and Turn; `qualities` (n,) of PDQ, 50 to 100.
    """

    hashes: Hashes
    boxes: Boxes
    shown: NDArray[np.uint8]
    turns: NDArray[np.uint8]
    qualities: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.hashes)


@dataclass(frozen=True, slots=True)
class PictureHashes:
    """What is known of a picture for finding its copies.

    `whole` is its PDQ hash (32 bytes) and `quality` that of PDQ, whether or not it is plain; `inner` is what
    lies inside uniform borders, as shares of width and height. `kept` is what an index holds (at most 12
    rows), `asked` what is looked up in it.
    """

    width: int
    height: int
    whole: bytes
    quality: int
    inner: tuple[float, float, float, float]
    kept: Parts
    asked: Parts

    @property
    def is_plain(self) -> bool:
        """Whether nothing of the picture can be compared: it is black, plain or blurred away."""
        return not len(self.kept)


class SamePart(NamedTuple):
    """A part that two pictures share: its numbers among those asked and kept, and the bits that differ."""

    asked: int
    kept: int
    distance: int


@dataclass(frozen=True, slots=True)
class PictureLikeness:
    """Why two pictures are alike.

    `distance` is that of the nearest part in bits; `parts` are those that agree on how one picture lies on
    the other; `covered` is the larger of the shares of both pictures that these parts cover; `turn` is what
    must be done to the picture asked about. `weak` asks for a person's look before anything else.
    """

    distance: int
    turn: Turn
    shown: Shown
    parts: tuple[SamePart, ...]
    covered: float
    weak: bool


def picture_hashes(rgb: Pixels) -> PictureHashes:
    """The hashes of a picture (height, width, 3), sRGB. Raises BadInput for other shapes or 8 pixels or less.

    Takes about 0.1 s on one core, most of it for the windows that are asked.
    """
    _check_pixels(rgb)
    height, width = rgb.shape[:2]
    inner = inner_box(rgb)
    whole, quality = turned_hashes(rgb)
    found = [_Hashed(Shown.WHOLE, (0.0, 0.0, 1.0, 1.0), whole, quality)]
    pixels = rgb
    if inner != (0.0, 0.0, 1.0, 1.0):
        pixels = _cut(rgb, inner)
        found.append(_Hashed(Shown.INNER, inner, *turned_hashes(pixels)))
    asked, kept = _windows(pixels, inner)
    return PictureHashes(
        width=width,
        height=height,
        whole=whole[Turn.SAME].tobytes(),
        quality=quality,
        inner=inner,
        kept=_parts([*found, *kept], [Turn.SAME]),
        asked=_parts([*found, *asked], list(Turn)),
    )


def turned_hashes(rgb: Pixels) -> tuple[Hashes, int]:
    """PDQ of the picture turned in each of the eight ways of Turn (8, 32), and its quality (0 to 100)."""
    import pdqhash  # noqa: PLC0415  # loads where pictures are hashed

    bits, quality = pdqhash.compute_dihedral(np.ascontiguousarray(_reduced(rgb, _HASHED_SIDE)))
    return np.packbits(np.array(bits, dtype=np.uint8), axis=1), int(quality)


def inner_box(rgb: Pixels) -> tuple[float, float, float, float]:
    """What lies inside uniform borders (letterbox, pillarbox, margins), as shares of width and height.

    A border is made of outer lines of one colour, up to the noise of compression. Where less than a fifth of
    a side would remain, the picture is plain there and nothing is cut.
    """
    _check_pixels(rgb)
    small = _reduced(rgb, _HASHED_SIDE).astype(np.int16)
    top, bottom = _inner_lines(small)
    left, right = _inner_lines(small[int(top * len(small)) : round(bottom * len(small))].transpose(1, 0, 2))
    if right - left < _LEAST_INNER or bottom - top < _LEAST_INNER:
        return 0.0, 0.0, 1.0, 1.0
    return left, top, right, bottom


def compare_pictures(asked: Parts, kept: Parts) -> PictureLikeness | None:
    """Why the picture asked about and another are alike, or None.

    They are alike where the whole or the inner of both is at most RADIUS bits apart; or where LEAST_WINDOWS
    parts, each at most WINDOW_RADIUS apart, lie on each other in one and the same way and cover
    LEAST_COVERED of one of the pictures. One window at most RADIUS apart that covers LEAST_COVERED_ALONE, or
    whole pictures up to WINDOW_RADIUS apart, make a likeness that is weak.
    """
    near = _near_parts(asked, kept)
    entire = [part for part in near if _is_entire(part, asked, kept)]
    if entire and entire[0].distance <= RADIUS:
        return _likeness(asked, kept, entire[:1], 1.0)
    groups = [group for group in _groups(near, asked, kept) if len(group) >= LEAST_WINDOWS]
    covered = [_covered(group, asked, kept) for group in groups]
    best = max(range(len(groups)), key=lambda number: (covered[number], len(groups[number])), default=None)
    if best is not None and covered[best] >= LEAST_COVERED:
        return _likeness(asked, kept, groups[best], covered[best])
    if entire:
        return _likeness(asked, kept, entire[:1], 1.0, weak=True)
    for part in near:
        share = _covered([part], asked, kept)
        if part.distance <= RADIUS and share >= LEAST_COVERED_ALONE:
            return _likeness(asked, kept, [part], share, weak=True)
    return None


def _is_entire(part: SamePart, asked: Parts, kept: Parts) -> bool:
    return Shown.WINDOW not in {asked.shown[part.asked], kept.shown[part.kept]}


def _likeness(
    asked: Parts, kept: Parts, parts: list[SamePart], covered: float, *, weak: bool = False
) -> PictureLikeness:
    best = min(parts, key=lambda part: (part.distance, part))
    shown = Shown(int(max(asked.shown[best.asked], kept.shown[best.kept])))
    turn = Turn(int(asked.turns[best.asked]))
    return PictureLikeness(best.distance, turn, shown, tuple(parts), covered, weak)


def _near_parts(asked: Parts, kept: Parts) -> list[SamePart]:
    """Pairs of parts within WINDOW_RADIUS, the nearest first."""
    if not len(asked) or not len(kept):
        return []
    words = (np.ascontiguousarray(each.hashes).view(np.uint64) for each in (asked, kept))
    left, right = words
    apart = np.bitwise_count(left[:, None] ^ right[None]).sum(axis=2, dtype=np.int64)
    pairs = np.argwhere(apart <= WINDOW_RADIUS)
    found = [SamePart(int(a), int(k), int(apart[a, k])) for a, k in pairs]
    return sorted(found, key=lambda part: (part.distance, part))


def _groups(near: Sequence[SamePart], asked: Parts, kept: Parts) -> list[list[SamePart]]:
    """For each part, the nearest first, the parts that lie on each other as it does; equal groups once."""
    boxes = asked.boxes[[part.asked for part in near]]
    onto = kept.boxes[[part.kept for part in near]]
    turns = asked.turns[[part.asked for part in near]]
    groups: dict[tuple[SamePart, ...], None] = {}
    for seed in range(len(near)):
        agreeing = (turns == turns[seed]) & _same_place(seed, boxes, onto)
        groups[_each_once(compress(near, agreeing.tolist()), asked)] = None
    return [list(group) for group in groups]


def _each_once(parts: Iterable[SamePart], asked: Parts) -> tuple[SamePart, ...]:
    """The parts without those whose windows were given before."""
    used_asked: set[tuple[float, ...]] = set()
    used_kept: set[int] = set()
    found: list[SamePart] = []
    for part in parts:
        box = tuple(asked.boxes[part.asked].tolist())
        if part.kept not in used_kept and box not in used_asked:
            used_kept.add(part.kept)
            used_asked.add(box)
            found.append(part)
    return tuple(found)


def _same_place(seed: int, boxes: Boxes, onto: Boxes) -> NDArray[np.bool_]:
    """Which boxes (n, 4) come to lie on their own (n, 4) when the seed is laid on its own: each edge within a
    quarter of the window's side."""
    start, start_onto = boxes[seed, :2], onto[seed, :2]
    scale = (onto[seed, 2:] - start_onto) / (boxes[seed, 2:] - start)
    laid = (boxes - np.tile(start, 2)) * np.tile(scale, 2) + np.tile(start_onto, 2)
    side = np.minimum(onto[:, 2:] - onto[:, :2], laid[:, 2:] - laid[:, :2])
    there: NDArray[np.bool_] = np.all(np.abs(laid - onto) <= 0.25 * np.tile(side, 2), axis=1)
    return there


def _covered(parts: Sequence[SamePart], asked: Parts, kept: Parts) -> float:
    """The larger share of the two pictures that the parts cover, on a grid of 64 × 64."""
    shares = []
    for boxes in (asked.boxes[[part.asked for part in parts]], kept.boxes[[part.kept for part in parts]]):
        grid = np.zeros((64, 64), dtype=bool)
        for left, top, right, bottom in np.round(boxes * 64).astype(int):
            grid[top:bottom, left:right] = True
        shares.append(float(grid.mean()))
    return max(shares)


class _Hashed(NamedTuple):
    """A part of a picture, its hashes by Turn, and its quality."""

    shown: Shown
    box: tuple[float, float, float, float]
    hashes: Hashes
    quality: int


def _parts(found: Sequence[_Hashed], turns: Sequence[Turn]) -> Parts:
    """The parts that are not plain, turned in these ways."""
    rows = [(part, turn) for part in found if part.quality >= LEAST_QUALITY for turn in turns]
    hashes = [part.hashes[turn] for part, turn in rows]
    boxes = [_turned_box(part.box, turn) for part, turn in rows]
    return Parts(
        np.array(hashes, dtype=np.uint8).reshape(-1, HASH_BYTES),
        np.array(boxes, dtype=np.float64).reshape(-1, 4),
        np.array([part.shown for part, _ in rows], dtype=np.uint8),
        np.array([turn for _, turn in rows], dtype=np.uint8),
        np.array([part.quality for part, _ in rows], dtype=np.uint8),
    )


def _turned_box(box: tuple[float, float, float, float], turn: Turn) -> tuple[float, float, float, float]:
    """Where a box comes to lie when its picture is turned."""
    left, top, right, bottom = box
    return {
        Turn.SAME: (left, top, right, bottom),
        Turn.ROTATED_90: (top, 1 - right, bottom, 1 - left),
        Turn.ROTATED_180: (1 - right, 1 - bottom, 1 - left, 1 - top),
        Turn.ROTATED_270: (1 - bottom, left, 1 - top, right),
        Turn.UPSIDE_DOWN: (left, 1 - bottom, right, 1 - top),
        Turn.MIRRORED: (1 - right, top, 1 - left, bottom),
        Turn.MIRRORED_ROTATED_90: (top, left, bottom, right),
        Turn.MIRRORED_ROTATED_270: (1 - bottom, 1 - right, 1 - top, 1 - left),
    }[turn]


def _windows(pixels: Pixels, inner: tuple[float, float, float, float]) -> tuple[list[_Hashed], list[_Hashed]]:
    """The windows that are asked and those that are kept, the most marked first."""
    grey = _grey(pixels)
    asked = [_hashed_window(grey, box, inner) for box in _spots(grey)[:ASKED_WINDOWS]]
    useful = [part for part in asked if part.quality >= LEAST_QUALITY]
    middle = [part for part in useful if _is_in_middle(part.box, inner)][:_MIDDLE_WINDOWS]
    others = [part for part in useful if part not in middle]
    return useful, [*middle, *others[: KEPT_WINDOWS - len(middle)]]


def _is_in_middle(box: tuple[float, ...], inner: tuple[float, ...]) -> bool:
    width, height = inner[2] - inner[0], inner[3] - inner[1]
    shares = (
        (box[0] - inner[0]) / width,
        (box[1] - inner[1]) / height,
        (box[2] - inner[0]) / width,
        (box[3] - inner[1]) / height,
    )
    return all(_MIDDLE[0] <= share <= _MIDDLE[1] for share in shares)


def _hashed_window(grey: Any, box: Boxes, inner: tuple[float, float, float, float]) -> _Hashed:
    """A window, cut at its exact place between the pixels. `box` is in pixels of the grey picture."""
    import pdqhash  # noqa: PLC0415
    from PIL.Image import Resampling  # noqa: PLC0415

    side = (_WINDOW_SIDE, _WINDOW_SIDE)
    cut = np.asarray(grey.resize(side, Resampling.BILINEAR, box=tuple(box)))
    bits, quality = pdqhash.compute_dihedral(np.repeat(cut[:, :, None], 3, axis=2))
    shares = box / np.array([grey.width, grey.height] * 2)
    width, height = inner[2] - inner[0], inner[3] - inner[1]
    placed = (
        float(inner[0] + shares[0] * width),
        float(inner[1] + shares[1] * height),
        float(inner[0] + shares[2] * width),
        float(inner[1] + shares[3] * height),
    )
    return _Hashed(Shown.WINDOW, placed, np.packbits(np.array(bits, dtype=np.uint8), axis=1), int(quality))


def _spots(grey: Any) -> Boxes:
    """Windows around the spots that stand out (n, 4), in pixels of the grey picture, the most marked first.

    Windows that would reach beyond the picture are left out: what is there changes with every crop.
    """
    from PIL.Image import Resampling  # noqa: PLC0415

    scale = _SPOT_SIDE / max(grey.size)
    size = tuple(max(8, round(side * scale)) for side in grey.size)
    small = np.asarray(grey.resize(size, Resampling.BOX if scale < 1 else Resampling.BILINEAR), np.float32)
    places, widths, contrasts = _extrema(small)
    reach = _WINDOW_REACH * widths
    boxes = np.concatenate([places - reach[:, None], places + reach[:, None]], axis=1)
    inside = (boxes[:, :2] >= 0).all(axis=1) & (boxes[:, 2:] <= np.array(size)).all(axis=1)
    order = np.flatnonzero(inside)
    # a wider spot shows more, and a more marked one is found again more surely
    order = order[np.argsort(-(contrasts * widths)[order], kind="stable")]
    chosen = _apart(places, reach, order)
    in_grey: Boxes = boxes[chosen] * (np.array(grey.size) / np.array(size))[[0, 1, 0, 1]]
    return in_grey


def _apart(places: Boxes, reach: NDArray[np.float64], order: NDArray[np.int64]) -> list[int]:
    """Those that do not nearly repeat a window before them."""
    chosen: list[int] = []
    for number in order:
        held = np.array(chosen, dtype=np.int64)
        low, high = np.minimum(reach[held], reach[number]), np.maximum(reach[held], reach[number])
        distance = np.hypot(*(places[held] - places[number]).T)
        if not ((distance < 0.35 * low) & (high < 1.4 * low)).any():
            chosen.append(int(number))
        if len(chosen) == ASKED_WINDOWS:
            break
    return chosen


def _extrema(grey: Levels) -> tuple[Boxes, NDArray[np.float64], NDArray[np.float64]]:
    """Places (n, 2) in pixels, widths and contrasts of the extrema of the difference of Gaussians."""
    widths = _SMALLEST_SPOT * _SPOT_STEP ** np.arange(_SPOT_WIDTHS)
    height, width = grey.shape
    smoothed = [_gaussian(height, each) @ grey @ _gaussian(width, each).T for each in widths]
    level: Levels = np.diff(np.stack(smoothed), axis=0)
    z, y, x = _local_extrema(level)
    value = level[z, y, x]
    beside = {
        axis: (level[z - (axis == 0), y - (axis == 1), x - (axis == 2)],
               level[z + (axis == 0), y + (axis == 1), x + (axis == 2)])
        for axis in range(3)
    }  # fmt: skip
    shift = [_vertex(beside[axis][0], value, beside[axis][1]) for axis in range(3)]
    curve_y, curve_x = (beside[axis][0] + beside[axis][1] - 2 * value for axis in (1, 2))
    corners = (
        level[z, y + 1, x + 1] - level[z, y + 1, x - 1] - level[z, y - 1, x + 1] + level[z, y - 1, x - 1]
    )
    determinant = curve_x * curve_y - (corners / 4) ** 2
    is_spot = (determinant > 0) & ((curve_x + curve_y) ** 2 < _MOST_EDGE * determinant)
    places = np.stack([x + shift[2] + 0.5, y + shift[1] + 0.5], axis=1)[is_spot]
    spot_widths = _SMALLEST_SPOT * _SPOT_STEP ** (z + shift[0] + 0.5)
    return places, spot_widths[is_spot], np.abs(value)[is_spot].astype(np.float64)


def _local_extrema(level: Levels) -> tuple[NDArray[np.int64], ...]:
    """Where a value is above or below all its 26 neighbours, and stands out."""
    inside = (slice(1, -1),) * 3
    centre = level[inside]
    highest = np.abs(centre) > _LEAST_CONTRAST
    lowest = highest.copy()
    for z, y, x in np.argwhere(np.ones((3, 3, 3))):
        if (z, y, x) != (1, 1, 1):
            depth, height, width = centre.shape
            other = level[z : z + depth, y : y + height, x : x + width]
            highest &= centre > other
            lowest &= centre < other
    return tuple(places + 1 for places in np.nonzero(highest | lowest))


def _vertex(before: Levels, value: Levels, after: Levels) -> NDArray[np.float64]:
    """Where between its neighbours the parabola through three values has its extremum: -0.6 to 0.6."""
    curve = (before + after - 2 * value).astype(np.float64)
    flat = np.abs(curve) < 1e-6
    found: NDArray[np.float64] = np.clip(0.5 * (before - after) / np.where(flat, 1, curve), -0.6, 0.6)
    return np.where(flat, 0.0, found)


@lru_cache(maxsize=128)  # at most 32 MB
def _gaussian(size: int, width: float) -> Levels:
    """Smoothing a line of `size` pixels by a Gaussian, as a matrix; beyond its ends the line is mirrored."""
    reach = int(4 * width) + 1
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (offsets / width) ** 2)
    matrix = np.zeros((size, size))
    rows = np.arange(size)
    for offset, weight in zip(offsets, weights / weights.sum(), strict=True):
        place = (rows + offset) % (2 * size)
        np.add.at(matrix, (rows, np.where(place >= size, 2 * size - 1 - place, place)), weight)
    return matrix.astype(np.float32)


def _inner_lines(pixels: NDArray[np.int16]) -> tuple[float, float]:
    """Where the lines (first axis) begin and end that are not of the border's one colour, as shares."""
    low, high = np.percentile(pixels, (2, 98), axis=1)
    middle = np.median(pixels, axis=1)
    plain = ((high - low) <= _BORDER_LEVELS).all(axis=1)

    def outer(lines: NDArray[np.int64]) -> int:
        like_edge = np.abs(middle[lines] - middle[lines[0]]).max(axis=1) <= _BORDER_LEVELS
        border = plain[lines] & like_edge
        return len(lines) if border.all() else int(np.argmin(border))

    count = len(pixels)
    before, after = outer(np.arange(count)), outer(np.arange(count)[::-1])
    # one line alone is what scaling leaves of an edge
    before, after = (0 if lines <= 1 else lines for lines in (before, after))
    return (before / count, 1 - after / count) if before + after < count else (0.0, 1.0)


def _cut(rgb: Pixels, box: tuple[float, float, float, float]) -> Pixels:
    height, width = rgb.shape[:2]
    left, right = round(box[0] * width), round(box[2] * width)
    top, bottom = round(box[1] * height), round(box[3] * height)
    return rgb[top:bottom, left:right]


def _grey(rgb: Pixels) -> Any:
    """The picture's luma, at most _HASHED_SIDE × 2 pixels a side."""
    from PIL import Image  # noqa: PLC0415

    return Image.fromarray(_reduced(rgb, 2 * _HASHED_SIDE)).convert("L")


def _reduced(rgb: Pixels, side: int) -> Pixels:
    """The picture with at most so many pixels a side."""
    from PIL import Image  # noqa: PLC0415

    height, width = rgb.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return rgb
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    return np.asarray(Image.fromarray(np.ascontiguousarray(rgb)).resize(size, Image.Resampling.BOX))


def _check_pixels(rgb: Pixels) -> None:
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or min(rgb.shape[:2]) <= 8:
        raise BadInput(
            "A picture has shape (height, width, 3) of bytes (uint8), more than 8 pixels a side: found "
            f"{rgb.shape} of {rgb.dtype}."
        )
