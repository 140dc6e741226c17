"""Officers' keys: what opens them, what does not, and how each refusal reads."""

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from argon2.exceptions import HashingError
from hypothesis import given, settings
from hypothesis import strategies as st

from lieber.base import BadInput
from lieber_vault import (
    USUAL_COST,
    Cost,
    KeyDamaged,
    TooLittleMemory,
    WeakPassphrase,
    WrongPassphrase,
    change_passphrase,
    make_key,
    make_recovery,
    open_sealed,
    read_key,
    seal,
    unlock,
)
from lieber_vault.keys import _checksum
from lieber_vault.sealing import Identity

AT = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
PASSPHRASE = "five words drawn by chance"
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
KEY = make_key("officer-1", PASSPHRASE, at=AT, cost=CHEAP)
TEXT = KEY.as_text()


def changed(**members):
    """The key's text with members replaced and its checksum made right again, as a forger would."""
    found = json.loads(TEXT) | members
    del found["sha256"]
    return json.dumps(found | {"sha256": _checksum(found)})


def test_the_passphrase_opens_what_was_sealed_to_the_key():
    sealed = seal(b"text", [KEY.recipient])
    assert open_sealed(sealed, unlock(KEY, PASSPHRASE)) == b"text"


def test_a_key_goes_through_its_text():
    assert read_key(TEXT) == KEY
    assert read_key(TEXT).as_text() == TEXT


def test_the_usual_cost_is_what_the_design_asks_for():
    assert USUAL_COST.memory_kib >= 64 * 1024
    assert (USUAL_COST.passes, USUAL_COST.lanes) == (3, 1)


def test_a_key_of_the_usual_cost_opens():
    key = make_key("officer-1", PASSPHRASE, at=AT)
    assert json.loads(key.as_text())["memory_kib"] == USUAL_COST.memory_kib
    assert unlock(read_key(key.as_text()), PASSPHRASE).recipient == key.recipient


@pytest.mark.parametrize("passphrase", ["", "five words drawn by Chance", PASSPHRASE + " ", "\ud800" * 20])
def test_another_passphrase_does_not_open_it(passphrase):
    with pytest.raises(WrongPassphrase, match="does not open the key of officer-1"):
        unlock(KEY, passphrase)


def test_accents_open_however_the_keyboard_composes_them():
    key = make_key("officer-1", "cinq mots tirés au sort", at=AT, cost=CHEAP)
    assert unlock(key, "cinq mots tire\u0301s au sort").recipient == key.recipient


@pytest.mark.parametrize("passphrase", ["", "thirteen char", "e\u0301" * 13])
def test_a_weak_passphrase_is_refused(passphrase):
    found = 0 if not passphrase else 13
    with pytest.raises(WeakPassphrase, match=f"at least 14 characters: found {found}"):
        make_key("officer-1", passphrase, at=AT, cost=CHEAP)
    with pytest.raises(WeakPassphrase):
        change_passphrase(KEY, PASSPHRASE, new=passphrase, at=AT, cost=CHEAP)


def test_a_changed_passphrase_keeps_the_identity():
    later = AT + timedelta(days=90)
    changed_key = change_passphrase(KEY, PASSPHRASE, new="another five words drawn", at=later, cost=CHEAP)
    assert unlock(changed_key, "another five words drawn") == unlock(KEY, PASSPHRASE)
    assert (changed_key.recipient, changed_key.made_at) == (KEY.recipient, AT)
    assert changed_key.wrapped_at == later
    assert {changed_key.salt, changed_key.nonce}.isdisjoint({KEY.salt, KEY.nonce})
    with pytest.raises(WrongPassphrase):
        unlock(changed_key, PASSPHRASE)
    with pytest.raises(WrongPassphrase):
        change_passphrase(changed_key, PASSPHRASE, new="another five words drawn", at=later, cost=CHEAP)


@settings(max_examples=200)
@given(place=st.integers(0, len(TEXT) - 1), character=st.characters(codec="utf-8"))
def test_a_changed_character_is_damage_and_no_wrong_passphrase(place, character):
    text = TEXT[:place] + character + TEXT[place + 1 :]
    if text == TEXT:
        return
    with pytest.raises(KeyDamaged, match="take the key from a backup"):
        read_key(text)


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "{", "7", "[" * 100_000, TEXT[:-1], TEXT + "x"])
def test_another_text_is_no_key(text):
    with pytest.raises(KeyDamaged, match="must be as it was made"):
        read_key(text)


