"""Protected persons: sealed, opened by two, consent at use, withdrawal, erasure."""

import sqlite3
import subprocess
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lieber.assess import Tier, shipped_methodology
from lieber.base import LieberError, Window
from lieber.code import vocabulary
from lieber.ledger import verify_inclusion
from lieber.link import Verdict
from lieber_mission.actions.checkpoint import verifier_key
from lieber_mission.actions.example import COLLECTION
from lieber_mission.actions.example import _table as example_table
from lieber_mission.actions.imports import take_rows
from lieber_mission.actions.imports.material import Taking
from lieber_mission.actions.link import record_judgement
from lieber_mission.actions.officers import appoint, set_member
from lieber_mission.actions.protect import erasing, founding, interviews, openings, persons, withdrawals
from lieber_mission.actions.record import record
from lieber_mission.models import (
    Account,
    Consent,
    Finding,
    Incident,
    Interview,
    Item,
    Opening,
    Pseudonym,
    Reading,
    Salt,
    Source,
)
from lieber_mission.policies.permissions import OPERATOR, NotAllowed, Role
from lieber_mission.policies.protect import ProtectionRefused
from lieber_mission.queries import log
from lieber_mission.queries.check import check_register
from lieber_mission.queries.consent import permission
from lieber_mission.queries.figures import Question, figure
from lieber_mission.queries.incidents import NotInRegister
from lieber_mission.queries.origins import example_authorities
from lieber_mission.queries.protect import holders_of, person, vault
from lieber_vault import Locked, WrongPassphrase
from spec.tables import table
from vault_circle import PASSPHRASE, later, officer

pytestmark = pytest.mark.django_db
NAME, PHONE = "Canary Nightingale", "+00 555 010 999"
INFORMED = tuple(vocabulary("consent_information").words)


def opened_person(circle, **identity):
    return persons.open_person(
        compartment=circle.compartment,
        subject="source",
        identity=identity or {"legal_name": NAME, "contacts": PHONE},
        by=officer("monitor"),
        at=later(),
    )


def agreed(pseudonym, *purposes, decision="granted", **more):
    decided = [
        persons.Decided(
            purpose, decision, informed_of=tuple(INFORMED), given_by="self", form="written", **more
        )
        for purpose in purposes
    ]
    return persons.record_consents(
        pseudonym=pseudonym,
        decided=decided,
        given_on=date(2025, 1, 1),
        by=officer("monitor"),
        at=later(),
    )


def only_sealed(pseudonym):
    (sealed,) = person(pseudonym, viewer=officer("protection-officer")).sealed
    return sealed.sealed


def unlocked(handle, *, session="a session"):
    token = openings.unlock_for_session(
        passphrase=PASSPHRASE, session=session, by=officer(handle), at=later()
    )
    return openings.Key(session, token)


# -- sealing and opening ------------------------------------------------------------------------------


def test_the_register_knows_a_pseudonym_and_nothing_else(circle):
    thing = opened_person(circle)
    detail = person(thing, viewer=officer("protection-officer"))
    assert NAME not in str(detail)
    assert [sealed.kind for sealed in detail.sealed] == ["identity"]
    assert person(thing, viewer=officer("analyst")).sealed == ()
    for handle in ("legal-officer", "administrator"):
        with pytest.raises((NotInRegister, NotAllowed)):
            person(thing, viewer=officer(handle))


def test_nothing_is_sealed_where_nobody_of_the_compartment_could_open_it(circle):
    assert holders_of("CMP-OTHER") == []
    with vault() as opened:
        for handle in ("protection-officer", "protection-two"):
            opened.retire_key(officer(handle).officer_id, at=later(), by="OFF-X")
    with pytest.raises(ProtectionRefused, match="Nothing can be sealed"):
        opened_person(circle)
    assert not Pseudonym.objects.exists()


