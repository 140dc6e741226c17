"""An incident before whoever assesses it: its accounts by origin, and what the method proposes on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lieber.assess import (
    Conclusion,
    Grading,
    Methodology,
    Proposal,
    Tier,
    asserted_by_most,
    killed_by_accounts,
    said_by_most,
    shipped_course,
    shipped_methodology,
)
from lieber.base import (
    DatePrecision,
    PlacePrecision,
    Quantifier,
    UncertainCount,
    UncertainDate,
    UncertainPlace,
    count_of,
    precision_of,
    undated,
)
from lieber.link import Origin

from ..models import Account, Appraisal, Finding, Source
from ..models import Proposal as ProposalRow
from ..policies.permissions import Deed, Viewer, check_may
from .compartments import hidden_from, seen_by
from .grounds import CodedAccount, accounts_under, coded, propose
from .incidents import AccountLine, NotInRegister, account_lines, titles
from .link import merges
from .origins import authorities, origins_of
from .proposals import ProposalLine, plain_finding, proposal_lines, reader

# The facts that the course of a proposal meets by itself: nobody ticks them.
MET_BY_ITSELF = frozenset({"alternatives_considered", "independent_review"})
_PLACE_PARTS = ("settlement", "district", "region", "country")


@dataclass(frozen=True, slots=True)
class AppraisedAccount:
    """An account with the two grades: of its source, and of what it says, each with its reason."""

    line: AccountLine
    grading: Grading
    reliability_reason: str
    credibility_reason: str
    appraised_by: str
    appraisal_version: int
    count: UncertainCount | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What stands on the page of an assessment.

    `stands` is the version of the finding that stands, 0 where there is none; `suggested` is that
    finding, or what most origins say.
    """

    incident: str
    title: str
    stands: int
    finding: Conclusion | None
    suggested: Conclusion
    killed: UncertainCount | None
    groups: tuple[tuple[Origin | None, tuple[AppraisedAccount, ...]], ...]
    coded: tuple[CodedAccount, ...]
    under_way: tuple[ProposalLine, ...]
    methodology: Methodology

    @property
    def accounts(self) -> tuple[AppraisedAccount, ...]:
        """Each account once, in the order in which they were recorded."""
        found = {each.line.thing: each for _, group in self.groups for each in group}
        return tuple(sorted(found.values(), key=lambda each: each.line.entry))

    def proposal(self, facts: Sequence[str], *, reviewed: bool) -> Proposal:
        """The tier that the methodology proposes on these facts, with or without reviewers' agreement."""
        met = set(facts) - {"independent_review"}
        return propose(
            self.coded,
            facts=met | ({"independent_review"} if reviewed else set()),
            methodology=self.methodology,
        )


def assessment(incident: str, *, viewer: Viewer, on: date) -> Assessment:
    """An incident with all that a finding on it would rest on, as far as the viewer may know of it.

    `on` is the day on which consent is asked. Raises NotInRegister for no incident and for one that was
    merged into another, or NotAllowed.
    """
    check_may(viewer, Deed.READ_REGISTER)
    title = titles([incident], None).get(incident)
    if title is None:
        raise NotInRegister(f"No incident {incident} is in the register; compare the id.")
    if (into := merges(None).get(incident)) is not None:
        raise NotInRegister(f"{incident} was merged into {into}: the finding of the whole is recorded there.")
    rows = seen_accounts(incident, viewer)
    stands = Finding.objects.as_of(None).filter(incident=incident).first()
    finding = None
    if stands is not None:
        fields = plain_finding(stands)
        finding = reader(viewer, [fields])(fields)
    methodology, table = shipped_methodology(), authorities()
    usable = coded({incident: rows}, authorities=table, on=on)[incident]
    killed = killed_by_accounts(_counts(rows, usable))
    return Assessment(
        incident=incident,
        title=title,
        stands=stands.version if stands else 0,
        finding=finding,
        suggested=finding or _suggested(rows, usable, killed=killed, methodology=methodology, on=on),
        killed=killed,
        groups=_groups(rows),
        coded=tuple(usable),
        under_way=tuple(_under_way(incident)),
        methodology=methodology,
    )


def seen_accounts(incident: str, viewer: Viewer) -> list[Account]:
    """The accounts of an incident and of those merged into it that the viewer may know of."""
    rows = accounts_under([incident])[incident]
    things = [row.thing for row in rows]
    hidden = set(hidden_from(viewer, Account).filter(thing__in=things).values_list("thing", flat=True))
    return sorted((row for row in rows if row.thing not in hidden), key=lambda row: row.entry)


def appraised_account(account: str, *, viewer: Viewer) -> AppraisedAccount | None:
    """One account with its two grades; None where it is not there for this viewer. Raises NotAllowed."""
    check_may(viewer, Deed.READ_REGISTER)
    row = seen_by(Account.objects.as_of(None).filter(thing=account), viewer).first()
    return None if row is None else _appraised_all([row])[account]


