"""Pictures and films: what can be decoded of them, small pictures, and hashes by which copies are found."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from lieber.base import LieberError

if TYPE_CHECKING:
    from PIL.Image import Image

# Pixels of a picture that is decoded: more is a bomb or needs a workstation.
MOST_PIXELS = 200_000_000
SMALL, LARGE = 320, 1_600
_SHEET_FRAMES, _SHEET_COLUMNS, _SHEET_WIDTH = 24, 6, 240
_QUALITY = 82
# What browsers play as it is: the name of the container, codecs of pictures, codecs of sound.
_PLAYED = (
    ("mov,mp4,m4a,3gp,3g2,mj2", {"h264", "av1", "vp9"}, {"aac", "mp3", "opus", "flac"}),
    ("matroska,webm", {"vp8", "vp9", "av1"}, {"opus", "vorbis"}),
)
_H264_PLAYED = {"yuv420p", "yuvj420p"}
_ONLY_THIS_FILE = {"protocol_whitelist": "none"}
_PLAYED_SIDE, _HEARD_RATE = 1_280, 44_100
_PLAYED_QUALITY = {"preset": "veryfast", "crf": "23"}


def streams(file: BinaryIO, *, media_type: str) -> dict[str, Any]:
    """Size, duration, streams and codecs, by Pillow for pictures and PyAV for all else."""
    if media_type.startswith("image/"):
        return _picture_facts(file)
    import av  # noqa: PLC0415

    with container(file) as film:
        told = [
            {
                "kind": stream.type,
                "codec": stream.codec_context.name if stream.codec_context else "",
                "width": getattr(stream, "width", None) if stream.type == "video" else None,
                "height": getattr(stream, "height", None) if stream.type == "video" else None,
                "rate": str(stream.average_rate) if stream.type == "video" and stream.average_rate else "",
                "frames": stream.frames or None,
                "sample_rate": getattr(stream, "rate", None) if stream.type == "audio" else None,
            }
            for stream in film.streams
        ]
        seconds = film.duration / av.time_base if film.duration else None
        return {
            "tool": f"PyAV {av.__version__}",
            "format": film.format.name,
            "milliseconds": round(seconds * 1_000) if seconds is not None else None,
            "streams": told[:50],
        }


def _picture_facts(file: BinaryIO) -> dict[str, Any]:
    import PIL  # noqa: PLC0415

    picture = opened(file)
    return {
        "tool": f"Pillow {PIL.__version__}",
        "format": picture.format or "",
        "width": picture.width,
        "height": picture.height,
        "frames": getattr(picture, "n_frames", 1),
        "mode": picture.mode,
    }


def preview(file: BinaryIO, *, media_type: str) -> dict[str, Any]:
    """Small pictures to look at, as JPEG without metadata, in the current folder: names, kinds and sizes."""
    if media_type.startswith("image/"):
        import PIL  # noqa: PLC0415

        picture = upright(opened(file))
        return {
            "tool": f"Pillow {PIL.__version__}",
            "made": [
                _saved(picture, "small.jpg", SMALL, kind="thumbnail"),
                _saved(picture, "view.jpg", LARGE, kind="format_conversion"),
            ],
        }
    import av  # noqa: PLC0415

    frames = list(_spread_frames(file))
    if not frames:
        raise LieberError("It has no picture.")
    made = [_saved(frames[0][1], "small.jpg", SMALL, kind="thumbnail")]
    made += [
        _saved(picture, f"frame-{round(seconds * 1_000):09d}.jpg", LARGE, kind="keyframe")
        | {"milliseconds": round(seconds * 1_000)}
        for seconds, picture in frames
    ]
    made.append(_saved(_sheet([picture for _, picture in frames]), "sheet.jpg", 10_000, kind="compilation"))
    return {"tool": f"PyAV {av.__version__}", "made": made}


def playable(file: BinaryIO) -> dict[str, Any]:
    """A copy that browsers play, where they do not play the film itself: H.264 and AAC in MP4.

    At most 1,280 pixels wide; what cannot be decoded on the way is left out. A film that browsers play as it
    is gets none.
    """
    import av  # noqa: PLC0415

    with container(file) as film:
        if not film.streams.video:
            raise LieberError("It has no picture.")
        video = film.streams.video[0]
        audio = film.streams.audio[0] if film.streams.audio else None
        told = {
            "tool": f"PyAV {av.__version__}",
            "codec": video.codec_context.name,
            "format": film.format.name,
        }
        if _is_played(film, video, audio):
            return told | {"played": True, "made": []}
        made = _played_copy(film, video, audio)
    return told | {"played": False, "made": [made]}


def _is_played(container: Any, video: Any, audio: Any) -> bool:
    """Whether Chromium and Firefox play it: the formats of WHATWG's and the browsers' own tables."""
    if video.codec_context.name == "h264" and video.codec_context.pix_fmt not in _H264_PLAYED:
        return False
    sound = audio.codec_context.name if audio is not None else ""
    return any(
        container.format.name == name and video.codec_context.name in pictures and sound in {"", *sounds}
        for name, pictures, sounds in _PLAYED
    )


def _played_copy(container: Any, video: Any, audio: Any) -> dict[str, Any]:
    """Encode the film anew, frame by frame."""
    import av  # noqa: PLC0415

    width = height = frames = 0
    with av.open("view.mp4", "w", options={"movflags": "faststart"}) as copy:
        shown = copy.add_stream("libx264", rate=video.average_rate or 25, options=_PLAYED_QUALITY)
        heard = copy.add_stream("aac", rate=_HEARD_RATE) if audio is not None else None
        resampled = av.AudioResampler("fltp", "stereo", _HEARD_RATE)
        for frame in _decoded(container, [stream for stream in (video, audio) if stream is not None]):
            if isinstance(frame, av.VideoFrame):
                if not frames:
                    width, height = _played_size(frame)
                    shown.width, shown.height, shown.pix_fmt = width, height, "yuv420p"
                copy.mux(shown.encode(_turned(frame, width, height)))
                frames += 1
            elif heard is not None and frames:
                frame.pts = None
                for part in resampled.resample(frame):
                    copy.mux(heard.encode(part))
        if not frames:
            raise LieberError("None of its frames can be decoded.")
        for stream in (shown, heard):
            if stream is not None:
                copy.mux(stream.encode(None))
    return {
        "name": "view.mp4",
        "kind": "format_conversion",
        "width": width,
        "height": height,
        "frames": frames,
    }


def _played_size(frame: Any) -> tuple[int, int]:
    """Even numbers of pixels, upright. Raises LieberError where there are too many."""
    if frame.width * frame.height > MOST_PIXELS:
        raise LieberError(f"A frame has more than {MOST_PIXELS} pixels.")
    sides = (frame.height, frame.width) if frame.rotation % 180 else (frame.width, frame.height)
    scale = min(1.0, _PLAYED_SIDE / max(*sides, 1))
    return max(2, 2 * round(sides[0] * scale / 2)), max(2, 2 * round(sides[1] * scale / 2))


def _turned(frame: Any, width: int, height: int) -> Any:
    """A frame in that size, turned upright as the film asks."""
    import av  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    if quarters := round(frame.rotation / 90) % 4:
        pixels = np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), quarters))
        upright_frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        upright_frame.pts, upright_frame.time_base = frame.pts, frame.time_base
        frame = upright_frame
    fitted = frame.reformat(width=width, height=height, format="yuv420p")
    # What kind of frame it was in the original is of no use to the encoder.
    fitted.pict_type = 0
    return fitted


def _decoded(container: Any, streams: list[Any]) -> Iterator[Any]:
    """Frames in the order of the file; a packet that cannot be decoded is passed by."""
    import av  # noqa: PLC0415

    try:
        for packet in container.demux(streams):
            try:
                yield from packet.decode()
            except av.error.InvalidDataError:
                continue
    except av.error.FFmpegError:
        return


def opened(file: BinaryIO) -> Image:
    """A picture. Raises LieberError for what cannot be read, or is too large."""
    from PIL import Image, ImageFile, UnidentifiedImageError  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2
    # Broken off pictures show what there is of them.
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        return Image.open(file)
    except Image.DecompressionBombError:
        raise LieberError(f"The picture has more than {MOST_PIXELS} pixels.") from None
    except UnidentifiedImageError:
        raise LieberError("It is no picture that can be read.") from None


def upright(picture: Image, *, whole: bool = False) -> Image:
    """As it is to be looked at: turned by its own orientation, without transparency."""
    from PIL import Image as Pictures  # noqa: PLC0415
    from PIL import ImageOps  # noqa: PLC0415

    # Large JPEGs are decoded at a fraction of their size: enough for what is shown.
    if not whole:
        picture.draft("RGB", (LARGE, LARGE))
    turned = ImageOps.exif_transpose(picture)
    if turned.mode in {"RGBA", "LA", "P", "PA"}:
        with_alpha = turned.convert("RGBA")
        ground = Pictures.new("RGB", with_alpha.size, (255, 255, 255))
        ground.paste(with_alpha, mask=with_alpha.getchannel("A"))
        return ground
    return turned.convert("RGB")


def moving(picture: Image) -> bool:
    """Whether a picture has more frames than one."""
    return bool(getattr(picture, "is_animated", False))


def _saved(picture: Image, name: str, longest: int, *, kind: str) -> dict[str, Any]:
    shown = picture.copy()
    shown.thumbnail((longest, longest))
    shown.save(Path(name), "JPEG", quality=_QUALITY)
    return {"name": name, "kind": kind, "width": shown.width, "height": shown.height}


def _refused(url: str, *_: Any) -> Any:
    raise OSError(f"a film may not open {url[:40]}")


def container(file: BinaryIO) -> Any:
    """A film or a recording, open; nothing that it names is opened. Raises LieberError for anything else."""
    import av  # noqa: PLC0415

    av.logging.set_level(None)
    try:
        return av.open(file, mode="r", metadata_errors="replace", io_open=_refused, options=_ONLY_THIS_FILE)
    except av.error.FFmpegError as error:
        raise _undecodable(error) from None


def _spread_frames(file: BinaryIO) -> Iterator[tuple[float, Image]]:
    """Keyframes spread over a film, at most as many as a sheet holds, with their seconds."""
    import av  # noqa: PLC0415

    with container(file) as film:
        if not film.streams.video:
            return
        stream = film.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        length = float(film.duration / av.time_base) if film.duration else 0.0
        step, due, number = length / _SHEET_FRAMES, 0.0, 0
        try:
            for frame in film.decode(stream):
                if frame.width * frame.height > MOST_PIXELS:
                    raise LieberError(f"A frame has more than {MOST_PIXELS} pixels.")
                seconds = float(frame.time or 0.0)
                if seconds + 1e-6 < due or number >= _SHEET_FRAMES:
                    continue
                yield seconds, frame.to_image()
                number += 1
                due = seconds + step
        except av.error.FFmpegError as error:
            if not number:
                raise _undecodable(error) from None


def _undecodable(error: Exception) -> LieberError:
    return LieberError(f"It cannot be decoded: {getattr(error, 'strerror', None) or type(error).__name__}.")


def _sheet(pictures: list[Image]) -> Image:
    """All frames beside each other, in their order."""
    from PIL import Image as Pictures  # noqa: PLC0415

    cells = []
    for picture in pictures:
        cell = picture.copy()
        cell.thumbnail((_SHEET_WIDTH, _SHEET_WIDTH))
        cells.append(cell)
    width, height = max(cell.width for cell in cells), max(cell.height for cell in cells)
    columns = min(_SHEET_COLUMNS, len(cells))
    sheet = Pictures.new("RGB", (columns * width, math.ceil(len(cells) / columns) * height), (24, 24, 27))
    for number, cell in enumerate(cells):
        sheet.paste(cell, (number % columns * width, number // columns * height))
    return sheet
