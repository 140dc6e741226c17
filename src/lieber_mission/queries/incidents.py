"""Incidents with what they rest on: findings, accounts, items, sources."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lieber.assess import Tier
from lieber.base import LieberError, Quantifier

from ..models import Account, Finding, Incident, Item, Source
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import hidden_from
from .desk import blind_to
from .erasures import not_erased
from .link import accounts_of, merges, standing_beside


class NotInRegister(LieberError):
    """Nothing of this id is in the register, or not for this viewer."""


@dataclass(frozen=True, slots=True)
class FindingVersion:
    """One version of the mission's conclusion on an incident."""

    thing: str
    version: int
    recorded_at: datetime
    recorded_by: str
    reviewed_by: str
    entry: int
    tier: Tier
    proposed_tier: Tier
    contested: bool
    earliest: date
    latest: date
    best_day: date
    precision: str
    place: str
    place_precision: str
    latitude: float | None
    longitude: float | None
    killed: tuple[int, int | None, int | None]
    victim_party: str
    perpetrator_party: str
    status: str
    manner: str
    reasons: str
    methodology: str


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account with the item it stands in."""

    thing: str
    entry: int
    recorded_at: datetime
    item: str
    address: str
    source: str
    source_name: str
    language: str
    published: tuple[date | None, date | None]
    occurred: tuple[date | None, date | None]
    place: str
    killed: str
    statuses: tuple[str, ...]
    manners: tuple[str, ...]
    evidence_types: tuple[str, ...]
    announced_by: tuple[str, ...]
    syndicated_from: str
    victim_party: str
    perpetrator_party: str
    summary: str
    confidence: str
    filed_under: str
    compartment: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A judgement between this incident, or one that was merged into it, and another.

    `member` is the one of this incident's that it is on; `asks` what a second officer is asked to agree to.
    """

    incident: str
    title: str
    verdict: str
    reason: str
    member: str
    thing: str
    asks: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """An incident opened down to its items."""

    thing: str
    title: str
    opened_at: datetime
    merged_into: str
    absorbed: tuple[str, ...]
    findings: tuple[FindingVersion, ...]
    accounts: tuple[AccountLine, ...]
    beside: tuple[Beside, ...]

    @property
    def finding(self) -> FindingVersion | None:
        """The finding that stands."""
        return self.findings[-1] if self.findings else None


def incident_detail(thing: str, *, viewer: Viewer, position: int | None) -> IncidentDetail:
    """An incident as it stood after `position` entries. Raises NotInRegister or NotAllowed."""
    check_may(viewer, Deed.READ_REGISTER)
    row = Incident.objects.as_of(position).filter(thing=thing).first()
    if row is None:
        raise NotInRegister(f"No incident {thing} is in the register at that time; compare the id.")
    first = Incident.objects.get(thing=thing, version=1)
    merged = merges(position)
    absorbed = tuple(sorted(other for other, leader in merged.items() if leader == thing))
    judged = [account for group in accounts_of([thing, *absorbed], position).values() for account in group]
    hidden = set(hidden_from(viewer, Account).filter(thing__in=judged).values_list("thing", flat=True))
    hidden |= blind_to(viewer)
    accounts = [account for account in judged if account not in hidden]
    return IncidentDetail(
        thing=thing,
        title=row.title,
        opened_at=first.recorded_at,
        merged_into=merged.get(thing, ""),
        absorbed=absorbed,
        findings=tuple(_findings(thing, position)),
        accounts=tuple(account_lines(accounts, position)),
        beside=tuple(_beside([thing, *absorbed], position)),
    )


def titles(incidents: Collection[str], position: int | None) -> dict[str, str]:
    """Incident -> title."""
    found: dict[str, str] = {}
    for part in _parts(incidents):
        found.update(Incident.objects.as_of(position).filter(thing__in=part).values_list("thing", "title"))
    return found


def findings_of(incidents: Collection[str]) -> dict[str, FindingVersion]:
    """Incident -> the finding that stands on it; those without one are left out."""
    return {
        row.incident: _version(row)
        for part in _parts(incidents)
        for row in Finding.objects.as_of(None).filter(incident__in=part)
    }


