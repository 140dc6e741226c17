"""What items say, put into terms: vocabularies, claims, accounts, public statements.

In: an item and what a coder reads in it. Out: accounts that keep each claim with its place in the
item, conflicts included, and public statements apart from their reports. Nothing here decides
what happened.

>>> from lieber.base import Quantifier
>>> account = Account("ACC", "ITM", (
...     Claim("killed_count", min=7, quantifier=Quantifier.AT_LEAST),
...     Claim("killed_count", min=9, max=9, quantifier=Quantifier.EXACT)))
>>> account.killed()
UncertainCount(min=7, best=None, max=9)
>>> coding("example").one("manner", "shot", of="manner")
'shooting'
"""

from .accounts import (
    COUNTED,
    Account,
    Claim,
    Locator,
    count_left_possible,
    date_left_possible,
    place_left_possible,
)
from .agreement import FieldAgreement, agreement, alpha
from .by_hand import CodedByHand, read_by_hand
from .passages import Passage, check_transcript, passages, read_place, write_place
from .statements import Footing, PublicStatement, StatementReport, footing
from .vocabularies import Coding, Term, Vocabulary, coding, read_coding, vocabulary, vocabulary_names

__all__ = [
    "COUNTED",
    "Account",
    "Claim",
    "CodedByHand",
    "Coding",
    "FieldAgreement",
    "Footing",
    "Locator",
    "Passage",
    "PublicStatement",
    "StatementReport",
    "Term",
    "Vocabulary",
    "agreement",
    "alpha",
    "check_transcript",
    "coding",
    "count_left_possible",
    "date_left_possible",
    "footing",
    "passages",
    "place_left_possible",
    "read_by_hand",
    "read_coding",
    "read_place",
    "vocabulary",
    "vocabulary_names",
    "write_place",
]
