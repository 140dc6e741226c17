"""The pages of public statements: what they warn of, what is sent twice, what two officers change at once."""

import re
from datetime import date

import pytest

import factories
from lieber_mission.actions.statements import Utterance, associate, record_statement
from lieber_mission.models import Association, Incident, Item, Officer, PublicStatement
from lieber_mission.policies.permissions import Operator

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>\u202edlrow"


@pytest.fixture
def analyst(example, client):
    client.force_login(Officer.objects.get(handle="analyst"))
    return client


@pytest.fixture
def form(example):
    return {
        "item": Item.objects.order_by("entry").first().thing,
        "speaker_office": "Commander of a brigade",
        "command_relation": "unknown",
        "speech_act": "order",
        "summary": "Ordered by radio that nobody be taken prisoner.",
        "once": "2026-01-01T00:00:00",
    }


def text(response):
    return response.content.decode()


def test_the_example_is_listed_by_utterance_with_its_reports(analyst):
    page = text(analyst.get("/statements/"))
    assert PublicStatement.objects.count() == 96
    assert "96 in all" not in page
    assert "reports</summary>" in page
    assert "Denial of quarter is not qualified" in text(
        analyst.get(f"/statements/{PublicStatement.objects.first().thing}/")
    )


def test_a_statement_is_recorded_once_however_often_the_form_is_sent(analyst, form):
    before = PublicStatement.objects.count()
    for _ in range(2):
        response = analyst.post("/statements/new/", form)
        assert response.status_code == 302
    assert PublicStatement.objects.count() == before + 1
    page = text(analyst.get(response["Location"]))
    assert "rests on a paraphrase" in page
    assert "was not assessed" in page


def test_from_a_translation_only_is_a_warning(analyst, form):
    response = analyst.post("/statements/new/", form | {"translation": "Take no prisoners."})
    page = text(analyst.get(response["Location"]))
    assert "Coded from a translation only" in page
    assert "from a translation only" in text(analyst.get("/statements/?text=brigade"))


def test_nothing_typed_is_lost_where_something_is_wrong(analyst, form):
    response = analyst.post("/statements/new/", form | {"item": "ITM-0", "summary": HOSTILE})
    assert response.status_code == 400
    page = text(response)
    assert "No item ITM-0 is in the register" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert form["once"] in page


def test_two_officers_who_change_the_same_see_both(analyst, form):
    thing = analyst.post("/statements/new/", form)["Location"].split("/")[2]
    changed = form | {"utterance": thing, "on_version": "1"}
    assert analyst.post(f"/statements/{thing}/change/", changed | {"platform": "radio"}).status_code == 302
    late = analyst.post(f"/statements/{thing}/change/", changed | {"platform": "a channel"})
    assert late.status_code == 409
    page = text(late)
    assert "Somebody else recorded a version meanwhile" in page
    assert '<bdi dir="auto">radio</bdi>' in page
    assert "a channel" in page
    assert 'name="on_version" value="2"' in page
    again = analyst.post(
        f"/statements/{thing}/change/", changed | {"platform": "a channel", "on_version": "2"}
    )
    assert again.status_code == 302
    assert [row.platform for row in PublicStatement.objects.filter(thing=thing).order_by("version")] == [
        "",
        "radio",
        "a channel",
    ]


def test_an_association_leads_from_the_statement_to_the_incident_and_back_without_a_cause(analyst, form):
    thing = analyst.post("/statements/new/", form)["Location"].split("/")[2]
    incident = Incident.objects.order_by("entry").first()
    sent = {"incident": incident.thing, "kind": "before", "reason": "two days before"}
    assert analyst.post(f"/statements/{thing}/associate/", sent).status_code == 302
    assert Association.objects.count() == 1
    page = text(analyst.get(f"/statements/{thing}/"))
    assert incident.thing in page
    assert "never says that the one led to the other" in page
    listed = text(analyst.get(f"/statements/?incident={incident.thing}"))
    assert thing in listed
    assert "says nothing of why it happened" in listed
    assert "No incident INC-0" in text(
        analyst.post(f"/statements/{thing}/associate/", sent | {"incident": "INC-0"})
    )
    taken_back = {"withdraw": Association.objects.get().thing, "reason": "another unit"}
    assert analyst.post(f"/statements/{thing}/associate/", taken_back).status_code == 302
    assert "No incident is associated" in text(analyst.get(f"/statements/{thing}/"))
    assert analyst.post(f"/statements/{thing}/associate/", taken_back).status_code == 404


