"""Copies of pictures are found, told apart from strangers, and plain pictures are like nothing."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from lieber.base import BadInput
from lieber.examine.hamming import RADIUS
from lieber.examine.pictures import (
    KEPT_WINDOWS,
    LEAST_COVERED,
    LEAST_QUALITY,
    WINDOW_RADIUS,
    Parts,
    Shown,
    Turn,
    compare_pictures,
    inner_box,
    picture_hashes,
    turned_hashes,
)
from unit.examine.scenes import scene

SEEDS = (0, 2)


def each_of(changes):
    """Each change, on one picture and on the other in turn."""
    return [(change, SEEDS[number % len(SEEDS)]) for number, change in enumerate(changes)]


@pytest.fixture(scope="module")
def held():
    return {seed: picture_hashes(scene(seed)) for seed in SEEDS}


def jpeg(rgb, quality):
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def watermarked(rgb):
    over = Image.new("RGBA", rgb.shape[1::-1])
    draw = ImageDraw.Draw(over)
    for top in range(20, rgb.shape[0], 80):
        draw.text(
            (20, top), "@channel   @channel", fill=(255, 255, 255, 100), font=ImageFont.load_default(36)
        )
    return np.asarray(Image.alpha_composite(Image.fromarray(rgb).convert("RGBA"), over).convert("RGB"))


def with_logo(rgb):
    made = rgb.copy()
    made[15:70, 360:460] = (200, 20, 20)
    made[30:55, 375:400] = 255
    return made


def captioned(rgb):
    made = rgb.copy()
    made[230:345] = (10, 10, 60)
    made[260:315, 20:400:17] = 255
    return made


def letterboxed(rgb, level=0):
    return jpeg(np.pad(rgb, ((70, 70), (0, 0), (0, 0)), constant_values=level), 80)


def screenshot(rgb):
    """The picture in a frame that is not of one colour, smaller than it."""
    made = np.full((620, 620, 3), 245, np.uint8)
    made[:70] = (40, 60, 120)
    made[20:50, 20:200] = 255
    made[110:470, 70:550] = rgb
    made[500:510, 70:500] = made[530:540, 70:400] = 20
    return made


def smaller(rgb, width):
    size = (width, round(rgb.shape[0] * width / rgb.shape[1]))
    return np.asarray(Image.fromarray(np.ascontiguousarray(rgb)).resize(size, Image.Resampling.LANCZOS))


WHOLE = {
    "compressed": lambda rgb: jpeg(rgb, 20),
    "small": lambda rgb: smaller(rgb, 160),
    "brighter": lambda rgb: (rgb * 1.3).clip(0, 255).astype(np.uint8),
    "grey": lambda rgb: np.asarray(Image.fromarray(rgb).convert("L").convert("RGB")),
    "watermarked": watermarked,
}


@pytest.mark.parametrize(("change", "seed"), each_of(WHOLE))
def test_a_copy_that_shows_everything_is_alike_as_a_whole(held, change, seed):
    found = compare_pictures(picture_hashes(WHOLE[change](scene(seed))).asked, held[seed].kept)
    assert (found.shown, found.turn, found.covered, found.weak) == (Shown.WHOLE, Turn.SAME, 1.0, False)
    assert found.distance <= RADIUS


TURNED = {
    Turn.MIRRORED: lambda rgb: rgb[:, ::-1],
    Turn.UPSIDE_DOWN: lambda rgb: rgb[::-1],
    Turn.ROTATED_180: lambda rgb: rgb[::-1, ::-1],
    # what must be done to the copy: it was rotated the other way
    Turn.ROTATED_270: lambda rgb: np.rot90(rgb, 1),
    Turn.ROTATED_90: lambda rgb: np.rot90(rgb, 3),
    Turn.MIRRORED_ROTATED_90: lambda rgb: np.rot90(rgb, 1)[::-1],
    Turn.MIRRORED_ROTATED_270: lambda rgb: np.rot90(rgb, 1)[:, ::-1],
}


@pytest.mark.parametrize("turn", TURNED)
def test_a_copy_that_was_mirrored_or_turned_is_alike_and_says_how(held, turn):
    found = compare_pictures(picture_hashes(TURNED[turn](scene(2))).asked, held[2].kept)
    assert (found.shown, found.turn, found.weak) == (Shown.WHOLE, turn, False)


@pytest.mark.parametrize("turn", TURNED)
def test_a_crop_that_was_mirrored_or_turned_is_alike_by_windows_turned_the_same_way(held, turn):
    crop = scene(2)[40:-50, 60:-40]
    found = compare_pictures(picture_hashes(TURNED[turn](crop)).asked, held[2].kept)
    assert (found.shown, found.turn, found.weak) == (Shown.WINDOW, turn, False)
    assert len(found.parts) >= 2


@pytest.mark.parametrize(("level", "seed"), each_of([0, 128, 255]))
def test_borders_are_cut_away(held, level, seed):
    copy = picture_hashes(letterboxed(scene(seed), level))
    assert np.allclose(copy.inner, (0, 70 / 500, 1, 430 / 500), atol=0.01)
    found = compare_pictures(copy.asked, held[seed].kept)
    assert (found.shown, found.weak) == (Shown.INNER, False)
    assert compare_pictures(held[seed].asked, copy.kept).distance == found.distance


PARTLY = {
    "cropped by a fifth a side": lambda rgb: rgb[72:-72, 96:-96],
    "cropped on two sides": lambda rgb: rgb[60:, 90:],
    "cropped, mirrored, compressed": lambda rgb: jpeg(rgb[20:-50, 30:-60][:, ::-1], 40),
    "covered by a lower third": captioned,
    "screenshot": screenshot,
    "cropped, small": lambda rgb: jpeg(smaller(rgb[20:-20, 20:-30], 300), 50),
}


@pytest.mark.parametrize(("change", "seed"), each_of(PARTLY))
def test_a_copy_that_shows_a_part_or_is_covered_is_alike_by_windows(held, change, seed):
    found = compare_pictures(picture_hashes(PARTLY[change](scene(seed))).asked, held[seed].kept)
    assert (found.shown, found.weak) == (Shown.WINDOW, False)
    assert len(found.parts) >= 2
    assert found.covered >= LEAST_COVERED
    assert all(part.distance <= WINDOW_RADIUS for part in found.parts)


def test_the_parts_of_a_crop_lie_where_the_crop_was_made(held):
    asked = picture_hashes(scene(2)[72:-72, 96:-96]).asked
    found = compare_pictures(asked, held[2].kept)
    for part in found.parts:
        inside_crop = asked.boxes[part.asked] * 0.6 + 0.2
        assert np.abs(inside_crop - held[2].kept.boxes[part.kept]).max() < 0.05


def test_strangers_are_not_alike_not_even_under_the_same_logo():
    pictures = [picture_hashes(scene(seed)) for seed in range(100, 104)]
    marked = [picture_hashes(with_logo(scene(seed))) for seed in range(100, 104)]
    for number, asked in enumerate(marked):
        for other, kept in enumerate(pictures):
            found = compare_pictures(asked.asked, kept.kept)
            assert (found is not None) == (number == other)
        strangers = [compare_pictures(asked.asked, kept.kept) for kept in marked if kept is not asked]
        # one window on the logo itself is worth a look and no more
        assert all(found is None or found.weak for found in strangers)


PLAIN = {
    "black": np.zeros((200, 300, 3), np.uint8),
    "white": np.full((200, 300, 3), 255, np.uint8),
    "a slow gradient": np.tile(np.linspace(90, 110, 300)[None, :, None], (200, 1, 3)).astype(np.uint8),
    "faint noise": np.random.default_rng(1).integers(120, 124, (200, 300, 3), dtype=np.uint8),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_plain_pictures_are_never_alike_not_even_with_themselves(held, name):
    plain = picture_hashes(PLAIN[name])
    assert plain.is_plain
    assert plain.quality < LEAST_QUALITY
    assert compare_pictures(plain.asked, plain.kept) is None
    assert compare_pictures(plain.asked, held[0].kept) is None
    assert compare_pictures(held[0].asked, plain.kept) is None


def test_few_rows_are_kept_and_none_of_them_is_plain(held):
    for hashes in held.values():
        assert 1 <= len(hashes.kept) <= KEPT_WINDOWS + 2
        assert (hashes.kept.qualities >= LEAST_QUALITY).all()
        assert (hashes.kept.turns == Turn.SAME).all()
        assert set(hashes.asked.turns.tolist()) == set(Turn)
        assert hashes.whole == hashes.kept.hashes[0].tobytes()
        for parts in (hashes.kept, hashes.asked):
            assert ((parts.boxes >= 0) & (parts.boxes <= 1)).all()
            assert (parts.boxes[:, 2:] > parts.boxes[:, :2]).all()


def test_a_picture_gives_the_same_hashes_each_time_whatever_its_memory_order(held):
    again = picture_hashes(np.asfortranarray(scene(2)))
    assert np.array_equal(again.asked.hashes, held[2].asked.hashes)


def test_the_eight_hashes_are_those_of_the_turned_pictures():
    hashes, quality = turned_hashes(scene(1)[:, :360])
    assert quality >= LEAST_QUALITY
    for turn, change in TURNED.items():
        undone = {Turn.ROTATED_90: Turn.ROTATED_270, Turn.ROTATED_270: Turn.ROTATED_90}.get(turn, turn)
        own, _ = turned_hashes(change(scene(1)[:, :360]))
        bits = int(np.bitwise_count(hashes[undone] ^ own[Turn.SAME]).sum())
        assert bits <= RADIUS, turn.name


# ------------------------------------------------------------------ borders, and what is not one


def test_a_picture_without_borders_and_one_that_is_all_border_are_not_cut():
    whole = (0.0, 0.0, 1.0, 1.0)
    assert inner_box(scene(1)) == whole
    assert inner_box(PLAIN["black"]) == whole
    night = np.zeros((200, 300, 3), np.uint8)
    night[90:110, 140:160] = 200
    assert inner_box(night) == whole


def test_a_picture_within_a_frame_on_four_sides_is_found():
    framed = np.pad(scene(1), ((40, 20), (30, 60), (0, 0)), constant_values=230)
    left, top, right, bottom = inner_box(framed)
    assert np.allclose((left, top, right, bottom), (30 / 570, 40 / 420, 510 / 570, 400 / 420), atol=0.01)


# ------------------------------------------------------------------ the rules of a likeness, by hand


def parts(*rows):
    """Parts by (hash, box) or (hash, box, shown)."""
    hashes = np.array([row[0] for row in rows], np.uint8).reshape(-1, 32)
    shown = [row[2] if len(row) > 2 else Shown.WINDOW for row in rows]
    return Parts(
        hashes,
        np.array([row[1] for row in rows], np.float64).reshape(-1, 4),
        np.array(shown, np.uint8),
        np.zeros(len(rows), np.uint8),
        np.full(len(rows), 100, np.uint8),
    )


CHANCE = np.random.default_rng(8)
A, B, C = CHANCE.integers(0, 256, (3, 32), dtype=np.uint8)
ALL = (0.0, 0.0, 1.0, 1.0)


def off(row, bits):
    loose = np.unpackbits(row)
    loose[:bits] ^= 1
    return np.packbits(loose)


@pytest.mark.parametrize(
    ("bits", "expected"), [(0, False), (31, False), (32, True), (43, True), (44, None)]
)  # fmt: skip
def test_whole_pictures_are_alike_to_31_bits_and_weakly_to_43(bits, expected):
    found = compare_pictures(parts((off(A, bits), ALL, Shown.WHOLE)), parts((A, ALL, Shown.WHOLE)))
    assert (found and found.weak) == expected
    assert found is None or found.distance == bits


@pytest.mark.parametrize(
    ("second", "side", "expected"),
    [
        ((0.5, 0.5, 0.7, 0.7), 0.25, False),  # both lie on each other, and cover a tenth
        ((0.1, 0.5, 0.3, 0.7), 0.25, True),  # the second lies elsewhere: one window alone
        ((0.5, 0.5, 0.7, 0.7), 0.10, None),  # too little is covered, by both and by one
    ],
)
def test_windows_are_alike_where_they_agree_and_cover_enough(second, side, expected):
    here = (0.1, 0.1, 0.1 + side, 0.1 + side)
    there = tuple(edge + 0.05 for edge in here)
    box = tuple(np.array([0.5, 0.5, 0.5 + side, 0.5 + side]))
    shift = np.array(second) - np.array((0.5, 0.5, 0.7, 0.7))
    moved = tuple(np.array(box) + 0.05 + shift)
    found = compare_pictures(parts((off(A, 20), here), (off(B, 40), box)), parts((A, there), (B, moved)))
    assert (found and found.weak) == expected


@pytest.mark.parametrize(("bits", "found"), [(31, True), (32, False)])
def test_one_window_alone_is_weak_and_must_be_within_31_bits(bits, found):
    box = (0.2, 0.2, 0.6, 0.6)
    likeness = compare_pictures(parts((off(A, bits), box)), parts((A, box)))
    assert (likeness is not None) == found
    assert likeness is None or likeness.weak


def test_windows_turned_in_different_ways_do_not_agree():
    boxes = ((0.1, 0.1, 0.4, 0.4), (0.5, 0.5, 0.8, 0.8))
    held = parts((A, boxes[0]), (B, boxes[1]))
    same = parts((A, boxes[0]), (B, boxes[1]))
    other = Parts(same.hashes, same.boxes, same.shown, np.array([0, 5], np.uint8), same.qualities)
    assert compare_pictures(same, held).weak is False
    assert compare_pictures(other, held).weak is True


def test_a_pattern_that_repeats_is_compared_in_bounded_time():
    y, x = np.mgrid[0:400, 0:500]
    squares = np.repeat((((x // 25 + y // 25) % 2) * 200 + 20).astype(np.uint8)[:, :, None], 3, axis=2)
    pattern = picture_hashes(squares)
    found = compare_pictures(pattern.asked, pattern.kept)
    assert (found.distance, found.weak) == (0, False)


def test_parts_of_nothing_are_like_nothing():
    assert compare_pictures(parts(), parts((A, ALL))) is None
    assert compare_pictures(parts((A, ALL)), parts()) is None


@pytest.mark.parametrize(
    "rgb",
    [
        np.zeros((100, 100), np.uint8),
        np.zeros((100, 100, 4), np.uint8),
        np.zeros((100, 100, 3), np.float32),
        np.zeros((8, 100, 3), np.uint8),
        np.zeros((0, 0, 3), np.uint8),
    ],
)
def test_other_pixels_are_refused_in_one_sentence(rgb):
    for deed in (picture_hashes, inner_box):
        with pytest.raises(BadInput, match="height, width, 3") as refused:
            deed(rgb)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("size", [(9, 9), (9, 3000), (3000, 9)])
def test_tiny_and_thin_pictures_are_hashed(size):
    chance = np.random.default_rng(1)
    assert len(picture_hashes(chance.integers(0, 256, (*size, 3), dtype=np.uint8)).whole) == 32
