"""Copies never raise a tier (R-07), and more checks or origins never lower one."""

from hypothesis import given
from hypothesis import strategies as st

from lieber.assess import AssessedOrigin, Grounds, propose_tier, shipped_methodology

METHODOLOGY = shipped_methodology()
KINDS = [*sorted(METHODOLOGY.examined), "outlet_report", "agency_report", "investigation"]
CHECKS = st.frozensets(st.sampled_from(["authenticated", "interviewed", "examined", "access"]))
ORIGINS = st.builds(AssessedOrigin, key=st.sampled_from("abcdef"), kind=st.sampled_from(KINDS), checks=CHECKS)
FACTS = st.frozensets(st.sampled_from(sorted({fact for route in METHODOLOGY.routes for fact in route.needs})))
CAPS = st.frozensets(st.sampled_from([cap.fact for cap in METHODOLOGY.caps]), max_size=2)


def tier(origins, facts):
    return propose_tier(Grounds(frozenset(origins), frozenset(facts)), METHODOLOGY).tier


@given(st.lists(ORIGINS, min_size=1, max_size=5), FACTS, CAPS, st.data())
def test_any_number_of_copies_raises_no_tier(origins, facts, caps, data):
    copies = data.draw(st.lists(st.sampled_from(origins), max_size=10))
    assert tier([*origins, *copies], facts | caps) == tier(origins, facts | caps)


@given(st.lists(ORIGINS, max_size=5), ORIGINS, FACTS)
def test_another_origin_never_lowers_a_tier(origins, another, facts):
    assert tier([*origins, another], facts) >= tier(origins, facts)


@given(st.lists(ORIGINS, max_size=5), FACTS, CAPS)
def test_a_cap_never_raises_a_tier(origins, facts, caps):
    assert tier(origins, facts | caps) <= tier(origins, facts)