def test_the_time_line_draws_each_party_and_says_what_it_does_not_show(analyst):
    page = text(analyst.get("/statements/beside/?since=2022-03-01&until=2025-06-30"))
    assert page.count('<svg class="drawn"') >= 2
    assert "does not show that they led to them" in page
    assert page.count("The numbers of the drawing") == page.count('<svg class="drawn"')


@pytest.mark.parametrize(
    "query",
    [
        "since=1901-01-01",
        "since=yesterday",
        "tier=high",
        "since=2025-01-01&until=2024-01-01",
        "since=2099-01-01",
    ],
)
def test_nonsense_in_the_address_of_the_time_line_gets_a_sentence(analyst, query):
    assert analyst.get(f"/statements/beside/?{query}").status_code in {200, 400}


def test_the_file_has_no_formula_and_nothing_that_the_list_does_not_show(analyst, form):
    analyst.post("/statements/new/", form | {"summary": "=HYPERLINK(1)", "speaker_office": "@office"})
    rows = text(analyst.get("/statements/file.csv?text=@office")).splitlines()
    assert rows[0].startswith("# public statements")
    assert "'=HYPERLINK(1)" in rows[2]
    assert "'@office" in rows[2]
    assert len(rows) == 3


def test_past_days_know_nothing_of_later(analyst, form):
    thing = analyst.post("/statements/new/", form)["Location"].split("/")[2]
    assert analyst.get(f"/statements/{thing}/?as_of=2025-01-01").status_code == 404