def _groups(rows: Sequence[Account]) -> tuple[tuple[Origin | None, tuple[AppraisedAccount, ...]], ...]:
    appraised = _appraised_all(rows)
    lines = [each.line for each in appraised.values()]
    grouped = origins_of(lines)
    listed = {line.thing for _, group in grouped for line in group}
    rest = tuple(appraised[line.thing] for line in lines if line.thing not in listed)
    found: tuple[tuple[Origin | None, tuple[AppraisedAccount, ...]], ...] = tuple(
        (origin, tuple(appraised[line.thing] for line in group)) for origin, group in grouped
    )
    return (*found, (None, rest)) if rest else found


def _appraised_all(rows: Sequence[Account]) -> dict[str, AppraisedAccount]:
    lines = list(account_lines([row.thing for row in rows], None))
    sources = {
        source.thing: source
        for source in Source.objects.as_of(None).filter(thing__in={line.source for line in lines})
    }
    graded = {
        row.account: row
        for row in Appraisal.objects.as_of(None).filter(account__in=[line.thing for line in lines])
    }
    of_row = {row.thing: row for row in rows}
    return {
        line.thing: _appraised(line, of_row[line.thing], sources.get(line.source), graded.get(line.thing))
        for line in lines
    }


def _appraised(
    line: AccountLine, row: Account, source: Source | None, graded: Appraisal | None
) -> AppraisedAccount:
    return AppraisedAccount(
        line=line,
        grading=Grading(source.reliability if source else "", graded.credibility if graded else ""),
        reliability_reason=source.reliability_reason if source else "",
        credibility_reason=graded.reason if graded else "",
        appraised_by=graded.recorded_by if graded else "",
        appraisal_version=graded.version if graded else 0,
        count=count_said(row),
    )


def count_said(row: Account) -> UncertainCount | None:
    """The number of persons killed that an account compels (R-12); None where it gives none."""
    quantifier = Quantifier(row.killed_quantifier or "unknown")
    if quantifier is Quantifier.UNKNOWN:
        return None
    return count_of(quantifier, row.killed_n, row.killed_m)


def _counts(rows: Sequence[Account], usable: Sequence[CodedAccount]) -> Mapping[str, list[UncertainCount]]:
    found: dict[str, list[UncertainCount]] = {}
    by_thing = {row.thing: row for row in rows}
    for account in usable:
        count = count_said(by_thing[account.thing])
        if count is not None:
            found.setdefault(" ".join(sorted(account.voice)), []).append(count)
    return found


def _suggested(
    rows: Sequence[Account],
    usable: Sequence[CodedAccount],
    *,
    killed: UncertainCount | None,
    methodology: Methodology,
    on: date,
) -> Conclusion:
    """What most origins say, one voice for each (R-07)."""
    by_thing = {row.thing: row for row in rows}
    said = [(account.voice, by_thing[account.thing]) for account in usable]
    facts = ("killing_stated",) if killed and killed.taken[1] >= methodology.killing_needed else ()
    if killed is None:
        facts = ("number_unknown",)
    tier = propose(usable, facts=facts, methodology=methodology).tier
    return Conclusion(
        tier=min(tier, Tier.CREDIBLE),
        series=methodology.series,
        date=_date([row for _, row in said], methodology, on),
        place=_place(said),
        killed=killed or UncertainCount(0, None, None),
        victim_party=said_by_most((voice, row.victim_party) for voice, row in said),
        perpetrator_party=said_by_most((voice, row.perpetrator_party) for voice, row in said),
        status=" + ".join(asserted_by_most((each.voice, each.statuses) for each in usable)),
        manner=" + ".join(asserted_by_most((each.voice, each.manners) for each in usable)),
        facts=facts,
    )


def _date(rows: Sequence[Account], methodology: Methodology, on: date) -> UncertainDate:
    """From the first day that an account gives to the last; without any, the reach before publication."""
    days = [
        (row.occurred_earliest, row.occurred_latest or row.occurred_earliest)
        for row in rows
        if row.occurred_earliest
    ]
    if not days:
        return undated(
            known_by=on, reach_days=methodology.undated_reach_days, not_before=methodology.effective_from
        )
    first, last = min(day for day, _ in days), max(day for _, day in days)
    return UncertainDate(first, last, precision_of(first, last, DatePrecision.DAY))


def _place(said: Sequence[tuple[frozenset[str], Account]]) -> UncertainPlace:
    """The place that most origins name, the parts together, so that no place is made of two."""
    texts = [
        (voice, "\n".join(getattr(row, part) for part in _PLACE_PARTS).rstrip("\n"), row)
        for voice, row in said
    ]
    whole = {text: row for _, text, row in texts}
    chosen = said_by_most((voice, text) for voice, text, _ in texts)
    if not chosen:
        return UncertainPlace()
    row = whole[chosen]
    precision = next(
        (PlacePrecision(part) for part in _PLACE_PARTS if getattr(row, part)), PlacePrecision.NONE
    )
    return UncertainPlace(
        name=row.place_name,
        settlement=row.settlement,
        district=row.district,
        region=row.region,
        country=row.country,
        latitude=row.latitude,
        longitude=row.longitude,
        precision=precision,
    )


def _under_way(incident: str) -> Sequence[ProposalLine]:
    final = shipped_course().final()
    rows = list(ProposalRow.objects.as_of(None).filter(incident=incident, withdrawn=False).order_by("entry"))
    return [line for line in proposal_lines(rows) if line.state not in final]
