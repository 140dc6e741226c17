"""Interviews from the field: into the vault, by pseudonym into the register, and never twice."""

import json

import pytest

import field_answers
from lieber.code import vocabulary
from lieber.code.submissions import SubmissionsRefused, read_json_submissions
from lieber_mission.actions.checkpoint import verifier_key
from lieber_mission.actions.protect.erasing import erase
from lieber_mission.actions.protect.submissions import take_submissions
from lieber_mission.models import Account, Consent, Entry, Interview, Item, Pseudonym, register_models
from lieber_mission.policies.permissions import NotAllowed
from lieber_mission.policies.protect import ProtectionRefused
from lieber_mission.queries.check import check_register
from lieber_mission.queries.protect import person, vault
from lieber_vault import unlock
from vault_circle import PASSPHRASE, later, officer

pytestmark = pytest.mark.django_db
CANARIES = ("Canary Nightingale", "canary testimony", "canary-place")


def submission():
    answers = field_answers.interview(legal_name=CANARIES[0])
    told = field_answers.account(testimony=CANARIES[1], place_words=CANARIES[2], place_basis="saw")
    content = field_answers.as_json([field_answers.kobo(answers | {"accounts": [told]})])
    return read_json_submissions(content)


def take(circle, submissions, handle="monitor", **options):
    options = {"compartment": circle.compartment} | options
    return take_submissions(submissions, by=officer(handle), at=later(), **options)


def everything_said():
    """All rows of the register as one text."""
    return "".join(str(row.content()) for model in register_models() for row in model.objects.all())


def test_an_interview_lies_in_the_vault_and_its_pseudonym_in_the_register(circle):
    taken = take(circle, submission())
    assert (taken.interviews, taken.known, taken.accounts) == (1, 0, 1)
    assert not [canary for canary in CANARIES if canary in everything_said()]
    detail = person(Pseudonym.objects.get().thing, viewer=officer("protection-officer"))
    assert {sealed.kind for sealed in detail.sealed} >= {"identity", "testimony"}
    account = Account.objects.get(pseudonym=detail.thing)
    assert account.evidence_types == ["interview"]
    assert account.compartment == Item.objects.get(thing=account.item).compartment == circle.compartment
    assert account.knowledge["manner"] in {"saw", "heard_directly", "told_by_other"}
    assert Interview.objects.get().state == "held"
    assert Consent.objects.filter(pseudonym=detail.thing).count() == len(vocabulary("consent_purpose").words)
    with vault() as opened:
        protection = officer("protection-officer").officer_id
        identity = unlock(opened.key_of(protection), PASSPHRASE)
        texts = [opened.read(sealed.sealed, identity).decode() for sealed in detail.sealed]
    assert any(CANARIES[0] in text for text in texts)
    assert any(CANARIES[1] in text for text in texts)


def test_the_same_submissions_again_are_nothing_new(circle):
    take(circle, submission())
    size = Entry.objects.count()
    again = take(circle, submission())
    assert (again.interviews, again.known, again.sealed) == (0, 1, 0)
    assert Entry.objects.count() == size


@pytest.mark.parametrize("accounts_too", [False, True])
def test_the_same_submissions_do_not_bring_back_who_was_erased(circle, accounts_too):
    take(circle, submission())
    erase(
        pseudonym=Pseudonym.objects.get().thing,
        ground="asked for by the person",
        accounts_too=accounts_too,
        by=officer("protection-officer"),
        at=later(),
        agreed_by=officer("protection-two"),
    )
    again = take(circle, submission())
    assert (again.interviews, again.known, again.sealed) == (0, 1, 0)
    assert Pseudonym.objects.count() == 1
    assert check_register(key=verifier_key()).problems == []


def test_files_are_sealed_with_the_interview(circle):
    names = []

    def content(name):
        names.append(name)
        return b"\x00sound"

    read = submission()
    take(circle, read, file_of=content)
    assert names == [attachment.name for each in read for attachment in each.attachments]
    kinds = {
        s.kind for s in person(Pseudonym.objects.get().thing, viewer=officer("protection-officer")).sealed
    }
    assert not names or kinds & {"recording", "photo", "document"}


def test_nothing_is_kept_where_one_of_them_fails(circle, monkeypatch):
    size = Entry.objects.count()
    with vault() as opened:
        before = opened.counts().records
    calls = []

    def failing(name):
        calls.append(name)
        raise OSError("the disk is full")

    answers = field_answers.interview(legal_name=CANARIES[0])
    first = field_answers.kobo(answers, instance="uuid:00000000-0000-4000-8000-000000000001")
    read = read_json_submissions(field_answers.as_json([first]))
    monkeypatch.setattr("lieber_mission.actions.protect.submissions._sealed_part", lambda _a: failing("x"))
    with pytest.raises(OSError, match="full"):
        take(circle, read)
    assert Entry.objects.count() == size
    with vault() as opened:
        assert opened.counts().records == before


@pytest.mark.parametrize("handle", ["administrator", "data-officer", "head-of-mission"])
def test_only_those_who_interview_take_interviews_in(circle, handle):
    with pytest.raises(NotAllowed):
        take(circle, submission(), handle)


def test_another_compartment_is_not_there(circle):
    with pytest.raises(ProtectionRefused, match="or not for you"):
        take(circle, submission(), compartment="CMP-OTHER")
    assert not Pseudonym.objects.exists()


def test_a_protected_answer_stands_in_no_error():
    broken = field_answers.kobo(field_answers.interview(legal_name=CANARIES[0]))
    key = next(name for name in broken if name.endswith("legal_name"))
    broken[key] = [CANARIES[0]]
    with pytest.raises(SubmissionsRefused) as refused:
        read_json_submissions(json.dumps([broken]).encode())
    assert CANARIES[0] not in str(refused.value) + "".join(map(str, refused.value.problems))
