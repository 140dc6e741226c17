"""Teams: who is in one that a compartment admits is its member, for exactly as long as both hold."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from lieber.base import BadInput
from lieber_mission.actions import officers as deeds
from lieber_mission.actions.checkpoint import verifier_key
from lieber_mission.actions.record import record
from lieber_mission.actions.teams import admit_team, open_team, rename_team, set_team_member
from lieber_mission.models import Appointment, Compartment, Entry, Item, Officer, Reading, Source, Team
from lieber_mission.policies.officers import OfficerRefused
from lieber_mission.policies.permissions import NotAllowed, Role
from lieber_mission.queries.check import check_register
from lieber_mission.queries.protect import holders_of
from spec.tables import table

pytestmark = pytest.mark.django_db

# Of the analyst, who looks at a thing of the compartment in a session that was open all the time.
MEMBERS = table("""
let in themselves | in the team | team admitted | then                      | sees
                  |             |               |                           | no
yes               |             |               |                           | yes
                  | yes         |               |                           | no
                  |             | yes           |                           | no
                  | yes         | yes           |                           | yes
yes               | yes         | yes           |                           | yes
                  | yes         | yes           | taken out of the team     | no
                  | yes         | yes           | team let out              | no
                  | yes         | yes           | left the mission          | no
                  | yes         | yes           | left and came back        | no
                  | yes         | yes           | team is given a new name  | yes
                  | yes         | yes           | appointed to another role | yes
