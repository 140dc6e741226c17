"""A vault in a temporary folder or in a fresh database, and keys whose passphrases cost nothing."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lieber_vault import Cost, Credential, Vault, create_vault, open_vault
from lieber_vault.keys import _wrap
from lieber_vault.sealing import Identity, new_identity
from postgres_server import fresh_database

AT = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """Where a test's vault is, and what opens it."""

    address: str | Path
    folder: Path
    credential: Credential

    @property
    def objects(self) -> Path:
        return self.folder / "objects"

    def make(self) -> Vault:
        return create_vault(self.address, self.credential, objects=self.objects)

    def open(self, *, brought_back: bool = False) -> Vault:
        return open_vault(self.address, self.credential, objects=self.objects, brought_back=brought_back)

    def files(self) -> dict[str, bytes]:
        """The bytes of every file of the vault, by name."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def cost():
    return Cost(memory_kib=64, passes=1, lanes=1)


@pytest.fixture
def at():
    return AT


@pytest.fixture
def sqlite_place(tmp_path):
    return Place(tmp_path / "vault" / "vault.sqlite3", tmp_path / "vault", Credential(bytes(range(32))))


@pytest.fixture
def postgresql_place(tmp_path):
    """For tests that are marked `postgres`."""
    with fresh_database() as address:
        assert address
        yield Place(address, tmp_path / "vault", Credential(bytes(range(32))))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request):
    """On SQLite, and again on PostgreSQL where the run has a server."""
    return request.getfixturevalue(f"{request.param}_place")


@pytest.fixture
def vault(place):
    with place.make() as made:
        yield made


@pytest.fixture
def identity() -> Identity:
    return new_identity()


@pytest.fixture
def other() -> Identity:
    return new_identity()


@pytest.fixture
def wrapped(cost):
    """An identity that a test has, as the key of an officer."""

    def key(identity, officer):
        return _wrap(identity, "five words drawn by chance", officer=officer, made_at=AT, at=AT, cost=cost)

    return key


@pytest.fixture
def keys(vault, identity, other, wrapped):
    """The two identities as keys of two officers of the vault."""
    for officer, each in (("keeper-1", identity), ("keeper-2", other)):
        vault.add_key(wrapped(each, officer), at=AT, by="founder")


@pytest.fixture
def put(vault, identity, keys):
    """Seal a record with as much as a test does not say."""

    def sealed(plaintext=b"what a person told", recipients=None, **members):
        usual = {
            "record_id": "REC-1",
            "pseudonym": "W-0001",
            "kind": "interview_text",
            "compartment": "north",
            "at": AT,
            "by": "officer-1",
        }
        return vault.put(plaintext, recipients or [identity.recipient], **(usual | members))

    return sealed


@pytest.fixture
def age():
    """The `age` command; the test is left out where there is none."""
    program = shutil.which("age")
    if program is None:
        pytest.skip("the program age is not on this machine; `scripts/setup-debian age` installs it")
    return program
