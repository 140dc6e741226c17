"""Whatever an officer answers, all formats of all servers bring the same interview."""

from __future__ import annotations

import string

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import field_answers
from field_answers import PATH, interviews
from lieber.base import BadInput
from lieber.code.submissions import read_csv_submissions, read_json_submissions

INSTANCES = [f"uuid:0000-{number}" for number in range(3)]


@given(st.lists(interviews(), min_size=1, max_size=2))
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_format_brings_the_same_interview(answers):
    instances = INSTANCES[: len(answers)]
    pairs = list(zip(answers, instances, strict=True))
    kobo = [field_answers.kobo(each, instance=instance) for each, instance in pairs]
    odk = [field_answers.odk(each, instance=instance) for each, instance in pairs]
    found = read_json_submissions(field_answers.as_json(kobo))
    assert read_json_submissions(field_answers.as_json(odk, key="value")) == found
    assert read_csv_submissions(field_answers.odk_tables(answers, instances)) == found
    assert read_csv_submissions(field_answers.kobo_tables(answers, instances)) == found
    for each, submission in zip(answers, found, strict=True):
        assert submission.risk.decision == each[PATH["risk_decision"]]
        assert submission.identity.get("legal_name") == each.get(PATH["legal_name"])
        assert [told.testimony for told in submission.accounts] == [
            account[PATH["testimony"]] for account in each.get("accounts", [])
        ]
        for consent in submission.consents:
            assert consent.decision == each[PATH[f"consent_{consent.purpose}"]]
        for account in submission.accounts:
            assert all(claim.basis for claim in account.claims)


SECRET = "Zyxwvut Qponmlk"
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(string.printable, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*PATH.values(), "accounts", "form_version", "_uuid"]), JUNK), JUNK)
@settings(max_examples=150)
def test_junk_is_refused_in_sentences_or_read_and_never_shown_where_protected(changes, other):
    answers = field_answers.kobo(field_answers.interview(legal_name=f"={SECRET}")) | changes
    document = field_answers.as_json([answers, other])
    assert SECRET not in outcome(document)


def outcome(document):
    """What is said of a document that cannot be read; nothing where it can."""
    try:
        read_json_submissions(document)
    except BadInput as error:
        return f"{error} {' '.join(map(str, getattr(error, 'problems', ())))}"
    return ""
