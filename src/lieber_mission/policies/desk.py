"""What an officer may keep on their own desk."""

from __future__ import annotations

from lieber.base import LieberError

LONGEST_NAME = 80
LONGEST_QUERY = 2_000
MOST_VIEWS = 100


class ViewRefused(LieberError):
    """The view cannot be kept under this name."""


def check_view(*, name: str, query: str, kept: int) -> None:
    """A view has a name that others can read, and there are not more than can be overlooked."""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise ViewRefused(
            f"A view needs a name of 1 to {LONGEST_NAME} characters: found {len(name)}; name it."
        )
    if len(query) > LONGEST_QUERY:
        raise ViewRefused(f"A view takes an address of at most {LONGEST_QUERY} characters; ask for less.")
    if kept >= MOST_VIEWS:
        raise ViewRefused(
            f"An officer keeps at most {MOST_VIEWS} views of a list; let one of yours go first."
        )