def test_a_text_is_opened_by_two_once_and_each_step_is_an_entry(circle):
    first, second = officer("protection-officer"), officer("protection-two")
    thing = opened_person(circle)
    opening = openings.ask(
        sealed=only_sealed(thing), purpose="call the witness back safely", by=first, at=later()
    )
    key = unlocked("protection-officer")
    with pytest.raises(ProtectionRefused, match="second one has not agreed"):
        openings.open_sealed_text(opening=opening, key=key, by=first, at=later())
    with pytest.raises(ProtectionRefused, match="Whoever asked does not agree"):
        openings.agree(opening=opening, by=first, at=later())
    with pytest.raises(NotAllowed):
        openings.agree(opening=opening, by=officer("analyst"), at=later())
    openings.agree(opening=opening, by=second, at=later())
    with pytest.raises(ProtectionRefused, match="for the officer who asked"):
        openings.open_sealed_text(
            opening=opening, key=unlocked("protection-two", session="b"), by=second, at=later()
        )
    header, text = openings.open_sealed_text(opening=opening, key=key, by=first, at=later())
    assert f"legal_name: {NAME}" in text.decode()
    assert header.pseudonym == thing
    with pytest.raises(ProtectionRefused, match="ask for another"):
        openings.open_sealed_text(opening=opening, key=key, by=first, at=later())
    chain = Opening.objects.filter(thing=opening).order_by("version")
    assert [row.state for row in chain] == ["asked", "agreed", "opened"]
    assert [row.recorded_by for row in chain] == [first.officer_id, second.officer_id, first.officer_id]
    assert NAME not in "".join(str(row.content()) for row in chain)
    reading = Reading.objects.get(deed="open")
    assert (reading.what, reading.purpose) == (thing, "call the witness back safely")
    assert (reading.recorded_by, reading.agreed_by) == (first.officer_id, second.officer_id)


def test_what_is_damaged_was_not_opened(circle):
    first, second = officer("protection-officer"), officer("protection-two")
    opening = openings.ask(
        sealed=only_sealed(opened_person(circle)), purpose="call the witness back", by=first, at=later()
    )
    openings.agree(opening=opening, by=second, at=later())
    with sqlite3.connect(circle.folder / "vault.sqlite3") as broken:
        broken.execute("UPDATE vault_bodies SET body = zeroblob(length(body))")
    with pytest.raises(LieberError, match=r"\.$"):
        openings.open_sealed_text(opening=opening, key=unlocked("protection-officer"), by=first, at=later())
    assert Opening.objects.as_of(None).get(thing=opening).state == "agreed"
    assert not Reading.objects.exists()


# What became of the second officer between agreeing and the deed.
SINCE = ("left", "lost the role", "left the compartment")


def became(handle, what, *, compartment):
    account, administrator = officer(handle), officer("administrator")
    if what == "left the compartment":
        deed = {"compartment": compartment, "member": False, "by": officer("head-of-mission")}
        set_member(officer_id=account.officer_id, reason="moved", at=later(), **deed)
    else:
        roles = [] if what == "left" else [Role.MONITOR]
        deed = {"roles": roles, "active": what != "left", "by": administrator}
        appoint(officer_id=account.officer_id, reason="moved", at=later(), **deed)


@pytest.mark.parametrize("since", SINCE)
def test_an_agreement_lapses_with_whoever_gave_it(circle, since):
    first, second = officer("protection-officer"), officer("protection-two")
    opening = openings.ask(
        sealed=only_sealed(opened_person(circle)), purpose="call the witness back", by=first, at=later()
    )
    openings.agree(opening=opening, by=second, at=later())
    became("protection-two", since, compartment=circle.compartment)
    with pytest.raises(LieberError):
        openings.open_sealed_text(opening=opening, key=unlocked("protection-officer"), by=first, at=later())
    assert not Reading.objects.filter(deed="open").exists()
    assert Opening.objects.as_of(None).get(thing=opening).state == "agreed"


