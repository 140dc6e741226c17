"""What a tool could not read is read again when it is asked for, of what whoever asks may know of."""

from __future__ import annotations

import pytest

from evidence_cast import Somebody
from lieber.base import BadInput
from lieber_mission.actions.examine import ask_to_examine, keep_answer
from lieber_mission.actions.intake import Circumstances, offered_in, take_in
from lieber_mission.actions.record import record
from lieber_mission.management.command import now
from lieber_mission.management.commands.examine import Command
from lieber_mission.models import Compartment, Examination, Exhibit, Keeping, Officer, Work
from lieber_mission.policies.access import JOBS
from lieber_mission.policies.permissions import NotAllowed
from lieber_mission.queries.examined import unread

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def missing(example, kept, tmp_path):
    """Three files for which no translation was installed; one is frozen, one lies in a compartment."""
    record([Compartment(thing="CMP-SHUT", name="x")], by="OFF-X", at=now())
    rows = []
    for name, compartment in (("open", ""), ("frozen", ""), ("shut", "CMP-SHUT")):
        (tmp_path / name).write_text(f"text of {name}", "utf-8")
        take_in(
            offered_in([tmp_path / name], refuse=lambda *_: None),
            circumstances=Circumstances(compartment=compartment),
            by=Somebody(compartments=frozenset({"CMP-SHUT"})),
            clock=now,
        )
        rows.append(Exhibit.objects.get(original_name=str(tmp_path / name)))
        keep_answer(rows[-1], "translation", "not_installed", at=now(), reason="No model is installed.")
    record([Keeping(item=rows[1].item, frozen=True, reason="differs")], by="OFF-X", at=now())
    Work.objects.all().delete()
    return [row.thing for row in rows]


def test_the_page_names_what_was_not_read_and_asks_again(missing, client):
    client.force_login(Officer.objects.get(handle="monitor"))
    assert "translation.not_installed" in client.get("/work/").content.decode()
    told = client.post("/work/", {"unread": "translation.not_installed"}, follow=True).content.decode()
    assert "1 exhibit is examined again" in told
    assert list(Work.objects.values_list("kind", "about")) == [("examine", missing[0])]


def test_every_kind_of_work_has_its_words_on_the_page(missing, client):
    """Also what is about no exhibit: an address, an upload, a checkpoint, an item."""
    about = {"capture": "https://example.org/a?b=<c>", "take-in": "token", "timestamp": "12", "check": "0"}
    about["dispose"] = Exhibit.objects.get(thing=missing[0]).item
    officer = Officer.objects.get(handle="monitor")
    for kind in JOBS:
        one = about.get(kind, missing[0])
        Work.objects.create(kind=kind, about=one, asked_by=officer.officer_id, asked_at=now(), due=now())
    client.force_login(officer)
    page = client.get("/work/").content.decode()
    assert page.count('<tr><td class="day">') == len(JOBS)
    assert "checkpoint of 12 entries" in page
    assert "https://example.org/a?b=&lt;c&gt;" in page
    assert "token" not in page.replace("csrfmiddlewaretoken", "")


def test_who_may_not_know_of_an_exhibit_is_not_told_of_its_examination(missing):
    told = unread(viewer=Somebody())
    assert [(one.examination, one.outcome, one.exhibits) for one in told] == [
        ("translation", "not_installed", 2)
    ]
    assert ask_to_examine(missing, by=Somebody(), at=now()) == 1
    inside = Somebody(compartments=frozenset({"CMP-SHUT"}))
    assert [one.exhibits for one in unread(viewer=inside)] == [3]
    assert [(one.exhibits, one.most) for one in unread(viewer=inside, most=2)] == [(2, True)]
    assert ask_to_examine(missing, by=inside, at=now()) == 2
    assert set(Work.objects.values_list("about", flat=True)) == {missing[0], missing[2]}


def test_who_may_not_collect_asks_for_nothing(missing):
    with pytest.raises(NotAllowed):
        ask_to_examine(missing, by=Somebody(roles=frozenset({"reviewer"})), at=now())
    assert not Work.objects.exists()


def test_the_bench_asks_for_one_file(missing, client):
    client.force_login(Officer.objects.get(handle="monitor"))
    item = Exhibit.objects.get(thing=missing[0]).item
    client.post(f"/items/{item}/bench/", {"form": "again", "exhibit": missing[0]})
    assert Work.objects.get().about == missing[0]
    client.post(f"/items/{item}/bench/", {"form": "again", "exhibit": missing[2]})
    assert Work.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [(["--not-installed"], 1), (["--refused"], 0), (["--not-installed", "--refused"], 1)],
)
def test_the_command_asks_for_all(missing, capsys, arguments, asked):
    assert Command().run("mission examine", [*arguments, "--by", "monitor", "--json"]) == 0
    assert f'"asked": {asked}' in capsys.readouterr().out
    assert Work.objects.count() == asked


def test_the_command_says_what_it_needs(missing):
    with pytest.raises(BadInput, match="Say which exhibits"):
        Command().run("mission examine", ["--by", "monitor"])
    with pytest.raises(BadInput, match="No file of ITM-NONE is held"):
        Command().run("mission examine", ["--items", "ITM-NONE", "--by", "monitor"])
    assert Examination.objects.count() == 3
