"""An incident opened down to its items, as JSON and in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from lieber.publish import Contribution

from ..queries.incidents import IncidentDetail
from ..queries.values import instant_text, plain
from .figure_output import contribution_json, table_lines


def incident_json(detail: IncidentDetail, contribution: Contribution) -> dict[str, Any]:
    """Everything an incident rests on, with the entries of the log."""
    return {
        "incident": detail.thing,
        "title": detail.title,
        "contribution": contribution_json(contribution),
        "merged_into": detail.merged_into,
        "absorbed": detail.absorbed,
        "findings": [
            {key: plain(value) for key, value in asdict(finding).items()} | {"tier": finding.tier.word}
            for finding in detail.findings
        ],
        "accounts": [
            {key: _plain(value) for key, value in asdict(account).items()} for account in detail.accounts
        ],
    }


def _plain(value: Any) -> Any:
    return [plain(part) for part in value] if isinstance(value, tuple) else plain(value)


def incident_lines(detail: IncidentDetail, contribution: Contribution) -> Iterator[str]:
    """An incident in a terminal: its finding, then its accounts with their items."""
    yield f"{detail.thing}  {detail.title}"
    yield f"  counts: {contribution.decision.counts.value}; {contribution.reason}"
    for finding in detail.findings:
        yield (
            f"  finding {finding.version}, {instant_text(finding.recorded_at)[:10]}, entry {finding.entry}: "
            f"{finding.tier.word}; killed {_killed(finding.killed)}; {finding.reasons}"
        )
    yield ""
    headings = ("account", "entry", "published", "killed", "source", "address")
    yield from table_lines(
        headings,
        (
            (
                account.thing,
                account.entry,
                account.published[0] or "not known",
                account.killed,
                account.source_name,
                account.address,
            )
            for account in detail.accounts
        ),
    )


def _killed(killed: tuple[int, int | None, int | None]) -> str:
    return " / ".join("open" if number is None else str(number) for number in killed)
