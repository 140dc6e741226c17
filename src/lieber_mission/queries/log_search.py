"""Looking for entries of the log: by kind, day and officer; a page at a time, whatever the log's length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from lieber.base import BadInput
from lieber.ledger import InclusionProof, inclusion_proof

from ..models import Checkpoint, Entry, RegisterRow, register_models
from ..policies.permissions import Deed, Viewer, check_may
from . import log
from .compartments import hidden_from, seen_by
from .incidents import NotInRegister
from .lists import PAGE, Page

# How many entries are looked through for those of an officer.
REACH = 20_000
# Beyond so many entries a search that has to look at each says that there are more.
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry in a list; of a thing that the viewer may not know of kind, thing and officer are empty."""

    index: int
    recorded_at: datetime
    kind: str
    thing: str
    version: int
    recorded_by: str


def kinds() -> list[str]:
    """The kinds of thing that the register knows."""
    return sorted(model.kind for model in register_models())


def entries(
    *, viewer: Viewer, kind: str = "", day: date | None = None, officer: str = "", page: int = 1
) -> Page[EntryLine]:
    """The entries of a kind, a day or an officer, latest first; all of them where nothing is asked.

    Whoever asks by kind or officer finds nothing of what they may not know of; without, such an entry is
    listed and says nothing but its number and instant. Raises NotAllowed, or BadInput for an officer
    without a kind or a day: every table of the register would be gone through.
    """
    check_may(viewer, Deed.READ_LOG)
    first, last = _span(day)
    if officer:
        # Who recorded a row stands in no index: the newest entries are looked through.
        first = max(first, last - REACH)
    if kind:
        return _of_kind(_model(kind), (first, last), officer=officer, viewer=viewer, page=page)
    if officer:
        if day is None:
            raise BadInput("Entries of an officer are looked for within a kind or a day; choose one of them.")
        return _of_officer((first, last), officer=officer, viewer=viewer, page=page)
    total = max(0, last - first)
    number, pages = _number(page, total)
    end = last - PAGE * (number - 1)
    rows = Entry.objects.filter(index__gte=max(first, end - PAGE), index__lt=end).order_by("-index")
    return Page(tuple(_lines(list(rows), viewer)), number, pages, total)


def _span(day: date | None) -> tuple[int, int]:
    """The first entry of a day and the one after its last: the log is ordered by instant."""
    if day is None:
        return 0, log.size()
    begins = datetime.combine(day, time.min, UTC)
    return log.size(begins - timedelta(microseconds=1)), log.size(datetime.combine(day, time.max, UTC))


def _model(kind: str) -> type[RegisterRow]:
    for model in register_models():
        if model.kind == kind:
            return model
    raise BadInput(f"A kind of thing is one of {', '.join(kinds())}: found {kind!r}.")


def _number(page: int, total: int) -> tuple[int, int]:
    pages = max(1, -(-total // PAGE))
    return min(max(1, page), pages), pages


def _of_kind(
    model: type[RegisterRow], span: tuple[int, int], *, officer: str, viewer: Viewer, page: int
) -> Page[EntryLine]:
    rows = seen_by(model.objects.filter(entry__gte=span[0], entry__lt=span[1]), viewer)
    if officer:
        rows = rows.filter(recorded_by=officer)
    total = rows.order_by()[:_MOST].count()
    number, pages = _number(page, total)
    part = list(rows.order_by("-entry")[PAGE * (number - 1) : PAGE * number])
    return Page(tuple(_line(row) for row in part), number, pages, total)


def _of_officer(span: tuple[int, int], *, officer: str, viewer: Viewer, page: int) -> Page[EntryLine]:
    found: list[int] = []
    rows: dict[int, EntryLine] = {}
    for model in register_models():
        of_day = model.objects.filter(entry__gte=span[0], entry__lt=span[1], recorded_by=officer)
        for row in seen_by(of_day, viewer).order_by("-entry")[:_MOST]:
            found.append(row.entry)
            rows[row.entry] = _line(row)
    number, pages = _number(page, len(found))
    part = sorted(found, reverse=True)[PAGE * (number - 1) : PAGE * number]
    return Page(tuple(rows[entry] for entry in part), number, pages, len(found))


def _line(row: RegisterRow) -> EntryLine:
    return EntryLine(row.entry, row.recorded_at, row.kind, row.thing, row.version, row.recorded_by)


def _lines(found: Sequence[Entry], viewer: Viewer) -> Iterable[EntryLine]:
    known = _officers(found, viewer)
    for entry in found:
        if entry.index in known:
            yield EntryLine(
                entry.index, entry.recorded_at, entry.kind, entry.thing, entry.version, known[entry.index]
            )
        else:
            yield EntryLine(entry.index, entry.recorded_at, "", "", 0, "")


def _officers(found: Sequence[Entry], viewer: Viewer) -> Mapping[int, str]:
    """Entry -> who recorded it, of those whose things the viewer may know of: a question for each kind."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for entry in found:
        by_kind[entry.kind].append(entry.index)
    officers: dict[int, str] = {}
    for model in register_models():
        if indexes := by_kind.get(model.kind):
            rows = list(model.objects.filter(entry__in=indexes).values_list("entry", "recorded_by", "thing"))
            things = {thing for _, _, thing in rows}
            hidden = set(hidden_from(viewer, model).filter(thing__in=things).values_list("thing", flat=True))
            officers |= {entry: officer for entry, officer, thing in rows if thing not in hidden}
    return officers


def proof_file(index: int, *, viewer: Viewer) -> str:
    """The inclusion proof of an entry against the first signed head that covers it (C2SP tlog-proof).

    It says nothing of what the entry holds. Raises NotInRegister where there is no such entry, or no head
    after it was signed yet.
    """
    check_may(viewer, Deed.READ_LOG)
    if not Entry.objects.filter(index=index).exists():
        raise NotInRegister(f"The log has no entry {index}; compare the number.")
    head = Checkpoint.objects.filter(size__gt=index).order_by("size").first()
    if head is None:
        raise NotInRegister(
            f"No head of the log that holds entry {index} is signed yet: sign a checkpoint first."
        )
    path = inclusion_proof(index, head.size, log.read_nodes)
    return InclusionProof(index, tuple(path), head.note).text
