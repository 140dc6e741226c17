"""The form of an interview: what it asks, under which conditions, and that KoboToolbox and ODK take it."""

from __future__ import annotations

import hashlib
import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from lieber.base import BadInput
from lieber.code import vocabulary
from lieber.code.field_forms import (
    VERSION_FIELD,
    form_of,
    interview_form,
    read_outline,
    shipped_outline,
    write_xlsx,
)
from lieber.collect.vocabulary import LANGUAGES

OUTLINE = shipped_outline("interview")
FORM = interview_form()
TEXT = Path(str(resources.files("lieber.code.field_forms"))).joinpath("interview.toml").read_text("utf-8")
NAMES = list(OUTLINE.languages.values())
X = "{http://www.w3.org/2002/xforms}"
# The one warning: the size of photographs is not limited, as an original is not made smaller.
UNAVOIDABLE = "max-pixels"


def rows(sheet):
    header, *lines = sheet
    return [dict(zip(header, line, strict=True)) for line in lines]


SURVEY = rows(FORM.survey)
BY_NAME = {row["name"]: row for row in SURVEY if not row["type"].startswith("end_")}


@cache
def converted():
    warnings: list[str] = []
    result = convert(io.BytesIO(write_xlsx(FORM)), warnings=warnings, validate=False, file_type=".xlsx")
    return ET.fromstring(result.xform), warnings  # noqa: S314 - made here, from data of this repository


# ------------------------------------------------------------------------------------ the judge


def test_pyxform_takes_the_form_and_warns_of_nothing_that_could_be_mended():
    root, warnings = converted()
    assert root.tag.endswith("html")
    assert [each for each in warnings if UNAVOIDABLE not in each] == []


def test_every_text_of_the_form_is_there_in_every_language():
    root, _ = converted()
    translations = {each.get("lang"): each for each in root.iter(f"{X}translation")}
    assert list(translations) == NAMES
    assert translations[NAMES[0]].get("default") == "true()"
    told = {
        name: {text.get("id"): "".join(text.itertext()).strip() for text in each}
        for name, each in translations.items()
    }
    assert len({frozenset(texts) for texts in told.values()}) == 1
    assert all(text and text != "-" for texts in told.values() for text in texts.values())


def test_the_model_carries_the_id_the_version_and_what_is_protected():
    root, _ = converted()
    (data,) = (each for each in root.iter() if each.get("id") == FORM.id)
    assert data.get("version") == FORM.version
    sensitive = {
        bind.get("nodeset").removeprefix("/data/"): bind.get("{urn:lieber:field-form}sensitivity")
        for bind in root.iter(f"{X}bind")
    }
    for question in OUTLINE.questions.values():
        if question.kind != "note":
            assert sensitive[question.path] == question.sensitivity
    assert sensitive["identity/legal_name"] == "severe"


def test_the_workbook_holds_the_sheets_as_they_are():
    workbook = load_workbook(io.BytesIO(write_xlsx(FORM)))
    assert workbook.sheetnames == ["survey", "choices", "settings"]
    for name, sheet in FORM.sheets.items():
        found = [tuple(cell or "" for cell in row) for row in workbook[name].iter_rows(values_only=True)]
        assert [line + ("",) * (len(sheet[0]) - len(line)) for line in found] == list(sheet)


def test_the_same_form_is_the_same_bytes():
    again = form_of(read_outline(TEXT))
    assert write_xlsx(again) == write_xlsx(FORM)
    assert hashlib.sha256(write_xlsx(again)).digest() == hashlib.sha256(write_xlsx(FORM)).digest()


# ------------------------------------------------------------------------------------ the version


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('en = "Legal name"', 'en = "Name"'),
        ("most = 100000", "most = 99999"),
        ('edition = "1.0"', 'edition = "1.1"'),
        ('consent_store = ["granted", "conditional"]', 'consent_store = ["granted"]'),
    ],
)
def test_a_changed_question_is_another_version(old, new):
    assert old in TEXT
    changed = form_of(read_outline(TEXT.replace(old, new)))
    assert changed.version != FORM.version
    assert changed.id == FORM.id


