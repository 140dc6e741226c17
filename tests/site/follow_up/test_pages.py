"""The pages of follow-up: due, overdue and answered; what is sent twice; two officers at once."""

from datetime import UTC, datetime, timedelta

import pytest

from lieber_mission.models import FollowUp, Incident, Officer, Response

pytestmark = pytest.mark.django_db


@pytest.fixture
def legal(example, client):
    client.force_login(Officer.objects.get(handle="legal-officer"))
    return client


def today():
    return datetime.now(UTC).date()


@pytest.fixture
def form(example):
    return {
        "follow_up_kind": "request_for_comment",
        "about": Incident.objects.order_by("entry").first().thing,
        "party": "QQ",
        "addressee": "the Ministry of <b>Q</b>",
        "subject": "Nine captives",
        "sent_on": str(today() - timedelta(days=30)),
        "due_on": str(today() - timedelta(days=1)),
        "once": "a form",
    }


def text(response):
    return response.content.decode()


def test_what_was_asked_becomes_overdue_and_is_answered(legal, form):
    for _ in range(2):
        address = legal.post("/follow-up/new/", form)["Location"]
    assert FollowUp.objects.filter(party="QQ").count() == 1
    listed = text(legal.get("/follow-up/?state=overdue&party=QQ"))
    assert "1 in all" in listed
    assert "&lt;b&gt;Q&lt;/b&gt; had not answered the request for comment" in listed
    came = {"response": "0301", "declared": "0102", "received_on": str(today()), "once": "another"}
    for _ in range(2):
        assert legal.post(f"{address}answer/", came).status_code == 302
    assert Response.objects.count() == 1
    assert "denied that the incident took place" in text(legal.get(address))
    assert "1 in all" in text(legal.get("/follow-up/?state=answered&party=QQ"))
    assert "No follow-up fits" in text(legal.get("/follow-up/?state=overdue&party=QQ"))


def test_silence_before_the_deadline_is_refused_and_nothing_typed_is_lost(legal, form):
    address = legal.post("/follow-up/new/", form | {"due_on": str(today() + timedelta(days=9))})["Location"]
    response = legal.post(f"{address}answer/", {"response": "06", "summary": "not a word", "once": "x"})
    assert response.status_code == 400
    assert "wait until it has passed" in text(response)
    assert "not a word" in text(response)


def test_what_is_about_nothing_is_told_at_the_field(legal, form):
    response = legal.post("/follow-up/new/", form | {"about": "INC-0"})
    assert response.status_code == 400
    assert 'href="#id_about"' in text(response)
    response = legal.post("/follow-up/new/", form | {"item": "ITM-0"})
    assert 'href="#id_item"' in text(response)


def test_two_officers_who_change_the_same_see_both(legal, form):
    address = legal.post("/follow-up/new/", form)["Location"]
    changed = form | {"on_version": "1", "due_on": str(today() + timedelta(days=3))}
    assert legal.post(f"{address}change/", changed).status_code == 302
    late = legal.post(
        f"{address}change/", form | {"on_version": "1", "closed_on": str(today()), "closed_why": "x"}
    )
    assert late.status_code == 409
    assert "Typed by you" in text(late)
    assert str(today() + timedelta(days=3)) in text(late)


@pytest.mark.parametrize("query", ["state=sleeping", "page=9999", "page=x", "kind=x", "as_of=x", "about=%00"])
def test_nonsense_in_the_address_gets_a_default_or_a_sentence(legal, query):
    assert legal.get(f"/follow-up/?{query}").status_code in {200, 400}


def test_the_list_asks_few_questions(legal, form, django_assert_max_num_queries):
    legal.post("/follow-up/new/", form)
    with django_assert_max_num_queries(28):
        legal.get("/follow-up/")


def test_the_file_holds_the_words_of_public_texts(legal, form):
    legal.post("/follow-up/new/", form | {"subject": "+1"})
    rows = text(legal.get("/follow-up/file.csv?party=QQ")).splitlines()
    assert "'+1" in rows[2]
    assert "had not answered the request for comment" in rows[2]