@pytest.mark.parametrize("since", SINCE)
@pytest.mark.parametrize("who", ["protection-officer", "protection-two"])
def test_an_erasure_is_not_done_where_one_of_the_two_is_gone(circle, since, who):
    thing = opened_person(circle)
    deed = openings.ask_deed(
        pseudonym=thing,
        deed="erase",
        purpose="asked for by the person",
        by=officer("protection-officer"),
        at=later(),
    )
    openings.agree(opening=deed, by=officer("protection-two"), at=later())
    became(who, since, compartment=circle.compartment)
    with pytest.raises(LieberError):
        openings.do_deed(opening=deed, by=officer("protection-officer"), at=later())
    with vault() as opened:
        assert len(opened.headers_of(thing)) == 1


def test_nobody_asks_and_agrees_in_two_roles(circle):
    both = officer("protection-officer")
    appoint(
        officer_id=both.officer_id,
        roles=[Role.PROTECTION_OFFICER, Role.HEAD_OF_MISSION],
        active=True,
        reason="stands in for the head",
        by=officer("administrator"),
        at=later(),
    )
    opening = openings.ask(
        sealed=only_sealed(opened_person(circle)), purpose="call them back", by=both, at=later()
    )
    with pytest.raises(ProtectionRefused, match="Whoever asked"):
        openings.agree(opening=opening, by=officer("protection-officer"), at=later())


@pytest.mark.parametrize("purpose", ["", "check", "two words"])
def test_nothing_is_opened_without_a_purpose(circle, purpose):
    thing = opened_person(circle)
    with pytest.raises(ProtectionRefused, match="purpose in words"):
        openings.ask(sealed=only_sealed(thing), purpose=purpose, by=officer("protection-officer"), at=later())


def test_a_key_is_open_for_its_session_and_for_a_while(circle):
    first, second = officer("protection-officer"), officer("protection-two")
    opening = openings.ask(
        sealed=only_sealed(opened_person(circle)), purpose="call the witness back", by=first, at=later()
    )
    openings.agree(opening=opening, by=second, at=later())
    key = unlocked("protection-officer")
    elsewhere = openings.Key("another session", key.token)
    for wrong, at in ((elsewhere, later()), (key, later() + timedelta(minutes=20))):
        with pytest.raises(Locked):
            openings.open_sealed_text(opening=opening, key=wrong, by=first, at=at)
    openings.lock(session=key.session)
    with pytest.raises(Locked):
        openings.open_sealed_text(opening=opening, key=key, by=first, at=later())
    with pytest.raises(WrongPassphrase):
        openings.unlock_for_session(passphrase="not the passphrase", session="s", by=first, at=later())
    assert Opening.objects.filter(thing=opening, state="opened").count() == 0


def test_an_id_of_another_compartment_and_none_answer_alike(circle):
    sealed = only_sealed(opened_person(circle))
    stranger = officer("protection-two")
    stranger.own_compartments = []
    said = set()
    for wanted in (sealed, "SLD-0000000000-00"):
        with pytest.raises(NotInRegister) as refused:
            openings.ask(sealed=wanted, purpose="call the witness back", by=stranger, at=later())
        said.add(str(refused.value))
    assert len(said) == 1


def test_the_plain_age_command_recovers_what_is_sealed(circle, tmp_path):
    opened_person(circle)
    identity = tmp_path / "recovery.txt"
    identity.write_text(circle.recovery, "utf-8")
    rehearsed = founding.rehearse_recovery(identity)
    assert (rehearsed.opened, rehearsed.passed) == (2, True)  # and the text that every vault has
    other = tmp_path / "other.txt"
    subprocess.run(["age-keygen", "-o", other], check=True, capture_output=True)
    assert not founding.rehearse_recovery(other).passed


def test_what_is_sealed_is_sealed_again_to_the_present_members(circle):
    thing = opened_person(circle)
    first, second = officer("protection-officer"), officer("protection-two")
    set_member(
        compartment=circle.compartment,
        officer_id=second.officer_id,
        member=False,
        reason="moved to another team",
        by=officer("head-of-mission"),
        at=later(),
    )
    assert founding.rotate(by=first, passphrase=PASSPHRASE, at=later()) == 1
    with vault() as opened:
        (header,) = opened.headers_of(thing)
        assert len(header.recipients) == 2  # the officer and the recovery key
    assert founding.rotate(by=second, passphrase=PASSPHRASE, at=later()) == 0


