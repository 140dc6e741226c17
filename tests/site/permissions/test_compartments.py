"""Need to know: what lies in a compartment is absent for everybody who is not its member."""

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lieber.assess import shipped_methodology
from lieber.base import Window
from lieber.link import Verdict
from lieber_mission.actions.example import COLLECTION
from lieber_mission.actions.example import _table as example_table
from lieber_mission.actions.imports import take_rows
from lieber_mission.actions.imports.material import Taking
from lieber_mission.actions.link import record_judgement
from lieber_mission.actions.officers import open_compartment, set_member
from lieber_mission.actions.record import record
from lieber_mission.models import (
    Account,
    Entry,
    Finding,
    FollowUp,
    Incident,
    Item,
    Officer,
    PublicStatement,
    Reading,
    Source,
    Tally,
)
from lieber_mission.policies.officers import OfficerRefused
from lieber_mission.policies.permissions import NotAllowed
from lieber_mission.queries import log
from lieber_mission.queries.holdings import holdings
from lieber_mission.queries.incidents import incident_detail
from lieber_mission.queries.link import incident_of
from lieber_mission.queries.origins import example_authorities
from lieber_mission.queries.tallies import tallies_beside

pytestmark = pytest.mark.django_db
CANARIES = ("hidden.example", "canary-summary", "canary-place", "canary-outlet", "48.123456", "37.654321")
START = ("/", "/figures/?all=1", "/incidents/", "/accounts/", "/items/", "/statements/", "/tallies/", "/log/")


def officer(handle):
    return Officer.objects.get(handle=handle)


def later(minutes=0):
    last: datetime = Entry.objects.latest("index").recorded_at
    return last + timedelta(minutes=minutes + 1)


@pytest.fixture
def closed(example):
    """A source, an item and its account in a compartment whose one member is the monitor."""
    compartment = open_compartment(
        name="circle", description="", second_officer=True, by=officer("protection-officer"), at=later()
    )
    set_member(
        compartment=compartment,
        officer_id=officer("monitor").officer_id,
        member=True,
        reason="interviewed",
        by=officer("protection-officer"),
        at=later(),
    )
    source = Source(source_kind="media_outlet", name="Outlet", reliability="F")
    item = Item(source="", item_kind="interview", address="https://hidden.example/x", compartment=compartment)
    account = Account(
        item="",
        summary="canary-summary",
        place_name="canary-place",
        latitude=48.123456,
        longitude=37.654321,
        victim_party="UA",
        compartment=compartment,
    )
    record([source], by="OFF-M", at=later())
    item.source = source.thing
    record([item], by="OFF-M", at=later())
    account.item = item.thing
    record([account], by="OFF-M", at=later())
    incident = Incident.objects.order_by("entry").last().thing
    record_judgement(
        left=account.thing,
        right=incident,
        verdict=Verdict.SAME,
        reason="compared",
        by=officer("analyst"),
        at=later(),
    )
    return {"item": item, "account": account, "incident": incident, "compartment": compartment}


def without_token(response):
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


