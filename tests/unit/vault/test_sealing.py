"""Sealing in age's format: whole or not at all, head and body apart."""

import hashlib
import io
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lieber.base import LieberError
from lieber_vault import (
    BadIdentity,
    BadRecipient,
    SealDamaged,
    SealedToOthers,
    join,
    open_sealed,
    seal,
    split,
)
from lieber_vault.sealing import (
    Digesting,
    Identity,
    Joined,
    check_recipients,
    new_identity,
    open_stream,
    seal_anew,
    seal_apart,
    seal_stream,
)

OURS, THEIRS = new_identity(), new_identity()
SEALED = seal(b"what a person told" * 10, [OURS.recipient])


class Zeroes:
    """A reader of so many zeroes, which notes how much it was asked for at once."""

    def __init__(self, length):
        self.left, self.most = length, 0

    def read(self, size, /):
        self.most = max(self.most, size)
        size = min(size, self.left)
        self.left -= size
        return bytes(size)


class Full:
    """A writer on a full disk."""

    def write(self, _, /):
        raise OSError(28, "No space left on device")


class Broken:
    """A reader that fails in the middle."""

    def __init__(self, data):
        self.data = data

    def read(self, size, /):
        if not self.data:
            raise OSError(5, "Input/output error")
        given, self.data = self.data[:size], self.data[size:]
        return given


@given(plaintext=st.binary(max_size=200_000))
def test_what_is_sealed_opens_to_the_same(plaintext):
    assert open_sealed(seal(plaintext, [OURS.recipient]), OURS) == plaintext


@given(plaintext=st.binary(max_size=1000) | st.just(b"\n--- \n--- age-encryption.org/v1\n"))
def test_split_and_join_are_each_others_reverse(plaintext):
    sealed = seal(plaintext, [OURS.recipient, THEIRS.recipient])
    head, body = split(sealed)
    assert join(head, body) == sealed
    assert split(join(head, body)) == (head, body)
    # 16 bytes of nonce and 16 of a tag for the one piece.
    assert len(body) == 16 + len(plaintext) + 16
    assert head.endswith(b"\n")


def test_each_recipient_opens_it_and_nobody_else():
    sealed = seal(b"text", [OURS.recipient, THEIRS.recipient])
    assert open_sealed(sealed, OURS) == open_sealed(sealed, THEIRS) == b"text"
    with pytest.raises(SealedToOthers, match="none of those that the file was sealed to"):
        open_sealed(sealed, new_identity())


def test_a_body_without_its_head_opens_with_no_other_head():
    """The heads of other files to the same key do not help: each file has its own key (R-19)."""
    body = split(SEALED).body
    with pytest.raises(SealDamaged):
        open_sealed(body, OURS)
    with pytest.raises(SealDamaged):
        open_sealed(join(split(seal(b"other", [OURS.recipient])).head, body), OURS)


