"""The judgements that a coder's table implies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lieber.link import Verdict

from ...models import Account, Incident, Judgement
from ...queries.compartments import hidden_from
from ...queries.link import standing
from ..link import judgement_thing
from ..record import batches
from .material import Taking
from .settle import Settled

Standing = Mapping[tuple[str, str], Judgement]


# The external key of a judgement that a table implies: what an officer judged has none, and no table
# speaks against it.
TABLE = "table"


def settle_judgements(pairs: Mapping[str, str], reason: str, taking: Taking) -> Settled:
    """Account -> incident: a judgement "same" for each pair that does not stand yet.

    An account that stood with another incident is first judged different from that one. Where an
    officer judged otherwise, that stands, and it is noted for whoever may know of the account.
    """
    settled = Settled()
    for batch in batches(pairs):
        judged = standing(batch)
        officers = _judged_by_officers(judged, pairs)
        hidden = hidden_from(taking.by, Account).filter(thing__in=officers)
        taking.notes += [
            f"An officer judged otherwise of {account} than the table, which files it under "
            f"{pairs[account]}: the officer's judgement stands."
            for account in sorted(officers.difference(hidden.values_list("thing", flat=True)))
        ]
        accounts = [account for account in batch if account not in officers]
        for (account, incident), judgement in judged.items():
            if account in officers:
                continue
            if judgement.verdict == Verdict.SAME.value and incident != pairs[account]:
                moved = f"{reason}; not under this incident any more"
                _settle_verdict(
                    (account, incident), Verdict.DIFFERENT, reason=moved, judged=judged, settled=settled
                )
        for account in accounts:
            _settle_verdict(
                (account, pairs[account]), Verdict.SAME, reason=reason, judged=judged, settled=settled
            )
    return settled


def _judged_by_officers(judged: Standing, pairs: Mapping[str, str]) -> set[str]:
    """The accounts of which an officer judged otherwise than these pairs."""
    return {
        account
        for (account, incident), judgement in judged.items()
        if not judgement.external_key
        and (judgement.verdict == Verdict.SAME.value) == (incident != pairs[account])
    }


def settle_removals(pairs: Mapping[str, str]) -> Settled:
    """Account -> incident under which it is not filed any more: judgements "different"."""
    settled = Settled()
    reason = "the coder files it under another key now"
    for accounts in batches(pairs):
        judged = standing(accounts)
        for account in accounts:
            pair = (account, pairs[account])
            known = judged.get(pair)
            if known and known.external_key and known.verdict == Verdict.SAME.value:
                _settle_verdict(pair, Verdict.DIFFERENT, reason=reason, judged=judged, settled=settled)
    return settled


def settle_doubts(pairs: Mapping[tuple[str, str], str]) -> Settled:
    """Pairs of incidents that may be one, with the reason: judgements "unsure", for review."""
    settled = Settled()
    judged = standing([left for left, _ in pairs])
    for (left, right), reason in pairs.items():
        if (left, right) in judged:
            settled.unchanged += 1
        else:
            _settle_verdict((left, right), Verdict.UNSURE, reason=reason, judged=judged, settled=settled)
    return settled


def doubted(incidents: Iterable[str], reason: str) -> list[tuple[str, str]]:
    """The pairs with one of these on the left that stand judged "unsure" for this reason."""
    found: list[tuple[str, str]] = []
    for batch in batches(incidents):
        rows = Judgement.objects.as_of(None).filter(
            left__in=batch, of_incidents=True, verdict=Verdict.UNSURE.value, reason=reason
        )
        found += rows.values_list("left", "right")
    return found


def _settle_verdict(
    pair: tuple[str, str], verdict: Verdict, *, reason: str, judged: Standing, settled: Settled
) -> None:
    left, right = pair
    earlier = judged.get(pair)
    if earlier and earlier.verdict == verdict.value:
        settled.unchanged += 1
        return
    settled.rows.append(
        Judgement(
            thing=judgement_thing(left, right),
            version=earlier.version + 1 if earlier else 1,
            left=left,
            right=right,
            of_incidents=left[:3] == Incident.prefix,
            verdict=verdict.value,
            reason=reason,
            external_key=TABLE,
        )
    )
    settled.created += not earlier
    settled.superseded += bool(earlier)
