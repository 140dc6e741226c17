"""Near-duplicate films: frames of a film, and where one film lies inside another.

Two films are of one origin where frames of both are the same at one and the same distance in time. Each pair
of near frames votes for its offset; the offset with most frames is taken, and the frames that lie on each
other there are compared once more. So a clip is found inside a longer film, a title frame that many films
share is told from footage, and the likeness says which seconds of one film are which seconds of the other.
Shares of near frames without their times are what vPDQ compares
(https://github.com/facebook/ThreatExchange/tree/main/vpdq); benchmarks/near.py measures both.

In: an open file, or frames. Out: hashes with their seconds, and overlaps. Seconds count from the first frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice, product
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..base import BadInput
from .hamming import HASH_BITS, RADIUS, Hashes, distances_between
from .pictures import (
    LEAST_QUALITY,
    PictureHashes,
    PictureLikeness,
    Pixels,
    Turn,
    compare_pictures,
    inner_box,
    picture_hashes,
    turned_hashes,
)

# Frames that lie on each other in time may be farther apart than frames looked for anywhere: of 499,500
# pairs of unrelated photographs none is nearer than 88 bits (benchmarks/near.py).
ALIGNED_RADIUS = 55
# Frames are taken each so many seconds. Those of a clip are taken at other instants than its film's, by up to
# half of this: with 0.5 instead of 1 s, 15 of 16 clips are found and not 13 (benchmarks/near.py).
EVERY = 0.5
# So many near frames with one offset make a likeness, or one and so many that lie on each other.
LEAST_FRAMES = 3
LEAST_ALIGNED = 5
# Seconds by which two near frames may miss a common offset: frames are taken at different instants.
TOLERANCE = 0.6
# Speeds that are tried; another than 1 must find so many times as many frames.
SPEEDS = (1.0, 0.8, 0.85, 0.9, 0.95, 1.05, 1.1, 1.15, 1.2, 1.25)
_SPEED_GAIN = 1.5
# A still is taken where the view changed, and at the latest after so many seconds; at most so many a film.
STILL_SECONDS = 2.0
MOST_STILLS = 60
# Frames of a film are compared in pieces of so many pairs.
_CHUNK = 1 << 20
# Frames of one standing view differ by a few bits.
_STILL_BITS = 8
# Frames are scaled to at most so many pixels a side before anything else.
_FRAME_SIDE = 640

Seconds = NDArray[np.float64]


class Frame(NamedTuple):
    """A frame: seconds from the first one, and pixels (height, width, 3), sRGB."""

    seconds: float
    rgb: Pixels


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may ask of the machine: frames given out and decoded, seconds, and pixels of a frame."""

    most_frames: int = 14_400
    most_decoded: int = 1_000_000
    most_seconds: float = 4 * 3600.0
    most_pixels: int = 8192 * 4320


class Still(NamedTuple):
    """A frame of which the windows are known too."""

    seconds: float
    hashes: PictureHashes


