"""A vault beside the example register, two protection officers with keys, and a compartment."""

import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest

from lieber_mission import place
from lieber_mission.actions.officers import make_officer, open_compartment, set_member
from lieber_mission.actions.protect import founding
from lieber_mission.models import Entry, Officer
from lieber_mission.policies.permissions import Role
from lieber_vault import Cost

PASSPHRASE = "slate river lantern 40"
QUICK = Cost(memory_kib=64, passes=1)


def officer(handle):
    return Officer.objects.get(handle=handle)


def later():
    # No minute: the pages of a test write at the present instant, which must not lie behind.
    return Entry.objects.latest("index").recorded_at + timedelta(milliseconds=1)


@pytest.fixture
def vault_folder(tmp_path, monkeypatch):
    """A vault of this test's own."""
    monkeypatch.setattr(place, "vault_folder", lambda: tmp_path / "vault")
    monkeypatch.setattr(place, "vault_credential_file", lambda: tmp_path / "keys" / "vault.credential")
    (tmp_path / "keys").mkdir()
    yield tmp_path / "vault"
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture
def circle(example, vault_folder):
    """A compartment with a monitor, an analyst and two protection officers who have keys."""
    recovery = founding.found_vault(by="OFF-FOUNDER", at=later())
    make_officer(
        handle="protection-two",
        title="Second protection officer",
        roles=[Role.PROTECTION_OFFICER],
        password=None,
        at=later(),
    )
    head = officer("head-of-mission")
    compartment = open_compartment(name="circle", description="", second_officer=True, by=head, at=later())
    for handle in ("monitor", "analyst", "protection-officer", "protection-two"):
        set_member(
            compartment=compartment,
            officer_id=officer(handle).officer_id,
            member=True,
            reason="works on it",
            by=head,
            at=later(),
        )
    for handle in ("protection-officer", "protection-two"):
        founding.make_officer_key(passphrase=PASSPHRASE, by=officer(handle), at=later(), cost=QUICK)
    return SimpleNamespace(compartment=compartment, recovery=recovery, folder=vault_folder)
