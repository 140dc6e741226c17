"""Find the copies of an exhibit among all that is held, and record what people judge of them.

What is found is a candidate: that two exhibits are of one origin is a person's judgement (R-07). The search
is exact within its radii, so no copy that the hashes show is left out; prints and candidates are made again
at any time, and are no rows of the register.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Q
from numpy.typing import NDArray

from lieber.base import RANDOM_BYTES, new_id
from lieber.examine.hamming import HASH_BYTES, HashIndex
from lieber.examine.likeness import Likeness as Alike
from lieber.examine.prints import Prints, compared, packed, unpacked
from lieber.examine.sound_index import SoundIndex
from lieber.link import Verdict

from ..models import Exhibit, Likeness, LikenessJudgement, Print
from ..outside.storage import storage
from ..parsing import Limited, NotInstalled, Stopped
from ..parsing.copies import NAME
from ..policies import examine as policy
from ..policies.permissions import Deed, Viewer, check_may
from ..queries.compartments import seen_by
from ..queries.exhibits import disposed_items, is_frozen
from ..queries.incidents import NotInRegister
from .examine import keep_answer
from .record import batches, hold_the_log, record
from .work import GivenUp

_SECONDS = 3_600
_PORTION = 2_000
# Prints of films are large: so many are held in memory at once.
_TOGETHER = 20


class Finder:
    """What one worker knows of all prints: it reads on where it was, and looks up in memory.

    About 130 bytes for each hash that is held and 20 for each number of sound.
    """

    def __init__(self) -> None:
        self._hashes = HashIndex.of(np.empty((0, HASH_BYTES), np.uint8))
        self._sounds = SoundIndex.empty()
        self._starts: NDArray[np.int64] = np.zeros(1, np.int64)
        self._numbers: list[int] = []

    def read_on(self) -> None:
        """Take in the prints that were made since."""
        last = self._numbers[-1] if self._numbers else 0
        found = Print.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "rows", "sound")
        for portion in _portions(found.iterator(_PORTION)):
            self._add(portion)

    def _add(self, portion: list[tuple[int, Any, Any]]) -> None:
        hashes = [np.frombuffer(bytes(rows), np.uint8).reshape(-1, HASH_BYTES) for _, rows, _ in portion]
        counts = np.cumsum([len(each) for each in hashes]) + self._starts[-1]
        self._hashes = self._hashes.with_added(np.concatenate(hashes))
        self._starts = np.concatenate([self._starts, counts])
        self._sounds = self._sounds.with_added(
            [(number, np.frombuffer(bytes(sound), np.uint32)) for number, _, sound in portion if sound]
        )
        self._numbers += [number for number, _, _ in portion]

    def near(self, prints: Prints) -> list[int]:
        """The numbers of the prints that may be of copies, in their order."""
        found: set[int] = set()
        for hashes, radius in prints.lookups():
            rows = np.unique(self._hashes.near_many(hashes, radius).rows)
            owners = np.unique(np.searchsorted(self._starts, rows, side="right") - 1)
            found |= {self._numbers[owner] for owner in owners}
        if prints.sound is not None:
            found |= set(self._sounds.near(prints.sound))
        return sorted(found)


def _portions(rows: Iterable[Any]) -> Iterator[list[Any]]:
    portion: list[Any] = []
    for row in rows:
        portion.append(row)
        if len(portion) == _PORTION:
            yield portion
            portion = []
    if portion:
        yield portion


def compare_exhibit(
    thing: str,
    *,
    finder: Finder,
    clock: Callable[[], datetime],
    tell: Callable[[str, float], None] = lambda _stage, _share: None,
) -> int:
    """Make the prints of an exhibit and note what it is like; returns with how many exhibits it is alike.

    Done again it comes to the same. Raises GivenUp where the exhibit is not there or its item is frozen.
    """
    row = Exhibit.objects.as_of(None).filter(thing=thing).first()
    if row is None or row.sha256 == "":
        raise GivenUp(f"No exhibit {thing} is in the register; it may have been erased.")
    if is_frozen(row.item):
        raise GivenUp("The item is frozen: its bytes are not what was recorded.")
    if disposed_items([row.item]):
        raise GivenUp("Its bytes were destroyed when its time was over.")
    tell("likeness", 0.0)
    try:
        told, prints = _prints_of(row)
    except NotInstalled as error:
        keep_answer(row, "likeness", "not_installed", reason=str(error), at=clock())
        return 0
    except Stopped as error:
        keep_answer(row, "likeness", "refused", reason=str(error), at=clock())
        return 0
    tool = str(told.pop("tool", ""))
    own = _remember(row.thing, prints, tool)
    tell("likeness", 0.5)
    finder.read_on()
    alike = list(_compared(row.thing, prints, [number for number in finder.near(prints) if number != own]))
    _note(row.thing, alike)
    outcome = "nothing" if prints.is_plain else "done"
    keep_answer(row, "likeness", outcome, tool=tool, result=told, at=clock())
    return len({each.b for each in alike})


def _prints_of(row: Exhibit) -> tuple[dict[str, Any], Prints]:
    """What the process apart says of a file, and its prints. Raises GivenUp, Stopped or NotInstalled."""
    keep = storage()
    with ExitStack() as stack:
        folder = stack.enter_context(keep.arriving(f"prints-{os.getpid()}-{os.urandom(6).hex()}"))
        parser = stack.enter_context(Limited())
        try:
            file = stack.enter_context(keep.open(row.root, row.stored, row.path))
        except FileNotFoundError:
            raise GivenUp("Its bytes are not in the storage; run `mission check --bytes`.") from None
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        stack.callback(os.close, descriptor)
        told = parser.ask(
            "likeness",
            file.fileno(),
            parameters={"media_type": row.media_type},
            folder=descriptor,
            seconds=_SECONDS,
        )
        return told, unpacked(Path(folder / NAME).read_bytes())


def _remember(thing: str, prints: Prints, tool: str) -> int:
    """Keep the prints under a new number. Numbers follow each other in the order in which they are seen:
    whoever holds the log writes alone."""
    sound = prints.sound.astype(np.uint32).tobytes() if prints.sound is not None else b""
    with transaction.atomic():
        hold_the_log()
        Print.objects.filter(exhibit=thing).delete()
        return Print.objects.create(
            exhibit=thing,
            made_with=tool[:200],
            rows=prints.rows().tobytes(),
            sound=sound,
            whole=packed(prints.kept()),
        ).pk


def _compared(thing: str, prints: Prints, numbers: list[int]) -> Iterator[Alike]:
    for some in (numbers[start : start + _TOGETHER] for start in range(0, len(numbers), _TOGETHER)):
        for other, whole in Print.objects.filter(pk__in=some).order_by("pk").values_list("exhibit", "whole"):
            yield from compared(thing, prints, other, unpacked(bytes(whole)))


def _note(thing: str, alike: list[Alike]) -> None:
    """Put down what an exhibit is like, in place of what was found before with the same ones."""
    with transaction.atomic():
        hold_the_log()
        others = {each.b for each in alike}
        # What was found from its side is found anew; what was found from the other's side stays with that.
        Likeness.objects.filter(left=thing).delete()
        for some in batches(others):
            Likeness.objects.filter(right=thing, left__in=some).delete()
        Likeness.objects.bulk_create(
            [
                Likeness(
                    left=thing,
                    right=each.b,
                    kind=each.kind.value,
                    distance=each.distance,
                    transform=each.transform,
                    reason=each.reason,
                    weak=each.weak,
                    offset_seconds=each.offset_seconds,
                    seconds=each.seconds,
                    share=each.share,
                )
                for each in alike
            ],
            batch_size=500,
        )


def judge_likeness(
    *, one: str, other: str, verdict: Verdict, reason: str, by: Viewer, at: datetime, on_version: int = 0
) -> str:
    """Record that two exhibits show the same footage, or do not; returns the judgement's id.

    A pair judged before gets a further version; `on_version` is the version that the officer saw, 0 where
    there was none. Raises NotAllowed, BadInput, NotInRegister or VersionConflict.
    """
    check_may(by, Deed.EXAMINE)
    policy.check_likeness(one=one, other=other, reason=reason)
    left, right = sorted((one, other))
    with transaction.atomic():
        hold_the_log()
        known = seen_by(Exhibit.objects.as_of(None).filter(thing__in=[left, right]), by)
        if known.count() != 2:  # a pair
            raise NotInRegister(
                "One of these exhibits is not in the register, or not for you; compare the ids."
            )
        thing = new_id(
            LikenessJudgement.prefix, hashlib.sha256(f"{left} {right}".encode()).digest()[:RANDOM_BYTES]
        )
        last = LikenessJudgement.objects.as_of(None).filter(thing=thing).first()
        said = {"verdict": verdict.value, "reason": reason.strip()}
        if last and all(getattr(last, name) == value for name, value in said.items()):
            return thing
        row = LikenessJudgement(
            thing=thing, version=on_version + 1, left_exhibit=left, right_exhibit=right, **said
        )
        record([row], by=by.officer_id, at=at)
    return thing


def forget_prints(exhibits: Iterable[str]) -> None:
    """Let go of what was made of exhibits for finding copies: with the erasure of what it was made of."""
    for some in batches(exhibits):
        Print.objects.filter(exhibit__in=some).delete()
        Likeness.objects.filter(Q(left__in=some) | Q(right__in=some)).delete()