@dataclass(frozen=True, slots=True)
class Film:
    """The frames of a film as hashes: of n frames the `seconds` (n,), and for the whole frame and for what
    lies inside uniform borders `hashes` (n, 2, 32), `mirrored` (n, 2, 32) and PDQ's `qualities` (n, 2).
    """

    seconds: Seconds
    hashes: Hashes
    mirrored: Hashes
    qualities: NDArray[np.uint8]
    stills: tuple[Still, ...] = ()

    def __len__(self) -> int:
        return len(self.seconds)

    @property
    def duration(self) -> float:
        """Seconds, with the time that the last frame stands."""
        return float(self.seconds[-1] - self.seconds[0] + self.spacing) if len(self) else 0.0

    @property
    def spacing(self) -> float:
        """The usual time between two frames, in seconds."""
        return float(np.median(np.diff(self.seconds))) if len(self) > 1 else 1.0

    @property
    def is_plain(self) -> bool:
        """Whether no frame can be compared."""
        return not (self.qualities >= LEAST_QUALITY).any()

    def kept(self) -> tuple[Hashes, Seconds]:
        """The hashes that an index holds (m, 32), and their seconds: frames that are plain, or within a few
        bits of the one before them, bring none."""
        rows: list[Hashes] = []
        seconds: list[float] = []
        for number, variant in product(range(len(self)), range(2)):
            each = self.hashes[number, variant]
            is_new = not rows or min(_apart(each, other) for other in rows[-2:]) > _STILL_BITS
            if self.qualities[number, variant] >= LEAST_QUALITY and is_new:
                rows.append(each)
                seconds.append(float(self.seconds[number]))
        return np.array(rows, dtype=np.uint8).reshape(-1, 32), np.array(seconds)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Where film a lies in film b: second s of a is second `offset_seconds` + `speed` × s of b.

    `near_frames` frames of a are within RADIUS of their frames of b (or share windows, where a was cropped or
    covered), `frames` within ALIGNED_RADIUS; `views` of them differ from each other. `seconds_a` and
    `seconds_b` are how much of each film these frames stand for, from `first_a` and `first_b` on; `share` is
    that of the shorter film. `distance` is the median of the frames' distances in bits. `weak` asks for a
    person's look before anything else.
    """

    offset_seconds: float
    speed: float
    turn: Turn
    near_frames: int
    frames: int
    views: int
    first_a: float
    first_b: float
    seconds_a: float
    seconds_b: float
    share: float
    distance: float
    by_windows: bool
    weak: bool


def frames_of(file: BinaryIO, *, every: float = EVERY, limits: Limits | None = None) -> Iterator[Frame]:
    """The frames of a film, one each `every` seconds and the first, turned as the film asks.

    `file` is open and can be searched. A film that breaks off gives the frames before; raises BadInput where
    there is no film, no frame can be decoded, or a frame has more pixels than the limits allow. Nothing that
    a file names is opened: not another file, not an address.
    """
    if not every > 0:
        raise BadInput(f"Frames are taken each so many seconds, more than 0: found {every}.")
    yield from _taken(file, every, limits or Limits(), only_keys=False)


def keyframes(file: BinaryIO, *, limits: Limits | None = None) -> Iterator[Frame]:
    """The frames that the film's encoder chose as key frames: fast, for an overview. Raises as frames_of."""
    yield from _taken(file, 0.0, limits or Limits(), only_keys=True)


def _taken(file: BinaryIO, every: float, limits: Limits, *, only_keys: bool) -> Iterator[Frame]:
    given, wanted = 0, 0.0
    with _decoded(file, limits, only_keys=only_keys) as decoded:
        for seconds, frame in decoded:
            if seconds > limits.most_seconds or given >= limits.most_frames:
                return
            if seconds + 1e-6 < wanted:
                continue
            yield Frame(seconds, _pixels(frame))
            given += 1
            # the next multiple, wherever this frame lies
            wanted = (seconds // every + 1) * every if every else 0.0
    if not given:
        raise BadInput("A film with at least one frame was expected: none could be decoded.")


@contextmanager
def _decoded(file: BinaryIO, limits: Limits, *, only_keys: bool) -> Iterator[Iterator[tuple[float, Any]]]:
    """Frames as PyAV has them, with the seconds since the first."""
    import av  # noqa: PLC0415  # loads where films are decoded

    try:
        container = av.open(file, metadata_errors="replace", io_open=_refused, options=_ONLY_THIS_FILE)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise BadInput(f"A film was expected: the file cannot be read as one ({_words(error)}).") from error
    with container:
        if not container.streams.video:
            raise BadInput("A film was expected: the file has no pictures that move.")
        stream = container.streams.video[0]
        _check_size(stream.codec_context.width, stream.codec_context.height, limits)
        if only_keys:
            stream.codec_context.skip_frame = "NONKEY"
        # Threads that decode several frames at once lose those around a broken one.
        stream.thread_type = "SLICE"
        yield _timed(container, stream, limits)


def _timed(container: Any, stream: Any, limits: Limits) -> Iterator[tuple[float, Any]]:
    rate = float(stream.average_rate or 25)
    first: float | None = None
    last = 0.0
    for number, frame in enumerate(islice(_whole_frames(container, stream), limits.most_decoded)):
        _check_size(frame.width, frame.height, limits)
        time = number / rate if frame.time is None else float(frame.time)
        first = time if first is None else first
        # times that run backwards are a broken film's
        last = max(last, time - first)
        yield last, frame


def _whole_frames(container: Any, stream: Any) -> Iterator[Any]:
    """Every frame that can be decoded: a packet that is broken is passed by, for a copy may follow it."""
    import av  # noqa: PLC0415

    broken = (av.error.FFmpegError, ValueError)
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except broken:
            break
        with suppress(*broken):
            yield from packet.decode()
    # the file breaks off: what the decoder still holds comes before its end
    with suppress(*broken):
        yield from stream.decode(None)


def _refused(url: str, *_: Any) -> Any:
    raise OSError(f"a film may not open {url[:40]}")


_ONLY_THIS_FILE = {"protocol_whitelist": "none"}


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error)


