"""The storage on a service: how it is described, what is sent, and what comes of it when it fails."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from factories import at
from lieber.base import BadInput, LieberError
from lieber.preserve.digests import digests_of
from lieber.preserve.ocfl import object_folder
from lieber.preserve.ocfl_check import check_root
from lieber_mission import place
from lieber_mission.outside import s3
from lieber_mission.outside.storage import (
    ORIGINALS,
    StorageAway,
    _tree,
    content_folder,
    identifier,
    storage,
    write_object,
)
from lieber_mission.outside.storage_s3 import S3Storage
from s3_server import BUCKET, KEY_ID, REGION, SECRET, Fault, served, used
from time_authority import _openssl

pytestmark = [pytest.mark.slow, pytest.mark.one_database]

LARGE = 20_000_000
SCRIPT = Path(__file__).parents[2] / "s3_memory.py"


@pytest.fixture
def service(tmp_path, monkeypatch):
    with served(tmp_path / "service") as found:
        used(found, tmp_path, monkeypatch)
        yield found


def make(arriving, content, *, name="original.jpg", created=1):
    digests = digests_of([content])
    folder = arriving / os.urandom(4).hex()
    (content_folder(folder) / name).write_bytes(content)
    stored = identifier(digests.sha256)
    write_object(
        folder, stored=stored, files={name: digests}, created=at(created), message="taken in", officer="OFF-1"
    )
    return stored, folder


def settle(content, *, arrival="test", **how):
    keep = storage()
    with keep.arriving(arrival) as arriving:
        stored, folder = make(arriving, content, **how)
        new = keep.settle(folder, root=ORIGINALS, stored=stored)
        keep.flush()
    return stored, new


def is_whole(service, *stored):
    """Just these objects are there, with nothing beside them."""
    top = service.bucket / "mission" / ORIGINALS
    return (
        sorted(storage().objects(ORIGINALS)) == sorted(map(object_folder, stored))
        and not check_root(**_tree(top))
        and sum(path.is_file() for path in top.rglob("*")) == 3 + 6 * len(stored)
    )


# ---------------------------------------------------------------- what is sent


def test_each_body_carries_its_digest_and_the_declaration_is_the_last(service):
    storage().prepare()
    before = len(service.asked)
    stored, _ = settle(b"x" * 100)
    sent = [one for one in service.asked[before:] if one.method == "PUT"]
    base = f"mission/{ORIGINALS}/{object_folder(stored)}/"
    assert [one.key.removeprefix(base) for one in sent] == [
        "v1/content/original.jpg",
        "v1/inventory.json",
        "v1/inventory.json.sha512",
        "inventory.json",
        "inventory.json.sha512",
        "0=ocfl_object_1.1",
    ]
    assert all("x-amz-checksum-sha256" in one.headers for one in sent)
    assert [one.name for one in sent if one.headers.get("if-none-match") == "*"] == [
        "inventory.json",
        "0=ocfl_object_1.1",
    ]


def test_a_large_file_goes_in_parts_that_carry_their_digests(service):
    stored, _ = settle(random.Random(1).randbytes(LARGE))
    parts = [one for one in service.asked if "partNumber" in one.query]
    assert len(parts) == 3
    assert all("x-amz-checksum-sha256" in one.headers for one in parts)
    assert is_whole(service, stored)


def test_a_bit_that_changes_on_the_line_is_refused_and_nothing_is_there(service):
    storage().prepare()
    service.goes_wrong = lambda one: Fault.FLIP if one.name == "original.jpg" else None
    with pytest.raises(StorageAway, match=r"refuses \(400 XAmzContentSHA256Mismatch\)"):
        settle(b"on the line")
    assert not list(storage().objects(ORIGINALS))
    service.goes_wrong = lambda _: None
    stored, new = settle(b"on the line")
    assert new
    assert is_whole(service, stored)


@pytest.mark.parametrize("size", [100, LARGE])
def test_a_bit_that_changes_on_the_local_disk_is_found_before_it_is_kept(service, size):
    keep = storage()
    with keep.arriving("test") as arriving:
        stored, folder = make(arriving, b"x" * size)
        with (folder / "v1/content/original.jpg").open("r+b") as file:
            file.seek(size // 2)
            file.write(b"y")
        keep.settle(folder, root=ORIGINALS, stored=stored)
        with pytest.raises(LieberError, match="not what was written there a moment ago"):
            keep.flush()
    assert not storage().holds(ORIGINALS, stored)
    assert not any("content" in key for key in service.listed())
    assert not list(service.uploads.glob("*"))


# ---------------------------------------------------------------- two writers


def test_two_writers_of_the_same_object_at_once_are_harmless(service):
    storage().prepare()
    contents = [f"content {number}".encode() for number in range(12)]
    gate = threading.Barrier(3)

    def writer(number):
        gate.wait()
        for content in contents:
            settle(content, arrival=f"writer-{number}", created=number)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(writer, [1, 2, 3]))
    assert is_whole(service, *(identifier(digests_of([content]).sha256) for content in contents))


class Another:
    """A writer of the same bytes, who does all of it just before a request of the first one."""

    def __init__(self, content, *, before):
        self.content, self.before, self.wrote = content, before, False

    def __call__(self, one):
        if one.number == self.before and not self.wrote:
            self.wrote = True
            with ThreadPoolExecutor(1) as pool:
                pool.submit(settle, self.content, arrival="other", created=2).result()


@pytest.mark.parametrize("conditions", [True, False, None], ids=["kept", "ignored", "refused"])
def test_another_writer_between_any_two_requests_is_harmless(service, conditions):
    """Just before each request of one writer, another writes the whole object."""
    storage().prepare()
    service.conditions, number = conditions, 0
    while True:
        content, number = f"another at {number}".encode(), number + 1
        another = Another(content, before=len(service.asked) + number)
        service.goes_wrong = another
        stored, _ = settle(content, created=1)
        service.goes_wrong = lambda _: None
        assert not storage().damaged(ORIGINALS, stored), number
        if not another.wrote:
            break
    assert number > 8
    assert not check_root(**_tree(service.bucket / "mission" / ORIGINALS))


def test_a_service_that_knows_no_conditions_is_asked_without_them(service):
    service.conditions = None
    stored, _ = settle(b"without conditions")
    assert is_whole(service, stored)


def half_written(service, content, *, requests, **how):
    """Let a writer be ended after some requests of its own."""
    storage().prepare()
    begin = len(service.asked)
    service.goes_wrong = lambda one: Fault.CUT if one.number > begin + requests else None
    with pytest.raises(StorageAway):
        settle(content, **how)
    service.goes_wrong = lambda _: None


def test_what_an_ended_writer_called_otherwise_is_written_to_its_end_and_nothing_lies_beside_it(service):
    half_written(service, b"same bytes", requests=5, name="original.bin")
    assert any(key.endswith("v1/inventory.json") for key in service.listed())
    (left,) = service.bucket.rglob("original.bin")
    left.write_bytes(b"torn")
    stored, new = settle(b"same bytes", name="original.jpg")
    assert new
    assert is_whole(service, stored)


@pytest.mark.parametrize("requests", [5, 6, 7])
def test_what_an_ended_writer_left_and_was_changed_since_is_written_anew(service, requests):
    half_written(service, b"same bytes", requests=requests)
    (left,) = service.bucket.rglob("v1/inventory.json")
    left.write_bytes(left.read_bytes().replace(b"taken in", b"taken on"))
    if requests == 5:
        left.write_bytes(left.read_bytes()[:-3])
    stored, _ = settle(b"same bytes")
    assert is_whole(service, stored)
    assert b"taken in" in left.read_bytes()


# ---------------------------------------------------------------- the service fails


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault.FORBIDDEN, r"refuses \(403 AccessDenied\): .* compare its credential"),
        (Fault.AWAY, r"does not answer \(503 SlowDown\): .* try again when it is back"),
        (Fault.CUT, r"does not answer \(.*\): what was recorded until now stays"),
    ],
)
def test_a_service_that_fails_is_one_sentence_for_each_deed(service, fault, sentence):
    stored, _ = settle(b"held")
    service.goes_wrong = lambda _: fault
    keep = storage()
    deeds = [
        keep.prepare,
        keep.problems,
        lambda: keep.holds(ORIGINALS, stored),
        lambda: keep.damaged(ORIGINALS, stored),
        lambda: list(keep.objects(ORIGINALS)),
        lambda: keep.open(ORIGINALS, stored, "original.jpg"),
        lambda: keep.stream(ORIGINALS, stored, "original.jpg"),
        lambda: keep.put_aside(Path("x"), root=ORIGINALS, stored=stored),
        lambda: keep.settle(Path("x"), root=ORIGINALS, stored=stored),
    ]
    for deed in deeds:
        with pytest.raises(StorageAway, match=sentence) as raised:
            deed()
        assert "\n" not in str(raised.value)
        assert SECRET not in str(raised.value)
    service.goes_wrong = lambda _: None
    assert is_whole(service, stored)


def test_a_service_that_is_away_for_a_moment_is_asked_again(service):
    refused = []

    def now_and_then(one):
        if one.number % 3:
            refused.append(one)
            return [Fault.AWAY, Fault.CUT, Fault.UNANSWERED, Fault.UNANSWERED][one.number % 4]
        return None

    service.goes_wrong = now_and_then
    stored, new = settle(b"patience")
    assert new
    assert len(refused) > 10
    service.goes_wrong = lambda _: None
    assert is_whole(service, stored)


def test_a_line_that_breaks_while_a_film_is_read_is_taken_up_again(service):
    content = random.Random(1).randbytes(3_000_000)
    stored, _ = settle(content)
    service.goes_wrong = lambda one: Fault.UNANSWERED if one.number % 2 else None
    with storage().stream(ORIGINALS, stored, "original.jpg") as file:
        assert file.read() == content


def test_a_file_that_changes_while_it_is_read_is_not_read_on(service):
    stored, _ = settle(bytes(500_000))
    (path,) = service.bucket.rglob("original.jpg")
    with storage().stream(ORIGINALS, stored, "original.jpg") as file:
        file.read(10)
        path.write_bytes(b"x" * 600_000)
        with pytest.raises(StorageAway, match="changed in the storage while it was read"):
            file.read()


def test_nobody_there_is_a_sentence(tmp_path, monkeypatch):
    with served(tmp_path / "service") as service:
        used(service, tmp_path, monkeypatch)
    with pytest.raises(StorageAway, match="does not answer"):
        storage().prepare()


def test_a_bucket_that_is_away_is_no_missing_file(service, monkeypatch):
    """A round of fixity would freeze every item of the mission."""
    stored, _ = settle(b"held")
    elsewhere = service.address.replace(BUCKET, "another")
    monkeypatch.setattr(place, "mission", lambda: {"storage": {"s3": elsewhere, "region": REGION}})
    for deed in (
        lambda: storage().stream(ORIGINALS, stored, "original.jpg"),
        lambda: storage().holds(ORIGINALS, stored),
        lambda: storage().prepare(),
    ):
        with pytest.raises(StorageAway, match=r"refuses \(404 NoSuchBucket\)"):
            deed()


def test_a_wrong_credential_is_a_sentence(service, monkeypatch):
    monkeypatch.setenv(s3.VARIABLE, f"{KEY_ID} wrong")
    with pytest.raises(StorageAway, match=r"refuses \(403 SignatureDoesNotMatch\)"):
        storage().prepare()


def test_a_full_bucket_is_a_full_disk(service):
    storage().prepare()
    service.quota = 3_000
    with pytest.raises(OSError, match="has no more room") as raised:
        settle(b"x" * 3_000)
    assert raised.value.errno == 28
    service.quota = None
    stored, _ = settle(b"x" * 3_000)
    assert is_whole(service, stored)


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.UNANSWERED])
@pytest.mark.parametrize("size", [100, pytest.param(LARGE, marks=pytest.mark.slow)])
def test_a_writer_ended_at_any_request_is_followed_by_one_that_comes_to_its_end(service, fault, size):
    """From one request on nothing is answered; then the next try writes what is missing."""
    storage().prepare()
    ended: list[int] = []
    number = 0
    while len(ended) == number:
        content, number = random.Random(number).randbytes(size), number + 1
        begin = len(service.asked)

        def away(one, begin=begin, number=number):
            return fault if one.number >= begin + number else None

        service.goes_wrong = away
        try:
            stored, _ = settle(content)
        except StorageAway:
            ended.append(number)
        service.goes_wrong = lambda _: None
        stored, _ = settle(content)
        keep = storage()
        assert keep.holds(ORIGINALS, stored), number
        assert not keep.damaged(ORIGINALS, stored), number
        assert not list((place.storage_folder() / "incoming").iterdir())
    assert len(ended) >= 10
    assert len(list(storage().objects(ORIGINALS))) == number
    assert not check_root(**_tree(service.bucket / "mission" / ORIGINALS))


def refuse_slowly(one):
    if one.method == "PUT":
        time.sleep(0.05)
        return Fault.FORBIDDEN
    return None


def begin_many(keep, arriving):
    for number in range(60):
        stored, folder = make(arriving, f"{number}".encode())
        keep.settle(folder, root=ORIGINALS, stored=stored)


def tried(service):
    return sum(one.method == "PUT" for one in service.asked)


def test_a_removal_that_was_ended_in_the_middle_is_taken_up_by_the_next(service):
    """Bytes that shall be destroyed do not stay because nobody knows of them any more."""
    for number in range(1, 8):
        stored, _ = settle(f"to be destroyed {number}".encode())
        begin, keep = len(service.asked), storage()

        def away(one, begin=begin, number=number):
            return Fault.UNANSWERED if one.number >= begin + number else None

        service.goes_wrong = away
        with pytest.raises(StorageAway):
            keep.put_aside(Path("x"), root=ORIGINALS, stored=stored)
        service.goes_wrong = lambda _: None
        if keep.holds(ORIGINALS, stored):
            keep.put_aside(Path("x"), root=ORIGINALS, stored=stored)
        assert not service.listed(f"mission/{ORIGINALS}/{object_folder(stored)}/"), number


def test_one_that_fails_ends_those_that_wait(service):
    keep = storage()
    keep.prepare()
    before, service.goes_wrong = tried(service), refuse_slowly
    with keep.arriving("test") as arriving:
        begin_many(keep, arriving)
        with pytest.raises(StorageAway):
            keep.flush()
    assert 0 < tried(service) - before < 60
    assert not list((place.storage_folder() / "incoming").iterdir())


def interrupted(keep):
    with keep.arriving("test") as arriving:
        begin_many(keep, arriving)
        raise KeyboardInterrupt


def test_nothing_is_under_way_any_more_when_an_arrival_is_over(service):
    keep = storage()
    keep.prepare()
    service.goes_wrong = lambda _: time.sleep(0.02)
    with pytest.raises(KeyboardInterrupt):
        interrupted(keep)
    asked = len(service.asked)
    time.sleep(0.1)
    assert len(service.asked) == asked
    assert not [one for one in threading.enumerate() if one.name.startswith("storage")]


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("anew", [False, True])
def test_a_copy_of_a_process_gets_a_sentence_and_does_not_wait_for_ever(anew):
    keep = storage()
    keep.prepare()
    copy = os.fork()
    if not copy:
        signal.alarm(10)
        try:
            (storage() if anew else keep).prepare()
        except StorageAway as error:
            os._exit(7 if "another process" in str(error) else 8)
        finally:
            os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) == 7


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT", "http://127.0.0.1:1"),
        ("AWS_ACCESS_KEY_ID", "another"),
        ("AWS_SECRET_ACCESS_KEY", "another"),
        ("AWS_SESSION_TOKEN", "another"),
        ("AWS_REGION", "another"),
        ("AWS_SKIP_SIGNATURE", "true"),
        ("AWS_UNSIGNED_PAYLOAD", "true"),
        ("AWS_S3_EXPRESS", "true"),
        ("AWS_CONDITIONAL_PUT", "disabled"),
        ("AWS_CHECKSUM_ALGORITHM", "crc64nvme"),
        ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true"),
    ],
)
def test_variables_of_other_programs_change_nothing(service, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    stored, _ = settle(b"where the mission says")
    assert is_whole(service, stored)
    put = next(one for one in service.asked if one.name == "original.jpg")
    assert "x-amz-security-token" not in put.headers
    assert len(put.headers["x-amz-content-sha256"]) == 64
    assert "x-amz-checksum-sha256" in put.headers


# ---------------------------------------------------------------- how it is described


def described(monkeypatch, folder, **told):
    monkeypatch.setattr(place, "folder", lambda: folder)
    monkeypatch.delenv(s3.VARIABLE, raising=False)
    own = folder / "keys" / "storage.credential"
    own.parent.mkdir(exist_ok=True)
    if not own.exists():
        own.touch(mode=0o600)
        own.write_text("ID\nSECRET\n")
    return s3.read_settings(told)


def test_an_address_is_taken_apart(tmp_path, monkeypatch):
    found = described(monkeypatch, tmp_path, s3="https://s3.example.org:9000/bucket/a/b", region="eu-1")
    assert (found.endpoint, found.bucket, found.prefix) == ("https://s3.example.org:9000", "bucket", "a/b")
    assert (found.region, found.key_id, found.secret) == ("eu-1", "ID", "SECRET")
    assert found.address == "https://s3.example.org:9000/bucket/a/b"
    assert "SECRET" not in repr(found)
    assert described(monkeypatch, tmp_path, s3="https://s3.example.org/bucket/").prefix == ""


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "a table"),
        ({"s3": 5}, "a table"),
        ({"s3": "https://host/bucket", "key": "x"}, "found s3, key"),
        ({"s3": "ftp://host/bucket"}, "an address such as"),
        ({"s3": "https://host"}, "an address such as"),
        ({"s3": "https://host/../x"}, "an address such as"),
        ({"s3": "https://host/a//b"}, "an address such as"),
        ({"s3": "https://[host/b"}, "an address such as"),
        ({"s3": "https://host:x/b"}, "an address such as"),
        ({"s3": "https://id:word@host/bucket"}, "without a password"),
        ({"s3": "https://host/bucket?x=1"}, "an address such as"),
        ({"s3": "http://host/bucket"}, "without encryption"),
        ({"s3": "http://host/bucket", "insecure": "yes"}, "without encryption"),
        ({"s3": "https://host/bucket", "certificate": "none.pem"}, "a PEM file"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path, monkeypatch, told, sentence):
    with pytest.raises(BadInput, match=sentence) as raised:
        described(monkeypatch, tmp_path, **told)
    assert "word" not in str(raised.value).replace("password", "")


@pytest.mark.parametrize(
    "told",
    [
        {"s3": "http://127.0.0.1:9000/bucket"},
        {"s3": "http://localhost/bucket"},
        {"s3": "http://[::1]:9000/bucket"},
        {"s3": "http://host/bucket", "insecure": True},
    ],
)
def test_without_encryption_only_this_machine_or_who_says_so(tmp_path, monkeypatch, told):
    assert described(monkeypatch, tmp_path, **told).endpoint == told["s3"].removesuffix("/bucket")


def test_a_credential_that_others_may_read_is_refused(tmp_path, monkeypatch):
    described(monkeypatch, tmp_path, s3="https://host/bucket")
    (tmp_path / "keys" / "storage.credential").chmod(0o640)
    with pytest.raises(BadInput, match=r"found that others may use it \(0640\)"):
        described(monkeypatch, tmp_path, s3="https://host/bucket")


@pytest.mark.parametrize("text", ["", "one", "one two three"])
def test_a_credential_is_two_words(tmp_path, monkeypatch, text):
    described(monkeypatch, tmp_path, s3="https://host/bucket")
    (tmp_path / "keys" / "storage.credential").write_text(text)
    with pytest.raises(BadInput, match="two words, the id of the key and the key") as raised:
        described(monkeypatch, tmp_path, s3="https://host/bucket")
    assert "three" not in str(raised.value)


def test_mission_toml_makes_the_storage_one_on_a_service(tmp_path, monkeypatch):
    monkeypatch.setenv("LIEBER_DATA", str(tmp_path))
    monkeypatch.setenv(s3.VARIABLE, "ID SECRET")
    (tmp_path / "mission.toml").write_text('[storage]\ns3 = "https://host/bucket"\n')
    found = storage()
    assert isinstance(found, S3Storage)
    assert found.folder == tmp_path / "storage"


def certificate(folder):
    """Key and certificate of a service, and the certificate of the authority that vouches for it."""
    folder.mkdir()
    new = ("req", "-newkey", "rsa:2048", "-nodes")
    _openssl(
        *(*new, "-x509", "-days", "30", "-subj", "/CN=Root", "-keyout", "root.key", "-out", "root.pem"),
        folder=folder,
    )
    _openssl(*new, "-keyout", "own.key", "-out", "own.csr", "-subj", "/CN=127.0.0.1", folder=folder)
    (folder / "own.ext").write_text("basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1\n")
    _openssl(
        *("x509", "-req", "-in", "own.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial"),
        *("-out", "own.pem", "-days", "30", "-extfile", "own.ext"),
        folder=folder,
    )
    both = folder / "both.pem"
    both.write_bytes((folder / "own.key").read_bytes() + (folder / "own.pem").read_bytes())
    return both, folder / "root.pem"


def test_a_service_nobody_vouches_for_is_refused_unless_the_mission_does(tmp_path, monkeypatch):
    both, own = certificate(tmp_path / "tls")
    with served(tmp_path / "service", certificate=both) as service:
        used(service, tmp_path, monkeypatch)
        told = dict(place.mission()["storage"])
        assert told["s3"].startswith("https://")
        with pytest.raises(StorageAway, match="does not answer"):
            storage().prepare()
        monkeypatch.setenv("AWS_ALLOW_INVALID_CERTIFICATES", "true")
        s3._service.cache_clear()
        with pytest.raises(StorageAway, match="does not answer"):
            storage().prepare()
        monkeypatch.setattr(place, "mission", lambda: {"storage": {**told, "certificate": str(own)}})
        storage().prepare()
        assert storage().problems() == []


# ---------------------------------------------------------------- memory


@pytest.mark.slow
def test_a_large_file_is_sent_and_read_with_little_memory(service):
    size = int(os.environ.get("LIEBER_LARGE_FILE", "300000000"))
    environment = os.environ | {"S3_ADDRESS": service.address, "S3_REGION": REGION}
    environment |= {s3.VARIABLE: f"{KEY_ID} {SECRET}", "LIEBER_DATA": str(place.storage_folder().parent)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(size)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["read"] == told["sent"] == told["spooled"]
    assert told["megabytes"] < 300
    print(told)
