"""Officers who do the same deed on a protected person at the same moment, each in a process, on real files.

`rivals.py found` makes a mission with a person and with deeds that wait, and tells their ids;
`rivals.py DEED ID` waits for a character on standard input, does the deed and tells what came of it.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

# What only rows say that an erasure destroys.
TOLD = "Canary Nightingale walks by the mill"


def main(deed: str, thing: str = "") -> None:
    """Do one deed, and tell."""
    import django

    django.setup()
    from lieber.base import LieberError

    if deed == "found":
        print(json.dumps(_found()))
        return
    do = _ready(deed, thing)
    print("ready", flush=True)
    sys.stdin.read(1)
    try:
        do()
    except LieberError as error:
        print(json.dumps([type(error).__name__, str(error)]))
    else:
        print(json.dumps(["done", ""]))


def now() -> datetime:
    return datetime.now(UTC)


def officer(handle: str) -> Any:
    from lieber_mission.models import Officer

    return Officer.objects.get(handle=handle)


def _found() -> dict[str, str]:
    from canary_day import _founded
    from lieber.code import vocabulary
    from lieber_mission.actions.protect import openings, persons
    from lieber_mission.queries.protect import person

    made = _founded()
    first, second, monitor = made["protection_officer"], made["protection_officer_two"], made["monitor"]
    thing = persons.open_person(
        compartment=made["compartment"],
        subject="source",
        identity={"legal_name": "A name"},
        by=monitor,
        at=now(),
    )
    risk: dict[str, Any] = {"threats": [], "decision": "proceed", "reasons": TOLD, "review_by": None}
    persons.assess_risk(pseudonym=thing, **risk, by=monitor, at=now())
    informed = tuple(vocabulary("consent_information").words)
    decided = [persons.Decided("store", "granted", informed_of=informed, given_by="self", form="written")]
    persons.record_consents(pseudonym=thing, decided=decided, given_on=date(2025, 1, 1), by=monitor, at=now())
    (sealed,) = person(thing, viewer=first).sealed
    purpose = "the person asked for it"
    waiting = {
        "agree": openings.ask(sealed=sealed.sealed, purpose=purpose, by=first, at=now()),
        "open": openings.ask(sealed=sealed.sealed, purpose=purpose, by=first, at=now()),
        "do": openings.ask_deed(pseudonym=thing, deed="erase", purpose=purpose, by=first, at=now()),
    }
    for name in ("open", "do"):
        openings.agree(opening=waiting[name], by=second, at=now())
    return waiting | {"withdraw": thing, "person": thing}


def _ready(deed: str, thing: str) -> Any:
    """The deed, with everything prepared that may take long."""
    from canary_day import PASSPHRASE
    from lieber_mission.actions.protect import openings, withdrawals

    first, second = officer("protection-officer"), officer("protection-officer-two")
    if deed == "agree":
        return lambda: openings.agree(opening=thing, by=second, at=now())
    if deed == "do":
        return lambda: openings.do_deed(opening=thing, by=first, at=now())
    if deed == "withdraw":
        terms: dict[str, Any] = {
            "purposes": [],
            "effect": "stop_future_use",
            "withdrawn_on": date(2026, 2, 1),
        }
        return lambda: withdrawals.withdraw(pseudonym=thing, **terms, by=officer("monitor"), at=now())
    session = f"a session {now()}"
    token = openings.unlock_for_session(passphrase=PASSPHRASE, session=session, by=first, at=now())
    key = openings.Key(session, token)
    return lambda: openings.open_sealed_text(opening=thing, key=key, by=first, at=now())


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main(*sys.argv[1:])
