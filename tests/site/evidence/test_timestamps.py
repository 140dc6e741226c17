"""Timestamps of a real authority, checked with plain openssl; what is wrong is refused; offline they wait."""

from __future__ import annotations

import shlex
import subprocess
from base64 import b64decode

import bagit
import pytest

from factories import incident
from lieber.base import BadInput
from lieber.preserve.timestamps import openssl_command
from lieber_mission.actions import timestamps as deeds
from lieber_mission.actions.checkpoint import make_key, sign_checkpoint
from lieber_mission.actions.duties import sign_when_due
from lieber_mission.actions.hand_over import Handing, hand_over
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.actions.record import record
from lieber_mission.actions.worker import work
from lieber_mission.management.command import now
from lieber_mission.models import Checkpoint, Exhibit, Timestamp, Work
from lieber_mission.outside.addresses import read_allowed
from lieber_mission.outside.authorities import Authority, OutOfReach, stamp
from lieber_mission.queries import exhibits, log
from time_authority import make_authority, reply, served

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CONTENT = b"lieber.example/register\n12\nroot\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("authority")
    make_authority(found)
    return found


def authority(address, *roots):
    host = address.split("/")[2]
    return Authority(
        "Own authority", address, tuple(root.read_bytes() for root in roots), (read_allowed(host),)
    )


@pytest.fixture
def own(folder):
    with served(lambda request: (200, reply(folder, request))) as address:
        yield authority(address, folder / "root.pem")


