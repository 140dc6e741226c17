"""How incidents stand by the register as it is: what the overview repeats, computed anew."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ..models import Account, Finding, Incident, Judgement
from ..policies.permissions import OPERATOR
from .compartments import hidden_from
from .erasures import erased_entries
from .link import absorbed_by, merges

_OF_FINDING = {
    "tier": "tier",
    "contested": "contested",
    "series": "series",
    "earliest": "occurred_earliest",
    "latest": "occurred_latest",
    "best_day": "occurred_best",
    "precision": "occurred_precision",
    "region": "region",
    "country": "country",
    "latitude": "latitude",
    "longitude": "longitude",
    "place_precision": "place_precision",
    "killed_min": "killed_min",
    "killed_best": "killed_best",
    "killed_max": "killed_max",
    "victim_party": "victim_party",
    "perpetrator_party": "perpetrator_party",
    "status": "status",
    "manner": "manner",
}
_NOTHING: dict[str, Any] = dict.fromkeys(_OF_FINDING) | {
    "contested": False,
    "series": "",
    "precision": "",
    "region": "",
    "country": "",
    "place_precision": "",
    "victim_party": "",
    "perpetrator_party": "",
    "status": "",
    "manner": "",
}
_PART = 500


def folded(text: str) -> str:
    """A text as it is searched: the case of letters does not matter, in any alphabet."""
    return text.casefold()


def place_of(row: Account | Finding) -> str:
    """The place in words, from the settlement up."""
    return ", ".join(part for part in (row.settlement, row.district, row.region, row.country) if part)


def stand_now(incidents: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Incident -> all that the overview says of it, by the rows of the register as they are.

    A few queries for every 500 incidents.
    """
    merged = merges(None)
    absorbed = absorbed_by(merged)
    for part in _parts(incidents):
        members = {one: (one, *absorbed.get(one, ())) for one in part}
        everyone = sorted({member for group in members.values() for member in group})
        counted = _accounts(everyone, None)
        findings = {row.incident: row for row in Finding.objects.as_of(None).filter(incident__in=part)}
        judged = _last_judged(everyone)
        for row in Incident.objects.as_of(None).filter(thing__in=part):
            finding = findings.get(row.thing)
            group = members[row.thing]
            entries = (row.entry, finding.entry if finding else 0, *(judged[member] for member in group))
            yield (
                row.thing,
                {
                    "changed": max(entries),
                    "title": row.title,
                    "title_words": folded(f"{row.title} {row.thing}"),
                    "merged_into": merged.get(row.thing, ""),
                    "accounts": sum(counted[member] for member in group),
                    **_concluded(finding),
                },
            )


def _concluded(finding: Finding | None) -> dict[str, Any]:
    if finding is None:
        return _NOTHING | {"killed": None, "place": "", "place_words": ""}
    values = {name: getattr(finding, column) for name, column in _OF_FINDING.items()}
    place = place_of(finding)
    killed = finding.killed_min if finding.killed_best is None else finding.killed_best
    return values | {"killed": killed, "place": place, "place_words": folded(f"{finding.place_name} {place}")}


def accounts_then(members: Collection[str], position: int) -> int:
    """How many accounts of no compartment stood judged to be of these after `position` entries."""
    return sum(_accounts(members, position).values())


def _accounts(incidents: Collection[str], position: int | None) -> Counter[str]:
    """Incident -> accounts judged to be of it that lie in no compartment and are not erased now."""
    closed = hidden_from(OPERATOR, Account)
    erased = Account.objects.filter(entry__in=erased_entries()).values("thing")
    rows = Judgement.objects.as_of(position).filter(right__in=incidents, of_incidents=False, verdict="same")
    return Counter(rows.exclude(left__in=closed).exclude(left__in=erased).values_list("right", flat=True))


def _last_judged(incidents: Collection[str]) -> dict[str, int]:
    """Incident -> the entry of the last judgement of it."""
    found: dict[str, int] = defaultdict(int)
    for side in ("left", "right"):
        rows = Judgement.objects.filter(**{f"{side}__in": incidents})
        for incident, entry in rows.values_list(side, "entry"):
            found[incident] = max(found[incident], entry)
    return found


def _parts(things: Iterable[str]) -> Iterator[list[str]]:
    listed = list(things)
    return (listed[start : start + _PART] for start in range(0, len(listed), _PART))
