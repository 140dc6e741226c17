"""What may be recorded about public statements."""

from __future__ import annotations

from datetime import date

from lieber.base import LieberError
from lieber.code import vocabulary


class UtteranceRefused(LieberError):
    """The statement or the association lacks a part, or says what cannot be."""


def check_statement(*, speaker_office: str, speech_act: str, summary: str, literal_text: str) -> None:
    """An utterance has an office that made it and an act that it is; what it says stands somewhere."""
    if not speaker_office.strip():
        raise UtteranceRefused("A public statement needs the office of its speaker at the time; write it.")
    vocabulary("speech_act").check(speech_act)
    if not summary.strip() and not literal_text.strip():
        raise UtteranceRefused(
            "A public statement needs what was said: the words themselves, or one sentence of the coder."
        )


def check_literal(*, literal_text: str, language: str) -> None:
    """The speaker's own words stand with their language, or nobody can check a translation of them."""
    if literal_text.strip() and not language.strip():
        raise UtteranceRefused("The words of a speaker stand with their language (as uk); write it.")


def check_days(*, made_on: date | None, retracted_on: date | None, today: date) -> None:
    """Nothing was said tomorrow, and nothing taken back before it was said."""
    for day in (made_on, retracted_on):
        if day and day > today:
            raise UtteranceRefused(f"A statement was made and taken back until {today}: found {day}.")
    if made_on and retracted_on and retracted_on < made_on:
        raise UtteranceRefused(
            f"A statement is taken back on or after the day on which it was made, {made_on}: found "
            f"{retracted_on}."
        )


def check_association(*, kind: str, reason: str) -> None:
    """An association says how the statement stands to the incident, and why an officer holds so."""
    vocabulary("association").check(kind)
    if not reason.strip():
        raise UtteranceRefused(
            "An association needs its reason in words, and never says that one led to the other; write it."
        )


def check_withdrawal(*, reason: str) -> None:
    """What is taken back is taken back with a reason."""
    if not reason.strip():
        raise UtteranceRefused("An association is withdrawn with its reason in words; write it.")
