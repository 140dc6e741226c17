"""What was asked of others, and what may be said of their answer or silence (R-32).

In: the days of a request and what came back. Out: where it stands on a day, and the words that a public
text uses of it. The same rule for every party: nothing here knows one. That somebody is silent is
concluded by an officer and never by the calendar: a deadline that passed makes a request overdue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ..base import BadInput
from ..code import vocabulary

# Within so many days before its deadline a request is due soon.
SOON_DAYS = 7
SILENCE = "06"
# What came back asks something of the mission first: the request is still waited for.
_NOT_YET = frozenset({"04"})
# Spoken to without publicity: no public text tells of it.
_NEVER_PUBLIC = frozenset({"confidential_contact"})


class FollowUpState(StrEnum):
    """Where a follow-up stands on a day."""

    OPEN = "open"
    DUE_SOON = "due soon"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    SILENT = "silent"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a term of `response`, one of `attribution_declared` where one was said, the day.

    Raises BadInput for other terms.
    """

    response: str
    declared: str = ""
    received: date | None = None

    def __post_init__(self) -> None:
        vocabulary("response").check(self.response)
        if self.declared:
            vocabulary("attribution_declared").check(self.declared)


@dataclass(frozen=True, slots=True)
class Asked:
    """A follow-up: what it is, by a term of `follow_up`, and its days.

    Raises BadInput for another term, and for days out of order.
    """

    kind: str
    sent: date | None = None
    due: date | None = None
    closed: date | None = None

    def __post_init__(self) -> None:
        vocabulary("follow_up").check(self.kind)
        for name, day in (("deadline", self.due), ("day of closing", self.closed)):
            if self.sent and day and day < self.sent:
                raise BadInput(f"The {name} lies on or after the day of sending {self.sent}: found {day}.")


def state_on(asked: Asked, answers: Iterable[Answer], *, today: date) -> FollowUpState:
    """Where a follow-up stands on a day; what came later than that day is not known on it."""
    known = _known(answers, today)
    if asked.closed and asked.closed <= today:
        return FollowUpState.CLOSED
    if any(answer.response not in _NOT_YET | {SILENCE} for answer in known):
        return FollowUpState.ANSWERED
    if any(answer.response == SILENCE for answer in known):
        return FollowUpState.SILENT
    if asked.due is None:
        return FollowUpState.OPEN
    if today > asked.due:
        return FollowUpState.OVERDUE
    return FollowUpState.DUE_SOON if (asked.due - today).days <= SOON_DAYS else FollowUpState.OPEN


def _known(answers: Iterable[Answer], today: date) -> list[Answer]:
    """The answers of a day, oldest first; those without a day before all others."""
    known = [answer for answer in answers if answer.received is None or answer.received <= today]
    return sorted(known, key=lambda answer: answer.received or date.min)


# What a party said whose deed it was: this is told before how it answered.
_DECLARED: Mapping[str, str] = {
    "0101": "{on}{who} stated circumstances of the incident",
    "0102": "{on}{who} denied that the incident took place",
    "0103": "{on}{who} acknowledged that the incident took place and denied responsibility",
    "0104": "{on}{who} gave another explanation of the incident",
    "0105": "{on}{who} accepted responsibility",
    "0201": "{on}{who} stated circumstances of the incident",
    "0202": "{on}{who} denied that the incident took place",
    "0203": "{on}{who} denied responsibility",
    "0204": "{on}{who} gave another explanation of the incident",
    "0205": "{on}{who} acknowledged the deed or claimed it",
}
_ANSWERED: Mapping[str, str] = {
    "01": "{on}{who} did what was asked",
    "02": "{on}{who} promised to do what was asked",
    "0301": "{on}{who} denied that the incident took place",
    "0302": "{on}{who} hindered the request",
    "04": "{on}{who} asked for more information, and had not answered as of {today}",
    "05": "{on}{who} answered without addressing the substance",
}
# By kind: while it is waited for, and after the deadline.
_WAITED: Mapping[str, tuple[str, str]] = {
    "request_for_comment": (
        "{who} has not commented as of {today}",
        "{who} had not answered the request for comment by the deadline of {due}",
    ),
    "access_request": (
        "{who} has not answered the request for access as of {today}",
        "{who} had not answered the request for access by the deadline of {due}",
    ),
    "demand_for_investigation": (
        "{who} has not answered the demand for an investigation as of {today}",
        "{who} had not answered the demand for an investigation by the deadline of {due}",
    ),
    "remedy": (
        "{who} has not provided a remedy as of {today}",
        "{who} had not provided a remedy by the deadline of {due}",
    ),
}
# What is no request: what was done, as far as it is known.
_DONE: Mapping[str, str] = {
    "referral": "material was handed to {who}{on_sent}",
    "investigation": "{who} opened an investigation{on_sent}; no outcome was known to the mission as of "
    "{today}",
    "court_case": "the matter is before {who}{since_sent}; no outcome was known to the mission as of {today}",
    "publicity": "it was made public{on_sent}",
}


def public_words(asked: Asked, answers: Iterable[Answer], *, who: str, today: date) -> str:
    """What a public text says of a follow-up on a day, in English; empty where it must say nothing.

    `who` is the authority as the text calls it. The last answer that is one decides; what a party
    declared of its responsibility is told before how it answered.
    """
    if asked.kind in _NEVER_PUBLIC:
        return ""
    known = _known(answers, today)
    said = [answer for answer in known if answer.response != SILENCE or answer.declared in _DECLARED]
    last = said[-1] if said else None
    return _pattern(asked, last, silent=len(said) < len(known), today=today).format(
        who=who,
        today=_written(today),
        due=_written(asked.due) if asked.due else "",
        on=f"on {_written(last.received)} " if last and last.received else "",
        on_sent=f" on {_written(asked.sent)}" if asked.sent else "",
        since_sent=f" since {_written(asked.sent)}" if asked.sent else "",
    )


def _pattern(asked: Asked, last: Answer | None, *, silent: bool, today: date) -> str:
    if last:
        return _DECLARED.get(last.declared) or _ANSWERED[last.response]
    if asked.kind in _DONE:
        return _DONE[asked.kind]
    waiting, late = _WAITED[asked.kind]
    return late if asked.due and (silent or today > asked.due) else waiting


_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def _written(day: date) -> str:
    """A day as public texts write it; without the locale of a machine."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