# -- interviews ---------------------------------------------------------------------------------------


def plan(thing, **more):
    return persons.plan_interview(
        pseudonym=thing,
        planned_for=date(2026, 1, 5),
        medium="in_person",
        language="uk",
        by=officer("monitor"),
        at=later(),
        **more,
    )


def assess(thing, decision):
    persons.assess_risk(
        pseudonym=thing,
        threats=[],
        decision=decision,
        reasons="",
        review_by=None,
        by=officer("monitor"),
        at=later(),
    )


def test_no_interview_without_an_assessment_of_risk_nor_against_it(circle):
    thing = opened_person(circle)
    with pytest.raises(ProtectionRefused, match="risk is assessed"):
        plan(thing)
    assess(thing, "stop")
    with pytest.raises(ProtectionRefused, match="says stop"):
        plan(thing)
    assess(thing, "proceed")
    assert Interview.objects.get(thing=plan(thing)).state == "planned"


def test_a_person_who_was_asked_before_is_asked_again_with_a_reason_only(circle):
    thing = opened_person(circle)
    assess(thing, "proceed")
    with pytest.raises(ProtectionRefused, match="interviewed before"):
        plan(thing, earlier=[("another body", "2024-05")])
    plan(thing, earlier=[("another body", "2024-05")], repeat_reason="new photographs turned up")
    with pytest.raises(ProtectionRefused, match="interviewed before"):
        plan(thing)


def held(**changes):
    values: dict[str, Any] = {
        "account_kind": "full_interview",
        "started_at": datetime(2026, 1, 5, 9, tzinfo=UTC),
        "ended_at": datetime(2026, 1, 5, 11, tzinfo=UTC),
        "place_type": "mission_office",
        "question_style": "open",
        "confidential": "yes",
    }
    return interviews.Held(**values | changes)


def write_down(thing, *, how=None, **said):
    said = {"testimony": f"{NAME} saw it", "basis": "saw", "victim_party": "UA"} | said
    return interviews.hold_interview(
        interview=Interview.objects.as_of(None).get(pseudonym=thing).thing,
        held=how or held(),
        said=interviews.Said(**said),
        by=officer("monitor"),
        at=later(),
    )


def test_an_interview_is_written_down_once_and_what_was_said_is_sealed(circle):
    thing = opened_person(circle)
    assess(thing, "proceed")
    plan(thing)
    with pytest.raises(ProtectionRefused, match="not asked"):
        write_down(thing)
    agreed(thing, "store")
    account = Account.objects.get(thing=write_down(thing, killed_quantifier="at_least", killed_n=2))
    assert (account.pseudonym, account.knowledge) == (thing, {"what_happened": "saw"})
    assert NAME not in str(account.content())
    detail = person(thing, viewer=officer("protection-officer"))
    assert [row["state"] for row in detail.interviews] == ["held"]
    assert {sealed.kind for sealed in detail.sealed} == {"identity", "testimony"}
    with pytest.raises(ProtectionRefused, match="is held"):
        write_down(thing)


@pytest.mark.parametrize(
    ("how", "said", "words"),
    [
        ({"confidential": "no"}, {}, "not confidential"),
        ({"ended_at": datetime(2026, 1, 4, tzinfo=UTC)}, {}, "exchange"),
        ({"place_type": "a palace"}, {}, "interview_place"),
        ({}, {"testimony": " "}, "testimony"),
        ({}, {"basis": "guessed"}, "claim_basis"),
        ({}, {"killed_quantifier": "between", "killed_n": 5, "killed_m": 2}, "less to more"),
    ],
)
def test_an_interview_that_is_none_is_refused_and_nothing_is_kept(circle, how, said, words):
    thing = opened_person(circle)
    assess(thing, "proceed")
    plan(thing)
    agreed(thing, "store")
    with pytest.raises(LieberError, match=words):
        write_down(thing, how=held(**how), **said)
    assert not Account.objects.filter(pseudonym=thing).exists()
    assert [sealed.kind for sealed in person(thing, viewer=officer("protection-officer")).sealed] == [
        "identity"
    ]


