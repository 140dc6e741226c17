"""The way of a drafted finding: its states, and who leads it from one to the next (R-17).

States and transitions are data (`review.toml` beside this module). A state is never stored: it follows
from the versions of a proposal, from what reviewers said of its last one, and from whether the finding
stands in the register. Reviewers are blind to each other until all who are needed have spoken.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources

from ..base import BadInput, LieberError


class Decision(StrEnum):
    """What a reviewer says; the words are those of the vocabulary `review_decision`."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Word:
    """A state or a deed: its labels by language, and what it means in English."""

    word: str
    labels: Mapping[str, str]
    means: str

    def label(self, language: str = "en") -> str:
        """The label in the language, else in English."""
        return self.labels.get(language) or self.labels["en"]


@dataclass(frozen=True, slots=True)
class Transition:
    """From a state, by a deed of somebody, to a state."""

    before: str
    deed: str
    who: str
    after: str


@dataclass(frozen=True, slots=True)
class Course:
    """All states, deeds and transitions of a proposal."""

    version: str
    effective_from: date
    who: Mapping[str, str]
    states: Mapping[str, Word]
    deeds: Mapping[str, Word]
    transitions: tuple[Transition, ...]

    def step(self, before: str, deed: str) -> Transition | None:
        """The transition of this deed from this state, None where there is none."""
        return next((each for each in self.transitions if (each.before, each.deed) == (before, deed)), None)

    def final(self) -> frozenset[str]:
        """The states that nothing leads away from."""
        return frozenset(self.states) - {each.before for each in self.transitions}


class NotOnThisCourse(LieberError):
    """The deed leads nowhere from the state in which the proposal is, or is another officer's."""


def read_course(text: str) -> Course:
    """The course that this TOML text holds.

    Raises BadInput where a part is missing, or a transition names what is in no list.
    """
    try:
        raw = tomllib.loads(text)
        course = Course(
            version=raw["version"],
            effective_from=raw["effective_from"],
            who=raw["who"],
            states=_words(raw["states"]),
            deeds=_words(raw["deeds"]),
            transitions=tuple(Transition(**part) for part in raw["transition"]),
        )
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"The course of a review is a TOML text: {error}; correct that line.") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"The course of a review lacks a part or has one that is not known: {error}; see the shipped one."
        ) from None
    _check(course)
    return course


@cache
def shipped_course() -> Course:
    """The course that ships with the method."""
    return read_course(resources.files(__package__).joinpath("review.toml").read_text("utf-8"))


def _words(raw: Mapping[str, Mapping[str, str]]) -> dict[str, Word]:
    return {
        word: Word(word, {key: text for key, text in row.items() if key != "means"}, row["means"])
        for word, row in raw.items()
    }


def _check(course: Course) -> None:
    """Raises BadInput where a transition leads from or to what is not listed, or one is there twice."""
    seen: set[tuple[str, str]] = set()
    for each in course.transitions:
        known = each.before in course.states and each.after in course.states
        if not known or each.deed not in course.deeds or each.who not in course.who:
            raise BadInput(
                f"A transition names a state, a deed and a person of the lists: found {_named(each)}; add it."
            )
        if (each.before, each.deed) in seen:
            raise BadInput(f"A deed leads from a state to one other: found {_named(each)} twice; remove one.")
        seen.add((each.before, each.deed))


def _named(each: Transition) -> str:
    return f"{each.before}, {each.deed} by {each.who}, {each.after}"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one reviewer said of one version of a proposal."""

    reviewer: str
    of_version: int
    decision: str


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides in which state a proposal is.

    `version` is its last one (0 for a draft), `authors` all who wrote a version of it, `needed` how many
    reviewers must speak on a version, `spoken` what they said of any version.
    """

    version: int
    authors: frozenset[str]
    needed: int
    spoken: Sequence[Spoken] = ()
    withdrawn: bool = False
    recorded: bool = False

    @property
    def on_last(self) -> tuple[Spoken, ...]:
        """What was said of the last version."""
        return tuple(each for each in self.spoken if each.of_version == self.version)

    @property
    def state(self) -> str:
        """The state of the course."""
        if not self.version:
            return "drafted"
        if self.recorded:
            return "recorded"
        if self.withdrawn:
            return "withdrawn"
        said = {each.decision for each in self.on_last}
        if len(self.on_last) < self.needed:
            return "submitted"
        if Decision.REJECT in said:
            return "rejected"
        return "returned" if Decision.RETURN in said else "agreed"

    def after(self, decision: Decision) -> str:
        """The deed of the course that this answer of a reviewer is: the last answer decides with all."""
        said = {each.decision for each in self.on_last} | {decision}
        if len(self.on_last) + 1 < self.needed:
            return "wait"
        if Decision.REJECT in said:
            return "reject"
        return "return" if Decision.RETURN in said else "agree"

    def agreed(self) -> tuple[str, ...]:
        """The reviewers who agreed to the last version, in the order in which they spoke."""
        return tuple(each.reviewer for each in self.on_last if each.decision == Decision.APPROVE)


def check_deed(
    standing: Standing, deed: str, *, officer: str, roles: frozenset[str], course: Course
) -> Transition:
    """The transition of a deed by an officer; `roles` are those of the course that the officer's rights
    open to them: `author`, `reviewer`, `analyst`.

    Raises NotOnThisCourse where the deed leads nowhere from here, or is not this officer's.
    """
    step = course.step(standing.state, deed)
    if step is None:
        raise NotOnThisCourse(
            f"A proposal that is “{course.states[standing.state].label()}” does not go that way: load the "
            "page again and see where it stands."
        )
    problem = _not_theirs(standing, step, officer, roles)
    if problem:
        raise NotOnThisCourse(problem)
    return step


def _not_theirs(standing: Standing, step: Transition, officer: str, roles: frozenset[str]) -> str:
    """Why a step is not this officer's; empty where it is. One person is one officer, whatever the roles."""
    if step.who not in roles:
        return f"Only whoever {shipped_course().who[step.who].split(',')[0]} does this: ask them."
    if step.who == "author" and standing.authors and officer not in standing.authors:
        return "Only its author does this: write to the author, or draft a finding of your own."
    if step.who == "reviewer":
        if officer in standing.authors:
            return "Nobody reviews what they wrote: ask another reviewer of the mission."
        if officer in {each.reviewer for each in standing.on_last}:
            return "You have spoken on this version: an answer is given once."
    if step.who == "analyst" and not set(standing.agreed()) - {officer} - standing.authors:
        return "Whoever agreed does not record it: the author or another analyst does."
    return ""


def may_see_answer(standing: Standing, *, of: Spoken, viewer: str) -> bool:
    """Whether an officer may see what a reviewer said: their own always, of others what is not open any
    more. Of the last version that is once all who are needed have spoken; earlier versions are closed.
    """
    if of.reviewer == viewer:
        return True
    open_still = standing.state == "submitted" and of.of_version == standing.version
    return not open_still


def visible(standing: Standing, viewer: str) -> tuple[Spoken, ...]:
    """What of the answers an officer may see."""
    return tuple(each for each in standing.spoken if may_see_answer(standing, of=each, viewer=viewer))


def reviewers_needed(tier: str, asked: int, by_tier: Mapping[str, int]) -> int:
    """How many reviewers must speak: what the methodology asks of the tier or the author, and never none."""
    return max(1, asked, by_tier.get(tier, 0))
