"""Recovery, rehearsed with the plain `age` command: nothing shown, nothing on the disk, nothing missed."""

import os
import stat

import pytest

from lieber_vault import Failure, RehearsalImpossible, make_recovery, rehearse
from lieber_vault.proofs import seal_proof
from lieber_vault.sealing import Digest, Identity, seal

LARGE = bytes(range(256)) * 1_200


@pytest.fixture
def recovery():
    return make_recovery()


@pytest.fixture
def printed(recovery, tmp_path):
    """The recovery key, typed in again."""
    path = tmp_path / "recovery"
    path.write_text(recovery.identity_text)
    return path


@pytest.fixture
def filled(vault, put, recovery, at):
    """Five records, one of them large and one with two versions."""
    vault.set_recovery(recovery.recipient, at=at, by="officer-1")
    for number in range(4):
        put(f"what person {number} told".encode(), record_id=f"REC-{number}")
    put(LARGE, record_id="REC-4", kind="recording")
    put(b"what was added", record_id="REC-0", supersedes=1)
    return vault


def test_the_printed_key_and_the_plain_command_open_everything(age, filled, printed):
    rehearsed = rehearse(filled, printed)
    assert (rehearsed.opened, rehearsed.failed, rehearsed.passed) == (6, (), True)


def test_a_sample_opens_as_many_as_it_says(age, filled, printed):
    assert [rehearse(filled, printed, sample=size).opened for size in (0, 2, 6, 50)] == [0, 2, 6, 6]


def test_an_empty_vault_passes(age, vault, printed):
    assert rehearse(vault, printed) == rehearse(vault, printed, sample=3)
    assert rehearse(vault, printed).passed


def test_what_was_sealed_before_the_recovery_key_was_named_is_found(
    *, age, vault, put, recovery, printed, at
):
    put(record_id="REC-0")
    vault.set_recovery(recovery.recipient, at=at, by="officer-1")
    put(record_id="REC-1")
    rehearsed = rehearse(vault, printed)
    assert rehearsed.opened == 1
    assert rehearsed.failed == (Failure("REC-0", 1, "age refused it with exit code 1"),)
    assert not rehearsed.passed


def test_what_is_damaged_is_named_and_the_rest_is_opened(*, age, filled, printed, place):
    damaged, changed, lost = (
        filled.database.rows(
            "SELECT row_id FROM vault_headers WHERE record = ?", filled.cipher.tag("record", name)
        )
        for name in ("REC-1", "REC-2", "REC-3")
    )
    filled.database.change("UPDATE vault_bodies SET body = ? WHERE row_id = ?", bytes(60), damaged[0][0])
    filled.database.change("UPDATE vault_heads SET sealed = ? WHERE row_id = ?", bytes(60), changed[0][0])
    filled.database.change("DELETE FROM vault_bodies WHERE row_id = ?", lost[0][0])
    next(path for path in place.objects.rglob("*") if path.stat().st_size > 10_000).unlink()
    rehearsed = rehearse(filled, printed)
    reasons = {failure.record_id: failure.reason for failure in rehearsed.failed}
    assert rehearsed.opened == 2
    assert reasons.keys() == {"REC-1", "REC-2", "REC-3", "REC-4"}
    assert reasons["REC-1"] == "age refused it with exit code 1"
    assert "among the vault's heads" in reasons["REC-2"]
    assert "has lost its head or its body" in reasons["REC-3"]
    assert "No such file" in reasons["REC-4"]


def test_other_bytes_under_a_good_seal_are_found(age, filled, printed):
    """As if somebody with the credential had sealed another proof to the same recipients."""
    for row, sealing in filled.database.rows("SELECT row_id, sealing FROM vault_heads"):
        ((sealed,),) = filled.database.rows("SELECT sealed FROM vault_headers WHERE row_id = ?", row)
        proof = seal_proof(filled._header(row, sealed), Digest("00" * 32, 7))
        again = filled.cipher.seal(proof, place="proofs", row=row + sealing)
        filled.database.change("UPDATE vault_heads SET proof = ? WHERE row_id = ?", again, row)
    rehearsed = rehearse(filled, printed)
    assert rehearsed.opened == 0
    assert {failure.reason for failure in rehearsed.failed} == {"it opens to other bytes than were sealed"}


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b"7", bytes(100_000)])
def test_a_proof_that_is_none_is_a_failure(*, age, filled, printed, recovery, text):
    ((row, sealing),) = filled.database.rows(
        "SELECT h.row_id, h.sealing FROM vault_heads h JOIN vault_headers v ON v.row_id = h.row_id "
        "WHERE v.record = ?",
        filled.cipher.tag("record", "REC-1"),
    )
    again = filled.cipher.seal(seal(text, [recovery.recipient]), place="proofs", row=row + sealing)
    filled.database.change("UPDATE vault_heads SET proof = ? WHERE row_id = ?", again, row)
    rehearsed = rehearse(filled, printed)
    assert rehearsed.opened == 5
    assert [failure.record_id for failure in rehearsed.failed] == ["REC-1"]
    assert "opens to other bytes than were sealed" in rehearsed.failed[0].reason


