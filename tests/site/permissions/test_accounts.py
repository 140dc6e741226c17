"""Accounts under attack: invitations, second factors, sessions, leavers, forms from elsewhere."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lieber_mission import place
from lieber_mission.actions import officers as deeds
from lieber_mission.actions.checkpoint import verifier_key
from lieber_mission.models import Appointment, Invitation, Officer
from lieber_mission.policies.officers import OfficerRefused
from lieber_mission.policies.permissions import NotAllowed, Role
from lieber_mission.queries import officers
from lieber_mission.queries.check import check_register

pytestmark = pytest.mark.django_db
STRONG = "violet harbour ladder 7"


@pytest.fixture(autouse=True)
def no_attempts_yet(example):
    """Failed attempts of other tests are none of this one's; they lie in the database's own table."""
    cache.clear()


@pytest.fixture
def demanded(monkeypatch):
    """A register that demands a second factor, as every real one does. The folder is that of all tests."""
    monkeypatch.setattr(place, "mission", dict)


def officer(handle):
    return Officer.objects.get(handle=handle)


def log_in(client, handle, password):
    return client.post("/log-in/", {"login": handle, "password": password})


def confirmed(handle, password):
    """A browser in which the officer logged in and said anew who they are."""
    client = Client()
    assert log_in(client, handle, password).status_code == 302
    assert client.post("/own/confirm/", {"password": password}).status_code == 302
    return client


def code_of(secret, *, later=0):
    """One of the codes that are taken now: the earliest of the three, or a later one."""
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[later]))


def with_app(client, password):
    """Add an app as second factor; returns its secret."""
    client.post("/own/confirm/", {"password": password})
    page = client.get("/own/factor/app/").content.decode()
    secret = re.search(r'id="authenticator_secret"[^>]*value="(\w+)"|value="([A-Z2-7]{32})"', page)
    found = next(part for part in secret.groups() if part)
    assert client.post("/own/factor/app/", {"code": code_of(found)}).status_code == 302
    return found


# -- invitations ------------------------------------------------------------------------------------


def invited(example, **asked):
    client = confirmed("administrator", example)
    form = {"handle": "analyst-two", "title": "Analyst, team 2", "roles": ["analyst"]} | asked
    return client.post(reverse("officer-invite"), form)


def link_in(page):
    found = re.search(r"http://testserver(/join/[\w-]+/)", page)
    assert found
    return found[1]


def test_an_invitation_is_shown_once_works_once_and_sets_one_password(example):
    page = invited(example).content.decode()
    link = link_in(page)
    assert not Invitation.objects.filter(digest__contains=link[6:20]).exists()
    stranger = Client()
    weak = stranger.post(link, {"password": "password1234", "again": "password1234"})
    assert (weak.status_code, officer("analyst-two").has_usable_password()) == (422, False)
    unlike = stranger.post(link, {"password": STRONG, "again": STRONG + "8"})
    assert "not the same" in unlike.content.decode()
    smuggled = {
        "roles": ["administrator"],
        "officer_id": "OFF-X",
        "is_active": "",
        "own_compartments": ["CMP-1"],
    }
    assert stranger.post(link, {"password": STRONG, "again": STRONG} | smuggled).status_code == 302
    made = officer("analyst-two")
    assert (made.roles, made.compartments, made.is_active) == (["analyst"], [], True)
    assert stranger.get(link).status_code == 404
    assert stranger.post(link, {"password": STRONG, "again": STRONG}).status_code == 404
    assert log_in(stranger, "analyst-two", STRONG).status_code == 302


def test_an_open_link_is_in_no_log(example, caplog):
    link = link_in(invited(example).content.decode())
    answer = Client().post(link, {"password": "short", "again": "short"})
    assert (answer.status_code, Client().get(link).status_code) == (422, 200)
    assert link not in caplog.text


def test_an_old_link_is_over(example):
    page = invited(example).content.decode()
    link = link_in(page)
    Invitation.objects.update(expires_at=timezone.now())
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize("handle", ["Analyst", "ab cd", "x", "../etc", "a" * 41, "analyst"])
def test_a_handle_that_is_none_or_taken_is_refused(example, handle):
    page = invited(example, handle=handle)
    assert page.status_code == 422
    assert Officer.objects.count() == 9


def test_only_an_administrator_invites(example):
    with pytest.raises(NotAllowed, match="administrator"):
        deeds.invite(handle="xx", title="X", roles=[], by=officer("head-of-mission"), at=timezone.now())


def test_a_deed_on_accounts_asks_anew_who_is_there(example):
    client = Client()
    log_in(client, "administrator", example)
    form = {"handle": "analyst-two", "title": "Analyst", "roles": ["analyst"]}
    asked = client.post(reverse("officer-invite"), form)
    assert (asked.status_code, asked["Location"].partition("?")[0]) == (302, "/own/confirm/")
    assert not Officer.objects.filter(handle="analyst-two").exists()


# -- roles ------------------------------------------------------------------------------------------


def test_nobody_gives_themselves_roles(example):
    administrator = officer("administrator")
    with pytest.raises(OfficerRefused, match="their own"):
        deeds.appoint(
            officer_id=administrator.officer_id,
            roles=list(Role),
            active=True,
            reason="curious",
            by=administrator,
            at=timezone.now(),
        )


def test_a_role_taken_in_mid_session_is_gone_with_the_next_request(example, client):
    client.force_login(officer("analyst"))
    assert client.get("/incidents/").status_code == 200
    page = confirmed("administrator", example).post(
        reverse("officer", args=[officer("analyst").officer_id]),
        {"deed": "appoint", "roles": ["administrator"], "reason": "moved"},
    )
    assert page.status_code == 302
    assert client.get("/incidents/").status_code == 403
    assert Appointment.objects.filter(officer=officer("analyst").officer_id).count() == 2


def test_a_leavers_open_sessions_end_at_once(example):
    client = Client()
    log_in(client, "analyst", example)
    assert client.get("/incidents/").status_code == 200
    confirmed("administrator", example).post(
        reverse("officer", args=[officer("analyst").officer_id]),
        {"deed": "leave", "reason": "contract over"},
    )
    assert client.get("/incidents/").status_code == 302
    assert not UserSession.objects.filter(user=officer("analyst")).exists()
    again = Client()
    log_in(again, "analyst", example)
    assert again.get("/incidents/").status_code == 302


def test_roles_given_in_the_database_are_named_by_the_check(example):
    account = officer("monitor")
    account.roles = ["administrator"]
    account.save()
    found = check_register(key=verifier_key()).problems
    assert [(problem.code, problem.row) for problem in found] == [("L10", account.officer_id)]


# -- second factors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "replayed", "needed"),
    [
        ("offered", True, False),
        ("offered", False, True),
        ("required", True, True),
        ("", True, True),
        ("off", True, True),
    ],
)
def test_only_an_example_may_do_without_a_second_factor(monkeypatch, said, replayed, needed):
    monkeypatch.setattr(place, "mission", lambda: {"officers": {"second_factor": said}})
    monkeypatch.setattr(officers, "is_replayed", lambda: replayed)
    assert officers.second_factor_needed() is needed


def test_without_a_second_factor_nothing_of_a_real_register_is_seen(example, demanded):
    client = Client()
    log_in(client, "analyst", example)
    for address in ("/incidents/", "/log/", "/", "/figures/months.svg"):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, "/own/factor/app/")


def test_a_code_is_asked_and_works_once(example, demanded):
    client = Client()
    log_in(client, "analyst", example)
    secret = with_app(client, example)
    assert client.get("/incidents/").status_code == 200
    assert Authenticator.objects.get(user=officer("analyst"), type="totp").data["secret"] != secret
    other = Client()
    assert log_in(other, "analyst", example)["Location"].startswith("/own/factor/code/")
    assert other.get("/incidents/").status_code == 302
    code = code_of(secret, later=1)
    assert other.post("/own/factor/code/", {"code": code}).status_code == 302
    assert other.get("/incidents/").status_code == 200
    third = Client()
    log_in(third, "analyst", example)
    assert third.post("/own/factor/code/", {"code": code}).status_code == 200
    assert third.get("/incidents/").status_code == 302


def test_codes_are_not_guessed(example, demanded):
    client = Client()
    log_in(client, "analyst", example)
    secret = with_app(client, example)
    cache.clear()
    guessing = Client()
    log_in(guessing, "analyst", example)
    for number in range(6):
        guessing.post("/own/factor/code/", {"code": f"{number:06}"})
    refused = guessing.post("/own/factor/code/", {"code": code_of(secret)})
    assert refused.status_code in {200, 429}
    assert guessing.get("/incidents/").status_code == 302


def test_passwords_are_not_guessed(example):
    for number in range(6):
        log_in(Client(), "analyst", f"wrong password {number}")
    answer = log_in(Client(), "analyst", example)
    assert answer.status_code != 302


def test_many_attempts_of_others_forget_none(example):
    cache.add("0_used_code", "used", timeout=90)
    for number in range(400):
        cache.set(f"attempt_{number}", [0.0], timeout=300)
    assert cache.get("0_used_code") == "used"


# -- sessions and requests --------------------------------------------------------------------------


def test_a_session_ends_when_nothing_is_done_in_it(example, client):
    client.force_login(officer("analyst"))
    assert client.get("/incidents/").status_code == 200
    session = client.session
    session["seen"] -= 31 * 60
    session.save()
    assert client.get("/incidents/").status_code == 302


def test_a_session_ends_after_a_day_of_work_however_much_is_done(example, client):
    client.force_login(officer("analyst"))
    client.get("/incidents/")
    session = client.session
    session["began"] -= 13 * 60 * 60
    session.save()
    assert client.get("/incidents/").status_code == 302


def test_the_oldest_session_ends_where_there_are_too_many(example):
    browsers = [Client() for _ in range(settings.SESSIONS_AT_MOST + 1)]
    for browser in browsers:
        log_in(browser, "analyst", example)
    seen = [browser.get("/incidents/").status_code for browser in browsers]
    assert seen == [302, *[200] * settings.SESSIONS_AT_MOST]


def test_a_recovery_code_works_once(example, demanded):
    client = Client()
    log_in(client, "analyst", example)
    with_app(client, example)
    codes = re.findall(r"\b\d{8}\b", client.get("/own/factor/recovery/").content.decode())
    assert len(codes) == 10
    again = client.get("/own/factor/recovery/").content.decode()
    assert not [code for code in codes if code in again]
    statuses = []
    for _ in range(2):
        cache.clear()
        other = Client()
        log_in(other, "analyst", example)
        statuses.append(other.post("/own/factor/code/", {"code": codes[0]}).status_code)
    assert statuses == [302, 200]


def test_a_session_of_before_the_login_is_not_the_one_after(example):
    client = Client()
    client.get("/log-in/")
    session = client.session
    session["planted"] = "by another"
    session.save()
    assert session.session_key
    client.cookies["sessionid"] = session.session_key
    log_in(client, "analyst", example)
    assert client.cookies["sessionid"].value != session.session_key


def test_a_form_from_elsewhere_does_nothing(example):
    strict = Client(enforce_csrf_checks=True)
    assert log_in(strict, "analyst", example).status_code == 403
    strict.force_login(officer("administrator"))
    form = {"handle": "analyst-two", "title": "Analyst", "roles": []}
    assert strict.post(reverse("officer-invite"), form).status_code == 403
    assert strict.post("/log-out/").status_code == 403
    assert strict.get("/officers/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"],
)
def test_no_login_leads_elsewhere(example, elsewhere):
    entered = Client().post("/log-in/", {"login": "analyst", "password": example, "next": elsewhere})
    assert entered["Location"] == "/"


def test_a_header_is_not_smuggled_in(example):
    answer = Client().get("/incidents/?text=a%0d%0aSet-Cookie:%20x=y")
    assert "\n" not in answer["Location"]
    assert "x" not in answer.cookies


def test_another_host_gets_no_answer(example):
    assert Client().get("/log-in/", HTTP_HOST="elsewhere.example").status_code == 400


@pytest.mark.parametrize("guessed", ["OFF-0000000000-00", "1", "../analyst", "OFF-"])
def test_accounts_are_not_found_by_guessing(example, guessed):
    client = confirmed("administrator", example)
    assert client.get(f"/officers/{guessed}/").status_code == 404
    client.force_login(officer("analyst"))
    assert client.get(f"/officers/{officer('monitor').officer_id}/").status_code == 403


# -- who comes back ---------------------------------------------------------------------------------


def appointed(handle, *, active, roles=()):
    deeds.appoint(
        officer_id=officer(handle).officer_id,
        roles=list(roles),
        active=active,
        reason="changed",
        by=officer("administrator"),
        at=timezone.now(),
    )


def test_who_comes_back_by_a_link_is_let_into_compartments_anew(example):
    """Otherwise an administrator would take over a member's account and see what its compartments hold."""
    compartment = deeds.open_compartment(
        name="circle", description="", second_officer=True, by=officer("head-of-mission"), at=timezone.now()
    )
    deeds.set_member(
        compartment=compartment,
        officer_id=officer("monitor").officer_id,
        member=True,
        reason="interviews",
        by=officer("head-of-mission"),
        at=timezone.now(),
    )
    token = deeds.invite_again(
        officer_id=officer("monitor").officer_id,
        reason="lost the telephone",
        by=officer("administrator"),
        at=timezone.now(),
    )
    deeds.accept(token=token, password=STRONG, at=timezone.now())
    back = officer("monitor")
    assert (back.roles, back.compartments) == (["monitor"], [])
    assert check_register(key=verifier_key()).problems == []


