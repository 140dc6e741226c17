"""Recordings, photographs and documents: sealed from a page, opened by two, handed out once, on no disk."""

import tempfile
from datetime import UTC, date, datetime
from html import unescape

import pytest
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import field_answers
from lieber.code import vocabulary
from lieber_mission.actions.officers import set_member
from lieber_mission.actions.protect import openings, persons
from lieber_mission.actions.protect.files import ITEM_KINDS, seal_file
from lieber_mission.actions.protect.submissions import FILE_KINDS
from lieber_mission.models import Entry, Interview, Item, Opening, Pseudonym, Reading, register_models
from lieber_mission.policies.permissions import NotAllowed
from lieber_mission.policies.protect import ProtectionRefused
from lieber_mission.queries.incidents import NotInRegister
from lieber_mission.queries.protect import person, vault
from vault_circle import PASSPHRASE, later, officer

pytestmark = pytest.mark.django_db
CANARY = b"canary recording \x00\xff\xfe " + bytes(range(256)) * 40
SOUND = b"\x00\x00\x00\x20ftypM4A " + CANARY
PASSWORD_PAGE = "/own/confirm/"


@pytest.fixture(autouse=True)
def no_temporary_file(monkeypatch):
    """Whatever would write a temporary file fails, as the vault alone may keep what is sent."""

    def refuse(*_arguments, **_options):
        raise AssertionError("a temporary file is made")

    # All ways of the library to a temporary file ask it for prefix and folder.
    monkeypatch.setattr(tempfile, "_sanitize_params", refuse)


@pytest.fixture
def consented(circle):
    """A person who agreed that what they give is stored."""
    thing = persons.open_person(
        compartment=circle.compartment, subject="source", identity={}, by=officer("monitor"), at=later()
    )
    agreed = persons.Decided(
        purpose="store", decision="granted", informed_of=tuple(vocabulary("consent_information").words)
    )
    persons.record_consents(
        pseudonym=thing, decided=[agreed], given_on=date(2025, 3, 1), by=officer("monitor"), at=later()
    )
    return thing


def browser(handle, password):
    """A browser in which an officer said anew who they are."""
    client = Client()
    client.post("/log-in/", {"login": handle, "password": password})
    client.post(PASSWORD_PAGE, {"password": password})
    return client


def sent(client, thing, *, content=SOUND, kind="audio", **more):
    file = SimpleUploadedFile("voice of Canary Nightingale.m4a", content, content_type="text/html")
    typed = {"deed_wanted": "seal", "kind": kind, "interview": "", "file": file} | more
    return client.post(reverse("person", args=[thing]), typed)


def opened(example, thing):
    """An opening of a person's one sealed record that was agreed to: a browser of who asked, and its id."""
    (sealed,) = person(thing, viewer=officer("protection-officer")).sealed
    first = browser("protection-officer", example)
    opening = openings.ask(
        sealed=sealed.sealed, purpose="hear the witness again", by=officer("protection-officer"), at=later()
    )
    openings.agree(opening=opening, by=officer("protection-two"), at=later())
    return first, opening


def unlock(client):
    assert client.post("/protect/key/", {"step": "unlock", "passphrase": PASSPHRASE}).status_code == 302


# -- sealing ------------------------------------------------------------------------------------------


def test_a_file_is_sealed_on_the_persons_page(consented, example):
    answer = sent(browser("monitor", example), consented)
    assert answer.status_code == 302
    (sealed,) = person(consented, viewer=officer("protection-officer")).sealed
    assert sealed.kind == "recording"
    item = Item.objects.get(item_kind="audiotape")
    compartment = Pseudonym.objects.get(thing=consented).compartment
    assert (item.compartment, item.recorded_by) == (compartment, officer("monitor").officer_id)
    said = "".join(str(row.content()) for model in register_models() for row in model.objects.all())
    assert "Nightingale" not in said
    assert "canary" not in said


def test_nothing_of_it_lies_open_on_the_disk(consented, example, circle):
    sent(browser("monitor", example), consented)
    files = [path for path in circle.folder.parent.rglob("*") if path.is_file()]
    assert any(path.is_relative_to(circle.folder / "objects") for path in files)
    assert not [path for path in files if b"canary recording" in path.read_bytes()]


