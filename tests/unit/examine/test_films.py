"""Films are decoded within limits, and a film is found inside another, wherever and however it was shown."""

import io
from contextlib import suppress
from dataclasses import fields

import av
import numpy as np
import pytest

from lieber.base import BadInput
from lieber.examine.films import (
    ALIGNED_RADIUS,
    MOST_STILLS,
    Film,
    Frame,
    Limits,
    Still,
    film_of,
    frames_of,
    keyframes,
    overlap,
)
from lieber.examine.hamming import RADIUS
from lieber.examine.pictures import Parts, PictureHashes, Shown, Turn
from unit.examine.scenes import film_file, views

VIEWS = views(range(200, 212))


def film(frames, **options):
    """What is kept of a film of one view a second that was written to a file and decoded."""
    return film_of(frames_of(film_file(frames), every=1.0), **options)


@pytest.fixture(scope="module")
def whole():
    return film(VIEWS)


# ------------------------------------------------------------------ decoding


def test_frames_are_taken_each_so_many_seconds_from_the_first():
    file = film_file([view for view in VIEWS[:6] for _ in range(4)], rate=4)
    for every, expected in ((1.0, [0, 1, 2, 3, 4, 5]), (2.0, [0, 2, 4]), (0.5, [n / 2 for n in range(12)])):
        file.seek(0)
        assert [frame.seconds for frame in frames_of(file, every=every)] == expected


def test_a_frame_shows_what_was_filmed():
    file = film_file(VIEWS[:3], quality=10)
    for frame, view in zip(frames_of(file), VIEWS, strict=False):
        assert np.abs(frame.rgb.astype(int) - view).mean() < 12


def test_large_frames_are_made_smaller_and_keep_their_shape():
    (frame,) = frames_of(film_file(views([1], width=1280, height=720)))
    assert frame.rgb.shape == (360, 640, 3)


def test_key_frames_are_some_of_the_frames():
    file = film_file(VIEWS)
    seconds = [frame.seconds for frame in keyframes(file)]
    file.seek(0)
    assert 0 < len(seconds) <= len(list(frames_of(file)))
    assert seconds[0] == 0.0


def test_no_more_is_given_than_the_limits_allow():
    file = film_file(VIEWS)
    assert len(list(frames_of(file, limits=Limits(most_frames=5)))) == 5
    file.seek(0)
    assert len(list(frames_of(file, limits=Limits(most_seconds=3.5)))) == 4
    file.seek(0)
    assert len(list(frames_of(file, limits=Limits(most_decoded=7)))) == 7


def test_frames_of_more_pixels_than_allowed_are_refused_before_they_are_decoded():
    file = film_file(VIEWS[:2])
    with pytest.raises(BadInput, match="at most 50000 pixels: found 320 × 240"):
        list(frames_of(file, limits=Limits(most_pixels=50_000)))


def test_a_file_that_claims_huge_frames_is_refused():
    """The size in the header of an uncompressed film is raised, and nothing behind it."""
    file = io.BytesIO(b"YUV4MPEG2 W60000 H60000 F25:1 Ip A1:1 C420\nFRAME\n" + bytes(1000))
    with pytest.raises(BadInput):
        list(frames_of(file))