@pytest.mark.parametrize("sample", [None, 50])
def test_a_damaged_header_is_a_failure_among_others(age, filled, printed, sample):
    """Also one of several versions: the others are opened all the same."""
    for record_id, version in (("REC-0", 1), ("REC-2", 1)):
        slot = filled.cipher.tag("slot", record_id, version)
        filled.database.change("UPDATE vault_headers SET sealed = ? WHERE slot = ?", bytes(60), slot)
    rehearsed = rehearse(filled, printed, sample=sample)
    assert rehearsed.opened == 4
    assert [failure.version for failure in rehearsed.failed] == [0, 0]
    rows = {row.hex() for (row,) in filled.database.rows("SELECT row_id FROM vault_headers")}
    assert all(
        failure.record_id in rows and "was damaged or changed" in failure.reason
        for failure in rehearsed.failed
    )


def test_what_is_erased_meanwhile_is_no_failure(age, filled, printed, monkeypatch):
    sealed = filled.as_sealed

    def after_the_erasure(record_id, *, version):
        filled.erase_record("REC-4", missing_ok=True)
        return sealed(record_id, version=version)

    monkeypatch.setattr(filled, "as_sealed", after_the_erasure)
    rehearsed = rehearse(filled, printed)
    assert (rehearsed.opened, rehearsed.failed) == (5, ())


def test_a_missing_command_is_one_sentence(filled, printed):
    with pytest.raises(RehearsalImpossible, match="the program age-of-nowhere: found none of that name"):
        rehearse(filled, printed, age="age-of-nowhere")


def test_a_program_that_cannot_run_is_one_sentence(filled, printed, tmp_path):
    program = tmp_path / "age"
    program.write_bytes(b"\x7fELF no program")
    program.chmod(stat.S_IRWXU)
    with pytest.raises(RehearsalImpossible, match="cannot run"):
        rehearse(filled, printed, age=str(program))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        (b"", "begins with AGE-SECRET-KEY-1"),
        (b"# only a comment\n", "begins with AGE-SECRET-KEY-1"),
        (b"age1foo\n", "begins with AGE-SECRET-KEY-1"),
        (b"\xff\xfe", "begins with AGE-SECRET-KEY-1"),
    ],
)
def test_an_identity_that_cannot_be_read_is_one_sentence(*, age, filled, tmp_path, content, reason):
    path = tmp_path / "recovery"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RehearsalImpossible, match=f"cannot be read .*{reason}"):
        rehearse(filled, path)


def test_a_mistyped_secret_is_not_repeated(age, filled, tmp_path, recovery):
    secret = recovery.identity_text.splitlines()[1]
    (tmp_path / "recovery").write_text(secret[:-1])
    with pytest.raises(RehearsalImpossible) as refused:
        rehearse(filled, tmp_path / "recovery")
    assert secret[:-1] not in str(refused.value)


def test_no_plaintext_is_shown_or_left(*, age, filled, printed, tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    rehearsed = rehearse(filled, printed)
    assert rehearsed.opened == 6
    assert capfd.readouterr() == ("", "")
    assert "told" not in repr(rehearsed)
    left = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [data for data in left if b"person 0 told" in data or LARGE[:4096] in data]


def test_the_vault_stays_as_it_was(age, filled, printed, recovery):
    before = sorted(map(str, filled.all_headers()))
    handles = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # names only
    rehearse(filled, printed)
    assert len(os.listdir("/proc/self/fd")) == handles  # noqa: PTH208  # names only
    assert sorted(map(str, filled.all_headers())) == before
    opened = Identity(recovery.identity_text.splitlines()[1])
    assert filled.read("REC-4", opened) == LARGE
