"""The pages of incidents: state in the address, files of what is shown, deeds that lose nothing typed."""

import csv
import io
import json

import pytest
from django.urls import reverse

from factories import incident
from lieber_mission.actions.record import record
from lieber_mission.models import Account, Comment, Entry, Incident, Judgement, Overview
from lieber_mission.queries.link import merges

pytestmark = pytest.mark.django_db
SCRIPT = '<script>alert("x")</script>'


def body(response):
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode()


@pytest.fixture
def analyst(officers, client):
    client.force_login(officers["analyst"])
    return client


@pytest.fixture
def vuhledar(example):
    return Incident.objects.get(title="Five captives shot near Vuhledar").thing


def test_the_state_is_in_the_address_and_comes_back(analyst):
    asked = "party=UA&tier=credible&region=Donetsk&sort=-killed&columns=tier,killed&view=cards"
    text = body(analyst.get(f"/incidents/?{asked}"))
    assert 'value="credible" selected' in text
    assert "sort=-killed" in text
    assert "columns=tier%2Ckilled" in text
    assert "<dt>Killed: min / best / max</dt>" in text
    assert "<dt>Accounts</dt>" not in text


def test_the_view_is_remembered_until_another_is_chosen(analyst):
    analyst.get("/incidents/?view=cards")
    assert '<ul class="cards">' in body(analyst.get("/incidents/"))
    analyst.get("/incidents/?view=table")
    assert '<ul class="cards">' not in body(analyst.get("/incidents/"))


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("sort=password&columns=moon&view=hologram&contested=perhaps&merged=x&finding=%00", 400),
        ("sort=password&columns=moon&view=hologram&contested=perhaps&merged=x", 200),
        ("accounts=-1", 400),
        ("accounts=²", 400),
        ("since=2025-02-01&until=2024-01-01", 400),
        ("since=2025-02-30", 400),
        ("columns=" + "x," * 5_000, 200),
    ],
)
def test_nonsense_in_the_address_is_left_out_or_gets_a_sentence(analyst, query, status):
    assert analyst.get(f"/incidents/?{query}").status_code == status


@pytest.mark.parametrize("frame", ["1,2", "a,b,c,d,e", "1,2,3,4,inf", "nan,nan,nan,nan,1", "0,0,1,1,1e9"])
def test_a_frame_that_is_none_gets_a_sentence(analyst, frame):
    assert analyst.get(f"/incidents/points.geojson?frame={frame}").status_code in {200, 400}


def test_the_map_lists_what_it_cannot_show(analyst):
    text = body(analyst.get("/incidents/?view=map"))
    unlocated = Overview.objects.filter(until__isnull=True, latitude__isnull=True).count()
    assert f"{unlocated} incidents without a point" in text
    shown = json.loads(body(analyst.get("/incidents/points.geojson")))
    assert len(shown["features"]) == 48 - unlocated
    few = json.loads(body(analyst.get("/incidents/points.geojson?party=RU")))
    assert 0 < len(few["features"]) < len(shown["features"])


@pytest.mark.parametrize("form", ["csv", "json", "geojson"])
def test_a_file_holds_what_is_shown(analyst, form):
    asked = "party=RU&sort=title&columns=tier,killed&as_of=2025-02-03"
    response = analyst.get(f"/incidents/export/{form}/?{asked}")
    assert response["Content-Disposition"] == f'attachment; filename="incidents.{form}"'
    text = body(response)
    shown = body(analyst.get(f"/incidents/?{asked}&view=table"))
    if form == "csv":
        first, *rest = text.splitlines()
        assert "filter: party=RU" in first
        assert "known as of 2025-02-03T" in first
        assert "convenience sample" in first
        rows = list(csv.DictReader(io.StringIO("\r\n".join(rest))))
        assert list(rows[0]) == [
            "thing",
            "title",
            "merged_into",
            "tier",
            "contested",
            "killed_min",
            "killed_best",
            "killed_max",
        ]
        things = [row["thing"] for row in rows]
    else:
        read = json.loads(text)
        assert read["about"]["filter"] == {"party": "RU"}
        assert 0 < read["about"]["log_size"] < Entry.objects.count()
        rows = read["incidents"] if form == "json" else [each["properties"] for each in read["features"]]
        things = [row["thing"] for row in rows]
        assert "latitude" not in rows[0]
    assert things
    places = [shown.index(f'value="{thing}"') for thing in things]
    assert places == sorted(places)


def test_an_incident_without_a_point_is_in_the_geojson_too(analyst):
    read = json.loads(body(analyst.get("/incidents/export/geojson/?columns=point")))
    assert len(read["features"]) == 48
    assert any(each["geometry"] is None for each in read["features"])


def test_formulas_and_scripts_in_titles_do_no_harm(analyst):
    from datetime import UTC, datetime

    for title in ("=1+1", "\tcmd", SCRIPT, "\u202eshot"):
        record([incident(title)], by="OFF-A", at=datetime.now(UTC))
    text = body(analyst.get("/incidents/export/csv/"))
    assert "'=1+1" in text
    assert "\n=1+1" not in text
    assert "\u202e" not in text
    page = body(analyst.get("/incidents/"))
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    thing = Incident.objects.get(title=SCRIPT).thing
    analyst.post(f"/incidents/{thing}/", {"deed": "comment", "body": SCRIPT})
    assert SCRIPT not in body(analyst.get(f"/incidents/{thing}/"))