def test_the_number_of_questions_does_not_grow_with_the_list(analyst, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        analyst.get("/statements/")


def test_a_second_report_is_added_to_the_utterance(analyst, form):
    first = PublicStatement.objects.order_by("entry").first()
    page = text(analyst.get(f"/statements/new/?utterance={first.utterance}&item={form['item']}"))
    assert f'value="{first.utterance}"' in page


def test_associations_of_many_statements_stay_few_questions(example, django_assert_max_num_queries):
    analyst = Operator("OFF-ANALYST", frozenset({"analyst"}))
    item = Item.objects.order_by("entry").first().thing
    incident = Incident.objects.order_by("entry").first().thing
    now = factories.at(60 * 24 * 900)
    thing = record_statement(
        said=Utterance(
            item=item, speaker_office="x", speech_act="order", summary="x", made_on=date(2024, 1, 1)
        ),
        by=analyst,
        at=now,
    )
    for kind in ("before", "same_unit", "same_sector"):
        associate(statement=thing, incident=incident, kind=kind, reason="near it", by=analyst, at=now)
    from lieber_mission.queries.statements import utterance

    with django_assert_max_num_queries(12):
        assert len(utterance(thing, viewer=analyst, position=None).associations) == 3


def typed(form, about, **fields):
    return {"draft_form": form, "draft_about": about, **fields}


def test_what_was_typed_is_there_again_until_it_is_recorded(analyst, form):
    kept = analyst.post("/drafts/", typed("statement", "", summary="canary-typed", contents=["kill_all"]))
    assert kept.status_code == 200
    page = text(analyst.get("/statements/new/"))
    assert "canary-typed" in page
    assert re.search(r'value="kill_all"[^>]* checked', page)
    assert "New statement" in text(analyst.get("/inbox/"))
    thing = analyst.post("/statements/new/", form)["Location"].split("/")[2]
    assert "canary-typed" not in text(analyst.get("/statements/new/"))
    analyst.post("/drafts/", typed("statement-version", thing, on_version="1", summary="canary-anew"))
    assert "canary-anew" in text(analyst.get(f"/statements/{thing}/change/"))
    thrown = analyst.post("/drafts/", typed("statement-version", thing, discard="1"))
    assert thrown["Location"] == f"/statements/{thing}/change/"
    assert "canary-anew" not in text(analyst.get(f"/statements/{thing}/change/"))


@pytest.mark.parametrize(
    ("handle", "form_name", "status"),
    [
        ("reviewer-one", "statement", 403),
        ("reviewer-one", "item", 403),
        ("legal-officer", "follow-up", 200),
        ("legal-officer", "item", 403),
        ("analyst", "nothing", 400),
        ("analyst", "response", 404),
    ],
)
def test_a_draft_is_kept_of_a_form_that_its_officer_may_send(analyst, handle, form_name, status):
    analyst.force_login(Officer.objects.get(handle=handle))
    sent = typed(form_name, "FUP-0" if form_name == "response" else "", summary="x")
    assert analyst.post("/drafts/", sent).status_code == status


def test_a_draft_of_an_older_version_is_compared_before_it_is_recorded(analyst, form):
    thing = analyst.post("/statements/new/", form)["Location"].split("/")[2]
    analyst.post("/drafts/", typed("statement-version", thing, on_version="1", **form | {"summary": "mine"}))
    again = form | {"summary": "theirs", "on_version": "1"}
    # another page of the same officer, without the draft's fields
    assert analyst.post(f"/statements/{thing}/change/", again).status_code == 302
    analyst.post("/drafts/", typed("statement-version", thing, on_version="1", **form | {"summary": "mine"}))
    page = text(analyst.get(f"/statements/{thing}/change/"))
    assert 'name="on_version" value="1"' in page
    sent = analyst.post(f"/statements/{thing}/change/", form | {"summary": "mine", "on_version": "1"})
    assert sent.status_code == 409
    assert "theirs" in text(sent)


def test_what_the_address_asks_for_stands_before_an_old_draft(analyst, form):
    analyst.post("/drafts/", typed("statement", "", utterance="UTT-OLD", summary="kept"))
    page = text(analyst.get("/statements/new/?utterance=UTT-ASKED"))
    assert "UTT-ASKED" in page
    assert "UTT-OLD" not in page
    assert "kept" in page


def test_a_tick_taken_away_in_a_draft_stays_away(analyst, form):
    thing = analyst.post("/statements/new/", form | {"contents": ["kill_all"]})["Location"].split("/")[2]
    assert re.search(r'value="kill_all"[^>]* checked', text(analyst.get(f"/statements/{thing}/change/")))
    analyst.post("/drafts/", typed("statement-version", thing, on_version="1", summary="no ticks"))
    assert not re.search(r'value="kill_all"[^>]* checked', text(analyst.get(f"/statements/{thing}/change/")))


@pytest.mark.parametrize("about", ["", "a/b", "x" * 500])
def test_throwing_away_a_draft_of_nothing_leads_somewhere(analyst, about):
    for name in ("account", "statement", "response"):
        if name != "response":
            sent = analyst.post("/drafts/", typed(name, about, discard="1"))
            assert sent.status_code == 302


@pytest.mark.parametrize("changes", [{"reason": "a\x00b"}, {"withdraw": "ASC-\x00"}, {"reason": "x" * 5000}])
def test_a_withdrawal_that_cannot_be_read_gets_a_sentence(analyst, form, changes):
    thing = analyst.post("/statements/new/", form)["Location"].split("/")[2]
    sent = {"withdraw": "ASC-0", "reason": "wrong"} | changes
    assert analyst.post(f"/statements/{thing}/associate/", sent).status_code == 400
