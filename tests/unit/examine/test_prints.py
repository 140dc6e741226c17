"""Prints as bytes, and recordings found by their sound."""

import numpy as np
import pytest

from lieber.base import BadInput
from lieber.examine.films import Frame, film_of
from lieber.examine.likeness import Kind
from lieber.examine.pictures import picture_hashes
from lieber.examine.prints import Prints, compared, packed, unpacked
from lieber.examine.sound_index import SoundIndex


def scene(seed, height=180, width=240):
    """A picture with much to see, always the same for a number."""
    chance = np.random.default_rng(seed)
    picture = np.full((height, width, 3), chance.integers(0, 255, 3), np.uint8)
    for _ in range(60):
        top, left = chance.integers(0, height), chance.integers(0, width)
        picture[top : top + chance.integers(5, 60), left : left + chance.integers(5, 60)] = chance.integers(
            0, 255, 3
        )
    return picture


def film(*seeds):
    return Prints(film=film_of(Frame(float(number), scene(seed)) for number, seed in enumerate(seeds)))


PICTURE = Prints(picture=picture_hashes(scene(1)))
MIRRORED = Prints(picture=picture_hashes(scene(1)[:, ::-1]))
SOUND = np.random.default_rng(3).integers(0, 2**32, 400, dtype=np.uint32)


@pytest.mark.parametrize("prints", [PICTURE, film(4, 5, 6), Prints(sound=SOUND), Prints()])
def test_prints_come_back_from_their_bytes_and_find_the_same(prints):
    again = unpacked(packed(prints))
    assert np.array_equal(again.rows(), prints.rows())
    for one, other in zip(again.lookups(), prints.lookups(), strict=True):
        assert np.array_equal(one.hashes, other.hashes)
    assert compared("a", again, "b", again) == compared("a", prints, "b", prints)


def test_what_is_kept_is_small_and_is_found_all_the_same():
    kept = unpacked(packed(PICTURE.kept()))
    assert len(packed(PICTURE.kept())) < len(packed(PICTURE)) / 3
    assert [each.kind for each in compared("a", MIRRORED, "b", kept)] == [Kind.PICTURE]
    whole = film(4, 5, 6, 7, 8, 9)
    found = compared("a", film(6, 7, 8), "b", unpacked(packed(whole.kept())))
    assert [(each.kind, each.offset_seconds) for each in found] == [(Kind.FILM, 2.0)]


def test_a_picture_is_found_in_a_film_whichever_came_first():
    whole, still = film(7, 1, 8), Prints(picture=picture_hashes(scene(1)))
    for later, earlier in ((whole, still), (still, whole)):
        (found,) = compared("a", later, "b", earlier.kept())
        assert (found.kind, found.offset_seconds) == (Kind.PICTURE_IN_FILM, 1.0)
    assert compared("a", film(7, 8), "b", still.kept()) == []


def test_what_is_plain_has_no_rows_and_is_like_nothing():
    plain = Prints(picture=picture_hashes(np.zeros((90, 120, 3), np.uint8)))
    assert plain.is_plain
    assert not len(plain.rows())
    assert compared("a", plain, "b", plain) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive", packed(Prints(sound=SOUND))[:60]])
def test_bytes_that_are_no_prints_are_refused_in_a_sentence(content):
    with pytest.raises(BadInput, match="make them again"):
        unpacked(content)


def test_no_object_is_unpickled():
    from io import BytesIO

    hostile = BytesIO()
    np.savez(hostile, sound=np.array([{"a": 1}], dtype=object))
    with pytest.raises(BadInput):
        unpacked(hostile.getvalue())


# ------------------------------------------------------------------ sound


def noisy(numbers, share, seed=1):
    """Numbers with some of their bits turned."""
    chance = np.random.default_rng(seed)
    turned = (chance.random((len(numbers), 32)) < share) << np.arange(32)
    return (numbers ^ turned.sum(axis=1).astype(np.uint32)).astype(np.uint32)


def test_a_cut_of_a_recording_is_found_among_others_and_strangers_are_not():
    chance = np.random.default_rng(9)
    others = [(number, chance.integers(0, 2**32, 500, dtype=np.uint32)) for number in range(20)]
    index = SoundIndex.empty().with_added(others[:7]).with_added([*others[7:], (99, SOUND)])
    assert index.near(noisy(SOUND[100:180], 0.05)) == [99]
    assert index.near(chance.integers(0, 2**32, 300, dtype=np.uint32)) == []


def test_silence_is_like_nothing():
    silence = np.full(300, 627964279, np.uint32)
    assert SoundIndex.empty().with_added([(1, silence)]).near(silence) == []
    assert SoundIndex.empty().near(SOUND) == []
