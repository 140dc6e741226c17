"""What must be said with a step of examining an item, and who may check whose."""

from __future__ import annotations

from lieber.base import BadInput

from .permissions import NotAllowed

LONGEST = 10_000


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


def check_likeness(*, one: str, other: str, reason: str) -> None:
    """A judgement is on two exhibits, and says why in words that somebody else can follow."""
    if one == other:
        raise BadInput("A judgement is on two exhibits: found one twice; name another.")
    if not reason.strip():
        raise BadInput("Somebody else must be able to come to the same: write why they are the same or not.")
    if len(reason) > LONGEST:
        raise BadInput(f"A reason has at most {LONGEST} characters: found {len(reason)}.")
