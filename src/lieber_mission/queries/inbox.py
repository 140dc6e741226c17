"""What waits for an officer: how many of each queue, and the queues that have no page of their own yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from ..models import Account, Comment, Consent, Incident, Item
from ..policies.permissions import Deed, Viewer, check_may
from . import coding, likeness
from .compartments import hidden_from, seen_by
from .follow_up import due_count
from .incidents import titles
from .link import accounts_of
from .lists import PAGE, Line, Page
from .proposals import deeds_open, open_proposals
from .protect import waiting_openings
from .waiting import CALLS, UNASSESSED_INCIDENTS, UNPLACED_ACCOUNTS, UNSCREENED_ITEMS, waiting

# How many days before a consent ends it is looked at.
CONSENT_AHEAD_DAYS = 30


@dataclass(frozen=True, slots=True)
class Number:
    """How many wait; `whole` where it is not one of at least so many."""

    n: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """A comment that calls the viewer and that they have not answered."""

    thing: str
    about: str
    body: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EndingConsent:
    """A person's consent to one purpose that ended or ends soon."""

    pseudonym: str
    purpose: str
    valid_until: date
    ended: bool


@dataclass(frozen=True, slots=True)
class Unassessed:
    """An incident without a finding."""

    thing: str
    title: str
    opened_at: datetime
    accounts: int


# ------------------------------------------------------------------ numbers: (viewer, on) -> Number


def items_to_screen(viewer: Viewer, _on: date) -> Number:
    """Items of which nothing is coded and of which nobody said whether they are to be."""
    found = waiting(UNSCREENED_ITEMS)
    return Number(len(found.seen_by(viewer, Item)), found.whole)


def candidates_to_judge(viewer: Viewer, _on: date) -> Number:
    """Accounts that are of no incident yet."""
    found = waiting(UNPLACED_ACCOUNTS)
    return Number(len(found.seen_by(viewer, Account)), found.whole)


def copies_to_judge(viewer: Viewer, _on: date) -> Number:
    """Exhibits that are like others, and of which nobody judged whether they are copies."""
    return Number(likeness.count_copies_to_judge(viewer=viewer))


def incidents_without_finding(_viewer: Viewer, _on: date) -> Number:
    """Incidents on which nothing is concluded."""
    found = waiting(UNASSESSED_INCIDENTS)
    return Number(len(found.things), found.whole)


def proposals_to_review(viewer: Viewer, _on: date) -> Number:
    """Findings of others that await an answer of the viewer."""
    return Number(_proposals(viewer, "review"))


def proposals_to_mend(viewer: Viewer, _on: date) -> Number:
    """Findings of the viewer that were returned."""
    mine = [each for each in open_proposals().values() if viewer.officer_id in each.authors]
    return Number(sum(each.state == "returned" for each in mine))


def proposals_to_record(viewer: Viewer, _on: date) -> Number:
    """Findings that reviewers agreed to and that are not in the register yet."""
    return Number(_proposals(viewer, "record"))


def calls_to_answer(viewer: Viewer, _on: date) -> Number:
    """Comments that call the viewer."""
    return Number(len(_calls(viewer)))


def items_to_code(viewer: Viewer, _on: date) -> Number:
    """Items that are to be coded."""
    return _up_to_most(coding.count_items_to_code(viewer=viewer))


def passages_to_code_again(viewer: Viewer, _on: date) -> Number:
    """Accounts that wait for the viewer as a second coder."""
    return _up_to_most(coding.count_for_second_coder(viewer=viewer))


def _up_to_most(number: int) -> Number:
    return Number(number, number < coding.MOST_WAITING)


def follow_ups_due(viewer: Viewer, on: date) -> Number:
    """Follow-ups that are overdue, or due within a week."""
    return Number(due_count(viewer=viewer, today=on))


def consents_to_check(viewer: Viewer, on: date) -> Number:
    """Consents that ended or end soon."""
    return Number(_ending(viewer, on).count())


def openings_to_agree(viewer: Viewer, _on: date) -> Number:
    """Openings that another officer asked for."""
    asked = waiting_openings(viewer=viewer)
    return Number(sum(row["state"] == "asked" and row["asked_by"] != viewer.officer_id for row in asked))


