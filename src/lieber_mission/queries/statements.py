"""The register of public statements: utterances with their reports, and what stands near incidents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, CharField, F, Max, Min, Q, QuerySet, When

from lieber.assess import Tier
from lieber.base import Window
from lieber.code import Footing, footing
from lieber.publish import UNKNOWN
from lieber.qualify import NotQualified, check_command

from ..models import Association, Incident, Item, PublicStatement, Source
from ..policies.permissions import Deed, Viewer, check_may
from . import log
from .compartments import seen_by
from .figures import Question
from .incidents import NotInRegister
from .lists import Page, paged
from .remembered import attributed_by_month, values

# What protects: the contrary of a call, kept apart in every drawing.
PROTECTIVE = frozenset({"call_for_compliance", "condemnation"})
_FIELDS = tuple(
    field.attname
    for field in PublicStatement._meta.concrete_fields
    if field.attname not in {"row_id", "external_key"}
)


@dataclass(frozen=True, slots=True)
class Told:
    """What one item says of an utterance, with the item's address and the name of its source."""

    thing: str
    version: int
    recorded_at: datetime
    recorded_by: str
    entry: int
    item: str
    utterance: str
    speaker_office: str
    speaker_name: str
    speaker_party: str
    made_on: date | None
    platform: str
    statement_kind: str
    speech_act: str
    command_relation: str
    reported_by: str
    follow_up: str
    summary: str
    speaker_role: str
    official_capacity: str
    audience: str
    contents: list[str]
    literal_text: str
    language: str
    translation: str
    party_reaction: str
    retracted_on: date | None
    retraction_item: str
    address: str = ""
    source_name: str = ""

    @property
    def footing(self) -> Footing:
        """On which words of the speaker the coding rests."""
        return footing(literal=bool(self.literal_text), translated=bool(self.translation))


@dataclass(frozen=True, slots=True)
class UtteranceLine:
    """An utterance in a list, with the reports of it; the first report speaks for it."""

    key: str
    first: Told
    told: tuple[Told, ...]
    associations: int

    @property
    def retracted_on(self) -> date | None:
        """The first day on which one report has it taken back."""
        return min((each.retracted_on for each in self.told if each.retracted_on), default=None)

    @property
    def footing(self) -> Footing:
        """The best of the reports': one that gives the speaker's own words is enough."""
        found = {each.footing for each in self.told}
        return next(each for each in Footing if each in found)


@dataclass(frozen=True, slots=True)
class AssociationLine:
    """That a statement stands near an incident: an association and never a cause."""

    thing: str
    version: int
    entry: int
    statement: str
    speaker: str
    incident: str
    title: str
    kind: str
    reason: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class UtteranceDetail:
    """An utterance opened: the report asked for, all reports, its associations and their histories."""

    line: UtteranceLine
    asked: Told
    versions: tuple[Told, ...]
    associations: tuple[AssociationLine, ...]
    # Why it is not qualified as denial of quarter; empty where the gate is open.
    blocked: str


def check_item(item: str, *, viewer: Viewer) -> None:
    """Raises NotInRegister where the item is not in the register, or not for this viewer."""
    if not seen_by(Item.objects.as_of(None).filter(thing=item), viewer).exists():
        raise NotInRegister(f"No item {item} is in the register; compare the id.")