def test_a_temporary_file_would_be_seen(consented, example, settings):
    """What the tests of this file rest on: Django's usual handler fails here."""
    settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
    client = browser("monitor", example)
    with pytest.raises(AssertionError, match="temporary file"):
        sent(client, consented)


def test_every_kind_of_file_has_its_kind_of_item_and_of_record():
    words = set(vocabulary("recording_kind").words)
    assert set(ITEM_KINDS) == set(FILE_KINDS) == words
    from lieber.collect import sources

    for kind in ITEM_KINDS.values():
        assert sources._terms("item_kind").check(kind) == kind


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"content": b""}, "empty"),
        ({"kind": ""}, "required"),
        ({"kind": "sculpture"}, "valid choice"),
        ({"interview": "INT-0"}, "valid choice"),
    ],
)
def test_what_is_no_file_is_refused_and_nothing_is_kept(consented, example, more, said):
    size = Entry.objects.count()
    answer = sent(browser("monitor", example), consented, **more)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Entry.objects.count() <= size + 1  # that the page was read
    assert person(consented, viewer=officer("protection-officer")).sealed == ()


def test_a_file_that_is_too_large_is_refused_with_the_limit(consented, example, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20
    answer = sent(browser("monitor", example), consented, content=b"x" * (2**20 + 1))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "At most 1 MiB are taken in at once" in page
    assert "This field is required" not in page
    assert person(consented, viewer=officer("protection-officer")).sealed == ()


def test_without_consent_to_storing_nothing_is_sealed(circle, example):
    thing = persons.open_person(
        compartment=circle.compartment, subject="source", identity={}, by=officer("monitor"), at=later()
    )
    answer = sent(browser("monitor", example), thing)
    assert answer.status_code == 422
    assert "was not asked whether one may store" in answer.content.decode()
    assert not Item.objects.filter(item_kind="audiotape").exists()


def test_a_file_is_sealed_by_those_who_interview_in_the_compartment_only(consented, circle):
    deed = {"pseudonym": consented, "content": SOUND, "file_kind": "audio", "at": later()}
    with pytest.raises(NotAllowed):
        seal_file(by=officer("analyst"), **deed)
    set_member(
        compartment=circle.compartment,
        officer_id=officer("monitor").officer_id,
        member=False,
        reason="moved",
        by=officer("head-of-mission"),
        at=later(),
    )
    with pytest.raises(NotInRegister):
        seal_file(by=officer("monitor"), **deed)


def test_an_interview_of_another_person_is_not_there(consented, circle):
    other = persons.open_person(
        compartment=circle.compartment, subject="source", identity={}, by=officer("monitor"), at=later()
    )
    persons.assess_risk(
        pseudonym=other,
        threats=[],
        decision="proceed",
        reasons="asked",
        review_by=None,
        by=officer("monitor"),
        at=later(),
    )
    interview = persons.plan_interview(
        pseudonym=other,
        planned_for=date(2025, 3, 2),
        medium="in_person",
        language="uk",
        by=officer("monitor"),
        at=later(),
    )
    with pytest.raises(NotInRegister):
        seal_file(
            pseudonym=consented,
            content=SOUND,
            file_kind="audio",
            interview=interview,
            by=officer("monitor"),
            at=later(),
        )
    assert not Item.objects.filter(interview=interview).exists()


def test_what_the_register_refuses_is_erased_from_the_vault(consented, monkeypatch):
    with vault() as held:
        before = held.counts().records

    def failing(*_arguments, **_options):
        raise OSError("the disk is full")

    monkeypatch.setattr("lieber_mission.actions.protect.files.seal_text", failing)
    with pytest.raises(OSError, match="full"):
        seal_file(pseudonym=consented, content=SOUND, file_kind="audio", by=officer("monitor"), at=later())
    assert not Item.objects.filter(item_kind="audiotape").exists()
    with vault() as held:
        assert held.counts().records == before


# -- opening ------------------------------------------------------------------------------------------


@pytest.fixture
def recording(consented):
    """A person of whom one recording is sealed."""
    seal_file(pseudonym=consented, content=SOUND, file_kind="audio", by=officer("monitor"), at=later())
    return consented


def test_an_opened_recording_is_the_answer_itself_once(recording, example):
    client, opening = opened(example, recording)
    unlock(client)
    address = reverse("opening", args=[opening])
    assert "What is opened: recording" in client.get(address).content.decode()
    answer = client.post(address, {"step": "open"})
    assert (answer.status_code, answer.content) == (200, SOUND)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="{opening}.m4a"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert [row.state for row in Opening.objects.filter(thing=opening).order_by("version")] == [
        "asked", "agreed", "opened"
    ]  # fmt: skip
    assert Reading.objects.filter(deed="open", what=recording).count() == 1
    again = client.post(address, {"step": "open"})
    assert again.status_code == 422
    assert "ask for another opening" in again.content.decode()
    assert b"canary recording" not in again.content
    assert b"canary recording" not in client.get(address).content
    assert Reading.objects.filter(deed="open", what=recording).count() == 1


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"%PDF-1.7", ".pdf"),
        (b"\xff\xd8\xff\xe0", ".jpg"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", ".wav"),
        (b"<html><script>", ""),
        (b"MZ\x90\x00", ""),
        (b"\x00", ""),
    ],
)
def test_an_ending_comes_from_the_content_alone(content, ending):
    from lieber_mission.web.protect.files import opened_file

    answer = opened_file("OPN-1", content)
    assert answer["Content-Disposition"] == f'attachment; filename="OPN-1{ending}"'
    assert answer["Content-Type"] == "application/octet-stream"


