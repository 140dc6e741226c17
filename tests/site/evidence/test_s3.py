"""Evidence on a service that speaks S3: taken in, read, checked and handed over as from a folder."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import bagit
import pytest
from django.http import StreamingHttpResponse
from django.test import RequestFactory

from lieber.preserve.ocfl_check import check_root
from lieber_mission.actions import fixity
from lieber_mission.actions.examine import STEPS, examine_exhibit
from lieber_mission.actions.fixity import check_bytes
from lieber_mission.actions.hand_over import Handing, hand_over
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.models import CustodyEvent, Examination, Exhibit, FixityRound, Keeping
from lieber_mission.outside import s3
from lieber_mission.outside.storage import StorageAway, _tree, storage
from lieber_mission.policies.preserve import StorageFull
from lieber_mission.queries.exhibits import exhibit
from lieber_mission.web.held.files import answer
from s3_server import KEY_ID, REGION, SECRET, Fault, served, used
from site_processes import mission_in

pytestmark = [pytest.mark.slow, pytest.mark.one_database]

KILLS = int(os.environ.get("LIEBER_KILLS", "25"))
SCRIPT = Path(__file__).parents[2] / "killed.py"
WRONG = [Fault.FORBIDDEN, Fault.AWAY, Fault.CUT, Fault.UNANSWERED]


@pytest.fixture
def service(tmp_path, monkeypatch):
    with served(tmp_path / "service") as found:
        (tmp_path / "mission").mkdir()
        used(found, tmp_path / "mission", monkeypatch)
        yield found


@pytest.fixture
def take(service, monitor, clock):
    def take(*paths):
        found = offered_in(paths, refuse=lambda *_: None)
        return take_in(found, circumstances=Circumstances(), by=monitor, clock=clock)

    return take


def roots(service):
    return service.bucket / "mission"


def arrivals(service):
    return list((service.folder.parent / "mission" / "storage" / "incoming").iterdir())


def is_sound(service):
    """What is recorded lies there as it was recorded, and all that lies there is a valid store."""
    for row in Exhibit.objects.all():
        with storage().stream(row.root, row.stored, row.path) as file:
            assert hashlib.sha256(file.read()).hexdigest() == row.sha256
    assert not check_root(**_tree(roots(service) / "originals"))
    assert not arrivals(service)


@pytest.mark.django_db
def test_what_is_taken_in_lies_on_the_service_and_nowhere_else(service, take, files):
    told = take(files)
    assert (told.taken, told.again, told.refusals) == (3, 1, 0)
    is_sound(service)
    assert len(list(storage().objects("originals"))) == Exhibit.objects.count() == 3
    here = service.folder.parent / "mission" / "storage"
    assert [path.name for path in here.iterdir()] == ["incoming"]
    assert take(files).before == 4


@pytest.mark.django_db
@pytest.mark.parametrize("fault", WRONG)
def test_a_service_that_refuses_stops_an_intake_with_a_sentence_and_the_next_try_works(
    service, take, files, fault
):
    take(files / "note.txt")
    for method in ("GET", "PUT"):
        service.goes_wrong = lambda one, method=method: fault if one.method == method else None
        with pytest.raises(StorageAway, match="what was recorded until now stays"):
            take(files)
        service.goes_wrong = lambda _: None
        assert Exhibit.objects.count() == CustodyEvent.objects.count() == 1
        assert not arrivals(service)
    assert take(files).taken == 2
    is_sound(service)


@pytest.mark.django_db
def test_a_full_bucket_stops_an_intake_as_a_full_disk_does(service, take, files):
    take(files / "note.txt")
    service.quota = 10_000
    with pytest.raises(StorageFull, match="full"):
        take(files)
    service.quota = None
    assert Exhibit.objects.count() == 1
    take(files)
    is_sound(service)


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [Fault.CUT, Fault.UNANSWERED])
def test_ended_at_any_request_an_intake_loses_nothing_and_doubles_nothing(service, take, tmp_path, fault):
    """From one request on nothing is answered; then the same command is given again."""
    ended, number = 0, 0
    while ended == number:
        number += 1
        folder = tmp_path / f"files-{number}"
        folder.mkdir()
        for name in ("a", "b", "same as b"):
            (folder / f"{name}.jpg").write_bytes(b"\xff\xd8\xff" + f"{number} {name[-1]}".encode())
        begin = len(service.asked)
        service.goes_wrong = lambda one, last=begin + number: fault if one.number >= last else None
        try:
            take(folder)
        except StorageAway:
            ended += 1
        service.goes_wrong = lambda _: None
        take(folder)
        assert CustodyEvent.objects.filter(what="received").count() == 3 * number
        assert Exhibit.objects.count() == 2 * number
        assert len(list(storage().objects("originals"))) == 2 * number
    assert ended >= 18
    is_sound(service)


def every_file(service):
    return sorted(path for path in (roots(service) / "originals").rglob("*") if path.is_file())


@pytest.mark.django_db
def test_one_bit_anywhere_on_the_service_is_found_and_named(service, take, files, monitor, *, clock):
    take(files)
    chance, missed = random.Random(1), []
    assert check_bytes(by=monitor, clock=clock).mismatches == []
    for path in every_file(service):
        before = path.read_bytes()
        changed = bytearray(before or b"x")
        if before:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        checked = check_bytes(by=monitor, clock=clock)
        named = [one.found for one in checked.mismatches] + checked.problems
        if len(named) != 1:
            missed.append((path.relative_to(roots(service)).as_posix(), named))
        path.write_bytes(before)
    assert len(every_file(service)) == 3 * 6 + 3
    assert not missed


@pytest.mark.django_db
def test_a_file_that_is_missing_or_one_too_many_on_the_service_is_found(
    service, take, files, monitor, *, clock
):
    take(files)
    first, second, _ = (path for path in every_file(service) if path.parent.name == "content")
    first.unlink()
    (second.parent / "beside").write_bytes(b"")
    checked = check_bytes(by=monitor, clock=clock)
    assert len({one.exhibit for one in checked.mismatches}) == 2
    assert any("the file is missing" in one.found for one in checked.mismatches)


@pytest.mark.django_db
@pytest.mark.parametrize("fault", WRONG)
def test_a_service_that_is_away_is_no_damage_and_freezes_nothing(
    service, take, files, monitor, *, clock, fault, monkeypatch
):
    take(files)
    monkeypatch.setattr(fixity, "_ROUND_FILES", 1)
    rounds = []

    def then_away(told):
        rounds.append(told.exhibits)
        service.goes_wrong = lambda _: fault

    with pytest.raises(StorageAway):
        check_bytes(by=monitor, clock=clock, progress=then_away)
    service.goes_wrong = lambda _: None
    assert rounds == [1]
    # What was checked until then stays, and the check goes on behind it.
    done = FixityRound.objects.get()
    assert (done.exhibits, done.mismatches) == (1, [])
    assert not CustodyEvent.objects.filter(what="incident").exists()
    assert not Keeping.objects.exists()
    assert check_bytes(by=monitor, clock=clock, after=done.last_entry).exhibits == 2


@pytest.mark.django_db
def test_what_lies_on_a_service_is_handed_over(service, take, files, monitor, *, clock, tmp_path):
    take(files)
    items = list(Exhibit.objects.values_list("item", flat=True))
    handing = Handing(counterparty="Registry of the court", purpose="Asked for", authority="court_request")
    done = hand_over(items, tmp_path / "bag", handing=handing, by=monitor, clock=clock)
    assert done.exhibits == 3
    assert bagit.Bag(str(tmp_path / "bag")).is_valid()


@pytest.mark.django_db
def test_parsers_read_what_lies_on_a_service_and_what_they_make_goes_there(service, take, clock, tmp_path):
    from PIL import Image

    Image.new("RGB", (900, 700), "teal").save(tmp_path / "a.jpg")
    take(tmp_path / "a.jpg")
    row = Exhibit.objects.get()
    wanted = [step for step in STEPS if step.examination in {"stream", "preview"}]
    examine_exhibit(row.thing, clock=clock, steps=wanted)
    outcomes = set(Examination.objects.values_list("examination", "outcome"))
    assert outcomes == {("stream", "done"), ("preview", "done")}
    made = Exhibit.objects.filter(derived_from=row.thing)
    assert made.exists()
    for one in made:
        with storage().stream(one.root, one.stored, one.path) as file:
            assert hashlib.sha256(file.read()).hexdigest() == one.sha256
    assert not check_root(**_tree(roots(service) / "working"))
    is_sound(service)


@pytest.mark.django_db
def test_a_browser_that_asks_for_a_part_of_a_film_fetches_little_more(service, take, monitor, tmp_path):
    film = b"\xff\xd8\xff" + random.Random(1).randbytes(9_000_000)
    (tmp_path / "film.jpg").write_bytes(film)
    take(tmp_path / "film.jpg")
    shown = exhibit(Exhibit.objects.get().thing, viewer=monitor)
    begin = len(service.asked)
    request = RequestFactory().get("/", headers={"Range": "bytes=6000000-6000099"})
    told = answer(request, shown, storage().stream(shown.root, shown.stored, shown.path), save=False)
    assert isinstance(told, StreamingHttpResponse)
    assert told.getvalue() == film[6_000_000:6_000_100]
    told.close()
    parts = [one.headers["range"].removeprefix("bytes=").split("-") for one in service.asked[begin:]]
    assert sum(int(last) - int(first) + 1 for first, last in parts) <= 200_000


COUNT = (
    "from lieber_mission.models import *;"
    "import json;"
    "received = CustodyEvent.objects.filter(what='received');"
    "print(json.dumps([received.count(), received.values('name').distinct().count(),"
    "Exhibit.objects.count(), Exhibit.objects.values('sha256').distinct().count()]))"
)


@pytest.mark.slow
@pytest.mark.one_database
def test_an_intake_to_a_service_killed_at_random_loses_nothing_and_doubles_nothing(tmp_path):
    mission = mission_in(tmp_path / "data", None)
    mission.demo()
    chance, folder = random.Random(1), tmp_path / "files"
    folder.mkdir()
    for number in range(200):
        raw = chance.randbytes(chance.choice([10, 3_000, 60_000])) if number % 10 else b"a copy"
        (folder / f"{number}.jpg").write_bytes(b"\xff\xd8\xff" + raw)
    with served(tmp_path / "service") as service:
        with (mission.folder / "mission.toml").open("a") as file:
            file.write(f'\n[storage]\ns3 = "{service.address}"\nregion = "{REGION}"\n')
        mission.environment |= {s3.VARIABLE: f"{KEY_ID} {SECRET}"}
        command = [sys.executable, str(SCRIPT), "intake", str(KILLS), "2", str(folder)]
        environment = mission.environment | {"DJANGO_SETTINGS_MODULE": "lieber_mission.settings"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["killed"] > KILLS // 3
        assert json.loads(mission.python(COUNT)) == [200, 200, 181, 181]
        assert mission.json("check", "--bytes", "--by", "monitor")["exhibits"] == 181
        assert not check_root(**_tree(roots(service) / "originals"))
    assert not list((mission.folder / "storage" / "incoming").iterdir())
    assert "[storage]" in (mission.folder / "mission.toml").read_text()
