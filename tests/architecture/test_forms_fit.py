"""Every word that a form admits has a meaning further on."""

import pytest

from lieber.base import Quantifier
from lieber.code import coding, vocabulary
from lieber.collect import shipped_form
from lieber.link import propose_origins, shipped_authorities


@pytest.mark.parametrize("word", shipped_form("reports").columns["evidence_types"].of)
def test_every_kind_of_evidence_leads_to_an_origin(word):
    assert propose_origins(
        outlet="Gazette",
        syndicated_from="",
        announced_by=["Office of Nowhere"],
        evidence_types=[vocabulary("evidence_type").check(word)],
        authorities=shipped_authorities(),
    )


@pytest.mark.parametrize("word", shipped_form("statements").columns["kind"].of)
def test_every_kind_of_statement_has_a_speech_act(word):
    assert coding("example").one("kind", word, of="speech_act")


@pytest.mark.parametrize("word", shipped_form("tallies").columns["bound"].of)
def test_every_bound_of_a_tally_is_a_quantifier(word):
    assert Quantifier(coding("example").one("bound", word, of="quantifier"))
