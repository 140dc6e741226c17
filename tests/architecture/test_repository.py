"""What the repository may hold: no host, no path of one machine, nothing large, every licence."""

import re
import subprocess
import tomllib

from architecture.source import ROOT, SRC, kept_files, text_of

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
# Folders in which a path of one machine begins; the systems' own programs are no such path.
HOMES = ("root", "home", "Users", "work", "farm", "mnt", "media", "workspace")
# Files of others that are kept as they came.
AS_THEY_CAME = ("LICENSES",)
LARGEST = 600_000
# How the project came about is not its subject. A browser is a user agent, and may say so.
# What W3C PROV calls whoever acts.
OF_PROV = re.compile(r"\"(prov:)?agent\"|officers as agents")
OFF_SUBJECT = re.compile(
    r"\b(?<!user.)(?<!User.)(sub-?agents?|agents?)\b|\b(assistants?|prompts?|A\.?I\.?|LLMs?)\b"
    r"|\b(this|last|previous|next|earlier|coding|helper) sessions?\b"
)
PACKAGE_LICENCES = {
    "lieber": "Apache-2.0",
    "lieber_mission": "AGPL-3.0-or-later",
    "lieber_vault": "AGPL-3.0-or-later",
}


def told(path):
    return path.relative_to(ROOT).as_posix()


def ours():
    """Every text file that the project wrote itself, with its text."""
    for path in kept_files():
        text = text_of(path)
        if text is not None and path.relative_to(ROOT).parts[0] not in AS_THEY_CAME:
            yield path, text


def test_locks_name_no_host():
    assert LOCKS
    assert not [
        told(path) for path in LOCKS if re.search(r"://|--(extra-)?index|--find-links", path.read_text())
    ]


def test_every_locked_package_has_its_digest():
    for path in LOCKS:
        packages = re.split(r"\n(?=\S)", path.read_text().strip())
        assert not [package.split()[0] for package in packages if "--hash=sha256:" not in package]


def test_no_lock_that_names_hosts_is_kept():
    assert not [
        told(path) for path in kept_files() if path.name in {"uv.lock", "poetry.lock", "Pipfile.lock"}
    ]


def test_no_path_of_one_machine():
    pattern = re.compile(rf"(?<![\w.~$}}/-])/({'|'.join(HOMES)})/[\w.]")
    found = [
        f"{told(path)}:{number}"
        for path, text in ours()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found


def test_the_subject_is_the_mission():
    found = [
        f"{told(path)}:{number}"
        for path, text in ours()
        if path.suffix in {".py", ".md", ".toml", ".html", ".sh", ""} and path.name != "test_repository.py"
        for number, line in enumerate(text.splitlines(), start=1)
        if OFF_SUBJECT.search(OF_PROV.sub("", line))
    ]
    assert not found


def test_nothing_large_is_kept():
    assert not [told(path) for path in kept_files() if path.stat().st_size > LARGEST]


def test_the_licences_are_there_in_full():
    apache, agpl = (
        (ROOT / "LICENSES" / f"{name}.txt").read_text("utf-8") for name in ("Apache-2.0", "AGPL-3.0-or-later")
    )
    assert "Apache License" in apache
    assert "END OF TERMS AND CONDITIONS" in apache
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in agpl
    assert "END OF TERMS AND CONDITIONS" in agpl
    assert "13. Remote Network Interaction" in agpl


def test_every_package_is_under_a_licence():
    licence = (ROOT / "LICENSE").read_text("utf-8")
    assert {path.name for path in SRC.iterdir() if (path / "__init__.py").is_file()} == set(PACKAGE_LICENCES)
    for package, name in PACKAGE_LICENCES.items():
        assert re.search(rf"^src/{package}/\s+{re.escape(name)}$", licence, re.MULTILINE)


def test_every_dependency_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    wanted = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    lines = text.splitlines()
    silent = [
        need
        for need in wanted
        if not need.startswith("lieber[")
        and not any(re.match(rf'\s*"{re.escape(need)}",\s+# \w+', line) for line in lines)
    ]
    assert not silent


def test_nothing_that_is_built_is_kept():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert listed.stdout.split() == []


def test_the_lock_of_the_assets_names_no_host():
    lock = (ROOT / "assets" / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    # whoever gave money may be named; where a package comes from may not
    named = re.findall(r'"(?!url)[^"]*": "[a-z+]+://[^"]*"', lock)
    assert named == []
