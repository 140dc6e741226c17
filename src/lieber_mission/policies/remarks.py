"""What officers may say to each other about things of the register."""

from __future__ import annotations

from collections.abc import Collection

from lieber.base import LieberError

LONGEST = 10_000
MOST_AT_ONCE = 200


class CommentRefused(LieberError):
    """The comment says nothing, is too long, or calls somebody who cannot read it."""


def check_comment(body: str) -> None:
    """A comment has words, and not too many of them."""
    if not body.strip():
        raise CommentRefused("A comment needs words; write some.")
    if len(body) > LONGEST or "\x00" in body:
        raise CommentRefused(f"A comment takes at most {LONGEST} characters: found {len(body)}; shorten it.")


def check_known(handles: Collection[str], known: Collection[str]) -> None:
    """Whoever is called is an officer of the mission."""
    if unknown := sorted(set(handles) - set(known)):
        raise CommentRefused(
            f"No officer has the handle @{unknown[0]}; compare it with the list of officers."
        )


def check_can_read(titles: Collection[str]) -> None:
    """Whoever is called may know of what the comment is about; `titles` are those who may not."""
    if titles:
        raise CommentRefused(
            f"{min(titles)} cannot read this, by their roles or because it lies in a compartment of which "
            "they are no member; do not call them here."
        )


def check_number(number: int) -> None:
    """One comment goes to some things at a time."""
    if not 0 < number <= MOST_AT_ONCE:
        raise CommentRefused(f"Select 1 to {MOST_AT_ONCE} incidents to comment on: found {number}.")
