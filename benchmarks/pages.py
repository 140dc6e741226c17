"""The pages over a large register: what the server takes for each, how many questions it asks of the
database, and whether many readers and some writers at once are all answered.

The pages are asked for as a browser asks for them, through everything that stands before a view. Each kind
of page is asked for under many addresses, in an order made from a seed; the first request of a kind, which
fills what a process remembers, is told apart.
"""

from __future__ import annotations

import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .measured import Result, once, say

SEED = 20250203
GOAL_SECONDS = 0.2
# More than these questions a page of its kind never asks, however large the register is.
MOST_QUESTIONS = 60
READERS, WRITERS, SECONDS = 50, 5, 120


def run(scale: float, folder: Path) -> list[Result]:
    """Measure on the register that lies in the folder; one is built there where it is empty."""
    import django

    django.setup()
    from lieber_mission.models import Incident

    if not (folder / "register.sqlite3").exists() or not Incident.objects.exists():
        from . import register

        register.build(scale)
    from lieber_mission.actions.waiting import keep_what_waits

    say("looking through the log for what waits, as the site does when it starts")
    keep_what_waits()
    officers = _officers(READERS + WRITERS)
    return [*_pages(officers[0]), *_many_at_once(officers, folder, SECONDS * min(1.0, scale * 2))]


# ------------------------------------------------------------------ one page after another


def _pages(officer: Any) -> list[Result]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(HTTP_HOST="localhost")
    client.force_login(officer)
    addresses = _addresses()
    results = []
    for kind, asked in addresses.items():
        first = once(lambda asked=asked: _answered(client, asked[0]))
        taken = sorted(once(lambda address=address: _answered(client, address)) for address in asked)
        questions = []
        for address in asked[:10]:
            with CaptureQueriesContext(connection) as captured:
                _answered(client, address)
            questions.append(len(captured))
        p95 = taken[int(len(taken) * 0.95)]
        say(f"{kind}: first {first:.3f} s, p95 {p95:.3f} s, {max(questions)} questions")
        results.append(
            Result(
                f"page: {kind}, 95th percentile",
                p95,
                "s",
                f"at most {GOAL_SECONDS} s and {MOST_QUESTIONS} questions",
                p95 <= GOAL_SECONDS and max(questions) <= MOST_QUESTIONS,
                {
                    "median s": statistics.median(taken),
                    "slowest s": taken[-1],
                    "first s": first,
                    "questions": max(questions),
                    "asked": len(taken),
                },
            )
        )
    return results


def _answered(client: Any, address: str) -> None:
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}, expected 200.")
    if getattr(response, "streaming", False):
        b"".join(response)


