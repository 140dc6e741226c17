"""The pages of items and coding, as a browser without scripts uses them."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from coding_desk import BODY, new_item, now
from lieber.code import read_by_hand
from lieber_mission.actions import code, collect
from lieber_mission.models import Account, Draft, Item, ItemText, Officer, Screening, SecondCoding, Source
from lieber_mission.queries import coding
from lieber_mission.queries.desk import blind_to
from lieber_mission.web.drafted import FORMS

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>\u202e\u200b"
TYPED = {
    "summary": "canary-summary",
    "killed_quantifier": "exact",
    "killed_n": "5",
    "where_killed": "¶3",
    "manners": ["shot"],
    "victim_party": "AA",
}


def officer(handle):
    return Officer.objects.get(handle=handle)


@pytest.fixture
def enter(example, client):
    """Log in as one of the cast."""

    def enter_as(handle):
        client.force_login(officer(handle))
        return client

    return enter_as


@pytest.fixture
def item(example):
    thing = new_item(officer("analyst"))
    words = f"{BODY}\n{HOSTILE}"
    collect.take_down(
        item=thing, text_kind="text", language="en", body=words, by=officer("analyst"), at=now()
    )
    return thing


@pytest.fixture
def account(item):
    return code.record_account(item=item, typed=TYPED, by=officer("analyst"), at=now())


def text_of(response):
    return response.content.decode()


def sent(page, **changes):
    """The fields of the page's main form as a browser sends them, with some changed."""
    form = page.context["form"]
    typed = {}
    for name in form.fields:
        value = form[name].value()
        if value not in (None, ""):
            typed[name] = value
    return typed | changes


def test_a_report_arrives_and_is_coded_by_whoever_has_no_scripts(enter):
    client = enter("analyst")
    page = client.get("/items/new/")
    form = sent(
        page,
        address="https://new.example/1",
        item_kind="web_page",
        source_name="New outlet",
        source_kind="media_outlet",
        language="en",
        graphic="severe",
        published_earliest="2024-11-02",
    )
    first, second = client.post("/items/new/", form), client.post("/items/new/", form)
    assert first["Location"] == second["Location"]
    address = first["Location"]
    thing = address.split("/")[-2]
    assert Item.objects.filter(thing=thing).count() == 1

    page = client.get(f"{address}text/")
    form = sent(page, text_kind="text", body=BODY)
    client.post(f"{address}text/", form)
    client.post(f"{address}text/", form)
    assert ItemText.objects.filter(item=thing).count() == 1

    page = client.get(f"{address}code/")
    assert "¶3" in text_of(page)
    form = sent(page, **TYPED, where_victim_party="somewhere")
    wrong = client.post(f"{address}code/", form)
    assert wrong.status_code == 422
    assert "canary-summary" in text_of(wrong)
    assert "A place in the item is written" in text_of(wrong)
    form = sent(wrong, where_victim_party="2")
    client.post(f"{address}code/", form)
    client.post(f"{address}code/", form)
    row = Account.objects.get(item=thing)
    assert row.locators["victim_party"] == "¶2"

    page = client.get(address)
    assert "canary-summary" in text_of(page)
    client.post(address, {"on_version": 0, "outcome": "coded", "reason": "", "graphic": "severe"})
    assert Screening.objects.get(item=thing).outcome == "coded"
    shown = text_of(client.get("/items/?outcome=coded"))
    assert "1 in all" in shown


def test_an_address_that_is_there_leads_to_the_item(enter, item):
    client = enter("monitor")
    page = client.get("/items/new/")
    form = sent(
        page,
        address="https://one.example/page",
        item_kind="web_page",
        source_name="Outlet One",
        source_kind="media_outlet",
        graphic="none",
    )
    there = client.post("/items/new/", form)
    assert there.status_code == 422
    assert f"/items/{item}/" in text_of(there)


