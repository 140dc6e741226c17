"""Accounts that are of no incident yet, beside the incidents that they may be of.

Only what waits is looked at, and of the incidents only those whose days come near: a few queries whatever
the size of the register.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from lieber.base import (
    DatePrecision,
    PlacePrecision,
    UncertainCount,
    UncertainDate,
    UncertainPlace,
    precision_of,
)
from lieber.link import Candidate, Described, Episode, propose_candidates
from lieber.link.candidates import REACH_DAYS, SLACK_DAYS

from ..models import Account, Finding, Item, Judgement
from ..policies.permissions import Deed, Viewer, check_may
from .assessment import count_said
from .compartments import seen_by
from .incidents import AccountLine, FindingVersion, NotInRegister, account_lines, findings_of, titles
from .link import merges
from .lists import PAGE, Page
from .waiting import UNPLACED_ACCOUNTS, waiting

# Of the incidents near in time no more than this are compared with an account, and so many are shown.
COMPARED = 300
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Pair:
    """An account and an incident it may be of; `strength` 0 and no reasons where only a person paired them.

    `verdict`, `reason`, `by` and `at` are those of the judgement that stands, if one does.
    """

    incident: str
    title: str
    strength: float
    reasons: tuple[str, ...]
    finding: FindingVersion | None
    verdict: str
    reason: str
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Judging:
    """An account before whoever judges it; the accounts of the queue before and after it."""

    account: AccountLine
    pairs: tuple[Pair, ...]
    before: str
    after: str
    place: int
    waiting: int
    whole: bool

    @property
    def open_pairs(self) -> tuple[Pair, ...]:
        """Those of which nobody judged anything yet."""
        return tuple(pair for pair in self.pairs if not pair.verdict)

    @property
    def judged(self) -> tuple[Pair, ...]:
        """Those that somebody judged."""
        return tuple(pair for pair in self.pairs if pair.verdict)

    @property
    def incident(self) -> str:
        """The incident that the account stands judged to be of; empty where it still waits."""
        return next((pair.incident for pair in self.pairs if pair.verdict == "same"), "")


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A page of the accounts that wait; `whole` where their number is not one of at least so many."""

    page: Page[AccountLine]
    whole: bool


def unplaced(*, viewer: Viewer, page: int = 1) -> Unplaced:
    """The accounts without an incident that the viewer may know of, the newest first. Raises NotAllowed."""
    check_may(viewer, Deed.JUDGE)
    found = waiting(UNPLACED_ACCOUNTS)
    things = found.seen_by(viewer, Account)
    pages = max(1, -(-len(things) // PAGE))
    number = min(max(1, page), pages)
    lines = {line.thing: line for line in account_lines(things[PAGE * (number - 1) : PAGE * number], None)}
    listed = tuple(lines[thing] for thing in things if thing in lines)
    return Unplaced(Page(listed, number, pages, len(things)), found.whole)


def judging(account: str, *, viewer: Viewer) -> Judging:
    """An account with the incidents it may be of. Raises NotInRegister or NotAllowed."""
    check_may(viewer, Deed.JUDGE)
    row = seen_by(Account.objects.as_of(None).filter(thing=account), viewer).first()
    if row is None:
        raise NotInRegister(f"No account {account} is in the register; compare the id.")
    found = waiting(UNPLACED_ACCOUNTS)
    things = found.seen_by(viewer, Account)
    place = things.index(account) if account in things else -1
    return Judging(
        account=next(iter(account_lines([account], None))),
        pairs=tuple(_pairs(row)),
        before=things[place - 1] if place > 0 else "",
        after=things[place + 1] if place + 1 < len(things) else "",
        place=place + 1,
        waiting=len(things),
        whole=found.whole,
    )


def _pairs(row: Account) -> Iterable[Pair]:
    """What a person judged first, the rest by strength."""
    judged = {
        each.right: each for each in Judgement.objects.as_of(None).filter(left=row.thing, of_incidents=False)
    }
    proposed = {_other(each, row.thing): each for each in proposed_for(row)}
    listed = [*judged, *(incident for incident in proposed if incident not in judged)]
    names, findings = titles(listed, None), findings_of(listed)
    for incident in listed:
        candidate, judgement = proposed.get(incident), judged.get(incident)
        yield Pair(
            incident=incident,
            title=names.get(incident, ""),
            strength=candidate.strength if candidate else 0.0,
            reasons=candidate.reasons if candidate else (),
            finding=findings.get(incident),
            verdict=judgement.verdict if judgement else "",
            reason=judgement.reason if judgement else "",
            by=judgement.recorded_by if judgement else "",
            at=judgement.recorded_at if judgement else None,
        )


def proposed_for(row: Account) -> Sequence[Candidate]:
    """The incidents that an account may be of, the strongest first."""
    public = (
        Item.objects.as_of(None).filter(thing=row.item).values_list("published_earliest", flat=True).first()
    )
    account = Described(row.thing, _of_account(row), public)
    span = _span(account)
    if not row.victim_party or (span is None and not row.region):
        return ()
    merged = merges(None)
    near = [finding for finding in _near(row, span) if finding.incident not in merged]
    # Each is compared with the account alone: incidents among themselves are judged elsewhere.
    found = [
        candidate
        for finding in near
        for candidate in propose_candidates([account, Described(finding.incident, _of_finding(finding))])
    ]
    return sorted(found, key=lambda each: (-each.strength, each.right))[:SHOWN]


def _near(row: Account, span: tuple[date, date] | None) -> Sequence[Finding]:
    rows = Finding.objects.as_of(None).filter(victim_party=row.victim_party)
    if span is None:
        return list(rows.filter(region=row.region).order_by("-occurred_latest")[:COMPARED])
    slack = timedelta(days=SLACK_DAYS)
    rows = rows.filter(occurred_latest__gte=span[0] - slack, occurred_earliest__lte=span[1] + slack)
    if row.region:
        rows = rows.filter(Q(region=row.region) | Q(region=""))
    return list(rows.order_by("occurred_latest")[:COMPARED])


def _span(described: Described) -> tuple[date, date] | None:
    if described.episode.date is not None:
        return described.episode.date.earliest, described.episode.date.latest
    if described.public is None:
        return None
    return described.public - timedelta(days=REACH_DAYS), described.public


def _of_account(row: Account) -> Episode:
    when = None
    if row.occurred_earliest is not None:
        last = row.occurred_latest or row.occurred_earliest
        said = DatePrecision(row.occurred_precision or "day")
        when = UncertainDate(row.occurred_earliest, last, precision_of(row.occurred_earliest, last, said))
    return Episode(row.victim_party, row.perpetrator_party, when, _place(row), count_said(row))


def _of_finding(row: Finding) -> Episode:
    when = UncertainDate(
        row.occurred_earliest, row.occurred_latest, DatePrecision(row.occurred_precision), row.occurred_best
    )
    killed = UncertainCount(row.killed_min, row.killed_best, row.killed_max)
    return Episode(row.victim_party, row.perpetrator_party, when, _place(row), killed)


def _place(row: Account | Finding) -> UncertainPlace:
    known = PlacePrecision(row.place_precision) if row.place_precision else None
    parts = ("settlement", "district", "region", "country")
    named = next((PlacePrecision(part) for part in parts if getattr(row, part)), PlacePrecision.NONE)
    return UncertainPlace(
        name=row.place_name,
        settlement=row.settlement,
        district=row.district,
        region=row.region,
        country=row.country,
        latitude=row.latitude,
        longitude=row.longitude,
        precision=known or named,
    )


def _other(candidate: Candidate, account: str) -> str:
    return candidate.right if candidate.left == account else candidate.left
