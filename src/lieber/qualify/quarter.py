"""Denial of quarter: a statement alone is no crime (R-30).

Elements of Crimes, article 8(2)(b)(xii), element 3: the perpetrator was in a position of effective
command or control over the subordinate forces to which the declaration or order was directed.
"""

from __future__ import annotations

from ..base import LieberError
from ..code import vocabulary

COMMANDS = frozenset({"effective_command", "effective_control"})


class NotQualified(LieberError):
    """A rule of law does not apply, or it is not known that it does."""


def check_command(command_relation: str) -> None:
    """The gate before every qualification as denial of quarter.

    Raises NotQualified where the speaker's command or control over those addressed is not shown.
    """
    if vocabulary("command_relation").check(command_relation) in COMMANDS:
        return
    if command_relation == "unknown":
        raise NotQualified(
            "Denial of quarter is not qualified: whether the speaker has effective command or control over "
            "the forces addressed was not assessed; assess it, or leave the statement registered."
        )
    raise NotQualified(
        "Denial of quarter is not qualified: it needs effective command or control over the forces "
        "addressed, and what is shown of the speaker is less; the statement stays registered."
    )
