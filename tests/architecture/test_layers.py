"""The import contracts of pyproject.toml hold, and the order they state is the one that is told."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import lieber
from architecture.source import ROOT, SRC


def contracts():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {contract["id"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


def test_every_import_contract_is_kept():
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_method_tells_its_chapters_in_the_order_of_the_contract():
    chapters = [name for name in contracts()["method-layers"]["layers"] if not name.startswith("(")]
    told = (lieber.__doc__ or "").strip().splitlines()[-1]
    assert told == ", ".join(reversed(chapters)) + "."


def test_every_contract_names_itself():
    assert all({"id", "name", "type"} <= contract.keys() for contract in contracts().values())