def test_a_changed_vocabulary_is_another_version(monkeypatch):
    manner = vocabulary("manner")
    terms = {word: term for word, term in manner.terms.items() if word != "burning"}
    smaller = {"manner": replace(manner, terms=terms)}
    for module in ("outline", "xlsform"):
        monkeypatch.setattr(
            f"lieber.code.field_forms.{module}.vocabulary", lambda name: smaller.get(name) or vocabulary(name)
        )
    assert form_of(read_outline(TEXT)).version != FORM.version


def test_the_version_comes_back_in_every_submission():
    row = BY_NAME[VERSION_FIELD]
    assert (row["type"], row["calculation"]) == ("calculate", f"'{FORM.version}'")


# ------------------------------------------------------------------------------------ what is asked


def test_choices_are_the_terms_of_the_vocabularies():
    listed: dict[str, list[str]] = {}
    for row in rows(FORM.choices):
        listed.setdefault(row["list_name"], []).append(row["name"])
    assert listed == {name: list(vocabulary(name).words) for name in OUTLINE.vocabularies}


def test_choices_have_the_labels_of_their_terms():
    for row in rows(FORM.choices):
        term = vocabulary(row["list_name"]).terms[row["name"]]
        assert [row[f"label::{name}"] for name in NAMES] == [term.labels[code] for code in LANGUAGES]


def test_consent_is_asked_purpose_by_purpose_and_stands_at_not_asked():
    for purpose in vocabulary("consent_purpose").words:
        row = BY_NAME[f"consent_{purpose}"]
        assert row["type"] == "select_one consent_decision"
        assert (row["default"], row["required"]) == ("not_asked", "yes")
        assert BY_NAME[f"condition_{purpose}"]["relevant"] == f"(${{consent_{purpose}}} = 'conditional')"
    assert not [row for row in SURVEY if "consent_purpose" in row["type"]]
    # Purposes on one page would be ticked in bulk.
    assert not BY_NAME["purposes"]["appearance"]


def test_a_yes_needs_that_the_person_was_told_everything():
    told = len(vocabulary("consent_information").words)
    constraint = BY_NAME["consent_publish_anonymised"]["constraint"]
    for answer in ("granted", "conditional"):
        assert f"(. != '{answer}' or count-selected(${{informed_of}}) = {told})" in constraint


GATED = ("identity", "conditions", "accounts", "files", "reading_back", "state", "after_care", "closing")


@pytest.mark.parametrize("group", GATED)
def test_nothing_is_asked_where_the_risk_says_stop_or_storing_was_not_granted(group):
    relevant = BY_NAME[group]["relevant"]
    assert "${risk_decision} = 'proceed' or" in relevant
    assert "'stop'" not in relevant
    assert "(${consent_store} = 'granted' or ${consent_store} = 'conditional')" in relevant


def test_the_other_groups_come_before_consent_or_do_not_depend_on_it():
    open_groups = {group.name for group in OUTLINE.groups} - set(GATED)
    assert open_groups == {"risk", "consent", "no_storing", "support"}
    assert BY_NAME["consent"]["relevant"]
    assert not BY_NAME["support"]["relevant"]


def test_an_earlier_interview_is_warned_of():
    assert BY_NAME["repeat_warning"]["relevant"] == "(${prior_interviews} = 'yes')"
    assert BY_NAME["repeat_warning"]["type"] == "note"


def test_every_question_on_the_identity_goes_to_the_vault():
    (identity,) = (group for group in OUTLINE.groups if group.name == "identity")
    assert {each.sensitivity for each in identity.questions if each.kind != "note"} == {"severe"}
    assert OUTLINE.questions["testimony"].sensitivity == "severe"


def test_free_text_is_protected_except_for_a_day_in_words():
    plain = [each.name for each in OUTLINE.questions.values() if each.kind == "text" and not each.protected]
    assert plain == ["earlier_when"]


