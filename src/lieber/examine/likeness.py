"""Which items show or sound the same, why, and the families that they make.

A likeness is a proposal to a person, never a judgement: it says what is the same, how far it differs in bits,
which seconds lie on which, and whether the other was mirrored or turned. A family is what pairs of alike
items connect; it names the pairs that carry it, so that whoever judges looks at few, and it says where it
hangs on something weak. Copies in a family are one origin (R-07), and the earliest publication leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .films import Film, Overlap
from .pictures import PictureHashes, PictureLikeness, Shown, Turn, compare_pictures
from .sounds import SoundOverlap


class Kind(StrEnum):
    """What is alike."""

    PICTURE = "picture"
    FILM = "film"
    PICTURE_IN_FILM = "picture_in_film"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class Likeness:
    """Items a and b are alike.

    `distance` is in bits of 256 for pictures and films, in per cent of bits that differ for sound.
    `transform` is what must be done to a: a word of Turn in lower case, and "cropped or covered" where only
    parts are alike. `offset_seconds` and `seconds` say where a lies in b and for how long, `share` how much
    of the shorter of both, of pictures how much of one is alike; None where there is no such thing.
    """

    a: str
    b: str
    kind: Kind
    distance: float
    transform: str
    reason: str
    weak: bool = False
    offset_seconds: float | None = None
    seconds: float | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """Items that likenesses connect, the earliest published first, those without a date last.

    `carried_by` are as few pairs as connect all members, the strongest that do; `pairs` are all of them.
    `doubtful` are the weak ones among `carried_by`: without them the family falls apart.
    """

    members: tuple[str, ...]
    published: date | None
    pairs: tuple[Likeness, ...]
    carried_by: tuple[Likeness, ...]
    doubtful: tuple[Likeness, ...]

    @property
    def warning(self) -> str:
        """A sentence where the family hangs on weak pairs, else empty."""
        if not self.doubtful:
            return ""
        names = "; ".join(f"{pair.a} and {pair.b} ({pair.reason})" for pair in self.doubtful)
        count = len(self.doubtful)
        return f"The family holds together by {count} weak pair{'s' if count > 1 else ''} only: {names}."


def of_pictures(a: str, b: str, found: PictureLikeness) -> Likeness:
    """The likeness of two pictures: a was asked about."""
    return Likeness(
        a, b, Kind.PICTURE, found.distance, _transform(found.turn, partly=found.shown is Shown.WINDOW),
        _picture_reason(found), weak=found.weak, share=found.covered,
    )  # fmt: skip


def _picture_reason(found: PictureLikeness) -> str:
    count = len(found.parts)
    if found.shown is Shown.WHOLE and count == 1:
        return f"the whole picture differs in {found.distance} of 256 bits"
    if found.shown is Shown.INNER and count == 1:
        return f"what lies inside the borders differs in {found.distance} of 256 bits"
    return (
        f"parts of both pictures are the same: {count}, over {round(100 * found.covered)}% of one of them; "
        f"the nearest differs in {found.distance} of 256 bits"
    )


def of_films(a: str, b: str, found: Overlap) -> Likeness:
    """The likeness of two films."""
    reason = _film_reason(found)
    if found.speed != 1:
        reason = f"the first plays at {found.speed:g} times the speed of the second; {reason}"
    return Likeness(
        a, b, Kind.FILM, found.distance, _transform(found.turn, partly=found.by_windows), reason,
        weak=found.weak, offset_seconds=found.offset_seconds, seconds=found.seconds_b, share=found.share,
    )  # fmt: skip


def _film_reason(found: Overlap) -> str:
    """Which seconds lie on which, and on how many frames that rests: a sentence of its own for each sort of
    overlap, since pages translate whole sentences."""
    seconds, first, second = round(found.seconds_a), round(found.first_a), round(found.first_b)
    frames, near = found.frames, found.near_frames
    if found.by_windows and found.views < 2:
        return (
            f"{seconds} s from second {first} of the first lie at second {second} of the second; "
            f"frames with the same parts: {frames}, of these surely: {near}, all of one view"
        )
    if found.by_windows:
        return (
            f"{seconds} s from second {first} of the first lie at second {second} of the second; "
            f"frames with the same parts: {frames}, of these surely: {near}"
        )
    if found.views < 2:
        return (
            f"{seconds} s from second {first} of the first lie at second {second} of the second; "
            f"frames that are alike: {frames}, of these nearly equal: {near}, all of one view"
        )
    return (
        f"{seconds} s from second {first} of the first lie at second {second} of the second; "
        f"frames that are alike: {frames}, of these nearly equal: {near}"
    )


def of_sounds(a: str, b: str, found: SoundOverlap) -> Likeness:
    """The likeness of two recordings of sound."""
    first_b = found.first_a + found.offset_seconds
    reason = (
        f"{round(found.seconds)} s of sound from second {round(found.first_a)} of the first lie at second "
        f"{round(first_b)} of the second; {round(100 * found.error)}% of the bits differ"
    )
    return Likeness(
        a, b, Kind.SOUND, 100 * found.error, _transform(Turn.SAME, partly=False), reason,
        weak=found.weak, offset_seconds=found.offset_seconds, seconds=found.seconds,
        share=min(1.0, found.share),
    )  # fmt: skip


def picture_in_film(a: str, picture: PictureHashes, b: str, film: Film) -> Likeness | None:
    """The likeness of a picture and the nearest still of a film, or None: a frame that was posted alone."""
    found = [
        (likeness.weak, likeness.distance, number, likeness)
        for number, still in enumerate(film.stills)
        if (likeness := compare_pictures(picture.asked, still.hashes.kept)) is not None
    ]
    if not found:
        return None
    *_, number, likeness = min(found, key=lambda each: each[:3])
    base, seconds = of_pictures(a, b, likeness), film.stills[number].seconds
    reason = f"at second {round(seconds)} {base.reason}"
    return Likeness(
        a, b, Kind.PICTURE_IN_FILM, base.distance, base.transform, reason,
        weak=base.weak, offset_seconds=seconds, share=base.share,
    )  # fmt: skip


def _transform(turn: Turn, *, partly: bool) -> str:
    word = turn.name.lower()
    return f"{word}, cropped or covered" if partly else word


def families(pairs: Iterable[Likeness], *, published: Mapping[str, date | None]) -> tuple[Family, ...]:
    """The families that these pairs make, by their earliest publication and then by name.

    The order of the pairs changes nothing. An item that `published` does not hold has no date.
    """
    ordered = sorted(pairs, key=_strength)
    above: dict[str, str] = {}
    carrying = [pair for pair in ordered if _join(above, pair.a, pair.b)]

    def age(name: str) -> tuple[bool, date, str]:
        day = published.get(name)
        return day is None, day or date.max, name

    groups: dict[str, list[str]] = {}
    for name in sorted(above, key=age):
        groups.setdefault(_root(above, name), []).append(name)
    made = [
        _family(
            members,
            published.get(members[0]),
            [pair for pair in ordered if _root(above, pair.a) == root],
            [pair for pair in carrying if _root(above, pair.a) == root],
        )
        for root, members in groups.items()
        if len(members) > 1
    ]
    return tuple(sorted(made, key=lambda family: age(family.members[0])))


def _family(
    members: Sequence[str], day: date | None, pairs: list[Likeness], carrying: list[Likeness]
) -> Family:
    doubtful = tuple(pair for pair in carrying if pair.weak)
    return Family(tuple(members), day, tuple(pairs), tuple(carrying), doubtful)


_KINDS = tuple(Kind)


def _strength(pair: Likeness) -> tuple[bool, float, int, str, str, str]:
    """The strongest first: what is not weak, then the larger share that is alike, then by name."""
    return pair.weak, -(pair.share or 0.0), _KINDS.index(pair.kind), pair.a, pair.b, pair.reason


def _root(above: dict[str, str], name: str) -> str:
    while above[name] != name:
        above[name] = above[above[name]]
        name = above[name]
    return name


def _join(above: dict[str, str], a: str, b: str) -> bool:
    """Connect two items; whether they were not connected before."""
    first, second = sorted((_root(above, above.setdefault(a, a)), _root(above, above.setdefault(b, b))))
    above[second] = first
    return first != second