class Links(HTMLParser):
    """The addresses of a page's links."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name == "href" and tag == "a" and value]


def crawl(handle, *, at_most=120):
    """Every page that an officer reaches from the desks, as one text."""
    client = Client()
    client.force_login(officer(handle))
    waiting, text = list(START), []
    seen: set[str] = set()
    while waiting and len(seen) < at_most:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        response = client.get(address)
        content = b"".join(response) if response.streaming else response.content
        text.append(content.decode("utf-8", "replace"))
        if response.status_code == 302:
            waiting.append(response["Location"])
        links = Links()
        links.feed(text[-1])
        found = [link for link in links.found if link.startswith("/") and not link.startswith("/static")]
        waiting += [link for link in found if not re.match(r"/(own|officers)/", link)]
    return "\n".join(text)


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.parametrize(
    "handle",
    [
        "analyst",
        "reviewer-one",
        "legal-officer",
        "protection-officer",
        "data-officer",
        "head-of-mission",
        "administrator",
    ],
)
def test_a_crawl_finds_nothing_of_anothers_compartment(closed, handle):
    text = crawl(handle)
    names = (*CANARIES, closed["item"].thing, closed["account"].thing)
    assert not [name for name in names if name in text]
    assert not Reading.objects.exists()


def addresses(closed):
    return [
        reverse("item", args=[closed["item"].thing]),
        reverse("account", args=[closed["account"].thing]),
        reverse("incident", args=[closed["incident"]]),
        reverse("entry", args=[closed["account"].entry]),
        "/items/?text=hidden.example",
        "/accounts/?text=canary-summary",
        f"/log/?entry={closed['account'].thing}",
    ]


def test_what_is_hidden_answers_as_what_is_not_there(closed, client):
    client.force_login(officer("analyst"))
    for name in ("item", "account"):
        hidden = client.get(reverse(name, args=[closed[name].thing]))
        nothing = f"{closed[name].thing[:4]}0000000000-00"
        absent = client.get(reverse(name, args=[nothing]))
        assert hidden.status_code == absent.status_code == 404
        # each page names the id that was asked for, and differs in nothing else
        assert without_token(hidden).replace(closed[name].thing, nothing) == without_token(absent)
    entry = client.get(reverse("entry", args=[closed["account"].entry])).content.decode()
    assert "lies in a compartment of which you are no member" in entry
    assert closed["account"].thing not in entry
    assert log.head().root.hex() in entry
    assert client.get(f"/log/?entry={closed['account'].thing}").status_code == 400


def test_what_is_hidden_takes_the_same_steps_as_what_is_not_there(closed, client):
    """The time of an answer tells nothing: the same queries are asked, in the same order."""
    client.force_login(officer("analyst"))
    client.get("/items/")  # the first page of a session is written down
    for name in ("item", "account"):
        asked = []
        for thing in (closed[name].thing, f"{closed[name].thing[:4]}0000000000-00"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(name, args=[thing])).status_code == 404
            asked.append([query["sql"].replace(thing, "…") for query in queries])
        assert [len(sql) for sql in asked[0]] == [len(sql) for sql in asked[1]]


def test_a_member_reads_and_each_reading_is_noted(closed, client):
    client.force_login(officer("monitor"))
    for number, address in enumerate(addresses(closed)[:3], start=1):
        assert "canary-summary" in client.get(address).content.decode() or number == 1
    read = set(Reading.objects.values_list("what", "recorded_by"))
    assert read == {(closed[name].thing, officer("monitor").officer_id) for name in ("item", "account")}
    assert "1 in all" in client.get("/accounts/?text=canary-summary").content.decode()


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("statement", "/statements/?text=canary"),
        ("statement", "/statements/{}/"),
        ("statement", "/statements/file.csv?text=canary"),
        ("statement", "/find/?q=canary"),
        ("tally", "/tallies/?authority=canary"),
        ("tally", "/tallies/{}/"),
        ("tally", "/tallies/file.csv?authority=canary"),
        ("tally", "/find/?q=canary"),
        ("follow-up", "/follow-up/?text=canary"),
        ("follow-up", "/follow-up/{}/"),
        ("follow-up", "/follow-up/file.csv?text=canary"),
        ("follow-up", "/find/?q=canary"),
    ],
)
def test_what_rests_on_a_closed_item_is_noted_once_a_day_wherever_it_is_shown(closed, client, kind, address):
    item = closed["item"].thing
    row = {
        "statement": PublicStatement(item=item, summary="canary-words", speaker_office="canary-office"),
        "tally": Tally(item=item, authority="canary-body", value=3, unit="victims", bound="exact"),
        "follow-up": FollowUp(
            item=item, subject="canary-subject", follow_up_kind="referral", about=closed["incident"]
        ),
    }[kind]
    record([row], by="OFF-M", at=later())
    noted = Reading.objects.filter(what=row.thing, compartment=closed["compartment"])

    def content() -> str:
        response = client.get(address.format(row.thing))
        shown = b"".join(response) if response.streaming else response.content
        return "" if response.status_code == 404 else shown.decode()

    client.force_login(officer("analyst"))
    assert row.thing not in content()
    assert not noted.exists()
    client.force_login(officer("monitor"))
    for _ in range(2):
        assert row.thing in content()
        assert noted.count() == 1


def test_what_is_closed_today_is_not_found_in_yesterday(example, client):
    account = Account.objects.as_of(None).order_by("entry").first()
    compartment = open_compartment(
        name="circle", description="", second_officer=True, by=officer("protection-officer"), at=later()
    )
    columns = (field.attname for field in Account._meta.concrete_fields)
    values = {name: getattr(account, name) for name in columns if name not in {"row_id", "entry"}}
    row = Account(**values | {"version": account.version + 1, "compartment": compartment})
    record([row], by="OFF-M", at=later())
    client.force_login(officer("analyst"))
    assert client.get(f"/accounts/{account.thing}/?as_of=2025-02-03").status_code == 404


def test_nobody_lets_themselves_in_and_an_administrator_lets_nobody_in(closed):
    deed = {"compartment": closed["compartment"], "member": True, "reason": "curious", "at": later()}
    protection = officer("protection-officer")
    with pytest.raises(OfficerRefused, match="their own"):
        set_member(officer_id=protection.officer_id, by=protection, **deed)
    with pytest.raises(NotAllowed, match="manage compartments"):
        set_member(officer_id=protection.officer_id, by=officer("administrator"), **deed)


def test_whoever_is_let_out_knows_nothing_from_the_next_request_on(closed, client):
    client.force_login(officer("monitor"))
    address = reverse("account", args=[closed["account"].thing])
    assert client.get(address).status_code == 200
    set_member(
        compartment=closed["compartment"],
        officer_id=officer("monitor").officer_id,
        member=False,
        reason="moved to another team",
        by=officer("protection-officer"),
        at=later(),
    )
    assert client.get(address).status_code == 404


# -- what stands in a hidden item ---------------------------------------------------------------------


def next_version(row, **changes):
    """The row's next version, recorded."""
    columns = (field.attname for field in type(row)._meta.concrete_fields)
    values = {name: getattr(row, name) for name in columns if name not in {"row_id", "entry"}}
    later_row = type(row)(**values | {"version": row.version + 1} | changes)
    record([later_row], by="OFF-M", at=later())
    return later_row


