"""Legal rules, element by element, as far as they are needed before findings are qualified.

In: what is coded. Out: whether a rule may apply, with the sentence that says why not.
"""

from .quarter import COMMANDS, NotQualified, check_command

__all__ = ["COMMANDS", "NotQualified", "check_command"]
