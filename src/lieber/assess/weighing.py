"""What speaks for a finding and against it, and what else could explain the incident.

Claims are picked, not retold: each names an account and what of it speaks. So nothing that a witness said
stands a second time where an erasure would not find it. The alternatives are data (`alternatives.toml`);
from *verified* upward each is answered in words (R-08).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ..base import BadInput, check_id
from .tiers import Tier

ALTERNATIVES_NEEDED = Tier.VERIFIED
# What of an account can speak for a finding or against it.
PARTS = ("whole", "date", "place", "number", "victims", "status", "manner", "perpetrator")


@dataclass(frozen=True, slots=True, order=True)
class PickedClaim:
    """An account and what of it speaks; written `ACC-…:part` in forms."""

    account: str
    part: str = "whole"

    def __post_init__(self) -> None:
        check_id(self.account, "ACC")
        if self.part not in PARTS:
            raise BadInput(f"Of an account, {', '.join(PARTS)} can speak: found {self.part!r}; choose one.")

    def __str__(self) -> str:
        return f"{self.account}:{self.part}"


def read_claim(text: str) -> PickedClaim:
    """The claim written `ACC-…:part`. Raises BadInput for anything else."""
    account, _, part = text.partition(":")
    return PickedClaim(account, part or "whole")


def check_claims(
    claims_for: Iterable[PickedClaim], claims_against: Iterable[PickedClaim], *, accounts: Iterable[str]
) -> None:
    """Each claim is of an account of the incident, and speaks on one side only. Raises BadInput."""
    known, on_one = set(accounts), set(claims_for)
    on_other = set(claims_against)
    for claim in sorted(on_one | on_other):
        if claim.account not in known:
            raise BadInput(
                f"A finding rests on accounts of its incident: {claim.account} is not judged to be of it; "
                "leave it out, or judge it first."
            )
    if both := sorted(on_one & on_other):
        raise BadInput(
            f"A claim speaks for a finding or against it: found {both[0]} on both sides; take it from one."
        )


@dataclass(frozen=True, slots=True)
class Alternative:
    """Something else that could explain an incident: its label and the question, by language."""

    word: str
    labels: Mapping[str, str]
    questions: Mapping[str, str]

    def label(self, language: str = "en") -> str:
        """The label in the language, else in English."""
        return self.labels.get(language) or self.labels["en"]

    def question(self, language: str = "en") -> str:
        """The question in the language, else in English."""
        return self.questions.get(language) or self.questions["en"]


@cache
def alternatives() -> tuple[Alternative, ...]:
    """The alternatives that ship with the method."""
    text = resources.files(__package__).joinpath("alternatives.toml").read_text("utf-8")
    return tuple(
        Alternative(word, row["label"], row["question"])
        for word, row in tomllib.loads(text)["alternatives"].items()
    )


def write_alternatives(answers: Mapping[str, str]) -> str:
    """The answers as a finding keeps them: a paragraph each, after the word of its alternative."""
    known = [each.word for each in alternatives()]
    parts = [(word, " ".join(answers.get(word, "").split())) for word in known]
    return "\n".join(f"{word}: {answer}" for word, answer in parts if answer)


def read_alternatives(text: str) -> dict[str, str]:
    """The answers in the text of a finding; what is under no word known stands under an empty one."""
    known = {each.word for each in alternatives()}
    found: dict[str, str] = {}
    for line in text.splitlines():
        word, colon, answer = line.partition(": ")
        key = word if colon and word in known else ""
        rest = answer if key else line
        if rest.strip():
            found[key] = f"{found[key]}\n{rest.strip()}" if key in found else rest.strip()
    return found


def alternatives_considered(answers: Mapping[str, str]) -> bool:
    """True where each alternative is answered: the fact of this name is then met."""
    return all(answers.get(each.word, "").strip() for each in alternatives())


def missing_alternatives(tier: Tier, answers: Mapping[str, str]) -> Sequence[Alternative]:
    """The alternatives that a finding of this tier still has to answer; none below *verified*."""
    if tier < ALTERNATIVES_NEEDED:
        return ()
    return [each for each in alternatives() if not answers.get(each.word, "").strip()]