@pytest.mark.parametrize(
    "members",
    [
        {"format": "lieber-officer-key-2"},
        {"algorithm": "scrypt"},
        {"memory_kib": 2**40},
        {"memory_kib": 1},
        {"memory_kib": 4 * 2**20},
        {"memory_kib": 64 * 1024, "passes": 100},
        {"passes": 0},
        {"passes": 10**9},
        {"lanes": 10**6},
        {"lanes": "many"},
        {"salt": ""},
        {"salt": "%%%"},
        {"nonce": b64encode(bytes(11)).decode()},
        {"made_at": "yesterday"},
        {"wrapped": 7},
    ],
)
def test_a_forged_key_is_damage(members):
    with pytest.raises(KeyDamaged):
        read_key(changed(**members))


@pytest.mark.parametrize(
    "members",
    [
        {"officer": "officer-2"},
        {"recipient": make_recovery().recipient},
        {"made_at": "2020-01-01T00:00:00+00:00"},
        {"passes": 2},
        {"salt": b64encode(bytes(16)).decode()},
        {"wrapped": b64encode(bytes(b64decode(json.loads(TEXT)["wrapped"]))[::-1]).decode()},
        {"wrapped": ""},
    ],
)
def test_a_key_that_was_given_to_another_officer_or_changed_does_not_open(members):
    with pytest.raises(WrongPassphrase):
        unlock(read_key(changed(**members)), PASSPHRASE)


def test_neither_key_nor_recovery_shows_a_secret():
    recovery = make_recovery()
    shown = f"{KEY} {KEY!r} {recovery} {recovery!r} {[recovery]}"
    assert "AGE-SECRET-KEY" not in shown
    assert KEY.wrapped.hex() not in shown


def test_the_recovery_key_is_printed_as_the_age_command_reads_it():
    text, recipient = make_recovery()
    comment, identity = text.splitlines()
    assert comment == f"# public key: {recipient}"
    assert Identity(identity).recipient == recipient


def test_an_instant_needs_its_zone_and_is_kept_in_utc():
    with pytest.raises(BadInput, match="has a time zone"):
        make_key("officer-1", PASSPHRASE, at=datetime(2025, 1, 1), cost=CHEAP)  # noqa: DTZ001  # the point
    key = make_key("officer-1", PASSPHRASE, at=AT.astimezone(), cost=CHEAP)
    assert json.loads(key.as_text())["made_at"] == "2025-03-01T09:30:00+00:00"


@pytest.mark.parametrize(
    "cost", [(7, 1, 1), (64, 0, 1), (64, 1, 0), (64, 1, 9), (2**20 + 1, 1, 1), (2**20, 3, 1), (64, 10**6, 1)]
)
def test_a_cost_has_bounds(cost):
    with pytest.raises(BadInput, match="argon2id takes"):
        Cost(*cost)


def test_what_opens_to_another_identity_is_damage():
    """Only whoever knows the passphrase can make such a key; it is refused all the same."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    from lieber.base import canonical_json
    from lieber_vault.keys import _public, _stretch

    def wrapping(text):
        key = ChaCha20Poly1305(_stretch(PASSPHRASE, KEY.salt, KEY.cost))
        return replace(KEY, wrapped=key.encrypt(KEY.nonce, text, canonical_json(_public(KEY))))

    with pytest.raises(KeyDamaged, match="two halves"):
        unlock(wrapping(make_recovery().identity_text.splitlines()[1].encode()), PASSPHRASE)
    for text in (b"", b"\xff", b"AGE-SECRET-KEY-1"):
        with pytest.raises(KeyDamaged, match="holds no identity"):
            unlock(wrapping(text), PASSPHRASE)


TOO_LITTLE = """
import resource, sys
from datetime import UTC, datetime
from lieber_vault import Cost, TooLittleMemory, make_key

resource.setrlimit(resource.RLIMIT_AS, (400 * 2**20,) * 2)
try:
    make_key("officer-1", "five words drawn by chance", at=datetime.now(UTC), cost=Cost(2**20, 1))
except TooLittleMemory as error:
    print(error)
"""


def test_too_little_memory_is_no_damage():
    told = subprocess.run([sys.executable, "-c", TOO_LITTLE], capture_output=True, text=True, check=True)
    assert "takes 1048576 KiB of memory: found less free" in told.stdout


@pytest.mark.parametrize("error", [MemoryError(), HashingError("Memory allocation error")])
def test_however_argon2_says_that_it_has_no_memory(error, monkeypatch):
    def refused(*_, **__):
        raise error

    monkeypatch.setattr("lieber_vault.keys.hash_secret_raw", refused)
    with pytest.raises(TooLittleMemory, match="takes 64 KiB of memory"):
        unlock(KEY, PASSPHRASE)
