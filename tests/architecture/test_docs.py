"""Documents tell what there is: every target, command, setting and decision; links lead somewhere."""

import doctest
import re
from importlib import import_module

import pytest

from architecture.source import ROOT, SRC, kept_files, modules, texts
from browser.gallery import FOLDER, PAGE, PICTURES
from lieber_mission.web.desks import GROUPS

REFERENCE = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs" / "reference").glob("*.md")))
INDEX = ROOT / "docs" / "README.md"
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PAGES = [path for path in kept_files() if path.suffix == ".md"]
# Words that the house does not use in documents: "we" hides who, "simply" hides how.
UNWANTED = re.compile(r"\b(we|our|ours|us|simply|just|obviously|easily)\b", re.IGNORECASE)


def targets():
    """The targets of the Makefile that it lists itself."""
    return re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def commands():
    """The commands of `mission`, by their files."""
    folder = SRC / "lieber_mission" / "management" / "commands"
    return [path.stem.replace("_", "-") for path in folder.glob("*.py") if not path.stem.startswith("_")]


def settings():
    """The variables of the environment that the code reads."""
    named = (
        text.value
        for package in ("lieber_mission", "lieber_vault")
        for module in modules(package)
        for text in texts(module.tree)
    )
    return {name for name in named if re.fullmatch(r"LIEBER_[A-Z_]+", name)}


def links(page):
    """The targets of a page's relative links, without their anchors."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link.partition("#")[0] for link in found if not re.match(r"[a-z]+:|#", link)]


def test_every_target_of_make_is_documented():
    assert targets()
    assert not [name for name in targets() if f"`make {name}`" not in REFERENCE]


def test_every_command_is_documented_and_exists():
    assert set(commands()) == set(re.findall(r"^\| `mission ([a-z-]+)`", REFERENCE, re.MULTILINE))


def test_every_setting_is_documented():
    assert settings()
    assert not [name for name in settings() if f"`{name}`" not in REFERENCE]


def test_every_decision_is_in_the_index_under_its_title():
    index = INDEX.read_text("utf-8")
    for number, path in enumerate(DECISIONS, start=1):
        heading = path.read_text("utf-8").splitlines()[0].removeprefix(f"# {number}. ")
        assert f"{number}. [{heading}](decisions/{path.name})" in index


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_three_parts_on_about_half_a_page(path):
    text = path.read_text("utf-8")
    assert re.findall(r"^(?:## |\*\*)(\w+)(?:\.\*\*|$)", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
    ]
    assert len(text.split()) <= 400


def test_relative_links_lead_somewhere():
    lost = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in PAGES
        for link in links(page)
        if not (page.parent / link).exists()
    ]
    assert not lost


def test_documents_are_written_plainly():
    found = [
        f"{page.relative_to(ROOT)}: {word.group()}"
        for page in PAGES
        if not page.is_relative_to(SRC)
        for word in UNWANTED.finditer(re.sub(r'"[^"]*"|`[^`]*`', " ", page.read_text("utf-8")))
    ]
    assert not found


def test_the_changelog_tells_of_this_version():
    import lieber

    assert f"{lieber.__version__}\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_examples_in_docstrings_are_right():
    with_examples = [module for module in modules("lieber") if ">>> " in module.path.read_text("utf-8")]
    tried = [doctest.testmod(import_module(module.name)) for module in with_examples]
    assert tried
    assert all(result.attempted and not result.failed for result in tried)


def test_the_gallery_shows_every_picture_and_every_desk():
    shown = re.findall(r"\]\(screenshots/([\w-]+\.jpg)\)", PAGE.read_text("utf-8"))
    assert shown == [picture.name for picture in PICTURES]
    assert [name for name in shown if not (FOLDER / name).is_file()] == []
    assert {desk.route for group in GROUPS for desk in group.desks} - {
        picture.route for picture in PICTURES
    } == set()