def _proposals(viewer: Viewer, deed: str) -> int:
    return sum(deed in deeds_open(standing, viewer) for standing in open_proposals().values())


# ------------------------------------------------------------------ lists


def unassessed(*, viewer: Viewer, page: int = 1) -> tuple[Page[Unassessed], bool]:
    """Incidents without a finding, the newest first, and whether these are all. Raises NotAllowed."""
    check_may(viewer, Deed.RECORD_FINDING)
    found = waiting(UNASSESSED_INCIDENTS)
    return _page(found.things, page, _unassessed), found.whole


def _unassessed(things: Sequence[str]) -> Iterable[Unassessed]:
    held = accounts_of(things, None)
    rows = {row.thing: row for row in Incident.objects.as_of(None).filter(thing__in=things)}
    for thing in things:
        yield Unassessed(thing, rows[thing].title, rows[thing].recorded_at, len(held.get(thing, ())))


def calls(*, viewer: Viewer, page: int = 1) -> Page[Call]:
    """The comments that call the viewer and that they have not answered, latest first. Raises NotAllowed."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = {row.thing: row for row in _calls(viewer)}
    return _page(
        list(rows),
        page,
        lambda things: (
            Call(thing, rows[thing].about, rows[thing].body, rows[thing].recorded_by, rows[thing].recorded_at)
            for thing in things
        ),
    )


def _calls(viewer: Viewer) -> list[Comment]:
    """Answered is what the viewer commented on themselves afterwards."""
    found: list[Comment] = []
    listed = waiting(CALLS).things
    for start in range(0, len(listed), 500):
        rows = seen_by(Comment.objects.as_of(None).filter(thing__in=listed[start : start + 500]), viewer)
        found += [row for row in rows if viewer.officer_id in row.mentions]
    about = {row.about for row in found}
    spoken: dict[str, int] = {}
    for thing, entry in Comment.objects.filter(recorded_by=viewer.officer_id, about__in=about).values_list(
        "about", "entry"
    ):
        spoken[thing] = max(entry, spoken.get(thing, -1))
    closed = _hidden(about, viewer)
    open_still = [row for row in found if row.about not in closed and spoken.get(row.about, -1) < row.entry]
    return sorted(open_still, key=lambda row: -row.entry)


def _hidden(things: Iterable[str], viewer: Viewer) -> set[str]:
    """Those of accounts and items of which the viewer may not know."""
    found: set[str] = set()
    for model in (Account, Item):
        named = [thing for thing in things if thing[:3] == model.prefix]
        found.update(hidden_from(viewer, model).filter(thing__in=named).values_list("thing", flat=True))
    return found


def consents(*, viewer: Viewer, on: date, page: int = 1) -> Page[EndingConsent]:
    """Consents of the viewer's compartments that ended or end soon, the first to end first."""
    check_may(viewer, Deed.READ_INTERVIEWS)
    rows = list(_ending(viewer, on).order_by("valid_until", "entry")[: PAGE * 40])
    by_thing = {row.thing: row for row in rows}
    return _page(
        list(by_thing),
        page,
        lambda things: (
            EndingConsent(row.pseudonym, row.purpose, row.valid_until, row.valid_until < on)
            for row in (by_thing[thing] for thing in things)
        ),
    )


def _ending(viewer: Viewer, on: date) -> QuerySet[Consent]:
    return Consent.objects.as_of(None).filter(
        compartment__in=list(viewer.compartments),
        decision__in=("granted", "conditional"),
        valid_until__lte=on + timedelta(days=CONSENT_AHEAD_DAYS),
    )


def _page(things: Sequence[str], number: int, lines: Callable[[Sequence[str]], Iterable[Line]]) -> Page[Line]:
    pages = max(1, -(-len(things) // PAGE))
    number = min(max(1, number), pages)
    return Page(tuple(lines(things[PAGE * (number - 1) : PAGE * number])), number, pages, len(things))


def names_of(abouts: Iterable[str]) -> dict[str, str]:
    """Incident -> title, of those of the things that are incidents."""
    return titles([about for about in abouts if about[:3] == Incident.prefix], None)
