"""What must be said with a step of examining an item, and who may check whose."""

from __future__ import annotations

from collections.abc import Sequence

from lieber.base import BadInput

from .permissions import NotAllowed

LONGEST = 10_000
# What may be done to a copy of a picture.
MARKED = ("annotation", "redaction", "crop")
MOST_BOXES, LONGEST_LABEL = 50, 200


def check_step(*, method: str, finding: str) -> None:
    """A step names its method and what was found, also where that is nothing."""
    if not method.strip() or not finding.strip():
        raise BadInput(
            "A step names its method and what was found by it, also where that is nothing: write both."
        )
    if len(method) > 500 or len(finding) > LONGEST:
        raise BadInput(f"A method has at most 500 characters, what was found {LONGEST}: write less.")


def check_placed(*, question: str, reason: str, located: bool, timed: bool) -> None:
    """A place or a span of time is given with the reason by which somebody else can come to it again."""
    if question not in {"geolocation", "chronolocation"}:
        raise BadInput("What is worked out is a place or a time: choose one.")
    if question == "geolocation" and not located:
        raise BadInput("A place is told by coordinates or in words: give one of the two.")
    if question == "chronolocation" and not timed:
        raise BadInput("A time is told by its earliest or latest moment: give one of the two.")
    if not reason.strip():
        raise BadInput("Somebody else must be able to come to the same: write how it was worked out.")
    if len(reason) > LONGEST:
        raise BadInput(f"A reason has at most {LONGEST} characters: found {len(reason)}.")


def check_second(*, author: str, second: str, outcome: str, note: str) -> None:
    """Nobody checks their own work, and whoever comes to something else says to what."""
    if author == second:
        raise NotAllowed("A second analyst checks what the first worked out: ask a colleague.")
    if outcome != "confirmed" and not note.strip():
        raise BadInput("Whoever comes to something else writes what, and how: write the note.")


def check_marked(
    *,
    how: str,
    boxes: Sequence[tuple[float, float, float, float]],
    labels: Sequence[str],
    reason: str,
) -> None:
    """A copy is marked, covered or cut in parts that lie in the picture, for a reason."""
    if how not in MARKED:
        raise BadInput(f"What is done to a copy is one of {', '.join(MARKED)}: found {how!r}.")
    if not boxes or len(boxes) > MOST_BOXES or (how == "crop" and len(boxes) > 1):
        raise BadInput(f"Name 1 to {MOST_BOXES} parts of the picture, for a crop one: found {len(boxes)}.")
    for left, top, right, bottom in boxes:
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise BadInput("A part lies in the picture: its left before its right, its top above its bottom.")
    if any(len(label) > LONGEST_LABEL for label in labels):
        raise BadInput(f"A label has at most {LONGEST_LABEL} characters: write less.")
    if not reason.strip() or len(reason) > LONGEST:
        raise BadInput(f"Whoever makes a copy writes what for, in at most {LONGEST} characters.")


def check_markable(media_type: str) -> None:
    """Pictures and films have parts that can be marked."""
    if not media_type.startswith(("image/", "video/")):
        raise BadInput(f"Parts are marked on a picture or a film: found {media_type or 'an unknown type'}.")


def check_likeness(*, one: str, other: str, reason: str) -> None:
    """A judgement is on two exhibits, and says why in words that somebody else can follow."""
    if one == other:
        raise BadInput("A judgement is on two exhibits: found one twice; name another.")
    if not reason.strip():
        raise BadInput("Somebody else must be able to come to the same: write why they are the same or not.")
    if len(reason) > LONGEST:
        raise BadInput(f"A reason has at most {LONGEST} characters: found {len(reason)}.")