def test_states_that_are_refused_send_no_file(recording, example):
    (sealed,) = person(recording, viewer=officer("protection-officer")).sealed
    client = browser("protection-officer", example)
    asked = openings.ask(
        sealed=sealed.sealed, purpose="hear the witness again", by=officer("protection-officer"), at=later()
    )
    address = reverse("opening", args=[asked])
    locked = client.post(address, {"step": "open"})
    unlock(client)
    not_agreed = client.post(address, {"step": "open"})
    openings.agree(opening=asked, by=officer("protection-two"), at=later(), refuse=True)
    refused = client.post(address, {"step": "open"})
    for answer in (locked, not_agreed, refused):
        assert (answer.status_code, answer["Content-Type"]) == (422, "text/html; charset=utf-8")
        assert b"canary recording" not in answer.content
    assert not Reading.objects.filter(deed="open").exists()
    head = browser("head-of-mission", example)
    assert head.post(address, {"step": "open"}).status_code == 404
    assert browser("monitor", example).post(address, {"step": "open"}).status_code == 403


def test_whoever_agreed_does_not_get_the_file(recording, example):
    _client, opening = opened(example, recording)
    second = Client()
    protection = officer("protection-two")
    protection.set_password(example)
    protection.save()
    second.post("/log-in/", {"login": "protection-two", "password": example})
    second.post(PASSWORD_PAGE, {"password": example})
    unlock(second)
    answer = second.post(reverse("opening", args=[opening]), {"step": "open"})
    assert answer.status_code == 422
    with pytest.raises(ProtectionRefused, match="for the officer who asked"):
        openings.open_sealed_text(
            opening=opening,
            key=openings.Key(
                "a",
                openings.unlock_for_session(
                    passphrase=PASSPHRASE, session="a", by=protection, at=datetime.now(UTC)
                ),
            ),
            by=protection,
            at=datetime.now(UTC),
        )


def test_the_token_of_an_unlocked_key_waits_in_no_session(recording, example):
    """Whoever must say anew who they are comes back to the page; nothing of the request is kept."""
    _other, opening = opened(example, recording)
    client = Client()
    client.post("/log-in/", {"login": "protection-officer", "password": example})
    unlock(client)
    token = client.cookies["lieber_key"].value
    address = reverse("opening", args=[opening])
    asked = client.post(address, {"step": "open"})
    assert asked["Location"].startswith(PASSWORD_PAGE)
    assert STATE_SESSION_KEY not in client.session
    assert token not in str(dict(client.session))
    back = client.post(asked["Location"], {"password": example})
    assert back["Location"] == address
    assert "press the button again" in client.get(address).content.decode()
    assert client.post(address, {"step": "open"}).content == SOUND


