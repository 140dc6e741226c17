"""Do something of evidence again and again, each time killed (SIGKILL) at a random moment, until it is done.

    python killed.py DEED RUNS SEED FOLDER…

Run as a process of its own with LIEBER_DATA set. Each try is a fork of a process that has everything loaded,
so that the kill falls into the deed and not into its start.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import django

django.setup()

from django.db import connections  # noqa: E402  # after Django is set up

from lieber_mission.actions.fixity import check_bytes  # noqa: E402
from lieber_mission.actions.intake import Circumstances, offered_in, take_in  # noqa: E402
from lieber_mission.actions.worker import work  # noqa: E402
from lieber_mission.management.command import now  # noqa: E402
from lieber_mission.models import Work  # noqa: E402
from lieber_mission.queries.exhibits import last_checked  # noqa: E402
from lieber_mission.queries.officers import by_handle  # noqa: E402


def intake(folders):
    found = offered_in(map(Path, folders), refuse=lambda *_: None)
    take_in(found, circumstances=Circumstances(), by=by_handle("monitor"), clock=now)


def fixity(_):
    check_bytes(by=by_handle("monitor"), clock=now, after=last_checked())


def derive(_):
    # As if the time had passed for which the killed worker held its piece, and an officer had asked again.
    Work.objects.exclude(state="done").update(state="waiting", due=now(), attempts=0, reason="")
    work(f"killed-{os.getpid()}", clock=now, wait=lambda: False)


DEEDS = {"intake": intake, "fixity": fixity, "derive": derive}
# Until when a deed is killed, in seconds: about as long as what one step of it takes.
LONGEST = {"intake": 0.5, "fixity": 0.5, "derive": 4.0}


def main():
    deed, runs, seed, folders = DEEDS[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    chance, killed, longest = random.Random(seed), 0, LONGEST[sys.argv[1]]
    for _ in range(runs):
        connections.close_all()
        began = time.monotonic()
        child = os.fork()
        if not child:
            deed(folders)
            os._exit(0)
        patience = chance.uniform(0.0, longest)
        while (ended := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() - began < patience:
            time.sleep(0.002)
        if ended[0] == 0:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            killed += 1
        else:
            assert ended[1] == 0, f"the deed failed with {ended[1]}"
            # It was done: the next tries are about less.
            longest = max(0.05, longest * 0.9)
    connections.close_all()
    deed(folders)
    print(json.dumps({"runs": runs, "killed": killed}))


main()
