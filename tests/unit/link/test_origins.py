"""Where an account's content comes from, and who belongs to which service."""

import csv
from importlib import resources

import pytest

from lieber.base import BadInput
from lieber.code import vocabulary
from lieber.link import Origin, independent, propose_origins, read_authorities, shipped_authorities
from lieber.link.origins import _rules

EXAMPLE = resources.files("lieber_mission").joinpath("example")
AUTHORITIES = read_authorities(EXAMPLE.joinpath("authorities.toml").read_text("utf-8"))
REPORTS = list(csv.DictReader(EXAMPLE.joinpath("reports.csv").read_text("utf-8").splitlines()))

JUSTICE = Origin("authority:criminal-justice-ua", "official_record")
RECORDING = Origin("recording", "recording")


def proposed(*evidence, by=(), taken_from="", outlet="Gazette"):
    found = propose_origins(
        outlet=outlet,
        syndicated_from=taken_from,
        announced_by=by,
        evidence_types=evidence,
        authorities=AUTHORITIES,
    )
    return set(found)


@pytest.mark.parametrize(
    ("evidence", "by", "taken_from", "expected"),
    [
        ((), (), "", {Origin("outlet:gazette", "outlet_report")}),
        ((), (), "Some Paper", {Origin("outlet:some paper", "agency_report")}),
        ((), (), "AP", {Origin("authority:associated press", "agency_report")}),
        (("video",), (), "", {RECORDING}),
        (("video", "drone_video", "photo"), (), "", {RECORDING}),
        (("video",), (), "AP", {RECORDING}),
        (("interview",), (), "", {Origin("testimony", "testimony")}),
        (
            ("intercept", "forensic"),
            (),
            "",
            {Origin("intercept", "intercept"), Origin("forensic", "forensic")},
        ),
        (("official_statement",), ("Prosecutor General's Office",), "", {JUSTICE}),
        (("official_statement",), ("Prosecutor General's Office",), "Reuters", {JUSTICE}),
        (("video", "official_statement"), ("SBU",), "", {RECORDING, JUSTICE}),
        (("official_statement",), (), "", {Origin("outlet:gazette", "outlet_report")}),
        ((), ("Human Rights Watch",), "", {Origin("authority:human rights watch", "investigation")}),
        ((), ("HRMMU",), "", {Origin("authority:un-human-rights-office", "independent_body")}),
        # What a body heard itself is its own record, and no second origin; a recording is not.
        (
            ("interview", "forensic"),
            ("OHCHR",),
            "",
            {Origin("authority:un-human-rights-office", "independent_body")},
        ),
        (
            ("video", "interview"),
            ("HRMMU",),
            "",
            {RECORDING, Origin("authority:un-human-rights-office", "independent_body")},
        ),
        (("interview",), ("SBU",), "", {Origin("testimony", "testimony"), JUSTICE}),
        (("audio", "other", "unknown"), (), "", {RECORDING}),
        (("document", "official_statement"), ("SBU",), "", {JUSTICE}),
        ((), ("Office of Nowhere",), "", {Origin("authority:not-listed", "official_record")}),
    ],
)
def test_where_an_account_comes_from(evidence, by, taken_from, expected):
    assert proposed(*evidence, by=by, taken_from=taken_from) == expected


