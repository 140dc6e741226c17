"""Public statements: an utterance, apart from its reports.

Many pages tell of one utterance, with another day, another scope, or without its later
withdrawal. The utterance is one thing; each report says what one item has of it. An utterance is
no crime by itself: only a speaker with effective command or control can deny quarter (R-30), and
that is for `qualify` to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..base import BadInput, UncertainDate
from .accounts import Locator, date_left_possible
from .vocabularies import vocabulary


class Footing(StrEnum):
    """On which words of the speaker a coding rests."""

    LITERAL = "the speaker's own words"
    TRANSLATION_ONLY = "a translation only"
    PARAPHRASE = "a paraphrase only"


def footing(*, literal: bool, translated: bool) -> Footing:
    """On what a coding rests; from anything but the speaker's own words nothing is coded for good (1.12)."""
    if literal:
        return Footing.LITERAL
    return Footing.TRANSLATION_ONLY if translated else Footing.PARAPHRASE


@dataclass(frozen=True, slots=True)
class StatementReport:
    """What one item says of an utterance.

    `literal` is True where the item gives the speaker's words in their language and not only a
    translation or a paraphrase: nothing is coded from a translation alone. `withdrawal` is True
    where the item tells that the speaker took the utterance back.
    Raises BadInput where the locator lies in another item.
    """

    item: str
    made: UncertainDate | None = None
    scope: str = ""
    language: str = ""
    literal: bool = False
    withdrawal: bool = False
    locator: Locator | None = None

    def __post_init__(self) -> None:
        if self.locator is not None and self.locator.item != self.item:
            raise BadInput(
                f"A report of a statement stands in its item {self.item}: found a place in "
                f"{self.locator.item}; correct one of the two."
            )


@dataclass(frozen=True, slots=True)
class PublicStatement:
    """One utterance of one speaker: an order, a call, a threat, an approval, or their contrary.

    `speaker_name` is for public figures only; `speaker_office` is the office at the time. The terms
    are those of the vocabularies speech_act, statement_content, command_relation, audience,
    speaker_role and party_reaction. Raises BadInput for other terms and for a statement that no
    item reports.
    """

    id: str
    speaker_office: str
    speaker_party: str
    speech_act: str
    reports: tuple[StatementReport, ...]
    speaker_name: str = ""
    speaker_role: str = "unknown"
    official_capacity: bool | None = None
    command_relation: str = "unknown"
    contents: tuple[str, ...] = ()
    audience: str = "unknown"
    party_reaction: str = "unknown"

    def __post_init__(self) -> None:
        vocabulary("speech_act").check(self.speech_act)
        vocabulary("speaker_role").check(self.speaker_role)
        vocabulary("command_relation").check(self.command_relation)
        vocabulary("audience").check(self.audience)
        vocabulary("party_reaction").check(self.party_reaction)
        for content in self.contents:
            vocabulary("statement_content").check(content)
        if not self.reports:
            raise BadInput(
                f"The statement {self.id} needs at least one item that reports it: found none; name it."
            )

    def made(self) -> UncertainDate | None:
        """When it was made, as its reports together leave it possible; None where none says."""
        return date_left_possible([report.made for report in self.reports if report.made is not None])

    @property
    def heard_literally(self) -> bool:
        """True where at least one item gives the speaker's own words."""
        return any(report.literal for report in self.reports)

    @property
    def withdrawn(self) -> bool:
        """True where at least one item tells that it was taken back, though others may not."""
        return any(report.withdrawal for report in self.reports)
