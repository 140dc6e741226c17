r"""The words of an item in passages that a claim can point to: paragraphs, or moments of a recording.

A paragraph is a line that is not empty, numbered from 1. In a transcript a passage begins at a line that
begins with its moment, `00:12` or `1:02:03`, and may say until when: `00:12-00:20`.

>>> [passage.place for passage in passages("text", "First.\n\nSecond.")]
['¶1', '¶2']
>>> [passage.place for passage in passages("transcript", "00:12 They come out.\n00:20-00:31 Shots.")]
['00:12', '00:20-00:31']
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from ..base import BadInput
from .accounts import Locator
from .vocabularies import vocabulary

TRANSCRIPT = "transcript"
_MOMENT = r"(?:\d{1,3}:)?\d{1,3}:\d{2}"
_TIMED = re.compile(rf"\[?({_MOMENT})(?:\s*[-–]\s*({_MOMENT}))?\]?[\s:.–-]*(.*)", re.ASCII)
_PLACE = re.compile(
    rf"""(?:text\ (?P<text>[1-9]\d{{0,3}})(?:,\ ?|\ )?)?
    (?:(?:page\ (?P<page>[1-9]\d{{0,5}}))?(?:,\ ?|\ )?
       (?:(?:¶|§|\#)?\s?(?P<first>[1-9]\d{{0,5}})(?:\s?[-–]\s?(?P<last>[1-9]\d{{0,5}}))?)?
     |(?P<start>{_MOMENT})(?:\s?[-–]\s?(?P<end>{_MOMENT}))?)""",
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
# Places that are no closer than the item: what tables and interviews say.
WHOLE = ("excerpt", "sealed testimony", "whole item")


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage: its number from 1, the place as locators write it, its words."""

    number: int
    place: str
    words: str
    start_seconds: float | None = None
    end_seconds: float | None = None


def passages(text_kind: str, body: str) -> tuple[Passage, ...]:
    """The passages of a text. Raises BadInput for a kind that is no term of text_kind."""
    vocabulary("text_kind").check(text_kind)
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    if text_kind == TRANSCRIPT and any(_TIMED.fullmatch(line) for line in lines):
        return tuple(_moments(lines))
    return tuple(Passage(number, f"¶{number}", line) for number, line in enumerate(lines, 1))


def check_transcript(body: str) -> None:
    """Raises BadInput where a transcript names no moment, or its moments go backwards."""
    timed = [passage for passage in passages(TRANSCRIPT, body) if passage.start_seconds is not None]
    if not timed:
        raise BadInput(
            "A transcript has lines that begin with their moment, such as 00:12: found none; write them."
        )
    for before, after in pairwise(timed):
        assert before.start_seconds is not None
        assert after.start_seconds is not None
        if after.start_seconds < before.start_seconds:
            raise BadInput(
                f"The moments of a transcript go forward: found {after.place} after {before.place}; "
                "correct one of the two."
            )
    for passage in timed:
        # a span that runs backwards is refused by the locator itself
        Locator("", start_seconds=passage.start_seconds, end_seconds=passage.end_seconds)


def _moments(lines: list[str]) -> list[Passage]:
    found: list[Passage] = []
    for line in lines:
        timed = _TIMED.fullmatch(line)
        if timed:
            start, end, words = timed.groups()
            place = f"{start}-{end}" if end else start
            until = _seconds(end) if end else None
            found.append(Passage(len(found) + 1, place, words, _seconds(start), until))
        elif found and found[-1].start_seconds is not None:
            found[-1] = replace(found[-1], words=f"{found[-1].words} {line}".strip())
        else:  # words before the first moment
            found.append(Passage(len(found) + 1, f"¶{len(found) + 1}", line))
    return found


def _seconds(moment: str) -> float:
    """`1:02:03` or `62:03` in seconds. Raises BadInput where a minute has more than 59 seconds."""
    *hours, minutes, seconds = map(int, moment.split(":"))
    if seconds > 59 or (hours and minutes > 59):
        raise BadInput(f"A moment is written MM:SS or H:MM:SS: found {moment}; correct it.")
    return float((hours[0] if hours else 0) * 3600 + minutes * 60 + seconds)


def read_place(text: str, *, item: str) -> Locator:
    """The locator that is written so: `¶3`, `¶3-5`, `page 2 ¶3`, `00:12`, `00:12-00:20`, and before any of
    them `text 2` where several texts of the item were taken down.

    Raises BadInput for anything else.
    """
    clean = text.strip()
    if clean in WHOLE:
        return Locator(item)
    found = _PLACE.fullmatch(clean)
    if not clean or found is None:
        raise BadInput(
            "A place in the item is written ¶3, ¶3-5, page 2 ¶3, 00:12, 00:12-00:20, and “text 2” before it "
            f"for the second text: found {clean[:60]!r}; write it so."
        )
    return Locator(
        item,
        text=_number(found["text"]),
        page=_number(found["page"]),
        paragraph=_number(found["first"]),
        last_paragraph=_number(found["last"]),
        start_seconds=_seconds(found["start"]) if found["start"] else None,
        end_seconds=_seconds(found["end"]) if found["end"] else None,
    )


def write_place(locator: Locator) -> str:
    """A locator as `read_place` reads it; the whole item where it names nothing closer."""
    parts = [f"text {locator.text}" if locator.text else "", f"page {locator.page}" if locator.page else ""]
    if locator.paragraph is not None:
        last = f"-{locator.last_paragraph}" if locator.last_paragraph is not None else ""
        parts.append(f"¶{locator.paragraph}{last}")
    if locator.start_seconds is not None:
        last = f"-{_moment(locator.end_seconds)}" if locator.end_seconds is not None else ""
        parts.append(f"{_moment(locator.start_seconds)}{last}")
    return " ".join(filter(None, parts)) or WHOLE[-1]


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _moment(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