def _check_size(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.most_pixels:
        raise BadInput(
            f"A frame has at most {limits.most_pixels} pixels: found {width} × {height}; make a smaller copy."
        )


def _pixels(frame: Any) -> Pixels:
    """The frame's pixels, made smaller and turned upright."""
    scale = min(1.0, _FRAME_SIDE / max(frame.width, frame.height))
    size = {
        "width": max(16, round(frame.width * scale)),
        "height": max(16, round(frame.height * scale)),
    }
    pixels = frame.reformat(format="rgb24", interpolation="AREA", **size).to_ndarray()
    quarters = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, quarters))


def film_of(frames: Iterable[Frame], *, most_stills: int = MOST_STILLS) -> Film:
    """The film that these frames make. Stills, with windows, are what finds crops and covered frames; each
    takes as long as ten other frames, and 0 leaves them out."""
    seconds: list[float] = []
    hashes: list[Hashes] = []
    qualities: list[tuple[int, int]] = []
    stills: list[Still] = []
    for frame in frames:
        found = [turned_hashes(frame.rgb)]
        box = inner_box(frame.rgb)
        if box != (0.0, 0.0, 1.0, 1.0):
            found.append(turned_hashes(_inside(frame.rgb, box)))
        (whole, quality), (inner, inner_quality) = found[0], found[-1]
        seconds.append(frame.seconds)
        hashes.append(np.stack([whole, inner]))
        qualities.append((quality, inner_quality))
        if max(quality, inner_quality) >= LEAST_QUALITY and len(stills) < most_stills:
            late = not stills or frame.seconds - stills[-1].seconds >= STILL_SECONDS
            if late or _apart(whole[0], np.frombuffer(stills[-1].hashes.whole, np.uint8)) > RADIUS:
                stills.append(Still(frame.seconds, picture_hashes(frame.rgb)))
    turned = np.array(hashes, dtype=np.uint8).reshape(-1, 2, len(Turn), 32)
    return Film(
        np.array(seconds, dtype=np.float64),
        np.ascontiguousarray(turned[:, :, Turn.SAME]),
        np.ascontiguousarray(turned[:, :, Turn.MIRRORED]),
        np.array(qualities, dtype=np.uint8).reshape(-1, 2),
        tuple(stills),
    )


def _inside(rgb: Pixels, box: tuple[float, float, float, float]) -> Pixels:
    height, width = rgb.shape[:2]
    return rgb[round(box[1] * height) : round(box[3] * height), round(box[0] * width) : round(box[2] * width)]


class _Laid(NamedTuple):
    """How film a lies on film b: turned so, at this speed and offset."""

    turn: Turn
    speed: float
    offset: float


