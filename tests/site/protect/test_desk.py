"""The desk of protection under attack: keys left open, passphrases guessed, what a browser keeps."""

import base64
import re
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client

from lieber_mission.actions import officers as deeds
from lieber_mission.actions.protect import openings, persons
from lieber_mission.models import Reading
from lieber_mission.queries.protect import person, vault
from lieber_mission.web.protect.views import COOKIE
from lieber_vault import Locked, unlocked
from vault_circle import PASSPHRASE, later, officer

pytestmark = pytest.mark.django_db
NAME = "Canary Nightingale"
PASSWORD = "a long enough password"


@pytest.fixture(autouse=True)
def no_attempts_yet(circle):
    """Attempts of other tests are none of this one's; they lie in the database's own table."""
    cache.clear()


def browser(handle):
    """A browser in which the officer logged in and said anew who they are."""
    client = Client()
    assert client.post("/log-in/", {"login": handle, "password": PASSWORD}).status_code == 302
    assert client.post("/own/confirm/", {"password": PASSWORD}).status_code == 302
    return client


def unlock(client, passphrase=PASSPHRASE):
    return client.post("/protect/key/", {"step": "unlock", "passphrase": passphrase})


def opened_key(client):
    """What the officer's browser and its session hold of an unlocked key."""
    token = base64.urlsafe_b64decode(client.cookies[COOKIE].value)
    return openings.Key(client.session.session_key, token)


def is_open(key):
    with vault() as held:
        try:
            unlocked.use(
                held,
                session=key.session,
                officer=officer("protection-officer").officer_id,
                token=key.token,
                at=datetime.now(UTC),
            )
        except Locked:
            return False
    return True


@pytest.fixture
def agreed_opening(circle):
    """An opening of one identity, asked for by one protection officer and agreed to by the other."""
    thing = persons.open_person(
        compartment=circle.compartment,
        subject="source",
        identity={"legal_name": NAME},
        by=officer("monitor"),
        at=later(),
    )
    (sealed,) = person(thing, viewer=officer("protection-officer")).sealed
    opening = openings.ask(
        sealed=sealed.sealed,
        purpose="call the witness back safely",
        by=officer("protection-officer"),
        at=later(),
    )
    openings.agree(opening=opening, by=officer("protection-two"), at=later())
    return opening


# -- keys left open -----------------------------------------------------------------------------------


def test_logging_out_locks_the_key(circle):
    client = browser("protection-officer")
    unlock(client)
    key = opened_key(client)
    assert is_open(key)
    del client.cookies[COOKIE]  # its path is the desk's: a browser does not send it to this address
    client.post("/log-out/")
    assert not is_open(key)


def test_letting_an_officer_go_locks_their_key(circle):
    client = browser("protection-officer")
    unlock(client)
    key = opened_key(client)
    deeds.appoint(
        officer_id=officer("protection-officer").officer_id,
        roles=[],
        active=False,
        reason="contract over",
        by=officer("administrator"),
        at=later(),
    )
    assert not is_open(key)


def test_a_key_is_no_use_in_another_session_of_the_same_officer(agreed_opening):
    first, other = browser("protection-officer"), browser("protection-officer")
    unlock(first)
    other.cookies[COOKIE] = first.cookies[COOKIE].value
    answer = other.post(f"/protect/openings/{agreed_opening}/", {"step": "open"})
    assert answer.status_code == 422
    assert NAME not in answer.content.decode()


def test_a_key_is_no_use_after_the_password_was_changed(agreed_opening):
    client = browser("protection-officer")
    unlock(client)
    changed = {"oldpassword": PASSWORD, "password1": "violet harbour ladder 7"}
    answer = client.post("/own/password/", changed | {"password2": "violet harbour ladder 7"})
    assert answer.status_code == 302
    answer = client.post(f"/protect/openings/{agreed_opening}/", {"step": "open"})
    assert NAME not in answer.content.decode()
    assert "Your key is locked" in client.get("/protect/key/").content.decode()


def test_a_page_does_not_call_a_key_open_that_another_session_opened(circle):
    client = browser("protection-officer")
    unlock(client)
    assert "Your key is open" in client.get("/protect/key/").content.decode()
    kept = client.cookies[COOKIE].value
    client.post("/log-out/")
    again = browser("protection-officer")
    again.cookies[COOKIE] = kept
    assert "Your key is locked" in again.get("/protect/key/").content.decode()


# -- passphrases guessed ------------------------------------------------------------------------------


def test_passphrases_are_not_guessed(circle):
    client = browser("protection-officer")
    for number in range(5):
        assert "passphrase" in unlock(client, f"wrong passphrase {number}").content.decode()
    refused = unlock(client)
    assert refused.status_code == 422
    assert "Too many wrong passphrases" in refused.content.decode()
    elsewhere = unlock(browser("protection-officer"))
    assert (elsewhere.status_code, COOKIE in elsewhere.cookies) == (422, False)
    other = Client()
    other.force_login(officer("protection-two"))
    assert unlock(other).status_code == 302


def test_a_right_passphrase_forgets_the_wrong_ones(circle):
    client = browser("protection-officer")
    for _ in range(3):
        for number in range(4):
            unlock(client, f"wrong passphrase {number}")
        assert unlock(client).status_code == 302


# -- what a browser keeps -----------------------------------------------------------------------------


def test_what_is_opened_is_shown_once_and_kept_by_no_browser(agreed_opening):
    client = browser("protection-officer")
    unlock(client)
    address = f"/protect/openings/{agreed_opening}/"
    shown = client.post(address, {"step": "open"})
    assert NAME in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert shown["Referrer-Policy"] == "same-origin"
    again = client.get(address)
    assert NAME not in again.content.decode()
    client.post("/log-out/")
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("address", ["/protect/openings/", "/protect/openings/{}/"])
def test_whoever_reads_of_a_deed_of_two_is_noted(agreed_opening, address):
    client = Client()
    client.force_login(officer("protection-two"))
    assert client.get(address.format(agreed_opening)).status_code == 200
    read = Reading.objects.get(what=agreed_opening)
    assert (read.deed, read.recorded_by) == ("read", officer("protection-two").officer_id)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/protect/",
        "/protect/new/",
        "/protect/openings/",
        "/protect/key/",
        "/protect/form/",
        "/protect/persons/PSN-0000000000-00/",
        "/readings/",
        "/compartments/",
        "/own/factor/",
        "/own/sessions/",
        "/figures/months.svg",
        "/log-in/",
        "/no/such/page/",
    ],
)
def test_no_browser_keeps_a_page(circle, address):
    assert "no-store" in browser("protection-officer").get(address)["Cache-Control"]


def test_what_a_deed_brought_about_does_not_lie_in_a_cookie(circle):
    thing = persons.open_person(
        compartment=circle.compartment, subject="source", identity={}, by=officer("monitor"), at=later()
    )
    client = browser("monitor")
    page = client.get(f"/protect/persons/{thing}/").content.decode()
    assert re.search(r'value="risk"', page)
    typed = {"deed_wanted": "risk", "decision": "proceed", "reasons": "low"}
    assert client.post(f"/protect/persons/{thing}/", typed).status_code == 302
    assert set(client.cookies) <= {"sessionid", "csrftoken"}
    assert "is recorded" in client.get(f"/protect/persons/{thing}/").content.decode()