@pytest.fixture
def closed_afterwards(closed):
    """An item of the register, with what stands in it, that was put into the compartment later."""
    tally, statement = Tally.objects.as_of(None).first(), PublicStatement.objects.as_of(None).first()
    account = Account.objects.as_of(None).filter(compartment="").order_by("entry").first()
    things = {"tally": tally, "statement": statement, "account": account}
    for row in things.values():
        next_version(Item.objects.as_of(None).get(thing=row.item), compartment=closed["compartment"])
    return things


@pytest.mark.parametrize("name", ["tally", "statement", "account"])
@pytest.mark.parametrize("as_of", ["", "?as_of=2025-02-03"])
def test_what_stands_in_a_hidden_item_is_absent_with_it(closed_afterwards, client, name, as_of):
    row = closed_afterwards[name]
    client.force_login(officer("analyst"))
    hidden = client.get(reverse(name, args=[row.thing]) + as_of)
    other = f"{row.thing[:4]}0000000000-00"
    absent = client.get(reverse(name, args=[other]) + as_of)
    assert hidden.status_code == absent.status_code == 404
    assert without_token(hidden).replace(row.thing, other) == without_token(absent)
    assert row.thing not in client.get(reverse("entry", args=[row.entry])).content.decode()
    assert client.get(f"/log/?entry={row.thing}").status_code == 400


def test_what_stands_in_a_hidden_item_is_in_no_list_and_no_count(closed_afterwards, client):
    client.force_login(officer("monitor"))
    totals = {}
    for handle in ("monitor", "analyst"):
        client.force_login(officer(handle))
        for address in ("/tallies/", "/statements/", "/accounts/", "/items/"):
            found = re.search(r"(\d+) in all", client.get(address).content.decode())
            totals[handle, address] = int(found[1]) if found else 0
    for address in ("/tallies/", "/statements/", "/accounts/", "/items/"):
        assert totals["analyst", address] < totals["monitor", address], address


