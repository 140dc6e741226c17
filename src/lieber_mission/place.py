"""Where a mission keeps its things: one folder, named by `--data` or LIEBER_DATA."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from lieber.base import BadInput

DEFAULT_FOLDER = "lieber-data"


def folder() -> Path:
    """The folder of this mission, absolute; it need not exist."""
    return Path(os.environ.get("LIEBER_DATA") or DEFAULT_FOLDER).resolve()


def key_file() -> Path:
    """The Ed25519 key that signs the log's checkpoints (PEM, readable by its owner only)."""
    return folder() / "keys" / "log.pem"


def vault_folder() -> Path:
    """Where identities lie, apart from the register."""
    return folder() / "vault"


def vault_address() -> str | Path:
    """The vault's database: an address from LIEBER_VAULT_DATABASE or its file, else a file in its folder."""
    return secret("LIEBER_VAULT_DATABASE", vault_folder() / "database.address") or (
        vault_folder() / "vault.sqlite3"
    )


def vault_credential_file() -> Path:
    """The credential without which nothing of the vault can be read or listed.

    A process that must not reach the vault is given another file in LIEBER_VAULT_CREDENTIAL_FILE, or
    runs as a user who may not read this one.
    """
    return Path(os.environ.get("LIEBER_VAULT_CREDENTIAL_FILE") or folder() / "keys" / "vault.credential")


def storage_folder() -> Path:
    """Where the bytes of items will lie."""
    return folder() / "storage"


def mission() -> dict[str, Any]:
    """What `mission.toml` in the folder says; empty where there is none yet.

    Raises BadInput where the file is no TOML.
    """
    path = folder() / "mission.toml"
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} must be a TOML file in UTF-8: {error}.") from None


def secret(variable: str, file: Path) -> str:
    """A secret from the environment, from the file that `VARIABLE_FILE` names, or from `file`.

    Empty where none of them is there.
    """
    if value := os.environ.get(variable):
        return value
    named = Path(os.environ.get(f"{variable}_FILE") or file)
    return named.read_text("utf-8").strip() if named.is_file() else ""


def database() -> dict[str, Any]:
    """The Django settings of the register's database.

    LIEBER_DATABASE (or the file that LIEBER_DATABASE_FILE names, or `database` in mission.toml)
    holds a PostgreSQL address; without one the register is `register.sqlite3` in the folder.
    Raises BadInput for an address of another kind.
    """
    address = secret("LIEBER_DATABASE", folder() / "database.address") or str(mission().get("database", ""))
    return _postgresql(address) if address else _sqlite(register_file())


def register_file() -> Path:
    """The register where no PostgreSQL address is given; it need not exist."""
    return folder() / "register.sqlite3"


def _sqlite(path: Path) -> dict[str, Any]:
    pragmas = "PRAGMA cache_size=-65536; PRAGMA mmap_size=1073741824;"
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
    name = str(path)
    if path.is_file() and not os.access(path, os.W_OK):
        # A register handed over on a read-only disk is read as it lies. Without a write-ahead log
        # beside it nothing can be missing from the file, and SQLite needs to write none.
        log = path.with_name(f"{path.name}-wal")
        immutable = "" if log.exists() and log.stat().st_size else "&immutable=1"
        name = f"file:{quote(str(path))}?mode=ro{immutable}"
    else:
        # FULL: the register must not lose its last entries when the power fails.
        options["init_command"] = f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {pragmas}"
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options}


def _postgresql(address: str) -> dict[str, Any]:
    parts = urlsplit(address)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise BadInput(
            "LIEBER_DATABASE must look like postgresql://user:password@host:5432/name: found an address of "
            f"the kind {parts.scheme or 'without a scheme'!r}."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
    }
