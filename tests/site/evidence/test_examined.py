"""What is asked of files besides looking at them: copies that browsers play, malware, translations."""

from __future__ import annotations

import json
import stat
from io import BytesIO

import av
import numpy as np
import pytest

from lieber.base import LieberError
from lieber_mission.parsing.programs import NotInstalled
from lieber_mission.parsing.safety import malware
from lieber_mission.parsing.sight import playable
from lieber_mission.parsing.words import translation

pytestmark = [pytest.mark.slow, pytest.mark.one_database]


def film(path, *, codec="mpeg4", size=(320, 240), frames=12, sound=False, pixels="yuv420p"):
    """A film with a bar that goes from the left to the right."""
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=12)
        (video.width, video.height), video.pix_fmt = size, pixels
        audio = container.add_stream("pcm_s16le", rate=8_000) if sound else None
        for number in range(frames):
            picture = np.full((size[1], size[0], 3), 40, np.uint8)
            picture[:, number * 20 : number * 20 + 20] = 230
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        if audio is not None:
            heard = av.AudioFrame.from_ndarray(np.zeros((1, 8_000), np.int16), format="s16", layout="mono")
            heard.sample_rate = 8_000
            container.mux(audio.encode(heard))
        container.mux(video.encode(None))
        if audio is not None:
            container.mux(audio.encode(None))
    return path


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def played(path):
    with path.open("rb") as file:
        return playable(file)


@pytest.mark.parametrize(
    ("name", "told"),
    [("old.avi", {}), ("large.mkv", {"size": (2_560, 1_440), "frames": 3}), ("sound.avi", {"sound": True})],
)
def test_a_film_that_browsers_do_not_play_gets_a_copy_that_they_do(here, name, told):
    (made,) = played(film(here / name, **told))["made"]
    with av.open(str(here / "view.mp4")) as copy:
        assert copy.streams.video[0].codec_context.name == "h264"
        assert copy.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert max(made["width"], made["height"]) <= 1_280
        assert [stream.codec_context.name for stream in copy.streams.audio] == ["aac"] * bool(
            told.get("sound")
        )
        assert sum(1 for _ in copy.decode(video=0)) == told.get("frames", 12) == made["frames"]
    # What was made is played as it is.
    assert played(here / "view.mp4")["played"]


@pytest.mark.parametrize(
    ("codec", "pixels", "is_played"), [("libx264", "yuv420p", True), ("libx264", "yuv444p", False)]
)
def test_what_browsers_play_depends_on_codec_and_pixels(here, codec, pixels, is_played):
    assert played(film(here / "a.mp4", codec=codec, pixels=pixels))["played"] is is_played


def test_a_film_cut_off_in_the_middle_gives_what_there_is(here):
    whole = film(here / "whole.avi", frames=30).read_bytes()
    (here / "cut.avi").write_bytes(whole[: len(whole) * 2 // 3])
    (made,) = played(here / "cut.avi")["made"]
    assert 0 < made["frames"] < 30


@pytest.mark.parametrize("content", [b"", b"no film at all" * 99, b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"])
def test_what_is_no_film_is_refused_in_a_sentence(here, content):
    with pytest.raises(LieberError):
        playable(BytesIO(content))
    assert not (here / "view.mp4").exists()


# ------------------------------------------------------------------ malware


@pytest.fixture
def scanner(tmp_path, monkeypatch):
    """A program of this name that says what is told, as ClamAV's programs do."""

    def scanner(name, says, code=0):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\ncat > /dev/null\necho '{says}'\nexit {code}\n", "utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return scanner


@pytest.fixture
def file(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * 100)
    with (tmp_path / "file").open("rb") as opened:
        yield opened


def test_what_a_scanner_finds_is_named(scanner, file):
    scanner("clamdscan", "stdin: Win.Test.EICAR_HDB-1 FOUND", code=1)
    assert malware(file) == {"tool": "clamdscan", "found": ["Win.Test.EICAR_HDB-1"], "clean": False}


def test_a_file_in_which_it_finds_nothing(scanner, file):
    scanner("clamscan", "stdin: OK")
    assert malware(file) == {"tool": "clamscan", "found": [], "clean": True}


def test_a_scanner_that_fails_never_says_that_a_file_is_clean(scanner, file):
    scanner("clamdscan", "ERROR: Could not connect to clamd", code=2)
    with pytest.raises(LieberError, match="Could not connect"):
        malware(file)


def test_without_a_scanner_that_is_said(monkeypatch, file, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotInstalled, match="clamav"):
        malware(file)


# ------------------------------------------------------------------ translation


def test_without_a_model_that_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("LIEBER_MODELS", str(tmp_path))
    (tmp_path / "translation" / "broken").mkdir(parents=True)
    (tmp_path / "translation" / "broken" / "metadata.json").write_text("{", "utf-8")
    with pytest.raises(NotInstalled, match="LIEBER_MODELS/translation"):
        translation(BytesIO("Двоє полонених".encode()))
    (tmp_path / "translation" / "uk").mkdir()
    told = {"from_code": "uk", "to_code": "en"}
    (tmp_path / "translation" / "uk" / "metadata.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(NotInstalled, match=r"not installed: (ctranslate2|lingua)"):
        translation(BytesIO("Двоє полонених".encode()))