# -- consent, withdrawal, erasure ---------------------------------------------------------------------


def test_a_yes_that_was_not_informed_is_none(circle):
    thing = opened_person(circle)
    decided = [persons.Decided("store", "granted", informed_of=(), given_by="self", form="written")]
    with pytest.raises(Exception, match="not told of"):
        persons.record_consents(
            pseudonym=thing, decided=decided, given_on=date(2025, 1, 1), by=officer("monitor"), at=later()
        )


def test_consents_are_one_row_a_purpose_and_say_nothing_twice(circle):
    thing = opened_person(circle)
    assert agreed(thing, "store", "include_in_count") == 2
    assert agreed(thing, "store", "include_in_count") == 0
    assert permission(thing, purpose="store", on=date(2025, 2, 1)).given
    assert not permission(thing, purpose="publish_anonymised", on=date(2025, 2, 1)).given


@pytest.fixture
def testimony(circle):
    """Two persons' own accounts of one incident, which make it credible together."""
    things = [opened_person(circle) for _ in range(2)]
    source = Source(source_kind="mission", name="Interviews of the mission", reliability="F")
    record([source], by="OFF-M", at=later())
    incident = Incident(title="Captives shot at a farm")
    record([incident], by="OFF-M", at=later())
    for thing in things:
        agreed(thing, "store", "internal_analysis", "include_in_count")
        item = Item(source=source.thing, item_kind="interview", compartment=circle.compartment)
        record([item], by="OFF-M", at=later())
        account = Account(
            item=item.thing,
            pseudonym=thing,
            compartment=circle.compartment,
            summary="canary-account",
            evidence_types=["interview"],
            knowledge={"what_happened": "saw"},
            killed_quantifier="exact",
            killed_n=2,
            victim_party="UA",
        )
        record([account], by="OFF-M", at=later())
        record_judgement(
            left=account.thing,
            right=incident.thing,
            verdict=Verdict.SAME,
            reason="compared",
            by=officer("analyst"),
            at=later(),
        )
    columns = (field.attname for field in Finding._meta.concrete_fields)
    known = Finding.objects.order_by("entry").filter(victim_party="UA", tier=2).first()
    values = {name: getattr(known, name) for name in columns if name not in {"row_id", "entry", "thing"}}
    from lieber_mission.actions.assess import finding_thing

    finding = Finding(
        **values
        | {
            "thing": finding_thing(incident.thing),
            "version": 1,
            "incident": incident.thing,
            "occurred_earliest": date(2026, 1, 1),
            "occurred_latest": date(2026, 1, 1),
            "occurred_best": date(2026, 1, 1),
            "tier": 2,
            "proposed_tier": 2,
            "facts": ["killing_stated"],
            "killed_min": 2,
            "killed_best": 2,
            "killed_max": 2,
        }
    )
    record([finding], by="OFF-A", at=later())
    return things, incident.thing


def counted(at, tier=Tier.CREDIBLE):
    window = Window(date(2026, 1, 1), date(2026, 1, 31))
    return figure(Question("UA", window, tier), viewer=OPERATOR, as_of=at).victims.best


def withdrawn(thing, *purposes, effect="stop_future_use"):
    return withdrawals.withdraw(
        pseudonym=thing,
        purposes=purposes,
        effect=effect,
        withdrawn_on=date(2026, 2, 1),
        by=officer("monitor"),
        at=later(),
    )