def test_words_of_others_are_escaped_and_what_is_unseen_is_shown(enter, item, account):
    client = enter("analyst")
    row = Account(item=item, summary=HOSTILE, place_name=HOSTILE, killed_quantifier="unknown")
    from lieber_mission.actions.record import record

    record([row], by=officer("analyst").officer_id, at=now())
    for address in (f"/items/{item}/", f"/items/{item}/code/", f"/accounts/{row.thing}/", "/accounts/"):
        shown = text_of(client.get(address))
        assert "<script>alert" not in shown, address
        assert "&lt;script&gt;alert" in shown, address
        assert "U+202E" in shown, address


def test_words_are_covered_unless_somebody_said_that_nothing_is_graphic(enter, item):
    client = enter("reviewer-one")
    assert 'details class="covered"' in text_of(client.get(f"/items/{item}/"))
    for graphic, covered in (("severe", True), ("none", False)):
        standing = Screening.objects.filter(item=item).count()
        collect.screen_item(
            item=item,
            outcome="to_code",
            reason="",
            graphic=graphic,
            on_version=standing,
            by=officer("analyst"),
            at=now(),
        )
        assert ('details class="covered"' in text_of(client.get(f"/items/{item}/"))) == covered


def test_no_list_shows_a_picture(enter, item):
    client = enter("analyst")
    for address in ("/items/", "/accounts/", "/coding/", f"/items/{item}/"):
        assert not re.search(r"<(img|video|audio|iframe|object)\b", text_of(client.get(address)))


def test_a_draft_comes_back_with_when_it_was_saved_and_can_be_thrown_away(enter, item):
    client = enter("analyst")
    kept = {
        "draft_form": "account",
        "draft_about": item,
        "on_version": "0",
        "summary": "half a",
        "manners": ["shot"],
    }
    saved = client.post("/drafts/", kept)
    assert saved.json()["saved_at"]
    page = text_of(client.get(f"/items/{item}/code/"))
    assert "half a" in page
    assert "This is your draft, saved" in page
    assert re.search(r'value="shot"[^>]*checked', page)
    client.post("/drafts/", {"draft_form": "account", "draft_about": item, "discard": "1"})
    assert "half a" not in text_of(client.get(f"/items/{item}/code/"))


@pytest.mark.parametrize(
    "typed",
    [
        {"draft_form": "nothing", "draft_about": "x"},
        {"draft_form": "account", "draft_about": "ITM-0"},
        {"draft_form": "account", "draft_about": "\x00"},
        {"draft_form": "account", "draft_about": "HERE", "summary": "a\x00b"},
        {"draft_form": "account", "draft_about": "HERE", "summary": "x" * 200_001},
        {"draft_form": "account", "draft_about": "HERE", **{f"f{number}": "x" for number in range(200)}},
        {"draft_form": "second-coding", "draft_about": "HERE"},
        {},
    ],
    ids=["form", "thing", "nul", "nul in a field", "too long", "too many", "not begun", "nothing"],
)
def test_a_draft_of_nonsense_is_refused_with_a_sentence(enter, item, typed):
    client = enter("analyst")
    typed = {name: item if value == "HERE" else value for name, value in typed.items()}
    assert client.post("/drafts/", typed).status_code in {400, 404}
    assert not Draft.objects.exists()


def test_whoever_loses_access_finds_neither_item_nor_draft(enter):
    from lieber_mission.actions.record import record
    from lieber_mission.models import Compartment

    circle, who = Compartment(name="circle"), officer("analyst")
    record([circle], by=who.officer_id, at=now())
    who.own_compartments = [circle.thing]
    who.save()
    closed = new_item(who, address="https://two.example/", compartment=circle.thing)
    code.keep_draft(
        form="account", about=closed, on_version=0, fields={"summary": "canary"}, by=who, at=now()
    )
    client = enter("analyst")
    assert "canary" in text_of(client.get(f"/items/{closed}/code/"))
    who.own_compartments = []
    who.save()
    for address in (f"/items/{closed}/", f"/items/{closed}/code/", f"/items/{closed}/text/"):
        gone = client.get(address)
        assert gone.status_code == 404
        assert "canary" not in text_of(gone)