def _addresses(number: int = 40) -> dict[str, list[str]]:
    """Kind of page -> the addresses asked for, in the order in which they are."""
    from lieber_mission.models import Account, Entry, Incident, Item

    chance = random.Random(SEED)
    last = Entry.objects.order_by("-index").values_list("index", flat=True)[0]

    def some(model: Any) -> list[str]:
        found: list[str] = []
        while len(found) < number:
            row = model.objects.filter(entry__gte=chance.randrange(last)).order_by("entry").first()
            if row is not None:
                found.append(row.thing)
        return found

    def window() -> dict[str, str]:
        year, month = chance.choice((2022, 2023, 2024, 2025)), chance.randrange(1, 13)
        return {"since": f"{year}-{month:02}-01", "until": f"{year + chance.randrange(2)}-12-31"}

    def listed(*choices: Mapping[str, str]) -> list[str]:
        return [
            "/incidents/?" + urllib.parse.urlencode({**each, **chance.choice(SORTS)})
            for each in (chance.choice(choices) for _ in range(number))
        ]

    parties = [{"party": "A"}, {"party": "B"}]
    tiers = [{"tier": tier} for tier in ("alleged", "credible", "verified")]
    regions = [{"region": each} for each in ("North", "East", "South", "West")]
    words = [{"text": each} for each in ("synthetic", "incident 7777", "nothing like this", "19999", "INC-")]
    several = [{**chance.choice(parties), **chance.choice(tiers), **chance.choice(regions), **window()}
               for _ in range(number)]  # fmt: skip
    return {
        "home": ["/"] * number,
        "inbox": ["/inbox/"] * number,
        "list of incidents": listed({}, {"page": "2"}, {"page": "40"}, {"view": "cards"}),
        "incidents under one filter": listed(*parties, *tiers, *regions, {"finding": "no"}, window()),
        "incidents under several filters": listed(*several),
        "incidents by words": listed(*words, *({**each, **chance.choice(parties)} for each in words)),
        "find": [
            f"/find/?q={urllib.parse.quote(each)}"
            for each in chance.choices(WORDS, k=number)
        ],
        "an incident": [f"/incidents/{thing}/" for thing in some(Incident)],
        "an account": [f"/accounts/{thing}/" for thing in some(Account)],
        "an item": [f"/items/{thing}/" for thing in some(Item)],
        "lists of items and accounts": [
            f"/{chance.choice(('items', 'accounts'))}/?page={chance.randrange(1, 9)}" for _ in range(number)
        ],
        "figures, the same again": ["/figures/?victims=A&tier=credible&since=2024-08-31"] * number,
        "figures, another each time": [
            "/figures/?" + urllib.parse.urlencode(
                {"victims": chance.choice("AB"), "tier": chance.choice(("alleged", "credible")), **window()}
            )
            for _ in range(number)
        ],
        "log": [f"/log/?page={chance.randrange(1, 50)}" for _ in range(number // 2)]
        + [f"/log/{chance.randrange(last)}/" for _ in range(number // 2)],
    }  # fmt: skip


WORDS = ("synthetic", "incident 150000", "outlet 77", "nowhere", "road")
SORTS: Sequence[Mapping[str, str]] = (
    {}, {}, {"sort": "-day"}, {"sort": "title"}, {"sort": "-killed"}, {"sort": "-tier"}, {"sort": "-changed"},
)  # fmt: skip


# ------------------------------------------------------------------ many at once


@dataclass
class _Told:
    """What the readers and writers saw, all together."""

    end: float
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)


def _many_at_once(officers: Sequence[Any], folder: Path, seconds: float) -> list[Result]:
    """Readers who turn pages and writers who record comments, all at once, on a site that is served."""
    from lieber_mission.models import Comment

    say(f"{READERS} readers and {WRITERS} writers for {seconds:.0f} s")
    reading = [address for kind in _addresses(20).values() for address in kind]
    things = [address.split("/")[2] for address in _addresses(20)["an incident"]]
    before, told = Comment.objects.count(), _Told(time.monotonic() + seconds)
    with _served(folder) as site:
        workers = [
            threading.Thread(target=_read, args=(site, _key(officer), reading, told))
            for officer in officers[:READERS]
        ] + [
            threading.Thread(target=_write, args=(site, _key(officer), things, told))
            for officer in officers[READERS:]
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    for fault in told.faults[:5]:
        say(fault)
    written = Comment.objects.count() - before
    sizes = {
        "answers": len(told.seconds["read"]),
        "read, median s": statistics.median(told.seconds["read"]),
        "read, 95th s": sorted(told.seconds["read"])[int(len(told.seconds["read"]) * 0.95)],
        "comments recorded": written,
        "write, median s": statistics.median(told.seconds["write"]),
        "seconds": seconds,
    }
    return [
        Result(
            f"{READERS} readers and {WRITERS} writers at once: what failed",
            float(len(told.faults) + abs(len(told.seconds["write"]) - written)),
            "answers",
            "nothing fails, and what was said to be recorded is",
            not told.faults and len(told.seconds["write"]) == written,
            sizes,
        )
    ]


def _read(site: str, cookie: str, addresses: list[str], told: _Told) -> None:
    chance = random.Random(f"{SEED} {cookie}")
    while time.monotonic() < told.end:
        address = chance.choice(addresses)
        try:
            told.seconds["read"].append(once(lambda address=address: _fetched(site + address, cookie)))
        except OSError as error:
            told.faults.append(f"{address}: {error}")


def _write(site: str, cookie: str, things: list[str], told: _Told) -> None:
    chance = random.Random(f"{SEED} {cookie}")
    while time.monotonic() < told.end:
        address = f"{site}/incidents/{chance.choice(things)}/"
        try:
            told.seconds["write"].append(once(lambda address=address: _comment(address, cookie)))
        except OSError as error:
            told.faults.append(f"{address}: {error}")


def _comment(address: str, cookie: str) -> None:
    """Say something of an incident as its page's form does."""
    page = _fetched(address, cookie)
    once_key = page.partition('name="once" value="')[2].partition('"')[0]
    fields = {"deed": "comment", "body": "looked at", "once": once_key, "csrfmiddlewaretoken": TOKEN}
    _fetched(address, cookie, urllib.parse.urlencode(fields).encode())


TOKEN = "a" * 32


def _fetched(address: str, cookie: str, body: bytes | None = None) -> str:
    """What an address answers, redirects followed. Raises OSError where it is no answer."""
    request = urllib.request.Request(  # noqa: S310  # the site that this process serves
        address, data=body, headers={"Cookie": f"{cookie}; csrftoken={TOKEN}", "Referer": address}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        if "/log-in/" in answer.url:
            raise OSError("sent to the log-in page")
        text: str = answer.read().decode()
        return text


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = [sys.executable, "-m", "lieber_mission", "--data", str(folder), "serve", "--port", str(port)]
    server = subprocess.Popen(program, env=os.environ | {"LIEBER_DATA": str(folder)})
    site = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{site}/log-in/", timeout=2).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.2)
        yield site
    finally:
        server.terminate()
        server.wait(timeout=30)


# ------------------------------------------------------------------ officers


def _officers(number: int) -> list[Any]:
    """Analysts of the benchmark, each with a second factor, so that pages let them pass."""
    from allauth.mfa.models import Authenticator

    from lieber_mission.models import Officer
    from lieber_mission.policies.permissions import Role

    found = []
    for index in range(number):
        officer, made = Officer.objects.get_or_create(
            handle=f"bench-{index}",
            defaults={
                "officer_id": f"OFF-BENCH-{index}",
                "title": f"Analyst {index}",
                "roles": [Role.ANALYST.value],
                "is_active": True,
            },
        )
        if made:
            Authenticator.objects.create(user=officer, type=Authenticator.Type.TOTP, data={"secret": "none"})
        found.append(officer)
    return found


def _key(officer: Any) -> str:
    """The cookie of a session that the officer opened just now."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(officer)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
