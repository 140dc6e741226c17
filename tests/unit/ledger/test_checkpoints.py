"""Signed notes and checkpoints: what is written, what is verified, what is refused and why."""

from __future__ import annotations

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lieber.base import BadInput, LieberError
from lieber.ledger import (
    EMPTY_ROOT,
    Checkpoint,
    KeyKind,
    KeyTextError,
    Note,
    NoteError,
    NoteSignature,
    SignatureError,
    VerifierKey,
    read_checkpoint,
    read_note,
    read_vkey,
    sign,
    verify,
    verify_note,
)


def private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def public(number: int, name: str, kind: KeyKind = KeyKind.NOTE) -> VerifierKey:
    return VerifierKey(name, private(number).public_key().public_bytes_raw(), kind)


def cosignature(number: int, name: str, text: str, at: int) -> NoteSignature:
    """A line of cosignature/v1, made by hand as tlog-cosignature says."""
    signature = private(number).sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    key_id = public(number, name, KeyKind.COSIGNATURE).key_id
    return NoteSignature(name, key_id, at.to_bytes(8, "big") + signature)


ORIGIN = "mission.example/log"
HEAD = Checkpoint(ORIGIN, 3, bytes(32))
NOTE = sign(HEAD, key=private(1))
LOG = public(1, ORIGIN)
ONE, TWO = (public(number, f"cosigner.example/{number}", KeyKind.COSIGNATURE) for number in (2, 3))
AT = 1_760_000_000


def with_lines(*lines: NoteSignature) -> str:
    """The note with more signatures behind that of the log."""
    return NOTE + "".join(map(str, lines))


# ------------------------------------------------------------------ what is written


def test_a_checkpoint_is_three_lines():
    assert HEAD.text == f"{ORIGIN}\n3\n{'A' * 43}=\n"
    assert Checkpoint(ORIGIN, 0, EMPTY_ROOT).text.split("\n")[1] == "0"


def test_a_signed_checkpoint_is_read_back_and_verified():
    verified = verify(NOTE, log=LOG)
    assert verified.checkpoint == HEAD
    assert [(signature.key, signature.cosigned_at) for signature in verified.signatures] == [(LOG, None)]
    assert verify(NOTE.encode(), log=read_vkey(LOG.vkey)) == verified


def test_the_log_may_sign_under_a_name_of_its_key():
    note = sign(HEAD, key=private(1), name="other.example")
    assert read_note(note).signatures[0].name == "other.example"
    with pytest.raises(SignatureError, match=r"A checkpoint of the log other\.example was expected"):
        verify(note, log=public(1, "other.example"))


def test_extension_lines_of_other_logs_are_kept_and_signed():
    extended = Checkpoint(ORIGIN, 3, bytes(32), ("timestamp 1", "more"))
    note = sign(extended, key=private(1))
    assert verify(note, log=LOG).checkpoint == extended
    with pytest.raises(SignatureError, match="is wrong"):
        verify(note.replace("timestamp 1", "timestamp 2"), log=LOG)


# ------------------------------------------------------------------ signatures


def test_a_cosignature_is_verified_with_its_instant():
    note = with_lines(cosignature(2, ONE.name, HEAD.text, AT))
    _, (by_log, by_cosigner) = verify(note, log=LOG, cosigners=[ONE, TWO], quorum=1)
    assert (by_log.key, by_cosigner.key, by_cosigner.cosigned_at) == (LOG, ONE, AT)


def test_signatures_of_unknown_keys_are_ignored():
    same_name = NoteSignature(ORIGIN, b"\0\0\0\0", b"no signature")
    same_id = NoteSignature("else.example", LOG.key_id, b"no signature")
    assert verify(with_lines(same_name, same_id), log=LOG).checkpoint == HEAD


def test_sixteen_signatures_and_more_are_accepted():
    lines = [cosignature(number, f"c.example/{number}", HEAD.text, AT) for number in range(2, 18)]
    cosigners = [public(number, f"c.example/{number}", KeyKind.COSIGNATURE) for number in range(2, 18)]
    _, signatures = verify(with_lines(*lines), log=LOG, cosigners=cosigners, quorum=16)
    assert len(signatures) == 17