def test_two_versions_in_conflict_stand_beside_each_other_and_nothing_typed_is_lost(enter, account):
    client = enter("analyst")
    page = client.get(f"/accounts/{account}/code/")
    form = sent(page, killed_n="7", summary="canary-mine")
    code.supersede_account(
        account=account, typed={**TYPED, "killed_n": "6"}, on_version=1, by=officer("monitor"), at=now()
    )
    conflict = client.post(f"/accounts/{account}/code/", form)
    assert conflict.status_code == 409
    shown = text_of(conflict)
    assert "Version 2 is by Monitor" in shown
    assert "canary-mine" in shown
    numbers = next(row for row in conflict.context["conflict"] if row.label == "Number")
    assert (numbers.left, numbers.right, numbers.differs) == ("6", "7", True)
    on_top = client.post(f"/accounts/{account}/code/", sent(conflict))
    assert on_top.status_code == 302
    last = Account.objects.get(thing=account, version=3)
    assert (last.killed_n, last.summary) == (7, "canary-mine")


def test_a_draft_on_an_old_version_leads_to_the_conflict(enter, account):
    client = enter("analyst")
    kept = {
        "draft_form": "account-version",
        "draft_about": account,
        "on_version": "1",
        **TYPED,
        "killed_n": "8",
    }
    client.post("/drafts/", kept)
    assert client.get(f"/accounts/{account}/code/").status_code == 200
    code.supersede_account(
        account=account, typed={**TYPED, "killed_n": "6"}, on_version=1, by=officer("monitor"), at=now()
    )
    page = client.get(f"/accounts/{account}/code/")
    assert page.status_code == 409
    assert page.context["form"]["killed_n"].value() == "8"
    assert page.context["form"]["on_version"].value() == 2


def test_the_first_coding_is_on_no_page_until_the_second_is_recorded(enter, item, account):
    client = enter("monitor")
    hidden = (
        f"/items/{item}/",
        f"/accounts/{account}/",
        "/accounts/",
        f"/accounts/{account}/codings/",
        "/coding/",
    )
    assert "canary-summary" in text_of(client.get(f"/items/{item}/"))
    assert "canary-summary" not in text_of(client.get(f"/accounts/{account}/again/"))
    client.post(f"/accounts/{account}/again/", {"step": "begin"})
    for address in (*hidden, f"/accounts/{account}/again/", f"/accounts/{account}/code/"):
        shown = text_of(client.get(address, follow=True))
        assert "canary-summary" not in shown, address
    page = client.get(f"/accounts/{account}/again/")
    assert "¶3" in text_of(page)
    recorded = client.post(
        f"/accounts/{account}/again/", sent(page, **TYPED | {"killed_n": "6"}), follow=True
    )
    assert "canary-summary" in text_of(recorded)
    assert SecondCoding.objects.count() == 1
    assert "1 pair of codings is too few" in text_of(client.get("/coding/agreement/"))
    client.post(f"/accounts/{account}/again/", sent(page, **TYPED))
    assert SecondCoding.objects.count() == 1


def test_an_incident_shows_a_second_coder_its_other_accounts_only(enter, account):
    from lieber.link import Verdict
    from lieber_mission.actions.link import open_incident, record_judgement

    incident = open_incident(title="Captives shot", by=officer("analyst"), at=now())
    record_judgement(
        left=account, right=incident, verdict=Verdict.SAME, reason="r", by=officer("analyst"), at=now()
    )
    client = enter("monitor")
    assert "canary-summary" in text_of(client.get(f"/incidents/{incident}/"))
    client.post(f"/accounts/{account}/again/", {"step": "begin"})
    assert "canary-summary" not in text_of(client.get(f"/incidents/{incident}/"))


def test_leaving_shows_the_first_coding_and_ends_the_second(enter, account):
    client = enter("monitor")
    client.post(f"/accounts/{account}/again/", {"step": "begin"})
    client.post(f"/accounts/{account}/again/", {"step": "leave"})
    assert "canary-summary" in text_of(client.get(f"/accounts/{account}/"))
    refused = client.post(f"/accounts/{account}/again/", {"step": "begin"})
    assert refused.status_code == 400
    assert "the first one was shown to you since" in text_of(refused)


