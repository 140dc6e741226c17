"""Identities: own database, own keys, one door.

In: plaintexts of persons under pseudonyms, and officers' public keys. Out: one record at a time, to whoever
holds the vault's credential and an unlocked key. Nothing here knows the site, its officers' roles or why a
record is opened: that is checked and logged at the one door of the site.

A vault is a SQLite file or a PostgreSQL database, and a folder of large bodies:

    credential = make_credential(folder / "credential")
    with create_vault(folder / "vault.sqlite3", credential, objects=folder / "objects") as vault:
        vault.put(text, [key.recipient], record_id=…, pseudonym=…, kind=Kind.IDENTITY, …)
        vault.read(record_id, unlock(key, passphrase))

`unlocked` keeps an identity open for one session, `rehearsal` proves recovery with the plain `age` command.
"""

from .checking import Misfit
from .credential import Credential, CredentialError, make_credential, read_credential
from .database import CommitUnknown, VaultUnavailable
from .headers import Header, Kind
from .kept import KeptKey
from .keys import (
    USUAL_COST,
    Cost,
    KeyDamaged,
    OfficerKey,
    Recovery,
    TooLittleMemory,
    WeakPassphrase,
    WrongPassphrase,
    change_passphrase,
    make_key,
    make_recovery,
    read_key,
    unlock,
)
from .objects import ObjectLost, WrongFolder
from .proofs import SealedOtherwise
from .rehearsal import Failure, Rehearsal, RehearsalImpossible, rehearse
from .rows import RowDamaged
from .sealing import (
    BadIdentity,
    BadRecipient,
    Digest,
    Identity,
    SealDamaged,
    SealedToOthers,
    join,
    open_sealed,
    seal,
    split,
)
from .store import (
    AsSealed,
    Counts,
    Erasure,
    KeyConflict,
    NotInVault,
    NoVault,
    Vault,
    VaultExists,
    VersionConflict,
    WrongCredential,
    create_vault,
    open_vault,
)
from .unlocked import Locked

__all__ = [
    "USUAL_COST",
    "AsSealed",
    "BadIdentity",
    "BadRecipient",
    "CommitUnknown",
    "Cost",
    "Counts",
    "Credential",
    "CredentialError",
    "Digest",
    "Erasure",
    "Failure",
    "Header",
    "Identity",
    "KeptKey",
    "KeyConflict",
    "KeyDamaged",
    "Kind",
    "Locked",
    "Misfit",
    "NoVault",
    "NotInVault",
    "ObjectLost",
    "OfficerKey",
    "Recovery",
    "Rehearsal",
    "RehearsalImpossible",
    "RowDamaged",
    "SealDamaged",
    "SealedOtherwise",
    "SealedToOthers",
    "TooLittleMemory",
    "Vault",
    "VaultExists",
    "VaultUnavailable",
    "VersionConflict",
    "WeakPassphrase",
    "WrongCredential",
    "WrongFolder",
    "WrongPassphrase",
    "change_passphrase",
    "create_vault",
    "join",
    "make_credential",
    "make_key",
    "make_recovery",
    "open_sealed",
    "open_vault",
    "read_credential",
    "read_key",
    "rehearse",
    "seal",
    "split",
    "unlock",
]
