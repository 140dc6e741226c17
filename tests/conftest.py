"""What tests share. The mission's folder and the closed network are in `surroundings`."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest
from hypothesis import settings

from postgres_server import ABSENT, REQUIRED, NoPostgres, programs
from site_processes import KEPT

# The same examples in every run, and no time limit: a failure is the code's and not the machine's.
# `pytest --hypothesis-profile=search tests/properties` looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile("same")


def pytest_configure(config: pytest.Config) -> None:
    """A folder for what all processes of this run build once."""
    if not hasattr(config, "workerinput"):
        os.environ[KEPT] = tempfile.mkdtemp(prefix="lieber-kept-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of it."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(KEPT, ""), ignore_errors=True)


def on_postgresql() -> bool:
    """Whether this run has the register on PostgreSQL."""
    return bool(os.environ.get("LIEBER_DATABASE"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs PostgreSQL where this run has none, saying why."""
    if on_postgresql():
        return
    reason = "needs the register on PostgreSQL: `make test` runs it in its second round"
    try:
        programs()
    except NoPostgres:
        if not os.environ.get(REQUIRED):
            reason = ABSENT
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason=reason))
