"""Every route, command and job stands in the table of permissions, and is what the table says."""

import itertools

import pytest
from django.urls import get_resolver, reverse

from cast import CAST
from lieber_mission.__main__ import commands
from lieber_mission.actions.worker import KINDS
from lieber_mission.models import Account, Incident, Item, Officer, PublicStatement, Source, Tally
from lieber_mission.policies.access import COMMANDS, JOBS, RENEWED, ROUTES, Reach, may_reach

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
THINGS = {
    "incident": Incident,
    "incident-places": Incident,
    "incident-beside": Incident,
    "account": Account,
    "account-code": Account,
    "account-again": Account,
    "account-codings": Account,
    "account-ask": Account,
    "item": Item,
    "bench": Item,
    "family": Item,
    "sun": Item,
    "item-known": Item,
    "item-text": Item,
    "item-code": Item,
    "source": Source,
    "statement": PublicStatement,
    "statement-change": PublicStatement,
    "statement-associate": PublicStatement,
    "tally": Tally,
    "assess": Incident,
    "candidate": Account,
    "appraisal": Account,
}


def routes():
    return {name for name in get_resolver().reverse_dict if isinstance(name, str)}


def address_of(route):
    """The address of a route, on something that is there."""
    if route in THINGS:
        return reverse(route, args=[THINGS[route].objects.order_by("entry").first().thing])
    others: dict[str, list[object]] = {
        "entry": [5],
        "entry-proof": [5],
        "officer": [Officer.objects.order_by("id").first().officer_id],
        "compartment": ["CMP-0"],
        "team": ["TEA-0"],
        "exhibit-file": ["EXH-0"],
        "exhibit-copy": ["EXH-0"],
        "exhibit-replay": ["EXH-0"],
        "upload": ["none"],
        "person": ["PSN-0"],
        "opening": ["OPN-0"],
        "proposal": ["PRP-0"],
        "proposal-mend": ["PRP-0"],
        "follow-up": ["FUP-0"],
        "follow-up-change": ["FUP-0"],
        "follow-up-answer": ["FUP-0"],
        "join": ["none"],
        "incidents-export": ["csv"],
        "mfa_remove_webauthn": [1],
        "mfa_edit_webauthn": [1],
    }
    return reverse(route, args=others.get(route, []))


def test_every_route_stands_in_the_table():
    assert routes() == set(ROUTES)
    assert set(ROUTES) >= RENEWED


def test_every_command_stands_in_the_table():
    assert set(commands()) == set(COMMANDS)


def test_every_job_stands_in_the_table():
    assert set(JOBS) == set(KINDS)


@pytest.mark.parametrize(("handle", "route"), list(itertools.product(CAST, sorted(ROUTES))))
def test_a_route_is_open_to_whom_the_table_says(example, client, handle, route):
    if handle == "outsider":
        officer = Officer.objects.create(officer_id="OFF-OUTSIDER", handle="outsider", title="Outsider")
    else:
        officer = Officer.objects.get(handle=handle)
    client.force_login(officer)
    response = client.get(address_of(route))
    if route == "account_signup":
        assert response.status_code == 403
    else:
        reached = may_reach(officer, ROUTES[route], logged_in=True)
        assert (response.status_code != 403) == reached


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_nobody_who_has_not_logged_in_passes(example, client, route):
    response = client.get(address_of(route))
    led_away = response.status_code == 302 and response["Location"].startswith("/log-in/?next=")
    assert led_away == (ROUTES[route] is not Reach.ANYONE)


def test_what_is_in_no_row_is_refused(example, client, monkeypatch):
    client.force_login(Officer.objects.get(handle="analyst"))
    monkeypatch.delitem(ROUTES, "figures")
    assert client.get("/figures/").status_code == 403