def utterance_list(
    *,
    viewer: Viewer,
    position: int | None,
    party: str = "",
    act: str = "",
    relation: str = "",
    text: str = "",
    incident: str = "",
    page: int = 1,
) -> Page[UtteranceLine]:
    """Utterances, latest first; those without a day are listed after the others."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = _seen(viewer, position)
    wanted = Q()
    for name, value in (("speaker_party", party), ("speech_act", act), ("command_relation", relation)):
        if value:
            wanted &= Q(**{name: value})
    if text:
        wanted &= (
            Q(summary__icontains=text) | Q(speaker_office__icontains=text) | Q(literal_text__icontains=text)
        )
    if incident:
        near = _standing(position).filter(incident=incident).values("statement")
        wanted &= Q(thing__in=near)
    groups = (
        rows.filter(wanted)
        .values("key")
        .annotate(day=Min("made_on"), last=Max("entry"))
        .order_by(F("day").desc(nulls_last=True), "-last")
    )
    return paged(groups, page, lambda part: _lines([group["key"] for group in part], viewer, position))


def utterance(thing: str, *, viewer: Viewer, position: int | None) -> UtteranceDetail:
    """The utterance of which this is a report. Raises NotInRegister."""
    check_may(viewer, Deed.READ_REGISTER)
    row = _seen(viewer, position).filter(thing=thing).first()
    if row is None:
        raise NotInRegister(f"No public statement {thing} is in the register at that time; compare the id.")
    line = next(iter(_lines([row.key], viewer, position)))
    asked = next(each for each in line.told if each.thing == thing)
    versions = PublicStatement.objects.filter(thing=thing).order_by("-version")
    if position is not None:
        versions = versions.filter(entry__lt=position)
    return UtteranceDetail(
        line=line,
        asked=asked,
        versions=tuple(_told(list(versions), viewer)),
        associations=tuple(
            associations([each.thing for each in line.told], viewer=viewer, position=position)
        ),
        blocked=_blocked({each.command_relation or "unknown" for each in line.told}),
    )


def _blocked(relations: Collection[str]) -> str:
    """The sentence of the gate, where no report shows command or control (R-30)."""
    said = ""
    for relation in sorted(relations, key=lambda relation: relation == "unknown"):
        try:
            check_command(relation)
        except NotQualified as error:
            said = said or str(error)
        else:
            return ""
    return said


def _seen(viewer: Viewer, position: int | None) -> QuerySet[Any]:
    """The statements that a viewer may know of, each with the key of its utterance."""
    # Without one, its own id.
    key = Case(When(utterance="", then=F("thing")), default=F("utterance"), output_field=CharField())
    rows: QuerySet[Any] = seen_by(PublicStatement.objects.as_of(position), viewer)
    keyed: QuerySet[Any] = rows.annotate(key=key)
    return keyed


def _lines(keys: Sequence[str], viewer: Viewer, position: int | None) -> Iterable[UtteranceLine]:
    rows = list(_seen(viewer, position).filter(key__in=keys).order_by("entry"))
    by_thing = {told.thing: told for told in _told(rows, viewer)}
    groups: dict[str, list[Told]] = defaultdict(list)
    for row in rows:
        groups[row.key].append(by_thing[row.thing])
    near = Counter(
        _standing(position).filter(statement__in=list(by_thing)).values_list("statement", flat=True)
    )
    for key in keys:
        told = tuple(sorted(groups[key], key=lambda each: (each.made_on or date.max, each.entry)))
        yield UtteranceLine(key, told[0], told, sum(near[each.thing] for each in told))


def _told(rows: Sequence[Any], viewer: Viewer) -> Iterable[Told]:
    items = {row.item for row in rows} | {row.retraction_item for row in rows} - {""}
    known = {item.thing: item for item in seen_by(Item.objects.as_of(None).filter(thing__in=items), viewer)}
    sources = dict(
        Source.objects.as_of(None)
        .filter(thing__in={item.source for item in known.values()})
        .values_list("thing", "name")
    )
    for row in rows:
        values = {name: getattr(row, name) for name in _FIELDS}
        # Where the retraction stands may lie in a compartment of which the statement knows nothing.
        values["retraction_item"] = row.retraction_item if row.retraction_item in known else ""
        item = known.get(row.item)
        yield Told(
            **values,
            address=item.address if item else "",
            source_name=sources.get(item.source, "") if item else "",
        )


def _standing(position: int | None) -> QuerySet[Any]:
    """The associations that were not withdrawn."""
    rows: QuerySet[Any] = Association.objects.as_of(position)
    return rows.exclude(association_kind="")


def associations(
    statements: Collection[str], *, viewer: Viewer, position: int | None
) -> Iterable[AssociationLine]:
    """The associations of these statements, oldest first."""
    rows = _standing(position).filter(statement__in=list(statements))
    return _association_lines(rows, viewer, position)


def beside_incident(
    incidents: Collection[str], *, viewer: Viewer, position: int | None
) -> list[AssociationLine]:
    """The statements that officers hold to stand near these incidents, oldest first. Raises NotAllowed."""
    check_may(viewer, Deed.READ_REGISTER)
    rows = _standing(position).filter(incident__in=list(incidents))
    return list(_association_lines(rows, viewer, position))


def _association_lines(
    rows: QuerySet[Any], viewer: Viewer, position: int | None
) -> Iterable[AssociationLine]:
    found = list(seen_by(rows, viewer).order_by("entry"))
    titles = dict(
        Incident.objects.as_of(position)
        .filter(thing__in={row.incident for row in found})
        .values_list("thing", "title")
    )
    speakers = dict(
        PublicStatement.objects.as_of(position)
        .filter(thing__in={row.statement for row in found})
        .values_list("thing", "speaker_office")
    )
    for row in found:
        yield AssociationLine(
            thing=row.thing,
            version=row.version,
            entry=row.entry,
            statement=row.statement,
            speaker=speakers.get(row.statement, ""),
            incident=row.incident,
            title=titles.get(row.incident, ""),
            kind=row.association_kind,
            reason=row.reason,
            recorded_by=row.recorded_by,
            recorded_at=row.recorded_at,
        )


@dataclass(frozen=True, slots=True)
class MonthOfParty:
    """A month of one party: utterances of its speakers, and incidents attributed to it."""

    month: str
    against: int
    protective: int
    incidents: int


@dataclass(frozen=True, slots=True)
class Beside:
    """A party's statements over the time line of incidents attributed to it; neither explains the other."""

    party: str
    months: tuple[MonthOfParty, ...]
    undated_statements: int
    undated_incidents: int