def test_a_timestamp_holds_and_plain_openssl_says_so_too(own, folder, tmp_path):
    answered = stamp(own, CONTENT)
    (tmp_path / "content").write_bytes(CONTENT)
    (tmp_path / "response").write_bytes(answered.response)
    command = openssl_command(content="content", response="response", roots=str(folder / "root.pem"))
    checked = subprocess.run(shlex.split(command), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in checked.stdout + checked.stderr
    assert abs((answered.stamp.at - now()).total_seconds()) < 60


def test_an_authority_that_sends_its_chain_unsorted_is_read_by_openssl(tmp_path):
    root = make_authority(tmp_path / "chain", chain=True)
    with served(lambda request: (200, reply(tmp_path / "chain", request))) as address:
        answered = stamp(authority(address, root), CONTENT)
    assert abs((answered.stamp.at - now()).total_seconds()) < 60


@pytest.fixture
def forged(tmp_path, folder):
    """Answers that are not right, by what is wrong with them."""
    old = []

    def other_content(request):
        # the imprint of the request, with one bit changed
        at = request.index(bytes.fromhex("0420")) + 2
        return reply(folder, request[:at] + bytes([request[at] ^ 1]) + request[at + 1 :])

    def replayed(request):
        old.append(reply(folder, request))
        return old[0]

    def one_bit(request):
        found = bytearray(reply(folder, request))
        found[-20] ^= 1
        return bytes(found)

    def other_purpose(request):
        other = tmp_path / "purpose"
        if not other.exists():
            make_authority(other, purpose="serverAuth")
        try:
            return reply(other, request)
        except subprocess.CalledProcessError:
            return b""

    def other_root(request):
        other = tmp_path / "root"
        if not other.exists():
            make_authority(other)
        return reply(other, request)

    return {
        "other content": other_content,
        "replayed": replayed,
        "one bit": one_bit,
        "other purpose": other_purpose,
        "other root": other_root,
        "nothing": lambda _: b"",
        "a page": lambda _: b"<html>not found</html>",
        "too long": lambda request: reply(folder, request) + b"\0" * (1 << 18),
        "cut off": lambda request: reply(folder, request)[:200],
    }


@pytest.mark.parametrize(
    "wrong",
    [
        "other content",
        "replayed",
        "one bit",
        "other purpose",
        "other root",
        "nothing",
        "a page",
        "too long",
        "cut off",
    ],
)
def test_what_is_not_right_is_refused(forged, folder, wrong):
    with served(lambda request: (200, forged[wrong](request))) as address:
        asked = authority(address, folder / "root.pem")
        if wrong == "replayed":
            stamp(asked, CONTENT)
        with pytest.raises(BadInput):
            stamp(asked, CONTENT)


def test_without_its_root_nothing_is_believed(own):
    with pytest.raises(BadInput):
        stamp(Authority(own.name, own.url, (), own.allowed), CONTENT)


def test_an_address_of_the_own_network_is_not_asked_unless_allowed(own):
    with pytest.raises(OutOfReach, match="leads to"):
        stamp(Authority(own.name, own.url, own.roots), CONTENT)


@pytest.fixture
def checkpoint(tmp_path, monkeypatch):
    """The size of a log whose head is signed."""
    monkeypatch.setenv("LIEBER_DATA", str(tmp_path))
    make_key()
    record([incident()], by="OFF-A", at=now())
    sign_checkpoint(at=now())
    return log.size()


def test_offline_it_waits_and_is_fetched_later_once(checkpoint, own, folder, monkeypatch):
    away = Authority("Own authority", "http://127.0.0.1:9/tsa", own.roots, (read_allowed("127.0.0.1:9"),))
    monkeypatch.setattr(deeds, "authorities", lambda: [away])
    deeds.ask_for_timestamps(checkpoint, by="MACHINE", at=now())
    for _ in range(6):
        work("tests", clock=now, wait=lambda: False)
        piece = Work.objects.get(kind="timestamp")
        assert (piece.state, bool(piece.reason)) == ("waiting", True)
        Work.objects.update(due=now())
    monkeypatch.setattr(deeds, "authorities", lambda: [own])
    for _ in range(2):
        work("tests", clock=now, wait=lambda: False)
        Work.objects.update(state="waiting", due=now())
    row = Timestamp.objects.get(checkpoint=checkpoint)
    assert row.authority == "Own authority"
    assert b64decode(row.response)
    assert row.recorded_by == "MACHINE"


def test_the_head_is_signed_once_a_day_where_the_log_grew(checkpoint):
    from datetime import timedelta

    later = now() + timedelta(days=2)
    assert not sign_when_due(later)
    record([incident()], by="OFF-A", at=now())
    assert not sign_when_due(now())
    assert sign_when_due(later)
    assert Checkpoint.objects.order_by("-size").first().size == log.size()


def test_timestamps_go_with_a_hand_over_and_plain_openssl_checks_them(
    checkpoint, own, *, monkeypatch, kept, files, monitor, tmp_path
):
    monkeypatch.setattr(deeds, "authorities", lambda: [own])
    take_in(
        offered_in([files / "a.jpg"], refuse=lambda *_: None),
        circumstances=Circumstances(),
        by=monitor,
        clock=now,
    )
    row = Exhibit.objects.get()
    assert deeds.timestamp_exhibit(row.thing, clock=now) == 1
    assert deeds.timestamp_checkpoint(checkpoint, clock=now) == 1
    bag = tmp_path / "bag"
    handing = Handing(counterparty="Registry of the court", purpose="Asked", authority="court_request")
    hand_over([row.item], bag, handing=handing, by=monitor, clock=now)
    commands = (bag / "metadata" / "check-timestamps.txt").read_text("utf-8").splitlines()
    assert len(commands) == 2
    for command in commands:
        told = subprocess.run(shlex.split(command), cwd=bag, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
    (bag / "data" / "originals" / "forged").write_bytes(b"another")
    forged = commands[1].replace(shlex.split(commands[1])[4], "data/originals/forged")
    assert subprocess.run(shlex.split(forged), cwd=bag, capture_output=True, check=False).returncode != 0
    assert bagit.Bag(str(bag)).is_valid(fast=False) is False
    (stamp_shown,) = exhibits.stamps_of(row.item, viewer=monitor, position=None)
    assert stamp_shown.authority == "Own authority"