def test_what_is_closed_afterwards_is_not_counted_by_a_command(closed):
    counted = holdings()["item"]
    item = Item.objects.as_of(None).filter(compartment="").order_by("entry").first()
    next_version(item, compartment=closed["compartment"])
    assert holdings()["item"] == counted - 1


def test_a_tally_of_a_hidden_item_stands_beside_no_figure(closed_afterwards):
    tally = closed_afterwards["tally"]
    begins = tally.period_start_earliest
    for handle, seen in (("monitor", True), ("analyst", False)):
        lines = tallies_beside(Window(begins, None), viewer=officer(handle), position=None)
        assert (tally.thing in {thing for line in lines for thing in line.things}) is seen


def test_an_incident_shows_no_account_whose_item_is_hidden(closed_afterwards, client):
    account = closed_afterwards["account"]
    incident = incident_of([account.thing], None)[account.thing]
    address = Item.objects.as_of(None).get(thing=account.item).address
    for handle, seen in (("monitor", True), ("analyst", False)):
        detail = incident_detail(incident, viewer=officer(handle), position=None)
        assert (account.thing in {line.thing for line in detail.accounts}) is seen
        assert (address in {line.address for line in detail.accounts}) is seen
    client.force_login(officer("monitor"))
    client.get(reverse("account", args=[account.thing]))
    assert Reading.objects.filter(what=account.thing, recorded_by=officer("monitor").officer_id).exists()


def test_a_merge_shows_nothing_of_a_hidden_account(closed, client):
    findings = {row.incident: row for row in Finding.objects.as_of(None)}
    party = findings[closed["incident"]].victim_party
    alike = [row for row in findings.values() if row.victim_party == party]
    leader = max((row for row in alike if row.incident != closed["incident"]), key=lambda row: row.tier)
    record_judgement(
        left=leader.incident,
        right=closed["incident"],
        verdict=Verdict.SAME,
        reason="one killing",
        by=officer("analyst"),
        at=later(),
        agreed_by=officer("reviewer-one"),
    )
    for handle, seen in (("monitor", True), ("analyst", False)):
        client.force_login(officer(handle))
        for incident in (leader.incident, closed["incident"]):
            page = client.get(reverse("incident", args=[incident]), follow=True).content.decode()
            assert (closed["account"].thing in page) is seen, (handle, incident)
            assert ("canary-summary" in page) is seen


# -- tables that speak of what is hidden --------------------------------------------------------------


@pytest.fixture
def taken_again(closed):
    """Take the example's report on a hidden page again, by a data officer who is a member of nothing."""

    def take(account, **changes):
        key = account.external_key.rpartition("/")[2]
        row = next(values for values in example_table("reports") if values["report_id"] == key)
        by = officer("data-officer")
        taking = Taking(by, later(), shipped_methodology(), example_authorities(), COLLECTION)
        return take_rows("reports", [{**row, **changes}], taking)

    return take


def test_a_table_is_not_told_the_id_of_a_hidden_account(closed, taken_again):
    account = Account.objects.as_of(None).filter(external_key__gt="").order_by("entry").first()
    incident = incident_of([account.thing], None)[account.thing]
    record_judgement(
        left=account.thing,
        right=incident,
        verdict=Verdict.DIFFERENT,
        reason="another day",
        by=officer("analyst"),
        at=later(),
    )
    assert account.thing in str(taken_again(account).notes)
    next_version(Item.objects.as_of(None).get(thing=account.item), compartment=closed["compartment"])
    assert "ACC-" not in str(taken_again(account).notes)


def test_a_table_changes_nothing_of_a_hidden_item(closed, taken_again):
    account = Account.objects.as_of(None).filter(external_key__gt="").order_by("entry").first()
    item = Item.objects.as_of(None).get(thing=account.item)
    taken_again(account, language="pl")
    assert Item.objects.as_of(None).get(thing=item.thing).language == "pl"
    next_version(Item.objects.as_of(None).get(thing=item.thing), compartment=closed["compartment"])
    taken_again(account, language="fr")
    kept = Item.objects.as_of(None).get(thing=item.thing)
    assert (kept.language, kept.compartment) == ("pl", closed["compartment"])
    assert Account.objects.as_of(None).get(thing=account.thing).compartment == closed["compartment"]
