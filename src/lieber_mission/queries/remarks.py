"""Comments, and the changes of an incident, as one stream."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, StrIndex

from lieber.assess import Tier

from ..models import Account, Comment, Finding, Incident, Judgement, Officer, RegisterRow
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import hidden_from, seen_by
from .erasures import erased_entries

Row = TypeVar("Row", bound=RegisterRow)


class Happened(StrEnum):
    """What a line of the stream says."""

    OPENED = "opened"
    RENAMED = "renamed"
    CONCLUDED = "concluded"
    CONCLUDED_ANEW = "concluded_anew"
    ACCOUNT_IN = "account_in"
    ACCOUNT_OUT = "account_out"
    ACCOUNT_UNSURE = "account_unsure"
    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"
    ASKED = "asked"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class StreamLine:
    """One change of an incident, or one comment on it or its accounts."""

    happened: Happened
    entry: int
    at: datetime
    by: str
    thing: str
    # the account or incident it is about
    about: str
    text: str
    tier: Tier | None = None
    contested: bool = False
    version: int = 0
    agreed_by: str = ""
    mentions: tuple[str, ...] = ()
    compartment: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A comment that calls an officer."""

    comment: str
    about: str
    body: str
    by: str
    at: datetime
    entry: int
    compartment: str


def stream(
    incident: str,
    members: Collection[str],
    accounts: Collection[str],
    *,
    viewer: Viewer,
    position: int | None,
) -> list[StreamLine]:
    """What changed on an incident and what officers said of it, the latest first.

    `members` are the incidents merged into it, `accounts` those that the viewer may know of. Raises
    NotAllowed.
    """
    check_may(viewer, Deed.READ_REGISTER)
    whole = [incident, *members]
    lines = [
        *(_of_incident(row) for row in _until(Incident.objects.filter(thing__in=whole), position)),
        *(_of_finding(row) for row in _until(Finding.objects.filter(incident__in=whole), position)),
        *_of_judgements(whole, viewer, position),
        *_of_comments([*whole, *accounts], viewer, position),
    ]
    return sorted(lines, key=lambda line: -line.entry)


def mentions_of(
    officer: Viewer, *, after: int = 0, position: int | None = None, most: int = 200
) -> list[Mention]:
    """The comments that call an officer, from entry `after` on, the latest first. Raises NotAllowed."""
    check_may(officer, Deed.READ_REGISTER)
    rows = (
        seen_by(Comment.objects.as_of(position), officer)
        .filter(entry__gte=after)
        .alias(called=StrIndex(Cast("mentions", TextField()), Value(f'"{officer.officer_id}"')))
        .filter(called__gt=0)
        .order_by("-entry")[:most]
    )
    return [
        Mention(row.thing, row.about, row.body, row.recorded_by, row.recorded_at, row.entry, row.compartment)
        for row in rows
    ]


def officers_to_call() -> list[tuple[str, str, str]]:
    """Officers whom a comment can call: id, handle and title."""
    active = Officer.objects.filter(is_active=True).order_by("title")
    return list(active.values_list("officer_id", "handle", "title"))


def _until(rows: QuerySet[Row], position: int | None) -> QuerySet[Row]:
    return rows if position is None else rows.filter(entry__lt=position)


def _of_incident(row: Incident) -> StreamLine:
    happened = Happened.OPENED if row.version == 1 else Happened.RENAMED
    return StreamLine(happened, row.entry, row.recorded_at, row.recorded_by, row.thing, row.thing, row.title)


def _of_finding(row: Finding) -> StreamLine:
    return StreamLine(
        happened=Happened.CONCLUDED if row.version == 1 else Happened.CONCLUDED_ANEW,
        entry=row.entry,
        at=row.recorded_at,
        by=row.recorded_by,
        thing=row.thing,
        about=row.incident,
        text=row.reasons,
        tier=Tier(row.tier),
        contested=row.contested,
        version=row.version,
        agreed_by=row.reviewed_by,
    )


_OF_ACCOUNT = {
    "same": Happened.ACCOUNT_IN,
    "different": Happened.ACCOUNT_OUT,
    "unsure": Happened.ACCOUNT_UNSURE,
}
_OF_INCIDENT = {"same": Happened.SAME, "different": Happened.DIFFERENT, "unsure": Happened.UNSURE}


def _of_judgements(whole: Sequence[str], viewer: Viewer, position: int | None) -> Iterable[StreamLine]:
    accounts = Judgement.objects.filter(right__in=whole, of_incidents=False)
    accounts = accounts.exclude(left__in=hidden_from(viewer, Account))
    gone = Account.objects.filter(entry__in=erased_entries()).values("thing")
    for row in _until(accounts.exclude(left__in=gone), position):
        yield _of_judgement(row, _OF_ACCOUNT[row.verdict], row.left)
    between = Judgement.objects.filter(Q(left__in=whole) | Q(right__in=whole), of_incidents=True)
    for row in _until(between, position):
        other = row.left if row.right in whole and row.left not in whole else row.right
        yield _of_judgement(row, Happened.ASKED if row.asks else _OF_INCIDENT[row.verdict], other)


def _of_judgement(row: Judgement, happened: Happened, about: str) -> StreamLine:
    return StreamLine(
        happened,
        row.entry,
        row.recorded_at,
        row.recorded_by,
        row.thing,
        about,
        row.reason,
        agreed_by=row.agreed_by,
    )


def _of_comments(about: Sequence[str], viewer: Viewer, position: int | None) -> Iterable[StreamLine]:
    for start in range(0, len(about), 500):
        rows = seen_by(Comment.objects.as_of(position), viewer).filter(about__in=about[start : start + 500])
        for row in rows:
            yield StreamLine(
                happened=Happened.COMMENT,
                entry=row.entry,
                at=row.recorded_at,
                by=row.recorded_by,
                thing=row.thing,
                about=row.about,
                text=row.body,
                mentions=tuple(row.mentions),
                compartment=row.compartment,
            )
