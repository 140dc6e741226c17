"""The errors a user may read.

LieberError
└── BadInput        what was given cannot be used: expected, found, what to do

Subclasses by cause stand beside the code that raises them.
"""


class LieberError(Exception):
    """Base of every error of this project; its text is one sentence for the user."""


class BadInput(LieberError):
    """What was given cannot be used. The sentence says what was expected, what was found
    (file, line, field where known) and what to do."""