def _findings(incident: str, position: int | None) -> Iterable[FindingVersion]:
    rows = Finding.objects.filter(incident=incident).order_by("version")
    for row in rows if position is None else rows.filter(entry__lt=position):
        yield _version(row)


def _version(row: Finding) -> FindingVersion:
    return FindingVersion(
        thing=row.thing,
        version=row.version,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        reviewed_by=row.reviewed_by,
        entry=row.entry,
        tier=Tier(row.tier),
        proposed_tier=Tier(row.proposed_tier),
        contested=row.contested,
        earliest=row.occurred_earliest,
        latest=row.occurred_latest,
        best_day=row.occurred_best,
        precision=row.occurred_precision,
        place=_place(row),
        place_precision=row.place_precision,
        latitude=row.latitude,
        longitude=row.longitude,
        killed=(row.killed_min, row.killed_best, row.killed_max),
        victim_party=row.victim_party,
        perpetrator_party=row.perpetrator_party,
        status=row.status,
        manner=row.manner,
        reasons=row.reasons,
        methodology=row.methodology,
    )


def account_lines(accounts: Collection[str], position: int | None) -> Iterable[AccountLine]:
    """Accounts with their items and sources, in the order in which they were recorded; erased ones not."""
    rows = sorted(
        (
            row
            for part in _parts(accounts)
            for row in not_erased(Account.objects.as_of(position).filter(thing__in=part))
        ),
        key=lambda row: row.entry,
    )
    items: dict[str, Item] = {}
    for part in _parts({row.item for row in rows}):
        items |= {item.thing: item for item in Item.objects.as_of(position).filter(thing__in=part)}
    names: dict[str, str] = {}
    for part in _parts({item.source for item in items.values()}):
        names.update(Source.objects.as_of(position).filter(thing__in=part).values_list("thing", "name"))
    for row in rows:
        yield _account_line(row, items[row.item], names)


def _account_line(row: Account, item: Item, names: dict[str, str]) -> AccountLine:
    return AccountLine(
        thing=row.thing,
        entry=row.entry,
        recorded_at=row.recorded_at,
        item=item.thing,
        address=item.address,
        source=item.source,
        source_name=names.get(item.source, ""),
        language=item.language,
        published=(item.published_earliest, item.published_latest),
        occurred=(row.occurred_earliest, row.occurred_latest),
        place=row.place_name or _place(row),
        killed=killed_words(row),
        statuses=tuple(row.victim_statuses),
        manners=tuple(row.manners),
        evidence_types=tuple(row.evidence_types),
        announced_by=tuple(row.announced_by),
        syndicated_from=row.syndicated_from,
        victim_party=row.victim_party,
        perpetrator_party=row.perpetrator_party,
        summary=row.summary,
        confidence=row.filing_confidence,
        filed_under=row.filed_under,
        compartment=row.compartment or item.compartment,
    )


# How a number is said; {n} and {m} are the numbers of the account.
KILLED_WORDS = {
    Quantifier.EXACT: "{n}",
    Quantifier.AT_LEAST: "at least {n}",
    Quantifier.UP_TO: "up to {n}",
    Quantifier.BETWEEN: "{n} to {m}",
    Quantifier.ABOUT: "about {n}",
    Quantifier.UNKNOWN: "no number",
}


def killed_words(row: Account) -> str:
    """The number of persons killed as the account says it."""
    quantifier = Quantifier(row.killed_quantifier or "unknown")
    return KILLED_WORDS.get(quantifier, quantifier.value).format(n=row.killed_n, m=row.killed_m)


def _place(row: Account | Finding) -> str:
    return ", ".join(part for part in (row.settlement, row.district, row.region, row.country) if part)


def _beside(members: Sequence[str], position: int | None) -> Iterable[Beside]:
    rows = standing_beside(members, position)
    names = titles([thing for row in rows for thing in (row.left, row.right)], position)
    for row in rows:
        other, member = (row.left, row.right) if row.left not in members else (row.right, row.left)
        yield Beside(
            other,
            names.get(other, ""),
            row.verdict,
            row.reason,
            member,
            row.thing,
            row.asks,
            row.recorded_by,
            row.recorded_at,
        )


def _parts(things: Iterable[str], size: int = 500) -> Iterable[list[str]]:
    listed = list(things)
    return (listed[start : start + size] for start in range(0, len(listed), size))