def test_a_withdrawal_lowers_the_finding_from_now_on_and_no_past_figure(circle, testimony):
    (first, second), incident = testimony
    before = log.settled(later())
    assert counted(before) == 2
    done = withdrawn(first)
    assert (done.consents, done.incidents) == (3, (incident,))
    after = log.settled(later())
    finding = Finding.objects.as_of(None).get(incident=incident)
    assert (finding.tier, counted(after), counted(after, Tier.ALLEGED)) == (Tier.ALLEGED, 0, 2)
    assert counted(before) == 2
    withdrawn(second)
    assert counted(log.settled(later()), Tier.ALLEGED) == 0
    assert "may not be used" in Finding.objects.as_of(None).get(incident=incident).reasons


# Which of two persons withdraws what, one after the other; and what is counted then, as credible and as
# alleged or higher, of the two persons killed that both told of.
CHAINS = table("""
steps                                                     | credible | alleged
first store                                               | 2        | 2
first publish_anonymised                                  | 2        | 2
first include_in_count                                    | 0        | 2
first internal_analysis                                   | 0        | 2
first include_in_count; second include_in_count           | 0        | 0
second include_in_count; first publish_anonymised         | 0        | 2
first include_in_count; second store                      | 0        | 2
""")


@pytest.mark.parametrize("row", CHAINS, ids=lambda row: row["steps"])
def test_what_rested_on_it_falls_from_now_on(circle, testimony, row):
    things, _incident = testimony
    for thing in things:
        agreed(thing, "publish_anonymised")
    before = log.settled(later())
    for step in row["steps"].split("; "):
        who, purpose = step.split()
        withdrawn(things[("first", "second").index(who)], purpose)
    after = log.settled(later())
    assert (counted(after), counted(after, Tier.ALLEGED)) == (int(row["credible"]), int(row["alleged"]))
    assert (counted(before), counted(before, Tier.ALLEGED)) == (2, 2)


@pytest.mark.parametrize(
    "case",
    [
        # the finding rested on it until then; it never did; it still does
        ("include_in_count", None, 0),
        ("publish_anonymised", None, 2),
        ("include_in_count", date(2024, 1, 1), 2),
        ("include_in_count", date(2199, 1, 1), 2),
    ],
)
def test_a_consent_that_ran_out_lowers_what_rested_on_it(circle, testimony, client, case):
    (first, _second), incident = testimony
    purpose, until, left = case
    before = log.settled(later())
    standing = Consent.objects.as_of(None).filter(pseudonym=first, purpose=purpose).first()
    columns = [field.attname for field in Consent._meta.concrete_fields]
    if standing is None:
        agreed(first, purpose)
        standing = Consent.objects.as_of(None).get(pseudonym=first, purpose=purpose)
    values = {name: getattr(standing, name) for name in columns if name not in {"row_id", "entry"}}
    until = until or Finding.objects.as_of(None).get(incident=incident).recorded_at.date()
    ended = Consent(**values | {"version": standing.version + 1, "valid_until": until})
    record([ended], by="OFF-M", at=later())
    client.force_login(officer("monitor"))
    assert client.post("/inbox/consents/").status_code == 302
    assert counted(log.settled(later())) == left
    assert counted(before) == 2
    assert client.post("/inbox/consents/").status_code == 302
    assert Finding.objects.filter(incident=incident).count() == (1 if left else 2)


def test_a_withdrawal_from_publication_alone_moves_no_finding(circle, testimony):
    (first, _), _incident = testimony
    agreed(first, "publish_anonymised")
    assert withdrawn(first, "publish_anonymised").findings == ()
    assert counted(log.settled(later())) == 2


def test_a_withdrawal_never_makes_more_of_anything(circle, testimony):
    (first, second), incident = testimony
    tiers = [Finding.objects.as_of(None).get(incident=incident).tier]
    for thing in (first, second):
        withdrawn(thing)
        tiers.append(Finding.objects.as_of(None).get(incident=incident).tier)
    assert tiers == sorted(tiers, reverse=True)
    with pytest.raises(Exception, match="gave none to withdraw"):
        withdrawn(first)


