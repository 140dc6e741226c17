"""Prints of pictures, films and recordings, by which their copies are found."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lieber.base import BadInput, LieberError
from lieber.examine.films import Film, film_of, frames_of
from lieber.examine.pictures import PictureHashes, picture_hashes
from lieber.examine.prints import Prints, packed
from lieber.examine.sounds import Fingerprint, fingerprint_of

from .programs import said
from .sight import moving, opened, upright

NAME = "prints.npz"
_SOUND_SECONDS = 900


def prints(file: BinaryIO, *, media_type: str) -> dict[str, Any]:
    """The prints of a file, as `prints.npz` in the current folder; returns what they are of.

    A recording has none of what it shows, a silent film none of what it sounds like.
    """
    picture: PictureHashes | None = None
    film: Film | None = None
    sound: Fingerprint | None = None
    unheard = ""
    if media_type.startswith("image/"):
        shown = opened(file)
        if moving(shown):
            film = _film(file)
        else:
            picture = picture_hashes(np.asarray(upright(shown)))
    else:
        if media_type.startswith("video/"):
            film = _film(file)
        try:
            sound = _sound(file)
        except LieberError as error:
            if film is None:
                raise
            # A film without sound is told by what it shows.
            unheard = str(error)
    found = Prints(picture, film, sound)
    Path(NAME).write_bytes(packed(found))
    return {
        "tool": f"pdqhash {version('pdqhash')}" + (", fpcalc" if sound is not None else ""),
        "plain": found.is_plain,
        "hashes": len(found.rows()),
        "frames": len(film) if film is not None else 0,
        "stills": len(film.stills) if film is not None else 0,
        "numbers of sound": len(sound) if sound is not None else 0,
        "no sound": unheard,
    }


def _film(file: BinaryIO) -> Film:
    file.seek(0)
    return film_of(frames_of(file))


def _sound(file: BinaryIO) -> Fingerprint:
    """What fpcalc hears. Raises NotInstalled without it, LieberError where there is no sound."""
    file.seek(0)
    # The descriptor is opened anew as a file, so that the program can go back and forth in it.
    told = said(["fpcalc", "-raw", "-length", "0", "/dev/stdin"], file=file, seconds=_SOUND_SECONDS)
    for line in told.decode("ascii", "replace").splitlines():
        name, _, numbers = line.partition("=")
        if name == "FINGERPRINT":
            return fingerprint_of([int(number) for number in numbers.split(",") if number])
    raise BadInput("A fingerprint of sound was expected: fpcalc gave none.")