def statements_beside_incidents(
    window: Window, *, viewer: Viewer, as_of: datetime, tier: Tier
) -> list[Beside]:
    """Per party and month of a closed window: utterances above, attributed incidents below.

    Incidents are those that figures count, each in its month; one that may lie in several months in none.
    A few queries whatever the register's length. Raises NotAllowed.
    """
    check_may(viewer, Deed.READ_REGISTER)
    said = _said_by_month(viewer, log.size(as_of))
    done = _incidents_by_month(viewer, as_of, tier)
    months = _months(window)
    return [
        Beside(
            party=party,
            months=tuple(
                MonthOfParty(
                    month,
                    said[party, month, False],
                    said[party, month, True],
                    done[party, month],
                )
                for month in months
            ),
            undated_statements=said[party, "", False] + said[party, "", True],
            undated_incidents=done[party, ""],
        )
        for party in sorted(({key[0] for key in said} | {key[0] for key in done}) - {""})
    ]


def _said_by_month(viewer: Viewer, position: int | None) -> Counter[tuple[str, str, bool]]:
    rows = (
        _seen(viewer, position)
        .values("key")
        .annotate(day=Min("made_on"), party=Min("speaker_party"), act=Min("speech_act"))
        .values_list("party", "day", "act")
    )
    return Counter((party, f"{day:%Y-%m}" if day else "", act in PROTECTIVE) for party, day, act in rows)


def _incidents_by_month(viewer: Viewer, as_of: datetime, tier: Tier) -> Counter[tuple[str, str]]:
    """Party and month, empty where unknown -> incidents as figures count them, whoever the victims."""
    found: Counter[tuple[str, str]] = Counter()
    for victims in values("victim_party", log.size(as_of)):
        question = Question(victim_party=victims, window=Window(None, None), tier=tier)
        for (party, month), number in attributed_by_month(question, viewer=viewer, as_of=as_of).items():
            found["" if party == UNKNOWN else party, "" if month == UNKNOWN else month] += number
    return found


def _months(window: Window) -> list[str]:
    assert window.since is not None
    assert window.until is not None
    first, last = window.since, window.until
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [
        f"{first.year + (first.month - 1 + step) // 12}-{(first.month - 1 + step) % 12 + 1:02d}"
        for step in range(count)
    ]


def days_of_all(*, viewer: Viewer, position: int | None) -> tuple[date, date] | None:
    """The first and the last day of which a statement or a finding is; None where there is none."""
    check_may(viewer, Deed.READ_REGISTER)
    said = _seen(viewer, position).aggregate(first=Min("made_on"), last=Max("made_on"))
    days = [day for day in said.values() if day]
    return (min(days), max(days)) if days else None


def choices(*, viewer: Viewer, position: int | None) -> Mapping[str, list[str]]:
    """The parties and speech acts that the register of statements holds for this viewer."""
    rows = _seen(viewer, position)
    return {
        "parties": sorted(set(rows.values_list("speaker_party", flat=True).distinct()) - {""}),
        "acts": sorted(set(rows.values_list("speech_act", flat=True).distinct()) - {""}),
        "relations": sorted(set(rows.values_list("command_relation", flat=True).distinct()) - {""}),
    }
