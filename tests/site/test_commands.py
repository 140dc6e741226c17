"""The commands as a user runs them: processes, exit codes, one sentence for what cannot be used."""

from __future__ import annotations

import os
import socket
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import pytest

from lieber_mission import place
from postgres_server import fresh_database
from site_processes import mission_in

pytestmark = pytest.mark.slow  # processes
EXAMPLE = Path(str(resources.files("lieber_mission").joinpath("example")))
FIGURE = ("--victims", "UA", "--since", "2024-08-31", "--until", "2025-02-03")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with fresh_database() as address:
        mission = mission_in(tmp_path_factory.mktemp("demo") / "data", address)
        done = mission.run("demo", "--no-serve")
        assert done.returncode == 0, done.stderr
        mission.account = done.stdout
        yield mission


@pytest.fixture
def empty(tmp_path):
    with fresh_database() as address:
        mission = mission_in(tmp_path / "data", address)
        assert mission.run("init", "--officer", "clerk").returncode == 0
        yield mission


def test_the_demo_tells_both_parties_figures_tallies_and_the_caveat(demo):
    assert "victims of UA, credible or higher" in demo.account
    assert "victims of RU, credible or higher" in demo.account
    assert "HRMMU: 79 victims" in demo.account or "HRMMU: at least 79 victims" in demo.account
    assert "convenience sample" in demo.account
    assert "rise" in demo.account or "rate" in demo.account


def test_a_second_demo_finds_the_register_and_says_the_same(demo):
    again = demo.run("demo", "--no-serve")
    assert again.returncode == 0
    assert again.stdout == demo.account


def test_count_prints_what_it_must(demo):
    counted = demo.json("count", *FIGURE, "--tier", "alleged", "--as-of", "2025-02-03")
    assert set(counted) >= {
        "victims",
        "incidents",
        "tier",
        "window",
        "as_of",
        "methodology",
        "log",
        "contributions",
    }
    assert set(counted["log"]) == {"size", "root"}
    for unit in ("victims", "incidents"):
        assert counted[unit]["min"] <= counted[unit]["best"] <= counted[unit]["max"]
        assert counted[unit]["min"] > 0
    for part in counted["contributions"]:
        assert set(part) >= {"incident", "counts", "min", "best", "max", "reason"}
        assert part["counts"] in {"certain", "possible", "no"}
    assert sum(part["max"] for part in counted["contributions"]) == counted["victims"]["max"]


def test_parts_sum_to_the_figure(demo):
    for grouping in ("month", "party", "status", "manner", "region"):
        counted = demo.json("count", *FIGURE, "--tier", "alleged", "--by", grouping)
        for bound in ("min", "best", "max"):
            assert sum(part["victims"][bound] for part in counted["by"]) == counted["victims"][bound]


def test_what_was_known_in_the_past_is_less(demo):
    early = demo.json("count", *FIGURE, "--tier", "alleged", "--as-of", "2024-10-15")
    late = demo.json("count", *FIGURE, "--tier", "alleged", "--as-of", "2025-02-03")
    assert early["victims"]["max"] < late["victims"]["max"]
    assert early["log"]["size"] < late["log"]["size"]


def test_diff_explains_every_unit(demo):
    found = demo.json("diff", *FIGURE, "--tier", "credible", "--from", "2024-10-15", "--to", "2025-02-03")
    assert found["steps"]
    for unit in ("victims", "incidents"):
        for bound in ("min", "best", "max"):
            summed = sum(step[unit][bound] for step in found["steps"])
            assert (
                summed
                == found["difference"][unit][bound]
                == found["to"][unit][bound] - found["from"][unit][bound]
            )
    assert {step["change"] for step in found["steps"]} >= {"new"}


def test_diff_goes_forward(demo):
    sentence = demo.refuses("diff", "--victims", "UA", "--from", "2025-02-03", "--to", "2024-06-01")
    assert "exchange them" in sentence


def test_what_a_past_figure_shows_may_be_asked_of_it(demo):
    past = ("--victims", "UA", "--as-of", "2024-03-01", "--tier", "alleged")
    parts = demo.json("count", *past, "--by", "status")["by"]
    part = next(part for part in parts if "+" in part["group"])
    asked = demo.json("count", *past, "--status", part["group"])
    assert asked["victims"] == part["victims"]


