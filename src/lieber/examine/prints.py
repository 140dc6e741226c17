"""What is kept of an exhibit for finding its copies: as values, as bytes, and compared with another's.

The prints of a picture, a film or a recording are made once, from the original. What is looked up (windows
turned in eight ways, mirrored frames) is needed once, when the exhibit is compared with all that is held;
what is found (`kept`) stays. Bytes are those of numpy's archive, without pickled objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ..base import BadInput
from .films import Film, Still, overlap
from .hamming import HASH_BYTES, RADIUS, Hashes
from .likeness import Kind, Likeness, of_films, of_pictures, of_sounds, picture_in_film
from .pictures import LEAST_QUALITY, WINDOW_RADIUS, Parts, PictureHashes, compare_pictures
from .sounds import Fingerprint, sound_overlap

_PART_FIELDS = ("hashes", "boxes", "shown", "turns", "qualities")
_NOTHING = Parts(
    np.empty((0, HASH_BYTES), np.uint8),
    np.empty((0, 4)),
    *(np.empty(0, np.uint8) for _ in range(3)),
)


class Lookup(NamedTuple):
    """Hashes (n, 32) that are looked up within so many bits."""

    hashes: Hashes
    radius: int


@dataclass(frozen=True, slots=True)
class Prints:
    """The prints of one exhibit: of what it shows, and of what it sounds like."""

    picture: PictureHashes | None = None
    film: Film | None = None
    sound: Fingerprint | None = None

    def rows(self) -> Hashes:
        """The hashes that an index holds (n, 32)."""
        if self.picture is not None:
            return self.picture.kept.hashes
        if self.film is None:
            return _NOTHING.hashes
        stills = [still.hashes.kept.hashes for still in self.film.stills]
        return np.concatenate([self.film.kept()[0], *stills])

    def lookups(self) -> tuple[Lookup, ...]:
        """What is to be looked up so that no copy within the radii is missed.

        Of a film that is its frames, straight and mirrored, and the windows of its stills.
        """
        if self.picture is not None:
            return (Lookup(self.picture.asked.hashes, WINDOW_RADIUS),)
        if self.film is None:
            return ()
        usable = self.film.qualities >= LEAST_QUALITY
        frames = [hashes[usable] for hashes in (self.film.hashes, self.film.mirrored)]
        windows = [still.hashes.asked.hashes for still in self.film.stills]
        return (Lookup(np.unique(np.concatenate([*frames, *windows]), axis=0), RADIUS),)

    @property
    def is_plain(self) -> bool:
        """Whether nothing of it can be compared."""
        return not len(self.rows()) and (self.sound is None or not len(self.sound))

    def kept(self) -> Prints:
        """What stays when the exhibit has been compared: nothing that is only looked up."""
        if self.picture is not None:
            return replace(self, picture=replace(self.picture, asked=_NOTHING))
        if self.film is None:
            return self
        stills = tuple(
            Still(still.seconds, replace(still.hashes, asked=_NOTHING)) for still in self.film.stills
        )
        return replace(self, film=replace(self.film, mirrored=self.film.hashes[:0], stills=stills))


def compared(a: str, prints: Prints, b: str, others: Prints) -> list[Likeness]:
    """Why exhibit a, whose prints are whole, and exhibit b are alike: at most one likeness of each kind."""
    seen = _seen_alike(a, prints, b, others)
    found = [] if seen is None else [seen]
    if prints.sound is not None and others.sound is not None:
        heard = sound_overlap(prints.sound, others.sound)
        if heard is not None:
            found.append(of_sounds(a, b, heard))
    return found


def _seen_alike(a: str, prints: Prints, b: str, others: Prints) -> Likeness | None:
    if prints.picture is not None:
        if others.picture is not None:
            likeness = compare_pictures(prints.picture.asked, others.picture.kept)
            return None if likeness is None else of_pictures(a, b, likeness)
        return None if others.film is None else picture_in_film(a, prints.picture, b, others.film)
    if prints.film is None:
        return None
    if others.film is not None:
        laid = overlap(prints.film, others.film)
        return None if laid is None else of_films(a, b, laid)
    return None if others.picture is None else _film_with_picture(a, prints.film, b, others.picture)


def _film_with_picture(a: str, film: Film, b: str, picture: PictureHashes) -> Likeness | None:
    """A film and a picture that was held before it: the nearest still is asked about."""
    nearest: tuple[bool, float, int, Likeness] | None = None
    for number, still in enumerate(film.stills):
        likeness = compare_pictures(still.hashes.asked, picture.kept)
        if likeness is None:
            continue
        found = of_pictures(a, b, likeness)
        reason = f"at second {still.seconds:.0f} {found.reason}"
        told = replace(found, kind=Kind.PICTURE_IN_FILM, reason=reason, offset_seconds=still.seconds)
        if nearest is None or (likeness.weak, likeness.distance, number) < nearest[:3]:
            nearest = (likeness.weak, likeness.distance, number, told)
    return None if nearest is None else nearest[3]


# ------------------------------------------------------------------ as bytes


def packed(prints: Prints) -> bytes:
    """The prints as bytes that `unpacked` reads."""
    arrays: dict[str, NDArray[Any]] = {}
    if prints.picture is not None:
        arrays |= _picture_arrays("picture", prints.picture)
    if prints.film is not None:
        film = prints.film
        arrays |= {
            "film.seconds": film.seconds,
            "film.hashes": film.hashes,
            "film.mirrored": film.mirrored,
            "film.qualities": film.qualities,
            "film.stills": np.array([still.seconds for still in film.stills], np.float64),
        }
        for number, still in enumerate(film.stills):
            arrays |= _picture_arrays(f"still{number}", still.hashes)
    if prints.sound is not None:
        arrays["sound"] = prints.sound
    target = BytesIO()
    np.savez_compressed(target, **arrays)  # type: ignore[arg-type]  # the stub has its flag among the arrays
    return target.getvalue()


def _picture_arrays(name: str, picture: PictureHashes) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {
        f"{name}.size": np.array([picture.width, picture.height, picture.quality], np.int64),
        f"{name}.inner": np.array(picture.inner, np.float64),
        f"{name}.whole": np.frombuffer(picture.whole, np.uint8),
    }
    for which, parts in (("kept", picture.kept), ("asked", picture.asked)):
        arrays |= {f"{name}.{which}.{field}": getattr(parts, field) for field in _PART_FIELDS}
    return arrays


def unpacked(content: bytes) -> Prints:
    """The prints in these bytes. Raises BadInput where they are no prints."""
    try:
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            return _prints({name: arrays[name] for name in arrays.files})
    except (ValueError, KeyError, OSError, EOFError, BadZipFile, IndexError, TypeError) as error:
        raise BadInput(
            f"Prints are an archive of arrays that `packed` wrote: found another ({error}); make them again."
        ) from None


def _prints(arrays: Mapping[str, NDArray[Any]]) -> Prints:
    film = None
    if "film.seconds" in arrays:
        stills = tuple(
            Still(float(seconds), _picture(f"still{number}", arrays))
            for number, seconds in enumerate(arrays["film.stills"])
        )
        film = Film(
            seconds=arrays["film.seconds"],
            hashes=arrays["film.hashes"],
            mirrored=arrays["film.mirrored"],
            qualities=arrays["film.qualities"],
            stills=stills,
        )
    picture = _picture("picture", arrays) if "picture.size" in arrays else None
    return Prints(picture, film, arrays.get("sound"))


def _picture(name: str, arrays: Mapping[str, NDArray[Any]]) -> PictureHashes:
    width, height, quality = (int(number) for number in arrays[f"{name}.size"])
    left, top, right, bottom = (float(edge) for edge in arrays[f"{name}.inner"])
    kept, asked = (
        Parts(*(arrays[f"{name}.{which}.{field}"] for field in _PART_FIELDS)) for which in ("kept", "asked")
    )
    whole = arrays[f"{name}.whole"].tobytes()
    return PictureHashes(width, height, whole, quality, (left, top, right, bottom), kept, asked)
