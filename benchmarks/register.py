"""The register on SQLite: taking in accounts, and figures over many incidents.

Sizes grow in steps so that the growth is seen. The peer of a figure is the aggregate that
somebody who knows the tables would write by hand over the current rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from .measured import Result, once, say, seconds

WINDOW = (date(2024, 9, 1), date(2024, 11, 30))
# A tenth of the incidents get a second finding, so that the current rows must be told from the old.
REVISED = 0.1

BY_HAND = """
SELECT count(*), sum(killed_min), sum(coalesce(killed_best, killed_min)),
       sum(coalesce(killed_max, killed_best, killed_min))
FROM register_finding AS f
WHERE NOT EXISTS (SELECT 1 FROM register_finding AS l WHERE l.thing = f.thing AND l.version = f.version + 1)
  AND victim_party = 'A' AND series = 'killed_hors_de_combat' AND tier >= 1
  AND occurred_earliest <= '2024-11-30' AND occurred_latest >= '2024-09-01'
"""


def run(scale: float, folder: Path) -> list[Result]:
    """Build a synthetic register step by step, and measure at each step."""
    _prepare()
    results: list[Result] = []
    before = (0, 0)
    for incidents, accounts in (steps := _steps(scale)):
        results += _grow(before, (incidents, accounts))
        results += _figures(incidents, accounts)
        before = (incidents, accounts)
    size = (folder / "register.sqlite3").stat().st_size
    results.append(Result("register: bytes an account", size / steps[-1][1], "bytes", beside={"file": size}))
    return results


def build(scale: float) -> None:
    """Build the register of the last step without measuring."""
    _prepare()
    _grow((0, 0), _steps(scale)[-1])


def _prepare() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from lieber_mission.actions.institution import prepare_folder

    prepare_folder(name="Benchmark", origin="lieber.invalid/benchmark")
    call_command("migrate", verbosity=0, interactive=False)


def _steps(scale: float) -> list[tuple[int, int]]:
    """Incidents and accounts at each step."""
    return [(int(10_000 * scale), int(50_000 * scale)), (int(200_000 * scale), int(1_000_000 * scale))]


def _grow(before: tuple[int, int], after: tuple[int, int]) -> list[Result]:
    from . import synthetic

    incidents, accounts = after
    say(f"taking in accounts {before[1]} to {accounts}")
    rows = islice(synthetic.reports(accounts, incidents), before[1], None)
    reports_taken = _take("reports", rows)
    say(f"taking in incidents {before[0]} to {incidents}")
    incidents_taken = _take("incidents", islice(synthetic.incidents(incidents), before[0], None))
    new_accounts, new_incidents = accounts - before[1], incidents - before[0]
    rate = new_accounts / reports_taken
    _revise(int(new_incidents * REVISED))
    return [
        Result(
            f"import: accounts into a register of {before[1]}",
            rate,
            "accounts/s",
            "at least 2,000 accounts/s into SQLite with log and triggers on",
            rate >= 2_000,
            {"accounts": new_accounts, "seconds": reports_taken},
        ),
        Result(
            f"import: incidents with judgements and findings into a register of {before[0]}",
            new_incidents / incidents_taken,
            "incidents/s",
            beside={"incidents": new_incidents, "judgements": new_accounts, "seconds": incidents_taken},
        ),
    ]


def _take(form: str, rows: Iterable[dict[str, Any]]) -> float:
    """Seconds that it takes to settle and record rows that are read and checked already."""
    from lieber.assess import shipped_methodology
    from lieber.link import shipped_authorities
    from lieber_mission.actions.imports import take_rows
    from lieber_mission.actions.imports.material import Taking
    from lieber_mission.policies.permissions import Operator, Role

    officer = Operator("OFF-BENCH", frozenset({Role.DATA_OFFICER, Role.ANALYST}))
    taken = 0.0
    for part in _parts(rows, 100_000):
        taking = Taking(officer, datetime.now(UTC), shipped_methodology(), shipped_authorities())
        taken += once(lambda part=part, taking=taking: take_rows(form, part, taking))
    return taken


def _parts(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    rows = iter(rows)
    while part := list(islice(rows, size)):
        yield part


def _revise(number: int) -> None:
    """Record a second version of this many findings."""
    from lieber_mission.actions.record import record
    from lieber_mission.models import Finding

    rows = list(Finding.objects.filter(version=1).order_by("-entry")[:number])
    for row in rows:
        row.row_id, row.version, row.killed_max = None, 2, (row.killed_max or 0) + 1
        row._state.adding = True  # noqa: SLF001  # Django's own way to write a copy as a new row
    for part in range(0, len(rows), 5_000):
        record(rows[part : part + 5_000], by="OFF-BENCH", at=datetime.now(UTC))


def _figures(incidents: int, accounts: int) -> list[Result]:
    from django.db import connection

    from lieber.assess import Tier
    from lieber.base import Window
    from lieber_mission.policies.permissions import OPERATOR
    from lieber_mission.queries.figures import Question, figure

    say(f"figures over {incidents} incidents")
    question = Question("A", Window(*WINDOW), Tier.ALLEGED)
    later = datetime.now(UTC) + timedelta(seconds=1)
    time.sleep(0.01)
    before = _before_the_revisions()

    def by_hand() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND)
            cursor.fetchall()

    hand = seconds(by_hand)
    current = seconds(lambda: figure(question, viewer=OPERATOR, as_of=later, whole=False))
    past = seconds(lambda: figure(question, viewer=OPERATOR, as_of=before, whole=False))
    listed = once(lambda: list(figure(question, viewer=OPERATOR, as_of=later).contributions))
    sizes = {"incidents": incidents, "accounts": accounts}
    return [
        Result(
            f"figure over {incidents} incidents, against an aggregate by hand",
            current / hand,
            "times",
            "at most 5 times the aggregate by hand",
            current / hand <= 5,
            sizes | {"figure s": current, "by hand s": hand, "with all reasons s": listed},
        ),
        Result(
            f"figure as of a past instant over {incidents} incidents, against the current one",
            past / current,
            "times",
            "at most 2 times the current figure",
            past / current <= 2,
            sizes | {"as of s": past},
        ),
    ]


def _before_the_revisions() -> datetime:
    """The instant of the last first finding: as many current rows, and later ones to be left out."""
    from lieber_mission.models import Finding

    last = Finding.objects.filter(version=1).order_by("-entry").first()
    assert last is not None
    return last.recorded_at
