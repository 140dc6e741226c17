"""Copies of a picture, or of one frame of a film, with parts marked, covered or cut out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from lieber.base import LieberError

from .sight import MOST_PIXELS, container, opened, upright

if TYPE_CHECKING:
    from PIL.Image import Image

_INK, _GROUND = (255, 214, 0), (24, 24, 27)
_LEAST_SIDE = 2

Box = Sequence[float]


def marked(
    file: BinaryIO, *, media_type: str, how: str, boxes: Sequence[Box], milliseconds: int = 0
) -> dict[str, Any]:
    """A copy as PNG, named after what was done: an annotation, a redaction or a crop.

    Boxes are left, top, right, bottom as shares of width and height. What a redaction covers is not in the
    copy: its pixels are replaced, and the copy has no metadata.
    """
    import PIL  # noqa: PLC0415

    picture = _shown(file, media_type, milliseconds)
    areas = [_area(box, picture) for box in boxes]
    made = {"annotation": _annotated, "redaction": _covered, "crop": _cut}[how](picture, areas)
    name = f"{how}.png"
    made.save(Path(name), "PNG")
    told = {"name": name, "kind": how, "width": made.width, "height": made.height}
    return {"tool": f"Pillow {PIL.__version__}", "made": [told]}


def _shown(file: BinaryIO, media_type: str, milliseconds: int) -> Image:
    """The picture, or the frame that is shown at that moment."""
    if media_type.startswith("image/"):
        return upright(opened(file), whole=True)
    with container(file) as film:
        if not film.streams.video:
            raise LieberError("It has no picture.")
        stream = film.streams.video[0]
        wanted = milliseconds / 1_000
        if stream.time_base:
            film.seek(round(wanted / float(stream.time_base)), stream=stream)
        last = None
        for frame in film.decode(stream):
            if frame.width * frame.height > MOST_PIXELS:
                raise LieberError(f"A frame has more than {MOST_PIXELS} pixels.")
            if last is not None and float(frame.time or 0.0) > wanted + 1e-6:
                break
            last = frame
        if last is None:
            raise LieberError("No frame of that moment can be decoded.")
        picture: Image = last.to_image()
        return picture.rotate(round(last.rotation), expand=True) if round(last.rotation) % 360 else picture


def _area(box: Box, picture: Image) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return (
        round(left * picture.width),
        round(top * picture.height),
        max(round(right * picture.width), round(left * picture.width) + _LEAST_SIDE),
        max(round(bottom * picture.height), round(top * picture.height) + _LEAST_SIDE),
    )


def _annotated(picture: Image, areas: Sequence[tuple[int, int, int, int]]) -> Image:
    """Frames with numbers, in two colours so that they are seen on any ground."""
    from PIL import ImageDraw, ImageFont  # noqa: PLC0415

    made = picture.copy()
    draw = ImageDraw.Draw(made)
    stroke = max(2, max(made.size) // 400)
    font = ImageFont.load_default(size=max(14, max(made.size) // 40))
    for number, area in enumerate(areas, 1):
        draw.rectangle(area, outline=_GROUND, width=stroke * 2)
        draw.rectangle(area, outline=_INK, width=stroke)
        at = (area[0] + 2 * stroke, area[1] + 2 * stroke)
        draw.rectangle(draw.textbbox(at, str(number), font=font), fill=_GROUND)
        draw.text(at, str(number), fill=_INK, font=font)
    return made


def _covered(picture: Image, areas: Sequence[tuple[int, int, int, int]]) -> Image:
    from PIL import ImageDraw  # noqa: PLC0415

    made = picture.copy()
    draw = ImageDraw.Draw(made)
    for area in areas:
        draw.rectangle(area, fill=(0, 0, 0))
    return made


def _cut(picture: Image, areas: Sequence[tuple[int, int, int, int]]) -> Image:
    return picture.crop(areas[0])
