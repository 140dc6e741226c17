"""A mission with a protected person, in deeds run as processes: `python backed_up.py DEED [ARGUMENT]`.

`found` makes officers with keys, `person` seals a small and a large text, `erase` destroys a person,
`write` opens persons as fast as it can until it is stopped, `seals` tells whether what the register points
to is in the vault.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

PASSPHRASE = "slate river lantern 40"


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def officer(handle: str) -> Any:
    """An officer by the handle."""
    from lieber_mission.models import Officer

    return Officer.objects.get(handle=handle)


def found() -> None:
    """Officers who protect, their keys and their compartment."""
    from lieber_mission.actions import officers
    from lieber_mission.actions.protect import founding
    from lieber_mission.policies.permissions import Role
    from lieber_vault import Cost

    roles = {"monitor": Role.MONITOR, "first": Role.PROTECTION_OFFICER, "second": Role.PROTECTION_OFFICER}
    made = {
        handle: officers.make_officer(handle=handle, title=handle, roles=[role], password=None, at=now())
        for handle, role in {**roles, "head": Role.HEAD_OF_MISSION}.items()
    }
    circle = officers.open_compartment(
        name="circle", description="", second_officer=True, by=made["head"], at=now()
    )
    for handle in roles:
        officers.set_member(
            compartment=circle,
            officer_id=made[handle].officer_id,
            member=True,
            reason="works on it",
            by=made["head"],
            at=now(),
        )
    for handle in ("first", "second"):
        founding.make_officer_key(
            passphrase=PASSPHRASE, by=officer(handle), at=now(), cost=Cost(memory_kib=64, passes=1)
        )


def person(large: str = "yes") -> None:
    """Print the pseudonym of a new person with a sealed identity and, if wanted, a large sealed text."""
    from django.db import transaction

    from lieber_mission.actions.protect import persons
    from lieber_mission.actions.record import hold_the_log
    from lieber_mission.queries.protect import my_compartments
    from lieber_vault import Kind

    monitor = officer("monitor")
    ((circle, _),) = my_compartments(monitor)
    pseudonym = persons.open_person(
        compartment=circle,
        subject="source",
        identity={"legal_name": "Canary Nightingale"},
        by=monitor,
        at=now(),
    )
    if large == "yes":
        with transaction.atomic():
            hold_the_log()
            persons.seal_text(
                b"Canary Nightingale sang. " * 20_000,
                pseudonym=pseudonym,
                kind=Kind.RECORDING,
                compartment=circle,
                by=monitor,
                at=now(),
            )
    print(pseudonym, flush=True)


def erase(pseudonym: str) -> None:
    """Erase a person."""
    from lieber_mission.actions.protect import erasing

    erasing.erase(
        pseudonym=pseudonym,
        ground="the person asked for it",
        accounts_too=True,
        by=officer("first"),
        at=now(),
        agreed_by=officer("second"),
    )


def write() -> None:
    """Open persons, every third of them erased at once, until the process is stopped."""
    from lieber_mission.models import Pseudonym

    while True:
        person()
        if Pseudonym.objects.count() % 3 == 0:
            erase(Pseudonym.objects.order_by("-entry").values_list("thing", flat=True)[0])


def seals() -> None:
    """Print how many persons the register knows who were not erased, and how many of them the vault."""
    from lieber_mission.models import Erasure, Pseudonym
    from lieber_mission.queries.protect import vault

    known = set(Pseudonym.objects.values_list("thing", flat=True))
    known -= set(Erasure.objects.values_list("pseudonym", flat=True))
    with vault() as opened:
        print(len(known), sum(bool(opened.headers_of(thing)) for thing in known))


if __name__ == "__main__":
    import django

    django.setup()
    deeds = {"found": found, "person": person, "erase": erase, "write": write, "seals": seals}
    deeds[sys.argv[1]](*sys.argv[2:])  # type: ignore[operator]  # the deeds take what they need
