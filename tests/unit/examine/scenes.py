"""Pictures and films with much to see, made from a number: the same for a number in each run."""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Pixels = NDArray[np.uint8]


def scene(seed: int, width: int = 480, height: int = 360) -> Pixels:
    """Clouds of light at each scale, as photographs have them, and a few dozen things before them."""
    chance = np.random.default_rng(seed)
    light = np.zeros((height, width))
    for cells in (3, 6, 12, 24, 48):
        rough = Image.fromarray(chance.normal(size=(cells, cells)).astype(np.float32))
        light += np.asarray(rough.resize((width, height), Image.Resampling.BICUBIC)) / cells**0.55
    light = 128 + 90 * light / np.abs(light).max()
    tint = chance.uniform(0.6, 1.0, 3)
    picture = Image.fromarray((light[:, :, None] * tint).clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for number in range(36):
        x, y = chance.integers(0, width), chance.integers(0, height)
        across, down = chance.integers(width // 40, width // 8, 2)
        colour = tuple(int(level) for level in chance.integers(0, 256, 3))
        shape = draw.ellipse if number % 2 else draw.rectangle
        shape((int(x), int(y), int(x + across), int(y + down)), fill=colour)
    return np.asarray(picture)


def views(seeds: Iterable[int], *, width: int = 320, height: int = 240) -> list[Pixels]:
    """A view for each number."""
    return [scene(seed, width, height) for seed in seeds]


def film_file(
    frames: Iterable[Pixels],
    *,
    rate: int = 1,
    quality: int = 26,
    bytes_of: str = "mp4",
    codec: str = "libx264",
) -> io.BytesIO:
    """A film file of these frames, so many a second, compressed as on the web."""
    file = io.BytesIO()
    options = {"crf": str(quality), "preset": "ultrafast"} if codec == "libx264" else {}
    with av.open(file, "w", format=bytes_of) as container:
        stream: Any = None
        for rgb in frames:
            if stream is None:
                stream = container.add_stream(codec, rate=Fraction(rate), options=options)
                stream.height, stream.width = rgb.shape[:2]
                stream.pix_fmt = "rgb24" if codec == "png" else "yuv420p"
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode(None))
    file.seek(0)
    return file
