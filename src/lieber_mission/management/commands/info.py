"""`mission info`: where everything lies, and how much it holds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.db import connection

import lieber

from ... import place
from ...queries import log
from ...queries.holdings import holdings, officers
from ..command import DONE, MissionCommand, print_json


class Command(MissionCommand):
    """Say where database, vault and storage lie and how much they hold."""

    help = "where database, vault and storage lie, and how much they hold"

    def handle(self, options: argparse.Namespace) -> int:
        """Look and print."""
        found = _look()
        if options.json:
            print_json(found)
            return DONE
        for name, part in found.items():
            if isinstance(part, dict):
                print(f"{name}:")
                print(*(f"  {key}: {value}" for key, value in part.items()), sep="\n")
            else:
                print(f"{name}: {part}")
        return DONE


def _look() -> dict[str, Any]:
    settings = connection.settings_dict
    is_file = connection.vendor == "sqlite"
    database = {"kind": connection.vendor, "at": str(place.register_file())}
    if not is_file:
        database["at"] = f"{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    else:
        database["bytes"] = str(_bytes(place.register_file()))
    head = log.head()
    return {
        "version": lieber.__version__,
        "folder": str(place.folder()),
        "mission": place.mission().get("name", ""),
        "database": database,
        "vault": {"at": str(place.vault_folder()), "bytes": _bytes(place.vault_folder())},
        "storage": _storage(),
        "log": {"size": head.size, "root": head.root.hex(), "key": str(place.key_file())},
        "holds": holdings(),
        "officers": officers(),
    }


def _storage() -> dict[str, str | int]:
    """Where exhibits lie; how many bytes they are is told of a folder only."""
    service = place.mission().get("storage")
    if isinstance(service, dict):
        return {"at": str(service.get("s3", "")), "arriving": str(place.storage_folder())}
    return {"at": str(place.storage_folder()), "bytes": _bytes(place.storage_folder())}


def _bytes(path: Path) -> int:
    if path.is_dir():
        return sum(part.stat().st_size for part in path.rglob("*") if part.is_file())
    return path.stat().st_size if path.exists() else 0
