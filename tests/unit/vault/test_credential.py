"""The credential of a vault: made once, read whole or not at all, never shown."""

import os
import pickle
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lieber_vault import Credential, CredentialError, make_credential, read_credential


def test_what_was_made_is_read_again_and_only_its_owner_may(tmp_path):
    path = tmp_path / "keys" / "credential"
    made = make_credential(path)
    assert read_credential(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_credentials_differ(tmp_path):
    assert make_credential(tmp_path / "one") != make_credential(tmp_path / "other")


def test_an_existing_file_is_kept(tmp_path):
    path = tmp_path / "credential"
    made = make_credential(path)
    with pytest.raises(CredentialError, match="there already and is kept"):
        make_credential(path)
    assert read_credential(path) == made


def test_two_who_make_it_at_once_make_one(tmp_path, monkeypatch):
    path = tmp_path / "credential"
    link, first = os.link, []

    def beside_another(source, target):
        monkeypatch.undo()
        first.append(make_credential(path))
        link(source, target)

    monkeypatch.setattr(os, "link", beside_another)
    with pytest.raises(CredentialError, match="there already and is kept"):
        make_credential(path)
    assert [read_credential(path)] == first
    assert [left.name for left in tmp_path.iterdir()] == ["credential"]


KILLED = """
import os, sys
from pathlib import Path
from lieber_vault import make_credential

os.fsync = lambda _: os.kill(os.getpid(), 9)
make_credential(Path(sys.argv[1]))
"""


def test_whoever_is_killed_while_making_it_leaves_none(tmp_path):
    path = tmp_path / "credential"
    assert subprocess.run([sys.executable, "-c", KILLED, path], check=False).returncode == -9
    assert not path.exists()
    made = make_credential(path)
    assert read_credential(path) == made


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o644, 0o666])
def test_a_credential_that_others_may_use_is_refused(tmp_path, mode):
    make_credential(tmp_path / "credential")
    (tmp_path / "credential").chmod(mode)
    with pytest.raises(CredentialError, match=f"its owner only: found that others may use it \\({mode:04o}"):
        read_credential(tmp_path / "credential")


def test_where_nothing_can_be_written_a_sentence_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CredentialError, match=r"cannot be written to .*file/credential"):
        make_credential(tmp_path / "file" / "credential")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CredentialError, match=r"was expected at .*: No such file"):
        read_credential(tmp_path / "nowhere")


@given(place=st.integers(0, 98), byte=st.integers(0, 255))
def test_a_changed_byte_is_told(tmp_path_factory, place, byte):
    text = bytearray(Credential(bytes(range(32))).as_text().encode())
    if text[place] == byte:
        byte = (byte + 1) % 256
    text[place] = byte
    path = tmp_path_factory.mktemp("changed") / "credential"
    path.write_bytes(text)
    path.chmod(0o600)
    # A byte of white space at either end leaves the rest cut off, which is told as well.
    with pytest.raises(CredentialError, match="right checksum"):
        read_credential(path)


@pytest.mark.parametrize("text", ["", "secret", Credential(bytes(32)).as_text()[:-1], "x" * 10_000])
def test_another_text_is_no_credential(tmp_path, text):
    (tmp_path / "credential").write_text(text)
    (tmp_path / "credential").chmod(0o600)
    with pytest.raises(CredentialError, match="must hold one line"):
        read_credential(tmp_path / "credential")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_credential_has_32_bytes(length):
    with pytest.raises(CredentialError, match=f"32 bytes: found {length}"):
        Credential(bytes(length))


def test_subkeys_differ_by_label_and_by_credential():
    one, other = Credential(bytes(32)), Credential(bytes([1] * 32))
    keys = {one.subkey("a"), one.subkey("b"), other.subkey("a"), other.subkey("b")}
    assert len(keys) == 4
    assert all(len(key) == 32 for key in keys)
    assert one.subkey("a") == Credential(bytes(32)).subkey("a")


def test_a_subkey_is_hkdf_as_the_rfc_writes_it():
    """RFC 5869 §2 with one step of expansion, written out."""
    import hmac

    secret = bytes(range(32))
    extracted = hmac.digest(bytes(32), secret, "sha256")
    expanded = hmac.digest(extracted, b"lieber-vault/1/rows: find" + b"\x01", "sha256")
    assert Credential(secret).subkey("rows: find") == expanded


def test_it_is_never_shown_and_never_stored_elsewhere():
    credential = Credential(bytes(range(32)))
    shown = f"{credential} {credential!r} {[credential]} {credential.__class__.__dict__}"
    assert bytes(range(32)).hex() not in shown
    assert repr(bytes(range(32))) not in shown
    with pytest.raises(CredentialError, match="its own file"):
        pickle.dumps(credential)
