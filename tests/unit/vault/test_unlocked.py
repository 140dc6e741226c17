"""An identity unlocked for a while: in one session, for one officer, with the token."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lieber.base import BadInput
from lieber_vault import KeyConflict, Locked, NotInVault, RowDamaged, change_passphrase, unlocked


@pytest.fixture
def until(at):
    return at + timedelta(minutes=15)


@pytest.fixture
def token(*, vault, identity, other, wrapped, at, until):
    for officer, each in (("officer-1", identity), ("officer-2", other)):
        vault.add_key(wrapped(each, officer), at=at, by="founder")
    return unlocked.start(vault, session="s-1", officer="officer-1", identity=identity, at=at, until=until)


def used(vault, token, at, *, session="s-1", officer="officer-1"):
    return unlocked.use(vault, session=session, officer=officer, token=token, at=at)


def test_the_token_gives_the_identity_in_time(*, vault, token, identity, at, until):
    assert used(vault, token, at) == identity
    assert used(vault, token, until - timedelta(microseconds=1)) == identity
    assert len(token) == 32


def test_it_lasts_over_connections(*, place, vault, token, identity, at):
    vault.close()
    with place.open() as again:
        assert used(again, token, at) == identity


def test_after_its_time_it_is_locked_and_gone(*, vault, token, at, until):
    with pytest.raises(Locked, match="has passed"):
        used(vault, token, until)
    assert vault.counts().unlocked == 0
    with pytest.raises(Locked, match="not unlocked here"):
        used(vault, token, at)


@pytest.mark.parametrize(
    "wrong", [{"session": "s-2"}, {"officer": "officer-2"}, {"token": bytes(32)}, {"token": b""}]
)
def test_another_session_officer_or_token_opens_nothing(*, vault, token, at, identity, wrong):
    with pytest.raises(Locked, match="not unlocked here: unlock it with your passphrase"):
        used(vault, **({"token": token, "at": at} | wrong))
    assert used(vault, token, at) == identity


def test_the_token_of_another_session_does_not_open_this_one(*, vault, token, other, at, until):
    theirs = unlocked.start(vault, session="s-2", officer="officer-2", identity=other, at=at, until=until)
    for wrong in ({"token": theirs}, {"token": token, "session": "s-2", "officer": "officer-2"}):
        with pytest.raises(Locked):
            used(vault, **({"at": at} | wrong))
    assert used(vault, theirs, at, session="s-2", officer="officer-2") == other


def test_a_row_in_the_place_of_another_is_refused(*, vault, token, other, at, until):
    unlocked.start(vault, session="s-2", officer="officer-2", identity=other, at=at, until=until)
    mine, theirs = (vault.cipher.tag("session", session) for session in ("s-1", "s-2"))
    ((sealed,),) = vault.database.rows("SELECT sealed FROM vault_unlocked WHERE session = ?", theirs)
    vault.database.change("UPDATE vault_unlocked SET sealed = ? WHERE session = ?", sealed, mine)
    with pytest.raises(RowDamaged):
        used(vault, token, at)


def test_a_new_token_replaces_the_old_one(*, vault, token, identity, at, until):
    new = unlocked.start(vault, session="s-1", officer="officer-1", identity=identity, at=at, until=until)
    assert used(vault, new, at) == identity
    with pytest.raises(Locked):
        used(vault, token, at)
    assert vault.counts().unlocked == 1


def test_what_is_ended_is_locked(vault, token, at):
    assert not unlocked.end(vault, session="s-2")
    assert unlocked.end(vault, session="s-1")
    assert not unlocked.end(vault, session="s-1")
    with pytest.raises(Locked):
        used(vault, token, at)


def test_an_officer_locks_all_of_their_sessions_and_nobody_elses(*, vault, token, identity, other, at, until):
    for session, officer in (("s-2", "officer-1"), ("s-3", "officer-2")):
        own = {"officer-1": identity, "officer-2": other}[officer]
        unlocked.start(vault, session=session, officer=officer, identity=own, at=at, until=until)
    assert unlocked.end_all(vault, officer="officer-1") == 2
    assert vault.counts().unlocked == 1
    with pytest.raises(Locked):
        used(vault, token, at)


def test_a_retired_key_is_locked_everywhere(vault, token, identity, at):
    vault.retire_key("officer-1", at=at, by="officer-2")
    with pytest.raises(Locked):
        used(vault, token, at)


def test_a_new_passphrase_locks_what_was_unlocked(*, vault, token, other, at, until, cost):
    """Whoever had seen the old one has nothing of it any more."""
    theirs = unlocked.start(vault, session="s-2", officer="officer-2", identity=other, at=at, until=until)
    passphrase, new = "five words drawn by chance", "another five words drawn"
    key = change_passphrase(vault.key_of("officer-1"), passphrase, new=new, at=until, cost=cost)
    vault.replace_key(key, new)
    with pytest.raises(Locked):
        used(vault, token, at)
    assert used(vault, theirs, at, session="s-2", officer="officer-2") == other


def test_only_an_active_key_of_the_officers_own_is_unlocked(*, vault, token, identity, at, until):
    def start(officer):
        return unlocked.start(vault, session="s-2", officer=officer, identity=identity, at=at, until=until)

    with pytest.raises(KeyConflict, match="the active key of officer-2 is of another identity"):
        start("officer-2")
    vault.retire_key("officer-1", at=at, by="officer-2")
    for officer in ("officer-1", "officer-3"):
        with pytest.raises(NotInVault, match="no active key"):
            start(officer)
    assert vault.counts().unlocked == 0


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"session": None}, "found no session"),
        ({"session": ""}, "found no session"),
        ({"officer": None}, "found no officer"),
        ({"officer": 7}, "found no officer"),
        ({"officer": ""}, "found no officer"),
        ({"late": timedelta(hours=12, microseconds=1)}, "at most 12 hours"),
        ({"late": timedelta()}, "at most 12 hours"),
        ({"late": timedelta(hours=-1)}, "at most 12 hours"),
    ],
)
def test_nothing_is_unlocked_for_nobody_or_for_long(*, vault, token, identity, at, members, sentence):
    until = at + members.get("late", timedelta(hours=12))
    who = {"session": "s-2", "officer": "officer-1"} | members
    who.pop("late", None)
    with pytest.raises(BadInput, match=sentence):
        unlocked.start(vault, **who, identity=identity, at=at, until=until)
    assert vault.counts().unlocked == 1
    unlocked.start(
        vault, session="s-2", officer="officer-1", identity=identity, at=at, until=at + timedelta(hours=12)
    )


def test_what_has_expired_or_is_damaged_is_removed(*, vault, token, identity, at, until):
    for session, late in (("s-2", timedelta(hours=1)), ("s-3", timedelta(hours=2))):
        unlocked.start(
            vault, session=session, officer="officer-1", identity=identity, at=at, until=until + late
        )
    damaged = vault.cipher.tag("session", "s-3")
    vault.database.change("UPDATE vault_unlocked SET sealed = ? WHERE session = ?", b"damaged", damaged)
    assert unlocked.remove_expired(vault, at=until) == 2
    assert unlocked.remove_expired(vault, at=until) == 0
    assert vault.counts().unlocked == 1


def test_the_disk_holds_neither_identity_nor_token_nor_names(*, sqlite_place, identity, wrapped, at, until):
    with sqlite_place.make() as vault:
        vault.add_key(wrapped(identity, "officer-silent"), at=at, by="officer-silent")
        token = unlocked.start(
            vault, session="session-silent", officer="officer-silent", identity=identity, at=at, until=until
        )
        heap = b"".join(sqlite_place.files().values())
    hidden = [identity.text(), identity.recipient, "session-silent", "officer-silent", str(until.year)]
    assert not [text for text in hidden if text.encode() in heap or text.encode("utf-16-le") in heap]
    assert token not in heap


def test_with_the_credential_and_without_the_token_nothing_opens(vault, token, identity):
    """Whoever has the whole disk and the credential sees until when, and neither officer nor identity."""
    ((row, sealed),) = vault.database.rows("SELECT session, sealed FROM vault_unlocked")
    opened = vault.cipher.open(sealed, place="unlocked", row=row)
    assert b"2025-03-01" in opened
    assert b"officer-1" not in opened
    assert identity.text().encode() not in opened
    assert token not in opened


@given(guess=st.binary(max_size=64))
def test_no_guess_opens_it(guess):
    from lieber_vault.unlocked import _key

    assert _key(guess, "s-1") != _key(b"the token that it was started with", "s-1")


def test_instants_have_zones(*, vault, token, identity, at):
    naive = datetime(2025, 3, 1)  # noqa: DTZ001  # the point
    for refused in (
        lambda: unlocked.start(vault, session="s", officer="o", identity=identity, at=at, until=naive),
        lambda: used(vault, token, naive),
        lambda: unlocked.remove_expired(vault, at=naive),
    ):
        with pytest.raises(BadInput, match="has a time zone"):
            refused()
    assert used(vault, token, at) == identity
