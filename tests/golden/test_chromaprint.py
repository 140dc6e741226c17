"""Fingerprints of chromaprint's own program, laid on each other: sound that was cut is found at its place."""

import shutil
import subprocess
import wave

import numpy as np
import pytest

from lieber.examine.sounds import SECONDS_EACH, fingerprint_of, sound_overlap

RATE = 11025
pytestmark = pytest.mark.skipif(not shutil.which("fpcalc"), reason="fpcalc (libchromaprint-tools) is missing")


def music(seed, seconds):
    """Chords that change at uneven times, with a melody and noise: samples from -1 to 1."""
    chance = np.random.default_rng(seed)
    made = np.zeros(int(seconds * RATE))
    start = 0
    while start < len(made):
        length = int(chance.uniform(0.15, 0.7) * RATE)
        times = np.arange(min(length, len(made) - start)) / RATE
        fading = np.exp(-3 * times)
        for note in chance.integers(40, 84, 4):
            pitch = 440 * 2 ** ((int(note) - 69) / 12)
            for overtone, loud in ((1, 1.0), (2, 0.4), (3, 0.2)):
                made[start : start + len(times)] += (
                    0.1 * loud * fading * np.sin(2 * np.pi * pitch * overtone * times)
                )
        start += length
    return made + 0.005 * chance.normal(size=len(made))


def fingerprint(folder, samples):
    """What fpcalc prints of a sound."""
    path = folder / "sound.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples.clip(-1, 1) * 32000).astype("<i2").tobytes())
    said = subprocess.run(
        ["fpcalc", "-raw", "-plain", "-length", "0", str(path)], capture_output=True, check=False, text=True
    )
    return fingerprint_of([int(number) for number in said.stdout.strip().split(",") if number])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sound")


@pytest.fixture(scope="module")
def whole(folder):
    return fingerprint(folder, music(1, 40))


def test_a_number_stands_for_an_eighth_of_a_second(folder, whole):
    longer = fingerprint(folder, music(1, 60))
    assert (len(longer) - len(whole)) * SECONDS_EACH == pytest.approx(20, abs=0.15)


@pytest.mark.parametrize("start", [0.0, 3.3, 11.07, 25.5])
def test_a_cut_is_found_at_its_second(folder, whole, start):
    samples = music(1, 40)[int(start * RATE) : int((start + 12) * RATE)]
    found = sound_overlap(fingerprint(folder, samples), whole)
    assert found.offset_seconds == pytest.approx(start, abs=SECONDS_EACH)
    assert found.error < 0.2
    assert found.share > 0.9


CHANGES = {
    "quieter": lambda samples: 0.2 * samples,
    "clipped": lambda samples: (3 * samples).clip(-0.5, 0.5),
    "noise over it": lambda samples: samples + 0.02 * np.random.default_rng(5).normal(size=len(samples)),
    "upside down": lambda samples: -samples,
}


@pytest.mark.parametrize("change", CHANGES)
def test_sound_that_was_changed_is_found(folder, whole, change):
    samples = music(1, 40)[10 * RATE : 25 * RATE]
    found = sound_overlap(fingerprint(folder, CHANGES[change](samples)), whole)
    assert found.offset_seconds == pytest.approx(10, abs=SECONDS_EACH)


@pytest.mark.parametrize("seed", range(2, 6))
def test_other_sound_is_not_alike(folder, whole, seed):
    assert sound_overlap(fingerprint(folder, music(seed, 25)), whole) is None


def test_silence_is_not_alike(folder, whole):
    silence = fingerprint(folder, np.zeros(30 * RATE))
    hum = fingerprint(folder, 0.3 * np.sin(2 * np.pi * 50 * np.arange(30 * RATE) / RATE))
    assert len(silence) > 100
    for standing in (silence, hum):
        assert sound_overlap(standing, standing) is None
        assert sound_overlap(standing, whole) is None