@given(place=st.integers(0, len(SEALED) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_is_one_sentence(place, bit):
    damaged = bytearray(SEALED)
    damaged[place] ^= 1 << bit
    with pytest.raises(LieberError) as refused:
        open_sealed(bytes(damaged), OURS)
    assert "\n" not in str(refused.value)
    with pytest.raises(LieberError):
        open_stream(io.BytesIO(damaged), io.BytesIO(), identity=OURS)


@given(length=st.integers(0, len(SEALED) - 1))
def test_a_file_that_is_cut_off_is_refused(length):
    with pytest.raises(LieberError):
        open_sealed(SEALED[:length], OURS)
    with pytest.raises(LieberError):
        open_stream(io.BytesIO(SEALED[:length]), io.BytesIO(), identity=OURS)


def test_a_long_file_that_is_cut_off_between_two_pieces_is_refused():
    sealed = seal(bytes(3 * 65_536), [OURS.recipient])
    head, body = split(sealed)
    with pytest.raises(SealDamaged, match="damaged or cut off"):
        open_stream(Joined(head, io.BytesIO(body[: 16 + 65_552])), io.BytesIO(), identity=OURS)


@pytest.mark.parametrize(
    "data",
    [b"", b"text", b"age-encryption.org/v1\n", SEALED[:60], SEALED[1:]],
    ids=["empty", "text", "first line", "cut", "without its first byte"],
)
def test_what_is_no_age_file_has_no_head(data):
    with pytest.raises(SealDamaged, match="age's format was expected"):
        split(data)


def test_nothing_is_sealed_to_nobody():
    for refused in (
        lambda: seal(b"text", []),
        lambda: seal_stream(io.BytesIO(b"text"), io.BytesIO(), recipients=[]),
        lambda: check_recipients([]),
    ):
        with pytest.raises(BadRecipient, match="at least one recipient: found none"):
            refused()


@pytest.mark.parametrize(
    "text",
    ["", "age1", "age1foo", OURS.recipient[:-1], OURS.recipient + "q", "ssh-ed25519 AAAA", "a\0b", "\ud800"],
    ids=["empty", "prefix", "short", "cut", "long", "other kind", "nul", "surrogate"],
)
def test_a_mistyped_recipient_is_refused(text):
    with pytest.raises(BadRecipient, match=f"found {len(text)} characters that are none"):
        seal(b"text", [OURS.recipient, text])


def test_a_secret_that_is_taken_for_a_recipient_is_not_repeated():
    with pytest.raises(BadRecipient) as refused:
        seal(b"text", [OURS.text()])
    assert OURS.text() not in str(refused.value)
    assert refused.value.__cause__ is None


def test_recipients_count_once():
    assert check_recipients([OURS.recipient, THEIRS.recipient, OURS.recipient]) == (
        OURS.recipient,
        THEIRS.recipient,
    )


@pytest.mark.parametrize(
    "text",
    ["", "AGE-SECRET-KEY-1", OURS.recipient, OURS.text()[:-1], OURS.text() + "Q"],
    ids=["empty", "prefix", "recipient", "cut", "long"],
)
def test_a_mistyped_identity_is_refused_and_not_repeated(text):
    with pytest.raises(BadIdentity, match="begins with AGE-SECRET-KEY-1") as refused:
        Identity(text)
    assert not text or text == "AGE-SECRET-KEY-1" or text not in str(refused.value)


def test_an_identity_is_never_shown():
    shown = f"{OURS} {OURS!r} {[OURS]}"
    assert OURS.recipient in shown
    assert "AGE-SECRET-KEY" not in shown


def test_the_same_text_is_the_same_identity():
    assert Identity(OURS.text()) == OURS
    assert len({OURS, Identity(f" {OURS.text()}\n"), THEIRS}) == 2


def test_a_recording_is_sealed_and_opened_piece_by_piece():
    length, recording = 20 * 2**20, Zeroes(20 * 2**20)
    body = io.BytesIO()
    head = seal_apart(recording, body, recipients=[OURS.recipient])
    assert recording.most <= 2**17
    body.seek(0)
    opened = Digesting()
    open_stream(Joined(head, body), opened, identity=OURS)
    assert opened.digest == (hashlib.sha256(bytes(length)).hexdigest(), length)


@given(plaintext=st.binary(max_size=300_000), size=st.integers(1, 100_000))
def test_streams_and_bytes_are_the_same_format(plaintext, size):
    class Short(io.BytesIO):
        """Gives less than it is asked for, as pipes do."""

        def read(self, wanted=-1, /):
            return super().read(min(wanted, size))

    sealed, opened = io.BytesIO(), io.BytesIO()
    seal_stream(io.BytesIO(plaintext), sealed, recipients=[OURS.recipient])
    assert open_sealed(sealed.getvalue(), OURS) == plaintext
    head, body = split(sealed.getvalue())
    if len(plaintext) // size < 5_000:
        open_stream(Joined(head, Short(body)), opened, identity=OURS)
        assert opened.getvalue() == plaintext


def test_failures_of_reader_and_writer_are_theirs():
    with pytest.raises(OSError, match="No space left"):
        seal_stream(io.BytesIO(b"text"), Full(), recipients=[OURS.recipient])
    with pytest.raises(OSError, match="No space left"):
        open_stream(io.BytesIO(SEALED), Full(), identity=OURS)
    with pytest.raises(OSError, match="Input/output error"):
        open_stream(Broken(SEALED[:250]), io.BytesIO(), identity=OURS)
    with pytest.raises(OSError, match="Input/output error"):
        seal_stream(Broken(b"text"), io.BytesIO(), recipients=[OURS.recipient])


def test_sealing_anew_gives_another_file_key_and_the_same_plaintext():
    plaintext = bytes(range(256)) * 2_000
    body = io.BytesIO()
    old = seal(plaintext, [OURS.recipient])
    head, digest = seal_anew(io.BytesIO(old), body, identity=OURS, recipients=[THEIRS.recipient])
    assert digest == (hashlib.sha256(plaintext).hexdigest(), len(plaintext))
    assert open_sealed(join(head, body.getvalue()), THEIRS) == plaintext
    assert body.getvalue() != split(old).body
    with pytest.raises(SealedToOthers):
        open_sealed(join(head, body.getvalue()), OURS)


def test_sealing_anew_fails_as_opening_and_writing_do():
    large = seal(bytes(1_000_000), [OURS.recipient])
    with pytest.raises(SealedToOthers):
        seal_anew(io.BytesIO(large), io.BytesIO(), identity=THEIRS, recipients=[THEIRS.recipient])
    with pytest.raises(SealDamaged):
        seal_anew(io.BytesIO(large[:-9]), io.BytesIO(), identity=OURS, recipients=[THEIRS.recipient])
    with pytest.raises(OSError, match="No space left"):
        seal_anew(io.BytesIO(large), Full(), identity=OURS, recipients=[THEIRS.recipient])
    with pytest.raises(BadRecipient):
        seal_anew(io.BytesIO(large), io.BytesIO(), identity=OURS, recipients=[])


def test_the_plain_command_opens_what_is_joined(age, tmp_path):
    (tmp_path / "identity").write_text(OURS.text())
    body = io.BytesIO()
    head = seal_apart(io.BytesIO(bytes(200_000)), body, recipients=[THEIRS.recipient, OURS.recipient])
    opened = subprocess.run(
        [age, "-d", "-i", tmp_path / "identity"],
        input=join(head, body.getvalue()),
        capture_output=True,
        check=True,
    )
    assert opened.stdout == bytes(200_000)


def test_what_the_plain_command_sealed_is_opened(age):
    sealed = subprocess.run(
        [age, "-r", OURS.recipient], input=b"text", capture_output=True, check=True
    ).stdout
    assert open_sealed(sealed, OURS) == b"text"
    assert join(*split(sealed)) == sealed