def test_one_key_under_two_names_is_one_cosigner():
    names = ("a.example", "b.example")
    note = with_lines(*(cosignature(2, name, HEAD.text, AT) for name in names))
    cosigners = [public(2, name, KeyKind.COSIGNATURE) for name in names]
    with pytest.raises(SignatureError, match="needs 2 known cosigners: found 1"):
        verify(note, log=LOG, cosigners=cosigners, quorum=2)


def test_the_log_is_not_its_own_cosigner():
    own = public(1, ORIGIN, KeyKind.COSIGNATURE)
    note = with_lines(cosignature(1, ORIGIN, HEAD.text, AT))
    with pytest.raises(SignatureError, match="needs 1 known cosigners: found 0"):
        verify(note, log=LOG, cosigners=[own], quorum=1)


def test_a_cosigner_does_not_stand_in_for_the_log():
    note = str(Note(HEAD.text, (cosignature(2, ONE.name, HEAD.text, AT),)))
    with pytest.raises(SignatureError, match="not signed by its log"):
        verify(note, log=LOG, cosigners=[ONE])


def test_a_key_of_one_kind_does_not_verify_the_other():
    with pytest.raises(SignatureError, match="was expected: found mission"):
        verify(NOTE, log=public(1, ORIGIN, KeyKind.COSIGNATURE))


@pytest.mark.parametrize(
    "line",
    [
        cosignature(2, ONE.name, "another text\n", AT),
        cosignature(2, ONE.name, HEAD.text, AT)._replace(signature=bytes(72)),
        cosignature(2, ONE.name, HEAD.text, AT)._replace(signature=b"short"),
        NoteSignature(ONE.name, ONE.key_id, private(2).sign(HEAD.text.encode())),
    ],
)
def test_a_wrong_signature_of_a_known_key_spoils_the_note(line):
    with pytest.raises(SignatureError, match=r"The signature of cosigner\.example/2 \(\w{8}\) is wrong"):
        verify(with_lines(line), log=LOG, cosigners=[ONE])
    assert verify(with_lines(line), log=LOG).checkpoint == HEAD


def test_a_cosignature_beyond_the_end_of_time_is_refused():
    with pytest.raises(SignatureError, match=f"beyond .*found {2**63}"):
        verify(with_lines(cosignature(2, ONE.name, HEAD.text, 2**63)), log=LOG, cosigners=[ONE])


@pytest.mark.parametrize("index", range(len(HEAD.text) - 1))
def test_a_changed_character_of_the_text_is_found(index):
    forged = NOTE[:index] + ("x" if NOTE[index] != "x" else "y") + NOTE[index + 1 :]
    with pytest.raises(LieberError):
        verify(forged, log=LOG)


def test_without_a_known_key_the_note_says_nothing():
    with pytest.raises(SignatureError, match=r"A signature by other\.example was expected: found mission"):
        verify_note(read_note(NOTE), [public(1, "other.example")])
    with pytest.raises(SignatureError, match="A signature by a known key was expected"):
        verify_note(read_note(NOTE), [])


def test_two_keys_with_one_name_and_id_are_refused():
    # An id has four bytes: among a hundred thousand keys two share one.
    one, other = (VerifierKey(ORIGIN, number.to_bytes(32, "big")) for number in (4449, 46575))
    with pytest.raises(KeyTextError, match="and the id 60770508; use one"):
        verify_note(read_note(NOTE), [LOG, one, other])
    assert verify_note(read_note(NOTE), [LOG, one, LOG])


# ------------------------------------------------------------------ what is refused