class _Aligned(NamedTuple):
    """Which frames of a lie on a frame of b, and of every frame of a its partner and their distance."""

    matched: NDArray[np.int64]
    partners: NDArray[np.int64]
    nearest: NDArray[np.int64]


class _Votes(NamedTuple):
    """Pairs of near frames: their numbers in a and b, and their seconds."""

    frames_a: NDArray[np.int64]
    frames_b: NDArray[np.int64]
    seconds_a: Seconds
    seconds_b: Seconds


def overlap(a: Film, b: Film, *, tolerance: float = TOLERANCE) -> Overlap | None:
    """Where film a lies in film b, or None where they are not alike.

    Alike are films with LEAST_FRAMES near frames at one offset, or one near frame among LEAST_ALIGNED that
    lie on each other; where the shorter film has fewer than LEAST_FRAMES frames that are not plain, all of
    them must. What rests on a single near frame or on a single view is weak: a title, or a fixed camera on
    another day, looks the same. Frames that were cropped or covered are compared by the windows of stills,
    of which at least two of each film must be alike.
    """
    found = [
        each
        for turn in (Turn.SAME, Turn.MIRRORED)
        if (each := _by_frames(a, b, turn, tolerance=tolerance)) is not None
    ]
    if not any(not each.weak for each in found):
        found += _by_stills(a, b, tolerance)
    return max(found, key=lambda each: (not each.weak, each.frames, -each.turn), default=None)


def _by_frames(a: Film, b: Film, turn: Turn, *, tolerance: float) -> Overlap | None:
    hashes = a.hashes if turn is Turn.SAME else a.mirrored
    apart = _distances(hashes, a.qualities, b)
    first, second = np.nonzero(apart <= RADIUS)
    if not len(first):
        return None
    votes = _Votes(first, second, a.seconds[first], b.seconds[second])
    speed, offset = _best_offset(votes, tolerance)
    laid = a.seconds * speed + offset
    near = np.abs(laid[:, None] - b.seconds[None]) <= tolerance
    aligned = np.where(near, apart, HASH_BITS)
    nearest = aligned.min(axis=1)
    partners = aligned.argmin(axis=1)
    matched = np.flatnonzero(nearest <= ALIGNED_RADIUS)
    strict = np.flatnonzero(nearest <= RADIUS)
    if not len(strict):
        return None
    usable = min((each.qualities.max(axis=1) >= LEAST_QUALITY).sum() for each in (a, b))
    near_frames = min(len(strict), len(np.unique(partners[strict])))
    frames = min(len(matched), len(np.unique(partners[matched])))
    views = min(_views(hashes[matched, 0]), _views(b.hashes[np.unique(partners[matched]), 0]))
    weak = views < 2 or not (near_frames >= min(LEAST_FRAMES, usable) or frames >= LEAST_ALIGNED)
    return _overlap(
        a,
        b,
        _Laid(turn, speed, offset),
        _Aligned(matched, partners, nearest),
        near_frames=near_frames,
        views=views,
        weak=weak,
    )


def _overlap(
    a: Film, b: Film, laid: _Laid, aligned: _Aligned, *, near_frames: int, views: int, weak: bool
) -> Overlap:
    matched, partners, nearest = aligned
    seen_b = np.unique(partners[matched])
    # what frames of one film stand for is bounded by what the other's do
    shown_a, shown_b = len(matched) * a.spacing, len(seen_b) * b.spacing
    shown = max(shown_a * laid.speed, shown_b)
    seconds_a, seconds_b = min(shown / laid.speed, a.duration), min(shown, b.duration)
    return Overlap(
        offset_seconds=round(laid.offset, 2),
        speed=laid.speed,
        turn=laid.turn,
        near_frames=near_frames,
        frames=min(len(matched), len(seen_b)),
        views=views,
        first_a=float(a.seconds[matched[0]]),
        first_b=float(b.seconds[seen_b[0]]),
        seconds_a=seconds_a,
        seconds_b=seconds_b,
        share=min(1.0, max(seconds_a / a.duration, seconds_b / b.duration)),
        distance=float(np.median(nearest[matched])),
        by_windows=False,
        weak=weak,
    )