def test_a_colleague_is_asked_and_finds_it_on_their_desk(enter, account):
    client = enter("analyst")
    assert client.post(f"/accounts/{account}/ask/", {"officer": "OFF-NOBODY"}).status_code == 400
    client.post(f"/accounts/{account}/ask/", {"officer": officer("monitor").officer_id})
    assert blind_to(officer("monitor")) == {account}
    client = enter("monitor")
    assert account in text_of(client.get("/coding/"))
    assert "Analyst asked you" in text_of(client.get(f"/accounts/{account}/again/"))


def test_agreement_is_told_field_by_field_once_there_are_pairs_enough(enter, item):
    for number in range(10):
        typed = {**TYPED, "killed_n": str(number % 3 + 1), "manners": ["shot"] if number % 2 else ["drone"]}
        thing = code.record_account(item=item, typed=typed, by=officer("analyst"), at=now())
        code.begin_second_coding(account=thing, by=officer("monitor"), at=now())
        again = {**typed, "victim_party": "BB"} if number == 0 else typed
        code.record_second_coding(account=thing, typed=again, by=officer("monitor"), at=now())
    found = {
        field.field: field
        for field in coding.coder_agreement(viewer=officer("analyst"), position=None).fields
    }
    assert found["killed"].alpha == found["manners"].alpha == 1.0
    assert (found["victim_party"].same, found["victim_party"].alpha) == (9, 0.0)
    assert found["region"].alpha is None
    shown = text_of(enter("reviewer-one").get("/coding/agreement/"))
    assert "too few" not in shown
    assert "all said one and the same" in shown


def test_a_source_is_judged_on_its_page(enter, item):
    client, source = enter("analyst"), Item.objects.get(thing=item, version=1).source
    page = client.get(f"/sources/{source}/")
    assert client.post(f"/sources/{source}/", sent(page, reliability="B", reason="")).status_code == 422
    assert (
        client.post(f"/sources/{source}/", sent(page, reliability="B", reason="long known")).status_code
        == 302
    )
    stale = client.post(f"/sources/{source}/", sent(page, reliability="D", reason="canary-mine"))
    assert stale.status_code == 409
    assert "long known" in text_of(stale)
    assert "canary-mine" in text_of(stale)
    assert Source.objects.filter(thing=source).count() == 2


NONSENSE = (
    "page=x",
    "outcome=%27",
    "coded=maybe",
    "graphic=%3Cb%3E",
    "source=%00",
    "language=" + "a" * 300,
    "kind=x",
)


@pytest.mark.parametrize("query", NONSENSE)
def test_nonsense_in_an_address_gives_a_default_or_a_sentence(enter, query):
    client = enter("analyst")
    for name in ("items", "coding", "agreement", "accounts", "coding-next"):
        assert client.get(f"{reverse(name)}?{query}").status_code in {200, 302, 400}


def test_what_is_not_there_is_not_found(enter):
    client = enter("analyst")
    for address in (
        "/items/x/code/",
        "/items/x/text/",
        "/accounts/x/code/",
        "/accounts/x/again/",
        "/accounts/x/codings/",
        "/sources/x/",
    ):
        assert client.get(address).status_code == 404, address


def test_pages_ask_few_questions_however_much_there_is(enter, item, account, django_assert_max_num_queries):
    client = enter("analyst")
    for number in range(12):
        thing = new_item(officer("analyst"), address=f"https://one.example/{number}")
        collect.screen_item(
            item=thing,
            outcome="to_code",
            reason="",
            graphic="none",
            on_version=0,
            by=officer("analyst"),
            at=now(),
        )
        code.record_account(item=item, typed=TYPED, by=officer("monitor"), at=now())
    addresses = (
        ("/items/", 16),
        ("/items/?outcome=to_code&coded=no&text=one", 18),
        (f"/items/{item}/", 27),
        (f"/items/{item}/code/", 21),
        (f"/accounts/{account}/", 27),
        ("/coding/", 16),
        ("/coding/agreement/", 12),
    )
    for address, most in addresses:
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200, address


