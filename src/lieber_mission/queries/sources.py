"""Sources: who tells, how far they can be relied on, and how that was judged over time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lieber.base import BadInput

from ..models import Item, Source
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import seen_by
from .incidents import NotInRegister
from .lists import MOST_COUNTED

# Names that a form offers while one types.
MOST_NAMES = 300


@dataclass(frozen=True, slots=True)
class SourceVersion:
    """A source as it was recorded at one time."""

    version: int
    entry: int
    recorded_at: datetime
    recorded_by: str
    name: str
    source_kind: str
    country: str
    party_alignment: str
    reliability: str
    reliability_reason: str


@dataclass(frozen=True, slots=True)
class SourceDetail:
    """A source with every version of it, the last one first; `items` counts up to `MOST_COUNTED`."""

    thing: str
    versions: tuple[SourceVersion, ...]
    items: int

    @property
    def last(self) -> SourceVersion:
        """How it stands."""
        return self.versions[0]


def source_detail(thing: str, *, viewer: Viewer, position: int | None) -> SourceDetail:
    """A source with its history. Raises NotAllowed or NotInRegister."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = Source.objects.filter(thing=thing)
    if position is not None:
        rows = rows.filter(entry__lt=position)
    versions = tuple(_versions(rows.order_by("-version")))
    if not versions:
        raise NotInRegister(f"No source {thing} is in the register at that time; compare the id.")
    items = seen_by(Item.objects.as_of(position).filter(source=thing), viewer)
    if not items.exists() and thing in _hidden_sources([thing], viewer):
        raise NotInRegister(f"No source {thing} is in the register at that time; compare the id.")
    return SourceDetail(thing, versions, items[:MOST_COUNTED].count())


def _versions(rows: Iterable[Source]) -> Iterable[SourceVersion]:
    return (SourceVersion(**{name: getattr(row, name) for name in SourceVersion.__slots__}) for row in rows)


def source_names(*, viewer: Viewer) -> list[str]:
    """The names of the sources recorded last: what a form offers while one types."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = Source.objects.order_by("-entry").values_list("thing", "name")[:MOST_NAMES]
    shown = [(thing, name) for thing, name in rows if name]
    closed = _hidden_sources([thing for thing, _name in shown], viewer)
    return sorted({name for thing, name in shown if thing not in closed})


def source_called(name: str, *, viewer: Viewer) -> str:
    """The id of the source of this name. Raises BadInput where the viewer may know of none."""
    check_may(viewer, Deed.READ_REGISTER)
    things = list(Source.objects.as_of(None).filter(name=name).values_list("thing", flat=True)[:1])
    if not things or _hidden_sources(things, viewer):
        raise BadInput(f"No source is called {name!r}: choose one of those offered, or leave it open.")
    return str(things[0])


def _hidden_sources(things: list[str], viewer: Viewer) -> set[str]:
    """Of these, the sources whose items all lie in compartments of others."""
    # by the index of what lies in compartments: of sources there are as many items as there are items
    known = (
        Item.objects.as_of(None).filter(compartment__gt="").exclude(compartment__in=list(viewer.compartments))
    )
    closed = set(known.values_list("source", flat=True)) & set(things)
    if not closed:
        return set()
    open_ones = seen_by(Item.objects.as_of(None).filter(source__in=closed), viewer)
    return closed - set(open_ones.values_list("source", flat=True).distinct())