def sound_only():
    file = io.BytesIO()
    with av.open(file, "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.rate = 8000
        container.mux(stream.encode(frame))
    return file.getvalue()


NO_FILMS = {
    "empty": b"",
    "text": b"Not a film. " * 500,
    "a script with addresses": b"#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
    "a list of other files": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "a description of a session": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 9 RTP/AVP 96\n",
    "only the beginning": film_file(VIEWS[:2]).getvalue()[:40],
    "noise": np.random.default_rng(1).bytes(5000),
    "only sound": sound_only(),
}


@pytest.mark.parametrize("name", NO_FILMS)
def test_what_is_no_film_is_refused_in_one_sentence(name):
    with pytest.raises(BadInput, match="film") as refused:
        list(frames_of(io.BytesIO(NO_FILMS[name])))
    assert "\n" not in str(refused.value)
    assert "root:" not in str(refused.value)


@pytest.mark.parametrize("every", [0.0, -1.0, float("nan")])
def test_a_spacing_that_is_no_time_is_refused(every):
    with pytest.raises(BadInput, match="more than 0"):
        list(frames_of(film_file(VIEWS[:1]), every=every))


def test_a_film_that_breaks_off_gives_the_frames_before(whole):
    content = film_file(VIEWS, bytes_of="mpegts").getvalue()
    cut = film_of(frames_of(io.BytesIO(content[: len(content) * 6 // 10]), every=1.0), most_stills=0)
    assert 4 <= len(cut) < len(VIEWS)
    assert overlap(cut, whole).offset_seconds == pytest.approx(0, abs=0.6)


@pytest.mark.parametrize(("bytes_of", "codec"), [("mpegts", "libx264"), ("avi", "png")])
def test_a_film_with_broken_places_gives_the_frames_around_them(bytes_of, codec):
    content = bytearray(film_file(VIEWS, bytes_of=bytes_of, codec=codec).getvalue())
    # within one packet of the film in which each frame is a packet of 100 kB
    broken = len(content) * 55 // 100
    content[broken : broken + 3000] = np.random.default_rng(2).bytes(3000)
    seconds = [frame.seconds for frame in frames_of(io.BytesIO(bytes(content)))]
    assert seconds[-1] >= 9
    assert seconds == sorted(seconds)


@pytest.mark.parametrize(
    "script",
    [
        "ffconcat version 1.0\nfile real.ts\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:3,\nreal.ts\n#EXT-X-ENDLIST\n",
    ],
)
def test_another_file_that_a_film_names_is_not_opened(tmp_path, monkeypatch, script):
    (tmp_path / "real.ts").write_bytes(film_file(VIEWS[:3], bytes_of="mpegts").getvalue())
    (tmp_path / "named.m3u8").write_text(script, "ascii")
    monkeypatch.chdir(tmp_path)
    with (tmp_path / "named.m3u8").open("rb") as file, pytest.raises(BadInput):
        list(frames_of(file))


@pytest.mark.parametrize("seed", range(25))
def test_bytes_changed_anywhere_give_frames_or_are_refused(seed):
    chance = np.random.default_rng(seed)
    content = np.frombuffer(film_file(VIEWS[:3]).getvalue(), np.uint8).copy()
    places = chance.integers(0, len(content), 40)
    content[places] = chance.integers(0, 256, 40)
    frames = []
    with suppress(BadInput):
        frames = list(frames_of(io.BytesIO(content.tobytes()), limits=Limits(most_frames=50)))
    assert len(frames) <= 50
    assert all(frame.rgb.dtype == np.uint8 and frame.rgb.shape[2] == 3 for frame in frames)


# ------------------------------------------------------------------ what is kept


def test_a_film_knows_its_times(whole):
    assert len(whole) == 12
    assert whole.seconds.tolist() == list(range(12))
    assert (whole.duration, whole.spacing, whole.is_plain) == (12.0, 1.0, False)
    assert 1 <= len(whole.stills) <= MOST_STILLS


def test_frames_that_stand_are_kept_once():
    standing = film([VIEWS[0]] * 6 + [VIEWS[1]] * 6, most_stills=0)
    rows, seconds = standing.kept()
    assert (len(rows), seconds.tolist()) == (2, [0.0, 6.0])


def test_plain_frames_bring_no_rows():
    black = [np.zeros((240, 320, 3), np.uint8)] * 3
    dark = film(black)
    assert dark.is_plain
    assert dark.kept()[0].shape == (0, 32)
    assert overlap(dark, dark) is None
    assert len(film([*black, VIEWS[0]]).kept()[0]) == 1


def test_a_film_of_no_frames_is_plain_and_like_nothing(whole):
    nothing = film_of([])
    assert (len(nothing), nothing.duration, nothing.is_plain) == (0, 0.0, True)
    assert overlap(nothing, whole) is None
    assert overlap(whole, nothing) is None


# ------------------------------------------------------------------ one film in another

COPIES = {
    "the same": lambda frames: frames,
    "letterboxed": lambda frames: [np.pad(frame, ((50, 50), (0, 0), (0, 0))) for frame in frames],
    "pillarboxed": lambda frames: [np.pad(frame, ((0, 0), (60, 60), (0, 0))) for frame in frames],
    "half the size": lambda frames: [frame[::2, ::2] for frame in frames],
    "darker": lambda frames: [(frame * 0.7).astype(np.uint8) for frame in frames],
}


@pytest.mark.parametrize("change", COPIES)
def test_a_clip_is_found_inside_the_longer_film_with_its_offset(whole, change):
    clip = film(COPIES[change](VIEWS[4:9]), most_stills=0)
    found = overlap(clip, whole)
    assert found.offset_seconds == pytest.approx(4, abs=0.1)
    assert (found.turn, found.speed, found.weak, found.by_windows) == (Turn.SAME, 1.0, False, False)
    assert (found.frames, found.first_a, found.first_b) == (5, 0.0, 4.0)
    assert (found.seconds_a, found.seconds_b, found.share) == (5.0, 5.0, 1.0)
    assert found.distance <= RADIUS


def test_the_longer_film_holds_the_clip_at_the_offset_the_other_way(whole):
    found = overlap(whole, film(VIEWS[4:9], most_stills=0))
    assert found.offset_seconds == pytest.approx(-4, abs=0.1)
    assert (found.first_a, found.first_b, found.share) == (4.0, 0.0, 1.0)


def test_a_mirrored_clip_is_found_and_said_to_be_mirrored(whole):
    found = overlap(film([frame[:, ::-1] for frame in VIEWS[3:8]], most_stills=0), whole)
    assert (found.turn, found.weak, found.frames) == (Turn.MIRRORED, False, 5)
    assert found.offset_seconds == pytest.approx(3, abs=0.1)


def test_a_clip_among_other_footage_shares_only_its_part(whole):
    others = views(range(300, 306))
    mixed = film([*others[:4], *VIEWS[2:7], *others[4:]], most_stills=0)
    found = overlap(mixed, whole)
    assert found.offset_seconds == pytest.approx(-2, abs=0.1)
    assert (found.first_a, found.first_b, found.frames) == (4.0, 2.0, 5)
    assert found.share == pytest.approx(5 / 11)


def test_a_cropped_clip_is_found_by_windows_of_its_stills(whole):
    cropped = film([frame[24:-24, 32:-32] for frame in VIEWS[4:10]])
    found = overlap(cropped, whole)
    assert (found.by_windows, found.weak) == (True, False)
    assert found.offset_seconds == pytest.approx(4, abs=0.6)


def test_a_film_that_was_made_faster_is_found_with_its_speed():
    many = views(range(400, 424))
    fast = film_of([Frame(number / 1.2, view) for number, view in enumerate(many)], most_stills=0)
    slow = film_of([Frame(float(number), view) for number, view in enumerate(many)], most_stills=0)
    found = overlap(fast, slow)
    assert (found.speed, found.weak, found.frames) == (1.2, False, 24)


def test_strangers_are_not_alike(whole):
    assert overlap(film(views(range(500, 504))), whole) is None


def test_one_shared_title_is_weak(whole):
    others = views(range(600, 605))
    found = overlap(film([VIEWS[0], *others], most_stills=0), whole)
    assert (found.weak, found.frames, found.near_frames) == (True, 1, 1)


def test_a_camera_that_stands_is_weak():
    standing = [film([VIEWS[5]] * 8, most_stills=0) for _ in range(2)]
    found = overlap(*standing)
    assert (found.views, found.weak) == (1, True)


def filmed(chance, walls):
    """A film whose whole frames are like no others, with stills that show these windows (n, 2, 32)."""
    boxes = np.array([[0.1, 0.1, 0.5, 0.5], [0.5, 0.4, 0.9, 0.8]])
    stills = []
    for number, windows in enumerate(walls):
        ones = np.ones(2, np.uint8)
        shown = Parts(windows, boxes, ones * Shown.WINDOW, ones * Turn.SAME, ones * 100)
        whole = chance.bytes(32)
        stills.append(Still(2.5 * number, PictureHashes(320, 240, whole, 100, (0, 0, 1, 1), shown, shown)))
    frames = chance.integers(0, 256, (len(walls), 2, 32), dtype=np.uint8)
    good = np.full((len(walls), 2), 100, np.uint8)
    return Film(
        2.5 * np.arange(len(walls), dtype=np.float64), frames, np.roll(frames, 7, axis=2), good, tuple(stills)
    )


@pytest.mark.parametrize(("stands", "views"), [(True, 1), (False, 4)])
def test_people_before_one_wall_are_weak_and_the_same_walk_is_not(stands, views):
    """Others come and go before a camera that stands: both films share the wall alone, in each still."""
    chance = np.random.default_rng(5)
    walls = chance.integers(0, 256, (4, 2, 32), dtype=np.uint8)
    if stands:
        walls[:] = walls[0]
    found = overlap(filmed(chance, walls), filmed(chance, walls))
    assert (found.by_windows, found.frames, found.near_frames) == (True, 4, 4)
    assert (found.views, found.weak) == (views, stands)


@pytest.mark.parametrize(("count", "weak"), [(1, True), (2, False)])
def test_one_still_that_a_film_shares_is_weak(count, weak):
    chance = np.random.default_rng(6)
    walls = chance.integers(0, 256, (2, 2, 32), dtype=np.uint8)
    found = overlap(filmed(chance, walls), filmed(chance, walls[:count]))
    assert (found.near_frames, found.weak) == (count, weak)


@pytest.mark.parametrize(("near", "weak"), [(2, True), (3, False)])
def test_films_of_four_frames_need_three_near_ones(near, weak):
    base = np.random.default_rng(4).integers(0, 256, (4, 2, 32), dtype=np.uint8)
    base[:, 1] = base[:, 0]
    moved = np.unpackbits(base, axis=2)
    moved[near:, :, :40] ^= 1

    def made(hashes):
        return Film(np.arange(4.0), hashes, np.roll(hashes, 7, axis=2), np.full((4, 2), 100, np.uint8))

    found = overlap(made(np.packbits(moved, axis=2)), made(base))
    assert (found.near_frames, found.frames, found.weak) == (near, 4, weak)


def test_the_same_views_in_another_order_are_weak_or_not_alike(whole):
    shuffled = film([VIEWS[number] for number in (7, 2, 9, 0, 5, 11, 3)], most_stills=0)
    found = overlap(shuffled, whole)
    assert found is None or found.weak or found.frames < 4


@pytest.mark.parametrize(
    ("bits", "near", "aligned"),
    [(RADIUS, 6, 6), (RADIUS + 1, 5, 6), (ALIGNED_RADIUS, 5, 6), (ALIGNED_RADIUS + 1, 5, 5)],
)
def test_frames_on_each_other_may_be_farther_apart_than_frames_looked_for(bits, near, aligned):
    chance = np.random.default_rng(4)
    base = chance.integers(0, 256, (6, 2, 32), dtype=np.uint8)
    base[:, 1] = base[:, 0]
    moved = base.copy()
    loose = np.unpackbits(moved[2], axis=1)
    loose[:, :bits] ^= 1
    moved[2] = np.packbits(loose, axis=1)

    def made(hashes):
        return Film(np.arange(6.0), hashes, np.roll(hashes, 7, axis=2), np.full((6, 2), 100, np.uint8))

    found = overlap(made(moved), made(base))
    assert (found.near_frames, found.frames) == (near, aligned)


def test_an_overlap_says_everything_in_plain_numbers(whole):
    found = overlap(whole, whole)
    assert found is not None
    values = [getattr(found, field.name) for field in fields(found)]
    assert all(type(value) in {int, float, bool, Turn} for value in values)
