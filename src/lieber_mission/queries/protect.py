"""What the register knows of protected persons, for members of their compartments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lieber_vault import NoVault, Vault, open_vault, read_credential

from .. import place
from ..models import (
    Account,
    Compartment,
    Consent,
    Disclosure,
    Interview,
    Officer,
    Opening,
    Pseudonym,
    RiskAssessment,
)
from ..policies.permissions import Deed, Role, Viewer, check_may, may
from .erasures import not_erased
from .incidents import NotInRegister
from .link import incident_of

Values = Mapping[str, Any]

_ABSENT = "Nothing of this id is in the register, or not for you; compare the id."


def vault(*, brought_back: bool = False) -> Vault:
    """The vault, open for one deed; close it afterwards.

    `brought_back` accepts a database or a folder that was restored from a backup without the other.
    Raises LieberError where the credential is not there or is another one, NoVault without a vault.
    """
    return open_vault(
        place.vault_address(),
        read_credential(place.vault_credential_file()),
        objects=place.vault_folder() / "objects",
        brought_back=brought_back,
    )


def has_vault() -> bool:
    """Whether this process reaches a vault."""
    if not place.vault_credential_file().is_file():
        return False
    try:
        vault().close()
    except NoVault:
        return False
    return True


@dataclass(frozen=True, slots=True)
class PseudonymLine:
    """A protected person in a list."""

    thing: str
    compartment: str
    subject: str
    interviews: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Sealed:
    """A record of the vault, as its header tells: never what it holds."""

    sealed: str
    kind: str
    version: int
    made_at: str
    bytes: int


@dataclass(frozen=True, slots=True)
class PersonDetail:
    """All that the register knows of one protected person."""

    thing: str
    compartment: str
    subject: str
    contact_wish: str
    vulnerabilities: tuple[str, ...]
    consents: tuple[Values, ...]
    interviews: tuple[Values, ...]
    risks: tuple[Values, ...]
    openings: tuple[Values, ...]
    disclosures: tuple[Values, ...]
    sealed: tuple[Sealed, ...]
    accounts: tuple[tuple[str, str], ...]


def holders_of(compartment: str) -> list[str]:
    """The officers whose keys open what a compartment seals: its protection officers."""
    return [
        officer.officer_id
        for officer in Officer.objects.filter(is_active=True).order_by("id")
        if Role.PROTECTION_OFFICER.value in officer.roles and compartment in officer.compartments
    ]


def vault_holdings() -> dict[str, object]:
    """How much the vault holds and where it lies: numbers only."""
    with vault() as opened:
        counted = opened.counts()
        return {
            "at": str(place.vault_address()).rpartition("@")[2],
            "records": counted.records,
            "persons": counted.pseudonyms,
            "keys": counted.active_keys,
            "recovery_key": "named" if opened.recovery() else "none",
        }


def vault_misfits(*, brought_back: bool = False) -> list[str]:
    """What of the vault's rows and files does not fit each other; empty where all does."""
    with vault(brought_back=brought_back) as opened:
        return [f"{misfit.place} {misfit.what}: {misfit.reason}" for misfit in opened.check()]


def vault_keys() -> dict[str, str]:
    """Whose keys open the vault: the public part of each; empty where this process reaches no vault."""
    if not has_vault():
        return {}
    with vault() as opened:
        kept = {kept.officer: kept.recipient for kept in opened.kept_keys()}
        return kept | {"recovery": opened.recovery() or "none"}


def my_compartments(viewer: Viewer) -> list[tuple[str, str]]:
    """The compartments of which the viewer is a member: id and name."""
    rows = Compartment.objects.as_of(None).filter(thing__in=list(viewer.compartments))
    return list(rows.order_by("name").values_list("thing", "name"))


def person_list(*, viewer: Viewer) -> list[PseudonymLine]:
    """The protected persons of the viewer's compartments, latest first. Raises NotAllowed."""
    check_may(viewer, Deed.READ_INTERVIEWS)
    rows = list(
        Pseudonym.objects.as_of(None).filter(compartment__in=list(viewer.compartments)).order_by("-entry")
    )
    held = list(
        Interview.objects.as_of(None)
        .filter(pseudonym__in=[row.thing for row in rows])
        .values_list("pseudonym", flat=True)
    )
    return [
        PseudonymLine(row.thing, row.compartment, row.subject, held.count(row.thing), row.recorded_at)
        for row in rows
    ]


def person(thing: str, *, viewer: Viewer) -> PersonDetail:
    """One protected person. Raises NotInRegister where there is none for this viewer, or NotAllowed."""
    check_may(viewer, Deed.READ_INTERVIEWS)
    row = Pseudonym.objects.as_of(None).filter(thing=thing, compartment__in=list(viewer.compartments)).first()
    if row is None:
        raise NotInRegister(_ABSENT)
    told = not_erased(Account.objects.as_of(None).filter(pseudonym=thing))
    accounts = list(told.order_by("entry").values_list("thing", flat=True))
    incidents = incident_of(accounts, None)
    return PersonDetail(
        thing=row.thing,
        compartment=row.compartment,
        subject=row.subject,
        contact_wish=row.contact_wish,
        vulnerabilities=tuple(row.vulnerabilities),
        consents=_rows(Consent, thing, "purpose"),
        interviews=_rows(Interview, thing, "entry"),
        risks=_rows(RiskAssessment, thing, "entry"),
        openings=_rows(Opening, thing, "-entry"),
        disclosures=_rows(Disclosure, thing, "entry"),
        sealed=tuple(_sealed(thing)) if may(viewer, Deed.HOLD_IDENTITIES) else (),
        accounts=tuple((account, incidents.get(account, "")) for account in accounts),
    )


def opening(thing: str, *, viewer: Viewer) -> Values:
    """A deed of two as it stands. Raises NotInRegister where there is none for this viewer, or NotAllowed."""
    check_may(viewer, Deed.AGREE_TO_OPENING)
    rows = Opening.objects.as_of(None).filter(thing=thing, compartment__in=list(viewer.compartments))
    found = rows.values().first()
    if found is None:
        raise NotInRegister(_ABSENT)
    return found


def asked_for(thing: str, *, viewer: Viewer) -> Sealed | None:
    """What an opening would open, as its header tells: its kind and size, that officers know what they
    agree to. None of another deed, and of what was erased meanwhile."""
    row = opening(thing, viewer=viewer)
    return next((each for each in _sealed(row["pseudonym"]) if each.sealed == row["sealed"]), None)


def opening_steps(thing: str, *, viewer: Viewer) -> list[Values]:
    """Each step of a deed of two, oldest first."""
    opening(thing, viewer=viewer)
    return list(Opening.objects.filter(thing=thing).order_by("version").values())


def waiting_openings(*, viewer: Viewer) -> list[Values]:
    """The deeds of two of the viewer's compartments that wait to be agreed to or to be done."""
    check_may(viewer, Deed.AGREE_TO_OPENING)
    rows = Opening.objects.as_of(None).filter(
        state__in=["asked", "agreed"], compartment__in=list(viewer.compartments)
    )
    return list(rows.order_by("entry").values())


def _rows(model: Any, pseudonym: str, order: str) -> tuple[Values, ...]:
    return tuple(model.objects.as_of(None).filter(pseudonym=pseudonym).order_by(order).values())


def _sealed(pseudonym: str) -> list[Sealed]:
    if not has_vault():
        return []
    with vault() as opened:
        return [
            Sealed(
                header.record_id,
                header.kind.value,
                header.version,
                str(header.made_at),
                header.sealed_bytes,
            )
            for header in opened.headers_of(pseudonym)
        ]