def _by_stills(a: Film, b: Film, tolerance: float) -> list[Overlap]:
    """Overlaps that the windows of stills show, for each way to turn a."""
    found = [
        (number, other, likeness)
        for (number, still), (other, held) in product(enumerate(a.stills), enumerate(b.stills))
        if (likeness := compare_pictures(still.hashes.asked, held.hashes.kept)) is not None
    ]
    overlaps = []
    for turn in sorted({likeness.turn for *_, likeness in found}):
        same = [(x, y, likeness) for x, y, likeness in found if likeness.turn == turn]
        votes = _Votes(
            np.array([x for x, *_ in same]),
            np.array([y for _, y, _ in same]),
            np.array([a.stills[x].seconds for x, *_ in same]),
            np.array([b.stills[y].seconds for _, y, _ in same]),
        )
        # stills of a slow scene show the same spots at different instants
        wide = max(tolerance, STILL_SECONDS)
        speed, offset = _best_offset(votes, wide)
        there = [
            (x, y, likeness)
            for x, y, likeness in same
            if abs(a.stills[x].seconds * speed + offset - b.stills[y].seconds) <= wide
        ]
        overlaps.append(_overlap_of_stills(a, b, there, _Laid(turn, speed, offset)))
    return overlaps


def _overlap_of_stills(
    a: Film, b: Film, there: Sequence[tuple[int, int, PictureLikeness]], laid: _Laid
) -> Overlap:
    best: dict[int, tuple[int, PictureLikeness]] = {}
    for x, y, likeness in sorted(there, key=lambda each: (each[2].weak, each[2].distance)):
        best.setdefault(x, (y, likeness))
    firm = {x: y for x, (y, likeness) in best.items() if not likeness.weak}
    near_frames = min(len(firm), len(set(firm.values())))
    numbers = np.array(sorted(best))
    partners = sorted({y for y, _ in best.values()})
    views = _views_shared(b, best)
    # two stills of one instant, or a film of one view, are too little
    enough = max(2, min(LEAST_FRAMES, len(a.stills), len(b.stills)))
    seconds_a = min(_stood(a, [a.stills[x].seconds for x in numbers]), a.duration)
    seconds_b = min(_stood(b, [b.stills[y].seconds for y, _ in best.values()]), b.duration)
    return Overlap(
        offset_seconds=round(laid.offset, 2),
        speed=laid.speed,
        turn=laid.turn,
        near_frames=near_frames,
        frames=min(len(best), len(partners)),
        views=views,
        first_a=a.stills[numbers[0]].seconds,
        first_b=min(b.stills[y].seconds for y, _ in best.values()),
        seconds_a=seconds_a,
        seconds_b=seconds_b,
        share=min(1.0, max(seconds_a / a.duration, seconds_b / b.duration)),
        distance=float(np.median([likeness.distance for _, likeness in best.values()])),
        by_windows=True,
        weak=near_frames < enough or views < 2,
    )