def test_a_view_is_kept_shared_and_let_go_by_its_owner_alone(analyst, officers, client):
    analyst.post("/incidents/?party=RU", {"deed": "keep", "name": "The other side", "shared": "yes"})
    kept = body(analyst.get("/incidents/"))
    assert "The other side" in kept
    view = kept.split('value="let-go-')[1].split('"')[0]
    client.force_login(officers["monitor"])
    theirs = body(client.get("/incidents/"))
    assert "The other side" in theirs
    assert "let-go-" not in theirs
    client.post("/incidents/", {"deed": f"let-go-{view}"})
    assert "The other side" in body(client.get("/incidents/"))


def test_one_comment_on_several_and_what_is_refused_comes_back_as_it_was_typed(analyst):
    things = list(Overview.objects.filter(until__isnull=True).values_list("incident", flat=True)[:3])
    sent = {"deed": "comment", "incident": things, "body": "compare the days", "once": "one-form"}
    for _ in range(2):
        assert analyst.post("/incidents/?party=UA", sent).status_code == 302
    assert Comment.objects.count() == 3
    refused = analyst.post("/incidents/", sent | {"body": "@nobody-here compare"})
    assert refused.status_code == 400
    text = body(refused)
    assert "No officer has the handle" in text
    assert "@nobody-here compare</textarea>" in text
    assert text.count(" checked>") >= 3


def test_the_accounts_stand_side_by_side_and_contradictions_have_words(analyst, vuhledar):
    text = body(analyst.get(f"/incidents/{vuhledar}/"))
    assert "8 accounts" in text
    assert text.count('data-source="1. ') >= 5
    contradicting = 0
    for thing in Overview.objects.filter(until__isnull=True, accounts__gt=2).values_list(
        "incident", flat=True
    ):
        page = body(analyst.get(f"/incidents/{thing}/"))
        contradicting += "Accounts contradict each other on:" in page
        assert ("contradicts " in page) == ("Accounts contradict each other on:" in page)
    assert contradicting


def test_words_of_items_stay_covered(analyst, vuhledar):
    text = body(analyst.get(f"/incidents/{vuhledar}/"))
    assert text.count('<details class="covered">') == 8
    assert '<details class="covered" open' not in text


def test_two_officers_make_two_incidents_one_on_the_pages(analyst, officers, client):
    things = list(
        Overview.objects.filter(until__isnull=True, victim_party="UA", tier=1)
        .order_by("incident")
        .values_list("incident", flat=True)[:2]
    )
    first, second = things
    preview = body(analyst.get(f"/incidents/{first}/beside/?other={second}&verdict=same"))
    assert "would lead to" in preview
    asked = analyst.post(
        f"/incidents/{first}/beside/", {"other": second, "verdict": "same", "reason": "one telling"}
    )
    assert asked.status_code == 302
    judgement = Judgement.objects.as_of(None).exclude(asks="").get().thing
    own = body(analyst.get(f"/incidents/{first}/"))
    assert "Withdraw" in own
    assert "Agree: they are one" not in own
    client.force_login(officers["reviewer-one"])
    assert "Agree: they are one" in body(client.get(f"/incidents/{second}/"))
    client.post(f"/incidents/{second}/", {"deed": "agree", "judgement": judgement})
    (gone, leader), *_ = merges(None).items()
    led = client.get(f"/incidents/{gone}/")
    assert (led.status_code, led["Location"]) == (302, f"/incidents/{leader}/")
    assert client.get(f"/incidents/{gone}/?as_of=2025-02-03").status_code in {200, 404}
    assert "Split: see what would change" in body(client.get(f"/incidents/{leader}/"))


def test_a_reason_that_is_missing_is_asked_for_and_the_rest_stays(analyst, vuhledar):
    account = Judgement.objects.filter(right=vuhledar, of_incidents=False).first().left
    refused = analyst.post(
        f"/incidents/{vuhledar}/",
        {"deed": "out", "account": account, "leaves": "different", "into": "", "reason": ""},
    )
    assert refused.status_code == 400
    text = body(refused)
    assert "needs its reason" in text
    assert f'value="{account}" selected' in text
    done = analyst.post(
        f"/incidents/{vuhledar}/",
        {"deed": "out", "account": account, "leaves": "different", "reason": "another day"},
    )
    assert done.status_code == 302
    assert "7 accounts" in body(analyst.get(f"/incidents/{vuhledar}/"))


def test_a_monitor_sees_no_form_to_judge_and_is_refused(officers, client, vuhledar):
    client.force_login(officers["monitor"])
    assert "Judge: an account in or out" not in body(client.get(f"/incidents/{vuhledar}/"))
    account = Account.objects.first().thing
    sent = {"deed": "in", "account": account, "reason": "so"}
    refused = client.post(f"/incidents/{vuhledar}/", sent)
    assert refused.status_code == 400
    assert "the role" in body(refused)


def test_an_incident_is_few_queries_whatever_its_accounts(analyst, vuhledar, django_assert_max_num_queries):
    analyst.get(f"/incidents/{vuhledar}/")
    with django_assert_max_num_queries(40):
        analyst.get(f"/incidents/{vuhledar}/")


def test_an_unknown_export_is_not_found(analyst):
    assert analyst.get(reverse("incidents-export", args=["exe"])).status_code == 404
