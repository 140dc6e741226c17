"""Copies never count: what a text was copied into changes no set of independent origins (R-07)."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from lieber.assess import AssessedOrigin, Grounds, propose_tier, shipped_methodology
from lieber.code import vocabulary
from lieber.link import (
    Judgement,
    Origin,
    Verdict,
    clusters,
    independent,
    propose_origins,
    read_authorities,
)

OFFICES = read_authorities("""
[[authority]]
name = "Office of A"
aliases = ["Regional office of A"]
kind = "official_record"
service = "a"
[[authority]]
name = "Office of B"
aliases = ["Regional office of B"]
kind = "official_record"
service = "b"
""")
OUTLETS = st.sampled_from(["Gazette", "Herald", "AP", "Reuters", "Office of A"])
ANNOUNCERS = st.sampled_from(
    ["Office of A", "Regional office of A", "Office of B", "OHCHR", "Human Rights Watch", "Nobody knows"]
)
EVIDENCE = st.sampled_from(vocabulary("evidence_type").words)
AT = datetime(2024, 11, 1, tzinfo=UTC)

ACCOUNTS = st.builds(
    lambda outlet, taken_from, by, evidence: {
        "outlet": outlet,
        "syndicated_from": taken_from,
        "announced_by": by,
        "evidence_types": evidence,
    },
    OUTLETS,
    st.just("") | OUTLETS,
    st.lists(ANNOUNCERS, max_size=2),
    st.lists(EVIDENCE, max_size=3),
)


def origins_of(accounts):
    return [origin for each in accounts for origin in propose_origins(**each, authorities=OFFICES)]


@given(st.lists(ACCOUNTS, min_size=1, max_size=6), st.data())
def test_any_number_of_accounts_with_the_same_origins_changes_nothing(accounts, data):
    copies = data.draw(st.lists(st.sampled_from(accounts), max_size=20))
    assert independent(origins_of([*accounts, *copies])) == independent(origins_of(accounts))


@given(ACCOUNTS, st.lists(OUTLETS, max_size=8), st.lists(OUTLETS, max_size=8))
def test_reprints_of_an_account_that_names_its_origin_add_none(account, outlets, taken_from):
    """Whoever prints it, and from whichever agency: the recording or the office is where it comes from."""
    account = {**account, "announced_by": [*account["announced_by"], "Office of A"]}
    reprints = [{**account, "outlet": outlet} for outlet in outlets]
    reprints += [{**account, "syndicated_from": agency} for agency in taken_from]
    assert independent(origins_of([account, *reprints])) == independent(origins_of([account]))


@given(ACCOUNTS, st.lists(OUTLETS, min_size=1, max_size=8))
def test_texts_taken_over_from_one_paper_are_one_origin(account, outlets):
    account = {**account, "announced_by": [], "evidence_types": [], "syndicated_from": "Herald"}
    assert len(independent(origins_of([{**account, "outlet": outlet} for outlet in outlets]))) == 1


@given(st.lists(ACCOUNTS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_accounts_changes_nothing(accounts, chance):
    shuffled = chance.sample(accounts, len(accounts))
    assert independent(origins_of(shuffled)) == independent(origins_of(accounts))


@given(ACCOUNTS)
def test_an_account_comes_from_somewhere_and_each_origin_is_named_once(account):
    found = origins_of([account])
    assert found
    assert len({origin.key for origin in found}) == len(found)


@given(st.lists(ACCOUNTS, min_size=1, max_size=6))
def test_swapping_the_parties_swaps_the_offices_and_nothing_else(accounts):
    def swapped(text):
        return text.translate(str.maketrans("AB", "BA")) if text.endswith(("of A", "of B")) else text

    mirrored = [
        {
            **each,
            "outlet": swapped(each["outlet"]),
            "syndicated_from": swapped(each["syndicated_from"]),
            "announced_by": list(map(swapped, each["announced_by"])),
        }
        for each in accounts
    ]
    keys = {"authority:a": "authority:b", "authority:b": "authority:a"}
    expected = {Origin(keys.get(each.key, each.key), each.kind) for each in independent(origins_of(accounts))}
    assert independent(origins_of(mirrored)) == expected


@given(st.lists(ACCOUNTS, min_size=1, max_size=6), st.data())
def test_judging_origins_the_same_never_adds_one(accounts, data):
    found = origins_of(accounts)
    keys = sorted({origin.key for origin in found})
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(keys), st.sampled_from(keys)), max_size=5))
    judged = clusters(
        [
            Judgement(left, right, Verdict.SAME, AT, "analyst", f"JDG-{number}")
            for number, (left, right) in enumerate(pairs)
            if left != right
        ]
    )
    fewer = independent(found, same=judged)
    assert len(fewer) == len({judged.members(key) for key in keys})
    assert {origin.key for origin in fewer} <= set(keys)


@given(st.lists(ACCOUNTS, min_size=1, max_size=6), st.data())
def test_copies_never_raise_a_tier(accounts, data):
    copies = data.draw(st.lists(st.sampled_from(accounts), max_size=20))

    def tier(of):
        grounds = frozenset(AssessedOrigin(each.key, each.kind) for each in independent(origins_of(of)))
        return propose_tier(Grounds(grounds, frozenset({"killing_stated"})), shipped_methodology()).tier

    assert tier([*accounts, *copies]) == tier(accounts)
