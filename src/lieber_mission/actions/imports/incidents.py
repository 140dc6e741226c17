"""Incidents: a coder's reconciled view. Each row is an incident, judgements and a finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from lieber.assess import asserted_by_most
from lieber.base import (
    DatePrecision,
    PlacePrecision,
    UncertainCount,
    UncertainDate,
    UncertainPlace,
    precision_of,
    undated,
)

from ...models import Account, Finding, Incident
from ...queries.grounds import CodedAccount, coded, propose
from ...queries.link import absorbed_by, accounts_of, merges, opened
from ..assess import finding_row, finding_thing
from ..record import batches
from .judgements import TABLE, doubted, settle_doubts, settle_judgements
from .material import Taking, Values
from .settle import Settled, settle

DOUBT = "the coder notes that they may be one incident"
# Tags by which the coder says that the accounts disagree about what a killing was.
CONTESTED_TAGS = frozenset({"contested_qualification", "verification_conflict"})


def settle_incidents(rows: list[Values], taking: Taking) -> Settled:
    """Incidents, the judgements that accounts filed under their keys are of them, and findings
    with the tier that the methodology proposes on those accounts."""
    settled = Settled()
    incidents = [
        Incident(external_key=taking.key("incidents", values["incident_key"]), title=values["title"])
        for values in rows
    ]
    settled.add(settle(incidents))
    things = {
        values["incident_key"]: incident.thing for values, incident in zip(rows, incidents, strict=True)
    }
    filed = _accounts_filed(things, taking)
    pairs = {account.thing: things[account.filed_under] for group in filed.values() for account in group}
    settled.add(settle_judgements(pairs, "the coder's reconciled view", taking))
    doubts = _doubts(rows, things, taking)
    settled.add(settle_doubts(doubts))
    _note_dropped_doubts(doubts, things, taking)
    known = _coded(filed, _judged_otherwise(things, pairs), taking)
    settled.add(settle_findings(rows, things, known, taking))
    return settled


def settle_findings(
    rows: list[Values], things: Mapping[str, str], accounts: Mapping[str, list[CodedAccount]], taking: Taking
) -> Settled:
    """A finding for each incident, superseding what a table concluded before where it says otherwise.

    What an officer concluded stands, and it is noted: sources say, people decide (design 4.3).
    """
    settled = Settled()
    standing = {}
    for batch in batches(finding_thing(things[values["incident_key"]]) for values in rows):
        standing.update({row.thing: row for row in Finding.objects.as_of(None).filter(thing__in=batch)})
    # Without any day an incident was known by the day on which it was opened, whenever that was.
    opened_at = opened(list(things.values()))
    for values in rows:
        incident = things[values["incident_key"]]
        opened_on = opened_at.get(incident, taking.at).date()
        row = _finding(values, incident, accounts.get(incident, []), opened_on=opened_on, taking=taking)
        row.external_key = TABLE
        known = standing.get(row.thing)
        if known is None:
            settled.created += 1
        elif _same_conclusion(row, known):
            settled.unchanged += 1
            continue
        elif not known.external_key:
            settled.unchanged += 1
            taking.notes.append(
                f"An officer concluded otherwise on {values['incident_key']} ({row.thing} version "
                f"{known.version}): the officer's finding stands."
            )
            continue
        else:
            row.version = known.version + 1
            settled.superseded += 1
        settled.rows.append(row)
    return settled


def _same_conclusion(row: Finding, known: Finding) -> bool:
    """Whether two findings conclude alike, for the same reasons."""
    aside = {"external_key", "reviewed_by", "alternatives"}
    return all(value == known.content()[name] for name, value in row.content().items() if name not in aside)


def _finding(
    values: Values, incident: str, accounts: list[CodedAccount], *, opened_on: date, taking: Taking
) -> Finding:
    tags = set(values["hard_case_tags"])
    killed = _killed(values)
    facts = _facts(tags, killed, taking)
    proposal = propose(accounts, facts=facts, methodology=taking.methodology)
    return finding_row(
        incident=incident,
        version=1,
        tier=proposal.tier,
        proposal=proposal,
        date=_date(values, taking, opened_on),
        place=_place(values),
        killed=killed,
        victim_party=values["victim_party"],
        perpetrator_party=values["alleged_perpetrator_party"],
        status=" + ".join(asserted_by_most((account.voice, account.statuses) for account in accounts)),
        manner=" + ".join(asserted_by_most((account.voice, account.manners) for account in accounts)),
        facts=facts,
        contested=bool(tags & CONTESTED_TAGS),
        reasons="; ".join([*proposal.reasons, values["note"]] if values["note"] else proposal.reasons),
        methodology=taking.methodology,
    )


def _facts(tags: Collection[str], killed: UncertainCount, taking: Taking) -> tuple[str, ...]:
    """The facts of the methodology that a row states: its caps by tag, and whether anybody was killed."""
    known = {cap.fact for cap in taking.methodology.caps}
    facts = known & set(tags)
    if killed == UncertainCount(0, None, None):
        facts.add("number_unknown")
    elif killed.taken[1] >= taking.methodology.killing_needed:
        facts.add("killing_stated")
    return tuple(sorted(facts))


def _killed(values: Values) -> UncertainCount:
    return UncertainCount(values["killed_min"] or 0, values["killed_best"], values["killed_max"])


def _date(values: Values, taking: Taking, opened_on: date) -> UncertainDate:
    """The date of the row; where it has none, the reach of days before it became public."""
    known_by = values["first_public_on"] or values["first_coded_report_on"]
    first = values["date_best_start"]
    if first is None:
        return undated(
            known_by=known_by or opened_on,
            reach_days=taking.methodology.undated_reach_days,
            not_before=taking.methodology.effective_from,
        )
    last = values["date_best_end"] or first
    # Nothing is public before it happened.
    if known_by and known_by < last:
        last = max(known_by, first)
    said = DatePrecision(values["date_precision"] or "day")
    return UncertainDate(first, last, precision_of(first, last, said))


def _place(values: Values) -> UncertainPlace:
    precision = next(
        (
            word
            for column, word in (
                ("settlement", PlacePrecision.SETTLEMENT),
                ("raion_or_district", PlacePrecision.DISTRICT),
                ("oblast_or_region", PlacePrecision.REGION),
                ("country", PlacePrecision.COUNTRY),
            )
            if values[column]
        ),
        PlacePrecision.NONE,
    )
    return UncertainPlace(
        name=values["settlement"],
        settlement=values["settlement"],
        district=values["raion_or_district"],
        region=values["oblast_or_region"],
        country=values["country"],
        latitude=values["lat"],
        longitude=values["lon"],
        precision=precision,
    )


def _doubts(rows: list[Values], things: Mapping[str, str], taking: Taking) -> dict[tuple[str, str], str]:
    """The pairs that the coder notes as possibly one incident, where both are in the register."""
    named = {label for values in rows for label in values["possible_same_as"]}
    keys = {taking.key("incidents", label): label for label in named - things.keys()}
    known = {
        keys[row.external_key]: row.thing for row in Incident.objects.filter(version=1, external_key__in=keys)
    }
    doubts: dict[tuple[str, str], str] = {}
    for values in rows:
        for label in values["possible_same_as"]:
            other = things.get(label) or known.get(label)
            if label == values["incident_key"]:
                continue
            if other is None:
                taking.notes.append(
                    f"{values['incident_key']} may be the same as {label}, which is not in the register."
                )
            else:
                left, right = sorted((things[values["incident_key"]], other))
                doubts[left, right] = DOUBT
    return doubts


def _note_dropped_doubts(
    doubts: Collection[tuple[str, str]], things: Mapping[str, str], taking: Taking
) -> None:
    """Say which pairs of the table it doubted once and does not now: what they are, a person judges."""
    labels = {thing: label for label, thing in things.items()}
    for left, right in doubted(list(labels), DOUBT):
        if right in labels and (left, right) not in doubts:
            taking.notes.append(
                f"{labels[left]} and {labels[right]} are not noted as possibly one incident any more: the "
                "judgement “unsure” on them stands until an officer judges them."
            )


def _accounts_filed(things: Mapping[str, str], taking: Taking) -> dict[str, list[Account]]:
    """Incident -> the accounts that were filed under its key in this collection."""
    prefix = taking.key("reports", "")
    filed: dict[str, list[Account]] = defaultdict(list)
    for labels in batches(things):
        rows = list(Account.objects.as_of(None).filter(filed_under__in=labels).order_by("entry"))
        # What an officer coded anew is no table's any more, and is filed as it was.
        first = Account.objects.filter(version=1, thing__in=[account.thing for account in rows])
        keys = dict(first.values_list("thing", "external_key"))
        for account in rows:
            # Compared here and not by LIKE, which takes A for a on one of the two databases.
            if keys.get(account.thing, "").startswith(prefix):
                filed[things[account.filed_under]].append(account)
    return filed


def _judged_otherwise(things: Mapping[str, str], pairs: Mapping[str, str]) -> dict[str, list[Account]]:
    """Incident -> accounts that are judged to be of it, or of one merged into it, though filed elsewhere."""
    merged = merges(None)
    absorbed = absorbed_by(merged)
    other: dict[str, list[Account]] = defaultdict(list)
    for incidents in batches(incident for incident in things.values() if incident not in merged):
        whole = {
            member: incident for incident in incidents for member in (incident, *absorbed.get(incident, ()))
        }
        for member, accounts in accounts_of(whole, None).items():
            strangers = [account for account in accounts if pairs.get(account) != whole[member]]
            other[whole[member]] += Account.objects.as_of(None).filter(thing__in=strangers)
    return other


def _coded(
    filed: Mapping[str, list[Account]], other: Mapping[str, list[Account]], taking: Taking
) -> dict[str, list[CodedAccount]]:
    accounts = {
        incident: [*filed.get(incident, ()), *other.get(incident, ())] for incident in {*filed, *other}
    }
    return coded(accounts, authorities=taking.authorities, on=taking.at.date())