# -- submissions as CSV -------------------------------------------------------------------------------


def export(**changes):
    answers = field_answers.interview(legal_name="Canary Nightingale")
    tables = field_answers.odk_tables([answers], [field_answers.INSTANCE])
    return {name: changes.get(name, content) for name, content in tables.items()}


def take_in(client, circle, tables, **more):
    files = [SimpleUploadedFile(name, content) for name, content in tables.items()]
    typed = {"compartment": circle.compartment, "file": files, "encoding": ""} | more
    return client.post(reverse("submissions"), typed)


def test_a_csv_export_is_taken_in_whole(circle, example):
    client = browser("monitor", example)
    answer = take_in(client, circle, export())
    assert answer.status_code == 302
    interview = Interview.objects.get()
    assert (interview.instance, interview.state) == (field_answers.INSTANCE, "held")
    held = person(interview.pseudonym, viewer=officer("protection-officer"))
    assert {each.kind for each in held.sealed} >= {"identity", "testimony"}
    size = Interview.objects.count()
    again = take_in(client, circle, export())
    assert (again.status_code, Interview.objects.count()) == (302, size)


def test_a_csv_in_another_encoding_is_named(circle, example):
    answers = field_answers.interview(legal_name="Канарка")
    tables = field_answers.odk_tables([answers], [field_answers.INSTANCE])
    old = {name: content.decode().encode("cp1251") for name, content in tables.items()}
    client = browser("monitor", example)
    assert take_in(client, circle, old).status_code == 422
    assert take_in(client, circle, old, encoding="cp1251").status_code == 302


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (lambda: dict(list(export().items())[1:]), "One table for the submissions themselves was expected"),
        (lambda: dict(list(export().items())[:1]), "One table for the repeat"),
        (lambda: {"a.json": b"[]", "b.json": b"[]"}, "found 2 files that are no CSV"),
        (lambda: {"a.json": b"[]"} | export(), "themselves was expected"),
        (lambda: export(**{"lieber_interview.csv": b"a,b\n1,2\n"}), "lieber_interview.csv"),
    ],
)
def test_an_export_that_is_none_is_one_sentence_and_nothing_is_written(circle, example, tables, said):
    client = browser("monitor", example)
    size = Entry.objects.count()
    answer = take_in(client, circle, tables())
    assert answer.status_code == 422
    assert said in unescape(answer.content.decode())
    assert Entry.objects.count() == size
    with vault() as held:
        assert held.counts().pseudonyms == 1  # that of the rehearsal


def test_two_files_of_one_name_are_refused(circle, example):
    files = [SimpleUploadedFile("a.csv", b"x"), SimpleUploadedFile("a.csv", b"y")]
    typed = {"compartment": circle.compartment, "file": files, "encoding": ""}
    answer = browser("monitor", example).post(reverse("submissions"), typed)
    assert answer.status_code == 422
    assert "found 2 files and 1 names" in answer.content.decode()


def test_a_csv_exports_attachments_are_sealed_with_it(circle, example):
    answers = field_answers.interview(any_recordings="yes") | {
        "files/recordings": [
            field_answers.by_path(recording_kind="audio", recording_audio="1.m4a", recording_about="voice")
        ]
    }
    tables = field_answers.odk_tables([answers], [field_answers.INSTANCE])
    client = browser("monitor", example)
    answer = take_in(client, circle, tables, attachments=[SimpleUploadedFile("1.m4a", SOUND)])
    assert answer.status_code == 302, unescape(answer.content.decode())
    kinds = {
        each.kind
        for each in person(Pseudonym.objects.get().thing, viewer=officer("protection-officer")).sealed
    }
    assert "recording" in kinds
    missing = take_in(client, circle, tables, attachments=[SimpleUploadedFile("2.m4a", SOUND)])
    assert missing.status_code == 422
