"""Copies: families of exhibits that show or sound the same, what people judged of them, and what waits.

A pair is told only to whoever may know of both of its exhibits: to others neither it, nor the family that it
connects, is there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from lieber.examine.likeness import Kind, families
from lieber.examine.likeness import Likeness as Alike
from lieber.link import Judgement, Verdict, recordings_apart

from ..models import Exhibit, Item, Likeness, LikenessJudgement, Source
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import hidden_from, seen_by
from .erasures import not_erased
from .exhibits import exhibit_number
from .incidents import NotInRegister
from .lists import Page, paged

# A family is shown with so many members at most, the nearest ones; the page says where there are more.
MOST_MEMBERS = 100
_FEW = 500
_PAIR = 2
# More than any share that a comparison gives.
_JUDGED = 2.0


@dataclass(frozen=True, slots=True)
class MemberShown:
    """An exhibit of a family with the item that it is of, and what there is to look at."""

    thing: str
    number: str
    item: str
    media_type: str
    source_name: str
    address: str
    published: tuple[date | None, date | None]
    recorded_at: datetime
    graphic: str
    compartment: str
    view: str
    sheet: str

    @property
    def is_film(self) -> bool:
        """Whether it is shown as a film."""
        return self.media_type.startswith("video/")


@dataclass(frozen=True, slots=True)
class PairShown:
    """Two exhibits side by side: what was found alike, and what people judged; version 0 where nobody did."""

    left: MemberShown
    right: MemberShown
    found: tuple[Alike, ...]
    verdict: str = ""
    version: int = 0
    reason: str = ""
    judged_by: str = ""
    judged_at: datetime | None = None
    entry: int = 0

    @property
    def key(self) -> str:
        """The name of the pair on a page."""
        return f"{self.left.thing}-{self.right.thing}"

    @property
    def starts(self) -> tuple[float, float]:
        """The seconds at which both films show the same."""
        offset = next((each.offset_seconds for each in self.found if each.offset_seconds is not None), 0.0)
        return max(0.0, -offset), max(0.0, offset)

    @property
    def proposal(self) -> str:
        """What the comparison says, as words for a reason."""
        return "; ".join(each.reason for each in self.found)


@dataclass(frozen=True, slots=True)
class FamilyShown:
    """The family of an item: its members, the earliest published first, and the pairs that carry it.

    `judged` are the pairs that people judged, among them those judged different; `open` those that carry the
    family and that nobody judged; `weak` of the pairs that carry it are weak.
    """

    members: tuple[MemberShown, ...]
    open: tuple[PairShown, ...]
    judged: tuple[PairShown, ...]
    weak: int
    more: bool
    asked: PairShown | None = None


@dataclass(frozen=True, slots=True)
class CopyLine:
    """An exhibit that is like others, and of which nobody judged yet whether it is a copy."""

    thing: str
    number: str
    item: str
    media_type: str
    like: int
    nearest: str
    nearest_item: str
    reason: str
    weak: bool
    recorded_at: datetime


def family_of(
    item: str, *, viewer: Viewer, position: int | None, asked: tuple[str, str] | None = None
) -> FamilyShown:
    """The family of the exhibits of an item.

    `asked` are two exhibits by id or number that are shown side by side, whether or not anything of them is
    alike; an empty first one is the item's own. Raises NotAllowed or NotInRegister.
    """
    check_may(viewer, Deed.READ_REGISTER)
    first = set(_originals(viewer, position).filter(item=item).values_list("thing", flat=True))
    found, judgements, more = _around(first, viewer, position)
    things = {thing for pair in (*found, *judgements) for thing in pair} | first
    both: tuple[str, ...] = ()
    if asked and first:
        both = tuple(_named(name, viewer, position) if name else min(first) for name in asked)
    members = _members(things | set(both), viewer, position)
    pairs = {pair: tuple(alike) for pair, alike in found.items() if set(pair) <= members.keys()}
    return _shown(members, pairs, judgements, more=more, asked=tuple(sorted(set(both))))


def count_alike(exhibits: Sequence[str], *, viewer: Viewer) -> int:
    """How many others these exhibits are like, as was found, of those that the viewer may know of."""
    check_may(viewer, Deed.READ_REGISTER)
    alike = {thing for row in _likenesses(exhibits, viewer) for thing in (row.left, row.right)}
    return len(alike - set(exhibits))


def _around(
    first: Collection[str], viewer: Viewer, position: int | None
) -> tuple[dict[tuple[str, str], list[Alike]], dict[tuple[str, str], LikenessJudgement], bool]:
    """What was found and judged around some exhibits, wave by wave; True where there is more."""
    known, wave = set(first), set(first)
    found: dict[tuple[str, str], list[Alike]] = {}
    judged: dict[tuple[str, str], LikenessJudgement] = {}
    while wave:
        fresh = list(wave)[:_FEW]
        for row in _judgements(fresh, viewer, position):
            judged[row.left_exhibit, row.right_exhibit] = row
        for each in _likenesses(fresh, viewer):
            pair = (min(each.left, each.right), max(each.left, each.right))
            alike = found.setdefault(pair, [])
            if all(
                other.kind != each.kind or (other.a, other.b) != (each.left, each.right) for other in alike
            ):
                alike.append(_alike(each))
        apart = {pair for pair, row in judged.items() if row.verdict == Verdict.DIFFERENT.value}
        same = {pair for pair, row in judged.items() if row.verdict == Verdict.SAME.value}
        reached = {thing for pair in (found.keys() | same) - apart for thing in pair}
        wave = reached - known
        if len(known) + len(wave) > MOST_MEMBERS:
            return found, judged, True
        known |= wave
    return found, judged, False


def _likenesses(things: Sequence[str], viewer: Viewer) -> QuerySet[Likeness]:
    hidden = hidden_from(viewer, Exhibit)
    rows = Likeness.objects.filter(Q(left__in=things) | Q(right__in=things))
    return rows.exclude(left__in=hidden).exclude(right__in=hidden).order_by("weak", "-share", "pk")[:2_000]


def _judgements(things: Sequence[str], viewer: Viewer, position: int | None) -> QuerySet[LikenessJudgement]:
    rows = LikenessJudgement.objects.as_of(position)
    rows = rows.filter(Q(left_exhibit__in=things) | Q(right_exhibit__in=things))
    seen: QuerySet[LikenessJudgement] = not_erased(seen_by(rows, viewer)).order_by("entry")
    return seen


def _alike(row: Likeness) -> Alike:
    return Alike(
        a=row.left,
        b=row.right,
        kind=Kind(row.kind),
        distance=row.distance,
        transform=row.transform,
        reason=row.reason,
        weak=row.weak,
        offset_seconds=row.offset_seconds,
        seconds=row.seconds,
        share=row.share,
    )


def _shown(
    members: Mapping[str, MemberShown],
    found: Mapping[tuple[str, str], tuple[Alike, ...]],
    judged: Mapping[tuple[str, str], LikenessJudgement],
    *,
    more: bool,
    asked: tuple[str, ...],
) -> FamilyShown:
    apart = {pair for pair, row in judged.items() if row.verdict == Verdict.DIFFERENT.value}
    same = [_judged_same(key, found.get(key, ())) for key, row in judged.items() if row.verdict == "same"]
    made = families(
        [*(alike for pair, several in found.items() if pair not in apart for alike in several), *same],
        published={thing: member.published[0] for thing, member in members.items()},
    )
    carried = {(min(each.a, each.b), max(each.a, each.b)) for family in made for each in family.carried_by}

    def pair(key: tuple[str, str]) -> PairShown:
        return _pair(key, members, found.get(key, ()), judged.get(key))

    decided = [key for key in judged if set(key) <= members.keys()]
    open_ = sorted(carried - judged.keys(), key=lambda key: _strength(found[key]))
    return FamilyShown(
        members=tuple(sorted(members.values(), key=_age)),
        open=tuple(pair(key) for key in open_),
        judged=tuple(pair(key) for key in decided),
        weak=sum(len(family.doubtful) for family in made),
        more=more,
        asked=pair((asked[0], asked[1])) if len(asked) == _PAIR else None,
    )


def _judged_same(key: tuple[str, str], found: tuple[Alike, ...]) -> Alike:
    """What a person judged the same carries a family before anything that a machine found."""
    one = found[0] if found else Alike(*key, Kind.PICTURE, 0, "", "")
    return replace(one, weak=False, share=_JUDGED)


def _strength(alike: Sequence[Alike]) -> tuple[bool, float]:
    return all(each.weak for each in alike), -max(each.share or 0.0 for each in alike)


def _age(member: MemberShown) -> tuple[bool, date, datetime]:
    day = member.published[0]
    return day is None, day or date.max, member.recorded_at


def _pair(
    key: tuple[str, str],
    members: Mapping[str, MemberShown],
    found: tuple[Alike, ...],
    judged: LikenessJudgement | None,
) -> PairShown:
    # In the direction in which it was compared: its words are of a and b.
    left, right = (found[0].a, found[0].b) if found else key
    if judged is None:
        return PairShown(members[left], members[right], found)
    return PairShown(
        members[left],
        members[right],
        found,
        verdict=judged.verdict,
        version=judged.version,
        reason=judged.reason,
        judged_by=judged.recorded_by,
        judged_at=judged.recorded_at,
        entry=judged.entry,
    )


def _named(name: str, viewer: Viewer, position: int | None) -> str:
    """The exhibit of this id or number. Raises NotInRegister."""
    rows = _originals(viewer, position)
    number = name.strip().upper().removeprefix("E-")
    if number.isdigit():
        first = Exhibit.objects.filter(entry=int(number[:15]), version=1).values("thing")
        rows = rows.filter(thing__in=first)
    else:
        rows = rows.filter(thing=name.strip())
    row = rows.first()
    if row is None:
        raise NotInRegister("No such exhibit is in the register, or not for you; compare its number.")
    return str(row.thing)


def _originals(viewer: Viewer, position: int | None) -> QuerySet[Exhibit]:
    rows: QuerySet[Exhibit] = not_erased(
        seen_by(Exhibit.objects.as_of(position).filter(derived_from=""), viewer)
    )
    return rows


def _members(things: Collection[str], viewer: Viewer, position: int | None) -> dict[str, MemberShown]:
    """Those of these exhibits that the viewer may know of, with what there is to look at."""
    rows = list(_originals(viewer, position).filter(thing__in=things))
    items = {
        row.thing: row for row in Item.objects.as_of(position).filter(thing__in={row.item for row in rows})
    }
    sources = dict(
        Source.objects.as_of(position)
        .filter(thing__in={item.source for item in items.values()})
        .values_list("thing", "name")
    )
    numbers = dict(Exhibit.objects.filter(thing__in=things, version=1).values_list("thing", "entry"))
    views = _views([row.thing for row in rows], position)
    found = {}
    for row in rows:
        item = items.get(row.item)
        if item is None:
            continue
        found[row.thing] = MemberShown(
            thing=row.thing,
            number=exhibit_number(numbers[row.thing]),
            item=row.item,
            media_type=row.media_type,
            source_name=sources.get(item.source, ""),
            address=item.address,
            published=(item.published_earliest, item.published_latest),
            recorded_at=row.recorded_at,
            graphic=item.graphic,
            compartment=item.compartment,
            view=views.get((row.thing, "view.jpg"), ""),
            sheet=views.get((row.thing, "sheet.jpg"), ""),
        )
    return found


def _views(things: Sequence[str], position: int | None) -> dict[tuple[str, str], str]:
    rows = Exhibit.objects.as_of(position).filter(
        derived_from__in=things, original_name__in=["view.jpg", "sheet.jpg"]
    )
    return {(row.derived_from, row.original_name): row.thing for row in rows}


# ------------------------------------------------------------------ what waits


def copies_to_judge(*, viewer: Viewer, page: int = 1) -> Page[CopyLine]:
    """Exhibits that are like others that came before and not judged a copy of any, latest first: until each
    likeness of theirs was judged."""
    check_may(viewer, Deed.EXAMINE)
    things = _to_judge(viewer).values("left")
    rows = Exhibit.objects.as_of(None).filter(thing__in=things).order_by("-entry")
    return paged(not_erased(rows), page, lambda part: _copy_lines(part, viewer))


def count_copies_to_judge(*, viewer: Viewer) -> int:
    """How many exhibits are like others, and wait for a judgement."""
    return _to_judge(viewer).values("left").distinct().count()


def next_to_judge(*, viewer: Viewer, but: Collection[str] = ()) -> str:
    """An item with an exhibit that waits for a judgement; empty where none does."""
    things = _to_judge(viewer).values("left")
    row = (
        Exhibit.objects.as_of(None).filter(thing__in=things).exclude(item__in=but).order_by("-entry").first()
    )
    return "" if row is None else str(row.item)


def _to_judge(viewer: Viewer) -> QuerySet[Likeness]:
    hidden = hidden_from(viewer, Exhibit)
    judged = LikenessJudgement.objects.as_of(None)
    same = judged.filter(verdict=Verdict.SAME.value)
    pair = Q(left_exhibit=OuterRef("left"), right_exhibit=OuterRef("right"))
    turned = Q(left_exhibit=OuterRef("right"), right_exhibit=OuterRef("left"))
    rows = Likeness.objects.exclude(left__in=hidden).exclude(right__in=hidden)
    # One copy found tells of what it is a copy; that two are different or unsure tells of these two only.
    rows = rows.exclude(left__in=same.values("left_exhibit")).exclude(left__in=same.values("right_exhibit"))
    return rows.exclude(Exists(judged.filter(pair))).exclude(Exists(judged.filter(turned)))


def _copy_lines(part: Sequence[Exhibit], viewer: Viewer) -> Iterable[CopyLine]:
    things = [row.thing for row in part]
    hidden = hidden_from(viewer, Exhibit)
    alike: dict[str, list[Likeness]] = {}
    for row in Likeness.objects.filter(left__in=things).exclude(right__in=hidden).order_by("weak", "-share"):
        alike.setdefault(row.left, []).append(row)
    nearest = {thing: rows[0].right for thing, rows in alike.items()}
    items = dict(
        Exhibit.objects.as_of(None).filter(thing__in=set(nearest.values())).values_list("thing", "item")
    )
    entries = dict(
        Exhibit.objects.filter(thing__in={*things, *nearest.values()}, version=1).values_list(
            "thing", "entry"
        )
    )
    for one in part:
        rows = alike.get(one.thing)
        if rows and rows[0].right in items:
            yield CopyLine(
                thing=one.thing,
                number=exhibit_number(entries[one.thing]),
                item=one.item,
                media_type=one.media_type,
                like=len({row.right for row in rows}),
                nearest=exhibit_number(entries[rows[0].right]),
                nearest_item=items[rows[0].right],
                reason=rows[0].reason,
                weak=rows[0].weak,
                recorded_at=one.recorded_at,
            )


# ------------------------------------------------------------------ recordings of an incident


def recordings_of(groups: Mapping[str, Collection[str]]) -> dict[str, dict[str, str]]:
    """Incident -> item -> the name of its recording, where people told recordings of that incident apart.

    `groups` is incident -> the items of its accounts that rest on a recording. Incidents of which nobody said
    that two of their recordings are different are left out: all of theirs are presumed one (R-07).
    """
    different = LikenessJudgement.objects.as_of(None).filter(verdict=Verdict.DIFFERENT.value)
    if not different.exists():
        return {}
    items = {item for group in groups.values() for item in group}
    held = _held_in_order(items)
    judgements = _of_exhibits({thing for things in held.values() for thing in things})
    found: dict[str, dict[str, str]] = {}
    for incident, group in groups.items():
        ordered = [item for item in held if item in set(group)] + [item for item in group if item not in held]
        names = recordings_apart({item: held.get(item, []) for item in ordered}, judgements)
        if any(names.values()):
            found[incident] = names
    return found


def _held_in_order(items: Collection[str]) -> dict[str, list[str]]:
    """Item -> its exhibits, the items in the order in which the first of theirs came."""
    rows: list[tuple[int, str, str]] = []
    listed = sorted(items)
    for start in range(0, len(listed), _FEW):
        part = Exhibit.objects.filter(version=1, derived_from="", item__in=listed[start : start + _FEW])
        rows += part.values_list("entry", "item", "thing")
    held: dict[str, list[str]] = {}
    for _, item, thing in sorted(rows):
        held.setdefault(item, []).append(thing)
    return held


def _of_exhibits(things: Collection[str]) -> list[Judgement]:
    """The judgements that stand and of which both exhibits are among these."""
    rows: list[LikenessJudgement] = []
    listed = sorted(things)
    for start in range(0, len(listed), _FEW):
        part = listed[start : start + _FEW]
        rows += LikenessJudgement.objects.as_of(None).filter(left_exhibit__in=part)
    return [
        Judgement(
            row.left_exhibit,
            row.right_exhibit,
            Verdict(row.verdict),
            row.recorded_at,
            row.recorded_by,
            row.thing,
            row.reason,
        )
        for row in rows
        if row.right_exhibit in things
    ]