def test_recipients_of_what_was_disclosed_are_listed(circle):
    thing = opened_person(circle)
    deed = {
        "pseudonym": thing,
        "purpose": "share_icc",
        "recipient": "the Court",
        "what": "the account, without identity",
        "disclosed_on": date(2025, 6, 1),
        "by": officer("protection-officer"),
    }
    second = officer("protection-two")
    with pytest.raises(ProtectionRefused, match="not asked"):
        withdrawals.disclose(**deed, at=later(), agreed_by=second)
    agreed(thing, "share_icc")
    with pytest.raises(ProtectionRefused, match="second officer"):
        withdrawals.disclose(**deed, at=later(), agreed_by=officer("protection-officer"))
    withdrawals.disclose(**deed, at=later(), agreed_by=second)
    done = withdrawn(thing, effect="delete_identity")
    assert [(told.recipient, told.purpose) for told in done.to_tell] == [("the Court", "share_icc")]
    assert done.erase
    with pytest.raises(ProtectionRefused, match="withdrawn"):
        withdrawals.disclose(**deed, at=later(), agreed_by=second)


@pytest.fixture
def coded_incident(circle):
    """An alleged incident of the example, its row of the table, and an account of it by a witness."""
    rows = {values["incident_key"]: values for values in example_table("incidents")}
    finding = (
        Finding.objects.as_of(None).filter(tier=Tier.ALLEGED, external_key__gt="").order_by("entry").first()
    )
    incident = Incident.objects.get(thing=finding.incident, version=1)
    thing = opened_person(circle)
    assess(thing, "proceed")
    plan(thing)
    agreed(thing, "store")
    account = write_down(thing)
    record_judgement(
        left=account,
        right=incident.thing,
        verdict=Verdict.SAME,
        reason="compared",
        by=officer("analyst"),
        at=later(),
    )
    return thing, incident.thing, rows[incident.external_key.rpartition("/")[2]]


def rests_on_it(incident, values):
    """Whether the finding rests on testimony after the table was taken in again."""
    taking = Taking(officer("analyst"), later(), shipped_methodology(), example_authorities(), COLLECTION)
    take_rows("incidents", [values], taking)
    reasons = Finding.objects.as_of(None).get(incident=incident).reasons
    return "testimony" in reasons


# What a witness agrees to and takes back; whether the finding rests on their testimony after the table of
# incidents was taken in again.
REIMPORTS = table("""
agreed                                   | withdrawn         | rests on it
-                                        | -                 | no
internal_analysis                        | -                 | no
include_in_count                         | -                 | no
internal_analysis include_in_count       | -                 | yes
internal_analysis include_in_count       | include_in_count  | no
internal_analysis include_in_count       | internal_analysis | no
internal_analysis include_in_count       | store             | yes
publish_anonymised                       | -                 | no
""")


@pytest.mark.parametrize("row", REIMPORTS, ids=lambda row: f"{row['agreed']} then {row['withdrawn']}")
def test_a_table_does_not_bring_back_what_was_withdrawn(coded_incident, row):
    thing, incident, values = coded_incident
    if row["agreed"] != "-":
        agreed(thing, *row["agreed"].split())
        rests_on_it(incident, values)
    if row["withdrawn"] != "-":
        withdrawn(thing, row["withdrawn"])
    for _ in range(2):
        assert rests_on_it(incident, values) is (row["rests on it"] == "yes")


def test_a_table_does_not_bring_back_what_was_erased(coded_incident):
    thing, incident, values = coded_incident
    agreed(thing, "internal_analysis", "include_in_count")
    assert rests_on_it(incident, values)
    erased(thing)
    for _ in range(2):
        assert not rests_on_it(incident, values)


def erased(thing, *, accounts_too=True, agreed_by="protection-two"):
    return erasing.erase(
        pseudonym=thing,
        ground="asked for by the person",
        accounts_too=accounts_too,
        by=officer("protection-officer"),
        at=later(),
        agreed_by=officer(agreed_by),
    )


