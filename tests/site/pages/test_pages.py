"""The first site: what each page shows, to whom, and what it does with hostile addresses."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from lieber_mission.models import Account, Entry, Incident, Item, Officer, PublicStatement, Tally

pytestmark = pytest.mark.django_db

STORY = "victims=UA&tier=alleged&since=2024-08-31&until=2025-02-03"
LISTS = ("figures", "incidents", "accounts", "items", "statements", "tallies", "log")


@pytest.fixture
def analyst(example, client):
    client.force_login(Officer.objects.get(handle="analyst"))
    return client


def first(model):
    return model.objects.order_by("entry").values_list("thing", flat=True)[0]


def detail_addresses():
    return [
        reverse("incident", args=[first(Incident)]),
        reverse("account", args=[first(Account)]),
        reverse("item", args=[first(Item)]),
        reverse("statement", args=[first(PublicStatement)]),
        reverse("tally", args=[first(Tally)]),
        reverse("entry", args=[5]),
    ]


def every_address():
    return [*(reverse(name) for name in LISTS), reverse("month-chart"), *detail_addresses()]


class Outside(HTMLParser):
    """Notes inline styles and scripts, and what a browser would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append(f"{tag} {name}")
            if name in {"src", "href", "action", "srcset"} and re.match(r"(https?:)?//", value or ""):
                self.found.append(f"{tag} {name} {value}")
        if tag == "style" or (tag == "script" and not dict(attrs).get("src", "").startswith("/static/")):
            self.found.append(tag)


def test_every_page_answers_with_content_and_nothing_from_elsewhere(analyst):
    for address in every_address():
        response = analyst.get(address)
        assert response.status_code == 200, address
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert response["Cache-Control"] == "no-store"
        if response["Content-Type"].startswith("text/html"):
            outside = Outside()
            outside.feed(response.content.decode())
            assert outside.found == [], address


def test_whoever_has_not_logged_in_sees_nothing(example, client):
    for address in [*every_address(), "/nowhere/", "/incidents/INC-0/"]:
        response = client.get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith("/log-in/?next=")


def test_the_administrator_reads_no_content(example, client):
    client.force_login(Officer.objects.get(handle="administrator"))
    for address in every_address():
        response = client.get(address)
        on_log = address.startswith("/log/")
        assert response.status_code == (200 if on_log else 403), address
        if not on_log:
            assert "the role" in response.content.decode()
            assert "captive" not in response.content.decode().lower()


def test_logging_in_and_out(example, client):
    page = client.post("/log-in/", {"login": "analyst", "password": "wrong", "next": "/log/"})
    assert "not correct" in page.content.decode()
    entered = client.post("/log-in/", {"login": "ANALYST", "password": example, "next": "/log/"})
    assert (entered.status_code, entered["Location"]) == (302, "/log/")
    assert client.get("/log/").status_code == 200
    assert client.post("/log-out/").status_code == 302
    assert client.get("/log/").status_code == 302


def test_a_login_leads_to_no_other_site(example, client):
    entered = client.post(
        "/log-in/", {"login": "analyst", "password": example, "next": "https://elsewhere.example/"}
    )
    assert entered["Location"] == "/"


def test_the_figure_of_the_page_is_that_of_the_command(analyst):
    text = analyst.get(f"/figures/?{STORY}&as_of=2025-02-03").content.decode()
    assert "What was known on 2025-02-03" in text
    assert "convenience sample" in text
    assert "<b>60</b>" in text
    assert "at least 38, at most 67" in text
    assert "Sixteen captives lined up and shot" in text
    assert "HRMMU" in text


def test_the_chart_shows_each_party_by_the_same_rule(analyst):
    svg = analyst.get(f"/figures/months.svg?{STORY}").content.decode()
    assert svg.startswith("<svg")
    assert "victims of RU" in svg
    assert "victims of UA" in svg


def test_what_does_not_count_is_shown_on_request(analyst):
    short = analyst.get(f"/figures/?{STORY}").content.decode()
    long = analyst.get(f"/figures/?{STORY}&all=1").content.decode()
    assert "outside the window" not in short
    assert "lies outside the window" in long


def test_a_page_of_the_past_knows_nothing_of_later(analyst):
    last = Incident.objects.order_by("-entry").values_list("thing", flat=True)[0]
    assert analyst.get(f"/incidents/{last}/").status_code == 200
    assert analyst.get(f"/incidents/{last}/?as_of=2023-01-01").status_code == 404
    assert "0 incidents in all fit" in analyst.get("/incidents/?as_of=2022-01-01").content.decode()
    assert "nothing to count" in analyst.get("/figures/?as_of=2022-01-01").content.decode()


def test_unknown_things_are_not_found(analyst):
    for address in (
        "/incidents/INC-0/",
        "/items/x/",
        "/items/%00/",
        "/incidents/INC-%00/",
        "/protect/persons/%00/",
        "/accounts/x/",
        "/statements/x/",
        "/tallies/x/",
        "/log/999999/",
        "/log/99999999999999999999999/",
        "/nowhere/",
    ):
        assert analyst.get(address).status_code == 404, address


HOSTILE = (
    "page=0",
    "page=-1",
    "page=x",
    "page=99999999999999999999",
    "page=²",
    "as_of=yesterday",
    "as_of=2025-02-30",
    "as_of=%00",
    "text=%00",
    "text=" + "a" * 5_000,
    "text=' OR 1=1 --",
    "text=%25",
    "tier=confirmed",
    "tier=%27",
    "since=x",
    "since=2025-01-01&until=2024-01-01",
    "since=0001-01-01",
    "until=9999-12-31",
    "since=1900-01-01&until=2100-12-31",
    "victims=%3Cscript%3E",
    "by=moon",
    "party=%00",
    "entry=%00",
    "entry=%3Cb%3E",
    "kind=" + "x" * 300,
    "unit=%27",
    "authority=%C3%28",
)


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_addresses_get_a_sentence(analyst, query):
    for name in LISTS:
        response = analyst.get(f"{reverse(name)}?{query}")
        assert response.status_code in {200, 302, 400, 404}, (name, query)
        assert "<script>" not in response.content.decode()


def test_a_filter_finds(analyst):
    assert "Vuhledar" in analyst.get("/incidents/?text=vuhledar").content.decode()
    assert "1 incident in all fits" in analyst.get("/incidents/?text=vuhledar").content.decode()
    assert "48 incidents in all fit" in analyst.get("/incidents/").content.decode()
    assert "6 incidents in all fit" in analyst.get("/incidents/?party=RU").content.decode()
    assert analyst.get("/log/?entry=7")["Location"] == "/log/7/"
    thing = Entry.objects.get(index=7).thing
    assert analyst.get(f"/log/?entry={thing.lower()}").status_code == 302


@pytest.mark.parametrize("name", ["incidents", "accounts", "items", "statements", "tallies"])
def test_the_number_of_queries_does_not_grow_with_the_rows(analyst, name, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        assert analyst.get(reverse(name)).status_code == 200


def test_an_incident_page_opens_down_to_its_accounts(analyst):
    thing = Incident.objects.get(title="Five captives shot near Vuhledar").thing
    text = analyst.get(f"/incidents/{thing}/").content.decode()
    assert "8 accounts" in text
    assert "independent origins proposed: " in text
    assert "Every version stays" in text
