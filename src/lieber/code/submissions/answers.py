"""Answers as texts, before anything is read in them: what all formats of submissions come down to.

Paths are those of the form: the names of the groups and of the question, joined by `/`. What stands
at a path and is no text is kept as an `Odd`, so that the fault is told with its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..field_forms import VERSION_FIELD, Group, Outline, Question

# What devices and servers add to every submission. KoboToolbox's own begin with an underscore.
ADDED = frozenset(
    {
        "$edited",
        "deviceid",
        "email",
        "end",
        "formhub/uuid",
        "phonenumber",
        "simserial",
        "start",
        "subscriberid",
        "today",
        "username",
    }
)
META = "meta"
_MOST_STRANGERS = 100


@dataclass(frozen=True, slots=True)
class Odd:
    """Something that stands where an answer should: what it is, and what was expected instead."""

    found: str
    expected: str


TWICE = Odd("a name that stands twice", "each name once")
Answer = str | Odd


@dataclass(slots=True)
class Answers:
    """The answers of one submission, or of one repetition in it, by path; its repetitions by path."""

    texts: dict[str, Answer] = field(default_factory=dict)
    repeats: dict[str, list[Answers]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """True where nothing is answered here."""
        return not any(self.texts.values()) and not any(self.repeats.values())


@dataclass(slots=True)
class Untyped:
    """One submission as it came: its instance, when the server received it, its answers.

    `strangers` are paths that the form does not have there, with words for what stands at them.
    """

    instance: Answer
    received: Answer
    answers: Answers = field(default_factory=Answers)
    strangers: list[tuple[str, str]] = field(default_factory=list)

    def add_stranger(self, path: str, found: str) -> None:
        """Note what the form does not ask for; a file full of it is told by its first ones."""
        if len(self.strangers) < _MOST_STRANGERS:
            self.strangers.append((path, found))


@dataclass(frozen=True)
class Paths:
    """Where things stand in an outline: questions, groups and repeats by path."""

    outline: Outline

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """The questions by path."""
        return {each.path: each for each in self.outline.questions.values()}

    @cached_property
    def repeats(self) -> Mapping[str, Group]:
        """The groups that may be answered many times, by path."""
        return {each.path: each for each in self.outline.all_groups if each.repeat}

    @cached_property
    def groups(self) -> Mapping[str, Group]:
        """The other groups by path."""
        return {each.path: each for each in self.outline.all_groups if not each.repeat}

    def asks(self, path: str) -> bool:
        """True where a question stands at the path, the form's version among them."""
        return path in self.questions or path == VERSION_FIELD

    def repeat_around(self, path: str) -> str:
        """The path of the nearest repeat in which a path lies; empty for none."""
        around = [repeat for repeat in self.repeats if path.startswith(f"{repeat}/")]
        return max(around, key=len, default="")


def is_added(name: str) -> bool:
    """True for a name that a device or server adds and the form does not ask for."""
    return name.startswith(("_", f"{META}/")) or name in ADDED or "@odata." in name