def test_an_erasure_leaves_the_log_verifying_and_nothing_else(circle, testimony):
    (first, _), incident = testimony
    account = Account.objects.get(pseudonym=first)
    proof_before = log.entry_detail(account.entry, viewer=officer("analyst"))
    done = erased(first)
    assert (done.sealed, done.rows) == (1, 2)  # the pseudonym and the account
    assert Account.objects.get(pk=account.pk).summary == ""
    assert not Salt.objects.filter(entry=account.entry).exists()
    checked = check_register(key=verifier_key())
    assert checked.problems == []
    assert checked.erased == 2
    after = log.entry_detail(account.entry, viewer=officer("analyst"))
    assert after.leaf_hash == proof_before.leaf_hash
    verify_inclusion(
        leaf_hash=bytes.fromhex(after.leaf_hash),
        index=after.index,
        size=after.size,
        proof=[bytes.fromhex(part) for part in after.proof],
        root=bytes.fromhex(after.root),
    )
    assert Finding.objects.as_of(None).get(incident=incident).tier == Tier.ALLEGED
    with vault() as opened:
        assert opened.headers_of(first) == ()


def test_an_erasure_needs_a_second_officer(circle):
    thing = opened_person(circle)
    with pytest.raises(ProtectionRefused, match="second officer"):
        erased(thing, agreed_by="protection-officer")
    with pytest.raises(NotAllowed):
        erased(thing, agreed_by="analyst")
    assert person(thing, viewer=officer("protection-officer")).sealed


def test_a_salt_destroyed_without_an_erasure_is_named(circle, testimony):
    account = Account.objects.order_by("entry").last()
    Salt.objects.filter(entry=account.entry).delete()
    assert [problem.code for problem in check_register(key=verifier_key()).problems] == ["L05"]
    account.summary = "another text"
    account.save(force_update=True)
    assert [problem.code for problem in check_register(key=verifier_key()).problems] == ["L05"]


def test_consents_of_nobody_are_no():
    assert not permission("PSN-NONE", purpose="store", on=date(2025, 1, 1)).given
    assert Consent.objects.count() == 0


# -- what is left to see of what was erased -----------------------------------------------------------


def test_what_was_erased_breaks_no_page_and_is_in_no_list(circle, testimony, client):
    (first, second), incident = testimony
    gone, stays = (Account.objects.get(pseudonym=thing) for thing in (first, second))
    client.force_login(officer("protection-officer"))
    before = log.settled(later()).date()
    erased(first)
    lists = (
        f"/protect/persons/{first}/",
        f"/incidents/{incident}/",
        f"/incidents/{incident}/?as_of={before}",
        "/accounts/",
        "/accounts/?text=canary-account",
        f"/items/{gone.item}/",
        "/incidents/?text=farm",
        "/figures/?victims=UA&all=1",
        "/protect/",
        "/readings/?page=1",
    )
    for address in lists[:-1]:
        page = client.get(address)
        assert (address, page.status_code) == (address, 200)
        assert gone.thing not in page.content.decode(), address
    assert client.get(lists[-1]).status_code == 200
    assert client.get(f"/accounts/{gone.thing}/").status_code == 404
    assert client.get(f"/accounts/{stays.thing}/").status_code == 200
    assert gone.thing in client.get(f"/log/{gone.entry}/").content.decode()
    page = client.get(f"/incidents/{incident}/").content.decode()
    assert "1 account; independent origins proposed: 1" in page
    assert "The accounts differ" not in page


def test_an_interview_of_somebody_who_was_erased_is_neither_planned_nor_written_down(circle):
    thing = opened_person(circle)
    assess(thing, "proceed")
    interview = plan(thing)
    agreed(thing, "store")
    erased(thing, accounts_too=False)
    with pytest.raises(LieberError):
        plan(thing, repeat_reason="new photographs turned up")
    with pytest.raises(LieberError):
        write_down(thing)
    assert Interview.objects.as_of(None).get(thing=interview).state == ""
