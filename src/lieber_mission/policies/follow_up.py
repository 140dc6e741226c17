"""What may be recorded about requests, investigations and answers: alike for each party (R-32)."""

from __future__ import annotations

from datetime import date

from lieber.assess import Answer, Asked
from lieber.base import LieberError
from lieber.code import vocabulary

SILENCE = "06"


class FollowUpRefused(LieberError):
    """The follow-up or the answer lacks a part, or says what cannot be."""


def check_follow_up(*, asked: Asked, party: str, addressee: str, subject: str, today: date) -> None:
    """A follow-up says whom it concerns and about what; nothing was sent tomorrow."""
    if not party.strip() and not addressee.strip():
        raise FollowUpRefused("A follow-up needs the party or the authority that it concerns; write one.")
    if not subject.strip():
        raise FollowUpRefused("A follow-up needs its subject in a few words; write it.")
    if asked.sent and asked.sent > today:
        raise FollowUpRefused(f"What is sent later is recorded when it is sent: found {asked.sent}.")


def check_closing(*, closed_on: date | None, closed_why: str, today: date) -> None:
    """What is not waited for any longer says why."""
    if closed_on and not closed_why.strip():
        raise FollowUpRefused("A follow-up that is closed needs the reason in words; write it.")
    if closed_on and closed_on > today:
        raise FollowUpRefused(f"A follow-up is closed today or was before: found {closed_on}.")


def check_response(*, asked: Asked, answer: Answer, today: date) -> None:
    """An answer came after the question and before today; silence is there once a deadline has passed."""
    if answer.received and answer.received > today:
        raise FollowUpRefused(f"An answer came today or before: found {answer.received}.")
    if answer.received and asked.sent and answer.received < asked.sent:
        raise FollowUpRefused(
            f"An answer comes on or after the day of sending {asked.sent}: found {answer.received}."
        )
    if answer.response == SILENCE:
        _check_silence(asked, answer, today)


def _check_silence(asked: Asked, answer: Answer, today: date) -> None:
    label = vocabulary("response").label(SILENCE)
    if asked.due is None:
        raise FollowUpRefused(
            f"“{label}” needs a deadline that passed: this follow-up has none; set one first."
        )
    if (answer.received or today) <= asked.due:
        raise FollowUpRefused(
            f"“{label}” is recorded after the deadline of {asked.due}: wait until it has passed."
        )
    if answer.declared:
        raise FollowUpRefused("Whoever declared something was not silent: choose what came back.")
