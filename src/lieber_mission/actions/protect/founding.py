"""The vault of a mission: made once, with a recovery key that is kept offline."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from lieber.base import LieberError
from lieber_vault import (
    USUAL_COST,
    Cost,
    Kind,
    Rehearsal,
    create_vault,
    make_credential,
    make_key,
    make_recovery,
    rehearse,
    unlock,
)

from ... import place
from ...policies.permissions import Deed, Viewer, check_may
from ...queries.protect import has_vault, holders_of, vault

# The one text of every vault that is of no person.
REHEARSAL = "rehearsal"
FOUNDER = "the founding of the mission"


def found_vault(*, by: str, at: datetime) -> str | None:
    """Make the vault with its credential; returns the recovery key's text, to be kept offline.

    None where there is a vault already. The text is kept nowhere: lost, it cannot be had again.
    """
    if has_vault():
        return None
    place.vault_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    credential = make_credential(place.vault_credential_file())
    recovery = make_recovery()
    objects = place.vault_folder() / "objects"
    with create_vault(place.vault_address(), credential, objects=objects) as made:
        made.set_recovery(recovery.recipient, at=at, by=by or FOUNDER)
        # So that recovery can be rehearsed before there is anything to recover.
        made.put(
            b"A text to rehearse recovery with. It tells of nobody.",
            [recovery.recipient],
            record_id=REHEARSAL,
            pseudonym=REHEARSAL,
            kind=Kind.DOCUMENT,
            compartment=REHEARSAL,
            at=at,
            by=by or FOUNDER,
        )
    return recovery.identity_text


def make_officer_key(*, passphrase: str, by: Viewer, at: datetime, cost: Cost = USUAL_COST) -> str:
    """Make the officer's own key in the vault, wrapped under a passphrase; returns its public part.

    What was sealed before is not sealed to it: see `rotate`. Raises NotAllowed, WeakPassphrase or
    KeyConflict where the officer has a key.
    """
    check_may(by, Deed.HOLD_IDENTITIES)
    key = make_key(by.officer_id, passphrase, at=at, cost=cost)
    with vault() as opened:
        return opened.add_key(key, at=at, by=by.officer_id).recipient


def rotate(*, by: Viewer, passphrase: str, at: datetime) -> int:
    """Seal every record that this officer can open again to the keys of its compartment's present members.

    Returns the number of records; nothing is shown. Raises NotAllowed, WrongPassphrase, or LieberError
    where a compartment would be left without a key.
    """
    check_may(by, Deed.HOLD_IDENTITIES)
    with vault() as opened:
        identity = unlock(opened.key_of(by.officer_id), passphrase)
        keys = {kept.officer: kept.recipient for kept in opened.kept_keys()}
        # Of each record the compartment that its last version names; a damaged one stops nothing.
        headers = sorted(opened.all_headers(damaged=[]), key=lambda header: header.version)
        latest = {header.record_id: header for header in headers}
        mine = {
            record_id: header
            for record_id, header in latest.items()
            if identity.recipient in header.recipients
        }
        for record_id, header in mine.items():
            wanted = [keys[holder] for holder in holders_of(header.compartment) if holder in keys]
            if identity.recipient not in wanted:
                raise LieberError(
                    f"The records of {header.compartment} would be closed to whoever seals them again: a "
                    "present member of that compartment does it."
                )
            opened.rotate(record_id, identity, recipients=wanted, at=at, by=by.officer_id)
        opened.scrub()
    return len(mine)


def rehearse_recovery(identity_file: Path, *, sample: int | None = None) -> Rehearsal:
    """Prove that the recovery key opens what the vault holds, with the plain `age` command."""
    with vault() as opened:
        return rehearse(opened, identity_file, sample=sample)
