"""Who may code what: an account by its coder, the same passage again by another who has not seen it."""

from __future__ import annotations

from collections.abc import Collection

from lieber.base import LieberError


class CodingRefused(LieberError):
    """The coding cannot be recorded: the coder is not another one, or what is coded is sealed."""


def check_second_coder(officer: str, first_coders: Collection[str]) -> None:
    """Whoever codes a passage a second time did not code it the first time."""
    if officer in first_coders:
        raise CodingRefused(
            "A passage is coded a second time by another officer: you coded it first; ask somebody else."
        )


def check_once(already: bool) -> None:  # noqa: FBT001  # an answer that a query gave
    """Each officer codes a passage a second time once."""
    if already:
        raise CodingRefused("You coded this passage a second time already; it is beside the first coding.")


def check_not_sealed(pseudonym: str) -> None:
    """What a person told is sealed: no second coder reads it (R-16)."""
    if pseudonym:
        raise CodingRefused(
            "What was said in an interview is sealed: nobody codes it a second time from the register."
        )


def check_begun(begun: bool) -> None:  # noqa: FBT001  # an answer that a query gave
    """The first coding is hidden while the second one is made: it is begun before it is recorded."""
    if not begun:
        raise CodingRefused(
            "A second coding is begun first, so that the first one is hidden meanwhile; begin it and code "
            "again."
        )


def check_not_seen(left: bool) -> None:  # noqa: FBT001  # an answer that a query gave
    """Whoever left a second coding has been shown the first one since."""
    if left:
        raise CodingRefused(
            "You left the second coding of this passage, and the first one was shown to you since; ask "
            "somebody else."
        )