def test_every_account_of_the_example_can_be_coded_by_hand_and_is_the_same(example):
    """What a table brought, typed beside the item, is the account that the table brought."""
    rows = list(Account.objects.as_of(None))
    assert len(rows) > 200
    for row in rows:
        typed = {
            **{name: "" if value is None else value for name, value in _typed(row).items()},
            "killed_quantifier": row.killed_quantifier,
        }
        found = read_by_hand(typed, item=row.item)
        assert found.problems == {}, row.thing
        changed = {
            name: (value, getattr(row, name))
            for name, value in found.values.items()
            if value != getattr(row, name)
        }
        assert changed == {}, row.thing


def _typed(row):
    values = {name: getattr(row, name) for name in read_by_hand({"summary": "x"}, item="ITM").values}
    return {
        name: value if isinstance(value, list) and name != "announced_by" else _as_typed(value)
        for name, value in values.items()
    }


def _as_typed(value):
    if isinstance(value, list):
        return "; ".join(value)
    return "" if value is None else str(value)


def test_a_table_that_is_taken_in_again_does_not_undo_what_an_officer_coded_anew(example):
    from lieber.assess import shipped_methodology
    from lieber_mission.actions.example import COLLECTION
    from lieber_mission.actions.example import _table as example_table
    from lieber_mission.actions.imports import take_rows
    from lieber_mission.actions.imports.material import Taking
    from lieber_mission.queries.origins import example_authorities

    row = Account.objects.as_of(None).filter(killed_quantifier="exact").first()
    typed = {**_typed(row), "killed_quantifier": "exact", "killed_n": "99"}
    code.supersede_account(
        account=row.thing, typed=typed, on_version=row.version, by=officer("analyst"), at=now()
    )
    taking = Taking(officer("data-officer"), now(), shipped_methodology(), example_authorities(), COLLECTION)
    before = Account.objects.count()
    taken = take_rows("reports", example_table("reports"), taking)
    assert (taken.created, Account.objects.count()) == (0, before)
    assert Account.objects.as_of(None).get(thing=row.thing).killed_n == 99
    assert row.thing in " ".join(taken.notes)


def test_what_was_begun_is_listed_and_goes_on_where_it_was_left(enter, item, account):
    client, analyst = enter("analyst"), officer("analyst")
    begun = {"item": "", "item-text": item, "account": item, "account-version": account}
    for form, about in begun.items():
        code.keep_draft(form=form, about=about, on_version=1, fields={"summary": "x"}, by=analyst, at=now())
    shown = text_of(client.get("/inbox/"))
    listed = re.findall(r'<a href="([^"]+)">[^\n]*?</a> <span class="quiet">kept', shown)
    assert len(listed) == len(begun)
    assert [client.get(address).status_code for address in listed] == [200] * len(begun)
    assert set(code.DRAFTED) <= set(FORMS)


def test_a_second_coding_that_was_left_is_not_listed(enter, account):
    client, other = enter("monitor"), officer("monitor")
    code.begin_second_coding(account=account, by=other, at=now())
    assert "Second coding of" in text_of(client.get("/inbox/"))
    code.leave_second_coding(account=account, by=other, at=now())
    assert "Second coding of" not in text_of(client.get("/inbox/"))


def test_whoever_owes_a_second_coding_sees_the_first_nowhere(enter, account):
    client, other = enter("analyst"), officer("analyst")
    # somebody else's account: the analyst codes it a second time
    theirs = code.record_account(
        item=Account.objects.get(thing=account).item,
        typed=TYPED | {"summary": "canary-theirs"},
        by=officer("monitor"),
        at=now(),
    )
    code.begin_second_coding(account=theirs, by=other, at=now())
    back = reverse("account-again", args=[theirs])
    for name in ("candidate", "appraisal", "account-code"):
        assert client.get(reverse(name, args=[theirs])).headers["Location"] == back
    for address in ("/candidates/", "/find/?q=canary", "/accounts/?text=canary"):
        assert "canary-theirs" not in text_of(client.get(address))