def test_explain_opens_an_incident_down_to_its_pages(demo):
    counted = demo.json("explain", *FIGURE, "--tier", "alleged")
    incident = max(counted["contributions"], key=lambda part: part["best"])["incident"]
    opened = demo.json("explain", *FIGURE, "--tier", "alleged", "--incident", incident)["incident"]
    assert opened["accounts"]
    assert all(account["address"].startswith("http") for account in opened["accounts"])
    assert opened["findings"][0]["entry"] >= 0
    assert demo.run("explain", *FIGURE, "--incident", incident).returncode == 0


def test_rise_says_what_may_be_said(demo):
    risen = demo.json(
        "rise", "--victims", "UA", "--tier", "alleged",
        "--later", "2024-09-01..2024-11-30", "--earlier", "2023-12-01..2024-02-29",
    )  # fmt: skip
    assert risen["sentence"]
    assert "log" in risen


def test_info_says_where_everything_lies(demo):
    found = demo.json("info")
    assert set(found) >= {"database", "vault", "storage", "log", "holds", "officers"}
    assert found["holds"]["account"] == 271
    assert found["holds"]["incident"] == 48
    assert str(demo.folder) in found["vault"]["at"]


def test_check_agrees_with_an_honest_register(demo):
    checked = demo.json("check")
    assert checked["ok"]
    assert checked["entries"] == checked["rows"] == demo.json("info")["log"]["size"]


@pytest.mark.skipif(bool(os.environ.get("LIEBER_DATABASE")), reason="opens the SQLite file itself")
def test_check_names_a_row_that_was_altered(empty):
    assert empty.run("import", "tallies", EXAMPLE / "tallies.csv").returncode == 0
    with sqlite3.connect(empty.folder / "register.sqlite3") as database:
        database.execute("DROP TRIGGER register_tally_no_update")
        database.execute("UPDATE register_tally SET value = 97 WHERE value = 79")
    done = empty.run("check")
    assert done.returncode == 1
    assert "L01 register_tally TLY-" in done.stdout


@pytest.mark.one_database
def test_import_lists_bad_rows_and_writes_nothing(empty, tmp_path):
    text = (EXAMPLE / "tallies.csv").read_text("utf-8").replace(",79,", ",seventy-nine,", 2)
    path = tmp_path / "tallies.csv"
    path.write_text(text, "utf-8")
    size = empty.json("info")["log"]["size"]
    sentence = empty.refuses("import", "tallies", path)
    assert "value" in sentence
    assert "nothing was written" in sentence
    assert Path(f"{path}.errors.csv").read_text("utf-8").count("seventy-nine") >= 2
    assert empty.json("info")["log"]["size"] == size


def test_import_previews_takes_in_and_finds_nothing_new(empty):
    path = EXAMPLE / "reports.csv"
    preview = empty.json("import", "reports", path, "--dry-run")
    assert empty.json("info")["log"]["size"] == 1  # the first officer's appointment
    taken = empty.json("import", "reports", path)
    assert taken["created"] == preview["created"] > 271
    assert empty.json("import", "reports", path)["unchanged"] == preview["created"] + preview["unchanged"]
    assert empty.json("check")["ok"]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("count", "--victims", "ZZ"), "found --victims ZZ"),
        (("count", "--victims", "UA", "--since", "2024-13-01"), "YYYY-MM-DD"),
        (("count", "--victims", "UA", "--since", "2025-01-01", "--until", "2024-01-01"), "exchange"),
        (("count", "--victims", "UA", "--tier", "confirmed"), "A tier is one of"),
        (("count", "--victims", "UA", "--tier", "discounted"), "discounted incidents never count"),
        (("count", "--victims", "UA", "--as-of", "yesterday"), "YYYY-MM-DD"),
        (("count",), "--victims"),
        (("count", "--victims", "UA", "--by", "moon"), "moon"),
        (("diff", "--victims", "UA"), "--from"),
        (("rise", "--victims", "UA", "--later", "2024", "--earlier", "2023"), "A window is written"),
        (("explain", "--victims", "UA", "--incident", "INC-0"), "looks at no incident"),
        (("import", "tallies", "/nowhere/tallies.csv", "--by", "analyst"), "tallies.csv"),
        (("import", "tallies", "/nowhere/tallies.csv"), "name an officer"),
        (("dance",), "mission knows the commands"),
        (("count", "--victims", "UA", "--manner", "xyz"), "found --manner xyz"),
        (("count", "--victims", "UA", "--as-of", "2999-01-01"), "found 2999-01-01"),
        (("count", "--victims", "UA", "--as-of", ""), "YYYY-MM-DD"),
        (("count", "--victims", "UA", "--as-of", "0001-01-01T00:00:00+12:00"), "An instant is a day"),
        (("import", "tallies", "x.csv", "--by", "analyst", "--collection", "a/b"), "A collection is named"),
    ],
)
def test_what_cannot_be_used_gets_one_sentence(demo, arguments, words):
    sentence = demo.refuses(*arguments)
    assert words in sentence
    assert sentence.count("\n") == 1


