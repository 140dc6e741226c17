"""From how many independent origins the accounts of an incident come."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources

from lieber.link import (
    Authorities,
    Origin,
    independent,
    propose_origins,
    read_authorities,
    rests_on_recording,
    shipped_authorities,
)

from .. import place
from .incidents import AccountLine
from .likeness import recordings_of
from .log import is_replayed


def authorities() -> Authorities:
    """Who belongs to which service: the mission's own table beside the general one that ships.

    The table is `authorities.toml` in the mission's folder; the example has its own.
    Raises BadInput where the file is no such table.
    """
    own = place.folder() / "authorities.toml"
    if own.is_file():
        return read_authorities(own.read_text("utf-8"))
    return example_authorities() if is_replayed() else shipped_authorities()


def example_authorities() -> Authorities:
    """The table of the example."""
    text = resources.files("lieber_mission").joinpath("example", "authorities.toml").read_text("utf-8")
    return read_authorities(text)


def origins_of(accounts: Iterable[AccountLine]) -> list[tuple[Origin, list[AccountLine]]]:
    """Each independent origin with the accounts that rest on it, the most copied first."""
    table = authorities()
    accounts = list(accounts)
    resting = [account.item for account in accounts if rests_on_recording(account.evidence_types)]
    recordings = recordings_of({"": resting}).get("", {})
    by_origin: dict[Origin, list[AccountLine]] = {}
    for account in accounts:
        for origin in propose_origins(
            outlet=account.source_name,
            syndicated_from=account.syndicated_from,
            announced_by=account.announced_by,
            evidence_types=account.evidence_types,
            authorities=table,
            recording=recordings.get(account.item, ""),
        ):
            by_origin.setdefault(origin, []).append(account)
    counted = independent(by_origin)
    return sorted(
        ((origin, group) for origin, group in by_origin.items() if origin in counted),
        key=lambda pair: (-len(pair[1]), pair[0].key),
    )
