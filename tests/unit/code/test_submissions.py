"""Submissions of the interview form: what is read, what is refused, and what is never shown."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime

import pytest

import field_answers
from field_answers import INSTANCE, PATH, VERSION, account, as_json, by_path, interview, kobo, odk, stopped
from lieber.base import BadInput, DatePrecision, Quantifier, UncertainCount, UncertainDate, UncertainPlace
from lieber.code import Claim, vocabulary
from lieber.code.submissions import (
    Attachment,
    Consent,
    FieldFile,
    FileReference,
    Number,
    SubmissionsRefused,
    SupportOffer,
    Threat,
    Told,
    read_csv_submissions,
    read_json_submissions,
)
from lieber.code.submissions.checks import Values
from lieber.collect import UnusableFile

SECRET = "Zyxwvut"


def whole():
    """Answers to every question of the form."""
    facts = {f"fact_{word}": "yes" for word in vocabulary("status_fact").words}
    bases = {f"{name}_basis": "saw" for name in facts}
    counts: dict[str, str] = {}
    for word in ("killed_count", "injured_count", "captured_count", "missing_count"):
        counts |= {f"{word}_quantifier": "between", f"{word}_number": "3", f"{word}_number_to": "5"}
        counts |= {f"{word}_basis": "told_by_other"}
    told = account(
        **facts,
        **bases,
        **counts,
        date_earliest="2024-10-01",
        date_latest="2024-10-20",
        date_precision="month",
        date_basis="inferred",
        place_words="by the kiln",
        place_basis="saw",
        victim_party="AA",
        victim_party_basis="saw",
        perpetrator_party="BB",
        perpetrator_party_basis="heard_directly",
        perpetrator_unit="those with the white ribbons",
        perpetrator_unit_basis="saw",
        order_given="nobody is to be left",
        order_given_basis="heard_directly",
    )
    conditional = {f"consent_{word}": "conditional" for word in vocabulary("consent_purpose").words}
    conditions = {
        f"condition_{word}": f"not before winter, {word}" for word in vocabulary("consent_purpose").words
    }
    answers = interview(
        **conditional,
        **conditions,
        prior_interviews="yes",
        repeat_reason="a question was left open",
        risk_decision="proceed_with_measures",
        risk_reasons="another room",
        risk_review_by="2025-09-01",
        capacity_note="rested",
        confidential="no",
        confidential_note="a thin wall",
        interpreter="INT-1",
        others_present="a nurse",
        any_recordings="yes",
        corrections="it was the second row",
        vulnerability_note="sleeps badly",
        injury_consistency="consistent_with",
        support_offered="yes",
        contact_wish="may_contact",
        after_care_channel="through the clinic",
        after_care_times="mornings",
        officer_note="a second visit is planned",
        **{name: f"{name} {SECRET}" for name in IDENTITY},
    )
    answers["accounts"] = [told]
    answers["risk/earlier_interviews"] = [by_path(earlier_by="another body", earlier_when="in May")]
    answers["risk/risks"] = [
        by_path(
            risk_subject="family",
            risk_threat="neighbours talk",
            risk_likelihood="2",
            risk_impact="4",
            risk_mitigation="no car of the mission",
        )
    ]
    kinds = vocabulary("recording_kind").words
    answers["files/recordings"] = [
        by_path(recording_kind=kind, recording_about="a scar") | {PATH[f"recording_{kind}"]: f"{kind}.bin"}
        for kind in kinds
    ]
    answers["support/services"] = [
        by_path(support_service="medical", support_accepted="yes", support_referred_to="a clinic")
    ]
    return answers


IDENTITY = (
    "legal_name", "name_other_scripts", "contacts", "safe_channel", "safe_times", "relatives",
    "relatives_reason", "home_place",
)  # fmt: skip


def read(*answers, **changes):
    """The submissions read from these answers, as KoboToolbox gives them out."""
    rows = [kobo(each, instance=f"uuid:{number}") for number, each in enumerate(answers)]
    return read_json_submissions(as_json(rows), **changes)


def problems(*rows, **options):
    """The problems with rows of a JSON document."""
    with pytest.raises(SubmissionsRefused) as refused:
        read_json_submissions(as_json(list(rows)), **options)
    return list(refused.value.problems)


def problem_of(answers, **options):
    """The one problem with these answers, as a sentence."""
    (found,) = problems(kobo(answers), **options)
    return str(found)


# ------------------------------------------------------------------------------------ what is read


def test_an_interview_is_read_with_all_its_parts():
    (found,) = read(whole())
    assert (found.instance, found.form, found.version) == ("uuid:0", "lieber_interview", VERSION)
    assert found.submitted_at == datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert found.started_at == datetime(2025, 3, 3, 8, 0, tzinfo=UTC)
    assert found.ended_at == datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
    assert found.risk.threats == (Threat("family", "neighbours talk", 2, 4, "no car of the mission"),)
    assert (found.risk.earlier[0].by, found.risk.earlier[0].when) == ("another body", "in May")
    assert found.risk.review_by == date(2025, 9, 1)
    assert set(found.identity) == set(IDENTITY)
    assert found.conditions.confidential_note == "a thin wall"
    assert found.recordings[0] == FieldFile("audio", "audio.bin", "a scar")
    assert found.read_back.signed == "04"
    assert found.state.vulnerabilities == ("wounded_or_ill", "bereaved")
    assert found.support.services == (SupportOffer("medical", "yes", "a clinic"),)
    assert found.after_care.channel == "through the clinic"
    assert [each.name for each in found.attachments] == ["audio.bin", "image.bin", "video.bin", "file.bin"]
    assert not found.flags


def test_every_question_of_the_form_is_read(monkeypatch):
    asked = set()
    plain = Values.get

    def noted(self, name):
        asked.add(name)
        return plain(self, name)

    monkeypatch.setattr(Values, "get", noted)
    read(whole())
    answered = {
        question.name for question in field_answers.OUTLINE.questions.values() if question.kind != "note"
    }
    assert answered <= asked


def test_an_account_keeps_each_assertion_with_how_the_person_knows_it():
    (found,) = read(whole())
    (told,) = found.accounts
    assert told.date == Told(
        UncertainDate(date(2024, 10, 1), date(2024, 10, 20), DatePrecision.MONTH), "inferred"
    )
    assert told.counts["killed_count"] == Told(Number(Quantifier.BETWEEN, 3, 5), "told_by_other")
    assert told.killed == UncertainCount(3, None, 5)
    assert told.victim_party == Told("AA", "saw")
    assert told.testimony.startswith("They put the rifles down")
    assert Claim("date", told.date.value, basis="inferred") in told.claims
    assert Claim("place", UncertainPlace(name="by the kiln"), basis="saw") in told.claims
    assert Claim("order_given", "nobody is to be left", basis="heard_directly") in told.claims
    assert len(told.claims) == 2 + 4 + len(vocabulary("status_fact").words) + 1 + 3


def test_facts_are_asserted_denied_or_both():
    answers = interview()
    facts = {"bound": "no", "disarmed_by_captor": "conflicting", "under_guard": "yes"}
    changes = {f"fact_{word}": said for word, said in facts.items()}
    changes |= {f"fact_{word}_basis": "saw" for word in facts}
    answers["accounts"] = [account() | by_path(**changes)]
    (found,) = read(answers)
    claims = [claim for claim in found.accounts[0].claims if claim.predicate == "victim_status_fact"]
    assert [(claim.value, claim.polarity) for claim in claims] == [
        ("disarmed_by_captor", "asserts"),
        ("disarmed_by_captor", "denies"),
        ("bound", "denies"),
        ("under_guard", "asserts"),
    ]


def test_consent_is_one_row_for_each_purpose_and_not_asked_says_nothing_more():
    (found,) = read(interview())
    assert [each.purpose for each in found.consents] == list(vocabulary("consent_purpose").words)
    store = found.consent_to("store")
    assert store.given
    assert (store.given_by, store.form) == ("self", "oral_noted")
    assert store.informed_of == vocabulary("consent_information").words
    assert found.consent_to("share_icc") == Consent("share_icc", "not_asked")
    assert not found.consent_to("share_icc").given
    with pytest.raises(BadInput, match="A term of “consent_purpose”"):
        found.consent_to("sell")


def test_where_the_risk_says_stop_nothing_was_asked():
    (found,) = read(stopped())
    assert found.risk.decision == "stop"
    assert (found.consents, found.accounts, dict(found.identity), found.conditions) == ((), (), {}, None)
    assert (found.read_back, found.state, found.after_care, found.started_at) == (None, None, None, None)
    assert found.consent_to("store").decision == "not_asked"


def test_what_is_protected_is_not_in_the_repr():
    (found,) = read(whole())
    shown = repr(found)
    for text in (SECRET, "rifles", "sleeps badly", "through the clinic", "second row", "by the kiln", "scar"):
        assert text not in shown


def test_hidden_characters_are_kept_and_flagged():
    answers = interview(legal_name="A\u202eB", officer_note="line\nline")
    answers["accounts"] = [account(), account(testimony="x\u200by")]
    (found,) = read(answers)
    assert found.identity["legal_name"] == "A\u202eB"
    assert found.flags == ("identity/legal_name", "accounts[2]/telling/testimony")


def test_what_stood_there_before_is_no_answer_where_nothing_was_asked():
    (found,) = read(stopped() | by_path(consent_store="not_asked", any_recordings="no"))
    assert found.consents == ()


def test_a_text_of_blanks_is_no_answer():
    assert "needs one; found nothing" in problem_of(stopped() | by_path(risk_reasons=" \n"))


def test_files_that_came_along_give_size_and_digest():
    files = {f"{kind}.bin": FileReference(7, "sha256:00") for kind in vocabulary("recording_kind").words}
    (found,) = read(whole(), files=files)
    path = "files/recordings[1]/recording_audio"
    assert found.attachments[0] == Attachment(path, "audio.bin", 7, "sha256:00")
    del files["video.bin"]
    said = problem_of(whole(), files=files)
    assert "files/recordings[3]/recording_video: expected a file that came along" in said
    assert "video.bin" not in said


def test_an_older_version_of_the_form_is_read_where_it_is_named():
    row = kobo(stopped(), form_version="0.9-0123456789")
    (found,) = problems(row)
    assert str(found) == (
        f"{INSTANCE}, form_version: expected the version of the form lieber_interview, {VERSION}; "
        "found 0.9-0123456789."
    )
    (read_one,) = read_json_submissions(as_json([row]), versions=["0.9-0123456789"])
    assert read_one.version == "0.9-0123456789"


def test_an_edited_submission_keeps_the_id_it_had_first():
    row = kobo(stopped(), **{"meta/rootUuid": "uuid:first"})
    assert read_json_submissions(as_json([row]))[0].instance == "uuid:first"


@pytest.mark.parametrize(
    "document", [[kobo(stopped())], {"results": [kobo(stopped())]}, {"value": [odk(stopped())]}]
)
def test_lists_and_pages_are_read(document):
    assert read_json_submissions(json.dumps(document).encode())[0].instance == INSTANCE
    assert read_json_submissions(b"\xef\xbb\xbf" + json.dumps(document).encode())


# ------------------------------------------------------------------------------------ what is refused


HOSTILE: list[tuple[object, str]] = [
    ("\0", "without NUL"),
    ("\ud800", "halves of characters"),
    ("=HYPERLINK(1)", "begin as a formula"),
    ("  =1+1", "begin as a formula"),
    (None, "needs one"),
    (True, "one text or number; found a logical value"),
    ([], "one text or number; found a list"),
    ({"a": 1}, "one text or number; found an object"),
    ("x" * 100_001, "at most 100,000 characters where there are 100,001"),
]


@pytest.mark.parametrize(("value", "said"), HOSTILE)
def test_hostile_testimony_is_refused_and_not_shown(value, said):
    row = kobo(interview())
    row["accounts"][0][PATH["testimony"]] = value
    with pytest.raises(SubmissionsRefused) as refused:
        read_json_submissions(json.dumps([row]).encode())
    (found,) = refused.value.problems
    assert said in str(found)
    assert "=" not in str(found).split("found")[-1]


@pytest.mark.parametrize(
    "name",
    [
        q.name
        for q in field_answers.OUTLINE.questions.values()
        if q.protected and not q.path.startswith("accounts")
    ],
)
def test_a_protected_answer_is_never_shown(name):
    bad = f"={SECRET}/{SECRET}"
    question = field_answers.OUTLINE.questions[name]
    answers = whole()
    repeat = next((path for path in field_answers.REPEATS if question.path.startswith(f"{path}/")), "")
    for place in answers[repeat] if repeat else [answers]:
        place[question.path] = bad
    with pytest.raises(SubmissionsRefused) as refused:
        read(answers)
    assert "protected and not shown" in " ".join(map(str, refused.value.problems))
    assert SECRET not in f"{refused.value!r} {refused.value} {refused.value.problems!r}"


def test_what_the_form_does_not_ask_is_refused_by_its_name_alone():
    (found,) = problems(kobo(stopped(), **{"identity/nickname": SECRET}))
    assert str(found) == (
        f"{INSTANCE}, identity/nickname: expected a question that the form asks there; "
        "found an answer that is not shown."
    )


def test_an_answer_in_the_wrong_place_is_no_answer():
    row = kobo(interview())
    row["accounts"][0]["accounts"] = [{"accounts": []}]
    row["accounts"][0][PATH["legal_name"]] = SECRET
    row[PATH["testimony"]] = SECRET
    assert sorted(each.path for each in problems(row)) == [
        "accounts",
        "accounts/telling/testimony",
        "identity/legal_name",
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, "accounts: expected a list of repetitions; found an object"),
        ("two", "accounts: expected a list of repetitions"),
        ([[]], "accounts[1]: expected an object for each repetition; found a list"),
        ([None], "accounts[1]: expected an object for each repetition; found nothing"),
    ],
)
def test_repetitions_are_lists_of_objects(value, said):
    assert said in str(problems(kobo(interview(), accounts=value))[0])
    assert said in str(problems({**odk(interview()), "accounts": value})[0])


def test_all_problems_of_all_submissions_are_listed_in_order():
    rows = [kobo(stopped() | by_path(support_offered="x"), instance=f"uuid:{n}") for n in range(3)]
    rows[1] = kobo(stopped(), instance="uuid:1")
    assert [each.submission for each in problems(*rows)] == ["uuid:0", "uuid:2"]


def test_reading_stops_where_there_are_too_many_problems(monkeypatch):
    for module in ("problems", "reading"):
        monkeypatch.setattr(f"lieber.code.submissions.{module}.MOST_PROBLEMS", 2)
    rows = [kobo(stopped() | by_path(support_offered="x"), instance=f"uuid:{n}") for n in range(5)]
    with pytest.raises(
        SubmissionsRefused, match=r"page\.json has more than 2 problems, first of all uuid:0,"
    ) as refused:
        read_json_submissions(as_json(rows), name="page.json")
    assert (len(refused.value.problems), refused.value.more) == (2, True)


def test_a_file_full_of_what_nobody_asked_is_told_by_its_first_ones():
    row = kobo(stopped(), **{f"question_{number}": SECRET for number in range(5_000)})
    assert len(problems(row)) == 100
    row = kobo(interview(), accounts=[{}] * 1_001)
    assert "accounts: expected at most 1,000 repetitions; found 1,001." in str(problems(row)[0])


def test_a_hundred_thousand_names_with_one_twice_are_read_at_once():
    names = ", ".join(f'"n{number}": 1' for number in range(100_000))
    text = f'[{{"_uuid": "a", "form_version": "{VERSION}", {names}, "n0": 2}}]'
    with pytest.raises(SubmissionsRefused):
        read_json_submissions(text.encode())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (7, "submission 1, the id of the submission: expected an object for each submission"),
        ({}, "submission 1, the id of the submission: expected an id such as uuid:…"),
        ({"_uuid": "a b"}, "expected an id such as uuid:… without a blank; found a b."),
        ({"_uuid": ["a"]}, "expected one text or number; found a list."),
        ({"_uuid": "a"}, "uuid:a, form_version: expected the version of the form"),
        ({"_uuid": "a", "form_version": 1}, "found 1."),
        ({"_uuid": "a", "form_version": VERSION, "_submission_time": "soon"}, "a day and time; found soon."),
        ({"__id": "a", "__system": 1}, "uuid:a, form_version"),
    ],
)  # fmt: skip
def test_a_row_that_is_no_submission_is_told(row, said):
    assert said in " ".join(map(str, problems(row)))


def test_two_submissions_with_one_id_are_refused():
    (found,) = problems(kobo(stopped()), kobo(stopped()))
    assert str(found) == (
        f"{INSTANCE}, the id of the submission: expected an id of its own for each submission (number 1 has "
        "this one too); found it again as number 2."
    )


def test_a_name_that_stands_twice_is_told_with_its_place():
    text = (
        as_json([kobo(stopped())])
        .decode()
        .replace(
            '"support/support_offered": "no"',
            '"support/support_offered": "no", "support/support_offered": "yes"',
        )
    )
    with pytest.raises(
        SubmissionsRefused, match="support/support_offered: expected each name once; found a name that"
    ):
        read_json_submissions(text.encode())


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_told_with_their_place(word):
    text = as_json([kobo(interview())]).decode().replace('"medium": "in_person"', '"medium": ' + word)
    text = text.replace('"conditions/medium": "in_person"', f'"conditions/medium": {word}')
    with pytest.raises(SubmissionsRefused, match=f"conditions/medium: expected an answer .*; found {word}"):
        read_json_submissions(text.encode())


def test_digits_of_a_number_are_kept():
    row = odk(interview())
    text = (
        as_json([row], key="value").decode().replace('"interviewer": "OFF-2"', f'"interviewer": {"9" * 90}')
    )
    assert read_json_submissions(text.encode())[0].conditions.interviewer == "9" * 90


ZIP = io.BytesIO()
with zipfile.ZipFile(ZIP, "w") as container:
    container.writestr("a.json", "[]")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Submissions as JSON were expected: page.json is broken at line 1"),
        (b"[{", "is broken at line 1"),
        (b"%PDF-1.7", "is a PDF document"),
        (b"<html>log in</html>", "is a web page"),
        (ZIP.getvalue(), "is a ZIP archive"),
        ("[]".encode("utf-16"), "Text encoded as UTF-8 was expected: found byte 0xFF at offset 0"),
        ('[{"a": "ї"}]'.encode("cp1251"), "Text encoded as UTF-8 was expected"),
        (b"[" * 100_000, "is nested without end"),
        (b'{"results":' * 100_000, "is nested without end"),
        (b"[]", "page.json holds an empty one"),
        (b"{}", "page.json holds none"),
        (b'{"results": {}}', "holds none"),
        (b'{"results": [], "results": [1]}', "holds none"),
        (b"7", "holds none"),
    ],
)
def test_a_file_that_is_no_list_of_submissions_is_one_sentence(content, said):
    with pytest.raises(UnusableFile) as error:
        read_json_submissions(content, name="page.json")
    assert said in str(error.value)
    assert str(error.value).endswith(".")


def test_limits_on_size_and_number(monkeypatch):
    monkeypatch.setattr("lieber.code.submissions.documents.MOST_SUBMISSIONS", 2)
    with pytest.raises(UnusableFile, match="At most 2 submissions were expected: the file has more"):
        read(stopped(), stopped(), stopped())
    monkeypatch.setattr("lieber.code.submissions.documents.MOST_BYTES", 2**20)
    with pytest.raises(UnusableFile, match="At most 1 MiB of submissions were expected"):
        read_json_submissions(b"[" + b" " * 2**20)
    with pytest.raises(UnusableFile, match="all tables together has more"):
        read_csv_submissions({"a.csv": b" " * 2**19, "b.csv": b" " * (2**19 + 1)})


# ------------------------------------------------------------------------------------ tables

MAIN = "lieber_interview.csv"
ACCOUNTS = "lieber_interview-accounts.csv"


def tables(*changes, answers=None, write=field_answers.odk_tables):
    """The files of an export, changed: (file, what stood there, what stands there now)."""
    found = write([answers or interview()], [INSTANCE])
    for name, old, new in changes:
        assert old.encode() in found[name]
        found[name] = found[name].replace(old.encode(), new.encode())
    return found


def test_tables_of_both_servers_bring_the_same():
    answers = whole()
    (found,) = read_json_submissions(as_json([kobo(answers)]))
    assert read_csv_submissions(tables(answers=answers)) == (found,)
    assert read_csv_submissions(tables(answers=answers, write=field_answers.kobo_tables)) == (found,)


def test_a_testimony_of_many_lines_is_one_cell():
    (found,) = read_csv_submissions(tables())
    assert "row.\nThen" in found.accounts[0].testimony


def test_choices_in_columns_of_their_own_are_read():
    main = tables()[MAIN].decode().split("\r\n")
    header, row = main[0].split(","), main[1].split(",")
    at = header.index("consent-informed_of")
    told = vocabulary("consent_information").words
    header[at : at + 1] = [f"consent-informed_of/{word}" for word in told]
    row[at : at + 1] = ["1"] * len(told)
    split = tables() | {MAIN: "\r\n".join([",".join(header), ",".join(row)]).encode()}
    assert read_csv_submissions(split) == read_csv_submissions(tables())
    row[at] = "perhaps"
    split[MAIN] = "\r\n".join([",".join(header), ",".join(row)]).encode()
    with pytest.raises(SubmissionsRefused, match="consent/informed_of: expected 1 or 0"):
        read_csv_submissions(split)
    both = [*header, "consent-informed_of"], [*row, " ".join(told)]
    split[MAIN] = "\r\n".join(map(",".join, both)).encode()
    assert read_csv_submissions(split) == read_csv_submissions(tables())


def test_encodings_are_recognised_or_named_and_never_guessed():
    texts = {
        name: content.decode() for name, content in tables(answers=interview(officer_note="тиша")).items()
    }
    (found,) = read_csv_submissions({name: text.encode("utf-16") for name, text in texts.items()})
    assert found.officer_note == "тиша"
    old = {name: text.encode("cp1251") for name, text in texts.items()}
    with pytest.raises(UnusableFile, match="Text encoded as UTF-8 was expected"):
        read_csv_submissions(old)
    assert read_csv_submissions(old, encoding="cp1251") == (found,)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((MAIN, "identity-legal_name", "identity-name"), "lacks identity/legal_name and has columns"),
        ((MAIN, "identity-legal_name", "identity-name"), "the form does not know: identity-name"),
        ((MAIN, "identity-contacts", "identity-legal_name"), "has identity-legal_name more than once"),
        ((MAIN, "risk-prior_interviews", "Has anybody interviewed"), "with names and not labels"),
        ((MAIN, ",KEY,", ",Key,"), "has neither the column _index nor KEY"),
        ((MAIN, VERSION, VERSION + "\0"), "NUL"),
        ((ACCOUNTS, "PARENT_KEY", "OTHER_KEY"), "lacks PARENT_KEY and has columns"),
        ((ACCOUNTS, "telling-testimony", "identity-legal_name"), "lacks accounts/telling/testimony"),
        ((ACCOUNTS, 'shots."', 'shots."x'), "A comma or the end of the line was expected"),
    ],
)  # fmt: skip
def test_a_table_that_is_not_of_the_form_is_one_sentence(change, said):
    with pytest.raises(UnusableFile) as error:
        read_csv_submissions(tables(change))
    assert said in str(error.value)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((ACCOUNTS, f"{INSTANCE},", "uuid:x,"), "PARENT_KEY: expected the KEY of a row in the table above"),
        ((MAIN, f",{INSTANCE},", ",,"), f"{MAIN}, line 2: expected a KEY of its own; found nothing."),
        ((MAIN, f",{INSTANCE},", f",{INSTANCE},1,2,"), f"{MAIN}, line 2: expected "),
    ],
)  # fmt: skip
def test_a_row_that_belongs_nowhere_is_told(change, said):
    with pytest.raises(SubmissionsRefused) as refused:
        read_csv_submissions(tables(change))
    assert said in " ".join(map(str, refused.value.problems))


def test_a_key_that_stands_twice_is_told_with_its_line():
    found = field_answers.odk_tables([stopped(), stopped()], [INSTANCE, INSTANCE])
    with pytest.raises(
        SubmissionsRefused, match=f"{MAIN}, line 3: expected a KEY of its own; found {INSTANCE}"
    ):
        read_csv_submissions(found)


def test_every_repeat_needs_its_table_and_only_one():
    found = tables()
    del found[ACCOUNTS]
    with pytest.raises(UnusableFile, match="One table for the repeat accounts was expected: found none"):
        read_csv_submissions(found)
    with pytest.raises(
        UnusableFile, match=r"themselves was expected: found lieber_interview\.csv, a\.csv, b\.csv; bring"
    ):
        read_csv_submissions(tables() | {"a.csv": b"x", "b.csv": b"x"} | {MAIN: b""})
    with pytest.raises(UnusableFile, match="found none; bring the export as it was written"):
        read_csv_submissions({})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7", "is a PDF document"),
        (ZIP.getvalue(), "is a ZIP archive; bring the tables as CSV, unpacked"),
    ],
)
def test_a_file_that_is_no_table_is_one_sentence(content, said):
    with pytest.raises(UnusableFile, match=said):
        read_csv_submissions(tables() | {MAIN: content})


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr("lieber.code.submissions.exports.MOST_SUBMISSIONS", 1)
    two = field_answers.odk_tables([stopped(), stopped()], [INSTANCE, "uuid:2"])
    with pytest.raises(UnusableFile, match="A table of at most 1 rows was expected"):
        read_csv_submissions(two)


def test_a_formula_in_a_cell_is_refused_without_showing_it():
    with pytest.raises(SubmissionsRefused) as refused:
        read_csv_submissions(tables(answers=interview(legal_name=f"=cmd|'{SECRET}'")))
    (found,) = refused.value.problems
    assert "identity/legal_name: expected text that does not begin as a formula" in str(found)
    assert SECRET not in str(refused.value)
