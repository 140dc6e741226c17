"""Find anything and the search of the log: only what the viewer may know of."""

import pytest

import factories
from lieber.ledger import leaf_hash, read_proof, verify_inclusion
from lieber_mission.actions.record import record
from lieber_mission.models import Checkpoint, Entry, Incident, Officer
from lieber_mission.policies.permissions import NotAllowed, Operator
from lieber_mission.queries import log, log_search
from lieber_mission.queries.find import find

pytestmark = pytest.mark.django_db
ANALYST = Operator("OFF-ANALYST", frozenset({"analyst"}))


@pytest.fixture
def analyst(example, client):
    client.force_login(Officer.objects.get(handle="analyst"))
    return client


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("vuhledar", "incident"),
        ("VUHLEDAR captives", "incident"),
        ("kyivindependent.com", "item"),
        ("Babel", "item"),
        ("ombudsman", "tally"),
        ("foreign minister", "statement"),
        ("kharkiv regional prosecutor", "follow-up"),
        ("прокурор", None),
    ],
)
def test_words_find_what_holds_them(example, words, kind):
    found = {each.kind for each in find(words, viewer=ANALYST)}
    assert kind is None or kind in found


def test_an_id_and_the_beginning_of_one_find_the_thing(example):
    thing = Incident.objects.order_by("entry").first().thing
    for text in (thing, thing.lower(), thing[:8]):
        assert thing in {each.thing for each in find(text, viewer=ANALYST)}


def test_one_letter_nothing_and_nonsense_find_nothing(example):
    for text in ("", " ", "a", "\x00", "%%", "INC-'; --", "x" * 500):
        assert [each for each in find(text, viewer=ANALYST) if each.kind == "incident"] == []


def test_officers_are_found_by_whoever_manages_them_only(example):
    both = Operator("OFF-X", frozenset({"analyst", "administrator"}))
    assert "officer" in {each.kind for each in find("reviewer", viewer=both)}
    assert "officer" not in {each.kind for each in find("reviewer", viewer=ANALYST)}
    with pytest.raises(NotAllowed):
        find("reviewer", viewer=Operator("OFF-X", frozenset({"administrator"})))


def test_the_page_and_the_dialog_show_the_same_and_escape(analyst):
    record([Incident(title="<script>zebra</script> near a ford")], by="OFF-X", at=factories.at(60 * 24 * 900))
    page = analyst.get("/find/?q=zebra").content.decode()
    part = analyst.get("/find/?q=zebra", headers={"HX-Request": "true"}).content.decode()
    assert "<html" in page
    assert "<html" not in part
    for text in (page, part):
        assert "&lt;script&gt;zebra" in text
        assert "<script>zebra" not in text
    assert "Nothing was found" in analyst.get("/find/?q=xyzzyx").content.decode()
    assert analyst.get("/find/?q=" + "x" * 300).status_code == 400


def test_finding_asks_a_bounded_number_of_questions(example, django_assert_max_num_queries):
    with django_assert_max_num_queries(26):
        find("kharkiv", viewer=ANALYST)


def test_entries_are_listed_by_day_kind_and_officer(analyst):
    entry = Entry.objects.order_by("index")[40]
    day = entry.recorded_at.date()
    page = analyst.get(f"/log/?day={day}").content.decode()
    assert f'href="/log/{entry.index}/"' in page
    total = Entry.objects.filter(recorded_at__date=day).count()
    assert f"{total} in all" in page
    officer = Officer.objects.get(handle="analyst")
    listed = log_search.entries(viewer=ANALYST, kind="finding", officer=officer.officer_id)
    assert listed.total > 40
    assert {line.kind for line in listed.lines} == {"finding"}
    assert analyst.get(f"/log/?officer={officer.officer_id}").status_code == 400
    assert analyst.get(f"/log/?officer={officer.officer_id}&day={day}").status_code == 200
    for nonsense in ("kind=x", "day=x", "page=0", "kind=%00"):
        assert analyst.get(f"/log/?{nonsense}").status_code == 400


def test_the_proof_of_an_entry_is_a_file_that_verifies(analyst):
    head = Checkpoint.objects.order_by("-size").first()
    text = analyst.get("/log/7/proof/").content.decode()
    proof = read_proof(text)
    leaf = bytes(Entry.objects.get(index=7).nodes)[:32]
    root = log.head().root
    assert (proof.index, proof.checkpoint) == (7, head.note)
    verify_inclusion(leaf_hash=leaf, index=7, size=head.size, proof=proof.path, root=root)
    assert leaf_hash(b"another") != leaf
    assert analyst.get("/log/9999999/proof/").status_code == 404
    assert analyst.get("/log/99999999999999999999/proof/").status_code == 404


def test_an_entry_page_tells_what_it_superseded(analyst):
    entry = Entry.objects.filter(kind="finding", version=2).first()
    before = Entry.objects.get(thing=entry.thing, version=1)
    page = analyst.get(f"/log/{entry.index}/").content.decode()
    assert "Supersedes" in page
    assert f'href="/log/{before.index}/"' in page
