"""Follow-ups: what was asked of others, what is due, what came back. Alike for each party (R-32)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from lieber.assess import SOON_DAYS, Answer, Asked, FollowUpState, public_words, state_on

from ..models import FollowUp, Incident, PublicStatement, Response
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import seen_by
from .incidents import NotInRegister
from .lists import Page, paged

# What is to be seen to now.
DUE = (FollowUpState.OVERDUE, FollowUpState.DUE_SOON)
_SILENCE, _NOT_YET = "06", "04"


@dataclass(frozen=True, slots=True)
class ResponseLine:
    """What came back."""

    thing: str
    entry: int
    response: str
    declared: str
    received_on: date | None
    responder: str
    summary: str
    item: str
    recorded_at: datetime
    recorded_by: str

    @property
    def answer(self) -> Answer:
        """As the method takes it."""
        return Answer(self.response, self.declared, self.received_on)


@dataclass(frozen=True, slots=True)
class FollowUpLine:
    """A follow-up on a day: where it stands, and what a public text says of it."""

    thing: str
    version: int
    entry: int
    kind: str
    about: str
    about_title: str
    party: str
    addressee: str
    subject: str
    body: str
    sent_on: date | None
    due_on: date | None
    item: str
    closed_on: date | None
    closed_why: str
    state: FollowUpState
    words: str
    responses: tuple[ResponseLine, ...]


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of a follow-up."""

    version: int
    entry: int
    recorded_at: datetime
    recorded_by: str
    due_on: date | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class FollowUpDetail:
    """A follow-up with its history."""

    line: FollowUpLine
    versions: tuple[VersionLine, ...]


def follow_up_list(
    *,
    viewer: Viewer,
    position: int | None,
    today: date,
    states: Collection[FollowUpState] = (),
    kind: str = "",
    party: str = "",
    about: str = "",
    text: str = "",
    page: int = 1,
) -> Page[FollowUpLine]:
    """Follow-ups on a day, the nearest deadline first; those without one after them, latest first."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = _seen(viewer, position)
    for name, value in (("follow_up_kind", kind), ("party", party), ("about", about)):
        if value:
            rows = rows.filter(**{name: value})
    if text:
        rows = rows.filter(Q(subject__icontains=text) | Q(addressee__icontains=text))
    if states:
        rows = rows.filter(_in_any(states, today, viewer, position))
    order = (F("due_on").asc(nulls_last=True), "-entry")
    return paged(rows.order_by(*order), page, lambda part: _lines(part, viewer, position, today))


def due_count(*, viewer: Viewer, today: date) -> int:
    """How many follow-ups are overdue or due within a week: the number of the queue in the inbox."""
    check_may(viewer, Deed.READ_REGISTER)
    return _due(viewer, today).count()


def state_counts(*, viewer: Viewer, position: int | None, today: date) -> Mapping[FollowUpState, int]:
    """How many follow-ups stand where on a day."""
    check_may(viewer, Deed.READ_REGISTER)
    return {
        state: _seen(viewer, position).filter(_in_state(state, today, viewer, position)).count()
        for state in FollowUpState
    }


def follow_up(thing: str, *, viewer: Viewer, position: int | None, today: date) -> FollowUpDetail:
    """One follow-up. Raises NotInRegister."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = list(_seen(viewer, position).filter(thing=thing))
    if not rows:
        raise NotInRegister(f"No follow-up {thing} is in the register at that time; compare the id.")
    versions = FollowUp.objects.filter(thing=thing, version__lte=rows[0].version).order_by("-version")
    names = VersionLine.__slots__
    return FollowUpDetail(
        line=next(iter(_lines(rows, viewer, position, today))),
        versions=tuple(VersionLine(**{name: getattr(row, name) for name in names}) for row in versions),
    )


