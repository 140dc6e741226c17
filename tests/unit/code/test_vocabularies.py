"""Vocabularies and codings as data."""

import csv
from datetime import date
from importlib import resources

import pytest

from lieber.assess import MEANINGS, Tier
from lieber.base import BadInput, DatePrecision, Quantifier
from lieber.code import coding, read_coding, vocabulary, vocabulary_names
from lieber.collect.vocabulary import LANGUAGES, read_vocabulary

HEAD = 'version = "1"\neffective_from = 2022-02-24\nabout = "a"\nrests_on = "r"\n[terms]\n'


@pytest.mark.parametrize("name", vocabulary_names())
def test_every_vocabulary_says_what_it_is_and_labels_every_term(name):
    found = vocabulary(name)
    assert found.name == name
    assert found.version
    assert found.effective_from <= date(2022, 2, 24)
    assert found.about
    assert found.rests_on
    assert found.terms
    for word, term in found.terms.items():
        assert word == term.word
        assert set(term.labels) == set(LANGUAGES)
        assert all(term.labels.values())
        assert term.means


@pytest.mark.parametrize("name", vocabulary_names())
def test_a_definition_is_one_line_of_words_the_label_does_not_have(name):
    for term in vocabulary(name).terms.values():
        assert "\n" not in term.means
        assert term.means.casefold() != term.labels["en"].casefold()


@pytest.mark.parametrize("name", vocabulary_names())
def test_ukrainian_and_russian_letters_are_not_exchanged(name):
    for term in vocabulary(name).terms.values():
        assert not set(term.labels["uk"]) & set("ыэъё"), term.word
        assert not set(term.labels["ru"]) & set("іїєґ"), term.word


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("quantifier", [each.value for each in Quantifier]),
        ("date_precision", [each.value for each in DatePrecision]),
        ("tier", [each.word for each in Tier]),
    ],
)
def test_vocabularies_of_things_that_code_knows_have_just_its_words(name, words):
    assert list(vocabulary(name).words) == words


def test_tiers_mean_the_same_in_words_and_in_code():
    for tier, meaning in MEANINGS.items():
        assert vocabulary("tier").terms[tier.word].means.startswith(meaning)


def test_a_term_passes_and_another_word_is_refused_with_the_near_ones():
    manner = vocabulary("manner")
    assert manner.check("fpv_drone") == "fpv_drone"
    with pytest.raises(BadInput, match=r"found 'fpv-drone'; near it are fpv_drone, drone\."):
        manner.check("fpv-drone")
    with pytest.raises(BadInput, match="near it are beheading"):
        manner.check("Обезглавливание")
    with pytest.raises(BadInput, match=r"the terms are shooting, .* and 14 more"):
        manner.check("qqqq")


def test_labels_by_language_fall_back_to_english():
    assert vocabulary("speech_act").label("order", "uk") == "наказ"
    assert vocabulary("speech_act").label("order", "fr") == "order"
    assert vocabulary("speech_act").labels["order"]["ru"] == "приказ"


def test_an_unknown_vocabulary_is_refused_with_the_names():
    with pytest.raises(BadInput, match="speech_act"):
        vocabulary("speech")


def test_wider_terms():
    manner = vocabulary("manner")
    assert manner.is_kind_of("fpv_drone", "drone")
    assert manner.is_kind_of("drone", "drone")
    assert not manner.is_kind_of("drone", "fpv_drone")


def test_a_term_that_ran_out_is_refused_on_later_days_and_still_read():
    old = read_vocabulary(
        "v", HEAD + 'a = { en = "a", means = "m", since = 2023-01-01, until = 2023-12-31 }\n'
    )
    assert old.check("a") == "a"
    assert old.check("a", on=date(2023, 12, 31)) == "a"
    for day in (date(2022, 12, 31), date(2024, 1, 1)):
        with pytest.raises(BadInput, match="not in effect"):
            old.check("a", on=day)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = ", "must be a TOML text"),
        ('version = "1"', "lacks a part"),
        (HEAD + 'a = { uk = "a", means = "m" }', "lacks a part"),
        (HEAD + 'a = { en = "a" }', "lacks a part"),
        (HEAD + 'a = { en = "a", means = "m", colour = "red" }', "not known"),
        (HEAD + 'a = { en = "a", means = "m", broader = "b" }', "another term"),
        (HEAD + 'a = { en = "a", means = "m", broader = "a" }', "another term"),
    ],
)
def test_bad_vocabularies_are_refused(text, said):
    with pytest.raises(BadInput, match=said):
        read_vocabulary("v", text)


EXAMPLE = coding("example")


@pytest.mark.parametrize(
    ("column", "words", "of", "terms"),
    [
        ("victim_status", ["in_custody", "wounded"], "legal_status", ("pow_in_power",)),
        ("victim_status", ["wounded", "in_custody"], "status_fact", ("wounded_visible",)),
        ("victim_status", ["wounded"], "legal_status", ("undetermined",)),
        ("victim_status", ["unarmed", "surrendered"], "legal_status", ("surrendered_not_yet_secured",)),
        ("victim_status", ["incapacitated_not_captured"], "legal_status", ("incapacitated_not_captured",)),
        ("manner", ["shot"], "manner", ("shooting",)),
        ("manner", ["unknown", "beaten"], "manner", ("blunt",)),
        ("manner", ["drone"], "manner", ("drone",)),
        ("kind", ["call_to_execute"], "speech_act", ("call",)),
        ("kind", ["no_quarter_order"], "statement_content", ("take_no_prisoners",)),
        ("kind", ["amnesty"], "speech_act", ("impunity_promise",)),
        ("unit", ["criminal_proceedings"], "unit", ("proceedings",)),
        ("bound", ["at_least"], "quantifier", ("at_least",)),
    ],
)
def test_what_the_words_of_the_example_compel(column, words, of, terms):
    assert EXAMPLE.standard(column, words)[of] == terms


def test_one_term_of_a_word_or_none():
    assert EXAMPLE.one("kind", "condoning", of="speech_act") == "approval_of_past_act"
    assert not EXAMPLE.one("kind", "condoning", of="statement_content")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("reports", "victim_status"),
        ("reports", "manner"),
        ("reports", "evidence_types"),
        ("statements", "kind"),
        ("tallies", "unit"),
        ("tallies", "bound"),
    ],
)
def test_every_word_of_the_example_tables_has_standard_terms(table, column):
    text = resources.files("lieber_mission").joinpath("example", f"{table}.csv").read_text("utf-8")
    words = {word for row in csv.DictReader(text.splitlines()) for word in row[column].split(";") if word}
    assert words
    assert words <= set(EXAMPLE.columns[column])
    assert EXAMPLE.standard(column, words)


def test_words_and_columns_that_a_coding_lacks_are_refused():
    with pytest.raises(BadInput, match="found 'shots'"):
        EXAMPLE.standard("manner", ["shots"])
    with pytest.raises(BadInput, match="has the columns"):
        EXAMPLE.standard("manners", ["shot"])
    with pytest.raises(BadInput, match="A coding is one of"):
        coding("none")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a =", "must be a TOML text"),
        ('version = "1"', "lacks a part"),
        (HEAD.replace("[terms]", "[columns.manner]") + 'shot = { manner = ["gun"] }', "found 'gun'"),
    ],
)
def test_bad_codings_are_refused(text, said):
    with pytest.raises(BadInput, match=said):
        read_coding("c", text)