def _views_shared(b: Film, best: Mapping[int, tuple[int, PictureLikeness]]) -> int:
    """In how many stills of b, each found by a still of a, the films share what no still before it shows.

    Whoever moves before a camera that stands changes the frame; the wall behind stays one view.
    """
    seen = np.empty((0, HASH_BITS // 8), dtype=np.uint8)
    views = 0
    for y, likeness in best.values():
        kept = b.stills[y].hashes.kept.hashes
        shared = kept[[part.kept for part in likeness.parts]]
        views += bool((distances_between(shared[:, None], seen[None]) > ALIGNED_RADIUS).all())
        seen = np.concatenate([seen, kept])
    return views


def _stood(film: Film, seconds: list[float]) -> float:
    """How long these stills stand for: each until the next still of the film."""
    ends = [*(still.seconds for still in film.stills[1:]), float(film.seconds[-1]) + film.spacing]
    lasting = {still.seconds: end - still.seconds for still, end in zip(film.stills, ends, strict=True)}
    return sum(min(lasting[each], STILL_SECONDS + film.spacing) for each in set(seconds))


def _distances(hashes: Hashes, qualities: NDArray[np.uint8], b: Film) -> NDArray[np.int64]:
    """Bits between each frame of a and of b (na, nb): the least of whole and inner. Plain ones are far."""
    found = np.full((len(hashes), len(b)), HASH_BITS, dtype=np.int64)
    rows = max(1, _CHUNK // max(1, len(b)))
    for x, y in product(range(2), range(2)):
        left = np.ascontiguousarray(hashes[:, x]).view(np.uint64)
        right = np.ascontiguousarray(b.hashes[:, y]).view(np.uint64)
        for start in range(0, len(left), rows):
            part = slice(start, start + rows)
            apart = np.bitwise_count(left[part, None] ^ right[None]).sum(axis=2, dtype=np.int64)
            apart[qualities[part, x] < LEAST_QUALITY] = HASH_BITS
            apart[:, b.qualities[:, y] < LEAST_QUALITY] = HASH_BITS
            np.minimum(found[part], apart, out=found[part])
    return found


def _best_offset(votes: _Votes, tolerance: float) -> tuple[float, float]:
    """The speed and offset for which most distinct frames vote."""
    best_speed, best_offset, best = 1.0, 0.0, 0.0
    for speed in SPEEDS:
        offset, count = _most_voted(votes, speed, tolerance)
        if count > (best if speed == 1.0 else max(best, _unless_faster(best, best_speed))):
            best_speed, best_offset, best = speed, offset, count
    return best_speed, best_offset


def _unless_faster(best: float, best_speed: float) -> float:
    """What another speed must beat: much more than the true speed finds."""
    return best * _SPEED_GAIN if best_speed == 1.0 else best


def _most_voted(votes: _Votes, speed: float, tolerance: float) -> tuple[float, float]:
    """The offset within whose tolerance most distinct frames of both films lie, and their number.

    Of equal ones the offset whose votes lie closest together.
    """
    offsets = votes.seconds_b - votes.seconds_a * speed
    order = np.argsort(offsets, kind="stable")
    offsets = offsets[order]
    ends = np.searchsorted(offsets, offsets + 2 * tolerance, side="right")
    frames_a, frames_b = votes.frames_a[order], votes.frames_b[order]
    best, best_offset = -1.0, 0.0
    starts = _distinct_starts(offsets, tolerance)
    for start in starts:
        inside = slice(start, ends[start])
        count = min(len(set(frames_a[inside].tolist())), len(set(frames_b[inside].tolist())))
        closeness = 1 / (2 + float(offsets[inside].std()))
        if count + closeness > best:
            best, best_offset = count + closeness, float(np.median(offsets[inside]))
    return best_offset, best


def _distinct_starts(offsets: Seconds, tolerance: float) -> list[int]:
    """Where windows of offsets begin: not more often than each quarter of the tolerance."""
    starts = [0]
    for number, offset in enumerate(offsets):
        if offset - offsets[starts[-1]] >= tolerance / 4:
            starts.append(number)
    return starts


def _views(hashes: Hashes) -> int:
    """How many frames differ from each other by more than RADIUS: at most 10 are counted."""
    seen: list[Hashes] = []
    for each in hashes:
        if all(_apart(each, other) > RADIUS for other in seen):
            seen.append(each)
        if len(seen) == 10:
            break
    return len(seen)


def _apart(a: Hashes, b: Hashes) -> int:
    return int(np.bitwise_count(a ^ b).sum())
