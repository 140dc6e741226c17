"""What may be recorded of sources and items, and what must be said with it."""

from __future__ import annotations

from lieber.base import BadInput, LieberError
from lieber.code import vocabulary

LONGEST_TEXT = 200_000
LONGEST_REASON = 4_000


class ItemRefused(LieberError):
    """What was said of an item or a source is not enough, or too much."""


def check_graphic(graphic: str) -> None:
    """Whoever has looked at an item says how graphic it is: others must be warned before they look."""
    if not graphic:
        raise ItemRefused(
            "Whoever has looked at an item says how graphic it is: found nothing; choose one, so that others "
            "are warned."
        )
    vocabulary("graphic_content").check(graphic)


def check_screening(outcome: str, reason: str) -> None:
    """What is left, or left for later, is left for a reason."""
    vocabulary("screening").check(outcome)
    check_length(reason, LONGEST_REASON, "reason")
    if outcome in {"not_relevant", "later"} and not reason.strip():
        raise ItemRefused("An item that is not coded now is left for a reason; write it.")


def check_item(*, address: str, item_kind: str, language: str) -> None:
    """An item is of a kind, and is somewhere: at an address, or described by one."""
    vocabulary("item_kind").check(item_kind)
    check_length(address, 2_048, "address")
    if not address.strip():
        raise ItemRefused("An item is found again by its address or by where it is kept; write that.")
    check_length(language, 35, "language")


def check_text(text_kind: str, body: str) -> None:
    """Words that were taken down are of a kind, and there are some."""
    vocabulary("text_kind").check(text_kind)
    if not body.strip():
        raise ItemRefused("A text that is taken down has words; write or paste them.")
    check_length(body, LONGEST_TEXT, "text")


def check_translation(text_kind: str, translates: str) -> None:
    """A translation is one of another text of the item, and nothing else is."""
    if (text_kind == "translation") != bool(translates):
        raise ItemRefused(
            "A translation names the text that it translates, and no other text does; choose it."
        )


def check_told(*, interview: str) -> None:
    """Where an interview comes from is told with the interview, and nowhere else."""
    if interview:
        raise ItemRefused("An interview is told on the page of the person; look for it there.")


def check_open(interview: str) -> None:
    """What a person told in an interview is sealed: it is written down on their page, never here (R-16)."""
    if interview:
        raise ItemRefused(
            "What was said in an interview is sealed: write it down on the page of the person, not beside "
            "the item."
        )


def check_reliability(reliability: str, reason: str) -> None:
    """A letter is given to a source for a reason that can be read later."""
    if not reliability:
        raise ItemRefused("How far a source can be relied on is one of A to F; choose one.")
    vocabulary("source_reliability").check(reliability)
    check_length(reason, LONGEST_REASON, "reason")
    if not reason.strip():
        raise ItemRefused("Whoever judges a source writes why; write the reason.")


def check_source(*, name: str, source_kind: str, party_alignment: str) -> None:
    """A source has a name and a kind; its alignment is a party's code or a term."""
    vocabulary("source_kind").check(source_kind)
    check_length(name, 200, "name")
    if not name.strip():
        raise ItemRefused("A source needs the name by which it is known in public; write it.")
    check_length(party_alignment, 20, "party")


def check_length(text: str, longest: int, what: str) -> None:
    """Raises BadInput where a text is too long, or holds a NUL that no database takes."""
    if len(text) > longest or "\x00" in text:
        raise BadInput(f"A {what} takes at most {longest} characters of text: found {len(text)}; shorten it.")