def test_a_link_of_before_an_officer_left_is_no_way_back(example):
    link = link_in(invited(example).content.decode())
    appointed("analyst-two", active=False)
    assert Client().get(link).status_code == 404
    appointed("analyst-two", active=True, roles=[Role.ANALYST])
    assert Client().post(link, {"password": STRONG, "again": STRONG}).status_code == 404


def test_a_password_of_before_an_officer_left_is_no_way_back(example):
    appointed("analyst", active=False)
    appointed("analyst", active=True, roles=[Role.ANALYST])
    assert log_in(Client(), "analyst", example).status_code != 302


# -- codes ------------------------------------------------------------------------------------------


def test_the_code_that_added_an_app_is_used_up(example, demanded):
    client = Client()
    log_in(client, "analyst", example)
    secret = with_app(client, example)
    other = Client()
    log_in(other, "analyst", example)
    assert other.post("/own/factor/code/", {"code": code_of(secret)}).status_code == 200
    assert other.get("/incidents/").status_code == 302


@pytest.mark.parametrize("written", ["{0}", "{0} ", "{1} {2}", "{1}-{2}"])
def test_a_code_is_used_up_for_as_long_as_it_is_taken(example, demanded, written):
    """Codes are taken from half a minute before their time until half a minute after."""
    client = Client()
    log_in(client, "analyst", example)
    secret = with_app(client, example)
    code = code_of(secret, later=2)
    other = Client()
    log_in(other, "analyst", example)
    assert other.post("/own/factor/code/", {"code": code}).status_code == 302
    with connection.cursor() as cursor:  # as after half a minute
        soon = timezone.now() + timedelta(seconds=31)
        cursor.execute("DELETE FROM mission_attempts WHERE expires < %s", [soon.replace(tzinfo=None)])
    third = Client()
    log_in(third, "analyst", example)
    again = written.format(code, code[:3], code[3:])
    assert third.post("/own/factor/code/", {"code": again}).status_code == 200
    assert third.get("/incidents/").status_code == 302