def test_a_folder_without_a_register_is_named(tmp_path):
    mission = mission_in(tmp_path / "nothing", None)
    mission.environment.pop("LIEBER_DATABASE", None)
    assert "mission init" in mission.refuses("count", *FIGURE)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.one_database
def test_help_is_there_for_every_command(demo):
    overview = demo.run("--help").stdout
    for name in ("init", "demo", "serve", "import", "count", "explain", "diff", "rise", "check", "info"):
        assert f"  {name}" in overview
        assert demo.run(name, "--help").returncode == 0


@pytest.mark.skipif(bool(os.environ.get("LIEBER_DATABASE")), reason="about the SQLite file")
def test_a_file_that_is_no_register_is_named(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "register.sqlite3").write_bytes(os.urandom(5_000))
    assert "not a database" in mission_in(folder, None).refuses("count", *FIGURE)


def test_two_who_found_one_mission_at_once_make_one(tmp_path):
    with fresh_database() as address, ThreadPoolExecutor(4) as pool:
        mission = mission_in(tmp_path / "data", address)
        done = list(pool.map(lambda _: mission.run("init", "--officer", "clerk"), range(4)))
        assert [run.returncode for run in done] == [0] * 4, [run.stderr for run in done]
        assert sum("Made the register" in run.stdout for run in done) == 1


@pytest.mark.skipif(bool(os.environ.get("LIEBER_DATABASE")), reason="about the SQLite file")
def test_a_register_on_a_read_only_disk_is_read(empty, monkeypatch):
    monkeypatch.setenv("LIEBER_DATA", str(empty.folder))
    monkeypatch.delenv("LIEBER_DATABASE", raising=False)
    monkeypatch.setattr(os, "access", lambda *_: False)
    opened = sqlite3.connect(place.database()["NAME"], uri=True)
    assert opened.execute("SELECT count(*) FROM register_entry").fetchone() == (1,)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        opened.execute("DELETE FROM django_session")


@pytest.mark.one_database
def test_a_port_in_use_is_named(empty):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"127.0.0.1:{port}" in empty.refuses("serve", "--port", port)
    assert "cannot listen" in empty.refuses("serve", "--host", "no.such.host.invalid")


def test_a_folder_that_is_a_file_is_named(tmp_path):
    path = tmp_path / "data"
    path.write_text("x", "utf-8")
    mission = mission_in(path, None)
    mission.environment.pop("LIEBER_DATABASE", None)
    for command in ("info", "init"):
        assert str(path) in mission.refuses(command)


def test_a_database_that_does_not_answer_is_named(tmp_path):
    mission = mission_in(tmp_path, "postgresql://nobody:secret@127.0.0.1:1/nothing")
    sentence = mission.refuses("info")
    assert "cannot be read" in sentence
    assert "secret" not in sentence


@pytest.mark.one_database
def test_a_lost_key_is_not_replaced(tmp_path):
    with fresh_database() as address:
        mission = mission_in(tmp_path / "data", address)
        assert mission.run("demo", "--no-serve").returncode == 0
        (mission.folder / "keys" / "log.pem").unlink()
        assert "bring the key back" in mission.refuses("init")
        assert "bring the key back" in mission.refuses("check")


@pytest.mark.one_database
def test_bad_rows_never_replace_the_table(empty, tmp_path):
    path = tmp_path / "tallies.csv"
    path.write_text((EXAMPLE / "tallies.csv").read_text("utf-8").replace(",79,", ",many,"), "utf-8")
    before = path.read_bytes()
    assert "replace the table itself" in empty.refuses("import", "tallies", path, "--errors", path)
    assert "could not be written" in empty.refuses("import", "tallies", path, "--errors", tmp_path)
    empty.refuses("import", "tallies", path, "--dry-run")
    assert path.read_bytes() == before
    assert [part.name for part in tmp_path.iterdir() if part.is_file()] == ["tallies.csv"]
