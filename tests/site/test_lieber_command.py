"""`lieber rise` as a user runs it: the answer, and one sentence for what cannot be used."""

import json
import subprocess
import sys

import pytest

WINDOWS = ("--later", "2024-09-01..2024-11-30", "--earlier", "2023-12-01..2024-02-29")
TABLE = "date,killed\n" + "".join(f"2024-10-{day:02},3\n" for day in range(1, 20)) + "2024-01-05,2\n" * 12


def lieber(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "lieber", *map(str, arguments)], capture_output=True, text=True, check=False
    )


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "incidents.csv"
    path.write_text(TABLE, "utf-8")
    return path


def test_nineteen_against_twelve(table):
    done = lieber("rise", table, *WINDOWS, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["later"]["incidents"], found["earlier"]["incidents"]) == (19, 12)
    assert found["incidents"]["p"] == pytest.approx(0.28104, abs=1e-5)
    assert "a rise is not shown" in found["sentence"]
    assert "a rise is not shown" in lieber("rise", table, *WINDOWS).stdout


def test_a_reader_who_goes_away_is_no_error(table):
    command = f"{sys.executable} -m lieber rise {table} {' '.join(WINDOWS)} --json | true"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("day,killed\n2024-10-01,3\n", "needs a column date"),
        ("date,killed,killed\n2024-10-01,3,4\n", "names a column twice"),
        ("date,killed\n2024-10-01,3,9\n", "Line 2 has more cells"),
        ("date,killed\n2024-10-01,three\n", "Line 2, killed"),
        ("date,killed\n2024-10-01,-3\n", "Line 2, killed"),
        ("date,killed\n2024-10-01,3\n01.10.2024,3\n", "Line 3, date"),
        ("", "needs a column date"),
    ],
)
def test_a_bad_table_gets_one_sentence(tmp_path, text, words):
    path = tmp_path / "incidents.csv"
    path.write_text(text, "utf-8")
    done = lieber("rise", path, *WINDOWS)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--later", "2024"), "A window is written"),
        (("--seed", "-1"), "from 0"),
        (("--fixed-on", "2040-01-01"), "before its first day"),
        (("--earlier", "2024-10-01..2024-12-31"), "follow each other"),
        (("--seed", "x"), "invalid int"),
    ],
)
def test_bad_arguments_get_one_sentence(table, arguments, words):
    done = lieber("rise", table, *WINDOWS, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_bytes_that_are_no_text_are_named(tmp_path):
    path = tmp_path / "incidents.csv"
    path.write_bytes("date,killed\n2024-10-01,три\n".encode("cp1251"))
    assert "UTF-8" in lieber("rise", path, *WINDOWS).stderr
    assert "cannot be read" in lieber("rise", tmp_path / "nowhere.csv", *WINDOWS).stderr