yes               | yes         | yes           | taken out of the team     | yes
yes               | yes         | yes           | team let out              | yes
yes               | yes         | yes           | let out themselves        | yes
yes               |             | yes           | let out themselves        | no
yes               |             |               | left the mission          | no
""")


def officer(handle):
    return Officer.objects.get(handle=handle)


def later():
    last: datetime = Entry.objects.latest("index").recorded_at
    return last + timedelta(seconds=1)


def by(handle="protection-officer"):
    return {"by": officer(handle), "at": later()}


@pytest.fixture
def place_and_team(example):
    """A compartment with one item in it, and a team; nobody is in either."""
    compartment = deeds.open_compartment(name="circle", description="", second_officer=True, **by())
    team = open_team(name="Northern office", description="", **by())
    source = Source(source_kind="media_outlet", name="Outlet", reliability="F")
    record([source], by="OFF-M", at=later())
    item = Item(source=source.thing, item_kind="interview", compartment=compartment)
    record([item], by="OFF-M", at=later())
    return compartment, team, item.thing


def let_in(compartment, handle, *, member=True, **done):
    deeds.set_member(
        compartment=compartment,
        officer_id=officer(handle).officer_id,
        member=member,
        reason="works on it",
        **(done or by()),
    )


def put_into(team, handle, *, member=True, **done):
    set_team_member(
        team=team,
        officer_id=officer(handle).officer_id,
        member=member,
        reason="works there",
        **(done or by()),
    )


def admit(compartment, team, *, admitted=True, **done):
    admit_team(compartment=compartment, team=team, admitted=admitted, reason="works on it", **(done or by()))


def appoint(handle, *, roles=("analyst",), active=True):
    deeds.appoint(
        officer_id=officer(handle).officer_id,
        roles=list(map(Role, roles)),
        active=active,
        reason="moved",
        **by("administrator"),
    )


def then(what, compartment, team):
    """What happens after the analyst was let in."""
    if what == "taken out of the team":
        put_into(team, "analyst", member=False)
    elif what == "team let out":
        admit(compartment, team, admitted=False)
    elif what == "let out themselves":
        let_in(compartment, "analyst", member=False)
    elif what == "team is given a new name":
        rename_team(team=team, name="Southern office", description="", **by())
    elif what == "appointed to another role":
        appoint("analyst", roles=["reviewer"])
    elif what:
        appoint("analyst", active=False)
        if what == "left and came back":
            appoint("analyst")


@pytest.mark.parametrize("row", MEMBERS, ids=lambda row: " ".join(row.values()))
def test_who_sees_what_lies_in_a_compartment(place_and_team, client, row):
    compartment, team, item = place_and_team
    client.force_login(officer("analyst"))
    if row["let in themselves"]:
        let_in(compartment, "analyst")
    if row["in the team"]:
        put_into(team, "analyst")
    if row["team admitted"]:
        admit(compartment, team)
    address = reverse("item", args=[item])
    if row["then"]:
        before = client.get(address).status_code
        assert before == 200
    then(row["then"], compartment, team)
    if row["then"] == "left and came back":
        client.force_login(officer("analyst"))
    assert (client.get(address).status_code == 200) == (row["sees"] == "yes")
    assert not [problem for problem in check_register(key=verifier_key()).problems if problem.code == "L10"]


def test_a_reading_by_a_team_is_noted(place_and_team, client):
    compartment, team, item = place_and_team
    put_into(team, "analyst")
    admit(compartment, team)
    client.force_login(officer("analyst"))
    client.get(reverse("item", args=[item]))
    assert Reading.objects.get().recorded_by == officer("analyst").officer_id


def test_nobody_lets_themselves_in_by_a_team(place_and_team):
    """Neither by joining a team that is admitted, nor by admitting a team of their own; nor out."""
    compartment, team, _item = place_and_team
    admit(compartment, team)
    for member in (True, False):
        with pytest.raises(OfficerRefused, match="their own"):
            put_into(team, "protection-officer", member=member, **by())
    put_into(team, "protection-officer", **by("head-of-mission"))
    other = deeds.open_compartment(name="other", description="", second_officer=True, **by())
    with pytest.raises(OfficerRefused, match="their own team"):
        admit(other, team)
    with pytest.raises(OfficerRefused, match="their own team"):
        admit(compartment, team, admitted=False)
    assert Compartment.objects.as_of(None).get(thing=other).teams == []
    # One's teams are those of this instant, not those with which a page was opened.
    stale = officer("head-of-mission")
    put_into(team, "head-of-mission")
    with pytest.raises(OfficerRefused, match="their own team"):
        admit(other, team, by=stale, at=later())


@pytest.mark.parametrize("handle", ["administrator", "analyst", "monitor", "data-officer"])
def test_teams_are_for_those_who_decide_who_needs_to_know(place_and_team, handle):
    compartment, team, _item = place_and_team
    for deed in (
        lambda: open_team(name="Mine", description="", **by(handle)),
        lambda: rename_team(team=team, name="Mine", description="", **by(handle)),
        lambda: put_into(team, "reviewer-one", **by(handle)),
        lambda: admit(compartment, team, **by(handle)),
    ):
        with pytest.raises(NotAllowed, match="compartments and teams"):
            deed()


def test_what_is_none_is_refused_and_what_changes_nothing_writes_nothing(place_and_team):
    compartment, team, _item = place_and_team
    admit(compartment, team)
    size = Entry.objects.count()
    admit(compartment, team)
    rename_team(team=team, name=" Northern office ", description="", **by())
    for deed, words in (
        (lambda: open_team(name=" ", description="", **by()), "needs a name"),
        (lambda: admit(compartment, "TEA-0"), "No team TEA-0"),
        (lambda: admit("CMP-0", team), "No compartment CMP-0"),
        (lambda: put_into("TEA-0", "analyst"), "No team TEA-0"),
    ):
        with pytest.raises(BadInput, match=words):
            deed()
    with pytest.raises(OfficerRefused, match="reason"):
        admit_team(compartment=compartment, team=team, admitted=False, reason=" ", **by())
    assert Entry.objects.count() == size


def test_each_change_is_a_row_with_its_reason(place_and_team):
    compartment, team, _item = place_and_team
    put_into(team, "analyst")
    admit(compartment, team)
    admit(compartment, team, admitted=False)
    chain = Compartment.objects.filter(thing=compartment).order_by("version")
    assert [(row.teams, row.reason) for row in chain] == [
        ([], ""), ([team], "works on it"), ([], "works on it")
    ]  # fmt: skip
    appointed = Appointment.objects.as_of(None).get(officer=officer("analyst").officer_id)
    assert (appointed.teams, appointed.reason, appointed.roles) == ([team], "works there", ["analyst"])
    assert Team.objects.get(thing=team).recorded_by == officer("protection-officer").officer_id


def test_a_team_given_in_the_database_is_named_by_the_check(place_and_team):
    _compartment, team, _item = place_and_team
    analyst = officer("analyst")
    analyst.teams = [team]
    analyst.save()
    assert [problem.code for problem in check_register(key=verifier_key()).problems] == ["L10"]


def test_a_protection_officer_by_team_holds_what_is_sealed(place_and_team):
    compartment, team, _item = place_and_team
    assert holders_of(compartment) == []
    put_into(team, "protection-officer", **by("head-of-mission"))
    admit(compartment, team, **by("head-of-mission"))
    assert holders_of(compartment) == [officer("protection-officer").officer_id]


# -- pages --------------------------------------------------------------------------------------------


@pytest.fixture
def head(example):
    """A browser in which the head of the mission said anew who they are."""
    client = Client()
    client.post("/log-in/", {"login": "head-of-mission", "password": example})
    client.post("/own/confirm/", {"password": example})
    return client


def test_a_team_is_named_filled_admitted_and_let_out_on_the_pages(place_and_team, head):
    compartment, _team, item = place_and_team
    made = head.post(reverse("teams"), {"name": "Verification desk", "description": "looks at footage"})
    page, circle = made["Location"], reverse("compartment", args=[compartment])
    team = Team.objects.get(name="Verification desk").thing
    analyst = officer("analyst").officer_id
    why = {"reason": "works there"}
    assert head.post(page, {"officer": analyst, "member": "on", **why}).status_code == 302
    assert head.post(circle, {"team": team, "admitted": "on", **why}).status_code == 302
    shown = head.get(circle).content.decode()
    assert "by the team Verification desk" in shown
    assert "Let the team out" in shown
    assert "circle" in head.get(page).content.decode()
    assert "Verification desk" in head.get(reverse("compartments")).content.decode()
    looking = Client()
    looking.force_login(officer("analyst"))
    assert looking.get(reverse("item", args=[item])).status_code == 200
    assert head.post(circle, {"team": team, **why}).status_code == 302
    assert looking.get(reverse("item", args=[item])).status_code == 404
    renamed = head.post(page, {"name": "Desk for footage", "description": ""})
    assert renamed.status_code == 302
    assert "Desk for footage" in head.get(reverse("teams")).content.decode()
    assert head.post(page, {"officer": analyst}).status_code == 422
    assert head.get(reverse("team", args=["TEA-0"])).status_code == 404


def test_ones_own_team_is_not_offered(place_and_team, head):
    compartment, team, _item = place_and_team
    put_into(team, "head-of-mission")
    circle = reverse("compartment", args=[compartment])
    assert "Let a team in" not in head.get(circle).content.decode()
    forced = head.post(circle, {"team": team, "admitted": "on", "reason": "curious"})
    assert forced.status_code == 422
    assert "their own team" in forced.content.decode()
    assert "Nobody puts themselves" in head.get(reverse("team", args=[team])).content.decode()


def test_an_officers_teams_are_shown_where_accounts_are_managed(place_and_team, client):
    _compartment, team, _item = place_and_team
    put_into(team, "analyst")
    client.force_login(officer("administrator"))
    page = client.get(reverse("officer", args=[officer("analyst").officer_id])).content.decode()
    assert "Northern office" in page
    assert client.get(reverse("teams")).status_code == 403
