"""The pages of assessment, review, judging, inbox and home, as officers use them."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse

import factories
from lieber.assess import Decision, Tier
from lieber_mission.actions import review
from lieber_mission.models import Appraisal, Draft, Finding, Incident, Judgement, Proposal, Review, Visit

from .conftest import account, conclusion

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>\u202e\u200b"


@pytest.fixture(autouse=True)
def _second_factor_is_there(monkeypatch):
    monkeypatch.setattr("lieber_mission.web.middleware.second_factor_needed", lambda: False)


@pytest.fixture
def as_officer(client, officers):
    def become(name):
        client.force_login(officers[name])
        return client

    return become


def sent(page, **changes):
    """What a browser would send of the form on a page."""
    text = page.content.decode()
    body = text[text.index('<form id="assess"') :]
    body = body[: body.index("</form>")]
    found: dict[str, object] = {}
    for tag in re.findall(r"<input[^>]*>", body):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if not name or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        text_value = html.unescape(value[1]) if value else ""
        if 'type="checkbox"' in tag and name[1] != "contested":
            found.setdefault(name[1], [])
            found[name[1]].append(text_value)  # type: ignore[attr-defined]
        else:
            found[name[1]] = text_value
    for name, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    for name, value in re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', body, re.DOTALL):
        found[name] = html.unescape(value).strip("\n")
    return found | changes


def test_an_analyst_records_what_the_accounts_say(as_officer, case):
    client, address = as_officer("author"), reverse("assess", args=[case["incident"]])
    page = client.get(address)
    assert page.status_code == 200
    assert "2 accounts, by origin" in page.content.decode()
    claim = f"{case['accounts'][0].thing}:date"
    fields = sent(page, deed="record", reasons="two outlets", claims_for=[claim])
    answer = client.post(address, fields)
    assert answer.status_code == 302, answer.content.decode()
    row = Finding.objects.get()
    assert (row.killed_min, row.killed_max, row.tier, row.victim_party) == (3, 4, 2, "A")
    assert row.claims_for == [claim]
    client.post(address, fields)
    assert Finding.objects.count() == 1


def test_a_finding_goes_from_its_author_past_a_reviewer_into_the_register(as_officer, case):
    client, address = as_officer("author"), reverse("assess", args=[case["incident"]])
    page = client.get(address)
    answers = {f"alternative_{name}": "No: looked at." for name in conclusion(Tier.VERIFIED).alternatives}
    fields = sent(page, deed="submit", reasons="seen", tier="verified", **answers)
    refused = client.post(address, fields)
    assert refused.status_code == 422
    assert "write the reason" in refused.content.decode()
    assert "No: looked at." in refused.content.decode()
    made = client.post(address, fields | {"tier_reason": "the recording shows it"})
    proposal = Proposal.objects.get()
    assert made.status_code == 302
    assert made["Location"] == reverse("proposal", args=[proposal.thing])
    client = as_officer("reviewer")
    shown = client.get(made["Location"])
    assert "Your answer" in shown.content.decode()
    without = client.post(made["Location"], {"deed": "review", "decision": "return", "of_version": 1})
    assert without.status_code == 422
    client.post(
        made["Location"],
        {"deed": "review", "decision": "approve", "comments": "sound", "of_version": 1},
    )
    assert Review.objects.get().decision == "approve"
    client = as_officer("colleague")
    client.post(made["Location"], {"deed": "record"})
    assert Finding.objects.get().reviewed_by == "OFF-REVIEWER"


def test_a_returned_finding_is_mended_with_the_answer_beside_it(as_officer, case, officers):
    proposal = review.submit_proposal(
        incident=case["incident"],
        conclusion=conclusion(),
        on_version=0,
        reviewers=1,
        once="x",
        by=officers["author"],
        at=factories.at(50),
    )
    review.review_proposal(
        proposal=proposal,
        of_version=1,
        decision=Decision.RETURN,
        comments=f"the date {HOSTILE}",
        by=officers["reviewer"],
        at=factories.at(51),
    )
    client, address = as_officer("author"), reverse("proposal-mend", args=[proposal])
    page = client.get(address)
    text = page.content.decode()
    assert "<script>alert" not in text
    assert "U+202E" in text
    answer = client.post(address, sent(page, deed="submit", reasons="mended"))
    assert answer.status_code == 302, answer.content.decode()
    assert Proposal.objects.as_of(None).get().fields["reasons"] == "mended"
    other = as_officer("colleague").get(address)
    assert other.status_code == 302


def test_a_conflict_shows_both_and_loses_nothing(as_officer, case, officers):
    client, address = as_officer("author"), reverse("assess", args=[case["incident"]])
    fields = sent(client.get(address), deed="record", reasons="what I typed at length")
    review.record_directly(
        incident=case["incident"],
        conclusion=conclusion(reasons="what a colleague wrote"),
        on_version=0,
        by=officers["colleague"],
        at=factories.at(60),
    )
    answer = client.post(address, fields)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "what I typed at length" in text
    assert "what a colleague wrote" in text
    assert Finding.objects.count() == 1
    again = client.post(address, sent(answer, deed="record"))
    assert again.status_code == 302, again.content.decode()
    assert Finding.objects.as_of(None).get().version == 2


def test_a_draft_is_kept_shown_again_and_nobody_elses(as_officer, case):
    client, address = as_officer("author"), reverse("assess", args=[case["incident"]])
    fields = sent(client.get(address), reasons="half a sentence", deed="draft", occurred_earliest="not a day")
    answer = client.post(address, fields, headers={"Accept": "application/json"})
    assert answer.status_code == 204
    again = client.get(address).content.decode()
    assert "half a sentence" in again
    assert "not a day" in again
    assert Draft.objects.count() == 1
    assert "half a sentence" not in as_officer("colleague").get(address).content.decode()
    client = as_officer("author")
    client.post(address, {"deed": "discard"})
    assert not Draft.objects.exists()


def test_a_draft_goes_when_it_is_sent(as_officer, case):
    client, address = as_officer("author"), reverse("assess", args=[case["incident"]])
    fields = sent(client.get(address), reasons="whole")
    client.post(address, fields | {"deed": "draft"})
    client.post(address, fields | {"deed": "record"})
    assert Finding.objects.count() == 1
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"killed_min": "9", "killed_max": "2"},
        {"killed_min": "-1"},
        {"occurred_earliest": "2024-13-45"},
        {"occurred_latest": "1999-01-01"},
        {"latitude": "200"},
        {"tier": "certain"},
        {"claims_for": ["ACC-0:date"]},
        {"on_version": "first"},
        {"reasons": "x" * 20_001},
        {"victim_party": ""},
    ],
    ids=" ".join,
)
def test_what_cannot_be_used_is_said_and_kept(as_officer, case, changes):
    client, address = as_officer("author"), reverse("assess", args=[case["incident"]])
    fields = sent(client.get(address), deed="record", **({"reasons": "kept words"} | changes))
    answer = client.post(address, fields)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "cannot be used" in text
    assert "kept words" in text or "reasons" in changes
    assert not Finding.objects.exists()


def test_grades_are_recorded_apart_and_a_conflict_is_shown(as_officer, case):
    thing = case["accounts"][0].thing
    address = reverse("appraisal", args=[thing])
    client = as_officer("author")
    assert client.get(address).status_code == 200
    fields = {"credibility": "3", "reason": HOSTILE, "on_version": "0"}
    client.post(address, fields)
    client.post(address, fields)
    assert Appraisal.objects.count() == 1
    assert "<script>alert" not in client.get(address).content.decode()
    other = client.post(address, {"credibility": "5", "reason": "contradicted", "on_version": "0"})
    assert other.status_code == 409
    assert "contradicted" in other.content.decode()
    assert client.post(address, fields | {"credibility": "7"}).status_code == 422
    shown = client.get(reverse("assess", args=[case["incident"]])).content.decode()
    assert "possibly true" in shown
    assert "usually reliable" in shown


def test_an_account_is_judged_beside_an_incident_and_anew(as_officer, case, officers):
    as_officer("author")
    review.record_directly(
        incident=case["incident"],
        conclusion=conclusion(),
        on_version=0,
        by=officers["author"],
        at=factories.at(70),
    )
    row = account("Outlet Three", 71, summary=f"three shot {HOSTILE}")
    client, address = as_officer("author"), reverse("candidate", args=[row.thing])
    assert row.thing in client.get(reverse("candidates")).content.decode()
    text = client.get(address).content.decode()
    assert case["incident"] in text
    assert "the day is the same" in text
    assert "<script>alert" not in text
    fields = {"deed": "judge", "incident": case["incident"], "reason": "the same day and place"}
    assert client.post(address, fields | {"verdict": "perhaps"}).status_code == 422
    client.post(address, fields | {"verdict": "same"})
    assert row.thing not in client.get(reverse("candidates")).content.decode()
    client.post(address, fields | {"verdict": "different", "reason": "no: another road"})
    assert [each.verdict for each in Judgement.objects.filter(left=row.thing).order_by("version")] == [
        "same",
        "different",
    ]
    assert row.thing in client.get(reverse("candidates")).content.decode()
    client.post(address, {"deed": "open", "title": "Another road", "reason": "none fits"})
    assert Incident.objects.filter(title="Another road").count() == 1
    assert Judgement.objects.as_of(None).filter(left=row.thing, verdict="same").count() == 1


def test_home_shows_what_changed_until_it_is_seen(as_officer, case):
    client = as_officer("author")
    record = reverse("assess", args=[case["incident"]])
    client.post(record, sent(client.get(record), deed="record", reasons="two outlets"))
    text = client.get("/").content.decode()
    assert "Captives shot beside a road" in text
    assert "Victims of A" in text
    (size,) = re.findall(r'name="size" value="(\d+)"', text)
    client.post(reverse("seen"), {"size": size})
    assert Visit.objects.get().size == int(size)
    assert "Nothing was recorded since" in client.get("/").content.decode()
    for nonsense in ("", "-1", "many", "9" * 40):
        assert client.post(reverse("seen"), {"size": nonsense}).status_code == 400


def test_whoever_may_not_read_has_their_plain_page(as_officer, officers):
    assert as_officer("technician").get("/").status_code == 302
    officers["technician"].roles = []
    officers["technician"].save()
    assert "no role" in as_officer("technician").get("/").content.decode()


@pytest.mark.parametrize("officer", ["author", "reviewer", "monitor", "head", "keeper", "technician"])
def test_the_inbox_holds_the_queues_of_ones_roles(as_officer, case, officer):
    text = as_officer(officer).get(reverse("inbox")).content.decode()
    assert ("Accounts to judge</a> <span" in text) == (officer in {"author", "reviewer"})
    assert ("Incidents without a finding" in text) == (officer == "author")
    assert ("Findings to review" in text) == (officer == "reviewer")
    assert ("Consents to check" in text) == (officer in {"author", "monitor", "keeper"})
    assert ("Openings to agree to" in text) == (officer in {"head", "keeper"})


@pytest.mark.parametrize(
    "address",
    [
        "/proposals/?which=nonsense",
        "/proposals/?page=99999",
        "/candidates/?page=2",
        "/inbox/unassessed/?page=7",
        "/inbox/calls/",
        "/inbox/consents/",
    ],
)
def test_nonsense_in_an_address_gives_a_page(as_officer, case, address):
    assert as_officer("author").get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/proposals/PRP-0/",
        "/proposals/PRP-0/mend/",
        "/candidates/ACC-0/",
        "/incidents/INC-0/assess/",
        "/accounts/ACC-0/grade/",
    ],
)
def test_what_is_not_there_is_said(as_officer, case, address):
    answer = as_officer("both").get(address)
    assert answer.status_code == 404
    assert "compare the id" in answer.content.decode()


def test_pages_ask_the_database_a_bounded_number_of_times(
    as_officer, case, officers, django_assert_max_num_queries
):
    for minute in range(80, 100):
        account(f"Outlet {minute}", minute)
    client = as_officer("both")
    for address in ("/", "/inbox/", "/candidates/", "/proposals/", f"/incidents/{case['incident']}/assess/"):
        client.get(address)
        with django_assert_max_num_queries(60):
            assert client.get(address).status_code == 200


def test_a_large_register_counts_its_figures_apart_from_the_page(as_officer, case, officers, monkeypatch):
    review.record_directly(
        incident=case["incident"],
        conclusion=conclusion(),
        on_version=0,
        by=officers["author"],
        at=factories.at(40),
    )
    monkeypatch.setattr("lieber_mission.queries.remembered.MANY", 0)
    monkeypatch.setattr("lieber_mission.queries.remembered._KNOWN", [])
    client = as_officer("author")
    first = client.get("/").content.decode()
    assert "Victims of A" not in first
    assert reverse("home-figures") in first
    part = client.get(reverse("home-figures"), headers={"HX-Request": "true"}).content.decode()
    assert "Victims of A" in part
    assert "<html" not in part
    assert "<html" in client.get(reverse("home-figures")).content.decode()
    assert "Victims of A" in client.get("/").content.decode()
