"""What examining an item gave: what tools said, the worksheet, where and when; and work for workers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from django.db.models import Q, QuerySet

from lieber.code import vocabulary

from ..models import Examination, Exhibit, Item, Placing, Work, WorksheetLine
from ..policies.permissions import MACHINE, Deed, Viewer, check_may
from .compartments import seen_by
from .erasures import not_erased
from .exhibits import exhibit_number
from .lists import Page, paged

# Outcomes that may be others when a tool is asked again: one that was put on, or is better by now.
NOT_READ = ("not_installed", "refused")


@dataclass(frozen=True, slots=True)
class ExaminationShown:
    """What a tool said of an exhibit."""

    thing: str
    exhibit: str
    examination: str
    outcome: str
    reason: str
    tool: str
    result: dict[str, Any]
    recorded_at: datetime
    entry: int

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What it said, line by line: names and values."""
        return list(flat(self.result))


def flat(value: Any, name: str = "") -> Iterable[tuple[str, str]]:
    """What JSON holds, line by line: names, as the way to them, and values; nothing for what is empty."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name} {key}".strip())
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from flat(inner, f"{name} {number}" if isinstance(inner, dict) else name)
    elif value not in ("", None):
        yield name, str(value)


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step of the worksheet."""

    thing: str
    part: str
    method: str
    finding: str
    confidence: str
    recorded_by: str
    recorded_at: datetime
    entry: int


@dataclass(frozen=True, slots=True)
class PlacingShown:
    """Where or when, by whom, and what a second analyst came to."""

    thing: str
    version: int
    question: str
    latitude: float | None
    longitude: float | None
    place_precision: str
    place: str
    earliest: datetime | None
    latest: datetime | None
    method: str
    imagery: str
    reason: str
    confidence: str
    checked_by: str
    check_outcome: str
    check_note: str
    recorded_at: datetime
    entry: int
    author: str = ""


@dataclass(frozen=True, slots=True)
class WorkShown:
    """A piece of work. What it is about is told to whoever may know of it."""

    pk: int
    kind: str
    about: str
    item: str
    number: str
    state: str
    attempts: int
    stage: str
    percent: int | None
    reason: str
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None


def examinations_of(item: str, *, viewer: Viewer, position: int | None) -> list[ExaminationShown]:
    """What tools said of the exhibits of an item."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = not_erased(seen_by(Examination.objects.as_of(position).filter(item=item), viewer))
    return [_shown(ExaminationShown, row) for row in rows.order_by("entry")]


@dataclass(frozen=True, slots=True)
class Unread:
    """How many exhibits a tool could not read, and why in one word; `most` says that there may be more."""

    examination: str
    outcome: str
    exhibits: int
    most: bool


def unread(*, viewer: Viewer, most: int = 1_000) -> list[Unread]:
    """What was not examined for want of a program, or since a parser refused it; counted up to `most`."""
    check_may(viewer, Deed.READ_REGISTER)
    found = []
    for examination, outcome in product(vocabulary("examination").words, NOT_READ):
        rows = _unread([examination], [outcome], viewer)[:most]
        if number := len(rows.values_list("pk")):
            found.append(Unread(examination, outcome, number, number == most))
    return found


def exhibits_unread(outcomes: Collection[str], *, viewer: Viewer, examination: str = "") -> Iterator[str]:
    """The exhibits which a tool, or any, could not read for one of these reasons, each once; of those that
    the viewer may see."""
    check_may(viewer, Deed.READ_REGISTER)
    examinations = [examination] if examination else vocabulary("examination").words
    rows = _unread(examinations, outcomes, viewer).values_list("exhibit", flat=True).distinct()
    yield from rows.order_by("exhibit").iterator(500)


def _unread(
    examinations: Collection[str], outcomes: Collection[str], viewer: Viewer
) -> QuerySet[Examination]:
    rows = Examination.objects.as_of(None).filter(examination__in=examinations, outcome__in=outcomes)
    return not_erased(seen_by(rows, viewer))


def worksheet_of(item: str, *, viewer: Viewer, position: int | None) -> list[StepShown]:
    """The steps of examining an item, in their order."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = not_erased(seen_by(WorksheetLine.objects.as_of(position).filter(item=item), viewer))
    return [_shown(StepShown, row) for row in rows.order_by("entry")]


def placings_of(item: str, *, viewer: Viewer, position: int | None) -> list[PlacingShown]:
    """Where and when what an item shows took place, as analysts worked it out."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = list(
        not_erased(seen_by(Placing.objects.as_of(position).filter(item=item), viewer)).order_by("entry")
    )
    authors = dict(
        Placing.objects.filter(thing__in=[row.thing for row in rows], version=1).values_list(
            "thing", "recorded_by"
        )
    )
    return [_shown(PlacingShown, row, author=authors.get(row.thing, "")) for row in rows]


def _shown(shape: type[Any], row: Any, **more: Any) -> Any:
    names = [name for name in shape.__slots__ if name not in more]
    return shape(**{name: getattr(row, name) for name in names}, **more)


def work_list(*, viewer: Viewer, state: str = "", page: int = 1) -> Page[WorkShown]:
    """Pieces of work, the ones that wait first; of what the viewer may not know of nothing is told."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = Work.objects.order_by("-id")
    if state:
        rows = rows.filter(state=state)
    exhibits = seen_by(Exhibit.objects.as_of(None), viewer).values("thing")
    items = seen_by(Item.objects.as_of(None), viewer).values("thing")
    known = Q(about__in=exhibits) | Q(kind="dispose", about__in=items)
    # Pages, uploads and checkpoints are no things of the register: whoever asked for them sees them.
    known |= Q(asked_by=viewer.officer_id) | Q(kind__in=["timestamp", "check"], asked_by=MACHINE.officer_id)
    return paged(rows.filter(known), page, _work_lines)


def _work_lines(rows: Iterable[Work]) -> Iterable[WorkShown]:
    listed = list(rows)
    exhibits = {
        thing: (item, exhibit_number(entry))
        for thing, item, entry in Exhibit.objects.filter(
            thing__in=[row.about for row in listed], version=1
        ).values_list("thing", "item", "entry")
    }
    for row in listed:
        item, number = exhibits.get(row.about, (row.about if row.kind == "dispose" else "", ""))
        yield WorkShown(
            row.pk,
            row.kind,
            row.about,
            item,
            number,
            row.state,
            row.attempts,
            row.stage,
            None if row.share is None else round(100 * row.share),
            row.reason,
            row.asked_by,
            row.asked_at,
            row.finished_at,
        )


def work_numbers(*, viewer: Viewer) -> dict[str, int]:
    """How many pieces wait, are being done, or failed: numbers of the whole mission."""
    check_may(viewer, Deed.READ_REGISTER)
    return {state: Work.objects.filter(state=state).count() for state in ("waiting", "running", "failed")}


def waiting_for(exhibits: Iterable[str]) -> dict[str, str]:
    """Exhibit -> the state of the piece of work that is about it and not done."""
    rows = Work.objects.filter(about__in=list(exhibits), state__in=["waiting", "running", "failed"])
    return dict(rows.order_by("id").values_list("about", "state"))