def test_every_assertion_asks_for_its_basis():
    assertions = [
        "date", "place", "victim_party", "manner", "perpetrator_party", "perpetrator_unit", "order_given",
        *(f"{each}_count" for each in ("killed", "injured", "captured", "missing")),
        *(f"fact_{word}" for word in vocabulary("status_fact").words),
    ]  # fmt: skip
    assert {OUTLINE.questions[f"{name}_basis"].of for name in assertions} == {"claim_basis"}


def test_every_refusal_says_why_in_every_language():
    for row in SURVEY:
        for column, message in (("constraint", "constraint_message"), ("required", "required_message")):
            texts = [row[f"{message}::{name}"] for name in NAMES]
            assert all(texts) == bool(row[column])
            assert not any(re.search(r"[{}]", text) for text in texts)


def test_ukrainian_and_russian_letters_are_not_exchanged():
    for row in (*SURVEY, *rows(FORM.choices)):
        for column, text in row.items():
            assert not (column.endswith("(uk)") and set(text.lower()) & set("ыэъё")), text
            assert not (column.endswith("(ru)") and set(text.lower()) & set("іїєґ")), text


def test_the_device_measures_the_span_of_a_precision():
    constraint = BY_NAME["date_precision"]["constraint"]
    days = "round(decimal-date-time(${date_latest}) - decimal-date-time(${date_earliest}))"
    assert f"(. != 'day' or {days} <= 1)" in constraint
    assert "'unknown'" not in constraint


# ------------------------------------------------------------------------------------ bad outlines

SMALL = """
form = "f"
edition = "1"
title = { en = "T", uk = "Т", ru = "Т" }
languages = { en = "English (en)", uk = "Українська (uk)", ru = "Русский (ru)" }
[messages]
[[groups]]
name = "g"
label = { en = "G", uk = "Г", ru = "Г" }
[[groups.questions]]
name = "q"
kind = "choice"
of = "ternary"
label = { en = "Q", uk = "П", ru = "В" }
"""


def test_a_small_outline_is_a_form():
    form = form_of(read_outline(SMALL))
    assert [row["type"] for row in rows(form.survey)] == [
        "calculate", "begin_group", "select_one ternary", "end_group",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('form = "f"', "form = ", "is a TOML file"),
        ('edition = "1"', "", "lacks a part"),
        ('name = "q"', 'name = "q"\ncolour = "red"', "not known"),
        ('name = "q"', 'name = "g"', "names of their own"),
        ('name = "g"', 'name = "g"\ninside = "h"', "names of their own"),
        ('kind = "choice"', 'kind = "choise"', "of the kind 'choise'"),
        ('kind = "choice"', 'kind = "text"', "needs a vocabulary: found ternary at q"),
        ('of = "ternary"', "", "needs a vocabulary: found none at q"),
        ('of = "ternary"', 'of = "trinary"', "A vocabulary is one of"),
        ('of = "ternary"', 'of = "ternary"\ndefault = "maybe"', "A term of “ternary”"),
        ('of = "ternary"', 'of = "ternary"\nsensitivity = "top"', "A term of “sensitivity”"),
        ('of = "ternary"', 'of = "ternary"\nwhen = { p = ["yes"] }', "names the question 'p'"),
        ('of = "ternary"', 'of = "ternary"\nwhen = { q = ["maybe"] }', "A term of “ternary”"),
        ('uk = "П", ', "", "q is in en, ru; add the others"),
        ('uk = "Г", ', 'uk = "", ', "add the others"),
    ],
)
def test_bad_outlines_are_refused_in_a_sentence(old, new, said):
    assert old in SMALL
    with pytest.raises(BadInput, match=re.escape(said)):
        read_outline(SMALL.replace(old, new))


def test_an_outline_that_does_not_ship_is_refused():
    with pytest.raises(BadInput, match="A field form is one of interview: found 'survey'"):
        shipped_outline("survey")
