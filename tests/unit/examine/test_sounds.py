"""Fingerprints of sound laid on each other: the place is found, silence and strangers are not alike."""

import numpy as np
import pytest

from lieber.base import BadInput
from lieber.examine.sounds import (
    FIRM_ERROR,
    LEAST_SECONDS,
    MOST_ERROR,
    SECONDS_EACH,
    fingerprint_of,
    sound_overlap,
)

LEAST = int(LEAST_SECONDS / SECONDS_EACH) + 1
SILENCE = 627964279


def sound(seed, count):
    return np.random.default_rng(seed).integers(0, 2**32, count, dtype=np.uint32)


def noisy(numbers, share, seed=1):
    """The numbers with this share of their bits changed."""
    changed = np.random.default_rng(seed).random((len(numbers), 32)) < share
    return numbers ^ (changed * (1 << np.arange(32, dtype=np.uint64))).sum(axis=1).astype(np.uint32)


WHOLE = sound(1, 500)


@pytest.mark.parametrize("start", [0, 1, 137, 400])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.2])
def test_a_cut_is_found_at_its_place(start, share):
    cut = noisy(WHOLE[start : start + 100], share)
    found = sound_overlap(cut, WHOLE)
    assert found.offset_seconds == pytest.approx(start * SECONDS_EACH, abs=0.01)
    assert found.error == pytest.approx(share, abs=0.03)
    assert found.share > 0.9
    assert found.seconds == pytest.approx(100 * SECONDS_EACH, abs=1)


def test_the_whole_lies_on_its_cut_at_the_same_offset_the_other_way():
    found = sound_overlap(WHOLE, WHOLE[137:237])
    assert found.offset_seconds == pytest.approx(-137 * SECONDS_EACH, abs=0.01)
    assert found.first_a == pytest.approx(137 * SECONDS_EACH, abs=0.01)
    assert found.share == 1.0


def test_two_recordings_that_overlap_by_their_ends_are_alike_there():
    early, late = WHOLE[:300], WHOLE[220:]
    found = sound_overlap(late, early)
    assert found.offset_seconds == pytest.approx(220 * SECONDS_EACH, abs=0.01)
    assert found.seconds == pytest.approx(80 * SECONDS_EACH, abs=0.2)
    assert found.first_a == 0.0
    assert found.share == pytest.approx(80 / 280, abs=0.02)


def test_a_stretch_among_other_sound_is_found_and_measured():
    mixed = np.concatenate([sound(2, 150), WHOLE[100:190], sound(3, 150)])
    found = sound_overlap(mixed, WHOLE)
    assert found.offset_seconds == pytest.approx(-50 * SECONDS_EACH, abs=0.01)
    assert found.first_a == pytest.approx(150 * SECONDS_EACH, abs=1)
    assert found.seconds == pytest.approx(90 * SECONDS_EACH, abs=1)


@pytest.mark.parametrize(("count", "is_alike"), [(LEAST - 3, False), (LEAST + 3, True)])
def test_less_than_five_seconds_are_not_alike(count, is_alike):
    shared = np.concatenate([sound(4, 200), WHOLE[50 : 50 + count], sound(5, 200)])
    assert (sound_overlap(shared, WHOLE) is not None) == is_alike


@pytest.mark.parametrize(("share", "is_alike"), [(MOST_ERROR - 0.02, True), (0.4, False)])
def test_sound_that_differs_in_too_many_bits_is_not_alike(share, is_alike):
    assert (sound_overlap(noisy(WHOLE, share), WHOLE) is not None) == is_alike


@pytest.mark.parametrize(("share", "is_weak"), [(FIRM_ERROR - 0.02, False), (FIRM_ERROR + 0.02, True)])
def test_sound_that_differs_in_more_bits_than_most_copies_is_weak(share, is_weak):
    assert sound_overlap(noisy(WHOLE, share), WHOLE).weak == is_weak


@pytest.mark.parametrize("seed", range(10, 20))
def test_strangers_are_not_alike(seed):
    assert sound_overlap(sound(seed, 400), WHOLE) is None


def test_silence_and_hum_are_like_nothing():
    silence = np.full(400, SILENCE, np.uint32)
    hum = silence ^ (np.arange(400) % 2).astype(np.uint32)
    for standing in (silence, hum):
        assert sound_overlap(standing, standing) is None
        assert sound_overlap(standing, WHOLE) is None


def test_the_same_silence_between_other_sound_is_not_alike():
    silence = np.full(300, SILENCE, np.uint32)
    a = np.concatenate([sound(6, 60), silence, sound(7, 60)])
    b = np.concatenate([sound(8, 60), silence, sound(9, 60)])
    assert sound_overlap(a, b) is None


def test_sound_is_found_beside_a_longer_silence_at_another_offset():
    silence = np.full(300, SILENCE, np.uint32)
    a = np.concatenate([silence, WHOLE[:80]])
    b = np.concatenate([silence[:250], sound(6, 120), WHOLE[:80]])
    found = sound_overlap(a, b)
    assert found.offset_seconds == pytest.approx(70 * SECONDS_EACH, abs=0.01)
    assert found.sounding == pytest.approx(80 * SECONDS_EACH, abs=0.3)


def test_silence_does_not_count_as_sound():
    spoken = np.concatenate([WHOLE[:60], np.full(200, SILENCE, np.uint32), WHOLE[60:120]])
    found = sound_overlap(spoken, spoken)
    assert found.sounding == pytest.approx(120 * SECONDS_EACH, abs=0.3)
    assert found.seconds == pytest.approx(320 * SECONDS_EACH, abs=0.3)


@pytest.mark.parametrize("count", [0, 1, LEAST - 1])
def test_recordings_that_are_too_short_are_like_nothing(count):
    assert sound_overlap(WHOLE[:count], WHOLE) is None
    assert sound_overlap(WHOLE, WHOLE[:count]) is None


def test_numbers_are_taken_signed_and_unsigned():
    assert fingerprint_of([-1, 2**32 - 1, -(2**31), 2**31, 0]).tolist() == [
        2**32 - 1,
        2**32 - 1,
        2**31,
        2**31,
        0,
    ]
    assert fingerprint_of([]).dtype == np.uint32


@pytest.mark.parametrize(
    "numbers", [[2**32], [-(2**31) - 1], [2**80], ["a"], [[1, 2], [3, 4]], [[1], [2, 3]], [None], 7]
)
def test_other_numbers_are_refused_in_one_sentence(numbers):
    with pytest.raises(BadInput, match="numbers of 32 bits") as refused:
        fingerprint_of(numbers)
    assert "\n" not in str(refused.value)