SIGNATURE = NOTE.rsplit("\n\n", 1)[1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\n\n" + SIGNATURE.encode(),
        "text\n",
        "text\n\n",
        "text\n\n" + SIGNATURE.rstrip("\n"),
        "text\r\n\n" + SIGNATURE,
        "te\x00xt\n\n" + SIGNATURE,
        "te\ud800xt\n\n" + SIGNATURE,
        "text\n\n- name AAAAAAA=\n",
        "text\n\n—name AAAAAAA=\n",
        "text\n\n— name\n",
        "text\n\n—  AAAAAAA=\n",
        "text\n\n— na+me AAAAAAA=\n",
        "text\n\n— na\u00a0me AAAAAAA=\n",
        "text\n\n— name AAAAAAA\n",
        "text\n\n— name AAAAAAB=\n",
        "text\n\n— name AAAA*AA=\n",
        "text\n\n— name AAAAAA==\n",
        "text\n\n— name AAAAAAA= more\n",
        "text\n\n" + SIGNATURE * 101,
    ],
)
def test_what_is_no_signed_note_is_refused(data):
    with pytest.raises(NoteError):
        read_note(data)


def test_a_note_may_hold_empty_lines():
    note = read_note("verse\n\nverse\n\n" + SIGNATURE)
    assert note.text == "verse\n\nverse\n"
    assert str(note) == "verse\n\nverse\n\n" + SIGNATURE


ROOT = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"origin\n3\n{ROOT}",
        "origin\n3\n",
        f"\n3\n{ROOT}\n",
        f"origin\n03\n{ROOT}\n",
        f"origin\n-3\n{ROOT}\n",
        f"origin\n+3\n{ROOT}\n",
        f"origin\n٣\n{ROOT}\n",
        f"origin\n{'9' * 5000}\n{ROOT}\n",
        f"origin\n3\n{ROOT[:-1]}\n",
        f"origin\n3\n{b64encode(bytes(31)).decode()}\n",
        f"origin\n3\n{ROOT}\n\nextension\n",
        f"origin\n3\n{ROOT}\n\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(NoteError):
        read_checkpoint(text)


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 0, EMPTY_ROOT, ()),
        ("two\nlines", 0, EMPTY_ROOT, ()),
        ("a\tb", 0, EMPTY_ROOT, ()),
        (ORIGIN, -1, EMPTY_ROOT, ()),
        (ORIGIN, 1, b"", ()),
        (ORIGIN, 1, EMPTY_ROOT, ("",)),
        (ORIGIN, 1, EMPTY_ROOT, ("two\nlines",)),
    ],
)
def test_a_checkpoint_that_no_note_can_hold_is_refused(origin, size, root, extensions):
    with pytest.raises(NoteError):
        Checkpoint(origin, size, root, extensions)


@pytest.mark.parametrize("name", ["", "two words", "one+two", "a\u2003b", "line\n", "nul\0"])
def test_a_key_needs_a_name_that_fits_a_signature_line(name):
    with pytest.raises(KeyTextError, match="neither spaces nor"):
        VerifierKey(name, bytes(32))


PARTS = LOG.vkey.split("+", 2)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is written name"),
        (ORIGIN, "is written name"),
        (f"{PARTS[0]}+{PARTS[1]}+", "is written name"),
        (f"{PARTS[0]}+{PARTS[1]}+{PARTS[2]}=", "is written name"),
        (f"{PARTS[0]}+{PARTS[1]}+{b64encode(bytes([6]) + bytes(32)).decode()}", "is written name"),
        (f"{PARTS[0]}+{PARTS[1]}+{b64encode(bytes([1]) + bytes(31)).decode()}", "has 32 bytes: found 31"),
        (f"{PARTS[0]}+00000000+{PARTS[2]}", "is mistyped: its id is"),
        (f"{PARTS[0]}+{PARTS[1].upper()}+{PARTS[2]}", "is mistyped: its id is"),
        (f"else.example+{PARTS[1]}+{PARTS[2]}", "is mistyped: its id is"),
        (f"+{PARTS[1]}+{PARTS[2]}", "neither spaces nor"),
    ],
)
def test_what_is_no_verifier_key_is_refused(text, sentence):
    with pytest.raises(KeyTextError, match=sentence):
        read_vkey(text)


def test_the_id_of_a_key_depends_on_its_kind():
    kinds = {public(1, ORIGIN, kind).key_id for kind in KeyKind}
    assert len(kinds) == len(KeyKind)


def test_each_cause_has_its_error():
    assert issubclass(NoteError, BadInput)
    assert issubclass(KeyTextError, BadInput)
    assert issubclass(SignatureError, LieberError)
    assert not issubclass(SignatureError, BadInput)