def about_things(
    things: Collection[str], *, viewer: Viewer, position: int | None, today: date
) -> list[FollowUpLine]:
    """The follow-ups about incidents or statements, oldest first."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = list(_seen(viewer, position).filter(about__in=list(things)).order_by("entry"))
    return list(_lines(rows, viewer, position, today))


def parties(*, viewer: Viewer, position: int | None) -> list[str]:
    """The parties that follow-ups concern."""
    return sorted(set(_seen(viewer, position).values_list("party", flat=True).distinct()) - {""})


def _seen(viewer: Viewer, position: int | None) -> QuerySet[Any]:
    return seen_by(FollowUp.objects.as_of(position), viewer)


def _due(viewer: Viewer, today: date) -> QuerySet[Any]:
    return _seen(viewer, None).filter(_in_any(DUE, today, viewer, None))


def _in_any(states: Iterable[FollowUpState], today: date, viewer: Viewer, position: int | None) -> Q:
    return reduce(or_, (_in_state(state, today, viewer, position) for state in states))


def _in_state(state: FollowUpState, today: date, viewer: Viewer, position: int | None) -> Q:
    """The condition of `lieber.assess.state_on` as the database asks it; a test holds the two together."""
    came = seen_by(Response.objects.as_of(position), viewer).filter(
        Q(received_on=None) | Q(received_on__lte=today), follow_up=OuterRef("thing")
    )
    answered = Exists(came.exclude(response__in=[_SILENCE, _NOT_YET]))
    silent = Exists(came.filter(response=_SILENCE))
    closed = Q(closed_on__lte=today)
    closed_or_not = Q(closed_on=None) | Q(closed_on__gt=today)
    waiting = closed_or_not & ~Q(answered) & ~Q(silent)
    soon = today + timedelta(days=SOON_DAYS)
    return {
        FollowUpState.CLOSED: closed,
        FollowUpState.ANSWERED: closed_or_not & Q(answered),
        FollowUpState.SILENT: closed_or_not & ~Q(answered) & Q(silent),
        FollowUpState.OVERDUE: waiting & Q(due_on__lt=today),
        FollowUpState.DUE_SOON: waiting & Q(due_on__gte=today, due_on__lte=soon),
        FollowUpState.OPEN: waiting & (Q(due_on=None) | Q(due_on__gt=soon)),
    }[state]


def _lines(rows: Sequence[Any], viewer: Viewer, position: int | None, today: date) -> Iterable[FollowUpLine]:
    came = _responses([row.thing for row in rows], viewer, position)
    titles = _titles({row.about for row in rows}, position)
    for row in rows:
        asked = Asked(row.follow_up_kind, row.sent_on, row.due_on, row.closed_on)
        answers = [response.answer for response in came[row.thing]]
        yield FollowUpLine(
            thing=row.thing,
            version=row.version,
            entry=row.entry,
            kind=row.follow_up_kind,
            about=row.about,
            about_title=titles.get(row.about, ""),
            party=row.party,
            addressee=row.addressee,
            subject=row.subject,
            body=row.body,
            sent_on=row.sent_on,
            due_on=row.due_on,
            item=row.item,
            closed_on=row.closed_on,
            closed_why=row.closed_why,
            state=state_on(asked, answers, today=today),
            words=public_words(asked, answers, who=row.addressee or row.party, today=today),
            responses=tuple(came[row.thing]),
        )


def _responses(
    things: Collection[str], viewer: Viewer, position: int | None
) -> Mapping[str, list[ResponseLine]]:
    rows = seen_by(Response.objects.as_of(position), viewer).filter(follow_up__in=list(things))
    found: dict[str, list[ResponseLine]] = defaultdict(list)
    for row in rows.order_by("entry"):
        names = ResponseLine.__slots__
        found[row.follow_up].append(ResponseLine(**{name: getattr(row, name) for name in names}))
    return found


def _titles(things: Collection[str], position: int | None) -> Mapping[str, str]:
    statements = PublicStatement.objects.as_of(position).filter(thing__in=list(things))
    incidents = Incident.objects.as_of(position).filter(thing__in=list(things))
    return dict(statements.values_list("thing", "speaker_office")) | dict(
        incidents.values_list("thing", "title")
    )
