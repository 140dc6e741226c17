"""What a finding rests on: the accounts that may be used, each with its independent origins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lieber.assess import AssessedOrigin, Grounds, Methodology, Proposal, propose_tier
from lieber.link import Authorities, Origin, propose_origins, rests_on_recording

from ..models import Account, Item, Source
from .consent import usable_in_figures
from .erasures import erased_entries
from .likeness import recordings_of
from .link import absorbed_by, accounts_of, merges

# How a person must know a killing for their account to be their own testimony: what another told them
# is that other's, and of two who heard it nobody can say that they heard it from two.
OWN_KNOWLEDGE = frozenset({"saw", "heard_directly"})


@dataclass(frozen=True, slots=True)
class CodedAccount:
    """What the assessment needs of one account: where it comes from, and what it asserts."""

    thing: str
    origins: tuple[Origin, ...]
    statuses: Sequence[str]
    manners: Sequence[str]

    @property
    def voice(self) -> frozenset[str]:
        """The account's origins: accounts that share them all speak with one voice."""
        return frozenset(origin.key for origin in self.origins)


def coded(
    groups: Mapping[str, Collection[Account]], *, authorities: Authorities, on: date
) -> dict[str, list[CodedAccount]]:
    """Incident -> its accounts that may be used on a day, as the assessment takes them.

    What a person told in an interview is left out where they did not consent to its use (R-18), and what
    was erased. A few queries whatever the number of incidents.
    """
    everything = [account for group in groups.values() for account in group]
    usable = usable_in_figures({account.pseudonym for account in everything} - {""}, on=on)
    gone = erased_entries()
    outlets = _outlets({account.item for account in everything})
    recordings = recordings_of(
        {
            incident: [account.item for account in group if rests_on_recording(account.evidence_types)]
            for incident, group in groups.items()
        }
    )
    return {
        incident: [
            _coded(
                account,
                outlets[account.item],
                authorities,
                recording=recordings.get(incident, {}).get(account.item, ""),
            )
            for account in group
            if account.entry not in gone and (not account.pseudonym or account.pseudonym in usable)
        ]
        for incident, group in groups.items()
    }


def _coded(account: Account, outlet: str, authorities: Authorities, *, recording: str) -> CodedAccount:
    return CodedAccount(
        thing=account.thing,
        origins=propose_origins(
            outlet=outlet,
            syndicated_from=account.syndicated_from,
            announced_by=account.announced_by,
            evidence_types=account.evidence_types,
            authorities=authorities,
            witness=_witness(account),
            recording=recording,
        ),
        statuses=account.victim_statuses,
        manners=account.manners,
    )


def propose(
    accounts: Iterable[CodedAccount], *, facts: Collection[str], methodology: Methodology
) -> Proposal:
    """The tier that the methodology proposes on these accounts."""
    origins = frozenset(
        AssessedOrigin(origin.key, origin.kind) for account in accounts for origin in account.origins
    )
    return propose_tier(Grounds(origins, frozenset(facts)), methodology)


def leaders(incidents: Collection[str]) -> list[str]:
    """The incidents under which these are counted: themselves, or what they were merged into."""
    merged = merges(None)
    return sorted({merged.get(incident, incident) for incident in incidents})


def accounts_under(counted: Collection[str]) -> dict[str, list[Account]]:
    """Incident -> the accounts judged to be of it or of one that was merged into it.

    `counted` are incidents that stand for themselves (`leaders`).
    """
    absorbed = absorbed_by(merges(None))
    whole = {member: incident for incident in counted for member in (incident, *absorbed.get(incident, ()))}
    found: dict[str, list[Account]] = {incident: [] for incident in counted}
    for member, things in accounts_of(whole, None).items():
        found[whole[member]] += _accounts(things)
    return found


def _witness(account: Account) -> str:
    """The pseudonym of the person whose own knowledge the account is."""
    how = account.knowledge.get("what_happened", account.knowledge.get("manner", ""))
    return account.pseudonym if how in OWN_KNOWLEDGE else ""


def _accounts(things: Sequence[str]) -> list[Account]:
    found: list[Account] = []
    for start in range(0, len(things), 500):
        found += Account.objects.as_of(None).filter(thing__in=things[start : start + 500])
    return found


def _outlets(items: Collection[str]) -> Mapping[str, str]:
    """Item -> the name of its source."""
    source_of: dict[str, str] = {}
    for batch in _batches(items):
        source_of.update(Item.objects.as_of(None).filter(thing__in=batch).values_list("thing", "source"))
    names: dict[str, str] = {}
    for batch in _batches(set(source_of.values())):
        names.update(Source.objects.as_of(None).filter(thing__in=batch).values_list("thing", "name"))
    return {item: names[source] for item, source in source_of.items()}


def _batches(things: Collection[str], size: int = 500) -> Iterable[list[str]]:
    listed = list(things)
    return (listed[start : start + size] for start in range(0, len(listed), size))
