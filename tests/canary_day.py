"""A day at a mission with a protected witness, in one process on real files, ended without tidying up.

Every part of the witness's identity is a canary. What each role sees of the site on that day is written to
standard output as JSON: address, role, and the canaries found (none). `test_canaries.py` runs it and then
looks for the canaries in every file.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

CANARIES = ("Canary Nightingale", "Linden Hollow 17", "+00 555 010 999", "48.7654321", "37.1234567")
PASSWORD = "violet harbour ladder 7"
PASSPHRASE = "slate river lantern 40"
ROLES = (
    "monitor",
    "analyst",
    "reviewer",
    "legal_officer",
    "protection_officer",
    "data_officer",
    "head_of_mission",
    "administrator",
)
# Addresses that end what is being looked at, or change the account that looks.
LEFT_OUT = re.compile(r"/log-out/|/own/")


def main() -> None:
    """Live the day and tell what was seen."""
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    people = _founded()
    pages = _witness(people)
    seen = [page for role in ROLES for page in _crawl(role, people)]
    print(json.dumps({"worked": pages, "seen": seen}))
    sys.stdout.flush()
    os._exit(0)  # as a machine that lost power: nothing is tidied up


def _founded() -> dict[str, Any]:
    """Officers of every role, a compartment of those who work with the witness, their keys."""
    from datetime import UTC, datetime

    from lieber_mission.actions import officers
    from lieber_mission.actions.institution import found_mission
    from lieber_mission.actions.protect import founding
    from lieber_mission.policies.permissions import Role
    from lieber_vault import Cost

    found_mission(name="Mission", origin="mission.example/log", handle="founder", at=datetime.now(UTC))
    made = {}
    for role in (*ROLES, "protection_officer"):
        handle = role.replace("_", "-") + ("-two" if role in made else "")
        made[role if role not in made else f"{role}_two"] = officers.make_officer(
            handle=handle, title=role, roles=[Role(role)], password=PASSWORD, at=datetime.now(UTC)
        )
    compartment = officers.open_compartment(
        name="circle", description="", second_officer=True, by=made["head_of_mission"], at=datetime.now(UTC)
    )
    for role in ("monitor", "analyst", "protection_officer", "protection_officer_two"):
        officers.set_member(
            compartment=compartment,
            officer_id=made[role].officer_id,
            member=True,
            reason="works on it",
            by=made["head_of_mission"],
            at=datetime.now(UTC),
        )
        made[role].refresh_from_db()
    for role in ("protection_officer", "protection_officer_two"):
        founding.make_officer_key(
            passphrase=PASSPHRASE, by=made[role], at=datetime.now(UTC), cost=Cost(memory_kib=64, passes=1)
        )
    return made | {"compartment": compartment}


def _client(officer: Any) -> Any:
    """A browser of an officer who has a second factor."""
    from allauth.mfa.models import Authenticator
    from django.test import Client

    Authenticator.objects.get_or_create(user=officer, type="totp", defaults={"data": {"secret": ""}})
    client = Client()
    client.force_login(officer)
    return client


def _witness(people: dict[str, Any]) -> dict[str, int]:
    """The monitor's and the protection officers' work; address -> status."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    import field_answers

    monitor, first, second = (
        _client(people[role]) for role in ("monitor", "protection_officer", "protection_officer_two")
    )
    done = {}
    typed = {
        "compartment": people["compartment"],
        "subject": "source",
        "legal_name": CANARIES[0],
        "home_place": CANARIES[1],
        "contacts": CANARIES[2],
    }
    broken = monitor.post("/protect/new/", typed | {"subject": "no such word"})
    done["a form with a mistake"] = broken.status_code
    made = monitor.post("/protect/new/", typed)
    done["a new person"] = made.status_code
    person = made["Location"]
    told = field_answers.account(
        testimony=f"I stood at {CANARIES[3]}, {CANARIES[4]}.", place_words=CANARIES[1], place_basis="saw"
    )
    answers = field_answers.interview(legal_name=CANARIES[0], contacts=CANARIES[2]) | {"accounts": [told]}
    for name, content in (
        ("submissions", field_answers.as_json([field_answers.kobo(answers)])),
        ("broken submissions", field_answers.as_json([field_answers.kobo(answers)]).replace(b"uk", b"\xff")),
    ):
        file = SimpleUploadedFile("interviews.json", content)
        sent = monitor.post("/protect/submissions/", {"compartment": people["compartment"], "file": file})
        done[name] = sent.status_code
    page = first.get(person).content.decode()
    sealed = re.search(r'name="sealed" value="([\w-]+)"', page)
    assert sealed
    asked = first.post(
        person, {"deed_wanted": "open", "sealed": sealed[1], "purpose": "call the witness back safely"}
    )
    done["an opening asked for"] = asked.status_code
    opening = re.search(r"/protect/openings/OPN-[\w-]+/", first.get("/protect/openings/").content.decode())
    assert opening
    for client in (first, second):
        client.get("/own/confirm/")
        client.post("/own/confirm/", {"password": PASSWORD})
    done["agreed"] = second.post(opening[0], {"step": "agree"}).status_code
    unlocked = first.post("/protect/key/", {"step": "unlock", "passphrase": PASSPHRASE})
    done["unlocked"] = unlocked.status_code
    shown = first.post(opening[0], {"step": "open"})
    done["opened"] = shown.status_code
    assert CANARIES[0] in shown.content.decode(), "what was sealed must come back to who opened it"
    done["opened again"] = first.post(opening[0], {"step": "open"}).status_code
    return done | _recorded(person, monitor, first, second)