def test_a_press_report_of_a_statement_is_the_statement_once_more():
    """R-07: the same announcement read in five outlets, three of them through agencies, is one origin."""
    told = [("Gazette", ""), ("Herald", "AP"), ("Courier", "Reuters"), ("Mirror", "Gazette"), ("AP", "")]
    all_of_them = [
        origin
        for outlet, taken_from in told
        for origin in proposed("official_statement", by=["SBU"], taken_from=taken_from, outlet=outlet)
    ]
    assert independent(all_of_them) == {JUSTICE}


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("Prosecutor General's Office", "Donetsk Oblast Prosecutor's Office", True),
        ("Donetsk Oblast Prosecutor's Office", "Donetsk Regional Prosecutor's Office", True),
        ("Prosecutor General's Office", "SBU", True),
        ("Investigative Committee of Russia", "FSB", True),
        ("OHCHR", "HRMMU", True),
        ("Main Directorate of Intelligence", "Ukrainian Defence Intelligence", True),
        ("Foreign Ministry", "Foreign Minister of Ukraine", True),
        ("Associated Press", "AP", True),
        ("Ombudsman", "Prosecutor General's Office", False),
        ("SBU", "Investigative Committee of Russia", False),
        ("OHCHR", "Commission of Inquiry", False),
        ("CNN", "New York Times", False),
    ],
)
def test_institutions_of_one_service_are_one_origin(one, other, shared):
    assert (proposed(by=[one]) == proposed(by=[other])) == shared


def test_a_text_on_the_agencys_own_site_and_taken_over_from_it_is_one_origin():
    own, copy = proposed(outlet="AP"), proposed(outlet="Gazette", taken_from="Associated Press")
    assert {origin.key for origin in own} == {origin.key for origin in copy}
    assert independent([*own, *copy]) == copy


def test_names_are_found_whatever_their_case_and_punctuation():
    for name in (
        "prosecutor general’s office",
        "PROSECUTOR GENERALS OFFICE",
        " The Prosecutor General's  Office",
    ):
        assert AUTHORITIES.of(name) == AUTHORITIES.of("Prosecutor General's Office")


def test_every_authority_and_origin_that_the_example_names_is_listed():
    names = {
        name.strip()
        for row in REPORTS
        for column in ("announcing_authority", "syndicated_from")
        for name in row[column].split(";")
    } - {""}
    assert len(names) > 50
    assert AUTHORITIES.not_listed(names) == ()


def test_both_parties_have_the_same_services_of_the_same_kind():
    bodies = {body.service: body.kind for body in AUTHORITIES._by_name.values()}
    one, other = (
        {(service[:-3], kind) for service, kind in bodies.items() if service.endswith(ending)}
        for ending in ("-ua", "-ru")
    )
    assert one == other
    assert len(one) == 4


def test_the_shipped_table_names_no_party():
    assert not [body for body in shipped_authorities()._by_name.values() if body.kind == "official_record"]


def test_a_mission_says_more_than_the_shipped_table_and_may_say_otherwise():
    own = read_authorities('[[authority]]\nname = "AP"\nkind = "outlet_report"\n')
    assert own.of("AP").kind == "outlet_report"
    assert own.of("Reuters").kind == "investigation"
    alone = read_authorities("", beside=read_authorities("", beside=own))
    assert alone.of("AP").kind == "outlet_report"


TWO_OF_ONE_NAME = """
[[authority]]
name = "A"
kind = "official_record"
[[authority]]
name = "B"
aliases = ["a"]
kind = "official_record"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[authority]", "must be a TOML text"),
        ('[[authority]]\nname = "A"', "needs a name and a kind"),
        ('[[authority]]\nname = "A"\nkind = "office"', "origin_kind"),
        (TWO_OF_ONE_NAME, "found 'a' for B and for A"),
    ],
)
def test_bad_tables_of_authorities_are_refused(text, said):
    with pytest.raises(BadInput, match=said):
        read_authorities(text)


def test_the_rules_speak_of_every_evidence_type_and_kind():
    rules = _rules()
    assert set(rules["evidence"]) == set(vocabulary("evidence_type").words)
    assert set(rules["order"]["kinds"]) == set(vocabulary("origin_kind").words)
    assert set(rules["evidence"].values()) - {""} <= set(vocabulary("origin_kind").words)


def test_terms_of_no_vocabulary_and_accounts_from_nowhere_are_refused():
    with pytest.raises(BadInput, match="near it are video"):
        proposed("videos")
    with pytest.raises(BadInput, match="at least from its outlet"):
        proposed(outlet="")
    with pytest.raises(BadInput, match="origin_kind"):
        Origin("a", "rumour")