def _recorded(person: str, monitor: Any, first: Any, second: Any) -> dict[str, int]:
    """A recording of the witness that is sealed on their page, and opened; step -> status.

    Longer than what is usually held in memory: nothing of it may lie in a temporary file.
    """
    from django.core.files.uploadedfile import SimpleUploadedFile

    from lieber.code import vocabulary

    content = b"OggS" + f"{CANARIES[0]}, {CANARIES[1]}, {CANARIES[2]}; ".encode() * 60_000
    consent = {
        "deed_wanted": "consent",
        "purpose": "store",
        "decision": "granted",
        "informed_of": list(vocabulary("consent_information").words),
        "given_by": "self",
        "form": "oral_noted",
        "given_on": "2025-03-01",
    }
    done = {"consent": monitor.post(person, consent).status_code}
    file = SimpleUploadedFile(f"{CANARIES[0]}.ogg", content)
    sent = monitor.post(person, {"deed_wanted": "seal", "kind": "audio", "interview": "", "file": file})
    done["a recording sealed"] = sent.status_code
    page = first.get(person).content.decode()
    sealed = re.search(r'<td>recording</td>.*?name="sealed" value="([\w-]+)"', page, re.DOTALL)
    assert sealed
    first.post(person, {"deed_wanted": "open", "sealed": sealed[1], "purpose": "hear the witness again"})
    waiting = re.search(r"/protect/openings/OPN-[\w-]+/", first.get("/protect/openings/").content.decode())
    assert waiting
    second.post(waiting[0], {"step": "agree"})
    answer = first.post(waiting[0], {"step": "open"})
    done["the recording opened"] = answer.status_code
    assert answer.content == content, "what was sealed must come back to who opened it"
    return done


def _crawl(role: str, people: dict[str, Any]) -> list[dict[str, Any]]:
    """Every page that a role reaches from any route, with the canaries on it."""
    from django.urls import NoReverseMatch, get_resolver, reverse

    client = _client(people[role])
    waiting = []
    for name in get_resolver().reverse_dict:
        if isinstance(name, str):
            try:
                waiting.append(reverse(name))
            except NoReverseMatch:
                waiting += [f"{_prefix(name)}{thing}/" for thing in _things()]
    seen: dict[str, dict[str, Any]] = {}
    while waiting:
        address = waiting.pop(0)
        if address in seen or LEFT_OUT.search(address) or len(seen) > 400:
            continue
        response = client.get(address)
        content = response.content.decode("utf-8", "replace")
        headers = " ".join(f"{name}: {value}" for name, value in response.items())
        found = [canary for canary in CANARIES if canary in content or canary in headers]
        seen[address] = {"role": role, "address": address, "status": response.status_code, "found": found}
        links = re.findall(r'href="(/[^"#]*)"', content)
        waiting += [link for link in links if not link.startswith("/static/")]
    for canary in CANARIES:
        for place in ("/items/?text=", "/accounts/?text=", "/incidents/?text=", "/log/?entry="):
            response = client.get(place + canary)
            told = response.content.decode("utf-8", "replace").replace(f'value="{canary}"', "")
            told = re.sub(r'\btext=[^&"]*', "", told)
            seen[place + canary] = {
                "role": role,
                "address": place,
                "status": response.status_code,
                # What was typed comes back in its field and in the page's own address, and nowhere else.
                "found": [each for each in CANARIES if each in told],
            }
    return list(seen.values())


def _things() -> list[str]:
    from lieber_mission.models import Entry

    return [*Entry.objects.values_list("thing", flat=True), "0", "none"]


def _prefix(name: str) -> str:
    from django.urls import get_resolver

    pattern = str(get_resolver().reverse_dict.getlist(name)[0][0][0][0])
    return "/" + pattern.partition("%")[0]


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
